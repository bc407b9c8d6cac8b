/* What is neither idle nor our own time was used by others: that is known without looking at any of them. */
#include "report.h"

#include <stdarg.h>
#include <stdio.h>
#include <string.h>

enum { TICKS_MIN = 20 };
#define CPU_NS_MIN 100000000u /* less CPU time than that tells nothing of how often threads are sent away */

static struct reading reading_of(const json_t *object, const char *key)
{
    const json_t *value = json_object_get(object, key);
    if (!json_is_integer(value) || json_integer_value(value) < 0)
        return (struct reading){0};
    return (struct reading){READING_EXACT, (uint64_t)json_integer_value(value)};
}

/* What was added to a count between the two. */
static bool grown(const json_t *before, const json_t *after, const char *key, uint64_t *by)
{
    struct reading b = reading_of(before, key), a = reading_of(after, key);
    *by = a.value - b.value;
    return a.state == READING_EXACT && b.state == READING_EXACT && a.value >= b.value;
}

static struct reading part_of(uint64_t part, uint64_t whole)
{
    return (struct reading){READING_EXACT, (uint64_t)((double)part * 1e6 / (double)whole)};
}

void noise_set_conditions(struct noise *n, const json_t *before, const json_t *after)
{
    uint64_t ticks, idle, steal, own_ns, waited_us, ms, per_second = reading_of(before, "ticks_per_second").value;
    n->load_before_milli = reading_of(before, "load_milli");
    n->load_after_milli = reading_of(after, "load_milli");
    if (!grown(before, after, "ticks", &ticks) || ticks < TICKS_MIN)
        return;
    if (grown(before, after, "cpu_pressure_us", &waited_us) && grown(before, after, "unix_ms", &ms) && ms > 0)
        n->pressure_ppm = part_of(waited_us, ms * 1000);
    if (!grown(before, after, "idle_ticks", &idle) || !grown(before, after, "steal_ticks", &steal) ||
        !grown(before, after, "own_ns", &own_ns))
        return;
    uint64_t known = idle + steal + (uint64_t)((double)own_ns * (double)per_second / 1e9);
    n->steal_ppm = part_of(steal, ticks);
    n->others_ppm = part_of(ticks > known ? ticks - known : 0, ticks);
}

struct reasons {
    char *text;
    size_t size;
    bool any;
};

static void blame(struct reasons *r, const char *format, ...) __attribute__((format(printf, 2, 3)));
static void blame(struct reasons *r, const char *format, ...)
{
    size_t used = strlen(r->text);
    va_list args;
    if (r->any)
        used += (size_t)snprintf(r->text + used, r->size - used, ", ");
    r->any = true;
    if (used >= r->size)
        return;
    va_start(args, format);
    vsnprintf(r->text + used, r->size - used, format, args);
    va_end(args);
}

bool noise_judge(const struct noise *n, char *why, size_t size)
{
    struct reasons r = {why, size, false};
    bool alone = n->threads < n->cores;
    *why = '\0';
    if (n->spread < 0)
        blame(&r, "too few samples to tell");
    if (n->spread > NOISE_SPREAD_MAX)
        blame(&r, "half of the cases spread by more than %.0f%%", NOISE_SPREAD_MAX * 100);
    if (n->steal_ppm.value > NOISE_STEAL_MAX_PPM)
        blame(&r, "the host took %.1f%% of the cores' time", (double)n->steal_ppm.value / 1e4);
    if (n->others_ppm.state == READING_UNSUPPORTED)
        blame(&r, "what others took of the cores' time is unknown");
    if (n->others_ppm.value > NOISE_OTHERS_MAX_PPM)
        blame(&r, "other processes took %.1f%% of the cores' time", (double)n->others_ppm.value / 1e4);
    if (alone && n->pressure_ppm.value > NOISE_PRESSURE_MAX_PPM)
        blame(&r, "something waited for a core for %.1f%% of the time", (double)n->pressure_ppm.value / 1e4);
    if (n->switches.value > NOISE_SWITCHES_MAX)
        blame(&r, "threads had to give way %llu times a second", (unsigned long long)n->switches.value);
    if (n->load_before_milli.value > NOISE_LOAD_MAX_MILLI * (n->cores ? n->cores : 1))
        blame(&r, "the machine was busy before");
    return !r.any;
}

/* --- of a run --- */

/* Of the samples that left a core free: others make their own threads wait. */
static void set_switches(const struct results *r, struct noise *n)
{
    uint64_t switches = 0, cpu_ns = 0;
    for (size_t i = 0; i < r->count; i++) {
        const struct sample *s = &r->samples[i];
        n->threads = s->key.threads > n->threads ? s->key.threads : n->threads;
        if (s->outcome != SAMPLE_OK || s->key.threads >= n->cores)
            continue;
        switches += s->involuntary_switches;
        cpu_ns += s->cpu_ns;
    }
    if (cpu_ns >= CPU_NS_MIN)
        n->switches = (struct reading){READING_EXACT, (uint64_t)((double)switches * 1e9 / (double)cpu_ns)};
}

static void set_spread(struct report *s)
{
    struct report_noise *n = &s->noise;
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        if (row->ns.n < 2)
            continue;
        s->values[count] = report_spread(&row->ns);
        if (!n->widest || s->values[count] > n->widest_spread) {
            n->widest = row;
            n->widest_spread = s->values[count];
        }
        count++;
    }
    n->seen.spread = count ? stats_of(s->values, count).median : -1;
}

void report_set_noise(struct report *s)
{
    const struct results *r = s->results;
    struct report_noise *n = &s->noise;
    *n = (struct report_noise){0};
    n->seen.cores = (uint64_t)json_integer_value(json_object_get(json_object_get(r->run, "machine"), "cores_online"));
    noise_set_conditions(&n->seen, json_object_get(r->run, "before"), json_object_get(r->end, "after"));
    set_switches(r, &n->seen);
    set_spread(s);
    n->quiet = noise_judge(&n->seen, n->why, sizeof n->why);
}
