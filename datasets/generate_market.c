/* The market: who trades when, and where prices and books go. All in integers, so that it is the same everywhere. */
#include "generate_market.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

/* --- contracts ---
 *
 * Instruments by number: futures, calendar spreads and options of two dozen roots. No two names are alike, and all fit
 * the shortest fields of version 1. */

static const struct root roots[] = {
    {"ES", "ES", "IPNT", "FFICSX", 250000000, 19200, 50},  {"NQ", "NQ", "IPNT", "FFICSX", 250000000, 66800, 20},
    {"ZN", "ZN", "USD", "FFDCSX", 15625000, 7184, 1000},   {"CL", "CL", "BBL", "FCEPSX", 10000000, 7180, 1000},
    {"ZF", "ZF", "USD", "FFDCSX", 7812500, 13900, 1000},   {"GC", "GC", "TRYOZ", "FCEPSX", 100000000, 20700, 100},
    {"6E", "6E", "EUR", "FFCCSX", 50000, 22000, 125000},   {"ZB", "ZB", "USD", "FFDCSX", 31250000, 3980, 1000},
    {"RTY", "RT", "IPNT", "FFICSX", 100000000, 20400, 50}, {"YM", "YM", "IPNT", "FFICSX", 1000000000, 37900, 5},
    {"NG", "NG", "MMBTU", "FCEPSX", 1000000, 2550, 10000}, {"ZC", "ZC", "BU", "FCAPSX", 250000000, 1860, 50},
    {"ZS", "ZS", "BU", "FCAPSX", 250000000, 5120, 50},     {"ZW", "ZW", "BU", "FCAPSX", 250000000, 2430, 50},
    {"ZT", "ZT", "USD", "FFDCSX", 3906250, 26350, 2000},   {"6J", "6J", "JPY", "FFCCSX", 500, 14200, 12500000},
    {"6B", "6B", "GBP", "FFCCSX", 100000, 12700, 62500},   {"SI", "SI", "TRYOZ", "FCEPSX", 5000000, 4770, 5000},
    {"HG", "HG", "LBS", "FCEPSX", 500000, 7780, 25000},    {"RB", "RB", "GAL", "FCEPSX", 100000, 21100, 42000},
    {"HO", "HO", "GAL", "FCEPSX", 100000, 25400, 42000},   {"PL", "PL", "TRYOZ", "FCEPSX", 100000000, 9930, 50},
    {"LE", "LE", "LBS", "FCAPSX", 25000000, 6800, 400},    {"HE", "HE", "LBS", "FCAPSX", 25000000, 2730, 400},
};

enum { ROOTS = sizeof roots / sizeof roots[0] };

/* Of every four instruments of a root two are futures, one is the spread between them, one an option on the first. */
struct contract contract_at(uint32_t index)
{
    const struct root *root = &roots[index % ROOTS];
    uint32_t nth = index / ROOTS, group = nth / 4;
    struct contract c = {.root = root, .month = 2 * group, .first = index % ROOTS + ROOTS * 4 * group};
    if (nth % 4 == 1) {
        c.month++;
    } else if (nth % 4 == 2) {
        c.kind = CONTRACT_SPREAD;
        c.second = c.first + ROOTS;
    } else if (nth % 4 == 3) {
        c.kind = CONTRACT_OPTION;
        c.strike = root->tick * (root->home / 100 * (90 + (int32_t)(group % 20)));
        c.call = group % 2 == 0;
    }
    return c;
}

/* Quarterly months first, as these are the ones that trade. */
static int future_symbol(char *to, size_t size, const struct root *root, uint32_t month)
{
    return snprintf(to, size, "%s%c%u", root->name, "HMUZFGJKNQVX"[month % 12], 4 + month / 12);
}

void contract_symbol(uint32_t index, char symbol[SYMBOL_SIZE])
{
    struct contract c = contract_at(index);
    int n = future_symbol(symbol, SYMBOL_SIZE, c.root, c.month);
    char *rest = symbol + n;
    size_t room = SYMBOL_SIZE - (size_t)n;
    if (c.kind == CONTRACT_SPREAD) {
        *rest = '-';
        future_symbol(rest + 1, room - 1, c.root, c.month + 1);
    } else if (c.kind == CONTRACT_OPTION) {
        snprintf(rest, room, " %c%d", c.call ? 'C' : 'P', (int)(c.strike / c.root->tick));
    }
}

/* Scattered, as real ones are, but never the same twice and never 0: an odd factor is invertible modulo 2^24. */
uint32_t contract_instrument_id(uint32_t index)
{
    return (index + 1) * UINT32_C(0x9E3779) & 0xFFFFFF;
}

/* --- the market --- */

/* Zipf's law: the n-th instrument has 1/n of the first one's weight. An alias table (Walker's method) picks by weight
 * in constant time: a random instrument, then itself or, from its limit on, the other one. */
static int weigh(struct instrument *instrument, uint32_t n)
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
        instrument[i].limit = UINT32_MAX;
        instrument[i].other = i;
        light[weight[i] < fair ? lights++ : --heavies] = i;
    }
    while (lights > 0 && heavies < n) {
        uint32_t giver = light[heavies], taker = light[--lights];
        instrument[taker].limit = (uint32_t)(((unsigned __int128)weight[taker] << 32) / fair);
        instrument[taker].other = giver;
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
    if (!m->instrument)
        return -ENOMEM;
    for (uint32_t i = 0; i < spec->symbols; i++)
        open_instrument(m, i);
    int rc = weigh(m->instrument, spec->symbols);
    if (rc)
        market_end(m);
    return rc;
}

void market_end(struct market *m)
{
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
    if ((uint32_t)pick >= m->instrument[index].limit)
        index = m->instrument[index].other;
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
