/* Pictures as files. What gnuplot writes as SVG is mended: it gets colours for dark pages, and names of its own, since
 * many pictures stand on one page. */
#include "cmd_report.h"

#include "../view/gnuplot.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* --- files --- */

static int write_file(const char *path, const char *text)
{
    FILE *f = fopen(path, "we");
    if (!f)
        return -errno;
    fputs(text, f);
    int rc = ferror(f) ? -EIO : 0;
    return fclose(f) != 0 && rc == 0 ? -errno : rc;
}

/* NULL: it cannot be read, or is empty. To be freed. */
static char *read_file(const char *path)
{
    char *text = NULL;
    size_t room = 0;
    FILE *f = fopen(path, "re");
    ssize_t n = f ? getdelim(&text, &room, '\0', f) : -1;
    if (f)
        fclose(f);
    if (n > 0)
        return text;
    free(text);
    return NULL;
}

/* --- SVG --- */

/* gnuplot writes colours as attributes, in two ways, and anything in a style sheet goes before those. */
static void print_dark_colour(FILE *to, const char *name, int r, int g, int b, const char *dark)
{
    static const char *const attributes[] = {"stroke", "fill", "color"};
    for (size_t i = 0; i < sizeof attributes / sizeof attributes[0]; i++)
        fprintf(to, "#%s [%s=\"rgb(%3d, %3d, %3d)\"],#%s [%s=\"rgb(%d,%d,%d)\"]{%s:%s}\n", name, attributes[i], r, g, b,
                name, attributes[i], r, g, b, attributes[i], dark);
}

static void print_dark(FILE *to, const char *name)
{
    fprintf(to,
            "<style>@media (prefers-color-scheme:dark){\n#%s>rect{fill:#1d1e21}\n"
            "#%s [color=\"black\"]{color:#e8e8ea}\n#%s [fill=\"black\"]{fill:#e8e8ea}\n",
            name, name, name);
    print_dark_colour(to, name, 0x20, 0x21, 0x24, "#e8e8ea");
    print_dark_colour(to, name, 0x9A, 0x9C, 0xA0, "#8b8d92");
    print_dark_colour(to, name, 0x00, 0x72, 0xB2, "#3d97dc");
    print_dark_colour(to, name, 0x56, 0xB4, 0xE9, "#b4e1ff");
    print_dark_colour(to, name, 0x00, 0x9E, 0x73, "#1fbf92");
    print_dark_colour(to, name, 0xFF, 0xFF, 0xFF, "#1d1e21");
    fputs("}</style>\n", to);
}

/* The names of things inside a picture get the picture's in front; titles that would pop up are left out. */
static const char *print_mended(FILE *to, const char *p, const char *name)
{
    static const struct {
        const char *from, *before, *behind;
    } names[] = {
        {"id=\"gnuplot_canvas\"", "id=\"", "\""},
        {"id='gp", "id='", "-"},
        {"href='#gp", "href='#", "-"},
        {"id='textbox'", "id='", "-textbox'"},
        {"id='greybox'", "id='", "-greybox'"},
        {"id=\"gnuplot_plot_", "id=\"", "-plot-"},
    };
    static const char pops_up[] = "<title>gnuplot_plot_", end[] = "</title>";
    const char *stop = strncmp(p, pops_up, strlen(pops_up)) == 0 ? strstr(p, end) : NULL;
    if (stop)
        return stop + strlen(end);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        if (strncmp(p, names[i].from, strlen(names[i].from)) != 0)
            continue;
        fprintf(to, "%s%s%s", names[i].before, name, names[i].behind);
        return p + strlen(names[i].from);
    }
    fputc(*p, to);
    return p + 1;
}

/* The file is replaced only when the whole text is there. */
static int mend_svg(const char *path, const char *name)
{
    char *text = read_file(path), *mended = NULL, *begin = text ? strstr(text, "<svg") : NULL;
    size_t size;
    const char *body = begin ? strchr(begin, '>') : NULL;
    FILE *to = body ? open_memstream(&mended, &size) : NULL;
    int rc = -EIO;
    if (to) {
        fwrite(text, 1, (size_t)(body + 1 - text), to);
        fputc('\n', to);
        print_dark(to, name);
        for (const char *p = body + 1; *p;)
            p = print_mended(to, p, name);
        rc = fclose(to) == 0 ? write_file(path, mended) : -ENOMEM;
    }
    free(mended);
    free(text);
    return rc;
}

/* --- all of them --- */

static void draw(struct figure *f, const char *folder)
{
    char path[4096];
    if (gnuplot_draw(f->script, f->name, f->title, folder, f->why, sizeof f->why) < 0)
        return;
    snprintf(path, sizeof path, "%s/%s.svg", folder, f->name);
    int rc = mend_svg(path, f->name);
    f->drawn = rc == 0;
    if (rc)
        snprintf(f->why, sizeof f->why, "its SVG cannot be used: %s", strerror(-rc));
}

/* Pictures of an earlier time would pass for those of this one. */
static void forget(const struct figure *f, const char *folder)
{
    static const char *const endings[] = {"svg", "png"};
    for (size_t i = 0; i < sizeof endings / sizeof endings[0]; i++) {
        char path[4096];
        snprintf(path, sizeof path, "%s/%s.%s", folder, f->name, endings[i]);
        unlink(path);
    }
}

int figures_draw(struct document *d, const char *folder, char *path, size_t size)
{
    for (size_t i = 0; i < d->figure_count; i++) {
        struct figure *f = &d->figures[i];
        forget(f, folder);
        if (!f->data)
            continue;
        snprintf(path, size, "%s/%s.tsv", folder, f->name);
        int rc = write_file(path, f->data);
        if (rc)
            return rc;
        draw(f, folder);
    }
    return 0;
}
