/* main() of the tests in C. Each case runs in a process of its own, in a process group of its own, so that a crash, a
 * hang or a leak ends that case only. What a case prints is kept and shown if it fails.
 *
 *   units unit/NAME [--list | --skip REASON] [PATTERN...]
 *
 * prints "ok CASE", "skip CASE: reason" or "FAIL CASE: reason" a line, then a closing line; exits with 1 if any failed.
 * Without a NAME it lists the names. A case's limit is CPU time, so that a busy machine fails nothing. A hang uses
 * none: it is ended after TEST_PATIENCE (20) times that on the clock.
 */
#include "test.h"

#include <errno.h>
#include <fcntl.h>
#include <fnmatch.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* How far a case came. Shared with its process, since an exit status alone does not tell a case that returned from one
 * whose code under test called exit(0). */
enum stage { RUNNING, FAILED, SKIPPED, RETURNED };
static enum stage alone; /* of libFuzzer, which runs all in one process */
static volatile enum stage *stage = &alone;

static struct test_file *files;

void test_add(struct test_file *file)
{
    file->next = files;
    files = file;
}

struct output {
    int fd; /* -1: closed */
    size_t len;
    char text[(64 << 10) + 1]; /* what comes after that is dropped; 1 byte for a terminator */
};

bool test_all(void)
{
    const char *all = getenv("TEST_ALL");
    return all && *all;
}

_Noreturn static void end_case(const char *format, va_list args, int status)
{
    fflush(stdout);
    vfprintf(stderr, format, args);
    fputc('\n', stderr);
    if (stage == &alone)
        abort(); /* as libFuzzer takes note of that */
    _exit(status);
}

void test_fail(const char *file, int line, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *stage = FAILED;
    fflush(stdout);
    fprintf(stderr, "%s:%d: ", file, line);
    end_case(format, args, 1);
}

void test_fail_for(const char *file, int line, const char *condition, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *stage = FAILED;
    fflush(stdout);
    fprintf(stderr, "%s:%d: not true: %s: ", file, line, condition);
    end_case(format, args, 1);
}

void test_skip(const char *format, ...)
{
    va_list args;
    va_start(args, format);
    *stage = SKIPPED;
    end_case(format, args, 0);
}

void test_eq_u64(const char *file, int line, const char *what, uint64_t actual, uint64_t expected)
{
    if (actual != expected)
        test_fail(file, line, "%s is %" PRIu64 " (0x%" PRIx64 "), expected %" PRIu64 " (0x%" PRIx64 ")", what, actual,
                  actual, expected, expected);
}

void test_eq_i64(const char *file, int line, const char *what, int64_t actual, int64_t expected)
{
    if (actual != expected)
        test_fail(file, line, "%s is %" PRId64 ", expected %" PRId64, what, actual, expected);
}

void test_eq_str(const char *file, int line, const char *what, const char *actual, const char *expected)
{
    if (!actual || !expected ? actual != expected : strcmp(actual, expected) != 0)
        test_fail(file, line, "%s is \"%s\", expected \"%s\"", what, actual ? actual : "(NULL)",
                  expected ? expected : "(NULL)");
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

static unsigned patience(void)
{
    const char *set = getenv("TEST_PATIENCE");
    unsigned long n = set ? strtoul(set, NULL, 10) : 0;
    return n > 0 && n < 1000 ? (unsigned)n : 20;
}

static pid_t start(const struct test_case *c, struct output *out)
{
    int fds[2];
    *stage = RUNNING;
    out->len = 0;
    fflush(stdout);
    if (pipe2(fds, O_CLOEXEC) != 0)
        return -1;
    pid_t pid = fork();
    if (pid == 0) {
        setpgid(0, 0);
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        setrlimit(RLIMIT_CORE, &(struct rlimit){0});
        setrlimit(RLIMIT_CPU, &(struct rlimit){c->seconds, c->seconds + 1});
        dup2(fds[1], STDOUT_FILENO);
        dup2(fds[1], STDERR_FILENO);
        c->run();
        if (*stage == RUNNING) /* no process of its own failed */
            *stage = RETURNED;
        exit(0); /* not _exit: the leak check hangs on it */
    }
    close(fds[1]);
    out->fd = fds[0];
    fcntl(out->fd, F_SETFL, O_NONBLOCK);
    return pid;
}

static void collect(struct output *out)
{
    char dropped[4096];
    for (;;) {
        size_t room = sizeof out->text - 1 - out->len;
        ssize_t got = read(out->fd, room ? out->text + out->len : dropped, room ? room : sizeof dropped);
        if (got > 0 && room)
            out->len += (size_t)got;
        if (got == 0) {
            close(out->fd);
            out->fd = -1;
        }
        if (got <= 0)
            return;
    }
}

/* Waits for the end of the case; false: it took too long. Nothing of its process group outlives it. */
static bool finish(pid_t pid, unsigned seconds, struct output *out, int *status)
{
    int64_t deadline = now_ms() + (int64_t)seconds * patience() * 1000;
    bool in_time = true;
    while (waitpid(pid, status, WNOHANG) == 0) {
        if (now_ms() >= deadline) {
            in_time = false;
            kill(-pid, SIGKILL);
            waitpid(pid, status, 0);
            break;
        }
        /* An open pipe wakes us up when the process ends, unless a child of its own holds it. */
        poll(&(struct pollfd){out->fd, POLLIN, 0}, 1, out->fd < 0 ? 1 : 50);
        if (out->fd >= 0)
            collect(out);
    }
    kill(-pid, SIGKILL);
    if (out->fd >= 0)
        collect(out);
    if (out->fd >= 0)
        close(out->fd);
    return in_time;
}

/* Takes the last line off the output. What test_fail() and test_skip() say is the last thing said. */
static const char *last_line(struct output *out)
{
    if (out->len && out->text[out->len - 1] == '\n')
        out->len--;
    out->text[out->len] = '\0';
    const char *newline = memrchr(out->text, '\n', out->len);
    const char *line = newline ? newline + 1 : out->text;
    out->len = (size_t)(line - out->text);
    return line;
}

/* Why the case failed, or NULL if it did not. */
static const char *judge(const struct test_case *c, bool in_time, int status, struct output *out)
{
    static char why[200];
    if (in_time && *stage == FAILED)
        return last_line(out);
    if (!in_time)
        snprintf(why, sizeof why, "no end within %u s", c->seconds * patience());
    else if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
        snprintf(why, sizeof why, "no end within %u s of CPU time", c->seconds);
    else if (WIFSIGNALED(status))
        snprintf(why, sizeof why, "killed by signal %d (%s)", WTERMSIG(status), strsignal(WTERMSIG(status)));
    else if (WEXITSTATUS(status) != 0)
        snprintf(why, sizeof why, "exit status %d", WEXITSTATUS(status));
    else
        return *stage == RUNNING ? "exited before its end" : NULL;
    return why;
}

static void print_output(const struct output *out)
{
    for (const char *p = out->text, *end = p + out->len; p < end;) {
        const char *newline = memchr(p, '\n', (size_t)(end - p));
        const char *stop = newline ? newline : end;
        printf("    %.*s\n", (int)(stop - p), p);
        p = stop + 1;
    }
}

struct totals {
    unsigned passed, failed, skipped;
};

static void run(const struct test_case *c, struct totals *totals)
{
    static struct output out;
    int status = 0;
    int64_t begin = now_ms();
    pid_t pid = start(c, &out);
    if (pid < 0) {
        printf("FAIL %s: cannot start it: %s\n", c->name, strerror(errno));
        totals->failed++;
        return;
    }
    bool in_time = finish(pid, c->seconds, &out, &status);
    const char *why = judge(c, in_time, status, &out);
    if (why) {
        printf("FAIL %s: %s\n", c->name, why);
        print_output(&out);
        totals->failed++;
    } else if (*stage == SKIPPED) {
        printf("skip %s: %s\n", c->name, last_line(&out));
        totals->skipped++;
    } else {
        printf("ok %s (%.1f s)\n", c->name, (double)(now_ms() - begin) / 1000);
        totals->passed++;
    }
}

static bool wanted(const char *name, char **patterns)
{
    if (!*patterns)
        return true;
    for (; *patterns; patterns++)
        if (fnmatch(*patterns, name, 0) == 0)
            return true;
    return false;
}

/* "unit/stats" for tests/unit/stats.c */
static bool has_name(const struct test_file *file, const char *name)
{
    const char *path = strncmp(file->path, "tests/", 6) == 0 ? file->path + 6 : file->path;
    size_t n = strlen(name);
    return strncmp(path, name, n) == 0 && strcmp(path + n, ".c") == 0;
}

#ifdef LIBFUZZER
#define main runner_main /* it has one of its own */
#endif

int main(int argc, char **argv)
{
    struct test_file *file = files;
    while (file && (argc < 2 || !has_name(file, argv[1])))
        file = file->next;
    if (!file) {
        for (file = files; file; file = file->next)
            puts(file->path);
        return argc > 1;
    }
    bool list = argc > 2 && strcmp(argv[2], "--list") == 0;
    bool skip = argc > 3 && strcmp(argv[2], "--skip") == 0;
    char **patterns = argv + (list ? 3 : skip ? 4 : 2);
    struct totals totals = {0};

    stage = mmap(NULL, sizeof *stage, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (stage == MAP_FAILED)
        return 1;
    for (const struct test_case *c = file->cases; c->name; c++) {
        if (!wanted(c->name, patterns))
            continue;
        if (list) {
            puts(c->name);
        } else if (skip) {
            printf("skip %s: %s\n", c->name, argv[3]);
            totals.skipped++;
        } else {
            run(c, &totals);
        }
    }
    if (list)
        return 0;
    printf("%u passed, %u failed, %u skipped\n", totals.passed, totals.failed, totals.skipped);
    return totals.failed || !(totals.passed || totals.skipped) ? 1 : 0;
}
