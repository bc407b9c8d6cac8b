#include "formats.h"

#include "../results/run.h"
#include "../text/safe.h"
#include "cases.h"

#include <errno.h>
#include <string.h>

#define FORMAT_ROW(id, name, about) {name, about, format_##id},
const struct format formats[] = {FORMATS(FORMAT_ROW){0}};

const struct format *format_find(const char *name)
{
    for (const struct format *f = formats; f->name; f++)
        if (strcmp(f->name, name) == 0)
            return f;
    return NULL;
}

/* --- tables as they are --- */

static int print_and_free(struct table *t, int (*print)(const struct table *t, FILE *to), FILE *to)
{
    int rc = print(t, to);
    table_free(t);
    return rc;
}

int format_json(const struct results *r, const struct report *s, FILE *to)
{
    return put_json(cases_json(r, s), JSON_INDENT(2), to);
}

int format_csv(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    return print_and_free(cases_table(s), table_print_csv, to);
}

int format_tsv(const struct results *r, const struct report *s, FILE *to)
{
    (void)r;
    return print_and_free(cases_table(s), table_print_tsv, to);
}

int format_csv_samples(const struct results *r, const struct report *s, FILE *to)
{
    return print_and_free(cases_samples(r, s), table_print_csv, to);
}

int format_tsv_samples(const struct results *r, const struct report *s, FILE *to)
{
    return print_and_free(cases_samples(r, s), table_print_tsv, to);
}

int format_markdown(const struct results *r, const struct report *s, FILE *to)
{
    struct table *t = cases_table(s);
    for (size_t i = 0; i < s->count; i++) {
        const struct sample *of = s->rows[i].sample;
        char name[CASE_NAME];
        case_name(&of->key, name);
        if (of->outcome != SAMPLE_OK)
            table_note(t, "%s: %s: %s", name, sample_outcomes[of->outcome], of->error);
    }
    table_note(t, "Run %s; medians, +/- half of an interval that holds the true one with 95 %%. The machine was %s%s.",
               run_id(r), s->noise.quiet ? "quiet" : "noisy: ", s->noise.why);
    return print_and_free(t, table_print_markdown, to);
}
