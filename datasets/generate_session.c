/* All other records: definitions, statistics and status, and a captured live session, which has everything. */
#include "generate_market.h"

#include <stdio.h>
#include <time.h>

/* --- versions ---
 *
 * Five record types grew from version to version. Makers build them in their newest layout, and here they are fitted to
 * the version of the stream, by the tables of records.def: so there is one maker for all versions. */

/* A number too large for the old field becomes its largest value, which stands for null, as it did in the new one. Of
 * the signed fields that were narrower (quantities of statistics) makers produce no negative values. */
static void copy_number(uint8_t *dst, const struct dbn_field *to, const uint8_t *src, const struct dbn_field *from)
{
    uint64_t value = 0;
    memcpy(&value, src + from->offset, from->size);
    if (to->size < from->size) {
        uint64_t largest = (UINT64_C(1) << (8 * to->size - (to->type == DBN_TYPE_i32))) - 1;
        value = value < largest ? value : largest;
    }
    memcpy(dst + to->offset, &value, to->size);
}

static void copy_text(uint8_t *dst, const struct dbn_field *to, const uint8_t *src, const struct dbn_field *from)
{
    size_t n = strnlen((const char *)src + from->offset, from->size);
    size_t room = to->size - 1u;
    memcpy(dst + to->offset, src + from->offset, n < room ? n : room);
}

/* Writes *record at p, framed, in the layout of the stream's version. Fields are matched by name; those that only old
 * versions have become 0. */
static size_t version_frame(const struct market *m, uint8_t *p, const void *record, uint8_t rtype)
{
    const struct dbn_layout *from = dbn_layout_in(rtype, DBN_VERSIONS);
    const struct dbn_layout *to = dbn_layout_in(rtype, m->spec->version);
    if (from == to) {
        memcpy(p, record, to->size);
        return market_frame(m, p, to->size, rtype);
    }
    memset(p, 0, to->size);
    memcpy(p, record, DBN_HEADER_SIZE);
    for (unsigned i = 0; i < to->fields; i++) {
        const struct dbn_field *field = &to->field[i];
        const struct dbn_field *old = field->type == DBN_TYPE_PAD ? NULL : dbn_find_field(from, field->name);
        if (old)
            (field->type == DBN_TYPE_TEXT ? copy_text : copy_number)(p, field, record, old);
    }
    return market_frame(m, p, to->size, rtype);
}

/* --- records about instruments rather than of trading --- */

/* Futures end in the middle of their month. UTC arithmetic, with no time zone in it. */
static uint64_t expiration(const struct contract *c, struct dbn_instrument_def_v3 *record)
{
    static const uint8_t months[] = {3, 6, 9, 12, 1, 2, 4, 5, 7, 8, 10, 11}; /* in the order of their letters */
    int year = 2024 + (int)(c->month / 12), month = months[c->month % 12];
    struct tm date = {.tm_year = year - 1900, .tm_mon = month - 1, .tm_mday = 15, .tm_hour = 14, .tm_min = 30};
    record->maturity_year = (uint16_t)year;
    record->maturity_month = (uint8_t)month;
    record->maturity_day = 15;
    record->maturity_week = 3;
    return (uint64_t)timegm(&date) * MARKET_SECOND;
}

static void describe_leg(struct dbn_instrument_def_v3 *record, const struct contract *c, unsigned leg)
{
    uint32_t index = leg == 0 ? c->first : c->second;
    record->leg_count = 2;
    record->leg_index = (uint16_t)leg;
    record->leg_instrument_id = contract_instrument_id(index);
    record->leg_instrument_class = 'F';
    record->leg_side = leg == 0 ? 'B' : 'A';
    record->leg_ratio_price_numerator = record->leg_ratio_price_denominator = 1;
    record->leg_ratio_qty_numerator = record->leg_ratio_qty_denominator = 1;
    contract_symbol(index, record->leg_raw_symbol);
    strcpy(record->secsubtype, "EQ");
}

static void describe_kind(struct dbn_instrument_def_v3 *record, const struct contract *c, unsigned leg)
{
    record->instrument_class = 'F';
    strcpy(record->security_type, "FUT");
    if (c->kind == CONTRACT_SPREAD) {
        record->instrument_class = 'S';
        describe_leg(record, c, leg);
    } else if (c->kind == CONTRACT_OPTION) {
        record->instrument_class = c->call ? 'C' : 'P';
        record->strike_price = c->strike;
        record->underlying_id = contract_instrument_id(c->first);
        strcpy(record->security_type, "OOF");
        strcpy(record->strike_price_currency, "USD");
        contract_symbol(c->first, record->underlying);
    }
}

static void describe_prices(struct dbn_instrument_def_v3 *record, const struct instrument *in, const struct root *root)
{
    int64_t range = in->tick * (root->home / 14);
    record->min_price_increment = in->tick;
    record->display_factor = 1000000000;
    record->high_limit_price = in->tick * in->home + range;
    record->low_limit_price = in->tick * in->home - range;
    record->max_price_variation = in->tick * 40;
    record->unit_of_measure_qty = root->multiplier * INT64_C(1000000000);
    record->min_price_increment_amount = in->tick * root->multiplier;
    record->strike_price = record->price_ratio = record->leg_price = record->leg_delta = DBN_UNDEF_PRICE;
}

static void describe_texts(struct dbn_instrument_def_v3 *record, uint32_t index, const struct root *root)
{
    contract_symbol(index, record->raw_symbol);
    strcpy(record->currency, "USD");
    strcpy(record->settl_currency, "USD");
    strcpy(record->group, root->group);
    strcpy(record->exchange, "XCME");
    strcpy(record->asset, root->name);
    strcpy(record->cfi, root->cfi);
    strcpy(record->unit_of_measure, root->unit);
}

/* Versions 1 and 2 have these, and version 3 has them no more. */
static void add_old_fields(uint8_t *p, const struct instrument *in, const struct dbn_layout *layout)
{
    int64_t price = in->tick * in->home;
    uint16_t date = MARKET_OPEN / MARKET_DAY - 1;
    memcpy(p + dbn_find_field(layout, "trading_reference_price")->offset, &price, sizeof price);
    memcpy(p + dbn_find_field(layout, "trading_reference_date")->offset, &date, sizeof date);
}

/* One instrument after the other, then all again; in version 3 a spread takes one record for each leg. */
size_t make_definition(struct market *m, uint8_t *p)
{
    uint32_t index = m->cursor;
    const struct instrument *in = &m->instrument[index];
    struct contract c = contract_at(index);
    m->now += rng_gap(&m->rng, m->mean_gap);
    struct stamps now = market_stamps(m, in);
    struct dbn_instrument_def_v3 record = {
        .hd = now.hd,
        .ts_recv = m->now,
        .activation = MARKET_OPEN - 300 * MARKET_DAY,
        .raw_instrument_id = in->id,
        .inst_attrib_value = 1033,
        .market_depth_implied = 2,
        .market_depth = in->levels,
        .market_segment_id = 50 + in->channel,
        .max_trade_vol = 3000,
        .min_lot_size = INT32_MAX,
        .min_lot_size_block = INT32_MAX,
        .min_lot_size_round_lot = 1,
        .min_trade_vol = 1,
        .contract_multiplier = INT32_MAX,
        .decay_quantity = INT32_MAX,
        .original_contract_size = INT32_MAX,
        .appl_id = (int16_t)(300 + in->channel),
        .decay_start_date = UINT16_MAX,
        .channel_id = in->channel,
        .match_algorithm = (dbn_chr) "FFFKQT"[index % 6],
        .main_fraction = UINT8_MAX,
        .price_display_format = UINT8_MAX,
        .sub_fraction = UINT8_MAX,
        .underlying_product = (uint8_t)(index % 16),
        .security_update_action = rng_below(&m->rng, 16) ? 'A' : 'M',
        .user_defined_instrument = 'N',
        .contract_multiplier_unit = INT8_MAX,
        .flow_schedule_type = INT8_MAX,
        .tick_rule = UINT8_MAX,
        .leg_side = 'N',
    };
    describe_prices(&record, in, c.root);
    describe_texts(&record, index, c.root);
    describe_kind(&record, &c, m->part);
    record.expiration = expiration(&c, &record);
    m->part = c.kind == CONTRACT_SPREAD && m->spec->version == 3 && m->part == 0;
    if (m->part == 0)
        m->cursor = (index + 1) % m->spec->symbols;
    size_t size = version_frame(m, p, &record, 0x13);
    if (m->spec->version < 3)
        add_old_fields(p, in, dbn_layout_in(0x13, m->spec->version));
    return size;
}

static size_t make_status(struct market *m, uint8_t *p)
{
    const struct instrument *in = market_event(m);
    struct stamps now = market_stamps(m, in);
    bool trading = rng_below(&m->rng, 8) > 0;
    struct dbn_status record = {
        .hd = now.hd,
        .ts_recv = m->now,
        .action = trading ? 7 : 9,
        .reason = trading ? 1 : 2,
        .is_trading = trading ? 'Y' : 'N',
        .is_quoting = 'Y',
        .is_short_sell_restricted = '~',
    };
    memcpy(p, &record, sizeof record);
    return market_frame(m, p, sizeof record, 0x12);
}

static size_t make_statistics(struct market *m, uint8_t *p)
{
    static const uint8_t types[] = {1, 3, 4, 5, 7, 8, 6, 9}; /* the last two are quantities, the others prices */
    const struct instrument *in = market_event(m);
    struct stamps now = market_stamps(m, in);
    uint32_t which = rng_below(&m->rng, sizeof types);
    bool quantity = which >= 6;
    struct dbn_stat_v3 record = {
        .hd = now.hd,
        .ts_recv = m->now,
        .ts_ref = which % 2 ? DBN_UNDEF_TIME : MARKET_OPEN - MARKET_OPEN % MARKET_DAY,
        .price = quantity ? DBN_UNDEF_PRICE : in->tick * in->bid,
        .quantity = quantity ? (int64_t)rng_below(&m->rng, 1 << 20) : INT64_MAX,
        .sequence = m->sequence,
        .ts_in_delta = now.ts_in_delta,
        .stat_type = types[which],
        .channel_id = in->channel,
        .update_action = 1,
    };
    return version_frame(m, p, &record, 0x18);
}

/* --- a captured live session: what the gateway says of itself, and all subscribed schemas interleaved --- */

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
