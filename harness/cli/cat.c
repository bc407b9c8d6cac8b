/* dbnbench cat: every field of every record, as JSON lines. */
#include "../reference/reference.h"
#include "exit.h"
#include "options.h"

#include <signal.h>
#include <stdio.h>

struct arguments {
    struct input_options input;
    uint64_t records; /* as many as there are, unless it is given */
};

struct printed {
    uint64_t n;
    bool failed;
    char line[LINE_SIZE];
};

static bool print_record(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    struct printed *p = arg;
    size_t size = (size_t)(line_json(p->line, r, p->n++, file->ts_out) - p->line);
    p->failed = fwrite(p->line, 1, size, stdout) != size;
    return !p->failed;
}

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    struct printed printed = {0};
    struct ref_file file;
    signal(SIGPIPE, SIG_DFL); /* a reader that has seen enough ends us without a word */
    ref_read(line->operand[0], &a->input, is_given(line, "records") ? a->records : UINT64_MAX, &file, print_record,
             &printed);
    dbn_metadata_free(&file.metadata);
    if (file.outcome) {
        char text[512];
        input_describe(line->operand[0], file.outcome, file.fault, text, sizeof text);
        fflush(stdout);
        complain("%s", text);
    }
    return printed.failed || file.outcome ? EXIT_FAILED : EXIT_FINE;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"records", 'n', "N", "Only the first N records", set_number, TO(records), .max = UINT64_MAX},
    {.group = &input_option_group, TO(input)},
    {0},
};

const struct command command_cat = {
    .name = "cat",
    .summary = "print every record of a file",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .options = options,
    .about = "Print every field of every record: one JSON object a line, with every byte of the records.",
    .examples = "cat -n 10 trades.dbn\ncat trades.dbn.zst >trades.jsonl",
    .size = sizeof(struct arguments),
    .run = run,
};
