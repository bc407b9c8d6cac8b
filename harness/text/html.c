#include "html.h"

#include "escape.h"

#include <stdlib.h>
#include <string.h>

/* Each character of what escape_plain() makes of the text. */
static void print_each(FILE *to, const char *text, void (*print)(FILE *to, char c))
{
    size_t n = strlen(text);
    char *plain = malloc(ESCAPE_MOST * n + 1);
    if (!plain)
        return;
    char *end = escape_plain(plain, text, n);
    for (const char *p = plain; p < end; p++)
        print(to, *p);
    free(plain);
}

static void print_html(FILE *to, char c)
{
    if (strchr("&<>\"'", c))
        fprintf(to, "&#%d;", c);
    else
        fputc(c, to);
}

/* A backslash takes any mark's meaning away, but where HTML is understood as well. The empty comment keeps a site from
 * taking what follows for the name of a user or an issue. */
static void print_markdown(FILE *to, char c)
{
    if (strchr("&<>", c))
        fprintf(to, "&#%d;", c);
    else if (strchr("@#", c))
        fprintf(to, "\\%c<!-- -->", c);
    else if (strchr("\\`*_[]{}|~!$^\"'", c))
        fprintf(to, "\\%c", c);
    else
        fputc(c, to);
}

void html_text(FILE *to, const char *text)
{
    print_each(to, text, print_html);
}

void markdown_text(FILE *to, const char *text)
{
    print_each(to, text, print_markdown);
}

void shell_word(FILE *to, const char *word)
{
    static const char plain[] = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-./,:=+@%";
    if (*word && strspn(word, plain) == strlen(word)) {
        fputs(word, to);
        return;
    }
    fputc('\'', to);
    for (; *word; word++)
        if (*word == '\'')
            fputs("'\\''", to);
        else
            fputc(*word, to);
    fputc('\'', to);
}
