#include "figures.h"

#include "../machine/child.h"
#include "../text/embed.h"
#include "../text/safe.h"
#include "save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

EMBED(figure_css, "plots/figure.css");
EMBED(common_script, "plots/common.gp");
#define FIGURE(name, add, title, about, none)                                                                          \
    EMBED(script_##name, "plots/" #name ".gp");                                                                        \
    void add(const struct shown_runs *runs, struct figures *to);
#include "figures.def"
#undef FIGURE

static const struct figure_kind kinds[] = {
#define FIGURE(name, add, title, about, none) {#name, script_##name, title, about, none, add},
#include "figures.def"
#undef FIGURE
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* --- which there are --- */

void figures_of(const struct shown_runs *runs, struct figures *f)
{
    f->timeout_ms = 30 * 1000;
    for (f->kind = kinds; f->kind < kinds + KINDS; f->kind++) {
        size_t before = f->count;
        f->kind->add(runs, f);
        if (f->count == before)
            figures_add(f, figure_table(""), "%s", f->kind->title);
    }
}

void figures_free(struct figures *f)
{
    for (size_t i = 0; i < f->count; i++) {
        free(f->all[i].data);
        free(f->all[i].svg);
    }
    free(f->all);
}

/* --- gnuplot: no shell and none of the user's settings take part --- */

enum { ERRORS = 4096 };

/* All that gnuplot is to carry out. */
static char *make_input(const struct figure *f)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    fprintf(to, "name = '%s'\nheading = ", f->name);
    gnuplot_word(to, f->title);
    fprintf(to, "\n%s%s", common_script, f->kind->script);
    fclose(to);
    return text;
}

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

/* Its files in the folder. False: with the reason in f->why. */
static bool run_gnuplot(struct figures *all, struct figure *f, const char *folder)
{
    if (all->hung) {
        snprintf(f->why, sizeof f->why, "gnuplot hung at another picture, so it is not tried again");
        return false;
    }
    static const char *const argv[] = {"gnuplot", "--default-settings", NULL};
    char errors[ERRORS], ended[256], *input = make_input(f);
    const struct child_program gnuplot = {
        .argv = argv,
        .folder = folder,
        .file = {{.text = input}, {0}, {.out = errors, .size = ERRORS}},
        .timeout_ms = all->timeout_ms,
    };
    int detail;
    enum child_end end = child_exec(&gnuplot, &detail, NULL);
    free(input);
    if (end == CHILD_DONE && detail == 0)
        return true;
    all->hung = end == CHILD_TIMED_OUT || end == CHILD_STOPPED;
    child_describe(end, detail, all->timeout_ms, ended, sizeof ended);
    if (end == CHILD_DONE)
        last_line(errors, f->why, sizeof f->why);
    else if (end == CHILD_LOST && detail == ENOENT)
        snprintf(f->why, sizeof f->why, "gnuplot is not installed");
    else
        snprintf(f->why, sizeof f->why, "gnuplot: %s", ended);
    return false;
}

/* --- files --- */

/* Many pictures stand on one page, so ids get the picture's name in front. */
static void print_ids(FILE *to, const char *svg, const char *name)
{
    static const char *const ids[] = {" id='", " id=\"", "href='#", "href=\"#"};
    bool in_tag = false;
    for (const char *p = svg; *p; p++) {
        in_tag = *p == '<' || (in_tag && *p != '>');
        for (size_t i = 0; i < sizeof ids / sizeof ids[0] && in_tag; i++) {
            size_t n = strlen(ids[i]);
            if (strncmp(p, ids[i], n) == 0) {
                fprintf(to, "%s%s-", ids[i], name);
                p += n;
            }
        }
        fputc(*p, to);
    }
}

/* What it could not write, as on a full disk, gnuplot does not mention. */
static bool is_whole_png(const char *path)
{
    char end[9] = "";
    FILE *f = fopen(path, "re");
    bool is = f && fseek(f, -8, SEEK_END) == 0 && fread(end, 1, 8, f) == 8 && strcmp(end, "IEND\xae\x42\x60\x82") == 0;
    if (f)
        fclose(f);
    return is;
}

/* Its text with its style and ids. */
static void take_svg(struct figure *f, const char *path, size_t *n)
{
    char *text = NULL;
    size_t room = 0;
    FILE *from = fopen(path, "re");
    const char *svg = from && getdelim(&text, &room, '\0', from) > 0 ? strstr(text, "<svg") : NULL,
               *body = svg ? strchr(svg, '>') : NULL;
    if (from)
        fclose(from);
    if (body && strstr(body, "</svg>")) {
        FILE *to = open_memstream(&f->svg, n);
        fprintf(to, "%.*s\n<style>\n%s</style>\n", (int)(body + 1 - text), text, figure_css);
        print_ids(to, body + 1, f->name);
        fclose(to);
    }
    free(text);
}

static int draw(struct figures *all, struct figure *f, const char *folder, char file[FIGURE_FILE])
{
    char *svg = NULL, *png = NULL;
    size_t n;
    snprintf(file, FIGURE_FILE, "%s.tsv", f->name);
    int rc = save_in(folder, file, f->data, strlen(f->data));
    if (rc || asprintf(&svg, "%s/%s.svg", folder, f->name) < 0 || asprintf(&png, "%s/%s.png", folder, f->name) < 0)
        return rc;
    if (run_gnuplot(all, f, folder)) {
        snprintf(f->why, sizeof f->why, "gnuplot did not write all of it");
        if (is_whole_png(png))
            take_svg(f, svg, &n);
    }
    snprintf(file, FIGURE_FILE, "%s.svg", f->name);
    if (f->svg) {
        rc = save_in(folder, file, f->svg, n);
    } else {
        unlink(svg);
        unlink(png);
    }
    free(svg);
    free(png);
    return rc;
}

int figures_draw(struct figures *f, const char *folder, char file[FIGURE_FILE])
{
    int rc = 0;
    for (size_t i = 0; i < f->count && rc == 0; i++)
        if (f->all[i].data)
            rc = draw(f, &f->all[i], folder, file);
    return rc;
}
