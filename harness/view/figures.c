#include "figures.h"

#include "../text/safe.h"
#include "../text/embed.h"
#include "gnuplot.h"

#include <errno.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

EMBED(figure_css, "plots/figure.css");
#define FIGURE(name, of, on_terminal, add, title, about, none)                                                         \
    EMBED(script_##name, "plots/" #name ".gp");                                                                        \
    int add(const struct shown_runs *runs, struct figures *to);
#include "figures.def"
#undef FIGURE

static const struct figure_kind kinds[] = {
#define FIGURE(name, of, on_terminal, add, title, about, none)                                                         \
    {#name, script_##name, title, about, none, of, on_terminal, add},
#include "figures.def"
#undef FIGURE
};
enum { KINDS = sizeof kinds / sizeof kinds[0] };

/* --- which there are --- */

struct table *figure_table(const char *letters, ...)
{
    static const struct table_column none[] = {{0}};
    struct table *t = table_new("figure", "", none);
    va_list args;
    va_start(args, letters);
    for (; *letters && t; letters++)
        table_add_column(t, &(struct table_column){.key = va_arg(args, const char *),
                                                   .kind = *letters == 't' ? TABLE_TEXT : TABLE_NUMBER});
    va_end(args);
    return t;
}

void figure_shorten(const char *name, char *label, size_t size)
{
    size_t n = strlen(name), from = n > 28 ? n - 25 : 0;
    while (from && (name[from] & 0xC0) == 0x80)
        from++;
    snprintf(label, size, "%s%s", from ? "..." : "", name + from);
}

int figures_add(struct figures *f, struct table *data, const char *note, const char *title, ...)
{
    size_t same = 1, size;
    va_list args;
    f->left_out |= f->count == FIGURES_MAX;
    if (!data || f->left_out) {
        table_free(data);
        return data ? 0 : -ENOMEM;
    }
    for (size_t i = 0; i < f->count; i++)
        same += f->all[i].kind == f->kind;
    struct figure *to = &f->all[f->count++];
    *to = (struct figure){.kind = f->kind};
    snprintf(to->name, sizeof to->name, "%s-%zu", f->kind->name, same);
    snprintf(to->note, sizeof to->note, "%s", note);
    va_start(args, title);
    vsnprintf(to->title, sizeof to->title, title, args);
    va_end(args);
    snprintf(to->why, sizeof to->why, "%s", data->row_count ? "" : f->kind->none);
    FILE *text = data->row_count ? open_memstream(&to->data, &size) : NULL;
    int rc = data->failed || (data->row_count && !text) ? -ENOMEM : 0;
    if (text && rc == 0)
        rc = table_print_tsv(data, text);
    if (text && fclose(text) != 0)
        rc = -ENOMEM;
    table_free(data);
    return rc;
}

static int add_kind(const struct figure_kind *kind, const struct shown_runs *runs, struct figures *f)
{
    size_t before = f->count;
    f->kind = kind;
    int rc = kind->add(runs, f);
    return rc == 0 && f->count == before ? figures_add(f, figure_table(""), "", "%s", kind->title) : rc;
}

/* What the document is about comes first. */
int figures_of(const struct shown_runs *runs, struct figures *f)
{
    int rc = 0;
    for (int own = 1; own >= 0; own--)
        for (size_t i = 0; i < KINDS && rc == 0; i++)
            if ((kinds[i].of && kinds[i].of == runs->first->kind) == own)
                rc = add_kind(&kinds[i], runs, f);
    return rc;
}

void figures_free(struct figures *f)
{
    for (size_t i = 0; i < f->count; i++)
        free(f->all[i].data);
}

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

/* Many pictures stand on one page, so ids get the picture's name in front. Titles, which would pop up, are left out. */
static void print_mended(FILE *to, const char *svg, const char *name)
{
    static const char title[] = "<title>", end_of_title[] = "</title>";
    static const char *const ids[] = {" id='", " id=\"", "href='#", "href=\"#"};
    bool in_tag = false;
    for (const char *p = svg; *p;) {
        const char *end = strncmp(p, title, strlen(title)) == 0 ? strstr(p, end_of_title) : NULL;
        size_t n = 1;
        if (end) {
            p = end + strlen(end_of_title);
            continue;
        }
        in_tag = *p == '<' || (in_tag && *p != '>');
        for (size_t i = 0; i < sizeof ids / sizeof ids[0] && in_tag && n == 1; i++)
            if (strncmp(p, ids[i], strlen(ids[i])) == 0)
                n = strlen(ids[i]);
        fprintf(to, "%.*s%s%s", (int)n, p, n > 1 ? name : "", n > 1 ? "-" : "");
        p += n;
    }
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
        fprintf(to, "%.*s\n<style>\n%s</style>\n", (int)(body + 1 - text), text, figure_css);
        print_mended(to, body + 1, name);
        rc = fclose(to) == 0 ? write_file(path, mended) : -ENOMEM;
    }
    free(mended);
    free(text);
    return rc;
}

static void draw(struct figure *f, const char *folder)
{
    char path[4096];
    if (gnuplot_draw(f->kind->script, f->name, f->title, folder, f->why, sizeof f->why) < 0)
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

int figures_draw(struct figures *all, const char *folder, char *path, size_t size)
{
    for (struct figure *f = all->all; f < all->all + all->count; f++) {
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

/* --- on a terminal --- */

static bool print_one(const struct figure *f, size_t width, FILE *to)
{
    char why[FIGURE_TEXT], *text = NULL;
    if (!f->data || gnuplot_text(f->kind->script, f->title, f->data, width, &text, why, sizeof why) < 0)
        return false;
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        line += strspn(line, "\f"); /* it begins a page */
        size_t n = strlen(line);
        while (n > 0 && line[n - 1] == ' ')
            n--;
        print_plain(to, line, n);
        fputs(rest ? "\n" : "", to);
    }
    free(text);
    return true;
}

bool figures_print(const struct figures *f, size_t width, FILE *to)
{
    bool any = false;
    for (size_t k = 0; k < KINDS; k++)
        for (size_t i = 0; i < f->count && kinds[k].on_terminal && (any || k == 0); i++)
            if (f->all[i].kind == &kinds[k])
                any |= print_one(&f->all[i], width, to);
    return any;
}
