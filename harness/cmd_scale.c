/* dbnbench scale: how decoding scales over threads, files and shards, and what of it is serial. */
#include "../datasets/datasets.h"
#include "child.h"
#include "cmd_scale_show.h"
#include "cmd_session.h"
#include "exit.h"
#include "options.h"
#include "progress.h"
#include "run_line.h"
#include "scale_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OPERANDS "all files together"

/* All of one invocation. */
struct session {
    const struct scale_arguments *a;
    struct plan plan;
    struct scale_plan cases;
    struct run run;
    struct run_capacity capacity;
    char *words;     /* of --dataset; what inputs are named after */
    char path[4096]; /* of the store */
};

static int add_input(struct session *s, size_t first, size_t files, const char *name)
{
    if (files == 0 || scale_plan_add(&s->cases, first, files, name) == 0)
        return EXIT_FINE;
    complain("%s", strerror(ENOMEM));
    return EXIT_FAILED;
}

static size_t find_file(const struct plan *p, const char *name)
{
    size_t i = 0;
    while (i < p->file_count && strcmp(p->files[i].name, name) != 0)
        i++;
    return i;
}

/* A set is decoded as many files, a dataset by itself. */
static int add_word(struct session *s, const char *word)
{
    size_t first = s->plan.file_count, files = 0;
    for (const struct dataset *d = datasets; d->name; d++)
        files += dataset_matches(d, word);
    int code = session_add_datasets(&s->plan, word, s->a->folder);
    if (code)
        return code;
    if (files == 1 && s->plan.file_count == first)
        return add_input(s, find_file(&s->plan, word), 1, word);
    if (s->plan.file_count - first == files)
        return add_input(s, first, files, word);
    complain("-d: some of %s are among those before it; name the larger set first, or alone", word);
    return EXIT_USAGE;
}

static int add_operands(struct session *s)
{
    size_t first = s->plan.file_count;
    int code = session_add_files(&s->plan, s->a->paths, s->a->path_count);
    size_t files = s->plan.file_count - first;
    for (size_t i = first; i < s->plan.file_count && code == EXIT_FINE; i++)
        code = add_input(s, i, 1, NULL);
    return code == EXIT_FINE && files > 1 ? add_input(s, first, files, OPERANDS) : code;
}

static int add_inputs(struct session *s)
{
    int code = EXIT_FINE;
    s->plan.input = s->a->input;
    s->words = s->a->datasets ? strdup(s->a->datasets) : NULL;
    char *rest = s->words, *word;
    while (code == EXIT_FINE && (word = strsep(&rest, ",")) != NULL)
        code = add_word(s, word);
    return code == EXIT_FINE ? add_operands(s) : code;
}

/* Everything but the clock: what is in the files, and which cases that makes. */
static int prepare(struct session *s)
{
    enum run_end end = run_prepare(&s->run);
    int rc = end ? 0 : scale_plan_set(&s->cases, s->a, s->run.why, sizeof s->run.why);
    progress_end(s->run.progress_arg);
    if (end == RUN_STOPPED || rc == -EINTR)
        return EXIT_INTERRUPTED;
    if (end || rc)
        complain("%s", s->run.why);
    else if (s->plan.case_count == 0)
        complain("nothing is left to measure; see `dbnbench list backends`");
    return end || rc || s->plan.case_count == 0 ? EXIT_FAILED : EXIT_FINE;
}

/* Which of the run's files are decoded together. */
static json_t *inputs_json(const struct scale_plan *p)
{
    json_t *inputs = json_array();
    for (const struct scale_input *in = p->inputs; in < p->inputs + p->count; in++)
        if (in->files > 1)
            json_array_append_new(inputs, json_pack("{s:s, s:I, s:I}", "name", in->name, "first", (json_int_t)in->first,
                                                    "files", (json_int_t)in->files));
    return inputs;
}

static enum run_end measure_all(struct session *s)
{
    json_t *line = run_line_begin(&s->run, s->a->backends, s->a->argc, s->a->argv);
    json_object_set_new(line, "inputs", inputs_json(&s->cases));
    enum run_end end = session_append(&s->run, "run", line);
    if (end == RUN_DONE)
        end = run_calibrate(&s->run);
    if (end == RUN_DONE)
        end = run_measure(&s->run);
    return end;
}

static int measure_and_store(struct session *s)
{
    struct run *r = &s->run;
    int code = session_open_store(r, s->a->out, "scale", s->path, sizeof s->path);
    if (code)
        return code;
    enum run_end end = session_close(r, measure_all(s), s->path);
    if (end == RUN_NOT_STORED && r->results->count == 0)
        return EXIT_FAILED;
    int rc = scale_show(r->results, s->path, s->a->json, s->a->out && strcmp(s->a->out, "-") == 0 ? stderr : stdout);
    if (rc)
        complain("the table: %s", strerror(-rc));
    return rc ? EXIT_FAILED : session_code(r->results, end);
}

int cmd_scale(int argc, char **argv)
{
    struct scale_arguments a;
    struct results results = {0};
    struct run_limits limits;
    struct progress progress;
    char id[SESSION_ID];
    scale_arguments_parse(&a, argc, argv);
    session_id(id);
    struct session s = {.a = &a};
    s.cases.plan = &s.plan;
    s.run = (struct run){
        .plan = &s.plan,
        .id = id,
        .results = &results,
        .limits = &limits,
        .capacity = &s.capacity,
        .rounds = (unsigned)a.rounds,
        .seed = a.seed,
        .begin_ns = run_now_ns(),
        .limit_ns = a.seconds * 1000000000u,
        .progress = progress_show,
        .progress_arg = &progress,
    };
    progress_begin(&progress, stderr);
    memcpy(s.capacity.threads, a.threads, sizeof s.capacity.threads);
    int code = add_inputs(&s);
    if (code == EXIT_FINE) {
        child_watch_signals();
        code = prepare(&s);
    }
    if (code == EXIT_FINE)
        code = measure_and_store(&s);
    results_free(&results);
    scale_plan_free(&s.cases);
    plan_free(&s.plan);
    free(s.words);
    scale_arguments_free(&a);
    return code;
}
