#include "excerpts.h"

#include "../../backends/file.h"
#include "../../datasets/datasets.h"
#include "../../datasets/excerpt.h"
#include "../../datasets/pack.h"
#include "../machine/child.h"
#include "../machine/clock.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

enum { FRAME = 4 << 20, PATH_SIZE = 32, LOOK_TIMEOUT_MS = 3600 * 1000 };

static void reserve(struct excerpts *p, size_t n)
{
    *p = (struct excerpts){
        .files = calloc(n + 1, sizeof *p->files),
        .paths = calloc(n + 1, sizeof *p->paths),
        .ends = calloc(n + 1, sizeof *p->ends),
        .sizes = calloc(n + 1, sizeof *p->sizes),
        .fds = calloc(n + 1, sizeof *p->fds),
    };
}

void excerpts_free(struct excerpts *p)
{
    for (size_t i = 0; i < p->n; i++) {
        if (p->fds[i] >= 0)
            close(p->fds[i]);
        free((char *)p->paths[i]);
    }
    free(p->files);
    free(p->paths);
    free(p->ends);
    free(p->sizes);
    free(p->fds);
    *p = (struct excerpts){0};
}

static void add(struct excerpts *p, size_t file, char *path, uint64_t size, int fd)
{
    p->files[p->n] = file;
    p->paths[p->n] = path;
    p->ends[p->n] = UINT64_MAX;
    p->sizes[p->n] = size;
    p->fds[p->n++] = fd;
}

/* A file in memory with these bytes: its descriptor, and its path, which the children of this process can open; or < 0.
 */
static int put(const struct dbn_buffer *b, char **path)
{
    int fd = memfd_create("dbnbench", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    for (size_t done = 0; done < b->size;) {
        ssize_t n = TEMP_FAILURE_RETRY(write(fd, b->bytes + done, b->size - done));
        if (n < 0) {
            int error = -errno;
            close(fd);
            return error;
        }
        done += (size_t)n;
    }
    *path = malloc(PATH_SIZE);
    snprintf(*path, PATH_SIZE, "/proc/self/fd/%d", fd);
    return fd;
}

void excerpts_join(const struct excerpts *parts, size_t n, struct excerpts *p)
{
    size_t all = 0;
    for (size_t i = 0; i < n; i++)
        all += parts[i].n;
    reserve(p, all);
    for (size_t i = 0; i < n; i++) {
        for (size_t k = 0; k < parts[i].n; k++) {
            add(p, parts[i].files[k], strdup(parts[i].paths[k]), parts[i].sizes[k], -1);
            p->ends[p->n - 1] = parts[i].ends[k];
        }
        p->bytes += parts[i].bytes;
        tally_add(&p->tally, &parts[i].tally);
    }
}

/* --- of compressed files: in memory --- */

/* 0, or < 0 with *fault. */
static int add_excerpt(struct excerpts *p, const struct advice *a, size_t i, uint64_t most)
{
    const struct advice_file *of = &a->files[i];
    struct dbn_buffer bytes = {0};
    struct file file;
    uint64_t stream;
    char *path;
    int rc = file_open(&file, &(struct backend_input){.path = of->path, .end = UINT64_MAX});
    if (rc)
        return rc;
    rc = excerpt_zstd((struct dbn_at){file_at, &file}, most, &bytes, &stream);
    int closed = file_close(&file, NULL);
    if (rc == 0)
        add(p, i, strdup(of->path), of->size, -1);
    else if (rc > 0 && (rc = put(&bytes, &path)) >= 0)
        add(p, i, path, bytes.size, rc);
    free(bytes.bytes);
    return rc < 0 ? rc : closed;
}

/* --- what is in them --- */

struct looking {
    const struct excerpts *pieces;
    const struct advice *advice;
    const struct sink *sink;
    const struct input_options *input;
    uint64_t most;
};

struct found {
    int outcome;
    uint64_t fault;
    struct tally tally;
};

/* A piece in memory was cut already. */
static bool is_cut(const struct looking *l, size_t i)
{
    const struct advice_file *f = &l->advice->files[l->pieces->files[i]];
    return f->size > l->most && l->advice->kinds[f->kind].packing == ADVICE_PLAIN;
}

static void look(void *arg, void *result)
{
    const struct looking *l = arg;
    struct found *found = result;
    for (size_t i = 0; i < l->pieces->n; i++) {
        struct job job = {backend_plain(),
                          l->sink,
                          &l->pieces->paths[i],
                          1,
                          1,
                          is_cut(l, i) ? l->most : UINT64_MAX,
                          *l->input,
                          1,
                          NULL};
        struct job_result r;
        job_run(&job, &r);
        found[i] = (struct found){r.outcome, r.fault, r.tally};
    }
}

/* The file is none of the folder any more. */
static int is_bad(struct advice *a, size_t file, int outcome, uint64_t fault, plan_complain *complain)
{
    struct advice_file *f = &a->files[file];
    char text[ADVICE_WHY];
    if (f->bad)
        return outcome;
    input_describe(f->path, outcome, fault, text, sizeof text);
    complain("%s", text);
    advice_drop(a, file);
    return outcome;
}

/* Adds up what was found, and leaves out the pieces of bad files. 0 or < 0. */
static int count(struct excerpts *p, const struct looking *l, const struct found *found, struct advice *a,
                 plan_complain *complain)
{
    size_t kept = 0;
    int rc = 0;
    for (size_t i = 0; i < p->n; i++) {
        const struct found *f = &found[i];
        bool cut = is_cut(l, i), ends = cut && f->outcome == DBN_E_TRUNCATED_RECORD;
        if (f->outcome && !ends) {
            rc = is_bad(a, p->files[i], f->outcome, f->fault, complain);
            if (p->fds[i] >= 0)
                close(p->fds[i]);
            free((char *)p->paths[i]);
            continue;
        }
        p->files[kept] = p->files[i];
        p->paths[kept] = p->paths[i];
        p->fds[kept] = p->fds[i];
        p->ends[kept] = ends ? f->fault : cut ? l->most : UINT64_MAX;
        p->sizes[kept] = cut ? p->ends[kept] : p->sizes[i];
        p->bytes += p->sizes[kept++];
        tally_add(&p->tally, &f->tally);
    }
    p->n = kept;
    return rc;
}

int excerpts_make(struct advice *a, const size_t *files, size_t n, uint64_t most, const struct sink *sink,
                  const struct input_options *input, plan_complain *complain, struct excerpts *p)
{
    struct found *found = calloc(n + 1, sizeof *found);
    struct looking l = {p, a, sink, input, most};
    char how[128];
    int rc = 0, detail;
    reserve(p, n);
    for (size_t i = 0; i < n; i++) {
        const struct advice_file *f = &a->files[files[i]];
        int one = 0;
        if (a->kinds[f->kind].packing == ADVICE_PLAIN || most == UINT64_MAX)
            add(p, files[i], strdup(f->path), f->size, -1);
        else
            one = add_excerpt(p, a, files[i], most);
        rc = one ? is_bad(a, files[i], one, 0, complain) : rc;
    }
    enum child_end end = child_run(look, &l, found, (p->n + 1) * sizeof *found, LOOK_TIMEOUT_MS, &detail);
    if (end == CHILD_DONE) {
        int counted = count(p, &l, found, a, complain);
        rc = counted ? counted : rc;
    } else if (end == CHILD_STOPPED) {
        rc = 1;
    } else {
        child_describe(end, detail, LOOK_TIMEOUT_MS, how, sizeof how);
        complain("looking into a sample: %s", how);
        rc = -EIO;
    }
    if (end != CHILD_DONE)
        excerpts_free(p);
    free(found);
    return rc;
}

/* --- packing --- */

static int append(void *to, const uint8_t *p, size_t n)
{
    uint8_t *at = n ? dbn_buffer_extend(to, n) : NULL;
    if (at)
        memcpy(at, p, n);
    return at || n == 0 ? 0 : -ENOMEM;
}

/* All bytes of the stream of the first piece. */
static int read_stream(const struct excerpts *p, const struct input_options *input, struct dbn_buffer *to)
{
    const struct backend *b = backend_plain();
    struct dbn_zstd *zstd;
    struct dbn_span span;
    void *file;
    int rc = b->open(&(struct backend_input){.path = p->paths[0], .end = p->ends[0]}, &file);
    if (rc)
        return rc;
    rc = dbn_zstd_open((struct dbn_source){b->next, file}, input->window_log, &zstd);
    if (rc == 0) {
        while ((rc = dbn_zstd_next(zstd, 1, &span)) > 0 && (rc = append(to, span.ptr, span.len)) == 0)
            ;
        dbn_zstd_close(zstd);
    }
    int closed = b->close(file, NULL);
    return rc ? rc : closed;
}

static int pack(const struct dbn_buffer *stream, int level, struct dbn_buffer *to)
{
    struct pack_spec spec = {FRAME, level, false, append, to};
    struct pack *pack;
    size_t taken, metadata = 8 + (size_t)dbn_load_u32(stream->bytes + 4);
    uint64_t frames;
    int rc = pack_open(&spec, &pack);
    if (rc)
        return rc;
    rc = pack_bytes(pack, stream->bytes, metadata);
    rc = rc ? rc : pack_records(pack, stream->bytes + metadata, stream->size - metadata, &taken);
    rc = rc ? rc : pack_end(pack, &frames);
    pack_close(pack);
    return rc;
}

int excerpts_pack(const struct excerpts *from, int level, size_t repeats, const struct input_options *input,
                  struct excerpts *p, struct excerpts_packed *as)
{
    struct dbn_buffer stream = {0}, packed = {0};
    char *path;
    reserve(p, repeats);
    int rc = read_stream(from, input, &stream);
    uint64_t begun = clock_now_ns();
    if (rc == 0 && level > 0)
        rc = pack(&stream, level, &packed);
    const struct dbn_buffer *to = level > 0 ? &packed : &stream;
    *as = (struct excerpts_packed){stream.size, to->size, (double)(clock_now_ns() - begun) / 1e9};
    rc = rc ? rc : put(to, &path);
    for (size_t i = 0; i < repeats && rc >= 0; i++) {
        add(p, from->files[0], i == 0 ? path : strdup(path), from->sizes[0], i == 0 ? rc : -1);
        p->bytes += from->sizes[0];
        tally_add(&p->tally, &from->tally);
    }
    free(stream.bytes);
    free(packed.bytes);
    return rc < 0 ? rc : 0;
}

int excerpts_empty(struct excerpts *p)
{
    const struct generate_spec spec = {.schema = "trades", .version = 3, .symbols = 1};
    struct dbn_buffer bytes = {0};
    char *path;
    reserve(p, 1);
    int rc = generate_memory(&spec, &bytes.bytes, &bytes.size);
    rc = rc ? rc : put(&bytes, &path);
    if (rc >= 0) {
        add(p, 0, path, bytes.size, rc);
        p->bytes = bytes.size;
    }
    free(bytes.bytes);
    return rc < 0 ? rc : 0;
}
