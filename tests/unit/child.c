/* Guards samples against what happens to the process that takes them: each way to end is told from the
 * others, and nothing is left behind. */
#include "../../harness/machine/child.h"
#include "../support_interrupt.h"
#include "../test.h"

#include <errno.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { LONG_MS = 30000, LARGE = 1 << 20 };

static void check_end(void (*work)(void *, void *), int timeout_ms, enum child_end expected, int expected_detail)
{
    uint64_t result = 0;
    int detail = -1;
    CHECK_EQ_I64(child_run(work, NULL, &result, sizeof result, timeout_ms, &detail), expected);
    CHECK_EQ_I64(detail, expected_detail);
}

static void fill(void *arg, void *result)
{
    memset(result, *(char *)arg, LARGE);
}

/* Larger than a pipe holds. */
TEST(a_result_comes_back_whole)
{
    char *result = calloc(1, LARGE), x = 'x';
    int detail;
    CHECK_EQ_I64(child_run(fill, &x, result, LARGE, LONG_MS, &detail), CHILD_DONE);
    for (size_t i = 0; i < LARGE; i++)
        CHECK(result[i] == 'x');
    free(result);
}

static void die(void *arg, void *result)
{
    (void)arg, (void)result;
    raise(SIGKILL);
}

static void leave(void *arg, void *result)
{
    (void)arg, (void)result;
    _exit(0);
}

static void hang(void *arg, void *result)
{
    (void)arg, (void)result;
    for (;;)
        pause();
}

TEST(ends_are_told_apart)
{
    check_end(die, LONG_MS, CHILD_CRASHED, SIGKILL);
    check_end(leave, LONG_MS, CHILD_LOST, 0);
    check_end(hang, 50, CHILD_TIMED_OUT, 0);
    CHECK(waitpid(-1, NULL, WNOHANG) < 0); /* all have been waited for */
}

static int grandchild_pipe[2];

/* The grandchild would go on for ever. */
static void leave_grandchild(void *arg, void *result)
{
    if (fork() == 0)
        hang(arg, result);
    raise(SIGKILL);
}

static void hang_with_grandchild(void *arg, void *result)
{
    fork();
    hang(arg, result);
}

/* The read end sees the end of file when the last process with the write end is gone. */
static void check_nobody_left(void)
{
    char c;
    close(grandchild_pipe[1]);
    CHECK_EQ_I64(read(grandchild_pipe[0], &c, 1), 0);
    close(grandchild_pipe[0]);
}

TEST(grandchildren_are_taken_along)
{
    CHECK_EQ_I64(pipe(grandchild_pipe), 0);
    check_end(hang_with_grandchild, 50, CHILD_TIMED_OUT, 0);
    check_nobody_left();
    CHECK_EQ_I64(pipe(grandchild_pipe), 0);
    check_end(leave_grandchild, LONG_MS, CHILD_CRASHED, SIGKILL);
    check_nobody_left();
}

/* As in a terminal: whoever runs the tests may have had signals ignored. */
static void watch_signals(void)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++)
        signal(signals[i], SIG_DFL);
    child_watch_signals();
}

static void stop_parent_and_hang(void *arg, void *result)
{
    kill(getppid(), SIGINT);
    hang(arg, result);
}

TEST(a_signal_stops_the_child_and_not_us)
{
    watch_signals();
    CHECK(!child_stopped());
    check_end(stop_parent_and_hang, LONG_MS, CHILD_STOPPED, 0);
    CHECK(child_stopped());
    check_end(hang, LONG_MS, CHILD_STOPPED, 0); /* nor is another one begun in earnest */
    CHECK(waitpid(-1, NULL, WNOHANG) < 0);
}

static void be_stopped(void *arg, void *result)
{
    (void)arg, (void)result;
    raise(SIGTERM);
}

/* In the child signals do what they always do. */
TEST(children_are_not_deaf)
{
    watch_signals();
    check_end(be_stopped, LONG_MS, CHILD_CRASHED, SIGTERM);
}

static void hang_up_on_parent(void *arg, void *result)
{
    kill(getppid(), SIGHUP);
    hang(arg, result);
}

TEST(a_closed_terminal_stops_the_child)
{
    watch_signals();
    check_end(hang_up_on_parent, LONG_MS, CHILD_STOPPED, 0);
    CHECK(child_stopped());
}

static int ignored;

static void signal_parent_and_return(void *arg, void *result)
{
    (void)arg, (void)result;
    kill(getppid(), ignored);
}

/* As under nohup, or in the background of a script. */
TEST(what_is_ignored_stays_ignored)
{
    static const int signals[] = {SIGINT, SIGTERM, SIGHUP};
    for (size_t i = 0; i < sizeof signals / sizeof signals[0]; i++) {
        ignored = signals[i];
        signal(ignored, SIG_IGN);
        child_watch_signals();
        check_end(signal_parent_and_return, LONG_MS, CHILD_DONE, 0);
        CHECK(!child_stopped());
    }
}

/* --- programs --- */

static enum child_end exec_shell(const char *script, struct child_program *p, int *detail, struct child_use *use)
{
    const char *const argv[] = {"sh", "-c", script, NULL};
    p->argv = argv;
    p->timeout_ms = p->timeout_ms ? p->timeout_ms : LONG_MS;
    return child_exec(p, detail, use);
}

TEST(programs_get_files_folder_and_environment)
{
    static const char *const environment[] = {"WORD=one word", NULL};
    char out[200], err[200];
    int status;
    struct child_program p = {
        .environment = environment,
        .folder = "/proc/self",
        .file = {{.text = "input"},
                 {.out = out, .size = sizeof out},
                 {.out = err, .size = sizeof err},
                 {.text = "4th"}},
    };
    CHECK_EQ_I64(exec_shell("cat; cat <&3; pwd; echo \"$WORD\" >&2; exit 7", &p, &status, NULL), CHILD_DONE);
    CHECK_EQ_I64(status, 7);
    CHECK_FOR(strncmp(out, "input4th/proc/", 14) == 0, "%s", out);
    CHECK_STR(err, "one word\n");
}

TEST(programs_get_nothing_otherwise)
{
    static const char script[] = "cat; readlink /proc/$$/fd/0 /proc/$$/fd/2; ls -l /proc/$$/fd | grep -c memfd:child";
    char out[100];
    int status;
    struct child_program p = {.file = {{0}, {.out = out, .size = sizeof out}}};
    CHECK_EQ_I64(exec_shell(script, &p, &status, NULL), CHILD_DONE);
    CHECK_STR(out, "/dev/null\n/dev/null\n1\n");
}

TEST(output_is_bounded)
{
    char out[100];
    int status;
    struct child_program p = {.file = {{0}, {.out = out, .size = sizeof out}}};
    CHECK_EQ_I64(exec_shell("while echo yes; do :; done; exit 3", &p, &status, NULL), CHILD_DONE);
    CHECK_EQ_I64(status, 3);
    CHECK_EQ_U64(strlen(out), sizeof out / 4 * 4 - 4);
}

/* It once was output without a word in it. */
TEST(output_that_cannot_be_read_back)
{
    char out[100];
    int detail;
    struct child_program p = {.file = {{0}, {.out = out, .size = sizeof out}}};
    pread_fails(EIO);
    CHECK_EQ_I64(exec_shell("echo yes", &p, &detail, NULL), CHILD_LOST);
    CHECK_EQ_I64(detail, EIO);
}

TEST(ends_of_programs_are_told_apart)
{
    static const char *const missing[] = {"./no-such-program", NULL};
    char text[100];
    int detail;
    struct child_program p = {.argv = missing, .timeout_ms = LONG_MS};
    CHECK_EQ_I64(child_exec(&p, &detail, NULL), CHILD_LOST);
    CHECK_EQ_I64(detail, ENOENT);
    child_describe(CHILD_LOST, detail, LONG_MS, text, sizeof text);
    CHECK_STR(text, "no result: No such file or directory");
    CHECK_EQ_I64(exec_shell("kill -SEGV $$", &p, &detail, NULL), CHILD_CRASHED);
    CHECK_EQ_I64(detail, SIGSEGV);
    child_describe(CHILD_CRASHED, detail, LONG_MS, text, sizeof text);
    CHECK_STR(text, "Segmentation fault (SIGSEGV)");
    p.timeout_ms = 50;
    CHECK_EQ_I64(exec_shell("sleep 1000 & sleep 1000", &p, &detail, NULL), CHILD_TIMED_OUT);
    CHECK(waitpid(-1, NULL, WNOHANG) < 0);
}

/* Also of the children that it waited for. */
TEST(what_programs_use)
{
    struct child_program p = {.argv = NULL};
    struct child_use idle, busy;
    int status;
    CHECK_EQ_I64(exec_shell("sleep 0.2", &p, &status, &idle), CHILD_DONE);
    CHECK_EQ_I64(exec_shell("(i=0; while [ $i -lt 100000 ]; do i=$((i + 1)); done)", &p, &status, &busy), CHILD_DONE);
    CHECK(idle.wall_ns >= 200000000 && idle.wall_ns > 2 * idle.cpu_ns);
    CHECK(busy.cpu_ns > 10000000 && busy.cpu_ns > idle.cpu_ns);
}

/* One processor for two that are busy. */
TEST(programs_wait_for_others)
{
    struct child_program p = {0};
    struct child_use use;
    cpu_set_t one;
    int status;
    if (access("/proc/self/schedstat", R_OK) != 0)
        SKIP("the kernel does not count how long a process waits");
    CPU_ZERO(&one);
    CPU_SET((size_t)sched_getcpu(), &one);
    CHECK(sched_setaffinity(0, sizeof one, &one) == 0);
    pid_t other = fork();
    for (volatile int spin = 1; other == 0 && spin;)
        continue;
    CHECK_EQ_I64(exec_shell("i=0; while [ $i -lt 30000 ]; do i=$((i + 1)); done", &p, &status, &use), CHILD_DONE);
    kill(other, SIGKILL);
    CHECK(use.queued_ns > 0 && use.queued_ns < use.wall_ns);
}

enum { TAKEN = 128 << 20 };

/* Fresh memory, and then some time for the parent to look. */
static void take_memory(void *arg, void *result)
{
    volatile char *p = malloc(TAKEN);
    (void)arg;
    for (size_t i = 0; i < TAKEN; i += 4096)
        p[i] = 1;
    nanosleep(&(struct timespec){.tv_nsec = 200000000}, NULL);
    *(int *)result = 1;
}

static void have_a_child_take_it(void *arg, void *result)
{
    pid_t pid = fork();
    if (pid == 0)
        take_memory(arg, result);
    waitpid(pid, NULL, 0);
}

static void *child_of_a_thread(void *result)
{
    have_a_child_take_it(NULL, result);
    return NULL;
}

static void have_a_thread_do_so(void *arg, void *result)
{
    pthread_t thread;
    (void)arg;
    if (pthread_create(&thread, NULL, child_of_a_thread, result) == 0)
        pthread_join(thread, NULL);
}

TEST(a_child_that_takes_too_much_memory_is_killed)
{
    struct child_limits limits = {.timeout_ms = LONG_MS, .memory = TAKEN / 2};
    int done = 0, detail;
    CHECK_EQ_I64(child_run_within(take_memory, NULL, &done, sizeof done, &limits, &detail), CHILD_TOO_LARGE);
    CHECK_EQ_I64(child_run_within(have_a_child_take_it, NULL, &done, sizeof done, &limits, &detail), CHILD_TOO_LARGE);
    CHECK_EQ_I64(child_run_within(have_a_thread_do_so, NULL, &done, sizeof done, &limits, &detail), CHILD_TOO_LARGE);
    CHECK_EQ_I64(done, 0);
    limits.memory = UINT64_C(4) << 30; /* a sanitizer takes its own */
    CHECK_EQ_I64(child_run_within(take_memory, NULL, &done, sizeof done, &limits, &detail), CHILD_DONE);
    CHECK_EQ_I64(done, 1);
}

TESTS(CASE(a_result_comes_back_whole), CASE(ends_are_told_apart), CASE(grandchildren_are_taken_along),
      CASE(a_signal_stops_the_child_and_not_us), CASE(children_are_not_deaf), CASE(a_closed_terminal_stops_the_child),
      CASE(what_is_ignored_stays_ignored), CASE(programs_get_files_folder_and_environment),
      CASE(programs_get_nothing_otherwise), CASE(output_is_bounded), CASE(output_that_cannot_be_read_back),
      CASE(ends_of_programs_are_told_apart), CASE(what_programs_use), CASE(programs_wait_for_others),
      CASE(a_child_that_takes_too_much_memory_is_killed));
