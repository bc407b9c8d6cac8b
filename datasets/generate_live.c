/* A captured live session: what the gateway says of itself, and all subscribed schemas interleaved. */
#include "generate_market.h"

#include <stdio.h>

static size_t put_system(const struct market *m, uint8_t *p, uint8_t code, const char *text)
{
    struct dbn_system_v2 record = {.hd = {.ts_event = m->now}, .code = code};
    snprintf(record.msg, sizeof record.msg, "%s", text);
    return version_frame(m, p, &record, 0x17);
}

static size_t put_mapping(const struct market *m, uint8_t *p, uint32_t index)
{
    struct dbn_symbol_mapping_v2 record = {
        .hd = {.publisher_id = PUBLISHER, .instrument_id = contract_instrument_id(index), .ts_event = m->now},
        .stype_in = 1,
        .stype_out = 0,
        .start_ts = m->now - m->now % MARKET_DAY,
        .end_ts = m->now - m->now % MARKET_DAY + MARKET_DAY,
    };
    contract_symbol(index, record.stype_in_symbol);
    contract_symbol(index, record.stype_out_symbol);
    return version_frame(m, p, &record, 0x16);
}

static size_t make_mapping(struct market *m, uint8_t *p)
{
    const struct instrument *in = market_event(m);
    return put_mapping(m, p, (uint32_t)(in - m->instrument));
}

static size_t make_heartbeat(struct market *m, uint8_t *p)
{
    return put_system(m, p, 0, "Heartbeat");
}

static size_t make_error(struct market *m, uint8_t *p)
{
    struct dbn_error_v2 record = {.hd = {.ts_event = m->now}, .code = 4, .is_last = 1};
    snprintf(record.err, sizeof record.err, "Failed to resolve symbol NOSUCH%u", (unsigned)(m->sequence % 1000));
    return version_frame(m, p, &record, 0x15);
}

/* Out of a thousand. A trade in the order feed brings two records more, so that half of all are mbo. */
static const struct {
    unsigned share;
    size_t (*make)(struct market *m, uint8_t *p);
} mixture[] = {
    {480, make_mbo},       {312, make_mbp1}, {125, make_trade}, {30, make_bbo},      {28, make_bar},
    {13, make_statistics}, {5, make_status}, {4, make_mapping}, {2, make_heartbeat}, {1, make_error},
};

static const char *const subscribed[] = {"mbo", "mbp-1", "trades", "bbo-1s", "ohlcv-1s", "statistics", "status"};
enum { SUBSCRIPTIONS = sizeof subscribed / sizeof subscribed[0] };

static size_t make_greeting(struct market *m, uint8_t *p)
{
    uint32_t nth = m->cursor++;
    m->now += 1000;
    if (nth >= SUBSCRIPTIONS)
        return put_mapping(m, p, nth - SUBSCRIPTIONS);
    char text[64];
    snprintf(text, sizeof text, "Subscription request %u for %s data succeeded", nth, subscribed[nth]);
    return put_system(m, p, 1, text);
}

size_t make_mixed(struct market *m, uint8_t *p)
{
    if (m->cursor < SUBSCRIPTIONS + m->spec->symbols)
        return make_greeting(m, p);
    if (m->burst.left > 0)
        return make_mbo(m, p);
    uint64_t second = m->now / MARKET_SECOND;
    if (second != m->second) {
        m->second = second;
        return put_system(m, p, 4, "End of interval for ohlcv-1s");
    }
    unsigned draw = rng_below(&m->rng, 1000), kind = 0;
    while (draw >= mixture[kind].share)
        draw -= mixture[kind++].share;
    return mixture[kind].make(m, p);
}
