/* Reading results back. What cannot be understood is skipped and counted. */
#include "store.h"

#include "run.h"
#include "store_lines.h"

#include <errno.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

/* 0: the line has none. */
static long long format_of(const json_t *run)
{
    return json_integer_value(json_object_get(run, "format"));
}

static bool is_newer(const json_t *run)
{
    return format_of(run) > STORE_FORMAT;
}

/* 0, or 1: not understood. */
static int begin_run(struct results *r, json_t *line)
{
    const json_t *format = json_object_get(line, "format");
    if (format && (!json_is_integer(format) || json_integer_value(format) < 0))
        return 1;
    results_free(r);
    r->run = json_incref(line);
    return 0;
}

/* 0, 1: not understood, or < 0: an error that ends the reading. */
static int take_line(struct results *r, json_t *line, const char *wanted)
{
    const char *type = store_line_type(line), *id = store_line_run(line);
    union {
        struct sample sample;
        struct limit_sample limit;
        struct instruction_count instructions;
        struct call_count calls;
    } one;
    if (strcmp(type, "run") == 0)
        return wanted && strcmp(id, wanted) != 0 ? 0 : begin_run(r, line);
    if (!r->run || strcmp(id, store_line_run(r->run)) != 0 || is_newer(r->run))
        return 0; /* of another run, perhaps written at the same time */
    if (strcmp(type, "end") == 0 && !r->end)
        r->end = json_incref(line);
    for (enum stored i = 0; i < STORED_TYPES; i++)
        if (strcmp(type, stored_types[i].name) == 0)
            return stored_from_json(i, line, &one) ? results_add(r, i, &one) : 1;
    return 0;
}

/* Up to the line that begins at `end` or behind it. */
static int read_lines(struct store_lines *lines, off_t end, const char *wanted, struct results *r)
{
    json_t *line = NULL;
    size_t skipped = 0;
    int rc = 0;
    while (rc >= 0 && (line = store_lines_next(lines)) != NULL && lines->begin < end) {
        rc = take_line(r, line, wanted);
        skipped += rc > 0;
        json_decref(line);
        line = NULL;
    }
    json_decref(line);
    r->skipped = skipped + lines->skipped;
    return rc < 0 ? rc : lines->error;
}

static int read_part(const char *path, off_t begin, off_t end, const char *wanted, struct results *r, char *why,
                     size_t size)
{
    struct store_lines lines;
    *r = (struct results){0};
    int rc = store_lines_open(&lines, path, begin);
    if (rc == 0) {
        rc = read_lines(&lines, end, wanted, r);
        store_lines_close(&lines);
    }
    if (rc < 0) {
        snprintf(why, size, "%s", strerror(-rc));
    } else if (!r->run) {
        rc = -ENODATA;
        snprintf(why, size, wanted ? "no run %s in it" : "no run in it", wanted);
    } else if (is_newer(r->run)) {
        rc = -EPROTONOSUPPORT;
        snprintf(why, size, "written by a newer version (format %lld; this one knows %d)", format_of(r->run),
                 STORE_FORMAT);
    } else {
        rc = format_of(r->run) < STORE_FORMAT ? run_upgrade(r) : 0;
        if (rc)
            snprintf(why, size, "%s", strerror(-rc));
        else
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

static struct store_run *find(struct store_list *list, const char *id)
{
    for (size_t i = list->count; i-- > 0;) /* most lines are of the last one */
        if (strcmp(list->runs[i].id, id) == 0)
            return &list->runs[i];
    return NULL;
}

static int list_line(struct store_list *list, const struct store_lines *at, const json_t *line)
{
    const char *id = store_line_run(line);
    struct store_run *run = find(list, id);
    bool begins = strcmp(store_line_type(line), "run") == 0;
    if (!run && !begins)
        return 0;
    if (!run) {
        struct store_run *more = reallocarray(list->runs, list->count + 1, sizeof *more);
        if (!more)
            return -ENOMEM;
        list->runs = more;
        run = &more[list->count];
        *run = (struct store_run){.id = strdup(id)};
        if (!run->id)
            return -ENOMEM;
        list->count++;
    }
    if (begins)
        run->begin = at->begin;
    run->end = at->end;
    return 0;
}

int store_list(const char *path, struct store_list *list)
{
    struct store_lines lines;
    json_t *line;
    *list = (struct store_list){0};
    int rc = store_lines_open(&lines, path, 0);
    if (rc)
        return rc;
    while (rc == 0 && (line = store_lines_next(&lines)) != NULL) {
        rc = list_line(list, &lines, line);
        json_decref(line);
    }
    rc = rc ? rc : lines.error;
    store_lines_close(&lines);
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
