/* Between this process and the program stands a keeper. Orphans among the program's descendants become its children, so
 * that none gets out of its sight. It outlives this process for as long as it takes to kill them. */
#include "talk.h"

#include "clock.h"
#include "family.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/signalfd.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { MS = 1000000, GRACE_MS = 500, KEEPER_MS = 1000, NOISE = 256 };

/* What the keeper reports, over its link. */
struct report {
    enum talk_end end;
    int detail;
};

/* --- the keeper --- */

static void reap(pid_t program, int link)
{
    pid_t pid;
    int status;
    while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
        struct report r = {TALK_EXITED, WEXITSTATUS(status)};
        if (WIFSIGNALED(status))
            r = (struct report){TALK_CRASHED, WTERMSIG(status)};
        if (pid == program)
            (void)!write(link, &r, sizeof r);
    }
}

struct start {
    const struct child_program *program;
    int fd[CHILD_FILES];               /* the program's */
    int link, other_ends[CHILD_FILES]; /* that process's */
    void (*on_sigpipe)(int);           /* as it was */
};

_Noreturn static void become_program(const struct start *s, const sigset_t *mask)
{
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    signal(SIGPIPE, s->on_sigpipe);
    sigprocmask(SIG_SETMASK, mask, NULL);
    close_range(CHILD_FILES, ~0u, CLOSE_RANGE_CLOEXEC);
    struct report r = {TALK_NOT_STARTED, child_become(s->program, s->fd)};
    (void)!write(s->link, &r, sizeof r);
    _exit(127);
}

/* Until the other end of the link is closed, which the end of that process does too. */
_Noreturn static void keep(const struct start *s)
{
    sigset_t ended, mask;
    sigemptyset(&ended);
    sigaddset(&ended, SIGCHLD);
    for (int i = 0; i < CHILD_FILES; i++)
        close(s->other_ends[i]);
    child_keep();
    setpgid(0, 0); /* what kills the group of that process does not end this one */
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    sigprocmask(SIG_BLOCK, &ended, &mask);
    struct pollfd fd[] = {{.fd = s->link, .events = POLLIN},
                          {.fd = signalfd(-1, &ended, SFD_CLOEXEC), .events = POLLIN}};
    pid_t program = fork();
    struct report failed = {TALK_NOT_STARTED, errno};
    if (program == 0)
        become_program(s, &mask);
    if (program < 0)
        (void)!write(s->link, &failed, sizeof failed);
    for (int i = 0; i <= STDERR_FILENO; i++)
        close(s->fd[i]);
    while (fd[0].revents == 0) {
        struct signalfd_siginfo info;
        if (poll(fd, 2, -1) > 0 && fd[1].revents)
            (void)!read(fd[1].fd, &info, sizeof info);
        reap(program, s->link);
    }
    family_kill_children();
    _exit(0);
}

/* --- the other side --- */

static void close_pair(const int fd[2])
{
    for (int i = 0; i < 2; i++)
        if (fd[i] >= 0)
            close(fd[i]);
}

/* The program's end is above all that it gets them as. False with errno. */
static bool open_pipe(int fd[2], int program)
{
    int low[2];
    if (pipe2(low, O_CLOEXEC) < 0)
        return false;
    fd[!program] = low[!program];
    fd[program] = fcntl(low[program], F_DUPFD_CLOEXEC, CHILD_FILES);
    close(low[program]);
    return fd[program] >= 0 && fcntl(fd[!program], F_SETFL, O_NONBLOCK) == 0;
}

void talk_begin(struct talk *t, const struct child_program *p)
{
    int in[2] = {-1, -1}, out[2] = {-1, -1}, err[2] = {-1, -1}, link[2] = {-1, -1};
    prctl(PR_SET_CHILD_SUBREAPER, 1); /* a program may end its keeper */
    *t = (struct talk){.keeper = -1, .deadline = clock_now_ns() + (uint64_t)p->timeout_ms * MS};
    void (*on_sigpipe)(int) = signal(SIGPIPE, SIG_IGN);
    bool ready = open_pipe(in, 0) && open_pipe(out, 1) && open_pipe(err, 1) &&
                 socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, link) == 0;
    struct start s = {p, {in[0], out[1], err[1], -1}, link[1], {in[1], out[0], err[0], link[0]}, on_sigpipe};
    if (ready)
        t->keeper = fork();
    if (t->keeper == 0)
        keep(&s);
    if (t->keeper < 0) {
        t->end = TALK_NOT_STARTED;
        t->detail = errno;
    }
    close_pair((int[]){in[0], out[1]});
    close_pair((int[]){err[1], link[1]});
    t->to = in[1];
    t->from = out[0];
    t->errors = err[0];
    t->link = link[0];
}

/* Reads what is there. At its end the descriptor is closed, and -1. */
static size_t take(int *fd, char *to, size_t most)
{
    ssize_t n = *fd >= 0 ? read(*fd, to, most) : 0;
    bool ended = n == 0 || (n < 0 && errno != EAGAIN && errno != EINTR);
    if (ended && *fd >= 0) {
        close(*fd);
        *fd = -1;
    }
    return n > 0 ? (size_t)n : 0;
}

/* Of all that it says only the end is kept. */
static bool take_errors(struct talk *t)
{
    char more[TALK_ERRORS];
    size_t n = take(&t->errors, more, sizeof more);
    size_t kept = t->said_size + n > TALK_ERRORS ? TALK_ERRORS - n : t->said_size;
    memmove(t->said, t->said + t->said_size - kept, kept);
    memcpy(t->said + kept, more, n);
    t->said_size = kept + n;
    return n > 0;
}

/* True: the answer is whole. */
static bool take_answer(struct talk *t)
{
    char *more = t->answer + t->held, *line_end;
    size_t n = take(&t->from, more, TALK_LINE - t->held);
    t->held += n;
    line_end = memchr(more, '\n', n);
    if (!line_end)
        return false;
    *line_end = '\0';
    t->answer_size = (size_t)(line_end - t->answer);
    return true;
}

static void take_report(struct talk *t)
{
    struct report r;
    ssize_t n = t->gone == TALK_ANSWERED ? recv(t->link, &r, sizeof r, MSG_DONTWAIT) : -1;
    if (n == 0) /* it killed its keeper */
        r = (struct report){TALK_CRASHED, SIGKILL};
    if (n >= 0) {
        t->gone = r.end;
        t->detail = r.detail;
    }
}

static void write_more(const struct talk *t, const char **rest)
{
    ssize_t n = **rest ? write(t->to, *rest, strlen(*rest)) : 0;
    if (n > 0)
        *rest += n;
    else if (n < 0 && errno != EAGAIN && errno != EINTR)
        *rest = ""; /* it closed its standard input, and may still say why */
}

static uint64_t sooner(uint64_t until, int ms)
{
    uint64_t then = clock_now_ns() + (uint64_t)ms * MS;
    return then < until ? then : until;
}

/* Until there is something to do. False: it is too late. */
static bool await(const struct talk *t, bool write, uint64_t until)
{
    struct pollfd fd[] = {{.fd = write ? t->to : -1, .events = POLLOUT},
                          {.fd = t->from, .events = POLLIN},
                          {.fd = t->errors, .events = POLLIN},
                          {.fd = t->gone == TALK_ANSWERED ? t->link : -1, .events = POLLIN}};
    uint64_t now = clock_now_ns(), left = until > now ? until - now : 0;
    struct timespec wait = {.tv_sec = (time_t)(left / 1000000000u), .tv_nsec = (long)(left % 1000000000u)};
    return left > 0 && ppoll(fd, sizeof fd / sizeof fd[0], &wait, NULL) != 0;
}

/* The program may have ended and left an answer, so that is looked for last. */
static enum talk_end await_answer(struct talk *t, const char *question)
{
    uint64_t until = t->deadline;
    bool closed = false, in_time = true;
    for (;;) {
        write_more(t, &question);
        take_errors(t);
        take_report(t);
        if (take_answer(t))
            return TALK_ANSWERED;
        if (t->gone != TALK_ANSWERED)
            return t->gone;
        if (t->held == TALK_LINE)
            return TALK_TOO_LONG;
        if (!in_time)
            return closed ? TALK_CLOSED : TALK_TIMED_OUT;
        if (t->from < 0 && !closed)
            until = sooner(until, GRACE_MS);
        closed = t->from < 0;
        in_time = await(t, *question != '\0', until);
    }
}

enum talk_end talk_ask(struct talk *t, const char *question)
{
    if (t->end != TALK_ANSWERED)
        return t->end;
    bool early = t->held > t->answer_size + 1;
    t->held = 0;
    early = take(&t->from, t->answer, TALK_LINE) > 0 || early;
    t->end = early ? TALK_EARLY : await_answer(t, question);
    for (int i = 0; i < NOISE && t->end != TALK_ANSWERED && take_errors(t); i++)
        continue;
    return t->end;
}

/* Its keeper kills what is left once it sees the end of the link, and its own end is that of the link too. A program
 * may have stopped or killed it: then that is done here. */
static void await_keeper(const struct talk *t)
{
    struct pollfd fd = {.fd = t->link, .events = POLLIN};
    uint64_t until = clock_now_ns() + (uint64_t)KEEPER_MS * MS;
    struct report r;
    ssize_t n = 1;
    shutdown(t->link, SHUT_WR);
    while (n != 0 && clock_now_ns() < until)
        if (poll(&fd, 1, KEEPER_MS) > 0)
            n = recv(t->link, &r, sizeof r, MSG_DONTWAIT);
    if (n == 0)
        waitpid(t->keeper, NULL, 0);
    family_kill_children();
}

void talk_close(struct talk *t, const char *quit)
{
    char noise[TALK_LINE];
    uint64_t until = sooner(t->deadline, GRACE_MS);
    if (quit && t->end == TALK_ANSWERED)
        write_more(t, &quit);
    if (t->to >= 0)
        close(t->to);
    while (quit && t->end == TALK_ANSWERED && t->gone == TALK_ANSWERED && await(t, false, until)) {
        take_errors(t);
        take(&t->from, noise, sizeof noise);
        take_report(t);
    }
    if (t->keeper > 0)
        await_keeper(t);
    close_pair((int[]){t->from, t->errors});
    close_pair((int[]){t->link, -1});
}
