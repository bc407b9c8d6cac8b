/* Guards the workloads: `fields` notices any bit of any field of any record, and where each record stands; `sum`,
 * `frame`, `touch` and `none` find what a few lines find by hand; and the tallies of parts add up to that of the whole.
 */
#include "../../dbn/encode.h"
#include "../../harness/sinks/digest.h"
#include "../support.h"

#include <errno.h>

static struct tally taken(const struct sink *sink, const uint8_t *p, size_t n, uint64_t offset)
{
    void *self;
    struct tally t;
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
    sink->take(self, p, n, offset);
    sink->end(self, &t);
    return t;
}

static struct sink_facts facts_of(const struct sink *sink, const uint8_t *p, size_t n)
{
    void *self;
    struct tally t;
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
    sink->take(self, p, n, 0);
    struct sink_facts facts = sink->facts(self);
    sink->end(self, &t);
    return facts;
}

static uint64_t fields(const uint8_t *p, size_t n, uint64_t offset)
{
    return taken(sink_find("fields"), p, n, offset).digest;
}

/* --- what `fields` notices --- */

enum { RUN = 12, CHANGED = 7 }; /* records in a run, and which of them gets changed */

static bool is_reserved(const struct dbn_layout *layout, size_t at)
{
    for (size_t i = 0; layout && i < layout->fields; i++)
        if (at >= layout->field[i].offset && at < (size_t)layout->field[i].offset + layout->field[i].size)
            return layout->field[i].type == DBN_TYPE_PAD;
    return false;
}

static void make_run(uint8_t *p, uint8_t rtype, size_t size, uint64_t seed)
{
    for (size_t i = 0; i < RUN * size; i++)
        p[i] = (uint8_t)stats_random(&seed);
    for (size_t i = 0; i < RUN; i++)
        dbn_encode_record(p + i * size, size, rtype, NULL);
}

/* Every bit but those of the length: in a record alone, and in one of a run. */
static void check_bits(uint8_t rtype, size_t size)
{
    static uint8_t p[RUN * DBN_MAX_RECORD];
    const struct dbn_layout *layout = dbn_layout_of(rtype, size);
    uint8_t *one = p + CHANGED * size;
    make_run(p, rtype, size, rtype * 1000u + size);
    uint64_t alone = fields(one, size, 5), in_run = fields(p, RUN * size, 5);
    for (size_t bit = 8; bit < size * 8; bit++) {
        bool reserved = is_reserved(layout, bit / 8);
        one[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK_FOR((fields(one, size, 5) == alone) == reserved, "type %u, size %zu, bit %zu alone", rtype, size, bit);
        CHECK_FOR((fields(p, RUN * size, 5) == in_run) == reserved, "type %u, size %zu, bit %zu in a run", rtype, size,
                  bit);
        one[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

TEST(any_bit_of_any_field)
{
#define RTYPE(value, name, id) check_bits(value, sizeof(struct dbn_##id));
#include "../../dbn/records.def"
}

/* Behind the known fields nothing is reserved: ts_out, and whatever a later version may add. */
TEST(any_bit_of_what_is_not_known)
{
    check_bits(0x00, sizeof(struct dbn_trade) + 8);
    check_bits(0xA0, sizeof(struct dbn_mbo) + 4);
    check_bits(0x12, sizeof(struct dbn_status) + 12);
    check_bits(0x13, sizeof(struct dbn_instrument_def_v3) + 8);
    check_bits(0xA0, sizeof(struct dbn_mbo) - 4);
    check_bits(0x18, 16);
    check_bits(0x77, 16);
    check_bits(0x77, 60);
    check_bits(0xFF, DBN_MAX_RECORD);
}

/* The length decides what is a record, so a change of it changes the tally, one way or the other. */
TEST(any_bit_of_the_length)
{
    static uint8_t p[RUN * DBN_MAX_RECORD];
#define RTYPE(value, name, id)                                                                                         \
    make_run(p, value, sizeof(struct dbn_##id), value);                                                                \
    for (unsigned bit = 0; bit < 8; bit++) {                                                                           \
        struct tally before = taken(sink_find("fields"), p, sizeof p, 0), after;                                       \
        p[CHANGED * sizeof(struct dbn_##id)] ^= (uint8_t)(1u << bit);                                                  \
        after = taken(sink_find("fields"), p, sizeof p, 0);                                                            \
        p[CHANGED * sizeof(struct dbn_##id)] ^= (uint8_t)(1u << bit);                                                  \
        CHECK_FOR(before.digest != after.digest, "%s, bit %u", #id, bit);                                              \
    }
#include "../../dbn/records.def"
}

struct stream {
    struct bytes bytes;
    size_t begin, records, at[400]; /* at[records]: the end */
};

static struct stream stream_of(const char *schema, uint64_t records)
{
    struct stream s = {.bytes = generated_stream(schema, 3, records, false)};
    s.begin = first_record(s.bytes);
    for (size_t at = s.begin; at < s.bytes.n; at += dbn_record_size(s.bytes.p + at))
        s.at[s.records++] = at;
    s.at[s.records] = s.bytes.n;
    CHECK_EQ_U64(s.records, records);
    return s;
}

static size_t size_at(const struct stream *s, size_t i)
{
    return s->at[i + 1] - s->at[i];
}

TEST(exchanged_records)
{
    static const char *const schemas[] = {"trades", "mbo", "all", "mixed"};
    for (size_t k = 0; k < LENGTH(schemas); k++) {
        struct stream s = stream_of(schemas[k], 120);
        uint8_t keep[DBN_MAX_RECORD];
        uint64_t digest = fields(s.bytes.p + s.begin, s.bytes.n - s.begin, s.begin), exchanged = 0;
        for (size_t i = 0; i < s.records; i++)
            for (size_t j = i + 1; j < s.records; j += SLOWER) {
                size_t size = size_at(&s, i);
                uint8_t *a = s.bytes.p + s.at[i], *b = s.bytes.p + s.at[j];
                if (size != size_at(&s, j) || memcmp(a, b, size) == 0)
                    continue;
                memcpy(keep, a, size), memcpy(a, b, size), memcpy(b, keep, size);
                uint64_t other = fields(s.bytes.p + s.begin, s.bytes.n - s.begin, s.begin);
                memcpy(keep, a, size), memcpy(a, b, size), memcpy(b, keep, size);
                CHECK_FOR(other != digest, "%s, records %zu and %zu", schemas[k], i, j);
                exchanged++;
            }
        CHECK_FOR(exchanged > 100, "%ju", (uintmax_t)exchanged);
        free(s.bytes.p);
    }
}

/* A record that comes one place later than it should, is there twice, or is missing. */
TEST(moved_doubled_and_lost_records)
{
    struct stream s = stream_of("all", 150);
    uint8_t *copy = malloc(s.bytes.n + DBN_MAX_RECORD);
    const uint8_t *p = s.bytes.p;
    uint64_t digest = fields(p + s.begin, s.bytes.n - s.begin, s.begin);
    CHECK(copy);
    for (size_t i = 0; i + 1 < s.records; i++) {
        size_t from = s.at[i], size = size_at(&s, i), next = size_at(&s, i + 1), n = s.bytes.n;
        memcpy(copy, p, n);
        memcpy(copy + from, p + from + size, next);
        memcpy(copy + from + next, p + from, size);
        CHECK_FOR(fields(copy + s.begin, n - s.begin, s.begin) != digest, "record %zu one place later", i);
        memcpy(copy, p, from + size);
        memcpy(copy + from + size, p + from, n - from);
        CHECK_FOR(fields(copy + s.begin, n + size - s.begin, s.begin) != digest, "record %zu twice", i);
        memcpy(copy + from, p + from + size, n - from - size);
        CHECK_FOR(fields(copy + s.begin, n - size - s.begin, s.begin) != digest, "record %zu lost", i);
    }
    free(copy);
    free(s.bytes.p);
}

/* One record at many places: no two digests are alike. */
TEST(places_count)
{
    static uint64_t digests[20000];
    struct stream s = stream_of("mbo", 1);
    uint64_t seed = 1;
    for (size_t i = 0; i < LENGTH(digests); i++) {
        uint64_t offset = i < 10000 ? i : stats_random(&seed) >> (i % 50);
        digests[i] = fields(s.bytes.p + s.begin, size_at(&s, 0), offset);
        CHECK_FOR(i == 0 || offset < 10000 || digests[i] != digests[0], "offset %ju", (uintmax_t)offset);
        for (size_t k = 0; k < i && i < 3000; k++)
            CHECK_FOR(digests[k] != digests[i], "offsets %zu and %zu", k, i);
    }
    free(s.bytes.p);
}

/* --- what the others find, by hand --- */

static const struct dbn_trade trades[] = {
    {.hd = {.ts_event = 1000}, .price = 3722750000000, .size = 7, .action = 'T'},
    {.hd = {.ts_event = UINT64_MAX}, .price = -250000000, .size = UINT32_MAX, .action = 'T'},
    {.hd = {.ts_event = 30}, .price = DBN_UNDEF_PRICE, .size = 0, .action = 'T'},
};

static void add(struct dbn_buffer *b, const void *record, size_t size, uint8_t rtype)
{
    uint8_t *p = dbn_buffer_extend(b, size);
    CHECK(p);
    memcpy(p, record, size);
    dbn_encode_record(p, size, rtype, NULL);
}

/* Three trades, then records that have a price but no size, neither, or both but are too short for them; and one of
 * MBO, whose price and size lie elsewhere. */
static struct dbn_buffer by_hand(void)
{
    struct dbn_buffer b = {0};
    struct dbn_stat_v3 stat = {.hd = {.ts_event = 5}, .price = 99};
    struct dbn_ohlcv bar = {.hd = {.ts_event = 6}, .open = 1, .close = 2, .volume = 3};
    struct dbn_mbo order = {.hd = {.ts_event = 7}, .price = 11, .size = 22};
    struct dbn_trade cut_off = {.hd = {.ts_event = 8}, .price = 123, .size = 456};
    for (size_t i = 0; i < LENGTH(trades); i++)
        add(&b, &trades[i], sizeof trades[i], 0x00);
    add(&b, &stat, sizeof stat, 0x18);
    add(&b, &bar, sizeof bar, 0x20);
    add(&b, &order, sizeof order, 0xA0);
    add(&b, &cut_off, 44, 0x00);
    return b;
}

static void check_tally(const char *sink, struct dbn_buffer b, uint64_t offset, struct tally expected)
{
    struct tally t = taken(sink_find(sink), b.bytes, b.size, offset);
    CHECK_EQ_U64(t.records, expected.records);
    CHECK_EQ_U64(t.bytes, expected.bytes);
    CHECK_EQ_U64(t.digest, expected.digest);
}

TEST(sum_by_hand)
{
    struct dbn_buffer b = by_hand();
    uint64_t ts_event = 1000 + UINT64_MAX + 30 + 5 + 6 + 7 + 8;
    uint64_t price = (uint64_t)3722750000000 - 250000000 + INT64_MAX + 11;
    uint64_t size = (uint64_t)7 + UINT32_MAX + 22;
    check_tally("sum", b, 77, (struct tally){7, 3 * 48 + 80 + 56 + 56 + 44, digest_sum(ts_event, price, size)});
    struct sink_facts facts = facts_of(sink_find("sum"), b.bytes, b.size);
    CHECK(facts.has_sums && !facts_of(sink_find("rows"), b.bytes, b.size).has_sums);
    CHECK_EQ_U64(facts.sums[SUM_TS_EVENT], ts_event);
    CHECK_EQ_U64(facts.sums[SUM_PRICE], price);
    CHECK_EQ_U64(facts.sums[SUM_SIZE], size);
    CHECK(digest_sum(1, 0, 0) != digest_sum(0, 1, 0) && digest_sum(0, 1, 0) != digest_sum(0, 0, 1));
    free(b.bytes);
}

/* With threads and shards too, and in every type that there is. */
TEST(sums_of_a_job_are_those_of_the_reference_decoder)
{
    struct bytes b = generated_stream("all", 3, 2000, false);
    struct scratch s = scratch_memory();
    const char *path = s.path;
    struct job_result r;
    struct ref_result expected;
    scratch_set(&s, b.p, b.n);
    free(b.p);
    ref_decode(path, &defaults, UINT64_MAX, &expected);
    for (unsigned threads = 1; threads <= 3; threads++) {
        job_run(
            &(struct job){backend_plain(), sink_find("sum"), &path, 1, threads, UINT64_MAX, defaults, threads, NULL},
            &r);
        CHECK_EQ_U64(r.tally.records, 2000);
        for (size_t i = 0; i < SUMS; i++)
            CHECK_FOR(r.facts.sums[i] == expected.sums[i] && expected.sums[i] != 0, "%s", sum_names[i]);
    }
    scratch_close(&s);
}

/* The same in a run, which is another loop. */
TEST(sum_of_a_run_by_hand)
{
    struct dbn_buffer b = {0};
    uint64_t ts_event = 0, price = 0, size = 0;
    for (uint64_t i = 0; i < 100; i++) {
        struct dbn_trade t = {.hd = {.ts_event = i * i}, .price = 5 - (int64_t)i, .size = (uint32_t)i * 3};
        add(&b, &t, i < 50 ? sizeof t : 44, 0x00);
        ts_event += i * i;
        price += i < 50 ? 5 - i : 0;
        size += i < 50 ? i * 3 : 0;
    }
    check_tally("sum", b, 0, (struct tally){100, 50 * 48 + 50 * 44, digest_sum(ts_event, price, size)});
    free(b.bytes);
}

TEST(frame_by_hand)
{
    struct dbn_buffer b = by_hand();
    uint64_t offsets = 7 * UINT64_C(77) + 48 + 96 + 144 + 224 + 280 + 336;
    uint64_t types =
        4 * digest_frame_type(0x00) + digest_frame_type(0x18) + digest_frame_type(0x20) + digest_frame_type(0xA0);
    check_tally("frame", b, 77, (struct tally){7, 380, types + offsets * DIGEST_OFFSET});
    free(b.bytes);
}

/* Words at 64, 128, ... of the stream, wherever the bytes begin; one that is cut counts with what there is of it. */
TEST(touch_by_hand)
{
    uint8_t p[300];
    for (size_t i = 0; i < sizeof p; i++)
        p[i] = (uint8_t)(i * 7 + 1);
    for (uint64_t offset = 0; offset < 130; offset++)
        for (size_t n = 0; n <= sizeof p; n++) {
            uint64_t sum = 0;
            for (size_t i = 0; i < n; i++)
                if ((offset + i) % 64 < 8)
                    sum += (uint64_t)p[i] << (offset + i) % 64 * 8;
            check_tally("touch", (struct dbn_buffer){p, n, n}, offset, (struct tally){0, n, sum});
            check_tally("none", (struct dbn_buffer){p, n, n}, offset, (struct tally){0, n, 0});
        }
}

/* More instruments than a table begins with, and the same when little of it is kept. */
TEST(split_by_hand)
{
    static const char *const names[] = {"split", "split-days"};
    enum { RECORDS = 5000, KEYS = 1300 };
    for (size_t k = 0; k < LENGTH(names); k++) {
        const struct sink *sink = sink_find(names[k]);
        struct dbn_buffer b = {0};
        uint64_t digest = 0;
        for (uint32_t i = 0; i < RECORDS; i++) {
            uint32_t key = i * 7 % KEYS * (k ? 1 : 3303821);
            uint64_t day = k ? key : i;
            struct dbn_mbo r = {.hd = {.instrument_id = k ? i : key, .ts_event = (day + 1) * 86400000000000 - 1}};
            add(&b, &r, i % 5 ? 56 : 48, i % 5 ? 0xA0 : 0x00);
            digest += digest_key(key) * (1 + (i % 5 ? 56 : 48) * DIGEST_OFFSET);
        }
        check_tally(names[k], b, 0, (struct tally){RECORDS, b.size, digest});
        void *self;
        struct tally t;
        CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){.keep = 1}, &self), 0);
        CHECK_EQ_U64(sink->take(self, b.bytes, b.size, 0), b.size);
        sink->end(self, &t);
        CHECK_EQ_U64(t.digest, digest);
        free(b.bytes);
    }
}

/* --- parts --- */

/* Cut between records, and taken by different workers in any order. */
TEST(parts_add_up)
{
    static const char *const schemas[] = {"trades", "definition", "all", "mixed"};
    for (size_t k = 0; k < LENGTH(schemas); k++) {
        struct stream s = stream_of(schemas[k], 100);
        for (size_t i = 0; tested_sink(i); i++) {
            const uint8_t *p = s.bytes.p;
            struct tally whole = taken(tested_sink(i), p + s.begin, s.bytes.n - s.begin, s.begin), single = {0};
            for (size_t cut = 0; cut <= s.records; cut++) {
                struct tally a = taken(tested_sink(i), p + s.begin, s.at[cut] - s.begin, s.begin);
                struct tally b = taken(tested_sink(i), p + s.at[cut], s.bytes.n - s.at[cut], s.at[cut]);
                tally_add(&b, &a);
                CHECK_FOR(tally_equal(&b, &whole), "%s, %s, cut in front of record %zu", schemas[k],
                          tested_sink(i)->name, cut);
            }
            for (size_t r = s.records; r-- > 0;) {
                struct tally one = taken(tested_sink(i), p + s.at[r], size_at(&s, r), s.at[r]);
                tally_add(&single, &one);
            }
            CHECK_FOR(tally_equal(&single, &whole), "%s, %s, one by one", schemas[k], tested_sink(i)->name);
        }
        free(s.bytes.p);
    }
}

/* Several calls on one sink are as one. */
TEST(calls_add_up)
{
    struct stream s = stream_of("mixed", 100);
    for (size_t i = 0; tested_sink(i); i++) {
        struct tally whole = taken(tested_sink(i), s.bytes.p + s.begin, s.bytes.n - s.begin, s.begin), t;
        void *self;
        CHECK_EQ_I64(sink_begin(tested_sink(i), &(struct sink_plan){0}, &self), 0);
        for (size_t r = 0; r < s.records; r++)
            CHECK_EQ_U64(tested_sink(i)->take(self, s.bytes.p + s.at[r], size_at(&s, r), s.at[r]), size_at(&s, r));
        CHECK_EQ_U64(tested_sink(i)->take(self, s.bytes.p, 0, s.bytes.n), 0);
        tested_sink(i)->end(self, &t);
        CHECK_FOR(tally_equal(&t, &whole), "%s", tested_sink(i)->name);
    }
    free(s.bytes.p);
}

TEST(sinks_are_found_by_name)
{
    size_t n = 0;
    for (; sinks[n]; n++)
        CHECK(sink_find(sinks[n]->name) == sinks[n] && *sinks[n]->summary);
    CHECK(n >= SINKS && !sink_find("no-such-sink") && !sink_find(""));
}

/* "A+B" is made when it is named, once, of any two that look for records. */
TEST(pairs_are_composed_by_name)
{
    struct stream s = stream_of("all", 20);
    const uint8_t *p = s.bytes.p + s.begin;
    size_t n = s.bytes.n - s.begin;
    static const char *const none[] = {"none+sum", "sum+touch", "sum+",           "+sum",
                                       "+",        "sum+no",    "sum+frame+rows", "sum+sum "};
    for (size_t i = 0; i < LENGTH(none); i++)
        CHECK_FOR(!sink_find(none[i]), "%s", none[i]);
    for (size_t a = 0; a < SINKS; a++)
        for (size_t b = 0; b < SINKS; b++) {
            char name[64];
            snprintf(name, sizeof name, "%s+%s", sinks[a]->name, sinks[b]->name);
            const struct sink *pair = sink_find(name);
            bool both = sinks[a]->looks == SINK_LOOKS_AT_RECORDS && sinks[b]->looks == SINK_LOOKS_AT_RECORDS;
            CHECK_FOR((pair != NULL) == both && pair == sink_find(name), "%s", name);
            if (!pair)
                continue;
            CHECK_STR(pair->name, name);
            struct tally found = taken(pair, p, n, s.begin), first = taken(sinks[a], p, n, s.begin);
            first.digest += taken(sinks[b], p, n, s.begin).digest;
            CHECK_FOR(tally_equal(&found, &first), "%s", name);
        }
    free(s.bytes.p);
}

static const char *never(void)
{
    return "not on this machine";
}

static int begin_fails(const struct sink *s, const struct sink_plan *plan, void *self)
{
    (void)s, (void)plan, (void)self;
    return -ENOMEM;
}

/* A pair can do what both can, whichever it is that cannot. */
TEST(pairs_fail_with_either)
{
    const struct sink absent = {.unavailable = never, .size = 8, .begin = begin_fails}, *sum = sink_find("sum");
    struct sink pair = *sink_find("sum+rows");
    void *self;
    CHECK_STR(sink_unavailable(&pair), NULL);
    for (int i = 0; i < 2; i++) {
        pair.pair[i] = &absent;
        pair.pair[1 - i] = sum;
        CHECK_STR(sink_unavailable(&pair), "not on this machine");
        CHECK_EQ_I64(sink_begin(&pair, &(struct sink_plan){0}, &self), -ENOMEM);
    }
}

TESTS(CASE(any_bit_of_any_field), CASE(any_bit_of_what_is_not_known), CASE(any_bit_of_the_length),
      CASE(exchanged_records), CASE(moved_doubled_and_lost_records), CASE(places_count), CASE(sum_by_hand),
      CASE(sums_of_a_job_are_those_of_the_reference_decoder), CASE(sum_of_a_run_by_hand), CASE(frame_by_hand),
      CASE(touch_by_hand), CASE(split_by_hand), CASE(parts_add_up), CASE(calls_add_up), CASE(sinks_are_found_by_name),
      CASE(pairs_are_composed_by_name), CASE(pairs_fail_with_either));
