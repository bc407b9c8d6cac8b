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

const struct sink *sinks[SINKS_MOST + 1] = {
#define SINK(name) &sink_##name,
#include "sinks.h"
#undef SINK
};

const char *const sum_names[SUMS] = {[SUM_TS_EVENT] = "ts_event", [SUM_PRICE] = "price", [SUM_SIZE] = "size"};

size_t sink_index(const struct sink *s)
{
    size_t i = 0;
    while (i < SINKS_MOST && sinks[i] != s)
        i++;
    assert(i < SINKS_MOST);
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

bool sink_keeps(const struct sink *s)
{
    return s->keeps || (s->pair[0] && (sink_keeps(s->pair[0]) || sink_keeps(s->pair[1])));
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

struct tally sink_expected(const struct sink *s, const struct tally of[SINKS_MOST])
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

/* --- sinks by name --- */

/* What is made when it is first asked for. */
static pthread_mutex_t making = PTHREAD_MUTEX_INITIALIZER;

struct made {
    struct sink sink;
    char name[SINK_NAME], summary[2 * SINK_NAME];
};

/* The name is a made one's already. */
static struct made *make(const struct sink *like, const char *summary)
{
    struct made *m = malloc(sizeof *m);
    if (!m)
        return NULL;
    m->sink = *like;
    snprintf(m->name, sizeof m->name, "%s", like->name);
    snprintf(m->summary, sizeof m->summary, "%s", summary);
    m->sink.name = m->name;
    m->sink.summary = m->summary;
    return m;
}

static const struct sink *pair_of(const struct sink *a, const struct sink *b)
{
    static struct made *pairs[SINKS_MOST][SINKS_MOST];
    struct made **m = &pairs[sink_index(a)][sink_index(b)];
    char name[SINK_NAME], summary[2 * SINK_NAME];
    if (!*m && snprintf(name, sizeof name, "%s+%s", a->name, b->name) < SINK_NAME) {
        snprintf(summary, sizeof summary, "%s, and %s", a->name, b->name);
        *m = make(&(struct sink){.name = name,
                                 .looks = SINK_LOOKS_AT_RECORDS,
                                 .size = sizeof(struct pair),
                                 .begin = pair_begin,
                                 .take = pair_take,
                                 .end = pair_end,
                                 .facts = pair_facts,
                                 .pair = {a, b}},
                  summary);
    }
    return *m ? &(*m)->sink : NULL;
}

static const struct sink *with_parameters(const struct sink *like, const char *name, char *why, size_t size)
{
    struct sink sink = *like;
    sink.name = name;
    sink.way = like->parse(name + strlen(like->name) + 1, why, size);
    size_t i = SINKS;
    while (i < SINKS_MOST && sinks[i])
        i++;
    if (!sink.way)
        return NULL;
    snprintf(why, size, "at most %d at a time, with names of less than %d bytes", SINKS_MOST - SINKS, SINK_NAME);
    struct made *m = i < SINKS_MOST && strlen(name) < SINK_NAME ? make(&sink, like->summary) : NULL;
    if (m)
        sinks[i] = &m->sink;
    else
        free((void *)sink.way);
    return sinks[i];
}

static const struct sink *find_one(const char *name, char *why, size_t size)
{
    size_t length = strcspn(name, ":");
    for (size_t i = 0; sinks[i]; i++)
        if (strcmp(sinks[i]->name, name) == 0)
            return sinks[i];
    for (size_t i = 0; i < SINKS && name[length]; i++)
        if (sinks[i]->parse && strlen(sinks[i]->name) == length && memcmp(sinks[i]->name, name, length) == 0)
            return with_parameters(sinks[i], name, why, size);
    return NULL;
}

static const struct sink *find(const char *name, char *why, size_t size)
{
    const char *plus = strchr(name, '+');
    if (!plus)
        return find_one(name, why, size);
    char first[SINK_NAME];
    if (snprintf(first, sizeof first, "%.*s", (int)(plus - name), name) >= SINK_NAME)
        return NULL;
    const struct sink *a = find_one(first, why, size), *b = find_one(plus + 1, why, size);
    bool both = a && b && a->looks == SINK_LOOKS_AT_RECORDS && b->looks == SINK_LOOKS_AT_RECORDS;
    return both ? pair_of(a, b) : NULL;
}

const struct sink *sink_find_or_say(const char *name, char *why, size_t size)
{
    *why = '\0';
    pthread_mutex_lock(&making);
    const struct sink *s = find(name, why, size);
    pthread_mutex_unlock(&making);
    return s;
}

const struct sink *sink_find(const char *name)
{
    char why[1];
    return sink_find_or_say(name, why, sizeof why);
}
