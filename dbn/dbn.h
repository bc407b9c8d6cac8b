/* The decoder core: metadata, then records, out of any source. No files, threads, clocks, printing or globals. */
#ifndef DBN_DBN_H
#define DBN_DBN_H

#include "outcome.h"
#include "record.h"

DBN_API_BEGIN

/* --- where bytes come from: a stream lent piece by piece. Backends are sources; so is dbn_zstd, which wraps one --- */

struct dbn_span {
    const uint8_t *ptr;
    size_t len;
    uint64_t offset; /* of ptr[0], from the start of the stream (of the inflated one behind dbn_zstd) */
};

/* next() lends the bytes of the stream once, in order. need: the fewest bytes with which the caller can go on. A hint:
 * any number may be lent, but at least one. Returns 1: *out holds bytes, valid until the next call or the close; 0: end
 * of stream; < 0: an error (see outcome.h), and out->offset says where, in bytes from the start of the file. */
struct dbn_source {
    int (*next)(void *self, size_t need, struct dbn_span *out);
    void *self;
};

/* How much the decoder asks of its source at a time. What was lent beyond that is used as it comes. */
enum dbn_step {
    DBN_STEP_BLOCK,  /* whatever comes */
    DBN_STEP_RECORD, /* the header, then the rest of the record */
    DBN_STEP_FIELD,  /* every field by itself, as a naive reader does; length and rtype, which say what
                        follows, together */
};

/* What consumes records. take() walks whole, length-valid records from p (see dbn_walk), works on them as it goes and
 * returns the bytes it took; it stops in front of the first record that is cut off or invalid. A sink that does
 * not care for records takes all n. `offset` is p's in the stream. DBN_NO_MEMORY ends the decode with -ENOMEM. */
#define DBN_NO_MEMORY SIZE_MAX
struct dbn_sink {
    size_t (*take)(void *self, const uint8_t *p, size_t n, uint64_t offset);
    void *self;
};

struct dbn_decoder {
    struct dbn_source source;
    enum dbn_step step;
    struct dbn_span span; /* lent and not yet used */
    uint64_t offset;      /* in the stream: where the next byte to be used lies */
    uint64_t fault;       /* where the error lies that a call returned; see dbn_outcome_in_file() */
    uint64_t joined;      /* bytes of records that were copied to carry so far */
    size_t carried;
    uint8_t carry[DBN_MAX_RECORD]; /* the pieces of a record, while they are joined */
};

void dbn_decoder_init(struct dbn_decoder *d, struct dbn_source source, enum dbn_step step);

/* A list of count symbols, each symbol_cstr_len bytes, NUL-padded, and not always NUL-terminated. */
struct dbn_symbols {
    uint32_t count;
    const char *first;
};

/* The symbol number i of a list, counted from 0. */
DBN_INLINE const char *dbn_symbol_at(const struct dbn_symbols *list, uint16_t symbol_cstr_len, uint32_t i)
{
    return list->first + (size_t)i * symbol_cstr_len;
}

enum { DBN_SCHEMA_NONE = 0xFFFF, DBN_STYPE_NONE = 0xFF, DBN_VERSIONS = 3 };

struct dbn_metadata {
    uint8_t version;
    char dataset[17];
    uint16_t schema;             /* DBN_SCHEMA_NONE: mixed */
    uint64_t start, end;         /* ns since 1970; end: DBN_UNDEF_TIME if open */
    uint64_t limit;              /* records asked for, 0: no limit. Not a promise */
    uint8_t stype_in, stype_out; /* DBN_STYPE_NONE: mixed */
    bool ts_out;                 /* every record ends with 8 more bytes, the sending time */
    uint16_t symbol_cstr_len;
    struct dbn_symbols symbols, partial, not_found;
    uint32_t mappings, intervals; /* how many, over all mappings */
    const uint8_t *mapping;       /* the first one; see dbn_mapping_next() */
    uint64_t first_record_offset;
    uint8_t *block; /* owned: what the lists point into */
};

#define DBN_METADATA_LIMIT (64u << 20)

/* Reads the metadata at the start of the stream. Memory grows with the bytes that arrive, never with the length the
 * file claims; a claim beyond `limit` bytes is refused. 0, or an error with d->fault set; *md is then empty.
 * On success the caller owns *md and frees it with dbn_metadata_free(). A fragment has none: do not call it. */
int dbn_read_metadata(struct dbn_decoder *d, uint64_t limit, struct dbn_metadata *md);
void dbn_metadata_free(struct dbn_metadata *md);

struct dbn_interval {
    uint32_t start_date, end_date; /* YYYYMMDD; the end is exclusive */
    const char *symbol;
};

struct dbn_mapping {
    const char *raw_symbol;
    uint32_t intervals;
    const uint8_t *interval; /* see dbn_interval_at() */
    const uint8_t *next;     /* the next mapping */
};

/* The mapping at p: md->mapping for the first, then .next, md->mappings times. */
struct dbn_mapping dbn_mapping_at(const struct dbn_metadata *md, const uint8_t *p);
struct dbn_interval dbn_interval_at(const struct dbn_metadata *md, const struct dbn_mapping *m, uint32_t i);

/* "trades" and the like, or NULL for a number without a name. */
const char *dbn_schema_name(uint16_t schema);
const char *dbn_stype_name(uint8_t stype);
/* The layout of its records in files of this version; NULL if the schema is none with records of one type. */
const struct dbn_layout *dbn_schema_layout(uint16_t schema, uint8_t version);
/* The schema's number, or -1. */
int dbn_schema_number(const char *name);

/* Drives the source to its end and hands every record to the sink. Joins records that a span's end cut.
 * 0: clean end; < 0: error, d->fault says where. Whole records before it were handed on. */
int dbn_decode(struct dbn_decoder *d, struct dbn_sink sink);

DBN_API_END

#endif
