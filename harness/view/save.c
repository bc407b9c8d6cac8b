/* What a reader sees of a file is the old text or the new one: it is written beside it, and renamed. */
#include "save.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

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

static int replace(const char *path, const char *text, size_t n)
{
    char *beside;
    if (asprintf(&beside, "%s.%ld.tmp", path, (long)getpid()) < 0)
        return -ENOMEM;
    int fd = open(beside, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0666);
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
    signal(SIGXFSZ, SIG_IGN); /* write() then says EFBIG */
    if (is_there && S_ISDIR(st.st_mode))
        return -EISDIR;
    if (is_there && !S_ISREG(st.st_mode)) {
        int fd = open(path, O_WRONLY | O_CLOEXEC | O_NOCTTY);
        return fd < 0 ? -errno : write_and_close(fd, text, n);
    }
    char *target = is_there ? realpath(path, NULL) : NULL; /* a link stays one */
    int rc = replace(target ? target : path, text, n);
    free(target);
    return rc;
}
