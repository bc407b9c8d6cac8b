#include "parse.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

bool parse_number(const char *text, uint64_t min, uint64_t max, uint64_t *value)
{
    char *end;
    errno = 0;
    if (*text < '0' || *text > '9')
        return false;
    *value = strtoull(text, &end, 10);
    return errno == 0 && *end == '\0' && *value >= min && *value <= max;
}

bool parse_size(const char *text, uint64_t max, uint64_t *value)
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
