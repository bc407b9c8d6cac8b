/* The reference decoder: a second, slow and obvious one, driven by the layout tables. It shares neither the
 * walk nor the loads with the core, and every timed result and every backend is checked against it. */
#ifndef HARNESS_PLAIN_H
#define HARNESS_PLAIN_H

#include "../sinks/sink.h"
#include "../text/safe.h"
#include "input.h"

#include <stdio.h>

struct ref; /* one file, being read record by record */

/* Opens the file. 0 or an error; then there is nothing to close. */
int ref_open(const char *path, const struct input_options *options, struct ref **p);
/* Call it once, before the first record: reads the metadata, if there is any. 0, or an error with *fault. */
int ref_start(struct ref *p, uint64_t *fault);
/* 1: *r is the next record; 0: clean end; < 0: error with *fault set. */
int ref_next(struct ref *p, struct ref_record *r, uint64_t *fault);
/* 0, or DBN_E_FILE_CHANGED, which overrides whatever the other calls returned. */
int ref_close(struct ref *p);

/* A whole file, as far as it could be read before the outcome. */
struct ref_file {
    int outcome;
    uint64_t fault;
    enum { REF_NOTHING, REF_FILE, REF_STREAM } known; /* the file, and its metadata and records */
    uint64_t file_size;                               /* UINT64_MAX: unknown, standard input was not read to its end */
    uint64_t stream_size;                             /* of metadata and records */
    bool compressed, fragment, ts_out;
    uint64_t frames;              /* complete ones */
    struct dbn_metadata metadata; /* empty for a fragment. The caller frees it with dbn_metadata_free() */
    uint64_t records_end;         /* in the stream: where the last record ends */
};

/* Reads it, and calls each() for up to max_records of its records (UINT64_MAX: all), until that says false. Where it
 * stops so is a clean end. */
void ref_read(const char *path, const struct input_options *options, uint64_t max_records, struct ref_file *file,
              bool (*each)(void *arg, const struct ref_file *file, const struct ref_record *r), void *arg);

/* An integer field of the record at p, or a character; signed ones with their sign extended. */
uint64_t ref_value(const uint8_t *p, const struct dbn_field *f);
/* Do the sums of prices and sizes include this record? Those of layouts that have both. */
bool ref_price_size(const struct ref_record *r, uint64_t *price, uint64_t *size);

/* How the reference decode of a whole file ends, and what each sink should find in it. */
struct ref_result {
    int outcome;
    uint64_t fault;
    struct tally tally[SINKS_MOST]; /* in the order of sinks[]; for pairs see sink_expected() */
    uint64_t sums[SUMS];            /* of the sink `sum` */
    uint64_t records;               /* counted */
    uint64_t records_end;           /* in the stream: where the last of them ends */
    bool compressed;
};

/* Decodes up to max_records, as ref_read() does. */
void ref_decode(const char *path, const struct input_options *options, uint64_t max_records, struct ref_result *r);

enum {
    LINE_NAMES = 8192, /* for up to 80 fields, each with a name of up to 30 characters and a number of up to 20 */
    LINE_SIZE = DBN_MAX_RECORD * ESCAPE_MOST + LINE_NAMES,
};

/* A record as a line: appends it to `to`, which has room for LINE_SIZE, and returns the end. It is a JSON object with
 * every field, reserved bytes too; n: the record's number. What is behind the known layout is "extra", a record without
 * a layout has a "body", both in hex; a ts_out is the last field. */
char *line_json(char *to, const struct ref_record *r, uint64_t n, bool ts_out);

/* The official columns in their order, integers raw. What is reserved or behind the layout is in none of them. */
char *line_csv_header(char *to, const struct dbn_layout *layout, bool ts_out);
char *line_csv(char *to, const struct ref_record *r, bool ts_out);

/* The value of one field of the record at p, as in line_json(). */
char *line_value(char *to, const uint8_t *p, const struct dbn_field *f);

/* Prints what is in a file: a row a fact, or one JSON object, behind the text `before`. That is everything as far as
 * the file could be read before the outcome, which is returned, with its *fault; of one that cannot be opened there are
 * no rows. Numbers of 64 bits are exact. With symbols, also the lists and mappings. */
int info_print(const char *path, const struct input_options *options, bool json, bool symbols, const char *before,
               FILE *to, uint64_t *fault);

#endif
