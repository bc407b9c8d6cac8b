/* From blocks and counts to the verdict on a case. Pure functions. */
#include "gate.h"

#include <stdio.h>
#include <string.h>

void gate_judge_timing(struct gate_timing *t, bool by_wall, size_t tests)
{
    double cpu[GATE_BLOCKS], wall[GATE_BLOCKS], waits[GATE_BLOCKS];
    for (size_t i = 0; i < t->n; i++) {
        cpu[i] = t->block[i].cpu;
        wall[i] = t->block[i].wall;
        waits[i] = t->block[i].waits;
    }
    struct gate_judgement by[2] = {gate_judge(cpu, t->n, tests, &gate_cpu_rule),
                                   gate_judge(wall, t->n, tests, &gate_wall_rule)};
    t->time = by[by_wall];
    t->other = by[!by_wall];
    t->verdict = t->time.verdict;
    snprintf(t->why, sizeof t->why, "%s", t->time.why);
    if (t->verdict == GATE_REGRESSED)
        snprintf(t->why, sizeof t->why, "it takes %.1f %% more time", 100 * t->time.estimate);
    if (!by_wall) {
        t->waits = gate_judge(waits, t->n, tests, &gate_wall_rule);
        if (t->waits.verdict == GATE_COULD_NOT_RUN) {
            t->verdict = GATE_COULD_NOT_RUN;
            snprintf(t->why, sizeof t->why, "%s", t->waits.why);
        }
        if (t->waits.verdict == GATE_REGRESSED) {
            t->verdict = gate_graver(t->verdict, GATE_REGRESSED);
            snprintf(t->why, sizeof t->why, "it waits: it takes %.1f %% longer for the same CPU time",
                     100 * t->waits.estimate);
        }
    }
    t->done = t->verdict != GATE_CANNOT_TELL || t->n >= GATE_BLOCKS;
}

static void say(struct gate_case *c, const char *why)
{
    if (!*c->why)
        snprintf(c->why, sizeof c->why, "%s", why);
}

/* What a regression comes to when it was measured again. */
static enum gate_verdict judge_again(struct gate_case *c)
{
    const struct gate_timing *again = &c->confirming;
    if (again->verdict == GATE_NOTHING) {
        say(c, "regressed, and was not measured again");
        return GATE_COULD_NOT_RUN;
    }
    enum gate_verdict verdict = gate_confirmed(again->verdict);
    if (verdict == GATE_CANNOT_TELL)
        say(c, again->shifted ? "regressed, but not in another layout of the code" : "regressed, but not once more");
    else
        say(c, verdict == GATE_REGRESSED ? c->timing.why : again->why);
    return verdict;
}

static enum gate_verdict judge_time(struct gate_case *c)
{
    if (c->timing.verdict == GATE_REGRESSED)
        return judge_again(c);
    say(c, c->timing.verdict == GATE_NOTHING ? "nothing was timed" : c->timing.why);
    return c->timing.verdict == GATE_NOTHING ? GATE_COULD_NOT_RUN : c->timing.verdict;
}

static void say_worst_item(struct gate_case *c)
{
    char why[GATE_WHY];
    for (size_t i = 0; i < c->items; i++) {
        if (c->item[i].verdict != c->exact || c->exact == GATE_OK)
            continue;
        snprintf(why, sizeof why, "%s: %.190s", c->item[i].name, c->item[i].why);
        say(c, why);
    }
}

enum gate_verdict gate_judge_case(struct gate_case *c, bool exact_only)
{
    if (!c->in_base || !c->in_head) {
        say(c, c->in_base   ? "it vanished: base has this backend, and head does not"
               : c->in_head ? "it is new: there is nothing to compare with"
                            : "neither program has this backend");
        return c->in_base ? GATE_COULD_NOT_RUN : c->in_head ? GATE_CANNOT_TELL : GATE_COULD_NOT_RUN;
    }
    say_worst_item(c);
    if (c->exact == GATE_NOTHING) {
        say(c, "nothing was counted");
        return GATE_COULD_NOT_RUN;
    }
    if (exact_only || c->exact == GATE_WRONG || c->exact == GATE_COULD_NOT_RUN)
        return c->exact;
    return gate_graver(c->exact, judge_time(c));
}
