/* dbnbench info: what is in a file. */
#include "../reference/reference.h"
#include "exit.h"
#include "options.h"

struct arguments {
    struct input_options input;
    bool json, symbols;
};

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    int code = EXIT_FINE;
    fputs(a->json && line->count > 1 ? "[\n" : "", stdout);
    for (size_t i = 0; i < line->count; i++) {
        uint64_t fault;
        const char *path = operand_path(line->operand[i]);
        const char *before = i == 0 ? "" : a->json ? ",\n" : "\n";
        int outcome = info_print(path, &a->input, a->json, a->symbols, before, stdout, &fault);
        if (outcome) {
            char text[512];
            input_describe(path, outcome, fault, text, sizeof text);
            fflush(stdout);
            complain("%s", text);
            code = EXIT_FAILED;
        }
    }
    fputs(!a->json ? "" : line->count > 1 ? "\n]\n" : "\n", stdout);
    return code;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"json", 0, NULL, "A JSON object, or an array of them for several files", set_flag, TO(json)},
    {"symbols", 0, NULL, "Also the symbols and their mappings", set_flag, TO(symbols)},
    {.group = &input_option_group, TO(input)},
    {0},
};

const struct command command_info = {
    .name = "info",
    .summary = "say what is in a file",
    .operands = "FILE...",
    .least = 1,
    .options = options,
    .about =
        "Say what is in DBN files: metadata, types and numbers of records, checksums. The file - is standard input.",
    .examples = "info trades.dbn.zst\ninfo --json --symbols *.dbn\ninfo - <trades.dbn.zst",
    .size = sizeof(struct arguments),
    .run = run,
};
