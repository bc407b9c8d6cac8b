#include "cmd_syscalls_show.h"

#include "../text/safe.h"

#include <errno.h>
#include <inttypes.h>
#include <libsmartcols.h>
#include <stdlib.h>
#include <string.h>

enum { CELL = 48 };

bool syscalls_is_prefix(const struct syscalls_row *row)
{
    return row->range->end < row->file->size;
}

/* The calls that were made, the most frequent first. Their number is -1 for those that have no count of their own. */
struct named {
    int number;
    uint64_t calls;
};

static int compare_named(const void *a, const void *b)
{
    const struct named *x = a, *y = b;
    if (x->calls != y->calls)
        return x->calls < y->calls ? 1 : -1;
    return x->number < y->number ? -1 : 1;
}

static size_t list_named(const struct syscount *count, struct named list[SYSCOUNT_NUMBERS + 1])
{
    size_t n = 0;
    uint64_t rest = count->total;
    for (int number = 0; number < SYSCOUNT_NUMBERS; number++) {
        if (count->calls[number] == 0)
            continue;
        list[n++] = (struct named){number, count->calls[number]};
        rest -= count->calls[number];
    }
    qsort(list, n, sizeof *list, compare_named);
    if (rest > 0)
        list[n++] = (struct named){-1, rest};
    return n;
}

static void put_name(char *cell, int number)
{
    const char *name = number < 0 ? "others" : syscount_name(number);
    if (name)
        snprintf(cell, CELL, "%s", name);
    else
        snprintf(cell, CELL, "call %d", number);
}

/* --- text --- */

static void put_number(char *cell, uint64_t n)
{
    snprintf(cell, CELL, "%" PRIu64, n);
}

static void put_reading(char *cell, const struct reading *r)
{
    if (r->state == READING_EXACT)
        put_number(cell, r->value);
    else
        snprintf(cell, CELL, "n/a");
}

/* In integers, so that nothing is lost: with a million records, all six digits are exact. */
static void put_ratio(char *cell, uint64_t calls, uint64_t records)
{
    if (records == 0) {
        snprintf(cell, CELL, "n/a");
        return;
    }
    unsigned __int128 millionths = ((unsigned __int128)calls * 1000000 + records / 2) / records;
    snprintf(cell, CELL, "%" PRIu64 ".%06" PRIu64, (uint64_t)(millionths / 1000000), (uint64_t)(millionths % 1000000));
}

/* With as many left-aligned columns at the start. */
static struct libscols_table *new_table(const char *const *titles, size_t left)
{
    struct libscols_table *t = scols_new_table();
    bool made = t != NULL;
    for (size_t i = 0; made && titles[i]; i++)
        made = scols_table_new_column(t, titles[i], 0, i < left ? 0 : SCOLS_FL_RIGHT) != NULL;
    if (made)
        return t;
    scols_unref_table(t);
    return NULL;
}

static int add_line(struct libscols_table *t, char (*cells)[CELL], size_t n)
{
    struct libscols_line *line = scols_table_new_line(t, NULL);
    int rc = line ? 0 : -ENOMEM;
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = scols_line_set_data(line, i, cells[i]);
    return rc;
}

static int print_table(struct libscols_table *t, FILE *to)
{
    scols_table_set_stream(t, to);
    scols_table_set_termforce(t, SCOLS_TERMFORCE_NEVER); /* else it would cut cells to the terminal's width */
    return scols_print_table(t);
}

static int add_backend(struct libscols_table *t, const struct syscalls_row *row)
{
    const struct job_count *c = &row->count;
    char cells[9][CELL] = {{0}};
    snprintf(cells[0], CELL, "%s", row->backend->name);
    snprintf(cells[1], CELL, "%s%" PRIu64, syscalls_is_prefix(row) ? "first " : "", row->range->records);
    put_ratio(cells[2], c->by_backend, row->range->records);
    put_number(cells[3], c->by_backend);
    put_reading(cells[4], &c->by_kernel);
    put_reading(cells[5], &c->by_proc);
    snprintf(cells[6], CELL, "n/a");
    if (c->by_kernel.state == READING_EXACT)
        put_number(cells[6], c->calls.total - c->by_kernel.value);
    put_number(cells[7], c->minor_faults);
    put_number(cells[8], c->major_faults);
    return add_line(t, cells, 9);
}

static int add_calls(struct libscols_table *t, const struct syscalls_row *row)
{
    struct named list[SYSCOUNT_NUMBERS + 1];
    size_t n = list_named(&row->count.calls, list);
    int rc = 0;
    for (size_t i = 0; i < n && rc == 0; i++) {
        char cells[4][CELL] = {{0}};
        snprintf(cells[0], CELL, "%s", i == 0 ? row->backend->name : "");
        put_name(cells[1], list[i].number);
        put_number(cells[2], list[i].calls);
        put_ratio(cells[3], list[i].calls, row->range->records);
        rc = add_line(t, cells, 4);
    }
    return rc;
}

/* One table, its lines made by `add`. */
static int print_rows(const struct syscalls_row *rows, size_t n, const char *const *titles, size_t left,
                      int (*add)(struct libscols_table *t, const struct syscalls_row *row), FILE *to)
{
    struct libscols_table *t = new_table(titles, left);
    int rc = t ? 0 : -ENOMEM;
    for (size_t i = 0; i < n && rc == 0; i++)
        rc = add(t, &rows[i]);
    if (rc == 0 && scols_table_get_nlines(t) > 0)
        rc = print_table(t, to);
    scols_unref_table(t);
    return rc;
}

int syscalls_print(const struct syscalls_row *rows, size_t n, FILE *to)
{
    static const char *const backend_titles[] = {
        "backend",       "records",     "reads/record", "reads: own",   "kernel",
        "/proc/self/io", "other calls", "minor faults", "major faults", NULL};
    static const char *const call_titles[] = {"backend", "call", "calls", "calls/record", NULL};
    print_plain(to, rows->file->path, strlen(rows->file->path));
    if (rows->threads > 1)
        fprintf(to, ", %u threads", rows->threads);
    fputc('\n', to);
    int rc = print_rows(rows, n, backend_titles, 1, add_backend, to);
    fputc('\n', to);
    if (rc == 0)
        rc = print_rows(rows, n, call_titles, 2, add_calls, to);
    fputc('\n', to);
    return rc;
}

static const char *const ways[] = {"kernel tracepoints", "ptrace", "nobody: only what backends and /proc/self/io say"};

void syscalls_print_notes(const struct syscounter *c, const struct syscalls_row *rows, size_t n, FILE *to)
{
    bool prefix = false;
    const char *why_no_proc = "";
    for (size_t i = 0; i < n; i++) {
        prefix |= syscalls_is_prefix(&rows[i]);
        if (rows[i].count.by_proc.state != READING_EXACT)
            why_no_proc = rows[i].count.why_no_proc;
    }
    fprintf(to, "System calls counted by %s.\n", ways[c->method]);
    for (int i = 0; i < SYSCOUNT_NONE; i++)
        if (c->why[i][0])
            fprintf(to, "%s cannot be used: %s.\n", ways[i], c->why[i]);
    if (*why_no_proc)
        fprintf(to, "The kernel's own count of reads is missing: %s.\n", why_no_proc);
    if (prefix)
        fputs("\"first\": only the start of the file, since counting takes time (--records 0: all).\n", to);
}

/* --- JSON --- */

static json_t *json_reading(const struct reading *r)
{
    return r->state == READING_EXACT ? json_integer((json_int_t)r->value) : json_null();
}

/* NULL without a count. */
static json_t *json_calls(const struct job_count *c)
{
    struct named list[SYSCOUNT_NUMBERS + 1];
    if (c->by_kernel.state != READING_EXACT)
        return json_null();
    size_t n = list_named(&c->calls, list);
    json_t *o = json_object();
    for (size_t i = 0; i < n; i++) {
        char name[CELL];
        put_name(name, list[i].number);
        json_object_set_new(o, name, json_integer((json_int_t)list[i].calls));
    }
    return o;
}

static json_t *json_row(const struct syscalls_row *row)
{
    const struct job_count *c = &row->count;
    bool known = c->by_kernel.state == READING_EXACT;
    return json_pack("{s:s, s:s, s:I, s:I, s:b, s:{s:I, s:o, s:o}, s:o, s:o, s:I, s:I}", "file", row->file->name,
                     "backend", row->backend->name, "threads", (json_int_t)row->threads, "records",
                     (json_int_t)row->range->records, "prefix", (int)syscalls_is_prefix(row), "reads", "backend",
                     (json_int_t)c->by_backend, "kernel", json_reading(&c->by_kernel), "proc",
                     json_reading(&c->by_proc), "calls", known ? json_integer((json_int_t)c->calls.total) : json_null(),
                     "calls_by_name", json_calls(c), "minor_faults", (json_int_t)c->minor_faults, "major_faults",
                     (json_int_t)c->major_faults);
}

json_t *syscalls_json(const struct syscounter *c, const struct syscalls_row *rows, size_t n)
{
    json_t *missing = json_object(), *list = json_array();
    bool whole = missing && list;
    for (int i = 0; i < SYSCOUNT_NONE; i++)
        if (c->why[i][0])
            json_object_set_new(missing, syscount_methods[i], json_string(c->why[i]));
    for (size_t i = 0; i < n; i++) {
        if (rows[i].count.by_proc.state != READING_EXACT)
            json_object_set_new(missing, "proc", json_string(rows[i].count.why_no_proc));
        whole &= json_array_append_new(list, json_row(&rows[i])) == 0;
    }
    json_t *o = json_pack("{s:s, s:o, s:o}", "method", syscount_methods[c->method], "missing", missing, "cases", list);
    if (whole)
        return o;
    json_decref(o);
    return NULL;
}
