/* dbnbench gate: is this build as good as that one? */
#include "cmd_gate.h"

#include "../measure/clock.h"
#include "exit.h"
#include "../machine/child.h"
#include "../text/safe.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { NAMES = 1024, PADDING_MAX = GATE_PADDING };

/* --- the cases --- */

static bool has(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = strstr(list, word); at; at = strstr(at + 1, word))
        if ((at == list || at[-1] == ',') && (at[n] == ',' || at[n] == '\0'))
            return true;
    return false;
}

static int add_case(struct gate *g, size_t file, const char *backend, const char *sink, unsigned threads,
                    const char *in_base, const char *in_head)
{
    struct gate_case *grown = realloc(g->cases, (g->count + 1) * sizeof *grown);
    if (!grown)
        return -ENOMEM;
    g->cases = grown;
    struct gate_case *c = &g->cases[g->count++];
    const struct backend *known = backend_find(backend);
    *c = (struct gate_case){.file = &g->plan.files[file], .threads = threads, .decodes = 1};
    snprintf(c->backend, sizeof c->backend, "%s", backend);
    snprintf(c->sink, sizeof c->sink, "%s", sink);
    c->in_base = has(in_base, backend);
    c->in_head = has(in_head, backend);
    c->by_wall = g->cold || threads > 1 || !known || known->own_threads > 0 || known->attach;
    c->per_record = known && known->step != DBN_STEP_BLOCK;
    return 0;
}

/* Every file with every backend and sink; the list ends where it says so. */
static int add_cases(struct gate *g, const struct gate_arguments *a, const char *in_base, const char *in_head)
{
    char both[2 * NAMES], word[32], sink[32];
    snprintf(both, sizeof both, "%s,%s", in_base, in_head);
    const char *list = a->backends && strcmp(a->backends, "all") != 0 ? a->backends : both;
    for (size_t file = 0; file < g->plan.file_count; file++)
        for (const char *b = list; *b; b += strcspn(b, ","), b += *b == ',') {
            size_t n = strcspn(b, ",");
            snprintf(word, sizeof word, "%.*s", (int)n, b);
            bool again = false;
            for (size_t i = 0; i < g->count; i++)
                again |= g->cases[i].file == &g->plan.files[file] && strcmp(g->cases[i].backend, word) == 0;
            for (const char *s = a->sinks; *s && !again && n > 0; s += strcspn(s, ","), s += *s == ',') {
                snprintf(sink, sizeof sink, "%.*s", (int)strcspn(s, ","), s);
                if (add_case(g, file, word, sink, a->threads, in_base, in_head) < 0)
                    return -ENOMEM;
            }
        }
    return 0;
}

/* --- what it is about --- */

static int set_programs(struct gate *g, const struct gate_arguments *a)
{
    for (size_t i = 0; i < a->programs; i++)
        if (!realpath(a->program[i], g->path[i]) || access(g->path[i], X_OK) < 0) {
            complain("%s: %s", a->program[i], strerror(errno));
            return EXIT_FAILED;
        }
    g->base = (struct gate_arm){.name = "base", .program = g->path[0], .shifted = a->programs == 4 ? g->path[2] : NULL};
    g->head = (struct gate_arm){.name = "head", .program = g->path[1], .shifted = a->programs == 4 ? g->path[3] : NULL};
    return EXIT_FINE;
}

static int set_injected(struct gate *g, const char *inject)
{
    uint64_t n = 0;
    if (!inject)
        return EXIT_FINE;
    if (strncmp(inject, "layout=", 7) != 0) {
        g->head.inject = inject;
        return EXIT_FINE;
    }
    if (!parse_number(inject + 7, 1, PADDING_MAX, &n)) {
        complain("--inject: %s: 1 to %d bytes", inject, PADDING_MAX);
        return EXIT_USAGE;
    }
    g->head.padding = (size_t)n;
    return EXIT_FINE;
}

static int find_backends(struct gate *g, const struct gate_arm *arm, char names[NAMES])
{
    char why[GATE_WHY];
    if (!gate_find_backends(g, arm, names, NAMES, why))
        return EXIT_INTERRUPTED;
    if (!*why)
        return EXIT_FINE;
    complain("%s, %s: %s", arm->name, arm->program, why);
    return EXIT_FAILED;
}

static int set_up(struct gate *g, const struct gate_arguments *a)
{
    char in_base[NAMES], in_head[NAMES];
    int code = set_programs(g, a);
    if (code == EXIT_FINE)
        code = set_injected(g, a->inject);
    int rc = code == EXIT_FINE ? plan_add_datasets(&g->plan, a->datasets, a->folder, complain) : 0;
    if (rc == 0 && code == EXIT_FINE)
        rc = plan_add_files(&g->plan, a->files, (size_t)a->file_count, complain);
    if (rc)
        code = rc == -EINVAL ? EXIT_USAGE : EXIT_FAILED;
    if (code == EXIT_FINE)
        code = find_backends(g, &g->base, in_base);
    if (code == EXIT_FINE)
        code = find_backends(g, &g->head, in_head);
    if (code == EXIT_FINE && add_cases(g, a, in_base, in_head) < 0) {
        complain("out of memory");
        code = EXIT_FAILED;
    }
    return code;
}

/* --- carrying it out --- */

static bool compare_all(struct gate *g)
{
    for (size_t i = 0; i < g->count; i++) {
        struct gate_case *c = &g->cases[i];
        if (!c->in_base || !c->in_head)
            continue;
        g->progress(g->progress_arg, "counts", c, 0);
        if (!gate_fit(g, c) || (c->exact == GATE_NOTHING && !gate_compare_counts(g, c)))
            return false;
    }
    return g->exact_only || gate_compare_times(g);
}

static void judge_all(struct gate *g, struct gate_summary *s)
{
    s->verdict = GATE_NOTHING;
    for (size_t i = 0; i < g->count; i++) {
        struct gate_case *c = &g->cases[i];
        c->verdict = gate_judge_case(c, g->exact_only);
        s->verdict = gate_graver(s->verdict, c->verdict);
    }
    s->code = gate_exit_code(s->verdict, s->strict, s->interrupted);
}

static void show_progress(void *arg, const char *what, const struct gate_case *c, size_t n)
{
    time_t *last = arg, now = time(NULL);
    if (now - *last < 10 && now >= *last)
        return;
    *last = now;
    fprintf(stderr, "%s: ", what);
    print_plain(stderr, c->file->name, strlen(c->file->name));
    fprintf(stderr, "/%s", c->backend);
    fprintf(stderr, n ? ", block %zu\n" : "\n", n + 1);
}

static double seconds(void)
{
    return (double)clock_now_ns() / 1e9;
}

int gate_carry_out(const struct gate_arguments *a, struct gate *g, struct gate_summary *s)
{
    static char when[32];
    time_t now = time(NULL), shown = now;
    struct tm utc;
    double begin = seconds();
    strftime(when, sizeof when, "%Y-%m-%dT%H:%M:%SZ", gmtime_r(&now, &utc));
    *g = (struct gate){.plan.input = INPUT_OPTIONS_DEFAULT, .progress = show_progress, .progress_arg = &shown};
    g->exact_only = a->exact;
    g->cold = a->cold;
    g->instructions = !a->no_instructions;
    g->allow = a->allow;
    g->coin = a->seed;
    g->limit_ns = a->time * 1000000000u;
    *s = (struct gate_summary){.strict = a->strict, .time = when};
    int code = set_up(g, a);
    if (code != EXIT_FINE)
        return code;
    s->interrupted = !compare_all(g);
    judge_all(g, s);
    s->seconds = seconds() - begin;
    return s->code;
}

void gate_free(struct gate *g)
{
    plan_free(&g->plan);
    free(g->cases);
}

int cmd_gate(int argc, char **argv)
{
    struct gate_arguments a;
    gate_arguments_parse(&a, argc, argv);
    child_watch_signals();
    if (a.self_test)
        return gate_self_test(&a);
    if (a.resample)
        return gate_resample(&a);
    struct gate *g = calloc(1, sizeof *g);
    struct gate_summary s;
    if (!g) {
        complain("out of memory");
        return EXIT_FAILED;
    }
    int code = gate_carry_out(&a, g, &s);
    if (s.seconds > 0) {
        int shown = gate_output(&a, g, &s);
        code = code == EXIT_FINE ? shown : code; /* a verdict is graver than a file that is missing */
    }
    gate_free(g);
    free(g);
    return code;
}
