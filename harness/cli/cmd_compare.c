/* dbnbench compare: two stored runs, case by case. */
#include "cmd_compare.h"
#include "../analysis/hyperfine.h"
#include "exit.h"
#include "options.h"

#include <errno.h>
#include <string.h>

struct arguments {
    bool json, markdown;
    char **runs;
    int count;
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct arguments *a = state->input;
    (void)arg;
    switch (key) {
    case 'j':
        a->json = true;
        return 0;
    case 'm':
        a->markdown = true;
        return 0;
    case ARGP_KEY_ARGS:
        a->runs = state->argv + state->next;
        a->count = state->argc - state->next;
        return 0;
    case ARGP_KEY_END:
        if (a->count != 2)
            argp_error(state, "two runs are needed");
        if (a->json && a->markdown)
            argp_error(state, "--json or --markdown, not both");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static int print(const struct compared *c, const struct arguments *a)
{
    if (!a->json && !a->markdown)
        return compare_print(c, stdout);
    if (a->markdown) {
        compare_print_markdown(c, stdout);
        return 0;
    }
    json_t *json = compare_json(c);
    int rc = !json ? -ENOMEM : json_dumpf(json, stdout, JSON_INDENT(1)) < 0 ? -EIO : 0;
    putchar('\n');
    json_decref(json);
    return rc;
}

static int compare(struct compared *c, const struct arguments *a)
{
    char why[SAMPLE_ERROR + SAMPLE_NAME];
    if (!compare_datasets(&c->a.report, &c->b.report, why, sizeof why)) {
        complain("%s and %s cannot be compared: %s", c->a.name, c->b.name, why);
        return EXIT_USAGE;
    }
    c->differences = compare_surroundings(&c->a.results, &c->b.results);
    int rc = c->differences ? compare_reports(&c->a.report, &c->b.report, &c->comparison) : -ENOMEM;
    if (rc == 0)
        rc = print(c, a);
    if (rc)
        complain("%s", strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

/* A stored run, or what hyperfine measured of the cases of the first. */
static int open_second(const char *name, struct compared *c)
{
    char why[SAMPLE_ERROR];
    json_t *o = json_load_file(name, JSON_REJECT_DUPLICATES, NULL);
    if (!o || !hyperfine_is(o)) {
        json_decref(o);
        return stored_open(name, &c->b);
    }
    c->b.name = name;
    int rc = hyperfine_read(o, &c->a.report, &c->b.results, why, sizeof why);
    json_decref(o);
    sample_clean_text(why);
    if (rc == 0 && report_of(&c->b.results, &c->b.report) == 0)
        return EXIT_FINE;
    complain("%s: %s", name, rc ? why : strerror(ENOMEM));
    return EXIT_FAILED;
}

int cmd_compare(int argc, char **argv)
{
    static const struct argp_option options[] = {
        {"json", 'j', NULL, 0, "Print one JSON object", 0},
        {"markdown", 'm', NULL, 0, "Print Markdown", 0},
        {0},
    };
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "A B",
        .doc =
            "Compare two stored runs, each FILE, the last run in it, or FILE#ID: how fast is B in parts of A?"
            "\vB may be a file of hyperfine's JSON instead, whose commands are named BACKEND/SINK/warm/DATASET, or cold: "
            "`make hyperfine` makes one. Runs of datasets that differ are refused (exit status 2). Runs at different times are weaker evidence "
            "than cases that took turns in one run.",
    };
    struct arguments a = {0};
    struct compared c = {0};
    argp_parse(&argp, argc, argv, 0, NULL, &a);
    int code = stored_open(a.runs[0], &c.a);
    if (code == EXIT_FINE)
        code = open_second(a.runs[1], &c);
    if (code == EXIT_FINE)
        code = compare(&c, &a);
    compare_free(&c.comparison);
    json_decref(c.differences);
    stored_close(&c.a);
    stored_close(&c.b);
    return code;
}
