/* dbnbench run: measures backends on files, stores every sample, and prints what they say. */
#include "child.h"
#include "cmd_run_arguments.h"
#include "cmd_session.h"
#include "escape.h"
#include "exit.h"
#include "options.h"
#include "progress.h"
#include "run_instructions.h"
#include "run_line.h"
#include "table.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* --- what is measured --- */

static int make_plan(struct plan *p, const struct run_arguments *a)
{
    *p = (struct plan){.input = a->input, .cold = a->cold};
    char reason[COUNTER_TEXT];
    if (a->counters && counters_choose(&p->counters, a->counters, reason, sizeof reason) < 0) {
        complain("--counters: %s", reason);
        return EXIT_USAGE;
    }
    counters_try(&p->counters);
    int code = session_add_datasets(p, a->datasets, a->folder);
    if (code == EXIT_FINE)
        code = session_add_files(p, a->paths, a->path_count);
    if (code)
        return code;
    if (plan_cross(p, a->backends, a->sinks, a->blocks, a->threads) < 0) {
        complain("%s", strerror(ENOMEM));
        return EXIT_FAILED;
    }
    size_t usable = 0;
    for (const struct sink **s = a->sinks; *s; s++) {
        const char *why = sink_unavailable(*s);
        if (why)
            complain("sink %s is left out: n/a, %s", (*s)->name, why);
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

static int print_results(const struct run *r, const struct run_arguments *a, const char *path)
{
    FILE *to = a->out && strcmp(a->out, "-") == 0 ? stderr : stdout;
    struct report report;
    int rc = report_of(r->results, &report);
    json_t *json = rc == 0 && a->json ? table_json(r->results, &report) : NULL;
    if (json) {
        json_object_set_new(json, "stored", session_stored_json(path));
        rc = json_dumpf(json, to, JSON_INDENT(1)) < 0 ? -EIO : 0;
        fputc('\n', to);
        json_decref(json);
    } else if (rc == 0) {
        rc = table_print(r->results, &report, table_width(to), to);
        session_print_stored(path, to);
    }
    report_free(&report);
    if (rc)
        complain("the table: %s", strerror(-rc));
    return rc ? EXIT_FAILED : EXIT_FINE;
}

/* --- the run --- */

static int measure_and_store(struct run *r, const struct run_arguments *a)
{
    char path[4096];
    int code = session_open_store(r, a->out, "run", path, sizeof path);
    if (code)
        return code;
    enum run_end end = session_append(r, "run", run_line_begin(r, a->backends, a->argc, a->argv));
    if (end == RUN_DONE)
        end = run_calibrate(r);
    if (end == RUN_DONE)
        end = run_measure(r);
    if ((end == RUN_DONE || end == RUN_CUT) && a->instructions) {
        enum run_end counted = run_instructions(r);
        end = counted ? counted : end;
    }
    end = session_close(r, end, path);
    if (end == RUN_NOT_STORED && r->results->count == 0)
        return EXIT_FAILED;
    code = print_results(r, a, path);
    return code ? code : session_code(r->results, end);
}

static int run(const struct run_arguments *a)
{
    struct plan plan;
    struct results results = {0};
    struct progress progress;
    struct run_limits limits;
    char id[SESSION_ID];
    session_id(id);
    struct run r = {
        .plan = &plan,
        .id = id,
        .limits = a->no_limits || a->cold ? NULL : &limits,
        .results = &results,
        .rounds = (unsigned)a->rounds,
        .seed = a->seed,
        .begin_ns = run_now_ns(),
        .limit_ns = a->seconds * 1000000000u,
        .progress = progress_show,
        .progress_arg = &progress,
    };
    progress_begin(&progress, stderr);
    int code = make_plan(&plan, a);
    if (code == EXIT_FINE) {
        child_watch_signals();
        enum run_end end = run_prepare(&r);
        progress_end(&progress);
        if (end == RUN_NOT_EXPECTED)
            complain("%s", r.why);
        code = end == RUN_STOPPED ? EXIT_INTERRUPTED : end ? EXIT_FAILED : measure_and_store(&r, a);
    }
    results_free(&results);
    plan_free(&plan);
    return code;
}

int cmd_run(int argc, char **argv)
{
    struct run_arguments a;
    run_arguments_parse(&a, argc, argv);
    int code = run(&a);
    run_arguments_free(&a);
    return code;
}
