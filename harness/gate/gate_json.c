/* A gate as JSON. Numbers that do not exist are null, and none is ever infinite. */
#include "gate_show.h"

#include "../results/store.h"

#include <math.h>
#include <string.h>

static json_t *text(const char *any)
{
    char clean[4096];
    snprintf(clean, sizeof clean, "%s", any);
    sample_clean_text(clean);
    return json_string(clean);
}

static json_t *count_json(struct gate_count c)
{
    return c.known ? json_integer((json_int_t)c.value) : json_null();
}

static json_t *item_json(const struct gate_item *i)
{
    return json_pack("{s:s, s:s, s:o, s:o, s:o}", "name", i->name, "verdict", gate_verdicts[i->verdict], "base",
                     count_json(i->base), "head", count_json(i->head), "why", text(i->why));
}

static json_t *judgement_json(const struct gate_judgement *j)
{
    if (j->n == 0 || j->verdict == GATE_COULD_NOT_RUN)
        return json_null();
    return json_pack("{s:s, s:I, s:f, s:f, s:f, s:f, s:I}", "verdict", gate_verdicts[j->verdict], "blocks",
                     (json_int_t)j->n, "estimate", j->estimate, "low", j->low, "high", j->high, "detectable",
                     j->detectable, "blocks_needed", (json_int_t)j->needed);
}

static json_t *logs_json(const struct gate_timing *t, size_t offset)
{
    json_t *list = json_array();
    for (size_t i = 0; i < t->n; i++) {
        double value = *(const double *)((const char *)&t->block[i] + offset);
        json_array_append_new(list, isfinite(value) ? json_real(value) : json_null());
    }
    return list;
}

static json_t *timing_json(const struct gate_timing *t, bool by_wall)
{
    if (t->n == 0)
        return json_null();
    return json_pack("{s:s, s:s, s:b, s:I, s:o, s:o, s:o, s:o, s:o, s:o}", "verdict", gate_verdicts[t->verdict],
                     "clock", by_wall ? "wall" : "cpu", "shifted", (int)t->shifted, "retaken", (json_int_t)t->retaken,
                     "time", judgement_json(&t->time), "other_clock", judgement_json(&t->other), "waits",
                     judgement_json(&t->waits), "log_cpu", logs_json(t, offsetof(struct gate_block, cpu)), "log_wall",
                     logs_json(t, offsetof(struct gate_block, wall)), "log_waits",
                     logs_json(t, offsetof(struct gate_block, waits)));
}

static json_t *case_json(const struct gate_case *c)
{
    json_t *items = json_array();
    for (size_t i = 0; i < c->items; i++)
        json_array_append_new(items, item_json(&c->item[i]));
    return json_pack("{s:o, s:s, s:s, s:I, s:I, s:s, s:o, s:o, s:o, s:o}", "dataset", text(c->key.dataset), "backend",
                     c->key.backend, "sink", c->key.sink, "threads", (json_int_t)c->key.threads, "decodes",
                     (json_int_t)c->decodes, "verdict", gate_verdicts[c->verdict], "why", text(c->why), "counts", items,
                     "timing", timing_json(&c->timing, c->by_wall), "again", timing_json(&c->confirming, c->by_wall));
}

json_t *gate_json(const struct gate *g, const struct gate_summary *s)
{
    json_t *cases = json_array();
    for (size_t i = 0; i < g->count; i++)
        json_array_append_new(cases, case_json(&g->cases[i]));
    return json_pack("{s:s, s:s, s:s, s:i, s:o, s:b, s:b, s:f, s:o, s:o, s:o, s:o}", "type", "gate", "time", s->time,
                     "verdict", gate_verdicts[s->verdict], "exit", s->code, "why", *g->why ? text(g->why) : json_null(),
                     "strict", (int)s->strict, "interrupted", (int)s->interrupted, "seconds", s->seconds, "base",
                     text(g->base.program), "head", text(g->head.program), "calls_missing",
                     *g->no_calls ? text(g->no_calls) : json_null(), "cases", cases);
}
