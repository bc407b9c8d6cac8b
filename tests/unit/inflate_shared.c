/* Guards inflating by many consumers together (also: tsan): they find what libzstd finds in files good and bad, the
 * same fault at the same place, behind the same records. */
#include "../support_reader.h"
#include "../support_zstd.h"

#include <dirent.h>
#include <pthread.h>
#include <sched.h>

static struct bytes stream;
static struct dbn_buffer file;
static struct scratch on;

static void begin(const char *schema, uint64_t records)
{
    stream = generated_stream(schema, 3, records, false);
    on = scratch_memory();
}

static void end(void)
{
    scratch_close(&on);
    empty(&file);
    free(stream.p);
}

static struct ending by(const char *backend, unsigned threads, const struct input_options *options)
{
    const char *path = on.path;
    return job_ending(
        &(struct job){backend_find(backend), sink_find("fields"), &path, 1, threads, UINT64_MAX, *options, 1, NULL});
}

static struct ending check_threads(const struct input_options *options, const char *what, size_t at)
{
    struct ending expected = by("buffered", 1, options);
    for (unsigned threads = 1; threads <= 4; threads++) {
        struct ending e = by("inflate", threads, options);
        CHECK_FOR(ending_equal(&e, &expected, sink_find("fields")), "%s at %zu, %u threads: %s instead of %s", what, at,
                  threads, ending_text(&e), ending_text(&expected));
    }
    return expected;
}

static void set_file(void)
{
    scratch_set(&on, file.bytes, file.size);
}

TEST(good_files)
{
    static const struct frame frames[] = {
        {1, true, false, 0}, {3, false, true, 0}, {6, true, true, 15}, {9, false, false, 10}, {19, true, false, 22},
    };
    for (size_t i = 0; i < LENGTH(frames); i++) {
        begin(i % 2 ? "mixed" : "mbo", 20000 / SLOWER);
        size_t cut = stream.n / 3 * (i % 3); /* one frame or two */
        if (cut)
            add_frame(&file, stream.p, cut, frames[i]);
        if (i == 1)
            add_skippable(&file, 3, 500);
        add_frame(&file, stream.p + cut, stream.n - cut, frames[i]);
        set_file();
        CHECK_EQ_I64(check_threads(&defaults, "frames", i).outcome, 0);
        end();
    }
}

/* A later frame that has to look back further is left to libzstd, as is a byte behind the last one. */
TEST(files_that_libzstd_goes_on_with)
{
    begin("mbo", 20000 / SLOWER);
    size_t cut = stream.n / 2;
    add_frame(&file, stream.p, cut, (struct frame){.level = 3, .window_log = 12});
    add_frame(&file, stream.p + cut, stream.n - cut, (struct frame){.level = 3, .window_log = 20});
    set_file();
    CHECK_EQ_I64(check_threads(&defaults, "a larger window", 0).outcome, 0);
    add(&file, "x", 1);
    set_file();
    CHECK_EQ_I64(check_threads(&defaults, "garbage", 0).outcome, DBN_E_ZSTD_TRAILING_GARBAGE);
    struct input_options narrow = defaults;
    narrow.window_log = 19;
    CHECK_EQ_I64(check_threads(&narrow, "a window too large", 0).outcome, DBN_E_ZSTD_WINDOW_TOO_LARGE);
    end();
}

TEST(faults_anywhere)
{
    uint64_t seed = 7;
    for (int kind = 0; kind < 3; kind++) {
        unsigned wrong = 0;
        begin(kind ? "mixed" : "trades", 12000);
        size_t cut = kind == 2 ? stream.n / 3 : 0;
        if (cut)
            add_frame(&file, stream.p, cut, (struct frame){.level = 1, .content_size = true});
        add_frame(&file, stream.p + cut, stream.n - cut, (struct frame){.level = 1 + 5 * kind, .checksum = kind != 1});
        for (int round = 0; round < (test_all() ? 300 : 40) / SLOWER; round++) {
            size_t at = (size_t)(stats_random(&seed) % file.size);
            uint8_t flip = (uint8_t)(1u << stats_random(&seed) % 8);
            file.bytes[at] ^= flip;
            set_file();
            wrong += check_threads(&defaults, "a bit changed", at).outcome != 0;
            file.bytes[at] ^= flip;
            set_file();
            scratch_size(&on, at);
            wrong += check_threads(&defaults, "cut off", at).outcome != 0;
        }
        CHECK(wrong >= 40 / SLOWER);
        end();
    }
}

/* What is wrong with the records shows in the middle of it. */
TEST(bad_records)
{
    begin("mbo", 20000);
    stream.p[stream.n / 2 / 56 * 56 + first_record(stream) % 56] = 2; /* a length */
    add_frame(&file, stream.p, stream.n, usual_frame);
    set_file();
    CHECK_EQ_I64(check_threads(&defaults, "a record", 0).outcome, DBN_E_BAD_RECORD_LENGTH);
    end();
}

/* Of a frame that says to fit into one call, libzstd delivers nothing if it holds more. */
TEST(more_than_the_frame_says)
{
    static const uint8_t frame[] = {0x28, 0xB5, 0x2F, 0xFD, 0xA0, 0xA0, 0x86, 1,  0, /* 100,000 bytes */
                                    0x02, 0x35, 0x0C, 10,   0x02, 0x35, 0x0C, 10, 0x03, 0x35, 0x0C, 10};
    struct input_options fragment = defaults;
    fragment.fragment = true;
    begin("mbo", 1);
    add(&file, frame, sizeof frame);
    set_file();
    struct ending e = check_threads(&fragment, "blocks", 0);
    CHECK_EQ_I64(e.outcome, DBN_E_ZSTD_CORRUPT);
    CHECK_EQ_U64(e.tally.records, 0);
    end();
}

/* One consumer stops early: the others get the rest, each byte once. */
struct taker {
    const struct backend *backend;
    void *handle;
    size_t spans;
    uint64_t bytes;
    pthread_t thread;
};

static void *take(void *arg)
{
    struct taker *t = arg;
    struct dbn_span span;
    for (size_t i = 0; i < t->spans; i++) {
        int rc = t->backend->next(t->handle, 1, &span);
        if (rc <= 0)
            break;
        CHECK(memcmp(span.ptr, stream.p + span.offset, span.len) == 0);
        t->bytes += span.len;
    }
    t->backend->detach(t->handle);
    return NULL;
}

TEST(consumers_that_stop)
{
    const struct backend *b = backend_find("inflate");
    begin("mbo", 100000 / SLOWER);
    add_frame(&file, stream.p, stream.n, (struct frame){.level = 1, .window_log = 17});
    set_file();
    for (size_t early = 0; early < 4; early++) {
        struct taker takers[3] = {{b, NULL, early, 0, 0}, {b, NULL, early * 2, 0, 0}, {b, NULL, SIZE_MAX, 0, 0}};
        void *self;
        struct backend_input in = {.path = on.path, .end = UINT64_MAX, .window_log = DBN_ZSTD_WINDOW_LOG};
        CHECK_EQ_I64(b->open(&in, &self), 0);
        for (size_t i = 0; i < LENGTH(takers); i++)
            CHECK_EQ_I64(b->attach(self, &takers[i].handle), 0);
        for (size_t i = 0; i < LENGTH(takers); i++)
            CHECK(pthread_create(&takers[i].thread, NULL, take, &takers[i]) == 0);
        uint64_t bytes = 0;
        for (size_t i = 0; i < LENGTH(takers); i++) {
            pthread_join(takers[i].thread, NULL);
            bytes += takers[i].bytes;
        }
        CHECK_EQ_U64(bytes, stream.n);
        CHECK_EQ_I64(b->close(self, NULL), 0);
    }
    end();
}

/* --- the library's reader, whose threads help its one consumer --- */

static unsigned threads_now(void)
{
    struct dirent **entries;
    int n = scandir("/proc/self/task", &entries, NULL, NULL);
    CHECK(n > 2);
    for (int i = 0; i < n; i++)
        free(entries[i]);
    free(entries);
    return (unsigned)n - 2;
}

static struct ending by_reader(unsigned how)
{
    struct dbn_reader *r;
    int rc = dbn_reader_open(on.path, how, &r);
    return read_rest(r, rc, READ_RUNS, sink_find("fields"));
}

TEST(helpers)
{
    begin("mixed", 20000 / SLOWER);
    add_frame(&file, stream.p, stream.n, (struct frame){.level = 1, .checksum = true, .window_log = 17});
    for (size_t changed = 0; changed <= 3; changed++) {
        if (changed)
            file.bytes[file.size / 4 * changed] ^= 1;
        set_file();
        struct ending expected = by_reader(0), e = by_reader(DBN_READER_THREADS(4));
        CHECK_FOR(ending_equal(&e, &expected, sink_find("fields")), "%zu: %s instead of %s", changed, ending_text(&e),
                  ending_text(&expected));
    }
    end();
}

/* A reader may be closed at any time. Its threads end then. */
TEST(helpers_that_are_sent_away)
{
    cpu_set_t set;
    CHECK(sched_getaffinity(0, sizeof set, &set) == 0);
    unsigned cores = (unsigned)CPU_COUNT(&set), before = threads_now();
    begin("mbo", 100000); /* more than there is room for, or they are done at once */
    add_frame(&file, stream.p, stream.n, (struct frame){.level = 1, .window_log = 17});
    set_file();
    for (size_t taken = 1; taken < 5000; taken *= 4) {
        struct dbn_reader *r;
        const struct dbn_record *record;
        CHECK_EQ_I64(dbn_reader_open(on.path, DBN_READER_THREADS(3), &r), 0);
        if (SLOWER == 1) /* sanitizers have threads of their own */
            CHECK_EQ_U64(threads_now() - before, (cores < 3 ? cores : 3) - 1);
        for (size_t i = 0; i < taken; i++)
            CHECK_EQ_I64(dbn_reader_next(r, &record), 1);
        CHECK_EQ_I64(dbn_reader_close(r), 0);
        while (SLOWER == 1 && threads_now() > before) /* one that was joined may still be seen */
            sched_yield();
    }
    end();
}

TESTS(CASE_WITHIN(60, good_files), CASE(files_that_libzstd_goes_on_with), CASE_WITHIN(120, faults_anywhere),
      CASE(bad_records), CASE(more_than_the_frame_says), CASE(consumers_that_stop), CASE(helpers),
      CASE(helpers_that_are_sent_away));
