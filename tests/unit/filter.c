/* Guards the sink `filter`: what can be asked for, which records match, and how they are counted. */
#include "../../dbn/encode.h"
#include "../../harness/sinks/digest.h"
#include "../../harness/sinks/filter.h"
#include "../support.h"

static void check_refused(const char *parameters, const char *expected)
{
    char why[256];
    CHECK_FOR(!filter_parse(parameters, why, sizeof why), "%s", parameters);
    CHECK_FOR(strstr(why, expected), "%s: %s", parameters, why);
}

TEST(what_cannot_be_asked_for)
{
    static const char *const values[] = {"instrument=",
                                         "instrument",
                                         "instrument=-1",
                                         "instrument=1x",
                                         "instrument=1 ",
                                         "instrument=4294967296",
                                         "publisher=",
                                         "publisher=1,2",
                                         "publisher=65536",
                                         "from=",
                                         "from=yesterday",
                                         "from=2024-13-01",
                                         "to=2024-01-02 ",
                                         "to=2024-01-02T10:00:00.1234567891",
                                         "to=18446744073709551616",
                                         "from=1969-12-31",
                                         "to=9999-01-01"};
    for (size_t i = 0; i < LENGTH(values); i++)
        check_refused(values[i], "is no value of");
    check_refused("", "a filter has no ''");
    check_refused("instrument=1:", "a filter has no ''");
    check_refused("symbol=ES", "a filter has no 'symbol' (instrument, publisher, from, to)");
    check_refused("from=5:to=5", "from must be before to");
    check_refused("to=0", "from must be before to");
    char many[FILTER_VALUES * 20 + 20] = "instrument=0";
    for (int i = 1; i < FILTER_VALUES; i++)
        snprintf(many + strlen(many), 20, ":instrument=%d", i);
    void *most = (void *)filter_parse(many, (char[256]){0}, 256);
    CHECK(most);
    free(most);
    check_refused(strcat(many, ":instrument=99"), "at most 16");
}

static void check_time(const char *text, uint64_t expected)
{
    char parameters[64];
    snprintf(parameters, sizeof parameters, "from=%s", text);
    const struct filter *f = filter_parse(parameters, (char[256]){0}, 256);
    CHECK_FOR(f && f->timed && f->from == expected && f->to == UINT64_MAX, "%s", text);
    free((void *)f);
}

TEST(times_that_can_be_asked_for)
{
    const uint64_t second = 1000000000, day = UINT64_C(1704153600) * second; /* 2024-01-02, by date -d */
    check_time("0", 0);
    check_time("1704153600000000001", day + 1);
    check_time("18446744073709551614", UINT64_MAX - 1);
    check_time("2024-01-02", day);
    check_time("2024-01-02T03:04", day + (3 * 60 + 4) * 60 * second);
    check_time("2024-01-02T03:04:05Z", day + ((3 * 60 + 4) * 60 + 5) * second);
    check_time("2024-01-02T03:04:05.000000006", day + ((3 * 60 + 4) * 60 + 5) * second + 6);
    check_time("2024-01-02T00:00:00.5Z", day + second / 2);
    const struct filter *f = filter_parse("to=2024-01-02T03:04:publisher=5:from=2024-01-02", (char[256]){0}, 256);
    CHECK(f && f->from == day && f->to == day + (3 * 60 + 4) * 60 * second && f->publisher[0] == 5);
    free((void *)f);
}

/* Records of one kind and of several, so that both loops see them; every instrument and publisher of a few, also such
 * as are 0 or the largest. */
static const uint32_t instruments[] = {0, 1, 7, 256, UINT32_MAX, 1u << 31};
static const uint16_t publishers[] = {0, 1, UINT16_MAX};

static struct dbn_buffer records(bool mixed)
{
    struct dbn_buffer b = {0};
    for (uint64_t i = 0; i < 300; i++) {
        struct dbn_mbo r = {.hd = {.publisher_id = publishers[i / 6 % 3],
                                   .instrument_id = instruments[i % 6],
                                   .ts_event = i % 17 == 0 ? UINT64_MAX : i * 10}};
        size_t size = mixed && i % 3 == 0 ? sizeof(struct dbn_trade) : sizeof r;
        uint8_t *p = dbn_buffer_extend(&b, size);
        CHECK(p);
        memcpy(p, &r, size);
        dbn_encode_record(p, size, size == sizeof r ? 0xA0 : 0x00, NULL);
    }
    return b;
}

struct asked {
    const char *parameters;
    uint32_t instrument[2];
    int publisher; /* -1: any */
    uint64_t from, to;
    bool any_instrument, any_time;
};

static bool matches(const struct asked *a, const uint8_t *p)
{
    uint32_t instrument = dbn_load_u32(p + 4);
    uint64_t ts_event = dbn_load_u64(p + 8);
    return (a->any_instrument || instrument == a->instrument[0] || instrument == a->instrument[1]) &&
           (a->publisher < 0 || dbn_load_u16(p + 2) == a->publisher) &&
           (a->any_time || (ts_event >= a->from && ts_event < a->to));
}

static void check_asked(const struct asked *a, const struct dbn_buffer *b, uint64_t offset)
{
    char name[SINK_NAME];
    snprintf(name, sizeof name, "filter%s%s", *a->parameters ? ":" : "", a->parameters);
    const struct sink *sink = sink_find(name);
    uint64_t matched = 0, digest = 0;
    void *self;
    struct tally t;
    for (size_t at = 0; at < b->size; at += dbn_record_size(b->bytes + at))
        if (matches(a, b->bytes + at)) {
            digest += digest_head(dbn_load_u64(b->bytes + at), dbn_load_u64(b->bytes + at + 8), offset + at);
            matched++;
        }
    CHECK_FOR(sink, "%s", name);
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
    CHECK_EQ_U64(sink->take(self, b->bytes, b->size, offset), b->size);
    struct sink_facts f = sink->facts(self);
    sink->end(self, &t);
    CHECK_FOR(f.filters && f.matched == matched && t.digest == digest, "%s: %ju instead of %ju", name,
              (uintmax_t)f.matched, (uintmax_t)matched);
    CHECK(t.records == 300 && t.bytes == b->size);
}

TEST(which_records_match)
{
    static const struct asked asked[] = {
        {"", .any_instrument = true, .publisher = -1, .any_time = true},
        {"instrument=0", {0, 0}, -1, .any_time = true},
        {"instrument=4294967295:instrument=7", {UINT32_MAX, 7}, -1, .any_time = true},
        {"instrument=2147483648:instrument=0:publisher=65535", {1u << 31, 0}, 65535, .any_time = true},
        {"instrument=5", {5, 5}, -1, .any_time = true},
        {"publisher=0", {0}, 0, .any_instrument = true, .any_time = true},
        {"from=500:to=1500", {0}, -1, .from = 500, .to = 1500, .any_instrument = true},
        {"from=2990:publisher=1:instrument=7:instrument=7", {7, 7}, 1, .from = 2990, .to = UINT64_MAX},
    };
    for (size_t i = 0; i < LENGTH(asked); i++)
        for (int mixed = 0; mixed < 2; mixed++) {
            struct dbn_buffer b = records(mixed);
            check_asked(&asked[i], &b, 1000);
            free(b.bytes);
        }
}

/* Whatever instruments are asked for, each has a place of its own, and only they are found. */
TEST(any_set_of_instruments)
{
    uint64_t seed = 5;
    for (int round = 0; round < 300; round++) {
        struct filter f = {.to = UINT64_MAX};
        struct sink sink = *sink_find("filter");
        uint8_t p[FILTER_VALUES * 2][16] = {{0}};
        void *self;
        for (f.instruments = 0; f.instruments < FILTER_VALUES; f.instruments++)
            f.instrument[f.instruments] = (uint32_t)stats_random(&seed) >> (round % 29) << (round % 3);
        sink.way = &f;
        uint64_t expected = 0;
        for (size_t i = 0; i < FILTER_VALUES * 2; i++) {
            uint32_t id = i < FILTER_VALUES ? f.instrument[i] : (uint32_t)stats_random(&seed) >> (round % 29);
            memcpy(p[i] + 4, &id, 4);
            dbn_encode_record(p[i], 16, 0x16, NULL);
            size_t k = 0;
            while (k < FILTER_VALUES && f.instrument[k] != id)
                k++;
            expected += k < FILTER_VALUES;
        }
        CHECK_EQ_I64(sink_begin(&sink, &(struct sink_plan){0}, &self), 0);
        CHECK_EQ_U64(sink.take(self, p[0], sizeof p, 0), sizeof p);
        CHECK_EQ_U64(sink.facts(self).matched, expected);
        sink.end(self, &(struct tally){0});
    }
}

/* What names with parameters mean: one sink each, of which there are a few at most. */
TEST(filters_are_found_by_name)
{
    static const char *const wrong[] = {"filter:", "sum:instrument=1", "filter:instrument=1+touch",
                                        "filters:publisher=1"};
    char why[256], name[32];
    const struct sink *one = sink_find("filter:publisher=1");
    CHECK(one && one == sink_find("filter:publisher=1") && one != sink_find("filter"));
    CHECK_STR(one->name, "filter:publisher=1");
    CHECK_STR(sink_find("filter:publisher=1+sum")->name, "filter:publisher=1+sum");
    for (size_t i = 0; i < LENGTH(wrong); i++)
        CHECK_FOR(!sink_find(wrong[i]), "%s", wrong[i]);
    size_t made = 0;
    do
        snprintf(name, sizeof name, "filter:publisher=%zu", 100 + made);
    while (sink_find_or_say(name, why, sizeof why) && ++made < SINKS_MOST);
    CHECK_FOR(made > 0 && made < SINKS_MOST && strstr(why, "at most"), "%zu, %s", made, why);
    CHECK(sink_find("filter:publisher=100") && sink_find("filter:publisher=1"));
}

TESTS(CASE(what_cannot_be_asked_for), CASE(times_that_can_be_asked_for), CASE(which_records_match),
      CASE(any_set_of_instruments), CASE(filters_are_found_by_name));
