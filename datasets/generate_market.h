/* The made-up market behind the generator, and the makers of its records. Private to generate*.c. */
#ifndef DATASETS_GENERATE_MARKET_H
#define DATASETS_GENERATE_MARKET_H

#include "../dbn/encode.h"
#include "datasets.h"

#define MARKET_OPEN UINT64_C(1704205800000000000) /* 2024-01-02 14:30 UTC, where all data begin */
#define MARKET_DAY UINT64_C(86400000000000)
#define MARKET_SECOND UINT64_C(1000000000)

enum { BOOK_LEVELS = 10, RESTING_ORDERS = 32, PUBLISHER = 1, SYMBOL_SIZE = 21 };
enum side { BID, ASK };

/* Random numbers: splitmix64, one addition and a mix. At most one may be drawn in an expression or an
 * initializer: C leaves the order of evaluation open, and the bytes must not depend on the compiler. */
struct rng {
    uint64_t state;
};

static inline uint64_t rng_next(struct rng *r)
{
    uint64_t x = r->state += UINT64_C(0x9E3779B97F4A7C15);
    x = (x ^ (x >> 30)) * UINT64_C(0xBF58476D1CE4E5B9);
    x = (x ^ (x >> 27)) * UINT64_C(0x94D049BB133111EB);
    return x ^ (x >> 31);
}

/* 0 to n - 1. */
static inline uint32_t rng_below(struct rng *r, uint32_t n)
{
    return (uint32_t)((rng_next(r) >> 32) * n >> 32);
}

/* Waiting times, nearly exponential: the logarithm of a random number, taken as linear between powers of two.
 * In integers only, since log() differs between machines. At least 1; `mean` is below 2^40. */
static inline uint64_t rng_gap(struct rng *r, uint64_t mean)
{
    uint64_t x = rng_next(r) | 1;
    unsigned zeros = (unsigned)__builtin_clzll(x);
    uint64_t fraction = x << zeros << 1 >> 48;
    uint64_t log = ((uint64_t)(zeros + 1) << 16) - fraction; /* of 2^64 / x, in units of 2^-16; 1.5 on average */
    return 1 + log * mean / (3 << 15);
}

/* Quantities: half of them 1, the others spread ever thinner up to 1024. */
static inline uint32_t rng_quantity(struct rng *r)
{
    uint64_t x = rng_next(r);
    unsigned bits = (unsigned)__builtin_ctzll(x | 1 << 10);
    return 1 + ((uint32_t)(x >> 32) & ((1u << bits) - 1));
}

/* What an instrument is: a pure function of its index. */
struct root {
    const char *name, *group, *unit, *cfi;
    int64_t tick; /* 1e-9 */
    int32_t home; /* usual price of the future, in ticks */
    int32_t multiplier;
};

enum contract_kind { CONTRACT_FUTURE, CONTRACT_SPREAD, CONTRACT_OPTION };

struct contract {
    const struct root *root;
    enum contract_kind kind;
    uint32_t month;         /* of the future, counted from the first one listed; of a spread, its first leg's */
    uint32_t first, second; /* indexes of a spread's legs; of an option's underlying (first) */
    int64_t strike;         /* 1e-9 */
    bool call;
};

struct contract contract_at(uint32_t index);
void contract_symbol(uint32_t index, char symbol[SYMBOL_SIZE]);
uint32_t contract_instrument_id(uint32_t index);

struct level {
    uint32_t size, count;
};

struct order {
    uint64_t id;
    int32_t price;
    uint32_t size;
    enum side side;
};

struct instrument {
    int64_t tick;           /* 1e-9 */
    int32_t bid, ask, home; /* best prices and where they tend to, in ticks */
    uint32_t id;
    uint8_t channel, levels; /* how many price levels its book has */
    uint8_t resting;         /* how many orders */
    bool cleared;            /* has had the record that opens its book of orders */
    struct level book[2][BOOK_LEVELS];
    struct order order[RESTING_ORDERS];
    uint32_t limit, other; /* see weigh() */
};

/* A trade in the order feed takes three records: trade, fill, and what it did to the resting order. */
struct burst {
    unsigned left;
    struct instrument *instrument;
    struct order *order;
    struct dbn_mbo record;
};

struct market {
    const struct generate_spec *spec;
    struct rng rng;
    uint64_t now; /* ts_recv of the latest event */
    uint64_t mean_gap;
    uint64_t order_id;
    uint32_t sequence;
    uint32_t cursor, part;         /* of makers that go through a list */
    uint64_t second;               /* of the live session: the one that is not over */
    struct instrument *instrument; /* spec->symbols of them */
    struct burst burst;
};

/* 0 or -ENOMEM. */
int market_begin(struct market *m, const struct generate_spec *spec, uint64_t mean_gap);
void market_end(struct market *m);

/* Time goes on and something happens to an instrument; the popular ones come up more often. Its prices may move. */
struct instrument *market_event(struct market *m);

/* The makers: each writes the next record, framed, at p, and returns its size. */
size_t make_trade(struct market *m, uint8_t *p);
size_t make_mbp1(struct market *m, uint8_t *p);
size_t make_mbp10(struct market *m, uint8_t *p);
size_t make_bbo(struct market *m, uint8_t *p);   /* of a second or a minute */
size_t make_ohlcv(struct market *m, uint8_t *p); /* bars of a second, one second after the other */
size_t make_bar(struct market *m, uint8_t *p);   /* the bar of the last second of some instrument */
size_t make_mbo(struct market *m, uint8_t *p);
size_t make_definition(struct market *m, uint8_t *p);
size_t make_mixed(struct market *m, uint8_t *p);
size_t make_all(struct market *m, uint8_t *p);

/* Ids and times of an event that was received now. */
struct stamps {
    struct dbn_header hd;
    int32_t ts_in_delta;
};

struct stamps market_stamps(struct market *m, const struct instrument *in);

/* dbn_encode_record(), with the ts_out that the stream asks for. */
size_t market_frame(const struct market *m, uint8_t *p, size_t size, uint8_t rtype);

/* Where bytes go. */
struct output {
    int (*write)(void *self, const uint8_t *p, size_t n); /* 0 or < 0 */
    void *self;
};

/* 0, or -EINVAL if the specification is outside its limits. */
int generate_check(const struct generate_spec *spec);

/* Writes the stream as it is before it is compressed. 0 or < 0. *first_record: the offset of it. */
int generate_stream(const struct generate_spec *spec, struct output to, uint64_t *first_record);

#endif
