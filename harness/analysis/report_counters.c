/* Counters as they are compared: by cycle and by record, as medians over the samples of a row. */
#include "report.h"

#include <math.h>
#include <string.h>

/* What the sample counted under this name; NAN: nothing. */
static double count_of(const struct sample *s, const char *name, uint32_t *ran_ppm)
{
    for (size_t i = 0; i < s->counters; i++) {
        const struct counter_reading *of = &s->counter[i].count;
        if (of->reading.state == READING_UNSUPPORTED || strcmp(s->counter[i].name, name) != 0)
            continue;
        *ran_ppm = of->ran_ppm < *ran_ppm ? of->ran_ppm : *ran_ppm;
        return (double)of->reading.value;
    }
    return NAN;
}

/* Of one counter to another, or to records if that is NULL. False: a sample does not have it. */
static bool set_ratio(const struct report *s, const struct report_row *row, const char *of, const char *to,
                      struct report_ratio *ratio)
{
    ratio->ran_ppm = 1000000;
    for (size_t i = 0; i < row->samples; i++) {
        const struct sample *one = s->order[row->first + i];
        double amount = to ? count_of(one, to, &ratio->ran_ppm) : (double)(one->records * one->iterations);
        s->values[i] = count_of(one, of, &ratio->ran_ppm) / amount;
        if (!isfinite(s->values[i]))
            return false;
    }
    ratio->value = stats_of(s->values, row->samples).median;
    snprintf(ratio->name, sizeof ratio->name, "%s/%s", to ? "instructions" : of, to ? "cycle" : "record");
    return true;
}

size_t report_counters(const struct report *s, const struct report_row *row,
                       struct report_ratio ratios[COUNTERS_MAX + 1])
{
    const struct sample *first = s->order[row->first];
    size_t n = 0, counters = row->ns.n > 0 ? first->counters : 0;
    for (size_t i = 0; i < counters && n == 0; i++) {
        const char *cycles = first->counter[i].name, *side = cycles + strlen("cycles"); /* "cycles:u": the user's */
        char instructions[COUNTER_NAME + 16];
        if (strncmp(cycles, "cycles", strlen("cycles")) != 0 || (*side && *side != ':'))
            continue;
        snprintf(instructions, sizeof instructions, "instructions%s", side);
        n += set_ratio(s, row, instructions, cycles, &ratios[n]);
    }
    for (size_t i = 0; i < counters; i++)
        n += set_ratio(s, row, first->counter[i].name, NULL, &ratios[n]);
    return n;
}
