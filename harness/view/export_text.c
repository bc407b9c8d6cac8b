/* Tables as text: CSV and TSV for programs and spreadsheets, Markdown for the summary of a job. */
#include "export.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* --- CSV and TSV: rows are JSON objects, whose keys are the columns --- */

/* Spreadsheets calculate what begins like a formula, quoted or not. TSV has no quotes: what would end a field there
 * becomes a question mark. */
static void put_text(const char *text, char separator, FILE *to)
{
    bool quoted = separator == ',' && strpbrk(text, ",\"\r\n");
    if (quoted)
        fputc('"', to);
    if (*text && strchr("=+-@\t\r", *text))
        fputc('\'', to);
    for (; *text; text++) {
        if (*text == '"' && quoted)
            fputc('"', to);
        fputc(separator == '\t' && strchr("\t\r\n", *text) ? '?' : *text, to);
    }
    if (quoted)
        fputc('"', to);
}

/* What is missing is an empty field. */
static void put_value(const json_t *value, char separator, FILE *to)
{
    if (json_is_string(value))
        put_text(json_string_value(value), separator, to);
    else if (value && !json_is_null(value))
        json_dumpf(value, to, JSON_ENCODE_ANY);
}

/* {"counters": {"cycles": 7}} becomes {"counters.cycles": 7}. */
static void flatten(const char *prefix, json_t *from, json_t *to)
{
    const char *key;
    json_t *value;
    json_object_foreach(from, key, value)
    {
        char *name;
        if (asprintf(&name, "%s%s", prefix, key) < 0)
            return;
        if (json_is_object(value)) {
            char *deeper;
            if (asprintf(&deeper, "%s.", name) >= 0) {
                flatten(deeper, value, to);
                free(deeper);
            }
        } else {
            json_object_set(to, name, value);
        }
        free(name);
    }
}

int export_rows(json_t *rows, char separator, FILE *to)
{
    json_t *columns = json_object(), *row, *value;
    const char *key;
    size_t i, n = 0;
    json_array_foreach(rows, i, row) json_object_update_missing(columns, row);
    if (!columns || !rows || json_array_size(rows) == 0) {
        json_decref(columns);
        json_decref(rows);
        return rows && columns ? 0 : -ENOMEM;
    }
    json_object_foreach(columns, key, value)
    {
        if (n++ > 0)
            fputc(separator, to);
        put_text(key, separator, to);
    }
    fputc('\n', to);
    json_array_foreach(rows, i, row)
    {
        n = 0;
        json_object_foreach(columns, key, value)
        {
            if (n++ > 0)
                fputc(separator, to);
            put_value(json_object_get(row, key), separator, to);
        }
        fputc('\n', to);
    }
    json_decref(columns);
    json_decref(rows);
    return 0;
}

static void put_stats(json_t *row, const char *name, const struct stats *s, double scale)
{
    static const char *const ends[] = {"", "_low", "_high"};
    double values[] = {s->median * scale, s->low * scale, s->high * scale};
    for (size_t i = 0; i < 3; i++) {
        char key[64];
        snprintf(key, sizeof key, "%s%s", name, ends[i]);
        json_object_set_new(row, key, s->n > 0 && isfinite(scale) ? json_real(values[i]) : json_null());
    }
}

static json_t *case_row(const struct exported_case *c)
{
    const struct sample *s = c->row->sample;
    const struct stats *ns = &c->row->ns;
    bool ok = ns->n > 0;
    json_t *row =
        json_pack("{s:s, s:s, s:s, s:s, s:I, s:I, s:I, s:s, s:I, s:I}", "case", c->name, "dataset", s->key.dataset,
                  "backend", s->key.backend, "sink", s->key.sink, "threads", (json_int_t)s->key.threads, "files",
                  (json_int_t)s->key.files, "split", (json_int_t)s->key.split, "cache", s->key.cold ? "cold" : "warm",
                  "records", (json_int_t)s->records, "bytes", (json_int_t)s->bytes);
    json_object_set_new(row, "block", s->key.block ? json_integer((json_int_t)s->key.block) : json_null());
    json_object_set_new(row, "prefix", s->prefix ? json_integer((json_int_t)s->prefix) : json_null());
    json_object_set_new(row, "outcome", json_string(sample_outcomes[s->outcome]));
    json_object_set_new(row, "error", *s->error ? json_string(s->error) : json_null());
    json_object_set_new(row, "samples", ok ? json_integer((json_int_t)ns->n) : json_null());
    json_object_set_new(row, "level", ok ? json_real(ns->level) : json_null());
    put_stats(row, "decode_ns", ns, 1);
    put_stats(row, "record_ns", ns, 1 / (double)s->records);
    json_object_set_new(row, "records_per_second",
                        ok && s->records > 0 ? json_real((double)s->records * 1e9 / ns->median) : json_null());
    json_object_set_new(row, "bytes_per_second", ok ? json_real((double)s->bytes * 1e9 / ns->median) : json_null());
    json_object_set_new(row, "reads",
                        ok && !c->row->reads_vary ? json_integer((json_int_t)c->row->reads) : json_null());
    json_object_set_new(row, "peak_bytes", ok ? json_integer((json_int_t)c->row->peak_bytes) : json_null());
    return row;
}

int export_cases(const struct export *e, char separator, FILE *to)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < e->count; i++)
        json_array_append_new(rows, case_row(&e->cases[i]));
    return export_rows(rows, separator, to);
}

/* Those that report.order has; a row of a case that failed begins where that case's samples do. */
int export_samples(const struct export *e, char separator, FILE *to)
{
    json_t *rows = json_array();
    for (size_t i = 0; i < e->count; i++) {
        const struct report_row *row = e->cases[i].row;
        for (size_t k = 0; k < row->samples; k++) {
            json_t *sample = sample_to_json(e->report->order[row->first + k]), *flat = json_object();
            json_object_set_new(flat, "case", json_string(e->cases[i].name));
            flatten("", sample, flat);
            json_decref(sample);
            json_array_append_new(rows, flat);
        }
    }
    return export_rows(rows, separator, to);
}

/* --- Markdown --- */

/* Names and reasons are no markup, and no cell's end. */
static void put_escaped(const char *text, FILE *to)
{
    for (; *text; text++) {
        if (strchr("\\`*_[]<>|~&$#", *text))
            fputc('\\', to);
        fputc((unsigned char)*text < ' ' ? '?' : *text, to);
    }
}

/* Three significant digits, without exponent. */
static void put_number(double value, FILE *to)
{
    int decimals = value > 0 ? 2 - (int)floor(log10(value)) : 0;
    fprintf(to, " %.*f |", decimals < 0 ? 0 : decimals > 6 ? 6 : decimals, value);
}

static void put_markdown(const struct exported_case *c, FILE *to)
{
    const struct stats *ns = &c->row->ns;
    const struct sample *s = c->row->sample;
    double records = (double)s->records;
    fputs("| ", to);
    put_escaped(c->name, to);
    fputs(" |", to);
    if (ns->n == 0) {
        fprintf(to, " %s: ", sample_outcomes[s->outcome]);
        put_escaped(s->error, to);
        fputs(" | n/a | n/a | n/a |\n", to);
        return;
    }
    if (records > 0) {
        put_number(records * 1e3 / ns->median, to);
        put_number(ns->median / records, to);
    } else {
        fputs(" n/a | n/a |", to);
    }
    fprintf(to, ns->confident ? " %.1f %% |" : " n/a |", 100 * report_spread(ns));
    fprintf(to, " %zu |\n", ns->n);
}

int export_markdown(const struct export *e, FILE *to)
{
    const char *id = json_string_value(json_object_get(e->results->run, "run"));
    fputs("| case | Mrec/s | ns/rec | +/- | samples |\n| --- | --: | --: | --: | --: |\n", to);
    for (size_t i = 0; i < e->count; i++)
        put_markdown(&e->cases[i], to);
    fputs("\nRun ", to);
    put_escaped(id ? id : "", to);
    fputs("; medians, +/- half of an interval that holds the true one with 95 %. ", to);
    if (e->report->noise.quiet)
        fputs("The machine was quiet.\n", to);
    else
        fputs("The machine was noisy: ", to), put_escaped(e->report->noise.why, to), fputs(".\n", to);
    return 0;
}
