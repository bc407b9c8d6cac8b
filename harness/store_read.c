/* Reading results back. Anything may have happened to the file: what cannot be understood is skipped and
 * counted. */
#include "store.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum line { LINE_WHOLE, LINE_BAD, LINE_NONE };

/* The next line, without its newline. One that is too long is bad. */
static enum line read_line(FILE *f, char *line, size_t *len)
{
    int c;
    *len = 0;
    while ((c = getc_unlocked(f)) != EOF && c != '\n')
        if ((*len)++ < STORE_LINE_MAX)
            line[*len - 1] = (char)c;
    if (c == EOF && *len == 0)
        return LINE_NONE;
    return *len <= STORE_LINE_MAX ? LINE_WHOLE : LINE_BAD;
}

static bool is_from(const json_t *line, const char *run_id)
{
    const char *id = json_string_value(json_object_get(line, "run"));
    return id && strcmp(id, run_id) == 0;
}

static int begin_run(struct results *r, json_t *line, char *why, size_t size)
{
    json_int_t format = json_integer_value(json_object_get(line, "format"));
    size_t skipped = r->skipped;
    if (format > STORE_FORMAT) {
        snprintf(why, size, "written by a newer version (format %lld; this one knows %d)", (long long)format,
                 STORE_FORMAT);
        return -EPROTONOSUPPORT;
    }
    results_free(r);
    *r = (struct results){.run = json_incref(line), .skipped = skipped};
    return 0;
}

/* 0, 1: not understood, or < 0: an error that ends the reading. */
static int take_line(struct results *r, json_t *line, const char *wanted, char *why, size_t size)
{
    const char *type = json_string_value(json_object_get(line, "type"));
    const char *id = json_string_value(json_object_get(line, "run"));
    struct sample s;
    struct limit_sample l;
    struct instruction_count n;
    if (!type || !id)
        return 1;
    if (strcmp(type, "run") == 0)
        return wanted && strcmp(id, wanted) != 0 ? 0 : begin_run(r, line, why, size);
    const char *current = json_string_value(json_object_get(r->run, "run"));
    if (!current || !is_from(line, current))
        return 0; /* of another run, perhaps written at the same time */
    if (strcmp(type, "end") == 0 && !r->end)
        r->end = json_incref(line);
    if (strcmp(type, "limit") == 0)
        return limit_from_json(line, &l) ? results_add_limit(r, &l) : 1;
    if (strcmp(type, "instructions") == 0)
        return instructions_from_json(line, &n) ? results_add_instructions(r, &n) : 1;
    if (strcmp(type, "sample") != 0)
        return 0;
    return sample_from_json(line, &s) ? results_add(r, &s) : 1;
}

static int read_lines(FILE *f, char *buf, const char *wanted, struct results *r, char *why, size_t size)
{
    size_t len;
    enum line found;
    int rc = 0;
    while (rc >= 0 && (found = read_line(f, buf, &len)) != LINE_NONE) {
        json_t *line = found == LINE_WHOLE ? json_loadb(buf, len, JSON_REJECT_DUPLICATES, NULL) : NULL;
        rc = line ? take_line(r, line, wanted, why, size) : 1;
        r->skipped += rc > 0;
        json_decref(line);
    }
    return rc < 0 ? rc : 0;
}

int store_read(const char *path, const char *run_id, struct results *r, char *why, size_t size)
{
    *r = (struct results){0};
    snprintf(why, size, "no run in it");
    FILE *f = fopen(path, "re");
    char *buf = f ? malloc(STORE_LINE_MAX) : NULL;
    int rc = buf ? read_lines(f, buf, run_id, r, why, size) : -errno;
    if (rc == 0 && ferror(f))
        rc = -EIO;
    if (rc < 0 && rc != -EPROTONOSUPPORT)
        snprintf(why, size, "%s", strerror(-rc));
    if (rc == 0 && !r->run)
        rc = -ENODATA;
    if (rc)
        results_free(r);
    free(buf);
    if (f)
        fclose(f);
    return rc;
}
