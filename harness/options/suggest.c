/* What somebody may have meant who mistyped a name. */
#include "command.h"

#include <ctype.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>

enum { LONGEST = 63 };

static size_t least(size_t a, size_t b)
{
    return a < b ? a : b;
}

static int lower(char c)
{
    return tolower((unsigned char)c);
}

/* How many letters have to be put in, taken out, changed, or swapped with the next. Capitals are small letters. */
static size_t distance(const char *a, const char *b)
{
    size_t n = strlen(a), m = strlen(b), row[3][LONGEST + 1];
    if (n > LONGEST || m > LONGEST)
        return LONGEST;
    for (size_t k = 0; k <= m; k++)
        row[0][k] = k;
    for (size_t i = 1; i <= n; i++) {
        size_t *now = row[i % 3], *last = row[(i + 2) % 3], *before = row[(i + 1) % 3];
        now[0] = i;
        for (size_t k = 1; k <= m; k++) {
            now[k] = least(least(last[k], now[k - 1]) + 1, last[k - 1] + (lower(a[i - 1]) != lower(b[k - 1])));
            if (i > 1 && k > 1 && lower(a[i - 1]) == lower(b[k - 2]) && lower(a[i - 2]) == lower(b[k - 1]))
                now[k] = least(now[k], before[k - 2] + 1);
        }
    }
    return row[n % 3][m];
}

/* A name that begins with the word, or ends with it, is as near as one with two letters changed. */
static size_t how_far(const char *word, const char *name)
{
    size_t far = distance(word, name), n = strlen(word), m = strlen(name);
    bool part = n >= 2 && n < m && (strncmp(word, name, n) == 0 || strcmp(word, name + m - n) == 0);
    return part ? least(far, 2) : far;
}

void suggest(const char *word, suggest_name *name, const void *names, const char *mark, char *text, size_t size)
{
    const char *nearest = NULL, *one;
    size_t least_far = strlen(word) < 4 ? 2 : strlen(word) < 10 ? 3 : 4;
    for (size_t i = 0; (one = name(names, i)) != NULL; i++) {
        size_t far = how_far(word, one);
        if (far < least_far && far < strlen(one)) {
            least_far = far;
            nearest = one;
        }
    }
    text[0] = '\0';
    if (nearest)
        snprintf(text, size, "; did you mean %s%s?", mark, nearest);
}
