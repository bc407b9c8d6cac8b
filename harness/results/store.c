/* Results on disk. Each line is whole in memory before it is appended, under a lock, and behind a newline if the last
 * writer died inside a line. When they are read, anything may have happened to the file: a line of any length takes no
 * more memory than the longest that may be, and what cannot be used is skipped, counted and named. */
#include "store.h"

#include "run.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

/* --- appending --- */

struct store {
    int fd;
    bool regular;
};

/* Of a regular file that has any: a mistyped name must not get lines appended to somebody's data. */
static bool begins_like_results(int fd)
{
    static const char line[] = "{\"type\":";
    char first[sizeof line - 1];
    ssize_t n = TEMP_FAILURE_RETRY(pread(fd, first, sizeof first, 0));
    return n == 0 || (n == sizeof first && memcmp(first, line, sizeof first) == 0);
}

/* A pipe that nobody reads is refused: who could read and write would be his own reader, and wait for ever. */
static int open_path(const char *path)
{
    struct stat st;
    bool pipe = stat(path, &st) == 0 && S_ISFIFO(st.st_mode);
    int how = (pipe ? O_WRONLY | O_NONBLOCK : O_RDWR | O_CREAT | O_APPEND) | O_CLOEXEC | O_NOCTTY;
    int fd = (int)TEMP_FAILURE_RETRY(open(path, how, 0666));
    return pipe && fd >= 0 && fcntl(fd, F_SETFL, 0) < 0 ? -1 : fd;
}

int store_open(const char *path, struct store **store)
{
    struct stat st;
    bool to_stdout = strcmp(path, "-") == 0;
    int fd = to_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3) : open_path(path);
    if (fd < 0)
        return -errno;
    bool regular = !to_stdout && fstat(fd, &st) == 0 && S_ISREG(st.st_mode);
    if (regular && !begins_like_results(fd)) {
        close(fd);
        return -EEXIST;
    }
    *store = malloc(sizeof **store);
    **store = (struct store){fd, regular};
    signal(SIGXFSZ, SIG_IGN);
    return 0;
}

/* A signal has to end what waits for the reader of a pipe. */
static int write_all(const struct store *store, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t put = write(store->fd, p, n);
        if (put < 0 && errno == EINTR && store->regular)
            continue;
        if (put < 0)
            return -errno;
        p += put;
        n -= (size_t)put;
    }
    return 0;
}

/* A line that a crash cut off would otherwise swallow the next one. */
static int mend_end(const struct store *store)
{
    char last = '\n';
    off_t end = lseek(store->fd, 0, SEEK_END);
    if (end < 0 || (end > 0 && TEMP_FAILURE_RETRY(pread(store->fd, &last, 1, end - 1)) < 0))
        return -errno;
    return last == '\n' ? 0 : write_all(store, "\n", 1);
}

static int write_line(struct store *store, const char *line, size_t n)
{
    if (!store->regular)
        return write_all(store, line, n);
    if (TEMP_FAILURE_RETRY(flock(store->fd, LOCK_EX)) < 0)
        return -errno;
    int rc = mend_end(store);
    if (rc == 0)
        rc = write_all(store, line, n);
    flock(store->fd, LOCK_UN);
    return rc;
}

int store_append(struct store *store, const char *type, const char *run_id, const json_t *object)
{
    json_t *line = json_pack("{s:s, s:s}", "type", type, "run", run_id);
    json_object_update_missing(line, (json_t *)object);
    char *body = json_dumps(line, JSON_COMPACT);
    size_t n = strlen(body);
    body[n++] = '\n'; /* instead of its end */
    int rc = n > STORE_LINE_MAX ? -EMSGSIZE : write_line(store, body, n);
    free(body);
    json_decref(line);
    return rc;
}

int store_close(struct store *store)
{
    int rc = close(store->fd) < 0 ? -errno : 0;
    free(store);
    return rc;
}

/* --- lines --- */

#define ENDLESS "it is no file, and does not end within 64 MiB"

struct lines {
    FILE *file;
    bool regular;
    char *buf;
    json_t *line;           /* the last one, */
    const char *type, *run; /* what it says it is, not "", */
    off_t begin, end;       /* where it stands, newline and all, */
    size_t number;          /* and as which one, from 1 */
    int error;              /* that ended it, or 0 */
    size_t skipped, skipped_line;
    char skipped_why[STORED_WHY];
};

/* From this offset on, which so many lines lie before. */
static void lines_open(struct lines *l, const char *path, off_t from, size_t before)
{
    struct stat st = {0};
    *l = (struct lines){.file = fopen(path, "re"), .end = from, .number = before};
    if (!l->file || fstat(fileno(l->file), &st) < 0 || (from > 0 && fseeko(l->file, from, SEEK_SET) < 0))
        l->error = -errno;
    else if (S_ISDIR(st.st_mode))
        l->error = -EISDIR;
    l->regular = S_ISREG(st.st_mode);
    l->buf = malloc(STORE_LINE_MAX);
}

/* 0, or the error that ended the lines, and the reason. */
static int lines_close(struct lines *l, char *why, size_t size)
{
    if (l->file)
        fclose(l->file);
    free(l->buf);
    json_decref(l->line);
    if (l->error)
        snprintf(why, size, "%s",
                 l->error == -EFBIG    ? ENDLESS
                 : l->error == -ESPIPE ? "it is no file, and so cannot be read twice"
                                       : strerror(-l->error));
    return l->error;
}

/* Into buf, without its newline. False at the end. */
static bool read_line(struct lines *l, size_t *len)
{
    size_t most = l->regular ? SIZE_MAX : STORE_PIPE_MAX - (size_t)l->end;
    int c = EOF;
    *len = 0;
    errno = 0;
    while (*len < most && (c = getc_unlocked(l->file)) != EOF && c != '\n')
        if ((*len)++ < STORE_LINE_MAX)
            l->buf[*len - 1] = (char)c;
    if (*len == most)
        l->error = -EFBIG;
    if (ferror(l->file))
        l->error = errno ? -errno : -EIO;
    l->begin = l->end;
    l->end += (off_t)*len + (c == '\n');
    l->number++;
    return !l->error && (c == '\n' || *len > 0);
}

static void skip(struct lines *l, const char *why)
{
    if (l->skipped++ > 0)
        return;
    l->skipped_line = l->number;
    snprintf(l->skipped_why, sizeof l->skipped_why, "%s", why);
}

/* To one that is a JSON object with a type and a run. */
static bool lines_next(struct lines *l)
{
    size_t len;
    while (!l->error && read_line(l, &len)) {
        json_error_t error = {.text = "longer than 1 MiB"};
        json_decref(l->line);
        l->line = len <= STORE_LINE_MAX ? json_loadb(l->buf, len, JSON_REJECT_DUPLICATES, &error) : NULL;
        l->type = json_string_value(json_object_get(l->line, "type"));
        l->run = json_string_value(json_object_get(l->line, "run"));
        if (l->type && *l->type && l->run && *l->run)
            return true;
        sample_clean_text(error.text);
        skip(l, l->line ? "it has no type and no run" : error.text);
    }
    return false;
}

/* --- a run --- */

/* 0: the line has none. */
static long long format_of(const json_t *run)
{
    return json_integer_value(json_object_get(run, "format"));
}

/* Is the round one of those that the run says it has? */
static bool is_of_run(const json_t *run, uint64_t round)
{
    const json_t *rounds = json_object_get(run, "rounds");
    return !json_is_integer(rounds) || round < (uint64_t)json_integer_value(rounds);
}

union any {
    struct sample sample;
    struct limit_sample limit;
    struct instruction_count instructions;
    struct call_count calls;
};

/* Is it the first one of its case, or of its limit, in its round? */
static bool is_first(json_t *seen, enum stored type, const union any *one)
{
    char name[CASE_NAME], key[CASE_NAME + LIMIT_NAME + 64];
    if (type == STORED_LIMIT && one->limit.why[0]) /* says so of all rounds, also of those that are over */
        return true;
    if (type == STORED_SAMPLE) {
        case_name(&one->sample.key, name);
        snprintf(key, sizeof key, "sample %" PRIu64 " %" PRIu64 " %s", one->sample.index, one->sample.round, name);
    } else if (type == STORED_LIMIT)
        snprintf(key, sizeof key, "limit %" PRIu64 " %s %s", one->limit.round, one->limit.limit, one->limit.dataset);
    else if (type == STORED_CALLS)
        snprintf(key, sizeof key, "calls %" PRIu64, one->calls.index);
    else
        snprintf(key, sizeof key, "instructions %" PRIu64, one->instructions.index);
    bool first = !json_object_get(seen, key);
    json_object_set_new(seen, key, json_true());
    return first;
}

/* Each is one, or not there, or null. */
static bool are_counts(const json_t *o, const char *const *keys, char why[STORED_WHY])
{
    for (uint64_t count; *keys; keys++) {
        const json_t *is = json_object_get(o, *keys);
        if (!is || json_is_null(is) || store_get_count(o, *keys, &count))
            continue;
        fields_refuse(o, *keys, why);
        return false;
    }
    return true;
}

/* Figures are made of these. */
static bool is_possible(const json_t *run, char why[STORED_WHY])
{
    static const char *const of_run[] = {"format", "rounds", NULL}, *const of_data[] = {"records", "bytes", NULL};
    static const char *const of_machine[] = {"cores_online", "cores_allowed", "memory_bytes", NULL};
    const json_t *one;
    size_t i;
    bool possible = are_counts(run, of_run, why) && are_counts(json_object_get(run, "machine"), of_machine, why);
    json_array_foreach(json_object_get(run, "datasets"), i, one)
    {
        possible = possible && are_counts(one, of_data, why);
    }
    return possible;
}

/* False with the reason in why if it cannot be used. */
static bool take_line(struct results *r, const struct lines *l, const char *wanted, json_t *seen, char why[STORED_WHY])
{
    union any one;
    if (strcmp(l->type, "run") == 0) {
        if (wanted && strcmp(l->run, wanted) != 0)
            return true;
        if (!is_possible(l->line, why))
            return false;
        results_free(r);
        json_object_clear(seen);
        r->run = json_incref(l->line);
        return true;
    }
    if (!r->run || strcmp(l->run, run_id(r)) != 0 || format_of(r->run) > STORE_FORMAT)
        return true; /* of another run, perhaps written at the same time */
    if (strcmp(l->type, "end") == 0 && !r->end)
        r->end = json_incref(l->line);
    if (format_of(r->run) < STORE_FORMAT)
        run_upgrade_line(l->line);
    enum stored type = 0;
    while (type < STORED_TYPES && strcmp(l->type, stored_types[type].name) != 0)
        type++;
    if (type == STORED_TYPES)
        return true;
    if (!stored_from_json(type, l->line, &one, why))
        return false;
    if ((type == STORED_SAMPLE && !is_of_run(r->run, one.sample.round)) ||
        (type == STORED_LIMIT && !is_of_run(r->run, one.limit.round))) {
        fields_refuse(l->line, "round", why);
        return false;
    }
    bool first = is_first(seen, type, &one);
    if (first)
        results_add(r, type, &one);
    else
        snprintf(why, STORED_WHY, "it says again what another line says");
    return first;
}

/* Of the lines of one part of the file, the run with its id, or the last one if there is no id. */
static int read_part(const char *path, const struct store_run *part, struct results *r, char *why, size_t size)
{
    struct lines lines;
    json_t *seen = json_object();
    char refused[STORED_WHY], skipped[SKIPPED_TEXT];
    *r = (struct results){0};
    lines_open(&lines, path, part->begin, part->before);
    while (lines_next(&lines) && lines.begin < part->end)
        if (!take_line(r, &lines, part->id, seen, refused))
            skip(&lines, refused);
    json_decref(seen);
    r->skipped = lines.skipped;
    r->skipped_line = lines.skipped_line;
    snprintf(r->skipped_why, sizeof r->skipped_why, "%s", lines.skipped_why);
    long long format = format_of(r->run);
    int rc = lines_close(&lines, why, size);
    if (rc == 0 && !r->run) {
        rc = -ENODATA;
        results_skipped_text(r, skipped);
        snprintf(why, size, "no run%s%s in it%s%s", part->id ? " " : "", part->id ? part->id : "", *skipped ? "; " : "",
                 skipped);
    } else if (rc == 0 && format > STORE_FORMAT) {
        rc = -EPROTONOSUPPORT;
        snprintf(why, size, "written by a newer version (format %lld; this one knows %d)", format, STORE_FORMAT);
    } else if (rc == 0) {
        if (format < STORE_FORMAT)
            run_upgrade(r);
        rc = results_check_cases(r, why, size);
    }
    if (rc)
        results_free(r);
    return rc;
}

int store_read(const char *name, struct results *r, char *why, size_t size)
{
    const char *mark = strrchr(name, '#');
    bool has_id = mark && mark[1] && access(name, F_OK) < 0;
    char *path = strdup(name), *id = has_id ? path + (mark - name) : NULL;
    if (id)
        *id++ = '\0';
    int rc = read_part(path, &(struct store_run){.id = id, .end = INT64_MAX}, r, why, size);
    free(path);
    return rc;
}

int store_read_listed(const char *path, const struct store_run *run, struct results *r, char *why, size_t size)
{
    return read_part(path, run, r, why, size);
}

/* --- what is in a file --- */

static void list_line(struct store_list *list, const struct lines *l)
{
    bool begins = strcmp(l->type, "run") == 0;
    size_t i = list->count;
    while (i-- > 0 && strcmp(list->runs[i].id, l->run) != 0) /* most lines are of the last one */
        ;
    if (i == SIZE_MAX && !begins)
        return;
    if (i == SIZE_MAX) {
        i = list->count++;
        list->runs = reallocarray(list->runs, list->count, sizeof *list->runs);
        list->runs[i] = (struct store_run){.id = strdup(l->run)};
    }
    if (begins) {
        list->runs[i].begin = l->begin;
        list->runs[i].before = l->number - 1;
    }
    list->runs[i].end = l->end;
}

int store_list(const char *path, struct store_list *list, char *why, size_t size)
{
    struct lines lines;
    *list = (struct store_list){0};
    lines_open(&lines, path, 0, 0);
    if (!lines.error && !lines.regular)
        lines.error = -ESPIPE;
    while (lines_next(&lines))
        list_line(list, &lines);
    int rc = lines_close(&lines, why, size);
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

/* --- other files --- */

struct bounded {
    FILE *file;
    size_t left;
};

static size_t read_bounded(void *buf, size_t size, void *of)
{
    struct bounded *b = of;
    size_t n = fread(buf, 1, size < b->left ? size : b->left, b->file);
    b->left -= n;
    return n;
}

int store_load_json(const char *path, json_t **o, char *why, size_t size)
{
    json_error_t error = {.line = 0};
    struct stat st;
    struct bounded b = {fopen(path, "re"), STORE_PIPE_MAX};
    if (b.file && fstat(fileno(b.file), &st) == 0 && S_ISREG(st.st_mode))
        b.left = SIZE_MAX;
    *o = b.file ? json_load_callback(read_bounded, &b, JSON_REJECT_DUPLICATES, &error) : NULL;
    int rc = *o ? 0 : !b.file || ferror(b.file) ? -errno : b.left == 0 ? -EFBIG : -EINVAL;
    if (b.file)
        fclose(b.file);
    if (rc == -EINVAL)
        snprintf(why, size, "%s (line %d)", error.text, error.line);
    else if (rc)
        snprintf(why, size, "%s", rc == -EFBIG ? ENDLESS : strerror(-rc));
    return rc;
}
