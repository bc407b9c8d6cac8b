/* A million records are a million lines, so they are built in place, without a JSON library. */
#include "../../dbn/tables.h"
#include "reference.h"

#include <assert.h>
#include <inttypes.h>

static char *put(char *to, const char *text)
{
    size_t n = strlen(text);
    memcpy(to, text, n);
    return to + n;
}

enum { DIGITS = 24 };

static char *put_number(char *to, uint64_t value)
{
    return to + snprintf(to, DIGITS, "%" PRIu64, value);
}

static char *put_integer(char *to, const uint8_t *p, const struct dbn_field *f)
{
    uint64_t value = ref_value(p, f);
    return dbn_is_signed(f) ? to + snprintf(to, DIGITS, "%" PRId64, (int64_t)value) : put_number(to, value);
}

static bool is_printable(uint8_t c)
{
    return c >= 0x20 && c < 0x7F;
}

/* Whatever is not printable, a NUL too, stands as the four characters \xNN. */
static char *json_chr(char *to, uint8_t c)
{
    char code[4] = {'\\', 'x'};
    if (is_printable(c))
        return escape_json(to, &c, 1);
    escape_hex(code + 2, &c, 1);
    return escape_json(to, code, sizeof code);
}

char *line_value(char *to, const uint8_t *p, const struct dbn_field *f)
{
    switch (f->type) {
    case DBN_TYPE_chr:
        return json_chr(to, p[f->offset]);
    case DBN_TYPE_TEXT:
        return escape_json_exactly(to, p + f->offset, f->size);
    case DBN_TYPE_PAD:
        return put(escape_hex(put(to, "\""), p + f->offset, f->size), "\"");
    default:
        return put_integer(to, p, f);
    }
}

static char *json_field(char *to, const uint8_t *p, const struct dbn_field *f)
{
    to = put(put(put(to, ", \""), f->name), "\": ");
    return line_value(to, p, f);
}

/* Where the record's ts_out lies, or its size if it has none. */
static size_t ts_out_offset(const struct ref_record *r, bool ts_out)
{
    size_t known = r->layout ? r->layout->size : DBN_HEADER_SIZE;
    return ts_out && r->size >= known + DBN_TS_OUT_SIZE ? r->size - DBN_TS_OUT_SIZE : r->size;
}

static struct dbn_field ts_out_field(size_t offset)
{
    return (struct dbn_field){"ts_out", (uint16_t)offset, DBN_TS_OUT_SIZE, DBN_TYPE_u64, 0};
}

char *line_json(char *to, const struct ref_record *r, uint64_t n, bool ts_out)
{
    const struct dbn_layout *layout = r->layout;
    to = put_number(put(to, "{\"n\": "), n);
    to = put_number(put(to, ", \"offset\": "), r->offset);
    to = put(to, ", \"struct\": ");
    to = layout ? escape_json(to, layout->name, strlen(layout->name)) : put(to, "null");
    for (size_t i = 0; i < DBN_HEADER_FIELDS; i++)
        to = json_field(to, r->p, &dbn_header_field[i]);
    for (size_t i = 0; layout && i < layout->fields; i++)
        to = json_field(to, r->p, &layout->field[i]);
    size_t known = layout ? layout->size : DBN_HEADER_SIZE, end = ts_out_offset(r, ts_out);
    struct dbn_field rest = {layout ? "extra" : "body", (uint16_t)known, (uint16_t)(end - known), DBN_TYPE_PAD, 0};
    if (rest.size || !layout)
        to = json_field(to, r->p, &rest);
    struct dbn_field suffix = ts_out_field(end);
    if (end < r->size)
        to = json_field(to, r->p, &suffix);
    return put(to, "}\n");
}

enum { COLUMNS = 128 };

/* The fields in the order of their columns; the header's come behind ts_recv, or first if there is none. */
static size_t columns(const struct dbn_layout *layout, const struct dbn_field *order[COLUMNS])
{
    size_t n = 4, header = 0;
    for (size_t i = 0; i < layout->fields; i++) {
        const struct dbn_field *f = &layout->field[i];
        if (f->type == DBN_TYPE_PAD)
            continue;
        assert(f->column < COLUMNS);
        order[f->column] = f;
        n++;
        header |= f->column == 0;
    }
    order[header] = &dbn_header_field[4];
    for (size_t i = 1; i <= 3; i++)
        order[header + i] = &dbn_header_field[i];
    return n;
}

char *line_csv_header(char *to, const struct dbn_layout *layout, bool ts_out)
{
    const struct dbn_field *order[COLUMNS];
    size_t n = columns(layout, order);
    for (size_t i = 0; i < n; i++)
        to = put(put(to, i ? "," : ""), order[i]->name);
    return put(to, ts_out ? ",ts_out\n" : "\n");
}

char *line_csv(char *to, const struct ref_record *r, bool ts_out)
{
    const struct dbn_field *order[COLUMNS];
    size_t n = columns(r->layout, order);
    for (size_t i = 0; i < n; i++) {
        const struct dbn_field *f = order[i];
        to = put(to, i ? "," : "");
        if (f->type == DBN_TYPE_TEXT || f->type == DBN_TYPE_chr)
            to = escape_csv_exactly(to, r->p + f->offset, f->size);
        else
            to = put_integer(to, r->p, f);
    }
    if (ts_out)
        *to++ = ',';
    struct dbn_field suffix = ts_out_field(ts_out_offset(r, ts_out));
    if (suffix.offset < r->size)
        to = put_integer(to, r->p, &suffix);
    return put(to, "\n");
}
