/* Every place within the reach of the longest record may be where the first one begins, and from each the lengths lead
 * on in a chain, so all chains are followed at once. One that meets a length which cannot be is dead. The true one is
 * among the others, and chains that have met stay together: so where all meet there is a record's begin, whichever is
 * true. Chains of known kinds only, if there are any, leave all others out. Chains that never meet are told apart by
 * how many records of known kinds they pass. */
#include "split.h"

enum { DEAD = UINT16_MAX };

/* The chain from each place to the end of the window. */
struct chains {
    uint16_t strange[DBN_SPLIT_WINDOW], known[DBN_SPLIT_WINDOW]; /* records of unknown and known kinds; strange: DEAD */
    uint16_t through[DBN_SPLIT_WINDOW];                          /* how many of those in question pass here */
};

/* Is there a layout of exactly this size, with or without a ts_out? */
static bool is_known(uint8_t rtype, size_t size)
{
    const struct dbn_layout *l = dbn_layout_of(rtype, size);
    return l && (size == l->size || size == (size_t)l->size + DBN_TS_OUT_SIZE);
}

/* What a record cut off by the window's end is, nobody knows: it counts as neither. */
static void follow(struct chains *c, const uint8_t *p, size_t n, size_t step)
{
    for (size_t k = (n + step - 1) / step; k-- > 0;) {
        size_t i = k * step, size = dbn_record_size(p + i), next = i + size;
        bool inside = next < n;
        c->through[i] = 0;
        c->strange[i] = c->known[i] = 0;
        if (size < DBN_HEADER_SIZE || (inside && c->strange[next] == DEAD)) {
            c->strange[i] = DEAD;
        } else if (inside) {
            bool known = is_known(p[i + 1], size);
            c->strange[i] = (uint16_t)(c->strange[next] + !known);
            c->known[i] = (uint16_t)(c->known[next] + known);
        }
    }
}

/* Marks the chains that begin within reach and have at most this many strange records. How many there are; one that
 * begins on another is no further one. *best: the one with the most known records. */
static unsigned mark(struct chains *c, const uint8_t *p, size_t n, size_t step, unsigned strange, size_t *best)
{
    unsigned roots = 0;
    for (size_t i = 0; i < n; i += step) {
        if (c->through[i] == 0 && i < DBN_MAX_RECORD && c->strange[i] != DEAD && c->strange[i] <= strange) {
            c->through[i] = 1;
            if (roots++ == 0 || c->known[i] > c->known[*best])
                *best = i;
        }
        size_t next = i + dbn_record_size(p + i);
        if (c->through[i] && next < n)
            c->through[next] = (uint16_t)(c->through[next] + c->through[i]);
    }
    return roots;
}

bool dbn_split_guess(const uint8_t *p, size_t n, size_t step, size_t *guess)
{
    struct chains c;
    size_t best = 0;
    follow(&c, p, n, step);
    unsigned roots = mark(&c, p, n, step, 0, &best);
    if (roots == 0)
        roots = mark(&c, p, n, step, DEAD - 1, &best);
    if (roots == 0)
        return false;
    *guess = best;
    for (size_t i = 0; i < n; i += step) {
        if (c.through[i] == roots) {
            *guess = i;
            break;
        }
    }
    return true;
}
