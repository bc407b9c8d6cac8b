/* dbnbench gate: is this build as good as that one? */
#include "../view/save.h"
#include "../../datasets/datasets.h"
#include "../foreign/foreign.h"
#include "../gate/gate.h"
#include "../machine/clock.h"
#include "../measure/progress.h"
#include "../text/safe.h"
#include "exit.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* --- the command line --- */

enum { FILES = 64, NAMES = 1024 };

struct arguments {
    const char *datasets, *folder, *backends; /* backends: NULL for all that either program has */
    const struct sink **sinks;
    struct files {
        char *path[FILES];
        size_t count;
    } files;
    unsigned threads;
    bool json;
    const char *junit, *markdown;
    struct gate gate;
};

static bool set_file(const struct option_row *o, const char *value, void *to, char *why)
{
    struct files *f = to;
    (void)o;
    snprintf(why, OPTION_WHY, "more than %d files", FILES);
    if (f->count == FILES)
        return false;
    f->path[f->count++] = (char *)value;
    return true;
}

static const char *const allowed[] = {"calls", "bytes", "allocations", "instructions", NULL};

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {.help = "What both programs decode:"},
    {"dataset", 'd', "LIST", "Datasets, or sets of them (default trades-quick,mixed-quick, unless there are FILEs)",
     set_text, TO(datasets)},
    {"dir", 0, "FOLDER", "Where datasets are", set_text, TO(folder), .preset = DATASETS_DIR},
    {"file", 'f', "FILE", "Another file; may be given several times", set_file, TO(files)},
    {"backend", 'b', "LIST",
     "Only these, separated by commas (default all that either program has, through the page cache)", set_text,
     TO(backends)},
    {"sink", 's', "LIST", "Sinks that are timed", set_list, TO(sinks), .names = &known_sinks, .preset = "sum"},
    {"threads", 't', "N", "Threads", set_number, TO(threads), .min = 1, .max = 256, .preset = "1"},
    {.help = "What is compared:"},
    {"exact", 0, NULL, "Only what can be counted, no times", set_flag, TO(gate.exact_only)},
    {"strict", 0, NULL, "Fail with status 3 where it is inconclusive", set_flag, TO(gate.strict)},
    {"allow", 0, "LIST", "What may differ: calls, bytes, allocations, instructions", set_names, TO(gate.allow),
     .words = allowed},
    {"no-instructions", 0, NULL, "Do not count instructions, which takes valgrind", set_flag,
     TO(gate.skip_instructions)},
    {"time", 0, "SECONDS", "Take no further blocks after that, beyond 20 a case; 0: no limit", set_number,
     TO(gate.limit_s), .max = 1000000, .preset = "60"},
    {"seed", 0, "S", "Of the random order", set_seed, TO(gate.random), .max = UINT64_MAX, .preset = "random"},
    {.help = "What is written:"},
    {"json", 'j', NULL, "Print one JSON object, with every block", set_flag, TO(json)},
    {"junit", 0, "FILE", "Write the verdicts there as JUnit's XML", set_text, TO(junit)},
    {"markdown", 0, "FILE", "Write the table there as Markdown", set_text, TO(markdown)},
    {0},
};

#define DECODER "decoder:"

static bool is_decoder(const char *word)
{
    return strncmp(word, DECODER, strlen(DECODER)) == 0;
}

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    const struct arguments *a = arguments;
    snprintf(why, OPTION_WHY, "--junit and --markdown name the same file");
    if (a->junit && a->markdown && strcmp(a->junit, a->markdown) == 0)
        return false;
    snprintf(why, OPTION_WHY, "two programs are needed, BASE and HEAD, or four: also both with another layout");
    if (line->count != 2 && line->count != 4)
        return false;
    size_t decoders = 0;
    for (size_t i = 0; i < line->count; i++)
        decoders += is_decoder(line->operand[i]);
    snprintf(why, OPTION_WHY, "decoders of others are compared with each other: decoder:BASE and decoder:HEAD");
    return decoders == 0 || (decoders == 2 && line->count == 2);
}

static int __attribute__((format(printf, 2, 3))) fail(struct gate *g, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(g->why, sizeof g->why, format, args);
    va_end(args);
    complain("%s", g->why);
    return EXIT_FAILED;
}

/* --- the cases --- */

/* What is not known of a backend is taken to wait, and to have threads of its own. */
static void add_case(struct arguments *a, struct plan_file *file, const char *backend, const struct backend *known,
                     const struct sink *sink, char in[2][NAMES])
{
    struct gate *g = &a->gate;
    const struct foreign *plugin = known ? known->foreign : NULL;
    g->cases = reallocarray(g->cases, g->count + 1, sizeof *g->cases);
    struct gate_case *c = &g->cases[g->count];
    *c = (struct gate_case){
        .key = {.threads = a->threads, .files = 1, .split = 1},
        .file = file,
        .word = plugin ? plugin->path : NULL,
        .in = {plugin || gate_names(in[0], backend), plugin || gate_names(in[1], backend)},
        .by_wall = a->threads > 1 || (!g->arm[0].modes && (!known || known->own_threads > 0 || known->attach)),
        .per_record = known && known->step != DBN_STEP_BLOCK,
        .decodes = 1,
    };
    snprintf(c->key.dataset, sizeof c->key.dataset, "%s", file->name);
    snprintf(c->key.backend, sizeof c->key.backend, "%s", plugin ? known->name : backend);
    snprintf(c->key.sink, sizeof c->key.sink, "%s", sink->name);
    for (size_t i = 0; i < g->count; i++)
        if (case_equal(&g->cases[i].key, &c->key))
            return; /* named twice */
    g->count++;
}

/* Ours, or a plug-in; NULL: not known, but a program may have it. False: what is wrong was printed. */
static bool find_backend(struct gate *g, const char *word, const struct backend **known)
{
    char why[OPTION_WHY] = "";
    *known = backend_find(word);
    const struct foreign *const *more = *known ? NULL : foreign_find(word, why, sizeof why);
    const struct backend *const first[] = {more ? &more[0]->backend : NULL, NULL};
    if (more && core_decodes(first, why)) {
        *known = first[0];
        why[0] = '\0';
    }
    if (*why)
        fail(g, "-b %s: %s", word, why);
    return !*why;
}

/* Every file with every backend and sink. False: what is wrong was printed. */
static bool add_cases(struct arguments *a, char in[2][NAMES])
{
    const struct backend *known;
    char wanted[2 * NAMES];
    bool all = !a->backends || strcmp(a->backends, "all") == 0;
    for (size_t file = 0; file < a->gate.plan.file_count; file++) {
        char *rest = wanted, *backend;
        if (all)
            snprintf(wanted, sizeof wanted, "%s,%s", in[0], in[1]);
        else
            snprintf(wanted, sizeof wanted, "%s", a->backends);
        while ((backend = strsep(&rest, ",")) != NULL) {
            if (!find_backend(&a->gate, backend, &known))
                return false;
            if (all && known && known->direct) /* cold files are not what is compared */
                continue;
            for (const struct sink **sink = a->sinks; *sink && *backend; sink++)
                add_case(a, &a->gate.plan.files[file], backend, known, *sink, in);
        }
    }
    return true;
}

/* --- what it is about --- */

static int set_decoders(struct gate *g, const struct command_line *line)
{
    char why[GATE_WHY];
    for (int i = 0; i < 2; i++) {
        struct gate_arm *arm = &g->arm[i];
        *arm = (struct gate_arm){.name = i == 0 ? "base" : "head", .program = line->operand[i]};
        arm->modes = manifest_find(arm->program + strlen(DECODER), why, sizeof why);
        if (!arm->modes)
            return fail(g, "%s", why);
    }
    return EXIT_FINE;
}

static int set_programs(struct gate *g, const struct command_line *line)
{
    if (is_decoder(line->operand[0]))
        return set_decoders(g, line);
    for (size_t i = 0; i < line->count; i++)
        if (!realpath(line->operand[i], g->path[i]) || access(g->path[i], X_OK) < 0)
            return fail(g, "%s: %s", line->operand[i], strerror(errno));
    for (int i = 0; i < 2; i++)
        g->arm[i] =
            (struct gate_arm){i == 0 ? "base" : "head", g->path[i], line->count == 4 ? g->path[i + 2] : NULL, NULL};
    return EXIT_FINE;
}

static int set_up(struct arguments *a, const struct command_line *line)
{
    struct gate *g = &a->gate;
    char names[2][NAMES], why[GATE_WHY];
    int code = set_programs(g, line);
    if (code != EXIT_FINE)
        return code;
    snprintf(g->why, sizeof g->why, "a file cannot be read; what is wrong was printed");
    if (!a->datasets && a->files.count == 0)
        a->datasets = "trades-quick,mixed-quick";
    int rc = plan_add_datasets(&g->plan, a->datasets, a->folder, complain);
    if (rc == 0)
        rc = plan_add_files(&g->plan, a->files.path, a->files.count, complain);
    if (rc)
        return rc == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
    g->why[0] = '\0';
    for (int i = 0; i < 2; i++) {
        if (!gate_find_backends(g, &g->arm[i], names[i], NAMES, why))
            return EXIT_INTERRUPTED;
        if (*why)
            return fail(g, "%s, %s: %s", g->arm[i].name, g->arm[i].program, why);
    }
    return add_cases(a, names) ? EXIT_FINE : EXIT_USAGE;
}

/* --- carrying it out --- */

struct shown {
    struct progress progress;
    const struct gate *gate;
    uint64_t timed_ns; /* when the timing began; 0: it did not yet */
};

static void show_progress(void *arg, const char *what, const struct gate_case *c, size_t n)
{
    struct shown *s = arg;
    const struct gate *g = s->gate;
    char name[CASE_NAME], text[CASE_NAME + 128], left[48] = "";
    uint64_t now = clock_now_ns(), limit = g->limit_s * 1000000000u;
    if (n == 0)
        s->timed_ns = now;
    case_name(&c->key, name);
    if (n > 0 && limit > now - s->timed_ns)
        snprintf(left, sizeof left, ", %.0f s left at most", (double)(limit - (now - s->timed_ns)) / 1e9);
    snprintf(text, sizeof text, "%s, case %zu of %zu%s: %s, block %zu", what, (size_t)(c - g->cases) + 1, g->count,
             left, name, n + 1);
    progress_show(&s->progress, false, text);
}

static bool compare_all(struct gate *g)
{
    for (size_t i = 0; i < g->count; i++) {
        struct gate_case *c = &g->cases[i];
        if (!c->in[0] || !c->in[1])
            continue;
        g->progress(g->progress_arg, "counts", c, 0);
        if (!gate_fit(g, c) || (c->exact == GATE_NOTHING && !gate_compare_counts(g, c)))
            return false;
    }
    return g->exact_only || gate_compare_times(g);
}

static int exit_code(const struct gate *g)
{
    static const int codes[GATE_VERDICTS] = {
        [GATE_NOTHING] = EXIT_FAILED,      [GATE_OK] = EXIT_FINE,
        [GATE_IMPROVED] = EXIT_FINE,       [GATE_INCONCLUSIVE] = EXIT_INCONCLUSIVE,
        [GATE_REGRESSED] = EXIT_REGRESSED, [GATE_COULD_NOT_RUN] = EXIT_FAILED,
        [GATE_WRONG] = EXIT_MISMATCH,
    };
    if (g->interrupted)
        return EXIT_INTERRUPTED;
    return g->verdict == GATE_INCONCLUSIVE && !g->strict ? EXIT_FINE : codes[g->verdict];
}

static void judge_all(struct gate *g)
{
    g->verdict = g->interrupted ? GATE_COULD_NOT_RUN : GATE_NOTHING;
    for (size_t i = 0; i < g->count; i++) {
        g->cases[i].verdict = gate_judge_case(&g->cases[i], g->exact_only);
        g->verdict = gate_worse(g->verdict, g->cases[i].verdict);
    }
    g->code = exit_code(g);
}

/* --- where the verdicts go --- */

static void print_markdown(const struct gate *g, FILE *to)
{
    gate_print(g, true, to);
}

/* begin: a pipe or a device gets the end only. */
static int write_report(const char *path, void (*print)(const struct gate *g, FILE *to), const struct gate *g,
                        bool begin)
{
    char *text = NULL;
    size_t n;
    struct stat st;
    if (!path || (begin && stat(path, &st) == 0 && !S_ISREG(st.st_mode)))
        return EXIT_FINE;
    FILE *to = open_memstream(&text, &n);
    print(g, to);
    fclose(to);
    int rc = save_file(path, text, n);
    free(text);
    if (rc)
        complain("%s: %s", path, strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

/* Both of them, whatever becomes of one. */
static int write_reports(const struct arguments *a, bool begin)
{
    int code = write_report(a->junit, gate_print_junit, &a->gate, begin);
    return write_report(a->markdown, print_markdown, &a->gate, begin) | code;
}

/* A verdict is more severe than a file that is missing. */
static int show(const struct arguments *a)
{
    const struct gate *g = &a->gate;
    int code = write_reports(a, false);
    if (a->json)
        put_json(gate_json(g), JSON_INDENT(1), stdout);
    else
        gate_print(g, false, stdout);
    return g->code == EXIT_FINE ? code : g->code;
}

/* Whatever ends a gate, no file is left that says how an earlier one went. */
static int begin_reports(struct arguments *a, const char *why)
{
    a->gate.verdict = GATE_COULD_NOT_RUN;
    snprintf(a->gate.why, sizeof a->gate.why, "%s", why);
    return write_reports(a, true);
}

static void refused(void *arguments, const char *why)
{
    begin_reports(arguments, why);
}

static int run(void *arguments, const struct command_line *line)
{
    struct arguments *a = arguments;
    struct gate *g = &a->gate;
    time_t now = time(NULL);
    struct shown shown = {.gate = g};
    struct tm utc;
    strftime(g->time, sizeof g->time, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    g->plan = (struct plan){.input = INPUT_OPTIONS_DEFAULT};
    progress_begin(&shown.progress, stderr);
    g->progress = show_progress;
    g->progress_arg = &shown;
    child_watch_signals();
    if (begin_reports(a, "it did not finish") != EXIT_FINE)
        return EXIT_FAILED;
    uint64_t begin = clock_now_ns();
    g->code = set_up(a, line);
    if (g->code == EXIT_FINE) {
        g->interrupted = !compare_all(g);
        progress_end(&shown.progress);
        judge_all(g);
    }
    g->interrupted |= g->code == EXIT_INTERRUPTED;
    g->seconds = (double)(clock_now_ns() - begin) / 1e9;
    int code = show(a);
    plan_free(&g->plan);
    free(g->cases);
    return code;
}

const struct command command_gate = {
    .name = "gate",
    .summary = "compare two builds: nothing wrong, nothing slower",
    .operands = "BASE HEAD [BASE2 HEAD2]",
    .least = 2,
    .most = 4,
    .options = options,
    .about = "Compare the program HEAD with the program BASE: what can be counted exactly must be equal, and time must "
             "not be worse. BASE2 and HEAD2 are the same programs with their code laid out in another way, by which a "
             "regression is confirmed. decoder:BASE and decoder:HEAD are two decoder programs of others, compared mode "
             "by mode: what they find, and their times. Exit status: 0 ok, 1 regressed, 2 usage, 3 inconclusive (with "
             "--strict; else 0), 4 wrong result, 5 could not run. `make gate BASE=REVISION` builds all four programs.",
    .examples = "gate --exact old/dbnbench build/dbnbench\n"
                "gate -b mmap,buffered --markdown gate.md old/dbnbench build/dbnbench\n"
                "gate -d trades-quick decoder:./old decoder:./new",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
    .refused = refused,
};
