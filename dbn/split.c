/* Every place within the reach of the longest record may be where the first one begins, and from each the lengths lead
 * on in a chain, so all chains are followed at once. One that meets a length which cannot be is dead. The true one is
 * among the others, and chains that have met stay together: soon most of them run in one. Of those that leave the
 * window at different places the one counts that looks most like records. Where all that belong to it have met, there
 * a record begins, whichever of them was true. */
#include "split.h"

enum { DEAD = UINT16_MAX };

/* The chain from each place to the end of the window. */
struct chains {
    uint16_t last[DBN_SPLIT_WINDOW];    /* its last place in the window, or DEAD */
    uint16_t likely[DBN_SPLIT_WINDOW];  /* bytes of records that look like some, see likely_bytes() */
    uint16_t through[DBN_SPLIT_WINDOW]; /* how many of the chains in question pass here */
};

/* Is there a layout of exactly this size, with or without a ts_out? Then, is it of 1999 to 2043 by its ts_event? That
 * tells apart chains of one stride, such as a field whose bytes happen to be a length and a type in every record. */
static size_t likely_bytes(const uint8_t *p, size_t size)
{
    const struct dbn_layout *l = dbn_layout_of(p[1], size);
    if (!l || (size != l->size && size != (size_t)l->size + DBN_TS_OUT_SIZE))
        return 0;
    uint64_t years = dbn_load_u64(p + 8) >> 56;
    return years >= 0x0D && years < 0x20 ? 2 * size : size;
}

/* A record cut off by the window's end does not count: what would follow it, nobody sees. */
static void follow(struct chains *c, const uint8_t *p, size_t n, size_t step)
{
    for (size_t k = (n + step - 1) / step; k-- > 0;) {
        size_t i = k * step, size = dbn_record_size(p + i), next = i + size;
        bool inside = next < n;
        c->through[i] = 0;
        c->likely[i] = 0;
        c->last[i] = size < DBN_HEADER_SIZE ? DEAD : inside ? c->last[next] : (uint16_t)i;
        if (inside && c->last[i] != DEAD)
            c->likely[i] = (uint16_t)(c->likely[next] + likely_bytes(p + i, size));
    }
}

/* The last place of the likeliest chain, and of several the first. DEAD: there is none. */
static uint16_t best_chain(const struct chains *c, size_t n, size_t step)
{
    size_t best = DEAD;
    for (size_t i = 0; i < n && i < DBN_MAX_RECORD; i += step)
        if (c->last[i] != DEAD && (best == DEAD || c->likely[i] > c->likely[best]))
            best = i;
    return best == DEAD ? DEAD : c->last[best];
}

/* Counts at each place the chains that pass there and have this last one. How many there are. */
static unsigned count(struct chains *c, const uint8_t *p, size_t n, size_t step, uint16_t last)
{
    unsigned chains = 0;
    for (size_t i = 0; i < n; i += step) {
        if (c->last[i] != last)
            continue;
        if (i < DBN_MAX_RECORD) {
            c->through[i]++;
            chains++;
        }
        size_t next = i + dbn_record_size(p + i);
        if (next < n)
            c->through[next] = (uint16_t)(c->through[next] + c->through[i]);
    }
    return chains;
}

/* Taking the chains from the heap would count as an allocation of the decode. */
#pragma GCC diagnostic ignored "-Wframe-larger-than="
bool dbn_split_guess(const uint8_t *p, size_t n, size_t step, size_t *guess)
{
    struct chains c;
    follow(&c, p, n, step);
    uint16_t last = best_chain(&c, n, step);
    if (last == DEAD)
        return false;
    unsigned chains = count(&c, p, n, step, last);
    *guess = 0;
    while (c.through[*guess] != chains)
        *guess += step;
    return true;
}
