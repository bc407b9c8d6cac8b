/* Metadata is measured first and written in a second go, since its length stands before its contents. */
#include "encode.h"

#include <assert.h>
#include <errno.h>
#include <stdlib.h>

enum {
    PREFIX_SIZE = 8,
    FIXED_SIZE = 100,
    DATASET_SIZE = 16,
    V1_SYMBOL = 22,
    USUAL_SYMBOL = 71,
};

uint8_t *dbn_buffer_extend(struct dbn_buffer *b, size_t n)
{
    if (n > SIZE_MAX / 2 - b->size)
        return NULL;
    size_t size = b->size + n;
    if (size > b->room) {
        size_t room = size > b->room * 2 ? size : b->room * 2;
        uint8_t *more = realloc(b->bytes, room);
        if (!more)
            return NULL;
        b->bytes = more;
        b->room = room;
    }
    uint8_t *at = b->bytes + b->size;
    b->size = size;
    return at;
}

uint16_t dbn_symbol_cstr_len(uint8_t version)
{
    return version == 1 ? V1_SYMBOL : USUAL_SYMBOL;
}

static bool fits(const char *text, size_t size)
{
    return strnlen(text, size) < size;
}

static bool symbols_fit(const struct dbn_symbols_spec *list, size_t size)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (!fits(list->symbol[i], size))
            return false;
    return true;
}

static bool mapping_fits(const struct dbn_mapping_spec *m, size_t size)
{
    for (uint32_t i = 0; i < m->intervals; i++)
        if (!fits(m->interval[i].symbol, size))
            return false;
    return fits(m->raw_symbol, size);
}

static int check(const struct dbn_metadata_spec *md)
{
    size_t size = md->symbol_cstr_len;
    if (md->version < 1 || md->version > DBN_VERSIONS || size == 0 || (md->version == 1 && size != V1_SYMBOL))
        return -EINVAL;
    if (!fits(md->dataset, DATASET_SIZE) || !symbols_fit(&md->symbols, size) || !symbols_fit(&md->partial, size) ||
        !symbols_fit(&md->not_found, size))
        return -EINVAL;
    for (uint32_t i = 0; i < md->mappings; i++)
        if (!mapping_fits(&md->mapping[i], size))
            return -EINVAL;
    return 0;
}

/* Of the block behind the prefix; any value above UINT32_MAX if it is too long. */
static uint64_t block_length(const struct dbn_metadata_spec *md)
{
    uint64_t size = md->symbol_cstr_len;
    uint64_t symbols = (uint64_t)md->symbols.count + md->partial.count + md->not_found.count;
    uint64_t length = FIXED_SIZE + 5 * 4 + size * symbols;
    for (uint32_t i = 0; i < md->mappings && length <= UINT32_MAX; i++)
        length += size + 4 + (size + 8) * md->mapping[i].intervals;
    return md->version < 3 ? length : (length + 7) & ~UINT64_C(7);
}

/* Each of these writes at p and returns where to go on; the memory is zeroed, so texts end up padded. */
static uint8_t *put_u16(uint8_t *p, uint16_t value)
{
    memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

static uint8_t *put_u32(uint8_t *p, uint32_t value)
{
    memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

static uint8_t *put_u64(uint8_t *p, uint64_t value)
{
    memcpy(p, &value, sizeof value);
    return p + sizeof value;
}

static uint8_t *put_text(uint8_t *p, const char *text, size_t size)
{
    memcpy(p, text, strnlen(text, size));
    return p + size;
}

static uint8_t *put_symbols(uint8_t *p, const struct dbn_symbols_spec *list, size_t size)
{
    p = put_u32(p, list->count);
    for (uint32_t i = 0; i < list->count; i++)
        p = put_text(p, list->symbol[i], size);
    return p;
}

static uint8_t *put_mapping(uint8_t *p, const struct dbn_mapping_spec *m, size_t size)
{
    p = put_text(p, m->raw_symbol, size);
    p = put_u32(p, m->intervals);
    for (uint32_t i = 0; i < m->intervals; i++) {
        p = put_u32(p, m->interval[i].start_date);
        p = put_u32(p, m->interval[i].end_date);
        p = put_text(p, m->interval[i].symbol, size);
    }
    return p;
}

static void put_fixed(uint8_t *p, const struct dbn_metadata_spec *md)
{
    p = put_text(p, md->dataset, DATASET_SIZE);
    p = put_u16(p, md->schema);
    p = put_u64(p, md->start);
    p = put_u64(p, md->end);
    p = put_u64(p, md->limit);
    if (md->version == 1)
        p = put_u64(p, UINT64_MAX); /* the record count, which writers leave undefined */
    *p++ = md->stype_in;
    *p++ = md->stype_out;
    *p++ = md->ts_out;
    if (md->version > 1)
        put_u16(p, md->symbol_cstr_len);
}

int dbn_encode_metadata(const struct dbn_metadata_spec *md, struct dbn_buffer *to)
{
    int rc = check(md);
    if (rc)
        return rc;
    uint64_t length = block_length(md);
    if (length > UINT32_MAX)
        return -EOVERFLOW;
    uint8_t *p = dbn_buffer_extend(to, PREFIX_SIZE + (size_t)length);
    if (!p)
        return -ENOMEM;
    memset(p, 0, PREFIX_SIZE + (size_t)length);
    memcpy(p, "DBN", 3);
    p[3] = md->version;
    put_u32(p + 4, (uint32_t)length);
    put_fixed(p + PREFIX_SIZE, md);
    p += PREFIX_SIZE + FIXED_SIZE + 4; /* the 4: of a schema definition, which does not exist */
    p = put_symbols(p, &md->symbols, md->symbol_cstr_len);
    p = put_symbols(p, &md->partial, md->symbol_cstr_len);
    p = put_symbols(p, &md->not_found, md->symbol_cstr_len);
    p = put_u32(p, md->mappings);
    for (uint32_t i = 0; i < md->mappings; i++)
        p = put_mapping(p, &md->mapping[i], md->symbol_cstr_len);
    return 0;
}

size_t dbn_encode_record(uint8_t *p, size_t size, uint8_t rtype, const uint64_t *ts_out)
{
    size_t whole = size + (ts_out ? DBN_TS_OUT_SIZE : 0);
    assert(size >= DBN_HEADER_SIZE && whole <= DBN_MAX_RECORD && size % 4 == 0);
    p[0] = (uint8_t)(whole / 4);
    p[1] = rtype;
    if (ts_out)
        memcpy(p + size, ts_out, sizeof *ts_out);
    return whole;
}
