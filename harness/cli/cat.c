/* dbnbench cat: every field of every record, as JSON lines or CSV. */
#include "../reference/reference.h"
#include "exit.h"
#include "options.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

struct arguments {
    struct input_options input;
    bool json, csv;
    uint64_t records; /* as many as there are, unless it is given */
};

struct cat {
    const char *path;
    const struct dbn_layout *layout; /* of all records, for CSV */
    bool ts_out;
    uint64_t n;
    int status;
    char line[LINE_SIZE];
};

/* CSV needs one layout for all records. */
static bool check_layout(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    struct cat *c = arg;
    c->layout = c->n++ == 0 ? r->layout : c->layout;
    c->ts_out = file->ts_out;
    if (r->layout && r->layout == c->layout)
        return true;
    complain("%s: no CSV for records of several or unknown types, use --json: the record at byte %" PRIu64
             " of the stream, rtype 0x%02x, is %s, the first one %s",
             input_name(c->path), r->offset, r->p[1], r->layout ? r->layout->name : "unknown",
             c->layout ? c->layout->name : "unknown");
    c->status = EXIT_USAGE;
    return false;
}

static void print_line(struct cat *c, const char *end)
{
    size_t size = (size_t)(end - c->line);
    if (fwrite(c->line, 1, size, stdout) != size)
        c->status = EXIT_FAILED;
}

static bool json_record(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    struct cat *c = arg;
    print_line(c, line_json(c->line, r, c->n++, file->ts_out));
    return c->status == EXIT_FINE;
}

static bool csv_record(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    struct cat *c = arg;
    if (!check_layout(c, file, r))
        return false;
    if (c->n == 1)
        print_line(c, line_csv_header(c->line, c->layout, c->ts_out));
    print_line(c, line_csv(c->line, r, c->ts_out));
    return c->status == EXIT_FINE;
}

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    struct cat c = {.path = operand_path(line->operand[0])};
    struct ref_file file;
    uint64_t most = is_given(line, "records") ? a->records : UINT64_MAX;
    signal(SIGPIPE, SIG_DFL); /* a reader that has seen enough ends us without a word */
    if (a->csv && c.path) {   /* a look ahead, so that no half of a table is written */
        ref_read(c.path, &a->input, most, &file, check_layout, &c);
        dbn_metadata_free(&file.metadata);
        c.n = 0;
    }
    if (c.status != EXIT_FINE)
        return c.status;
    ref_read(c.path, &a->input, most, &file, a->csv ? csv_record : json_record, &c);
    if (a->csv && c.n == 0 && file.known == REF_STREAM)
        c.layout = dbn_schema_layout(file.metadata.schema, file.metadata.version);
    if (a->csv && c.n == 0 && c.layout)
        print_line(&c, line_csv_header(c.line, c.layout, file.ts_out));
    dbn_metadata_free(&file.metadata);
    if (!file.outcome)
        return c.status;
    char text[512];
    input_describe(c.path, file.outcome, file.fault, text, sizeof text);
    fflush(stdout);
    complain("%s", text);
    return EXIT_FAILED;
}

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    const struct arguments *a = arguments;
    (void)line;
    snprintf(why, OPTION_WHY, "--json or --csv, not both");
    return !a->json || !a->csv;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"json", 0, NULL, "One JSON object a line, with every byte of the records (the default)", set_flag, TO(json)},
    {"csv", 0, NULL, "The official columns and their order, integers raw; for records of one type", set_flag, TO(csv)},
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
    .about = "Print every field of every record. The file - is standard input, of which --csv prints what is in front "
             "of a record of another type.",
    .examples = "cat -n 10 trades.dbn\ncat --csv trades.dbn.zst >trades.csv\ncat - <trades.dbn.zst",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
