/* Guards against input made to fool: every prefix and every changed bit of a set of files ends, in every backend, in
 * the outcome, at the place and behind the records that the reference decoder finds. */
#include "../support.h"

static const struct sink *judge_sink(void)
{
    return sink_find("fields");
}

struct subject {
    struct bytes bytes;
    struct scratch file; /* the same bytes, before a case changes them */
    struct input_options options;
    struct pieces memory;
    const char *what;
    struct ending whole; /* of the file as it is */
    bool packed;
    uint64_t cases;
};

static void hold(struct subject *s, const char *what, const struct generate_spec *spec, bool fragment)
{
    struct bytes b = generated(spec);
    size_t from = fragment ? first_record(b) : 0;
    *s = (struct subject){.file = scratch_memory(), .options = defaults, .what = what, .packed = spec->zstd_level > 0};
    s->bytes.n = b.n - from;
    s->bytes.p = malloc(s->bytes.n);
    CHECK(s->bytes.p);
    memcpy(s->bytes.p, b.p + from, s->bytes.n);
    free(b.p);
    s->options.fragment = fragment;
    s->options.block = 600; /* so that the files have several blocks */
    scratch_set(&s->file, s->bytes.p, s->bytes.n);
}

static void release(struct subject *s)
{
    printf("%s: %ju cases\n", s->what, (uintmax_t)s->cases);
    pieces_free(&s->memory);
    scratch_close(&s->file);
    free(s->bytes.p);
}

static struct ending reference(const struct subject *s)
{
    struct ref_result r;
    ref_decode(s->file.path, &s->options, UINT64_MAX, &r);
    return reference_ending(&r, judge_sink());
}

/* The core alone, from n bytes that end at an unreadable page. */
static struct ending core(struct subject *s, size_t n, enum dbn_step step)
{
    pieces_set(&s->memory, s->bytes.p, n, n ? n : 1);
    struct dbn_source source = {pieces_next, &s->memory};
    if (s->packed)
        return decode_packed(source, step, judge_sink());
    return decode_source(source, step, judge_sink(), s->options.fragment);
}

static void agree(const struct subject *s, size_t at, const char *who, struct ending actual, struct ending expected)
{
    CHECK_FOR(ending_equal(&actual, &expected, judge_sink()), "%s, byte %zu: %s says %s instead of %s", s->what, at,
              who, ending_text(&actual), ending_text(&expected));
}

/* The bytes and the file are set up for the case. How it ends, once all agree. */
static struct ending agreed(struct subject *s, size_t n, size_t at, bool with_backends)
{
    struct ending expected = reference(s);
    const char *name = dbn_outcome_name(expected.outcome);
    CHECK_FOR(strcmp(name, "IO_ERROR") != 0, "%s, byte %zu", s->what, at);
    agree(s, at, "the core", core(s, n, DBN_STEP_BLOCK), expected);
    if (with_backends) {
        agree(s, at, "the core, record by record", core(s, n, DBN_STEP_RECORD), expected);
        agree(s, at, "the core, field by field", core(s, n, DBN_STEP_FIELD), expected);
    }
    for (size_t k = 0; with_backends && backends[k]; k++) {
        const char *path = s->file.path;
        if (!backend_unavailable(backends[k]))
            agree(s, at, backends[k]->name,
                  job_ending(&(struct job){backends[k], judge_sink(), &path, 1, 1, UINT64_MAX, s->options, 1, NULL}),
                  expected);
    }
    s->cases++;
    return expected;
}

/* What a prefix of a stream that is not compressed has to give. */
static struct ending cut_stream(const struct subject *s, size_t n)
{
    if (!s->options.fragment && n < 8)
        return (struct ending){.outcome = n ? DBN_E_TRUNCATED_HEADER : DBN_E_EMPTY, .fault = n};
    size_t at = s->options.fragment ? 0 : first_record(s->bytes);
    if (n < at)
        return (struct ending){.outcome = DBN_E_TRUNCATED_METADATA, .fault = n};
    while (at < n && at + dbn_record_size(s->bytes.p + at) <= n)
        at += dbn_record_size(s->bytes.p + at);
    return (struct ending){.outcome = at < n ? DBN_E_TRUNCATED_RECORD : 0, .fault = at < n ? at : 0};
}

static void sweep_prefixes(struct subject *s)
{
    for (size_t n = s->bytes.n + 1; n-- > 0;) {
        scratch_size(&s->file, n);
        struct ending e = agreed(s, n, n, n % sparse(8) == 0), expected = cut_stream(s, n);
        if (n == s->bytes.n)
            s->whole = e;
        if (!s->packed)
            CHECK_FOR(e.outcome == expected.outcome && e.fault == expected.fault, "%zu bytes of %s: %s", n, s->what,
                      ending_text(&e));
        CHECK_FOR(!s->packed || (e.outcome == 0) == (n == s->bytes.n), "%zu bytes of %s", n, s->what);
    }
    scratch_set(&s->file, s->bytes.p, s->bytes.n);
    CHECK(s->whole.outcome == 0 && s->whole.tally.records > 0);
}

static struct ending changed(struct subject *s, size_t at, uint8_t bits, bool with_backends)
{
    s->bytes.p[at] ^= bits;
    scratch_poke(&s->file, at, s->bytes.p[at]);
    struct ending e = agreed(s, s->bytes.n, at, with_backends);
    s->bytes.p[at] ^= bits;
    scratch_poke(&s->file, at, s->bytes.p[at]);
    return e;
}

/* Compressed files have a checksum: nothing changed in them may pass for good. */
static void sweep_bits(struct subject *s)
{
    for (size_t bit = 0; bit < s->bytes.n * 8; bit += sparse(11)) {
        struct ending e = changed(s, bit / 8, (uint8_t)(1u << bit % 8), true);
        CHECK_FOR(!s->packed || e.outcome || tally_equal(&e.tally, &s->whole.tally), "bit %zu of %s", bit, s->what);
    }
}

static void sweep(uint8_t version, uint64_t records, unsigned zstd_level, bool fragment)
{
    struct subject s;
    struct generate_spec spec = {.schema = "all",
                                 .version = version,
                                 .records = records,
                                 .symbols = 1,
                                 .seed = version,
                                 .zstd_level = zstd_level};
    hold(&s, zstd_level ? "a compressed file" : fragment ? "a fragment" : "a plain file", &spec, fragment);
    sweep_prefixes(&s);
    sweep_bits(&s);
    release(&s);
}

TEST(version_1)
{
    sweep(1, 10, 0, false);
}

TEST(version_2)
{
    sweep(2, 6, 0, false);
}

TEST(version_3)
{
    sweep(3, 8, 0, false);
}

TEST(version_1_compressed)
{
    sweep(1, 10, 1, false);
}

TEST(version_3_compressed)
{
    sweep(3, 8, 1, false);
}

TEST(fragment)
{
    sweep(2, 10, 0, true);
}

TESTS(CASE_WITHIN(300, version_1), CASE_WITHIN(300, version_2), CASE_WITHIN(300, version_3),
      CASE_WITHIN(300, version_1_compressed), CASE_WITHIN(300, version_3_compressed), CASE_WITHIN(300, fragment));
