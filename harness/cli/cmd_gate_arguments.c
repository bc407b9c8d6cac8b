/* The command line of dbnbench gate. */
#include "../../datasets/datasets.h"
#include "../measure/clock.h"
#include "cmd_gate.h"
#include "options.h"

#include <stdlib.h>
#include <string.h>
#include <sys/random.h>

enum {
    DIR = 256,
    EXACT,
    STRICT,
    COLD,
    NO_INSTRUCTIONS,
    ALLOW,
    SEED,
    TIME,
    JSON,
    JUNIT,
    MARKDOWN,
    LOG,
    SELF_TEST,
    INJECT,
    RESAMPLE,
    GATES
};

static const struct argp_option options[] = {
    {"dataset", 'd', "LIST", 0, "Datasets, or sets of them (default trades-quick,mixed-quick, unless there are FILEs)",
     1},
    {"dir", DIR, "FOLDER", 0, "Where datasets are (default " DATASETS_DIR ")", 1},
    {"file", 'f', "FILE", 0, "Another file; may be given several times", 1},
    {"backend", 'b', "LIST", 0, "Only these, separated by commas (default all that either program has)", 1},
    {"sink", 's', "LIST", 0, "Workloads that are timed (default sum)", 1},
    {"threads", 't', "N", 0, "Threads (default 1)", 1},
    {"cold", COLD, NULL, 0, "Drop the file from the page cache before each process", 1},
    {"exact", EXACT, NULL, 0, "Compare only what can be counted, no times", 2},
    {"strict", STRICT, NULL, 0, "Fail with status 3 where nothing can be told", 2},
    {"allow", ALLOW, "LIST", 0, "What may differ: calls, bytes, allocations, instructions", 2},
    {"no-instructions", NO_INSTRUCTIONS, NULL, 0, "Do not count instructions, which takes valgrind", 2},
    {"time", TIME, "SECONDS", 0, "Take no further blocks after that, beyond 20 a case (default 60, 0: no limit)", 2},
    {"seed", SEED, "S", 0, "Of the coins (default random)", 2},
    {"json", JSON, NULL, 0, "Print one JSON object, with every block", 3},
    {"junit", JUNIT, "FILE", 0, "Write the verdicts there as JUnit's XML", 3},
    {"markdown", MARKDOWN, "FILE", 0, "Write the table there as Markdown", 3},
    {"log", LOG, "FILE", 0, "Append the JSON object there as a line", 3},
    {"self-test", SELF_TEST, NULL, 0, "Try the gate itself, by programs with known faults: one to three minutes", 4},
    {"inject", INJECT, "WHAT", OPTION_HIDDEN, "cpu=N%, sleep=Nus, syscall=1/N, corrupt=RECORD:FIELD or layout=N", 4},
    {"resample", RESAMPLE, "FILE", OPTION_HIDDEN, "Replay gates from the lines of a log", 4},
    {"gates", GATES, "N", OPTION_HIDDEN, "How many", 4},
    {0},
};

static uint64_t number(const char *arg, const char *name, uint64_t min, uint64_t max, struct argp_state *state)
{
    uint64_t value = 0;
    if (!parse_number(arg, min, max, &value))
        argp_error(state, "--%s: %s is not a number it can be", name, arg);
    return value;
}

static void check_words(const char *list, const char *const *known, const char *name, struct argp_state *state)
{
    char *copy = strdup(list), *rest = copy, *word;
    while ((word = strsep(&rest, ",")) != NULL) {
        bool found = false;
        for (size_t i = 0; known[i]; i++)
            found |= strcmp(word, known[i]) == 0;
        if (!found)
            argp_error(state, "--%s: %s is none", name, word);
    }
    free(copy);
}

/* Of what needs which programs and can go with what. */
static void check(const struct gate_arguments *a, struct argp_state *state)
{
    bool ordinary = !a->self_test && !a->resample;
    if (ordinary && a->programs != 2 && a->programs != 4)
        argp_error(state, "two programs are needed, BASE and HEAD, or four: also both with another layout");
    if ((a->self_test || a->resample) && a->programs > 0)
        argp_error(state, "no programs can be given here");
    if (a->inject && a->log)
        argp_error(state, "--inject: such results are not stored");
    if (a->inject && !ordinary)
        argp_error(state, "--inject is for two programs");
    if (a->self_test && a->resample)
        argp_error(state, "--self-test and --resample exclude each other");
}

static error_t parse(int key, char *arg, struct argp_state *state)
{
    static const char *const allowed[] = {"calls", "bytes", "allocations", "instructions", NULL};
    struct gate_arguments *a = state->input;
    switch (key) {
    case 'd':
        a->datasets = arg;
        return 0;
    case DIR:
        a->folder = arg;
        return 0;
    case 'b':
        a->backends = arg;
        return 0;
    case 's':
        a->sinks = arg;
        return 0;
    case 't':
        a->threads = (unsigned)number(arg, "threads", 1, 256, state);
        return 0;
    case 'f':
        if (a->file_count == GATE_FILES)
            argp_error(state, "--file: too many");
        a->files[a->file_count++] = arg;
        return 0;
    case COLD:
        a->cold = true;
        return 0;
    case EXACT:
        a->exact = true;
        return 0;
    case STRICT:
        a->strict = true;
        return 0;
    case NO_INSTRUCTIONS:
        a->no_instructions = true;
        return 0;
    case ALLOW:
        check_words(arg, allowed, "allow", state);
        a->allow = arg;
        return 0;
    case TIME:
        a->time = number(arg, "time", 0, 1000000, state);
        return 0;
    case SEED:
        a->seed = number(arg, "seed", 0, UINT64_MAX, state);
        return 0;
    case JSON:
        a->json = true;
        return 0;
    case JUNIT:
        a->junit = arg;
        return 0;
    case MARKDOWN:
        a->markdown = arg;
        return 0;
    case LOG:
        a->log = arg;
        return 0;
    case SELF_TEST:
        a->self_test = true;
        return 0;
    case INJECT:
        a->inject = arg;
        return 0;
    case RESAMPLE:
        a->resample = arg;
        return 0;
    case GATES:
        a->gates = number(arg, "gates", 1, 1000000, state);
        return 0;
    case ARGP_KEY_ARG:
        if (a->programs == 4)
            argp_error(state, "too many programs");
        a->program[a->programs++] = arg;
        return 0;
    case ARGP_KEY_END:
        check(a, state);
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

static void check_sinks(const char *list)
{
    char *unknown = NULL;
    const struct sink **known = parse_sinks(list, &unknown);
    if (!known) {
        complain("no sink is named %s; see `dbnbench list`", unknown);
        exit(argp_err_exit_status);
    }
    free(known);
}

void gate_arguments_parse(struct gate_arguments *a, int argc, char **argv)
{
    static const struct argp argp = {
        .options = options,
        .parser = parse,
        .args_doc = "BASE HEAD [BASE2 HEAD2]\n--self-test",
        .doc = "Hold the program HEAD against the program BASE: what can be counted exactly must be equal, and time "
               "must not be worse. BASE2 and HEAD2 are the same programs with their code laid out in another way, by "
               "which a regression is confirmed."
               "\vExit status: 0 ok, 1 regressed, 2 usage, 3 cannot tell (with --strict; else 0), 4 wrong result, "
               "5 could not run. `make gate BASE=REVISION` builds all four programs.",
    };
    *a = (struct gate_arguments){
        .folder = DATASETS_DIR, .sinks = "sum", .threads = 1, .time = 60, .allow = "", .gates = 200};
    if (getrandom(&a->seed, sizeof a->seed, 0) != (ssize_t)sizeof a->seed)
        a->seed = clock_now_ns();
    argp_parse(&argp, argc, argv, 0, NULL, a);
    check_sinks(a->sinks);
    if (!a->datasets && a->file_count == 0)
        a->datasets = "trades-quick,mixed-quick";
}
