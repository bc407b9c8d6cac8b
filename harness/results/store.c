/* Appending: each line is whole in memory before it is written, under a lock, and behind a newline if the
 * last writer died inside a line. */
#include "store.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

struct store {
    int fd;
    bool regular;
};

void results_add(struct results *r, enum stored type, const void *one)
{
    const struct stored_type *t = &stored_types[type];
    size_t *count = (size_t *)(void *)((char *)r + t->count);
    char *list;
    memcpy(&list, (char *)r + t->list, sizeof list);
    if ((*count & (*count - 1)) == 0) { /* it is full, and doubled */
        list = reallocarray(list, *count ? 2 * *count : 1, t->size);
        memcpy((char *)r + t->list, &list, sizeof list);
    }
    memcpy(list + (*count)++ * t->size, one, t->size);
}

/* The newest sample of its index comes first; of a case that is new all others are compared. */
bool results_keep(struct results *r, const struct sample *s)
{
    for (size_t i = r->count; i-- > 0;) {
        bool same_index = r->samples[i].index == s->index;
        if (same_index != case_equal(&r->samples[i].key, &s->key))
            return false;
        if (same_index)
            break;
    }
    results_add(r, STORED_SAMPLE, s);
    return true;
}

static int by_index(const void *a, const void *b)
{
    const struct sample *x = *(struct sample *const *)a, *y = *(struct sample *const *)b;
    return (x->index > y->index) - (x->index < y->index);
}

static int by_key(const void *a, const void *b)
{
    const struct sample *x = *(struct sample *const *)a, *y = *(struct sample *const *)b;
    int order = case_compare(&x->key, &y->key);
    return order ? order : by_index(a, b);
}

struct sample **results_by_key(const struct results *r)
{
    struct sample **order = calloc(r->count + 1, sizeof *order);
    for (size_t i = 0; i < r->count; i++)
        order[i] = &r->samples[i];
    qsort(order, r->count, sizeof *order, by_key);
    return order;
}

static const struct sample *find_clash(const struct results *r, struct sample *const *order)
{
    for (size_t i = 1; i < r->count; i++)
        if ((order[i]->index == order[i - 1]->index) != case_equal(&order[i]->key, &order[i - 1]->key))
            return order[i];
    return NULL;
}

int results_check_cases(const struct results *r, char *why, size_t size)
{
    struct sample **order = results_by_key(r);
    const struct sample *clash = find_clash(r, order);
    if (!clash) {
        qsort(order, r->count, sizeof *order, by_index); /* then all of an index have one key */
        clash = find_clash(r, order);
    }
    if (clash) {
        char name[CASE_NAME];
        case_name(&clash->key, name);
        snprintf(why, size, "it has different cases that cannot be told apart: %s", name);
    }
    free(order);
    return clash ? -EEXIST : 0;
}

void results_free(struct results *r)
{
    json_decref(r->run);
    json_decref(r->end);
    free(r->samples);
    free(r->limits);
    free(r->instructions);
    free(r->calls);
    *r = (struct results){0};
}

/* Of a regular file that has any: a mistyped name must not get lines appended to somebody's data. */
static bool begins_like_results(int fd)
{
    char first;
    ssize_t n = pread(fd, &first, 1, 0);
    return n == 0 || (n == 1 && first == '{');
}

int store_open(const char *path, struct store **store)
{
    struct stat st;
    bool to_stdout = strcmp(path, "-") == 0;
    int fd = to_stdout ? fcntl(STDOUT_FILENO, F_DUPFD_CLOEXEC, 3)
                       : open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC | O_NOCTTY, 0666);
    if (fd < 0)
        return -errno;
    int rc = fstat(fd, &st) < 0 ? -errno : 0;
    bool regular = rc == 0 && S_ISREG(st.st_mode) && !to_stdout;
    if (regular && !begins_like_results(fd))
        rc = -EEXIST;
    if (rc) {
        close(fd);
        return rc;
    }
    *store = malloc(sizeof **store);
    **store = (struct store){fd, regular};
    signal(SIGXFSZ, SIG_IGN);
    return 0;
}

static int write_all(int fd, const char *p, size_t n)
{
    while (n > 0) {
        ssize_t put = write(fd, p, n);
        if (put < 0 && errno == EINTR)
            continue;
        if (put < 0)
            return -errno;
        p += put;
        n -= (size_t)put;
    }
    return 0;
}

/* A line that a crash cut off would otherwise swallow the next one. */
static int mend_end(int fd)
{
    char last;
    off_t end = lseek(fd, 0, SEEK_END);
    if (end <= 0)
        return end < 0 ? -errno : 0;
    ssize_t n = pread(fd, &last, 1, end - 1);
    if (n != 1)
        return n < 0 ? -errno : 0;
    return last == '\n' ? 0 : write_all(fd, "\n", 1);
}

static int write_line(struct store *store, const char *line, size_t n)
{
    int rc = 0;
    if (!store->regular)
        return write_all(store->fd, line, n);
    while ((rc = flock(store->fd, LOCK_EX) < 0 ? -errno : 0) == -EINTR)
        ;
    if (rc == 0)
        rc = mend_end(store->fd);
    if (rc == 0)
        rc = write_all(store->fd, line, n);
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
