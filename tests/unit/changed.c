/* Guards against files that change while they are read: cut, grown or written to at any moment, in every backend, it is
 * FILE_CHANGED, never a result and never a crash; and a bus error that has nothing to do with it keeps its meaning. */
#include "../support.h"

#include <errno.h>
#include <signal.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { PAGE = 4096 };

/* What is done to the file, and when: before that call of next(). */
static struct meddling {
    struct scratch file;
    struct bytes bytes;
    unsigned before_call, calls;
    void (*meddle)(void);
} now;

static void cut_all(void)
{
    scratch_size(&now.file, 0);
}

static void cut_half(void)
{
    scratch_size(&now.file, now.bytes.n / 2 / PAGE * PAGE);
}

static void cut_within_a_page(void)
{
    scratch_size(&now.file, now.bytes.n / 2 / PAGE * PAGE + 100);
}

static void cut_one_byte(void)
{
    scratch_size(&now.file, now.bytes.n - 1);
}

static void grow_by_one(void)
{
    scratch_size(&now.file, now.bytes.n + 1);
}

static void grow(void)
{
    scratch_size(&now.file, now.bytes.n * 3);
}

static void write_to_it(void)
{
    scratch_poke(&now.file, now.bytes.n / 2, now.bytes.p[now.bytes.n / 2]);
}

/* Of which the time of change tells, and nothing else. */
static void change_at(const struct scratch *s, time_t seconds, long ns)
{
    CHECK(futimens(s->fd, (const struct timespec[2]){{seconds, ns}, {seconds, ns}}) == 0);
}

static void change_a_nanosecond_later(void)
{
    change_at(&now.file, 1000000, 1);
}

static void change_a_second_later(void)
{
    change_at(&now.file, 1000001, 0);
}

static void (*const ways[])(void) = {cut_all, cut_half,    cut_within_a_page,         cut_one_byte,         grow_by_one,
                                     grow,    write_to_it, change_a_nanosecond_later, change_a_second_later};

/* The time of change is one of long ago, so that any change shows. */
static void begin_anew(void)
{
    scratch_set(&now.file, now.bytes.p, now.bytes.n);
    change_at(&now.file, 1000000, 0);
    now.calls = 0;
}

static int (*real_next)(void *self, size_t need, struct dbn_span *out);

static int meddling_next(void *self, size_t need, struct dbn_span *out)
{
    if (now.calls++ == now.before_call)
        now.meddle();
    return real_next(self, need, out);
}

static void check_changes(const struct backend *b, unsigned before_call)
{
    struct backend changing = *b;
    const char *path = now.file.path;
    real_next = b->next;
    changing.next = meddling_next;
    now.before_call = before_call;
    for (size_t i = 0; i < LENGTH(ways); i++)
        for (size_t s = 0; tested_sink(s); s++) {
            if (!worth_trying(b, tested_sink(s)))
                continue;
            now.meddle = ways[i];
            begin_anew();
            struct ending e =
                job_ending(&(struct job){&changing, tested_sink(s), &path, 1, 1, UINT64_MAX, defaults, 1, NULL});
            if (now.calls <= before_call) /* it was over before */
                continue;
            CHECK_FOR(e.outcome == DBN_E_FILE_CHANGED && e.fault == 0, "%s, way %zu, call %u, %s: %s", b->name, i,
                      before_call, tested_sink(s)->name, ending_text(&e));
        }
}

static void check_file(const struct generate_spec *spec, struct scratch file)
{
    now.file = file;
    now.bytes = generated(spec);
    CHECK(now.bytes.n > 20 * PAGE);
    for (size_t k = 0; backends[k]; k++)
        for (unsigned call = 0; call < 6; call = call * 2 + 1)
            if (!backend_unavailable(backends[k]))
                check_changes(backends[k], call);
    free(now.bytes.p);
    scratch_close(&now.file);
}

static const struct generate_spec raw = {.schema = "mixed", .version = 3, .records = 3000, .symbols = 3};
static const struct generate_spec packed = {
    .schema = "all", .version = 1, .records = 3000, .symbols = 3, .zstd_level = 1};

TEST(files)
{
    check_file(&raw, scratch_disk());
}

TEST(files_in_memory)
{
    check_file(&raw, scratch_memory());
}

/* Here it is the library that meets the missing pages. */
TEST(compressed_files)
{
    check_file(&packed, scratch_disk());
}

/* --- mapped files --- */

static struct dbn_span map_file(const char *path, void **handle)
{
    struct dbn_span span;
    CHECK_EQ_I64(backend_find("mmap")->open(&(struct backend_input){.path = path, .end = UINT64_MAX}, handle), 0);
    CHECK_EQ_I64(backend_find("mmap")->next(*handle, 1, &span), 1);
    return span;
}

static uint64_t sum(struct dbn_span span)
{
    uint64_t all = 0;
    for (size_t i = 0; i < span.len; i++)
        all += span.ptr[i];
    return all;
}

/* Pages that are lost read as zeros, from the first lost one on; only that mapping is spoiled. */
TEST(lost_pages_are_zeros)
{
    static uint8_t ones[10 * PAGE + 17];
    struct scratch a = scratch_disk(), b = scratch_disk();
    void *of_a, *of_b;
    memset(ones, 1, sizeof ones);
    scratch_set(&a, ones, sizeof ones);
    scratch_set(&b, ones, sizeof ones);
    struct dbn_span in_a = map_file(a.path, &of_a), in_b = map_file(b.path, &of_b);
    CHECK_EQ_U64(sum(in_a), sizeof ones);
    scratch_size(&a, 3 * PAGE + 5);
    CHECK_EQ_U64(sum(in_a), 3 * PAGE + 5);
    CHECK_EQ_U64(sum(in_b), sizeof ones);
    CHECK_EQ_I64(backend_find("mmap")->close(of_a, NULL), DBN_E_FILE_CHANGED);
    CHECK_EQ_I64(backend_find("mmap")->close(of_b, NULL), 0);
    scratch_close(&b);
    scratch_close(&a);
}

/* Mappings that lie side by side, each in turn in front of one that was mapped before it: what one of them loses is its
 * own from the first byte on. */
TEST(neighbours_lose_their_own_pages)
{
    enum { MAPPINGS = 20 };
    static uint8_t ones[PAGE];
    struct scratch s = scratch_memory(), filler = scratch_memory();
    struct dbn_span span[MAPPINGS];
    void *handle[MAPPINGS];
    unsigned behind = 0;
    memset(ones, 1, sizeof ones);
    scratch_set(&s, ones, sizeof ones);
    scratch_set(&filler, ones, sizeof ones);
    for (size_t i = 0; i < MAPPINGS; i++)
        span[i] = map_file(s.path, &handle[i]);
    for (size_t i = 0; i < MAPPINGS; i += 2) { /* its place is taken, so that it comes to lie elsewhere */
        CHECK_EQ_I64(backend_find("mmap")->close(handle[i], NULL), 0);
        mmap((void *)(uintptr_t)span[i].ptr, PAGE, PROT_READ, MAP_PRIVATE | MAP_FIXED_NOREPLACE, filler.fd, 0);
        span[i] = map_file(s.path, &handle[i]);
    }
    for (size_t i = 0; i < MAPPINGS; i++)
        for (size_t k = 0; k < MAPPINGS; k++)
            behind += i < k && span[i].ptr + PAGE == span[k].ptr;
    if (behind == 0)
        SKIP("no mapping came to lie behind an earlier one");
    scratch_size(&s, 0);
    for (size_t i = 0; i < MAPPINGS; i++)
        CHECK_EQ_U64(sum(span[i]), 0);
    for (size_t i = 0; i < MAPPINGS; i++)
        CHECK_EQ_I64(backend_find("mmap")->close(handle[i], NULL), DBN_E_FILE_CHANGED);
    scratch_close(&filler);
    scratch_close(&s);
}

/* The file is as it was when it is closed, but a page could not be had in between: as if the device had failed. */
TEST(pages_that_fail_are_an_error)
{
    static uint8_t ones[10 * PAGE];
    struct scratch s = scratch_disk();
    struct stat st;
    void *handle;
    memset(ones, 1, sizeof ones);
    scratch_set(&s, ones, sizeof ones);
    CHECK(fstat(s.fd, &st) == 0);
    struct dbn_span span = map_file(s.path, &handle);
    scratch_size(&s, 0);
    CHECK_EQ_U64(sum(span), 0);
    scratch_set(&s, ones, sizeof ones);
    CHECK(futimens(s.fd, (const struct timespec[2]){st.st_atim, st.st_mtim}) == 0);
    CHECK_EQ_I64(backend_find("mmap")->close(handle, NULL), -EIO);
    scratch_close(&s);
}

/* Touches a page of its own that its file does not have, with a mapped backend open or closed before. */
static void touch_a_lost_page(bool open)
{
    static uint8_t page[PAGE];
    struct scratch mapped = scratch_memory(), other = scratch_memory();
    void *handle;
    scratch_set(&mapped, page, sizeof page);
    scratch_set(&other, page, sizeof page);
    map_file(mapped.path, &handle);
    if (!open)
        backend_find("mmap")->close(handle, NULL);
    volatile uint8_t *p = mmap(NULL, PAGE, PROT_READ, MAP_PRIVATE, other.fd, 0);
    CHECK(p != MAP_FAILED && p[0] == 0);
    scratch_size(&other, 0);
    _exit(p[0]);
}

TEST(other_bus_errors_kill)
{
    for (int open = 0; open <= 1; open++) {
        int status;
        pid_t pid = fork();
        CHECK(pid >= 0);
        if (pid == 0)
            touch_a_lost_page(open);
        CHECK(waitpid(pid, &status, 0) == pid);
        if (SANITIZED)
            CHECK(WIFEXITED(status) ? WEXITSTATUS(status) != 0 : WTERMSIG(status) == SIGABRT);
        else
            CHECK(WIFSIGNALED(status) && WTERMSIG(status) == SIGBUS);
    }
}

/* As many mappings as can be watched at a time, and no more; after that, as many again. */
TEST(mappings_are_limited)
{
    enum { WATCHED = 1024 };
    static void *handle[WATCHED + 1];
    struct scratch s = scratch_memory();
    struct backend_input in = {.path = s.path, .end = UINT64_MAX};
    struct rlimit files;
    const struct backend *b = backend_find("mmap");
    getrlimit(RLIMIT_NOFILE, &files);
    files.rlim_cur = files.rlim_max < 4096 ? files.rlim_max : 4096;
    if (files.rlim_cur < WATCHED + 100 || setrlimit(RLIMIT_NOFILE, &files) != 0)
        SKIP("no more than %ju files can be open here", (uintmax_t)files.rlim_max);
    scratch_set(&s, "DBN", 3);
    unsigned before = open_descriptors();
    for (int round = 0; round < 2; round++) {
        for (size_t i = 0; i < WATCHED; i++)
            CHECK_EQ_I64(b->open(&in, &handle[i]), 0);
        CHECK_EQ_I64(b->open(&in, &handle[WATCHED]), -EMFILE);
        for (size_t i = 0; i < WATCHED; i++)
            CHECK_EQ_I64(b->close(handle[i], NULL), 0);
        CHECK_EQ_U64(open_descriptors(), before);
    }
    scratch_close(&s);
}

TESTS(CASE(files), CASE(files_in_memory), CASE(compressed_files), CASE(lost_pages_are_zeros),
      CASE(neighbours_lose_their_own_pages), CASE(pages_that_fail_are_an_error), CASE(other_bus_errors_kill),
      CASE(mappings_are_limited));
