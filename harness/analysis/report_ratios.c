#include "report_ratios.h"

#include <stdio.h>
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

/* The first such event that has a reading; n: none. */
static size_t find(const char *const *names, const struct counter_reading *counts, size_t n, const char *event,
                   const char **modifiers)
{
    for (size_t i = 0; i < n; i++)
        if (counts[i].reading.state != READING_UNSUPPORTED && is(names[i], event, modifiers))
            return i;
    return n;
}

size_t report_ratios(const char *const *names, const struct counter_reading *counts, size_t n, uint64_t records,
                     struct report_ratio *ratios)
{
    const char *modifiers = NULL;
    size_t count = 0, cycles = find(names, counts, n, "cycles", &modifiers);
    size_t instructions = find(names, counts, n, "instructions", &modifiers);
    if (cycles < n && instructions < n && counts[cycles].reading.value > 0) {
        const struct counter_reading *c = &counts[cycles], *i = &counts[instructions];
        ratios[count++] =
            (struct report_ratio){"instructions/cycle", (double)i->reading.value / (double)c->reading.value,
                                  c->ran_ppm < i->ran_ppm ? c->ran_ppm : i->ran_ppm};
    }
    for (size_t i = 0; i < n && records > 0; i++) {
        struct report_ratio *ratio = &ratios[count];
        if (counts[i].reading.state == READING_UNSUPPORTED)
            continue;
        *ratio = (struct report_ratio){.value = (double)counts[i].reading.value / (double)records,
                                       .ran_ppm = counts[i].ran_ppm};
        snprintf(ratio->name, sizeof ratio->name, "%s/record", names[i]);
        count++;
    }
    return count;
}
