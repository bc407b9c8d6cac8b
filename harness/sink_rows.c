/* Materialising: what `fields` does, and every record kept as a row, a typed struct, in an array of its kind. Arrays
 * double when they are full, by a new one and a copy, as those of most languages do: so what that moves is known
 * exactly, which realloc() would not tell. All memory is freed at the end, which is part of the work.
 *
 * It is done piece by piece, so that what `fields` has just walked is still in the first-level cache. */
#include "../dbn/walk.h"
#include "digest.h"
#include "sink.h"

#include <errno.h>
#include <stdlib.h>

enum {
    PIECE = 16 << 10, /* holds the longest record */
    FIRST_ROWS = 4,
    KEPT_MOST = 1 << 29, /* bytes of rows; with more of them all are freed, and it begins anew */
};

extern const struct sink sink_fields;

/* Records of one type and length have the layout of one struct; the structs have that of the file. */
struct array {
    struct array *next; /* of the same type */
    uint16_t kind;
    size_t used, room; /* bytes */
    uint8_t *rows;
};

struct rows {
    void *fields; /* the sink of that name */
    struct array *arrays[256];
    uint64_t kept, copied, digest;
    bool failed; /* memory ran out. Nothing is taken any more, and the decoder says that the workload failed */
};

static int rows_begin(void **self)
{
    struct rows *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    int rc = sink_fields.begin(&r->fields);
    if (rc)
        free(r);
    else
        *self = r;
    return rc;
}

static void free_arrays(struct rows *r)
{
    for (size_t i = 0; i < 256; i++) {
        while (r->arrays[i]) {
            struct array *a = r->arrays[i];
            r->arrays[i] = a->next;
            free(a->rows);
            free(a);
        }
    }
    r->kept = 0;
}

/* The array for records like the one at p. NULL if memory ran out. */
static struct array *array_for(struct rows *r, const uint8_t *p)
{
    struct array **first = &r->arrays[p[1]], *a = *first;
    uint16_t kind = dbn_kind(p);
    while (a && a->kind != kind)
        a = a->next;
    if (a)
        return a;
    a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->kind = kind;
    a->next = *first;
    return *first = a;
}

/* Makes room for `more` bytes. */
static bool grow(struct rows *r, struct array *a, size_t row_size, size_t more)
{
    size_t room = a->room ? a->room : FIRST_ROWS * row_size;
    while (room - a->used < more)
        room *= 2;
    uint8_t *rows = malloc(room);
    if (!rows)
        return false;
    if (a->used)
        memcpy(rows, a->rows, a->used);
    r->copied += a->used;
    free(a->rows);
    a->rows = rows;
    a->room = room;
    return true;
}

/* A single record, of 16 bytes or more: a call of memcpy() for a length unknown until then would cost more. */
DBN_INLINE void copy_row(uint8_t *to, const uint8_t *from, size_t size)
{
    for (size_t i = 0; i + 16 <= size; i += 16)
        memcpy(to + i, from + i, 16);
    memcpy(to + size - 16, from + size - 16, 16);
}

/* Keeps n bytes of records of one kind. The digest is of what then stands in the rows. */
static bool keep_run(struct rows *r, const uint8_t *p, size_t n)
{
    size_t size = dbn_record_size(p);
    struct array *a = array_for(r, p);
    if (!a || (a->room - a->used < n && !grow(r, a, size, n)))
        return false;
    uint8_t *row = a->rows + a->used, *end = row + n;
    if (n == size)
        copy_row(row, p, n);
    else
        memcpy(row, p, n);
    a->used += n;
    for (; row < end; row += size)
        r->digest += dbn_load_u64(row + 8);
    return true;
}

/* n bytes of whole records, found valid before. */
static bool keep(struct rows *r, const uint8_t *p, size_t n)
{
    const uint8_t *end = p + n;
    if (r->kept + n > KEPT_MOST)
        free_arrays(r);
    while (p < end) {
        const uint8_t *begin = p;
        size_t size = dbn_record_size(p);
        uint16_t kind = dbn_kind(p);
        do
            p += size;
        while (p < end && dbn_kind(p) == kind);
        if (!keep_run(r, begin, (size_t)(p - begin)))
            return false;
    }
    r->kept += n;
    r->copied += n;
    return true;
}

static size_t rows_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct rows *r = self;
    size_t at = 0;
    while (at < n && !r->failed) {
        size_t piece = n - at < PIECE ? n - at : PIECE;
        size_t taken = sink_fields.take(r->fields, p + at, piece, offset + at);
        if (taken == 0)
            break;
        r->failed = !keep(r, p + at, taken);
        at += taken;
    }
    return r->failed ? 0 : at;
}

static uint64_t rows_copied(const void *self)
{
    return ((const struct rows *)self)->copied;
}

static void rows_end(void *self, struct tally *t)
{
    struct rows *r = self;
    sink_fields.end(r->fields, t);
    t->digest += r->digest * DIGEST_OFFSET;
    free_arrays(r);
    free(r);
}

const struct sink sink_rows = {
    .name = "rows",
    .summary = "what fields does, and keep every record as a struct in memory",
    .begin = rows_begin,
    .take = rows_take,
    .end = rows_end,
    .copied = rows_copied,
};
