#include "gnuplot.h"

#include "../machine/child.h"
#include "../text/embed.h"
#include "../text/safe.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { DATA_FD = 3 }; /* in gnuplot: the table, if that is in no file */

EMBED(gnuplot_common, "plots/common.gp");

/* All that gnuplot is to carry out; NULL if memory ran out. columns: 0, or those of a picture of characters. */
static char *make_input(const char *script, const char *name, const char *title, size_t columns)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (to) {
        fputs("name = ", to);
        gnuplot_word(to, name);
        fputs("\nheading = ", to);
        gnuplot_word(to, title);
        fputc('\n', to);
        if (columns)
            fprintf(to, "data = '/dev/fd/%d'\ntext_width = %zu\n", DATA_FD, columns);
        fputs(gnuplot_common, to);
        fputs(script, to);
    }
    if (to && fclose(to) == 0)
        return text;
    free(text);
    return NULL;
}

enum { TIMEOUT_MS = 600 * 1000, ERRORS = 4096, PICTURE = 1 << 20 };

/* The last line that says something: gnuplot shows where it was before it says what is wrong. */
static void last_line(char *text, char *why, size_t size)
{
    snprintf(why, size, "gnuplot failed and did not say why");
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        line += strspn(line, " \t");
        if (*line)
            snprintf(why, size, "gnuplot: %s", line);
    }
}

/* picture: NULL, or PICTURE bytes. data: NULL, or what it reads at DATA_FD. */
static int run(const char *input, const char *folder, const char *data, char *picture, char *why, size_t size)
{
    static const char *const argv[] = {"gnuplot", "--default-settings", NULL};
    char errors[ERRORS], ended[256];
    struct child_program gnuplot = {
        .argv = argv,
        .folder = folder,
        .file = {{.text = input}, {.out = picture, .size = PICTURE}, {.out = errors, .size = ERRORS}, {.text = data}},
        .timeout_ms = TIMEOUT_MS,
    };
    int detail;
    enum child_end end = child_exec(&gnuplot, &detail, NULL);
    if (end == CHILD_DONE && detail == 0)
        return 0;
    child_describe(end, detail, TIMEOUT_MS, ended, sizeof ended);
    if (end == CHILD_DONE)
        last_line(errors, why, size);
    else if (end == CHILD_LOST && detail == ENOENT)
        snprintf(why, size, "gnuplot is not installed");
    else
        snprintf(why, size, "gnuplot: %s", ended);
    return end == CHILD_LOST && detail ? -detail : -EIO;
}

static int no_memory(char *why, size_t size)
{
    snprintf(why, size, "out of memory");
    return -ENOMEM;
}

int gnuplot_draw(const char *script, const char *name, const char *title, const char *folder, char *why, size_t size)
{
    char *input = make_input(script, name, title, 0);
    int rc = input ? run(input, folder, NULL, NULL, why, size) : no_memory(why, size);
    free(input);
    return rc;
}

int gnuplot_text(const char *script, const char *title, const char *data, size_t columns, char **text, char *why,
                 size_t size)
{
    char *input = make_input(script, "", title, columns);
    *text = malloc(PICTURE);
    int rc = input && *text ? run(input, "/", data, *text, why, size) : no_memory(why, size);
    free(input);
    if (rc == 0 && **text)
        return 0;
    if (rc == 0)
        snprintf(why, size, "gnuplot wrote nothing");
    free(*text);
    *text = NULL;
    return rc ? rc : -EIO;
}
