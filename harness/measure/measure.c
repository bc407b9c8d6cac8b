/* The parent sees to the file and to the deadline, the child to the clock. */
#include "measure.h"

#include "../machine/child.h"
#include "../machine/machine.h"
#include "../machine/page_cache.h"
#include "../results/store.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 120 * 1000 };

struct work {
    struct job job;
    const struct tally *expected;
    const struct counter_set *counters;
};

static void work(void *arg, void *sample)
{
    const struct work *w = arg;
    take_sample(&w->job, w->expected, w->counters, false, sample);
}

/* False if the files cannot be had in the state they should be in. */
static bool prepare_cache(const struct plan_file *f, size_t files, bool cold, struct sample *s)
{
    char why[256];
    s->absent_pages = (struct reading){READING_EXACT, 0};
    for (const struct plan_file *end = f + files; f < end; f++) {
        if (cold && page_cache_drop(f->path, why, sizeof why) < 0) {
            s->outcome = SAMPLE_UNAVAILABLE;
            snprintf(s->error, sizeof s->error, "cannot be read cold: %s", why);
            return false;
        }
        struct reading absent = page_cache_absent(f->path, why, sizeof why);
        if (!cold && absent.state == READING_EXACT && absent.value > 0)
            page_cache_load(f->path); /* if that fails, so will the backend, and say why */
        if (absent.state == READING_UNSUPPORTED || s->absent_pages.state == READING_UNSUPPORTED)
            s->absent_pages = (struct reading){0};
        else
            s->absent_pages.value += absent.value;
    }
    return true;
}

static struct reading grown(const json_t *before, const json_t *after, const char *key)
{
    const json_t *b = json_object_get(before, key), *a = json_object_get(after, key);
    json_int_t more = json_integer_value(a) - json_integer_value(b);
    if (!json_is_integer(a) || !json_is_integer(b) || more < 0)
        return (struct reading){0};
    return (struct reading){READING_EXACT, (uint64_t)more};
}

/* What the host did to all cores meanwhile. Takes both. */
static void set_host(struct sample *s, json_t *before, json_t *after)
{
    json_int_t hz = json_integer_value(json_object_get(after, "ticks_per_second"));
    s->steal_ns = grown(before, after, "steal_ticks");
    s->steal_ns.value *= hz > 0 ? 1000000000u / (uint64_t)hz : 0;
    s->stall_us = grown(before, after, "cpu_pressure_us");
    json_decref(before);
    json_decref(after);
}

bool measure(const struct plan *p, const struct plan_case *c, const struct plan_range *range, bool cold, uint64_t round,
             struct sample *s)
{
    static const enum sample_outcome ends[] = {
        [CHILD_CRASHED] = SAMPLE_CRASHED, [CHILD_TIMED_OUT] = SAMPLE_TIMED_OUT, [CHILD_LOST] = SAMPLE_FAILED};
    *s = (struct sample){
        .key = c->key,
        .prefix = range->prefix,
        .records = range->records,
        .bytes = range->bytes,
        .index = (uint64_t)(c - p->cases),
        .round = round,
        .iterations = c->iterations,
    };
    snprintf(s->limit, sizeof s->limit, "%s", c->limit ? c->limit : "");
    if (!prepare_cache(&p->files[c->file], c->key.files, cold, s))
        return true;
    const struct tally expected = sink_expected(c->sink, range->expected);
    struct work w = {plan_job(p, c, range), &expected, &p->counters};
    int detail;
    json_t *before = machine_conditions();
    enum child_end end = child_run(work, &w, s, sizeof *s, TIMEOUT_MS, &detail);
    if (end != CHILD_DONE) {
        s->outcome = ends[end];
        child_describe(end, detail, TIMEOUT_MS, s->error, sizeof s->error);
    }
    set_host(s, before, machine_conditions());
    sample_clean_text(s->error);
    return end != CHILD_STOPPED;
}
