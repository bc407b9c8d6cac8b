/* Five record types grew from version to version. Makers build them in their newest layout, and here they are
 * fitted to the version of the stream, by the tables of records.def: so there is one maker for all versions.
 * */
#include "generate_market.h"

#include <assert.h>

static bool layout_in_version(enum dbn_layout_id id, uint8_t version)
{
    switch (id) {
    case DBN_LAYOUT_error_v1:
    case DBN_LAYOUT_system_v1:
    case DBN_LAYOUT_symbol_mapping_v1:
    case DBN_LAYOUT_instrument_def_v1:
        return version == 1;
    case DBN_LAYOUT_error_v2:
    case DBN_LAYOUT_system_v2:
    case DBN_LAYOUT_symbol_mapping_v2:
        return version > 1;
    case DBN_LAYOUT_instrument_def_v2:
        return version == 2;
    case DBN_LAYOUT_stat_v1:
        return version < 3;
    case DBN_LAYOUT_stat_v3:
    case DBN_LAYOUT_instrument_def_v3:
        return version == 3;
    default:
        return true;
    }
}

enum dbn_layout_id version_layout(uint8_t rtype, uint8_t version)
{
    static const struct {
        uint8_t rtype, layout;
    } rows[] = {
#define RTYPE(value, name, id) {value, DBN_LAYOUT_##id},
#include "../dbn/records.def"
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        if (rows[i].rtype == rtype && layout_in_version(rows[i].layout, version))
            return rows[i].layout;
    assert(false); /* makers ask for types of the format only */
    return DBN_LAYOUTS;
}

/* Looked for behind *at first, where the last one was found: most fields come in the same order in both. */
static const struct dbn_field *find_field(const struct dbn_layout *in, const char *name, unsigned *at)
{
    for (unsigned tried = 0; tried < in->fields; tried++) {
        *at = (*at + 1) % in->fields;
        if (strcmp(in->field[*at].name, name) == 0)
            return &in->field[*at];
    }
    return NULL;
}

/* A number too large for the old field becomes its largest value, which stands for null, as it did in the new
 * one. Of the signed fields that were narrower (quantities of statistics) makers produce no negative values.
 * */
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

size_t version_frame(const struct market *m, uint8_t *p, const void *record, uint8_t rtype)
{
    const struct dbn_layout *from = &dbn_layout[version_layout(rtype, DBN_VERSIONS)];
    const struct dbn_layout *to = &dbn_layout[version_layout(rtype, m->spec->version)];
    if (from == to) {
        memcpy(p, record, to->size);
        return market_frame(m, p, to->size, rtype);
    }
    memset(p, 0, to->size);
    memcpy(p, record, DBN_HEADER_SIZE);
    unsigned at = from->fields - 1u;
    for (unsigned i = 0; i < to->fields; i++) {
        const struct dbn_field *field = &to->field[i];
        const struct dbn_field *old = field->type == DBN_TYPE_PAD ? NULL : find_field(from, field->name, &at);
        if (old)
            (field->type == DBN_TYPE_TEXT ? copy_text : copy_number)(p, field, record, old);
    }
    return market_frame(m, p, to->size, rtype);
}
