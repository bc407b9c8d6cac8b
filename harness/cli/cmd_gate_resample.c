/* The gate's own false alarms and its power, from recorded ones: gates whose cases get blocks drawn from those that
 * gates of two equal programs recorded, with a fair coin for the sign. It judges as the gate does, looks and
 * confirmation included. */
#include "cmd_gate.h"

#include "exit.h"
#include "options.h"

#include <errno.h>
#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

/* All blocks of one case. */
struct recorded {
    char name[512];
    bool by_wall;
    struct gate_block *block;
    size_t n;
};

struct records {
    struct recorded *of;
    size_t n;
};

static struct recorded *find(struct records *all, const json_t *o, bool by_wall)
{
    char name[512];
    snprintf(name, sizeof name, "%s/%s/%s", json_string_value(json_object_get(o, "dataset")),
             json_string_value(json_object_get(o, "backend")), json_string_value(json_object_get(o, "sink")));
    for (size_t i = 0; i < all->n; i++)
        if (strcmp(all->of[i].name, name) == 0)
            return &all->of[i];
    struct recorded *grown = realloc(all->of, (all->n + 1) * sizeof *grown);
    if (!grown)
        return NULL;
    all->of = grown;
    struct recorded *r = &all->of[all->n++];
    *r = (struct recorded){.by_wall = by_wall};
    snprintf(r->name, sizeof r->name, "%s", name);
    return r;
}

static bool add(struct records *all, const json_t *o)
{
    struct gate_timing t;
    bool by_wall;
    if (!gate_timing_from_json(o, &t, &by_wall))
        return true; /* a case without times */
    struct recorded *r = find(all, o, by_wall);
    struct gate_block *grown = r ? realloc(r->block, (r->n + t.n) * sizeof *grown) : NULL;
    if (!grown)
        return false;
    r->block = grown;
    memcpy(r->block + r->n, t.block, t.n * sizeof *grown);
    r->n += t.n;
    return true;
}

static int read_log(const char *path, struct records *all)
{
    FILE *from = fopen(path, "re");
    char *line = NULL;
    size_t room = 0;
    bool fine = from != NULL;
    while (fine && getline(&line, &room, from) > 0) {
        json_t *o = json_loads(line, JSON_REJECT_DUPLICATES, NULL);
        const json_t *cases = json_object_get(o, "cases"), *c;
        size_t i;
        json_array_foreach(cases, i, c) fine = fine && add(all, c);
        json_decref(o);
    }
    free(line);
    if (from)
        fclose(from);
    if (fine && all->n > 0)
        return EXIT_FINE;
    complain("%s: %s", path, fine ? "no recorded gates" : strerror(errno));
    return EXIT_FAILED;
}

/* As gate_compare_times() would, with `slower` (a logarithm) added to head. Returns the blocks it took. */
static size_t replay(struct gate *g, const struct recorded *r, size_t tests, double slower, struct gate_timing *t)
{
    *t = (struct gate_timing){0};
    for (size_t look = 0; look < GATE_LOOKS && !t->done; look++) {
        while (t->n < gate_looks[look]) {
            struct gate_block b = r->block[gate_draw(g, r->n)];
            double sign = gate_draw(g, 2) ? 1 : -1;
            t->block[t->n++] = (struct gate_block){sign * b.cpu + slower, sign * b.wall + slower, sign * b.waits};
        }
        gate_judge_timing(t, r->by_wall, tests);
    }
    return t->n;
}

static size_t count_tests(const struct records *all)
{
    size_t tests = 0;
    for (size_t i = 0; i < all->n; i++)
        tests += all->of[i].by_wall ? 1 : 2;
    return tests;
}

static void print_false_alarms(struct gate *g, const struct records *all, uint64_t gates, size_t tests)
{
    uint64_t first = 0, confirmed = 0, doubtful = 0;
    for (uint64_t n = 0; n < gates; n++) {
        bool alarm = false, both = false, doubt = false;
        for (size_t i = 0; i < all->n; i++) {
            struct gate_timing t, again;
            replay(g, &all->of[i], tests, 0, &t);
            doubt |= t.verdict == GATE_CANNOT_TELL;
            if (t.verdict != GATE_REGRESSED)
                continue;
            alarm = true;
            replay(g, &all->of[i], tests, 0, &again);
            both |= again.verdict == GATE_REGRESSED;
        }
        first += alarm;
        confirmed += both;
        doubtful += doubt;
    }
    printf("%" PRIu64 " gates of %zu cases, no change: %" PRIu64 " false alarms, %" PRIu64
           " before confirmation, %" PRIu64 " with a case that cannot tell\n",
           gates, all->n, confirmed, first, doubtful);
}

/* Of the cases one by one. */
static void print_power(struct gate *g, const struct recorded *r, uint64_t gates, size_t tests)
{
    static const double changes[] = {0.03, 0.05, 0.10, 0.15};
    printf("%s (%zu blocks, %s time):", r->name, r->n, r->by_wall ? "wall" : "CPU");
    for (size_t k = 0; k < sizeof changes / sizeof changes[0]; k++) {
        uint64_t caught[GATE_LOOKS] = {0};
        for (uint64_t n = 0; n < gates; n++) {
            struct gate_timing t;
            size_t blocks = replay(g, r, tests, log1p(changes[k]), &t);
            for (size_t look = 0; look < GATE_LOOKS && t.verdict == GATE_REGRESSED; look++)
                caught[look] += blocks <= gate_looks[look];
        }
        printf(" %+.0f %%:", 100 * changes[k]);
        for (size_t look = 0; look < GATE_LOOKS; look++)
            printf("%s%.0f", look ? "/" : " ", 100.0 * (double)caught[look] / (double)gates);
    }
    putchar('\n');
}

int gate_resample(const struct gate_arguments *a)
{
    struct records all = {0};
    struct gate *g = calloc(1, sizeof *g);
    int code = g ? read_log(a->resample, &all) : EXIT_FAILED;
    if (code == EXIT_FINE) {
        size_t tests = count_tests(&all);
        g->coin = a->seed;
        print_false_alarms(g, &all, a->gates, tests);
        puts("Caught in per cent of the gates, by 20/40/80 blocks:");
        for (size_t i = 0; i < all.n; i++)
            print_power(g, &all.of[i], a->gates, tests);
    }
    for (size_t i = 0; i < all.n; i++)
        free(all.of[i].block);
    free(all.of);
    free(g);
    return code;
}
