/* Records about instruments rather than of trading: definitions, statistics and status. */
#include "generate_market.h"

#include <assert.h>
#include <time.h>

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

/* Versions 1 and 2 have these in the same places, and version 3 has them no more. */
static void add_old_fields(uint8_t *p, const struct instrument *in)
{
    static_assert(offsetof(struct dbn_instrument_def_v1, trading_reference_price) ==
                          offsetof(struct dbn_instrument_def_v2, trading_reference_price) &&
                      offsetof(struct dbn_instrument_def_v1, trading_reference_date) ==
                          offsetof(struct dbn_instrument_def_v2, trading_reference_date),
                  "the same places");
    int64_t price = in->tick * in->home;
    uint16_t date = MARKET_OPEN / MARKET_DAY - 1;
    memcpy(p + offsetof(struct dbn_instrument_def_v1, trading_reference_price), &price, sizeof price);
    memcpy(p + offsetof(struct dbn_instrument_def_v1, trading_reference_date), &date, sizeof date);
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
        add_old_fields(p, in);
    return size;
}

size_t make_status(struct market *m, uint8_t *p)
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

size_t make_statistics(struct market *m, uint8_t *p)
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
