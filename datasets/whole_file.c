#include "whole_file.h"

#include "../dbn/outcome.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

/* To replace anything but a regular file, such as a device, would take more than was asked for. */
static int check_target(const char *path, bool replace)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISREG(st.st_mode))
        return DBN_E_UNSUPPORTED_FILE;
    return replace ? 0 : -EEXIST;
}

static int folder_length(const char *path)
{
    const char *slash = strrchr(path, '/');
    return slash ? (int)(slash - path) + 1 : 0;
}

int whole_file_begin(struct whole_file *f, const char *path, bool replace)
{
    *f = (struct whole_file){.path = path, .replace = replace};
    int rc = check_target(path, replace);
    if (rc)
        return rc;
    if (asprintf(&f->beside, "%.*s.dbnbench-XXXXXX", folder_length(path), path) < 0)
        return -ENOMEM;
    f->fd = mkostemp(f->beside, O_CLOEXEC);
    if (f->fd >= 0)
        return 0;
    rc = -errno;
    free(f->beside);
    return rc;
}

int whole_file_write(void *self, const uint8_t *p, size_t n)
{
    const struct whole_file *f = self;
    while (n > 0) {
        ssize_t written = write(f->fd, p, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        p += written;
        n -= (size_t)written;
    }
    return 0;
}

static int sync_to_disk(int fd)
{
    while (fsync(fd) != 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

static int finish(const struct whole_file *f, mode_t mode, uint64_t *size)
{
    struct stat st;
    int rc = sync_to_disk(f->fd);
    if (rc == 0 && (fchmod(f->fd, mode) != 0 || fstat(f->fd, &st) != 0))
        rc = -errno;
    if (rc == 0 && size)
        *size = (uint64_t)st.st_size;
    return rc;
}

/* Without `replace` a file that appeared in the meantime is left alone, where the file system can do that. */
static int rename_into_place(const char *from, const char *to, bool replace)
{
    if (!replace) {
        if (renameat2(AT_FDCWD, from, AT_FDCWD, to, RENAME_NOREPLACE) == 0)
            return 0;
        if (errno != EINVAL && errno != ENOSYS)
            return -errno;
    }
    return rename(from, to) == 0 ? 0 : -errno;
}

/* The name as well, before anybody removes what the file came from. Not all file systems can. */
static void sync_folder(const char *path)
{
    char *folder = NULL;
    int n = folder_length(path);
    int fd = asprintf(&folder, "%.*s", n ? n : 1, n ? path : ".") < 0 ? -1 : open(folder, O_RDONLY | O_CLOEXEC);
    if (fd >= 0) {
        sync_to_disk(fd);
        close(fd);
    }
    free(folder);
}

int whole_file_end(struct whole_file *f, int rc, mode_t mode, uint64_t *size)
{
    if (rc == 0)
        rc = finish(f, mode, size);
    if (close(f->fd) != 0 && rc == 0)
        rc = -errno;
    if (rc == 0)
        rc = rename_into_place(f->beside, f->path, f->replace);
    if (rc)
        unlink(f->beside);
    else
        sync_folder(f->path);
    free(f->beside);
    return rc;
}
