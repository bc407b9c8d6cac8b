/* How a sink gets from record to record in lent bytes: on two paths, both in place, both checking every length.
 *
 * The fast path is for a run of records of one kind, a loop with a fixed stride: the next address does not wait for the
 * length byte. The general path is for mixed records, which form a chain from length to length, and each link would
 * wait for memory, so it prefetches ahead. */
#ifndef DBN_WALK_H
#define DBN_WALK_H

#include "record.h"

#include <stdbool.h>

DBN_API_BEGIN

enum {
    DBN_RUN_MIN = 8,          /* that many records of one kind make the fast path worth it */
    DBN_MIXED_MAX = 64 << 10, /* bytes before it is asked again whether a run has begun */
    DBN_PREFETCH = 2048,      /* bytes ahead */
};

/* Do DBN_RUN_MIN records of one kind lie at p? */
DBN_INLINE bool dbn_run_begins(const uint8_t *p, const uint8_t *end)
{
    size_t size = dbn_record_size(p);
    if ((size_t)(end - p) < size * DBN_RUN_MIN)
        return false;
    uint16_t kind = dbn_kind(p);
    bool same = true;
    for (size_t i = 1; i < DBN_RUN_MIN; i++)
        same &= dbn_kind(p + i * size) == kind;
    return same;
}

/* Is there a record of that kind at p? last: where the last one that is whole may begin, its size before the end. */
DBN_INLINE bool dbn_run_goes_on(const uint8_t *p, const uint8_t *last, uint16_t kind)
{
    return p <= last && dbn_kind(p) == kind;
}

/* The end of the run that begins at p. */
DBN_INLINE const uint8_t *dbn_run_end(const uint8_t *p, const uint8_t *end)
{
    size_t size = dbn_record_size(p);
    uint16_t kind = dbn_kind(p);
    const uint8_t *last = end - size;
    while (dbn_run_goes_on(p, last, kind))
        p += size;
    return p;
}

/* Are there four of them? One branch for four records, and their loads do not wait for each other's. */
DBN_INLINE bool dbn_run_has_four(const uint8_t *p, const uint8_t *last, uint16_t kind, size_t size)
{
    return p <= last && (size_t)(last - p) >= 3 * size &&
           ((dbn_kind(p) ^ kind) | (dbn_kind(p + size) ^ kind) | (dbn_kind(p + 2 * size) ^ kind) |
            (dbn_kind(p + 3 * size) ^ kind)) == 0;
}

/* Work on one record. */
typedef void dbn_one(void *state, const uint8_t *p, size_t size, uint64_t offset);
/* Work on the run that begins at p, and perhaps ends before `end`. Returns its end. */
typedef const uint8_t *dbn_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset);

/* The body of a sink's take(). `one` and `run` are inlined, so `state` should be a local variable, whose fields
 * then live in registers. *records goes up by how many there were. */
DBN_INLINE size_t dbn_take(void *state, const uint8_t *p, size_t n, uint64_t offset, uint64_t *records, dbn_one *one,
                           dbn_run *run)
{
    const uint8_t *q = p, *end = p + n;
    uint64_t count = 0;
    for (size_t size; (size = dbn_walk(q, end)) != 0;) {
        if (dbn_run_begins(q, end)) {
            const uint8_t *begin = q;
            q = run(state, q, end, offset + (uint64_t)(q - p));
            count += (uint64_t)(q - begin) / size;
            continue;
        }
        /* As long as the longest record there can be would fit, only its shortness is to be checked. */
        size_t far = (size_t)(end - q), most = DBN_MIXED_MAX;
        far = far < most ? far : most;
        const uint8_t *safe = far > DBN_MAX_RECORD ? q + far - DBN_MAX_RECORD : q;
        for (; q < safe && (size = dbn_record_size(q)) >= DBN_HEADER_SIZE; q += size, count++) {
            __builtin_prefetch(q + DBN_PREFETCH);
            one(state, q, size, offset + (uint64_t)(q - p));
        }
        if ((size = dbn_walk(q, end)) != 0) {
            one(state, q, size, offset + (uint64_t)(q - p));
            q += size;
            count++;
        }
    }
    *records += count;
    return (size_t)(q - p);
}

DBN_API_END

#endif
