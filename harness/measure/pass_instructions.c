/* Callgrind carries out a whole `dbnbench decode` of two parts of a file, one twice as long as the other.
 * What the longer one takes more is the records': start-up, metadata and closing are the same in both. So
 * no symbols are needed, and all threads count. What the kernel does for the program does not. */
#include "session_parts.h"

#include "../machine/instructions.h"

#include <errno.h>
#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum {
    RECORDS = 10000,  /* of the shorter part */
    RECORDS_MIN = 16, /* in the file */
};

struct counted {
    bool known;
    uint64_t instructions;
    char why[LIMIT_WHY];
};

enum { ARGUMENTS = 32 };
struct arguments {
    char *argv[ARGUMENTS + 1]; /* ends with NULL */
    size_t n;
};

/* Memory that is not there leaves the argument out, and the decode fails: the least of worries then. */
static void add(struct arguments *a, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (a->n < ARGUMENTS && vasprintf(&a->argv[a->n], format, args) >= 0)
        a->n++;
    va_end(args);
}

/* The same reading as in a sample. */
static void set_arguments(struct arguments *a, const struct session *s, const struct plan_case *c, const char *program,
                          uint64_t end)
{
    const struct input_options *in = &s->plan.input;
    add(a, "%s", program);
    add(a, "decode");
    add(a, "--backend=%s", c->backend->name);
    add(a, "--sink=%s", c->sink->name);
    add(a, "--threads=%" PRIu64, c->key.threads);
    add(a, "--end=%" PRIu64, end);
    add(a, "--metadata-limit=%" PRIu64, in->metadata_limit);
    add(a, "--window-log=%u", in->window_log);
    add(a, "--advise=%s", backend_advice_names[in->advice]);
    if (c->key.block)
        add(a, "--block=%" PRIu64, c->key.block);
    if (in->fragment)
        add(a, "--fragment");
    if (in->version)
        add(a, "--dbn-version=%u", in->version);
    if (in->ts_out)
        add(a, "--ts-out");
    add(a, "--");
    add(a, "%s", s->plan.files[c->file].path);
}

static void count(const struct session *s, const struct plan_case *c, uint64_t end, struct counted *counted,
                  bool *stopped)
{
    struct arguments a = {0};
    char program[4096];
    *counted = (struct counted){0};
    ssize_t n = readlink("/proc/self/exe", program, sizeof program); /* valgrind's own, once it runs */
    if (n <= 0 || n == (ssize_t)sizeof program) {
        snprintf(counted->why, sizeof counted->why, "/proc/self/exe cannot be read");
        return;
    }
    program[n] = '\0';
    set_arguments(&a, s, c, program, end);
    *stopped = !instructions_count((const char *const *)a.argv, NULL, &counted->instructions, counted->why, LIMIT_WHY);
    counted->known = !*stopped && !*counted->why;
    while (a.n > 0)
        free(a.argv[--a.n]);
}

/* Both parts, or why there are none. */
static bool count_case(struct session *s, const struct plan_case *c, struct instruction_count *i)
{
    struct plan_file *f = &s->plan.files[c->file];
    uint64_t records = f->range[0].records, half = records / 2 < RECORDS ? records / 2 : RECORDS;
    struct counted few = {0}, many = {0};
    bool stopped = false;
    char why[SAMPLE_ERROR];
    int error;
    *i = (struct instruction_count){.index = (uint64_t)(c - s->plan.cases)};
    if (f->compressed || records < RECORDS_MIN) {
        snprintf(i->why, sizeof i->why,
                 f->compressed ? "a compressed file cannot be read in part" : "there are too few records");
        return true;
    }
    /* a new range moves none that is known */
    const struct plan_range *a = plan_range(&s->plan, f, half, &error, why, sizeof why);
    const struct plan_range *b = a ? plan_range(&s->plan, f, 2 * half, &error, why, sizeof why) : NULL;
    if (!b)
        return session_no_range(s, error, why);
    count(s, c, a->end, &few, &stopped);
    if (few.known && !stopped)
        count(s, c, b->end, &many, &stopped);
    if (stopped)
        return session_stop(s);
    if (few.known && many.known && many.instructions > few.instructions) {
        i->records = half;
        i->instructions = many.instructions - few.instructions;
    } else {
        snprintf(i->why, sizeof i->why, "%s", !few.known ? few.why : !many.known ? many.why : "the records took none");
    }
    return true;
}

bool session_count_instructions(struct session *s)
{
    bool go_on = true;
    for (size_t k = 0; k < s->plan.case_count && go_on; k++) {
        const struct plan_case *c = &s->plan.cases[k];
        struct instruction_count i;
        if (c->failed)
            continue;
        progress_show(&s->progress,
                      &(struct progress_now){.file = &s->plan.files[c->file], .c = c, .counting = "instructions: "});
        go_on = count_case(s, c, &i) && session_store(s, STORED_INSTRUCTIONS, &i);
    }
    return go_on;
}
