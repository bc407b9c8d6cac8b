/* dbnbench cat: every field of every record, as JSON lines or CSV. */
#include "../reference/line.h"
#include "exit.h"
#include "options.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

struct arguments {
    struct input_options input;
    bool csv;
    uint64_t records; /* as many as there are, unless it is given */
};

struct cat {
    const struct arguments *a;
    const char *path;
    uint64_t most;                   /* records */
    const struct dbn_layout *layout; /* of all records, for CSV */
    int outcome;                     /* of the last pass over the file */
    uint64_t fault;
    char line[LINE_SIZE];
};

/* Calls each() for the records wanted, and ends with the first exit code that is not EXIT_FINE. */
static int for_each(struct cat *c, int (*each)(struct cat *c, const struct ref_record *r, uint64_t n, bool ts_out))
{
    struct ref *p;
    struct ref_record r;
    int code = EXIT_FINE, rc;
    c->fault = 0;
    c->outcome = ref_open(c->path, &c->a->input, &p);
    if (c->outcome)
        return code;
    c->outcome = ref_start(p, &c->fault);
    bool ts_out = ref_facts(p).ts_out;
    for (uint64_t n = 0; c->outcome == 0 && code == EXIT_FINE && n < c->most; n++) {
        rc = ref_next(p, &r, &c->fault);
        if (rc == 0)
            break;
        if (rc > 0)
            code = each(c, &r, n, ts_out);
        else
            c->outcome = rc;
    }
    rc = ref_close(p);
    if (rc) {
        c->outcome = rc;
        c->fault = 0;
    }
    return code;
}

/* CSV needs one layout for all records: a look ahead, so that no half of a table is written. */
static int check_layout(struct cat *c, const struct ref_record *r, uint64_t n, bool ts_out)
{
    (void)ts_out;
    if (n == 0)
        c->layout = r->layout;
    if (r->layout && r->layout == c->layout)
        return EXIT_FINE;
    const char *first = c->layout ? c->layout->name : "", *name = r->layout ? r->layout->name : "of unknown layout";
    complain("%s: no CSV for records of several or unknown types, use --json: the record at byte %" PRIu64
             " of the stream, rtype 0x%02x, is %s%s%s",
             c->path, r->offset, r->p[1], name, *first ? ", not " : "", first);
    return EXIT_USAGE;
}

static int print_record(struct cat *c, const struct ref_record *r, uint64_t n, bool ts_out)
{
    char *end = c->line;
    if (c->a->csv && n == 0) {
        end = line_csv_header(c->line, r->layout, ts_out);
        fwrite(c->line, 1, (size_t)(end - c->line), stdout);
    }
    end = c->a->csv ? line_csv(c->line, r, ts_out) : line_json(c->line, r, n, ts_out);
    size_t size = (size_t)(end - c->line);
    return fwrite(c->line, 1, size, stdout) == size ? EXIT_FINE : EXIT_FAILED;
}

static int run(void *arguments, const struct command_line *line)
{
    struct cat cat = {.a = arguments, .path = line->operand[0]}, *c = &cat;
    c->most = is_given(line, "records") ? c->a->records : UINT64_MAX;
    signal(SIGPIPE, SIG_DFL); /* a reader that has seen enough ends us without a word */
    int code = c->a->csv ? for_each(c, check_layout) : EXIT_FINE;
    if (code == EXIT_FINE)
        code = for_each(c, print_record);
    if (code != EXIT_FINE || c->outcome == 0)
        return code;
    char text[512];
    input_describe(c->path, c->outcome, c->fault, text, sizeof text);
    fflush(stdout);
    complain("%s", text);
    return EXIT_FAILED;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"json", 0, NULL, "One JSON object a line, with every byte of the records (the default)", set_off, TO(csv)},
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
    .about = "Print every field of every record.",
    .examples = "cat -n 10 trades.dbn\ncat --csv trades.dbn.zst >trades.csv",
    .size = sizeof(struct arguments),
    .run = run,
};
