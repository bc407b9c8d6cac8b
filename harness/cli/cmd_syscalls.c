/* dbnbench syscalls: what every backend asks of the kernel. No clock runs here: counting takes time. */
#include "exit.h"
#include "cmd_syscalls_arguments.h"
#include "cmd_syscalls_show.h"
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* One that looks at every record, so that every page of a mapped file is touched. */
static const char sink_used[] = "sum";

/* Where every record takes calls: so many that counting takes seconds, even with dozens of them a record. */
static const uint64_t records_by_default[] = {
    [SYSCOUNT_TRACEPOINT] = 1000000,
    [SYSCOUNT_PTRACE] = 10000,
    [SYSCOUNT_NONE] = 1000000,
};

static uint64_t records_of(const struct syscalls_arguments *a, enum syscount_method method, const struct plan_file *f,
                           const struct backend *b)
{
    if (f->compressed) /* it cannot be cut, and takes few calls however it is read */
        return 0;
    if (a->limited)
        return a->records;
    return b->step == DBN_STEP_BLOCK ? 0 : records_by_default[method];
}

/* --- a result, or why there is none --- */

static int complain_of_end(const struct syscalls_row *row, enum child_end end, int detail, const char *why)
{
    const char *path = row->file->path, *name = row->backend->name;
    switch (end) {
    case CHILD_STOPPED:
        return EXIT_INTERRUPTED;
    case CHILD_CRASHED:
        complain("%s: backend %s: crashed: %s", path, name, strsignal(detail));
        break;
    case CHILD_TIMED_OUT:
        complain("%s: backend %s: no end within the time allowed", path, name);
        break;
    default:
        complain("%s: backend %s: not counted: %s", path, name,
                 *why     ? why
                 : detail ? strerror(detail)
                          : "the process just ended");
    }
    return EXIT_FAILED;
}

static int check_result(const struct syscalls_row *row, const struct tally *expected)
{
    const struct job_result *r = &row->count.result;
    const struct tally *t = &r->tally;
    if (r->outcome) {
        char text[4096];
        input_describe(row->file->path, r->outcome, r->fault, text, sizeof text);
        complain("backend %s: %s", row->backend->name, text);
        bool could_not = r->outcome > -4096 || r->outcome == DBN_E_UNSUPPORTED_FILE || r->outcome == DBN_E_FILE_CHANGED;
        return could_not ? EXIT_FAILED : EXIT_MISMATCH; /* the reference decoder found the file good */
    }
    if (tally_equal(t, expected))
        return EXIT_FINE;
    complain("%s: backend %s: %" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64 " instead of %" PRIu64
             ", %" PRIu64 ", %016" PRIx64,
             row->file->path, row->backend->name, t->records, t->bytes, t->digest, expected->records, expected->bytes,
             expected->digest);
    return EXIT_MISMATCH;
}

static void put_reading(char *text, size_t size, const struct reading *r)
{
    snprintf(text, size, "n/a");
    if (r->state == READING_EXACT)
        snprintf(text, size, "%" PRIu64, r->value);
}

static int check_agreement(const struct syscalls_row *row, enum syscount_method method)
{
    const struct job_count *count = &row->count;
    char kernel[24], proc[24];
    if (job_count_agrees(count))
        return EXIT_FINE;
    put_reading(kernel, sizeof kernel, &count->by_kernel);
    put_reading(proc, sizeof proc, &count->by_proc);
    complain("%s: backend %s: the counts of its reads disagree: %" PRIu64 " by itself, %s by %s, %s by /proc/self/io",
             row->file->path, row->backend->name, count->by_backend, kernel, syscount_methods[method], proc);
    return EXIT_MISMATCH;
}

/* --- counting --- */

struct session {
    const struct syscalls_arguments *a;
    struct syscounter counter;
    struct plan plan;
    struct syscalls_row *rows; /* room for every file and backend */
    size_t n;                  /* rows that are there */
};

/* A wrong result is graver than none, and nothing comes after an interruption. */
static int graver(int code, int other)
{
    bool first = code == EXIT_INTERRUPTED || other == EXIT_FINE || (code == EXIT_MISMATCH && other != EXIT_INTERRUPTED);
    return first ? code : other;
}

/* What could be counted becomes a row. */
static int count_backend(struct session *s, size_t file, const struct backend *b)
{
    struct plan_file *f = &s->plan.files[file];
    struct syscalls_row *row = &s->rows[s->n];
    char why[SAMPLE_ERROR], why_not[SYSCOUNT_WHY];
    int error, detail;
    uint64_t records = records_of(s->a, s->counter.method, f, b);
    const struct plan_range *range = plan_range(&s->plan, f, records, &error, why, sizeof why);
    if (!range) {
        if (*why)
            complain("%s", why);
        return error == -EINTR ? EXIT_INTERRUPTED : EXIT_FAILED;
    }
    struct plan_case one = {.file = file, .backend = b, .sink = sink_find(sink_used), .threads = s->a->threads};
    struct job job = plan_job(&s->plan, &one, range);
    *row = (struct syscalls_row){.file = f, .backend = b, .range = range, .threads = s->a->threads};
    enum child_end end = job_count(&s->counter, &job, &row->count, &detail, why_not);
    if (end != CHILD_DONE)
        return complain_of_end(row, end, detail, why_not);
    const struct tally expected = sink_expected(one.sink, range->expected);
    int code = check_result(row, &expected);
    if (code == EXIT_FINE)
        code = check_agreement(row, s->counter.method);
    s->n += row->count.result.outcome == 0;
    return code;
}

static int count_file(struct session *s, size_t file)
{
    int code = EXIT_FINE;
    size_t first = s->n;
    if (s->plan.files[file].compressed && s->a->records)
        complain("%s: compressed, so all of its records are counted", s->plan.files[file].path);
    for (const struct backend **b = s->a->backends; *b && code != EXIT_INTERRUPTED; b++)
        if (!backend_unavailable(*b))
            code = graver(code, count_backend(s, file, *b));
    if (!s->a->json && s->n > first && syscalls_print(s->rows + first, s->n - first, stdout) < 0) {
        complain("out of memory");
        code = graver(code, EXIT_FAILED);
    }
    fflush(stdout);
    return code;
}

static int show_end(const struct session *s)
{
    if (!s->a->json) {
        syscalls_print_notes(&s->counter, s->rows, s->n, stdout);
        return EXIT_FINE;
    }
    json_t *o = syscalls_json(&s->counter, s->rows, s->n);
    bool shown = o && json_dumpf(o, stdout, JSON_INDENT(1)) == 0;
    json_decref(o);
    putchar('\n');
    if (!shown)
        complain("out of memory, or output failed");
    return shown ? EXIT_FINE : EXIT_FAILED;
}

static int count_files(struct session *s)
{
    size_t backend_count = 0;
    while (s->a->backends[backend_count])
        backend_count++;
    s->rows = calloc(s->plan.file_count * backend_count + 1, sizeof *s->rows);
    if (!s->rows) {
        complain("out of memory");
        return EXIT_FAILED;
    }
    int code = EXIT_FINE;
    for (size_t file = 0; file < s->plan.file_count && code != EXIT_INTERRUPTED; file++)
        code = graver(code, count_file(s, file));
    code = graver(code, show_end(s));
    free(s->rows);
    return code;
}

/* --- before that --- */

/* Unless one was asked for that cannot be had. */
static int open_counter(const struct syscalls_arguments *a, struct syscounter *c)
{
    syscount_open(c, a->method);
    if (a->method == SYSCOUNT_NONE || c->method == a->method)
        return EXIT_FINE;
    complain("method %s cannot be used here: %s", syscount_methods[a->method], c->why[a->method]);
    return EXIT_FAILED;
}

static int add_files(const struct syscalls_arguments *a, struct plan *plan)
{
    char why[SAMPLE_ERROR];
    for (size_t i = 0; i < a->files; i++) {
        if (plan_add_file(plan, a->paths[i], a->paths[i], why, sizeof why) == 0)
            continue;
        complain("%s", *why ? why : "out of memory");
        return EXIT_FAILED;
    }
    return EXIT_FINE;
}

/* What cannot run here is named; something must be left. */
static int check_backends(const struct syscalls_arguments *a)
{
    bool any = false;
    for (const struct backend **b = a->backends; *b; b++) {
        const char *why = backend_unavailable(*b);
        any |= why == NULL;
        if (why)
            complain("backend %s is left out: %s", (*b)->name, why);
    }
    return any ? EXIT_FINE : EXIT_FAILED;
}

static int count_all(const struct syscalls_arguments *a)
{
    struct session s = {.a = a, .plan.input = a->input};
    int code = check_backends(a);
    child_watch_signals();
    if (code == EXIT_FINE)
        code = add_files(a, &s.plan);
    if (code == EXIT_FINE) {
        code = open_counter(a, &s.counter);
        if (code == EXIT_FINE)
            code = count_files(&s);
        syscount_close(&s.counter);
    }
    plan_free(&s.plan);
    return code;
}

int cmd_syscalls(int argc, char **argv)
{
    struct syscalls_arguments a;
    syscalls_arguments_parse(&a, argc, argv);
    int code = count_all(&a);
    syscalls_arguments_free(&a);
    return code;
}
