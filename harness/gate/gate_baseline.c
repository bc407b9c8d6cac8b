#include "gate_baseline.h"

#include <math.h>
#include <stdio.h>
#include <string.h>

/* Faster than that is more likely a mistake. */
static const double beyond_belief = 3;

static void differ(const json_t *base, const json_t *head, const char *part, const char *const *keys, char *changes,
                   size_t size)
{
    for (; *keys; keys++) {
        const json_t *a = json_object_get(json_object_get(base, part), *keys);
        const json_t *b = json_object_get(json_object_get(head, part), *keys);
        size_t n = strlen(changes);
        if (!json_equal(a, b)) /* nor are they if one is missing */
            snprintf(changes + n, size - n, "%s%s", n ? ", " : "", *keys);
    }
}

bool gate_is_comparable(const json_t *base, const json_t *head, char *changes, size_t size)
{
    static const char *const machine[] = {
        "cpu",         "hypervisor",  "cores_online",    "cores_allowed",         "kernel", "governor",
        "clocksource", "mitigations", "group_cpu_milli", "transparent_hugepages", NULL};
    static const char *const build[] = {"compiler", "flags", "libraries", NULL};
    changes[0] = '\0';
    differ(base, head, "machine", machine, changes, size);
    differ(base, head, "build", build, changes, size);
    return changes[0] == '\0';
}

static bool is_usable(const struct stats *s)
{
    return isfinite(s->low) && isfinite(s->high) && isfinite(s->median) && s->low > 0 && s->high >= s->low;
}

static enum gate_verdict judge_ratios(const struct stats *base, const struct stats *head, char why[GATE_WHY])
{
    double change = base->median / head->median - 1;
    double low = base->low / head->high - 1, high = base->high / head->low - 1;
    snprintf(why, GATE_WHY, "%.1f -> %.1f %% of the limit: %+.1f %% [%+.1f, %+.1f] of time", 100 * base->median,
             100 * head->median, 100 * change, 100 * low, 100 * high);
    if (head->median > beyond_belief * base->median) {
        snprintf(why, GATE_WHY, "faster beyond belief: take a new baseline if it is true");
        return GATE_COULD_NOT_RUN;
    }
    if (!base->confident || !head->confident)
        return GATE_CANNOT_TELL;
    if (low > gate_wall_rule.floor)
        return GATE_REGRESSED;
    if (high < -gate_wall_rule.floor)
        return GATE_IMPROVED;
    return high < gate_wall_rule.target ? GATE_OK : GATE_CANNOT_TELL;
}

static enum gate_verdict refuse(enum gate_verdict verdict, const char *text, char why[GATE_WHY])
{
    snprintf(why, GATE_WHY, "%s", text);
    return verdict;
}

enum gate_verdict gate_judge_stored(const struct gate_stored *base, const struct gate_stored *head, bool anyway,
                                    char why[GATE_WHY])
{
    if (!base->there)
        return refuse(GATE_CANNOT_TELL, "the baseline has no such case", why);
    if (!head->there)
        return refuse(GATE_COULD_NOT_RUN, "it vanished: only the baseline has it", why);
    if (head->failed || base->failed)
        return refuse(GATE_COULD_NOT_RUN, head->failed ? "it failed" : "the baseline's failed", why);
    if (!anyway && (base->records != head->records || base->digest != head->digest))
        return refuse(GATE_COULD_NOT_RUN, "another dataset, or another result", why);
    if (base->of_limit.n == 0 && head->of_limit.n == 0)
        return refuse(GATE_CANNOT_TELL, "no limit was measured beside it", why);
    if (base->of_limit.n == 0 || head->of_limit.n == 0)
        return refuse(head->of_limit.n ? GATE_CANNOT_TELL : GATE_COULD_NOT_RUN,
                      "only one of the runs has a limit beside it", why);
    if (!is_usable(&base->of_limit) || !is_usable(&head->of_limit))
        return refuse(GATE_COULD_NOT_RUN, "a ratio that is none", why);
    return judge_ratios(&base->of_limit, &head->of_limit, why);
}
