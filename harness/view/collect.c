/* What makes sections and pictures puts them down here: the lists of both, which know their makers, are elsewhere. */
#include "document.h"

#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

void section_add(struct section *s, struct table *t)
{
    if ((t->row_count || t->note_count) && s->table_count < SECTION_TABLES)
        s->tables[s->table_count++] = t;
    else
        table_free(t);
}

struct table *figure_table(const char *letters, ...)
{
    struct table *t = table_new("figure", "", NULL);
    va_list args;
    va_start(args, letters);
    for (; *letters; letters++) {
        enum table_kind kind = *letters == 't' ? TABLE_TEXT : *letters == 's' ? TABLE_INTERVAL : TABLE_NUMBER;
        table_add_column(t, &(struct table_column){.key = va_arg(args, const char *), .kind = kind});
    }
    va_end(args);
    return t;
}

void figure_shorten(const char *name, size_t most, char *label, size_t size)
{
    size_t n = strlen(name), from = n > most ? n - most + 3 : 0;
    while (from && (name[from] & 0xC0) == 0x80)
        from++;
    snprintf(label, size, "%s%s", from ? "..." : "", name + from);
}

void figures_add(struct figures *f, struct table *data, const char *label, const char *title, const char *below, ...)
{
    size_t same = 1;
    va_list args;
    if (data->row_count == 0) {
        table_free(data);
        return;
    }
    for (size_t i = 0; i < f->count; i++)
        same += f->all[i].kind == f->kind;
    f->all = reallocarray(f->all, f->count + 1, sizeof *f->all);
    struct figure *to = &f->all[f->count++];
    *to = (struct figure){.kind = f->kind, .data = data};
    snprintf(to->name, sizeof to->name, "%s-%zu", f->kind->name, same);
    figure_shorten(title, 36, to->title, sizeof to->title);
    figure_shorten(label, 28, to->label, sizeof to->label);
    va_start(args, below);
    vsnprintf(to->below, sizeof to->below, below, args);
    va_end(args);
}
