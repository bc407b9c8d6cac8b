/* What options set. */
#include "command.h"

#include <errno.h>
#include <inttypes.h>
#include <stdlib.h>

/* --- numbers and texts --- */

static void store(const struct option_row *o, void *to, uint64_t value)
{
    uint8_t byte = (uint8_t)value;
    unsigned word = (unsigned)value;
    if (o->size == sizeof value)
        memcpy(to, &value, sizeof value);
    else if (o->size == sizeof word)
        memcpy(to, &word, sizeof word);
    else
        memcpy(to, &byte, sizeof byte);
}

bool set_flag(const struct option_row *o, const char *value, void *to, char *why)
{
    (void)value, (void)why;
    store(o, to, true);
    return true;
}

bool set_text(const struct option_row *o, const char *value, void *to, char *why)
{
    (void)o, (void)why;
    *(const char **)to = value;
    return true;
}

/* A plain decimal number from min to max, with nothing behind it. */
static bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *value >= min && *value <= max;
}

/* "65536", "64K", "1M", "2G" (powers of 1024), up to max. */
static bool parse_size(const char *text, uint64_t max, uint64_t *value)
{
    char digits[24];
    size_t n = strspn(text, "0123456789");
    if (n >= sizeof digits)
        return false;
    memcpy(digits, text, n);
    digits[n] = '\0';
    const char *unit = text + n;
    unsigned shift = *unit == 'K' ? 10 : *unit == 'M' ? 20 : *unit == 'G' ? 30 : 0;
    if (!parse_number(digits, 1, max >> shift, value) || unit[shift ? 1 : 0] != '\0')
        return false;
    *value <<= shift;
    return true;
}

bool set_number(const struct option_row *o, const char *value, void *to, char *why)
{
    uint64_t n;
    snprintf(why, OPTION_WHY, "'%s' is not a number from %" PRIu64 " to %" PRIu64, value, o->min, o->max);
    if (!parse_number(value, o->min, o->max, &n))
        return false;
    store(o, to, n);
    return true;
}

static void say_size(uint64_t size, char *text, size_t room)
{
    static const char *const units[] = {"", "K", "M", "G"};
    unsigned unit = 0;
    while (unit < 3 && size % 1024 == 0) {
        size /= 1024;
        unit++;
    }
    snprintf(text, room, "%" PRIu64 "%s", size, units[unit]);
}

bool set_size(const struct option_row *o, const char *value, void *to, char *why)
{
    uint64_t n;
    char most[32];
    say_size(o->max, most, sizeof most);
    snprintf(why, OPTION_WHY, "'%s' is not a size up to %s", value, most);
    if (!parse_size(value, o->max, &n))
        return false;
    store(o, to, n);
    return true;
}

/* --- lists --- */

/* The setter is that of one element; an element that is there already is not put in again. */
static bool set_elements(const struct option_row *o, const char *value, void *to, char *why, option_setter *set,
                         size_t element)
{
    size_t n = 0, most = o->size / element - 1;
    struct option_row one = *o;
    char *copy = strdup(value), *rest = copy, *word;
    bool good = true;
    one.size = element;
    while (good && (word = strsep(&rest, ",")) != NULL) {
        char *place = (char *)to + n * element, *same = to;
        if (n == most) {
            snprintf(why, OPTION_WHY, "'%s' are more than %zu", value, most);
            good = false;
            break;
        }
        good = set(&one, word, place, why);
        while (same < place && memcmp(same, place, element) != 0)
            same += element;
        n += same == place;
    }
    memset((char *)to + n * element, 0, element);
    free(copy);
    return good;
}

bool set_numbers(const struct option_row *o, const char *value, void *to, char *why)
{
    return set_elements(o, value, to, why, set_number, sizeof(unsigned));
}

bool set_sizes(const struct option_row *o, const char *value, void *to, char *why)
{
    return set_elements(o, value, to, why, set_size, sizeof(size_t));
}

/* --- words, of which an option has a few, and names, of which there are many --- */

static const char *nth_known(const void *option, size_t i)
{
    const struct option_row *o = option;
    return o->words ? o->words[i] : o->names->name(i);
}

static const void *find_word(const char *const *words, const char *value)
{
    while (*words && strcmp(*words, value) != 0)
        words++;
    return *words ? words : NULL;
}

/* What names.find_more() finds; NULL and why, which may be "". */
static const void *const *find_more(const struct option_row *o, const char *value, char *why)
{
    why[0] = '\0';
    bool may = o->names && o->names->find_more && !o->names->find(value);
    return may ? o->names->find_more(value, why) : NULL;
}

/* A set of data sets is a name of each of them. */
static bool is_before(const struct option_row *o, size_t i)
{
    size_t k = 0;
    while (k < i && strcmp(nth_known(o, k), nth_known(o, i)) != 0)
        k++;
    return k < i;
}

/* What is found, or where the word is in the list of words; NULL and why. */
static const void *find(const struct option_row *o, const char *value, char *why)
{
    const void *found = o->words ? find_word(o->words, value) : o->names->find(value);
    char near[256];
    if (found)
        return found;
    suggest(value, nth_known, o, "", near, sizeof near);
    const char *what = o->names ? o->names->what : "word";
    int n = snprintf(why, OPTION_WHY, "unknown %s '%.100s'%s (", what, value, near);
    for (size_t i = 0; nth_known(o, i) && n < OPTION_WHY; i++)
        if (!is_before(o, i))
            n += snprintf(why + n, OPTION_WHY - (size_t)n, "%s%s", i ? ", " : "", nth_known(o, i));
    if (n < OPTION_WHY)
        n += snprintf(why + n, OPTION_WHY - (size_t)n, ")");
    if (n >= OPTION_WHY && o->names)
        snprintf(why, OPTION_WHY, "unknown %s '%.100s'%s (list: %s)", what, value, near, o->names->list);
    return NULL;
}

bool set_word(const struct option_row *o, const char *value, void *to, char *why)
{
    const char *const *found = find(o, value, why);
    if (found)
        *(const char **)to = *found;
    return found != NULL;
}

bool set_index(const struct option_row *o, const char *value, void *to, char *why)
{
    const char *const *found = find(o, value, why);
    if (found)
        store(o, to, (uint64_t)(found - o->words));
    return found != NULL;
}

bool set_name(const struct option_row *o, const char *value, void *to, char *why)
{
    const void *const *more = find_more(o, value, why);
    if (more && more[1])
        snprintf(why, OPTION_WHY, "'%.100s' means several, and only one can be given", value);
    if (*why)
        return false;
    const void *found = more ? more[0] : find(o, value, why);
    if (found)
        *(const void **)to = found;
    return found != NULL;
}

bool set_names(const struct option_row *o, const char *value, void *to, char *why)
{
    char *copy = strdup(value), *rest = copy, *word;
    bool good = true;
    while (good && (word = strsep(&rest, ",")) != NULL)
        good = (o->names && strcmp(word, "all") == 0) || find(o, word, why);
    *(const char **)to = value;
    free(copy);
    return good;
}

static bool is_among(const void *const *list, const void *one)
{
    while (*list && *list != one)
        list++;
    return *list != NULL;
}

/* An array that ends with NULL. */
struct list {
    const void **of;
    size_t n;
};

static void add(struct list *l, const void *one)
{
    if (is_among(l->of, one))
        return;
    l->of = reallocarray(l->of, l->n + 2, sizeof *l->of);
    l->of[l->n++] = one;
    l->of[l->n] = NULL;
}

static bool add_word(struct list *l, const struct option_row *o, const char *word, char *why)
{
    if (strcmp(word, "all") == 0) {
        for (size_t i = 0; o->names->name(i); i++)
            add(l, o->names->find(o->names->name(i)));
        return true;
    }
    const void *const *more = find_more(o, word, why);
    for (size_t i = 0; more && more[i]; i++)
        add(l, more[i]);
    const void *one = more || *why ? NULL : find(o, word, why);
    if (one)
        add(l, one);
    return more || one;
}

bool set_list(const struct option_row *o, const char *value, void *to, char *why)
{
    struct list l = {.of = calloc(1, sizeof *l.of)};
    char *copy = strdup(value), *rest = copy, *word;
    bool good = true;
    while (good && (word = strsep(&rest, ",")) != NULL)
        good = add_word(&l, o, word, why);
    free(copy);
    free(*(void **)to);
    *(const void ***)to = l.of;
    return good;
}
