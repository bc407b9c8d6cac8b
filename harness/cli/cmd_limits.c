/* dbnbench limits: what this machine allows at most, to hold results against. */
#include "exit.h"
#include "../measure/limits.h"
#include "../machine/child.h"
#include "../results/store.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { SAMPLES = 9, SAMPLES_MAX = 10000, CELL = 48 };

struct arguments {
    uint64_t samples;
    bool wanted[LIMITS_COUNT];
    bool chosen; /* else all are wanted */
    bool json;
    const char *file;
};

/* Marks those in the list. NULL, or the name that is none, to be freed. */
static char *choose(struct arguments *a, const char *list)
{
    char *names = strdup(list), *rest = names, *name, *unknown = NULL;
    if (!names)
        abort();
    while (!unknown && (name = strsep(&rest, ",")) != NULL) {
        const struct limit *limit = limits_find(name);
        if (limit)
            a->wanted[limit - limits_table] = true;
        else
            unknown = strdup(name);
    }
    a->chosen = true;
    free(names);
    return unknown;
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    char *unknown;
    switch (key) {
    case 'n':
        if (!parse_number(arg, 1, SAMPLES_MAX, &a->samples))
            argp_error(state, "--samples: %s is not a number from 1 to %d", arg, SAMPLES_MAX);
        return 0;
    case 'o':
        unknown = choose(a, arg);
        if (unknown)
            argp_error(state, "--only: %s is no limit; `dbnbench limits` lists them", unknown);
        return 0;
    case 'j':
        a->json = true;
        return 0;
    case ARGP_KEY_ARG:
        if (a->file)
            argp_error(state, "one file at most");
        a->file = arg;
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* The units that people read: "107 ns", "6.21 GB/s". */
static void value_text(char *cell, enum limits_unit unit, double value)
{
    if (unit == LIMITS_BYTES_PER_S)
        snprintf(cell, CELL, "%.2f", value / 1e9);
    else
        snprintf(cell, CELL, "%.*f", value < 1000 ? 1 : 0, value);
}

static void show_row(const struct limit *limit, const struct limits_result *r)
{
    char value[CELL], low[CELL], high[CELL], interval[2 * CELL + 8];
    struct stats s = limits_stats(r);
    if (s.n == 0) {
        printf("%-13s %9s %-5s %-21s  %s: %s\n", limit->name, "n/a", "", "", limit->what,
               r->why[0] ? r->why : "no sample was taken");
        return;
    }
    value_text(value, limit->unit, s.median);
    value_text(low, limit->unit, s.low);
    value_text(high, limit->unit, s.high);
    snprintf(interval, sizeof interval, "[%s, %s]", low, high);
    printf("%-13s %9s %-5s %-21s  %s\n", limit->name, value, limit->unit == LIMITS_BYTES_PER_S ? "GB/s" : "ns",
           interval, limit->what);
}

static void show_table(const struct limits *l)
{
    struct stats s = {0};
    printf("%-13s %9s %-5s %-21s  %s\n", "LIMIT", "MEDIAN", "", "INTERVAL", "OF");
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        if (!l->results[i].wanted)
            continue;
        show_row(&limits_table[i], &l->results[i]);
        s = s.n ? s : limits_stats(&l->results[i]);
    }
    if (s.n)
        printf("\nAn interval holds the median with a probability of %.1f%% (samples: %zu).\n"
               "Cores: %u. Memory: %llu MiB of it, against %llu MiB of caches.\n",
               s.level * 100, s.n, l->in.cores, (unsigned long long)(l->in.memory >> 20),
               (unsigned long long)(l->in.caches >> 20));
}

static bool show_json(const struct limits *l, const char *file)
{
    json_t *o = limits_json(l);
    char name[4096];
    snprintf(name, sizeof name, "%s", file ? file : "");
    sample_clean_text(name);
    if (o)
        json_object_set_new(o, "file", file ? json_string(name) : json_null());
    bool ok = o && json_dumpf(o, stdout, JSON_REAL_PRECISION(9)) == 0;
    json_decref(o);
    putchar('\n');
    return ok;
}

static int measure_and_print(const struct arguments *a, struct limits *l)
{
    bool stopped = false;
    for (uint64_t i = 0; i < a->samples && !stopped; i++)
        stopped = !limits_round(l);
    bool ok = true;
    if (a->json)
        ok = show_json(l, a->file);
    else
        show_table(l);
    if (!ok)
        complain("out of memory");
    return stopped ? EXIT_INTERRUPTED : ok ? EXIT_FINE : EXIT_FAILED;
}

int cmd_limits(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"samples", 'n', "N", 0, "Samples of each (default 9)", 1},
        {"only", 'o', "LIST", 0, "Only these limits, separated by commas", 1},
        {"json", 'j', NULL, 0, "Print one JSON object, with every sample", 1},
        {0},
    };
    static const struct argp argp = {
        options,
        parse,
        "[FILE]",
        "Measure what this machine allows at most. Without a FILE, one is made for it, in $TMPDIR or "
        "datasets/data, and removed again.",
        NULL,
        NULL,
        NULL};
    struct arguments a = {.samples = SAMPLES};
    struct limits l;
    char why[4096 + 256];
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    const struct limits_options chosen = {a.file, DBN_ZSTD_WINDOW_LOG, 1, a.chosen ? a.wanted : NULL};
    child_watch_signals();
    if (limits_open(&l, &chosen, why, sizeof why) < 0) {
        complain("%s", why);
        return EXIT_FAILED;
    }
    int code = measure_and_print(&a, &l);
    if (limits_close(&l) < 0) {
        complain("%s: %s", a.file ? a.file : "limits", dbn_outcome_text(DBN_E_FILE_CHANGED));
        code = code == EXIT_FINE ? EXIT_FAILED : code;
    }
    return code;
}
