/* Every text of every record kept as a C string, which ends with a NUL, as the file's need not. Either each as a copy
 * of its own, as naive decoders keep them, or each distinct one once, found again by its hash. What other fields there
 * are does not matter here. */
#include "../../dbn/tables.h"
#include "../../dbn/walk.h"
#include "arena.h"
#include "digest.h"
#include "layouts.h"
#include "sink.h"

#include <assert.h>
#include <stdlib.h>

/* A text of a layout. */
struct text {
    uint16_t at, size;
};
enum { MOST_TEXTS = 32, FIRST_PLACES = 64 };

/* A string of which there are no others like it. */
struct distinct {
    uint64_t hash; /* XXH3 of the string that is kept, so that a sum of hashes is of that */
    const char *text;
    size_t length;
};

extern const struct sink sink_strings;

struct strings {
    struct tally tally;
    struct sink_facts facts;
    const char **kept;
    size_t used, room;
    uint64_t keep, held;    /* bytes, with the pointers to them */
    bool failed, once;      /* memory ran out; each distinct one is kept once */
    struct distinct *table; /* open addressing; text NULL: none */
    size_t places, taken;
    struct arena arena;                     /* of the texts in the table */
    struct text texts[LAYOUTS][MOST_TEXTS]; /* a size of 0 ends them */
};

static void find_texts(struct text *texts, const struct dbn_layout *layout)
{
    size_t n = 0;
    for (size_t i = 0; i < layout->fields; i++)
        if (layout->field[i].type == DBN_TYPE_TEXT) {
            assert(n + 1 < MOST_TEXTS);
            texts[n++] = (struct text){layout->field[i].offset, layout->field[i].size};
        }
}

static int strings_begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    struct strings *s = self;
    s->once = sink == &sink_strings;
    s->keep = plan->keep;
    for (size_t i = 0; i < DBN_LAYOUTS; i++)
        find_texts(s->texts[1 + i], &dbn_layout[i]);
    return 0;
}

static void clear(struct strings *s)
{
    for (size_t i = 0; !s->once && i < s->used; i++)
        free((char *)s->kept[i]);
    free(s->kept);
    free(s->table);
    arena_clear(&s->arena);
    s->kept = NULL;
    s->table = NULL;
    s->used = s->room = s->places = s->taken = 0;
    s->held = 0;
}

static bool remember(struct strings *s, const char *text)
{
    if (s->used == s->room) {
        size_t room = s->room ? s->room * 2 : 64;
        const char **kept = reallocarray(s->kept, room, sizeof *kept);
        if (!kept)
            return false;
        s->kept = kept;
        s->room = room;
    }
    s->kept[s->used++] = text;
    s->held += sizeof text;
    return true;
}

static bool keep_copy(struct strings *s, const uint8_t *p, size_t n, uint64_t offset)
{
    char *text = malloc(n + 1);
    if (!text)
        return false;
    memcpy(text, p, n);
    text[n] = '\0';
    s->held += n + 1;
    s->facts.string_bytes += n + 1;
    s->tally.digest += digest_text(digest_xxh3((const uint8_t *)text, strlen(text)), offset);
    if (remember(s, text))
        return true;
    free(text);
    return false;
}

/* Where this string is, or would be. */
static struct distinct *place_of(struct distinct *table, size_t places, uint64_t hash, const void *p, size_t n)
{
    size_t i = (size_t)hash & (places - 1);
    while (table[i].text && (table[i].hash != hash || table[i].length != n || memcmp(table[i].text, p, n) != 0))
        i = (i + 1) & (places - 1);
    return &table[i];
}

static bool grow_table(struct strings *s)
{
    size_t places = s->places ? s->places * 2 : FIRST_PLACES;
    struct distinct *table = calloc(places, sizeof *table);
    if (!table)
        return false;
    for (size_t i = 0; i < s->places; i++) {
        const struct distinct *d = &s->table[i];
        if (d->text)
            *place_of(table, places, d->hash, d->text, d->length) = *d;
    }
    free(s->table);
    s->table = table;
    s->places = places;
    return true;
}

static bool add_distinct(struct strings *s, struct distinct *d, const uint8_t *p, size_t n)
{
    char *text = arena_take(&s->arena, n + 1, 1);
    if (!text)
        return false;
    memcpy(text, p, n);
    text[n] = '\0';
    *d = (struct distinct){digest_xxh3((const uint8_t *)text, strlen(text)), text, n};
    s->taken++;
    s->held += n + 1 + sizeof *d;
    s->facts.distinct++;
    s->facts.string_bytes += n + 1;
    return true;
}

static bool keep_once(struct strings *s, const uint8_t *p, size_t n, uint64_t offset)
{
    if (s->taken >= s->places / 2 && !grow_table(s))
        return false;
    struct distinct *d = place_of(s->table, s->places, digest_xxh3(p, n), p, n);
    if (d->text)
        s->facts.saved_bytes += n + 1;
    else if (!add_distinct(s, d, p, n))
        return false;
    s->tally.digest += digest_text(d->hash, offset);
    return remember(s, d->text);
}

DBN_INLINE void strings_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    struct strings *s = state;
    (void)size;
    for (const struct text *t = s->texts[layouts_at(p)]; t->size && !s->failed; t++) {
        size_t n = strnlen((const char *)p + t->at, t->size);
        s->facts.strings++;
        s->failed = !(s->once ? keep_once : keep_copy)(s, p + t->at, n, offset + t->at);
    }
}

DBN_INLINE const uint8_t *strings_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    struct strings *s = state;
    size_t size = dbn_record_size(p);
    const uint8_t *last = end - size;
    uint16_t kind = dbn_kind(p);
    bool has_texts = s->texts[layouts_at(p)]->size;
    for (; dbn_run_goes_on(p, last, kind); p += size, offset += size)
        if (has_texts)
            strings_one(s, p, size, offset);
    return p;
}

static size_t take_piece(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct strings *s = self;
    if (s->held > s->keep)
        clear(s);
    size_t taken = dbn_take(s, p, n, offset, &s->tally.records, strings_one, strings_run);
    s->tally.bytes += taken;
    return s->failed ? DBN_NO_MEMORY : taken;
}

static size_t strings_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    return sink_take_pieces(self, p, n, offset, SINK_PIECE, take_piece);
}

static struct sink_facts strings_facts(const void *self)
{
    struct sink_facts facts = ((const struct strings *)self)->facts;
    facts.copied = facts.string_bytes;
    return facts;
}

static void strings_end(void *self, struct tally *t)
{
    struct strings *s = self;
    *t = s->tally;
    clear(s);
    free(s);
}

#define STRINGS(id, name_of_it, how)                                                                                   \
    const struct sink sink_##id = {                                                                                    \
        .name = name_of_it,                                                                                            \
        .summary = how,                                                                                                \
        .looks = SINK_LOOKS_AT_RECORDS,                                                                                \
        .expect = expect_strings,                                                                                      \
        .size = sizeof(struct strings),                                                                                \
        .begin = strings_begin,                                                                                        \
        .take = strings_take,                                                                                          \
        .end = strings_end,                                                                                            \
        .facts = strings_facts,                                                                                        \
        .keeps = true,                                                                                                 \
    };
STRINGS(strings, "strings", "keep every text as a C string, each distinct one once")
STRINGS(strings_copy, "strings-copy", "keep every text as a C string, each in memory of its own")
