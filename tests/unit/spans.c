/* Guards the way from source to sink: the same stream lent in pieces of any size, each up against an unreadable page at
 * its end or at its beginning, gives every sink the same tally whatever the decoder asks for. So no record depends on
 * where a piece ends, nothing outside of what is lent is read, and nothing is kept that is no longer lent. */
#include "../../dbn/encode.h"
#include "../support.h"

static const enum dbn_step steps[] = {DBN_STEP_BLOCK, DBN_STEP_RECORD, DBN_STEP_FIELD};

struct expectation {
    struct ref_result reference;
    bool fragment;
    char what[100];
};

static struct expectation expect(struct bytes b, bool fragment, const char *what)
{
    struct expectation e = {.fragment = fragment};
    struct input_options options = defaults;
    options.fragment = fragment;
    struct scratch file = scratch_memory();
    scratch_set(&file, b.p, b.n);
    ref_decode(file.path, &options, UINT64_MAX, &e.reference);
    scratch_close(&file);
    CHECK_STR(dbn_outcome_name(e.reference.outcome), "OK");
    snprintf(e.what, sizeof e.what, "%s", what);
    return e;
}

static void check(struct pieces *s, enum dbn_step step, const struct sink *sink, const struct expectation *e)
{
    struct ending expected = reference_ending(&e->reference, sink);
    struct ending actual = decode_source((struct dbn_source){pieces_next, s}, step, sink, e->fragment);
    CHECK_FOR(ending_equal(&actual, &expected, sink),
              "%s in pieces of %zu (the first of %zu), edge %d, step %d, sink %s: %s instead of %s", e->what, s->size,
              s->first, s->edge, step, sink->name, ending_text(&actual), ending_text(&expected));
}

/* Every sink, every step, both edges; but not every sink in every step. */
static void check_piece_size(struct pieces *s, struct bytes b, size_t size, const struct expectation *e)
{
    for (size_t step = 0; step < LENGTH(steps); step++)
        for (size_t i = 0; tested_sink(i); i++)
            for (int edge = EDGE_END; edge <= EDGE_BEGIN; edge++) {
                if (steps[step] != DBN_STEP_BLOCK && (i + size) % 4 && !test_all())
                    continue;
                pieces_set(s, b.p, b.n, size);
                s->edge = (enum edge)edge;
                check(s, steps[step], tested_sink(i), e);
            }
}

/* 0 stands for pieces of just what is asked for. */
static const size_t sizes[] = {0,   65,  79,   80,   81,   127,  128,  129,  255,  368,  376,  519,  520,  521,  528,
                               777, 959, 1019, 1020, 1021, 1023, 1024, 1025, 2039, 2040, 2048, 4095, 4096, 4097, 65536};

static void check_stream(const char *schema, uint8_t version, bool ts_out)
{
    char what[60];
    struct pieces s = {0};
    struct bytes b = generated_stream(schema, version, strcmp(schema, "all") == 0 ? 90 : 40, ts_out);
    snprintf(what, sizeof what, "%s v%u%s", schema, version, ts_out ? " with ts_out" : "");
    struct expectation e = expect(b, false, what);
    CHECK(e.reference.tally[sink_index(sink_find("fields"))].records >= 40);
    for (size_t size = 1; size <= 64; size += sparse(7))
        check_piece_size(&s, b, size, &e);
    for (size_t i = 0; i < LENGTH(sizes); i += sparse(3))
        check_piece_size(&s, b, sizes[i], &e);
    pieces_free(&s);
    free(b.p);
}

static void check_version(uint8_t version)
{
    for (size_t i = 0; generate_schemas[i]; i++)
        for (int ts_out = 0; ts_out <= 1; ts_out++)
            if ((i + (size_t)ts_out + version) % 2 || test_all()) /* each with and without, but not in each version */
                check_stream(generate_schemas[i], version, ts_out);
}

TEST(pieces_of_version_1)
{
    check_version(1);
}

TEST(pieces_of_version_2)
{
    check_version(2);
}

TEST(pieces_of_version_3)
{
    check_version(3);
}

/* Bytes of records of a stream that comes in pieces of this size, and that are not within one of them. */
static uint64_t cut_bytes(struct bytes b, size_t size)
{
    uint64_t cut = 0;
    for (size_t at = first_record(b), n; at < b.n; at += n) {
        n = dbn_record_size(b.p + at);
        cut += at / size == (at + n - 1) / size ? 0 : n;
    }
    return cut;
}

static uint64_t joined(struct pieces *s, enum dbn_step step)
{
    const struct sink *sink = sink_find("frame");
    struct dbn_decoder d;
    struct dbn_metadata md;
    struct tally t;
    void *self;
    dbn_decoder_init(&d, (struct dbn_source){pieces_next, s}, step);
    CHECK_EQ_I64(dbn_read_metadata(&d, DBN_METADATA_LIMIT, &md), 0);
    dbn_metadata_free(&md);
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
    CHECK_EQ_I64(dbn_decode(&d, (struct dbn_sink){sink->take, self}), 0);
    sink->end(self, &t);
    return d.joined;
}

/* Just the records that a piece's end cuts are copied, and counted with every byte; all of them by who asks for less
 * than a record. */
TEST(what_is_cut_is_copied_once)
{
    static const char *const schemas[] = {"trades", "mixed", "all"};
    struct pieces s = {0};
    for (size_t k = 0; k < LENGTH(schemas); k++) {
        struct bytes b = generated_stream(schemas[k], 3, 100, false);
        for (size_t size = 1; size < 1100; size += size < 300 ? 1 : 97) {
            pieces_set(&s, b.p, b.n, size);
            CHECK_EQ_U64(joined(&s, DBN_STEP_BLOCK), cut_bytes(b, size));
            pieces_set(&s, b.p, b.n, size);
            CHECK_EQ_U64(joined(&s, size % 2 ? DBN_STEP_RECORD : DBN_STEP_FIELD), b.n - first_record(b));
        }
        free(b.p);
    }
    pieces_free(&s);
}

/* One cut, at every place there is: also behind the first, second, ... record of a run. */
TEST(every_cut)
{
    static const char *const schemas[] = {"trades", "definition", "mixed", "all"};
    struct pieces s = {0};
    for (size_t k = 0; k < LENGTH(schemas); k++) {
        struct bytes b = generated_stream(schemas[k], (uint8_t)(1 + k % 3), k == 1 ? 12 : 40, k % 2);
        struct expectation e = expect(b, false, schemas[k]);
        for (size_t cut = first_record(b); cut < b.n; cut += sparse(5))
            for (size_t i = cut % sparse(4); tested_sink(i); i += sparse(4))
                for (int edge = EDGE_END; edge <= EDGE_BEGIN; edge++) {
                    pieces_set(&s, b.p, b.n, b.n);
                    s.first = cut;
                    s.edge = (enum edge)edge;
                    check(&s, DBN_STEP_BLOCK, tested_sink(i), &e);
                }
        free(b.p);
    }
    pieces_free(&s);
}

/* --- records that no writer makes today --- */

enum { RUN = 10 };

static void add_run(struct dbn_buffer *b, uint8_t rtype, size_t size, uint64_t *seed)
{
    for (int i = 0; i < RUN; i++) {
        uint8_t *p = dbn_buffer_extend(b, size);
        CHECK(p);
        for (size_t k = 0; k < size; k++)
            p[k] = (uint8_t)stats_random(seed);
        dbn_encode_record(p, size, rtype, NULL);
    }
}

static void check_fragment(struct dbn_buffer *b, uint64_t records, const char *what)
{
    static const size_t odd[] = {0, 1, 2, 3, 7, 16, 61, 64, 1019, 1020, 1021, 4096, 10199, 10200, 65535, 1 << 20};
    struct pieces s = {0};
    struct bytes bytes = {b->bytes, b->size};
    struct expectation e = expect(bytes, true, what);
    CHECK_EQ_U64(e.reference.tally[sink_index(sink_find("fields"))].records, records);
    for (size_t i = 0; i < LENGTH(odd); i += sparse(2))
        check_piece_size(&s, bytes, odd[i], &e);
    pieces_free(&s);
    free(b->bytes);
}

TEST(runs_of_every_size)
{
    struct dbn_buffer b = {0};
    uint64_t seed = 1, records = 0;
    for (size_t size = 16; size <= DBN_MAX_RECORD; size += 4 * sparse(5), records += RUN)
        add_run(&b, 0xF0, size, &seed);
    check_fragment(&b, records, "unknown records of every size");
}

/* Known types, as long as their layouts, a little longer, and too short for them. */
TEST(runs_of_every_type)
{
    struct dbn_buffer b = {0};
    uint64_t seed = 2, records = 0;
#define RTYPE(value, name, id)                                                                                         \
    for (size_t size = sizeof(struct dbn_##id) - 4; size <= sizeof(struct dbn_##id) + 8; size += 4, records += RUN)    \
        add_run(&b, value, size, &seed);                                                                               \
    add_run(&b, value, 16, &seed);                                                                                     \
    add_run(&b, value, DBN_MAX_RECORD, &seed);                                                                         \
    records += 2 * RUN;
#include "../../dbn/records.def"
    check_fragment(&b, records, "known types of many sizes");
}

/* Types that have the same length follow each other: a run ends where the type changes, and not only the length. */
TEST(runs_that_change_their_type)
{
    static const uint8_t rtypes[] = {
#define RTYPE(value, name, id) value,
#include "../../dbn/records.def"
    };
    static const size_t lengths[] = {56, 64, 80, 320};
    struct dbn_buffer b = {0};
    uint64_t seed = 3, records = 0;
    for (size_t i = 0; i < LENGTH(lengths); i++)
        for (size_t k = 0; k < LENGTH(rtypes); k++, records += RUN)
            add_run(&b, rtypes[k], lengths[i], &seed);
    check_fragment(&b, records, "types of the same length");
}

/* A sink takes what is whole, and stops in front of the first record that is not, be it cut off or too short. */
TEST(sinks_stop_in_front_of_a_cut)
{
    struct bytes b = generated_stream("mixed", 3, 60, false);
    struct pieces s = {0};
    struct dbn_span lent;
    size_t begin = first_record(b), n = b.n - begin, whole = 0;
    for (size_t left = 0; left <= n; left += sparse(3)) {
        while (dbn_walk(b.p + begin + whole, b.p + begin + left))
            whole += dbn_record_size(b.p + begin + whole);
        for (size_t i = 0; tested_sink(i); i++) {
            void *self;
            struct tally t;
            pieces_set(&s, b.p + begin, left, left);
            pieces_next(&s, 1, &lent);
            CHECK_EQ_I64(sink_begin(tested_sink(i), &(struct sink_plan){0}, &self), 0);
            CHECK_EQ_U64(tested_sink(i)->take(self, lent.ptr, left, begin),
                         tested_sink(i)->looks == SINK_LOOKS_AT_RECORDS ? whole : left);
            tested_sink(i)->end(self, &t);
            CHECK_EQ_U64(t.bytes, tested_sink(i)->looks == SINK_LOOKS_AT_RECORDS ? whole : left);
        }
    }
    pieces_free(&s);
    free(b.p);
}

TESTS(CASE_WITHIN(300, pieces_of_version_1), CASE_WITHIN(300, pieces_of_version_2),
      CASE_WITHIN(300, pieces_of_version_3), CASE(what_is_cut_is_copied_once), CASE_WITHIN(300, every_cut),
      CASE_WITHIN(300, runs_of_every_size), CASE_WITHIN(300, runs_of_every_type),
      CASE_WITHIN(300, runs_that_change_their_type), CASE(sinks_stop_in_front_of_a_cut));
