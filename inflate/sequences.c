#include "sequences.h"

#include "bits.h"

/* 3.1.1.3.2.1.1, tables 16 to 18. Match lengths are less 3; offsets are a code's own base. */
static const struct fse_code length_codes[] = {
    {0, 0},   {1, 0},   {2, 0},     {3, 0},     {4, 0},     {5, 0},     {6, 0},      {7, 0},      {8, 0},
    {9, 0},   {10, 0},  {11, 0},    {12, 0},    {13, 0},    {14, 0},    {15, 0},     {16, 1},     {18, 1},
    {20, 1},  {22, 1},  {24, 2},    {28, 2},    {32, 3},    {40, 3},    {48, 4},     {64, 6},     {128, 7},
    {256, 8}, {512, 9}, {1024, 10}, {2048, 11}, {4096, 12}, {8192, 13}, {16384, 14}, {32768, 15}, {65536, 16},
};
static const struct fse_code match_codes[] = {
    {0, 0},   {1, 0},     {2, 0},     {3, 0},     {4, 0},     {5, 0},      {6, 0},      {7, 0},      {8, 0},
    {9, 0},   {10, 0},    {11, 0},    {12, 0},    {13, 0},    {14, 0},     {15, 0},     {16, 0},     {17, 0},
    {18, 0},  {19, 0},    {20, 0},    {21, 0},    {22, 0},    {23, 0},     {24, 0},     {25, 0},     {26, 0},
    {27, 0},  {28, 0},    {29, 0},    {30, 0},    {31, 0},    {32, 1},     {34, 1},     {36, 1},     {38, 1},
    {40, 2},  {44, 2},    {48, 3},    {56, 3},    {64, 4},    {80, 4},     {96, 5},     {128, 7},    {256, 8},
    {512, 9}, {1024, 10}, {2048, 11}, {4096, 12}, {8192, 13}, {16384, 14}, {32768, 15}, {65536, 16},
};
#define OFFSET_CODE(n)                                                                                                 \
    {                                                                                                                  \
        UINT32_C(1) << (n), n                                                                                          \
    }
static const struct fse_code offset_codes[] = {
    OFFSET_CODE(0),  OFFSET_CODE(1),  OFFSET_CODE(2),  OFFSET_CODE(3),  OFFSET_CODE(4),  OFFSET_CODE(5),
    OFFSET_CODE(6),  OFFSET_CODE(7),  OFFSET_CODE(8),  OFFSET_CODE(9),  OFFSET_CODE(10), OFFSET_CODE(11),
    OFFSET_CODE(12), OFFSET_CODE(13), OFFSET_CODE(14), OFFSET_CODE(15), OFFSET_CODE(16), OFFSET_CODE(17),
    OFFSET_CODE(18), OFFSET_CODE(19), OFFSET_CODE(20), OFFSET_CODE(21), OFFSET_CODE(22), OFFSET_CODE(23),
    OFFSET_CODE(24), OFFSET_CODE(25), OFFSET_CODE(26), OFFSET_CODE(27), OFFSET_CODE(28), OFFSET_CODE(29),
};

/* 3.1.1.3.2.2: the tables of MODE_PREDEFINED. */
static const struct fse_counts predefined_lengths = {6, 36, {4, 3, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 2, 1, 1,  1,  2,  2,
                                                             2, 2, 2, 2, 2, 2, 2, 3, 2, 1, 1, 1, 1, 1, -1, -1, -1, -1}};
static const struct fse_counts predefined_offsets = {
    5, 29, {1, 1, 1, 1, 1, 1, 2, 2, 2, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1}};
static const struct fse_counts predefined_matches = {6, 53, {1, 4, 3, 2, 2, 2, 2, 2, 2, 1, 1,  1,  1,  1,  1,  1,  1, 1,
                                                             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 1,  1,  1,  1,  1,  1,  1, 1,
                                                             1, 1, 1, 1, 1, 1, 1, 1, 1, 1, -1, -1, -1, -1, -1, -1, -1}};

static const struct {
    const struct fse_code *codes;
    unsigned symbols, max_log;
    const struct fse_counts *predefined;
} kinds[BLOCK_TABLES] = {
    [TABLE_LENGTHS] = {length_codes, sizeof length_codes / sizeof *length_codes, 9, &predefined_lengths},
    [TABLE_OFFSETS] = {offset_codes, sizeof offset_codes / sizeof *offset_codes, 8, &predefined_offsets},
    [TABLE_MATCHES] = {match_codes, sizeof match_codes / sizeof *match_codes, 9, &predefined_matches},
};

/* The table of this kind that begins at from->p, which goes on behind it. It is built if t is not NULL. */
static bool read_table(struct block_tables *t, enum block_table kind, enum table_mode mode, struct block_bytes *from)
{
    struct fse_counts counts;
    const struct fse_counts *c = &counts;
    const struct fse_code *codes = kinds[kind].codes;
    size_t size = 0;
    if (mode == MODE_RLE) {
        size = 1;
        if (from->n == 0 || from->p[0] >= kinds[kind].symbols)
            return false;
        codes += from->p[0]; /* of a table with one cell */
        counts = (struct fse_counts){0, 1, {1}};
    } else if (mode == MODE_CODED) {
        size = fse_read_counts(&counts, from->p, from->n, kinds[kind].symbols, kinds[kind].max_log);
        if (size == 0)
            return false;
    } else {
        c = kinds[kind].predefined;
    }
    if (t) {
        t->log[kind] = (uint8_t)c->log;
        fse_build(t->cells, FIRST_CELL(kind), c, codes);
    }
    from->p += size;
    from->n -= size;
    return true;
}

/* As it was described by an earlier block, behind other tables perhaps. */
static bool read_earlier(struct block_tables *t, enum block_table kind, struct block_bytes by)
{
    struct block_layout l;
    if (t->by[kind] == by.p)
        return by.p != NULL;
    t->by[kind] = NULL;
    if (!by.p || !layout_read(by, &l))
        return false;
    for (enum block_table k = TABLE_LENGTHS; k <= kind; k++)
        if (layout_mode(&l, k) != MODE_REPEAT && !read_table(k == kind ? t : NULL, k, layout_mode(&l, k), &l.tables))
            return false;
    t->by[kind] = by.p;
    return true;
}

bool sequences_read_tables(struct block_tables *t, const struct block_claim *claim, const struct block_layout *l,
                           size_t *size)
{
    struct block_bytes from = l->tables;
    for (enum block_table k = TABLE_LENGTHS; k <= TABLE_MATCHES; k++) {
        if (layout_mode(l, k) == MODE_REPEAT) {
            if (!read_earlier(t, k, claim->tables[k]))
                return false;
            continue;
        }
        t->by[k] = NULL;
        if (!read_table(t, k, layout_mode(l, k), &from))
            return false;
        t->by[k] = claim->bytes.p;
    }
    *size = l->tables.n - from.n;
    return true;
}

/* 3.1.1.5: the offset that a value stands for, with the last three in o[0] to o[2]: one of those, one less than the
 * last, or a new one. By tables, since nobody can guess which. */
DBN_INLINE uint32_t offset_of(uint32_t o[4], uint32_t value, bool no_literals)
{
    static const uint8_t others[][2] = {{1, 2}, {0, 2}, {0, 1}, {0, 1}};
    uint32_t which = value - 1 + no_literals;
    which = which < 3 ? which : 3;
    o[3] = value > 3 ? value - 3 : o[0] - 1;
    uint32_t last = o[which], second = o[others[which][0]], third = o[others[which][1]];
    o[0] = last;
    o[1] = second;
    o[2] = third;
    return last;
}

/* 3.1.1.3.2.1.2. */
DBN_INLINE bool decode(struct block *b, const struct block_claim *claim, const struct block_tables *t,
                       struct block_bytes from)
{
    uint32_t o[4] = {b->offsets[0], b->offsets[1], b->offsets[2]}, value_max = (uint32_t)claim->window + 3;
    size_t literals = 0, matched = 0;
    uint64_t *to = b->sequences, *last = to + b->sequences_n - 1;
    struct bits opened, in;
    if (!bits_open(&opened, from.p, from.n))
        return false;
    in = opened;
    size_t length = FIRST_CELL(TABLE_LENGTHS) + bits_take(&in, t->log[TABLE_LENGTHS]);
    size_t offset = FIRST_CELL(TABLE_OFFSETS) + bits_take(&in, t->log[TABLE_OFFSETS]);
    size_t match = FIRST_CELL(TABLE_MATCHES) + bits_take(&in, t->log[TABLE_MATCHES]);
    for (;; to++) {
        const struct fse_cell *l = t->cells + length;
        const struct fse_cell *f = t->cells + offset;
        const struct fse_cell *m = t->cells + match;
        bits_refill(&in); /* 57 bits: at most 29 + 16 of these, then 16 + 26 more, if there are as many */
        uint32_t value = f->base + (uint32_t)bits_take(&in, f->extra);
        uint64_t match_length = m->base + bits_take(&in, m->extra);
        if (__builtin_expect((int64_t)(in.left - l->extra) < 26, 0))
            bits_refill(&in);
        uint64_t literal_length = l->base + bits_take(&in, l->extra);
        if (value > value_max)
            return false;
        value = offset_of(o, value, literal_length == 0);
        if (value == 0)
            return false;
        literals += literal_length;
        matched += match_length;
        *to = SEQUENCE(literal_length, match_length, value);
        if (to == last)
            break;
        length = l->next + bits_take(&in, l->bits);
        match = m->next + bits_take(&in, m->bits);
        offset = f->next + bits_take(&in, f->bits);
    }
    memcpy(b->offsets, o, sizeof b->offsets);
    b->size = matched + 3 * b->sequences_n;
    return bits_all_taken(&in) && literals <= b->literals_n;
}

static bool decode_plain(struct block *b, const struct block_claim *claim, const struct block_tables *t,
                         struct block_bytes from)
{
    return decode(b, claim, t, from);
}

INFLATE_BMI2 static bool decode_bmi2(struct block *b, const struct block_claim *claim, const struct block_tables *t,
                                     struct block_bytes from)
{
    return decode(b, claim, t, from);
}

bool sequences_decode(struct block *b, const struct block_claim *claim, const struct block_tables *t,
                      struct block_bytes from)
{
    return (INFLATE_HAS_BMI2() ? decode_bmi2 : decode_plain)(b, claim, t, from);
}
