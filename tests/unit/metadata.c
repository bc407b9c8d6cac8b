/* Guards the metadata's way there and back: what the encoder writes the decoder reads, whatever pieces it comes in. */
#include "../../dbn/encode.h"
#include "../support.h"

#include <errno.h>

static int read_pieces(struct bytes file, size_t piece, uint64_t limit, struct dbn_metadata *md, uint64_t *fault)
{
    static struct pieces s;
    struct dbn_decoder d;
    pieces_set(&s, file.p, file.n, piece);
    dbn_decoder_init(&d, (struct dbn_source){pieces_next, &s}, DBN_STEP_BLOCK);
    int rc = dbn_read_metadata(&d, limit, md);
    *fault = d.fault;
    CHECK(rc == 0 || (!md->block && md->version == 0));
    CHECK(rc != 0 || d.offset == md->first_record_offset);
    return rc;
}

static struct bytes encoded(const struct dbn_metadata_spec *spec)
{
    struct dbn_buffer b = {0};
    CHECK_EQ_I64(dbn_encode_metadata(spec, &b), 0);
    return (struct bytes){b.bytes, b.size};
}

static bool same_text(const char *field, const char *text, size_t size)
{
    size_t n = strlen(text);
    for (size_t i = n; i < size; i++)
        if (field[i] != '\0')
            return false;
    return n <= size && memcmp(field, text, n) == 0;
}

static void check_list(const struct dbn_symbols *list, const struct dbn_symbols_spec *spec, size_t size)
{
    CHECK_EQ_U64(list->count, spec->count);
    for (uint32_t i = 0; i < spec->count; i++)
        CHECK_FOR(same_text(list->first + i * size, spec->symbol[i], size), "symbol %u", i);
}

static void check_mappings(const struct dbn_metadata *md, const struct dbn_metadata_spec *spec)
{
    CHECK_EQ_U64(md->mappings, spec->mappings);
    const uint8_t *at = md->mapping;
    uint64_t intervals = 0;
    for (uint32_t i = 0; i < spec->mappings; i++) {
        struct dbn_mapping m = dbn_mapping_at(md, at);
        CHECK_EQ_U64(m.intervals, spec->mapping[i].intervals);
        CHECK(same_text(m.raw_symbol, spec->mapping[i].raw_symbol, md->symbol_cstr_len));
        for (uint32_t k = 0; k < m.intervals; k++) {
            struct dbn_interval actual = dbn_interval_at(md, &m, k), expected = spec->mapping[i].interval[k];
            CHECK_EQ_U64(actual.start_date, expected.start_date);
            CHECK_EQ_U64(actual.end_date, expected.end_date);
            CHECK(same_text(actual.symbol, expected.symbol, md->symbol_cstr_len));
        }
        intervals += m.intervals;
        at = m.next;
    }
    CHECK_EQ_U64(md->intervals, intervals);
}

static void check_read(struct bytes file, size_t piece, const struct dbn_metadata_spec *spec)
{
    struct dbn_metadata md;
    uint64_t fault;
    CHECK_EQ_I64(read_pieces(file, piece, UINT32_MAX, &md, &fault), 0);
    CHECK_EQ_U64(md.version, spec->version);
    CHECK_STR(md.dataset, spec->dataset);
    CHECK_EQ_U64(md.schema, spec->schema);
    CHECK_EQ_U64(md.start, spec->start);
    CHECK_EQ_U64(md.end, spec->end);
    CHECK_EQ_U64(md.limit, spec->limit);
    CHECK_EQ_U64(md.stype_in, spec->stype_in);
    CHECK_EQ_U64(md.stype_out, spec->stype_out);
    CHECK(md.ts_out == spec->ts_out);
    CHECK_EQ_U64(md.symbol_cstr_len, spec->symbol_cstr_len);
    CHECK_EQ_U64(md.first_record_offset, file.n);
    check_list(&md.symbols, &spec->symbols, md.symbol_cstr_len);
    check_list(&md.partial, &spec->partial, md.symbol_cstr_len);
    check_list(&md.not_found, &spec->not_found, md.symbol_cstr_len);
    check_mappings(&md, spec);
    dbn_metadata_free(&md);
}

enum { MOST = 5 };

struct random_spec {
    struct dbn_metadata_spec spec;
    char text[64][72];
    unsigned texts;
    const char *list[3][MOST];
    struct dbn_interval interval[MOST][MOST];
    struct dbn_mapping_spec mapping[MOST];
};

/* Any text that fits, the longest and the empty one among them. */
static const char *any_text(struct random_spec *r, uint64_t *seed)
{
    size_t most = r->spec.symbol_cstr_len - 1u < 70 ? r->spec.symbol_cstr_len - 1u : 70;
    size_t n = stats_random(seed) % 4 == 0 ? most : (size_t)(stats_random(seed) % (most + 1));
    char *text = r->text[r->texts++ % LENGTH(r->text)];
    for (size_t i = 0; i < n; i++)
        text[i] = (char)(1 + stats_random(seed) % 255);
    text[n] = '\0';
    return text;
}

static struct dbn_symbols_spec any_list(struct random_spec *r, const char **list, uint64_t *seed)
{
    uint32_t n = (uint32_t)(stats_random(seed) % (MOST + 1));
    for (uint32_t i = 0; i < n; i++)
        list[i] = any_text(r, seed);
    return (struct dbn_symbols_spec){n, list};
}

static void any_mapping(struct random_spec *r, uint32_t i, uint64_t *seed)
{
    uint32_t n = (uint32_t)(stats_random(seed) % (MOST + 1));
    for (uint32_t k = 0; k < n; k++)
        r->interval[i][k] =
            (struct dbn_interval){(uint32_t)stats_random(seed), (uint32_t)stats_random(seed), any_text(r, seed)};
    r->mapping[i] = (struct dbn_mapping_spec){any_text(r, seed), n, r->interval[i]};
}

static void any_spec(struct random_spec *r, uint8_t version, uint16_t symbol_cstr_len, uint64_t *seed)
{
    static const char *const names[] = {"", "GLBX.MDP3", "FIFTEENLETTERS."};
    *r = (struct random_spec){.spec = {
                                  .version = version,
                                  .dataset = names[stats_random(seed) % 3],
                                  .schema = (uint16_t)stats_random(seed),
                                  .start = stats_random(seed),
                                  .end = stats_random(seed),
                                  .limit = stats_random(seed),
                                  .stype_in = (uint8_t)stats_random(seed),
                                  .stype_out = (uint8_t)stats_random(seed),
                                  .ts_out = stats_random(seed) & 1,
                                  .symbol_cstr_len = symbol_cstr_len,
                                  .mappings = (uint32_t)(stats_random(seed) % (MOST + 1)),
                              }};
    r->spec.symbols = any_list(r, r->list[0], seed);
    r->spec.partial = any_list(r, r->list[1], seed);
    r->spec.not_found = any_list(r, r->list[2], seed);
    for (uint32_t i = 0; i < r->spec.mappings; i++)
        any_mapping(r, i, seed);
    r->spec.mapping = r->mapping;
}

static void check_round_trips(uint8_t version, uint16_t symbol_cstr_len, unsigned rounds)
{
    static struct random_spec r;
    uint64_t seed = version * 1000u + symbol_cstr_len;
    for (unsigned round = 0; round < rounds; round++) {
        any_spec(&r, version, symbol_cstr_len, &seed);
        struct bytes file = encoded(&r.spec);
        CHECK(version < 3 || file.n % 8 == 0);
        check_read(file, file.n, &r.spec);
        check_read(file, 0, &r.spec);
        check_read(file, 7, &r.spec);
        if (file.n < 10000)
            check_read(file, 1, &r.spec);
        free(file.p);
    }
}

TEST(what_is_encoded_is_decoded)
{
    static const uint16_t lengths[] = {1, 2, 22, 50, 71, 255, 4096};
    check_round_trips(1, 22, 100);
    for (uint8_t version = 2; version <= DBN_VERSIONS; version++) {
        for (size_t i = 0; i < LENGTH(lengths); i++)
            check_round_trips(version, lengths[i], 20);
        check_round_trips(version, 65535, 2);
    }
}

static struct dbn_metadata_spec small_spec(uint8_t version)
{
    return (struct dbn_metadata_spec){
        .version = version, .dataset = "TEST", .symbol_cstr_len = dbn_symbol_cstr_len(version)};
}

TEST(smallest_is_128_bytes)
{
    for (uint8_t version = 1; version <= DBN_VERSIONS; version++) {
        struct dbn_metadata_spec spec = small_spec(version);
        struct bytes file = encoded(&spec);
        CHECK_EQ_U64(file.n, 128);
        check_read(file, 1, &spec);
        free(file.p);
    }
}

TEST(encoder_refuses_what_does_not_fit)
{
    static const char *many[70000]; /* of 65535 bytes: more than 4 GiB */
    const char *too_long = "0123456789012345678901", *longest = "012345678901234567890";
    struct dbn_interval interval = {1, 2, too_long};
    struct dbn_mapping_spec raw = {too_long, 0, NULL}, mapped = {"", 1, &interval};
    struct dbn_metadata_spec good = small_spec(1), bad[9];
    for (size_t i = 0; i < LENGTH(many); i++)
        many[i] = "";
    good.symbols = (struct dbn_symbols_spec){1, &longest};
    for (size_t i = 0; i < LENGTH(bad); i++)
        bad[i] = good;
    bad[0].version = 0;
    bad[1].version = 4;
    bad[2].dataset = "SIXTEEN.LETTERS.";
    bad[3].symbol_cstr_len = 71;
    bad[4].version = 2, bad[4].symbol_cstr_len = 0;
    bad[5].partial = (struct dbn_symbols_spec){1, &too_long};
    bad[6].mappings = 1, bad[6].mapping = &raw;
    bad[7].mappings = 1, bad[7].mapping = &mapped;
    bad[8].version = 2, bad[8].symbol_cstr_len = 65535, bad[8].not_found = (struct dbn_symbols_spec){70000, many};
    struct dbn_buffer b = {0};
    CHECK(dbn_encode_metadata(&good, &b) == 0);
    size_t size = b.size;
    for (size_t i = 0; i < LENGTH(bad); i++) {
        CHECK_FOR(dbn_encode_metadata(&bad[i], &b) == (i == 8 ? -EOVERFLOW : -EINVAL), "row %zu", i);
        CHECK_EQ_U64(b.size, size);
    }
    free(b.bytes);
}

TEST(names_and_numbers_agree)
{
    static const char *const schemas[] = {"mbo",        "mbp-1",    "mbp-10",    "tbbo",      "trades",
                                          "ohlcv-1s",   "ohlcv-1m", "ohlcv-1h",  "ohlcv-1d",  "definition",
                                          "statistics", "status",   "imbalance", "ohlcv-eod", "cmbp-1",
                                          "cbbo-1s",    "cbbo-1m",  "tcbbo",     "bbo-1s",    "bbo-1m"};
    for (unsigned i = 0; i <= UINT16_MAX; i++)
        CHECK_STR(dbn_schema_name((uint16_t)i), i < LENGTH(schemas) ? schemas[i] : NULL);
    for (size_t i = 0; i < LENGTH(schemas); i++)
        CHECK_EQ_I64(dbn_schema_number(schemas[i]), (int64_t)i);
    CHECK_EQ_I64(dbn_schema_number("mixed"), -1);
    CHECK_STR(dbn_stype_name(0), "instrument_id");
    CHECK_STR(dbn_stype_name(1), "raw_symbol");
    CHECK_STR(dbn_stype_name(4), "parent");
    CHECK_STR(dbn_stype_name(DBN_STYPE_NONE), NULL);
}

TESTS(CASE(what_is_encoded_is_decoded), CASE(smallest_is_128_bytes), CASE(encoder_refuses_what_does_not_fit),
      CASE(names_and_numbers_agree));
