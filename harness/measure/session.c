#include "session_parts.h"

#include "../machine/child.h"
#include "../machine/clock.h"
#include "../machine/page_cache.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

/* A new file in results/ is named after the kind of the run and its id. */
static bool open_store(struct session *s)
{
    struct tm utc;
    time_t now = time(NULL);
    size_t n = strftime(s->id, sizeof s->id, "%Y%m%dT%H%M%SZ", gmtime_r(&now, &utc));
    snprintf(s->id + n, sizeof s->id - n, "-%ld", (long)getpid());
    if (!s->o->out && mkdir("results", 0777) < 0 && errno != EEXIST)
        return session_fail(s, "results: %s; -o FILE stores elsewhere", strerror(errno));
    if (s->o->out)
        snprintf(s->path, sizeof s->path, "%s", s->o->out);
    else
        snprintf(s->path, sizeof s->path, "results/%s-%s.jsonl", run_kinds[s->o->kind], s->id);
    int rc = store_open(s->path, &s->store);
    if (rc == -EEXIST)
        return session_fail(s, "%s: holds something else than results, so nothing is added to it", s->path);
    return rc == 0 ||
           session_fail(s, "%s: %s%s", s->path, strerror(-rc), s->o->out ? "" : "; -o FILE stores elsewhere");
}

static int add_files(struct session *s)
{
    const struct session_options *o = s->o;
    int rc = plan_add_datasets(&s->plan, o->datasets, o->folder, o->complain);
    if (rc == 0)
        rc = plan_add_files(&s->plan, o->paths, o->path_count, o->complain);
    return rc ? rc : plan_add_datasets(&s->plan, o->datasets_behind, o->folder, o->complain);
}

/* Brings the files into the page cache and has the reference decoder say what is in them. */
static bool look_into_files(struct session *s)
{
    child_watch_signals();
    for (size_t i = 0; i < s->plan.file_count; i++) {
        struct plan_file *f = &s->plan.files[i];
        session_progress(s, NULL, "%s: decoding it with the reference decoder", f->name);
        if (s->o->plan && !session_range(s, f, 0))
            return false;
        page_cache_settle(f->path, s->o->folios, &f->dropped); /* what cannot be read fails where it is measured */
        f->faults_per_mib = page_cache_faults(f->path);
        if (child_stopped())
            return session_stop(s);
    }
    progress_end(&s->progress);
    return true;
}

static void open_limits(struct session *s)
{
    bool any = s->o->limits || memchr(s->o->wanted, true, sizeof s->o->wanted);
    s->limit_count = any ? s->plan.file_count : 0;
    s->limits = calloc(s->limit_count + 1, sizeof *s->limits);
    for (size_t i = 0; i < s->limit_count; i++) {
        struct limits *l = &s->limits[i];
        *l = (struct limits){.path = s->plan.files[i].path,
                             .dataset = s->plan.files[i].name,
                             .window_log = s->o->input.window_log,
                             .folios = s->o->folios,
                             .random = s->o->seed + i};
        memcpy(l->wanted, s->o->wanted, sizeof l->wanted);
        for (size_t k = 0; k < s->plan.case_count && s->o->limits; k++) {
            const struct plan_case *c = &s->plan.cases[k];
            if (c->file == i && c->limit)
                l->wanted[limits_find(c->limit)] = true;
        }
        limits_open(l);
    }
}

/* --- all of it --- */

static bool count(struct session *s, const char *what, bool (*of)(struct session *s, const struct plan_case *c))
{
    bool go_on = true;
    for (const struct plan_case *c = s->plan.cases; c < s->plan.cases + s->plan.case_count && go_on; c++) {
        if (c->failed)
            continue;
        session_progress(s, &c->key, "counting %s:", what);
        go_on = of(s, c);
    }
    return go_on;
}

static void measure_and_store(struct session *s)
{
    open_limits(s);
    s->results.run = run_line_begin(s);
    bool begun = session_append(s, "run", s->results.run);
    bool go_on = begun && session_calibrate(s) && session_measure(s);
    if (go_on && s->o->instructions)
        go_on = count(s, "instructions", session_count_instructions);
    if (go_on && s->o->calls)
        count(s, "system calls", session_count_calls);
    while (s->limit_count > 0)
        limits_close(&s->limits[--s->limit_count], session_keep_limit, s);
    free(s->limits);
    progress_end(&s->progress);
    if (!s->lost) {
        s->results.end = run_line_end(s);
        session_append(s, "end", s->results.end);
    }
    int rc = store_close(s->store);
    if (!begun && !s->o->out)
        unlink(s->path); /* nobody else writes to a file of that name */
    if (rc && !s->lost)
        session_fail(s, "%s: %s", s->path, strerror(-rc));
}

/* The worst of what went wrong; a wrong result is worse than none. That a decoder of others is not here is nothing, as
 * long as there is any result. */
static enum session_end judge_samples(const struct session *s)
{
    bool failed = s->failed, missing = false, any = false;
    for (size_t i = 0; i < s->results.count && !s->stopped; i++) {
        const struct sample *sample = &s->results.samples[i];
        if (sample->outcome == SAMPLE_MISMATCH)
            return SESSION_MISMATCH;
        if (sample->outcome == SAMPLE_OK)
            any = true;
        else if (sample->outcome == SAMPLE_UNAVAILABLE && *sample->key.decoder)
            missing = true;
        else
            failed = true;
    }
    failed |= missing && !any;
    return s->stopped ? SESSION_STOPPED : s->disagreed ? SESSION_MISMATCH : failed ? SESSION_FAILED : SESSION_DONE;
}

static void announce(struct session *s)
{
    char text[128];
    size_t n = s->plan.file_count;
    snprintf(text, sizeof text, "%zu file%s, for %" PRIu64 " s at most (--time); Ctrl-C ends it with what there is", n,
             n == 1 ? "" : "s", s->o->seconds);
    if (s->o->seconds > 0)
        progress_say(&s->progress, text);
}

enum session_end session_run(struct session *s, const struct session_options *o)
{
    *s = (struct session){.o = o, .begin_ns = clock_now_ns()};
    s->plan = (struct plan){.input = o->input,
                            .cold = o->cold,
                            .folios = o->folios,
                            .counters = o->counters,
                            .limits = {(int)o->timeout_s * 1000, o->memory_limit}};
    progress_begin(&s->progress, o->progress);
    for (const unsigned *threads = o->capacity; threads && *threads; threads++)
        for (enum capacity_kind kind = 0; kind < CAPACITY_KERNELS; kind++)
            s->capacity[s->capacity_count++] = (struct capacity){.kind = kind, .threads = *threads};
    counters_try(&s->plan.counters);
    s->traced = o->calls && syscount_try(s->no_trace);
    int rc = add_files(s);
    if (rc == 0)
        announce(s);
    if (rc == 0 && look_into_files(s))
        rc = o->plan ? o->plan(s, o->arg) : 0;
    if (rc == 0 && !s->failed && !s->stopped && open_store(s))
        measure_and_store(s);
    if (rc)
        return rc == -EINVAL ? SESSION_USAGE : SESSION_FAILED;
    return judge_samples(s);
}

void session_free(struct session *s)
{
    results_free(&s->results);
    plan_free(&s->plan);
}
