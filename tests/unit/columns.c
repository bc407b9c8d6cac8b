/* Guards columns: every way of filling them stores the same bytes and nothing else, reads nothing behind the end, and
 * what is found in them is what the records had, in their order. */
#include "../../dbn/encode.h"
#include "../../dbn/tables.h"
#include "../../harness/sinks/columns.h"
#include "../../harness/sinks/digest.h"
#include "../support.h"

#include <sys/mman.h>
#include <sys/prctl.h>
#include <unistd.h>

enum { RUN = 12, MOST = 37, ROOM = 64, OUT = ROOM * DBN_MAX_RECORD + 100 * COLUMNS_GAP };

static void fill_random(uint8_t *p, size_t n, uint64_t seed)
{
    for (size_t i = 0; i < n; i++)
        p[i] = (uint8_t)stats_random(&seed);
}

/* Where memory of n bytes ends, behind which nothing can be read. */
static uint8_t *edge_behind(size_t n)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE), room = (n + page - 1) / page * page;
    uint8_t *p = mmap(NULL, room + page, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    CHECK(p != MAP_FAILED && mprotect(p + room, page, PROT_NONE) == 0);
    return p + room;
}

/* --- filling --- */

static void check_fill(uint8_t *edge, unsigned layout, size_t size, size_t n, size_t row)
{
    static uint8_t expected[OUT], found[OUT];
    uint8_t *p = edge - n * size;
    fill_random(p, n * size, layout * 1000 + n);
    memset(expected, 0xA5, sizeof expected);
    columns_scalar.fill[layout](p, edge, n, size, expected, ROOM, row);
    for (size_t w = 1; columns_ways[w]; w++) {
        if (columns_ways[w]->usable && !columns_ways[w]->usable())
            continue;
        memset(found, 0xA5, sizeof found);
        columns_ways[w]->fill[layout](p, edge, n, size, found, ROOM, row);
        CHECK_FOR(memcmp(found, expected, sizeof found) == 0, "%s, layout %u of %zu bytes, %zu records",
                  columns_ways[w]->name, layout, size, n);
    }
}

TEST(all_ways_store_the_same)
{
    uint8_t *edge = edge_behind(MOST * DBN_MAX_RECORD);
    static const size_t numbers[] = {1, 2, 3, 7, 8, 9, 16, 17, 25, MOST};
    for (unsigned layout = 0; layout < LAYOUTS; layout++)
        for (size_t i = 0; i < LENGTH(numbers); i++) {
            size_t size = layout == LAYOUT_UNKNOWN ? DBN_HEADER_SIZE : dbn_layout[layout - 1].size;
            check_fill(edge, layout, size, numbers[i], 0);
            check_fill(edge, layout, size, numbers[i], ROOM - numbers[i]);
            check_fill(edge, layout, size + 8, numbers[i], i);
            check_fill(edge, layout, size + 12, numbers[i], i);
        }
}

/* Field by field by the layout tables, which the macros that fill columns are not made of. */
TEST(columns_are_the_fields)
{
    static uint8_t in[MOST * DBN_MAX_RECORD], out[OUT];
    for (unsigned layout = 0; layout < DBN_LAYOUTS; layout++) {
        const struct dbn_layout *l = &dbn_layout[layout];
        const uint8_t *column = out;
        fill_random(in, sizeof in, layout);
        columns_scalar.fill[1 + layout](in, in + sizeof in, MOST, l->size, out, ROOM, 5);
        for (size_t k = 2; k < (size_t)DBN_HEADER_FIELDS + l->fields; k++) {
            const struct dbn_field *f = k < DBN_HEADER_FIELDS ? &dbn_header_field[k] : &l->field[k - DBN_HEADER_FIELDS];
            if (f->type == DBN_TYPE_PAD)
                continue;
            for (size_t i = 0; i < MOST; i++)
                CHECK_FOR(memcmp(column + (5 + i) * f->size, in + i * l->size + f->offset, f->size) == 0,
                          "%s of %s, record %zu", f->name, l->name, i);
            column += ROOM * f->size + COLUMNS_GAP;
        }
    }
}

/* --- adding up --- */

TEST(all_ways_sum_the_same)
{
    static uint8_t p[COLUMNS_ROWS * 8];
    for (int full = 0; full <= 1; full++) {
        fill_random(p, sizeof p, 1);
        if (full)
            memset(p, 0xFF, sizeof p);
        for (size_t width = 1; width <= 8; width *= 2)
            for (size_t n = 0; n <= COLUMNS_ROWS; n += n < 70 ? 1 : COLUMNS_ROWS - 70) {
                struct columns_sums sums = {0};
                for (size_t i = 0; i < n; i++) {
                    uint64_t value = 0;
                    memcpy(&value, p + i * width, width);
                    sums.plain += value;
                    sums.by_place += i * value;
                }
                for (size_t w = 0; columns_ways[w]; w++) {
                    if (!columns_ways[w]->sum || (columns_ways[w]->usable && !columns_ways[w]->usable()))
                        continue;
                    struct columns_sums found = columns_ways[w]->sum(p, width, n);
                    CHECK_FOR(found.plain == sums.plain && found.by_place == sums.by_place,
                              "%s: %zu values of %zu bytes", columns_ways[w]->name, n, width);
                }
            }
    }
}

/* --- what the sinks find --- */

static struct tally taken(const char *name, const uint8_t *p, size_t n)
{
    void *self;
    struct tally t;
    const struct sink *sink = sink_find(name);
    CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
    CHECK_EQ_U64(sink->take(self, p, n, 3), n);
    CHECK_EQ_U64(sink->facts(self).copied, n);
    sink->end(self, &t);
    CHECK_EQ_U64(t.bytes, n);
    return t;
}

static bool is_reserved(const struct dbn_layout *layout, size_t at)
{
    for (size_t i = 0; layout && i < layout->fields; i++)
        if (at >= layout->field[i].offset && at < (size_t)layout->field[i].offset + layout->field[i].size)
            return layout->field[i].type == DBN_TYPE_PAD;
    return false;
}

/* Bits of each byte of a record, but for its length: alone, and in a run. */
static void check_bits(uint8_t rtype, size_t size)
{
    static uint8_t p[RUN * DBN_MAX_RECORD];
    const struct dbn_layout *layout = dbn_layout_of(rtype, size);
    uint8_t *one = p + 7 * size;
    fill_random(p, RUN * size, rtype + size);
    for (size_t i = 0; i < RUN; i++)
        dbn_encode_record(p + i * size, size, rtype, NULL);
    uint64_t alone = taken("columns", one, size).digest, in_run = taken("columns", p, RUN * size).digest;
    CHECK(taken("columns-scalar", p, RUN * size).digest == in_run);
    for (size_t bit = 8; bit < size * 8; bit += 7) {
        bool reserved = is_reserved(layout, bit / 8);
        one[bit / 8] ^= (uint8_t)(1u << bit % 8);
        CHECK_FOR((taken("columns", one, size).digest == alone) == reserved, "type %u, bit %zu alone", rtype, bit);
        CHECK_FOR((taken("columns", p, RUN * size).digest == in_run) == reserved, "type %u, bit %zu", rtype, bit);
        one[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
}

TEST(bits_of_any_field)
{
#define RTYPE(value, name, id) check_bits(value, sizeof(struct dbn_##id));
#include "../../dbn/records.def"
    check_bits(0x00, sizeof(struct dbn_trade) + 8);
    check_bits(0xA0, sizeof(struct dbn_mbo) - 4);
    check_bits(0x77, 16);
    check_bits(0xFF, DBN_MAX_RECORD);
}

/* Two records of a run exchange one field, or places: the sums of the columns are what they were. */
TEST(places_count)
{
    struct dbn_trade t[100] = {0};
    for (size_t i = 0; i < LENGTH(t); i++) {
        dbn_encode_record((uint8_t *)&t[i], sizeof t[i], 0x00, NULL);
        t[i].price = (int64_t)i * 1000;
        t[i].flags = (uint8_t)i;
    }
    uint64_t before = taken("columns", (uint8_t *)t, sizeof t).digest;
    for (size_t i = 1; i < LENGTH(t); i++) {
        struct dbn_trade a = t[i - 1], b = t[i];
        t[i].flags = a.flags, t[i - 1].flags = b.flags;
        CHECK_FOR(taken("columns", (uint8_t *)t, sizeof t).digest != before, "flags of %zu", i);
        t[i] = a, t[i - 1] = b;
        CHECK_FOR(taken("columns", (uint8_t *)t, sizeof t).digest != before, "record %zu", i);
        t[i] = b, t[i - 1] = a;
    }
    CHECK_EQ_U64(taken("columns", (uint8_t *)t, sizeof t).digest, before);
}

/* Over many blocks of columns, in pieces that fit into none of them. */
TEST(pieces_add_up)
{
    static const char *const schemas[] = {"trades", "mbp-10", "mixed", "definition"};
    for (size_t i = 0; i < LENGTH(schemas); i++) {
        struct bytes b = generated_stream(schemas[i], 3, 20000 / SLOWER, true);
        const struct sink *best = sink_find("columns"), *scalar = sink_find("columns-scalar");
        struct tally whole = decode_whole(b.p, b.n, scalar, false).tally;
        for (size_t piece = 0; piece < 3; piece++) {
            static const size_t sizes[] = {1000, 65536, 1 << 20};
            static struct pieces s;
            pieces_set(&s, b.p, b.n, sizes[piece]);
            struct ending e = decode_source((struct dbn_source){pieces_next, &s}, DBN_STEP_BLOCK, best, false);
            CHECK_FOR(e.outcome == 0 && tally_equal(&e.tally, &whole), "%s by %zu", schemas[i], sizes[piece]);
        }
        free(b.p);
    }
}

/* Bytes of this process on huge pages, as the kernel counts them. */
static uint64_t huge_bytes(void)
{
    char line[256];
    unsigned long long kib = 0;
    FILE *f = fopen("/proc/self/smaps_rollup", "re");
    while (f && fgets(line, sizeof line, f) && sscanf(line, "AnonHugePages: %llu", &kib) != 1)
        ;
    if (f)
        fclose(f);
    else
        SKIP("no /proc/self/smaps_rollup");
    return kib << 10;
}

/* Sinks say what share of their memory is on huge pages; without any they find the same. */
TEST(memory_on_huge_pages)
{
    static const char *const names[] = {"columns", "copy-huge", "rows-huge"};
    struct bytes b = generated_stream("mbo", 3, 300000, false);
    size_t begin = first_record(b);
    if (SANITIZED)
        SKIP("sanitizers have memory of their own");
    for (size_t i = 0; i < LENGTH(names); i++) {
        const struct sink *sink = sink_find(names[i]);
        struct tally of[2];
        for (int forbidden = 0; forbidden < 2; forbidden++) {
            void *self;
            CHECK(prctl(PR_SET_THP_DISABLE, forbidden, 0, 0, 0) == 0);
            uint64_t before = huge_bytes();
            CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
            CHECK_EQ_U64(sink->take(self, b.p + begin, b.n - begin, begin), b.n - begin);
            struct sink_facts f = sink->facts(self);
            CHECK_FOR(f.on_huge_pages == huge_bytes() - before, "%s: %ju bytes", names[i], (uintmax_t)f.on_huge_pages);
            CHECK(f.mapped >= b.n - begin && f.on_huge_pages <= f.mapped && (!forbidden || f.on_huge_pages == 0));
            sink->end(self, &of[forbidden]);
        }
        CHECK_FOR(tally_equal(&of[0], &of[1]), "%s", names[i]);
    }
    free(b.p);
}

TESTS(CASE(memory_on_huge_pages), CASE(all_ways_store_the_same), CASE(columns_are_the_fields),
      CASE(all_ways_sum_the_same), CASE(bits_of_any_field), CASE(places_count), CASE(pieces_add_up));
