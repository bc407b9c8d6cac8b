/* dbnbench report: stored runs as one page, a summary, pictures, and the data of those; and a run for other tools. */
#include "../machine/child.h"
#include "../text/terminal.h"
#include "../view/document.h"
#include "../view/formats.h"
#include "../view/save.h"
#include "stored.h"
#include "exit.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

struct arguments {
    const char *output;
    bool text;
    const struct format *format; /* NULL: a page */
};

/* --- a page, or text --- */

static int by_time(const void *a, const void *b)
{
    int64_t began = run_unix_ms(a), other = run_unix_ms(b);
    return (began > other) - (began < other);
}

static int write_document(const struct document *d, void (*print)(const struct document *d, FILE *to),
                          const char *folder, const char *name, char file[FIGURE_FILE])
{
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    snprintf(file, FIGURE_FILE, "%s", name);
    print(d, to);
    fclose(to);
    int rc = save_in(folder, name, text, n);
    free(text);
    return rc;
}

static int write_all(struct document *d, const char *folder)
{
    const struct figures *f = &d->figures;
    char file[FIGURE_FILE] = "", *new;
    child_watch_signals(); /* so that nothing half done stays */
    int rc = save_folder_begin(folder, &new);
    if (rc == 0)
        rc = figures_draw(&d->figures, new, file);
    if (rc == 0)
        rc = write_document(d, document_markdown, new, "summary.md", file);
    if (rc == 0)
        rc = write_document(d, document_page, new, "index.html", file);
    if (rc == 0)
        file[0] = '\0';
    if (child_stopped())
        rc = -EINTR;
    rc = save_folder_end(folder, new, rc);
    if (rc == -EINTR)
        return EXIT_INTERRUPTED;
    if (rc) {
        complain("%s%s%s: %s", folder, *file ? "/" : "", file, strerror(-rc));
        return EXIT_FAILED;
    }
    printf("written: %s/index.html\n", folder);
    for (size_t i = 0; i < f->count; i++) {
        if (f->all[i].svg)
            continue;
        printf("no picture of %s: %s\n", f->all[i].name, f->all[i].why);
        save_remove(folder, f->all[i].name, ".svg"); /* of another time */
        save_remove(folder, f->all[i].name, ".png");
    }
    return EXIT_FINE;
}

static int show(struct results *results, size_t count, const struct arguments *a)
{
    struct shown_runs runs = {.run = calloc(count, sizeof *runs.run), .count = count};
    struct document document;
    int code = EXIT_FINE;
    qsort(results, count, sizeof *results, by_time);
    for (size_t i = 0; i < count; i++)
        shown_run_of(&results[i], &runs.run[i]);
    shown_runs_choose(&runs);
    document_of(&runs, &document);
    figures_of(&runs, &document.figures);
    if (a->text)
        document_text(&document, terminal_width(stdout), stdout);
    else
        code = write_all(&document, a->output);
    document_free(&document);
    for (size_t i = 0; i < count; i++)
        shown_run_free(&runs.run[i]);
    free(runs.run);
    return code;
}

/* --- for other tools --- */

static const char *format_name(size_t i)
{
    return formats[i].name;
}

static const void *find_format(const char *name)
{
    return format_find(name);
}

static const struct option_names known_formats = {"format", "dbnbench help report", format_name, find_format, NULL};

/* What a format without a place for it leaves out is said here. False: nothing is left. */
static bool has_figures(const struct stored_run *run)
{
    size_t with = 0;
    for (const struct report_row *row = run->report.rows; row < run->report.rows + run->report.count; row++) {
        char name[CASE_NAME];
        case_name(&row->sample->key, name);
        with += row->ns.n > 0;
        if (row->ns.n == 0)
            complain("%s: no figures: %s: %s", name, sample_outcomes[row->sample->outcome], row->sample->error);
        else if (row->sample->records == 0)
            complain("%s: no records, so nothing for each of them", name);
    }
    if (run_is_example(&run->results))
        complain("%s: " RUN_EXAMPLE, run->name);
    if (!run_is_complete(&run->results))
        complain("%s: the run was not finished", run->name);
    if (with == 0)
        complain("%s: no case has figures, so nothing is written", run->name);
    return with > 0;
}

static int write_as(const struct stored_run *run, const struct format *format, const char *path)
{
    char *text = NULL;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    int rc = 0;
    format->write(&run->results, &run->report, to);
    fclose(to);
    if (strcmp(path, "-") == 0)
        fwrite(text, 1, n, stdout); /* main() notices if that failed */
    else
        rc = save_file(path, text, n);
    free(text);
    if (rc)
        complain("%s: %s", path, strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

static int show_as(const char *name, const struct results *r, const struct arguments *a)
{
    struct stored_run run = {.name = name, .results = *r};
    int code = EXIT_FAILED;
    report_of(&run.results, &run.report);
    if (has_figures(&run))
        code = write_as(&run, a->format, a->output ? a->output : "-");
    report_free(&run.report);
    return code;
}

/* --- the command --- */

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    const struct arguments *a = arguments;
    const char *wrong = NULL;
    if (a->format && a->text)
        wrong = "only one of --text and --format";
    else if (a->format && line->count > 1)
        wrong = "--format takes one run";
    else if (!a->format && !a->output == !a->text)
        wrong = "one of -o FOLDER, --text and --format is needed";
    snprintf(why, OPTION_WHY, "%s", wrong ? wrong : "");
    return !wrong;
}

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    size_t count = line->count ? line->count : 1;
    struct results *results = calloc(count, sizeof *results);
    char *newest = line->count ? NULL : stored_newest(results);
    int code = line->count || newest ? EXIT_FINE : EXIT_FAILED;
    for (size_t i = 0; i < line->count && code == EXIT_FINE; i++)
        code = stored_read(line->operand[i], &results[i]);
    if (code == EXIT_FINE)
        code = a->format ? show_as(newest ? newest : line->operand[0], results, a) : show(results, count, a);
    for (size_t i = 0; i < count; i++)
        results_free(&results[i]);
    free(results);
    free(newest);
    return code;
}

#define FORMAT_HELP(id, name, about) " " name ", " about "."
#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"output", 'o', "PATH",
     "Write index.html, summary.md, and pictures with their data into this folder; or what --format says to this file. "
     "Nothing appears until all is written",
     set_text, TO(output)},
    {"text", 't', NULL, "Print the answers and tables, and write nothing", set_flag, TO(text)},
    {"format", 'f', "FORMAT", "Of one run. One of:" FORMATS(FORMAT_HELP), set_name, TO(format),
     .names = &known_formats},
    {0},
};

const struct command command_report = {
    .name = "report",
    .summary = "show stored runs as a page, as text, or in formats of other tools",
    .operands = "[RUN...]",
    .options = options,
    .about =
        "Show stored runs: FILE, the last run in it, or FILE#ID (default: the youngest in results/ that has results "
        "and is no example). The page is about the youngest of them that is of `dbnbench run`, or of another command "
        "if none is. A profile adds where the time goes, a run of `dbnbench scale` what threads gain, and one of "
        "`dbnbench phases` what its steps gained. Pictures need gnuplot; without it the page says so.",
    .examples = "report -o page\nreport --text results/*.jsonl\nreport -f csv -o cases.csv run.jsonl",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
