/* The table of limits, and what takes their samples. But for the device's, the file is in the page cache. Each sample
 * begins at another place of it and goes on from there, around its end, so that a large file is not found in the
 * processor's caches by one sample because another just left it there. A small one is: so it is when it is decoded over
 * and over. */
#include "limits.h"

#include "../../backends/extent.h"
#include "../../dbn/inflate.h"
#include "../analysis/stats.h"
#include "../machine/child.h"
#include "../machine/clock.h"
#include "../machine/machine.h"
#include "../machine/page_cache.h"
#include "memory_backend.h"

#include <errno.h>
#include <math.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum {
    TIMEOUT_MS = 20000,
    SAMPLE_NS = 15000000,
    INFLATE_NS = 200000000, /* longer, since parts of a file may inflate faster than others */
    STEP = 1 << 20,
    INFLATE_STEP = 256 << 10,
    CALLS = 200,
    WINDOW = 4 << 20,
    DEVICE_NS = 500000000, /* of a file that is large; else all of it is read once */
    IN_FLIGHT = 16,
    PAGE = 4096,
    LINE = 64,
};

/* --- steps --- */

static void begin_step(struct limits_steps *t)
{
    t->begin_ns = clock_now_ns();
}

/* It ends, having done this much, and the next one begins. False: that was enough for a sample. */
static bool end_step(struct limits_steps *t, uint64_t amount)
{
    uint64_t now = clock_now_ns();
    t->step[t->n++] = (struct limits_step){now - t->begin_ns, amount};
    t->ns += now - t->begin_ns;
    t->begin_ns = now;
    return t->ns < SAMPLE_NS && t->n < LIMITS_STEPS;
}

static int by_time(const void *a, const void *b)
{
    const struct limits_step *x = a, *y = b;
    return (x->ns > y->ns) - (x->ns < y->ns);
}

static double value(bool per_second, uint64_t ns, uint64_t amount)
{
    return per_second ? (double)amount * 1e9 / (double)ns : (double)ns / (double)amount;
}

/* On a machine that has other things to do, a step is either undisturbed or interrupted for milliseconds. A limit is
 * about the former: steps of more than three times the length of the middle one are left out. Of the others wall time
 * is used, and not CPU time: on a virtual machine up to 40 % of that was seen to be missing. */
void limits_finish(struct limits_steps *t, struct limit_sample *s)
{
    uint64_t ns = 0, amount = 0, all = 0;
    qsort(t->step, t->n, sizeof t->step[0], by_time);
    for (size_t i = 0; i < t->n; i++) {
        bool counts = t->step[i].ns <= 3 * t->step[t->n / 2].ns;
        ns += counts ? t->step[i].ns : 0;
        amount += counts ? t->step[i].amount : 0;
        all += t->step[i].amount;
    }
    s->value = value(s->per_second, ns, amount);
    s->wall_value = value(s->per_second, t->ns, all);
}

/* One sample of l->turn, in a child: memory that it took is left to the end of that. */
static void measure(void *limits, void *limit_sample)
{
    const struct limits *l = limits;
    struct limit_sample *s = limit_sample;
    struct limits_steps *t = malloc(sizeof *t);
    memset(t, 0, sizeof *t); /* so that its pages are there */
    begin_step(t);
    int rc = l->turn->measure(l, t);
    if (rc == 0)
        limits_finish(t, s);
    free(t);
    if (rc)
        snprintf(s->why, sizeof s->why, "%s%s", l->turn->device ? "O_DIRECT: " : "", dbn_outcome_text(rc));
    else if (!isfinite(s->value) || s->value <= 0)
        snprintf(s->why, sizeof s->why, "nothing was counted");
}

/* --- what is measured --- */

static uint64_t first_offset(const struct limits *l)
{
    uint64_t windows = l->file.size / WINDOW;
    return windows ? l->begin % windows * WINDOW : 0;
}

/* The unit cost of a naive read of a field. */
static int measure_small_read(const struct limits *l, struct limits_steps *t)
{
    uint8_t bytes[64];
    do
        for (unsigned i = 0; i < CALLS; i++)
            if (pread(l->file.fd, bytes, l->turn->arg, 0) <= 0)
                return DBN_E_FILE_CHANGED;
    while (end_step(t, CALLS));
    return 0;
}

static int measure_copy(const struct limits *l, struct limits_steps *t)
{
    size_t block = l->turn->arg;
    uint64_t at = first_offset(l), done;
    uint8_t *to = aligned_alloc(PAGE, block);
    memset(to, 1, block); /* page faults are no part of it */
    begin_step(t);
    do
        for (done = 0; done < STEP;) {
            ssize_t got = pread(l->file.fd, to, block, (off_t)at);
            if (got <= 0)
                return got < 0 ? -errno : DBN_E_FILE_CHANGED;
            done += (uint64_t)got;
            at = (at + (uint64_t)got) % l->file.size;
        }
    while (end_step(t, done));
    free(to);
    return 0;
}

/* The stride is hidden from compilers, so that they cannot load a whole vector for the sake of one word in it. */
uint64_t limits_touch(const uint8_t *p, size_t n, size_t stride)
{
    uint64_t sum = 0, word;
    __asm__ volatile("" : "+r"(stride));
    for (size_t i = 0; i < n && n - i >= sizeof word; i += stride) {
        memcpy(&word, p + i, sizeof word);
        sum += word;
    }
    __asm__ volatile("" : : "r"(sum));
    return sum;
}

/* The next part of the file, mapped; *len: how much it is. NULL with errno. */
static uint8_t *map_window(const struct limits *l, uint64_t *at, size_t *len)
{
    uint64_t left = l->file.size - *at;
    *len = left < WINDOW ? (size_t)left : WINDOW;
    uint8_t *p = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, l->file.fd, (off_t)*at);
    *at = (*at + *len) % l->file.size;
    return p == MAP_FAILED ? NULL : p;
}

/* With mapping and unmapping, which a reader of a mapped file pays for as well. */
static int measure_map_touch(const struct limits *l, struct limits_steps *t)
{
    uint64_t at = first_offset(l);
    size_t len;
    do {
        uint8_t *p = map_window(l, &at, &len);
        if (!p)
            return -errno;
        limits_touch(p, len, LINE);
        munmap(p, len);
    } while (end_step(t, len));
    return 0;
}

static uint64_t fault_count(void)
{
    struct rusage u;
    getrusage(RUSAGE_THREAD, &u);
    return (uint64_t)u.ru_minflt;
}

/* Only the touching is timed. The kernel maps some pages around each that is missing, so there are fewer faults than
 * pages: they are counted. */
static int measure_map_faults(const struct limits *l, struct limits_steps *t)
{
    uint64_t at = first_offset(l), faults;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), len;
    bool more;
    do {
        uint8_t *p = map_window(l, &at, &len);
        if (!p)
            return -errno;
        faults = fault_count();
        begin_step(t);
        limits_touch(p, len, page);
        more = end_step(t, 0);
        t->step[t->n - 1].amount = fault_count() - faults;
        munmap(p, len);
    } while (more);
    return 0;
}

/* Inflates it once, or for as long as may be. 0, or the error. */
static int inflate(const struct limits *l, struct dbn_source source, struct limits_steps *t)
{
    struct dbn_zstd *z;
    struct dbn_span out;
    uint64_t bytes = 0;
    int rc = dbn_zstd_open(source, l->window_log, &z);
    if (rc)
        return rc;
    while (t->ns < INFLATE_NS && t->n < LIMITS_STEPS - 1 && (rc = dbn_zstd_next(z, 1, &out)) > 0) {
        bytes += out.len;
        if (bytes < INFLATE_STEP)
            continue;
        end_step(t, bytes);
        bytes = 0;
    }
    dbn_zstd_close(z);
    end_step(t, bytes);
    return rc < 0 ? rc : 0;
}

/* As with the backends, that is by dbn/inflate.h, but from memory. Always from the start of the file, since there is no
 * other place to start at. */
static int measure_inflate(const struct limits *l, struct limits_steps *t)
{
    int rc;
    void *memory;
    do {
        rc = memory_backend.open(&(struct backend_input){.path = l->path, .end = UINT64_MAX}, &memory);
        if (rc)
            return rc;
        begin_step(t);
        rc = inflate(l, (struct dbn_source){memory_backend.next, memory}, t);
        memory_backend.close(memory, NULL);
    } while (rc == 0 && t->ns < SAMPLE_NS && t->n < LIMITS_STEPS);
    return rc;
}

/* Each thread has a read under way: no backend's own way, and needs nothing that may be denied. */
struct device {
    struct file file;
    uint8_t *memory;
    uint64_t until_ns;
    atomic_uint_least64_t threads, next, done; /* next: the offset of the next read */
    atomic_int error;
};

static void *read_device(void *arg)
{
    struct device *d = arg;
    uint8_t *to = d->memory + atomic_fetch_add(&d->threads, 1) * STEP;
    uint64_t at;
    while (!d->error && clock_now_ns() < d->until_ns && (at = atomic_fetch_add(&d->next, STEP)) < d->file.size) {
        ssize_t got = TEMP_FAILURE_RETRY(pread(d->file.fd, to, STEP, (off_t)at));
        if (got > 0)
            atomic_fetch_add(&d->done, (uint64_t)got);
        else
            atomic_store(&d->error, got < 0 ? -errno : DBN_E_FILE_CHANGED);
    }
    return NULL;
}

/* From the start of the file, past the page cache. Opened anew: how l->file is read is the same for all processes. */
static int measure_device(const struct limits *l, struct limits_steps *t)
{
    struct device d = {.memory = extent_memory((size_t)IN_FLIGHT * STEP)};
    char buf[32];
    pthread_t thread[IN_FLIGHT - 1];
    unsigned n = 0;
    const char *file_system = machine_file_system(l->path, buf, sizeof buf);
    if (file_system && strcmp(file_system, "tmpfs") == 0)
        return -ENODEV;
    int rc = file_open(&d.file, &(struct backend_input){.path = l->path, .end = UINT64_MAX});
    if (rc)
        return rc;
    file_set_direct(&d.file, true);
    if (!d.file.direct)
        return -EINVAL;
    memset(d.memory, 1, (size_t)IN_FLIGHT * STEP);
    begin_step(t);
    d.until_ns = t->begin_ns + DEVICE_NS;
    while (n < IN_FLIGHT - 1 && pthread_create(&thread[n], NULL, read_device, &d) == 0)
        n++;
    read_device(&d);
    while (n > 0)
        pthread_join(thread[--n], NULL);
    end_step(t, d.done);
    return d.error;
}

/* --- the table --- */

#define COPY(name, size, text)                                                                                         \
    {                                                                                                                  \
        name, true, false, false, measure_copy, size, "page-cache copy, " text " blocks"                               \
    }

const struct limit limits_table[LIMITS_COUNT] = {
    {"read_16_ns", false, false, false, measure_small_read, 16, "read call of 16 bytes"},
    COPY("copy_4k", 4 << 10, "4 KiB"),
    COPY("copy_16k", 16 << 10, "16 KiB"),
    COPY("copy_64k", 64 << 10, "64 KiB"),
    COPY("copy_128k", 128 << 10, "128 KiB"),
    COPY("copy_256k", 256 << 10, "256 KiB"),
    COPY("copy_1m", 1 << 20, "1 MiB"),
    COPY("copy_4m", 4 << 20, "4 MiB"),
    {"map_touch", true, false, false, measure_map_touch, 0, "touching every cache line of the mapped file"},
    {"map_fault_ns", false, false, false, measure_map_faults, 0, "page fault in the mapped file"},
    {"inflate", true, true, false, measure_inflate, 0, "inflating the file from memory"},
    {"device", true, false, true, measure_device, 0, "reading the device, 16 reads of 1 MiB at a time"},
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
    double best_ratio = INFINITY;
    for (const struct limit *limit = limits_table; limit < limits_table + LIMITS_COUNT; limit++) {
        double ratio = (double)block / (double)limit->arg;
        ratio = ratio < 1 ? 1 / ratio : ratio;
        if (limit->measure != measure_copy || ratio >= best_ratio)
            continue;
        best = limit;
        best_ratio = ratio;
    }
    return best->name;
}

const char *limits_for(const struct backend *b, bool compressed, size_t block, bool cold)
{
    if (cold || b->direct)
        return "device";
    if (compressed)
        return "inflate";
    if (b->limit && strcmp(b->limit, BACKEND_COPY) == 0)
        return copy_of(block ? block : b->block);
    return b->limit && limits_find(b->limit) < LIMITS_COUNT ? b->limit : NULL;
}

/* --- the file, and samples in turns with cases --- */

int limits_open(struct limits *l)
{
    bool dropped;
    l->file.fd = -1;
    if (!memchr(l->wanted, true, sizeof l->wanted))
        return 0;
    l->error = file_open(&l->file, &(struct backend_input){.path = l->path, .end = UINT64_MAX});
    if (l->error) {
        l->file.fd = -1;
        return l->error;
    }
    int compressed = file_is_compressed(&l->file);
    l->compressed = compressed > 0;
    return l->error = compressed < 0 ? compressed : page_cache_settle(l->path, l->folios, &dropped);
}

/* Why the limit cannot be measured: "" if it can. */
static const char *ruled_out(const struct limits *l, const struct limit *limit)
{
    if (l->error)
        return dbn_outcome_text(l->error);
    if (l->file.size == 0)
        return "the file is empty";
    return limit->inflates && !l->compressed ? "the file is not compressed" : "";
}

/* One without a value, for this reason ("": none yet). */
static struct limit_sample empty_sample(const struct limits *l, size_t i, uint64_t round, const char *why)
{
    struct limit_sample s = {.per_second = limits_table[i].per_second, .round = round};
    snprintf(s.dataset, sizeof s.dataset, "%s", l->dataset);
    snprintf(s.limit, sizeof s.limit, "%s", limits_table[i].name);
    snprintf(s.why, sizeof s.why, "%s", why);
    return s;
}

/* Kernels may take cached pages back when memory is short, or when nobody used them for a while. */
static void keep_cached(const struct limits *l)
{
    char why[128];
    struct reading absent = page_cache_absent(l->path, why, sizeof why);
    if (absent.state == READING_EXACT && absent.value > 0)
        page_cache_load(l->path, l->folios);
}

int limits_take(struct limits *l, size_t i, uint64_t round, limit_keep *keep, void *arg)
{
    int detail;
    if (!l->wanted[i] || l->over[i])
        return 0;
    struct limit_sample s = empty_sample(l, i, round, ruled_out(l, &limits_table[i]));
    if (!s.why[0]) {
        l->turn = &limits_table[i];
        if (!l->turn->device)
            keep_cached(l);
        l->begin = stats_random(&l->random);
        enum child_end end = child_run(measure, l, &s, sizeof s, TIMEOUT_MS, &detail);
        if (end == CHILD_STOPPED)
            return 1;
        if (end != CHILD_DONE)
            child_describe(end, detail, TIMEOUT_MS, s.why, sizeof s.why);
    }
    l->over[i] = s.why[0] != '\0';
    return keep(arg, &s);
}

int limits_close(struct limits *l, limit_keep *keep, void *arg)
{
    int rc = 0;
    bool changed = l->file.fd >= 0 && file_close(&l->file, NULL) != 0;
    for (size_t i = 0; i < LIMITS_COUNT && changed && rc == 0; i++) {
        struct limit_sample s = empty_sample(l, i, 0, dbn_outcome_text(DBN_E_FILE_CHANGED));
        if (l->wanted[i] && !l->over[i])
            rc = keep(arg, &s);
    }
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
