/* The tables of a run: of its cases, of what was counted in them, and of their samples. */
#include "cases.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- cases --- */

static const struct table_column columns[] = {
    {.key = "case", .data = true, .meaning = "its name"},
#define CASE TABLE_CASE_COLUMN
#include "../results/fields.def"
    {.key = "prefix", .kind = TABLE_COUNT, .meaning = "records, from the start of the file; none: all of it was read"},
    {.key = "records", .kind = TABLE_COUNT, .data = true, .meaning = "that one decode goes through"},
    {.key = "bytes", .kind = TABLE_COUNT, .data = true, .meaning = "of the inflated stream"},
    {.key = "outcome", .meaning = "how the worst sample ended"},
    {.key = "error", .data = true, .meaning = "of that sample"},
    {.key = "samples", .kind = TABLE_COUNT, .data = true},
    {.key = "level", .kind = TABLE_NUMBER, .data = true, .meaning = "how probably an interval holds the median"},
    {.key = "records_per_second", .title = "Mrec/s", .kind = TABLE_NUMBER, .scale = 1e-6},
    {.key = "bytes_per_second", .title = "GB/s", .kind = TABLE_NUMBER, .scale = 1e-9, .rank = 7},
    {.key = "decode_ns", .kind = TABLE_INTERVAL, .data = true, .meaning = "for one decode"},
    {.key = "record_ns", .title = "ns/rec", .kind = TABLE_INTERVAL, .rank = 1},
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
    {0},
};

static struct reading count_if(bool known, uint64_t count)
{
    return (struct reading){known ? READING_EXACT : READING_UNSUPPORTED, count};
}

static void add_case(struct table *t, const struct report_row *row)
{
    static const struct stats none;
    const struct sample *s = row->sample;
    const struct stats *ns = &row->ns;
    bool ok = ns->n > 0, has_rate = ok && s->records > 0;
    double records = (double)s->records;
    char name[CASE_NAME], spread[32], reads[32];
    case_name(&s->key, name);
    snprintf(spread, sizeof spread, "%.1f%%", 100 * report_spread(ns));
    snprintf(reads, sizeof reads, "%s%.3g", row->reads_vary ? "~" : "", (double)row->reads / records);
    table_put(t, "tcNnn", name, &s->key, ok ? s->prefix : 0, s->records, s->bytes);
    table_put(t, "Ttrd", sample_outcomes[s->outcome], sample_outcomes[SAMPLE_OK], *s->error ? s->error : NULL,
              count_if(ok, ns->n), ok ? ns->level : NAN);
    table_put(t, "ddsmw", has_rate ? records * 1e9 / ns->median : NAN, ok ? (double)s->bytes * 1e9 / ns->median : NAN,
              ns, 1.0, has_rate ? ns : &none, 1 / records, has_rate && ns->confident ? report_spread(ns) : NAN,
              has_rate && ns->n > 1 ? spread : NULL);
    table_put(t, "mmmmt", &row->of_limit, 1.0, &row->of_none, 1.0, &row->of_touch, 1.0, &row->of_baseline, 1.0,
              *s->limit ? s->limit : NULL);
    table_put(t, "rbwrrdr", count_if(ok, row->reads), row->reads_vary, has_rate ? (double)row->reads / records : NAN,
              has_rate ? reads : NULL, count_if(ok, row->miscounted), count_if(ok, row->from_disk), row->instructions,
              count_if(ok, row->peak_bytes));
}

struct table *cases_table(const struct report *s)
{
    struct table *t = table_new("cases", "", columns);
    for (size_t i = 0; i < s->count; i++)
        add_case(t, &s->rows[i]);
    if (!s->blocks_differ)
        table_hide(t, "block");
    if (s->limit_count == 0)
        table_hide(t, "of_limit");
    return t;
}

/* --- what was counted beside time: by cycle, record and byte --- */

static const struct table_column case_columns[] = {
#define CASE TABLE_CASE_COLUMN
#include "../results/fields.def"
    {0},
};
#define CALLGRIND "instructions/rec (callgrind)"

static bool is_cycles(const char *name)
{
    return strncmp(name, "cycles", 6) == 0 && (name[6] == ':' || name[6] == '/') && strstr(name, "/record");
}

struct counted {
    char name[COUNTER_NAME + 16];
    double value;
    bool scaled;
};
enum { COUNTED_MAX = COUNTERS_MAX + 3 };

static void add_counted(struct counted all[COUNTED_MAX], size_t *n, const char *name, double value, bool scaled)
{
    size_t length = strlen(name), cut = length > 7 && strcmp(name + length - 7, "/record") == 0 ? 3 : 0;
    struct counted *c = &all[(*n)++];
    *c = (struct counted){.value = value, .scaled = scaled};
    snprintf(c->name, sizeof c->name, "%.*s", (int)(length - cut), name); /* "/record" is shortened to "/rec" */
}

/* In the order in which they are shown; how many there are. */
static size_t count_of(const struct report *s, const struct report_row *row, struct counted all[COUNTED_MAX])
{
    struct report_ratio ratios[COUNTERS_MAX + 1];
    const struct sample *of = row->sample;
    size_t n = 0, ratio_count = report_counters(s, row, ratios);
    bool cycles = false;
    if (!isnan(row->instructions))
        add_counted(all, &n, CALLGRIND, row->instructions, false);
    for (size_t i = 0; i < ratio_count; i++) {
        bool scaled = ratios[i].ran_ppm < 1000000;
        add_counted(all, &n, ratios[i].name, ratios[i].value, scaled);
        if (is_cycles(ratios[i].name) && of->bytes > 0 && !cycles) {
            add_counted(all, &n, "cycles/byte", ratios[i].value * (double)of->records / (double)of->bytes, scaled);
            cycles = true;
        }
    }
    return n;
}

static void add_column(struct table *t, const char *name)
{
    for (size_t c = 0; c < t->column_count; c++)
        if (strcmp(t->columns[c].key, name) == 0)
            return;
    table_add_column(t, &(struct table_column){.key = name, .kind = TABLE_NUMBER, .rank = 1});
}

/* The order is that of the first row that has them. */
static void add_columns(struct table *t, const struct report *s)
{
    struct counted all[COUNTED_MAX];
    for (size_t i = 0; i < s->count; i++) {
        size_t n = s->rows[i].ns.n ? count_of(s, &s->rows[i], all) : 0;
        for (size_t k = 0; k < n; k++)
            add_column(t, all[k].name);
    }
}

static void put_counted(struct table *t, const char *name, const struct counted *all, size_t n)
{
    char number[40], text[48];
    size_t i = 0;
    while (i < n && strcmp(all[i].name, name) != 0)
        i++;
    if (i < n) {
        table_number(all[i].value, number, sizeof number);
        snprintf(text, sizeof text, "%s%s", all[i].scaled ? "~" : "", number);
    }
    table_put(t, "w", i < n ? all[i].value : NAN, i < n ? text : NULL);
}

static struct table *counters_table(const struct report *s)
{
    struct counted all[COUNTED_MAX];
    struct table *t = table_new("counters", "", case_columns);
    size_t own = t->column_count;
    add_columns(t, s);
    for (size_t i = 0; i < s->count && t->column_count > own; i++) {
        const struct report_row *row = &s->rows[i];
        if (row->ns.n == 0)
            continue;
        size_t n = count_of(s, row, all);
        table_put(t, "c", &row->sample->key);
        for (size_t c = own; c < t->column_count; c++)
            put_counted(t, t->columns[c].key, all, n);
    }
    if (!s->blocks_differ)
        table_hide(t, "block");
    return t;
}

void cases_print(const struct results *r, const struct report *s, size_t width, FILE *to)
{
    struct table *t = cases_table(s), *counters = counters_table(s);
    table_print_text(t, width, to);
    if (counters->row_count > 0) {
        fputc('\n', to);
        table_print_text(counters, width, to);
    }
    table_free(t);
    table_free(counters);
    cases_print_notes(r, s, to);
}

/* --- samples --- */

static const struct table_column sample_columns[] = {{.key = "case"}, {0}};

static size_t counters_of(const struct results *r, const char *names[TABLE_COLUMNS])
{
    size_t n = 0;
    for (size_t i = 0; i < r->count; i++)
        for (size_t k = 0; k < r->samples[i].counters; k++) {
            size_t c = 0;
            while (c < n && strcmp(names[c], r->samples[i].counter[k].name) != 0)
                c++;
            if (c == n && n < COUNTERS_MAX)
                names[n++] = r->samples[i].counter[k].name;
        }
    return n;
}

static void add_sample(struct table *t, const struct sample *s, const char **names, size_t n)
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
    for (size_t c = 0; c < n; c++) {
        const struct counter_reading *found = &(struct counter_reading){0};
        for (size_t k = 0; k < s->counters; k++)
            if (strcmp(s->counter[k].name, names[c]) == 0)
                found = &s->counter[k].count;
        bool known = found->reading.state != READING_UNSUPPORTED;
        table_put(t, "rr", found->reading, count_if(known, found->ran_ppm));
    }
}

struct table *cases_samples(const struct results *r, const struct report *s)
{
    static const struct table_column how[] = {{.key = "outcome"}, {.key = "error"}};
    struct table *t = table_new("samples", "", sample_columns);
    const char *names[TABLE_COLUMNS];
    size_t n = counters_of(r, names);
    for (const struct stored_field *f = sample_fields; f->key; f++)
        table_add_column(t, &(struct table_column){.key = f->key, .meaning = f->meaning});
    table_add_column(t, &how[0]);
    table_add_column(t, &how[1]);
    for (size_t c = 0; c < n; c++) {
        char key[COUNTER_NAME + 32];
        snprintf(key, sizeof key, "counters.%s", names[c]);
        table_add_column(t, &(struct table_column){.key = key});
        snprintf(key, sizeof key, "counters.%s.ran_ppm", names[c]);
        table_add_column(t, &(struct table_column){.key = key});
    }
    for (size_t i = 0; i < s->count; i++)
        for (size_t k = 0; k < s->rows[i].samples; k++)
            add_sample(t, s->order[s->rows[i].first + k], names, n);
    return t;
}
