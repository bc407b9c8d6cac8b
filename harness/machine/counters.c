/* Counters run from their opening on and are only read, so that nothing but two reads stands between them and
 * what is counted: an event's part is the difference. Events of one kind share a group as far as the kernel
 * lets them, which puts them on the processor at the same times and makes their ratios true.
 *
 * Groups are put together before they run. One that joins a running group whose leader is of another sort
 * (page faults and task-clock, say) waits for the next switch of threads, while its times say that it ran
 * (seen with Linux 6.18). */
#include "counters.h"

#include <errno.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/syscall.h>
#include <unistd.h>

static int open_event(const struct perf_event_attr *attr, int group)
{
    int fd = (int)syscall(SYS_perf_event_open, attr, 0, -1, group, PERF_FLAG_FD_CLOEXEC);
    return fd < 0 ? -errno : fd;
}

/* Joins the group of `leader` (an index, COUNTERS_MAX: there is none) or leads one. */
static void open_one(struct counting *c, size_t i, size_t leader, enum counters_reach reach)
{
    struct counter_event *e = &c->event[i];
    struct perf_event_attr attr = c->set->spec[i].attr;
    attr.inherit = reach == COUNTERS_ALL_THREADS;
    attr.read_format = PERF_FORMAT_GROUP | PERF_FORMAT_TOTAL_TIME_ENABLED | PERF_FORMAT_TOTAL_TIME_RUNNING;
    *e = (struct counter_event){.fd = -1, .leader = leader};
    if (leader < COUNTERS_MAX)
        e->fd = open_event(&attr, c->event[leader].fd); /* runs when its leader does */
    for (size_t k = leader; e->fd >= 0 && k < i; k++)
        e->place += c->event[k].fd >= 0 && c->event[k].leader == leader;
    if (e->fd < 0) {
        e->leader = i;
        attr.disabled = 1;
        e->fd = open_event(&attr, -1);
    }
    e->error = e->fd < 0 ? -e->fd : 0;
}

void counters_open(struct counting *c, const struct counter_set *set, enum counters_reach reach)
{
    size_t leaders[2] = {COUNTERS_MAX, COUNTERS_MAX}; /* of what the processor counts, and of what the kernel does */
    c->set = set;
    for (size_t i = 0; i < set->count; i++) {
        size_t *leader = &leaders[set->spec[i].attr.type == PERF_TYPE_SOFTWARE];
        c->event[i] = (struct counter_event){.fd = -1, .leader = i};
        if (*set->spec[i].why)
            continue;
        open_one(c, i, set->alone ? COUNTERS_MAX : *leader, reach);
        if (c->event[i].fd >= 0)
            *leader = c->event[i].leader;
    }
    for (size_t i = 0; i < set->count; i++)
        if (c->event[i].fd >= 0 && c->event[i].leader == i && ioctl(c->event[i].fd, PERF_EVENT_IOC_ENABLE, 0) < 0)
            c->event[i].error = errno;
}

/* What a read gives for a group. */
struct group {
    uint64_t count, enabled_ns, running_ns, value[COUNTERS_MAX];
};

/* Each group is read once, before its first member is looked at: that is its leader. */
static void read_all(struct counting *c, struct counter_raw raw[COUNTERS_MAX])
{
    struct group group[COUNTERS_MAX];
    for (size_t i = 0; i < c->set->count; i++) {
        struct counter_event *e = &c->event[i];
        const struct group *g = &group[e->leader];
        if (e->fd < 0)
            continue;
        if (e->leader == i) {
            ssize_t n = read(e->fd, &group[i], sizeof group[i]);
            if (n < (ssize_t)offsetof(struct group, value))
                group[i].count = 0;
            if (n < 0)
                e->error = errno;
        }
        if (e->place >= g->count && !e->error)
            e->error = c->event[e->leader].error ? c->event[e->leader].error : EIO;
        if (!e->error)
            raw[i] = (struct counter_raw){g->value[e->place], g->enabled_ns, g->running_ns};
    }
}

void counters_begin(struct counting *c)
{
    struct counter_raw raw[COUNTERS_MAX] = {0};
    read_all(c, raw);
    for (size_t i = 0; i < c->set->count; i++)
        c->event[i].begin = raw[i];
}

void counters_end(struct counting *c, struct counter_reading readings[COUNTERS_MAX])
{
    struct counter_raw raw[COUNTERS_MAX] = {0};
    read_all(c, raw);
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
    for (size_t i = c->set->count; i-- > 0;)
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

void counter_add(struct counter_reading *to, const struct counter_reading *part)
{
    const struct reading *a = &to->reading, *b = &part->reading;
    if (a->state == READING_UNSUPPORTED || b->state == READING_UNSUPPORTED) {
        *to = (struct counter_reading){0};
        return;
    }
    to->reading.value += b->value;
    if (b->state == READING_SCALED)
        to->reading.state = READING_SCALED;
    if (part->ran_ppm < to->ran_ppm)
        to->ran_ppm = part->ran_ppm;
}
