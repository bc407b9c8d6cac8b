/* What a reader sees of a file is the old text or the new one: it is written beside it, and renamed. So are folders. */
#include "save.h"

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char *join(const char *folder, const char *name)
{
    char *path = NULL;
    return asprintf(&path, "%s/%s", folder, name) < 0 ? NULL : path;
}

/* A new file or folder whose name begins with this path. A descriptor or 0, or -errno. */
static int make_beside(const char *path, bool folder, char **beside)
{
    int rc = -EEXIST;
    *beside = NULL;
    for (unsigned i = 0; rc == -EEXIST; i++) { /* one that was killed may have left some */
        free(*beside);
        if (asprintf(beside, "%s.%ld-%u.tmp", path, (long)getpid(), i) < 0)
            return -ENOMEM;
        rc = folder ? mkdir(*beside, 0777) : open(*beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
        rc = rc < 0 ? -errno : rc;
    }
    return rc;
}

/* --- a file --- */

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
    char *beside;
    int fd = make_beside(path, false, &beside);
    if (fd >= 0 && before)
        fchmod(fd, before->st_mode & 0777);
    int rc = fd < 0 ? fd : write_and_close(fd, text, n);
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
    signal(SIGXFSZ, SIG_IGN); /* write() then says EFBIG */
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

int save_in(const char *folder, const char *name, const char *text, size_t n)
{
    char *path = join(folder, name);
    int rc = save_file(path, text, n);
    free(path);
    return rc;
}

/* --- a folder --- */

/* Within it first: where that can be moved out to a place beside it, the two can change places, and files as well. */
static int begin_beside(struct save_folder *s)
{
    char *inside = join(s->path, "new"), *outside = NULL;
    int rc = make_beside(inside, true, &s->beside);
    if (rc == 0 && asprintf(&outside, "%s.%ld.tmp", s->path, (long)getpid()) >= 0 &&
        renameat2(AT_FDCWD, s->beside, AT_FDCWD, outside, RENAME_NOREPLACE) == 0) {
        free(s->beside);
        s->beside = outside;
        outside = NULL;
    }
    free(outside);
    free(inside);
    return rc;
}

int save_folder_begin(const char *path, struct save_folder *s)
{
    struct stat st;
    *s = (struct save_folder){.replaces = stat(path, &st) == 0};
    if (!s->replaces && (errno != ENOENT || !*path))
        return -errno;
    s->path = s->replaces ? realpath(path, NULL) : strdup(path);
    if (!s->path)
        return -errno;
    if (s->replaces)
        return S_ISDIR(st.st_mode) ? begin_beside(s) : -ENOTDIR;
    for (size_t n = strlen(s->path); n > 1 && s->path[n - 1] == '/';)
        s->path[--n] = '\0';
    return make_beside(s->path, true, &s->beside);
}

static int is_name(const struct dirent *entry)
{
    return strcmp(entry->d_name, ".") != 0 && strcmp(entry->d_name, "..") != 0;
}

struct names {
    struct dirent **entry;
    int n; /* -1: they cannot be read */
};

static struct names names_in(const char *folder)
{
    struct names names = {0};
    names.n = scandir(folder, &names.entry, is_name, alphasort);
    return names;
}

static bool is_among(const struct names *names, const char *name)
{
    bool is = false;
    for (int i = 0; i < names->n; i++)
        is |= strcmp(names->entry[i]->d_name, name) == 0;
    return is;
}

static void names_free(struct names *names)
{
    for (int i = 0; i < names->n; i++)
        free(names->entry[i]);
    free(names->entry);
}

/* Its own files, but those that are to be kept. */
static void remove_own(const char *folder, const struct names *keep, bool (*is_own)(const char *name))
{
    struct names names = names_in(folder);
    for (int i = 0; i < names.n; i++) {
        char *path = join(folder, names.entry[i]->d_name);
        if (is_own(names.entry[i]->d_name) && !is_among(keep, names.entry[i]->d_name))
            unlink(path);
        free(path);
    }
    names_free(&names);
}

/* Both at once, if nobody else's files are in the old one, nor this process. */
static bool exchange(const struct save_folder *s, bool (*is_own)(const char *name))
{
    struct stat old, here;
    struct names names = names_in(s->path);
    bool can = names.n >= 0 && stat(s->path, &old) == 0 && stat(".", &here) == 0 &&
               (old.st_dev != here.st_dev || old.st_ino != here.st_ino);
    for (int i = 0; i < names.n; i++)
        can &= names.entry[i]->d_type == DT_REG && is_own(names.entry[i]->d_name);
    names_free(&names);
    return can && chown(s->beside, old.st_uid, old.st_gid) == 0 && chmod(s->beside, old.st_mode & 07777) == 0 &&
           renameat2(AT_FDCWD, s->beside, AT_FDCWD, s->path, RENAME_EXCHANGE) == 0;
}

/* The new file goes where the old one is, and the old one where that was, so that this can be taken back. *can: only a
 * file system that knows nothing of it lets the old one go. */
static int change_places(const struct save_folder *s, const char *name, bool back, bool *can)
{
    struct stat st;
    char *from = join(s->beside, name), *to = join(s->path, name);
    int rc = 0;
    if (stat(to, &st) == 0 && S_ISDIR(st.st_mode))
        rc = -EISDIR;
    else if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_EXCHANGE) < 0) {
        *can &= errno != EINVAL;
        if (errno != EINVAL && errno != ENOENT) /* there is no old one */
            rc = -errno;
        else if (rename(back ? to : from, back ? from : to) < 0)
            rc = -errno;
    }
    free(from);
    free(to);
    return rc;
}

/* One by one; if one cannot be moved, none is. */
static int move_files(const struct save_folder *s, bool (*is_own)(const char *name))
{
    struct names names = names_in(s->beside);
    int done = 0, rc = names.n < 0 ? -errno : 0;
    bool can = true;
    while (done < names.n && rc == 0) {
        rc = change_places(s, names.entry[done]->d_name, false, &can);
        done += rc == 0;
    }
    while (rc && can && done > 0)
        change_places(s, names.entry[--done]->d_name, true, &can);
    if (rc == 0)
        remove_own(s->path, &names, is_own);
    names_free(&names);
    return rc;
}

int save_folder_end(struct save_folder *s, int rc, bool (*is_own)(const char *name))
{
    bool moved = rc == 0 && (s->replaces ? exchange(s, is_own) : rename(s->beside, s->path) == 0);
    if (rc == 0 && !moved)
        rc = move_files(s, is_own);
    if (s->beside) {
        remove_own(s->beside, &(struct names){0}, is_own);
        rmdir(s->beside);
    }
    free(s->beside);
    free(s->path);
    return rc;
}
