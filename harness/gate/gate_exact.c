/* Counts of a decode are the difference between processes that make two and one of them: what a process does to start
 * and to end is in both. */
#include "../machine/counters.h"
#include "../machine/syscount.h"
#include "gate.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

enum { FEW = 1, MANY = 2 };
static const double instructions_warn = 0.001, instructions_fail = 0.005;

/* Which of these are made, and how often, is up to the scheduler; so are those for memory, where threads share it. When
 * the heap has to grow is up to all that came before; what is asked of it is counted as allocations. */
static bool depends_on_others(int number, bool threads)
{
    bool memory = number == SYS_mmap || number == SYS_munmap || number == SYS_madvise || number == SYS_mprotect;
    bool scheduling = number == SYS_futex || number == SYS_sched_yield || number == SYS_restart_syscall;
    return number == SYS_brk || scheduling || (threads && memory);
}

bool gate_names(const char *list, const char *word)
{
    size_t n = strlen(word);
    for (const char *at = list; at && *at; at += *at == ',') {
        size_t length = strcspn(at, ",");
        if (length == n && strncmp(at, word, n) == 0)
            return true;
        at += length;
    }
    return false;
}

static struct gate_item *add(struct gate_case *c, const char *name, struct gate_count base, struct gate_count head)
{
    struct gate_item *i = &c->item[c->items < GATE_ITEMS ? c->items++ : GATE_ITEMS - 1];
    *i = (struct gate_item){.base = base, .head = head};
    snprintf(i->name, sizeof i->name, "%s", name);
    return i;
}

static void compare(const struct gate *g, struct gate_case *c, const char *name, const char *group,
                    struct gate_count base, struct gate_count head)
{
    struct gate_item *i = add(c, name, base, head);
    i->verdict = gate_judge_count(base, head, gate_names(g->allow, group), i->why);
    c->exact = gate_worse(c->exact, i->verdict);
}

/* It was asked for, so that is no pass; with counts alone it is an error. */
static void not_counted(const struct gate *g, struct gate_case *c, const char *name, const char *group, const char *why)
{
    struct gate_item *i = add(c, name, (struct gate_count){0}, (struct gate_count){0});
    bool allowed = gate_names(g->allow, group);
    i->verdict = allowed ? GATE_OK : g->exact_only ? GATE_COULD_NOT_RUN : GATE_INCONCLUSIVE;
    snprintf(i->why, sizeof i->why, "could not be counted: %.120s (%s%s)", why,
             allowed ? "as allowed" : "what lets that pass: --allow ", allowed ? "" : group);
    c->exact = gate_worse(c->exact, i->verdict);
}

static void fail(struct gate_case *c, enum gate_verdict verdict, const char *why)
{
    c->exact = gate_worse(c->exact, verdict);
    if (!*c->why)
        snprintf(c->why, sizeof c->why, "%s", why);
}

/* --- what decodes say --- */

static struct gate_count known(uint64_t value)
{
    return (struct gate_count){true, value};
}

/* It may not shrink: then something is wrong with the count. */
static struct gate_count grown(struct gate_count few, struct gate_count many)
{
    return (struct gate_count){few.known && many.known && many.value >= few.value, many.value - few.value};
}

/* Not with each other: two that are wrong alike are wrong. */
static void compare_found(struct gate_case *c, const char *sink, const struct tally *base, const struct tally *head)
{
    const struct tally expected = sink_expected(sink_find(sink), c->range->expected);
    bool base_right = tally_equal(base, &expected), head_right = tally_equal(head, &expected);
    const struct tally *wrong = head_right ? base : head;
    char name[48];
    snprintf(name, sizeof name, "what %s finds", sink);
    struct gate_item *i = add(c, name, known(base->records), known(head->records));
    i->verdict = base_right && head_right ? GATE_OK : GATE_WRONG;
    c->exact = gate_worse(c->exact, i->verdict);
    if (i->verdict == GATE_WRONG)
        snprintf(i->why, sizeof i->why,
                 "%s something else with %.20s: %" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64
                 " -> %" PRIu64 ", %" PRIu64 ", %016" PRIx64,
                 head_right   ? "base finds"
                 : base_right ? "head finds"
                              : "both find",
                 sink, expected.records, expected.bytes, expected.digest, wrong->records, wrong->bytes, wrong->digest);
}

/* GATE_OK; GATE_NOTHING if a signal came; or what went wrong, as c->exact says. */
static enum gate_verdict compare_readings(struct gate *g, struct gate_case *c, const char *sink, bool counts)
{
    struct gate_reading few[2], many[2];
    for (int i = 0; i < 4; i++) {
        char why[GATE_WHY];
        struct gate_decode what = {.sink = sink, .decodes = i % 2 ? MANY : FEW};
        enum gate_verdict verdict = gate_decode(g, &g->arm[i / 2], c, &what, &(i % 2 ? many : few)[i / 2], why);
        if (verdict > GATE_OK)
            fail(c, verdict, why);
        if (verdict != GATE_OK)
            return verdict;
    }
    compare_found(c, sink, &few[0].found, &few[1].found);
    for (size_t i = 0; i < GATE_COUNTS && counts; i++)
        compare(g, c, gate_counted[i].name, gate_counted[i].group, grown(few[0].count[i], many[0].count[i]),
                grown(few[1].count[i], many[1].count[i]));
    return GATE_OK;
}

/* --- what the kernel saw --- */

enum { TRACE_MS = 300 * 1000 };

/* The tracer follows the program and whatever that starts. What is in the environment decides how interpreters start,
 * so there is next to nothing in it. */
static void become_traced(void *arg, void *result)
{
    static const char *const environment[] = {"LC_ALL=C", NULL};
    const struct gate_command *command = arg;
    struct child_program program = {.argv = command->argv, .environment = environment};
    syscount_begin();
    *(int *)result = child_become(&program, NULL);
    _exit(1);
}

/* False: stopped by a signal. Where it cannot be traced, g->no_calls says why, and it is not tried again. */
static bool trace(struct gate *g, const struct gate_arm *arm, const struct gate_case *c, uint64_t decodes,
                  struct syscount *count)
{
    struct gate_command command;
    struct gate_decode what = {.sink = c->key.sink, .decodes = decodes};
    char why[SYSCOUNT_WHY];
    int error = 0, detail;
    if (*g->no_calls)
        return true;
    gate_decode_command(arm, c, &what, &command);
    enum child_end end = syscount_run(become_traced, &command, &error, sizeof error, TRACE_MS, &detail, count, why);
    if (end != CHILD_DONE && !*why)
        child_describe(end, detail, TRACE_MS, why, sizeof why);
    if (end != CHILD_DONE)
        snprintf(g->no_calls, GATE_WHY, "%s", why);
    return end != CHILD_STOPPED;
}

static bool compare_calls(struct gate *g, struct gate_case *c)
{
    static struct syscount few[2], many[2]; /* much for a stack */
    for (int i = 0; i < 2; i++)
        if (!trace(g, &g->arm[i], c, FEW, &few[i]) || !trace(g, &g->arm[i], c, MANY, &many[i]))
            return false;
    if (*g->no_calls) {
        not_counted(g, c, "system calls", "calls", g->no_calls);
        return true;
    }
    for (int n = 0; n < SYSCOUNT_NUMBERS; n++) {
        char name[48];
        bool none = many[0].calls[n] == few[0].calls[n] && many[1].calls[n] == few[1].calls[n];
        if (none || depends_on_others(n, c->by_wall))
            continue;
        if (syscount_name(n))
            snprintf(name, sizeof name, "calls of %s", syscount_name(n));
        else
            snprintf(name, sizeof name, "calls of number %d", n);
        compare(g, c, name, "calls", grown(known(few[0].calls[n]), known(many[0].calls[n])),
                grown(known(few[1].calls[n]), known(many[1].calls[n])));
    }
    return true;
}

/* --- instructions --- */

/* Of the whole process: its start is small against the decodes. With threads the scheduler has a hand in them. */
static bool compare_instructions(struct gate *g, struct gate_case *c)
{
    struct gate_decode what = {.sink = c->key.sink, .decodes = 1 + c->decodes / 4};
    struct gate_count n[2] = {{true, 0}, {true, 0}};
    if (g->skip_instructions || c->by_wall)
        return true;
    for (int i = 0; i < 2 && !*g->no_instructions; i++) {
        struct gate_command command;
        gate_decode_command(&g->arm[i], c, &what, &command);
        if (!instructions_count(command.argv, command.environment, &n[i].value, g->no_instructions, GATE_WHY))
            return false;
    }
    if (*g->no_instructions) {
        not_counted(g, c, "instructions", "instructions", g->no_instructions);
        return true;
    }
    struct gate_item *i = add(c, "instructions", n[0], n[1]);
    i->verdict =
        gate_judge_rise(n[0], n[1], instructions_warn, instructions_fail, gate_names(g->allow, "instructions"), i->why);
    c->exact = gate_worse(c->exact, i->verdict);
    return true;
}

bool gate_compare_counts(struct gate *g, struct gate_case *c)
{
    if (g->arm[0].modes)
        return compare_readings(g, c, c->key.sink, false) != GATE_NOTHING;
    enum gate_verdict verdict = compare_readings(g, c, c->key.sink, true);
    if (verdict == GATE_OK && sink_find(c->key.sink)->expect != expect_fields)
        verdict = compare_readings(g, c, "fields", false);
    if (verdict != GATE_OK)
        return verdict != GATE_NOTHING;
    /* Who waits for the child in which a plug-in decodes makes a few calls more or less. */
    return (c->word || compare_calls(g, c)) && compare_instructions(g, c);
}
