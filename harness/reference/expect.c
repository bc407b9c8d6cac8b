/* What the sinks should find: their tallies, worked out from the layout tables, a field at a time. */
#include "../sinks/digest.h"
#include "reference.h"

#include <assert.h>

const struct dbn_field *ref_field(const struct dbn_layout *layout, const char *name)
{
    for (size_t i = 0; layout && i < layout->fields; i++)
        if (strcmp(layout->field[i].name, name) == 0)
            return &layout->field[i];
    return NULL;
}

/* A field as an unsigned number of its own size. */
static uint64_t bits(const uint8_t *p, const struct dbn_field *f)
{
    uint64_t value = 0;
    for (size_t i = 0; i < f->size; i++)
        value |= (uint64_t)p[f->offset + i] << 8 * i;
    return value;
}

bool ref_has_sign(const struct dbn_field *f)
{
    return f->type == DBN_TYPE_i8 || f->type == DBN_TYPE_i16 || f->type == DBN_TYPE_i32 || f->type == DBN_TYPE_i64;
}

uint64_t ref_value(const uint8_t *p, const struct dbn_field *f)
{
    uint64_t value = bits(p, f);
    if (ref_has_sign(f) && f->size < 8 && value >> (8 * f->size - 1))
        value |= UINT64_MAX << 8 * f->size;
    return value;
}

bool ref_price_size(const struct ref_record *r, uint64_t *price, uint64_t *size)
{
    const struct dbn_field *p = ref_field(r->layout, "price"), *s = ref_field(r->layout, "size");
    if (!p || !s)
        return false;
    *price = ref_value(r->p, p);
    *size = ref_value(r->p, s);
    return true;
}

/* What each sink should find in one record; see digest.h. */

static uint64_t digest_of_none(const struct ref_record *r)
{
    (void)r;
    return 0;
}

static uint64_t digest_of_touch(const struct ref_record *r)
{
    uint64_t sum = 0;
    for (size_t i = 0; i < r->size; i++)
        if ((r->offset + i) % 64 < 8)
            sum += (uint64_t)r->p[i] << 8 * ((r->offset + i) % 64);
    return sum;
}

static uint64_t digest_of_frame(const struct ref_record *r)
{
    return digest_frame_type(r->p[1]) + r->offset * DIGEST_OFFSET;
}

/* digest_sum() is linear, so the records' digests add up to that of their sums. */
static uint64_t digest_of_sum(const struct ref_record *r)
{
    uint64_t price = 0, size = 0;
    ref_price_size(r, &price, &size);
    return digest_sum(ref_value(r->p, &dbn_header_field[4]), price, size);
}

static uint64_t digest_of_fields(const struct ref_record *r)
{
    struct digest d = digest_begin(r->offset);
    size_t known = 16;
    for (size_t i = 0; i < DBN_HEADER_FIELDS; i++)
        digest_field(&d, bits(r->p, &dbn_header_field[i]), dbn_header_field[i].offset);
    for (size_t i = 0; r->layout && i < r->layout->fields; i++) {
        const struct dbn_field *f = &r->layout->field[i];
        known = (size_t)f->offset + f->size;
        if (f->type == DBN_TYPE_TEXT)
            digest_bytes(&d, r->p + f->offset, f->size);
        else if (f->type != DBN_TYPE_PAD)
            digest_field(&d, bits(r->p, f), f->offset);
    }
    if (r->size > known)
        digest_bytes(&d, r->p + known, r->size - known);
    return digest_end(d);
}

static uint64_t digest_of_rows(const struct ref_record *r)
{
    return digest_of_fields(r) + ref_value(r->p, &dbn_header_field[4]) * DIGEST_OFFSET;
}

static uint64_t digest_of_strings(const struct ref_record *r)
{
    uint64_t sum = 0;
    for (size_t i = 0; r->layout && i < r->layout->fields; i++) {
        const struct dbn_field *f = &r->layout->field[i];
        const uint8_t *text = r->p + f->offset;
        size_t n = 0;
        if (f->type != DBN_TYPE_TEXT)
            continue;
        while (n < f->size && text[n])
            n++;
        sum += digest_text(digest_xxh3(text, n), r->offset + f->offset);
    }
    return sum;
}

static uint64_t digest_of_columns(const struct ref_record *r)
{
    uint64_t column = 0, sum = (r->p[0] | (uint64_t)r->p[1] << 8) * DIGEST_FINAL;
    size_t known = 16;
    for (size_t i = 2; i < DBN_HEADER_FIELDS; i++)
        sum += bits(r->p, &dbn_header_field[i]) * digest_column(column++);
    for (size_t i = 0; r->layout && i < r->layout->fields; i++) {
        const struct dbn_field *f = &r->layout->field[i];
        known = (size_t)f->offset + f->size;
        if (f->type == DBN_TYPE_TEXT)
            sum += digest_xxh3(r->p + f->offset, f->size) * digest_column(column++);
        else if (f->type != DBN_TYPE_PAD)
            sum += bits(r->p, f) * digest_column(column++);
    }
    if (r->size > known)
        sum += digest_xxh3(r->p + known, r->size - known) * digest_column(column);
    return sum * (2 * r->offset + 1);
}

static uint64_t digest_of_rows_and_strings(const struct ref_record *r)
{
    return digest_of_rows(r) + digest_of_strings(r);
}

static uint64_t digest_of_columns_and_strings(const struct ref_record *r)
{
    return digest_of_columns(r) + digest_of_strings(r);
}

static const struct expectation {
    const char *sink;
    bool counts_records;
    uint64_t (*digest)(const struct ref_record *r);
} expectations[] = {
    {"none", false, digest_of_none},
    {"touch", false, digest_of_touch},
    {"copy", false, digest_of_touch},
    {"frame", true, digest_of_frame},
    {"sum", true, digest_of_sum},
    {"fields", true, digest_of_fields},
    {"rows", true, digest_of_rows},
    {"columns", true, digest_of_columns},
    {"columns-scalar", true, digest_of_columns},
    {"strings", true, digest_of_strings},
    {"strings-copy", true, digest_of_strings},
    {"rows-exact", true, digest_of_rows},
    {"rows-arena", true, digest_of_rows},
    {"rows-huge", true, digest_of_rows},
    {"rows+strings-copy", true, digest_of_rows_and_strings},
    {"rows-exact+strings-copy", true, digest_of_rows_and_strings},
    {"rows-exact+strings", true, digest_of_rows_and_strings},
    {"rows-arena+strings", true, digest_of_rows_and_strings},
    {"columns+strings", true, digest_of_columns_and_strings},
    {"columns-scalar+strings", true, digest_of_columns_and_strings},
};

static const struct expectation *expectation_of(const struct sink *sink)
{
    const size_t all = sizeof expectations / sizeof expectations[0];
    size_t i = 0;
    while (i < all && strcmp(expectations[i].sink, sink->name) != 0)
        i++;
    assert(i < all); /* or there is a sink that the reference decoder does not know */
    return &expectations[i];
}

bool ref_counts_records(const struct sink *sink)
{
    return expectation_of(sink)->counts_records;
}

static void count(struct ref_result *to, const struct expectation *const *expected, const struct ref_record *r)
{
    uint64_t digest = 0;
    for (size_t i = 0; i < to->sinks; i++) {
        if (i == 0 || expected[i]->digest != expected[i - 1]->digest) /* some differ only in how they get there */
            digest = expected[i]->digest(r);
        tally_add(&to->tally[i], &(struct tally){expected[i]->counts_records, r->size, digest});
    }
    to->records_end = r->offset + r->size;
}

void ref_decode(const char *path, const struct input_options *options, uint64_t max_records, struct ref_result *r)
{
    *r = (struct ref_result){0};
    const struct expectation *expected[SINKS_MAX];
    for (; sinks[r->sinks]; r->sinks++) {
        assert(r->sinks < SINKS_MAX);
        expected[r->sinks] = expectation_of(sinks[r->sinks]);
    }
    struct ref *p;
    r->outcome = ref_open(path, options, &p);
    if (r->outcome)
        return;
    r->outcome = ref_start(p, &r->fault);
    struct dbn_metadata metadata = ref_take_metadata(p);
    r->records_end = metadata.first_record_offset;
    dbn_metadata_free(&metadata);
    struct ref_record record;
    for (uint64_t n = 0; r->outcome == 0 && n < max_records; n++) {
        int rc = ref_next(p, &record, &r->fault);
        if (rc == 0)
            break;
        if (rc < 0)
            r->outcome = rc;
        else
            count(r, expected, &record);
    }
    int rc = ref_close(p);
    if (rc) {
        r->outcome = rc;
        r->fault = 0;
    }
}
