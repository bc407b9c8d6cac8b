/* A sink: one workload, what is done with the records. Each works on the lent bytes in place and in one pass. */
#ifndef HARNESS_SINK_H
#define HARNESS_SINK_H

#include "../../dbn/dbn.h"

/* What a sink found. Tallies of parts add up to that of the whole, in any order. */
struct tally {
    uint64_t records; /* 0 for sinks that do not look for records */
    uint64_t bytes;   /* of records */
    uint64_t digest;  /* see digest.h */
};
enum { DIGEST_VERSION = 2 }; /* of all that digest.h says: digests of two versions cannot be compared */

/* What the sink `sum` adds up, mod 2^64; see digest.h. */
enum { SUM_TS_EVENT, SUM_PRICE, SUM_SIZE, SUMS };
extern const char *const sum_names[SUMS]; /* "ts_event", "price", "size" */

/* What is known beforehand of the records to come. Nothing, if all of it is zero. It may be wrong: a file can change,
 * and no memory is to be sized by more than the bytes that the file really has. */
struct sink_plan {
    const char *path;    /* of the file; NULL: nothing is known of what will come */
    uint64_t begin, end; /* of its records, in the stream, which is the file unless that is compressed */
    uint64_t keep;       /* bytes of records kept at most: then it lets go of them and begins anew; 0: SINK_KEEP */
};
#define SINK_KEEP (UINT64_C(1) << 30)

/* What else there is to say of what a sink did. Like tallies, those of parts add up. */
struct sink_facts {
    uint64_t copied;                    /* bytes, to keep them */
    uint64_t reads, bytes_read;         /* by read calls of its own, to find out what will come */
    uint64_t strings, distinct;         /* 0 distinct: it did not look for them */
    uint64_t string_bytes, saved_bytes; /* kept, with their ends; of those found again, which were not */
    bool has_sums;                      /* of the sink `sum` */
    uint64_t sums[SUMS];
    bool filters;                   /* of a `filter`: */
    uint64_t matched;               /* records */
    uint64_t mapped, on_huge_pages; /* bytes of memory for which huge pages were asked, and those that got them */
};

/* A record as the reference decoder found it. */
struct ref_record {
    const uint8_t *p; /* valid until the next record is read */
    size_t size;
    uint64_t offset;                 /* in the stream */
    const struct dbn_layout *layout; /* NULL: unknown type, or too short for its type */
};

/* What a sink should add to its digest for a record, worked out slowly and obviously, so that sinks can be checked
 * against it. A sink has one of these, or one of its own beside it. They are in reference/expect.c; digest.h says what
 * they are. */
struct sink;
typedef uint64_t sink_expect(const struct sink *sink, const struct ref_record *r);
sink_expect expect_none, expect_touch, expect_frame, expect_sum, expect_fields, expect_rows, expect_columns,
    expect_strings, expect_filter, expect_split, expect_split_days;

/* How closely a sink looks. Only one that looks for records counts them; the tallies of others are unspecified where a
 * decode fails, and only those can take bytes that are not understood (input_options.raw). */
enum sink_looks { SINK_LOOKS_AWAY, SINK_LOOKS_AT_BYTES, SINK_LOOKS_AT_RECORDS };

struct sink {
    const char *name, *summary;
    enum sink_looks looks;
    sink_expect *expect;
    const void *way; /* for its own use: in what it differs from others of the same file */
    const void *(*parse)(const char *parameters, char *why, size_t size); /* optional: see sink_find() */
    const char *(*unavailable)(void); /* optional: NULL, or why it is not itself here */
    size_t size;                      /* of *self, which is all zero before begin() */
    int (*begin)(const struct sink *sink, const struct sink_plan *plan, void *self); /* optional. 0 or < 0: an error */
    size_t (*take)(void *self, const uint8_t *p, size_t n, uint64_t offset);         /* as dbn_sink.take */
    void (*end)(void *self, struct tally *t);     /* frees what it holds, and self; t is set */
    struct sink_facts (*facts)(const void *self); /* NULL: there are none, it keeps nothing */
    bool keeps;                                   /* memory about as large as the records */
    const struct sink *pair[2];                   /* of A+B: A and B; else NULL */
};

enum {
    SINKS = 0
#define SINK(name) +1
#include "sinks.h"
#undef SINK
    ,
    SINKS_MOST = SINKS + 8, /* with those that have parameters */
    SINK_NAME = 256,
};

/* All of them, in the order of every table, from the least work to the most, then those with parameters that were found
 * so far; ends with NULL. */
extern const struct sink *sinks[SINKS_MOST + 1];
size_t sink_index(const struct sink *s); /* of sinks[] */

/* One of them; "NAME:PARAMETERS" of one that takes any, which is another sink; or "A+B" of two that look for records:
 * both work on the same records, in turns. What it returns stays as long as the program. NULL: there is none, or memory
 * ran out. */
const struct sink *sink_find(const char *name);
/* The same; NULL: `why` says what is wrong with parameters, or is "". */
const struct sink *sink_find_or_say(const char *name, char *why, size_t size);

/* NULL, or why it is not itself here. */
const char *sink_unavailable(const struct sink *s);

/* Does it keep memory, or either of a pair? */
bool sink_keeps(const struct sink *s);

/* What it should find where each of sinks[] should find that. */
struct tally sink_expected(const struct sink *s, const struct tally of[SINKS_MOST]);

/* Begins one; no field of *plan has to be set. 0, and s->end(*self) is to be called, or < 0. */
int sink_begin(const struct sink *s, const struct sink_plan *plan, void **self);

static inline void tally_add(struct tally *to, const struct tally *part)
{
    to->records += part->records;
    to->bytes += part->bytes;
    to->digest += part->digest;
}

static inline void sink_facts_add(struct sink_facts *to, const struct sink_facts *part)
{
    to->copied += part->copied;
    to->reads += part->reads;
    to->bytes_read += part->bytes_read;
    to->strings += part->strings;
    to->distinct += part->distinct;
    to->string_bytes += part->string_bytes;
    to->saved_bytes += part->saved_bytes;
    to->has_sums |= part->has_sums;
    for (size_t i = 0; i < SUMS; i++)
        to->sums[i] += part->sums[i];
    to->filters |= part->filters;
    to->matched += part->matched;
    to->mapped += part->mapped;
    to->on_huge_pages += part->on_huge_pages;
}

static inline bool tally_equal(const struct tally *a, const struct tally *b)
{
    return a->records == b->records && a->bytes == b->bytes && a->digest == b->digest;
}

/* --- for sinks that keep something ---
 *
 * They work through lent bytes piece by piece, so that what one loop has walked is still in the first-level cache for
 * the next, and so that soon after memory ran out nothing is taken any more. */

enum { SINK_PIECE = 16 << 10 };

/* The body of a take(), in pieces of as many bytes, which hold the longest record: what take_piece() returns is how
 * much it took, 0 if no whole record was there, or DBN_NO_MEMORY. */
DBN_INLINE size_t sink_take_pieces(void *self, const uint8_t *p, size_t n, uint64_t offset, size_t piece,
                                   size_t (*take_piece)(void *self, const uint8_t *p, size_t n, uint64_t offset))
{
    size_t at = 0, taken = 1;
    while (at < n && taken > 0) {
        taken = take_piece(self, p + at, n - at < piece ? n - at : piece, offset + at);
        if (taken == DBN_NO_MEMORY)
            return taken;
        at += taken;
    }
    return at;
}

#endif
