/* dbnbench profile: takes decoding apart, holds the parts against the whole, and prints what each could give at most.
 */
#include "exit.h"
#include "../measure/limits.h"
#include "../view/cases.h"
#include "../measure/run_line.h"
#include "cmd_profile_arguments.h"
#include "cmd_profile_show.h"
#include "cmd_session.h"
#include "profile_plan.h"

#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

enum { UNIT_ROUNDS = 7 };

/* All of one invocation. */
struct profiling {
    struct session session;
    const struct profile_arguments *a;
    struct profile_plan cases;
    struct profile_units *units; /* by file */
};

static int make_plan(struct profiling *s)
{
    const struct profile_arguments *a = s->a;
    int code = session_add_inputs(&s->session);
    if (code)
        return code;
    s->units = calloc(s->session.plan.file_count + 1, sizeof *s->units);
    if (!s->units || profile_plan_set(&s->cases, &s->session.plan, a->backends, a->keep) < 0) {
        complain("%s", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    for (size_t i = 0; i < s->session.plan.file_count; i++)
        s->units[i] = (struct profile_units){NAN, NAN, NAN};
    for (const struct backend **b = a->backends; *b; b++)
        if (!backend_unavailable(*b))
            return EXIT_FINE;
    complain("no backend is left to profile; see `dbnbench list backends`");
    return EXIT_FAILED;
}

/* --- unit costs --- */

static double value_of(const struct limits *l, const char *name)
{
    struct stats s = limits_stats(&l->results[limits_find(name) - limits_table]);
    return s.n ? s.median : NAN;
}

static void store_limits(struct profiling *s, const struct limits *l, const char *file)
{
    json_t *line = limits_json(l);
    if (line)
        json_object_set_new(line, "dataset", json_string(file));
    if (line)
        store_append(s->session.run.store, "limits", s->session.run.id, line);
    json_decref(line);
}

/* What a call, a byte and a page fault take. It is a second opinion: without it there is none, and no error. False: a
 * signal stopped it. */
static bool take_units(struct profiling *s, size_t file)
{
    const struct plan_file *f = &s->session.plan.files[file];
    const char *copy = limits_for(backend_plain(), false, s->session.a->input.block);
    const char *names[] = {"read_16_ns", "map_fault_ns", copy};
    bool wanted[LIMITS_COUNT] = {false}, go_on = true;
    struct limits l;
    char why[4096 + 256];
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        wanted[limits_find(names[i]) - limits_table] = true;
    struct limits_options options = {f->path, s->session.a->input.window_log, s->session.run.seed, wanted};
    if (limits_open(&l, &options, why, sizeof why) < 0)
        return true;
    for (unsigned i = 0; i < UNIT_ROUNDS && go_on; i++)
        go_on = limits_round(&l);
    store_limits(s, &l, f->name);
    s->units[file] =
        (struct profile_units){value_of(&l, "read_16_ns"), 1e9 / value_of(&l, copy), value_of(&l, "map_fault_ns")};
    limits_close(&l);
    return go_on;
}

/* --- showing --- */

/* The end of the rows that are of the same file as this one. */
static size_t end_of_file(const struct profile *p, size_t first)
{
    size_t end = first;
    while (end < p->count && strcmp(p->rows[end].dataset, p->rows[first].dataset) == 0)
        end++;
    return end;
}

static const struct profile_units *units_of(const struct profiling *s, const struct profile_row *row)
{
    size_t i = 0;
    while (strcmp(s->session.plan.files[i].name, row->dataset) != 0)
        i++;
    return &s->units[i];
}

static int show_json(const struct profiling *s, const struct profile *p, const struct report *report, FILE *to)
{
    json_t *o = cases_json(&s->session.results, report), *rows = json_array();
    for (size_t i = 0, end; i < p->count; i = end) {
        end = end_of_file(p, i);
        json_t *more = profile_json(p->rows + i, end - i, units_of(s, &p->rows[i]));
        json_array_extend(rows, more);
        json_decref(more);
    }
    json_object_set_new(o, "profile", rows);
    json_object_set_new(o, "stored", session_stored_json(s->session.path));
    int rc = json_dumpf(o, to, JSON_INDENT(1)) < 0 ? -EIO : 0;
    fputc('\n', to);
    json_decref(o);
    return rc;
}

static int show_text(const struct profiling *s, const struct profile *p, const struct report *report, FILE *to)
{
    int rc = 0;
    for (size_t i = 0, end; i < p->count && rc == 0; i = end) {
        end = end_of_file(p, i);
        rc = profile_show(p->rows + i, end - i, units_of(s, &p->rows[i]), to);
    }
    if (p->count > 0)
        profile_show_legend(to);
    cases_print_notes(&s->session.results, report, "", to);
    session_print_stored(s->session.path, to);
    return rc;
}

static int show(const struct profiling *s)
{
    FILE *to = session_output(&s->session);
    const struct results *results = &s->session.results;
    struct report report = {0};
    struct profile profile = {0};
    int rc = report_of(results, &report);
    if (rc == 0)
        rc = profile_of(&report, &profile);
    if (rc == 0)
        rc = s->session.a->json ? show_json(s, &profile, &report, to) : show_text(s, &profile, &report, to);
    report_free(&report);
    profile_free(&profile);
    return rc;
}

/* --- the run --- */

static enum run_end measure_all(struct profiling *s)
{
    struct run *r = &s->session.run;
    enum run_end end = run_calibrate(r);
    if (end)
        return end;
    profile_plan_align(&s->cases, r->rounds);
    end = run_measure(r);
    for (size_t i = 0; i < s->session.plan.file_count; i++) {
        if ((end == RUN_DONE || end == RUN_CUT) && !take_units(s, i))
            end = RUN_STOPPED;
    }
    return end;
}

static int measure_and_store(struct profiling *s)
{
    struct session *session = &s->session;
    int code = session_open_store(session, "profile");
    if (code)
        return code;
    json_t *line = run_line_begin(&session->run, RUN_PROFILE, s->a->backends, session->a->argc, session->a->argv);
    enum run_end end = session_append(session, line);
    if (end == RUN_DONE)
        end = measure_all(s);
    end = session_close(session, end);
    if (end == RUN_NOT_STORED && session->results.count == 0)
        return EXIT_FAILED;
    return session_code(session, end, show(s));
}

/* What is in the files as they are, too. */
static int prepare(struct profiling *s)
{
    struct run *r = &s->session.run;
    int code = session_prepare(&s->session);
    int rc = code ? 0 : profile_plan_look(&s->cases, r->why, sizeof r->why);
    if (rc == 0 || rc == -EINTR)
        return rc ? EXIT_INTERRUPTED : code;
    complain("%s", r->why);
    return EXIT_FAILED;
}

int cmd_profile(int argc, char **argv)
{
    struct profile_arguments a;
    struct profiling s = {.a = &a};
    profile_arguments_parse(&a, argc, argv);
    session_begin(&s.session, &a.session);
    int code = make_plan(&s);
    if (code == EXIT_FINE)
        code = prepare(&s);
    if (code == EXIT_FINE)
        code = measure_and_store(&s);
    session_end(&s.session);
    profile_plan_free(&s.cases);
    free(s.units);
    profile_arguments_free(&a);
    return code;
}
