#include "safe.h"

#include <assert.h>
#include <stdbool.h>
#include <stdlib.h>
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

static const uint8_t *without_padding(const uint8_t *p, const uint8_t *end)
{
    while (end > p && end[-1] == '\0')
        end--;
    return end;
}

char *escape_json_exactly(char *to, const void *bytes, size_t n)
{
    const uint8_t *p = bytes, *end = without_padding(p, p + n);
    *to++ = '"';
    for (size_t len; p < end; p += len + (len == 0)) {
        len = utf8_length(p, (size_t)(end - p));
        if (*p == '\0' || len == 0)
            to = escape_hex(put(to, "\\\\x", 3), p, 1);
        else if (*p == '\\')
            to = put(to, "\\\\\\\\", 4);
        else
            to = json_character(to, p, len);
    }
    *to++ = '"';
    return to;
}

char *escape_csv_exactly(char *to, const void *bytes, size_t n)
{
    const uint8_t *p = bytes, *end = without_padding(p, p + n);
    bool quoted = memchr(p, '"', (size_t)(end - p)) || memchr(p, ',', (size_t)(end - p));
    if (quoted)
        *to++ = '"';
    for (size_t len; p < end; p += len + (len == 0)) {
        len = utf8_length(p, (size_t)(end - p));
        if (*p == '\\' || *p == '"')
            *to++ = (char)*p;
        to = plain_character(to, p, len);
    }
    if (quoted)
        *to++ = '"';
    return to;
}

/* What characters become in a format; those of what is plain already. */
struct form {
    const char *entities, *doubled, *slashed, *octal;
    const char *mentions; /* with an empty comment behind, which keeps a site from taking what follows for the name of a
                           * user or an issue */
};

static bool is_in(const char *set, char c)
{
    return set && strchr(set, c);
}

static void print_character(FILE *to, char c, const struct form *f)
{
    if (is_in(f->entities, c))
        fprintf(to, "&#%d;", c);
    else if (is_in(f->mentions, c))
        fprintf(to, "\\%c<!-- -->", c);
    else if (is_in(f->octal, c))
        fprintf(to, "\\%03o", (unsigned char)c);
    else if (is_in(f->doubled, c))
        fprintf(to, "%c%c", c, c);
    else
        fprintf(to, is_in(f->slashed, c) ? "\\%c" : "%c", c);
}

static void print(FILE *to, const void *text, size_t n, const struct form *f)
{
    char *plain = malloc(ESCAPE_MOST * n + 1), *end = escape_plain(plain, text, n);
    for (const char *c = plain; c < end; c++)
        print_character(to, *c, f);
    free(plain);
}

void print_json(FILE *to, const void *text, size_t n)
{
    char *line = malloc(ESCAPE_MOST * n + 2);
    fwrite(line, 1, (size_t)(escape_json(line, text, n) - line), to);
    free(line);
}

void print_plain(FILE *to, const void *text, size_t n)
{
    print(to, text, n, &(struct form){0});
}

void plain_text(FILE *to, const char *text)
{
    print_plain(to, text, strlen(text));
}

void html_text(FILE *to, const char *text)
{
    print(to, text, strlen(text), &(struct form){.entities = "&<>\"'"});
}

/* A backslash takes any mark's meaning away, but where HTML is understood as well. */
void markdown_text(FILE *to, const char *text)
{
    static const struct form markdown = {.entities = "&<>", .mentions = "@#", .slashed = "\\`*_[]{}|~!$^\"'"};
    print(to, text, strlen(text), &markdown);
}

void put_json(json_t *o, size_t flags, FILE *to)
{
    char *text = json_dumps(o, flags | JSON_ENSURE_ASCII);
    assert(text);
    for (char *at = text, *del; at; at = del ? del + 1 : NULL) { /* what is not ASCII is escaped already; DEL is not */
        del = strchr(at, 0x7F);
        if (del)
            *del = '\0';
        fputs(at, to);
        fputs(del ? "\\u007f" : "\n", to);
    }
    free(text);
    json_decref(o);
}

/* Spreadsheets calculate what begins so, quoted or not. */
static bool is_formula(const char *text)
{
    return *text && strchr("=+-@\t\r", *text) && text[1];
}

void csv_text(FILE *to, const char *text)
{
    bool formula = is_formula(text), quoted = formula || strpbrk(text, ",\"\r\n\t");
    fputs(quoted ? "\"" : "", to);
    fputs(formula ? "'" : "", to);
    print(to, text, strlen(text), &(struct form){.doubled = "\""});
    fputs(quoted ? "\"" : "", to);
}

void tsv_text(FILE *to, const char *text)
{
    fputs(is_formula(text) ? "'" : "", to);
    print(to, text, strlen(text), &(struct form){.doubled = "\\", .octal = "\""});
}

void gnuplot_word(FILE *to, const char *text)
{
    const char *quote; /* gnuplot knows '' as one, but neither at the start nor behind another */
    fputc('\'', to);
    for (; (quote = strchr(text, '\'')) != NULL; text = quote + 1) {
        print(to, text, (size_t)(quote - text), &(struct form){0});
        fputs("'.\"\\047\".'", to);
    }
    print(to, text, strlen(text), &(struct form){0});
    fputc('\'', to);
}

/* In $'' there are escapes: with them even what holds control characters can be shown. */
void shell_word(FILE *to, const char *text)
{
    static const char harmless[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./,:=+@%";
    bool bare = *text && strspn(text, harmless) == strlen(text), escaped = false;
    for (const char *c = text; *c; c++)
        escaped |= *c < ' ' || *c > '~' || *c == '\'';
    fputs(bare ? "" : escaped ? "$'" : "'", to);
    for (; *text; text++)
        if (escaped && (*text < ' ' || *text > '~' || strchr("'\\", *text)))
            fprintf(to, "\\%03o", (unsigned char)*text);
        else
            fputc(*text, to);
    fputs(bare ? "" : "'", to);
}
