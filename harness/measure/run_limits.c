/* One process a sample, a sample of each limit a round: 15 ms each, so that they cost a tenth of what the
 * cases do. */
#include "run_limits.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Limits are of a cached file: what bounds a cold one, the device, is not measured. */
const char *run_limits_name(const struct plan *p, const struct plan_case *c)
{
    return p->cold ? NULL : limits_for(c->backend, p->files[c->file].compressed, plan_block(p, c));
}

static void open_file(struct run_limits_file *f, const struct plan *p, size_t file, uint64_t seed)
{
    bool wanted[LIMITS_COUNT] = {false}, any = false;
    char why[4096 + 256];
    for (size_t i = 0; i < p->case_count; i++) {
        const char *name = p->cases[i].file == file ? run_limits_name(p, &p->cases[i]) : NULL;
        if (name)
            wanted[limits_find(name) - limits_table] = any = true;
    }
    const struct limits_options options = {p->files[file].path, p->input.window_log, seed, wanted};
    f->dataset = p->files[file].name;
    f->open = any && limits_open(&f->limits, &options, why, sizeof why) == 0;
    for (size_t i = 0; i < LIMITS_COUNT && any && !f->open; i++)
        snprintf(f->limits.results[i].why, LIMITS_WHY, "%s", why);
}

int run_limits_open(struct run_limits *l, const struct plan *p, uint64_t seed)
{
    *l = (struct run_limits){.files = calloc(p->file_count, sizeof *l->files)};
    if (!l->files)
        return -ENOMEM;
    for (; l->count < p->file_count; l->count++)
        open_file(&l->files[l->count], p, l->count, seed + l->count);
    return 0;
}

static struct limit_sample sample_of(const struct run_limits_file *f, size_t i, uint64_t round)
{
    struct limit_sample s = {.round = round, .per_second = limits_table[i].unit == LIMITS_BYTES_PER_S};
    snprintf(s.dataset, sizeof s.dataset, "%s", f->dataset);
    snprintf(s.limit, sizeof s.limit, "%s", limits_table[i].name);
    return s;
}

/* What the round added to it. */
static int keep_new(struct run_limits_file *f, size_t i, size_t before, uint64_t round,
                    int (*keep)(void *arg, const struct limit_sample *s), void *arg)
{
    const struct limits_result *r = &f->limits.results[i];
    struct limit_sample s = sample_of(f, i, round);
    if (!r->wanted || f->told[i] || (!r->why[0] && r->n == before))
        return 0;
    if (r->why[0]) {
        f->told[i] = true;
        snprintf(s.why, sizeof s.why, "%s", r->why);
        sample_clean_text(s.why);
    } else {
        s.value = r->samples[r->n - 1].value;
        s.wall_value = r->samples[r->n - 1].wall_value;
    }
    return keep(arg, &s);
}

int run_limits_take(struct run_limits *l, size_t file, uint64_t round,
                    int (*keep)(void *arg, const struct limit_sample *s), void *arg)
{
    struct run_limits_file *f = &l->files[file];
    size_t before[LIMITS_COUNT];
    int rc = 0;
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        before[i] = f->limits.results[i].n;
    if (f->open && !limits_round(&f->limits))
        return 1;
    for (size_t i = 0; i < LIMITS_COUNT && rc == 0; i++)
        rc = keep_new(f, i, before[i], round, keep, arg);
    return rc;
}

int run_limits_close(struct run_limits *l, int (*keep)(void *arg, const struct limit_sample *s), void *arg)
{
    int rc = 0;
    while (l->count > 0) {
        struct run_limits_file *f = &l->files[--l->count];
        bool changed = f->open && limits_close(&f->limits) != 0;
        for (size_t i = 0; i < LIMITS_COUNT && changed && rc == 0; i++) {
            struct limit_sample s = sample_of(f, i, 0);
            snprintf(s.why, sizeof s.why, "%s", dbn_outcome_text(DBN_E_FILE_CHANGED));
            if (f->limits.results[i].wanted && !f->told[i])
                rc = keep(arg, &s);
        }
    }
    free(l->files);
    *l = (struct run_limits){0};
    return rc;
}
