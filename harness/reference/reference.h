/* The reference decoder: a second, slow and obvious one, driven by the layout tables. It shares neither the
 * walk nor the loads with the core, and every timed result and every backend is checked against it. */
#ifndef HARNESS_PLAIN_H
#define HARNESS_PLAIN_H

#include "../sinks/sink.h"
#include "input.h"

struct ref; /* one file, being read record by record */

/* Opens the file. 0 or an error; then there is nothing to close. */
int ref_open(const char *path, const struct input_options *options, struct ref **p);
/* Call it once, before the first record: reads the metadata, if there is any. 0, or an error with *fault. */
int ref_start(struct ref *p, uint64_t *fault);
/* 1: *r is the next record; 0: clean end; < 0: error with *fault set. */
int ref_next(struct ref *p, struct ref_record *r, uint64_t *fault);
/* 0, or DBN_E_FILE_CHANGED, which overrides whatever the other calls returned. */
int ref_close(struct ref *p);

/* After ref_start(), once; empty for a fragment. The caller frees it with dbn_metadata_free(). */
struct dbn_metadata ref_take_metadata(struct ref *p);

/* What is known of the file and of its stream of metadata and records, as far as it was read. */
struct ref_facts {
    uint64_t file_size, stream_size;
    bool compressed;
    uint64_t frames; /* complete ones */
    bool fragment, ts_out;
};
struct ref_facts ref_facts(const struct ref *p);

/* Reads the rest of the stream without looking at it, so that ref_facts() are those of the whole file. */
void ref_drain(struct ref *p);

/* An integer field of the record at p, or a character; signed ones with their sign extended. */
uint64_t ref_value(const uint8_t *p, const struct dbn_field *f);
/* Do the sums of prices and sizes include this record? Those of layouts that have both. */
bool ref_price_size(const struct ref_record *r, uint64_t *price, uint64_t *size);

/* How the reference decode of a whole file ends, and what each sink should find in it. */
struct ref_result {
    int outcome;
    uint64_t fault;
    struct tally tally[SINKS]; /* in the order of sinks[]; for pairs see sink_expected() */
    uint64_t records;          /* counted */
    uint64_t records_end;      /* in the stream: where the last of them ends */
    bool compressed;
};

/* Decodes up to max_records (UINT64_MAX: all; a stop there is a clean end). */
void ref_decode(const char *path, const struct input_options *options, uint64_t max_records, struct ref_result *r);

#endif
