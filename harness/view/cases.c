/* The tables of a run: of its cases, of what was counted in them, and of their samples; and all of it as JSON. */
#include "cases.h"
#include "ranking.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- cases --- */

static const struct table_column columns[] = {
    {.key = "case", .data = true, .meaning = "its name"},
    {.key = TABLE_CASE},
    {.key = "prefix", .kind = TABLE_COUNT, .rank = 2, .meaning = "records from the start of the file; none: all"},
    {.key = "records", .kind = TABLE_COUNT, .data = true, .meaning = "that one decode goes through"},
    {.key = "bytes", .kind = TABLE_COUNT, .data = true, .meaning = "of the inflated stream"},
    {.key = "outcome", .verdict = true, .meaning = "how the worst sample ended"},
    {.key = "error", .data = true, .meaning = "of that sample"},
    {.key = "samples", .kind = TABLE_COUNT, .data = true},
    {.key = "level", .kind = TABLE_NUMBER, .data = true, .meaning = "how probably an interval holds the median"},
    {.key = "times_best", .title = "x best", .kind = TABLE_INTERVAL, .meaning = "time, to the fastest one's"},
    {.key = "records_per_second", .title = "Mrec/s", .kind = TABLE_NUMBER, .scale = 1e-6, .bar = true},
    {.key = "bytes_per_second", .title = "GB/s", .kind = TABLE_NUMBER, .scale = 1e-9, .rank = 7},
    {.key = "decode_ns", .kind = TABLE_INTERVAL, .data = true, .meaning = "for one decode"},
    {.key = "record_ns", .title = "ns/rec", .kind = TABLE_INTERVAL, .sort = true, .rank = 1},
    {.key = "spread", .title = "+/-", .kind = TABLE_NUMBER, .meaning = "half of the interval, or range", .rank = 1},
    {.key = "of_limit", .title = "% limit", .kind = TABLE_INTERVAL, .scale = 100, .rank = 2},
    {.key = "of_none", .title = "% none", .kind = TABLE_INTERVAL, .scale = 100, .rank = 6},
    {.key = "of_touch", .title = "% touch", .kind = TABLE_INTERVAL, .scale = 100, .rank = 3},
    {.key = "times_syscall", .title = "x syscall", .kind = TABLE_INTERVAL, .rank = 4},
    {.key = "limit", .data = true, .meaning = "that bounds the case"},
    {.key = "reads", .kind = TABLE_COUNT, .data = true, .meaning = "calls of one decode"},
    {.key = "reads_vary", .data = true, .meaning = "from sample to sample"},
    {.key = "reads_per_record", .title = "reads/rec", .kind = TABLE_NUMBER, .rank = 5},
    {.key = "reads_miscounted", .kind = TABLE_COUNT, .data = true, .meaning = "samples of which the kernel says other"},
    {.key = "read_from_disk", .kind = TABLE_COUNT, .data = true, .meaning = "warm samples that waited for the device"},
    {.key = "instructions_per_record", .kind = TABLE_NUMBER, .data = true},
    {.key = "peak_bytes", .title = "peak MB", .kind = TABLE_COUNT, .scale = 1e-6, .rank = 8},
    {.key = "huge_ppm", .title = "% huge", .kind = TABLE_COUNT, .scale = 1e-4, .rank = 9},
    {0},
};

/* Of the cases with this key's data, number of files and sink. NULL: none has a time. */
static const struct report_row *fastest_like(const struct report *s, const struct case_key *like)
{
    const struct report_row *best = NULL;
    for (const struct report_row *row = s->rows; row < s->rows + s->count; row++) {
        const struct case_key *key = &row->sample->key;
        if (shown_has_rate(row) && key->files == like->files && strcmp(key->dataset, like->dataset) == 0 &&
            strcmp(key->sink, like->sink) == 0 && (!best || shown_rate(row).median > shown_rate(best).median))
            best = row;
    }
    return best;
}

static bool has_won(const struct report *s, const struct report_row *row)
{
    struct ranking r;
    ranking_of(s, row->sample->key.dataset, row->sample->key.sink, &r);
    bool won = r.best == row && ranking_has_winner(&r);
    ranking_free(&r);
    return won;
}

static void add_case(struct table *t, const struct report *report, const struct report_row *row)
{
    static const struct stats none;
    const struct sample *s = row->sample;
    const struct stats *ns = &row->ns;
    bool has_rate = shown_has_rate(row);
    double records = (double)s->records;
    char name[CASE_NAME], spread[32], reads[32];
    double reads_per_record = has_rate ? reading_number(&row->reads) / records : NAN;
    case_name(&s->key, name);
    const struct report_row *best = fastest_like(report, &s->key);
    struct stats ratio = report_by_round(report, row, best, report_times_as_long);
    const char *flaw = stats_flaw(ns);
    snprintf(spread, sizeof spread, "%.1f%%", 100 * stats_spread(ns));
    snprintf(reads, sizeof reads, "%s%.3g", row->reads_vary ? "~" : "", reads_per_record);
    table_put(t, "tcNnn", name, &s->key, ns->n > 0 ? s->prefix : 0, s->records, s->bytes);
    table_put(t, "Tt", sample_outcomes[s->outcome], sample_outcomes[SAMPLE_OK], *s->error ? s->error : NULL);
    while (ns->n == 0 && t->cell_count % t->column_count != 0)
        table_put(t, "t", NULL);
    if (ns->n == 0)
        return;
    table_put(t, "nd", (uint64_t)ns->n, ns->level);
    table_put(t, "mddsmw", &ratio, 1.0, has_rate ? records * 1e9 / ns->median : NAN,
              (double)s->bytes * 1e9 / ns->median, ns, 1.0, has_rate ? ns : &none, 1 / records,
              has_rate && ns->confident ? stats_spread(ns) : NAN, has_rate ? flaw ? flaw : spread : NULL);
    table_put(t, "mmmmt", &row->of_limit, 1.0, &row->of_none, 1.0, &row->of_touch, 1.0, &row->of_baseline, 1.0,
              *s->limit ? s->limit : NULL);
    table_put(t, "rbwnndr", row->reads, row->reads_vary, reads_per_record, isnan(reads_per_record) ? NULL : reads,
              (uint64_t)row->miscounted, (uint64_t)row->from_disk, row->instructions, row->peak_bytes);
    table_put(t, s->huge_ppm.state == READING_EXACT ? "n" : "N", s->huge_ppm.value); /* of most sinks there is none */
    if (row == best && has_won(report, row))
        table_stress(t);
}

struct table *cases_table(const struct report *s)
{
    struct table *t = table_new("cases", "Medians over samples", columns);
    for (size_t i = 0; i < s->count; i++)
        add_case(t, s, &s->rows[i]);
    return t;
}

static const struct table_column case_columns[] = {{.key = TABLE_CASE}, {0}};

/* --- what a decode takes beside time --- */

static const char *const costs[] = {
    "cpu_ns",     "minor_faults", "major_faults", "voluntary_switches", "involuntary_switches",
    "bytes_read", "other_calls",  "copied",       "allocations",        "allocated_bytes",
    "disk_bytes", "steal_ns",     "stall_us"};
enum { COSTS = sizeof costs / sizeof costs[0] };

static const struct stored_field *cost_field(size_t i)
{
    const struct stored_field *f = sample_fields;
    while (strcmp(f->key, costs[i]) != 0)
        f++;
    return f;
}

/* The median for one decode; NAN if the row failed, or a sample does not have it. */
static double cost_of(const struct report *s, const struct report_row *row, size_t i)
{
    const struct stored_field *f = cost_field(i);
    bool known = row->ns.n > 0;
    for (size_t k = 0; k < row->samples && known; k++) {
        const struct sample *of = s->order[row->first + k];
        struct reading r = {READING_EXACT, 0};
        memcpy(f->type == FIELD_READING ? (void *)&r : (void *)&r.value, (const char *)of + f->offset, f->size);
        known = r.state == READING_EXACT;
        s->values[k] = (double)r.value / (double)of->iterations;
    }
    return known ? stats_of(s->values, row->samples).median : NAN;
}

/* --- what was counted: by cycle and record --- */

enum { RATIOS = COUNTERS_MAX + 2 };

/* In the order in which they are shown; how many there are. */
static size_t ratios_of(const struct report *s, const struct report_row *row, struct report_ratio ratios[RATIOS])
{
    size_t n = report_counters(s, row, ratios);
    if (row->ns.n > 0 && !isnan(row->instructions))
        ratios[n++] = (struct report_ratio){"instructions/record (callgrind)", row->instructions, 1000000};
    return n;
}

static bool has_column(const struct table *t, const char *name)
{
    for (size_t c = 0; c < t->column_count; c++)
        if (strcmp(t->columns[c].key, name) == 0)
            return true;
    return false;
}

static void put_ratio(struct table *t, const char *name, const struct report_ratio *ratios, size_t n)
{
    char number[40], text[48];
    size_t i = 0;
    while (i < n && strcmp(ratios[i].name, name) != 0)
        i++;
    if (i < n) {
        table_number(ratios[i].value, number, sizeof number);
        snprintf(text, sizeof text, "%s%s", ratios[i].ran_ppm < 1000000 ? "~" : "", number);
    }
    table_put(t, "w", i < n ? ratios[i].value : NAN, i < n ? text : NULL);
}

/* The order of columns is that of the first row that has them. */
struct table *cases_counters(const struct report *s)
{
    struct report_ratio ratios[RATIOS];
    struct table *t = table_new("counters", "", case_columns);
    size_t own = t->column_count;
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0, n = ratios_of(s, &s->rows[i], ratios); k < n; k++)
            if (!has_column(t, ratios[k].name))
                table_add_column(t, &(struct table_column){.key = ratios[k].name, .kind = TABLE_NUMBER, .rank = 1});
    for (const struct report_row *row = s->rows; row < s->rows + s->count && t->column_count > own; row++) {
        size_t n = ratios_of(s, row, ratios);
        table_put(t, "c", &row->sample->key);
        for (size_t c = own; c < t->column_count; c++)
            put_ratio(t, t->columns[c].key, ratios, n);
    }
    return t;
}

/* --- the machine's limits --- */

static const struct table_column limit_columns[] = {
    {.key = "dataset", .group = true},
    {.key = "limit", .data = true},
    {.key = "of", .title = "limit", .meaning = "what is measured"},
    {.key = "value", .kind = TABLE_NUMBER, .meaning = "by the time in which nothing interrupted it"},
    {.key = "wall_value", .kind = TABLE_NUMBER, .rank = 9, .title = "with interruptions"},
    {.key = "unit"},
    {.key = "missing", .rank = 1, .meaning = "why there is no value"},
    {0},
};

struct table *cases_limits(const struct results *r, const struct report *s)
{
    struct table *t = table_new("limits", "What the machine allows", limit_columns);
    for (const struct report_limit *l = s->limits; l < s->limits + s->limit_count; l++) {
        const struct limit_sample *of = l->sample;
        double scale = of->per_second ? 1e-9 : 1;
        struct stats value = {0};
        for (size_t i = 0; i < l->samples; i++)
            s->values[i] = s->limit_order[l->first + i]->value;
        if (l->wall.n > 0)
            value = stats_of(s->values, l->samples);
        table_row(t, "tttsstt", of->dataset, of->limit, shown_limit(r, of->limit), &value, scale, &l->wall, scale,
                  of->per_second ? "GB/s" : "ns", of->why);
    }
    return t;
}

void cases_print(const struct results *r, const struct report *s, size_t width, FILE *to)
{
    struct table *tables[] = {cases_table(s), cases_counters(s), cases_limits(r, s), table_new("notes", "", NULL)};
    cases_note(tables[3], r, s);
    for (size_t i = 0; i < sizeof tables / sizeof tables[0]; i++) {
        if (tables[i]->row_count + tables[i]->note_count > 0) {
            fputc('\n', to);
            table_print_text(tables[i], width, to);
        }
        table_free(tables[i]);
    }
}

/* --- samples --- */

#define COUNTERS "counters."

/* A reading, and for how much of the time it counted. */
static void add_counter_columns(struct table *t, const struct sample *s)
{
    char key[sizeof COUNTERS + COUNTER_NAME + 16];
    for (size_t k = 0; k < s->counters; k++) {
        snprintf(key, sizeof key, COUNTERS "%s", s->counter[k].name);
        if (has_column(t, key) || t->column_count + 2 > TABLE_COLUMNS)
            continue;
        table_add_column(t, &(struct table_column){.key = key});
        strcat(key, ".ran_ppm");
        table_add_column(t, &(struct table_column){.key = key});
    }
}

static void add_sample(struct table *t, const struct sample *s, size_t own)
{
    static const struct reading missing;
    char name[CASE_NAME];
    case_name(&s->key, name);
    table_put(t, "t", name);
    for (const struct stored_field *f = sample_fields; f->key; f++)
        if (f->part == PART_MEASURED && s->outcome != SAMPLE_OK)
            table_put(t, "r", missing);
        else
            table_put(t, "F", f, s);
    table_put(t, "tt", sample_outcomes[s->outcome], *s->error ? s->error : NULL);
    for (size_t c = own; c < t->column_count; c += 2) {
        const char *counter = t->columns[c].key + strlen(COUNTERS);
        struct counter_reading found = {0};
        for (size_t k = 0; k < s->counters; k++)
            if (strcmp(s->counter[k].name, counter) == 0)
                found = s->counter[k].count;
        struct reading ran = {found.reading.state, found.ran_ppm};
        table_put(t, "rr", found.reading, ran);
    }
}

struct table *cases_samples(const struct results *r, const struct report *s)
{
    static const struct table_column first[] = {{.key = "case"}, {0}};
    struct table *t = table_new("samples", "", first);
    for (const struct stored_field *f = sample_fields; f->key; f++)
        table_add_column(t, &(struct table_column){.key = f->key, .meaning = f->meaning});
    table_add_column(t, &(struct table_column){.key = "outcome"});
    table_add_column(t, &(struct table_column){.key = "error"});
    size_t own = t->column_count;
    for (size_t i = 0; i < r->count; i++)
        add_counter_columns(t, &r->samples[i]);
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; k < s->rows[i].samples; k++)
            add_sample(t, s->order[s->rows[i].first + k], own);
    return t;
}

/* --- JSON: all that the tables have, unrounded and with intervals. Unknown is null --- */

static json_t *costs_json(const struct report *s, const struct report_row *row)
{
    json_t *o = json_object();
    for (size_t i = 0; i < COSTS; i++)
        json_object_set_new(o, costs[i], json_value(cost_of(s, row, i)));
    return o;
}

static json_t *counters_json(const struct report *s, const struct report_row *row)
{
    struct report_ratio ratios[COUNTERS_MAX + 1];
    size_t n = report_counters(s, row, ratios);
    json_t *o = json_object();
    for (size_t i = 0; i < n; i++)
        json_object_set_new(
            o, ratios[i].name,
            json_pack("{s:f, s:I}", "median", ratios[i].value, "ran_ppm", (json_int_t)ratios[i].ran_ppm));
    return o;
}

static json_t *reading_json(struct reading r)
{
    return r.state == READING_UNSUPPORTED ? json_null() : json_integer((json_int_t)r.value);
}

json_t *cases_noise(const struct noise *n)
{
    return json_pack("{s:I, s:o, s:o, s:o, s:o, s:o, s:o, s:s, s:s}", "cores", (json_int_t)n->cores,
                     "load_before_milli", reading_json(n->load_before_milli), "steal_ppm", reading_json(n->steal_ppm),
                     "others_ppm", reading_json(n->others_ppm), "pressure_ppm", reading_json(n->pressure_ppm),
                     "throttled_ppm", reading_json(n->throttled_ppm), "spread",
                     json_value(n->spread >= 0 ? n->spread : NAN), "verdict", n->quiet ? "quiet" : "noisy", "why",
                     n->why);
}

json_t *cases_json(const struct results *r, const struct report *s)
{
    static const char *const facts[] = {"run", "machine", "unavailable", "notes", "missing"};
    struct table *t = cases_table(s), *limits = cases_limits(r, s);
    json_t *o = json_object(), *rows = table_json(t);
    json_object_set_new(o, "format", json_integer(1));
    for (size_t i = 0; i < sizeof facts / sizeof facts[0]; i++)
        json_object_set(o, facts[i], json_object_get(r->run, facts[i]));
    json_object_set_new(o, "complete", json_boolean(r->end && !json_is_true(json_object_get(r->end, "interrupted"))));
    for (size_t i = 0; i < s->count; i++) {
        const struct report_row *row = &s->rows[i];
        json_t *one = json_array_get(rows, i);
        json_object_set_new(one, "counters", row->ns.n ? counters_json(s, row) : json_null());
        json_object_set_new(one, "per_decode", row->ns.n ? costs_json(s, row) : json_null());
    }
    json_object_set_new(o, "rows", rows);
    json_object_set_new(o, "limits", table_json(limits));
    json_object_set_new(o, "noise", cases_noise(&s->noise));
    table_free(t);
    table_free(limits);
    return o;
}
