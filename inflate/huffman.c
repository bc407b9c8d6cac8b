#include "huffman.h"

#include "bits.h"
#include "fse.h"

enum {
    MAX_WEIGHTS = 255, /* one more follows from them */
    WEIGHT_LOG = 6,
};

/* 4.2.1.2: two states take turns, and the stream ends where one of them would need more bits than there are. */
static unsigned read_weights(uint8_t *weights, const uint8_t *p, size_t n)
{
    static const struct fse_code plain[HUFFMAN_LOG + 1] = {
        {0, 0}, {1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}, {7, 0}, {8, 0}, {9, 0}, {10, 0}, {11, 0},
    };
    struct fse_counts counts;
    struct fse_cell cells[1 << WEIGHT_LOG];
    struct bits b;
    size_t size = fse_read_counts(&counts, p, n, HUFFMAN_LOG + 1, WEIGHT_LOG);
    if (size == 0 || !bits_open(&b, p + size, n - size))
        return 0;
    fse_build(cells, 0, &counts, plain);
    unsigned state[2], count = 0;
    state[0] = (unsigned)bits_take(&b, (uint8_t)counts.log);
    state[1] = (unsigned)bits_take(&b, (uint8_t)counts.log);
    if (bits_taken_too_far(&b))
        return 0;
    for (unsigned turn = 0;; turn ^= 1) {
        bits_refill(&b);
        if (count > MAX_WEIGHTS - 2)
            return 0;
        struct fse_cell cell = cells[state[turn]];
        weights[count++] = (uint8_t)cell.base;
        state[turn] = cell.next + (unsigned)bits_take(&b, cell.bits);
        if (bits_taken_too_far(&b)) {
            weights[count++] = (uint8_t)cells[state[turn ^ 1]].base;
            return count;
        }
    }
}

/* 4.2.1: a symbol of weight w has one cell in 2^w; the last one's weight makes the sum a power of two. */
static bool build(struct huffman *h, uint8_t *weights, unsigned count)
{
    unsigned sum = 0, of[HUFFMAN_LOG + 2] = {0};
    for (unsigned i = 0; i < count; i++) {
        if (weights[i] > HUFFMAN_LOG)
            return false;
        of[weights[i]]++;
        sum += 1u << weights[i] >> 1;
    }
    if (sum == 0)
        return false;
    unsigned log = 32 - (unsigned)__builtin_clz(sum), rest = (1u << log) - sum;
    if (log > HUFFMAN_LOG || (rest & (rest - 1)))
        return false;
    weights[count] = (uint8_t)(32 - __builtin_clz(rest));
    of[weights[count++]]++;
    if (of[1] < 2 || of[1] % 2)
        return false;
    unsigned at[HUFFMAN_LOG + 2] = {0}, spread = HUFFMAN_LOG - log;
    for (unsigned w = 1; w <= log; w++)
        at[w + 1] = at[w] + (of[w] << (w - 1) << spread);
    for (unsigned s = 0; s < count; s++) {
        unsigned w = weights[s], cells = 1u << w >> 1 << spread;
        uint16_t cell = (uint16_t)(s << 8 | (log + 1 - w));
        for (unsigned i = 0; i < cells; i++)
            h->cells[at[w] + i] = cell;
        at[w] += cells;
    }
    return true;
}

size_t huffman_read(struct huffman *h, const uint8_t *p, size_t n)
{
    uint8_t weights[MAX_WEIGHTS + 1];
    if (n == 0)
        return 0;
    unsigned first = p[0], count;
    size_t size;
    if (first < 128) {
        size = 1 + first;
        count = size <= n ? read_weights(weights, p + 1, first) : 0;
    } else {
        count = first - 127;
        size = 1 + (count + 1) / 2;
        for (unsigned i = 0; i < count && size <= n; i++)
            weights[i] = i % 2 ? p[1 + i / 2] & 15 : p[1 + i / 2] >> 4;
    }
    return count && size <= n && build(h, weights, count) ? size : 0;
}

/* A stream of literals. `word` holds its next bits at the top; how many of them are left shows where the lowest set bit
 * is, which belongs to none of them. */
struct stream {
    uint64_t word;
    const uint8_t *p;
    uint8_t *to;
};

/* Takes what is left of a stream with care. */
static bool finish(const struct huffman *h, struct bits *b, uint8_t *to, const uint8_t *end)
{
    while (to < end) {
        bits_refill(b);
        for (int i = 0; i < 5 && to < end; i++) {
            uint64_t left = b->left;
            uint16_t cell = h->cells[left - 1 < 64 ? b->word << (64 - left) >> (64 - HUFFMAN_LOG) : 0];
            b->left -= cell & 0xFF;
            *to++ = (uint8_t)(cell >> 8);
        }
    }
    return bits_all_taken(b);
}

bool huffman_one(const struct huffman *h, const uint8_t *p, size_t size, uint8_t *to, size_t n)
{
    struct bits b;
    return bits_open(&b, p, size) && finish(h, &b, to, to + n);
}

enum {
    STREAMS = 4,
    JUMPS = 6,    /* bytes that say how long the first three are */
    MIN_FOUR = 6, /* literals */
    ROUND = 5,    /* so many codes fit in what a word holds after it was refilled */
};

DBN_INLINE void decode_round(const struct huffman *h, struct stream s[STREAMS])
{
    for (int i = 0; i < ROUND; i++)
        for (int k = 0; k < STREAMS; k++) {
            uint16_t cell = h->cells[s[k].word >> (64 - HUFFMAN_LOG)];
            s[k].word <<= cell & 63;
            s[k].to[i] = (uint8_t)(cell >> 8);
        }
    for (int k = 0; k < STREAMS; k++) {
        unsigned taken = (unsigned)__builtin_ctzll(s[k].word);
        s[k].p -= taken >> 3;
        s[k].word = (dbn_load_u64(s[k].p) | 1) << (taken & 7);
        s[k].to += ROUND;
    }
}

/* Rounds, for as long as each stream has 8 bytes before its word, and room. */
DBN_INLINE void decode_rounds(const struct huffman *h, struct stream out[STREAMS], const uint8_t *const begin[STREAMS],
                              const uint8_t *end)
{
    struct stream s[STREAMS];
    memcpy(s, out, sizeof s);
    for (;;) {
        size_t rounds = (size_t)(end - s[STREAMS - 1].to) / ROUND;
        for (int k = 0; k < STREAMS; k++) {
            size_t able = (size_t)(s[k].p - begin[k]) / 8;
            rounds = able < rounds ? able : rounds;
        }
        if (rounds == 0)
            break;
        while (rounds-- > 0)
            decode_round(h, s);
    }
    memcpy(out, s, sizeof s);
}

static void rounds_plain(const struct huffman *h, struct stream s[STREAMS], const uint8_t *const begin[STREAMS],
                         const uint8_t *end)
{
    decode_rounds(h, s, begin, end);
}

INFLATE_BMI2 static void rounds_bmi2(const struct huffman *h, struct stream s[STREAMS],
                                     const uint8_t *const begin[STREAMS], const uint8_t *end)
{
    decode_rounds(h, s, begin, end);
}

bool huffman_four(const struct huffman *h, const uint8_t *p, size_t size, uint8_t *to, size_t n)
{
    struct bits b[STREAMS];
    struct stream s[STREAMS];
    const uint8_t *begin[STREAMS], *at = p + JUMPS;
    size_t part = (n + 3) / 4, left = size - JUMPS;
    bool rounds = true;
    if (size < JUMPS || n < MIN_FOUR)
        return false;
    for (int k = 0; k < STREAMS; k++) {
        size_t bytes = k < STREAMS - 1 ? dbn_load_u16(p + 2 * k) : left;
        if (bytes > left || !bits_open(&b[k], at, bytes))
            return false;
        begin[k] = at;
        s[k] = (struct stream){(b[k].word | 1) << (-b[k].left & 63), b[k].p, to + (size_t)k * part};
        rounds &= bytes > 8;
        at += bytes;
        left -= bytes;
    }
    if (rounds)
        (INFLATE_HAS_BMI2() ? rounds_bmi2 : rounds_plain)(h, s, begin, to + n);
    for (int k = 0; k < STREAMS; k++) {
        if (rounds) {
            b[k].left = 64 - (unsigned)__builtin_ctzll(s[k].word);
            b[k].word = dbn_load_u64(b[k].p = s[k].p);
        }
        if (!finish(h, &b[k], s[k].to, k < STREAMS - 1 ? to + (size_t)(k + 1) * part : to + n))
            return false;
    }
    return true;
}
