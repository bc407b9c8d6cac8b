/* Guards the sinks that keep strings: what each string is, be its NUL there or not, that it counts where it stands, and
 * that each distinct one is kept once. */
#include "../../dbn/encode.h"
#include "../../harness/sinks/digest.h"
#include "../support.h"

static const char *const names[] = {"strings", "strings-copy"};

static struct tally taken(const char *name, const void *p, size_t n, uint64_t offset, struct sink_facts *facts)
{
    const struct sink *sink = sink_find(name);
    void *self;
    struct tally t;
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
    CHECK_EQ_U64(sink->take(self, p, n, offset), n);
    *facts = sink->facts(self);
    CHECK_EQ_U64(facts->copied, facts->string_bytes);
    sink->end(self, &t);
    return t;
}

static uint64_t digest_of(const char *text, uint64_t offset)
{
    return digest_text(digest_xxh3((const uint8_t *)text, strlen(text)), offset);
}

static struct dbn_error_v1 error_of(const char *text)
{
    struct dbn_error_v1 e = {0};
    dbn_encode_record((uint8_t *)&e, sizeof e, 0x15, NULL);
    memcpy(e.err, text, strnlen(text, sizeof e.err));
    return e;
}

/* Two texts in one record, texts that fill their place, empty ones, ones with something behind the NUL. */
TEST(strings_by_hand)
{
    char full[65] = {0};
    memset(full, 'x', 64);
    struct dbn_error_v1 errors[] = {error_of("no"), error_of(full), error_of(""), error_of("no"), error_of("nothing")};
    memcpy(errors[3].err, "no\0rest", 8);
    const char *kept[] = {"no", full, "", "no", "nothing"};
    uint64_t sum = 0;
    for (size_t i = 0; i < LENGTH(errors); i++)
        sum += digest_of(kept[i], 1000 + i * sizeof errors[0] + offsetof(struct dbn_error_v1, err));
    for (size_t k = 0; k < LENGTH(names); k++) {
        struct sink_facts f;
        struct tally t = taken(names[k], errors, sizeof errors, 1000, &f);
        CHECK_EQ_U64(t.records, 5);
        CHECK_EQ_U64(t.bytes, sizeof errors);
        CHECK_EQ_U64(t.digest, sum);
        CHECK_EQ_U64(f.strings, 5);
        CHECK_EQ_U64(f.distinct, k == 0 ? 4 : 0);
        CHECK_EQ_U64(f.string_bytes, 3 + 65 + 1 + 8 + (k == 0 ? 0 : 3));
        CHECK_EQ_U64(f.saved_bytes, k == 0 ? 3 : 0);
    }
}

/* Of a symbol mapping both symbols count, each where it stands, and nothing else does. */
TEST(only_texts_count)
{
    struct dbn_symbol_mapping_v2 m[16] = {0};
    struct sink_facts f;
    for (size_t i = 0; i < LENGTH(m); i++) {
        dbn_encode_record((uint8_t *)&m[i], sizeof m[i], 0x16, NULL);
        snprintf(m[i].stype_in_symbol, sizeof m[i].stype_in_symbol, "in%zu", i);
        snprintf(m[i].stype_out_symbol, sizeof m[i].stype_out_symbol, "out%zu", i);
    }
    for (size_t k = 0; k < LENGTH(names); k++) {
        uint64_t before = taken(names[k], m, sizeof m, 8, &f).digest;
        CHECK_EQ_U64(f.strings, 32);
        m[9].hd.ts_event++, m[9].start_ts++, m[9].hd.instrument_id++;
        CHECK_EQ_U64(taken(names[k], m, sizeof m, 8, &f).digest, before);
        CHECK(taken(names[k], m, sizeof m, 9, &f).digest != before);
        m[9].stype_out_symbol[0] = 'O';
        CHECK(taken(names[k], m, sizeof m, 8, &f).digest != before);
        m[9].stype_out_symbol[0] = 'o';
    }
    struct dbn_symbol_mapping_v2 keep = m[3];
    uint64_t before = taken("strings", m, sizeof m, 8, &f).digest;
    memcpy(m[3].stype_in_symbol, keep.stype_out_symbol, sizeof keep.stype_out_symbol);
    memcpy(m[3].stype_out_symbol, keep.stype_in_symbol, sizeof keep.stype_in_symbol);
    CHECK(taken("strings", m, sizeof m, 8, &f).digest != before);
}

/* What both keep is the same, and is all there is. */
TEST(copies_and_single_ones_agree)
{
    static const char *const schemas[] = {"definition", "all", "mixed", "trades"};
    for (size_t i = 0; i < LENGTH(schemas); i++)
        for (uint8_t version = 1; version <= 3; version++) {
            struct bytes b = generated_stream(schemas[i], version, 2000 / SLOWER, false);
            size_t at = first_record(b);
            struct sink_facts once, copies;
            struct tally a = taken("strings", b.p + at, b.n - at, at, &once);
            struct tally c = taken("strings-copy", b.p + at, b.n - at, at, &copies);
            CHECK(tally_equal(&a, &c));
            CHECK_EQ_U64(once.strings, copies.strings);
            CHECK_EQ_U64(once.string_bytes + once.saved_bytes, copies.string_bytes);
            CHECK(once.distinct <= once.strings && (once.strings == 0) == (i == 3));
            free(b.p);
        }
}

/* Many of them, each twice: more than fit the first table, and some that begin as others do. */
TEST(each_is_kept_once)
{
    enum { DISTINCT = 20000 };
    struct dbn_error_v1 *errors = calloc(2 * DISTINCT, sizeof *errors);
    uint64_t sum = 0, bytes = 0;
    char text[32];
    struct sink_facts f;
    CHECK(errors);
    for (size_t i = 0; i < 2 * DISTINCT; i++) {
        int n = snprintf(text, sizeof text, "%zu", i % DISTINCT * 7);
        errors[i] = error_of(text);
        sum += digest_of(text, i * sizeof *errors + offsetof(struct dbn_error_v1, err));
        bytes += (uint64_t)n + 1;
    }
    struct tally t = taken("strings", errors, 2 * DISTINCT * sizeof *errors, 0, &f);
    CHECK_EQ_U64(t.digest, sum);
    CHECK_EQ_U64(f.strings, 2 * DISTINCT);
    CHECK_EQ_U64(f.distinct, DISTINCT);
    CHECK_EQ_U64(f.string_bytes, bytes / 2);
    CHECK_EQ_U64(f.saved_bytes, bytes / 2);
    free(errors);
}

TESTS(CASE(strings_by_hand), CASE(only_texts_count), CASE(copies_and_single_ones_agree), CASE(each_is_kept_once));
