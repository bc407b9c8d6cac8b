/* dbnbench list: what there is to choose from, and what cannot be had here. */
#include "../../datasets/datasets.h"
#include "exit.h"
#include "../machine/counters.h"
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <sys/stat.h>

static void row(const char *name, const char *what, const char *missing)
{
    printf("  %-18s %s", name, what);
    if (missing)
        printf(" [unavailable: %s]", missing);
    putchar('\n');
}

static void list_backends(void)
{
    for (size_t i = 0; backends[i]; i++)
        row(backends[i]->name, backends[i]->summary, backend_unavailable(backends[i]));
}

static void list_sinks(void)
{
    for (size_t i = 0; sinks[i]; i++)
        row(sinks[i]->name, sinks[i]->summary, sink_unavailable(sinks[i]));
}

static void list_datasets(void)
{
    for (const struct dataset *d = datasets; d->name; d++) {
        char what[128], path[512];
        struct stat st;
        snprintf(what, sizeof what, "%s: %" PRIu64 " records of %s, version %u%s", d->set, d->spec.records,
                 d->spec.schema, (unsigned)d->spec.version, d->spec.zstd_level ? ", zstd" : "");
        snprintf(path, sizeof path, "%s/%s", DATASETS_DIR, d->file);
        row(d->name, what, stat(path, &st) == 0 ? NULL : "not generated; `make datasets` does that");
    }
}

static void list_counters(void)
{
    counters_list(stdout);
}

static const struct {
    const char *name;
    void (*list)(void);
} kinds[] = {
    {"backends", list_backends}, {"sinks", list_sinks}, {"datasets", list_datasets}, {"counters", list_counters}};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static error_t parse(int key, char *arg, struct argp_state *state)
{
    const char **kind = state->input;
    if (key != ARGP_KEY_ARG)
        return ARGP_ERR_UNKNOWN;
    if (*kind)
        argp_error(state, "one kind at a time, or none for all");
    *kind = arg;
    for (size_t i = 0; i < KINDS; i++)
        if (strcmp(kinds[i].name, arg) == 0)
            return 0;
    argp_error(state, "%s: not one of backends, sinks, datasets, counters", arg);
    return 0;
}

int cmd_list(int argc, char **argv)
{
    static const struct argp argp = {
        NULL, parse, "[backends|sinks|datasets|counters]", "List what there is to choose from.", NULL, NULL, NULL};
    const char *kind = NULL;
    argp_parse(&argp, argc, argv, 0, NULL, &kind);
    for (size_t i = 0; i < KINDS; i++) {
        if (kind && strcmp(kind, kinds[i].name) != 0)
            continue;
        if (!kind)
            printf("%s%s\n", i ? "\n" : "", kinds[i].name);
        kinds[i].list();
    }
    return EXIT_FINE;
}
