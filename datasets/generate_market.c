/* The market: who trades when, and where prices and books go. All in integers, so that it is the same everywhere. */
#include "generate_market.h"

#include <errno.h>
#include <stdlib.h>

/* One column of an alias table (Walker's method), which picks by weight in constant time: a random column,
 * then its own index or the other one. */
struct column {
    uint32_t limit, other;
};

/* Zipf's law: the n-th instrument has 1/n of the first one's weight. */
static int weigh(struct column *column, uint32_t n)
{
    uint64_t *weight = malloc(n * sizeof *weight);
    uint32_t *light = malloc(n * sizeof *light); /* lacking weight from the front, having too much from the back */
    uint64_t fair = 0;
    if (!weight || !light) {
        free(light);
        free(weight);
        return -ENOMEM;
    }
    for (uint32_t i = 0; i < n; i++) {
        fair += (UINT64_C(1) << 36) / (i + 1);
        weight[i] = (UINT64_C(1) << 36) / (i + 1) * n;
    }
    uint32_t lights = 0, heavies = n;
    for (uint32_t i = 0; i < n; i++) {
        column[i] = (struct column){UINT32_MAX, i};
        light[weight[i] < fair ? lights++ : --heavies] = i;
    }
    while (lights > 0 && heavies < n) {
        uint32_t giver = light[heavies], taker = light[--lights];
        column[taker] = (struct column){(uint32_t)(((unsigned __int128)weight[taker] << 32) / fair), giver};
        weight[giver] -= fair - weight[taker];
        if (weight[giver] < fair) {
            heavies++;
            light[lights++] = giver;
        }
    }
    free(light);
    free(weight);
    return 0;
}

static void open_instrument(struct market *m, uint32_t index)
{
    struct contract c = contract_at(index);
    struct instrument *in = &m->instrument[index];
    int32_t carry = c.root->home / 500 + 1; /* what a later month costs more */
    *in = (struct instrument){
        .tick = c.root->tick,
        .home = c.root->home + carry * (int32_t)(c.month % 12),
        .id = contract_instrument_id(index),
        .channel = (uint8_t)(index % 24),
        .levels = BOOK_LEVELS,
    };
    if (c.kind == CONTRACT_SPREAD) {
        in->home = -carry;
        in->levels = 6;
    } else if (c.kind == CONTRACT_OPTION) {
        in->home = 400 + (int32_t)rng_below(&m->rng, 800);
        in->levels = 3;
    }
    in->bid = in->home;
    in->ask = in->bid + (c.kind == CONTRACT_OPTION ? 4 : 1);
    for (unsigned i = 0; i < in->levels; i++) {
        for (enum side side = BID; side <= ASK; side++) {
            uint32_t size = 2 + rng_below(&m->rng, 40 * (i + 1));
            in->book[side][i] = (struct level){size, 1 + size / 3};
        }
    }
}

int market_begin(struct market *m, const struct generate_spec *spec, uint64_t mean_gap)
{
    *m = (struct market){
        .spec = spec,
        .rng = {spec->seed},
        .now = MARKET_OPEN,
        .mean_gap = mean_gap,
        .order_id = UINT64_C(6411000000000),
        .sequence = 1,
    };
    m->instrument = calloc(spec->symbols, sizeof *m->instrument);
    m->column = calloc(spec->symbols, sizeof *m->column);
    m->order = calloc((size_t)spec->symbols * RESTING_ORDERS, sizeof *m->order);
    int rc = m->instrument && m->column && m->order ? weigh(m->column, spec->symbols) : -ENOMEM;
    if (rc) {
        market_end(m);
        return rc;
    }
    for (uint32_t i = 0; i < spec->symbols; i++)
        open_instrument(m, i);
    return 0;
}

void market_end(struct market *m)
{
    free(m->order);
    free(m->column);
    free(m->instrument);
    *m = (struct market){0};
}

/* A step of one tick: what was second best on one side becomes the best, and the other side gets a new best level. */
static void step(struct market *m, struct instrument *in, bool up)
{
    enum side gains = up ? BID : ASK, loses = up ? ASK : BID;
    unsigned last = in->levels - 1u;
    uint32_t size = 1 + rng_below(&m->rng, 40);
    memmove(&in->book[gains][1], &in->book[gains][0], last * sizeof(struct level));
    memmove(&in->book[loses][0], &in->book[loses][1], last * sizeof(struct level));
    in->book[gains][0] = (struct level){size, 1 + size / 4};
    in->book[loses][last] = (struct level){40 * last + size, 10 * last + 1};
    in->bid += up ? 1 : -1;
    in->ask += up ? 1 : -1;
}

struct instrument *market_event(struct market *m)
{
    m->now += rng_gap(&m->rng, m->mean_gap);
    m->sequence++;
    uint64_t pick = rng_next(&m->rng);
    uint32_t index = (uint32_t)((pick >> 32) * m->spec->symbols >> 32);
    if ((uint32_t)pick >= m->column[index].limit)
        index = m->column[index].other;
    struct instrument *in = &m->instrument[index];
    uint32_t move = rng_below(&m->rng, 8 * 1024);
    if (move < 1024) /* the further from home, the likelier back */
        step(m, in, (int32_t)move < 512 - (in->bid - in->home) / 16);
    return in;
}

struct stamps market_stamps(struct market *m, const struct instrument *in)
{
    uint64_t x = rng_next(&m->rng);
    return (struct stamps){
        .hd =
            {
                .publisher_id = PUBLISHER,
                .instrument_id = in->id,
                .ts_event = m->now - 20000 - (x >> 32) % 100000,
            },
        .ts_in_delta = 5000 + (int32_t)((uint32_t)x % 15000),
    };
}

size_t market_frame(const struct market *m, uint8_t *p, size_t size, uint8_t rtype)
{
    uint64_t ts_out = (m->now + 8000) | 4095; /* what came within some microseconds is sent together */
    return dbn_encode_record(p, size, rtype, m->spec->ts_out ? &ts_out : NULL);
}
