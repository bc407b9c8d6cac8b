#include "figures.h"

#include "../machine/child.h"
#include "../text/embed.h"
#include "../text/safe.h"
#include "save.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

EMBED(colours_css, "plots/colours.css");
EMBED(common_script, "plots/common.gp");
#define FIGURE(name, add, about)                                                                                       \
    EMBED(script_##name, "plots/" #name ".gp");                                                                        \
    void add(const struct shown_runs *runs, struct figures *to);
#include "figures.def"
#undef FIGURE

static const struct figure_kind kinds[] = {
#define FIGURE(name, add, about) {#name, script_##name, about, add},
#include "figures.def"
#undef FIGURE
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* --- which there are --- */

void figures_of(const struct shown_runs *runs, struct figures *f)
{
    f->timeout_ms = 30 * 1000;
    for (f->kind = kinds; f->kind < kinds + KINDS; f->kind++)
        f->kind->add(runs, f);
}

void figures_free(struct figures *f)
{
    for (size_t i = 0; i < f->count; i++) {
        table_free(f->all[i].data);
        free(f->all[i].svg);
        free(f->all[i].narrow);
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
    fputs("\nbelow = ", to);
    gnuplot_word(to, f->below);
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

/* gnuplot knows the light colours alone, and writes them as attributes, which give way to rules. */
void figures_print_style(FILE *to)
{
    char name[16], colour[8];
    const char *at = colours_css, *dark = strchr(colours_css, '}');
    fprintf(to, "%s", colours_css);
    while ((at = strstr(at, "--")) != NULL && at < dark) {
        if (sscanf(at, "--%15[a-z]: %7[#0-9a-f]", name, colour) == 2)
            for (const char *const *of = (const char *const[]){"fill", "stroke", "color", NULL}; *of; of++)
                fprintf(to, "svg [%s='%s'] { %s: var(--%s); }\n", *of, colour, *of, name);
        at += 2;
    }
}

/* Inside of tags: many pictures stand on one page, so ids get the picture's name in front; and gnuplot has several ways
 * to write a colour. */
static void print_svg(FILE *to, const char *svg, const char *name)
{
    static const char *const ids[] = {" id='", " id=\"", "href='#", "href=\"#"};
    bool in_tag = false;
    unsigned r, g, b;
    int n;
    for (const char *p = svg; *p; p++) {
        n = 0;
        in_tag = *p == '<' || (in_tag && *p != '>');
        for (size_t i = 0; i < sizeof ids / sizeof ids[0] && in_tag; i++)
            if (strncmp(p, ids[i], strlen(ids[i])) == 0) {
                fprintf(to, "%s%s-", ids[i], name);
                p += strlen(ids[i]);
            }
        if (in_tag && sscanf(p, "rgb(%u,%u,%u)%n", &r, &g, &b, &n) == 3 && n > 0) {
            fprintf(to, "#%02x%02x%02x", r, g, b);
            p += n - 1;
        } else {
            fputc(*p, to);
        }
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

/* What gnuplot wrote, from its first element on, to be freed; the file is removed. NULL: it is not whole. */
static char *take_svg(const char *path, const char *name, const char *kind)
{
    char *text = NULL, *taken = NULL, prefix[FIGURE_FILE];
    size_t room = 0, n;
    FILE *from = fopen(path, "re");
    const char *svg = from && getdelim(&text, &room, '\0', from) > 0 ? strstr(text, "<svg") : NULL;
    if (from)
        fclose(from);
    if (svg && strstr(svg, "</svg>")) {
        FILE *to = open_memstream(&taken, &n);
        snprintf(prefix, sizeof prefix, "%s%s", name, kind);
        print_svg(to, svg, prefix);
        fclose(to);
    }
    free(text);
    unlink(path);
    return taken;
}

/* As a file of its own, with its style. */
static int save_svg(const struct figure *f, const char *folder, const char *file)
{
    char *text;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    const char *body = strchr(f->svg, '>') + 1;
    fprintf(to, "%.*s\n<style>\n", (int)(body - f->svg), f->svg);
    figures_print_style(to);
    fprintf(to, "</style>%s", body);
    fclose(to);
    int rc = save_in(folder, file, text, n);
    free(text);
    return rc;
}

static int save_data(const struct figure *f, const char *folder, const char *file)
{
    char *text;
    size_t n;
    FILE *to = open_memstream(&text, &n);
    table_print_tsv(f->data, to);
    fclose(to);
    int rc = save_in(folder, file, text, n);
    free(text);
    return rc;
}

static int draw(struct figures *all, struct figure *f, const char *folder, char file[FIGURE_FILE])
{
    char *path[3] = {0};
    static const char *const ends[] = {".svg", "-narrow.svg", ".png"};
    snprintf(file, FIGURE_FILE, "%s.tsv", f->name);
    int rc = save_data(f, folder, file);
    for (size_t i = 0; i < 3; i++)
        if (asprintf(&path[i], "%s/%s%s", folder, f->name, ends[i]) < 0)
            return -ENOMEM;
    bool drawn = rc == 0 && run_gnuplot(all, f, folder);
    if (drawn && is_whole_png(path[2])) {
        f->svg = take_svg(path[0], f->name, "");
        f->narrow = take_svg(path[1], f->name, "-narrow");
    }
    if (drawn && !f->svg)
        snprintf(f->why, sizeof f->why, "gnuplot did not write all of it");
    snprintf(file, FIGURE_FILE, "%s.svg", f->name);
    if (f->svg)
        rc = save_svg(f, folder, file);
    for (size_t i = 0; i < 3; i++) {
        if (!f->svg)
            unlink(path[i]);
        free(path[i]);
    }
    return rc;
}

int figures_draw(struct figures *f, const char *folder, char file[FIGURE_FILE])
{
    int rc = 0;
    for (size_t i = 0; i < f->count && rc == 0; i++)
        rc = draw(f, &f->all[i], folder, file);
    return rc;
}
