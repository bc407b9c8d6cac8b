/* The child is alone in its process group and dies with its parent. It sends its result through a pipe, so
 * that it needs no cooperation to be timed out, and is never waited for without a deadline. */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdint.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

static volatile sig_atomic_t stopped;

static void on_stop(int signal)
{
    (void)signal;
    stopped = 1;
}

void child_watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_stop};
    sigemptyset(&action.sa_mask);
    sigaction(SIGINT, &action, NULL);
    sigaction(SIGTERM, &action, NULL);
}

int child_stopped(void)
{
    return stopped;
}

static void write_all(int fd, const void *from, size_t size)
{
    const char *p = from;
    while (size > 0) {
        ssize_t put = write(fd, p, size);
        if (put < 0 && errno == EINTR)
            continue;
        if (put <= 0)
            return;
        p += put;
        size -= (size_t)put;
    }
}

/* A group of its own, so that the terminal's Ctrl-C reaches the parent alone, and killing it leaves nobody
 * behind. */
static void be_the_child(pid_t parent, const sigset_t *mask)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    signal(SIGINT, SIG_DFL);
    signal(SIGTERM, SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
}

static int64_t now_ms(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (int64_t)t.tv_sec * 1000 + t.tv_nsec / 1000000;
}

/* Waits for the result. The stop signals are blocked but for the wait itself, so none is missed in
 * between. */
static enum child_end receive(int fd, void *result, size_t size, int timeout_ms, const sigset_t *mask)
{
    int64_t deadline = now_ms() + timeout_ms;
    char *p = result;
    while (size > 0) {
        int64_t left = deadline - now_ms();
        struct timespec wait = {.tv_sec = left / 1000, .tv_nsec = left % 1000 * 1000000};
        struct pollfd ready = {.fd = fd, .events = POLLIN};
        if (stopped)
            return CHILD_STOPPED;
        int rc = left < 0 ? 0 : ppoll(&ready, 1, &wait, mask);
        if (rc == 0)
            return CHILD_TIMED_OUT;
        ssize_t got = rc < 0 ? -1 : read(fd, p, size);
        if (got == 0 || (got < 0 && errno != EINTR))
            return CHILD_LOST;
        if (got > 0) {
            p += got;
            size -= (size_t)got;
        }
    }
    return CHILD_DONE;
}

/* The group is killed before the child is reaped: until then its id cannot be anyone else's. That does not
 * change how a child ended that is dead or dying already. */
static int reap(pid_t pid)
{
    int status;
    kill(-pid, SIGKILL);
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return 0;
    return WIFSIGNALED(status) ? WTERMSIG(status) : 0;
}

static enum child_end lost(int error, int *detail)
{
    *detail = error;
    return CHILD_LOST;
}

enum child_end child_run(void (*work)(void *arg, void *result), void *arg, void *result, size_t size, int timeout_ms,
                         int *detail)
{
    int fd[2];
    sigset_t stops, mask;
    if (pipe2(fd, O_CLOEXEC) < 0)
        return lost(errno, detail);
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, &mask);
    pid_t self = getpid(), pid = fork();
    if (pid == 0) {
        be_the_child(self, &mask);
        work(arg, result);
        write_all(fd[1], result, size);
        _exit(0);
    }
    int error = errno;
    close(fd[1]);
    enum child_end end = CHILD_LOST;
    *detail = 0;
    if (pid > 0) {
        setpgid(pid, pid); /* whichever of the two is first */
        end = receive(fd[0], result, size, timeout_ms, &mask);
        int signal = reap(pid);
        if (end == CHILD_LOST && signal)
            end = CHILD_CRASHED;
        *detail = end == CHILD_CRASHED ? signal : 0;
    } else {
        *detail = error;
    }
    close(fd[0]);
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return end;
}
