/* The order feed (mbo): orders are added, changed, cancelled and filled, and ids name orders that are there. */
#include "generate_market.h"

static struct order *resting_orders(const struct market *m, const struct instrument *in)
{
    return m->order + (size_t)(in - m->instrument) * RESTING_ORDERS;
}

static void remove_order(const struct market *m, struct instrument *in, struct order *order)
{
    *order = resting_orders(m, in)[--in->resting];
}

static struct order *add_order(struct market *m, struct instrument *in)
{
    struct order *order = &resting_orders(m, in)[in->resting++];
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
        remove_order(m, burst->instrument, order);
}

static void change_order(struct market *m, struct instrument *in, struct dbn_mbo *record)
{
    struct order *order = &resting_orders(m, in)[rng_below(&m->rng, in->resting)];
    uint32_t what = rng_below(&m->rng, 64);
    if (what < 5) {
        start_burst(m, in, order, record);
    } else if (what < 16) {
        order->size = rng_quantity(&m->rng);
        order->price += (int32_t)(what % 3) - 1;
        describe(record, in, order, 'M');
    } else {
        describe(record, in, order, 'C');
        remove_order(m, in, order);
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
