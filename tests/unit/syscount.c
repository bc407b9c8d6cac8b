/* Guards the counts of system calls: the tracer sees every call of known work, in all its threads, and nothing before
 * or after; where it is refused, that is told. */
#include "../../harness/machine/syscount.h"
#include "../support.h"

#include <errno.h>
#include <fcntl.h>
#include <linux/filter.h>
#include <linux/seccomp.h>
#include <pthread.h>
#include <signal.h>
#include <stddef.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <sys/wait.h>
#include <unistd.h>

enum { READS = 1000, PREADS = 300, READVS = 20, SEEKS = 7, STRAY = 11, THREADS = 3, TIMEOUT_MS = 50 * 1000 };

static void read_often(int fd, int times)
{
    char byte;
    for (int i = 0; i < times; i++)
        if (read(fd, &byte, 1) != 1)
            _exit(1);
}

static void *reading_thread(void *fd)
{
    read_often(*(int *)fd, READS);
    return NULL;
}

/* --- known work --- */

static void calls(void *arg, void *result)
{
    char byte;
    struct iovec one = {&byte, 1};
    int fd = *(int *)arg;
    read_often(fd, STRAY);
    syscount_begin();
    read_often(fd, READS);
    for (int i = 0; i < PREADS; i++)
        syscall(SYS_pread64, fd, &byte, 1, 0);
    for (int i = 0; i < READVS; i++)
        syscall(SYS_readv, fd, &one, 1);
    for (int i = 0; i < SEEKS; i++)
        syscall(SYS_lseek, fd, 0, SEEK_SET);
    syscall(SYS_read, -1, &byte, 1); /* failing counts too */
    syscall(SYS_getppid);
    syscount_end();
    read_often(fd, STRAY);
    *(int *)result = 42;
}

static void threads(void *arg, void *result)
{
    pthread_t thread[THREADS];
    (void)result;
    syscount_begin();
    for (int i = 0; i < THREADS; i++)
        if (pthread_create(&thread[i], NULL, reading_thread, arg) != 0)
            _exit(1);
    for (int i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    syscount_end();
}

static void need_tracer(void)
{
    char why[SYSCOUNT_WHY];
    if (!syscount_try(why))
        SKIP("%s", why);
}

static enum child_end run(void (*work)(void *, void *), int *result, int timeout_ms, int *detail,
                          struct syscount *count, char *why)
{
    int zero = open("/dev/zero", O_RDONLY | O_CLOEXEC);
    CHECK(zero >= 0);
    enum child_end end = syscount_run(work, &zero, result, sizeof *result, timeout_ms, detail, count, why);
    close(zero);
    return end;
}

static struct syscount count_done(void (*work)(void *, void *), int *result)
{
    struct syscount count;
    char why[SYSCOUNT_WHY];
    int detail;
    CHECK_EQ_I64(run(work, result, TIMEOUT_MS, &detail, &count, why), CHILD_DONE);
    CHECK_STR(why, "");
    return count;
}

TEST(known_calls)
{
    need_tracer();
    for (int round = 0; round < 3; round++) {
        int result = 0;
        struct syscount count = count_done(calls, &result);
        CHECK_EQ_I64(result, 42);
        CHECK_EQ_U64(count.calls[SYS_read], READS + 1);
        CHECK_EQ_U64(count.calls[SYS_pread64], PREADS);
        CHECK_EQ_U64(count.calls[SYS_readv], READVS);
        CHECK_EQ_U64(count.calls[SYS_lseek], SEEKS);
        CHECK_EQ_U64(count.calls[SYS_getppid], 1);
        CHECK_EQ_U64(count.total, READS + 1 + PREADS + READVS + SEEKS + 1);
        CHECK_EQ_U64(syscount_reads(&count), READS + 1 + PREADS + READVS);
    }
}

TEST(calls_of_threads)
{
    int result;
    need_tracer();
    struct syscount count = count_done(threads, &result);
    CHECK_EQ_U64(count.calls[SYS_read], THREADS * READS);
    CHECK_EQ_U64(count.calls[SYS_clone3] + count.calls[SYS_clone], THREADS);
    CHECK_EQ_U64(count.calls[SYS_exit], THREADS);
}

/* --- work that does not end well --- */

static void be_killed(void *arg, void *result)
{
    (void)arg, (void)result;
    syscount_begin();
    kill(getpid(), SIGKILL);
    pause();
}

static void leave(void *arg, void *result)
{
    (void)arg, (void)result;
    syscount_begin();
    _exit(0);
}

static volatile pid_t *hanging; /* shared, since work that does not end has no result */

static void hang(void *arg, void *result)
{
    (void)arg, (void)result;
    *hanging = getpid();
    syscount_begin();
    for (;;)
        pause();
}

static bool is_gone(pid_t process)
{
    for (int i = 0; i < 1000; i++, usleep(10000)) /* who inherits an orphan may take its time to bury it */
        if (kill(process, 0) < 0 && errno == ESRCH)
            return true;
    return false;
}

TEST(bad_ends)
{
    struct syscount count;
    char why[SYSCOUNT_WHY];
    int detail, result = 0;
    need_tracer();
    CHECK_EQ_I64(run(be_killed, &result, TIMEOUT_MS, &detail, &count, why), CHILD_CRASHED);
    CHECK_EQ_I64(detail, SIGKILL);
    CHECK_EQ_I64(run(leave, &result, TIMEOUT_MS, &detail, &count, why), CHILD_LOST);
    hanging = mmap(NULL, sizeof *hanging, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    CHECK_EQ_I64(run(hang, &result, 500, &detail, &count, why), CHILD_TIMED_OUT);
    CHECK(*hanging > 0 && is_gone(*hanging));
}

/* --- what is refused --- */

/* From now on these calls fail like that, as in a container that forbids them. */
static bool refuse(uint32_t call, int error)
{
    struct sock_filter filter[] = {
        BPF_STMT(BPF_LD | BPF_W | BPF_ABS, offsetof(struct seccomp_data, nr)),
        BPF_JUMP(BPF_JMP | BPF_JEQ | BPF_K, call, 0, 1),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ERRNO | (uint32_t)error),
        BPF_STMT(BPF_RET | BPF_K, SECCOMP_RET_ALLOW),
    };
    struct sock_fprog program = {LENGTH(filter), filter};
    return prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) == 0 && prctl(PR_SET_SECCOMP, SECCOMP_MODE_FILTER, &program) == 0;
}

/* In a process of its own that ends without the leak check, which needs ptrace itself. */
static void in_a_child(void (*check)(void))
{
    int status;
    pid_t child = fork();
    CHECK(child >= 0);
    if (child == 0) {
        check();
        _exit(0);
    }
    CHECK(waitpid(child, &status, 0) == child && WIFEXITED(status) && WEXITSTATUS(status) == 0);
}

static void without_ptrace(void)
{
    struct syscount count;
    char why[SYSCOUNT_WHY];
    int detail, result = 0;
    if (!refuse(SYS_ptrace, EPERM))
        SKIP("no seccomp filters here: %s", strerror(errno));
    CHECK(!syscount_try(why));
    CHECK_STR(why, "PTRACE_SEIZE: Operation not permitted");
    CHECK_EQ_I64(run(calls, &result, TIMEOUT_MS, &detail, &count, why), CHILD_LOST);
    CHECK_STR(why, "PTRACE_SEIZE: Operation not permitted");
    CHECK_EQ_U64(count.total, 0);
}

TEST(refused)
{
    in_a_child(without_ptrace);
}

/* --- names --- */

TEST(names)
{
    CHECK_STR(syscount_name(SYS_read), "read");
    CHECK_STR(syscount_name(SYS_io_uring_enter), "io_uring_enter");
    CHECK_STR(syscount_name(-1), NULL);
    CHECK_STR(syscount_name(SYSCOUNT_NUMBERS - 1), NULL);
    for (int number = 0; number < 2 * SYSCOUNT_NUMBERS; number++)
        CHECK_FOR(!syscount_name(number) || number < SYSCOUNT_NUMBERS, "%s", syscount_name(number));
}

TESTS(CASE(known_calls), CASE(calls_of_threads), CASE(bad_ends), CASE(refused), CASE(names));
