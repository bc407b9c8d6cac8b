/* How noisy the machine was during a run, from its lines and its samples. */
#include "report.h"

#define CPU_NS_MIN 100000000u /* less CPU time than that tells nothing of how often threads are sent away */

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

static void set_spread(struct report *s, double *values)
{
    struct report_noise *n = &s->noise;
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        if (row->ns.n < 2)
            continue;
        values[count] = report_spread(&row->ns);
        if (!n->widest || values[count] > n->widest_spread) {
            n->widest = row;
            n->widest_spread = values[count];
        }
        count++;
    }
    n->seen.spread = count ? stats_of(values, count).median : -1;
}

void report_set_noise(const struct results *r, struct report *s, double *values)
{
    struct report_noise *n = &s->noise;
    *n = (struct report_noise){0};
    n->seen.cores = (uint64_t)json_integer_value(json_object_get(json_object_get(r->run, "machine"), "cores_online"));
    noise_set_conditions(&n->seen, json_object_get(r->run, "before"), json_object_get(r->end, "after"));
    set_switches(r, &n->seen);
    set_spread(s, values);
    n->quiet = noise_judge(&n->seen, n->why, sizeof n->why);
}
