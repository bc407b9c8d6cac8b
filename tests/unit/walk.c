/* Guards the step from record to record, and the tables that say what is in one: every length byte against every number
 * of bytes left, every type and size against the rule, and records.def against itself. */
#include "../../dbn/encode.h"
#include "../../dbn/tables.h"
#include "../../dbn/walk.h"
#include "../support.h"

#include <sys/mman.h>

TEST(walk_takes_whole_valid_records_only)
{
    static uint8_t bytes[1100];
    for (unsigned length = 0; length < 256; length++) {
        bytes[0] = (uint8_t)length;
        for (size_t left = 0; left <= sizeof bytes; left++) {
            size_t size = length * 4;
            size_t expected = size >= 16 && size <= left ? size : 0;
            CHECK_FOR(dbn_walk(bytes, bytes + left) == expected, "length %u, %zu bytes left", length, left);
        }
    }
}

/* With so many bytes left that a 32-bit difference would be wrong. */
TEST(walk_has_no_limit_on_what_is_left)
{
    const size_t large = (size_t)1 << 32;
    uint8_t *bytes = mmap(NULL, large + 15, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
    CHECK(bytes != MAP_FAILED);
    bytes[0] = 4;
    CHECK_EQ_U64(dbn_walk(bytes, bytes + large), 16);
    CHECK_EQ_U64(dbn_walk(bytes, bytes + large + 15), 16);
    bytes[0] = 3;
    CHECK_EQ_U64(dbn_walk(bytes, bytes + large), 0);
    munmap(bytes, large + 15);
}

/* The format as it is published: the sizes that each type has had. */
static const struct {
    uint8_t rtype;
    const char *name;
    struct {
        uint16_t size;
        const char *layout;
    } sizes[3];
} rule[] = {
    {0x00, "mbp-0", {{48, "Trade"}}},
    {0x01, "mbp-1", {{80, "Mbp1"}}},
    {0x0A, "mbp-10", {{368, "Mbp10"}}},
    {0x11, "ohlcv-deprecated", {{56, "Ohlcv"}}},
    {0x12, "status", {{40, "Status"}}},
    {0x13, "instrument-def", {{360, "InstrumentDefV1"}, {400, "InstrumentDefV2"}, {520, "InstrumentDefV3"}}},
    {0x14, "imbalance", {{112, "Imbalance"}}},
    {0x15, "error", {{80, "ErrorV1"}, {320, "ErrorV2"}}},
    {0x16, "symbol-mapping", {{80, "SymbolMappingV1"}, {176, "SymbolMappingV2"}}},
    {0x17, "system", {{80, "SystemV1"}, {320, "SystemV2"}}},
    {0x18, "statistics", {{64, "StatV1"}, {80, "StatV3"}}},
    {0x20, "ohlcv-1s", {{56, "Ohlcv"}}},
    {0x21, "ohlcv-1m", {{56, "Ohlcv"}}},
    {0x22, "ohlcv-1h", {{56, "Ohlcv"}}},
    {0x23, "ohlcv-1d", {{56, "Ohlcv"}}},
    {0x24, "ohlcv-eod", {{56, "Ohlcv"}}},
    {0xA0, "mbo", {{56, "Mbo"}}},
    {0xB1, "cmbp-1", {{80, "Cmbp1"}}},
    {0xC0, "cbbo-1s", {{80, "Cbbo"}}},
    {0xC1, "cbbo-1m", {{80, "Cbbo"}}},
    {0xC2, "tcbbo", {{80, "Cmbp1"}}},
    {0xC3, "bbo-1s", {{80, "Bbo"}}},
    {0xC4, "bbo-1m", {{80, "Bbo"}}},
};

/* The index in rule[], or -1. */
static int rule_of(unsigned rtype)
{
    for (size_t i = 0; i < LENGTH(rule); i++)
        if (rule[i].rtype == rtype)
            return (int)i;
    return -1;
}

TEST(layout_is_the_longest_that_fits)
{
    for (unsigned rtype = 0; rtype < 256; rtype++) {
        int r = rule_of(rtype);
        CHECK_STR(dbn_rtype_name((uint8_t)rtype), r < 0 ? NULL : rule[r].name);
        for (size_t size = 0; size <= DBN_MAX_RECORD + 8; size++) {
            const char *expected = NULL;
            for (int i = 0; r >= 0 && i < 3 && rule[r].sizes[i].layout; i++)
                if (rule[r].sizes[i].size <= size)
                    expected = rule[r].sizes[i].layout;
            const struct dbn_layout *layout = dbn_layout_of((uint8_t)rtype, size);
            CHECK_STR(layout ? layout->name : NULL, expected);
        }
    }
}

TEST(every_layout_belongs_to_a_type)
{
    size_t rows = 0;
    for (size_t i = 0; i < LENGTH(rule); i++)
        for (int k = 0; k < 3 && rule[i].sizes[k].layout; k++, rows++) {
            const struct dbn_layout *layout = dbn_layout_of(rule[i].rtype, rule[i].sizes[k].size);
            CHECK_EQ_U64(layout->size, rule[i].sizes[k].size);
        }
    CHECK_EQ_U64(rows, 29);
    for (size_t l = 0; l < DBN_LAYOUTS; l++) {
        bool used = false;
        for (unsigned rtype = 0; rtype < 256; rtype++)
            used |= dbn_layout_of((uint8_t)rtype, dbn_layout[l].size) == &dbn_layout[l];
        CHECK_FOR(used, "%s", dbn_layout[l].name);
    }
}

TEST(structs_have_the_size_of_their_layouts)
{
#define RECORD(id, Name, bytes)                                                                                        \
    CHECK_EQ_U64(sizeof(struct dbn_##id), bytes);                                                                      \
    CHECK_EQ_U64(dbn_layout[DBN_LAYOUT_##id].size, bytes);                                                             \
    CHECK_STR(dbn_layout[DBN_LAYOUT_##id].name, #Name);
#include "../../dbn/records.def"
    CHECK_EQ_U64(sizeof(struct dbn_header), DBN_HEADER_SIZE);
}

/* The table's next row is the struct's next member. */
static void check_field(const struct dbn_layout *layout, size_t i, const char *name, size_t offset, size_t size)
{
    CHECK_FOR(i < layout->fields, "%s has too few fields", layout->name);
    const struct dbn_field *f = &layout->field[i];
    CHECK_STR(f->name, name);
    CHECK_FOR(f->offset == offset && f->size == size, "%s.%s", layout->name, name);
}

TEST(tables_say_what_the_structs_are)
{
    const struct dbn_layout *layout = dbn_layout;
    size_t i;
#define RECORD(id, Name, bytes)                                                                                        \
    {                                                                                                                  \
        struct dbn_##id here;                                                                                          \
        i = 0;
#define CHECK_FIELD(name)                                                                                              \
    check_field(layout, i++, #name, (size_t)((char *)&here.name - (char *)&here), sizeof here.name);
#define FIELD(type, name, offset, column) CHECK_FIELD(name)
#define TEXT(name, offset, size, column) CHECK_FIELD(name)
#define PAD(name, offset, size) CHECK_FIELD(name)
#define END_RECORD(id)                                                                                                 \
    CHECK_EQ_U64(layout->fields, i);                                                                                   \
    layout++;                                                                                                          \
    }
#include "../../dbn/records.def"
    CHECK(layout == dbn_layout + DBN_LAYOUTS);
}

static bool is_number(const struct dbn_field *f)
{
    return f->type != DBN_TYPE_TEXT && f->type != DBN_TYPE_PAD;
}

/* No gap, no overlap, and numbers at multiples of their own size. */
TEST(fields_fill_their_records)
{
    size_t at = 0;
    for (size_t i = 0; i < DBN_HEADER_FIELDS; at += dbn_header_field[i++].size)
        CHECK_EQ_U64(dbn_header_field[i].offset, at);
    CHECK_EQ_U64(at, DBN_HEADER_SIZE);
    for (const struct dbn_layout *l = dbn_layout; l < dbn_layout + DBN_LAYOUTS; l++) {
        at = DBN_HEADER_SIZE;
        for (const struct dbn_field *f = l->field; f < l->field + l->fields; at += f++->size) {
            bool aligned = !is_number(f) || f->offset % f->size == 0;
            CHECK_FOR(f->offset == at && aligned, "%s.%s", l->name, f->name);
        }
        bool words = at % 8 == 0;
        CHECK_FOR(at == l->size && words && at <= DBN_MAX_RECORD, "%s", l->name);
    }
}

/* Output has ts_recv first, if there is one, then the header's four, then the others: no place is taken twice or left
 * empty, and reserved bytes have none. */
TEST(columns_are_a_permutation)
{
    for (const struct dbn_layout *l = dbn_layout; l < dbn_layout + DBN_LAYOUTS; l++) {
        bool taken[256] = {0};
        unsigned header = 0, columns = 4;
        for (const struct dbn_field *f = l->field; f < l->field + l->fields; f++)
            header |= strcmp(f->name, "ts_recv") == 0;
        for (unsigned i = header; i < header + 4; i++)
            taken[i] = true;
        for (const struct dbn_field *f = l->field; f < l->field + l->fields; f++) {
            CHECK_FOR((f->column == 255) == (f->type == DBN_TYPE_PAD), "%s.%s", l->name, f->name);
            CHECK_FOR((f->column == 0) == (strcmp(f->name, "ts_recv") == 0), "%s.%s", l->name, f->name);
            if (f->column == 255)
                continue;
            CHECK_FOR(!taken[f->column], "%s.%s", l->name, f->name);
            taken[f->column] = true;
            columns++;
        }
        for (unsigned i = 0; i < 256; i++)
            CHECK_FOR(taken[i] == (i < columns), "%s, column %u", l->name, i);
    }
}

TEST(framed_records_are_walked)
{
    uint8_t p[DBN_MAX_RECORD];
    const uint64_t ts_out = UINT64_C(0x1122334455667788);
    for (size_t size = 16; size <= DBN_MAX_RECORD; size += 4) {
        memset(p, 0xEE, sizeof p);
        CHECK_EQ_U64(dbn_encode_record(p, size, 0xA0, NULL), size);
        CHECK_EQ_U64(dbn_walk(p, p + sizeof p), size);
        CHECK(p[1] == 0xA0 && p[2] == 0xEE);
        if (size + 8 > DBN_MAX_RECORD)
            continue;
        CHECK_EQ_U64(dbn_encode_record(p, size, 0xA0, &ts_out), size + 8);
        CHECK_EQ_U64(dbn_walk(p, p + sizeof p), size + 8);
        CHECK_EQ_U64(dbn_load_u64(p + size), ts_out);
    }
}

/* A run begins where as many records of one size and type as it takes lie in what is there, and not one fewer. */
TEST(runs_begin_where_they_do)
{
    static uint8_t p[(DBN_RUN_MIN + 1) * DBN_MAX_RECORD];
    for (size_t size = 16; size <= DBN_MAX_RECORD; size += 4) {
        for (size_t i = 0; i < DBN_RUN_MIN; i++)
            dbn_encode_record(p + i * size, size, 7, NULL);
        CHECK(dbn_run_begins(p, p + DBN_RUN_MIN * size));
        CHECK(!dbn_run_begins(p, p + DBN_RUN_MIN * size - 1));
        for (size_t i = 0; i < DBN_RUN_MIN; i++) {
            p[i * size + 1] = 8;
            CHECK(!dbn_run_begins(p, p + DBN_RUN_MIN * size));
            p[i * size + 1] = 7;
        }
        p[size] ^= 1;
        CHECK(!dbn_run_begins(p, p + sizeof p));
    }
}

/* Loads are of the right width and sign at any address. */
TEST(loads_do_not_care_for_alignment)
{
    uint8_t p[32];
    for (size_t i = 0; i < sizeof p; i++)
        p[i] = (uint8_t)(0xF0 + i);
    for (size_t i = 0; i < 8; i++) {
        uint64_t expected = 0;
        for (size_t k = 0; k < 8; k++)
            expected |= (uint64_t)p[i + k] << 8 * k;
        CHECK_EQ_U64(dbn_load_u64(p + i), expected);
        CHECK_EQ_I64(dbn_load_i64(p + i), (int64_t)expected);
        CHECK_EQ_U64(dbn_load_u32(p + i), (uint32_t)expected);
        CHECK_EQ_I64(dbn_load_i32(p + i), (int32_t)expected);
        CHECK_EQ_U64(dbn_load_u16(p + i), (uint16_t)expected);
        CHECK_EQ_I64(dbn_load_i16(p + i), (int16_t)expected);
        CHECK_EQ_I64(dbn_load_i8(p + i), (int8_t)expected);
        CHECK_EQ_U64(dbn_load_chr(p + i), (uint8_t)expected);
    }
}

TESTS(CASE(walk_takes_whole_valid_records_only), CASE(walk_has_no_limit_on_what_is_left),
      CASE(layout_is_the_longest_that_fits), CASE(every_layout_belongs_to_a_type),
      CASE(structs_have_the_size_of_their_layouts), CASE(tables_say_what_the_structs_are),
      CASE(fields_fill_their_records), CASE(columns_are_a_permutation), CASE(framed_records_are_walked),
      CASE(runs_begin_where_they_do), CASE(loads_do_not_care_for_alignment));
