/* Getting bytes of a file that is in the page cache: copied by read(2), mapped, or inflated. Each sample begins at
 * another place of the file and goes on from there, around its end, so that a large file is not found in the
 * processor's caches by one sample because another just left it there. A small one is: so it is when it is decoded over
 * and over. */
#include "../../dbn/zstd.h"
#include "limits_kernels.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

enum { STEP = 1 << 20, INFLATE_STEP = 256 << 10, WINDOW = 4 << 20, PAGE = 4096, LINE = 64, CALLS = 200 };

static void set_error(struct limits_sample *s, int rc)
{
    snprintf(s->why, sizeof s->why, "%s", dbn_outcome_text(rc));
}

static uint64_t first_offset(const struct limits_input *in)
{
    uint64_t windows = in->file.size / WINDOW;
    return windows ? in->begin % windows * WINDOW : 0;
}

/* The unit cost of a naive read of a field. */
static bool read_often(const struct limits_input *in, size_t size)
{
    uint8_t bytes[64];
    for (unsigned i = 0; i < CALLS; i++)
        if (pread(in->file.fd, bytes, size, 0) <= 0)
            return false;
    return true;
}

void limits_measure_small_read(const struct limits_input *in, size_t size, struct limits_sample *s)
{
    struct limits_steps t = {0};
    bool ok = read_often(in, size);
    limits_begin(&t);
    do
        ok = ok && read_often(in, size);
    while (limits_step(&t, CALLS) && ok);
    if (ok)
        limits_finish(&t, false, s);
    else
        set_error(s, DBN_E_FILE_CHANGED);
}

/* STEP bytes or a few more, around the end of the file. 0: the file is shorter now; or -errno. */
static int64_t copy_step(const struct limits_input *in, uint64_t *at, uint8_t *to, size_t block)
{
    int64_t sum = 0;
    while (sum < STEP) {
        ssize_t got = read(in->file.fd, to, block);
        if (got <= 0)
            return got < 0 ? -errno : 0;
        sum += got;
        *at += (uint64_t)got;
        if (*at < in->file.size)
            continue;
        *at = 0;
        if (lseek(in->file.fd, 0, SEEK_SET) < 0)
            return -errno;
    }
    return sum;
}

void limits_measure_copy(const struct limits_input *in, size_t block, struct limits_sample *s)
{
    struct limits_steps t = {0};
    uint64_t at = first_offset(in);
    uint8_t *to = aligned_alloc(PAGE, block);
    int64_t got = to && lseek(in->file.fd, (off_t)at, SEEK_SET) >= 0 ? 1 : -errno;
    if (got > 0)
        got = copy_step(in, &at, to, block);
    limits_begin(&t);
    do
        got = got > 0 ? copy_step(in, &at, to, block) : got;
    while (got > 0 && limits_step(&t, (uint64_t)got));
    if (got > 0)
        limits_finish(&t, true, s);
    else
        set_error(s, got < 0 ? (int)got : DBN_E_FILE_CHANGED);
    free(to);
}

/* The next part of the file, mapped; *len: how much it is. NULL with errno. */
static uint8_t *map_window(const struct limits_input *in, uint64_t *at, size_t *len)
{
    uint64_t left = in->file.size - *at;
    *len = left < WINDOW ? (size_t)left : WINDOW;
    uint8_t *p = mmap(NULL, *len, PROT_READ, MAP_PRIVATE, in->file.fd, (off_t)*at);
    *at = (*at + *len) % in->file.size;
    return p == MAP_FAILED ? NULL : p;
}

/* With mapping and unmapping, which a reader of a mapped file pays for as well. */
void limits_measure_map_touch(const struct limits_input *in, size_t arg, struct limits_sample *s)
{
    (void)arg;
    struct limits_steps t = {0};
    uint64_t at = first_offset(in);
    size_t len;
    limits_begin(&t);
    do {
        uint8_t *p = map_window(in, &at, &len);
        if (!p) {
            set_error(s, -errno);
            return;
        }
        limits_use(limits_touch(p, len, LINE));
        munmap(p, len);
    } while (limits_step(&t, len));
    limits_finish(&t, true, s);
}

static uint64_t fault_count(void)
{
    struct rusage u;
    getrusage(RUSAGE_THREAD, &u);
    return (uint64_t)u.ru_minflt;
}

/* Only the touching is timed. The kernel maps some pages around each that is missing, so there are fewer faults than
 * pages: they are counted. */
void limits_measure_map_faults(const struct limits_input *in, size_t per_page, struct limits_sample *s)
{
    struct limits_steps t = {0};
    uint64_t at = first_offset(in), faults;
    size_t page = (size_t)sysconf(_SC_PAGESIZE), len;
    bool more;
    do {
        uint8_t *p = map_window(in, &at, &len);
        if (!p) {
            set_error(s, -errno);
            return;
        }
        faults = fault_count();
        limits_begin(&t);
        limits_use(limits_touch(p, len, page));
        more = limits_step(&t, 0);
        faults = fault_count() - faults;
        t.step[t.n - 1].amount = per_page ? (len + PAGE - 1) / PAGE : faults;
        munmap(p, len);
    } while (more);
    limits_finish(&t, false, s);
}

struct memory {
    const uint8_t *p;
    size_t len;
    bool lent;
};

static int memory_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct memory *m = self;
    *out = (struct dbn_span){m->p, m->lent ? 0 : m->len, m->lent ? m->len : 0};
    bool more = !m->lent;
    m->lent = true;
    return more;
}

/* Inflates it once, or for as long as may be. 0, or the error. */
static int inflate(const struct limits_input *in, const uint8_t *p, struct limits_steps *t)
{
    struct memory m = {p, (size_t)in->file.size, false};
    struct dbn_zstd *z;
    struct dbn_span out;
    uint64_t bytes = 0;
    int rc = dbn_zstd_open((struct dbn_source){memory_next, &m}, in->window_log, &z);
    if (rc)
        return rc;
    while (t->ns < LIMITS_INFLATE_NS && t->n < LIMITS_STEPS - 1 && (rc = dbn_zstd_next(z, 1, &out)) > 0) {
        bytes += out.len;
        if (bytes < INFLATE_STEP)
            continue;
        limits_step(t, bytes);
        bytes = 0;
    }
    dbn_zstd_close(z);
    limits_step(t, bytes);
    return rc < 0 ? rc : 0;
}

/* As with the backends, that is by dbn/zstd.h, but from memory: compressed bytes come from a mapping that is in place.
 * Always from the start of the file, since there is no other place to start at. */
void limits_measure_inflate(const struct limits_input *in, size_t arg, struct limits_sample *s)
{
    (void)arg;
    struct limits_steps t = {0};
    int rc;
    uint8_t *p = mmap(NULL, (size_t)in->file.size, PROT_READ, MAP_PRIVATE | MAP_POPULATE, in->file.fd, 0);
    if (p == MAP_FAILED) {
        set_error(s, -errno);
        return;
    }
    limits_begin(&t);
    do
        rc = inflate(in, p, &t);
    while (rc == 0 && t.ns < LIMITS_SAMPLE_NS && t.n < LIMITS_STEPS);
    if (rc)
        set_error(s, rc);
    else
        limits_finish(&t, true, s);
}
