/* Where chains come from: the table, a text, a stored run. */
#include "phases.h"

#include <errno.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { FIELDS = 10 };

const char *const phase_frees_names[] = {"nothing", "reading", "keeping", "threads", NULL};

enum { ALL = -1 };

static const struct entry {
    const char *chain, *name, *backend, *sink;
    int threads, split;
    bool many;
    const char *against;
    double low, high;
    enum phase_frees frees;
} table[] = {
#define PHASE(chain, name, backend, sink, threads, split, many, against, low, high, frees)                             \
    {chain, name, backend, sink, threads, split, many, against, low, high, FREES_##frees},
#include "phases.def"
};

static bool add(struct phase_chain *chain, const struct phase *p)
{
    if (chain->count == PHASES_MOST)
        return false;
    struct phase own = *p;
    if (!*own.against && chain->count > 0)
        memcpy(own.against, chain->phase[chain->count - 1].name, PHASE_NAME);
    chain->phase[chain->count++] = own;
    return true;
}

bool phase_chain_find(const char *name, unsigned cores, struct phase_chain *chain)
{
    *chain = (struct phase_chain){0};
    snprintf(chain->name, sizeof chain->name, "%s", name);
    for (size_t i = 0; i < sizeof table / sizeof table[0]; i++) {
        const struct entry *e = &table[i];
        struct phase p = {
            .threads = e->threads == ALL ? cores : (unsigned)e->threads,
            .split = e->split == ALL ? cores : (unsigned)e->split,
            .many = e->many,
            .low = e->low == ALL ? cores : e->low,
            .high = e->high == ALL ? cores : e->high,
            .frees = e->frees,
        };
        if (strcmp(e->chain, name) != 0)
            continue;
        snprintf(p.name, sizeof p.name, "%s", e->name);
        snprintf(p.backend, sizeof p.backend, "%s", e->backend);
        snprintf(p.sink, sizeof p.sink, "%s", e->sink);
        snprintf(p.against, sizeof p.against, "%s", e->against ? e->against : "");
        add(chain, &p);
    }
    return chain->count > 0;
}

/* --- a text --- */

static bool get_text(const char *word, char *to, size_t size)
{
    if (!*word || strlen(word) >= size)
        return false;
    snprintf(to, size, "%s", word);
    return true;
}

static bool get_count(const char *word, unsigned cores, unsigned *to)
{
    char *end;
    unsigned long value = strcmp(word, "all") == 0 ? cores : strtoul(word, &end, 10);
    *to = (unsigned)value;
    return value >= 1 && value <= 1024 && (strcmp(word, "all") == 0 || (*word >= '0' && *word <= '9' && !*end));
}

/* Independent of the locale: digits, a point, digits. */
static bool get_factor(const char *word, double *to)
{
    size_t whole = strspn(word, "0123456789");
    const char *rest = word + whole + (word[whole] == '.');
    *to = 0;
    if (strcmp(word, "-") == 0)
        return true;
    if (whole == 0 || rest[strspn(rest, "0123456789")] != '\0')
        return false;
    double part = 0.1;
    for (size_t i = 0; i < whole; i++)
        *to = *to * 10 + (word[i] - '0');
    for (; word[whole] == '.' && *rest; rest++, part /= 10)
        *to += part * (*rest - '0');
    return *to > 0;
}

static bool get_frees(const char *word, enum phase_frees *to)
{
    for (size_t i = 0; phase_frees_names[i]; i++)
        if (strcmp(word, phase_frees_names[i]) == 0 || (i == 0 && strcmp(word, "-") == 0)) {
            *to = (enum phase_frees)i;
            return true;
        }
    return false;
}

static const char *const field_names[FIELDS] = {"name",  "backend", "sink", "threads", "split",
                                                "files", "against", "low",  "high",    "frees"};

/* The index of the field that is wrong, or FIELDS. */
static size_t get_phase(char *const field[FIELDS], unsigned cores, struct phase *p)
{
    bool first = strcmp(field[6], "-") == 0;
    p->many = strcmp(field[5], "many") == 0;
    const bool right[FIELDS] = {
        get_text(field[0], p->name, sizeof p->name),
        get_text(field[1], p->backend, sizeof p->backend),
        get_text(field[2], p->sink, sizeof p->sink),
        get_count(field[3], cores, &p->threads),
        get_count(field[4], cores, &p->split),
        p->many || strcmp(field[5], "one") == 0,
        first || get_text(field[6], p->against, sizeof p->against),
        get_factor(field[7], &p->low),
        get_factor(field[8], &p->high) && p->high >= p->low,
        get_frees(field[9], &p->frees),
    };
    size_t i = 0;
    while (i < FIELDS && right[i])
        i++;
    return i;
}

static bool is_named(const struct phase_chain *chain, const char *name)
{
    bool named = false;
    for (size_t i = 0; i < chain->count; i++)
        named |= strcmp(chain->phase[i].name, name) == 0;
    return named;
}

static int parse_line(char *line, unsigned cores, struct phase_chain *chain, char *why, size_t size)
{
    char *field[FIELDS], *rest = line;
    struct phase p = {0};
    size_t n = 0;
    for (; rest && n < FIELDS; n++)
        field[n] = strsep(&rest, "\t");
    size_t wrong = n == FIELDS && !rest ? get_phase(field, cores, &p) : FIELDS;
    if (n < FIELDS || rest)
        snprintf(why, size, "not %d fields separated by tabs", FIELDS);
    else if (wrong < FIELDS)
        snprintf(why, size, "%s: %s", field_names[wrong], field[wrong]);
    else if (is_named(chain, p.name))
        snprintf(why, size, "a second step %s", p.name);
    else if (*p.against && !is_named(chain, p.against))
        snprintf(why, size, "no step %s stands before it", p.against);
    else if (!add(chain, &p))
        snprintf(why, size, "more than %d steps", PHASES_MOST);
    else
        return 0;
    return -EINVAL;
}

int phase_chain_parse(const char *name, const char *text, unsigned cores, struct phase_chain *chain, char *why,
                      size_t size)
{
    char *copy = strdup(text), *rest = copy, *line, reason[256];
    int rc = copy ? 0 : -ENOMEM;
    *chain = (struct phase_chain){0};
    snprintf(chain->name, sizeof chain->name, "%s", name);
    for (unsigned number = 1; rc == 0 && (line = strsep(&rest, "\n")) != NULL; number++) {
        line[strcspn(line, "\r")] = '\0';
        if (!*line || *line == '#')
            continue;
        rc = parse_line(line, cores, chain, reason, sizeof reason);
        if (rc)
            snprintf(why, size, "line %u: %s", number, reason);
    }
    free(copy);
    if (rc == 0 && chain->count == 0) {
        snprintf(why, size, "there is no step in it");
        rc = -EINVAL;
    }
    return rc;
}

/* --- a stored run --- */

json_t *phase_chain_to_json(const struct phase_chain *chain)
{
    json_t *steps = json_array();
    for (const struct phase *p = chain->phase; p < chain->phase + chain->count; p++)
        json_array_append_new(steps, json_pack("{s:s, s:s, s:s, s:i, s:i, s:b, s:s, s:f, s:f, s:s}", "name", p->name,
                                               "backend", p->backend, "sink", p->sink, "threads", (int)p->threads,
                                               "split", (int)p->split, "many", p->many, "against", p->against, "low",
                                               p->low, "high", p->high, "frees", phase_frees_names[p->frees]));
    return json_pack("{s:s, s:o}", "name", chain->name, "steps", steps);
}

bool phase_chain_from_json(const json_t *o, struct phase_chain *chain)
{
    const char *name = json_string_value(json_object_get(o, "name"));
    json_t *steps = json_object_get(o, "steps"), *step;
    size_t i;
    *chain = (struct phase_chain){0};
    if (!name || !get_text(name, chain->name, sizeof chain->name) || json_array_size(steps) > PHASES_MOST)
        return false;
    json_array_foreach(steps, i, step)
    {
        const char *own, *backend, *sink, *against, *frees;
        int threads, split, many;
        struct phase *p = &chain->phase[chain->count++];
        if (json_unpack(step, "{s:s, s:s, s:s, s:i, s:i, s:b, s:s, s:F, s:F, s:s}", "name", &own, "backend", &backend,
                        "sink", &sink, "threads", &threads, "split", &split, "many", &many, "against", &against, "low",
                        &p->low, "high", &p->high, "frees", &frees) < 0 ||
            !get_text(own, p->name, sizeof p->name) || !get_text(backend, p->backend, sizeof p->backend) ||
            !get_text(sink, p->sink, sizeof p->sink) || strlen(against) >= sizeof p->against || threads < 1 ||
            split < 1 || !get_frees(frees, &p->frees))
            return false;
        snprintf(p->against, sizeof p->against, "%s", against);
        p->threads = (unsigned)threads;
        p->split = (unsigned)split;
        p->many = many;
    }
    return chain->count > 0;
}
