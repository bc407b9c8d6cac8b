/* Samples of all limits in turns, and the file that they are taken of. */
#include "limits_measure.h"

#include "../../datasets/datasets.h"
#include "../../dbn/zstd.h"
#include "../machine/child.h"
#include "../machine/page_cache.h"
#include "../analysis/stats_random.h"
#include "../results/store.h"

#include <errno.h>
#include <math.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20000, PATH_SIZE = 4096 };

/* Numbers without a pattern, as prices have more of than zeros do: some file systems would store zeros as nothing. */
static int fill_file(int fd, uint64_t size, uint64_t *random)
{
    uint64_t words[8 << 10];
    for (uint64_t at = 0; at < size;) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            words[i] = stats_random(random);
        size_t n = size - at < sizeof words ? (size_t)(size - at) : sizeof words;
        ssize_t put = write(fd, words, n);
        if (put < 0 && errno != EINTR)
            return -errno;
        at += put > 0 ? (uint64_t)put : 0;
    }
    return 0;
}

/* Opens the file for reading and brings it into the page cache, in large pieces. 0 or an outcome. */
static int use_file(struct limits_input *in, const char *path)
{
    bool dropped;
    struct backend_input input = {.path = path, .end = UINT64_MAX};
    int rc = file_open(&in->file, &input);
    if (rc) {
        in->file.fd = -1;
        return rc;
    }
    uint8_t magic[4];
    ssize_t n = pread(in->file.fd, magic, sizeof magic, 0);
    in->compressed = n > 0 && dbn_zstd_magic(magic, (size_t)n);
    rc = page_cache_settle(path, &dropped);
    if (rc == 0)
        return 0;
    file_close(&in->file, NULL);
    in->file.fd = -1;
    return rc;
}

/* A file as large as the memory that counts as too much for the caches. It loses its name at once, so that nothing can
 * leave it behind. The reason goes to why if there is none. */
static void make_file(struct limits *l, char *why, size_t size)
{
    const char *folder = getenv("TMPDIR");
    char path[PATH_SIZE];
    if (!folder || !*folder)
        folder = access(DATASETS_DIR, W_OK) == 0 ? DATASETS_DIR : "/tmp";
    int written = snprintf(path, sizeof path, "%s/dbnbench.XXXXXX", folder);
    int fd = written < (int)sizeof path ? mkstemp(path) : (errno = ENAMETOOLONG, -1);
    int rc = fd < 0 ? -errno : 0;
    if (rc == 0) {
        unlink(path);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        rc = fill_file(fd, l->in.memory, &l->random);
        if (rc == 0)
            rc = use_file(&l->in, path);
        close(fd);
    }
    if (rc)
        snprintf(why, size, "no file to read could be made in %.60s: %s", folder, dbn_outcome_text(rc));
    sample_clean_text(why);
}

/* Says of the limits that cannot be measured, why. */
static void rule_out(struct limits *l, bool given, const char *no_file)
{
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        enum limits_needs needs = limits_table[i].needs;
        const char *why = "";
        if (needs == NEEDS_COMPRESSED_FILE && !given)
            why = "no compressed file was given";
        else if (needs != NEEDS_NOTHING && l->in.file.fd < 0)
            why = no_file;
        else if (needs != NEEDS_NOTHING && l->in.file.size == 0)
            why = "the file is empty";
        else if (needs == NEEDS_COMPRESSED_FILE && !l->in.compressed)
            why = "the file is not compressed";
        snprintf(l->results[i].why, sizeof l->results[i].why, "%s", why);
    }
}

int limits_open(struct limits *l, const struct limits_options *options, char *why, size_t size)
{
    char no_file[LIMITS_WHY] = "";
    bool file_needed = false;
    int rc = 0;
    *l = (struct limits){.in = {.file.fd = -1, .window_log = options->window_log}, .random = options->seed};
    limits_look_at_machine(&l->in);
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        l->results[i].wanted = !options->wanted || options->wanted[i];
        file_needed |= l->results[i].wanted && limits_table[i].needs != NEEDS_NOTHING;
    }
    if (options->path)
        rc = use_file(&l->in, options->path);
    else if (file_needed)
        make_file(l, no_file, sizeof no_file);
    if (rc)
        snprintf(why, size, "%s: %s", options->path, dbn_outcome_text(rc));
    else
        rule_out(l, options->path != NULL, no_file);
    return rc;
}

int limits_close(struct limits *l)
{
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        free(l->results[i].samples);
    return l->in.file.fd < 0 ? 0 : file_close(&l->in.file, NULL);
}

struct work {
    const struct limits_input *in;
    const struct limit *limit;
};

static void measure(void *arg, void *result)
{
    const struct work *w = arg;
    w->limit->measure(w->in, w->limit->arg, result);
}

static void keep(struct limits_result *r, struct limits_sample *s)
{
    if (!s->why[0] && !(isfinite(s->value) && s->value > 0))
        snprintf(s->why, sizeof s->why, "nothing was counted");
    struct limits_sample *more = s->why[0] ? NULL : realloc(r->samples, (r->n + 1) * sizeof *more);
    if (more) {
        r->samples = more;
        r->samples[r->n++] = *s;
    } else {
        snprintf(r->why, sizeof r->why, "%s", s->why[0] ? s->why : strerror(ENOMEM));
    }
}

static bool take(struct limits *l, size_t i)
{
    struct work w = {&l->in, &limits_table[i]};
    struct limits_sample s = {0};
    int detail;
    l->in.place = stats_random(&l->random);
    enum child_end end = child_run(measure, &w, &s, sizeof s, TIMEOUT_MS, &detail);
    if (end == CHILD_STOPPED)
        return false;
    if (end == CHILD_CRASHED)
        snprintf(s.why, sizeof s.why, "crashed: SIG%s", sigabbrev_np(detail));
    else if (end == CHILD_TIMED_OUT)
        snprintf(s.why, sizeof s.why, "no result within %d s", TIMEOUT_MS / 1000);
    else if (end == CHILD_LOST)
        snprintf(s.why, sizeof s.why, "no result: %s", detail ? strerror(detail) : "the process just ended");
    keep(&l->results[i], &s);
    return true;
}

/* Kernels may take cached pages back when memory is short, or when nobody used them for a while. */
static void keep_cached(const struct limits *l)
{
    char path[64], why[128];
    if (l->in.file.fd < 0)
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", l->in.file.fd);
    struct reading absent = page_cache_absent(path, why, sizeof why);
    if (absent.state == READING_EXACT && absent.value > 0)
        page_cache_load(path);
}

bool limits_round(struct limits *l)
{
    size_t order[LIMITS_COUNT];
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        size_t other = stats_random(&l->random) % (i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    keep_cached(l);
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        const struct limits_result *r = &l->results[order[i]];
        if (r->wanted && !r->why[0] && !take(l, order[i]))
            return false;
    }
    return true;
}
