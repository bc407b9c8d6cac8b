/* The inverse of metadata.c: metadata and the framing of records, written into memory. No files. The records
 * themselves are the structs of record.h, copied to where they belong. */
#ifndef DBN_ENCODE_H
#define DBN_ENCODE_H

#include "dbn.h"

DBN_API_BEGIN

/* Bytes that grow. All zero is an empty one; its owner frees `bytes`. */
struct dbn_buffer {
    uint8_t *bytes;
    size_t size, room;
};

/* Makes room for n bytes more, and counts them in. Returns where they begin, or NULL without memory. */
uint8_t *dbn_buffer_extend(struct dbn_buffer *b, size_t n);

struct dbn_symbols_spec {
    uint32_t count;
    const char *const *symbol; /* each NUL-terminated, or at most symbol_cstr_len bytes */
};

struct dbn_mapping_spec {
    const char *raw_symbol;
    uint32_t intervals;
    const struct dbn_interval *interval;
};

/* What dbn_read_metadata() is to find; the fields mean what they do in struct dbn_metadata. */
struct dbn_metadata_spec {
    uint8_t version;
    const char *dataset; /* at most 15 characters */
    uint16_t schema;
    uint64_t start, end, limit;
    uint8_t stype_in, stype_out;
    bool ts_out;
    uint16_t symbol_cstr_len; /* 22 in version 1, usually 71 in the others */
    struct dbn_symbols_spec symbols, partial, not_found;
    uint32_t mappings;
    const struct dbn_mapping_spec *mapping;
};

/* What writers use: the only length there is in version 1, and the usual one of the others. */
uint16_t dbn_symbol_cstr_len(uint8_t version);

/* Appends the metadata. 0; -EINVAL: an unknown version, or a text or symbol that does not fit with its NUL;
 * -EOVERFLOW: more than the length field can say; -ENOMEM. After an error the buffer is as before. */
int dbn_encode_metadata(const struct dbn_metadata_spec *md, struct dbn_buffer *to);

/* Frames the record of `size` bytes at p: sets length and rtype, and puts *ts_out (unless it is NULL) behind it. size:
 * from DBN_HEADER_SIZE to DBN_MAX_RECORD with the suffix, a multiple of 4. Returns the size with the suffix. */
size_t dbn_encode_record(uint8_t *p, size_t size, uint8_t rtype, const uint64_t *ts_out);

DBN_API_END

#endif
