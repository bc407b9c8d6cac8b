#include "terminal.h"

#include "safe.h"

#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

size_t terminal_width(FILE *to)
{
    enum { WIDTH = 80, LEAST = 20 };
    const char *columns = getenv("COLUMNS");
    struct winsize size;
    long width = columns ? strtol(columns, NULL, 10) : 0;
    int fd = fileno(to); /* there is none behind a stream in memory */
    if (width <= 0 && fd >= 0 && ioctl(fd, TIOCGWINSZ, &size) == 0)
        width = size.ws_col;
    return width >= LEAST ? (size_t)width : WIDTH;
}

bool terminal_is_live(FILE *to)
{
    const char *term = getenv("TERM");
    int fd = fileno(to);
    return fd >= 0 && isatty(fd) && term && *term && strcmp(term, "dumb") != 0;
}

bool terminal_has_colour(FILE *to)
{
    const char *none = getenv("NO_COLOR");
    return terminal_is_live(to) && !(none && *none);
}

size_t terminal_columns(const char *text)
{
    size_t n = 0;
    for (; *text; text++)
        n += (*text & 0xC0) != 0x80;
    return n;
}

/* A space at which no line ends: no text has it once it is safe. */
enum { JOINT = 1 };

void terminal_prose(const char *text, size_t width, FILE *to)
{
    size_t n = strlen(text), at = 0;
    char *safe = malloc(ESCAPE_MOST * n + 1), *rest = safe, *word;
    *escape_plain(safe, text, n) = '\0';
    for (char *unit = safe; (unit = strstr(unit, " %")) != NULL;)
        *unit = JOINT;
    while ((word = strsep(&rest, " ")) != NULL) {
        size_t columns = terminal_columns(word);
        bool fits = at + 1 + columns <= width;
        if (at > 0)
            fputs(fits ? " " : "\n  ", to);
        at = at == 0 ? columns : fits ? at + 1 + columns : 2 + columns;
        for (; *word; word++)
            putc(*word == JOINT ? ' ' : *word, to);
    }
    putc('\n', to);
    free(safe);
}
