/* Guards against metadata whose lengths and counts claim what is not there: the decoder says where the claim is wrong,
 * and neither reads nor allocates by it. */
#include "../../dbn/encode.h"
#include "../support.h"

enum { SYMBOL_LENGTH = 53, FIXED_END = 108, LISTS = 112 }; /* offsets in the file */

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

static struct dbn_metadata_spec small_spec(uint8_t version)
{
    return (struct dbn_metadata_spec){
        .version = version, .dataset = "TEST", .symbol_cstr_len = dbn_symbol_cstr_len(version)};
}

/* What is wrong with a file's metadata, worked out a second time, from the description of the format. */
struct verdict {
    int outcome;
    uint64_t fault;
};

static bool skip(uint64_t *at, uint64_t end, uint64_t n)
{
    if (n > end - *at)
        return false;
    *at += n;
    return true;
}

static bool skip_count(const uint8_t *p, uint64_t *at, uint64_t end, uint64_t *count)
{
    uint64_t from = *at;
    *count = skip(at, end, 4) ? dbn_load_u32(p + from) : 0;
    return *at > from;
}

static bool lists_fit(const uint8_t *p, uint64_t *at, uint64_t end, uint64_t symbol)
{
    uint64_t n, intervals;
    for (int list = 0; list < 3; list++)
        if (!skip_count(p, at, end, &n) || !skip(at, end, n * symbol))
            return false;
    if (!skip_count(p, at, end, &n))
        return false;
    for (uint64_t i = 0; i < n; i++)
        if (!skip(at, end, symbol) || !skip_count(p, at, end, &intervals) || !skip(at, end, intervals * (symbol + 8)))
            return false;
    return true;
}

static struct verdict judge(const uint8_t *p, uint64_t n, uint64_t limit)
{
    if (n < 8)
        return (struct verdict){n ? DBN_E_TRUNCATED_HEADER : DBN_E_EMPTY, n};
    if (memcmp(p, "DBN", 3) != 0)
        return (struct verdict){DBN_E_NOT_DBN, 0};
    if (p[3] < 1 || p[3] > 3)
        return (struct verdict){DBN_E_BAD_VERSION, 3};
    uint64_t end = 8 + (uint64_t)dbn_load_u32(p + 4), at = LISTS;
    if (end < 128)
        return (struct verdict){DBN_E_BAD_METADATA, 4};
    if (end - 8 > limit)
        return (struct verdict){DBN_E_METADATA_TOO_LARGE, 4};
    if (end > n)
        return (struct verdict){DBN_E_TRUNCATED_METADATA, n};
    uint64_t symbol = p[3] == 1 ? 22 : dbn_load_u16(p + SYMBOL_LENGTH);
    if (symbol == 0)
        return (struct verdict){DBN_E_BAD_METADATA, SYMBOL_LENGTH};
    if (dbn_load_u32(p + FIXED_END) != 0)
        return (struct verdict){DBN_E_BAD_METADATA, FIXED_END};
    return lists_fit(p, &at, end, symbol) ? (struct verdict){0} : (struct verdict){DBN_E_BAD_METADATA, at};
}

static void check_verdict(struct bytes file, size_t piece, uint64_t limit)
{
    struct dbn_metadata md;
    uint64_t fault;
    struct verdict expected = judge(file.p, file.n, limit);
    int rc = read_pieces(file, piece, limit, &md, &fault);
    CHECK_STR(dbn_outcome_name(rc), dbn_outcome_name(expected.outcome));
    if (rc)
        CHECK_EQ_U64(fault, expected.fault);
    dbn_metadata_free(&md);
}

/* With something in each list, two mappings of 2 and 1 intervals, and a record behind; `counts`: where they are. */
static struct bytes example(uint8_t version, size_t counts[6])
{
    static const char *const symbols[] = {"ESH5", "NQH5"};
    static const struct dbn_interval intervals[] = {{20250101, 20250102, "1"}, {20250102, 20250201, "2"}};
    static const struct dbn_mapping_spec mappings[] = {{"ESH5", 2, intervals}, {"NQH5", 1, intervals}};
    struct dbn_metadata_spec spec = small_spec(version);
    spec.symbols = (struct dbn_symbols_spec){2, symbols};
    spec.partial = (struct dbn_symbols_spec){1, symbols};
    spec.not_found = (struct dbn_symbols_spec){1, symbols};
    spec.mappings = 2;
    spec.mapping = mappings;
    struct dbn_buffer b = {0};
    CHECK(dbn_encode_metadata(&spec, &b) == 0);
    uint8_t *record = dbn_buffer_extend(&b, 16);
    CHECK(record);
    memset(record, 0, 16);
    dbn_encode_record(record, 16, 7, NULL);
    size_t symbol = spec.symbol_cstr_len;
    counts[0] = LISTS;
    counts[1] = counts[0] + 4 + 2 * symbol;
    counts[2] = counts[1] + 4 + symbol;
    counts[3] = counts[2] + 4 + symbol;
    counts[4] = counts[3] + 4 + symbol;
    counts[5] = counts[4] + 4 + 2 * (symbol + 8) + symbol;
    CHECK(dbn_load_u32(b.bytes + counts[4]) == 2 && dbn_load_u32(b.bytes + counts[5]) == 1);
    return (struct bytes){b.bytes, b.size};
}

TEST(every_prefix)
{
    size_t counts[6];
    for (uint8_t version = 1; version <= DBN_VERSIONS; version++) {
        struct bytes file = example(version, counts);
        for (struct bytes prefix = {file.p, 0}; prefix.n <= file.n; prefix.n++) {
            check_verdict(prefix, prefix.n ? prefix.n : 1, DBN_METADATA_LIMIT);
            check_verdict(prefix, 1, DBN_METADATA_LIMIT);
        }
        free(file.p);
    }
}

TEST(every_byte_with_every_value)
{
    size_t counts[6];
    for (uint8_t version = 1; version <= DBN_VERSIONS; version++) {
        struct bytes file = example(version, counts);
        for (size_t i = 0; i < file.n; i++) {
            uint8_t was = file.p[i];
            for (unsigned value = 0; value < 256; value++) {
                file.p[i] = (uint8_t)value;
                check_verdict(file, file.n, DBN_METADATA_LIMIT);
            }
            file.p[i] = was;
        }
        free(file.p);
    }
}

static void put(uint8_t *p, uint64_t value, size_t size)
{
    memcpy(p, &value, size); /* the low bytes come first */
}

/* Two lengths or counts at a time, each at the limits of what fits and of what can be said. */
TEST(limits_in_pairs)
{
    size_t counts[6];
    for (uint8_t version = 1; version <= DBN_VERSIONS; version++) {
        struct bytes file = example(version, counts);
        uint8_t *copy = malloc(file.n);
        CHECK(copy);
        struct {
            size_t at, size;
        } fields[] = {{4, 4},         {SYMBOL_LENGTH, 2}, {FIXED_END, 4}, {counts[0], 4}, {counts[1], 4},
                      {counts[2], 4}, {counts[3], 4},     {counts[4], 4}, {counts[5], 4}};
        const uint64_t edges[] = {0, 1, 0x7FFF, 0xFFFF, INT32_MAX, UINT64_C(1) << 31, UINT32_MAX - 1, UINT32_MAX};
        for (size_t a = 0; a < LENGTH(fields); a++)
            for (size_t b = 0; b < LENGTH(fields); b++)
                for (size_t va = 0; va < LENGTH(edges) + 3; va++)
                    for (size_t vb = 0; vb < LENGTH(edges) + 3; vb++) {
                        uint64_t was_a = 0, was_b = 0;
                        memcpy(copy, file.p, file.n);
                        memcpy(&was_a, copy + fields[a].at, fields[a].size);
                        memcpy(&was_b, copy + fields[b].at, fields[b].size);
                        put(copy + fields[a].at, va < LENGTH(edges) ? edges[va] : was_a + va - LENGTH(edges) - 1,
                            fields[a].size);
                        put(copy + fields[b].at, vb < LENGTH(edges) ? edges[vb] : was_b + vb - LENGTH(edges) - 1,
                            fields[b].size);
                        check_verdict((struct bytes){copy, file.n}, file.n, UINT64_MAX);
                    }
        free(copy);
        free(file.p);
    }
}

/* Records end where the length says: what lies between the lists and there is neither list nor record. */
TEST(bytes_behind_the_lists_are_skipped)
{
    size_t counts[6];
    for (uint8_t version = 1; version <= DBN_VERSIONS; version++) {
        struct bytes file = example(version, counts);
        for (size_t extra = 1; extra < 40; extra++) {
            uint8_t *longer = calloc(1, file.n + extra);
            size_t end = file.n - 16;
            memcpy(longer, file.p, end);
            memset(longer + end, 0xFF, extra);
            memcpy(longer + end + extra, file.p + end, 16);
            put(longer + 4, end + extra - 8, 4);
            struct ending e = decode_whole(longer, file.n + extra, sink_find("frame"), false);
            CHECK_STR(dbn_outcome_name(e.outcome), "OK");
            CHECK_EQ_U64(e.tally.records, 1);
            free(longer);
        }
        free(file.p);
    }
}

TEST(texts_need_no_terminator)
{
    size_t counts[6];
    struct bytes file = example(2, counts);
    memset(file.p + 8, 'D', 16);
    memset(file.p + counts[0] + 4, 0xFF, 2 * 71);
    struct dbn_metadata md;
    uint64_t fault;
    CHECK_EQ_I64(read_pieces(file, file.n, DBN_METADATA_LIMIT, &md, &fault), 0);
    CHECK_STR(md.dataset, "DDDDDDDDDDDDDDDD");
    CHECK_EQ_U64(md.symbols.count, 2);
    CHECK(strnlen(md.symbols.first, 142) == 142);
    dbn_metadata_free(&md);
    free(file.p);
}

/* A few bytes that claim as many as 4 GiB cost what the few bytes cost, even if the limit allows it all. */
TEST(claims_cost_nothing)
{
    static uint8_t bytes[4096] = "DBN\3";
    const uint64_t claims[] = {100 << 20, DBN_METADATA_LIMIT, INT32_MAX, UINT64_C(1) << 31, UINT32_MAX};
    limit_memory(4 << 20);
    for (size_t i = 0; i < LENGTH(claims); i++)
        for (struct bytes file = {bytes, 8}; file.n <= sizeof bytes; file.n = file.n * 2 + 1) {
            put(bytes + 4, claims[i], 4);
            check_verdict(file, file.n, UINT64_MAX);
            check_verdict(file, file.n, DBN_METADATA_LIMIT);
        }
    size_t counts[6];
    struct bytes file = example(3, counts);
    for (size_t i = 0; i < LENGTH(counts); i++) {
        uint32_t was = dbn_load_u32(file.p + counts[i]);
        put(file.p + counts[i], UINT32_MAX, 4);
        check_verdict(file, file.n, UINT64_MAX);
        put(file.p + counts[i], was, 4);
    }
    free(file.p);
}

/* Just at the limit, and a byte beyond it. */
TEST(limit_is_exact)
{
    size_t counts[6];
    struct bytes file = example(3, counts);
    uint64_t length = file.n - 16 - 8;
    check_verdict(file, file.n, length);
    CHECK_EQ_I64(judge(file.p, file.n, length).outcome, 0);
    CHECK_EQ_I64(judge(file.p, file.n, length - 1).outcome, DBN_E_METADATA_TOO_LARGE);
    check_verdict(file, file.n, length - 1);
    free(file.p);
}

/* Wherever it lies, and the claim beside it. */
TEST(limits_of_every_size)
{
    uint8_t bytes[8] = "DBN\3";
    uint64_t seed = 6;
    for (unsigned round = 0; round < 3000 / SLOWER; round++) {
        uint64_t limit = round % 64 < 33 ? UINT64_C(1) << round % 64 : stats_random(&seed) >> stats_random(&seed) % 64;
        limit -= round / 64 % 3 < limit ? round / 64 % 3 : 0;
        for (int more = -1; more <= 1; more++) {
            put(bytes + 4, limit + (uint64_t)more, 4);
            check_verdict((struct bytes){bytes, sizeof bytes}, sizeof bytes, limit);
        }
    }
}

TESTS(CASE(every_prefix), CASE(every_byte_with_every_value), CASE(limits_in_pairs),
      CASE(bytes_behind_the_lists_are_skipped), CASE(texts_need_no_terminator), CASE(claims_cost_nothing),
      CASE(limit_is_exact), CASE(limits_of_every_size));
