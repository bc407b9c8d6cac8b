/* Anything may have happened to the file: a line of any length takes no more memory than the longest that may be, and
 * what is no line of results is skipped and counted. */
#include "store_lines.h"

#include "store.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

int store_lines_open(struct store_lines *l, const char *path, off_t from)
{
    struct stat st;
    *l = (struct store_lines){.file = fopen(path, "re"), .end = from};
    if (!l->file)
        return -errno;
    l->buf = malloc(STORE_LINE_MAX);
    if (!l->buf)
        l->error = -ENOMEM;
    else if (fstat(fileno(l->file), &st) == 0 && S_ISDIR(st.st_mode))
        l->error = -EISDIR;
    else if (from > 0 && fseeko(l->file, from, SEEK_SET) < 0)
        l->error = -errno;
    int rc = l->error;
    if (rc)
        store_lines_close(l);
    return rc;
}

void store_lines_close(struct store_lines *l)
{
    if (l->file)
        fclose(l->file);
    free(l->buf);
    *l = (struct store_lines){0};
}

enum line { LINE_WHOLE, LINE_TOO_LONG, LINE_NONE };

/* The next line, without its newline. */
static enum line read_line(struct store_lines *l, size_t *len)
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
    if (c == EOF && (*len == 0 || l->error))
        return LINE_NONE;
    return *len <= STORE_LINE_MAX ? LINE_WHOLE : LINE_TOO_LONG;
}

json_t *store_lines_next(struct store_lines *l)
{
    size_t len;
    enum line found;
    while ((found = read_line(l, &len)) != LINE_NONE) {
        json_error_t error = {0};
        json_t *line = found == LINE_WHOLE ? json_loadb(l->buf, len, JSON_REJECT_DUPLICATES, &error) : NULL;
        if (!line && json_error_code(&error) == json_error_out_of_memory) {
            l->error = -ENOMEM;
            return NULL;
        }
        if (line && *store_line_type(line) && *store_line_run(line))
            return line;
        json_decref(line);
        l->skipped++;
    }
    return NULL;
}

static const char *text(const json_t *line, const char *key)
{
    const char *value = json_string_value(json_object_get(line, key));
    return value ? value : "";
}

const char *store_line_type(const json_t *line)
{
    return text(line, "type");
}

const char *store_line_run(const json_t *line)
{
    return text(line, "run");
}
