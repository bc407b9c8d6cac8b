/* Guards reads past the page cache: whatever the file system refuses and however little a read gives, the records are
 * those of the file, an error is at the offset that was reached, and what was read so is counted. */
#include "../support.h"
#include "../support_interrupt.h"

#include <errno.h>

static struct job_result decode(const struct backend *b, const char *path, size_t block, unsigned depth)
{
    struct job_result r;
    struct job job = {.backend = b,
                      .sink = sink_find("fields"),
                      .paths = &path,
                      .files = 1,
                      .threads = 1,
                      .end = UINT64_MAX,
                      .options = defaults};
    job.options.block = block;
    job.options.depth = depth;
    job_run(&job, &r);
    return r;
}

static struct scratch on;
static struct bytes whole;
static struct ending reference;

static void set_up(struct scratch file, unsigned zstd_level)
{
    struct ref_result found;
    on = file;
    whole = generated(&(struct generate_spec){
        .schema = "mixed", .version = 3, .records = zstd_level ? 1500 : 500, .symbols = 3, .zstd_level = zstd_level});
    scratch_set(&on, whole.p, whole.n);
    ref_decode(on.path, &defaults, UINT64_MAX, &found);
    reference = reference_ending(&found, sink_find("fields"));
    CHECK(whole.n > 3 * 4096 && reference.outcome == 0);
}

static void tear_down(void)
{
    free(whole.p);
    scratch_close(&on);
}

static void check_fault(const struct backend *b, enum direct_fault fault, size_t block)
{
    direct_meets(fault);
    struct job_result r = decode(b, on.path, block, 0);
    unsigned met = direct_met();
    struct ending e = {r.outcome, r.outcome ? r.fault : 0, r.tally};
    CHECK_FOR(ending_equal(&e, &reference, sink_find("fields")), "%s, blocks of %zu, fault %d: %s instead of %s",
              b->name, block, fault, ending_text(&e), ending_text(&reference));
    CHECK_FOR(met > 0 || fault == DIRECT_WORKS || (fault == DIRECT_READS_FAIL && block != 4096), "%s, %zu, fault %d",
              b->name, block, fault);
    CHECK_EQ_U64(r.counts.bytes_read, whole.n);
    if (fault == DIRECT_REFUSED)
        CHECK_EQ_U64(r.counts.direct, 0);
    else if (fault == DIRECT_WORKS || fault == DIRECT_INTERRUPTED)
        CHECK_EQ_U64(r.counts.direct, whole.n);
    else
        CHECK_FOR(r.counts.direct < whole.n || met == 0, "%s, %zu, fault %d", b->name, block, fault);
}

static void check_faults(void)
{
    static const size_t blocks[] = {0, 7, 4096, 10000};
    for (size_t k = 0; backends[k]; k++)
        for (size_t i = 0; i < LENGTH(blocks) && backends[k]->direct && !backend_unavailable(backends[k]); i++)
            for (enum direct_fault fault = DIRECT_WORKS; fault < DIRECT_ERROR; fault++)
                check_fault(backends[k], fault, blocks[i]);
}

/* Can the file be read so here? */
static void need_direct(void)
{
    for (size_t k = 0; backends[k]; k++)
        if (backends[k]->direct && !backend_unavailable(backends[k]) &&
            decode(backends[k], on.path, 0, 0).counts.direct == 0)
            SKIP("no file can be read past the page cache here");
}

TEST(on_a_disk)
{
    set_up(scratch_disk(), 0);
    need_direct();
    check_faults();
    tear_down();
}

TEST(in_memory)
{
    set_up(scratch_memory(), 0);
    need_direct();
    check_faults();
    tear_down();
}

TEST(compressed)
{
    set_up(scratch_disk(), 1);
    need_direct();
    check_faults();
    tear_down();
}

/* The third block cannot be had. One at a time, so that it is the third that is read. */
TEST(errors_are_where_they_were_met)
{
    set_up(scratch_disk(), 0);
    for (size_t k = 0; backends[k]; k++) {
        if (!backends[k]->direct || backend_unavailable(backends[k]))
            continue;
        direct_meets(DIRECT_ERROR);
        struct job_result r = decode(backends[k], on.path, 4096, 1);
        CHECK_EQ_U64(direct_met(), 1);
        CHECK_STR(dbn_outcome_name(r.outcome), "IO_ERROR");
        CHECK_EQ_U64(r.fault, 2 * 4096);
        CHECK_EQ_U64(r.counts.bytes_read, 2 * 4096);
        CHECK(r.tally.records > 0 && r.tally.records < reference.tally.records);
    }
    tear_down();
}

TESTS(CASE(on_a_disk), CASE(in_memory), CASE(compressed), CASE(errors_are_where_they_were_met));
