/* dbnbench scale: how decoding scales over threads, files and shards, and what of it is serial. */
#include "../../datasets/datasets.h"
#include "exit.h"
#include "../measure/run_line.h"
#include "../view/document.h"
#include "cmd_session.h"
#include "scale_plan.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#define OPERANDS "all files together"

/* All of one invocation. */
struct scaling {
    struct session session;
    const struct scale_arguments *a;
    struct scale_plan cases;
    struct run_limits limits;
    struct capacity capacity;
    char *words; /* of --dataset; what inputs are named after */
};

static int add_input(struct scaling *s, size_t first, size_t files, const char *name)
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
static int add_word(struct scaling *s, const char *word)
{
    size_t first = s->session.plan.file_count, files = 0;
    for (const struct dataset *d = datasets; d->name; d++)
        files += dataset_matches(d, word);
    int code = session_add_datasets(&s->session.plan, word, s->session.a->folder);
    if (code)
        return code;
    if (files == 1 && s->session.plan.file_count == first)
        return add_input(s, find_file(&s->session.plan, word), 1, word);
    if (s->session.plan.file_count - first == files)
        return add_input(s, first, files, word);
    complain("-d: some of %s are among those before it; name the larger set first, or alone", word);
    return EXIT_USAGE;
}

static int add_operands(struct scaling *s)
{
    size_t first = s->session.plan.file_count;
    int code = session_add_files(&s->session.plan, s->session.a->paths, s->session.a->path_count);
    size_t files = s->session.plan.file_count - first;
    for (size_t i = first; i < s->session.plan.file_count && code == EXIT_FINE; i++)
        code = add_input(s, i, 1, NULL);
    return code == EXIT_FINE && files > 1 ? add_input(s, first, files, OPERANDS) : code;
}

static int add_inputs(struct scaling *s)
{
    int code = EXIT_FINE;
    s->words = s->session.a->datasets ? strdup(s->session.a->datasets) : NULL;
    char *rest = s->words, *word;
    while (code == EXIT_FINE && (word = strsep(&rest, ",")) != NULL)
        code = add_word(s, word);
    return code == EXIT_FINE ? add_operands(s) : code;
}

static int prepare(struct scaling *s)
{
    struct run *r = &s->session.run;
    int code = session_prepare(&s->session);
    int rc = code ? 0 : scale_plan_set(&s->cases, s->a, r->why, sizeof r->why);
    if (code || rc == -EINTR)
        return rc ? EXIT_INTERRUPTED : code;
    if (rc)
        complain("%s", r->why);
    else if (s->session.plan.case_count == 0)
        complain("nothing is left to measure; see `dbnbench list backends`");
    return rc || s->session.plan.case_count == 0 ? EXIT_FAILED : EXIT_FINE;
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

static enum run_end measure_all(struct scaling *s)
{
    json_t *line = run_line_begin(&s->session.run, RUN_SCALE, s->a->backends, s->session.a->argc, s->session.a->argv);
    json_object_set_new(line, "inputs", inputs_json(&s->cases));
    return session_measure(&s->session, line);
}

static int measure_and_store(struct scaling *s)
{
    struct session *session = &s->session;
    int code = session_open_store(session, "scale");
    if (code)
        return code;
    enum run_end end = session_close(session, measure_all(s));
    if (end == RUN_NOT_STORED && session->results.count == 0)
        return EXIT_FAILED;
    int rc = document_run(&session->results, session->path, session->a->json, session_output(session));
    return session_code(session, end, rc);
}

int cmd_scale(int argc, char **argv)
{
    struct scale_arguments a;
    struct scaling s = {.a = &a};
    scale_arguments_parse(&a, argc, argv);
    session_begin(&s.session, &a.session);
    s.cases.plan = &s.session.plan;
    s.session.run.limits = &s.limits;
    s.session.run.capacity = &s.capacity;
    memcpy(s.capacity.threads, a.threads, sizeof s.capacity.threads);
    int code = add_inputs(&s);
    if (code == EXIT_FINE)
        code = prepare(&s);
    if (code == EXIT_FINE)
        code = measure_and_store(&s);
    session_end(&s.session);
    scale_plan_free(&s.cases);
    free(s.words);
    scale_arguments_free(&a);
    return code;
}
