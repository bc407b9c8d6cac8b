#include "execute.h"

#include "../dbn/record.h"

DBN_INLINE void copy_16(uint8_t *to, const uint8_t *from)
{
    memcpy(to, from, 16);
}

/* n bytes, and up to 31 more. They may overlap where from lies 16 bytes or more before to. */
DBN_INLINE void copy_long(uint8_t *to, const uint8_t *from, size_t n)
{
    for (size_t at = 0; at < n; at += 32) {
        copy_16(to + at, from + at);
        copy_16(to + at + 16, from + at + 16);
    }
}

/* From fewer than 16 bytes before: they repeat. */
static void copy_near(uint8_t *to, size_t offset, size_t n)
{
    const uint8_t *from = to - offset;
    size_t done = 0;
    for (; done < 16; done++)
        to[done] = from[done];
    size_t period = offset * (16 / offset); /* from now on the bytes so far before are the same, and far enough */
    for (; done < n; done += 8)
        memcpy(to + done, to + done - period, 8);
}

/* What an offset that depends on earlier blocks comes to; 0: none. */
static uint32_t resolve(const uint32_t left[3], uint32_t offset)
{
    if (offset <= OFFSET_MAX)
        return offset;
    uint32_t which = (offset - OFFSET_MAX - 1) / OFFSET_NUMBERS, number = OFFSET_LEFT(which) - offset;
    return number < left[which] ? left[which] - number : 0;
}

/* `reach`: how far before `to` there is something. */
static bool run(const struct block *b, const uint32_t left[3], uint64_t reach, uint64_t window, uint8_t *to)
{
    const uint8_t *literals = b->literals, *begin = to;
    for (const uint64_t *s = b->sequences, *end = s + b->sequences_n; s < end; s++) {
        size_t n = SEQUENCE_LITERALS(*s), match = SEQUENCE_MATCH(*s), offset = SEQUENCE_OFFSET(*s);
        copy_16(to, literals);
        if (__builtin_expect(n > 16, 0))
            copy_long(to + 16, literals + 16, n - 16);
        to += n;
        literals += n;
        if (__builtin_expect(offset > OFFSET_MAX, 0)) {
            offset = resolve(left, (uint32_t)offset);
            if (offset == 0 || offset > window)
                return false;
        }
        if (__builtin_expect(offset > reach + (size_t)(to - begin), 0))
            return false;
        if (__builtin_expect(offset >= 16, 1)) {
            copy_16(to, to - offset);
            copy_16(to + 16, to - offset + 16);
            if (__builtin_expect(match > 32, 0))
                copy_long(to + 32, to - offset + 32, match - 32);
        } else {
            copy_near(to, offset, match);
        }
        to += match;
    }
    memcpy(to, literals, b->literals_n - (size_t)(literals - b->literals));
    return true;
}

bool execute(struct execution *e, const struct block_claim *claim, const struct walk_place *place,
             const struct block *b, uint8_t *to)
{
    if (place->first) {
        *e = (struct execution){.offsets = {1, 4, 8}};
        XXH64_reset(&e->checksum, 0);
    }
    if (!run(b, e->offsets, e->size < claim->window ? e->size : claim->window, claim->window, to))
        return false;
    uint32_t offsets[3];
    for (int i = 0; i < 3; i++) {
        offsets[i] = resolve(e->offsets, b->offsets[i]);
        if (offsets[i] == 0)
            return false;
    }
    memcpy(e->offsets, offsets, sizeof offsets);
    e->size += b->size;
    if (place->known && (place->last ? e->size != place->content : e->size > place->content))
        return false;
    if (place->has_checksum)
        XXH64_update(&e->checksum, to, b->size);
    return !place->last || !place->has_checksum || (uint32_t)XXH64_digest(&e->checksum) == place->checksum;
}
