/* What must be found is worked out once for each part of a file, by the reference decoder, in a child of its own: it
 * keeps this process small, which every later child starts as a copy of. */
#include "plan.h"

#include "../../backends/file.h"
#include "../machine/child.h"
#include "../reference/reference.h"

#include <assert.h>
#include <stdio.h>
#include <string.h>

/* The reference decoder takes microseconds a record. */
enum { REFERENCE_TIMEOUT_MS = 3600 * 1000 };

struct reference_work {
    const char *path;
    const struct input_options *input;
    uint64_t max_records;
};

static void decode(void *arg, void *result)
{
    const struct reference_work *w = arg;
    ref_decode(w->path, w->input, w->max_records, result);
}

static struct plan_range *new_range(struct plan_file *f)
{
    assert(f->ranges < PLAN_RANGES);
    return &f->range[f->ranges++];
}

static const struct plan_range *add_range(struct plan_file *f, uint64_t prefix, const struct ref_result *r)
{
    struct plan_range *range = new_range(f);
    *range = (struct plan_range){
        .prefix = prefix, .end = prefix ? r->records_end : UINT64_MAX, .records = r->records, .bytes = r->records_end};
    memcpy(range->expected, r->tally, sizeof r->tally);
    return range;
}

static const struct plan_range *decoded_range(const struct plan *p, struct plan_file *f, uint64_t prefix, char *why,
                                              size_t size)
{
    struct reference_work work = {f->path, &p->input, prefix ? prefix : UINT64_MAX};
    struct ref_result r = {0};
    char how[128];
    int detail;
    enum child_end end = child_run(decode, &work, &r, sizeof r, REFERENCE_TIMEOUT_MS, &detail);
    *why = '\0';
    if (end == CHILD_DONE && r.outcome == 0)
        return add_range(f, prefix, &r);
    if (end == CHILD_DONE) {
        input_describe(f->path, r.outcome, r.fault, why, size);
    } else if (end != CHILD_STOPPED) {
        child_describe(end, detail, REFERENCE_TIMEOUT_MS, how, sizeof how);
        snprintf(why, size, "%s: the reference decoder: %s", f->path, how);
    }
    return NULL;
}

const struct plan_range *plan_sum(const struct plan *p, struct plan_case *c)
{
    c->sum = (struct plan_range){.end = UINT64_MAX};
    for (const struct plan_file *f = p->files + c->file; f < p->files + c->file + c->key.files; f++) {
        c->sum.records += f->range[0].records;
        c->sum.bytes += f->range[0].bytes;
        for (size_t i = 0; sinks[i]; i++)
            tally_add(&c->sum.expected[i], &f->range[0].expected[i]);
    }
    return &c->sum;
}

/* What sinks should find that do not look for records: every byte, and the words at which they touch them; see
 * digest.h. 0 or an outcome. */
static int tally_bytes(const char *path, struct tally *bytes, uint64_t *words)
{
    uint8_t block[1 << 16]; /* a multiple of what is touched at a time */
    struct file f;
    int rc = file_open(&f, &(struct backend_input){.path = path, .end = UINT64_MAX});
    if (rc)
        return rc;
    int64_t got;
    while ((got = file_fill(&f, block, sizeof block)) > 0) {
        for (size_t i = 0; i < (size_t)got; i++)
            if (i % 64 < 8)
                *words += (uint64_t)block[i] << 8 * (i % 64);
        bytes->bytes += (uint64_t)got;
    }
    rc = file_close(&f, NULL);
    return got < 0 ? (int)got : rc;
}

static const struct plan_range *raw_range(struct plan_file *f, char *why, size_t size)
{
    struct tally bytes = {0};
    uint64_t words = 0;
    int rc = tally_bytes(f->path, &bytes, &words);
    if (rc) {
        snprintf(why, size, "%s: %s", f->path, dbn_outcome_text(rc));
        return NULL;
    }
    struct plan_range *range = new_range(f);
    *range = (struct plan_range){.raw = true, .end = UINT64_MAX, .records = f->range[0].records, .bytes = bytes.bytes};
    for (size_t i = 0; sinks[i]; i++)
        range->expected[i] =
            (struct tally){.bytes = bytes.bytes, .digest = sinks[i]->looks == SINK_LOOKS_AWAY ? 0 : words};
    return range;
}

const struct plan_range *plan_range(const struct plan *p, struct plan_file *f, uint64_t prefix, char *why, size_t size)
{
    bool raw = prefix == PLAN_RAW;
    for (const struct plan_range *range = f->range; range < f->range + f->ranges; range++)
        if (range->raw == raw && (raw || range->prefix == prefix))
            return range;
    return raw ? raw_range(f, why, size) : decoded_range(p, f, prefix, why, size);
}
