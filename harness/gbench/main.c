/* dbnbench-gbench: the same backends and sinks as cases of Google Benchmark, with all of its flags and
 * output. */
#include "../../datasets/datasets.h"
#include "../cli/options.h"
#include "../cli/exit.h"
#include "../machine/machine.h"
#include "cases.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static void help(void)
{
    puts("dbnbench-gbench measures backends on files, and the decoder in memory, by Google Benchmark:\n"
         "  decode/BACKEND/DATASET/SINK  one iteration decodes the file (\"first:N\": so many records of it)\n"
         "  core/TYPE/SINK               one iteration decodes 256 KiB of such records\n"
         "Every result is compared with that of a reference decode. CPU time is that of all threads.\n"
         "The warning of a library built as DEBUG is about Debian's Google Benchmark, which spends some more\n"
         "nanoseconds between iterations; dbnbench_flags says how this program was built.\n"
         "Own flags:\n"
         "          [--dbnbench_dataset=<dataset or set of them, default quick>]\n"
         "          [--dbnbench_dir=<folder with the datasets, default " DATASETS_DIR ">]\n"
         "Exit status: 0 fine, 2 usage or no case matches, 4 wrong result, 5 a case failed.\n");
    gbench_help();
}

struct arguments {
    const char *dataset, *folder;
};

/* Takes our own flags out of argv, and puts one in where colours are not wanted: first, so that the user may
 * still say otherwise. argv has room for that. */
static void take_own(struct arguments *a, int *argc, char **argv)
{
    static char no_colour[] = "--benchmark_color=no";
    static const char dataset[] = "--dbnbench_dataset=", folder[] = "--dbnbench_dir=";
    const char *set = getenv("NO_COLOR");
    int n = 1;
    for (int i = 1; i < *argc; i++) {
        if (strncmp(argv[i], dataset, sizeof dataset - 1) == 0)
            a->dataset = argv[i] + sizeof dataset - 1;
        else if (strncmp(argv[i], folder, sizeof folder - 1) == 0)
            a->folder = argv[i] + sizeof folder - 1;
        else
            argv[n++] = argv[i];
    }
    argv[n] = NULL;
    if (set && *set) {
        memmove(argv + 2, argv + 1, (size_t)n * sizeof *argv);
        argv[1] = no_colour;
        n++;
    }
    *argc = n;
}

static bool dataset_known(const char *word)
{
    for (const struct dataset *d = datasets; d->name; d++)
        if (dataset_matches(d, word))
            return true;
    return false;
}

/* What was built, and what is not measured. */
static int set_context(void)
{
    json_t *build = machine_build();
    const char *key;
    json_t *value;
    char text[64];
    int rc = 0;
    json_object_foreach(build, key, value)
    {
        if (!json_is_string(value))
            continue;
        snprintf(text, sizeof text, "dbnbench_%s", key);
        rc |= gbench_context(text, json_string_value(value));
    }
    json_decref(build);
    for (size_t i = 0; backends[i]; i++) {
        const char *why = backend_unavailable(backends[i]);
        snprintf(text, sizeof text, "unavailable_%s", backends[i]->name);
        rc |= why ? gbench_context(text, why) : 0;
    }
    return rc;
}

static int register_and_run(const struct arguments *a)
{
    struct core_cases *core = NULL;
    size_t matched, failed;
    int worst = EXIT_FINE;
    struct file_cases *files = file_cases_register(a->dataset, a->folder, &worst);
    int code = files && set_context() == 0 ? core_cases_register(&worst, &core) : EXIT_FAILED;
    if (code == EXIT_FINE) {
        gbench_run(&matched, &failed);
        code = failed > 0 && worst == EXIT_FINE ? EXIT_FAILED : worst;
        if (matched == 0)
            code = EXIT_USAGE; /* the library has said so */
    } else {
        complain("the cases could not be set up");
    }
    core_cases_free(core);
    file_cases_free(files);
    return code;
}

int main(int argc, char **argv)
{
    struct arguments a = {"quick", DATASETS_DIR};
    char **args = calloc((size_t)argc + 2, sizeof *args);
    if (!args) {
        complain("out of memory");
        return EXIT_FAILED;
    }
    memcpy(args, argv, (size_t)argc * sizeof *args);
    take_own(&a, &argc, args);
    int code = EXIT_USAGE;
    if (!dataset_known(a.dataset))
        complain("%s: no such dataset; see `dbnbench list datasets`", a.dataset);
    else if (gbench_begin(&argc, args, help) == 0)
        code = register_and_run(&a);
    gbench_end();
    free(args);
    return code;
}
