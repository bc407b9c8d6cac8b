#include "described.h"

#include "../results/fields.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static struct kept {
    struct kept *next;
    _Alignas(16) char bytes[];
} * kept;

void *described_keep(size_t size)
{
    struct kept *k = calloc(1, sizeof *k + size);
    k->next = kept;
    kept = k;
    return k->bytes;
}

const char *described_keep_text(const char *text)
{
    return strcpy(described_keep(strlen(text) + 1), text);
}

enum type { TEXT, WORDS, COMMANDS, YES, NUMBER, MODES };
static const char *const expected[] = {
    [TEXT] = "a text",
    [WORDS] = "a list of texts",
    [COMMANDS] = "a list of lists of texts",
    [YES] = "true or false",
    [NUMBER] = "a number from 0 to 1000000",
    [MODES] = "a list of objects",
};

#define KEY(type, key, of_modes)                                                                                       \
    {                                                                                                                  \
#key, type, of_modes, offsetof(struct described, key)                                                          \
    }
static const struct key {
    const char *name;
    enum type type;
    bool of_modes;
    size_t at;
} keys[] = {
    KEY(TEXT, name, true),   KEY(TEXT, summary, true), KEY(WORDS, needs, false), KEY(COMMANDS, build, false),
    KEY(WORDS, start, true), KEY(WORDS, sinks, true),  KEY(YES, zstd, true),     KEY(YES, threads, true),
    KEY(NUMBER, warm, true), KEY(TEXT, does, true),    KEY(MODES, modes, false),
};
enum { KEYS = sizeof keys / sizeof keys[0], WARM_MOST = 1000000 };

/* NULL: it is no list of texts. */
static const char *const *words_of(const json_t *list)
{
    const char **words = described_keep((json_array_size(list) + 1) * sizeof *words);
    bool all = json_is_array(list);
    for (size_t i = 0; all && i < json_array_size(list); i++) {
        const char *word = json_string_value(json_array_get(list, i));
        all = word != NULL;
        words[i] = all ? described_keep_text(word) : NULL;
    }
    return all ? words : NULL;
}

static const char *const *const *commands_of(const json_t *list)
{
    const char *const **commands = described_keep((json_array_size(list) + 1) * sizeof *commands);
    bool all = json_is_array(list);
    for (size_t i = 0; all && i < json_array_size(list); i++) {
        commands[i] = words_of(json_array_get(list, i));
        all = commands[i] && commands[i][0];
    }
    return all ? commands : NULL;
}

static bool set(const struct key *k, const json_t *value, struct described *d)
{
    void *to = (char *)d + k->at;
    const json_t *item;
    size_t i;
    switch (k->type) {
    case TEXT:
        return json_is_string(value) && (*(const char **)to = described_keep_text(json_string_value(value))) != NULL;
    case WORDS:
        return (*(const char *const **)to = words_of(value)) != NULL;
    case COMMANDS:
        return (*(const char *const *const **)to = commands_of(value)) != NULL;
    case YES:
        *(bool *)to = json_is_true(value);
        return json_is_boolean(value);
    case NUMBER:
        *(unsigned *)to = (unsigned)json_integer_value(value);
        return json_is_integer(value) && json_integer_value(value) >= 0 && json_integer_value(value) <= WARM_MOST;
    case MODES:
        *(const json_t **)to = value;
        json_array_foreach(value, i, item) if (!json_is_object(item)) return false;
        return json_array_size(value) > 0;
    }
    return false;
}

bool described_wrong(const struct place *p, const char *key, const char *what, const char *instead)
{
    char mode[32] = "";
    if (p->mode > 0)
        snprintf(mode, sizeof mode, "modes[%zu], ", p->mode - 1);
    snprintf(p->why, p->size, "%s: %s%s: %s%s", p->path, mode, key, what, instead);
    sample_clean_text(p->why);
    return false;
}

bool described_read(const json_t *object, const struct place *p, struct described *d)
{
    const char *name;
    json_t *value;
    json_object_foreach((json_t *)object, name, value)
    {
        const struct key *k = keys;
        while (k < keys + KEYS && strcmp(k->name, name) != 0)
            k++;
        if (k == keys + KEYS || (p->mode > 0 && !k->of_modes))
            return described_wrong(p, name, "there is no such key", p->mode > 0 ? " of a mode" : "");
        if (!set(k, value, d))
            return described_wrong(p, name, "it must be ", expected[k->type]);
    }
    return true;
}
