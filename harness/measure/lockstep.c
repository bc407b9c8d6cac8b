/* A job whose sink reads along with the reference decoder. */
#include "../../dbn/tables.h"
#include "../reference/reference.h"
#include "job.h"

#include <inttypes.h>
#include <stdlib.h>

struct lockstep {
    struct ref *reference;
    bool differ;
    char *text;
    size_t size;
};

/* Both values of the first field in which two records of the same size differ. */
static void name_field(struct lockstep *l, const uint8_t *p, const struct ref_record *r)
{
    const struct dbn_layout *layout = r->layout;
    uint16_t known = layout ? layout->size : DBN_HEADER_SIZE;
    struct dbn_field rest = {"bytes behind it", known, (uint16_t)(r->size - known), DBN_TYPE_PAD, 0};
    const struct dbn_field *f = &rest;
    for (size_t i = layout ? layout->fields : 0; i-- > 0;)
        if (memcmp(p + layout->field[i].offset, r->p + layout->field[i].offset, layout->field[i].size) != 0)
            f = &layout->field[i];
    for (size_t i = DBN_HEADER_FIELDS; i-- > 0;)
        if (memcmp(p + dbn_header_field[i].offset, r->p + dbn_header_field[i].offset, dbn_header_field[i].size) != 0)
            f = &dbn_header_field[i];
    char *theirs = malloc(LINE_SIZE), *ours = malloc(LINE_SIZE);
    *line_value(theirs, p, f) = '\0';
    *line_value(ours, r->p, f) = '\0';
    snprintf(l->text, l->size, "the record at byte %" PRIu64 " of the stream has %s %s instead of %s", r->offset,
             f->name, theirs, ours);
    free(theirs);
    free(ours);
}

static void compare(struct lockstep *l, const uint8_t *p, size_t size, uint64_t offset)
{
    struct ref_record r;
    uint64_t fault;
    l->differ = true;
    if (ref_next(l->reference, &r, &fault) <= 0)
        snprintf(l->text, l->size, "there is no record at byte %" PRIu64 " of the stream", offset);
    else if (r.offset != offset || r.size != size)
        snprintf(l->text, l->size,
                 "the record at byte %" PRIu64 " of the stream, of %zu bytes, is found at byte %" PRIu64
                 ", of %zu bytes",
                 r.offset, r.size, offset, size);
    else if (memcmp(p, r.p, size) != 0)
        name_field(l, p, &r);
    else
        l->differ = false;
}

static int begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    (void)plan;
    memcpy(self, sink->way, sizeof(struct lockstep *));
    return 0;
}

static size_t take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct lockstep *l = *(struct lockstep **)self;
    size_t at = 0, size;
    while (!l->differ && (size = dbn_walk(p + at, p + n)) != 0) {
        compare(l, p + at, size, offset + at);
        at += size;
    }
    return l->differ ? n : at; /* once they differ, the rest does not matter */
}

static void end(void *self, struct tally *t)
{
    free(self);
    *t = (struct tally){0};
}

static void run(struct lockstep *l, const struct backend *b, const char *path, const struct input_options *options)
{
    const struct sink sink = {"lockstep", .way = &l, .size = sizeof l, .begin = begin, .take = take, .end = end};
    const struct job job = {b, &sink, &path, 1, 1, UINT64_MAX, *options, 1, NULL};
    struct job_result result;
    struct ref_record r;
    uint64_t fault;
    job_run(&job, &result);
    if (l->differ || ref_next(l->reference, &r, &fault) <= 0)
        return;
    l->differ = true;
    char why[64] = "";
    if (result.outcome)
        snprintf(why, sizeof why, " (%s at byte %" PRIu64 ")", dbn_outcome_name(result.outcome), result.fault);
    snprintf(l->text, l->size, "the record at byte %" PRIu64 " of the stream is missing%s", r.offset, why);
}

bool lockstep(const struct backend *b, const char *path, const struct input_options *options, char *text, size_t size)
{
    struct lockstep l = {.text = text, .size = size};
    uint64_t fault;
    if (ref_open(path, options, &l.reference) != 0)
        return false;
    if (ref_start(l.reference, &fault) == 0)
        run(&l, b, path, options);
    ref_close(l.reference);
    return l.differ;
}
