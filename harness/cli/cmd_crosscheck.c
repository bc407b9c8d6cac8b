/* dbnbench crosscheck: a run's times of decodes next to hyperfine's of whole processes, and whether both put
 * the backends into the same order. */
#include "exit.h"
#include "../analysis/report_hyperfine.h"
#include "cmd_stored.h"
#include "options.h"

#include <stdio.h>
#include <string.h>

struct arguments {
    bool store;
    char **files; /* the run's first */
    int count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    (void)arg;
    switch (key) {
    case 's':
        a->store = true;
        return 0;
    case ARGP_KEY_ARGS:
        a->files = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (a->count < 2)
            argp_error(state, "a run's file and one of hyperfine's are needed");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

/* --- what is shown --- */

static void print_time(const struct stats *s)
{
    if (s->n == 0)
        printf(" %10s %7s", "n/a", "");
    else
        printf(" %10.3f %6.1f%%", s->median / 1e6, 100 * report_spread(s));
}

static void print_rows(const struct second_opinions *o)
{
    printf("  %-16s %10s %7s %10s %7s %10s\n", "backend", "decode", "+/-", "process", "+/-", "difference");
    for (size_t i = 0; i < o->count; i++) {
        const struct second_opinion *p = &o->of[i];
        printf("  %-16s", p->backend);
        print_time(&p->decode);
        print_time(&p->process);
        if (p->decode.n > 0)
            printf(" %10.3f\n", (p->process.median - p->decode.median) / 1e6);
        else
            printf(" %10s\n", "n/a");
    }
}

static void print_verdict(const struct second_opinions *o)
{
    char text[1024];
    struct second_pairs pairs = second_opinions_compare(o);
    second_opinions_order(o, false, text, sizeof text);
    printf("by decode:   %s\n", text);
    second_opinions_order(o, true, text, sizeof text);
    printf("by process:  %s\n", text);
    printf("%zu pairs of backends: %zu in the same order, %zu in the opposite one, %zu too close to tell\n", pairs.all,
           pairs.alike, pairs.opposite, pairs.tied);
    if (pairs.all == 0)
        puts("Nothing can be compared: no two backends are in both.");
    else if (pairs.all == pairs.tied)
        puts("Whether both methods order the backends alike cannot be told.");
    else
        printf("Both methods %s the backends alike.\n", pairs.opposite == 0 ? "order" : "do not order");
}

/* --- what is read --- */

static int append(const char *path, const struct results *r, const json_t *hyperfine)
{
    const char *id = json_string_value(json_object_get(r->run, "run"));
    struct store *store = NULL;
    json_t *line = json_pack("{s:s, s:O}", "tool", "hyperfine", "results", json_object_get(hyperfine, "results"));
    int rc = line ? store_open(path, &store) : -ENOMEM;
    if (rc == 0)
        rc = store_append(store, "process", id, line);
    if (store) {
        int closed = store_close(store);
        rc = rc ? rc : closed;
    }
    json_decref(line);
    if (rc == 0)
        return EXIT_FINE;
    complain("%s: %s", path, strerror(-rc));
    return EXIT_FAILED;
}

static int check(const struct arguments *a, const char *path, const struct results *r, const struct report *s)
{
    char why[SAMPLE_ERROR];
    json_error_t error;
    struct second_opinions o;
    int code = EXIT_FAILED;
    json_t *hyperfine = json_load_file(path, JSON_REJECT_DUPLICATES, &error);
    if (!hyperfine) {
        complain("%s: line %d: %s", path, error.line, error.text);
    } else if (second_opinions_of(hyperfine, r, s, &o, why, sizeof why) < 0) {
        sample_clean_text(why);
        complain("%s: %s", path, why);
    } else {
        printf("%s, %s, %s; times of the whole file in ms\n", o.dataset, o.sink, o.cold ? "cold" : "warm");
        print_rows(&o);
        print_verdict(&o);
        second_opinions_free(&o);
        code = a->store ? append(a->files[0], r, hyperfine) : EXIT_FINE;
    }
    json_decref(hyperfine);
    return code;
}

int cmd_crosscheck(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"store", 's', NULL, 0, "Add what hyperfine measured to RUN, as a line of its own", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "RUN HYPERFINE...",
        .doc = "Compare times of the last run in the file RUN with those of hyperfine, in files of its JSON."
               "\vA method tells backends apart if their intervals do not overlap. `make hyperfine` takes both.",
    };
    struct arguments a = {0};
    struct stored_run run;
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int code = stored_open(a.files[0], &run);
    for (int i = 1; i < a.count && code == EXIT_FINE; i++)
        code = check(&a, a.files[i], &run.results, &run.report);
    stored_close(&run);
    return code;
}
