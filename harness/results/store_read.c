/* Reading results back. Anything may have happened to the file: a line of any length takes no more memory than the
 * longest that may be, and what cannot be understood is skipped and counted. */
#include "store.h"

#include "run.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- lines --- */

struct lines {
    FILE *file;
    char *buf;
    json_t *line;           /* the last one, */
    const char *type, *run; /* what it says it is, not "", */
    off_t begin, end;       /* and where it stands, newline and all */
    size_t skipped;         /* lines that are no JSON objects with a type and a run */
    int error;              /* that ended it, or 0 */
};

/* From this offset on. */
static void lines_open(struct lines *l, const char *path, off_t from)
{
    struct stat st;
    *l = (struct lines){.file = fopen(path, "re"), .end = from};
    if (!l->file || fstat(fileno(l->file), &st) < 0 || fseeko(l->file, from, SEEK_SET) < 0)
        l->error = -errno;
    else if (S_ISDIR(st.st_mode))
        l->error = -EISDIR;
    else if ((l->buf = malloc(STORE_LINE_MAX)) == NULL)
        l->error = -ENOMEM;
}

/* Passes rc on if it is an error, else the one that ended the lines. */
static int lines_close(struct lines *l, int rc)
{
    if (l->file)
        fclose(l->file);
    free(l->buf);
    json_decref(l->line);
    return rc < 0 ? rc : l->error;
}

/* Into buf, without its newline. False at the end. */
static bool read_line(struct lines *l, size_t *len)
{
    int c;
    *len = 0;
    errno = 0;
    while ((c = getc_unlocked(l->file)) != EOF && c != '\n')
        if ((*len)++ < STORE_LINE_MAX)
            l->buf[*len - 1] = (char)c;
    if (ferror(l->file))
        l->error = errno ? -errno : -EIO;
    l->begin = l->end;
    l->end += (off_t)*len + (c == '\n');
    return c == '\n' || (*len > 0 && !l->error);
}

static bool lines_next(struct lines *l)
{
    size_t len;
    while (!l->error && read_line(l, &len)) {
        json_error_t error = {0};
        json_decref(l->line);
        l->line = len <= STORE_LINE_MAX ? json_loadb(l->buf, len, JSON_REJECT_DUPLICATES, &error) : NULL;
        if (!l->line && json_error_code(&error) == json_error_out_of_memory)
            l->error = -ENOMEM;
        l->type = json_string_value(json_object_get(l->line, "type"));
        l->run = json_string_value(json_object_get(l->line, "run"));
        if (l->type && *l->type && l->run && *l->run)
            return true;
        l->skipped++;
    }
    return false;
}

/* --- a run --- */

/* 0: the line has none. */
static long long format_of(const json_t *run)
{
    return json_integer_value(json_object_get(run, "format"));
}

/* 0, 1: not understood, or < 0: an error that ends the reading. */
static int take_line(struct results *r, const struct lines *l, const char *wanted)
{
    union {
        struct sample sample;
        struct limit_sample limit;
        struct instruction_count instructions;
        struct call_count calls;
    } one;
    const json_t *format = json_object_get(l->line, "format");
    if (strcmp(l->type, "run") == 0) {
        if (wanted && strcmp(l->run, wanted) != 0)
            return 0;
        if (format && (!json_is_integer(format) || json_integer_value(format) < 0))
            return 1;
        results_free(r);
        r->run = json_incref(l->line);
        return 0;
    }
    if (!r->run || strcmp(l->run, run_id(r)) != 0 || format_of(r->run) > STORE_FORMAT)
        return 0; /* of another run, perhaps written at the same time */
    if (strcmp(l->type, "end") == 0 && !r->end)
        r->end = json_incref(l->line);
    if (format_of(r->run) < STORE_FORMAT)
        run_upgrade_line(l->line);
    for (enum stored i = 0; i < STORED_TYPES; i++)
        if (strcmp(l->type, stored_types[i].name) == 0)
            return stored_from_json(i, l->line, &one) ? results_add(r, i, &one) : 1;
    return 0;
}

/* Of the lines from `begin` up to the one that begins at `end` or behind it. */
static int read_part(const char *path, off_t begin, off_t end, const char *wanted, struct results *r, char *why,
                     size_t size)
{
    struct lines lines;
    int rc = 0;
    *r = (struct results){0};
    lines_open(&lines, path, begin);
    while (rc >= 0 && lines_next(&lines) && lines.begin < end) {
        rc = take_line(r, &lines, wanted);
        lines.skipped += rc > 0;
    }
    rc = lines_close(&lines, rc);
    r->skipped = lines.skipped;
    long long format = format_of(r->run);
    if (rc == 0 && r->run && format < STORE_FORMAT)
        rc = run_upgrade(r);
    if (rc < 0) {
        snprintf(why, size, "%s", strerror(-rc));
    } else if (!r->run) {
        rc = -ENODATA;
        snprintf(why, size, wanted ? "no run %s in it" : "no run in it", wanted);
    } else if (format > STORE_FORMAT) {
        rc = -EPROTONOSUPPORT;
        snprintf(why, size, "written by a newer version (format %lld; this one knows %d)", format, STORE_FORMAT);
    } else {
        rc = results_check_cases(r, why, size);
    }
    if (rc)
        results_free(r);
    return rc;
}

int store_read(const char *path, const char *run_id, struct results *r, char *why, size_t size)
{
    return read_part(path, 0, INT64_MAX, run_id, r, why, size);
}

int store_read_named(const char *name, struct results *r, char *why, size_t size)
{
    const char *mark = strrchr(name, '#');
    if (!mark || mark[1] == '\0' || access(name, F_OK) == 0)
        return store_read(name, NULL, r, why, size);
    char *path = strndup(name, (size_t)(mark - name));
    int rc = path ? store_read(path, mark + 1, r, why, size) : -ENOMEM;
    if (!path)
        snprintf(why, size, "%s", strerror(ENOMEM));
    free(path);
    return rc;
}

int store_read_listed(const char *path, const struct store_run *run, struct results *r, char *why, size_t size)
{
    return read_part(path, run->begin, run->end, run->id, r, why, size);
}

/* --- what is in a file --- */

static int list_line(struct store_list *list, const struct lines *l)
{
    bool begins = strcmp(l->type, "run") == 0;
    size_t i = list->count;
    while (i-- > 0 && strcmp(list->runs[i].id, l->run) != 0) /* most lines are of the last one */
        ;
    if (i == SIZE_MAX && !begins)
        return 0;
    if (i == SIZE_MAX) {
        struct store_run *more = reallocarray(list->runs, list->count + 1, sizeof *more);
        char *id = strdup(l->run);
        list->runs = more ? more : list->runs;
        if (!more || !id) {
            free(id);
            return -ENOMEM;
        }
        i = list->count++;
        more[i] = (struct store_run){.id = id};
    }
    if (begins)
        list->runs[i].begin = l->begin;
    list->runs[i].end = l->end;
    return 0;
}

int store_list(const char *path, struct store_list *list)
{
    struct lines lines;
    int rc = 0;
    *list = (struct store_list){0};
    lines_open(&lines, path, 0);
    while (rc == 0 && lines_next(&lines))
        rc = list_line(list, &lines);
    rc = lines_close(&lines, rc);
    if (rc)
        store_list_free(list);
    return rc;
}

void store_list_free(struct store_list *list)
{
    for (size_t i = 0; i < list->count; i++)
        free(list->runs[i].id);
    free(list->runs);
    *list = (struct store_list){0};
}
