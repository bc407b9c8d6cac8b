/* Guards what `fields` finds: the same in every way of finding it, and something else once bytes, fields or records
 * have changed, or changed places. */
#include "../../dbn/tables.h"
#include "../../harness/sinks/digest.h"
#include "../../harness/sinks/fields.h"
#include "../support.h"

static uint64_t found(const struct fields_way *way, const uint8_t *p, size_t n, uint64_t offset)
{
    struct sink sink = *sink_find("fields");
    struct tally t;
    void *self;
    sink.way = way;
    CHECK_EQ_I64(sink_begin(&sink, &(struct sink_plan){0}, &self), 0);
    CHECK_EQ_U64(sink.take(self, p, n, offset), n);
    sink.end(self, &t);
    return t.digest;
}

static uint64_t expected(const uint8_t *p, size_t n, uint64_t offset)
{
    uint64_t sum = 0;
    for (size_t at = 0, size; at < n; at += size) {
        size = dbn_record_size(p + at);
        struct ref_record r = {p + at, size, offset + at, dbn_layout_of(p[at + 1], size)};
        sum += expect_fields(NULL, &r);
    }
    return sum;
}

static const struct fields_way *nth_way(size_t i)
{
    const struct fields_way *way = fields_ways[i];
    return !way || !way->usable || way->usable() ? way : NULL;
}

/* Runs of every type and length, and records alone, which end where the memory does; their bytes are random, reserved
 * ones too. */
TEST(all_ways_find_the_same)
{
    static struct pieces memory;
    uint8_t p[13 * DBN_MAX_RECORD];
    struct dbn_span span;
    uint64_t seed = 3;
    for (unsigned rtype = 0; rtype < 256; rtype++)
        for (size_t size = 16; size <= DBN_MAX_RECORD; size += size < 128 || size > 512 - 8 ? 4 : 60) {
            size_t n = 1 + size % 7 * (size % 3);
            for (size_t i = 0; i < n * size; i++)
                p[i] = (uint8_t)stats_random(&seed);
            for (size_t i = 0; i < n; i++)
                p[i * size] = (uint8_t)(size / 4), p[i * size + 1] = (uint8_t)rtype;
            pieces_set(&memory, p, n * size, n * size);
            memory.edge = EDGE_END;
            CHECK_EQ_I64(pieces_next(&memory, 1, &span), 1);
            for (size_t i = 0; nth_way(i); i++)
                CHECK_FOR(found(nth_way(i), span.ptr, span.len, 77) == expected(p, n * size, 77),
                          "%s: type %u, %zu times %zu bytes", nth_way(i)->name, rtype, n, size);
        }
    pieces_free(&memory);
}

/* --- what must not be missed --- */

enum { RECORDS = 400 };

struct stream {
    struct bytes all;
    uint8_t *p;
    size_t n, records, at[RECORDS + 1];
    const struct fields_way *way;
    uint64_t digest, tried, missed;
};

static struct stream stream_of(const char *schema, const struct fields_way *way)
{
    struct stream s = {.all = generated_stream(schema, 3, RECORDS, false), .way = way};
    size_t begin = first_record(s.all);
    s.p = s.all.p + begin;
    s.n = s.all.n - begin;
    for (size_t at = 0; at < s.n; at += dbn_record_size(s.p + at))
        s.at[s.records++] = at;
    s.at[s.records] = s.n;
    s.digest = found(way, s.p, s.n, 0);
    return s;
}

static bool is_reserved(const uint8_t *p, size_t at)
{
    const struct dbn_layout *l = dbn_layout_of(p[1], dbn_record_size(p));
    for (size_t i = 0; l && i < l->fields; i++)
        if (at >= l->field[i].offset && at < (size_t)l->field[i].offset + l->field[i].size)
            return l->field[i].type == DBN_TYPE_PAD;
    return false;
}

/* n bytes of the stream change places with others, and then go back. Reserved ones do not count. */
static void swap(struct stream *s, size_t a, size_t b, size_t n)
{
    uint8_t keep[DBN_MAX_RECORD];
    if (memcmp(s->p + a, s->p + b, n) == 0)
        return;
    for (int back = 0; back < 2; back++) {
        memcpy(keep, s->p + a, n), memcpy(s->p + a, s->p + b, n), memcpy(s->p + b, keep, n);
        if (back)
            continue;
        s->tried++;
        s->missed += found(s->way, s->p, s->n, 0) == s->digest;
    }
}

static size_t pick(uint64_t *seed, size_t n)
{
    return (size_t)(stats_random(seed) % n);
}

/* Of one record or of two, at the same place or at any; and whole words. */
static void swap_bytes(struct stream *s, uint64_t *seed)
{
    for (int i = 0; i < 3000; i++) {
        size_t a = s->at[pick(seed, s->records)], b = i % 3 ? s->at[pick(seed, s->records)] : a;
        size_t size = dbn_record_size(s->p + a), other = dbn_record_size(s->p + b), n = i % 5 == 0 ? 8 : 1;
        size_t in_a = 2 + pick(seed, size - n - 1), in_b = i % 2 ? in_a : 2 + pick(seed, other - n - 1);
        bool counts = in_b + n <= other && (a != b || in_a + n <= in_b || in_b + n <= in_a);
        for (size_t k = 0; k < n && counts; k++)
            counts = !is_reserved(s->p + a, in_a + k) && !is_reserved(s->p + b, in_b + k);
        if (counts)
            swap(s, a + in_a, b + in_b, n);
    }
}

/* Of the low byte of ts_event, where places are multiples of 256 apart, and of one field with its like in a record. */
static void swap_alike(struct stream *s)
{
    for (size_t i = 0; i < s->records; i++)
        for (size_t k = i + 1; k < s->records; k++)
            if ((s->at[k] - s->at[i]) % 256 == 0 && s->p[s->at[i] + 1] == s->p[s->at[k] + 1])
                swap(s, s->at[i] + 8, s->at[k] + 8, 1);
    for (size_t i = 0; i < s->records; i++) {
        const struct dbn_layout *l = dbn_layout_of(s->p[s->at[i] + 1], s->at[i + 1] - s->at[i]);
        for (size_t k = 1; l && k < l->fields; k++)
            for (size_t j = k < 12 ? 0 : k - 12; j < k; j++)
                if (l->field[j].type == l->field[k].type && l->field[j].size == l->field[k].size &&
                    l->field[k].type != DBN_TYPE_PAD && i % 4 == 0)
                    swap(s, s->at[i] + l->field[j].offset, s->at[i] + l->field[k].offset, l->field[k].size);
    }
}

static void swap_records(struct stream *s, uint64_t *seed)
{
    for (int i = 0; i < 1500; i++) {
        size_t a = pick(seed, s->records), b = pick(seed, s->records), size = s->at[a + 1] - s->at[a];
        if (a != b && s->at[b + 1] - s->at[b] == size)
            swap(s, s->at[a], s->at[b], size);
    }
}

static void flip_bits(struct stream *s, uint64_t *seed)
{
    for (int i = 0; i < 3000; i++) {
        size_t at = s->at[pick(seed, s->records)], in = 2 + pick(seed, dbn_record_size(s->p + at) - 2);
        uint8_t bit = (uint8_t)(1u << pick(seed, 8));
        if (is_reserved(s->p + at, in))
            continue;
        s->p[at + in] ^= bit;
        s->tried++;
        s->missed += found(s->way, s->p, s->n, 0) == s->digest;
        s->p[at + in] ^= bit;
    }
}

/* A record goes some places further, which moves those in between. */
static void move_records(struct stream *s, uint64_t *seed)
{
    uint8_t *copy = malloc(s->n);
    CHECK(copy);
    for (int i = 0; i < 500; i++) {
        size_t a = pick(seed, s->records - 1),
               b = a + 1 + pick(seed, s->records - 1 - a > 20 ? 20 : s->records - 1 - a);
        size_t from = s->at[a], size = s->at[a + 1] - from, n = s->at[b + 1] - s->at[a + 1];
        memcpy(copy, s->p, s->n);
        memcpy(copy + from, s->p + from + size, n);
        memcpy(copy + from + n, s->p + from, size);
        if (memcmp(copy, s->p, s->n) == 0)
            continue;
        s->tried++;
        s->missed += found(s->way, copy, s->n, 0) == s->digest;
    }
    free(copy);
}

TEST(no_change_is_missed)
{
    static const char *const schemas[] = {"trades", "mbo", "mixed", "all", "definition"};
    uint64_t seed = 11;
    for (size_t i = 0; nth_way(i); i++)
        for (size_t k = 0; k < LENGTH(schemas); k++) {
            struct stream s = stream_of(schemas[k], nth_way(i));
            swap_alike(&s);
            swap_records(&s, &seed);
            if (!SANITIZED || k == 2) {
                swap_bytes(&s, &seed);
                flip_bits(&s, &seed);
                move_records(&s, &seed);
            }
            CHECK_FOR(s.missed == 0 && s.tried > 500, "%s, %s: %ju of %ju changes missed", nth_way(i)->name, schemas[k],
                      (uintmax_t)s.missed, (uintmax_t)s.tried);
            printf("%s, %s: none of %ju changes missed\n", nth_way(i)->name, schemas[k], (uintmax_t)s.tried);
            free(s.all.p);
        }
}

TESTS(CASE(all_ways_find_the_same), CASE(no_change_is_missed));
