#include "support_split.h"

struct split_file split_open(const void *bytes, size_t n, const char *what)
{
    struct split_file f = {.on = scratch_memory(), .options = defaults, .end = UINT64_MAX};
    snprintf(f.what, sizeof f.what, "%s", what);
    scratch_set(&f.on, bytes, n);
    return f;
}

void split_set(struct split_file *f, const void *bytes, size_t n)
{
    scratch_set(&f->on, bytes, n);
}

void split_close(const struct split_file *f)
{
    printf("%s: %ju jobs of %ju shards, %ju of them decoded again\n", f->what, (uintmax_t)f->jobs, (uintmax_t)f->shards,
           (uintmax_t)f->redone);
    scratch_close(&f->on);
}

static struct ending ending_of(const struct job_result *r)
{
    return (struct ending){r->outcome, r->outcome ? r->fault : 0, r->tally};
}

static bool same(const struct ending *a, const struct ending *b)
{
    return a->outcome == b->outcome && a->fault == b->fault && tally_equal(&a->tally, &b->tally);
}

struct ending split_check_with(struct split_file *f, const struct backend *b, const char *sink, const unsigned *shards,
                               size_t n)
{
    const char *path = f->on.path;
    struct job job = {b, sink_find(sink), &path, 1, 1, f->end, f->options, 1, NULL};
    struct ending whole = job_ending(&job);
    for (size_t i = 0; i < n; i++) {
        struct job_result r;
        job.split = shards[i];
        job.threads = 1 + (unsigned)(f->jobs % 4);
        job_run(&job, &r);
        struct ending e = ending_of(&r);
        CHECK_FOR(same(&e, &whole) && (!r.outcome || r.file == 0),
                  "%s: %s, sink %s, %u shards, %u threads: %s instead of %s", f->what, b->name, sink, job.split,
                  job.threads, ending_text(&e), ending_text(&whole));
        CHECK_FOR(r.shards >= 1 && r.shards <= job.split && r.redone <= 2 * r.shards, "%s: %ju shards of %u, %ju again",
                  f->what, (uintmax_t)r.shards, job.split, (uintmax_t)r.redone);
        f->jobs++;
        f->shards += r.shards;
        f->redone += r.redone;
    }
    return whole;
}

static const unsigned splits[] = {2, 3, 5, 16};

/* Between good files, and on both sides of one: each file counts for itself, up to the first that fails. */
static void check_together(struct split_file *f, const struct backend *b)
{
    static unsigned turn;
    struct bytes stream = generated_stream("trades", 3, 50, false);
    size_t from = f->options.fragment ? first_record(stream) : 0;
    struct scratch good = scratch_memory();
    scratch_set(&good, stream.p + from, stream.n - from);
    for (unsigned order = 0; order < 2; order++, turn++) {
        const char *paths[3] = {order ? good.path : f->on.path, order ? f->on.path : good.path};
        struct job job = {b, sink_find("fields"), paths, 1, 1, f->end, f->options, 1, NULL};
        struct ending expected = {0};
        struct job_result r;
        size_t file = 0;
        paths[2] = paths[0];
        for (; file < 3 && expected.outcome == 0; file++, job.paths++) {
            struct tally before = expected.tally;
            expected = job_ending(&job);
            tally_add(&expected.tally, &before);
        }
        job.paths = paths;
        job.files = 3;
        job.threads = 1 + turn / 2 % 4;
        job.split = splits[turn / 8 % LENGTH(splits)];
        job_run(&job, &r);
        struct ending e = ending_of(&r);
        CHECK_FOR(same(&e, &expected) && (!r.outcome || r.file == file - 1),
                  "%s, with others, %u in front: %s, %u shards, %u threads: %s in file %zu instead of %s in file %zu",
                  f->what, order, b->name, job.split, job.threads, ending_text(&e), r.file, ending_text(&expected),
                  file - 1);
    }
    scratch_close(&good);
    free(stream.p);
}

struct ending split_check(struct split_file *f)
{
    const size_t n = LENGTH(splits);
    struct ending first = {0};
    for (size_t k = 0; backends[k]; k++) {
        if (backend_unavailable(backends[k]) || backends[k]->attach)
            continue;
        struct ending e = split_check_with(f, backends[k], "fields", &splits[SANITIZED ? k % n : 0], SANITIZED ? 1 : n);
        if (k == 0)
            first = e;
        CHECK_FOR(same(&e, &first), "%s: %s gives %s instead of %s", f->what, backends[k]->name, ending_text(&e),
                  ending_text(&first));
        if (!SANITIZED || k == 0)
            split_check_with(f, backends[k], "rows", &splits[f->jobs % n], 1);
        if (backends[k]->mapped)
            check_together(f, backends[k]);
    }
    return first;
}

void add_metadata(struct dbn_buffer *b)
{
    struct bytes stream = generated_stream("trades", 3, 0, false);
    uint8_t *to = dbn_buffer_extend(b, stream.n);
    CHECK(to);
    memcpy(to, stream.p, stream.n);
    free(stream.p);
}

uint8_t *add_record(struct dbn_buffer *b, size_t size, uint8_t rtype, uint8_t fill)
{
    uint8_t *p = dbn_buffer_extend(b, size);
    CHECK(p);
    memset(p, fill, size);
    dbn_encode_record(p, size, rtype, NULL);
    return p;
}
