/* Guards samples against what happens to the process that takes them: each way to end is told from the
 * others, and nothing is left behind. */
#include "../../harness/machine/child.h"
#include "../test.h"

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

/* The grandchild holds the pipe for the result, and would hold it for ever. */
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
    check_end(leave_grandchild, 300, CHILD_TIMED_OUT, 0);
    check_nobody_left();
}

static void stop_parent_and_hang(void *arg, void *result)
{
    kill(getppid(), SIGINT);
    hang(arg, result);
}

TEST(a_signal_stops_the_child_and_not_us)
{
    child_watch_signals();
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
    child_watch_signals();
    check_end(be_stopped, LONG_MS, CHILD_CRASHED, SIGTERM);
}

TESTS(CASE(a_result_comes_back_whole), CASE(ends_are_told_apart), CASE(grandchildren_are_taken_along),
      CASE(a_signal_stops_the_child_and_not_us), CASE(children_are_not_deaf));
