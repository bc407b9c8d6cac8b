/* A file that appears whole or not at all: written beside the target under another name, and renamed at the
 * end. */
#include "../dbn/outcome.h"
#include "generate_output.h"

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

int output_file_open(struct output_file *f, const char *path, bool replace)
{
    *f = (struct output_file){.path = path, .replace = replace, .fd = -1};
    int rc = check_target(path, replace);
    if (rc)
        return rc;
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    if (asprintf(&f->temporary, "%.*s.dbnbench-XXXXXX", folder, path) < 0)
        return -ENOMEM;
    f->fd = mkostemp(f->temporary, O_CLOEXEC);
    if (f->fd >= 0)
        return 0;
    rc = -errno;
    free(f->temporary);
    return rc;
}

int output_file_write(void *self, const uint8_t *p, size_t n)
{
    struct output_file *f = self;
    while (n > 0) {
        ssize_t written = write(f->fd, p, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        p += written;
        n -= (size_t)written;
        f->size += (uint64_t)written;
    }
    return 0;
}

int output_file_sync(struct output_file *f)
{
    while (fsync(f->fd) != 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

void output_file_discard(struct output_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    unlink(f->temporary);
    free(f->temporary);
}

/* Without `replace` a file that appeared in the meantime is left alone, where the file system can do that. */
static int rename_into_place(const struct output_file *f)
{
    if (!f->replace) {
        if (renameat2(AT_FDCWD, f->temporary, AT_FDCWD, f->path, RENAME_NOREPLACE) == 0)
            return 0;
        if (errno != EINVAL && errno != ENOSYS)
            return -errno;
    }
    return rename(f->temporary, f->path) == 0 ? 0 : -errno;
}

int output_file_publish(struct output_file *f)
{
    mode_t mask = umask(0);
    umask(mask);
    int rc = fchmod(f->fd, 0644 & ~mask) == 0 ? 0 : -errno;
    if (close(f->fd) != 0 && rc == 0)
        rc = -errno;
    f->fd = -1;
    if (rc == 0)
        rc = rename_into_place(f);
    if (rc)
        output_file_discard(f);
    else
        free(f->temporary);
    return rc;
}
