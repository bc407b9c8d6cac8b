/* What is neither idle nor our own time was used by others: that is known without looking at any of them. */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

/* Beyond these it is noisy. Shares are of the time of all cores together, but for the pressure's. */
#define NOISE_SPREAD_MAX 0.05
enum {
    NOISE_STEAL_MAX_PPM = 10000,     /* taken by the host for others */
    NOISE_THROTTLED_MAX_PPM = 10000, /* of the time, in which a CPU quota held it up */
    NOISE_OTHERS_MAX_PPM = 50000,    /* taken by other processes */
    NOISE_PRESSURE_MAX_PPM = 100000, /* of the time, in which something waited for a core */
    NOISE_LOAD_MAX_MILLI = 500,      /* a core, before */
};

enum { TICKS_MIN = 20 };

/* What was added to a count between the two. */
static bool grown(const json_t *before, const json_t *after, const char *key, uint64_t *by)
{
    uint64_t from;
    bool known = store_get_count(before, key, &from) && store_get_count(after, key, by) && *by >= from;
    if (known)
        *by -= from;
    return known;
}

static struct reading part_of(uint64_t part, uint64_t whole)
{
    return (struct reading){READING_EXACT, (uint64_t)((double)part * 1e6 / (double)whole)};
}

void noise_set_conditions(struct noise *n, const json_t *before, const json_t *after)
{
    uint64_t ticks, idle, steal, own_ns, waited_us, held_us, ms, per_second;
    bool timed = grown(before, after, "unix_ms", &ms) && ms > 0;
    reading_from_json(json_object_get(before, "load_milli"), &n->load_before_milli);
    if (timed && grown(before, after, "throttled_us", &held_us)) /* of all cores: at most all of the time */
        n->throttled_ppm = part_of(held_us < ms * 1000 ? held_us : ms * 1000, ms * 1000);
    if (!grown(before, after, "ticks", &ticks) || ticks < TICKS_MIN)
        return;
    if (timed && grown(before, after, "cpu_pressure_us", &waited_us))
        n->pressure_ppm = part_of(waited_us, ms * 1000);
    if (!grown(before, after, "idle_ticks", &idle) || !grown(before, after, "steal_ticks", &steal) ||
        !grown(before, after, "own_ns", &own_ns) || !store_get_count(before, "ticks_per_second", &per_second))
        return;
    uint64_t known = idle + steal + (uint64_t)((double)own_ns * (double)per_second / 1e9);
    n->steal_ppm = part_of(steal, ticks);
    n->others_ppm = part_of(ticks > known ? ticks - known : 0, ticks);
}

static void blame(struct noise *n, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void blame(struct noise *n, const char *format, ...)
{
    size_t used = strlen(n->why);
    va_list args;
    if (used > 0)
        used += (size_t)snprintf(n->why + used, sizeof n->why - used, ", ");
    if (used >= sizeof n->why)
        return;
    va_start(args, format);
    vsnprintf(n->why + used, sizeof n->why - used, format, args);
    va_end(args);
}

void noise_judge(struct noise *n)
{
    *n->why = '\0';
    if (n->throttled_ppm.value > NOISE_THROTTLED_MAX_PPM)
        blame(n, "a CPU quota held the process up for %.1f%% of the time", (double)n->throttled_ppm.value / 1e4);
    if (n->spread < 0)
        blame(n, "too few samples to tell");
    if (n->spread > NOISE_SPREAD_MAX)
        blame(n, "half of the cases spread by more than %.0f%%", NOISE_SPREAD_MAX * 100);
    if (n->steal_ppm.value > NOISE_STEAL_MAX_PPM)
        blame(n, "the host took %.1f%% of the cores' time", (double)n->steal_ppm.value / 1e4);
    if (n->others_ppm.state == READING_UNSUPPORTED)
        blame(n, "what others took of the cores' time is unknown");
    if (n->others_ppm.value > NOISE_OTHERS_MAX_PPM)
        blame(n, "other processes took %.1f%% of the cores' time", (double)n->others_ppm.value / 1e4);
    if (n->threads < n->cores && n->pressure_ppm.value > NOISE_PRESSURE_MAX_PPM + n->throttled_ppm.value)
        blame(n, "something waited for a core for %.1f%% of the time", (double)n->pressure_ppm.value / 1e4);
    if (n->load_before_milli.value > NOISE_LOAD_MAX_MILLI * (n->cores ? n->cores : 1))
        blame(n, "the machine was busy before");
    n->quiet = !*n->why;
}

/* --- of a run --- */

void report_set_noise(struct report *s)
{
    const struct results *r = s->results;
    struct noise *n = &s->noise;
    size_t count = 0;
    *n = (struct noise){
        .cores = (uint64_t)json_integer_value(json_object_get(json_object_get(r->run, "machine"), "cores_online"))};
    noise_set_conditions(n, json_object_get(r->run, "before"), json_object_get(r->end, "after"));
    for (size_t i = 0; i < r->count; i++)
        n->threads = r->samples[i].key.threads > n->threads ? r->samples[i].key.threads : n->threads;
    for (size_t i = 0; i < s->count; i++)
        if (s->rows[i].ns.n >= 2)
            s->values[count++] = stats_spread(&s->rows[i].ns);
    n->spread = count ? stats_of(s->values, count).median : -1;
    noise_judge(n);
}
