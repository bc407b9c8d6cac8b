/* Callgrind carries out a whole `dbnbench decode` of two parts of a file, one twice as long as the other.
 * What the longer one takes more is the records': start-up, metadata and closing are the same in both. So
 * no symbols are needed, and all threads count. What the kernel does for the program does not. */
#include "session_parts.h"

#include "../foreign/foreign.h"
#include "../machine/counters.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>

enum {
    RECORDS = 10000,  /* of the shorter part */
    RECORDS_MIN = 16, /* in the file */
    ARGUMENTS = 17,
};

struct arguments {
    const char *argv[ARGUMENTS + 1]; /* ends with NULL */
    size_t n;
    char text[ARGUMENTS][64];
};

static void add(struct arguments *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(a->text[a->n], sizeof a->text[0], format, args);
    va_end(args);
    a->argv[a->n] = a->text[a->n];
    a->n++;
}

/* The same reading as in a sample. */
static void set_arguments(struct arguments *a, const struct session *s, const struct plan_case *c, const char *program,
                          uint64_t end)
{
    const struct input_options *in = &s->plan.input;
    a->argv[a->n++] = program;
    add(a, "decode");
    a->argv[a->n++] = "--backend";
    a->argv[a->n++] = c->backend->foreign ? c->backend->foreign->path : c->backend->name;
    add(a, "--sink=%s", c->sink->name);
    add(a, "--threads=%" PRIu64, c->key.threads);
    add(a, "--end=%" PRIu64, end);
    add(a, "--metadata-limit=%" PRIu64, in->metadata_limit);
    add(a, "--advise=%s", backend_advice_names[in->advice]);
    if (c->key.block)
        add(a, "--block=%" PRIu64, c->key.block);
    if (c->key.depth)
        add(a, "--depth=%" PRIu64, c->key.depth);
    if (in->fragment)
        add(a, "--fragment");
    if (in->version)
        add(a, "--dbn-version=%u", in->version);
    if (in->ts_out)
        add(a, "--ts-out");
    add(a, "--");
    a->argv[a->n++] = s->plan.files[c->file].path;
}

/* Of the file up to this byte; or why not. False: a signal stopped it. */
static bool count(const struct session *s, const struct plan_case *c, uint64_t end, uint64_t *n, char *why)
{
    struct arguments a = {.n = 0};
    char *program = realpath("/proc/self/exe", NULL); /* which is valgrind's own, once it runs */
    bool go_on = true;
    if (program) {
        set_arguments(&a, s, c, program, end);
        go_on = instructions_count(a.argv, NULL, n, why, LIMIT_WHY);
    } else {
        snprintf(why, LIMIT_WHY, "/proc/self/exe cannot be read");
    }
    free(program);
    return go_on;
}

bool session_count_instructions(struct session *s, const struct plan_case *c)
{
    struct plan_file *f = &s->plan.files[c->file];
    uint64_t records = f->range[0].records, half = records / 2 < RECORDS ? records / 2 : RECORDS, few = 0, many = 0;
    struct instruction_count i = {.index = (uint64_t)(c - s->plan.cases)};
    const char *why = f->compressed                          ? "a compressed file cannot be read in part"
                      : foreign_decodes(c->backend->foreign) ? "it decodes whole files only"
                      : records < RECORDS_MIN                ? "there are too few records"
                                                             : NULL;
    if (why) {
        snprintf(i.why, sizeof i.why, "%s", why);
        return session_store(s, STORED_INSTRUCTIONS, &i);
    }
    const struct plan_range *a = session_range(s, f, half);
    const struct plan_range *b = a ? session_range(s, f, 2 * half) : NULL; /* a new range moves none that is known */
    if (!b)
        return false;
    if (!count(s, c, a->end, &few, i.why) || (!i.why[0] && !count(s, c, b->end, &many, i.why)))
        return session_stop(s);
    if (!i.why[0] && many <= few)
        snprintf(i.why, sizeof i.why, "the records took none");
    if (!i.why[0]) {
        i.records = half;
        i.instructions = many - few;
    }
    return session_store(s, STORED_INSTRUCTIONS, &i);
}
