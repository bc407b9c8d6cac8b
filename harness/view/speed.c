/* How fast the cases of a run are, and what they take: who is fastest, how near to what the machine allows, and what
 * cannot be told. */
#include "document.h"

#include <stdlib.h>
#include <string.h>

/* "mmap with 192 [133 to 199] M rec/s, 91.3 [72.1 to 98.7] % of its limit here (map_touch)" */
static void print_rate(const struct report *s, const struct report_row *row, FILE *to)
{
    struct stats rates = shown_rate(row);
    char name[96], rate[96], limit[96];
    shown_case(s, row, name, sizeof name);
    table_interval(&rates, 1, rate, sizeof rate);
    table_interval(&row->of_limit, 100, limit, sizeof limit);
    fprintf(to, "%s with %s M rec/s", name, rate);
    if (row->of_limit.n > 0)
        fprintf(to, ", %s %% of its limit here (%s)", limit, row->sample->limit);
}

static bool competes(const struct report_row *row, const char *dataset, const char *sink)
{
    return shown_has_rate(row) && strcmp(row->sample->key.dataset, dataset) == 0 &&
           strcmp(row->sample->key.sink, sink) == 0;
}

static bool is_faster(const struct report_row *row, const struct report_row *than)
{
    return !than || shown_rate(row).median > shown_rate(than).median;
}

/* Those whose intervals overlap with the best one's are not told apart from it, nor are those with too few samples. */
static void say_fastest(const struct report *s, const char *dataset, struct section *to)
{
    const char *sink = shown_sink(s, dataset);
    const struct report_row *best = NULL, *next = NULL, *end = s->rows + s->count;
    size_t alike = 1, rivals = 0, size;
    bool few = false;
    char *text = NULL;
    for (const struct report_row *row = s->rows; row < end; row++)
        if (competes(row, dataset, sink) && is_faster(row, best))
            best = row;
    if (!best) {
        table_note(to->answers, "Of %s nothing has a time with the sink %s.", dataset, sink);
        return;
    }
    FILE *list = open_memstream(&text, &size);
    print_rate(s, best, list);
    for (const struct report_row *row = s->rows; row < end; row++) {
        if (row == best || !competes(row, dataset, sink))
            continue;
        bool confident = row->ns.confident && best->ns.confident;
        rivals++;
        few |= !confident;
        if (!confident || shown_rate(row).high >= shown_rate(best).low) {
            alike++;
            fputs("; ", list);
            print_rate(s, row, list);
        } else if (is_faster(row, next)) {
            next = row;
        }
    }
    if (next) {
        fputs(". Next is ", list);
        print_rate(s, next, list);
    }
    fclose(list);
    table_note(to->answers, "On %s (sink %s) %s %s.", dataset, sink,
               rivals == 0  ? "only one has a time:"
               : alike == 1 ? "the fastest is"
               : few        ? "the fastest cannot be told apart, as some have fewer than 6 samples:"
                            : "the fastest cannot be told apart, as their intervals overlap:",
               text);
    free(text);
}

void section_speed(const struct shown_run *run, struct section *to)
{
    const struct report *s = &run->report;
    for (size_t i = 0; i < s->count && shown_is_about_speed(run); i++)
        if (shown_dataset(s, i))
            say_fastest(s, shown_dataset(s, i), to);
    section_add(to, cases_table(s));
    section_add(to, cases_costs(s));
    section_add(to, cases_limits(run->results, s));
}
