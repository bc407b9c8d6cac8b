/* Shared by the tests of the decoder and the backends: streams to decode, memory that lends them in pieces up against
 * unreadable pages, files, and decodes to compare. */
#ifndef TESTS_SUPPORT_H
#define TESTS_SUPPORT_H

#include "../datasets/datasets.h"
#include "../harness/measure/job.h"
#include "../harness/reference/reference.h"
#include "../harness/analysis/stats.h"
#include "test.h"

#include <stdio.h>
#include <stdlib.h>

/* Sanitizers make everything several times slower; sweeps do one part in SLOWER there, and say so. */
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED 1
#elif defined __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer)
#define SANITIZED 1
#endif
#endif
#ifdef SANITIZED
enum { SLOWER = 5 };
#else
#define SANITIZED 0
enum { SLOWER = 1 };
#endif

/* How far apart the steps of a sweep are: n, but all steps are taken in `make test-all`; sanitizers take fewer. */
size_t sparse(size_t n);

/* Not the full product: one backend is tried with every sink, and every backend with three that look at no bytes, at
 * each byte, and keep records. */
bool worth_trying(const struct backend *b, const struct sink *s);

#define LENGTH(array) (sizeof(array) / sizeof(array)[0])

extern const struct input_options defaults;

struct bytes {
    uint8_t *p;
    size_t n;
};

/* What the generator makes of it, to be freed. */
struct bytes generated(const struct generate_spec *spec);
struct bytes generated_stream(const char *schema, uint8_t version, uint64_t records, bool ts_out);
/* Where a stream's records begin. */
size_t first_record(struct bytes stream);

/* --- a source that shows reads outside of what it lends --- */

enum edge { EDGE_END, EDGE_BEGIN }; /* which end of a piece touches the unreadable page */

/* Lends n bytes from p: a first piece, then others of the same size each. Every piece is at the same place, so that
 * who still looks at the one before sees other bytes. */
struct pieces {
    const uint8_t *p;
    size_t n;
    size_t first, size; /* of pieces; first 0: as the others; size 0: just what is asked for */
    enum edge edge;
    uint64_t offset; /* of p in the stream */
    size_t at, last; /* how many bytes have been lent; and in the last piece */
    uint8_t *memory; /* between two unreadable pages */
    size_t room;
};

/* To lend these bytes from their beginning; the other fields may be set afterwards. *s is all zero, or was set before.
 */
void pieces_set(struct pieces *s, const uint8_t *p, size_t n, size_t size);
void pieces_free(struct pieces *s);
int pieces_next(void *self, size_t need, struct dbn_span *out);

/* --- decodes --- */

struct ending {
    int outcome;
    uint64_t fault; /* 0 without an error */
    struct tally tally;
};

/* Decodes what the source lends, as a job does. */
struct ending decode_source(struct dbn_source source, enum dbn_step step, const struct sink *sink, bool fragment);
/* The same, of a source that may be compressed. */
struct ending decode_packed(struct dbn_source source, enum dbn_step step, const struct sink *sink);
/* A stream in one piece, which ends at an unreadable page. */
struct ending decode_whole(const uint8_t *p, size_t n, const struct sink *sink, bool fragment);

/* Both are the same, but for the tally where a sink that does not look for records met an error. */
bool ending_equal(const struct ending *a, const struct ending *b, const struct sink *sink);
/* "TRUNCATED_RECORD at 416: 3 records, ..." in a buffer of its own. */
const char *ending_text(const struct ending *e);
struct ending reference_ending(const struct ref_result *reference, const struct sink *sink);
struct ending job_ending(const struct job *job);

/* Can this backend run here? */

/* A backend that is being read by one consumer, be it a shared one or not. */
struct reader {
    const struct backend *backend;
    void *handle, *consumer;
};

struct reader reader_open(const struct backend *b, const struct backend_input *in);
struct dbn_source reader_source(const struct reader *r);
int reader_close(struct reader *r, struct backend_counts *counts);

/* Every sink, and then pairs that programs would use; NULL behind the last. */
const struct sink *tested_sink(size_t i);
bool tally_is(struct tally a, struct tally b);

/* --- files --- */

/* A file without a name of its own, so that nothing is left behind whatever happens. */
struct scratch {
    int fd;
    char path[32];
};

struct scratch scratch_memory(void); /* in memory: fast */
struct scratch scratch_disk(void);   /* in /tmp */
void scratch_set(const struct scratch *s, const void *bytes, size_t n);
void scratch_poke(const struct scratch *s, uint64_t offset, uint8_t byte);
void scratch_size(const struct scratch *s, uint64_t n);
void scratch_close(const struct scratch *s);

/* From now on this process gets `more` bytes of address space and not one beyond. Does nothing under a sanitizer, whose
 * own needs cannot be told. */
void limit_memory(size_t more);

/* Files of an independent generator, and what an independent decoder found in them. */
#define VECTORS "tests/golden/vectors"
/* The folder of the official files: $VECTORS, or ../shared/vectors; NULL if there is none. */
const char *official_vectors(void);

/* How many descriptors this process has open. */
unsigned open_descriptors(void);

#endif
