/* Every field of every record, loaded by its own type and folded into the digest. Per layout one function, and one loop
 * for a run of records of exactly that layout, both made from records.def. */
#include "../../dbn/walk.h"
#include "digest.h"
#include "layouts.h"
#include "sink.h"

#include <stdlib.h>

/* A field as an unsigned number of its own size. */
#define BITS_chr(p) dbn_load_chr(p)
#define BITS_i8(p) (uint8_t) dbn_load_i8(p)
#define BITS_u8(p) dbn_load_u8(p)
#define BITS_i16(p) (uint16_t) dbn_load_i16(p)
#define BITS_u16(p) dbn_load_u16(p)
#define BITS_i32(p) (uint32_t) dbn_load_i32(p)
#define BITS_u32(p) dbn_load_u32(p)
#define BITS_i64(p) (uint64_t) dbn_load_i64(p)
#define BITS_u64(p) dbn_load_u64(p)

DBN_INLINE void digest_header(struct digest *d, const uint8_t *p)
{
#define HEADER_FIELD(type, name, at) digest_field(d, BITS_##type(p + (at)), at);
#include "../../dbn/records.def"
}

#define RECORD(id, Name, bytes)                                                                                        \
    DBN_INLINE struct digest fields_of_##id(const uint8_t *p, uint64_t offset)                                         \
    {                                                                                                                  \
        struct digest d = digest_begin(offset);                                                                        \
        digest_header(&d, p);
#define FIELD(type, name, at, column) digest_field(&d, BITS_##type(p + (at)), at);
#define TEXT(name, at, bytes, column) digest_bytes(&d, p + (at), bytes);
#define END_RECORD(id)                                                                                                 \
    return d;                                                                                                          \
    }
#include "../../dbn/records.def"

/* Records longer than their layout, and those of no layout. */
static uint64_t with_rest(struct digest d, const uint8_t *p, size_t known, size_t size)
{
    if (size > known)
        digest_bytes(&d, p + known, size - known);
    return digest_end(d);
}

#define RECORD(id, Name, bytes)                                                                                        \
    static uint64_t record_of_##id(const uint8_t *p, size_t size, uint64_t offset)                                     \
    {                                                                                                                  \
        return with_rest(fields_of_##id(p, offset), p, bytes, size);                                                   \
    }                                                                                                                  \
    __attribute__((noinline)) static const uint8_t *run_of_##id(const uint8_t *p, const uint8_t *end, uint64_t offset, \
                                                                uint64_t *digest)                                      \
    {                                                                                                                  \
        uint16_t kind = dbn_kind(p);                                                                                   \
        const uint8_t *last = end - bytes;                                                                             \
        uint64_t sum = 0;                                                                                              \
        for (; dbn_run_goes_on(p, last, kind); p += bytes, offset += bytes) {                                          \
            __builtin_prefetch(p + DBN_PREFETCH);                                                                      \
            sum += digest_end(fields_of_##id(p, offset));                                                              \
        }                                                                                                              \
        *digest += sum;                                                                                                \
        return p;                                                                                                      \
    }
#include "../../dbn/records.def"

static uint64_t unknown_record(const uint8_t *p, size_t size, uint64_t offset)
{
    struct digest d = digest_begin(offset);
    digest_header(&d, p);
    return with_rest(d, p, DBN_HEADER_SIZE, size);
}

DBN_INLINE void fields_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    uint64_t *digest = state;
    switch (layouts_at(p)) {
#define RECORD(id, Name, bytes)                                                                                        \
    case LAYOUT(id):                                                                                                   \
        *digest += record_of_##id(p, size, offset);                                                                    \
        return;
#include "../../dbn/records.def"
    default:
        *digest += unknown_record(p, size, offset);
    }
}

DBN_INLINE const uint8_t *fields_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    const uint8_t *begin = p;
    size_t size = dbn_record_size(p);
    switch (layouts_at(p)) {
#define RECORD(id, Name, bytes)                                                                                        \
    case LAYOUT(id):                                                                                                   \
        if (size == (bytes))                                                                                           \
            p = run_of_##id(p, end, offset, state);                                                                    \
        break;
#include "../../dbn/records.def"
    default:
        break;
    }
    if (p == begin) { /* records of no layout, or longer than theirs */
        fields_one(state, p, size, offset);
        return p + size;
    }
    return p;
}

static size_t fields_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct tally *t = self;
    uint64_t digest = t->digest;
    size_t taken = dbn_take(&digest, p, n, offset, &t->records, fields_one, fields_run);
    t->bytes += taken;
    t->digest = digest;
    return taken;
}

static void fields_end(void *self, struct tally *t)
{
    *t = *(struct tally *)self;
    free(self);
}

const struct sink sink_fields = {
    .name = "fields",
    .summary = "load every field of every record and fold it into a digest",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_fields,
    .size = sizeof(struct tally),
    .take = fields_take,
    .end = fields_end,
};
