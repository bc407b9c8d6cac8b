/* dbnbench advise: how to read a folder of files fastest, and what that takes. */
#include "../machine/machine.h"
#include "../measure/advise.h"
#include "../text/terminal.h"
#include "../view/advice.h"
#include "exit.h"
#include "options.h"

struct arguments {
    const struct sink *sink;
    struct input_options input;
    unsigned threads;
    uint64_t seconds, seed;
    bool cold, json;
};

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    (void)arguments;
    snprintf(why, OPTION_WHY, "standard input is no file or folder: name what is to be read");
    for (size_t i = 0; i < line->count; i++)
        if (!operand_path(line->operand[i]))
            return false;
    return true;
}

static int run(void *arguments, const struct command_line *line)
{
    static const int codes[] = {[SESSION_DONE] = EXIT_FINE,
                                [SESSION_USAGE] = EXIT_USAGE,
                                [SESSION_FAILED] = EXIT_FAILED,
                                [SESSION_MISMATCH] = EXIT_MISMATCH,
                                [SESSION_STOPPED] = EXIT_INTERRUPTED};
    const struct arguments *a = arguments;
    char **paths = calloc(line->count + 1, sizeof *paths);
    memcpy(paths, line->operand, line->count * sizeof *paths);
    const struct advise_options o = {.paths = paths,
                                     .sink = a->sink,
                                     .input = a->input,
                                     .threads = is_given(line, "threads") ? a->threads : machine_cores(),
                                     .seconds = a->seconds,
                                     .seed = a->seed,
                                     .cold = a->cold,
                                     .complain = complain,
                                     .progress = stderr};
    static struct advice advice;
    enum session_end end = advise(&o, &advice);
    int code = codes[end];
    if (end == SESSION_STOPPED) {
        complain("stopped by a signal");
    } else if (advice.bytes == 0) {
        complain("%s%s: no DBN files were found", line->operand[0], line->count > 1 ? ", ..." : "");
        code = code ? code : EXIT_FAILED;
    } else {
        advice_print(&advice, a->json, terminal_width(stdout), stdout);
    }
    advice_free(&advice);
    free(paths);
    return code;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"sink", 's', "NAME", "What is to be done with the records", set_name, TO(sink), .names = &known_sinks,
     .preset = "sum"},
    {"threads", 't', "N", "Most threads (default: the cores)", set_number, TO(threads), .min = 1, .max = MAX_THREADS},
    {"time", 0, "SECONDS", "Budget of time; 0: as little as possible", set_number, TO(seconds), .max = 24 * 3600,
     .preset = "60"},
    {"cold", 0, NULL, "Drop the sampled files from the page cache, to measure the disk", set_flag, TO(cold)},
    {"seed", 0, "N", "Another seed draws another sample, or `random`", set_seed, TO(seed), .max = UINT64_MAX,
     .preset = "1"},
    {"json", 'j', NULL, "Print one JSON object, with all ways", set_flag, TO(json)},
    {"metadata-limit", 0, "SIZE", "Longest metadata accepted", set_size, TO(input.metadata_limit), .max = UINT64_MAX,
     .preset = "64M"},
    {"window-log", 0, "N", "Largest zstd window accepted, as its log2", set_number, TO(input.window_log), .min = 10,
     .max = 31, .preset = "27"},
    {0},
};

const struct command command_advise = {
    .name = "advise",
    .summary = "say how to read a folder of files fastest",
    .operands = "PATH...",
    .least = 1,
    .options = options,
    .about =
        "Say how to read files fastest, what that takes, what limits it, and what would help. Folders are searched "
        "for DBN files, which are known by their content. Symbolic links in them are not followed. A sample of the "
        "files is read in several ways, which all have to find the same records. Times are for files in the page "
        "cache. What is read from the disk is shown apart. Exit status 5: a file could not be read, or there is "
        "none; the advice is about the others. 4: a way found something else.",
    .examples = "advise archive/\nadvise --time 20 -s fields 2024-*.dbn.zst\nadvise --cold --json archive/",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
