/* Counters as they are compared: by cycle and by record, as medians over the samples of a row. */
#include "report.h"

#include <stdlib.h>
#include <string.h>

/* Do both names carry the same modifiers, as in "cycles:u" and "instructions:u"? */
static bool is(const char *name, const char *event, const char **modifiers)
{
    size_t n = strlen(event);
    if (strncmp(name, event, n) != 0 || (name[n] != '\0' && name[n] != ':'))
        return false;
    if (!*modifiers)
        *modifiers = name + n;
    return strcmp(*modifiers, name + n) == 0;
}

/* The first such event that has a reading, or NULL. */
static const struct counter_reading *find(const struct sample_counter *counters, size_t n, const char *event,
                                          const char **modifiers)
{
    for (size_t i = 0; i < n; i++)
        if (counters[i].count.reading.state != READING_UNSUPPORTED && is(counters[i].name, event, modifiers))
            return &counters[i].count;
    return NULL;
}

size_t report_ratios(const struct sample_counter *counters, size_t n, uint64_t records, struct report_ratio *ratios)
{
    const char *modifiers = NULL;
    size_t count = 0;
    const struct counter_reading *c = find(counters, n, "cycles", &modifiers);
    const struct counter_reading *in = find(counters, n, "instructions", &modifiers);
    if (c && in && c->reading.value > 0)
        ratios[count++] =
            (struct report_ratio){"instructions/cycle", (double)in->reading.value / (double)c->reading.value,
                                  c->ran_ppm < in->ran_ppm ? c->ran_ppm : in->ran_ppm};
    for (size_t i = 0; i < n && records > 0; i++) {
        const struct counter_reading *of = &counters[i].count;
        if (of->reading.state == READING_UNSUPPORTED)
            continue;
        struct report_ratio *ratio = &ratios[count++];
        *ratio = (struct report_ratio){.value = (double)of->reading.value / (double)records, .ran_ppm = of->ran_ppm};
        snprintf(ratio->name, sizeof ratio->name, "%s/record", counters[i].name);
    }
    return count;
}

static size_t of_sample(const struct sample *s, struct report_ratio ratios[COUNTERS_MAX + 1])
{
    return report_ratios(s->counter, s->counters, s->records * s->iterations, ratios);
}

/* Makes *ratio the median of those of its name; false if a sample has none. */
static bool set_median(const struct report *s, const struct report_row *row, struct report_ratio *ratio)
{
    for (size_t i = 0; i < row->samples; i++) {
        struct report_ratio own[COUNTERS_MAX + 1];
        size_t n = of_sample(s->order[row->first + i], own), k = 0;
        while (k < n && strcmp(own[k].name, ratio->name) != 0)
            k++;
        if (k == n)
            return false;
        s->values[i] = own[k].value;
        ratio->ran_ppm = own[k].ran_ppm < ratio->ran_ppm ? own[k].ran_ppm : ratio->ran_ppm;
    }
    ratio->value = stats_of(s->values, row->samples).median;
    return true;
}

size_t report_counters(const struct report *s, const struct report_row *row,
                       struct report_ratio ratios[COUNTERS_MAX + 1])
{
    size_t kept = 0, n = row->ns.n > 0 ? of_sample(s->order[row->first], ratios) : 0;
    for (size_t i = 0; i < n; i++) {
        struct report_ratio ratio = ratios[i];
        if (set_median(s, row, &ratio))
            ratios[kept++] = ratio;
    }
    return kept;
}
