/* No clock runs here: counting takes time. */
#include "calls.h"

#include "../machine/child.h"
#include "judge.h"
#include "session_parts.h"
#include "take.h"

#include <errno.h>
#include <inttypes.h>
#include <malloc.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/sysinfo.h>

/* With ptrace, a job of millions of calls takes minutes. */
enum { TIMEOUT_MS = 3600 * 1000 };

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

/* All that reads off something is outside of what is counted. A look at /proc/self/io is itself a read call,
 * and counted; two looks in a row tell what one costs.
 *
 * With many threads malloc wants to know how many processors there are, and reads that from a file. If it is
 * told the limit that it works out from that, it need not. */
static void run_job(void *arg, void *result)
{
    struct counted_job *c = result;
    struct rusage before, after;
    struct io_counts first, second, last;
    char why[SYSCOUNT_WHY];
    mallopt(M_ARENA_MAX, 8 * get_nprocs());
    bool known = take_io_counts(&first, why, sizeof why) && take_io_counts(&second, why, sizeof why);
    getrusage(RUSAGE_SELF, &before);
    syscount_begin();
    job_run(arg, &c->result);
    syscount_end();
    getrusage(RUSAGE_SELF, &after);
    if (known && take_io_counts(&last, why, sizeof why))
        c->count.proc_reads = (struct reading){READING_EXACT, last.syscr - second.syscr - (second.syscr - first.syscr)};
    c->count.minor_faults = (uint64_t)(after.ru_minflt - before.ru_minflt);
    c->count.major_faults = (uint64_t)(after.ru_majflt - before.ru_majflt);
    c->count.reads = c->result.counts.reads;
}

enum child_end calls_count(bool traced, const struct job *job, struct counted_job *counted, int *detail,
                           char why[SYSCOUNT_WHY])
{
    struct job of = *job;
    struct syscount calls;
    *counted = (struct counted_job){0};
    why[0] = '\0';
    if (!traced)
        return child_run(run_job, &of, counted, sizeof *counted, TIMEOUT_MS, detail);
    enum child_end end = syscount_run(run_job, &of, counted, sizeof *counted, TIMEOUT_MS, detail, &calls, why);
    if (end != CHILD_DONE)
        return end;
    counted->count.kernel_reads = (struct reading){READING_EXACT, syscount_reads(&calls)};
    counted->count.calls = (struct reading){READING_EXACT, calls.total};
    set_names(&calls, &counted->count);
    return end;
}

bool calls_agree(const struct call_count *c)
{
    return (c->kernel_reads.state != READING_EXACT || c->kernel_reads.value == c->reads) &&
           (c->proc_reads.state != READING_EXACT || c->proc_reads.value == c->reads);
}

/* --- the pass of a session --- */

/* Where every record takes calls: so many that counting takes seconds, even with dozens of them a record. */
enum { MOST_TRACED = 10000, MOST_UNTRACED = 1000000 };

static const char *method(const struct session *s)
{
    return s->traced ? "ptrace" : "none";
}

json_t *session_calls_json(const struct session *s)
{
    json_t *missing = json_object();
    if (!s->traced)
        json_object_set_new(missing, "ptrace", json_string(s->no_trace));
    return json_pack("{s:s, s:o}", "method", method(s), "missing", missing);
}

static void say_reading(char text[24], const struct reading *r)
{
    snprintf(text, 24, "n/a");
    if (r->state == READING_EXACT)
        snprintf(text, 24, "%" PRIu64, r->value);
}

static void check_counts(struct session *s, const struct call_count *count, const char *name)
{
    char kernel[24], proc[24];
    if (calls_agree(count))
        return;
    say_reading(kernel, &count->kernel_reads);
    say_reading(proc, &count->proc_reads);
    session_fail(s, "%s: the counts of its reads disagree: %" PRIu64 " by itself, %s by %s, %s by /proc/self/io", name,
                 count->reads, kernel, method(s), proc);
    s->disagreed = true;
}

/* The case's own part of the file, or less of it. */
static const struct plan_range *range_of(struct session *s, const struct plan_case *c)
{
    uint64_t most = s->traced ? MOST_TRACED : MOST_UNTRACED;
    struct plan_file *f = &s->plan.files[c->file];
    bool long_enough = c->backend->step == DBN_STEP_BLOCK || c->range->records <= most;
    bool whole = f->compressed || c->range->raw || c->key.files > 1;
    return long_enough || whole ? c->range : session_range(s, f, most);
}

bool session_count_calls(struct session *s, const struct plan_case *c)
{
    struct counted_job counted;
    struct call_count *count = &counted.count;
    const struct job_result *r = &counted.result;
    enum verdict verdict = VERDICT_RIGHT;
    char why[SYSCOUNT_WHY], name[CASE_NAME];
    int detail;
    const struct plan_range *range = range_of(s, c);
    if (!range)
        return false;
    const struct tally expected = sink_expected(c->sink, range->expected);
    struct job job = plan_job(&s->plan, c, range);
    enum child_end end = calls_count(s->traced, &job, &counted, &detail, why);
    if (end == CHILD_STOPPED)
        return session_stop(s);
    if (end == CHILD_DONE)
        verdict = judge(r->outcome, 0, tally_equal(&r->tally, &expected));
    else if (!*why)
        child_describe(end, detail, TIMEOUT_MS, why, sizeof why);
    if (verdict != VERDICT_RIGHT)
        snprintf(why, sizeof why, "the decode went wrong: %s",
                 r->outcome ? dbn_outcome_text(r->outcome) : "another result");
    s->disagreed |= verdict == VERDICT_WRONG;
    case_name(&c->key, name);
    count->index = (uint64_t)(c - s->plan.cases);
    count->records = range->records;
    snprintf(count->why, sizeof count->why, "%s", why);
    if (*why)
        session_fail(s, "%s: calls not counted: %s", name, why);
    else
        check_counts(s, count, name);
    return session_store(s, STORED_CALLS, count);
}
