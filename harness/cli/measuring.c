#include "../text/safe.h"
#include "../view/document.h"
#include "measuring.h"

#include "../../datasets/datasets.h"
#include "exit.h"

#include <errno.h>
#include <string.h>

enum { CHILD_SECONDS_MAX = 24 * 3600 };

#define TO(member) OPTION_TO(struct measuring, member)
static const struct option_row options[] = {
    {"dataset", 'd', "LIST", "Datasets, or sets of them", set_names, TO(session.datasets), .names = &known_datasets},
    {"timeout", 0, "SECONDS", "Give up a sample that takes longer", set_number, TO(session.timeout_s), .min = 1,
     .max = CHILD_SECONDS_MAX, .preset = "120"},
    {"memory-limit", 0, "SIZE", "Give up a sample that touches more memory (default no limit)", set_size,
     TO(session.memory_limit), .max = UINT64_MAX},
    {"output", 'o', "FILE", "Append samples to FILE, - for standard output (default a new file in results/)", set_text,
     TO(session.out)},
    {"folios", 0, "WORD", "Pieces in which the page cache holds files: large, of 2 MiB where the kernel can, or small",
     set_index, TO(session.folios), .words = folio_names, .preset = "large"},
    {"seed", 0, "S", "Of the order of cases", set_seed, TO(session.seed), .max = UINT64_MAX, .preset = "random"},
    {"json", 'j', NULL, "Print one JSON object", set_flag, TO(json)},
    {"dir", 0, "FOLDER", "Where datasets are", set_text, TO(session.folder), .preset = DATASETS_DIR},
    {0},
};

static bool check(const void *to, char *why)
{
    const struct measuring *m = to;
    snprintf(why, OPTION_WHY, "--json and -o - cannot share standard output");
    return !m->json || !m->session.out || strcmp(m->session.out, "-") != 0;
}

const struct option_group measuring_options = {options, check};

void measuring_inputs(struct measuring *m, const struct command_line *line, const char *name)
{
    m->session.paths = line->operand;
    m->session.path_count = line->count;
    if (!m->session.datasets && line->count == 0)
        m->session.datasets = dataset_default(name);
}

/* What to type next. */
static void print_next(const struct measuring *m)
{
    printf("All rows    %s report --text", program_invocation_name);
    if (m->session.out) {
        putchar(' ');
        shell_word(stdout, m->session.out);
    }
    puts(" (as a page: -o FOLDER)");
    if (m->session.kind == RUN_RUN && m->session.path_count == 0)
        printf("Your files  %s run FILE\n", program_invocation_name);
}

void measuring_backends(const struct option_row *option, const struct backend ***list, bool cold, bool one_thread)
{
    char why[OPTION_WHY];
    if (*list)
        return;
    set_list(option, "all", list, why);
    const struct backend **to = *list;
    for (const struct backend **b = *list; *b; b++)
        if ((cold || !(*b)->direct) && !(one_thread && (*b)->attach && (*b)->own_threads == 0))
            *to++ = *b;
    *to = NULL;
}

int measuring_run(struct measuring *m, const struct command_line *line)
{
    static const int codes[] = {[SESSION_DONE] = EXIT_FINE,
                                [SESSION_USAGE] = EXIT_USAGE,
                                [SESSION_FAILED] = EXIT_FAILED,
                                [SESSION_MISMATCH] = EXIT_MISMATCH,
                                [SESSION_STOPPED] = EXIT_INTERRUPTED};
    struct session s;
    m->session.argc = line->argc;
    m->session.argv = line->argv;
    m->session.complain = complain;
    m->session.progress = stderr;
    int code = codes[session_run(&s, &m->session)];
    /* What is stored on standard output is not to be mixed with what people read. */
    FILE *to = m->session.out && strcmp(m->session.out, "-") == 0 ? stderr : stdout;
    if (s.results.run && (s.results.count > 0 || !s.lost))
        document_run(&s.results, s.path, m->json, to);
    if (s.results.count > 0 && !m->json && to == stdout)
        print_next(m);
    session_free(&s);
    return code;
}
