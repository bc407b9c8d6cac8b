#include "reader.h"

#include "../backends/backend.h"
#include "../dbn/inflate.h"
#include "../dbn/refill.h"
#include "../dbn/tables.h"

#include <errno.h>
#include <inttypes.h>
#include <sched.h>
#include <stdio.h>
#include <stdlib.h>

extern const struct backend backend_buffered, backend_mmap, backend_inflate;

/* Bytes of a run that are looked through before they are lent: they are still in the first-level cache when the user
 * looks at them. */
enum { PIECE = 16 << 10 };

struct file_reader {
    struct dbn_reader lent; /* what the user sees of it */
    struct dbn_decoder decoder;
    struct dbn_metadata metadata;
    struct dbn_zstd *zstd;
    const struct backend *backend; /* NULL once it is closed, or if there never was one */
    void *file, *consumer;         /* of a shared backend */
    const uint8_t *end;            /* of the bytes that the record that was lent last is in: */
    bool joined;                   /* the decoder's carry, or its span */
    int outcome;                   /* 1: there is more to come; else what every call returns */
    struct known {
        uint8_t length;
        int8_t layout; /* of records of this length and type */
    } known[256];      /* by type */
    size_t path_len;
    char text[]; /* the path; after an error the message, which begins with it */
};

/* Room behind the path, for the place and the longest text of an outcome. */
enum { MESSAGE = 256 };

static struct file_reader *of(struct dbn_reader *r)
{
    return (struct file_reader *)(void *)r;
}

/* So that the next record is nowhere: see dbn_reader_next(). */
static void lend_nothing(struct file_reader *f)
{
    f->end = f->decoder.carry + 1;
    f->lent = (struct dbn_reader){.record = {.p = f->end, .layout = -1}, .last = f->decoder.carry};
    f->joined = true;
}

/* A file that changed is the reason for whatever else was found. */
static int close_file(struct file_reader *f, int outcome)
{
    const struct backend *b = f->backend;
    f->backend = NULL;
    if (f->consumer)
        b->detach(f->consumer);
    f->consumer = NULL;
    int rc = b ? b->close(f->file, NULL) : 0;
    return rc ? rc : outcome;
}

static int stop(struct file_reader *f, int outcome)
{
    char where[64] = "";
    lend_nothing(f);
    f->outcome = outcome = close_file(f, outcome);
    if (outcome == 0)
        return 0;
    if (f->decoder.fault > 0 || !dbn_outcome_could_not_run(outcome))
        snprintf(where, sizeof where, "at byte %" PRIu64 " of the %s: ", f->decoder.fault,
                 dbn_outcome_in_file(outcome) ? "file" : "stream");
    snprintf(f->text + f->path_len, MESSAGE, "%s%s%s (%s)", f->path_len ? ": " : "", where, dbn_outcome_text(outcome),
             dbn_outcome_name(outcome));
    return outcome;
}

static struct file_reader *new_reader(const char *path, struct dbn_reader **r)
{
    size_t len = strlen(path);
    struct file_reader *f = calloc(1, sizeof *f + len + MESSAGE);
    *r = f ? &f->lent : NULL;
    if (!f)
        return NULL;
    lend_nothing(f);
    f->path_len = len;
    memcpy(f->text, path, len);
    return f;
}

/* Reads what is not compressed, or inflated already, up to the first record. */
static int start(struct file_reader *f, struct dbn_source source)
{
    dbn_decoder_init(&f->decoder, source, DBN_STEP_BLOCK);
    int rc = dbn_read_metadata(&f->decoder, DBN_METADATA_LIMIT, &f->metadata);
    if (rc)
        return stop(f, rc);
    f->outcome = 1;
    return 0;
}

static int start_inflated(struct file_reader *f, struct dbn_source source)
{
    int rc = dbn_zstd_open(source, DBN_ZSTD_WINDOW_LOG, &f->zstd);
    return rc ? stop(f, rc) : start(f, (struct dbn_source){dbn_zstd_next, f->zstd});
}

/* All but the caller's, and not more than there are other processors. */
static unsigned helpers(unsigned threads)
{
    cpu_set_t set;
    unsigned cores = sched_getaffinity(0, sizeof set, &set) == 0 ? (unsigned)CPU_COUNT(&set) : 1;
    threads = threads < cores ? threads : cores;
    return threads > 1 ? threads - 1 : 0;
}

int dbn_reader_open(const char *path, unsigned how, struct dbn_reader **r)
{
    struct backend_input in = {.path = path,
                               .end = UINT64_MAX,
                               .window_log = DBN_ZSTD_WINDOW_LOG,
                               .helpers = helpers(how / DBN_READER_THREADS(1))};
    const struct backend *mapping = in.helpers ? &backend_inflate : &backend_mmap;
    struct file_reader *f = new_reader(path ? path : "standard input", r);
    if (!f)
        return -ENOMEM;
    if (how & ~(DBN_READER_MAP | DBN_READER_THREADS(255)))
        return stop(f, -EINVAL);
    const struct backend *b = path && how ? mapping : &backend_buffered;
    int rc = b->open(&in, &f->file);
    if (rc && b == mapping)
        rc = (b = &backend_buffered)->open(&in, &f->file);
    if (rc)
        return stop(f, rc);
    f->backend = b;
    if (!b->attach)
        return start_inflated(f, (struct dbn_source){b->next, f->file});
    rc = b->attach(f->file, &f->consumer);
    return rc ? stop(f, rc) : start(f, (struct dbn_source){b->next, f->consumer});
}

int dbn_reader_open_source(struct dbn_source source, struct dbn_reader **r)
{
    struct file_reader *f = new_reader("", r);
    return f ? start_inflated(f, source) : -ENOMEM;
}

const struct dbn_metadata *dbn_reader_metadata(const struct dbn_reader *r)
{
    return &((const struct file_reader *)(const void *)r)->metadata;
}

static int layout_of(struct file_reader *f, const uint8_t *p)
{
    struct known *known = &f->known[p[1]];
    if (known->length != p[0]) {
        const struct dbn_layout *layout = dbn_layout_of(p[1], dbn_record_size(p));
        *known = (struct known){p[0], (int8_t)(layout ? layout - dbn_layout : -1)};
    }
    return known->layout;
}

/* The end of the run at p, where one record is known to lie, or of a part of it. */
static const uint8_t *run_end(const uint8_t *p, const uint8_t *end, size_t size)
{
    uint16_t kind = dbn_kind(p);
    size_t left = (size_t)(end - p), four = 4 * size;
    left = left < PIECE ? left : PIECE;
    while (left >= four && dbn_kind(p) == kind && dbn_kind(p + size) == kind && dbn_kind(p + 2 * size) == kind &&
           dbn_kind(p + 3 * size) == kind) {
        for (size_t i = 0; i < 4; i++)
            __builtin_prefetch(p + i * size + DBN_PREFETCH);
        p += four;
        left -= four;
    }
    for (; left >= size && dbn_kind(p) == kind; left -= size)
        p += size;
    return p;
}

static int lend(struct file_reader *f, const uint8_t *p, const uint8_t *end, size_t size)
{
    f->end = end;
    f->lent = (struct dbn_reader){{p, size, layout_of(f, p)}, end - size, dbn_kind(p)};
    return 1;
}

/* A record that was joined is lent from where that was done. */
static size_t take_joined(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    (void)self, (void)p, (void)offset;
    return n;
}

int dbn_reader_step(struct dbn_reader *r)
{
    struct file_reader *f = of(r);
    struct dbn_decoder *d = &f->decoder;
    const uint8_t *p = r->record.p + r->record.size;
    __builtin_prefetch(p + DBN_PREFETCH);
    size_t size = dbn_walk(p, f->end);
    if (size)
        return lend(f, p, f->end, size);
    if (f->outcome <= 0)
        return f->outcome;
    if (!f->joined)
        dbn_advance(d, (size_t)(p - d->span.ptr));
    int rc = d->span.len ? 1 : dbn_refill(d, 1);
    size = rc > 0 ? dbn_walk(d->span.ptr, d->span.ptr + d->span.len) : 0;
    f->joined = size == 0;
    if (size)
        return lend(f, d->span.ptr, d->span.ptr + d->span.len, size);
    if (rc > 0)
        rc = dbn_join(d, (struct dbn_sink){take_joined, NULL});
    return rc > 0 ? lend(f, d->carry, d->carry + d->carried, d->carried) : stop(f, rc);
}

int dbn_reader_next_run(struct dbn_reader *r, struct dbn_records *run)
{
    struct file_reader *f = of(r);
    const struct dbn_decoder *d = &f->decoder;
    struct dbn_record *record = &r->record;
    int rc = dbn_reader_step(r);
    if (rc <= 0)
        return rc;
    const uint8_t *first = record->p, *end = run_end(first, f->end, record->size);
    uint64_t offset = f->joined ? d->offset - d->carried : d->offset + (uint64_t)(first - d->span.ptr);
    *run = (struct dbn_records){first, end, record->size, record->layout, offset};
    record->p = end - record->size;
    return 1;
}

const char *dbn_reader_message(const struct dbn_reader *r)
{
    const struct file_reader *f = (const struct file_reader *)(const void *)r;
    return !f ? dbn_outcome_text(-ENOMEM) : f->outcome < 0 ? f->text : "";
}

int dbn_reader_close(struct dbn_reader *r)
{
    if (!r)
        return 0;
    struct file_reader *f = of(r);
    int rc = close_file(f, f->outcome < 0 ? f->outcome : 0);
    dbn_zstd_close(f->zstd);
    dbn_metadata_free(&f->metadata);
    free(f);
    return rc;
}
