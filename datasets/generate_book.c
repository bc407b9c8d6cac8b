/* Records of trading: those of the book (trades, mbp-1, mbp-10, bbo and bars), and the order feed (mbo). */
#include "generate_market.h"

#include <assert.h>

/* One level as it lies in mbp-1, mbp-10 and bbo records. */
struct book_level {
    int64_t bid_px, ask_px;
    uint32_t bid_sz, ask_sz, bid_ct, ask_ct;
};

static_assert(sizeof(struct dbn_mbp10) ==
                  offsetof(struct dbn_mbp10, bid_px_00) + BOOK_LEVELS * sizeof(struct book_level),
              "levels without gaps");

static int64_t price_of(const struct instrument *in, enum side side, unsigned depth)
{
    return in->tick * (side == BID ? in->bid - (int32_t)depth : in->ask + (int32_t)depth);
}

static void put_levels(uint8_t *p, const struct instrument *in, unsigned levels)
{
    for (unsigned i = 0; i < levels; i++) {
        struct book_level level = {.bid_px = DBN_UNDEF_PRICE, .ask_px = DBN_UNDEF_PRICE};
        if (i < in->levels) {
            const struct level *bid = &in->book[BID][i], *ask = &in->book[ASK][i];
            level = (struct book_level){
                price_of(in, BID, i), price_of(in, ASK, i), bid->size, ask->size, bid->count, ask->count};
        }
        memcpy(p + i * sizeof level, &level, sizeof level);
    }
}

/* Does to the level what the action says, and returns the quantity that the record names. */
static uint32_t change_level(struct market *m, struct level *level, dbn_chr action)
{
    uint32_t size = rng_quantity(&m->rng);
    if (action == 'A') {
        level->count++;
        level->size += size;
    } else if (action == 'C') {
        level->count -= level->count > 1;
        level->size = level->size > level->count + size ? level->size - size : level->count;
    } else if (action == 'M') {
        level->size = level->count + size;
    }
    return size;
}

static struct dbn_trade event_record(struct market *m, const struct instrument *in, enum side side, unsigned depth)
{
    struct stamps now = market_stamps(m, in);
    return (struct dbn_trade){
        .hd = now.hd,
        .price = price_of(in, side, depth),
        .side = side == BID ? 'B' : 'A',
        .depth = (uint8_t)depth,
        .ts_recv = m->now,
        .ts_in_delta = now.ts_in_delta,
        .sequence = m->sequence,
    };
}

/* A change of one of the `levels` best levels, or a trade. Trades do not change the book: the cancels that
 * follow do. */
static struct dbn_trade book_event(struct market *m, struct instrument *in, unsigned levels)
{
    uint32_t x = rng_below(&m->rng, 1 << 16);
    enum side side = x & 1 ? ASK : BID;
    dbn_chr action = (dbn_chr) "AAAAAAACCCCCCMMT"[x >> 1 & 15];
    unsigned depth = action == 'T' ? 0 : (unsigned)__builtin_ctz(x >> 5 | 1u << 9) % levels;
    depth = depth < in->levels ? depth : 0;
    uint32_t size = change_level(m, &in->book[side][depth], action);
    struct dbn_trade record = event_record(m, in, side, depth);
    record.size = size;
    record.action = action;
    record.flags = x >> 14 ? 128 : 0; /* the last of its event: three of four */
    return record;
}

size_t make_trade(struct market *m, uint8_t *p)
{
    const struct instrument *in = market_event(m);
    uint32_t x = rng_below(&m->rng, 1 << 10);
    enum side taken = x & 1 ? ASK : BID;
    uint32_t size = rng_quantity(&m->rng);
    struct dbn_trade record = event_record(m, in, taken, 0);
    record.size = size;
    record.action = 'T';
    if (x >> 5 == 0)
        record.side = 'N';
    else
        record.side = taken == ASK ? 'B' : 'A'; /* who buys takes the best offer */
    record.flags = x & 6 ? 128 : 0;
    memcpy(p, &record, sizeof record);
    return market_frame(m, p, sizeof record, 0x00);
}

static size_t make_mbp(struct market *m, uint8_t *p, unsigned levels, uint8_t rtype)
{
    struct instrument *in = market_event(m);
    struct dbn_trade record = book_event(m, in, levels);
    memcpy(p, &record, sizeof record);
    put_levels(p + sizeof record, in, levels);
    return market_frame(m, p, sizeof record + levels * sizeof(struct book_level), rtype);
}

size_t make_mbp1(struct market *m, uint8_t *p)
{
    return make_mbp(m, p, 1, 0x01);
}

size_t make_mbp10(struct market *m, uint8_t *p)
{
    return make_mbp(m, p, BOOK_LEVELS, 0x0A);
}

size_t make_bbo(struct market *m, uint8_t *p)
{
    const struct instrument *in = market_event(m);
    uint32_t x = rng_below(&m->rng, 1 << 10);
    bool traded = x % 16 != 0, minute = x >> 7 == 0;
    uint32_t size = rng_quantity(&m->rng);
    struct dbn_bbo record = {
        .hd = {.publisher_id = PUBLISHER, .instrument_id = in->id},
        .price = traded ? price_of(in, x & 16 ? ASK : BID, 0) : DBN_UNDEF_PRICE,
        .size = traded ? size : 0,
        .side = !traded  ? 'N'
                : x & 16 ? 'B'
                         : 'A',
        .flags = 128,
        .ts_recv = m->now - m->now % (minute ? 60 * MARKET_SECOND : MARKET_SECOND),
        .sequence = m->sequence,
    };
    record.hd.ts_event = record.ts_recv - rng_below(&m->rng, 1000000000);
    memcpy(p, &record, sizeof record);
    put_levels(p + offsetof(struct dbn_bbo, bid_px_00), in, 1);
    return market_frame(m, p, sizeof record, minute ? 0xC4 : 0xC3);
}

/* The bar ends where the next one of the instrument begins. */
static size_t put_bar(struct market *m, uint8_t *p, struct instrument *in, uint64_t ts_event)
{
    int32_t open = in->bid, close = open + (int32_t)rng_below(&m->rng, 9) - 4 + (in->home - open) / 32;
    int32_t high = (open > close ? open : close) + (int32_t)rng_below(&m->rng, 4);
    int32_t low = (open > close ? close : open) - (int32_t)rng_below(&m->rng, 4);
    uint64_t trades = rng_quantity(&m->rng);
    struct dbn_ohlcv record = {
        .hd = {.publisher_id = PUBLISHER, .instrument_id = in->id, .ts_event = ts_event},
        .open = in->tick * open,
        .high = in->tick * high,
        .low = in->tick * low,
        .close = in->tick * close,
        .volume = trades * rng_quantity(&m->rng),
    };
    in->ask += close - in->bid;
    in->bid = close;
    memcpy(p, &record, sizeof record);
    return market_frame(m, p, sizeof record, 0x20);
}

size_t make_bar(struct market *m, uint8_t *p)
{
    struct instrument *in = market_event(m);
    return put_bar(m, p, in, m->now - m->now % MARKET_SECOND - MARKET_SECOND);
}

/* In every second some instruments have traded, the popular first ones nearly always. */
size_t make_ohlcv(struct market *m, uint8_t *p)
{
    if (m->cursor >= m->spec->symbols) {
        m->cursor = 0;
        m->now += MARKET_SECOND;
    }
    struct instrument *in = &m->instrument[m->cursor];
    m->cursor += 1 + rng_below(&m->rng, 1 + m->cursor / 8);
    return put_bar(m, p, in, m->now);
}

/* --- mbo: orders are added, changed, cancelled and filled, and ids name orders that are there --- */

static void remove_order(struct instrument *in, struct order *order)
{
    *order = in->order[--in->resting];
}

static struct order *add_order(struct market *m, struct instrument *in)
{
    struct order *order = &in->order[in->resting++];
    enum side side = rng_next(&m->rng) >> 63 ? ASK : BID;
    int32_t away = (int32_t)(rng_quantity(&m->rng) % 32) - 1; /* from the best price; -1: half of them join it */
    away = away > 0 ? away : 0;
    m->order_id += 1 + rng_below(&m->rng, 8);
    *order = (struct order){
        .id = m->order_id,
        .price = side == BID ? in->bid - away : in->ask + away,
        .size = rng_quantity(&m->rng),
        .side = side,
    };
    return order;
}

static void describe(struct dbn_mbo *record, const struct instrument *in, const struct order *order, dbn_chr action)
{
    record->order_id = order->id;
    record->price = in->tick * order->price;
    record->size = order->size;
    record->action = action;
    record->side = order->side == BID ? 'B' : 'A';
}

/* The first record of a trade: the aggressor, on the other side of the order it meets, and not known by an id. */
static void start_burst(struct market *m, struct instrument *in, struct order *order, struct dbn_mbo *record)
{
    describe(record, in, order, 'T');
    record->order_id = 0;
    record->side = order->side == BID ? 'A' : 'B';
    record->size = 1 + rng_below(&m->rng, order->size);
    record->flags = 0;
    m->burst = (struct burst){.left = 2, .instrument = in, .order = order, .record = *record};
}

/* The fill, then the order is gone or smaller. Times and sequence are those of the trade. */
static void go_on_with_burst(struct market *m, struct dbn_mbo *record)
{
    struct burst *burst = &m->burst;
    struct order *order = burst->order;
    uint32_t filled = burst->record.size;
    *record = burst->record;
    if (burst->left-- == 2) {
        describe(record, burst->instrument, order, 'F');
        record->size = filled;
        return;
    }
    bool gone = filled == order->size;
    order->size -= gone ? 0 : filled;
    describe(record, burst->instrument, order, gone ? 'C' : 'M');
    record->flags = 128;
    if (gone)
        remove_order(burst->instrument, order);
}

static void change_order(struct market *m, struct instrument *in, struct dbn_mbo *record)
{
    struct order *order = &in->order[rng_below(&m->rng, in->resting)];
    uint32_t what = rng_below(&m->rng, 64);
    if (what < 5) {
        start_burst(m, in, order, record);
    } else if (what < 16) {
        order->size = rng_quantity(&m->rng);
        order->price += (int32_t)(what % 3) - 1;
        describe(record, in, order, 'M');
    } else {
        describe(record, in, order, 'C');
        remove_order(in, order);
    }
}

static void next_event(struct market *m, struct dbn_mbo *record)
{
    struct instrument *in = market_event(m);
    struct stamps now = market_stamps(m, in);
    *record = (struct dbn_mbo){
        .hd = now.hd,
        .price = DBN_UNDEF_PRICE,
        .flags = 128,
        .channel_id = in->channel,
        .action = 'R',
        .side = 'N',
        .ts_recv = m->now,
        .ts_in_delta = now.ts_in_delta,
        .sequence = m->sequence,
    };
    if (!in->cleared) {
        in->cleared = true;
        return;
    }
    bool add = in->resting < RESTING_ORDERS && rng_below(&m->rng, 64) < 33;
    if (add || in->resting == 0)
        describe(record, in, add_order(m, in), 'A');
    else
        change_order(m, in, record);
}

size_t make_mbo(struct market *m, uint8_t *p)
{
    struct dbn_mbo record;
    if (m->burst.left > 0)
        go_on_with_burst(m, &record);
    else
        next_event(m, &record);
    memcpy(p, &record, sizeof record);
    return market_frame(m, p, sizeof record, 0xA0);
}
