/* Dropping and looking are both done on a descriptor of their own, and what is claimed is looked up again:
 * an advice may be taken or not. */
#include "page_cache.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_SIZE = 1 << 20, WINDOW_PAGES = 1 << 13 };

/* -1, errno and why set, unless it is a regular file. */
static int open_file(const char *path, struct stat *st, char *why, size_t size)
{
    int fd = (int)TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (fd < 0) {
        snprintf(why, size, "%s", strerror(errno));
        return -1;
    }
    if (fstat(fd, st) == 0 && S_ISREG(st->st_mode))
        return fd;
    snprintf(why, size, "not a regular file");
    close(fd);
    errno = EINVAL;
    return -1;
}

static bool sees_residency(const char *path, const struct stat *st)
{
    return geteuid() == 0 || st->st_uid == geteuid() || faccessat(AT_FDCWD, path, W_OK, AT_EACCESS) == 0;
}

/* Pages without the resident bit. < 0 with errno on an error. */
static int64_t count_absent(int fd, off_t size)
{
    unsigned char resident[WINDOW_PAGES];
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    off_t window = (off_t)(page * WINDOW_PAGES);
    int64_t absent = 0;
    for (off_t at = 0; at < size; at += window) {
        size_t n = (size_t)(size - at < window ? size - at : window);
        void *map = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, at);
        int rc = map == MAP_FAILED ? -1 : mincore(map, n, resident);
        for (size_t i = 0; rc == 0 && i < (n + page - 1) / page; i++)
            absent += !(resident[i] & 1);
        if (map != MAP_FAILED)
            munmap(map, n);
        if (rc < 0)
            return -1;
    }
    return absent;
}

struct reading page_cache_absent(const char *path, char *why, size_t size)
{
    struct stat st;
    int64_t absent = -1;
    int fd = open_file(path, &st, why, size);
    if (fd < 0)
        return (struct reading){0};
    if (!sees_residency(path, &st))
        snprintf(why, size, "the file belongs to someone else, so the kernel does not tell what of it is cached");
    else if ((absent = count_absent(fd, st.st_size)) < 0)
        snprintf(why, size, "mincore: %s", strerror(errno));
    close(fd);
    return absent < 0 ? (struct reading){0} : (struct reading){READING_EXACT, (uint64_t)absent};
}

int page_cache_load(const char *path)
{
    char why[128], *buf = malloc(READ_SIZE);
    struct stat st;
    int fd = open_file(path, &st, why, sizeof why);
    ssize_t got = fd < 0 ? -1 : 1;
    if (fd >= 0)
        posix_fadvise(fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    while (got > 0)
        got = TEMP_FAILURE_RETRY(read(fd, buf, READ_SIZE));
    int rc = got < 0 ? -errno : 0;
    free(buf);
    if (fd >= 0)
        close(fd);
    return rc;
}

int page_cache_settle(const char *path, bool *dropped)
{
    char why[128];
    *dropped = page_cache_drop(path, why, sizeof why) == 0;
    return page_cache_load(path);
}

int page_cache_drop(const char *path, char *why, size_t size)
{
    struct stat st;
    int fd = open_file(path, &st, why, size);
    if (fd < 0)
        return -errno;
    int rc = -EPERM;
    if (!sees_residency(path, &st)) {
        snprintf(why, size, "the file belongs to someone else");
    } else {
        fsync(fd); /* dirty pages stay; where that is refused, dropping is too */
        rc = -posix_fadvise(fd, 0, 0, POSIX_FADV_DONTNEED);
        if (rc)
            snprintf(why, size, "posix_fadvise: %s", strerror(-rc));
    }
    close(fd);
    if (rc)
        return rc;
    struct reading absent = page_cache_absent(path, why, size);
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE), pages = ((uint64_t)st.st_size + page - 1) / page;
    if (absent.state == READING_EXACT && absent.value == pages)
        return 0;
    if (absent.state == READING_EXACT)
        snprintf(why, size,
                 "%llu of %llu pages stay in the page cache (held by another process, or a file system "
                 "in memory)",
                 (unsigned long long)(pages - absent.value), (unsigned long long)pages);
    return -EBUSY;
}
