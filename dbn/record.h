/* Records in memory: unaligned loads, the walk from record to record, and the layouts of records.def as C. */
#ifndef DBN_RECORD_H
#define DBN_RECORD_H

#include "api.h"

#include <assert.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

DBN_API_BEGIN

#define DBN_INLINE static inline __attribute__((always_inline))

enum {
    DBN_HEADER_SIZE = 16,
    DBN_MAX_RECORD = 255 * 4, /* the length is one byte and counts 4-byte words */
    DBN_TS_OUT_SIZE = 8,
};

/* Records lie at any byte offset in files of versions 1 and 2, so every load goes through memcpy; compilers make
 * one plain load of it. Little-endian hosts only. p: of the field, such as of byte 8 of a record for its ts_event. */
static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "DBN is little-endian, and so must be the host");

typedef unsigned char dbn_chr; /* so that a value does not depend on whether char is signed */
typedef int8_t dbn_i8;
typedef uint8_t dbn_u8;
typedef int16_t dbn_i16;
typedef uint16_t dbn_u16;
typedef int32_t dbn_i32;
typedef uint32_t dbn_u32;
typedef int64_t dbn_i64;
typedef uint64_t dbn_u64;

#define DBN_LOAD(type)                                                                                                 \
    DBN_INLINE dbn_##type dbn_load_##type(const uint8_t *p)                                                            \
    {                                                                                                                  \
        dbn_##type value;                                                                                              \
        memcpy(&value, p, sizeof value);                                                                               \
        return value;                                                                                                  \
    }
DBN_LOAD(chr)
DBN_LOAD(i8)
DBN_LOAD(u8)
DBN_LOAD(i16)
DBN_LOAD(u16)
DBN_LOAD(i32)
DBN_LOAD(u32)
DBN_LOAD(i64)
DBN_LOAD(u64)
#undef DBN_LOAD

DBN_INLINE size_t dbn_record_size(const uint8_t *p)
{
    return (size_t)p[0] * 4;
}

/* Size in bytes of the record at p; 0 if what lies before end is not one whole, length-valid record. */
DBN_INLINE size_t dbn_walk(const uint8_t *p, const uint8_t *end)
{
    size_t left = (size_t)(end - p);
    if (left < DBN_HEADER_SIZE)
        return 0;
    size_t size = dbn_record_size(p);
    return size >= DBN_HEADER_SIZE && size <= left ? size : 0;
}

/* Records that share the first two bytes, size and rtype, form a run, as in a file of one schema. */
DBN_INLINE uint16_t dbn_kind(const uint8_t *p)
{
    return dbn_load_u16(p);
}

/* The structs. Their layout is that of the file, and they may lie at any address, so that the bytes of a record can be
 * read as one, by DBN_AS(). records.def says what fields mean. Integers have these units, unless a field's name or the
 * venue says otherwise:
 *   prices       of 1e-9 (DBN_PRICE_SCALE is one); DBN_UNDEF_PRICE: there is none
 *   times        nanoseconds since 1970, UTC; DBN_UNDEF_TIME: there is none
 *   ts_in_delta  nanoseconds from the venue's sending to ts_recv
 * Texts (char arrays) are padded with NULs; one that fills its array has no NUL. */
#define DBN_PRICE_SCALE INT64_C(1000000000)
#define DBN_UNDEF_PRICE INT64_MAX
#define DBN_UNDEF_TIME UINT64_MAX
#define DBN_ANYWHERE __attribute__((packed, may_alias))

struct DBN_ANYWHERE dbn_header {
#define HEADER_FIELD(type, name, offset) dbn_##type name;
#include "records.def"
};

#define RECORD(id, Name, size)                                                                                         \
    struct DBN_ANYWHERE dbn_##id {                                                                                     \
        struct dbn_header hd;
#define FIELD(type, name, offset, column) dbn_##type name;
#define TEXT(name, offset, size, column) char name[size];
#define PAD(name, offset, size) uint8_t name[size];
#define END_RECORD(id)                                                                                                 \
    }                                                                                                                  \
    ;
#include "records.def"

/* The record at p as one of these: DBN_AS(trade, p)->price. It has to be as long: see dbn_layout_of(). */
#define DBN_AS(id, p) ((const struct dbn_##id *)(const void *)(p))

enum dbn_layout_id {
#define RECORD(id, Name, size) DBN_LAYOUT_##id,
#include "records.def"
    DBN_LAYOUTS
};

/* The layouts as data, for what is not in a hurry. */
enum dbn_type {
    DBN_TYPE_chr,
    DBN_TYPE_i8,
    DBN_TYPE_u8,
    DBN_TYPE_i16,
    DBN_TYPE_u16,
    DBN_TYPE_i32,
    DBN_TYPE_u32,
    DBN_TYPE_i64,
    DBN_TYPE_u64,
    DBN_TYPE_TEXT,
    DBN_TYPE_PAD,
};

struct dbn_field {
    const char *name;
    uint16_t offset, size;
    uint8_t type;   /* enum dbn_type */
    uint8_t column; /* place in CSV output; 255 for reserved bytes */
};

struct dbn_layout {
    const char *name;
    uint16_t size;
    uint16_t fields; /* how many in field[], the header's not among them */
    const struct dbn_field *field;
};

/* The longest layout of this rtype that fits into a record of `size` bytes. NULL if the rtype is unknown or the
 * record too short for any of its layouts: then only the header may be touched. */
const struct dbn_layout *dbn_layout_of(uint8_t rtype, size_t size);

/* The layout's own field of this name, or NULL. */
const struct dbn_field *dbn_find_field(const struct dbn_layout *layout, const char *name);
/* Is it an integer with a sign? */
bool dbn_is_signed(const struct dbn_field *field);

/* The layout that files of this version have for records of this rtype, or NULL. */
const struct dbn_layout *dbn_layout_in(uint8_t rtype, uint8_t version);

/* "mbp-0", or NULL for an unknown rtype. */
const char *dbn_rtype_name(uint8_t rtype);

DBN_API_END

#endif
