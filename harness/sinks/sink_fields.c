/* Every field of every record, loaded and folded into the digest: by 8-byte words, of which masks leave out what is
 * reserved. What short records of different types have to be added up takes the same steps, without a branch. */
#include "fields.h"
#include "../../dbn/tables.h"
#include "../../dbn/walk.h"
#include "digest.h"
#include "layouts.h"
#include "sink.h"

#include <stdlib.h>

enum { WORD = 8, WORDS = (DBN_MAX_RECORD + WORD - 1) / WORD, SHORT_WORDS = 12, SHORT = SHORT_WORDS * WORD };

struct fields {
    struct tally tally;
    const struct fields_way *way;
};

/* --- what words are multiplied by and which of their bits count: set before main(), and then only read --- */

static uint64_t keys[WORDS], masks[LAYOUTS][WORDS];

/* Short records that are as long as their layout, or by a ts_out longer: as if all had SHORT_WORDS words. */
static struct shape {
    _Alignas(32) uint64_t mask[SHORT_WORDS], present[SHORT_WORDS];
} shapes[2 * LAYOUTS];
static uint8_t shape_of[1 << 16]; /* by kind; 0: none */

static void mask_reserved(uint64_t mask[WORDS], const struct dbn_layout *layout)
{
    for (size_t i = 0; i < layout->fields; i++)
        for (size_t at = layout->field[i].offset; at < (size_t)layout->field[i].offset + layout->field[i].size; at++)
            if (layout->field[i].type == DBN_TYPE_PAD)
                mask[at / WORD] &= ~(UINT64_C(0xFF) << 8 * (at % WORD));
}

static void set_shape(unsigned rtype, size_t size)
{
    const struct dbn_layout *layout = dbn_layout_of((uint8_t)rtype, size);
    if (!layout || (size != layout->size && size != layout->size + (size_t)DBN_TS_OUT_SIZE))
        return;
    size_t of = 1 + (size_t)(layout - dbn_layout), shape = of + (size > layout->size ? LAYOUTS : 0);
    shape_of[rtype << 8 | size / 4] = (uint8_t)shape;
    for (size_t i = 0; i < size / WORD; i++) {
        shapes[shape].mask[i] = masks[of][i];
        shapes[shape].present[i] = UINT64_MAX;
    }
}

__attribute__((constructor)) static void set_masks(void)
{
    memset(masks, 0xFF, sizeof masks);
    for (size_t i = 0; i < DBN_LAYOUTS; i++)
        mask_reserved(masks[1 + i], &dbn_layout[i]);
    for (size_t i = 0; i < WORDS; i++)
        keys[i] = digest_word_key(i);
    for (unsigned rtype = 0; rtype < 256; rtype++)
        for (size_t size = DBN_HEADER_SIZE; size <= SHORT; size += WORD)
            set_shape(rtype, size);
}

/* --- on every processor --- */

/* Of the record's words from number i on. */
DBN_INLINE uint64_t words_of(const uint8_t *p, size_t size, uint64_t place, size_t i)
{
    const uint64_t *mask = masks[layouts_at(p)];
    uint64_t sum = 0;
    for (; i < size / WORD; i++)
        sum += digest_word(dbn_load_u64(p + i * WORD) & mask[i], keys[i] ^ place);
    return size % WORD ? sum + digest_word(dbn_load_u32(p + i * WORD) & mask[i], keys[i] ^ place) : sum;
}

DBN_INLINE void one_plain(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    *(uint64_t *)state += words_of(p, size, digest_place(offset), 0);
}

DBN_INLINE const uint8_t *run_plain(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    size_t size = dbn_record_size(p);
    uint16_t kind = dbn_kind(p);
    const uint8_t *last = end - size;
    uint64_t digest = 0;
    for (; dbn_run_goes_on(p, last, kind); p += size, offset += size)
        digest += words_of(p, size, digest_place(offset), 0);
    *(uint64_t *)state += digest;
    return p;
}

static size_t take_plain(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct tally *t = &((struct fields *)self)->tally;
    uint64_t digest = t->digest;
    size_t taken = dbn_take(&digest, p, n, offset, &t->records, one_plain, run_plain);
    t->bytes += taken;
    t->digest = digest;
    return taken;
}

static const struct fields_way plain = {.name = "plain", .take = take_plain};

/* --- four words at a time --- */

#ifdef __x86_64__
#include <immintrin.h>

#define TARGET __attribute__((target("avx2")))
enum { LANES = 4 };

struct state {
    __m256i sum;
    const uint8_t *end;
};

TARGET DBN_INLINE __m256i load(const void *p)
{
    return _mm256_loadu_si256(p);
}

/* digest_word() of four words, but for the present ones; a word that is absent has a mask of 0. */
TARGET DBN_INLINE __m256i four(const uint8_t *p, __m256i mask, __m256i key, __m256i present)
{
    __m256i word = _mm256_and_si256(load(p), mask);
    __m256i x = _mm256_and_si256(_mm256_xor_si256(word, key), present);
    return _mm256_add_epi64(_mm256_mul_epu32(x, _mm256_srli_epi64(x, 32)), word);
}

TARGET DBN_INLINE __m256i any_record(const uint8_t *p, size_t size, uint64_t offset)
{
    const uint64_t *mask = masks[layouts_at(p)], place = digest_place(offset);
    __m256i places = _mm256_set1_epi64x((int64_t)place), ones = _mm256_set1_epi64x(-1), sum = _mm256_setzero_si256();
    size_t i = 0;
    for (; i + LANES <= size / WORD; i += LANES)
        sum = _mm256_add_epi64(sum, four(p + i * WORD, load(mask + i), _mm256_xor_si256(load(keys + i), places), ones));
    return _mm256_add_epi64(sum, _mm256_set_epi64x(0, 0, 0, (int64_t)words_of(p, size, place, i)));
}

TARGET DBN_INLINE void one_avx2(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    struct state *s = state;
    unsigned of = shape_of[dbn_kind(p)];
    if (__builtin_expect(of == 0 || (size_t)(s->end - p) < SHORT, 0)) {
        s->sum = _mm256_add_epi64(s->sum, any_record(p, size, offset));
        return;
    }
    __m256i place = _mm256_set1_epi64x((int64_t)digest_place(offset));
    for (size_t i = 0; i < SHORT_WORDS; i += LANES)
        s->sum = _mm256_add_epi64(s->sum, four(p + i * WORD, load(shapes[of].mask + i),
                                               _mm256_xor_si256(load(keys + i), place), load(shapes[of].present + i)));
}

/* Of a run of records of one shape, up to the last one behind which as much may be read: in so many blocks. */
TARGET DBN_INLINE const uint8_t *short_run(struct state *s, const uint8_t *p, const uint8_t *far, uint64_t offset,
                                           size_t blocks)
{
    const struct shape *shape = &shapes[shape_of[dbn_kind(p)]];
    size_t size = dbn_record_size(p);
    uint16_t kind = dbn_kind(p);
    __m256i sum = s->sum, at = _mm256_set1_epi64x((int64_t)((offset + 1) * DIGEST_OFFSET));
    const __m256i step = _mm256_set1_epi64x((int64_t)(size * DIGEST_OFFSET));
    for (; dbn_run_goes_on(p, far, kind); p += size) {
        __m256i place = _mm256_xor_si256(at, _mm256_srli_epi64(at, 32));
        for (size_t i = 0; i < blocks * LANES; i += LANES)
            sum = _mm256_add_epi64(sum, four(p + i * WORD, load(shape->mask + i),
                                             _mm256_xor_si256(load(keys + i), place), load(shape->present + i)));
        at = _mm256_add_epi64(at, step);
    }
    s->sum = sum;
    return p;
}

TARGET DBN_INLINE const uint8_t *run_avx2(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    struct state *s = state;
    const uint8_t *begin = p;
    size_t size = dbn_record_size(p);
    uint16_t kind = dbn_kind(p);
    const uint8_t *last = end - size;
    if (shape_of[kind] && (size_t)(end - p) >= SHORT)
        p = size > 64 ? short_run(s, p, end - SHORT, offset, 3) : short_run(s, p, end - SHORT, offset, 2);
    for (; dbn_run_goes_on(p, last, kind); p += size)
        s->sum = _mm256_add_epi64(s->sum, any_record(p, size, offset + (uint64_t)(p - begin)));
    return p;
}

TARGET static size_t take_avx2(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct tally *t = &((struct fields *)self)->tally;
    struct state s = {_mm256_setzero_si256(), p + n};
    size_t taken = dbn_take(&s, p, n, offset, &t->records, one_avx2, run_avx2);
    uint64_t sum[LANES];
    memcpy(sum, &s.sum, sizeof sum);
    t->bytes += taken;
    t->digest += sum[0] + sum[1] + sum[2] + sum[3];
    return taken;
}

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2");
}

static const struct fields_way avx2 = {"avx2", has_avx2, take_avx2};
#endif

const struct fields_way *const fields_ways[] = {
    &plain,
#ifdef __x86_64__
    &avx2,
#endif
    NULL,
};

/* --- the sink --- */

static int fields_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    struct fields *f = self;
    (void)plan;
    f->way = sink->way;
    for (size_t i = 0; !sink->way && fields_ways[i]; i++)
        if (!fields_ways[i]->usable || fields_ways[i]->usable())
            f->way = fields_ways[i];
    return 0;
}

static size_t fields_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return ((const struct fields *)self)->way->take(self, p, n, offset);
}

static void fields_end(void *self, struct tally *t)
{
    *t = ((struct fields *)self)->tally;
    free(self);
}

const struct sink sink_fields = {
    .name = "fields",
    .summary = "load every field of every record and fold it into a digest",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_fields,
    .size = sizeof(struct fields),
    .begin = fields_begin,
    .take = fields_take,
    .end = fields_end,
};
