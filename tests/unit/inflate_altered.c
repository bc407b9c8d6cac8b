/* Guards our own inflater against libzstd, by small files that are altered in all ways that come to mind: what it takes
 * libzstd takes, with the same bytes, and what it may lend before it refuses a file libzstd delivers as well. (release
 * only)
 *
 *   EXECUTIONS=100000000 CAMPAIGN=FILE build/tests/units unit/inflate_altered
 *
 * goes on to that many from where FILE, which may not exist yet, says that it stopped, and notes the counts there. */
#include "../../inflate/execute.h"
#include "../../inflate/sequences.h"
#include "../support_inflate.h"

#include <inttypes.h>
#include <sys/resource.h>
#include <unistd.h>
#define ZSTD_STATIC_LINKING_ONLY
#include <zstd.h>
#include <zstd_errors.h>

enum { BASES = 1500, MOST_INPUT = 2000, SPARE = 64, MOST_OUTPUT = 1 << 20, MOST_BLOCKS = 64 };

struct file {
    size_t n;
    uint8_t bytes[MOST_INPUT];
};

static struct file *bases;
static struct seen seen;

static size_t below(uint64_t *seed, size_t n)
{
    return n ? (size_t)(stats_random(seed) % n) : 0;
}

/* --- files that are good --- */

/* Records, or bytes of few kinds, with repetitions. */
static size_t some_content(uint8_t *to, const struct bytes streams[8], uint64_t *seed)
{
    const struct bytes *from = &streams[below(seed, 8)];
    size_t n = 1 + below(seed, below(seed, 4) ? 400 : 4000), at = below(seed, from->n - n), kind = below(seed, 5);
    if (kind == 0) {
        memcpy(to, from->p + at, n);
        return n;
    }
    for (size_t i = 0, end, symbols = 1, step = 1; i < n; i = end) {
        end = i + 1 + below(seed, n - i);
        symbols = below(seed, 3) ? 1 + below(seed, 20) : 200;
        step = 1 + below(seed, below(seed, 4) ? 9 : 70);
        for (size_t k = i; k < end; k++)
            to[k] = (uint8_t)(k >= step && kind > 2 && below(seed, 12) ? to[k - step]
                                                                       : below(seed, below(seed, symbols) + 1) * 7);
    }
    return n;
}

/* Of small blocks, so that these use tables of one another. */
static size_t compress(uint8_t *to, size_t room, const uint8_t *p, size_t n, uint64_t *seed)
{
    static ZSTD_CCtx *c;
    c = c ? c : ZSTD_createCCtx();
    CHECK(c);
    size_t piece = below(seed, 3) ? 30 + below(seed, 300) : n;
    ZSTD_CCtx_reset(c, ZSTD_reset_session_and_parameters);
    ZSTD_CCtx_setParameter(c, ZSTD_c_compressionLevel, (int)below(seed, 24) - 4);
    ZSTD_CCtx_setParameter(c, ZSTD_c_windowLog, 10 + (int)below(seed, 4));
    ZSTD_CCtx_setParameter(c, ZSTD_c_checksumFlag, below(seed, 4) == 0);
    ZSTD_CCtx_setParameter(c, ZSTD_c_literalCompressionMode, below(seed, 2) ? ZSTD_ps_enable : ZSTD_ps_auto);
    if (below(seed, 2))
        ZSTD_CCtx_setParameter(c, ZSTD_c_strategy, 1 + (int)below(seed, 9));
    if (below(seed, 3) == 0)
        ZSTD_CCtx_setParameter(c, ZSTD_c_targetCBlockSize, ZSTD_TARGETCBLOCKSIZE_MIN + (int)below(seed, 100));
    if (below(seed, 3) == 0)
        ZSTD_CCtx_setPledgedSrcSize(c, n);
    ZSTD_inBuffer in = {p, 0, 0};
    ZSTD_outBuffer out = {to, room, 0};
    do {
        in.size = n - in.pos < piece ? n : in.pos + piece;
        size_t rc = ZSTD_compressStream2(c, &out, &in, in.size == n ? ZSTD_e_end : ZSTD_e_flush);
        if (rc != 0) /* no room, mostly */
            return 0;
    } while (in.pos < n);
    return out.pos;
}

static void make_base(struct file *f, const struct bytes streams[8], uint64_t *seed)
{
    static uint8_t content[4096];
    f->n = 0;
    while (f->n == 0 || below(seed, 5) == 0) {
        size_t n = some_content(content, streams, seed);
        f->n += compress(f->bytes + f->n, MOST_INPUT - f->n, content, n, seed);
        if (below(seed, 8) == 0 && f->n < MOST_INPUT - 20) {
            memcpy(f->bytes + f->n, "\x53\x2A\x4D\x18\3\0\0\0abc", 11);
            f->n += 11;
        }
    }
}

static void make_bases(void)
{
    uint64_t seed = 16;
    struct bytes streams[8];
    bases = calloc(BASES, sizeof *bases);
    CHECK(bases);
    for (size_t i = 0; i < 8; i++)
        streams[i] = generated_stream(generate_schemas[i] ? generate_schemas[i] : "all", 3, 400, i % 2);
    for (size_t i = 0; i < BASES; i++) {
        struct dbn_buffer content = {0};
        make_base(&bases[i], streams, &seed);
        CHECK_FOR(own_inflate((struct bytes){bases[i].bytes, bases[i].n}, DBN_ZSTD_WINDOW_LOG, &content, &seen),
                  "base %zu", i);
        empty(&content);
    }
    for (size_t i = 0; i < 8; i++)
        free(streams[i].p);
}

/* --- what is altered --- */

struct place {
    size_t at, end; /* of a block with its header */
};

/* Where the blocks are. How many. */
static size_t find_blocks(const struct file *f, struct place blocks[MOST_BLOCKS])
{
    struct walk w;
    struct block_claim claim;
    struct walk_place place;
    size_t n = 0;
    walk_begin(&w, f->bytes, f->n, DBN_ZSTD_WINDOW_LOG);
    while (n < MOST_BLOCKS && walk_next(&w, &claim, &place) > 0) {
        size_t at = (size_t)(claim.bytes.p - f->bytes);
        blocks[n++] = (struct place){at - 3, at + claim.bytes.n};
    }
    return n;
}

/* Replaces `cut` bytes by n others, if there is room. */
static void replace(struct file *f, size_t at, size_t cut, const uint8_t *p, size_t n)
{
    if (f->n - cut + n > MOST_INPUT)
        return;
    memmove(f->bytes + at + n, f->bytes + at + cut, f->n - at - cut);
    if (n)
        memcpy(f->bytes + at, p, n);
    f->n += n - cut;
}

static uint32_t header_at(const struct file *f, size_t at)
{
    return f->bytes[at] | (uint32_t)f->bytes[at + 1] << 8 | (uint32_t)f->bytes[at + 2] << 16;
}

static void set_header(struct file *f, size_t at, uint32_t bits)
{
    for (int i = 0; i < 3; i++)
        f->bytes[at + (size_t)i] = (uint8_t)(bits >> 8 * i);
}

static void alter_byte(uint8_t *p, uint64_t *seed)
{
    static const uint8_t odd[] = {0, 1, 0x7F, 0x80, 0xFF};
    switch (below(seed, 4)) {
    case 0:
        *p = odd[below(seed, sizeof odd)];
        break;
    case 1:
        *p = (uint8_t)stats_random(seed);
        break;
    case 2:
        *p = (uint8_t)(*p + (below(seed, 2) ? 1 : -1));
        break;
    default:
        *p ^= (uint8_t)(1 << below(seed, 8));
    }
}

/* The block gets or loses some bytes somewhere, and its header says so. */
static void resize_block(struct file *f, struct place block, uint64_t *seed)
{
    uint8_t some[8];
    size_t where = block.at + 3 + below(seed, block.end - block.at - 3), left = block.end - where;
    size_t cut = below(seed, left < 4 ? left + 1 : 4), n = below(seed, 4), before = f->n;
    for (size_t i = 0; i < n; i++)
        some[i] = (uint8_t)stats_random(seed);
    replace(f, where, cut, some, n);
    set_header(f, block.at, header_at(f, block.at) + (uint32_t)(f->n - before) * 8);
}

/* Literals that are all the same, as many as they were or any number. */
static void repeat_literal(struct file *f, size_t at, const struct block_layout *l, uint64_t *seed)
{
    size_t header = (size_t)(l->literals.p - f->bytes) - at - 3, before = f->n;
    size_t n = below(seed, 4) ? l->literals_n : below(seed, below(seed, 2) ? 1 << 20 : 140000);
    uint8_t with[] = {(uint8_t)(LITERALS_RLE | 3 << 2 | n << 4), (uint8_t)(n >> 4), (uint8_t)(n >> 12), 'l'};
    replace(f, at + 3, header + l->literals.n, with, sizeof with);
    set_header(f, at, header_at(f, at) + (uint32_t)(f->n - before) * 8);
}

/* The literals of a compressed block, and how many sequences with what modes there are. */
static void alter_sections(struct file *f, struct place block, uint64_t *seed)
{
    struct block_layout l;
    size_t at = block.at;
    if ((header_at(f, at) >> 1 & 3) != BLOCK_COMPRESSED ||
        !layout_read((struct block_bytes){f->bytes + at + 3, block.end - at - 3}, &l))
        return;
    size_t tables_at = (size_t)(l.tables.p - f->bytes), number = tables_at - (l.sequences_n ? 2 : 1);
    switch (below(seed, 6)) {
    case 0:
        alter_byte(f->bytes + at + 3, seed);
        break;
    case 1:
        repeat_literal(f, at, &l, seed);
        break;
    case 2:
        f->bytes[number] = (uint8_t)(f->bytes[number] + (below(seed, 2) ? 1 : -1));
        break;
    case 3:
        f->bytes[at + 3] = (uint8_t)((f->bytes[at + 3] & 0xFC) | below(seed, 4));
        break;
    case 4: /* cut off within the tables, or before */
        number += below(seed, 2) ? below(seed, 6) : below(seed, block.end - number);
        if (number > block.end)
            break;
        replace(f, number, block.end - number, NULL, 0);
        set_header(f, at, header_at(f, at) - (uint32_t)(block.end - number) * 8);
        break;
    default:
        f->bytes[tables_at - 1] ^= (uint8_t)((1 + below(seed, 3)) << 2 * (1 + below(seed, 3)));
    }
}

static void insert_block(struct file *f, size_t at, uint64_t *seed)
{
    struct place from[MOST_BLOCKS];
    const struct file *other = &bases[below(seed, BASES)];
    size_t n = find_blocks(other, from);
    if (n && below(seed, 4)) {
        const struct place *k = &from[below(seed, n)];
        replace(f, at, 0, other->bytes + k->at, k->end - k->at);
        if (below(seed, 4))
            f->bytes[at] &= 0xFE;
        return;
    }
    uint32_t size = (uint32_t)below(seed, below(seed, 20) ? 40 : 130 << 10);
    uint8_t rle[] = {(uint8_t)(BLOCK_RLE << 1 | size << 3), (uint8_t)(size >> 5), (uint8_t)(size >> 13), 'r'};
    replace(f, at, 0, rle, sizeof rle);
}

static void alter_block(struct file *f, uint64_t *seed)
{
    static uint8_t copy[MOST_INPUT];
    struct place blocks[MOST_BLOCKS], k;
    size_t n = find_blocks(f, blocks), size;
    if (n == 0)
        return;
    k = blocks[below(seed, n)];
    size = k.end - k.at;
    switch (below(seed, 10)) {
    case 0:
        resize_block(f, k, seed);
        break;
    case 1:
        replace(f, k.at, size, NULL, 0);
        break;
    case 2: /* twice */
        memcpy(copy, f->bytes + k.at, size);
        replace(f, k.at, 0, copy, size);
        f->bytes[k.at] &= 0xFE;
        break;
    case 3:
        insert_block(f, k.at, seed);
        break;
    case 4:
        set_header(f, k.at, header_at(f, k.at) ^ (uint32_t)(1 + below(seed, 31)));
        break;
    case 5: /* its beginning: headers and tables */
    case 6:
        alter_byte(f->bytes + k.at + 3 + below(seed, size - 3 < 24 ? size - 3 : 24), seed);
        break;
    case 7: /* its end: where streams begin */
        alter_byte(f->bytes + k.end - 1 - below(seed, size - 3 < 6 ? size - 3 : 6), seed);
        break;
    default:
        alter_sections(f, k, seed);
    }
}

/* Of the first frame: a window of any size, or a content size. */
static void set_frame_header(struct file *f, bool checksum, bool known, uint32_t number)
{
    struct dbn_zstd_header h;
    uint8_t with[] = {(uint8_t)((known ? 0xA0 : 0) | checksum << 2), (uint8_t)number, (uint8_t)(number >> 8),
                      (uint8_t)(number >> 16), (uint8_t)(number >> 24)};
    if (dbn_zstd_header(f->bytes, f->n, &h))
        replace(f, 4, h.size - 4, with, known ? 5 : 2);
}

static void alter(struct file *f, uint64_t *seed)
{
    const struct file *other = &bases[below(seed, BASES)];
    size_t at = below(seed, f->n), from = below(seed, other->n), n = below(seed, f->n - at);
    switch (f->n == 0 ? 15 : below(seed, 16)) {
    case 0:
        f->bytes[at] ^= (uint8_t)(1 << below(seed, 8));
        break;
    case 1:
        alter_byte(f->bytes + at, seed);
        break;
    case 2:
        f->n -= below(seed, 4) ? below(seed, 9 < f->n ? 9 : f->n) : n;
        break;
    case 3:
        replace(f, at, f->n - at, other->bytes + from, other->n - from);
        break;
    case 4:
        memmove(f->bytes + at, f->bytes + below(seed, f->n - n), n);
        break;
    case 5:
        set_frame_header(f, below(seed, 2), false, (uint32_t)stats_random(seed) & 0x2F);
        break;
    default:
        alter_block(f, seed);
    }
}

/* --- what both find --- */

#define REASONS(_)                                                                                                     \
    _(HEADERS, "headers: reserved bits, sizes, windows, what ends early")                                              \
    _(LAYOUT, "sections of a block")                                                                                   \
    _(CODES, "the codes of literals")                                                                                  \
    _(LITERALS, "literals")                                                                                            \
    _(TABLES, "the tables of sequences")                                                                               \
    _(FAR, "an offset beyond the window")                                                                              \
    _(SEQUENCES, "sequences: bits left over or too few, an offset of 0, too many literals")                            \
    _(LARGE, "a block that is larger than its frame allows")                                                           \
    _(MATCHES, "a match that begins before the frame or beyond the window")                                            \
    _(FRAME, "content size or checksum")
#define NAME(id, text) id,
#define TEXT(id, text) text,
enum reason { REASONS(NAME) REASON_COUNT };
static const char *const reasons[] = {REASONS(TEXT)};

struct found {
    bool good, too_long;
    size_t n; /* bytes found, or that may be lent before the fault */
    struct block_claim claim;
    enum { NO_BLOCK, BLOCK, EXECUTION } stage; /* that refused it */
    size_t checksum_at, checksum_n;            /* of a frame that is wrong by its checksum at most, and its bytes */
    uint32_t checksum;
};

static struct block_tables tables[2]; /* as of two threads */
static uint8_t own_bytes[SPARE + MOST_OUTPUT], libzstd_bytes[MOST_OUTPUT];

static struct found find_own(const struct file *f)
{
    static struct block block;
    struct found r = {.good = true};
    struct walk walk;
    struct walk_place place;
    struct execution e;
    size_t n = 0, frame = 0;
    int rc;
    walk_begin(&walk, f->bytes, f->n, DBN_ZSTD_WINDOW_LOG);
    memset(tables[0].by, 0, sizeof tables->by);
    memset(tables[1].by, 0, sizeof tables->by);
    while ((rc = walk_next(&walk, &r.claim, &place)) > 0) {
        bool good = block_decode(&block, &r.claim, &tables[r.claim.size / 2 % 2]);
        r.too_long = good && n + block.size + EXECUTE_SPARE > MOST_OUTPUT;
        frame = place.first ? n : frame;
        r.stage = good ? EXECUTION : BLOCK;
        if (!good || r.too_long || !execute(&e, &r.claim, &place, &block, own_bytes + SPARE + n)) {
            r.good = false;
            if (good && !r.too_long && place.last && place.has_checksum && (!place.known || e.size == place.content)) {
                r.checksum_at = (size_t)(walk.p - f->bytes) - 4;
                r.checksum = (uint32_t)XXH64_digest(&e.checksum);
            }
            return r;
        }
        n += block.size;
        size_t certain = n > DBN_ZSTD_OUT ? n - DBN_ZSTD_OUT : 0; /* as backends/inflate.c has it */
        r.n = place.last ? n : certain > frame ? certain : frame;
    }
    r.stage = NO_BLOCK;
    r.good = rc == 0;
    return r;
}

/* As dbn/inflate.c calls it, for files that are one slice. */
static struct found find_libzstd(const struct file *f)
{
    static ZSTD_DCtx *c;
    struct found r = {.n = 0};
    if (!c) {
        c = ZSTD_createDCtx();
        CHECK(c && !ZSTD_isError(ZSTD_DCtx_setParameter(c, ZSTD_d_windowLogMax, DBN_ZSTD_WINDOW_LOG)));
    }
    ZSTD_DCtx_reset(c, ZSTD_reset_session_only);
    ZSTD_inBuffer in = {f->bytes, f->n, 0};
    for (size_t left = 0; r.good = left == 0, in.pos < in.size || left;) {
        ZSTD_outBuffer out = {libzstd_bytes + r.n, DBN_ZSTD_OUT, 0};
        if (r.n > MOST_OUTPUT - DBN_ZSTD_OUT)
            return (struct found){.too_long = true};
        left = ZSTD_decompressStream(c, &out, &in);
        r.good = false;
        if (ZSTD_isError(left))
            return r;
        r.n += out.pos;
        if (left && out.pos == 0 && in.pos == in.size)
            return r;
    }
    return r;
}

static enum reason why_block(const struct block_claim *claim)
{
    static struct block b;
    struct block_layout l;
    struct block_claim wide = *claim, plain = *claim;
    size_t size, header;
    if (!layout_read(claim->bytes, &l))
        return LAYOUT;
    memset(tables->by, 0, sizeof tables->by);
    if (l.type == LITERALS_CODED && !(header = huffman_read(&tables->literals, l.literals.p, l.literals.n)))
        return CODES;
    b.sequences_n = l.sequences_n;
    b.literals_n = l.literals_n;
    if (l.sequences_n && !sequences_read_tables(tables, &plain, &l, &size))
        return TABLES;
    wide.window = wide.limit = OFFSET_MAX;
    if (block_decode(&b, &wide, tables)) {
        plain.limit = OFFSET_MAX;
        return block_decode(&b, &plain, tables) ? LARGE : FAR;
    }
    return l.type >= LITERALS_CODED && b.sequences_n == 0 && l.sequences_n ? LITERALS : SEQUENCES;
}

static enum reason why(const struct found *own)
{
    if (own->stage == NO_BLOCK)
        return HEADERS;
    if (own->stage == BLOCK)
        return why_block(&own->claim);
    return own->checksum_at ? FRAME : MATCHES;
}

struct counts {
    uint64_t cases, executions, taken, refused, too_long, threads, refused_alone[REASON_COUNT];
};

/* Files that were altered in vain are not told again: what each finds is compared. */
static struct found execute_both(const struct file *f, struct counts *counts)
{
    struct found own = find_own(f), libzstd = {0};
    if (!own.too_long)
        libzstd = find_libzstd(f);
    if (own.too_long || libzstd.too_long) {
        counts->too_long++;
        return own;
    }
    const char *wrong = own.good && !libzstd.good                         ? "taken"
                        : own.good && own.n != libzstd.n                  ? "of another size"
                        : own.n > libzstd.n                               ? "lent too early"
                        : memcmp(own_bytes + SPARE, libzstd_bytes, own.n) ? "of other bytes"
                                                                          : NULL;
    if (wrong) {
        char path[80];
        snprintf(path, sizeof path, "build/inflate-altered-%" PRIu64, counts->executions);
        FILE *to = fopen(path, "wb");
        CHECK(to && fwrite(f->bytes, 1, f->n, to) == f->n && fclose(to) == 0);
        CHECK_FOR(!wrong, "case %" PRIu64 ", in %s: %s", counts->cases, path, wrong);
    }
    counts->executions++;
    counts->taken += own.good;
    counts->refused += !own.good && !libzstd.good;
    if (!own.good && libzstd.good)
        counts->refused_alone[why(&own)]++;
    own.good = libzstd.good;
    own.n = libzstd.n;
    return own;
}

static void try_case(struct counts *counts)
{
    static struct file f;
    uint64_t seed = counts->cases * UINT64_C(0xD1342543DE82EF95);
    f = bases[below(&seed, BASES)];
    for (size_t edits = 1 + below(&seed, 1 + below(&seed, 4)); edits > 0; edits--)
        alter(&f, &seed);
    struct found r = execute_both(&f, counts);
    if (r.checksum_at) {
        memcpy(f.bytes + r.checksum_at, &r.checksum, 4);
        r = execute_both(&f, counts);
    }
    if (r.good && below(&seed, 2)) { /* with a content size, or nearly so */
        struct dbn_zstd_header h;
        if (dbn_zstd_header(f.bytes, f.n, &h)) {
            set_frame_header(&f, h.checksum, true, (uint32_t)(r.n + (below(&seed, 4) ? 0 : below(&seed, 3) - 1)));
            execute_both(&f, counts);
        }
    }
    if (counts->cases++ % 2000 == 0) {
        own_agrees_on_threads((struct bytes){f.bytes, f.n}, "altered");
        counts->threads++;
    }
}

/* --- how far it came --- */

static void print(FILE *to, const struct counts *c)
{
    fprintf(to, "%" PRIu64 " cases\n%" PRIu64 " executions\n%" PRIu64 " taken by both\n%" PRIu64 " refused by both\n",
            c->cases, c->executions, c->taken, c->refused);
    fprintf(to, "%" PRIu64 " too long\n%" PRIu64 " on threads\n", c->too_long, c->threads);
    for (int i = 0; i < REASON_COUNT; i++)
        fprintf(to, "%" PRIu64 " refused, but not by libzstd: %s\n", c->refused_alone[i], reasons[i]);
}

static void note(const char *path, const struct counts *c)
{
    char next[300];
    snprintf(next, sizeof next, "%s.next", path);
    FILE *to = fopen(next, "w");
    CHECK_FOR(to, "%s", next);
    print(to, c);
    CHECK(fclose(to) == 0 && rename(next, path) == 0);
}

static struct counts noted(const char *path)
{
    struct counts c = {0};
    uint64_t *n = (uint64_t *)&c;
    FILE *from = fopen(path, "r");
    for (size_t i = 0; from && i < sizeof c / sizeof *n; i++)
        CHECK_FOR(fscanf(from, "%" SCNu64 "%*[^\n]", n + i) == 1, "%s, line %zu", path, i + 1);
    if (from)
        fclose(from);
    return c;
}

TEST(altered_files)
{
    const char *executions = getenv("EXECUTIONS"), *path = getenv("CAMPAIGN");
    struct counts c = {0};
    uint64_t goal = executions ? strtoull(executions, NULL, 10) : 100000;
    if (!executions) {
        setrlimit(RLIMIT_CPU, &(struct rlimit){60, 61});
        alarm(1200);
    }
    if (path)
        c = noted(path);
    make_bases();
    while (c.executions < goal) {
        try_case(&c);
        if (path && c.cases % (1 << 17) == 0)
            note(path, &c);
    }
    if (path)
        note(path, &c);
    print(stdout, &c);
    for (int i = 0; i < 4; i++)
        CHECK_FOR((i == BLOCK_RESERVED || seen.types[i]) && (i == LITERALS_RLE || seen.literals[i]) &&
                      seen.modes[TABLE_LENGTHS][i] && seen.modes[TABLE_OFFSETS][i] && seen.modes[TABLE_MATCHES][i],
                  "kind %d", i);
    CHECK(seen.four_streams && c.taken > c.executions / 5 && c.refused > c.executions / 5);
}

TESTS(CASE_WITHIN(1000000, altered_files)); /* see above */
