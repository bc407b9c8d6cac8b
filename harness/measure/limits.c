/* The table of limits, samples of them in turns, and the file that they are taken of. */
#include "limits_kernels.h"

#include "../../datasets/datasets.h"
#include "../../dbn/zstd.h"
#include "../analysis/stats_random.h"
#include "../machine/child.h"
#include "../machine/page_cache.h"
#include "../results/store.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20000, PATH_SIZE = 4096 };

#define COPY(name, size, text)                                                                                         \
    {                                                                                                                  \
        name, true, NEEDS_FILE, limits_measure_copy, size, "read(2) of " text " blocks, cached file"                   \
    }

const struct limit limits_table[LIMITS_COUNT] = {
    {"syscall_ns", false, NEEDS_NOTHING, limits_measure_syscall, 0, "a system call that does nothing"},
    {"read_16_ns", false, NEEDS_FILE, limits_measure_small_read, 16, "pread(2) of 16 bytes, cached file"},
    COPY("copy_4k", 4 << 10, "4 KiB"),
    COPY("copy_16k", 16 << 10, "16 KiB"),
    COPY("copy_64k", 64 << 10, "64 KiB"),
    COPY("copy_128k", 128 << 10, "128 KiB"),
    COPY("copy_256k", 256 << 10, "256 KiB"),
    COPY("copy_1m", 1 << 20, "1 MiB"),
    COPY("copy_4m", 4 << 20, "4 MiB"),
    {"map_touch", true, NEEDS_FILE, limits_measure_map_touch, 0, "a word per cache line of the mapped file"},
    {"map_fault_ns", false, NEEDS_FILE, limits_measure_map_faults, 0, "a page fault in the mapped file"},
    {"map_page_ns", false, NEEDS_FILE, limits_measure_map_faults, 1, "the same, per 4 KiB of the file"},
    {"inflate", true, NEEDS_COMPRESSED_FILE, limits_measure_inflate, 0,
     "inflating this file from memory, bytes of output"},
    {"mem_read_1", true, NEEDS_NOTHING, limits_measure_memory, MEMORY_READ, "reading memory, one core"},
    {"mem_copy_1", true, NEEDS_NOTHING, limits_measure_memory, MEMORY_COPY, "memcpy in memory, one core, bytes copied"},
    {"cached_read", true, NEEDS_NOTHING, limits_measure_memory, MEMORY_READ | MEMORY_CACHED,
     "reading what is in the L2 cache, one core"},
};

size_t limits_find(const char *name)
{
    size_t i = 0;
    while (i < LIMITS_COUNT && strcmp(limits_table[i].name, name) != 0)
        i++;
    return i;
}

/* The copy whose block size is nearest to this one, by ratio. */
static const char *copy_of(size_t block)
{
    const struct limit *best = NULL;
    double best_ratio = 0;
    for (const struct limit *limit = limits_table; limit < limits_table + LIMITS_COUNT; limit++) {
        if (limit->measure != limits_measure_copy)
            continue;
        double ratio = (double)block / (double)limit->arg;
        ratio = ratio < 1 ? 1 / ratio : ratio;
        if (best && ratio >= best_ratio)
            continue;
        best = limit;
        best_ratio = ratio;
    }
    return best->name;
}

const char *limits_for(const struct backend *b, bool compressed, size_t block)
{
    if (compressed)
        return "inflate";
    if (b->limit && strcmp(b->limit, BACKEND_COPY) == 0)
        return copy_of(block ? block : b->block);
    return b->limit && limits_find(b->limit) < LIMITS_COUNT ? b->limit : NULL;
}

/* --- the file --- */

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
        rc = fill_file(fd, l->in.memory, &l->random);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (rc == 0)
            rc = use_file(&l->in, path);
        close(fd);
    }
    if (rc)
        snprintf(why, size, "no file could be made in %.60s: %s", folder, dbn_outcome_text(rc));
    sample_clean_text(why);
}

/* Why the limit cannot be measured: "" if it can. */
static const char *ruled_out(const struct limits *l, enum limits_needs needs, bool given, const char *no_file)
{
    if (needs == NEEDS_NOTHING)
        return "";
    if (needs == NEEDS_COMPRESSED_FILE && !given)
        return "no compressed file was given";
    if (l->in.file.fd < 0)
        return no_file;
    if (l->in.file.size == 0)
        return "the file is empty";
    return needs == NEEDS_COMPRESSED_FILE && !l->in.compressed ? "the file is not compressed" : "";
}

int limits_open(struct limits *l, const struct limits_options *options)
{
    char no_file[LIMIT_WHY] = "";
    bool file_needed = false;
    int rc = 0;
    *l = (struct limits){.in = {.file.fd = -1, .window_log = options->window_log}, .random = options->seed};
    snprintf(l->dataset, sizeof l->dataset, "%s", options->dataset);
    memcpy(l->wanted, options->wanted, sizeof l->wanted);
    limits_look_at_machine(&l->in);
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        file_needed |= l->wanted[i] && limits_table[i].needs != NEEDS_NOTHING;
    if (file_needed && options->path)
        rc = use_file(&l->in, options->path);
    else if (file_needed)
        make_file(l, no_file, sizeof no_file);
    if (rc)
        snprintf(no_file, sizeof no_file, "%s", dbn_outcome_text(rc));
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        snprintf(l->why[i], LIMIT_WHY, "%s", ruled_out(l, limits_table[i].needs, options->path != NULL, no_file));
    return rc;
}

/* --- samples --- */

struct work {
    const struct limits_input *in;
    const struct limit *limit;
};

static void measure(void *arg, void *result)
{
    const struct work *w = arg;
    w->limit->measure(w->in, w->limit->arg, result);
}

/* False: a signal stopped it. */
static bool take(struct limits *l, size_t i, struct limits_sample *s)
{
    struct work w = {&l->in, &limits_table[i]};
    int detail;
    l->in.begin = stats_random(&l->random);
    enum child_end end = child_run(measure, &w, s, sizeof *s, TIMEOUT_MS, &detail);
    if (end != CHILD_DONE)
        child_describe(end, detail, TIMEOUT_MS, s->why, sizeof s->why);
    else if (!s->why[0] && !(isfinite(s->value) && s->value > 0))
        snprintf(s->why, sizeof s->why, "nothing was counted");
    return end != CHILD_STOPPED;
}

static int keep_sample(struct limits *l, size_t i, uint64_t round, const struct limits_sample *s, limit_keep *keep,
                       void *arg)
{
    struct limit_sample kept = {
        .per_second = limits_table[i].per_second, .round = round, .value = s->value, .wall_value = s->wall_value};
    snprintf(kept.dataset, sizeof kept.dataset, "%s", l->dataset);
    snprintf(kept.limit, sizeof kept.limit, "%s", limits_table[i].name);
    snprintf(kept.why, sizeof kept.why, "%s", s->why);
    l->over[i] = s->why[0] != '\0';
    return keep(arg, &kept);
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

int limits_round(struct limits *l, uint64_t round, limit_keep *keep, void *arg)
{
    size_t order[LIMITS_COUNT];
    int rc = 0;
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        size_t other = stats_random(&l->random) % (i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    keep_cached(l);
    for (size_t k = 0; k < LIMITS_COUNT && rc == 0; k++) {
        size_t i = order[k];
        struct limits_sample s = {0};
        if (!l->wanted[i] || l->over[i])
            continue;
        memcpy(s.why, l->why[i], sizeof s.why);
        if (!s.why[0] && !take(l, i, &s))
            return 1;
        rc = keep_sample(l, i, round, &s, keep, arg);
    }
    return rc;
}

int limits_close(struct limits *l, limit_keep *keep, void *arg)
{
    struct limits_sample changed = {0};
    int rc = 0;
    snprintf(changed.why, sizeof changed.why, "%s", dbn_outcome_text(DBN_E_FILE_CHANGED));
    bool is_changed = l->in.file.fd >= 0 && file_close(&l->in.file, NULL) != 0;
    for (size_t i = 0; i < LIMITS_COUNT && is_changed && rc == 0; i++)
        if (l->wanted[i] && !l->over[i] && limits_table[i].needs != NEEDS_NOTHING)
            rc = keep_sample(l, i, 0, &changed, keep, arg);
    return rc;
}

json_t *limits_json(const struct limits *l, size_t n)
{
    json_t *meanings = json_object();
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        for (size_t k = 0; k < n; k++)
            if (l[k].wanted[i])
                json_object_set_new(meanings, limits_table[i].name, json_string(limits_table[i].what));
    return meanings;
}
