/* Cases that go wrong on purpose, one in each way there is: cli/runner.sh holds the runner to noticing every one. It
 * is in no folder of tests, and so in no ordinary run. */
#include "test.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

TEST(passes)
{
    CHECK(1 + 1 == 2);
    CHECK_EQ_U64(2, 2);
    CHECK_EQ_I64(-2, -2);
    CHECK_STR("a", "a");
    CHECK_STR(NULL, NULL);
}

TEST(fails)
{
    puts("said before");
    CHECK(1 + 1 == 3);
}

TEST(fails_in_a_row)
{
    for (int row = 0; row < 9; row++)
        CHECK_FOR(row != 7, "row %d", row);
}

TEST(differs_in_number)
{
    CHECK_EQ_U64(1, 2);
}

TEST(differs_in_sign)
{
    CHECK_EQ_I64(-1, 1);
}

TEST(differs_in_text)
{
    CHECK_STR(NULL, "a");
}

/* The process that fails is not the case's own. */
TEST(fails_in_a_child)
{
    pid_t child = fork();
    CHECK(child != 0);
    waitpid(child, NULL, 0);
}

TEST(skips)
{
    SKIP("it is %s", "planted");
}

TEST(hangs)
{
    signal(SIGTERM, SIG_IGN);
    for (;;)
        pause();
}

/* Quiet, with its output closed: nothing wakes the runner but its own clock. */
TEST(hangs_unheard)
{
    close(STDOUT_FILENO);
    close(STDERR_FILENO);
    for (;;)
        pause();
}

TEST(crashes)
{
    raise(SIGSEGV);
}

TEST(aborts)
{
    abort();
}

TEST(exits_early)
{
    exit(0);
}

/* The process it leaves behind holds the pipe; it must neither delay the runner nor live on. */
TEST(leaves_a_process)
{
    pid_t pid = fork();
    if (pid == 0)
        for (;;)
            pause();
    FILE *file = fopen("pid", "w");
    CHECK(file && fprintf(file, "%d", (int)pid) > 0 && fclose(file) == 0);
}

/* More than the runner keeps: the reason for the skip is lost, the skip is not. */
TEST(floods)
{
    for (int i = 0; i < 1 << 20; i++)
        puts("0123456789");
    SKIP("nobody hears this");
}

/* Fails only where leaks are looked for. */
TEST(leaks)
{
    void *volatile lost = malloc(1234);
    CHECK(lost != NULL);
    lost = NULL;
}

/* Fails only where out-of-bounds accesses are looked for. */
TEST(reads_beyond)
{
    volatile uint8_t *bytes = calloc(1, 16);
    CHECK(bytes != NULL);
    volatile size_t end = 16;
    volatile uint8_t beyond = bytes[end];
    (void)beyond;
    free((void *)bytes);
}

TESTS(CASE(passes), CASE(fails), CASE(fails_in_a_row), CASE(differs_in_number), CASE(differs_in_sign),
      CASE(differs_in_text), CASE(fails_in_a_child), CASE(skips), CASE_WITHIN(1, hangs), CASE_WITHIN(1, hangs_unheard),
      CASE(crashes), CASE(aborts), CASE(exits_early), CASE_WITHIN(5, leaves_a_process), CASE(floods), CASE(leaks),
      CASE(reads_beyond));
