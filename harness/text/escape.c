#include "escape.h"

#include <stdbool.h>
#include <string.h>

/* Length of the UTF-8 character at p, of which n > 0 bytes are there; 0 if it is none. */
static size_t utf8_length(const uint8_t *p, size_t n)
{
    if (p[0] < 0x80)
        return 1;
    size_t len = p[0] >= 0xF0 ? 4 : p[0] >= 0xE0 ? 3 : 2;
    if (p[0] < 0xC2 || p[0] > 0xF4 || len > n)
        return 0;
    for (size_t i = 1; i < len; i++)
        if ((p[i] & 0xC0) != 0x80)
            return 0;
    bool overlong = (p[0] == 0xE0 && p[1] < 0xA0) || (p[0] == 0xF0 && p[1] < 0x90);
    bool surrogate = p[0] == 0xED && p[1] > 0x9F, beyond = p[0] == 0xF4 && p[1] > 0x8F;
    return overlong || surrogate || beyond ? 0 : len;
}

/* Of two bytes or three. */
static unsigned code_point(const uint8_t *p, size_t len)
{
    return len == 2 ? (p[0] & 0x1Fu) << 6 | (p[1] & 0x3Fu) : (p[0] & 0xFu) << 12 | (p[1] & 0x3Fu) << 6 | (p[2] & 0x3Fu);
}

/* Those of ASCII, those between 0x80 and 0x9F, which terminals obey too, line separators, and those which change the
 * direction of what follows. */
static bool is_control(const uint8_t *p, size_t len)
{
    if (len == 1)
        return p[0] < 0x20 || p[0] == 0x7F;
    unsigned code = len == 2 || len == 3 ? code_point(p, len) : 0;
    return (code >= 0x80 && code < 0xA0) || code == 0x61C || code == 0x200E || code == 0x200F ||
           (code >= 0x2028 && code <= 0x202E) || (code >= 0x2066 && code <= 0x2069);
}

static char *put(char *to, const void *what, size_t n)
{
    memcpy(to, what, n);
    return to + n;
}

char *escape_hex(char *to, const void *bytes, size_t n)
{
    const uint8_t *p = bytes;
    for (size_t i = 0; i < n; i++) {
        *to++ = "0123456789abcdef"[p[i] >> 4];
        *to++ = "0123456789abcdef"[p[i] & 15];
    }
    return to;
}

/* One character, or one byte that is part of none. */
static char *json_character(char *to, const uint8_t *p, size_t len)
{
    if (len == 0)
        return put(to, "\\ufffd", 6);
    if (is_control(p, len)) {
        unsigned code = len == 1 ? p[0] : code_point(p, len);
        const uint8_t bytes[] = {(uint8_t)(code >> 8), (uint8_t)code};
        return escape_hex(put(to, "\\u", 2), bytes, 2);
    }
    if (*p == '"' || *p == '\\')
        *to++ = '\\';
    return put(to, p, len);
}

static char *plain_character(char *to, const uint8_t *p, size_t len)
{
    if (len > 0 && !is_control(p, len))
        return put(to, p, len);
    for (size_t i = 0; i < len + (len == 0); i++)
        to = escape_hex(put(to, "\\x", 2), p + i, 1);
    return to;
}

static char *escape(char *to, const uint8_t *p, size_t n, bool json)
{
    const uint8_t *end = p + n;
    while (p < end && *p) {
        size_t len = utf8_length(p, (size_t)(end - p));
        to = json ? json_character(to, p, len) : plain_character(to, p, len);
        p += len + (len == 0);
    }
    return to;
}

char *escape_json(char *to, const void *text, size_t n)
{
    *to++ = '"';
    to = escape(to, text, n, true);
    *to++ = '"';
    return to;
}

char *escape_plain(char *to, const void *text, size_t n)
{
    return escape(to, text, n, false);
}

static void print(FILE *to, const uint8_t *p, size_t n, bool json)
{
    const uint8_t *end = p + n;
    while (p < end && *p) {
        char one[4 * ESCAPE_MOST];
        size_t len = utf8_length(p, (size_t)(end - p));
        char *stop = json ? json_character(one, p, len) : plain_character(one, p, len);
        fwrite(one, 1, (size_t)(stop - one), to);
        p += len + (len == 0);
    }
}

void print_json(FILE *to, const void *text, size_t n)
{
    fputc('"', to);
    print(to, text, n, true);
    fputc('"', to);
}

void print_plain(FILE *to, const void *text, size_t n)
{
    print(to, text, n, false);
}
