#include "report_counters.h"

#include <stdlib.h>
#include <string.h>

static size_t of_sample(const struct sample *s, struct report_ratio ratios[COUNTERS_MAX + 1])
{
    const char *names[COUNTERS_MAX];
    struct counter_reading counts[COUNTERS_MAX];
    for (size_t i = 0; i < s->counters; i++) {
        names[i] = s->counter[i].name;
        counts[i] = s->counter[i].count;
    }
    return report_ratios(names, counts, s->counters, s->records * s->iterations, ratios);
}

/* Makes *ratio the median of those of its name; false if a sample has none. */
static bool set_median(const struct report *s, const struct report_row *row, struct report_ratio *ratio, double *values)
{
    for (size_t i = 0; i < row->samples; i++) {
        struct report_ratio own[COUNTERS_MAX + 1];
        size_t n = of_sample(s->order[row->first + i], own), k = 0;
        while (k < n && strcmp(own[k].name, ratio->name) != 0)
            k++;
        if (k == n)
            return false;
        values[i] = own[k].value;
        ratio->ran_ppm = own[k].ran_ppm < ratio->ran_ppm ? own[k].ran_ppm : ratio->ran_ppm;
    }
    ratio->value = stats_of(values, row->samples).median;
    return true;
}

size_t report_counters(const struct report *s, const struct report_row *row,
                       struct report_ratio ratios[COUNTERS_MAX + 1])
{
    double *values = calloc(row->samples, sizeof *values);
    size_t kept = 0, n = values && row->ns.n > 0 ? of_sample(s->order[row->first], ratios) : 0;
    for (size_t i = 0; i < n; i++) {
        struct report_ratio ratio = ratios[i];
        if (set_median(s, row, &ratio, values))
            ratios[kept++] = ratio;
    }
    free(values);
    return kept;
}
