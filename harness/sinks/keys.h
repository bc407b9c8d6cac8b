/* What is counted for each instrument or day: a table that grows with the keys that come. */
#ifndef HARNESS_KEYS_H
#define HARNESS_KEYS_H

#include "digest.h"

struct keyed {
    uint32_t key;
    uint32_t number; /* in the order in which keys came, from 1 on; 0: there is none at this place */
    uint64_t records, bytes;
};

/* All zero is an empty one; its owner frees `place`. */
struct keys {
    struct keyed *place; /* open addressing; at most half of them are taken */
    size_t places, taken;
};

DBN_INLINE struct keyed *keys_place(const struct keys *k, uint32_t key)
{
    size_t i = digest_key(key) & (k->places - 1);
    while (k->place[i].number && k->place[i].key != key)
        i = (i + 1) & (k->places - 1);
    return &k->place[i];
}

/* Adds a key that has no place yet. NULL if memory ran out. */
struct keyed *keys_add(struct keys *k, uint32_t key);

/* The key's place, in a new one if need be. NULL if memory ran out. It stays until the next key is added. */
DBN_INLINE struct keyed *keys_find(struct keys *k, uint32_t key)
{
    struct keyed *at = k->places ? keys_place(k, key) : NULL;
    return at && at->number ? at : keys_add(k, key);
}

/* How records are told apart. The day is that of ts_event, in UTC, from 1970 on. */
#define NS_A_DAY (UINT64_C(86400) * 1000000000)
DBN_INLINE uint32_t key_instrument(const uint8_t *p)
{
    return dbn_load_u32(p + 4);
}
DBN_INLINE uint32_t key_day(const uint8_t *p)
{
    return (uint32_t)(dbn_load_u64(p + 8) / NS_A_DAY);
}

#endif
