/* dbnbench cat: every field of every record, as JSON lines or CSV. */
#include "../reference/line.h"
#include "exit.h"
#include "options.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>

struct cat {
    const char *path;
    struct input_options input;
    bool csv;
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
    c->outcome = ref_open(c->path, &c->input, &p);
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
    if (c->csv && n == 0) {
        end = line_csv_header(c->line, r->layout, ts_out);
        fwrite(c->line, 1, (size_t)(end - c->line), stdout);
    }
    end = c->csv ? line_csv(c->line, r, ts_out) : line_json(c->line, r, n, ts_out);
    size_t size = (size_t)(end - c->line);
    return fwrite(c->line, 1, size, stdout) == size ? EXIT_FINE : EXIT_FAILED;
}

static int cat(struct cat *c)
{
    signal(SIGPIPE, SIG_DFL); /* a reader that has seen enough ends us without a word */
    int code = c->csv ? for_each(c, check_layout) : EXIT_FINE;
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

enum { CSV = 256, JSON };

static const struct argp_option options[] = {
    {"json", JSON, NULL, 0, "One JSON object a line, with every byte of the records (the default)", 1},
    {"csv", CSV, NULL, 0, "The official columns and their order, integers raw; for records of one type", 1},
    {"records", 'n', "N", 0, "Only the first N records", 1},
    {0},
};

static error_t parse(int key, char *arg, struct argp_state *state)
{
    struct cat *c = state->input;
    switch (key) {
    case ARGP_KEY_INIT:
        state->child_inputs[0] = &c->input;
        return 0;
    case JSON:
    case CSV:
        c->csv = key == CSV;
        return 0;
    case 'n':
        if (!parse_number(arg, 0, UINT64_MAX, &c->most))
            argp_error(state, "-n: %s is not a number of records", arg);
        return 0;
    case ARGP_KEY_ARG:
        if (c->path)
            argp_error(state, "one file at a time");
        c->path = arg;
        return 0;
    case ARGP_KEY_NO_ARGS:
        argp_error(state, "which file?");
        return 0;
    default:
        return ARGP_ERR_UNKNOWN;
    }
}

int cmd_cat(int argc, char **argv)
{
    static const struct argp_child children[] = {{&input_argp, 0, NULL, 0}, {0}};
    static const struct argp argp = {options,  parse, "FILE", "Print every field of every record.",
                                     children, NULL,  NULL};
    struct cat c = {.input = INPUT_OPTIONS_DEFAULT, .most = UINT64_MAX};
    if (argp_parse(&argp, argc, argv, 0, NULL, &c))
        return EXIT_USAGE;
    return cat(&c);
}
