#include "strings_table.h"

#include "digest.h"

#include <stdlib.h>
#include <string.h>

enum { FIRST_ROOM = 64 };

/* Where this string is, or would be. */
static size_t place_of(const struct strings_entry *entries, size_t room, uint64_t hash, const void *p, size_t n)
{
    size_t i = (size_t)hash & (room - 1);
    while (entries[i].text && (entries[i].hash != hash || entries[i].length != n || memcmp(entries[i].text, p, n) != 0))
        i = (i + 1) & (room - 1);
    return i;
}

static bool grow(struct strings_table *t)
{
    size_t room = t->room ? t->room * 2 : FIRST_ROOM;
    struct strings_entry *entries = calloc(room, sizeof *entries);
    if (!entries)
        return false;
    for (size_t i = 0; i < t->room; i++) {
        const struct strings_entry *e = &t->entries[i];
        if (e->text)
            entries[place_of(entries, room, e->hash, e->text, e->length)] = *e;
    }
    free(t->entries);
    t->entries = entries;
    t->room = room;
    return true;
}

/* The hash is that of the copy, so that a sum of hashes is of what is kept. */
static bool add(struct strings_table *t, struct strings_entry *e, const uint8_t *p, size_t n)
{
    char *text = arena_take(&t->arena, n + 1, 1);
    if (!text)
        return false;
    memcpy(text, p, n);
    text[n] = '\0';
    *e = (struct strings_entry){digest_xxh3((const uint8_t *)text, strlen(text)), text, n};
    t->used++;
    return true;
}

const struct strings_entry *strings_table_find(struct strings_table *t, const uint8_t *p, size_t n)
{
    if (t->used >= t->room / 2 && !grow(t))
        return NULL;
    struct strings_entry *e = &t->entries[place_of(t->entries, t->room, digest_xxh3(p, n), p, n)];
    return e->text || add(t, e, p, n) ? e : NULL;
}

void strings_table_clear(struct strings_table *t)
{
    free(t->entries);
    arena_clear(&t->arena);
    *t = (struct strings_table){0};
}
