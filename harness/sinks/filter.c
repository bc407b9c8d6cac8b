/* How the sink `filter` is asked for. */
#include "filter.h"

#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

/* Decimal digits and nothing else. */
static bool parse_number(const char *text, uint64_t max, uint64_t *value)
{
    *value = 0;
    for (const char *c = text; *c; c++) {
        uint64_t digit = (uint64_t)*c - '0';
        if (digit > 9 || *value > (max - digit) / 10)
            return false;
        *value = *value * 10 + digit;
    }
    return *text != '\0';
}

/* ".123", or nothing. Returns what is behind it. */
static const char *parse_fraction(const char *text, uint64_t *ns)
{
    *ns = 0;
    if (*text != '.')
        return text;
    text++;
    for (uint64_t unit = 100000000; unit && *text >= '0' && *text <= '9'; unit /= 10)
        *ns += unit * (uint64_t)(*text++ - '0');
    return text;
}

/* Nanoseconds since 1970; or a date, or date and time, in UTC. */
static bool parse_time(const char *text, uint64_t *ns)
{
    static const char *const formats[] = {"%Y-%m-%dT%H:%M:%S", "%Y-%m-%dT%H:%M", "%Y-%m-%d"};
    if (parse_number(text, UINT64_MAX, ns))
        return true;
    for (size_t i = 0; i < sizeof formats / sizeof formats[0]; i++) {
        struct tm tm = {0};
        const char *rest = strptime(text, formats[i], &tm);
        if (!rest)
            continue;
        rest = parse_fraction(rest, ns);
        time_t seconds = timegm(&tm);
        *ns += (uint64_t)seconds * 1000000000;
        return strcmp(rest + (*rest == 'Z'), "") == 0 && seconds >= 0 && (uint64_t)seconds < UINT64_MAX / 1000000000;
    }
    return false;
}

static bool add_value(uint32_t *values, size_t *n, uint64_t value, char *why, size_t size)
{
    snprintf(why, size, "a filter takes at most %d instruments, and as many publishers", FILTER_VALUES);
    if (*n == FILTER_VALUES)
        return false;
    values[(*n)++] = (uint32_t)value;
    return true;
}

static bool set_one(struct filter *f, const char *key, const char *value, char *why, size_t size)
{
    uint64_t number;
    snprintf(why, size, "'%.60s' is no value of %.20s", value, key);
    if (strcmp(key, "instrument") == 0)
        return parse_number(value, UINT32_MAX, &number) && add_value(f->instrument, &f->instruments, number, why, size);
    if (strcmp(key, "publisher") == 0)
        return parse_number(value, UINT16_MAX, &number) && add_value(f->publisher, &f->publishers, number, why, size);
    bool from = strcmp(key, "from") == 0;
    f->timed |= from || strcmp(key, "to") == 0;
    if (f->timed)
        return parse_time(value, from ? &f->from : &f->to);
    snprintf(why, size, "a filter has no '%.60s' (instrument, publisher, from, to)", key);
    return false;
}

/* The next "KEY=VALUE", cut off and cut in two; NULL: there is none. Times have colons too: a key begins with a letter.
 */
static char *next_pair(char **rest, char **value)
{
    char *key = *rest, *end = key;
    if (!key)
        return NULL;
    while ((end = strchr(end, ':')) != NULL && end[1] >= '0' && end[1] <= '9')
        end++;
    if (end)
        *end++ = '\0';
    *rest = end;
    *value = strchr(key, '=');
    if (*value)
        *(*value)++ = '\0';
    return key;
}

const void *filter_parse(const char *parameters, char *why, size_t size)
{
    struct filter *f = calloc(1, sizeof *f);
    char *copy = strdup(parameters), *rest = copy, *key, *value;
    bool good = f && copy;
    snprintf(why, size, "memory ran out");
    if (good)
        f->to = UINT64_MAX;
    while (good && (key = next_pair(&rest, &value)) != NULL)
        good = set_one(f, key, value ? value : "", why, size);
    if (good && f->to <= f->from) {
        snprintf(why, size, "from must be before to");
        good = false;
    }
    free(copy);
    if (!good)
        free(f);
    return good ? f : NULL;
}
