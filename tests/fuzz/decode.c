/* Guards the decoder, the library's reader and the backends against any bytes at all: however they are lent and read,
 * they end with the outcome, at the place and behind the records that the reference decoder finds. */
#include "../../dbn/inflate.h"
#include "../fuzz.h"
#include "../support_reader.h"

#ifdef LIBFUZZER /* which looks for new ways through the core; threads and mappings take 50 times as long */
enum { BACKENDS_EVERY = 64 };
#else
enum { BACKENDS_EVERY = 1 };
#endif

static uint64_t seed;

static int next_cut(void *self, size_t need, struct dbn_span *out)
{
    struct pieces *s = self;
    s->size = (size_t)(stats_random(&seed) % 5 == 0 ? 0 : 1 + stats_random(&seed) % 600);
    return pieces_next(s, need, out);
}

static void agree(const char *who, const struct ending *actual, const struct ending *expected, const struct sink *sink)
{
    CHECK_FOR(ending_equal(actual, expected, sink), "%s, sink %s: %s instead of %s", who, sink->name,
              ending_text(actual), ending_text(expected));
}

static void check_as(const uint8_t *p, size_t n, const struct input_options *options)
{
    static struct scratch file = {.fd = -1};
    static struct pieces pieces;
    struct ref_result reference;
    size_t count = 0;
    if (file.fd < 0)
        file = scratch_memory();
    scratch_set(&file, p, n);
    ref_decode(file.path, options, UINT64_MAX, &reference);
    CHECK(strcmp(dbn_outcome_name(reference.outcome), "IO_ERROR") != 0);
    while (tested_sink(count))
        count++;
    const struct sink *fields = sink_find("fields"), *any = tested_sink(stats_random(&seed) % count);
    struct ending expected = reference_ending(&reference, fields);
    struct dbn_zstd *z;
    pieces_set(&pieces, p, n, 1);
    pieces.edge = stats_random(&seed) % 2 ? EDGE_END : EDGE_BEGIN;
    CHECK_EQ_I64(dbn_zstd_open((struct dbn_source){next_cut, &pieces}, DBN_ZSTD_WINDOW_LOG, &z), 0);
    struct ending cut = decode_source((struct dbn_source){dbn_zstd_next, z}, (enum dbn_step)(stats_random(&seed) % 3),
                                      fields, options->fragment);
    dbn_zstd_close(z);
    agree("the core", &cut, &expected, fields);
    if (!options->fragment) {
        struct dbn_reader *r;
        pieces.at = 0;
        int rc = dbn_reader_open_source((struct dbn_source){next_cut, &pieces}, &r);
        cut = read_rest(r, rc, (enum reading)(stats_random(&seed) % READINGS), fields);
        agree("the reader", &cut, &expected, fields);
    }
    bool with_backends = stats_random(&seed) % BACKENDS_EVERY == 0;
    for (size_t k = 0; with_backends && backends[k]; k++) {
        const char *path = file.path;
        struct job job = {backends[k], k == 0 ? any : fields, &path, 1, 1, UINT64_MAX, *options, 1, NULL};
        if (backend_unavailable(job.backend))
            continue;
        struct ending e = job_ending(&job), should = reference_ending(&reference, job.sink);
        agree(job.backend->name, &e, &should, job.sink);
    }
}

static void check(const uint8_t *p, size_t n)
{
    struct input_options options = defaults;
    seed = fuzz_seed(p, n);
    if (fuzz_inflates_far(p, n))
        return;
    options.block = (size_t)(stats_random(&seed) % 1500 + 1);
    check_as(p, n, &options);
    options.fragment = true;
    if (n == 0 || p[0] != 'D')
        check_as(p, n, &options);
}

FUZZ(check, "dbn", 2000);
