/* What is in a file: its metadata, and counts and sums over its records. */
#ifndef HARNESS_INFO_H
#define HARNESS_INFO_H

#include "reference.h"

#include <stdio.h>

/* Everything as far as the file could be read before the outcome. */
struct info {
    const char *name; /* without its folder; points into the path */
    int outcome;
    uint64_t fault;
    enum { INFO_NOTHING, INFO_FILE, INFO_STREAM } known; /* the file, and its metadata and records */
    struct ref_facts facts;
    uint8_t fragment_version;     /* 0: unknown */
    struct dbn_metadata metadata; /* empty for a fragment */
    uint64_t records, bytes;
    uint64_t ts_event_sum, price_sum, size_sum; /* mod 2^64; the latter two of records that have both */
    uint64_t rtype_counts[256];
    uint64_t unknown_rtypes, size_mismatches; /* known types of a length that none of their layouts has */
    uint64_t trailing_bytes;                  /* behind the last whole record */
    uint32_t crc32;                           /* zlib's, of all records' bytes */
};

void info_read(const char *path, const struct input_options *options, struct info *info);
void info_free(struct info *info);

/* "raw", "zstd" or "dbz". */
const char *info_container(const struct info *info);
/* DBN version, 0 if unknown. */
unsigned info_version(const struct info *info);

/* A row a fact, or one JSON object. Numbers of 64 bits are exact. With symbols, also the lists and mappings. */
void info_print(const struct info *info, bool json, bool symbols, FILE *to);

#endif
