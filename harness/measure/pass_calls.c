/* System calls of one decode of each case. No clock runs here: counting takes time. */
#include "session_parts.h"

#include "../machine/child.h"
#include "judge.h"
#include "syscount_job.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

/* Where every record takes calls: so many that counting takes seconds, even with dozens of them a record. */
static const uint64_t most_records[] = {
    [SYSCOUNT_TRACEPOINT] = 1000000,
    [SYSCOUNT_PTRACE] = 10000,
    [SYSCOUNT_NONE] = 1000000,
};

json_t *session_calls_json(const struct session *s)
{
    json_t *missing = json_object();
    for (int i = 0; i < SYSCOUNT_NONE; i++)
        if (s->counter.why[i][0])
            json_object_set_new(missing, syscount_methods[i], json_string(s->counter.why[i]));
    return json_pack("{s:s, s:o}", "method", syscount_methods[s->counter.method], "missing", missing);
}

/* --- what was counted --- */

static int by_calls(const void *a, const void *b)
{
    const struct named_calls *x = a, *y = b;
    int more = (x->calls < y->calls) - (x->calls > y->calls);
    return more ? more : strcmp(x->name, y->name);
}

/* By name, the most frequent first; what has no count or no place of its own is among the others. */
static void set_names(const struct syscount *count, struct call_count *to)
{
    uint64_t rest = count->total;
    for (int number = 0; number < SYSCOUNT_NUMBERS && to->names < CALLS_NAMED - 1; number++) {
        struct named_calls *named = &to->named[to->names];
        const char *name = syscount_name(number);
        if (count->calls[number] == 0)
            continue;
        if (name)
            snprintf(named->name, sizeof named->name, "%s", name);
        else
            snprintf(named->name, sizeof named->name, "call %d", number);
        named->calls = count->calls[number];
        rest -= named->calls;
        to->names++;
    }
    qsort(to->named, to->names, sizeof to->named[0], by_calls);
    if (rest > 0)
        to->named[to->names++] = (struct named_calls){"others", rest};
}

static void set_counts(const struct job_count *count, struct call_count *to)
{
    to->minor_faults = count->minor_faults;
    to->major_faults = count->major_faults;
    to->reads = count->by_backend;
    to->kernel_reads = count->by_kernel;
    to->proc_reads = count->by_proc;
    if (count->by_kernel.state != READING_EXACT)
        return;
    to->calls = (struct reading){READING_EXACT, count->calls.total};
    set_names(&count->calls, to);
}

/* --- what is wrong with it --- */

static void say_reading(char text[24], const struct reading *r)
{
    snprintf(text, 24, "n/a");
    if (r->state == READING_EXACT)
        snprintf(text, 24, "%" PRIu64, r->value);
}

static void check_counts(struct session *s, const struct job_count *count, const char *name)
{
    char kernel[24], proc[24];
    if (job_count_agrees(count))
        return;
    say_reading(kernel, &count->by_kernel);
    say_reading(proc, &count->by_proc);
    session_fail(s, "%s: the counts of its reads disagree: %" PRIu64 " by itself, %s by %s, %s by /proc/self/io", name,
                 count->by_backend, kernel, syscount_methods[s->counter.method], proc);
    s->disagreed = true;
}

/* Is it a decode whose counts mean something? */
static bool is_right(struct session *s, const struct job *job, const struct job_result *r, const struct tally *expected,
                     const char *name)
{
    enum verdict verdict = judge(r->outcome, 0, tally_equal(&r->tally, expected));
    char text[SAMPLE_ERROR] = "a wrong result while its calls were counted";
    if (verdict == VERDICT_RIGHT)
        return true;
    if (r->outcome)
        input_describe(job->paths[r->file], r->outcome, r->fault, text, sizeof text);
    session_fail(s, "%s: %s", name, text);
    s->disagreed |= verdict == VERDICT_WRONG;
    return false;
}

static const char *end_text(enum child_end end, int detail, const char *why)
{
    if (end == CHILD_CRASHED)
        return strsignal(detail);
    if (end == CHILD_TIMED_OUT)
        return "no end within the time allowed";
    return *why ? why : detail ? strerror(detail) : "the process just ended";
}

/* --- counting --- */

/* The case's own part of the file, or less of it. */
static const struct plan_range *range_of(struct session *s, const struct plan_case *c, int *error, char *why,
                                         size_t size)
{
    uint64_t most = most_records[s->counter.method];
    struct plan_file *f = &s->plan.files[c->file];
    bool long_enough = c->backend->step == DBN_STEP_BLOCK || c->range->records <= most;
    bool whole = f->compressed || c->range->raw || plan_files(c) > 1;
    return long_enough || whole ? c->range : plan_range(&s->plan, f, most, error, why, size);
}

static bool count_case(struct session *s, const struct plan_case *c)
{
    struct job_count count;
    struct case_key key;
    char why[SAMPLE_ERROR], why_not[SYSCOUNT_WHY], name[CASE_NAME];
    int error, detail;
    const struct plan_range *range = range_of(s, c, &error, why, sizeof why);
    if (!range)
        return session_no_range(s, error, why);
    struct call_count counted = {.index = (uint64_t)(c - s->plan.cases), .records = range->records};
    const struct tally expected = sink_expected(c->sink, range->expected);
    struct job job = plan_job(&s->plan, c, range);
    enum child_end end = job_count(&s->counter, &job, &count, &detail, why_not);
    plan_key(&s->plan, c, &key);
    case_name(&key, name);
    if (end == CHILD_STOPPED)
        return session_stop(s);
    if (end != CHILD_DONE) {
        snprintf(counted.why, sizeof counted.why, "%s", end_text(end, detail, why_not));
        session_fail(s, "%s: calls not counted: %s", name, counted.why);
    } else if (is_right(s, &job, &count.result, &expected, name)) {
        set_counts(&count, &counted);
        check_counts(s, &count, name);
    } else {
        snprintf(counted.why, sizeof counted.why, "the decode that was counted went wrong");
    }
    return session_store(s, "calls", calls_to_json(&counted), results_add_calls(&s->results, &counted));
}

bool session_count_calls(struct session *s)
{
    bool go_on = true;
    for (size_t k = 0; k < s->plan.case_count && go_on; k++) {
        const struct plan_case *c = &s->plan.cases[k];
        if (c->failed)
            continue;
        progress_show(&s->progress,
                      &(struct progress_now){.file = &s->plan.files[c->file], .c = c, .counting = "system calls: "});
        go_on = count_case(s, c);
    }
    return go_on;
}
