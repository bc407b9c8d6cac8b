/* records.def as tables, and the proof that the structs have the layout of the file. */
#include "tables.h"

#define HEADER_FIELD(type, name, at) _Static_assert(offsetof(struct dbn_header, name) == (at), #name);
#include "records.def"

#define RECORD(id, Name, bytes) _Static_assert(sizeof(struct dbn_##id) == (bytes), #id);
#include "records.def"

/* `here` is the struct of the RECORD row above, so each field's offset is checked in its own record. */
#define RECORD(id, Name, bytes)                                                                                        \
    static inline void check_##id(const struct dbn_##id *r)                                                            \
    {                                                                                                                  \
        (void)r;
#define FIELD(type, name, at, column) _Static_assert(__builtin_offsetof(__typeof__(*r), name) == (at), #name);
#define TEXT(name, at, bytes, column) _Static_assert(__builtin_offsetof(__typeof__(*r), name) == (at), #name);
#define PAD(name, at, bytes) _Static_assert(__builtin_offsetof(__typeof__(*r), name) == (at), #name);
#define END_RECORD(id) }
#include "records.def"

const struct dbn_field dbn_header_field[DBN_HEADER_FIELDS] = {
#define HEADER_FIELD(type, name, offset) {#name, offset, sizeof(dbn_##type), DBN_TYPE_##type, 0},
#include "records.def"
};

#define RECORD(id, Name, size) static const struct dbn_field fields_##id[] = {
#define FIELD(type, name, offset, column) {#name, offset, sizeof(dbn_##type), DBN_TYPE_##type, column},
#define TEXT(name, offset, size, column) {#name, offset, size, DBN_TYPE_TEXT, column},
#define PAD(name, offset, size) {#name, offset, size, DBN_TYPE_PAD, 255},
#define END_RECORD(id)                                                                                                 \
    }                                                                                                                  \
    ;
#include "records.def"

const struct dbn_layout dbn_layout[DBN_LAYOUTS] = {
#define RECORD(id, Name, size) {#Name, size, sizeof fields_##id / sizeof fields_##id[0], fields_##id},
#include "records.def"
};

static const struct {
    uint8_t rtype, layout;
    const char *name;
} rtypes[] = {
#define RTYPE(value, name, id) {value, DBN_LAYOUT_##id, name},
#include "records.def"
};

const struct dbn_layout *dbn_layout_of(uint8_t rtype, size_t size)
{
    const struct dbn_layout *best = NULL;
    for (size_t i = 0; i < sizeof rtypes / sizeof rtypes[0]; i++)
        if (rtypes[i].rtype == rtype && dbn_layout[rtypes[i].layout].size <= size)
            best = &dbn_layout[rtypes[i].layout];
    return best;
}

const struct dbn_layout *dbn_layout_in(uint8_t rtype, uint8_t version)
{
    const struct dbn_layout *best = NULL;
    for (size_t i = 0; i < sizeof rtypes / sizeof rtypes[0]; i++) {
        const struct dbn_layout *layout = &dbn_layout[rtypes[i].layout];
        const char *v = strrchr(layout->name, 'V'); /* "StatV3": since that version */
        if (rtypes[i].rtype == rtype && (!v || v[1] - '0' <= version))
            best = layout;
    }
    return best;
}

const struct dbn_field *dbn_find_field(const struct dbn_layout *layout, const char *name)
{
    for (size_t i = 0; i < layout->fields; i++)
        if (strcmp(layout->field[i].name, name) == 0)
            return &layout->field[i];
    return NULL;
}

bool dbn_is_signed(const struct dbn_field *field)
{
    return field->type == DBN_TYPE_i8 || field->type == DBN_TYPE_i16 || field->type == DBN_TYPE_i32 ||
           field->type == DBN_TYPE_i64;
}

const char *dbn_rtype_name(uint8_t rtype)
{
    for (size_t i = 0; i < sizeof rtypes / sizeof rtypes[0]; i++)
        if (rtypes[i].rtype == rtype)
            return rtypes[i].name;
    return NULL;
}
