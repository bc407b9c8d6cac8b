/* dbnbench profile: takes decoding apart, holds the parts against the whole, and prints what each could give at most.
 */
#include "exit.h"
#include "../measure/limits.h"
#include "../view/document.h"
#include "../measure/run_line.h"
#include "cmd_profile_arguments.h"
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
};

static int make_plan(struct profiling *s)
{
    const struct profile_arguments *a = s->a;
    int code = session_add_inputs(&s->session);
    if (code)
        return code;
    if (profile_plan_set(&s->cases, &s->session.plan, a->backends, a->keep) < 0) {
        complain("%s", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    for (const struct backend **b = a->backends; *b; b++)
        if (!backend_unavailable(*b))
            return EXIT_FINE;
    complain("no backend is left to profile; see `dbnbench list backends`");
    return EXIT_FAILED;
}

/* --- unit costs --- */

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
    limits_close(&l);
    return go_on;
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
    return session_code(session, end,
                        document_run(&session->results, session->path, session->a->json, session_output(session)));
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
    profile_arguments_free(&a);
    return code;
}
