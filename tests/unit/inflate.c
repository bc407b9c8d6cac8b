/* Guards our own inflater, on one thread: whatever a compressor makes, it takes, and finds the same bytes in it. */
#include "../../inflate/sequences.h"
#include "../support_inflate.h"

#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>

static void check_content(struct dbn_buffer *file, struct bytes content, struct seen *seen, const char *what)
{
    struct dbn_buffer own = {0};
    /* up against the end of what was allocated, for AddressSanitizer */
    struct bytes exact = {malloc(file->size), file->size};
    CHECK(exact.p);
    memcpy(exact.p, file->bytes, exact.n);
    CHECK_FOR(own_inflate(exact, DBN_ZSTD_WINDOW_LOG, &own, seen), "%s: refused", what);
    CHECK_FOR(own.size == content.n && (own.size == 0 || memcmp(own.bytes, content.p, own.size) == 0),
              "%s: other bytes, %zu of %zu", what, own.size, content.n);
    free(exact.p);
    empty(&own);
    empty(file);
}

static void add_seen(struct seen *to, const struct seen *s)
{
    unsigned *a = (unsigned *)to;
    for (size_t i = 0; i < sizeof *to / sizeof *a; i++)
        a[i] += ((const unsigned *)s)[i];
}

/* Each level, with and without checksum and content size, with windows of the level and others. */
TEST(every_level)
{
    static const int windows[] = {0, 10, 17, 22};
    struct dbn_buffer file = {0};
    struct seen all = {0};
    for (int level = -5; level <= 22; level++) {
        const char *schema = generate_schemas[(unsigned)(level + 5) % 8];
        struct bytes content = generated_stream(schema ? schema : "all", 3, 1500 / SLOWER, false);
        for (unsigned k = 0; k < 4; k++) {
            char what[80];
            int window = windows[(k + (unsigned)(level + 5)) % LENGTH(windows)];
            struct seen seen = {0};
            snprintf(what, sizeof what, "%s, level %d, kind %u, window %d", schema, level, k, window);
            add_frame(&file, content.p, content.n, (struct frame){level, k & 1, k & 2, window});
            check_content(&file, content, &seen, what);
            add_seen(&all, &seen);
        }
        free(content.p);
    }
    for (enum block_table k = TABLE_LENGTHS; k < BLOCK_TABLES; k++)
        CHECK(all.modes[k][MODE_PREDEFINED] && all.modes[k][MODE_CODED]);
    CHECK(all.types[BLOCK_COMPRESSED] && all.literals[LITERALS_RAW] && all.literals[LITERALS_CODED]);
    CHECK(all.four_streams && all.four_streams < all.literals[LITERALS_CODED] + all.literals[LITERALS_TREELESS]);
}

/* Bytes of several kinds, in pieces that change their kind. */
static struct bytes patchwork(size_t n, uint64_t seed)
{
    struct bytes b = {malloc(n), n};
    CHECK(b.p);
    for (size_t at = 0; at < n;) {
        size_t size = (size_t)(stats_random(&seed) % 300000) + 1, bits = (size_t)(stats_random(&seed) % 9);
        unsigned repeat = (unsigned)(stats_random(&seed) % 3);
        size = size < n - at ? size : n - at;
        for (size_t i = at; i < at + size; i++) {
            if (repeat && i > 70 && stats_random(&seed) % 16)
                b.p[i] = b.p[i - (repeat == 1 ? 7 : 64)];
            else
                b.p[i] = (uint8_t)(stats_random(&seed) & ((1u << bits) - 1));
        }
        at += size;
    }
    return b;
}

TEST(every_kind_of_block)
{
    struct dbn_buffer file = {0};
    struct seen seen = {0};
    for (uint64_t seed = 1; seed <= 13; seed++) {
        struct bytes content = patchwork(1000000, seed);
        add_frame(&file, content.p, content.n, (struct frame){(int)seed + 6, true, false, 0});
        check_content(&file, content, &seen, "patchwork");
        free(content.p);
    }
    CHECK(seen.types[BLOCK_RAW] && seen.types[BLOCK_RLE] && seen.types[BLOCK_COMPRESSED]);
    CHECK(seen.literals[LITERALS_RAW] && seen.literals[LITERALS_CODED] && seen.literals[LITERALS_TREELESS]);
    for (int mode = 0; mode < 4; mode++)
        CHECK_FOR(seen.modes[TABLE_LENGTHS][mode] + seen.modes[TABLE_OFFSETS][mode] + seen.modes[TABLE_MATCHES][mode],
                  "mode %d", mode);
}

/* Sequences that no compressor would choose: any offset, again and again, of any lengths. */
static void add_sequences(struct dbn_buffer *file, struct bytes content, const ZSTD_Sequence *s, size_t n)
{
    ZSTD_CCtx *c = ZSTD_createCCtx();
    size_t room = ZSTD_compressBound(content.n) + 100;
    CHECK(c && dbn_buffer_extend(file, room));
    ZSTD_CCtx_setParameter(c, ZSTD_c_blockDelimiters, ZSTD_sf_explicitBlockDelimiters);
    ZSTD_CCtx_setParameter(c, ZSTD_c_validateSequences, 1);
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, 1);
    ZSTD_CCtx_setParameter(c, ZSTD_c_minMatch, 3);
    ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, 21);
    file->size = ZSTD_compressSequences(c, file->bytes, room, s, n, content.p, content.n);
    CHECK_FOR(!ZSTD_isError(file->size), "%s", ZSTD_getErrorName(file->size));
    ZSTD_freeCCtx(c);
}

enum { CONTENT = 1 << 20, MOST = CONTENT / 3 + 100 };

static uint32_t some(uint64_t *seed, uint32_t most)
{
    uint32_t n = (uint32_t)(stats_random(seed) % (stats_random(seed) % 40 ? 30 : most + 1));
    return n < most ? n : most;
}

static struct bytes any_sequences(uint64_t seed, ZSTD_Sequence *s, size_t *n)
{
    static const uint32_t near[] = {1, 2, 3, 7, 8, 15, 16, 17, 31, 32, 33};
    struct bytes b = {malloc(CONTENT), 0};
    unsigned symbols = 1 + (unsigned)(seed % 5) * 50;
    CHECK(b.p);
    *n = 0;
    while (b.n < CONTENT) {
        size_t end = b.n + BLOCK_MAX < CONTENT ? b.n + BLOCK_MAX : CONTENT;
        uint32_t earlier[4] = {1, 4, 8, 1}; /* offsets to be used again */
        end -= (size_t)(stats_random(&seed) % (end - b.n)) / 2;
        while (end - b.n > 8 && *n < MOST - 2) {
            uint32_t literals = some(&seed, (uint32_t)(end - b.n - 3));
            literals = b.n == 0 && literals == 0 ? 1 : literals;
            for (uint32_t i = 0; i < literals; i++)
                b.p[b.n++] = (uint8_t)(stats_random(&seed) % symbols);
            uint32_t match = 3 + some(&seed, (uint32_t)(end - b.n - 3)), offset;
            switch (stats_random(&seed) % 4) {
            case 0:
                offset = near[stats_random(&seed) % LENGTH(near)];
                break;
            case 1:
                offset = 1 + (uint32_t)(stats_random(&seed) % b.n);
                break;
            default:
                offset = earlier[stats_random(&seed) % 4] - (stats_random(&seed) % 8 == 0);
            }
            offset = offset == 0 || offset > b.n ? (uint32_t)b.n : offset;
            earlier[stats_random(&seed) % 4] = offset;
            for (uint32_t i = 0; i < match; i++, b.n++)
                b.p[b.n] = b.p[b.n - offset];
            s[(*n)++] = (ZSTD_Sequence){offset, literals, match, 0};
        }
        uint32_t rest = (uint32_t)(end - b.n);
        for (uint32_t i = 0; i < rest; i++)
            b.p[b.n++] = (uint8_t)(stats_random(&seed) % symbols);
        s[(*n)++] = (ZSTD_Sequence){0, rest, 0, 0};
    }
    return b;
}

TEST(sequences_of_any_kind)
{
    ZSTD_Sequence *s = calloc(MOST, sizeof *s);
    struct dbn_buffer file = {0};
    struct seen seen = {0};
    CHECK(s);
    for (uint64_t seed = 1; seed <= 40 / SLOWER; seed++) {
        char what[40];
        size_t n;
        struct bytes content = any_sequences(seed, s, &n);
        snprintf(what, sizeof what, "seed %u", (unsigned)seed);
        add_sequences(&file, content, s, n);
        check_content(&file, content, &seen, what);
        free(content.p);
    }
    CHECK(seen.literals[LITERALS_RLE]);
    free(s);
}

/* One match as long as a block, one run of literals, the shortest matches there are. */
TEST(longest_and_most)
{
    ZSTD_Sequence *s = calloc(BLOCK_SEQUENCES + 1, sizeof *s);
    struct bytes content = {calloc(2, BLOCK_MAX), 2 * BLOCK_MAX};
    struct dbn_buffer file = {0};
    CHECK(s && content.p);
    uint64_t seed = 5;
    for (size_t i = 0; i < BLOCK_MAX; i++)
        content.p[i] = (uint8_t)stats_random(&seed);
    memcpy(content.p + BLOCK_MAX, content.p, BLOCK_MAX);
    s[0] = (ZSTD_Sequence){0, BLOCK_MAX, 0, 0};
    s[1] = (ZSTD_Sequence){BLOCK_MAX, 0, BLOCK_MAX, 0};
    add_sequences(&file, content, s, 3);
    check_content(&file, content, NULL, "a match as long as a block");
    s[0] = (ZSTD_Sequence){0, BLOCK_MAX, 0, 0};
    s[1] = (ZSTD_Sequence){BLOCK_MAX, 0, 3, 0};
    s[2] = (ZSTD_Sequence){0, BLOCK_MAX - 3, 0, 0};
    add_sequences(&file, content, s, 3);
    check_content(&file, content, NULL, "all but literals");
    s[0] = (ZSTD_Sequence){0, BLOCK_MAX, 0, 0};
    for (size_t i = 1; i <= BLOCK_MAX / 4; i++)
        s[i] = (ZSTD_Sequence){BLOCK_MAX, 0, 4, 0};
    s[BLOCK_MAX / 4 + 1] = (ZSTD_Sequence){0};
    add_sequences(&file, content, s, BLOCK_MAX / 4 + 2);
    struct seen seen = {0};
    check_content(&file, content, &seen, "the most sequences");
    CHECK_EQ_U64(seen.most_sequences, BLOCK_MAX / 4);
    for (enum block_table k = TABLE_LENGTHS; k < BLOCK_TABLES; k++)
        CHECK_FOR(seen.modes[k][MODE_RLE], "table %d", k);
    free(content.p);
    free(s);
}

/* Literals of which half are the same, a quarter, and so on: codes of 1 to 11 bits, whose weights are packed. */
TEST(every_weight)
{
    struct bytes content = {malloc(8 << 11), 0};
    struct dbn_buffer file = {0};
    struct seen seen = {0};
    CHECK(content.p);
    for (size_t k = 0, n = 4 << 11; k < 12; k++, n = k < 11 ? n / 2 : n) {
        memset(content.p + content.n, (int)k * 20, n);
        content.n += n;
    }
    CHECK_EQ_U64(content.n, 8 << 11);
    add_sequences(&file, content, &(ZSTD_Sequence){0, (uint32_t)content.n, 0, 0}, 1);
    check_content(&file, content, &seen, "weights");
    CHECK_EQ_U64(seen.literals[LITERALS_CODED], 1);
    free(content.p);
}

TEST(frames_in_a_row)
{
    struct dbn_buffer file = {0}, content = {0};
    struct bytes stream = generated_stream("all", 3, 300, false);
    for (unsigned k = 0; k < 16; k++) {
        if (k & 1)
            add_skippable(&file, k, k * 100);
        add_frame(&file, stream.p, stream.n >> k, (struct frame){(int)k, k & 2, k & 4, 0});
        add(&content, stream.p, stream.n >> k);
        if (k & 8)
            add_frame(&file, NULL, 0, (struct frame){.content_size = k & 4, .checksum = k & 2});
    }
    check_content(&file, (struct bytes){content.bytes, content.size}, NULL, "16 frames");
    empty(&content);
    free(stream.p);
}

/* Whatever is cut off or changed is refused, or libzstd finds the same. */
TEST(damaged_files)
{
    struct dbn_buffer file = {0};
    struct bytes stream = generated_stream("mixed", 3, 60, false);
    for (unsigned k = 0; k < 4; k++) {
        unsigned taken = 0;
        add_frame(&file, stream.p, stream.n, (struct frame){(int)k * 6, k & 1, k & 2, 0});
        for (size_t n = 0; n < file.size; n++)
            CHECK_FOR(own_agrees((struct bytes){file.bytes, n}, "cut off") == (n == 0), "%zu bytes are taken", n);
        for (size_t i = 0; i < file.size * 8; i += sparse(3)) {
            file.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
            taken += own_agrees((struct bytes){file.bytes, file.size}, "a bit changed");
            file.bytes[i / 8] ^= (uint8_t)(1 << i % 8);
        }
        CHECK_FOR((k & 1) == (taken < 10), "kind %u: %u are taken", k, taken); /* bits that mean nothing */
        empty(&file);
    }
    free(stream.p);
}

/* As it cannot know what they lack. */
TEST(refused_headers)
{
    static const struct {
        uint8_t bytes[16];
        size_t n;
        bool taken;
    } rows[] = {
        {{0x20, 1, 0x09, 0, 0, 'x'}, 6, true},
        {{0x20, 2, 0x09, 0, 0, 'x'}, 6, false},    /* holds less than it says, */
        {{0x20, 0, 0x09, 0, 0, 'x'}, 6, false},    /* or more */
        {{0x28, 1, 0x09, 0, 0, 'x'}, 6, false},    /* the reserved bit */
        {{0x21, 7, 1, 0x09, 0, 0, 'x'}, 7, false}, /* a dictionary */
        {{0x21, 0, 1, 0x09, 0, 0, 'x'}, 7, true},  /* none */
        {{0x20, 1, 0x0F, 0, 0, 'x'}, 6, false},    /* the reserved type of block */
        {{0x00, 0x88, 0x09, 0, 0, 'x'}, 6, true},  /* a window of 128 MiB, */
        {{0x00, 0x89, 0x09, 0, 0, 'x'}, 6, false}, /* and more */
        {{0x20, 1, 0x09, 0, 0, 'x', 0}, 7, false}, /* a byte too many */
        {{0x20, 0, 0x05, 0, 0}, 5, false},         /* an empty compressed block */
        {{0x00, 0, 0x03, 0, 0x10, 'x'}, 6, false}, /* larger than a block may be */
        /* no sequences: a number of one byte, and one of two */
        {{0x00, 0, 0x1D, 0, 0, 0x08, 'x', 0}, 8, true},
        {{0x00, 0, 0x2D, 0, 0, 0x08, 'x', 0x80, 0, 0}, 10, false},
    };
    for (size_t i = 0; i < LENGTH(rows); i++) {
        struct dbn_buffer file = {0};
        char what[20];
        snprintf(what, sizeof what, "row %zu", i);
        add_u32(&file, ZSTD_MAGICNUMBER);
        add(&file, rows[i].bytes, rows[i].n);
        CHECK_FOR(own_agrees((struct bytes){file.bytes, file.size}, what) == rows[i].taken, "%s", what);
        empty(&file);
    }
}

/* RFC 8878, appendix A.3: of these no compressor of ours uses the largest, which reach back 16 MiB and more. */
TEST(offsets_of_the_predefined_table)
{
    static const uint8_t symbols[32] = {0,  6,  9,  15, 21, 3,  7,  12, 18, 23, 5,  8,  14, 20, 2,  7,
                                        11, 17, 22, 4,  8,  13, 19, 1,  6,  10, 16, 28, 27, 26, 25, 24};
    static struct block_tables tables;
    static const uint8_t nothing[1];
    struct block_layout predefined = {.tables = {nothing, 0}};
    size_t size, next[32] = {0};
    CHECK(sequences_read_tables(&tables, &(struct block_claim){.bytes = {nothing, 1}}, &predefined, &size));
    CHECK_EQ_U64(size, 0);
    CHECK_EQ_U64(tables.log[TABLE_OFFSETS], 5);
    for (size_t i = 0; i < LENGTH(symbols); i++) {
        const struct fse_cell *c = &tables.cells[FIRST_CELL(TABLE_OFFSETS) + i];
        CHECK_EQ_U64(c->extra, symbols[i]);
        CHECK_EQ_U64(c->base, UINT32_C(1) << symbols[i]);
        /* what lies behind all states of a symbol are all states, once */
        CHECK_EQ_U64(c->next - FIRST_CELL(TABLE_OFFSETS), next[symbols[i]] % 32);
        next[symbols[i]] += (size_t)1 << c->bits;
    }
    for (size_t s = 0; s <= 28; s++)
        CHECK_FOR(next[s] == 32, "offset %zu", s);
}

TESTS(CASE(offsets_of_the_predefined_table), CASE_WITHIN(60, every_level), CASE_WITHIN(60, every_kind_of_block),
      CASE_WITHIN(60, sequences_of_any_kind), CASE(longest_and_most), CASE(every_weight), CASE(frames_in_a_row),
      CASE_WITHIN(60, damaged_files), CASE(refused_headers));
