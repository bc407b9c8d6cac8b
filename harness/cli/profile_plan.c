#include "profile_plan.h"

#include "../../backends/file.h"
#include "../measure/memory_backend.h"
#include "../analysis/profile.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* Bytes of a file that are decoded: several times what the caches hold, so that more would change nothing. */
enum { ENOUGH = 128 << 20 };

struct profile_raw {
    struct backend backend;
    char name[32];
};

static const struct sink *sink_of(enum profile_rung rung)
{
    return sink_find(profile_sinks[rung]);
}

/* --- cases --- */

static int add_case(struct plan *p, size_t file, const struct backend *b, enum profile_rung rung)
{
    return plan_add_case(
        p, &(struct plan_case){.file = file, .backend = b, .sink = sink_of(rung), .threads = 1, .inner = 1});
}

static int add_rungs(struct profile_plan *p, size_t file, const struct backend *b, unsigned rungs)
{
    for (unsigned rung = RUNG_NONE; rung < PROFILE_RUNGS; rung++)
        if (rungs & 1u << rung && add_case(p->plan, file, b, (enum profile_rung)rung) < 0)
            return -ENOMEM;
    return 0;
}

/* The same backend under another name: it then is another one wherever backends are told apart. */
static int add_raw(struct profile_plan *p, size_t file, const struct backend *b, unsigned rungs)
{
    struct profile_raw *raw = &p->raw[p->raws++];
    *raw = (struct profile_raw){.backend = *b};
    snprintf(raw->name, sizeof raw->name, "%.26s" PROFILE_RAW, b->name);
    raw->backend.name = raw->name;
    for (unsigned rung = RUNG_RAW; rung < RUNG_NONE; rung++) {
        if (!(rungs & 1u << rung))
            continue;
        if (add_case(p->plan, file, &raw->backend, (enum profile_rung)rung) < 0)
            return -ENOMEM;
        p->plan->cases[p->plan->case_count - 1].range = &p->raw_range[file];
    }
    return 0;
}

enum {
    FAR = 1u << RUNG_NONE | 1u << RUNG_FIELDS | 1u << RUNG_ROWS,
    WORK = 1u << RUNG_NONE | 1u << RUNG_FRAME | 1u << RUNG_FIELDS | 1u << RUNG_ROWS,
    TOUCH = 1u << RUNG_TOUCH,
    RAW = 1u << RUNG_RAW,
    RAW_TOUCH = 1u << RUNG_RAW_TOUCH,
};

static int add(struct profile_plan *p, size_t file, const struct backend *b, unsigned rungs)
{
    int rc = add_rungs(p, file, b, p->keep ? rungs : rungs & ~(1u << RUNG_ROWS));
    return rc == 0 && rungs & (RAW | RAW_TOUCH) ? add_raw(p, file, b, rungs) : rc;
}

/* What is asked of a backend itself. Whether it maps the file is not known yet, so all are taken for that. */
static unsigned own_rungs(const struct backend *b, bool compressed)
{
    unsigned rungs = WORK;
    if (compressed)
        return rungs | (b->attach ? 0 : RAW | RAW_TOUCH);
    return rungs | (b->step == DBN_STEP_BLOCK ? TOUCH : 0);
}

static int add_file(struct profile_plan *p, size_t file, const struct backend *const *with)
{
    bool compressed = p->plan->files[file].compressed, shared = false, listed = false, in_blocks = false;
    bool step[DBN_STEP_FIELD + 1] = {false};
    int rc = 0;
    for (; *with && rc == 0; with++) {
        if (backend_unavailable(*with))
            continue;
        rc = add(p, file, *with, own_rungs(*with, compressed));
        shared |= (*with)->attach != NULL;
        listed |= *with == backend_plain();
        in_blocks |= (*with)->step == DBN_STEP_BLOCK;
        step[(*with)->step] = true;
    }
    if (rc == 0 && shared && !listed)
        rc = add(p, file, backend_plain(), compressed ? RAW : 1u << RUNG_NONE);
    if (rc == 0)
        rc = add(p, file, &memory_backend, compressed ? WORK | RAW | RAW_TOUCH : FAR | TOUCH);
    if (rc == 0 && in_blocks && !compressed)
        rc = add(p, file, &memory_backend_cached, WORK);
    if (rc == 0 && shared && !compressed)
        rc = add(p, file, &memory_backend_handed, FAR);
    for (unsigned i = 0; i <= DBN_STEP_FIELD && rc == 0; i++)
        if (step[i] && i != DBN_STEP_BLOCK)
            rc = add(p, file, memory_backend_stepped((enum dbn_step)i), WORK);
    return rc;
}

int profile_plan_set(struct profile_plan *p, struct plan *plan, const struct backend *const *with, bool keep)
{
    size_t n = 0;
    while (with[n])
        n++;
    *p = (struct profile_plan){.plan = plan, .keep = keep};
    plan->most_threads = 1;
    p->raw = calloc(plan->file_count * (n + 2) + 1, sizeof *p->raw); /* and those of memory and blocks */
    p->raw_range = calloc(plan->file_count + 1, sizeof *p->raw_range);
    int rc = p->raw && p->raw_range ? 0 : -ENOMEM;
    for (size_t file = 0; file < plan->file_count && rc == 0; file++)
        rc = add_file(p, file, with);
    return rc;
}

void profile_plan_free(struct profile_plan *p)
{
    free(p->raw_range);
    free(p->raw);
    *p = (struct profile_plan){0};
}

/* --- what is in a file, not inflated --- */

/* What `none` and `touch` should find; see digest.h. */
static int tally_file(const char *path, struct tally *bytes, uint64_t *words)
{
    uint8_t block[1 << 16]; /* a multiple of what `touch` steps by */
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

static int look_at_raw(const struct plan_file *f, struct plan_range *range)
{
    struct tally bytes = {0};
    uint64_t words = 0;
    int rc = tally_file(f->path, &bytes, &words);
    *range = (struct plan_range){.raw = true, .end = UINT64_MAX, .records = f->range[0].records, .bytes = bytes.bytes};
    range->expected[sink_index(sink_of(RUNG_RAW))] = bytes;
    bytes.digest = words;
    range->expected[sink_index(sink_of(RUNG_RAW_TOUCH))] = bytes;
    return rc;
}

/* The part of the file that all cases decode but those that are asked field by field. */
static int choose_range(struct profile_plan *p, size_t file, char *why, size_t size)
{
    struct plan_file *f = &p->plan->files[file];
    const struct plan_range *range = &f->range[0];
    int error = 0;
    if (f->compressed || range->bytes <= ENOUGH + ENOUGH / 4)
        return 0;
    uint64_t prefix = (uint64_t)((double)range->records * ENOUGH / (double)range->bytes);
    range = plan_range(p->plan, f, prefix, &error, why, size);
    if (!range)
        return error;
    for (size_t i = 0; i < p->plan->case_count; i++)
        if (p->plan->cases[i].file == file && p->plan->cases[i].backend->step == DBN_STEP_BLOCK)
            p->plan->cases[i].range = range;
    return 0;
}

int profile_plan_look(struct profile_plan *p, char *why, size_t size)
{
    int rc = 0;
    for (size_t i = 0; i < p->plan->file_count && rc == 0; i++) {
        const struct plan_file *f = &p->plan->files[i];
        rc = f->compressed ? look_at_raw(f, &p->raw_range[i]) : 0;
        if (rc)
            snprintf(why, size, "%s: %s", f->path, dbn_outcome_text(rc));
        else
            rc = choose_range(p, i, why, size);
    }
    return rc;
}

/* --- after calibration --- */

/* The case whose steps this one takes, in memory; NULL: none. */
static const struct plan_case *owner(const struct plan *p, const struct plan_case *c)
{
    if (c->backend->step == DBN_STEP_BLOCK || c->backend != memory_backend_stepped(c->backend->step))
        return NULL;
    for (const struct plan_case *o = p->cases; o < p->cases + p->case_count; o++)
        if (o->file == c->file && o->backend != c->backend && o->backend->step == c->backend->step && !o->range->raw)
            return o;
    return NULL;
}

void profile_plan_align(struct profile_plan *p, unsigned rounds)
{
    for (struct plan_case *c = p->plan->cases; c < p->plan->cases + p->plan->case_count; c++) {
        const struct plan_case *o = owner(p->plan, c);
        c->rounds = rounds;
        if (!o || o->range == c->range || o->range->records == 0)
            continue;
        c->inner = (uint64_t)((double)c->inner * (double)c->range->records / (double)o->range->records) + 1;
        c->range = o->range;
    }
}
