/* dbnbench recompress: files as zstd frames that readers can share among threads. */
#include "../../datasets/pack.h"
#include "../../datasets/whole_file.h"
#include "../../dbn/encode.h"
#include "../../dbn/inflate.h"
#include "../machine/child.h"
#include "../machine/counters.h"
#include "../measure/progress.h"
#include "../text/safe.h"
#include "exit.h"
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

struct arguments {
    struct input_options input;
    const char *output, *dir;
    uint64_t frame;
    unsigned level;
    bool table, replace;
};

enum { DIFFERS = 1 }; /* beside 0 and errors */

/* One file, being packed into another. */
struct work {
    const struct arguments *a;
    const char *path, *target;
    struct progress progress;
    const volatile sig_atomic_t *stop;
    struct pack *pack;
    struct dbn_source source;
    bool before_records;
    struct dbn_buffer begun; /* what was lent before them */
    int written;             /* 0, or what writing failed with */
    uint64_t fault;          /* of reading */
};

/* --- the inflated stream of a file --- */

struct stream {
    void *file;
    struct dbn_zstd *zstd;
    struct dbn_span lent;
};

static int stream_open(struct stream *s, const char *path, const struct input_options *options)
{
    const struct backend *b = backend_plain();
    struct backend_input in = {
        .path = path, .end = UINT64_MAX, .block = options->block, .advice = options->advice, .fragment = true};
    *s = (struct stream){0};
    int rc = b->open(&in, &s->file);
    if (rc)
        return rc;
    rc = dbn_zstd_open((struct dbn_source){b->next, s->file}, options->window_log, &s->zstd);
    if (rc)
        b->close(s->file, NULL);
    return rc;
}

/* rc, unless the file changed meanwhile. */
static int stream_close(struct stream *s, int rc)
{
    dbn_zstd_close(s->zstd);
    int closed = backend_plain()->close(s->file, NULL);
    return closed ? closed : rc;
}

/* --- packing --- */

static int next(void *self, size_t need, struct dbn_span *out)
{
    struct work *w = self;
    int rc = w->source.next(w->source.self, need, out);
    if (rc <= 0 || !w->before_records)
        return rc;
    uint8_t *to = dbn_buffer_extend(&w->begun, out->len);
    if (!to)
        return -ENOMEM;
    memcpy(to, out->ptr, out->len);
    return rc;
}

static int stopped_at(struct work *w, const char *what, uint64_t offset)
{
    char text[64];
    snprintf(text, sizeof text, "%s: %" PRIu64 " MB", what, offset / 1000000);
    progress_show(&w->progress, false, text);
    return *w->stop ? -EINTR : 0;
}

static size_t take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct work *w = self;
    size_t taken = 0;
    w->written = pack_records(w->pack, p, n, &taken);
    w->written = w->written ? w->written : stopped_at(w, "compressing", offset);
    return w->written ? DBN_NO_MEMORY : taken;
}

static int pack_metadata(struct work *w, struct dbn_decoder *d)
{
    struct dbn_metadata md;
    w->before_records = true;
    int rc = dbn_read_metadata(d, w->a->input.metadata_limit, &md);
    w->before_records = false;
    if (rc == 0)
        rc = w->written = pack_bytes(w->pack, w->begun.bytes, (size_t)md.first_record_offset);
    free(w->begun.bytes);
    dbn_metadata_free(&md);
    return rc;
}

static int pack_stream(struct work *w, struct stream *s)
{
    struct dbn_decoder d;
    w->source = (struct dbn_source){dbn_zstd_next, s->zstd};
    dbn_decoder_init(&d, (struct dbn_source){next, w}, DBN_STEP_BLOCK);
    int rc = input_is_fragment(w->path, &w->a->input) ? 0 : pack_metadata(w, &d);
    if (rc == 0)
        rc = dbn_decode(&d, (struct dbn_sink){take, w});
    w->fault = d.fault;
    return rc;
}

/* 0, or what reading failed with; what writing failed with is in w->written. */
static int pack_file(struct work *w, struct whole_file *to, uint64_t *frames)
{
    const struct arguments *a = w->a;
    struct pack_spec spec = {(size_t)a->frame, (int)a->level, a->table, whole_file_write, to};
    struct stream s;
    w->written = pack_open(&spec, &w->pack);
    if (w->written)
        return 0;
    int rc = stream_open(&s, w->path, &a->input);
    if (rc == 0)
        rc = stream_close(&s, pack_stream(w, &s));
    if (rc == 0)
        w->written = pack_end(w->pack, frames);
    pack_close(w->pack);
    return rc;
}

/* --- comparing --- */

static int lend(struct stream *s)
{
    return s->lent.len ? 1 : dbn_zstd_next(s->zstd, 1, &s->lent);
}

static void use(struct stream *s, size_t n)
{
    s->lent.ptr += n;
    s->lent.len -= n;
    s->lent.offset += n;
}

static int compare_streams(struct work *w, struct stream *a, struct stream *b)
{
    for (;;) {
        int of_a = lend(a), of_b = of_a < 0 ? 0 : lend(b);
        if (dbn_outcome_could_not_run(of_b))
            return w->written = of_b;
        if (of_a <= 0 || of_b <= 0)
            return of_a < 0 ? of_a : of_b < 0 || of_a != of_b ? DIFFERS : 0;
        size_t n = a->lent.len < b->lent.len ? a->lent.len : b->lent.len;
        if (memcmp(a->lent.ptr, b->lent.ptr, n) != 0)
            return DIFFERS;
        int rc = stopped_at(w, "comparing", a->lent.offset);
        if (rc)
            return rc;
        use(a, n);
        use(b, n);
    }
}

/* Both are read from the beginning. 0, DIFFERS, or what reading failed with. */
static int compare(struct work *w, const char *written)
{
    struct input_options any = {.window_log = 31};
    struct stream a, b;
    int rc = stream_open(&a, w->path, &w->a->input);
    if (rc)
        return rc;
    rc = w->written = stream_open(&b, written, &any);
    if (rc == 0)
        rc = stream_close(&b, compare_streams(w, &a, &b));
    return stream_close(&a, rc);
}

/* --- a file --- */

static int failed(const struct work *w, int rc)
{
    char text[PATH_MAX + 512];
    if (rc == -EINTR)
        complain("%s: stopped by a signal, %s was not written", w->path, w->target);
    else if (rc == DIFFERS)
        complain("%s: what was written for %s does not have its content, and was removed", w->target, w->path);
    else if (w->written)
        complain("%s: %s", w->target, dbn_outcome_text(rc));
    else {
        input_describe(w->path, rc, w->fault, text, sizeof text);
        complain("%s", text);
    }
    return rc == -EINTR ? EXIT_INTERRUPTED : rc == DIFFERS ? EXIT_MISMATCH : EXIT_FAILED;
}

static void print_done(const struct work *w, uint64_t before, uint64_t size, uint64_t frames)
{
    print_plain(stdout, w->path, strlen(w->path));
    printf(": %" PRIu64 " bytes, the same in ", before);
    print_plain(stdout, w->target, strlen(w->target));
    printf(": %" PRIu64 " bytes, %" PRIu64 " frame%s\n", size, frames, frames == 1 ? "" : "s");
    fflush(stdout); /* main() notices if that failed */
}

/* Nobody wrote to the old file, or put another in its place, since it was looked at: it may be removed. */
static bool is_still_there(const char *path, const struct stat *old)
{
    struct stat st;
    return lstat(path, &st) == 0 && st.st_dev == old->st_dev && st.st_ino == old->st_ino &&
           st.st_size == old->st_size && st.st_mtim.tv_sec == old->st_mtim.tv_sec &&
           st.st_mtim.tv_nsec == old->st_mtim.tv_nsec;
}

/* An exit code. */
static int recompress(struct work *w, const struct stat *old, bool in_place)
{
    struct whole_file to;
    uint64_t frames = 0, size = 0;
    int rc = w->written = whole_file_begin(&to, w->target, in_place);
    if (rc)
        return failed(w, rc);
    progress_begin(&w->progress, stderr);
    bool may_fail = allocations_may_fail(true); /* what was written beside the target is to be removed */
    rc = pack_file(w, &to, &frames);
    rc = w->written ? w->written : rc;
    if (rc == 0)
        rc = compare(w, to.beside);
    if (rc == 0 && w->a->replace && !is_still_there(w->path, old))
        rc = DBN_E_FILE_CHANGED, w->fault = 0;
    progress_end(&w->progress);
    int ended = whole_file_end(&to, rc, old->st_mode & 0777, &size);
    allocations_may_fail(may_fail);
    if (rc == 0 && ended)
        rc = w->written = ended;
    if (rc == 0 && w->a->replace && !in_place && unlink(w->path) != 0)
        rc = w->written = -errno;
    if (rc)
        return failed(w, rc);
    print_done(w, (uint64_t)old->st_size, size, frames);
    return EXIT_FINE;
}

/* NAME.zst, in the folder if one was given. False: the name is too long. */
static bool set_target(char target[PATH_MAX], const struct arguments *a, const char *path)
{
    const char *slash = strrchr(path, '/'), *name = a->dir && slash ? slash + 1 : path;
    size_t n = strlen(name);
    bool packed = n > 4 && strcmp(name + n - 4, ".zst") == 0;
    return snprintf(target, PATH_MAX, "%s%s%s%s", a->dir ? a->dir : "", a->dir ? "/" : "", name, packed ? "" : ".zst") <
           PATH_MAX;
}

static int recompress_file(const struct arguments *a, const char *path)
{
    char target[PATH_MAX];
    struct work w = {.a = a, .path = path, .target = a->output ? a->output : target, .stop = child_watch_signals()};
    struct stat st;
    if (!a->output && !set_target(target, a, path)) {
        complain("%s: %s", path, strerror(ENAMETOOLONG));
        return EXIT_FAILED;
    }
    if (lstat(path, &st) != 0)
        return failed(&w, -errno);
    bool is_link = S_ISLNK(st.st_mode), in_place = strcmp(path, w.target) == 0;
    if (is_link && a->replace) {
        complain("%s: --replace is not for symbolic links: name the file itself", path);
        return EXIT_FAILED;
    }
    if (in_place && !a->replace) {
        complain("%s: it has the new file's name already: give --output, --dir or --replace", path);
        return EXIT_FAILED;
    }
    if (is_link && stat(path, &st) != 0)
        return failed(&w, -errno);
    return recompress(&w, &st, in_place);
}

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    int code = EXIT_FINE;
    for (size_t i = 0; i < line->count && code != EXIT_INTERRUPTED; i++) {
        int of_file = recompress_file(a, line->operand[i]);
        code = of_file == EXIT_FINE || code == EXIT_MISMATCH ? code : of_file;
    }
    return code;
}

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    const struct arguments *a = arguments;
    const char *wrong = "";
    if ((a->output != NULL) + (a->dir != NULL) + a->replace > 1)
        wrong = "--output, --dir or --replace, only one of them";
    else if (a->output && line->count > 1)
        wrong = "--output is for one file; --dir takes many";
    else if (a->frame < 1024)
        wrong = "--frame-size: at least 1K";
    snprintf(why, OPTION_WHY, "%s", wrong);
    return !*wrong;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"output", 'o', "FILE", "The new file (default: FILE.zst beside each; no file is ever written over)", set_text,
     TO(output)},
    {"dir", 0, "FOLDER", "Put the new files there", set_text, TO(dir)},
    {"replace", 0, NULL, "The old file makes way for the new one, once that has the same content", set_flag,
     TO(replace)},
    {"frame-size", 0, "SIZE", "Bytes in each frame, not compressed, up to 512M", set_size, TO(frame),
     .max = PACK_MAX_FRAME, .preset = "4M"},
    {"level", 'l', "N", "Of compression, 1 to 22", set_number, TO(level), .min = 1, .max = 22, .preset = "3"},
    {"seek-table", 0, NULL, "Add a table of the frames, as in zstd's seekable format", set_flag, TO(table)},
    {.group = &input_option_group, TO(input)},
    {0},
};

const struct command command_recompress = {
    .name = "recompress",
    .summary = "compress files into zstd frames that threads can share",
    .operands = "FILE...",
    .least = 1,
    .options = options,
    .about = "Compress DBN files, compressed or not, into zstd frames that end where a record does. The new file is "
             "compared with the old one, byte for byte, before it gets its name. The old one stays unless --replace is "
             "given. Some older readers read the first frame only: dbn's asynchronous ones before 0.48.0, and "
             "databento-python before 0.57.",
    .examples = "recompress trades.dbn\nrecompress -l 9 --seek-table --dir packed *.dbn.zst\n"
                "recompress --replace --frame-size 16M trades.dbn.zst",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
