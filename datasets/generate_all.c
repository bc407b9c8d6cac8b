/* Every record type in turn, with values from the whole range of each field and null ones among them: for
 * tests. Driven by the layout tables, so that a new layout is covered without a word here. */
#include "generate_market.h"

enum { ODD_ONE_IN = 16 };

/* One in eight null, one in eight anything; the others of all magnitudes, and negative where that is possible. */
static uint64_t any_number(struct market *m, const struct dbn_field *field)
{
    uint64_t x = rng_next(&m->rng);
    unsigned bits = 8u * field->size, kind = x & 7;
    if (kind == 0)
        return UINT64_MAX >> (64 - bits) >> dbn_is_signed(field);
    if (strncmp(field->name, "ts_", 3) == 0 && field->size == 8)
        return m->now - (x >> 34);
    x >>= 8;
    uint64_t value = rng_next(&m->rng);
    if (kind > 1)
        value = value >> 1 >> (63 - x % bits);
    return dbn_is_signed(field) && x >> 55 ? 0 - value : value;
}

static dbn_chr any_character(struct market *m, const struct dbn_field *field)
{
    const char *from = "ABCFKMNPTY~"; /* letters with a meaning in some field */
    if (strcmp(field->name, "action") == 0)
        from = "ACMRTFN";
    else if (strstr(field->name, "side"))
        from = "ABN";
    return (dbn_chr)from[rng_below(&m->rng, (uint32_t)strlen(from))];
}

/* Of any length that leaves room for the NUL, with what output must quote or escape. */
static void any_text(struct market *m, uint8_t *p, size_t size)
{
    static const char from[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789 .,:;-_/\"'%";
    size_t n = rng_below(&m->rng, (uint32_t)size);
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)from[rng_below(&m->rng, sizeof from - 1)];
}

static void fill_field(struct market *m, uint8_t *p, const struct dbn_field *field)
{
    uint8_t *at = p + field->offset;
    if (field->type == DBN_TYPE_TEXT) {
        any_text(m, at, field->size);
    } else if (field->type == DBN_TYPE_chr) {
        *at = any_character(m, field);
    } else if (field->type == DBN_TYPE_PAD) {
        if (rng_below(&m->rng, 8) == 0) /* reserved bytes can be anything */
            memset(at, 0xFF, field->size);
    } else {
        uint64_t value = any_number(m, field);
        memcpy(at, &value, field->size);
    }
}

static void put_header(struct market *m, uint8_t *p, const struct instrument *in)
{
    struct stamps now = market_stamps(m, in);
    if (rng_below(&m->rng, 16) == 0)
        now.hd.ts_event = DBN_UNDEF_TIME;
    memcpy(p, &now.hd, sizeof now.hd);
}

static void put_noise(struct market *m, uint8_t *p, size_t size)
{
    for (size_t i = 0; i < size; i++)
        p[i] = (uint8_t)rng_next(&m->rng);
}

static size_t make_unknown(struct market *m, uint8_t *p, const struct instrument *in)
{
    uint32_t most = DBN_MAX_RECORD - (m->spec->ts_out ? DBN_TS_OUT_SIZE : 0);
    size_t size = DBN_HEADER_SIZE + 4 * (size_t)rng_below(&m->rng, (most - DBN_HEADER_SIZE) / 4 + 1);
    uint8_t rtype;
    do
        rtype = (uint8_t)rng_next(&m->rng);
    while (dbn_rtype_name(rtype));
    put_header(m, p, in);
    put_noise(m, p + DBN_HEADER_SIZE, size - DBN_HEADER_SIZE);
    return market_frame(m, p, size, rtype);
}

/* Some bytes more than the layout has, but too few for the layout of a later version. */
static size_t extra_bytes(struct market *m, const struct dbn_layout *layout, uint8_t rtype)
{
    size_t extra = 4 + 4 * (size_t)rng_below(&m->rng, 16);
    size_t suffix = m->spec->ts_out ? DBN_TS_OUT_SIZE : 0;
    return dbn_layout_of(rtype, layout->size + extra + suffix) == layout ? extra : 4;
}

size_t make_all(struct market *m, uint8_t *p)
{
    static const uint8_t rtypes[] = {
#define RTYPE(value, name, id) value,
#include "../dbn/records.def"
    };
    const struct instrument *in = market_event(m);
    bool odd = rng_below(&m->rng, ODD_ONE_IN) == 0;
    if (odd && rng_below(&m->rng, 2))
        return make_unknown(m, p, in);
    uint8_t rtype = rtypes[m->cursor];
    do /* a type that grew has several rows */
        m->cursor = (m->cursor + 1) % sizeof rtypes;
    while (rtypes[m->cursor] == rtype);
    const struct dbn_layout *layout = dbn_layout_in(rtype, m->spec->version);
    size_t extra = odd ? extra_bytes(m, layout, rtype) : 0;
    memset(p, 0, layout->size);
    put_header(m, p, in);
    for (unsigned i = 0; i < layout->fields; i++)
        fill_field(m, p, &layout->field[i]);
    put_noise(m, p + layout->size, extra);
    return market_frame(m, p, layout->size + extra, rtype);
}
