/* Three fields of each record: ts_event, price and size, added up. Without a branch on the type: where the two lie, if
 * the type has them, comes from a table. */
#include "../../dbn/tables.h"
#include "../../dbn/walk.h"
#include "digest.h"
#include "sink.h"

#include <stdlib.h>

struct role {
    uint64_t mask;       /* zero if the type has no price and size: then the header is loaded, and does not count */
    uint8_t price, size; /* offsets in the record */
    uint16_t needs;      /* bytes */
};

struct totals {
    uint64_t records, bytes, ts_event, price, size;
};

struct sum {
    struct totals totals;
    struct role role[256];
};

static struct role role_of(const struct dbn_layout *layout)
{
    const struct dbn_field *price = dbn_find_field(layout, "price");
    const struct dbn_field *size = dbn_find_field(layout, "size");
    if (!price || !size)
        return (struct role){0};
    return (struct role){UINT64_MAX, (uint8_t)price->offset, (uint8_t)size->offset, layout->size};
}

static int sum_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    struct sum *s = self;
    (void)sink, (void)plan;
#define RTYPE(value, name, id) s->role[value] = role_of(&dbn_layout[DBN_LAYOUT_##id]);
#include "../../dbn/records.def"
    return 0;
}

struct state {
    const struct role *role;
    struct totals t;
};

DBN_INLINE void sum_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    (void)offset;
    struct state *s = state;
    const struct role *role = &s->role[p[1]];
    s->t.ts_event += dbn_load_u64(p + 8);
    if (__builtin_expect(size < role->needs, 0))
        return;
    s->t.price += dbn_load_u64(p + role->price) & role->mask;
    s->t.size += dbn_load_u32(p + role->size) & role->mask;
}

DBN_INLINE void sum_priced(struct totals *t, const uint8_t *p, struct role role)
{
    __builtin_prefetch(p + DBN_PREFETCH);
    t->ts_event += dbn_load_u64(p + 8);
    t->price += dbn_load_u64(p + role.price);
    t->size += dbn_load_u32(p + role.size);
}

DBN_INLINE const uint8_t *sum_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    (void)offset;
    struct state *s = state;
    size_t size = dbn_record_size(p);
    uint16_t kind = dbn_kind(p);
    const uint8_t *last = end - size;
    struct role role = s->role[p[1]];
    struct totals t = s->t;
    if (role.mask && size >= role.needs) {
        for (; dbn_run_has_four(p, last, kind, size); p += 4 * size)
            for (size_t i = 0; i < 4; i++)
                sum_priced(&t, p + i * size, role);
        for (; dbn_run_goes_on(p, last, kind); p += size)
            sum_priced(&t, p, role);
    } else {
        for (; dbn_run_goes_on(p, last, kind); p += size)
            t.ts_event += dbn_load_u64(p + 8);
    }
    s->t = t;
    return p;
}

static size_t sum_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct sum *sum = self;
    struct state s = {sum->role, sum->totals};
    size_t taken = dbn_take(&s, p, n, offset, &s.t.records, sum_one, sum_run);
    s.t.bytes += taken;
    sum->totals = s.t;
    return taken;
}

static struct sink_facts sum_facts(const void *self)
{
    const struct totals *s = &((const struct sum *)self)->totals;
    return (struct sink_facts){.has_sums = true,
                               .sums = {[SUM_TS_EVENT] = s->ts_event, [SUM_PRICE] = s->price, [SUM_SIZE] = s->size}};
}

static void sum_end(void *self, struct tally *t)
{
    struct totals *s = &((struct sum *)self)->totals;
    *t = (struct tally){s->records, s->bytes, digest_sum(s->ts_event, s->price, s->size)};
    free(self);
}

const struct sink sink_sum = {
    .name = "sum",
    .summary = "add up ts_event, price and size",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_sum,
    .size = sizeof(struct sum),
    .begin = sum_begin,
    .take = sum_take,
    .end = sum_end,
    .facts = sum_facts,
};
