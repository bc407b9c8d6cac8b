/* What the sinks should find: their tallies, worked out from the layout tables, a field at a time. */
#include "../../dbn/tables.h"
#include "../sinks/digest.h"
#include "../sinks/filter.h"
#include "reference.h"

/* A field as an unsigned number of its own size. */
static uint64_t bits(const uint8_t *p, const struct dbn_field *f)
{
    uint64_t value = 0;
    for (size_t i = 0; i < f->size; i++)
        value |= (uint64_t)p[f->offset + i] << 8 * i;
    return value;
}

uint64_t ref_value(const uint8_t *p, const struct dbn_field *f)
{
    uint64_t value = bits(p, f);
    if (dbn_is_signed(f) && f->size < 8 && value >> (8 * f->size - 1))
        value |= UINT64_MAX << 8 * f->size;
    return value;
}

bool ref_price_size(const struct ref_record *r, uint64_t *price, uint64_t *size)
{
    const struct dbn_field *p = r->layout ? dbn_find_field(r->layout, "price") : NULL;
    const struct dbn_field *s = r->layout ? dbn_find_field(r->layout, "size") : NULL;
    if (!p || !s)
        return false;
    *price = ref_value(r->p, p);
    *size = ref_value(r->p, s);
    return true;
}

/* What each sink should find in one record; see digest.h. */

uint64_t expect_none(const struct sink *sink, const struct ref_record *r)
{
    (void)sink, (void)r;
    return 0;
}

uint64_t expect_touch(const struct sink *sink, const struct ref_record *r)
{
    (void)sink;
    uint64_t sum = 0;
    for (size_t i = 0; i < r->size; i++)
        if ((r->offset + i) % 64 < 8)
            sum += (uint64_t)r->p[i] << 8 * ((r->offset + i) % 64);
    return sum;
}

uint64_t expect_frame(const struct sink *sink, const struct ref_record *r)
{
    (void)sink;
    return digest_frame_type(r->p[1]) + r->offset * DIGEST_OFFSET;
}

static void add_to_sums(const struct ref_record *r, uint64_t sums[SUMS])
{
    uint64_t price = 0, size = 0;
    ref_price_size(r, &price, &size);
    sums[SUM_TS_EVENT] += ref_value(r->p, &dbn_header_field[4]);
    sums[SUM_PRICE] += price;
    sums[SUM_SIZE] += size;
}

/* digest_sum() is linear, so the records' digests add up to that of their sums. */
uint64_t expect_sum(const struct sink *sink, const struct ref_record *r)
{
    (void)sink;
    uint64_t sums[SUMS] = {0};
    add_to_sums(r, sums);
    return digest_sum(sums[SUM_TS_EVENT], sums[SUM_PRICE], sums[SUM_SIZE]);
}

static bool is_reserved(const struct dbn_layout *layout, size_t at)
{
    for (size_t i = 0; layout && i < layout->fields; i++) {
        const struct dbn_field *f = &layout->field[i];
        if (f->type == DBN_TYPE_PAD && at >= f->offset && at < (size_t)f->offset + f->size)
            return true;
    }
    return false;
}

uint64_t expect_fields(const struct sink *sink, const struct ref_record *r)
{
    uint64_t sum = 0, word = 0;
    (void)sink;
    for (size_t i = 0; i < r->size; i++) {
        if (!is_reserved(r->layout, i))
            word |= (uint64_t)r->p[i] << i % 8 * 8;
        if (i % 8 < 7 && i + 1 < r->size)
            continue;
        sum += digest_word(word, digest_word_key(i / 8) ^ digest_place(r->offset));
        word = 0;
    }
    return sum;
}

uint64_t expect_rows(const struct sink *sink, const struct ref_record *r)
{
    return expect_fields(sink, r) + ref_value(r->p, &dbn_header_field[4]) * DIGEST_OFFSET;
}

uint64_t expect_strings(const struct sink *sink, const struct ref_record *r)
{
    (void)sink;
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

uint64_t expect_columns(const struct sink *sink, const struct ref_record *r)
{
    (void)sink;
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

static bool is_among(const uint32_t *values, size_t n, uint64_t value)
{
    size_t i = 0;
    while (i < n && values[i] != value)
        i++;
    return n == 0 || i < n;
}

uint64_t expect_filter(const struct sink *sink, const struct ref_record *r)
{
    static const struct filter all;
    const struct filter *f = sink->way ? sink->way : &all;
    const struct dbn_field *h = dbn_header_field;
    uint64_t of[DBN_HEADER_FIELDS];
    for (size_t i = 0; i < DBN_HEADER_FIELDS; i++)
        of[i] = ref_value(r->p, &h[i]);
    if (!is_among(f->publisher, f->publishers, of[2]) || !is_among(f->instrument, f->instruments, of[3]))
        return 0;
    if (f->timed && (of[4] < f->from || of[4] >= f->to))
        return 0;
    return digest_head(of[0] | of[1] << 8 | of[2] << 16 | of[3] << 32, of[4], r->offset);
}

static uint64_t expect_key(uint64_t key, const struct ref_record *r)
{
    return digest_key((uint32_t)key) * (1 + r->size * DIGEST_OFFSET);
}

uint64_t expect_split(const struct sink *sink, const struct ref_record *r)
{
    (void)sink;
    return expect_key(ref_value(r->p, &dbn_header_field[3]), r);
}

uint64_t expect_split_days(const struct sink *sink, const struct ref_record *r)
{
    (void)sink;
    return expect_key(ref_value(r->p, &dbn_header_field[4]) / 1000000000 / 86400, r);
}

static bool count(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    struct ref_result *to = arg;
    uint64_t digest = 0;
    (void)file;
    to->records++;
    add_to_sums(r, to->sums);
    for (size_t i = 0; sinks[i]; i++) {
        if (i == 0 || sinks[i]->expect != sinks[i - 1]->expect || sinks[i]->parse) /* else only the way differs */
            digest = sinks[i]->expect(sinks[i], r);
        tally_add(&to->tally[i], &(struct tally){sinks[i]->looks == SINK_LOOKS_AT_RECORDS, r->size, digest});
    }
    return true;
}

void ref_decode(const char *path, const struct input_options *options, uint64_t max_records, struct ref_result *r)
{
    struct ref_file file;
    *r = (struct ref_result){0};
    ref_read(path, options, max_records, &file, count, r);
    r->outcome = file.outcome;
    r->fault = file.fault;
    r->records_end = file.records_end;
    r->compressed = file.compressed;
    dbn_metadata_free(&file.metadata);
}
