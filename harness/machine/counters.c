/* Counters run from their opening on and are only read, so that nothing but a read stands between them and
 * what is counted: an event's part is the difference. */
#include "counters.h"

#include <errno.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

void counters_open(struct counting *c, const struct counter_set *set)
{
    c->set = set;
    for (size_t i = 0; i < set->count; i++) {
        struct perf_event_attr attr = set->spec[i].attr;
        c->event[i] = (struct counter_event){.fd = -1};
        if (*set->spec[i].why)
            continue;
        attr.inherit = 1;
        attr.read_format = PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
        c->event[i].fd = (int)syscall(SYS_perf_event_open, &attr, 0, -1, -1, PERF_FLAG_FD_CLOEXEC);
        c->event[i].error = c->event[i].fd < 0 ? errno : 0;
    }
}

static struct counter_raw read_event(struct counter_event *e)
{
    struct counter_raw raw = {0};
    ssize_t n = e->fd < 0 ? 0 : read(e->fd, &raw, sizeof raw);
    if (e->fd >= 0 && n != sizeof raw)
        e->error = n < 0 ? errno : EIO;
    return raw;
}

void counters_begin(struct counting *c)
{
    for (size_t i = 0; i < c->set->count; i++)
        c->event[i].begin = read_event(&c->event[i]);
}

void counters_end(struct counting *c, struct counter_reading readings[COUNTERS_MAX])
{
    struct counter_raw raw[COUNTERS_MAX];
    for (size_t i = 0; i < c->set->count; i++)
        raw[i] = read_event(&c->event[i]);
    memset(readings, 0, COUNTERS_MAX * sizeof *readings);
    for (size_t i = 0; i < c->set->count; i++) {
        const struct counter_raw *begin = &c->event[i].begin, *end = &raw[i];
        if (c->event[i].fd >= 0 && !c->event[i].error)
            readings[i] = counter_scale((struct counter_raw){
                end->value - begin->value, end->enabled_ns - begin->enabled_ns, end->running_ns - begin->running_ns});
    }
}

void counters_close(struct counting *c)
{
    for (size_t i = 0; i < c->set->count; i++)
        if (c->event[i].fd >= 0)
            close(c->event[i].fd);
}

struct counter_reading counter_scale(struct counter_raw counted)
{
    uint64_t enabled = counted.enabled_ns, running = counted.running_ns;
    if (running == 0)
        return (struct counter_reading){0};
    if (running >= enabled)
        return (struct counter_reading){{READING_EXACT, counted.value}, 1000000};
    return (struct counter_reading){{READING_SCALED, (uint64_t)((unsigned __int128)counted.value * enabled / running)},
                                    (uint32_t)((unsigned __int128)running * 1000000 / enabled)};
}

/* --- trying: an event that opens need not count, since some hypervisors let it open and never move it --- */

/* Sanitizers would touch pages of their own along with these. */
__attribute__((no_sanitize("address", "thread"))) static void touch(volatile char *p, size_t n, size_t step)
{
    for (size_t i = 0; i < n; i += step)
        p[i] = (char)(p[i] + 1);
}

/* A million additions, one fresh page after the other, a walk through all of their lines, and a nap. */
static void work(void)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), size = COUNTER_PAGES * page;
    volatile uint64_t sum = 0;
    for (uint64_t i = 0; i < COUNTER_ADDITIONS; i++)
        sum = sum + i;
    char *p = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    if (p != MAP_FAILED) {
        madvise(p, size, MADV_NOHUGEPAGE);
        touch(p, size, page);
        touch(p, size, 64);
        munmap(p, size);
    }
    nanosleep(&(struct timespec){.tv_nsec = 100000}, NULL);
}

static int try_open(const struct counter_spec *spec)
{
    struct counter_set one = {.spec = {*spec}, .count = 1};
    struct counting c;
    counters_open(&c, &one);
    counters_close(&c);
    return c.event[0].error;
}

/* By itself, and if the kernel's side must not be seen, without that. */
static void set_openable(struct counter_spec *spec)
{
    int error = try_open(spec);
    if ((error == EACCES || error == EPERM) && !spec->attr.exclude_kernel) {
        struct perf_event_attr whole = spec->attr;
        spec->attr.exclude_kernel = spec->attr.exclude_hv = 1;
        error = try_open(spec); /* if another one, then permission would not have helped */
        spec->user_only = error == 0;
        if (error)
            spec->attr = whole;
    }
    if (error == 0 && spec->attr.exclude_kernel && spec->kernel_only)
        snprintf(spec->why, sizeof spec->why, "it happens in the kernel, whose side %s",
                 spec->user_only ? "must not be seen" : "is left out");
    else if (error) {
        spec->error = error;
        snprintf(spec->why, sizeof spec->why, "perf_event_open: %s (%s)", strerror(error), strerrorname_np(error));
    }
}

void counters_try(struct counter_set *set)
{
    struct counter_reading readings[COUNTERS_MAX];
    struct counting c;
    for (size_t i = 0; i < set->count; i++)
        if (!*set->spec[i].why)
            set_openable(&set->spec[i]);
    counters_open(&c, set);
    counters_begin(&c);
    work();
    counters_end(&c, readings);
    counters_close(&c);
    for (size_t i = 0; i < set->count; i++) {
        struct counter_spec *spec = &set->spec[i];
        const struct reading *r = &readings[i].reading;
        if (*spec->why)
            continue;
        if (r->state == READING_UNSUPPORTED)
            snprintf(spec->why, sizeof spec->why, "it opens, but never gets onto the processor");
        else if (r->value < spec->least)
            snprintf(spec->why, sizeof spec->why, "broken: reads %llu over work that gives at least %llu",
                     (unsigned long long)r->value, (unsigned long long)spec->least);
    }
}
