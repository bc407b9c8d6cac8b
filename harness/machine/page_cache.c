/* Dropping and looking are both done on a descriptor of their own, and what is claimed is looked up again:
 * an advice may be taken or not. */
#include "page_cache.h"

#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <unistd.h>

enum { READ_SIZE = 1 << 20, WINDOW_PAGES = 1 << 13, MAP_SIZE = 256 << 20, TOUCH_SIZE = 64 << 20, TOUCH_MS = 20000 };

const char *const folio_names[] = {[FOLIOS_LARGE] = "large", [FOLIOS_SMALL] = "small", [FOLIOS_SMALL + 1] = NULL};

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

/* As huge pages of a mapping the kernel reads a file in pieces as large. False: it cannot, or not all of it. */
static bool map_in(int fd, off_t size)
{
    bool good = true;
    for (off_t at = 0; at < size && good; at += MAP_SIZE) {
        size_t n = (size_t)(size - at < MAP_SIZE ? size - at : MAP_SIZE);
        void *map = mmap(NULL, n, PROT_READ, MAP_SHARED, fd, at);
        good = map != MAP_FAILED && madvise(map, n, MADV_HUGEPAGE) == 0 && madvise(map, n, MADV_POPULATE_READ) == 0;
        if (map != MAP_FAILED)
            munmap(map, n);
    }
    return good;
}

int page_cache_load(const char *path, enum folios folios)
{
    char why[128], *buf = malloc(READ_SIZE);
    struct stat st;
    int fd = open_file(path, &st, why, sizeof why);
    ssize_t got = fd < 0 ? -1 : folios == FOLIOS_LARGE && map_in(fd, st.st_size) ? 0 : 1;
    if (got > 0) /* without read-ahead there is nothing but single pages */
        posix_fadvise(fd, 0, 0, folios == FOLIOS_LARGE ? POSIX_FADV_SEQUENTIAL : POSIX_FADV_RANDOM);
    while (got > 0)
        got = TEMP_FAILURE_RETRY(read(fd, buf, READ_SIZE));
    int rc = got < 0 ? -errno : 0;
    free(buf);
    if (fd >= 0)
        close(fd);
    return rc;
}

int page_cache_settle(const char *path, enum folios folios, bool *dropped)
{
    char why[128];
    *dropped = page_cache_drop(path, why, sizeof why) == 0;
    return page_cache_load(path, folios);
}

/* In a child: a page that the file lost meanwhile ends it. */
static void touch(void *path, void *faults_per_mib)
{
    char why[128];
    struct stat st;
    struct rusage before, after;
    int fd = open_file(path, &st, why, sizeof why);
    size_t n = fd < 0 ? 0 : (size_t)(st.st_size < TOUCH_SIZE ? st.st_size : TOUCH_SIZE),
           page = (size_t)sysconf(_SC_PAGESIZE);
    const volatile char *map = n == 0 ? MAP_FAILED : mmap(NULL, n, PROT_READ, MAP_PRIVATE, fd, 0);
    if (map == MAP_FAILED)
        return;
    getrusage(RUSAGE_SELF, &before);
    for (size_t at = 0; at < n; at += page)
        (void)map[at];
    getrusage(RUSAGE_SELF, &after);
    *(double *)faults_per_mib =
        (double)(after.ru_minflt + after.ru_majflt - before.ru_minflt - before.ru_majflt) * (1 << 20) / (double)n;
}

double page_cache_faults(const char *path)
{
    int detail;
    double faults = NAN;
    enum child_end end = child_run(touch, (void *)path, &faults, sizeof faults, TOUCH_MS, &detail);
    return end == CHILD_DONE ? faults : NAN;
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
