/* Guards the harness against decoder programs: whatever one does, it gets one line that says what, in time, and no
 * process of it is left. */
#include "../../harness/foreign/foreign.h"
#include "../../harness/machine/child.h"
#include "../test.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20 * 1000, SHORT_MS = 300 };

/* A decoder in shell, with its answer to `run`. */
#define DECODER(run)                                                                                                   \
    "while read -r question rest; do case $question in "                                                               \
    "hello) echo hello 1 of the test ;; run) " run " ;; quit) exit ;; *) echo ok ;; esac; done"
#define GOOD "echo ok 3 -1 18446744073709551615 5"

struct talker {
    const char *script;
    int timeout_ms;
    const char *path;
};

static void sample(void *arg, void *result)
{
    const struct talker *t = arg;
    const char *const start[] = {"sh", "-c", t->script, NULL};
    struct foreign f = {.name = "test", .program = {.folder = "/", .start = start, .warm = 2}};
    struct foreign_work w = {
        .foreign = &f,
        .paths = (const char *const[]){t->path ? t->path : "/dev/null"},
        .files = 1,
        .sink = "sum",
        .threads = 1,
        .decodes = 7,
        .timeout_ms = t->timeout_ms ? t->timeout_ms : TIMEOUT_MS,
    };
    program_sample(&w, result);
}

/* --- nobody is left --- */

/* In the environment of all that a case starts. */
static char mark[64];

static bool is_marked(const char *pid)
{
    char path[300], text[64 << 10];
    snprintf(path, sizeof path, "/proc/%s/environ", pid);
    FILE *f = fopen(path, "r");
    size_t n = f ? fread(text, 1, sizeof text, f) : 0;
    if (f)
        fclose(f);
    return memmem(text, n, mark, strlen(mark) + 1) != NULL;
}

static size_t count_marked(void)
{
    DIR *proc = opendir("/proc");
    size_t n = 0;
    for (struct dirent *e; (e = readdir(proc)) != NULL;)
        n += is_marked(e->d_name);
    closedir(proc);
    return n;
}

/* They may take a moment to go where much else runs. */
static void await_nobody(void)
{
    while (count_marked() > 0)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
}

static void set_mark(void)
{
    snprintf(mark, sizeof mark, "DBNBENCH_TEST_PROGRAM=%ld", (long)getpid());
    CHECK(putenv(mark) == 0);
}

static struct foreign_result try(struct talker t)
{
    struct foreign_result r = {0};
    int detail;
    set_mark();
    CHECK_EQ_I64(child_run(sample, &t, &r, sizeof r, TIMEOUT_MS + 2000, &detail), CHILD_DONE);
    await_nobody();
    return r;
}

static void check_with(struct talker t, enum sample_outcome outcome, const char *error)
{
    struct foreign_result r = try(t);
    CHECK_STR(r.error, error);
    CHECK_EQ_I64(r.outcome, outcome);
}

static void check(const char *script, enum sample_outcome outcome, const char *error)
{
    check_with((struct talker){.script = script}, outcome, error);
}

/* --- what it answers --- */

TEST(good_answers)
{
    struct foreign_result r =
        try((struct talker){.script = DECODER(GOOD " 00000000000000fF and more; echo noise >&2")});
    CHECK_STR(r.error, "");
    CHECK_EQ_I64(r.outcome, SAMPLE_OK);
    CHECK_STR(r.version, "of the test");
    CHECK_EQ_U64(r.records, 3);
    CHECK_EQ_U64(r.sums[SUM_TS_EVENT], UINT64_MAX);
    CHECK_EQ_U64(r.sums[SUM_PRICE], UINT64_MAX);
    CHECK_EQ_U64(r.sums[SUM_SIZE], 5);
    CHECK(r.has_digest && r.digest == 255);
    CHECK(r.wall_ns > 0 && r.empty_ns.state == READING_EXACT && r.empty_ns.value > 0);
}

TEST(other_answers)
{
    static const struct {
        const char *run, *is;
    } cases[] = {
        {DECODER("echo ok 3 1 2"), "ok 3 1 2"},
        {DECODER("echo ok -3 1 2 3"), "ok -3 1 2 3"},
        {DECODER("echo ok 3 18446744073709551616 2 3"), "ok 3 18446744073709551616 2 3"},
        {DECODER("echo ok 3 1 -9223372036854775809 3"), "ok 3 1 -9223372036854775809 3"},
        {DECODER("echo ok 3 1 2 3.0"), "ok 3 1 2 3.0"},
        {DECODER("echo 'ok 3  1 2 3'"), "ok 3  1 2 3"},
        {DECODER("echo okay 3 1 2 3"), "okay 3 1 2 3"},
        {DECODER("echo"), ""},
        {DECODER("printf 'ok 3\\0 1 2 3\\n'"), "ok 3? 1 2 3"},
        {DECODER("printf '\\033[31mred\\n'"), "?[31mred"},
        {DECODER("yes noise"), "noise"},
    };
    for (size_t i = 0; i < sizeof cases / sizeof cases[0]; i++) {
        char error[200];
        snprintf(error, sizeof error, "its answer to 'run sum 7' is '%s'", cases[i].is);
        check(cases[i].run, SAMPLE_FAILED, error);
    }
    check(DECODER("echo error no such sink"), SAMPLE_FAILED, "no such sink");
    check("read hello; echo hi", SAMPLE_FAILED, "its answer to 'hello 1' is 'hi'");
}

TEST(lines_that_are_none)
{
    check(DECODER("head -c 9000000 /dev/zero | tr '\\0' x"), SAMPLE_FAILED,
          "its answer to 'run sum 7' is longer than 4095 bytes");
    check("read hello; printf 'hello 1\\nok\\n'; read open", SAMPLE_FAILED,
          "it wrote to its standard output before it was asked 'open /dev/null'");
    check(DECODER("printf ok; exit 0"), SAMPLE_FAILED, "it ended with exit status 0, and no answer to 'run sum 7'");
    check(DECODER("exec >&-; sleep 1000"), SAMPLE_FAILED,
          "it closed its standard output before an answer to 'run sum 7'");
}

TEST(it_cannot_run)
{
    check("read hello; echo error the module foo is missing", SAMPLE_UNAVAILABLE, "the module foo is missing");
    check("read hello; echo hello 2 of tomorrow", SAMPLE_UNAVAILABLE,
          "it speaks version '2 of tom' of the protocol instead of 1");
    check_with((struct talker){.script = DECODER(GOOD), .path = "/no/such"}, SAMPLE_FAILED,
               "/no/such: No such file or directory");
}

/* --- how it ends --- */

TEST(it_ends)
{
    check("exit 7", SAMPLE_FAILED, "it ended with exit status 7, and no answer to 'hello 1'");
    check("read hello; echo hello 1; read open; exit 7", SAMPLE_FAILED,
          "it ended with exit status 7, and no answer to 'open /dev/null'");
    check(DECODER("kill -SEGV $$"), SAMPLE_CRASHED, "Segmentation fault (SIGSEGV), and no answer to 'run sum 7'");
    check(DECODER("exec <&-; exit 7"), SAMPLE_FAILED, "it ended with exit status 7, and no answer to 'run sum 7'");
    check(DECODER("exec /no/such 2>&-"), SAMPLE_FAILED, "it ended with exit status 127, and no answer to 'run sum 7'");
}

/* Neither what it does not answer nor what it does not read is waited for. */
TEST(it_hangs)
{
    static const char *const scripts[] = {"sleep 1000", DECODER("printf ok; sleep 1000"),
                                          DECODER("trap '' TERM INT; kill -STOP $$")};
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++) {
        struct foreign_result r = try((struct talker){.script = scripts[i], .timeout_ms = SHORT_MS});
        CHECK_EQ_I64(r.outcome, SAMPLE_TIMED_OUT);
        CHECK_FOR(strncmp(r.error, "no answer to '", 14) == 0 && strstr(r.error, "' within 0.3 s of its start"), "%s",
                  r.error);
    }
}

/* Who does not know `quit` still sees the end of its questions, and leaves what it has to say then. */
TEST(its_questions_end)
{
    char path[] = "/tmp/dbnbench-XXXXXX", script[400];
    int fd = mkstemp(path);
    struct stat st;
    CHECK(fd >= 0);
    snprintf(script, sizeof script,
             "while read -r question rest; do case $question in hello) echo hello 1 ;; run) " GOOD
             " ;; *) echo ok ;; esac; done; echo end >%s",
             path);
    check(script, SAMPLE_OK, "");
    CHECK(fstat(fd, &st) == 0);
    CHECK_EQ_I64(st.st_size, 4);
    close(fd);
    unlink(path);
}

/* It goes on after its last answer. */
TEST(it_does_not_quit)
{
    check("while read -r question rest; do case $question in hello) echo hello 1 ;; run) " GOOD
          " ;; *) echo ok ;; esac; done; sleep 1000",
          SAMPLE_OK, "");
}

TEST(its_last_words)
{
    check("echo 1 >&2; echo 2 >&2; echo 3 >&2; echo 4 >&2; echo >&2; exit 7", SAMPLE_FAILED,
          "it ended with exit status 7, and no answer to 'hello 1'; its last words: 2|3|4");
    check("yes noise | head -c 3000000 >&2; printf '\\033[1mbold\\0!\\n' >&2; exit 7", SAMPLE_FAILED,
          "it ended with exit status 7, and no answer to 'hello 1'; its last words: noise|noise|?[1mbold?!");
    check_with((struct talker){.script = "yes | head -c 300000 >&2; sleep 1000", .timeout_ms = 1000}, SAMPLE_TIMED_OUT,
               "no answer to 'hello 1' within 1 s of its start; its last words: y|y|y");
}

/* --- its processes --- */

TEST(processes_that_it_leaves)
{
    check("sleep 1000 & exit 7", SAMPLE_FAILED, "it ended with exit status 7, and no answer to 'hello 1'");
    check("setsid sleep 1000 & exit 7", SAMPLE_FAILED, "it ended with exit status 7, and no answer to 'hello 1'");
    check("(setsid sh -c 'sleep 1000 & exec setsid sh -c \"sleep 1000 & sleep 1000\"' &); " DECODER(GOOD), SAMPLE_OK,
          "");
    check(DECODER("setsid sleep 1000 & kill -SEGV $$"), SAMPLE_CRASHED,
          "Segmentation fault (SIGSEGV), and no answer to 'run sum 7'");
}

/* The parent of its shell is its keeper. */
TEST(its_keeper_is_ended)
{
    check(DECODER("(setsid sleep 1000 &); kill -KILL $PPID; sleep 1000"), SAMPLE_CRASHED,
          "Killed (SIGKILL), and no answer to 'run sum 7'");
    check(DECODER("(setsid sleep 1000 &); kill -STOP $PPID; " GOOD), SAMPLE_OK, "");
}

/* As by Ctrl-C: the keeper sees to it soon after. */
static void check_killed(const char *script, struct child_limits limits, enum child_end end)
{
    struct talker t = {.script = script};
    struct foreign_result r = {0};
    int detail;
    set_mark();
    CHECK_EQ_I64(child_run_within(sample, &t, &r, sizeof r, &limits, &detail), end);
    await_nobody();
}

TEST(the_sample_is_killed)
{
    check_killed("setsid sh -c 'sleep 1000 & sleep 1000' & sleep 1000", (struct child_limits){.timeout_ms = SHORT_MS},
                 CHILD_TIMED_OUT);
    check_killed("x=$(head -c 200000000 /dev/zero | tr '\\0' x); sleep 1000",
                 (struct child_limits){.timeout_ms = TIMEOUT_MS, .memory = 50 << 20}, CHILD_TOO_LARGE);
}

static struct reading cpu_time(const char *script)
{
    struct foreign_result r = try((struct talker){.script = script});
    CHECK_STR(r.error, "");
    return r.cpu_ns;
}

#define BUSY "i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done; "

/* That of others of its processes counts too, unless one comes or goes; what was before does not. */
TEST(cpu_time_is_that_of_the_run)
{
    struct reading before = cpu_time(BUSY DECODER(GOOD)), within = cpu_time(DECODER(BUSY GOOD)),
                   others = cpu_time("sleep 1000 & " DECODER(GOOD));
    CHECK_EQ_I64(before.state, READING_EXACT);
    CHECK_EQ_I64(others.state, READING_EXACT);
    CHECK(within.value > 3 * before.value);
    CHECK_EQ_I64(cpu_time(DECODER("sleep 0; " GOOD)).state, READING_UNSUPPORTED);
    CHECK_EQ_I64(cpu_time(DECODER("sleep 1000 & " GOOD)).state, READING_UNSUPPORTED);
    CHECK_EQ_I64(cpu_time("sleep 1000 & " DECODER("kill -9 $!; wait; " GOOD)).state, READING_UNSUPPORTED);
}

TESTS(CASE(good_answers), CASE(other_answers), CASE(lines_that_are_none), CASE(it_cannot_run), CASE(it_ends),
      CASE(it_hangs), CASE(its_questions_end), CASE(it_does_not_quit), CASE(its_last_words),
      CASE(processes_that_it_leaves), CASE(its_keeper_is_ended), CASE(the_sample_is_killed),
      CASE(cpu_time_is_that_of_the_run));
