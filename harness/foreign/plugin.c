/* Plug-ins, as the processes see them that load one. Nothing here runs in the harness itself but plugin_probe(). */
#include "plugin.h"

#include "../../decoders/dbnbench_plugin.h"
#include "../machine/child.h"
#include "../machine/clock.h"
#include "../machine/counters.h"
#include "../machine/family.h"

#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

enum { SIZE_OF_ABI_1 = 104, UNTIL_THREADS_END_MS = 500 };
_Static_assert(sizeof(struct dbnbench_plugin) == SIZE_OF_ABI_1, "members are appended, and this stays");

/* The one that this process has loaded. */
static struct {
    const struct foreign *of; /* NULL: none */
    struct dbnbench_plugin plugin;
    size_t threads; /* that there were before */
} loaded;

static bool __attribute__((format(printf, 3, 4))) refuse(char *why, size_t size, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(why, size, format, args);
    va_end(args);
    return false;
}

/* --- loading --- */

/* NULL, or the hook that is missing. */
static const char *missing_hook(const struct dbnbench_plugin *p)
{
    if (p->kind == DBNBENCH_DECODES)
        return p->decode ? NULL : "decode";
    return !p->open ? "open" : !p->next ? "next" : !p->close ? "close" : NULL;
}

static bool check(const struct dbnbench_plugin *p, char *why, size_t size)
{
    if (p->kind != DBNBENCH_LENDS && p->kind != DBNBENCH_DECODES)
        return refuse(why, size, "the plug-in is of kind %u, which is not known", p->kind);
    if (missing_hook(p))
        return refuse(why, size, "the plug-in has no hook %s()", missing_hook(p));
    if (p->step > DBNBENCH_STEP_FIELD)
        return refuse(why, size, "the plug-in asks for step %u, which is not known", p->step);
    return true;
}

/* As much of its struct as both sides know. */
static bool take_struct(void *object, struct dbnbench_plugin *p, char *why, size_t size)
{
    const struct dbnbench_plugin *(*entry)(uint32_t);
    void *symbol = dlsym(object, "dbnbench_plugin");
    if (!symbol)
        return refuse(why, size, "it has no function dbnbench_plugin()");
    memcpy(&entry, &symbol, sizeof entry);
    const struct dbnbench_plugin *given = entry(DBNBENCH_PLUGIN_ABI);
    if (!given)
        return refuse(why, size, "the plug-in does not run with version %u of the interface", DBNBENCH_PLUGIN_ABI);
    if (given->abi < 1 || given->abi > DBNBENCH_PLUGIN_ABI)
        return refuse(why, size, "the plug-in is of version %u of the interface, and only %u is known", given->abi,
                      DBNBENCH_PLUGIN_ABI);
    if (given->size < SIZE_OF_ABI_1)
        return refuse(why, size, "the struct of the plug-in has %u bytes instead of %u", given->size, SIZE_OF_ABI_1);
    memcpy(p, given, given->size < sizeof *p ? given->size : sizeof *p);
    return check(p, why, size);
}

/* What it prints does not belong to what the harness prints. */
static void turn_away_streams(void)
{
    int null = open("/dev/null", O_RDWR | O_CLOEXEC);
    dup2(null, STDIN_FILENO);
    dup2(null, STDOUT_FILENO);
    close(null);
}

/* Goes on in a child of this process, which stays for what that leaves: it adopts orphans, kills them, and ends as that
 * child ended. */
static bool leave_a_keeper(void)
{
    prctl(PR_SET_CHILD_SUBREAPER, 1);
    pid_t keeper = getpid(), pid = fork();
    int status = 0;
    if (pid == 0) {
        prctl(PR_SET_PDEATHSIG, SIGKILL);
        prctl(PR_SET_CHILD_SUBREAPER, 1); /* a child does not inherit it, and plugin_end() wants to see orphans */
        if (getppid() != keeper)
            _exit(1);
    }
    if (pid <= 0)
        return pid == 0;
    while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
        continue;
    family_kill_children();
    if (WIFSIGNALED(status)) {
        prctl(PR_SET_DUMPABLE, 0); /* it left its own core file */
        signal(WTERMSIG(status), SIG_DFL);
        raise(WTERMSIG(status));
    }
    _exit(WEXITSTATUS(status));
}

static bool load(const char *path, struct dbnbench_plugin *p, char *why, size_t size)
{
    if (!leave_a_keeper())
        return refuse(why, size, "no process for it: %s", strerror(errno));
    turn_away_streams();
    void *object = dlopen(path, RTLD_NOW | RTLD_LOCAL);
    return object ? take_struct(object, p, why, size) : refuse(why, size, "it cannot be loaded: %s", dlerror());
}

/* --- asking what it is --- */

enum { PROBE_MS = 10 * 1000 };

/* Has no pointers: a plug-in that went wrong may have written anywhere. */
struct probed {
    bool good;
    char why[LIMIT_WHY];
    uint32_t kind, flags, step;
    uint64_t block;
    char version[FOREIGN_TEXT], summary[FOREIGN_TEXT], does[FOREIGN_NAME], sinks[FOREIGN_SINKS][FOREIGN_NAME];
};

static void copy(char *to, size_t size, const char *from)
{
    snprintf(to, size, "%s", from ? from : "");
}

static void probe(void *path, void *result)
{
    static const char *const sum_alone[] = {"sum", NULL};
    struct probed *to = result;
    struct dbnbench_plugin p = {0};
    if (!load(path, &p, to->why, sizeof to->why))
        return;
    to->kind = p.kind;
    to->flags = p.flags;
    to->step = p.step;
    to->block = p.block;
    copy(to->version, sizeof to->version, p.version);
    copy(to->summary, sizeof to->summary, p.summary);
    copy(to->does, sizeof to->does, p.does);
    const char *const *names = p.sinks ? p.sinks : sum_alone;
    for (size_t i = 0; i < FOREIGN_SINKS - 1 && names[i]; i++)
        copy(to->sinks[i], sizeof to->sinks[i], names[i]);
    to->good = true;
}

static void take_text(char *to, char *from, size_t size)
{
    from[size - 1] = '\0';
    sample_clean_text(from);
    memcpy(to, from, size);
}

static int plugin_open(const struct backend_input *in, void **self);
static int plugin_next(void *self, size_t need, struct dbn_span *out);
static int plugin_close(void *self, struct backend_counts *counts);

void plugin_probe(struct foreign *f)
{
    struct probed p = {0};
    char how[LIMIT_WHY - 16];
    int detail;
    enum child_end end = child_run(probe, (void *)f->path, &p, sizeof p, PROBE_MS, &detail);
    f->outcome = end == CHILD_DONE && p.good ? SAMPLE_OK : SAMPLE_FAILED;
    if (end == CHILD_DONE) {
        take_text(f->why, p.why, sizeof p.why);
    } else {
        child_describe(end, detail, PROBE_MS, how, sizeof how);
        snprintf(f->why, sizeof f->why, "loading it: %s", how);
    }
    take_text(f->version, p.version, sizeof p.version);
    take_text(f->summary, p.summary, sizeof p.summary);
    take_text(f->does, p.does, sizeof p.does);
    for (size_t i = 0; i < FOREIGN_SINKS; i++)
        take_text(f->sinks[i], p.sinks[i], sizeof p.sinks[i]);
    f->kind = f->outcome == SAMPLE_OK && p.kind == DBNBENCH_DECODES ? FOREIGN_DECODES : FOREIGN_LENDS;
    f->zstd = p.flags & DBNBENCH_ZSTD;
    f->threads = p.flags & DBNBENCH_THREADS;
    f->backend.mapped = p.flags & DBNBENCH_MAPPED;
    f->backend.lazy = p.flags & DBNBENCH_LAZY;
    f->backend.step = p.step <= DBNBENCH_STEP_FIELD ? (enum dbn_step)p.step : DBN_STEP_BLOCK;
    f->backend.block = p.block;
    f->backend.open = plugin_open;
    f->backend.next = plugin_next;
    f->backend.close = plugin_close;
}

/* --- one that lends --- */

struct lent {
    void *self;
    uint64_t next, end; /* of the file: what has to be lent next, and where it ends */
};

static int outcome_of(int rc)
{
    if (rc == DBNBENCH_UNSUPPORTED_FILE)
        return DBN_E_UNSUPPORTED_FILE;
    if (rc == DBNBENCH_FILE_CHANGED)
        return DBN_E_FILE_CHANGED;
    return rc >= -4095 ? rc : -EPROTO;
}

static int plugin_open(const struct backend_input *in, void **self)
{
    struct stat st;
    struct dbnbench_input input = {.size = sizeof input,
                                   .advice = in->advice,
                                   .path = in->path,
                                   .begin = in->begin,
                                   .end = in->end,
                                   .block = in->block};
    if (!loaded.of)
        return -ENOSYS;
    uint64_t size = stat(in->path, &st) == 0 ? (uint64_t)st.st_size : 0;
    struct lent *l = malloc(sizeof *l);
    if (!l)
        return -ENOMEM;
    *l = (struct lent){.next = in->begin, .end = in->end < size ? in->end : size};
    int rc = loaded.plugin.open(&input, &l->self);
    if (rc < 0)
        free(l);
    else
        *self = l;
    return rc < 0 ? outcome_of(rc) : 0;
}

static int plugin_next(void *self, size_t need, struct dbn_span *out)
{
    struct lent *l = self;
    struct dbnbench_span span = {0};
    *out = (struct dbn_span){.offset = l->next};
    int rc = loaded.plugin.next(l->self, need, &span);
    if (rc <= 0)
        return outcome_of(rc);
    if (!span.ptr || span.len == 0 || span.offset != l->next || span.len > l->end - l->next)
        return DBN_E_BAD_SPAN;
    l->next += span.len;
    out->ptr = span.ptr;
    out->len = span.len;
    return 1;
}

static int plugin_close(void *self, struct backend_counts *counts)
{
    struct lent *l = self;
    struct dbnbench_counts c = {sizeof c, 0, UINT64_MAX, UINT64_MAX, UINT64_MAX, UINT64_MAX};
    int rc = loaded.plugin.close(l->self, &c);
    free(l);
    bool known = c.reads != UINT64_MAX && c.other != UINT64_MAX && c.bytes_read != UINT64_MAX && c.copied != UINT64_MAX;
    if (counts)
        *counts = known ? (struct backend_counts){.reads = c.reads,
                                                  .other = c.other,
                                                  .bytes_read = c.bytes_read,
                                                  .copied = c.copied}
                        : (struct backend_counts){.unknown = true};
    return rc < 0 ? outcome_of(rc) : 0;
}

/* --- one that decodes --- */

static void decode_file(const struct foreign_work *work, const char *path, struct foreign_result *r)
{
    struct dbnbench_found found = {.size = sizeof found};
    struct dbnbench_work w = {.size = sizeof w, .threads = work->threads, .path = path, .sink = work->sink};
    int rc = loaded.plugin.decode(&w, &found);
    found.error[sizeof found.error - 1] = '\0';
    if (rc) {
        r->outcome = SAMPLE_FAILED;
        r->refused = true;
        snprintf(r->error, sizeof r->error, "%s: %s", path,
                 *found.error ? found.error
                 : rc < 0     ? strerror(-rc)
                              : "the plug-in does not say what is wrong");
        return;
    }
    r->records += found.records;
    r->sums[SUM_TS_EVENT] += found.sum_ts_event;
    r->sums[SUM_PRICE] += found.sum_price;
    r->sums[SUM_SIZE] += found.sum_size;
    r->has_digest &= found.has_digest == 1;
    r->digest += found.digest;
}

void plugin_decode(const struct foreign_work *work, struct foreign_result *r)
{
    bool may_fail = allocations_may_fail(true);
    *r = (struct foreign_result){.outcome = SAMPLE_OK, .has_digest = true};
    for (size_t i = 0; i < work->files && r->outcome == SAMPLE_OK; i++)
        decode_file(work, work->paths[i], r);
    allocations_may_fail(may_fail);
}

/* --- around both --- */

/* 0: that cannot be told. */
static size_t count_threads(void)
{
    size_t n = 0;
    DIR *tasks = opendir("/proc/self/task");
    for (const struct dirent *task; tasks && (task = readdir(tasks)) != NULL;)
        n += task->d_name[0] != '.';
    if (tasks)
        closedir(tasks);
    return n;
}

bool plugin_begin(const struct foreign *f, char *why, size_t size)
{
    bool may_fail = allocations_may_fail(true);
    size_t threads = count_threads();
    bool good = load(f->path, &loaded.plugin, why, size);
    loaded.threads = threads;
    loaded.of = good ? f : NULL;
    allocations_may_fail(may_fail);
    return good;
}

bool plugin_end(char *why, size_t size)
{
    if (family_kill_children())
        return refuse(why, size, "the plug-in left processes running");
    if (loaded.plugin.flags & DBNBENCH_KEEPS_THREADS)
        return true;
    /* The kernel lists one that was joined until it is gone. */
    uint64_t until = clock_now_ns() + UNTIL_THREADS_END_MS * UINT64_C(1000000);
    size_t n;
    while ((n = count_threads()) > loaded.threads && clock_now_ns() < until)
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    if (n <= loaded.threads)
        return true;
    return refuse(why, size, "the plug-in left %zu threads running", n - loaded.threads);
}
