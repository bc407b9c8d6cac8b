/* The metadata block: gathered as it arrives, checked once against its own end, then read in place. */
#include "dbn.h"
#include "refill.h"

#include <errno.h>
#include <stdlib.h>

enum {
    PREFIX_SIZE = 8,            /* "DBN", version, u32 length of the rest */
    FIXED_SIZE = 100,           /* behind the prefix, in all versions */
    SMALLEST = FIXED_SIZE + 20, /* and five counts that are zero */
    V1_SYMBOL = 22,
    SYMBOL_LENGTH_AT = 45, /* behind the prefix, in versions 2 and 3 */
    GATHER = 64 << 10,
};

static int fail(struct dbn_decoder *d, int code, uint64_t at)
{
    d->fault = at;
    return code;
}

/* Copies up to n bytes of the stream to `to`; *got says how many there were. 0, or the source's error. */
static int gather(struct dbn_decoder *d, uint8_t *to, size_t n, size_t *got)
{
    for (*got = 0; *got < n;) {
        int rc = dbn_refill(d, n - *got);
        if (rc <= 0)
            return rc;
        size_t part = n - *got < d->span.len ? n - *got : d->span.len;
        memcpy(to + *got, d->span.ptr, part);
        dbn_advance(d, part);
        *got += part;
    }
    return 0;
}

static int gather_block(struct dbn_decoder *d, size_t length, uint8_t **block)
{
    size_t have = 0, room = 0;
    *block = NULL;
    while (have < length) {
        if (have == room) {
            room = room ? room * 2 : GATHER;
            room = room < length ? room : length;
            uint8_t *more = realloc(*block, room);
            if (!more)
                return fail(d, -ENOMEM, d->offset);
            *block = more;
        }
        size_t got;
        int rc = gather(d, *block + have, room - have, &got);
        if (rc)
            return rc;
        have += got;
        if (have < room)
            return fail(d, DBN_E_TRUNCATED_METADATA, PREFIX_SIZE + have);
    }
    return 0;
}

/* A reader of the block. Once it was asked for more than there is it stays where it is, so that the fault is there. */
struct reader {
    const uint8_t *p, *end;
    bool short_of;
};

static const uint8_t *take(struct reader *r, uint64_t n)
{
    if (r->short_of || n > (uint64_t)(r->end - r->p)) {
        r->short_of = true;
        return NULL;
    }
    const uint8_t *p = r->p;
    r->p += n;
    return p;
}

static uint32_t take_u32(struct reader *r)
{
    const uint8_t *p = take(r, 4);
    return p ? dbn_load_u32(p) : 0;
}

static struct dbn_symbols take_symbols(struct reader *r, uint16_t size)
{
    struct dbn_symbols list = {.count = take_u32(r)};
    list.first = (const char *)take(r, (uint64_t)list.count * size);
    return list;
}

static void take_mappings(struct reader *r, struct dbn_metadata *md)
{
    md->mappings = take_u32(r);
    md->mapping = r->p;
    for (uint32_t i = 0; i < md->mappings && !r->short_of; i++) {
        take(r, md->symbol_cstr_len);
        uint32_t n = take_u32(r);
        take(r, (uint64_t)n * (8u + md->symbol_cstr_len));
        md->intervals += r->short_of ? 0 : n;
    }
}

/* The fixed part: the same 100 bytes in all versions, but version 1 has a record count, which nobody fills in, where
 * the others have the size of their symbols. */
static void parse_fixed(const uint8_t *p, struct dbn_metadata *md)
{
    memcpy(md->dataset, p, 16);
    md->schema = dbn_load_u16(p + 16);
    md->start = dbn_load_u64(p + 18);
    md->end = dbn_load_u64(p + 26);
    md->limit = dbn_load_u64(p + 34);
    const uint8_t *q = p + (md->version == 1 ? 50 : 42);
    md->stype_in = q[0];
    md->stype_out = q[1];
    md->ts_out = q[2] != 0;
    md->symbol_cstr_len = md->version == 1 ? V1_SYMBOL : dbn_load_u16(p + SYMBOL_LENGTH_AT);
}

static int parse(struct dbn_decoder *d, size_t length, struct dbn_metadata *md)
{
    parse_fixed(md->block, md);
    struct reader r = {.p = md->block + FIXED_SIZE, .end = md->block + length};
    if (md->symbol_cstr_len == 0)
        return fail(d, DBN_E_BAD_METADATA, PREFIX_SIZE + SYMBOL_LENGTH_AT);
    if (take_u32(&r) != 0) /* a schema definition, which does not exist */
        return fail(d, DBN_E_BAD_METADATA, PREFIX_SIZE + FIXED_SIZE);
    md->symbols = take_symbols(&r, md->symbol_cstr_len);
    md->partial = take_symbols(&r, md->symbol_cstr_len);
    md->not_found = take_symbols(&r, md->symbol_cstr_len);
    take_mappings(&r, md);
    if (r.short_of)
        return fail(d, DBN_E_BAD_METADATA, PREFIX_SIZE + (uint64_t)(r.p - md->block));
    return 0;
}

int dbn_read_metadata(struct dbn_decoder *d, uint64_t limit, struct dbn_metadata *md)
{
    uint8_t prefix[PREFIX_SIZE];
    size_t got;
    *md = (struct dbn_metadata){0};
    int rc = gather(d, prefix, sizeof prefix, &got);
    if (rc)
        return rc;
    if (got < sizeof prefix)
        return fail(d, got ? DBN_E_TRUNCATED_HEADER : DBN_E_EMPTY, got);
    if (memcmp(prefix, "DBN", 3) != 0)
        return fail(d, DBN_E_NOT_DBN, 0);
    if (prefix[3] < 1 || prefix[3] > DBN_VERSIONS)
        return fail(d, DBN_E_BAD_VERSION, 3);
    uint32_t length = dbn_load_u32(prefix + 4);
    if (length < SMALLEST)
        return fail(d, DBN_E_BAD_METADATA, 4);
    if (length > limit)
        return fail(d, DBN_E_METADATA_TOO_LARGE, 4);
    md->version = prefix[3];
    md->first_record_offset = PREFIX_SIZE + (uint64_t)length;
    rc = gather_block(d, length, &md->block);
    if (rc == 0)
        rc = parse(d, length, md);
    if (rc)
        dbn_metadata_free(md);
    return rc;
}

void dbn_metadata_free(struct dbn_metadata *md)
{
    free(md->block);
    *md = (struct dbn_metadata){0};
}

struct dbn_mapping dbn_mapping_at(const struct dbn_metadata *md, const uint8_t *p)
{
    struct dbn_mapping m = {.raw_symbol = (const char *)p, .intervals = dbn_load_u32(p + md->symbol_cstr_len)};
    m.interval = p + md->symbol_cstr_len + 4;
    m.next = m.interval + (size_t)m.intervals * (8u + md->symbol_cstr_len);
    return m;
}

struct dbn_interval dbn_interval_at(const struct dbn_metadata *md, const struct dbn_mapping *m, uint32_t i)
{
    const uint8_t *p = m->interval + (size_t)i * (8u + md->symbol_cstr_len);
    return (struct dbn_interval){dbn_load_u32(p), dbn_load_u32(p + 4), (const char *)p + 8};
}

static const struct {
    const char *name;
    uint8_t rtype; /* of its records */
} schemas[] = {{"mbo", 0xA0},        {"mbp-1", 0x01},    {"mbp-10", 0x0A},    {"tbbo", 0x01},      {"trades", 0x00},
               {"ohlcv-1s", 0x20},   {"ohlcv-1m", 0x21}, {"ohlcv-1h", 0x22},  {"ohlcv-1d", 0x23},  {"definition", 0x13},
               {"statistics", 0x18}, {"status", 0x12},   {"imbalance", 0x14}, {"ohlcv-eod", 0x24}, {"cmbp-1", 0xB1},
               {"cbbo-1s", 0xC0},    {"cbbo-1m", 0xC1},  {"tcbbo", 0xC2},     {"bbo-1s", 0xC3},    {"bbo-1m", 0xC4}};
static const char *const stypes[] = {"instrument_id", "raw_symbol",    "smart",           "continuous",
                                     "parent",        "nasdaq_symbol", "cms_symbol",      "isin",
                                     "us_code",       "bbg_comp_id",   "bbg_comp_ticker", "figi",
                                     "figi_ticker",   "listing_id",    "issuer_id",       "security_id"};

const char *dbn_schema_name(uint16_t schema)
{
    return schema < sizeof schemas / sizeof schemas[0] ? schemas[schema].name : NULL;
}

const struct dbn_layout *dbn_schema_layout(uint16_t schema, uint8_t version)
{
    return dbn_schema_name(schema) ? dbn_layout_in(schemas[schema].rtype, version) : NULL;
}

const char *dbn_stype_name(uint8_t stype)
{
    return stype < sizeof stypes / sizeof stypes[0] ? stypes[stype] : NULL;
}

int dbn_schema_number(const char *name)
{
    for (size_t i = 0; i < sizeof schemas / sizeof schemas[0]; i++)
        if (strcmp(schemas[i].name, name) == 0)
            return (int)i;
    return -1;
}
