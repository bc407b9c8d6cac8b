/* Child and parent share a piece of memory for what comes back, so that it needs no cooperation to be timed out, and
 * nothing that it leaves behind can hold a pipe open. What programs print goes to files in memory that cannot grow. */
#include "child.h"

#include "clock.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <poll.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

/* --- signals --- */

static volatile sig_atomic_t stopped;
static const int stop_signals[] = {SIGINT, SIGTERM, SIGHUP};
enum { STOP_SIGNALS = sizeof stop_signals / sizeof stop_signals[0] };

static void on_stop(int signal)
{
    (void)signal;
    stopped = 1;
}

const volatile sig_atomic_t *child_watch_signals(void)
{
    struct sigaction action = {.sa_handler = on_stop}, before;
    sigemptyset(&action.sa_mask);
    for (size_t i = 0; i < STOP_SIGNALS; i++) {
        sigaction(stop_signals[i], NULL, &before);
        if (before.sa_handler != SIG_IGN) /* as it is under nohup, or in the background of a script */
            sigaction(stop_signals[i], &action, NULL);
    }
    return &stopped;
}

int child_stopped(void)
{
    return stopped;
}

static void block_stops(sigset_t *before)
{
    sigset_t stops;
    sigemptyset(&stops);
    for (size_t i = 0; i < STOP_SIGNALS; i++)
        sigaddset(&stops, stop_signals[i]);
    sigprocmask(SIG_BLOCK, &stops, before);
}

/* --- one child --- */

/* No value that code of others leaves here by accident. */
#define DONE UINT64_C(0x2f6d1b9e07c4a853)

/* Comes back from it. */
static struct shared {
    uint64_t done;         /* DONE: the work ended */
    size_t size;           /* of the result */
    volatile pid_t keeper; /* see child_keep() */
    _Alignas(64) unsigned char result[];
} * here; /* in a child, and in its children */

void child_keep(void)
{
    if (here)
        here->keeper = getpid();
}

/* A group of its own, so that the terminal's Ctrl-C reaches the parent alone. */
static void be_the_child(pid_t parent, const sigset_t *mask)
{
    struct sigaction action;
    setpgid(0, 0);
    prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (getppid() != parent)
        _exit(1);
    for (size_t i = 0; i < STOP_SIGNALS; i++)
        if (sigaction(stop_signals[i], NULL, &action) == 0 && action.sa_handler == on_stop)
            signal(stop_signals[i], SIG_DFL);
    sigprocmask(SIG_SETMASK, mask, NULL);
}

static bool has_ended(pid_t pid)
{
    siginfo_t info = {.si_pid = 0};
    return waitid(P_PID, (id_t)pid, &info, WEXITED | WNOHANG | WNOWAIT) < 0 || info.si_pid == pid;
}

static uint64_t visit_family(pid_t pid, uint64_t (*visit)(pid_t pid), pid_t but);

/* Of those that the thread started. */
static uint64_t visit_children(pid_t pid, const char *thread, uint64_t (*visit)(pid_t pid), pid_t but)
{
    char path[64];
    long child;
    uint64_t sum = 0;
    snprintf(path, sizeof path, "/proc/%ld/task/%.20s/children", (long)pid, thread);
    FILE *f = fopen(path, "re");
    while (f && fscanf(f, "%ld", &child) == 1)
        sum += child == but ? 0 : visit_family((pid_t)child, visit, but);
    if (f)
        fclose(f);
    return sum;
}

/* What visit() says of the process and all that descend from it, but for one and its own. */
static uint64_t visit_family(pid_t pid, uint64_t (*visit)(pid_t pid), pid_t but)
{
    char path[64];
    uint64_t sum = 0;
    snprintf(path, sizeof path, "/proc/%ld/task", (long)pid);
    DIR *threads = opendir(path);
    for (const struct dirent *t; threads && (t = readdir(threads)) != NULL;)
        if (t->d_name[0] != '.')
            sum += visit_children(pid, t->d_name, visit, but);
    if (threads)
        closedir(threads);
    return sum + visit(pid);
}

static uint64_t kill_one(pid_t pid)
{
    kill(pid, SIGKILL);
    return 1;
}

/* What it holds of memory, but for pages of files; 0 if it is not there any more. */
static uint64_t memory_of(pid_t pid)
{
    char path[64], line[128];
    uint64_t sum = 0, kib;
    snprintf(path, sizeof path, "/proc/%ld/status", (long)pid);
    FILE *f = fopen(path, "re");
    while (f && fgets(line, sizeof line, f))
        if (sscanf(line, "RssAnon: %" SCNu64, &kib) == 1 || sscanf(line, "RssShmem: %" SCNu64, &kib) == 1)
            sum += kib * 1024;
    if (f)
        fclose(f);
    return sum;
}

enum { LOOK_NS = 20 * 1000000 }; /* between looks at a child's memory */

/* Waits for its end. The stop signals are blocked but for the wait itself, so none is missed in between. Where there
 * are no pidfds it looks every millisecond. */
static enum child_end await(pid_t pid, const struct child_limits *limits, const sigset_t *mask)
{
    uint64_t deadline = clock_now_ns() + (uint64_t)limits->timeout_ms * 1000000u;
    uint64_t longest = limits->memory ? LOOK_NS : UINT64_MAX;
    struct pollfd ended = {.fd = (int)syscall(SYS_pidfd_open, pid, 0), .events = POLLIN};
    enum child_end end = CHILD_DONE;
    while (!stopped && !has_ended(pid) && end == CHILD_DONE) {
        uint64_t now = clock_now_ns(), left = now < deadline ? deadline - now : 0;
        uint64_t slice = ended.fd < 0 && left > 1000000 ? 1000000 : left < longest ? left : longest;
        struct timespec wait = {.tv_sec = (time_t)(slice / 1000000000u), .tv_nsec = (long)(slice % 1000000000u)};
        if (left == 0)
            end = CHILD_TIMED_OUT;
        else if (limits->memory && visit_family(pid, memory_of, 0) > limits->memory)
            end = CHILD_TOO_LARGE;
        else
            ppoll(&ended, 1, &wait, mask);
    }
    if (ended.fd >= 0)
        close(ended.fd);
    return stopped ? CHILD_STOPPED : end;
}

/* "RAN QUEUED SLICES", in ns, which is there until the process is reaped. */
static uint64_t read_queued(pid_t pid)
{
    char path[64];
    uint64_t queued = 0;
    snprintf(path, sizeof path, "/proc/%ld/schedstat", (long)pid);
    FILE *f = fopen(path, "re");
    if (f && fscanf(f, "%*u %" SCNu64, &queued) != 1)
        queued = 0;
    if (f)
        fclose(f);
    return queued;
}

/* The group is killed before the child is reaped: until then its id cannot be anyone else's. That does not change how a
 * child ended that is dead already. Those of its children that went to other groups are killed while it is there. */
static int reap(pid_t pid, const struct shared *s, struct child_use *use)
{
    struct rusage usage = {0};
    int status = 0;
    use->queued_ns = read_queued(pid);
    visit_family(pid, kill_one, s->keeper);
    kill(-pid, SIGKILL);
    while (wait4(pid, &status, 0, &usage) < 0)
        if (errno != EINTR)
            break;
    use->cpu_ns = clock_timeval_ns(usage.ru_utime) + clock_timeval_ns(usage.ru_stime);
    return status;
}

/* What is shared is written at the end only: a plug-in may write anywhere, and then exit. */
static void do_work(void (*work)(void *arg, void *result), void *arg, struct shared *s)
{
    size_t size = s->size;
    void *result = malloc(size);
    memcpy(result, s->result, size);
    work(arg, result);
    memcpy(s->result, result, size);
    s->done = DONE;
}

/* CHILD_DONE: it ended by itself, with exit status *detail. */
static enum child_end run(void (*work)(void *arg, void *result), void *arg, struct shared *s,
                          const struct child_limits *limits, int *detail, struct child_use *use)
{
    sigset_t mask;
    enum child_end end = CHILD_LOST;
    block_stops(&mask);
    uint64_t begin = clock_now_ns();
    pid_t self = getpid(), pid = fork();
    *detail = pid < 0 ? errno : 0;
    if (pid == 0) {
        be_the_child(self, &mask);
        here = s;
        do_work(work, arg, s);
        _exit(0);
    }
    if (pid > 0) {
        setpgid(pid, pid); /* whichever of the two is first */
        end = await(pid, limits, &mask);
        use->wall_ns = clock_now_ns() - begin;
        int status = reap(pid, s, use);
        if (end == CHILD_DONE && WIFSIGNALED(status))
            end = CHILD_CRASHED;
        if (end == CHILD_DONE || end == CHILD_CRASHED)
            *detail = end == CHILD_DONE ? WEXITSTATUS(status) : WTERMSIG(status);
    }
    sigprocmask(SIG_SETMASK, &mask, NULL);
    return end;
}

/* NULL with errno. */
static struct shared *share(size_t size)
{
    struct shared *s = mmap(NULL, sizeof *s + size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (s == MAP_FAILED)
        return NULL;
    s->size = size;
    return s;
}

enum child_end child_run_within(void (*work)(void *arg, void *result), void *arg, void *result, size_t size,
                                const struct child_limits *limits, int *detail)
{
    struct child_use use;
    struct shared *s = share(size);
    *detail = errno;
    if (!s)
        return CHILD_LOST;
    memcpy(s->result, result, size);
    enum child_end end = run(work, arg, s, limits, detail, &use);
    if (end == CHILD_DONE) {
        *detail = 0;
        end = s->done == DONE ? CHILD_DONE : CHILD_LOST;
    }
    if (end == CHILD_DONE)
        memcpy(result, s->result, size);
    munmap(s, sizeof *s + size);
    return end;
}

enum child_end child_run(void (*work)(void *arg, void *result), void *arg, void *result, size_t size, int timeout_ms,
                         int *detail)
{
    return child_run_within(work, arg, result, size, &(struct child_limits){.timeout_ms = timeout_ms}, detail);
}

/* --- programs --- */

/* Above those that the program gets. < 0 with errno. */
static int open_file(const struct child_file *f)
{
    int low = f->log ? open(f->log, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)
                     : memfd_create("child", MFD_CLOEXEC | MFD_ALLOW_SEALING);
    int fd = fcntl(low, F_DUPFD_CLOEXEC, CHILD_FILES);
    size_t n = f->text ? strlen(f->text) : 0;
    bool done = fd >= 0;
    if (low >= 0)
        close(low);
    if (done && f->text)
        done = write(fd, f->text, n) == (ssize_t)n && lseek(fd, 0, SEEK_SET) == 0;
    else if (done && f->out)
        done = ftruncate(fd, (off_t)f->size - 1) == 0 && fcntl(fd, F_ADD_SEALS, F_SEAL_GROW | F_SEAL_SHRINK) == 0;
    if (!done && fd >= 0)
        close(fd);
    return done ? fd : -1;
}

static bool set_descriptors(const int *fd)
{
    for (int i = 0; i < CHILD_FILES; i++) {
        int from = fd && fd[i] >= 0 ? fd[i] : -1, null = -1;
        if (from < 0 && i <= STDERR_FILENO)
            from = null = open("/dev/null", i == STDIN_FILENO ? O_RDONLY : O_WRONLY);
        else if (from < 0)
            continue;
        if (from < 0 || dup2(from, i) < 0)
            return false;
        if (null > i)
            close(null);
    }
    return true;
}

int child_become(const struct child_program *p, const int *fd)
{
    char *const *argv = (char *const *)p->argv, *const *variables = (char *const *)p->environment;
    if (set_descriptors(fd) && (!p->folder || chdir(p->folder) == 0))
        execvpe(argv[0], argv, variables ? variables : environ);
    return errno;
}

struct to_exec {
    const struct child_program *program;
    const int *fd; /* its files */
};

/* Comes back only if it cannot be started. */
static void become(void *arg, void *error)
{
    const struct to_exec *e = arg;
    *(int *)error = child_become(e->program, e->fd);
}

enum child_end child_exec(const struct child_program *p, int *detail, struct child_use *use)
{
    struct child_use unused;
    int fd[CHILD_FILES] = {-1, -1, -1, -1};
    struct to_exec e = {p, fd};
    struct shared *s = share(sizeof(int));
    bool ready = s != NULL;
    enum child_end end = CHILD_LOST;
    use = use ? use : &unused;
    *use = (struct child_use){0};
    for (int i = 0; i < CHILD_FILES && ready; i++)
        if (p->file[i].text || p->file[i].log || p->file[i].out)
            ready = (fd[i] = open_file(&p->file[i])) >= 0;
    *detail = errno;
    if (ready)
        end = run(become, &e, s, &(struct child_limits){.timeout_ms = p->timeout_ms}, detail, use);
    if (end == CHILD_DONE && s->done == DONE) {
        memcpy(detail, s->result, sizeof *detail);
        end = CHILD_LOST;
    }
    for (int i = 0; i < CHILD_FILES; i++) {
        ssize_t n = p->file[i].out && fd[i] >= 0 ? pread(fd[i], p->file[i].out, p->file[i].size - 1, 0) : 0;
        if (n < 0 && end == CHILD_DONE) {
            *detail = errno;
            end = CHILD_LOST;
        }
        if (p->file[i].out)
            p->file[i].out[n > 0 ? n : 0] = '\0';
        if (fd[i] >= 0)
            close(fd[i]);
    }
    if (s)
        munmap(s, sizeof *s + sizeof(int));
    return end;
}

void child_describe(enum child_end end, int detail, int timeout_ms, char *text, size_t size)
{
    if (end == CHILD_CRASHED)
        snprintf(text, size, "%s (SIG%s)", strsignal(detail), sigabbrev_np(detail));
    else if (end == CHILD_TIMED_OUT)
        snprintf(text, size, "no result within %d s", timeout_ms / 1000);
    else if (end == CHILD_TOO_LARGE)
        snprintf(text, size, "more memory than --memory-limit allows");
    else if (end == CHILD_STOPPED)
        snprintf(text, size, "interrupted");
    else if (end == CHILD_LOST)
        snprintf(text, size, "no result: %s", detail ? strerror(detail) : "the process just ended");
    else
        snprintf(text, size, "exit status %d", detail);
}

enum sample_outcome child_outcome(enum child_end end)
{
    switch (end) {
    case CHILD_DONE:
        return SAMPLE_OK;
    case CHILD_CRASHED:
        return SAMPLE_CRASHED;
    case CHILD_TIMED_OUT:
        return SAMPLE_TIMED_OUT;
    default:
        return SAMPLE_FAILED;
    }
}
