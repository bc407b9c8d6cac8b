#include "sink.h"

#include "layouts.h"

#include <assert.h>
#include <errno.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>

#define SINK(name) extern const struct sink sink_##name;
#include "sinks.h"
#undef SINK

const struct sink *const sinks[SINKS + 1] = {
#define SINK(name) &sink_##name,
#include "sinks.h"
#undef SINK
};

const char *const sum_names[SUMS] = {[SUM_TS_EVENT] = "ts_event", [SUM_PRICE] = "price", [SUM_SIZE] = "size"};

static const struct sink *find_one(const char *name, size_t length)
{
    for (size_t i = 0; i < SINKS; i++)
        if (strlen(sinks[i]->name) == length && memcmp(sinks[i]->name, name, length) == 0)
            return sinks[i];
    return NULL;
}

size_t sink_index(const struct sink *s)
{
    size_t i = 0;
    while (i < SINKS && sinks[i] != s)
        i++;
    assert(i < SINKS);
    return i;
}

const char *sink_unavailable(const struct sink *s)
{
    if (!s->pair[0])
        return s->unavailable ? s->unavailable() : NULL;
    const char *why = sink_unavailable(s->pair[0]);
    return why ? why : sink_unavailable(s->pair[1]);
}

uint8_t layouts[256][256];

__attribute__((constructor)) static void set_layouts(void)
{
#define RTYPE(value, name, id)                                                                                         \
    memset(&layouts[value][sizeof(struct dbn_##id) / 4], LAYOUT(id), 256 - sizeof(struct dbn_##id) / 4);
#include "../../dbn/records.def"
}

int sink_begin(const struct sink *s, const struct sink_plan *plan, void **self)
{
    struct sink_plan bounded = *plan;
    bounded.keep = plan->keep ? plan->keep : SINK_KEEP;
    *self = calloc(1, s->size);
    if (!*self)
        return -ENOMEM;
    int rc = s->begin ? s->begin(s, &bounded, *self) : 0;
    if (rc)
        free(*self);
    return rc;
}

struct tally sink_expected(const struct sink *s, const struct tally of[SINKS])
{
    if (!s->pair[0])
        return of[sink_index(s)];
    struct tally t = of[sink_index(s->pair[0])];
    t.digest += of[sink_index(s->pair[1])].digest;
    return t;
}

/* --- pairs: what a program does that keeps both the records and their texts --- */

struct pair {
    const struct sink *a, *b;
    void *of_a, *of_b;
};

static int pair_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    struct pair *s = self;
    *s = (struct pair){.a = sink->pair[0], .b = sink->pair[1]};
    int rc = sink_begin(s->a, plan, &s->of_a);
    if (rc == 0 && (rc = sink_begin(s->b, plan, &s->of_b)) != 0)
        s->a->end(s->of_a, &(struct tally){0});
    return rc;
}

/* They take turns on pieces that stay in the cache, so the second finds there what the first one loaded. */
static size_t take_piece(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct pair *s = self;
    size_t taken = s->a->take(s->of_a, p, n, offset);
    return taken == DBN_NO_MEMORY ? taken : s->b->take(s->of_b, p, taken, offset);
}

static size_t pair_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return sink_take_pieces(self, p, n, offset, 4 * SINK_PIECE, take_piece);
}

static struct sink_facts pair_facts(const void *self)
{
    const struct pair *s = self;
    struct sink_facts of_a = {0}, of_b = {0};
    if (s->a->facts)
        of_a = s->a->facts(s->of_a);
    if (s->b->facts)
        of_b = s->b->facts(s->of_b);
    sink_facts_add(&of_a, &of_b);
    return of_a;
}

static void pair_end(void *self, struct tally *t)
{
    struct pair *s = self;
    struct tally of_b;
    s->a->end(s->of_a, t);
    s->b->end(s->of_b, &of_b);
    t->digest += of_b.digest;
    free(s);
}

/* Each pair is made when it is first asked for. */
static const struct sink *pair_of(const struct sink *a, const struct sink *b)
{
    static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
    static struct made {
        struct sink sink;
        char name[64], summary[64];
    } * made[SINKS][SINKS];
    struct made **m = &made[sink_index(a)][sink_index(b)];
    pthread_mutex_lock(&lock);
    if (!*m && (*m = malloc(sizeof **m)) != NULL) {
        snprintf((*m)->name, sizeof(*m)->name, "%s+%s", a->name, b->name);
        snprintf((*m)->summary, sizeof(*m)->summary, "%s, and %s", a->name, b->name);
        (*m)->sink = (struct sink){
            .name = (*m)->name,
            .summary = (*m)->summary,
            .looks = SINK_LOOKS_AT_RECORDS,
            .size = sizeof(struct pair),
            .begin = pair_begin,
            .take = pair_take,
            .end = pair_end,
            .facts = pair_facts,
            .pair = {a, b},
        };
    }
    const struct sink *found = *m ? &(*m)->sink : NULL;
    pthread_mutex_unlock(&lock);
    return found;
}

const struct sink *sink_find(const char *name)
{
    const char *plus = strchr(name, '+');
    if (!plus)
        return find_one(name, strlen(name));
    const struct sink *a = find_one(name, (size_t)(plus - name)), *b = find_one(plus + 1, strlen(plus + 1));
    bool both = a && b && a->looks == SINK_LOOKS_AT_RECORDS && b->looks == SINK_LOOKS_AT_RECORDS;
    return both ? pair_of(a, b) : NULL;
}
