/* What the program prints goes to files in memory that cannot grow, so nobody has to read along, and nothing that it
 * leaves behind can hold a pipe open. */
#include "gate_child.h"

#include "../machine/child.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

void gate_add(struct gate_command *c, const char *argument)
{
    if (c->n < GATE_ARGUMENTS)
        c->argv[c->n++] = argument;
}

static uint64_t now_ns(void)
{
    struct timespec t;
    clock_gettime(CLOCK_MONOTONIC, &t);
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_nsec;
}

static uint64_t timeval_ns(struct timeval t)
{
    return (uint64_t)t.tv_sec * 1000000000u + (uint64_t)t.tv_usec * 1000u;
}

static int output_file(void)
{
    int fd = memfd_create("gate", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    if (fd >= 0 && (ftruncate(fd, GATE_OUTPUT) < 0 || fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) < 0)) {
        close(fd);
        return -1;
    }
    return fd;
}

static void read_output(int fd, char text[GATE_OUTPUT + 1])
{
    ssize_t n = pread(fd, text, GATE_OUTPUT, 0);
    text[n > 0 && n < GATE_OUTPUT ? n : n > 0 ? GATE_OUTPUT : 0] = '\0';
}

enum { INHERITED = 4 };
struct environment {
    char *variable[INHERITED + 3]; /* ends with NULL */
    char padding[sizeof "PADDING=" + 2 * GATE_PADDING];
};

static void set_environment(struct environment *e, size_t padding)
{
    static const char *const inherited[INHERITED] = {"PATH=", "LD_LIBRARY_PATH=", "HOME=", "TMPDIR="};
    static char locale[] = "LC_ALL=C";
    size_t n = 0;
    e->variable[n++] = locale;
    for (size_t i = 0; i < INHERITED; i++)
        for (char **v = environ; *v; v++)
            if (strncmp(*v, inherited[i], strlen(inherited[i])) == 0) {
                e->variable[n++] = *v;
                break;
            }
    size_t most = 2 * GATE_PADDING, name = (size_t)snprintf(e->padding, sizeof e->padding, "PADDING=");
    memset(e->padding + name, '.', padding < most ? padding : most);
    e->padding[name + (padding < most ? padding : most)] = '\0';
    e->variable[n++] = e->padding;
    e->variable[n] = NULL;
}

static int start(const struct gate_command *c, size_t padding, int out, int err, const sigset_t *mask, pid_t *pid)
{
    posix_spawn_file_actions_t files;
    posix_spawnattr_t attributes;
    struct environment e;
    sigset_t defaults;
    set_environment(&e, padding);
    sigemptyset(&defaults);
    sigaddset(&defaults, SIGINT);
    sigaddset(&defaults, SIGTERM);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
    posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
    posix_spawn_file_actions_adddup2(&files, err, STDERR_FILENO);
    posix_spawnattr_init(&attributes);
    posix_spawnattr_setflags(&attributes, POSIX_SPAWN_SETPGROUP | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
    posix_spawnattr_setsigmask(&attributes, mask);
    posix_spawnattr_setsigdefault(&attributes, &defaults);
    char *argv[GATE_ARGUMENTS + 1];
    memcpy(argv, c->argv, sizeof argv);
    int rc = posix_spawnp(pid, argv[0], &files, &attributes, argv, e.variable);
    posix_spawnattr_destroy(&attributes);
    posix_spawn_file_actions_destroy(&files);
    return rc;
}

/* Until it has ended, or shall not go on. The stop signals are blocked but for the wait itself. */
static void await(struct gate_child *child, pid_t pid, int timeout_ms, const sigset_t *mask)
{
    uint64_t deadline = now_ns() + (uint64_t)timeout_ms * 1000000u;
    int fd = (int)syscall(SYS_pidfd_open, pid, 0), rc = -1;
    while (fd >= 0) {
        uint64_t now = now_ns(), left = now < deadline ? deadline - now : 0;
        struct timespec wait = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
        struct pollfd ended = {.fd = fd, .events = POLLIN};
        rc = child_stopped() ? -1 : ppoll(&ended, 1, &wait, mask);
        if (rc >= 0 || errno != EINTR || child_stopped())
            break;
    }
    if (child_stopped()) {
        child->end = GATE_STOPPED;
    } else if (rc <= 0) {
        child->end = GATE_NO_END;
        if (rc == 0)
            snprintf(child->why, sizeof child->why, "no end within %d s", timeout_ms / 1000);
        else
            snprintf(child->why, sizeof child->why, "cannot be waited for: %s", strerror(errno));
    }
    if (fd >= 0)
        close(fd);
}

/* "RAN QUEUED SLICES", in ns, which is there until the process is reaped. */
static uint64_t read_queued(pid_t pid)
{
    char path[64], text[128];
    uint64_t ran, queued;
    snprintf(path, sizeof path, "/proc/%ld/schedstat", (long)pid);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t n = fd < 0 ? -1 : read(fd, text, sizeof text - 1);
    if (fd >= 0)
        close(fd);
    text[n > 0 ? n : 0] = '\0';
    return sscanf(text, "%" SCNu64 " %" SCNu64, &ran, &queued) == 2 ? queued : 0;
}

/* Its group is killed before it is reaped: until then the id is nobody else's. */
static void reap(struct gate_child *child, pid_t pid, uint64_t begin)
{
    struct rusage usage;
    siginfo_t info;
    int status = 0;
    if (child->end == GATE_ENDED)
        while (waitid(P_PID, (id_t)pid, &info, WEXITED | WNOWAIT) < 0 && errno == EINTR)
            ;
    child->wall_ns = now_ns() - begin;
    child->queued_ns = read_queued(pid);
    kill(-pid, SIGKILL);
    while (wait4(pid, &status, 0, &usage) < 0)
        if (errno != EINTR)
            return;
    child->cpu_ns = timeval_ns(usage.ru_utime) + timeval_ns(usage.ru_stime);
    if (child->end != GATE_ENDED)
        return;
    child->status = WEXITSTATUS(status);
    if (WIFSIGNALED(status)) {
        child->end = GATE_NO_END;
        snprintf(child->why, sizeof child->why, "crashed: %s", strsignal(WTERMSIG(status)));
    }
}

void gate_child_run(const struct gate_command *c, size_t padding, int timeout_ms, struct gate_child *child)
{
    sigset_t stops, mask;
    pid_t pid;
    int out = output_file(), err = output_file();
    child->end = GATE_ENDED;
    child->why[0] = child->out[0] = child->err[0] = '\0';
    child->wall_ns = child->cpu_ns = child->queued_ns = 0;
    sigemptyset(&stops);
    sigaddset(&stops, SIGINT);
    sigaddset(&stops, SIGTERM);
    sigprocmask(SIG_BLOCK, &stops, &mask);
    uint64_t begin = now_ns();
    int rc = out < 0 || err < 0 ? errno : start(c, padding, out, err, &mask, &pid);
    if (rc == 0) {
        await(child, pid, timeout_ms, &mask);
        reap(child, pid, begin);
        read_output(out, child->out);
        read_output(err, child->err);
    } else {
        child->end = GATE_NO_END;
        snprintf(child->why, sizeof child->why, "cannot be started: %s", strerror(rc));
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    if (out >= 0)
        close(out);
    if (err >= 0)
        close(err);
}
