/* Five record types grew from version to version. Makers build them in their newest layout, and here they are fitted to
 * the version of the stream, by the tables of records.def: so there is one maker for all versions. */
#include "generate_market.h"

#include <assert.h>

/* Of a layout by its name: stat_v3 is from version 3 on. Those without a number never changed. */
static uint8_t since(const char *id)
{
    size_t n = strlen(id);
    return id[n - 2] == 'v' ? (uint8_t)(id[n - 1] - '0') : 1;
}

enum dbn_layout_id version_layout(uint8_t rtype, uint8_t version)
{
    static const struct {
        uint8_t rtype, layout;
        const char *id;
    } rows[] = {
#define RTYPE(value, name, id) {value, DBN_LAYOUT_##id, #id},
#include "../dbn/records.def"
    };
    enum dbn_layout_id found = DBN_LAYOUTS;
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) /* later versions come later */
        if (rows[i].rtype == rtype && since(rows[i].id) <= version)
            found = rows[i].layout;
    assert(found < DBN_LAYOUTS); /* makers ask for types of the format only */
    return found;
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
