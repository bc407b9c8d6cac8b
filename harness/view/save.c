/* What a reader sees of a file is the old text or the new one: it is written beside it, and renamed. */
#include "save.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *path_of(const char *format, ...) __attribute__((format(printf, 1, 2)));
static char *path_of(const char *format, ...)
{
    char *path;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&path, format, args);
    va_end(args);
    return n < 0 ? NULL : path;
}

static int write_and_close(int fd, const char *text, size_t n)
{
    int rc = 0;
    while (n > 0 && rc == 0) {
        ssize_t put = write(fd, text, n);
        if (put < 0 && errno != EINTR)
            rc = -errno;
        text += put > 0 ? put : 0;
        n -= put > 0 ? (size_t)put : 0;
    }
    if (close(fd) < 0 && rc == 0)
        rc = -errno;
    return rc;
}

/* before: of the file that is there, or NULL. */
static int replace(const char *path, const struct stat *before, const char *text, size_t n)
{
    char *beside = path_of("%s.%ld.tmp", path, (long)getpid());
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
    if (fd >= 0 && before)
        fchmod(fd, before->st_mode & 0777);
    int rc = fd < 0 ? -errno : write_and_close(fd, text, n);
    if (rc == 0 && rename(beside, path) < 0)
        rc = -errno;
    if (rc && fd >= 0)
        unlink(beside);
    free(beside);
    return rc;
}

int save_file(const char *path, const char *text, size_t n)
{
    struct stat st;
    bool is_there = stat(path, &st) == 0;
    if (is_there && S_ISDIR(st.st_mode))
        return -EISDIR;
    if (is_there && !S_ISREG(st.st_mode)) {
        int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return fd < 0 ? -errno : write_and_close(fd, text, n);
    }
    char *target = is_there ? realpath(path, NULL) : NULL; /* a link stays one */
    int rc = replace(target ? target : path, is_there ? &st : NULL, text, n);
    free(target);
    return rc;
}

/* --- folders --- */

int save_in(const char *folder, const char *name, const char *text, size_t n)
{
    char *path = path_of("%s/%s", folder, name);
    int rc = save_file(path, text, n);
    free(path);
    return rc;
}

void save_remove(const char *folder, const char *name, const char *end)
{
    char *path = path_of("%s/%s%s", folder, name, end);
    unlink(path);
    free(path);
}

int save_folder_begin(const char *path, char **beside)
{
    struct stat st;
    bool there = stat(path, &st) == 0;
    size_t n = strlen(path);
    *beside = NULL;
    if (there ? !S_ISDIR(st.st_mode) : n == 0)
        return there ? -ENOTDIR : -ENOENT;
    while (n > 1 && path[n - 1] == '/')
        n--;
    *beside = path_of("%.*s%s%ld.tmp", (int)n, path, there ? "/.new-" : ".", (long)getpid());
    return mkdir(*beside, 0777) < 0 ? -errno : 0;
}

static int is_name(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

/* A new file, where it is to be, and what was there meanwhile. */
struct place {
    char *new, *to, *old;
    bool added; /* nothing was there */
};

/* Where files cannot have two names, there is no way back. */
static int put(struct place *p)
{
    p->added = link(p->to, p->old) < 0 && errno == ENOENT;
    return rename(p->new, p->to) < 0 ? -errno : 0;
}

static void put_back(const struct place *p)
{
    if (p->added)
        unlink(p->to);
    else
        rename(p->old, p->to);
}

static void leave(struct place *p)
{
    unlink(p->new);
    unlink(p->old);
    free(p->new);
    free(p->to);
    free(p->old);
}

int save_folder_end(const char *path, char *beside, int rc)
{
    struct dirent **entry = NULL;
    bool whole = rc == 0 && rename(beside, path) == 0;
    int n = whole || !beside ? 0 : scandir(beside, &entry, is_name, alphasort), done = 0;
    if (n < 0 && rc == 0)
        rc = -errno;
    struct place *places = calloc((size_t)(n > 0 ? n : 1), sizeof *places);
    for (int i = 0; i < n; i++) { /* backwards: index.html, which has all in it, is the last */
        const char *name = entry[n - 1 - i]->d_name;
        places[i] = (struct place){path_of("%s/%s", beside, name), path_of("%s/%s", path, name),
                                   path_of("%s/%s.old", beside, name), false};
    }
    while (rc == 0 && done < n) {
        rc = put(&places[done]);
        done += rc == 0;
    }
    while (rc && done > 0)
        put_back(&places[--done]);
    for (int i = 0; i < n; i++) {
        leave(&places[i]);
        free(entry[i]);
    }
    free(places);
    free(entry);
    if (beside && !whole)
        rmdir(beside);
    free(beside);
    return rc;
}
