/* What must be found is worked out once for each part of a file, by the reference decoder, in a child of its
 * own: it keeps this process small, which every later child starts as a copy of. */
#include "plan.h"

#include "../../dbn/zstd.h"
#include "../reference/reference.h"
#include "../machine/child.h"
#include "../results/store.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* The reference decoder takes microseconds a record. */
enum { PLAIN_TIMEOUT_MS = 3600 * 1000 };

static int look_at(struct plan_file *f, char *why, size_t size)
{
    uint8_t head[4];
    struct stat st;
    int fd = open(f->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY);
    int rc = fd < 0 || fstat(fd, &st) < 0 ? -errno : 0;
    if (rc == 0 && !S_ISREG(st.st_mode))
        rc = DBN_E_UNSUPPORTED_FILE;
    if (rc == 0) {
        ssize_t n = pread(fd, head, sizeof head, 0);
        f->size = (uint64_t)st.st_size;
        f->compressed = n > 0 && dbn_zstd_magic(head, (size_t)n);
    } else {
        snprintf(why, size, "%s: %s", f->path, dbn_outcome_text(rc));
    }
    if (fd >= 0)
        close(fd);
    return rc;
}

/* Rows of tables are told apart by the name, so files that share one go by their paths. */
static bool is_taken(const struct plan *p, const char **name, const char *path)
{
    for (size_t i = 0; i < p->file_count; i++) {
        if (strcmp(p->files[i].path, path) == 0)
            return true;
        if (strcmp(p->files[i].name, *name) == 0)
            *name = path;
    }
    return false;
}

int plan_add_file(struct plan *p, const char *name, const char *path, char *why, size_t size)
{
    if (is_taken(p, &name, path))
        return 0;
    why[0] = '\0';
    struct plan_file *more = reallocarray(p->files, p->file_count + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    p->files = more;
    const char **paths = reallocarray(p->paths, p->file_count + 1, sizeof *paths);
    if (!paths)
        return -ENOMEM;
    p->paths = paths;
    struct plan_file *f = &p->files[p->file_count];
    *f = (struct plan_file){.path = strdup(path)};
    if (!f->path)
        return -ENOMEM;
    p->paths[p->file_count] = f->path;
    snprintf(f->name, sizeof f->name, "%s", name);
    sample_clean_text(f->name);
    int rc = look_at(f, why, size);
    if (rc)
        free(f->path);
    else
        p->file_count++;
    return rc;
}

static bool reads_nothing(const struct plan_file *f, const struct backend *b, const struct sink *s)
{
    return b->lazy && !f->compressed && s->looks == SINK_LOOKS_AWAY;
}

int plan_add_case(struct plan *p, const struct plan_case *c)
{
    struct plan_case *more = reallocarray(p->cases, p->case_count + 1, sizeof *more);
    if (!more)
        return -ENOMEM;
    p->cases = more;
    p->cases[p->case_count++] = *c;
    return 0;
}

/* All sinks and threads of one way of reading a file. */
static int add_cases(struct plan *p, struct plan_case like, const struct sink *const *with_sinks,
                     const unsigned *threads)
{
    int rc = 0;
    for (; *with_sinks; with_sinks++) {
        if (sink_unavailable(*with_sinks))
            continue;
        for (const unsigned *t = threads; *t && rc == 0; t++) {
            like.sink = *with_sinks;
            like.threads = *t;
            if (reads_nothing(&p->files[like.file], like.backend, *with_sinks))
                p->left_out = like.backend;
            else if (plan_is_useful(like.backend, *t))
                rc = plan_add_case(p, &like);
        }
    }
    return rc;
}

int plan_cross(struct plan *p, const struct backend *const *with_backends, const struct sink *const *with_sinks,
               const size_t *blocks, const unsigned *threads)
{
    size_t b = 0, k = 0;
    int rc = 0;
    while (with_backends[b])
        b++;
    while (blocks[k])
        k++;
    for (const unsigned *t = threads; *t; t++)
        p->most_threads = *t > p->most_threads ? *t : p->most_threads;
    for (size_t i = 0; i < p->file_count * b; i++) {
        struct plan_case like = {.file = i / b, .backend = with_backends[i % b], .inner = 1};
        if (backend_unavailable(like.backend))
            continue;
        size_t sizes = like.backend->block && k > 0 ? k : 1;
        for (size_t n = 0; n < sizes && rc == 0; n++) {
            like.block = like.backend->block && k > 0 ? blocks[n] : 0;
            rc = add_cases(p, like, with_sinks, threads);
        }
    }
    return rc;
}

struct plan_range plan_sum(const struct plan *p, size_t first, size_t files)
{
    struct plan_range sum = {.end = UINT64_MAX};
    for (const struct plan_file *f = p->files + first; f < p->files + first + files; f++) {
        sum.records += f->range[0].records;
        sum.bytes += f->range[0].bytes;
        for (size_t i = 0; i < SINKS; i++)
            tally_add(&sum.expected[i], &f->range[0].expected[i]);
    }
    return sum;
}

size_t plan_files(const struct plan_case *c)
{
    return c->files ? c->files : 1;
}

const char *plan_name(const struct plan *p, const struct plan_case *c)
{
    return c->dataset ? c->dataset : p->files[c->file].name;
}

size_t plan_block(const struct plan *p, const struct plan_case *c)
{
    size_t asked = c->block ? c->block : p->input.block;
    return c->backend->block && asked ? asked : c->backend->block;
}

struct plain_work {
    const char *path;
    const struct input_options *input;
    uint64_t max_records;
};

static void decode_plainly(void *arg, void *result)
{
    const struct plain_work *w = arg;
    ref_decode(w->path, w->input, w->max_records, result);
}

/* Raw sinks count no records, but one of the others did. */
static void set_range(struct plan_range *range, uint64_t prefix, const struct ref_result *r)
{
    *range = (struct plan_range){
        .prefix = prefix,
        .end = prefix ? r->records_end : UINT64_MAX,
        .bytes = r->records_end,
    };
    memcpy(range->expected, r->tally, sizeof r->tally);
    for (size_t i = 0; i < SINKS; i++)
        if (r->tally[i].records > range->records)
            range->records = r->tally[i].records;
}

const struct plan_range *plan_range(const struct plan *p, struct plan_file *f, uint64_t prefix, int *error, char *why,
                                    size_t size)
{
    for (size_t i = 0; i < f->ranges; i++)
        if (f->range[i].prefix == prefix)
            return &f->range[i];
    struct plain_work work = {f->path, &p->input, prefix ? prefix : UINT64_MAX};
    struct ref_result r = {0};
    int detail;
    enum child_end end = child_run(decode_plainly, &work, &r, sizeof r, PLAIN_TIMEOUT_MS, &detail);
    *error = -EIO;
    why[0] = '\0';
    if (end == CHILD_DONE && r.outcome == 0) {
        assert(f->ranges < PLAN_RANGES);
        set_range(&f->range[f->ranges], prefix, &r);
        return &f->range[f->ranges++];
    }
    if (end == CHILD_DONE) {
        *error = r.outcome;
        input_describe(f->path, r.outcome, r.fault, why, size);
    } else if (end == CHILD_STOPPED) {
        *error = -EINTR;
    } else {
        snprintf(why, size, "%s: the reference decoder %s", f->path,
                 end == CHILD_CRASHED     ? strsignal(detail)
                 : end == CHILD_TIMED_OUT ? "timed out"
                                          : "gave no result");
    }
    return NULL;
}

struct job plan_job(const struct plan *p, const struct plan_case *c, const struct plan_range *range)
{
    struct job job = {
        .backend = c->backend,
        .sink = c->sink,
        .paths = p->paths + c->file,
        .files = plan_files(c),
        .threads = c->threads,
        .split = c->split,
        .end = range->end,
        .options = p->input,
    };
    job.options.raw = range->raw;
    if (c->block)
        job.options.block = c->block;
    return job;
}

void plan_free(struct plan *p)
{
    for (size_t i = 0; i < p->file_count; i++)
        free(p->files[i].path);
    free(p->files);
    free(p->paths);
    free(p->cases);
    *p = (struct plan){0};
}
