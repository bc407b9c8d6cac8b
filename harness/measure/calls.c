/* The clocks of the sample are of no use here: counting takes time. */
#include "calls.h"

#include "../machine/child.h"
#include "session_parts.h"
#include "measure.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

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

struct work {
    const struct job *job;
    const struct job_expected *expected;
    bool traced;
};

static void decode(void *arg, void *sample)
{
    const struct work *w = arg;
    struct sample *s = sample;
    s->iterations = 1;
    take_sample(w->job, w->expected, &(struct child_limits){.timeout_ms = TIMEOUT_MS}, &(struct counter_set){0},
                w->traced, s);
}

bool calls_count(bool traced, const struct job *job, const struct job_expected *expected, struct sample *s,
                 struct call_count *count)
{
    struct work work = {job, expected, traced};
    struct syscount calls;
    char why[SYSCOUNT_WHY] = "";
    int detail;
    *s = (struct sample){0};
    *count = (struct call_count){0};
    enum child_end end = traced ? syscount_run(decode, &work, s, sizeof *s, TIMEOUT_MS, &detail, &calls, why)
                                : child_run(decode, &work, s, sizeof *s, TIMEOUT_MS, &detail);
    if (end != CHILD_DONE && !*why)
        child_describe(end, detail, TIMEOUT_MS, why, sizeof why);
    else if (s->outcome != SAMPLE_OK)
        snprintf(why, sizeof why, "the decode went wrong: %s", s->error);
    snprintf(count->why, sizeof count->why, "%s", why);
    count->minor_faults = s->minor_faults.value;
    count->major_faults = s->major_faults.value;
    count->reads = s->reads;
    count->proc_reads = s->syscr;
    if (traced && !*why) {
        count->kernel_reads = (struct reading){READING_EXACT, syscount_reads(&calls)};
        count->calls = (struct reading){READING_EXACT, calls.total};
        set_names(&calls, count);
    }
    return end != CHILD_STOPPED;
}

const struct reading *calls_disagree(const struct call_count *c)
{
    const struct reading *const others[] = {&c->kernel_reads, &c->proc_reads};
    for (size_t i = 0; i < 2 && c->reads.state == READING_EXACT; i++)
        if (others[i]->state == READING_EXACT && others[i]->value != c->reads.value)
            return others[i];
    return NULL;
}

/* --- the pass of a session --- */

/* Where every record takes calls: so many that counting takes seconds, even with dozens of them a record. */
enum { MOST_TRACED = 10000, MOST_UNTRACED = 1000000 };

json_t *session_calls_json(const struct session *s)
{
    json_t *missing = json_object();
    if (!s->traced)
        json_object_set_new(missing, "ptrace", json_string(s->no_trace));
    return json_pack("{s:s, s:o}", "method", s->traced ? "ptrace" : "none", "missing", missing);
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
    struct sample sample;
    struct call_count count;
    const struct reading *other;
    char name[CASE_NAME];
    const struct plan_range *range = range_of(s, c);
    if (!range)
        return false;
    const struct job_expected expected = plan_expected(c, range);
    const struct job job = plan_job(&s->plan, c, range);
    if (!calls_count(s->traced, &job, &expected, &sample, &count))
        return session_stop(s);
    case_name(&c->key, name);
    count.index = (uint64_t)(c - s->plan.cases);
    count.records = range->records;
    s->disagreed |= sample.outcome == SAMPLE_MISMATCH;
    if (count.why[0]) {
        session_fail(s, "%s: calls not counted: %s", name, count.why);
    } else if ((other = calls_disagree(&count)) != NULL) {
        session_fail(s, "%s: the counts of its reads disagree: %" PRIu64 " by itself, %" PRIu64 " by %s", name,
                     count.reads.value, other->value, other == &count.proc_reads ? "/proc/self/io" : "ptrace");
        s->disagreed = true;
    }
    return session_store(s, STORED_CALLS, &count);
}
