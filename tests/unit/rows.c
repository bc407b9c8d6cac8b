/* Guards what `profile` measures by: the sink that keeps records, bytes that lie in memory,
 * files taken as they are, and the counts of what is copied, byte by byte. */
#include "../../dbn/inflate.h"
#include "../../harness/measure/memory_backend.h"
#include "../../harness/measure/plan.h"
#include "../../harness/sinks/row_memory.h"
#include "../support.h"

#include <errno.h>
#include <malloc.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct backend *const *memory_backends(void)
{
    static const struct backend *all[6];
    all[0] = &memory_backend;
    all[1] = &memory_backend_cached;
    all[2] = &memory_backend_handed;
    all[3] = memory_backend_stepped(DBN_STEP_FIELD);
    all[4] = memory_backend_stepped(DBN_STEP_RECORD);
    return all;
}

static struct scratch file_of(const struct generate_spec *spec)
{
    struct bytes b = generated(spec);
    struct scratch on = scratch_memory();
    scratch_set(&on, b.p, b.n);
    free(b.p);
    return on;
}

static struct job_result run(const struct scratch *on, const struct backend *b, const char *sink, size_t block)
{
    const char *path = on->path;
    struct job job = {.backend = b, .sink = sink_find(sink), .paths = &path, .files = 1, .threads = 1};
    struct job_result r;
    job.end = UINT64_MAX;
    job.options = defaults;
    job.options.block = block;
    job_run(&job, &r);
    CHECK_STR(dbn_outcome_name(r.outcome), "OK");
    return r;
}

/* --- bytes in memory --- */

static void check_memory(const struct generate_spec *spec)
{
    struct scratch on = file_of(spec);
    struct ref_result reference;
    ref_decode(on.path, &defaults, UINT64_MAX, &reference);
    for (const struct backend *const *b = memory_backends(); *b; b++)
        for (size_t i = 0; tested_sink(i); i++) {
            struct job_result r = run(&on, *b, tested_sink(i)->name, i % 2 ? 1000 : 0);
            CHECK_FOR(tally_is(r.tally, sink_expected(tested_sink(i), reference.tally)), "%s: %s, %s", spec->schema,
                      (*b)->name, tested_sink(i)->name);
            CHECK(r.counts.bytes_read == r.facts.bytes_read);
        }
    scratch_close(&on);
}

TEST(memory_gives_what_the_file_has)
{
    for (uint8_t version = 1; version <= 3; version++)
        for (unsigned level = 0; level <= 1; level++)
            for (unsigned ts_out = 0; ts_out <= 1; ts_out++)
                check_memory(&(struct generate_spec){.schema = "all",
                                                     .version = version,
                                                     .records = 3000 / SLOWER,
                                                     .symbols = 5,
                                                     .ts_out = ts_out,
                                                     .zstd_level = level,
                                                     .frames = level ? 3 : 0});
    check_memory(&(struct generate_spec){.schema = "trades", .version = 3, .symbols = 1});
    CHECK(!memory_backend_stepped(DBN_STEP_BLOCK));
}

TEST(memory_says_what_is_wrong_with_a_file)
{
    for (const struct backend *const *b = memory_backends(); *b; b++) {
        const char *missing = "/nonexistent";
        struct job job = {.backend = *b, .sink = sink_find("sum"), .paths = &missing, .files = 1, .threads = 1};
        struct job_result r;
        job.end = UINT64_MAX;
        job.options = defaults;
        job_run(&job, &r);
        CHECK_EQ_I64(r.outcome, -ENOENT);
        struct bytes cut = generated_stream("trades", 3, 10, false);
        struct scratch on = scratch_memory();
        scratch_set(&on, cut.p, cut.n - 1);
        const char *path = on.path;
        job.paths = &path;
        job_run(&job, &r);
        CHECK_STR(dbn_outcome_name(r.outcome), "TRUNCATED_RECORD");
        CHECK_EQ_U64(r.fault, cut.n - 48);
        CHECK_EQ_U64(r.tally.records, 9);
        scratch_close(&on);
        free(cut.p);
    }
}

/* --- rows --- */

/* How many bytes keeping n records of one size copies: each once, and all that is there whenever an array of 4 rows,
 * twice as many, and so on, is full. */
static uint64_t copied_by(uint64_t n, uint64_t size)
{
    uint64_t copied = n * size;
    for (uint64_t room = 4; room < n; room *= 2)
        copied += room * size;
    return copied;
}

TEST(rows_copy_each_record_and_double)
{
    static const uint64_t records[] = {0, 1, 4, 5, 8, 9, 1000, 4096, 4097, 100000};
    for (size_t i = 0; i < LENGTH(records); i++) {
        struct bytes b = generated_stream("trades", 3, records[i], false);
        struct scratch on = scratch_memory();
        scratch_set(&on, b.p, b.n);
        /* All at once an array is made as large as it has to be, so it is moved more often when they come one by one.
         */
        struct job_result one = run(&on, memory_backend_stepped(DBN_STEP_RECORD), "rows", 0);
        CHECK_EQ_U64(one.tally.records, records[i]);
        CHECK_EQ_U64(one.copied, records[i] * 48 + copied_by(records[i], 48)); /* joined, and kept */
        struct job_result all = run(&on, &memory_backend, "rows", 0);
        CHECK(all.copied >= records[i] * 48 && all.copied <= copied_by(records[i], 48));
        scratch_close(&on);
        free(b.p);
    }
}

/* Whatever the records are, and whatever hands them on. */
TEST(other_rows_are_copied_once)
{
    static const char *const names[] = {"rows-exact", "rows-arena", "rows-huge"};
    static const char *const schemas[] = {"trades", "mixed", "all", "definition"};
    for (size_t i = 0; i < LENGTH(names) * LENGTH(schemas); i++) {
        struct generate_spec spec = {
            .schema = schemas[i / LENGTH(names)], .version = 3, .records = 20000 / SLOWER, .symbols = 7};
        struct scratch on = file_of(&spec);
        struct job_result r = run(&on, &memory_backend, names[i % LENGTH(names)], 0);
        CHECK_EQ_U64(r.tally.records, spec.records);
        CHECK_EQ_U64(r.copied, r.tally.bytes);
        CHECK((r.counts.reads > 0) == (i % LENGTH(names) == 0)); /* those that look ahead are counted */
        r = run(&on, memory_backend_stepped(DBN_STEP_RECORD), names[i % LENGTH(names)], 0);
        CHECK_EQ_U64(r.copied, 2 * r.tally.bytes); /* joined, and kept */
        scratch_close(&on);
    }
}

/* In an array a row stands behind all that came before it, wherever the array has moved to. */
TEST(rows_stay_what_they_are)
{
    enum { RECORDS = 20000 };
    static const enum row_memory_kind memories[] = {ROWS_GROW, ROWS_EXACT};
    for (size_t i = 0; i < LENGTH(memories); i++) {
        struct row_memory *m = calloc(1, sizeof *m);
        uint8_t *row = NULL;
        uint64_t moved = 0;
        size_t got;
        CHECK(m);
        row_memory_begin(m, memories[i], &(struct sink_plan){0}, &(struct sink_facts){0});
        for (uint64_t k = 0; k < RECORDS; k++) {
            struct dbn_trade t = {.hd = {.length = sizeof t / 4, .ts_event = k}};
            row = row_memory_room(m, (const uint8_t *)&t, sizeof t, &got, &moved);
            CHECK(row && got == sizeof t);
            memcpy(row, &t, sizeof t);
        }
        for (uint64_t k = 0; k < RECORDS; k++)
            CHECK_EQ_U64(dbn_load_u64(row - k * sizeof(struct dbn_trade) + 8), RECORDS - 1 - k);
        CHECK(i > 0 || moved == copied_by(RECORDS, 48) - RECORDS * 48);
        row_memory_clear(m);
        free(m);
    }
}

/* What was said of the file is wrong: other records come, and more of them. */
TEST(rows_are_right_whatever_was_counted)
{
    struct bytes b = generated_stream("mixed", 3, 60000 / SLOWER, false);
    struct bytes other = generated_stream("mbo", 3, 100, false);
    struct scratch on = scratch_memory();
    struct sink_plan plans[] = {{0},
                                {.path = on.path, .begin = first_record(other), .end = UINT64_MAX},
                                {.path = on.path, .begin = first_record(other) + 1, .end = UINT64_MAX},
                                {.path = on.path, .begin = other.n, .end = other.n},
                                {.path = on.path, .begin = UINT64_MAX, .end = 1},
                                {.path = "/nonexistent", .begin = 1, .end = 2},
                                {.path = "/dev/zero", .begin = 0, .end = UINT64_MAX}};
    const struct sink *exact = sink_find("rows-exact");
    size_t at = first_record(b);
    struct tally expected = decode_whole(b.p, b.n, exact, false).tally;
    scratch_set(&on, other.p, other.n);
    for (size_t i = 0; i < LENGTH(plans); i++) {
        void *self;
        struct tally t;
        CHECK_EQ_I64(sink_begin(exact, &plans[i], &self), 0);
        CHECK_EQ_U64(exact->take(self, b.p + at, b.n - at, at), b.n - at);
        exact->end(self, &t);
        CHECK_FOR(tally_equal(&t, &expected), "plan %zu", i);
    }
    scratch_close(&on);
    free(b.p);
    free(other.p);
}

/* More than it keeps at a time: it begins anew, and finds the same. */
TEST(what_is_kept_is_bounded)
{
    struct bytes b = generated_stream("all", 3, 3000 / SLOWER, false);
    size_t at = first_record(b), rounds = 5;
    for (size_t i = 0; tested_sink(i); i++) {
        void *self;
        struct tally t;
        CHECK_EQ_I64(sink_begin(tested_sink(i), &(struct sink_plan){.keep = 100000}, &self), 0);
        for (size_t k = 0; k < rounds; k++)
            CHECK_EQ_U64(tested_sink(i)->take(self, b.p + at, b.n - at, at), b.n - at);
        tested_sink(i)->end(self, &t);
        struct tally once = decode_whole(b.p, b.n, tested_sink(i), false).tally;
        if (tested_sink(i)->looks != SINK_LOOKS_AT_RECORDS)
            continue;
        CHECK_EQ_U64(t.records, rounds * once.records);
        CHECK_EQ_U64(t.bytes, rounds * once.bytes);
        CHECK_FOR(t.digest == rounds * once.digest, "%s", tested_sink(i)->name);
    }
    free(b.p);
}

/* What is kept at a time is really freed: with a bound of 1 MB, 100 MB of records fit into 24. */
TEST(what_is_kept_is_freed)
{
    if (SANITIZED)
        SKIP("memory cannot be limited under a sanitizer");
    struct bytes b = generated_stream("definition", 3, 4000, false);
    size_t at = first_record(b);
    limit_memory(24 << 20);
    for (size_t i = 0; tested_sink(i); i++) {
        void *self;
        CHECK_EQ_I64(sink_begin(tested_sink(i), &(struct sink_plan){.keep = 1 << 20}, &self), 0);
        for (size_t k = 0; k < 50; k++)
            CHECK_FOR(tested_sink(i)->take(self, b.p + at, b.n - at, at) == b.n - at, "%s", tested_sink(i)->name);
        tested_sink(i)->end(self, &(struct tally){0});
    }
    free(b.p);
}

/* Does the sink keep something of these records? */
static bool keeps(const struct sink *sink, struct bytes b)
{
    void *self;
    size_t at = first_record(b);
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
    CHECK_EQ_U64(sink->take(self, b.p + at, b.n - at, at), b.n - at);
    bool copied = sink->facts && sink->facts(self).copied > 0;
    sink->end(self, &(struct tally){0});
    return copied;
}

static uint64_t mapped(void)
{
    unsigned long long pages = 0;
    FILE *f = fopen("/proc/self/statm", "r");
    CHECK(f && fscanf(f, "%llu", &pages) == 1);
    fclose(f);
    return pages * 4096;
}

/* What is kept takes memory for itself, and little more, even if the records come one by one. */
TEST(what_is_kept_takes_its_size)
{
    if (SANITIZED)
        SKIP("a sanitizer's memory is no measure");
    mallopt(M_MMAP_THRESHOLD, 64 << 10); /* what is freed goes back to the system */
    struct bytes b = generated_stream("trades", 3, 100000, false), few = generated_stream("trades", 3, 10, false);
    size_t first = first_record(b);
    for (size_t i = 0; tested_sink(i); i++) {
        void *self;
        if (!keeps(tested_sink(i), few) || strchr(tested_sink(i)->name, '+'))
            continue;
        uint64_t before = mapped();
        CHECK_EQ_I64(sink_begin(tested_sink(i), &(struct sink_plan){0}, &self), 0);
        for (size_t at = first; at < b.n; at += 48)
            CHECK_EQ_U64(tested_sink(i)->take(self, b.p + at, 48, at), 48);
        uint64_t taken = mapped() - before, least = b.n - first;
        CHECK_FOR(taken >= least && taken <= least * 5 / 2, "%s: %ju bytes", tested_sink(i)->name, (uintmax_t)taken);
        tested_sink(i)->end(self, &(struct tally){0});
    }
    free(b.p);
    free(few.p);
}

static int lend_again(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    *out = *(struct dbn_span *)self;
    return 1;
}

/* A stream without end. */
static void run_out_of_memory(const struct sink *sink, struct dbn_span span)
{
    void *self;
    struct tally t;
    struct dbn_decoder d;
    limit_memory(16 << 20);
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
    dbn_decoder_init(&d, (struct dbn_source){lend_again, &span}, DBN_STEP_BLOCK);
    CHECK_STR(dbn_outcome_name(dbn_decode(&d, (struct dbn_sink){sink->take, self})), "OUT_OF_MEMORY");
    sink->end(self, &t);
    if (sink->looks == SINK_LOOKS_AT_RECORDS)
        CHECK_FOR(t.records >= 3000 && t.records < 500000, "%s: %ju", sink->name, (uintmax_t)t.records);
}

/* Each sink that keeps what it is given, in a process of its own. What `batches` keeps has an end. */
TEST(no_memory_is_an_error)
{
    if (SANITIZED)
        SKIP("memory cannot be limited under a sanitizer");
    struct bytes b = generated_stream("definition", 3, 1000, false);
    size_t at = first_record(b);
    struct dbn_span span = {b.p + at, b.n - at, at};
    for (size_t i = 0; tested_sink(i); i++) {
        int status = 0;
        bool endless = keeps(tested_sink(i), b) && tested_sink(i) != sink_find("batches");
        pid_t child = endless ? fork() : -1;
        if (child == 0) {
            run_out_of_memory(tested_sink(i), span);
            _exit(0);
        }
        CHECK_FOR(child < 0 || (waitpid(child, &status, 0) == child && status == 0), "%s", tested_sink(i)->name);
    }
    free(b.p);
}

/* --- what is copied elsewhere --- */

TEST(copies_are_counted)
{
    struct generate_spec spec = {.schema = "trades", .version = 3, .records = 5000, .symbols = 3};
    struct scratch on = file_of(&spec);
    CHECK_EQ_U64(run(&on, backend_find("mmap"), "sum", 0).copied, 0);
    CHECK_EQ_U64(run(&on, backend_find("syscall"), "sum", 0).copied, 5000 * 48);
    struct job_result r = run(&on, backend_find("pipeline"), "sum", 0);
    CHECK_EQ_U64(r.copied, 0);
    CHECK(r.counts.copied > 0 && r.counts.copied < r.tally.bytes);
    scratch_close(&on);
}

/* Blocks of 4096 bytes cut at most one record each, which then is copied once. */
TEST(cut_records_are_counted)
{
    struct generate_spec spec = {.schema = "trades", .version = 3, .records = 5000, .symbols = 3};
    struct bytes b = generated(&spec);
    struct scratch on = scratch_memory();
    scratch_set(&on, b.p, b.n);
    uint64_t cut = 0;
    for (size_t at = first_record(b); at < b.n; at += 48)
        cut += at / 4096 != (at + 47) / 4096;
    CHECK(cut > 50);
    CHECK_EQ_U64(run(&on, backend_find("buffered"), "sum", 4096).copied, cut * 48);
    scratch_close(&on);
    free(b.p);
}

TEST(inflated_bytes_are_counted)
{
    struct generate_spec spec = {.schema = "trades", .version = 3, .records = 50000, .symbols = 3, .zstd_level = 1};
    struct scratch on = file_of(&spec);
    spec.zstd_level = 0;
    struct bytes stream = generated(&spec);
    struct job_result r = run(&on, backend_find("mmap"), "none", 0);
    CHECK(r.copied >= stream.n && r.copied < stream.n + DBN_ZSTD_IN); /* the last slice is put together */
    r = run(&on, backend_find("pipeline"), "none", 0);
    CHECK_EQ_U64(r.copied, 0);
    CHECK(r.counts.copied >= stream.n);
    scratch_close(&on);
    free(stream.p);
}

/* --- files as they are --- */

TEST(raw_bytes_are_handed_on)
{
    static const char *const names[] = {"none", "touch"};
    const struct backend *with[] = {backend_find("syscall"), backend_find("buffered"), backend_find("mmap"),
                                    &memory_backend};
    char why[SAMPLE_ERROR];
    struct generate_spec spec = {.schema = "trades", .version = 3, .records = 50000, .symbols = 3, .zstd_level = 1};
    struct scratch on = file_of(&spec);
    struct plan plan = {.input = defaults};
    CHECK_EQ_I64(plan_add_file(&plan, on.path, NULL, why, sizeof why), 0);
    CHECK(plan_range(&plan, &plan.files[0], 0, why, sizeof why));
    for (size_t i = 0; i < LENGTH(with) * LENGTH(names); i++) {
        struct plan_case c = {.backend = with[i / 2], .sink = sink_find(names[i % 2]), .key.files = 1, .raw = true};
        c.key.threads = 1;
        c.range = plan_range(&plan, &plan.files[0], PLAN_RAW, why, sizeof why);
        CHECK(c.range && c.range->raw && c.range->records == 50000);
        struct job_result r;
        struct job job = plan_job(&plan, &c, c.range);
        job_run(&job, &r);
        CHECK_STR(dbn_outcome_name(r.outcome), "OK");
        CHECK_FOR(tally_equal(&r.tally, &c.range->expected[sink_index(c.sink)]), "%s %s", c.backend->name,
                  names[i % 2]);
        CHECK_EQ_U64(r.tally.bytes, plan.files[0].size);
        CHECK((r.tally.digest != 0) == (i % 2 == 1));
    }
    plan_free(&plan);
    scratch_close(&on);
}

TESTS(CASE(memory_gives_what_the_file_has), CASE(memory_says_what_is_wrong_with_a_file),
      CASE(rows_copy_each_record_and_double), CASE(other_rows_are_copied_once), CASE(rows_stay_what_they_are),
      CASE(rows_are_right_whatever_was_counted), CASE(what_is_kept_is_bounded), CASE(what_is_kept_takes_its_size),
      CASE(what_is_kept_is_freed), CASE(no_memory_is_an_error), CASE(copies_are_counted), CASE(cut_records_are_counted),
      CASE(inflated_bytes_are_counted), CASE(raw_bytes_are_handed_on));
