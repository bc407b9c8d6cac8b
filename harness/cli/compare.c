/* dbnbench compare: stored runs. Two: how fast is B as a ratio to A. More: the trend of each case. */
#include "../text/safe.h"
#include "../text/terminal.h"
#include "../view/compared.h"
#include "stored.h"
#include "exit.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#define SMALLEST 0.05 /* changes of less than that are none */

struct arguments {
    bool json, markdown, trend;
    const char *expect;
    uint64_t max_slower; /* percent */
};

static bool wants_trend(const struct arguments *a, const struct command_line *line)
{
    return a->trend || line->count != 2;
}

/* Each as it was asked for. */
static void print_table(struct table *t, const struct arguments *a)
{
    if (a->json)
        put_json(table_json(t), JSON_INDENT(1), stdout);
    else if (a->markdown)
        table_print_markdown(t, stdout);
    else
        table_print_text(t, terminal_width(stdout), stdout);
    table_free(t);
}

/* --- two runs --- */

static void print_pair(const struct pair *pair, const struct arguments *a)
{
    if (a->json) {
        put_json(pair_json(pair), JSON_INDENT(1), stdout);
        return;
    }
    if (a->markdown)
        puts("### dbnbench: two runs\n");
    print_table(pair_table(pair), a);
}

/* A stored run, or what hyperfine measured of the cases of the first. That in a file: a pipe is read only once. */
static int open_second(const char *name, const struct stored_run *first, struct stored_run *run)
{
    char why[SAMPLE_ERROR];
    struct stat st;
    bool regular = stat(name, &st) == 0 && S_ISREG(st.st_mode);
    json_t *o = regular ? json_load_file(name, JSON_REJECT_DUPLICATES, NULL) : NULL;
    if (!o || !hyperfine_is(o)) {
        json_decref(o);
        return stored_open(name, run);
    }
    run->name = name;
    int rc = hyperfine_read(o, &first->report, &run->results, why, sizeof why);
    json_decref(o);
    sample_clean_text(why);
    if (rc)
        complain("%s: %s", name, why);
    else
        report_of(&run->results, &run->report);
    return rc ? EXIT_FAILED : EXIT_FINE;
}

/* An exit code: is B slower by more than a share `most` where the intervals leave no doubt, or did it fail? */
static int judge_case(const struct compare_case *of, double most)
{
    char name[CASE_NAME];
    if (!of->a)
        return EXIT_FINE;
    case_name(&of->a->sample->key, name);
    if (!of->b || of->verdict == COMPARE_FAILED) {
        complain("%s: %s", name, of->b ? "it failed" : "B does not have it");
        return EXIT_FAILED;
    }
    if (of->verdict == COMPARE_TOO_FEW) {
        complain("%s: %zu samples are too few to tell: %d of each run are needed", name, of->ratio.n, COMPARE_SAMPLES);
        return EXIT_INCONCLUSIVE;
    }
    if (of->ratio.high * (1 + most) < 1) {
        complain("%s: slower by more than %.0f %%", name, 100 * most);
        return EXIT_REGRESSED;
    }
    return EXIT_FINE;
}

static int judge(const struct comparison *c, double most)
{
    bool found[EXIT_FAILED + 1] = {false};
    for (const struct compare_case *of = c->cases; of < c->cases + c->count; of++)
        found[judge_case(of, most)] = true;
    return found[EXIT_FAILED]         ? EXIT_FAILED
           : found[EXIT_REGRESSED]    ? EXIT_REGRESSED
           : found[EXIT_INCONCLUSIVE] ? EXIT_INCONCLUSIVE
                                      : EXIT_FINE;
}

static int show_pair(const struct arguments *how, const struct command_line *line)
{
    struct stored_run a, b = {0};
    struct comparison comparison;
    char why[SAMPLE_ERROR + SAMPLE_NAME];
    int code = stored_open(line->operand[0], &a);
    if (code == EXIT_FINE)
        code = open_second(line->operand[1], &a, &b);
    if (code == EXIT_FINE && !compare_datasets(&a.report, &b.report, why, sizeof why)) {
        complain("%s and %s cannot be compared: %s", a.name, b.name, why);
        code = EXIT_USAGE;
    }
    if (code == EXIT_FINE) {
        compare_reports(&a.report, &b.report, &comparison);
        size_t common = 0;
        for (size_t i = 0; i < COMPARE_VERDICTS; i++)
            common += comparison.with[i];
        if (common > 0) {
            print_pair(&(struct pair){&a, &b, &comparison}, how);
        } else {
            complain("%s and %s have no case in common; `dbnbench report --text RUN` shows the cases of each", a.name,
                     b.name);
            code = EXIT_FAILED;
        }
        if (code == EXIT_FINE && is_given(line, "max-slower"))
            code = judge(&comparison, (double)how->max_slower / 100);
        compare_free(&comparison);
    }
    stored_close(&a);
    stored_close(&b);
    return code;
}

/* --- the trend --- */

/* Its exit code says whether the runs could be read, and never that something became slower: `gate` is for that. */
static int show_trend(const struct arguments *a, const struct command_line *line)
{
    struct history history = {0};
    int code = EXIT_FINE;
    for (char **path = line->operand; path < line->operand + line->count; path++)
        if (history_read(&history, *path, complain) < 0)
            code = EXIT_FAILED;
    history_finish(&history, SMALLEST);
    if (history.count == 0) {
        complain("no run has figures");
        code = EXIT_FAILED;
    } else if (!a->json)
        history_print(&history, SMALLEST, stdout);
    else
        print_table(history_points(&history), a);
    history_free(&history);
    return code;
}

/* --- promises --- */

static int show_expected(const struct arguments *a, const struct command_line *line)
{
    char why[SAMPLE_ERROR];
    struct expectations e;
    struct stored_run *runs = calloc(line->count, sizeof *runs);
    int rc = expect_read(a->expect, &e, why, sizeof why), code = EXIT_FINE;
    if (rc) {
        complain("%s: %s", a->expect, why);
        code = rc == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
    }
    for (size_t i = 0; i < line->count && code == EXIT_FINE; i++)
        code = stored_open(line->operand[i], &runs[i]);
    if (code == EXIT_FINE && a->markdown)
        expect_print_markdown(&e, runs, line->count, stdout);
    else if (code == EXIT_FINE)
        print_table(expect_table(&e, runs, line->count), a);
    for (size_t i = 0; i < line->count; i++)
        stored_close(&runs[i]);
    expect_free(&e);
    free(runs);
    return code;
}

/* --- the command --- */

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    const struct arguments *a = arguments;
    const char *wrong = NULL;
    if (a->json && a->markdown)
        wrong = "only one of --json and --markdown";
    else if (a->expect && a->trend)
        wrong = "only one of --expect and --trend";
    else if (!a->expect && a->markdown && wants_trend(a, line))
        wrong = "--markdown is for two runs";
    else if (is_given(line, "max-slower") && (a->expect || wants_trend(a, line)))
        wrong = "--max-slower is for two runs";
    snprintf(why, OPTION_WHY, "%s", wrong ? wrong : "");
    return !wrong;
}

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    if (a->expect)
        return show_expected(a, line);
    return wants_trend(a, line) ? show_trend(a, line) : show_pair(a, line);
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"json", 'j', NULL, "Print one JSON object", set_flag, TO(json)},
    {"markdown", 'm', NULL, "Of two runs, or with --expect: print Markdown", set_flag, TO(markdown)},
    {"max-slower", 0, "PERCENT",
     "Of two runs: exit with 1 if a case of B is slower by more than that. 3: it has too few samples to tell. 5: it "
     "failed or is missing",
     set_number, TO(max_slower), .max = 1000},
    {"expect", 0, "FILE", "Each promise in FILE beside what the runs found", set_text, TO(expect)},
    {"trend", 't', NULL, "The trend over all runs in the files, even of two", set_flag, TO(trend)},
    {0},
};

const struct command command_compare = {
    .name = "compare",
    .summary = "compare stored runs: two of them, or the trend of many",
    .operands = "RUN...",
    .least = 1,
    .options = options,
    .about =
        "Compare stored runs. Two: how fast is B as a ratio to A; each is FILE, for the last run in it, or FILE#ID. "
        "B may be a file of hyperfine's JSON, whose commands are named as cases are: DATASET/BACKEND/SINK/threads:1, "
        "or with /cold behind. Any other number of files: how the times of each case went over all runs in them, and "
        "where they changed. With --expect: what somebody promised, and whether it holds in runs of any kinds; "
        "docs/claims/dbn-jl.json is such a file.",
    .examples = "compare before.jsonl after.jsonl\ncompare --trend results/*.jsonl\n"
                "compare --expect docs/claims/dbn-jl.json results/*.jsonl",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
