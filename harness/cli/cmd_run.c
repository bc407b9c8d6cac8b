/* dbnbench run: measures backends on files, stores every sample, and prints what they say. */
#include "exit.h"
#include "../view/cases.h"
#include "../measure/run_instructions.h"
#include "../measure/run_line.h"
#include "../text/safe.h"
#include "cmd_run_arguments.h"
#include "cmd_session.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- what is measured --- */

static int make_plan(struct session *s, const struct run_arguments *a)
{
    struct plan *p = &s->plan;
    char reason[COUNTER_TEXT];
    p->cold = a->cold;
    if (a->counters && counters_choose(&p->counters, a->counters, reason, sizeof reason) < 0) {
        complain("--counters: %s", reason);
        return EXIT_USAGE;
    }
    counters_try(&p->counters);
    int code = session_add_inputs(s);
    if (code)
        return code;
    if (plan_cross(p, a->backends, a->sinks, a->blocks, a->threads) < 0) {
        complain("%s", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    size_t usable = 0;
    for (const struct sink **with = a->sinks; *with; with++) {
        const char *why = sink_unavailable(*with);
        if (why)
            complain("sink %s is left out: n/a, %s", (*with)->name, why);
        usable += why == NULL;
    }
    for (const struct backend **b = a->backends; *b && p->case_count == 0 && usable > 0; b++) {
        const char *why = backend_unavailable(*b);
        complain("backend %s: %s", (*b)->name,
                 why           ? why
                 : p->left_out ? "with the sink none it moves nothing"
                               : "decodes a file with 1 thread only");
    }
    return p->case_count ? EXIT_FINE : EXIT_FAILED;
}

/* --- what is shown --- */

static int show(const struct session *s)
{
    FILE *to = session_output(s);
    struct report report;
    int rc = report_of(&s->results, &report);
    json_t *json = rc == 0 && s->a->json ? cases_json(&s->results, &report) : NULL;
    if (json) {
        json_object_set_new(json, "stored", session_stored_json(s->path));
        rc = json_dumpf(json, to, JSON_INDENT(1)) < 0 ? -EIO : 0;
        fputc('\n', to);
        json_decref(json);
    } else if (rc == 0) {
        rc = cases_print(&s->results, &report, table_width(to), to);
        session_print_stored(s->path, to);
    }
    report_free(&report);
    return rc;
}

/* --- the run --- */

static int measure_and_store(struct session *s, const struct run_arguments *a)
{
    int code = session_open_store(s, "run");
    if (code)
        return code;
    enum run_end end = session_measure(s, run_line_begin(&s->run, RUN_RUN, a->backends, s->a->argc, s->a->argv));
    if ((end == RUN_DONE || end == RUN_CUT) && a->instructions) {
        enum run_end counted = run_instructions(&s->run);
        end = counted ? counted : end;
    }
    end = session_close(s, end);
    if (end == RUN_NOT_STORED && s->results.count == 0)
        return EXIT_FAILED;
    return session_code(s, end, show(s));
}

int cmd_run(int argc, char **argv)
{
    struct run_arguments a;
    struct run_limits limits;
    struct session s;
    run_arguments_parse(&a, argc, argv);
    session_begin(&s, &a.session);
    s.run.limits = a.no_limits || a.cold ? NULL : &limits;
    int code = make_plan(&s, &a);
    if (code == EXIT_FINE)
        code = session_prepare(&s);
    if (code == EXIT_FINE)
        code = measure_and_store(&s, &a);
    session_end(&s);
    run_arguments_free(&a);
    return code;
}
