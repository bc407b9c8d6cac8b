#include "export.h"

#include "cases.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

static void add(char name[EXPORT_NAME], const char *format, ...) __attribute__((format(printf, 2, 3)));

static void add(char name[EXPORT_NAME], const char *format, ...)
{
    size_t used = strlen(name);
    va_list args;
    va_start(args, format);
    vsnprintf(name + used, EXPORT_NAME - used, format, args);
    va_end(args);
}

void export_name(const struct sample *s, char name[EXPORT_NAME])
{
    char block[32];
    name[0] = '\0';
    add(name, "%s/%s/%s/threads:%" PRIu64, s->key.dataset, s->key.backend, s->key.sink, s->key.threads);
    if (s->key.files > 1)
        add(name, "/files:%" PRIu64, s->key.files);
    if (s->key.split > 1)
        add(name, "/split:%" PRIu64, s->key.split);
    case_block(s->key.block, block, sizeof block);
    if (s->key.block)
        add(name, "/block:%s", block);
    if (s->prefix)
        add(name, "/records:%" PRIu64, s->prefix);
    if (s->key.cold)
        add(name, "/cold");
}

static void make_unique(struct export *e, struct exported_case *c)
{
    size_t length = strlen(c->name), same = 1;
    for (size_t i = 0; i < e->count; i++) {
        if (strcmp(e->cases[i].name, c->name) != 0)
            continue;
        c->name[length] = '\0';
        add(c->name, "#%zu", ++same);
        i = SIZE_MAX; /* that may be another one's name: from the start again */
    }
}

int export_of(const struct results *r, const struct report *s, struct export *e)
{
    *e = (struct export){.results = r, .report = s, .cases = calloc(s->count + 1, sizeof *e->cases)};
    if (!e->cases)
        return -ENOMEM;
    for (size_t i = 0; i < s->count; i++) {
        struct exported_case *c = &e->cases[i];
        c->row = &s->rows[i];
        export_name(c->row->sample, c->name);
        make_unique(e, c);
        e->count++;
    }
    return 0;
}

void export_free(struct export *e)
{
    free(e->cases);
    *e = (struct export){0};
}
