/* Guards how often the gate errs: gates whose cases get blocks drawn from those of two equal programs, with a fair coin
 * for the sign, and a change added. It judges as the gate does, looks and confirmation too. The blocks are made up,
 * some with outliers as other programs on the machine cause them; with GATE_LOG=FILE those of the gates in a log are
 * taken instead (lines of `dbnbench gate --json | jq -c .`), GATES=N times, and the figures are only printed (make V=1
 * shows them). */
#include "../../harness/analysis/stats.h"
#include "../../harness/gate/gate.h"
#include "../test.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { CASES = 4, BLOCKS = 160 };

struct recorded {
    struct case_key key;
    bool by_wall;
    struct gate_block *block;
    size_t n;
};

struct records {
    struct recorded of[64];
    size_t n;
    uint64_t random;
};

/* --- where blocks come from --- */

static double normal(uint64_t *random)
{
    return sqrt(-2 * log(stats_random_unit(random))) * cos(2 * acos(-1) * stats_random_unit(random));
}

/* Noise of 1.5 %, and in one of twenty blocks ten times that. */
static struct recorded make_up(size_t i, uint64_t *random)
{
    struct recorded r = {.by_wall = i % 2, .block = calloc(BLOCKS, sizeof *r.block), .n = BLOCKS};
    snprintf(r.key.dataset, sizeof r.key.dataset, "made-up-%zu", i);
    for (size_t b = 0; b < BLOCKS; b++) {
        double width = stats_random(random) % 20 ? 0.015 : 0.15, cpu = width * normal(random);
        r.block[b] = (struct gate_block){cpu, cpu + width * normal(random), 0.005 * normal(random)};
    }
    return r;
}

static double number_at(const json_t *timing, const char *key, size_t i)
{
    const json_t *value = json_array_get(json_object_get(timing, key), i);
    return json_is_number(value) ? json_number_value(value) : NAN;
}

static void add(struct records *all, const json_t *c)
{
    const json_t *timing = json_object_get(c, "timing");
    size_t n = json_array_size(json_object_get(timing, "log_cpu")), i = 0;
    struct case_key key = {.threads = (uint64_t)json_integer_value(json_object_get(c, "threads"))};
    if (n == 0 || all->n == 64)
        return;
    snprintf(key.dataset, sizeof key.dataset, "%s", json_string_value(json_object_get(c, "dataset")));
    snprintf(key.backend, sizeof key.backend, "%s", json_string_value(json_object_get(c, "backend")));
    snprintf(key.sink, sizeof key.sink, "%s", json_string_value(json_object_get(c, "sink")));
    while (i < all->n && !case_equal(&all->of[i].key, &key))
        i++;
    struct recorded *r = &all->of[i];
    if (i == all->n)
        all->of[all->n++] = (struct recorded){
            .key = key, .by_wall = strcmp(json_string_value(json_object_get(timing, "clock")), "wall") == 0};
    r->block = realloc(r->block, (r->n + n) * sizeof *r->block);
    for (size_t b = 0; b < n; b++)
        r->block[r->n++] = (struct gate_block){number_at(timing, "log_cpu", b), number_at(timing, "log_wall", b),
                                               number_at(timing, "log_waits", b)};
}

static void read_log(const char *path, struct records *all)
{
    FILE *from = fopen(path, "re");
    char *line = NULL;
    size_t size = 0, i;
    CHECK_FOR(from != NULL, "%s", path);
    while (getline(&line, &size, from) > 0) {
        json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        const json_t *cases = json_object_get(o, "cases"), *c;
        json_array_foreach(cases, i, c) add(all, c);
        json_decref(o);
    }
    free(line);
    fclose(from);
    CHECK_FOR(all->n > 0, "%s: no recorded gates", path);
}

/* Is it real? */
static bool load(struct records *all)
{
    const char *path = getenv("GATE_LOG");
    *all = (struct records){.random = 1};
    if (path && *path)
        read_log(path, all);
    while (all->n < CASES && !(path && *path)) {
        all->of[all->n] = make_up(all->n, &all->random);
        all->n++;
    }
    return path && *path;
}

static void forget(struct records *all)
{
    for (size_t i = 0; i < all->n; i++)
        free(all->of[i].block);
}

static unsigned long gates(unsigned long usual)
{
    const char *set = getenv("GATES");
    return set && *set ? strtoul(set, NULL, 10) : usual;
}

/* --- gates --- */

/* As gate_compare_times() would, with `slower` (a logarithm) added to head. Returns the blocks it took. */
static size_t replay(struct records *all, const struct recorded *r, double slower, struct gate_timing *t)
{
    size_t tests = 0;
    for (size_t i = 0; i < all->n; i++)
        tests += all->of[i].by_wall ? 1 : 2;
    *t = (struct gate_timing){0};
    for (size_t look = 0; look < GATE_LOOKS && !t->done; look++) {
        while (t->n < gate_looks[look]) {
            struct gate_block b = r->block[stats_random(&all->random) % r->n];
            double sign = stats_random(&all->random) % 2 ? 1 : -1;
            t->block[t->n++] = (struct gate_block){sign * b.cpu + slower, sign * b.wall + slower, sign * b.waits};
        }
        gate_judge_timing(t, r->by_wall, tests);
    }
    return t->n;
}

/* At most one gate in ten regresses at first (GATE_ALPHA), and one in a hundred after confirmation; it is strict, so
 * these are far below that. */
TEST(equal_programs_pass)
{
    struct records all;
    bool real = load(&all);
    unsigned long n = gates(150), first = 0, confirmed = 0, inconclusive = 0;
    for (unsigned long gate = 0; gate < n; gate++) {
        bool alarm = false, both = false, doubt = false;
        for (size_t i = 0; i < all.n; i++) {
            struct gate_timing t, again;
            replay(&all, &all.of[i], 0, &t);
            doubt |= t.verdict == GATE_INCONCLUSIVE;
            if (t.verdict != GATE_REGRESSED)
                continue;
            alarm = true;
            replay(&all, &all.of[i], 0, &again);
            both |= again.verdict == GATE_REGRESSED;
        }
        first += alarm;
        confirmed += both;
        inconclusive += doubt;
    }
    printf(
        "%lu gates of %zu cases, no change: %lu false alarms, %lu before confirmation, %lu with an inconclusive case\n",
        n, all.n, confirmed, first, inconclusive);
    forget(&all);
    if (real)
        return;
    CHECK_EQ_U64(confirmed, 0);
    CHECK_FOR((double)first <= GATE_ALPHA * (double)n, "%lu of %lu", first, n);
    CHECK_FOR(inconclusive * 10 <= n, "%lu of %lu", inconclusive, n);
}

/* In per cent of the gates, by the blocks of each look. */
static double caught_of(struct records *all, const struct recorded *r, double change, unsigned long n)
{
    unsigned long caught[GATE_LOOKS] = {0};
    for (unsigned long gate = 0; gate < n; gate++) {
        struct gate_timing t;
        size_t blocks = replay(all, r, log1p(change), &t);
        for (size_t look = 0; look < GATE_LOOKS && t.verdict == GATE_REGRESSED; look++)
            caught[look] += blocks <= gate_looks[look];
    }
    printf(" %+.0f %%:", 100 * change);
    for (size_t look = 0; look < GATE_LOOKS; look++)
        printf("%s%.0f", look ? "/" : " ", 100.0 * (double)caught[look] / (double)n);
    return (double)caught[GATE_LOOKS - 1] / (double)n;
}

TEST(slower_programs_do_not)
{
    static const double changes[] = {0.03, 0.05, 0.10, 0.15};
    struct records all;
    bool real = load(&all);
    unsigned long n = gates(40);
    for (size_t i = 0; i < all.n; i++) {
        const struct recorded *r = &all.of[i];
        char name[CASE_NAME];
        case_name(&r->key, name);
        printf("%s (%zu blocks, %s time):", name, r->n, r->by_wall ? "wall" : "CPU");
        for (size_t k = 0; k < sizeof changes / sizeof changes[0]; k++) {
            double caught = caught_of(&all, r, changes[k], n), floor = r->by_wall ? 0.05 : 0.02;
            CHECK_FOR(real || changes[k] > floor || caught <= 0.1, "%.2f of %+.2f", caught, changes[k]);
            CHECK_FOR(real || changes[k] < 3 * floor || caught >= 0.9, "%.2f of %+.2f", caught, changes[k]);
        }
        putchar('\n');
    }
    forget(&all);
}

TESTS(CASE(equal_programs_pass), CASE(slower_programs_do_not));
