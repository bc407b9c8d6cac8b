/* Guards the way backends come by a file: ranges, what is no file to read, what the kernel refuses, files larger than 4
 * GiB, calls that are interrupted, and that the calls they count are those that the kernel counts. */
#include "../../backends/file.h"
#include "../../harness/measure/measure.h"
#include "../../harness/machine/page_cache.h"
#include "../../harness/sinks/digest.h"
#include "../support.h"
#include "../support_interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zstd.h>

static struct ending decode(const struct backend *b, const struct sink *sink, const char *path)
{
    return job_ending(&(struct job){b, sink, &path, 1, 1, UINT64_MAX, defaults, 1, NULL});
}

/* --- ranges --- */

enum { SIZE = 10000 };

static struct scratch numbered(uint8_t bytes[SIZE])
{
    struct scratch s = scratch_disk();
    for (size_t i = 0; i < SIZE; i++)
        bytes[i] = (uint8_t)(i ^ i >> 8);
    scratch_set(&s, bytes, SIZE);
    return s;
}

static void check_range(const char *path, const uint8_t *bytes, uint64_t begin, uint64_t end, size_t n)
{
    static uint8_t got[SIZE + 10], peeked[SIZE + 10];
    struct file f;
    struct backend_counts counts;
    uint64_t stop = end < SIZE ? end : SIZE, at = begin < stop ? begin : stop;
    CHECK_EQ_I64(file_open(&f, &(struct backend_input){.path = path, .begin = begin, .end = end}), 0);
    CHECK_EQ_U64(f.size, SIZE);
    for (int turn = 0;; turn++) {
        int64_t expected = (int64_t)(n < stop - at ? n : stop - at);
        CHECK_EQ_I64(file_at(&f, peeked, n, at), expected);
        CHECK_EQ_U64(f.pos, at);
        CHECK_EQ_I64(turn % 2 ? file_fill(&f, got, n) : file_read(&f, got, n), expected);
        CHECK(memcmp(got, bytes + at, (size_t)expected) == 0 && memcmp(got, peeked, (size_t)expected) == 0);
        at += (uint64_t)expected;
        CHECK_EQ_U64(f.pos, at);
        if (expected == 0)
            break;
    }
    CHECK_EQ_I64(file_close(&f, &counts), 0);
    CHECK_EQ_U64(counts.bytes_read, begin < stop ? stop - begin : 0);
}

TEST(ranges)
{
    static uint8_t bytes[SIZE];
    static const uint64_t edges[] = {0, 1, 4095, 4096, 4097, SIZE - 1, SIZE, SIZE + 1, UINT64_C(5) << 30, INT64_MAX};
    struct scratch s = numbered(bytes);
    for (size_t i = 0; i < LENGTH(edges); i++)
        for (size_t k = 0; k < LENGTH(edges); k++)
            for (size_t n = 1; n <= SIZE + 1; n = n * 10 + 1)
                check_range(s.path, bytes, edges[i], edges[k], n);
    check_range(s.path, bytes, 0, UINT64_MAX, SIZE + 10);
    scratch_close(&s);
}

/* --- what cannot be read --- */

static void check_refused(const char *path, int code)
{
    struct ref_result r;
    unsigned before = open_descriptors();
    ref_decode(path, &defaults, UINT64_MAX, &r);
    CHECK_EQ_I64(r.outcome, code);
    for (size_t k = 0; backends[k]; k++)
        for (int advice = ADVISE_NOTHING; advice < ADVISE_DONTCACHE; advice++) {
            void *handle = NULL;
            struct backend_input in = {.path = path, .end = UINT64_MAX, .advice = (enum backend_advice)advice};
            int rc = !backend_unavailable(backends[k]) ? backends[k]->open(&in, &handle) : code;
            CHECK_FOR(rc == code, "%s opens %s: %d instead of %d", backends[k]->name, path, rc, code);
        }
    CHECK_EQ_U64(open_descriptors(), before);
}

static char folder[] = "/tmp/dbnbench-test.XXXXXX";

static const char *in_folder(const char *name)
{
    static char path[4200];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    return path;
}

static void make_socket(const char *path)
{
    struct sockaddr_un address = {.sun_family = AF_UNIX};
    snprintf(address.sun_path, sizeof address.sun_path, "%s", path);
    int fd = socket(AF_UNIX, SOCK_STREAM, 0);
    CHECK(fd >= 0 && bind(fd, (struct sockaddr *)&address, sizeof address) == 0);
    close(fd);
}

TEST(what_is_not_a_regular_file)
{
    CHECK(mkdtemp(folder));
    CHECK(mkfifo(in_folder("fifo"), 0600) == 0);
    check_refused(in_folder("fifo"), DBN_E_UNSUPPORTED_FILE); /* nobody writes to it, and nobody waits for that */
    unlink(in_folder("fifo"));
    make_socket(in_folder("socket"));
    check_refused(in_folder("socket"), DBN_E_UNSUPPORTED_FILE);
    unlink(in_folder("socket"));
    check_refused(folder, DBN_E_UNSUPPORTED_FILE);
    rmdir(folder);
    check_refused("/dev/null", DBN_E_UNSUPPORTED_FILE);
    check_refused("/dev/zero", DBN_E_UNSUPPORTED_FILE);
    check_refused("/proc/self/status", DBN_E_UNSUPPORTED_FILE); /* regular, it says, and empty */
}

TEST(what_the_system_refuses)
{
    static char name[300];
    memset(name, 'x', sizeof name - 1);
    CHECK(mkdtemp(folder));
    check_refused(in_folder("missing"), -ENOENT);
    check_refused("", -ENOENT);
    check_refused(in_folder(name), -ENAMETOOLONG);
    check_refused("/dev/null/x", -ENOTDIR);
    CHECK(symlink("loop", in_folder("loop")) == 0);
    check_refused(in_folder("loop"), -ELOOP);
    unlink(in_folder("loop"));
    rmdir(folder);
    struct rlimit files;
    CHECK(getrlimit(RLIMIT_NOFILE, &files) == 0);
    CHECK(setrlimit(RLIMIT_NOFILE, &(struct rlimit){0, files.rlim_max}) == 0);
    for (size_t k = 0; backends[k]; k++) {
        void *handle;
        struct backend_input in = {.path = "/proc/self/exe", .end = UINT64_MAX};
        CHECK_FOR(backend_unavailable(backends[k]) || backends[k]->open(&in, &handle) == -EMFILE, "%s",
                  backends[k]->name);
    }
    setrlimit(RLIMIT_NOFILE, &files);
}

/* In a process of its own, which gives up its privileges if it has any. */
TEST(what_others_may_not_read)
{
    char path[] = "/tmp/dbnbench-test.XXXXXX";
    int fd = mkstemp(path), status;
    CHECK(fd >= 0 && fchmod(fd, 0) == 0);
    close(fd);
    pid_t pid = fork();
    if (pid == 0) {
        if (geteuid() == 0)
            CHECK(setgid(65534) == 0 && setuid(65534) == 0);
        check_refused(path, -EACCES);
        _exit(42);
    }
    CHECK(waitpid(pid, &status, 0) == pid);
    unlink(path);
    CHECK(WIFEXITED(status) && WEXITSTATUS(status) == 42);
}

/* --- beyond 4 GiB --- */

static struct ending decode_from(const struct backend *b, const char *path, uint64_t begin)
{
    struct backend_input in = {.path = path, .begin = begin, .end = UINT64_MAX, .fragment = true, .block = 999};
    struct reader r = reader_open(b, &in);
    struct ending e = decode_source(reader_source(&r), b->step, sink_find("fields"), true);
    CHECK_EQ_I64(reader_close(&r, NULL), 0);
    return e;
}

/* A hole of almost 5 GiB, then records, the last of them cut off. */
TEST(offsets_beyond_4_gib)
{
    static const uint64_t places[] = {(UINT64_C(1) << 32) - 2001, (UINT64_C(5) << 30) + 3};
    const struct sink *sink = sink_find("fields");
    struct bytes b = generated_stream("all", 3, 40, false);
    struct scratch s = scratch_disk();
    struct pieces memory = {0};
    size_t from = first_record(b), n = b.n - from - 1;
    for (size_t i = 0; i < LENGTH(places); i++) {
        scratch_size(&s, 0);
        CHECK(pwrite(s.fd, b.p + from, n, (off_t)places[i]) == (ssize_t)n);
        pieces_set(&memory, b.p + from, n, n);
        memory.offset = places[i];
        struct ending expected = decode_source((struct dbn_source){pieces_next, &memory}, DBN_STEP_BLOCK, sink, true);
        CHECK(expected.outcome == DBN_E_TRUNCATED_RECORD && expected.fault > places[i]);
        for (size_t k = 0; backends[k]; k++) {
            struct ending actual =
                !backend_unavailable(backends[k]) ? decode_from(backends[k], s.path, places[i]) : expected;
            CHECK_FOR(ending_equal(&actual, &expected, sink), "%s: %s instead of %s", backends[k]->name,
                      ending_text(&actual), ending_text(&expected));
        }
    }
    pieces_free(&memory);
    scratch_close(&s);
    free(b.p);
}

/* 5 GiB of nothing behind the metadata: no record. */
TEST(sparse_file)
{
    struct bytes b = generated_stream("all", 3, 0, false);
    struct scratch s = scratch_disk();
    scratch_set(&s, b.p, b.n);
    scratch_size(&s, UINT64_C(5) << 30);
    for (size_t k = 0; backends[k]; k++) {
        if (backend_unavailable(backends[k]))
            continue;
        struct ending e = decode(backends[k], sink_find("frame"), s.path);
        CHECK_FOR(e.outcome == DBN_E_BAD_RECORD_LENGTH && e.fault == b.n && e.tally.records == 0, "%s: %s",
                  backends[k]->name, ending_text(&e));
    }
    scratch_close(&s);
    free(b.p);
}

/* A small file that inflates to more than 4 GiB of records, and then ends inside of one. */
TEST(inflated_beyond_4_gib)
{
    enum { RECORDS = 16 << 10, FRAMES = 260 };
    const size_t n = (size_t)RECORDS * DBN_MAX_RECORD, most = ZSTD_compressBound(n);
    struct bytes md = generated_stream("all", 3, 0, false);
    uint8_t *frame = calloc(1, n), *packed = malloc(most);
    struct scratch s = scratch_memory();
    CHECK(frame && packed);
    for (size_t i = 0; i < n; i += DBN_MAX_RECORD)
        frame[i] = 255, frame[i + 1] = 7;
    size_t size = ZSTD_compress(packed, most, md.p, md.n, 1), at = size;
    CHECK(pwrite(s.fd, packed, size, 0) == (ssize_t)size);
    size = ZSTD_compress(packed, most, frame, n, 1);
    for (int i = 0; i < FRAMES; i++, at += size)
        CHECK(pwrite(s.fd, packed, size, (off_t)at) == (ssize_t)size);
    size = ZSTD_compress(packed, most, frame, DBN_MAX_RECORD - 1, 1);
    CHECK(pwrite(s.fd, packed, size, (off_t)at) == (ssize_t)size);
    struct ending expected = {DBN_E_TRUNCATED_RECORD, md.n + n * FRAMES, {RECORDS * FRAMES, n * FRAMES, 0}};
    for (uint64_t i = 0, offset = md.n; i < expected.tally.records; i++, offset += DBN_MAX_RECORD)
        expected.tally.digest += digest_frame_type(7) + offset * DIGEST_OFFSET;
    CHECK(expected.fault > UINT32_MAX);
    static const char *const names[] = {"buffered", "pipeline"};
    for (size_t k = 0; k < LENGTH(names); k++) {
        struct ending e = decode(backend_find(names[k]), sink_find("frame"), s.path);
        CHECK_FOR(ending_equal(&e, &expected, sink_find("frame")), "%s: %s instead of %s", names[k], ending_text(&e),
                  ending_text(&expected));
    }
    scratch_close(&s);
    free(packed);
    free(frame);
    free(md.p);
}

/* --- calls --- */

static uint64_t reads_so_far(void)
{
    char why[200];
    struct io_counts counts;
    if (!take_io_counts(&counts, why, sizeof why))
        SKIP("%s", why);
    return counts.syscr;
}

static void check_counts(const char *path, const struct backend *b, size_t block)
{
    struct job_result r;
    struct job job = {b, sink_find("frame"), &path, 1, 1, UINT64_MAX, defaults, 1, NULL};
    job.options.block = block;
    job_run(&job, &r); /* once for what happens at first only */
    uint64_t look = reads_so_far(), begin = reads_so_far();
    look = begin - look;
    job_run(&job, &r);
    CHECK_EQ_U64(r.counts.reads, reads_so_far() - begin - look);
    struct stat st;
    CHECK(stat(path, &st) == 0 && r.counts.bytes_read <= (uint64_t)st.st_size + 4);
}

TEST(counts_are_the_kernels)
{
    static const unsigned levels[] = {0, 0, 1};
    for (size_t i = 0; i < LENGTH(levels); i++) {
        struct scratch s = scratch_disk();
        struct generate_spec spec = {
            .schema = "mixed", .version = 3, .records = 3000, .symbols = 4, .zstd_level = levels[i]};
        struct bytes b = generated(&spec);
        scratch_set(&s, b.p, i == 0 ? 0 : b.n); /* an empty file first */
        for (size_t k = 0; backends[k]; k++)
            for (size_t block = 0; block <= 5000 && !backend_unavailable(backends[k]); block += 2500)
                check_counts(s.path, backends[k], block);
        scratch_close(&s);
        free(b.p);
    }
}

/* --- interrupted calls --- */

static void check_interrupted(const struct job *job)
{
    struct job_result r;
    struct ref_result reference;
    ref_decode(job->paths[0], &job->options, UINT64_MAX, &reference);
    struct ending expected = reference_ending(&reference, job->sink);
    interrupt_begin();
    job_run(job, &r);
    uint64_t reads = interrupt_end();
    struct ending e = {r.outcome, r.outcome ? r.fault : 0, r.tally};
    CHECK_FOR(ending_equal(&e, &expected, job->sink) && r.counts.reads == reads,
              "%s, %u threads, %u shards: %s instead of %s, %ju reads instead of %ju", job->backend->name, job->threads,
              job->split, ending_text(&e), ending_text(&expected), (uintmax_t)r.counts.reads, (uintmax_t)reads);
    interrupt_begin();
    ref_decode(job->paths[0], &job->options, UINT64_MAX, &reference);
    CHECK(page_cache_load(job->paths[0], FOLIOS_LARGE) == 0);
    interrupt_end();
    e = reference_ending(&reference, job->sink);
    CHECK_FOR(ending_equal(&e, &expected, job->sink), "reference: %s instead of %s", ending_text(&e),
              ending_text(&expected));
}

/* Whatever came back with nothing done is done again, and counted. */
TEST(interrupted_calls_are_repeated)
{
    for (unsigned kind = 0; kind < 4; kind++) {
        struct scratch s = scratch_disk();
        struct bytes b = generated(&(struct generate_spec){.schema = "mixed",
                                                           .version = 3,
                                                           .records = 1000,
                                                           .symbols = 4,
                                                           .zstd_level = kind / 2,
                                                           .frames = kind / 2 * 5});
        const char *path = s.path;
        scratch_set(&s, b.p, kind == 0 ? 0 : b.n); /* an empty file is looked at more closely */
        for (size_t k = 0; backends[k]; k++)
            for (unsigned threads = 1; threads <= 3 && !backend_unavailable(backends[k]); threads++)
                check_interrupted(&(struct job){backends[k], sink_find("fields"), &path, 1, threads, UINT64_MAX,
                                                defaults, threads, NULL});
        scratch_close(&s);
        free(b.p);
    }
}

TESTS(CASE(ranges), CASE(what_is_not_a_regular_file), CASE(what_the_system_refuses), CASE(what_others_may_not_read),
      CASE(offsets_beyond_4_gib), CASE(sparse_file), CASE_WITHIN(300, inflated_beyond_4_gib),
      CASE(counts_are_the_kernels), CASE(interrupted_calls_are_repeated));
