/* Guards reading part of a file: what a backend lends is the range that was asked for, byte by byte, and ranges that
 * meet at a record give, together, what the whole file gives. */
#include "../support.h"

static const struct generate_spec spec = {.schema = "all", .version = 1, .records = 120, .symbols = 2, .seed = 1};

/* An end at a record's end gives the records before it. */
TEST(ends_at_record_boundaries)
{
    struct bytes b = generated(&spec);
    struct scratch s = scratch_memory();
    const char *path = s.path;
    scratch_set(&s, b.p, b.n);
    for (uint64_t n = 0; n <= spec.records; n += sparse(3)) {
        struct ref_result part;
        ref_decode(path, &defaults, n, &part);
        for (size_t k = 0; backends[k]; k++)
            for (size_t i = 0; tested_sink(i) && !backend_unavailable(backends[k]); i++) {
                if (!worth_trying(backends[k], tested_sink(i)))
                    continue;
                struct job job = {backends[k], tested_sink(i), &path, 1, 1, part.records_end, defaults, 1, NULL};
                struct ending actual = job_ending(&job), expected = reference_ending(&part, tested_sink(i));
                CHECK_FOR(ending_equal(&actual, &expected, tested_sink(i)), "%s, %s up to byte %ju: %s instead of %s",
                          backends[k]->name, tested_sink(i)->name, (uintmax_t)part.records_end, ending_text(&actual),
                          ending_text(&expected));
            }
    }
    scratch_close(&s);
    free(b.p);
}

static struct tally tally_of_range(const struct backend *b, const char *path, uint64_t begin, uint64_t end,
                                   const struct sink *sink)
{
    struct backend_input in = {.path = path, .begin = begin, .end = end, .fragment = true, .block = 100};
    struct reader r = reader_open(b, &in);
    struct ending e = decode_source(reader_source(&r), b->step, sink, true);
    CHECK_EQ_I64(reader_close(&r, NULL), 0);
    CHECK_STR(dbn_outcome_name(e.outcome), "OK");
    return e.tally;
}

/* Two ranges that meet at any record add up to the whole. */
TEST(ranges_add_up)
{
    struct bytes b = generated(&spec);
    struct scratch s = scratch_memory();
    struct ref_result reference;
    scratch_set(&s, b.p, b.n);
    ref_decode(s.path, &defaults, UINT64_MAX, &reference);
    for (size_t at = first_record(b), nth = 0; at <= b.n; at += at < b.n ? dbn_record_size(b.p + at) : 1, nth++) {
        if (nth % sparse(3))
            continue;
        for (size_t k = 0; backends[k]; k++)
            for (size_t i = 0; tested_sink(i) && !backend_unavailable(backends[k]); i++) {
                if (!worth_trying(backends[k], tested_sink(i)))
                    continue;
                struct tally sum = tally_of_range(backends[k], s.path, first_record(b), at, tested_sink(i));
                struct tally rest = tally_of_range(backends[k], s.path, at, UINT64_MAX, tested_sink(i));
                tally_add(&sum, &rest);
                CHECK_FOR(tally_is(sum, sink_expected(tested_sink(i), reference.tally)), "%s, %s, cut at byte %zu",
                          backends[k]->name, tested_sink(i)->name, at);
            }
    }
    scratch_close(&s);
    free(b.p);
}

struct range {
    uint64_t begin, end;
};

/* The range, once and in order; then the backend keeps saying that there is no more. */
static void check_lent(const struct backend *b, const char *path, struct bytes whole, struct range range, size_t block,
                       size_t need)
{
    struct backend_input in = {
        .path = path, .begin = range.begin, .end = range.end, .fragment = range.begin > 0, .block = block};
    struct reader r = reader_open(b, &in);
    struct dbn_span span;
    struct backend_counts counts;
    uint64_t at = range.begin, stop = range.end < whole.n ? range.end : whole.n;
    int rc;
    while ((rc = b->next(r.consumer, need, &span)) > 0) {
        CHECK_FOR(span.len > 0 && span.offset == at && span.len <= stop - at, "%s", b->name);
        CHECK_FOR(memcmp(span.ptr, whole.p + at, span.len) == 0, "%s", b->name);
        at += span.len;
    }
    CHECK_EQ_I64(rc, 0);
    CHECK_EQ_I64(b->next(r.consumer, need, &span), 0);
    CHECK_EQ_U64(at, stop);
    CHECK_EQ_I64(reader_close(&r, &counts), 0);
    CHECK(counts.bytes_read == 0 || counts.bytes_read == stop - range.begin);
}

TEST(bytes_are_lent_once_and_in_order)
{
    static const size_t blocks[] = {0, 1, 64, 4096}, needs[] = {1, 2, 16, 5000};
    struct bytes b = generated_stream("mbo", 3, 400, true);
    struct scratch s = scratch_memory();
    size_t record = first_record(b), later = record + 100 * dbn_record_size(b.p + record);
    const struct range ranges[] = {{0, UINT64_MAX}, {0, b.n}, {record, later}, {later, b.n + 1}, {later, later}};
    scratch_set(&s, b.p, b.n);
    for (size_t k = 0; backends[k]; k++)
        for (size_t i = 0; i < LENGTH(blocks) && !backend_unavailable(backends[k]); i++)
            for (size_t j = 0; j < LENGTH(needs); j++)
                for (size_t l = 0; l < LENGTH(ranges); l++)
                    check_lent(backends[k], s.path, b, ranges[l], blocks[i], needs[j]);
    scratch_close(&s);
    free(b.p);
}

TESTS(CASE_WITHIN(300, ends_at_record_boundaries), CASE_WITHIN(300, ranges_add_up),
      CASE(bytes_are_lent_once_and_in_order));
