#include "file.h"

#include "../dbn/inflate.h"

#include <errno.h>
#include <fcntl.h>
#include <sys/stat.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef RWF_DONTCACHE /* of kernel 6.14 */
#define RWF_DONTCACHE 0x80
#endif

static int open_retry(const char *path)
{
    int fd = (int)TEMP_FAILURE_RETRY(open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY));
    if (fd < 0 && errno == ENXIO) /* a socket, or a device that is not there */
        return DBN_E_UNSUPPORTED_FILE;
    return fd < 0 ? -errno : fd;
}

int64_t file_at(void *file, void *to, size_t n, uint64_t offset)
{
    struct file *f = file;
    uint64_t left = offset < f->end ? f->end - offset : 0;
    n = n < left ? n : (size_t)left;
    ssize_t got = TEMP_FAILURE_RETRY((f->counts.reads++, pread(f->fd, to, n, (off_t)(f->end - left))));
    return got < 0 ? -errno : got;
}

/* Files of /proc say they are empty and yet have bytes; those of /sys say they are a page long and have fewer. Both
 * take no space. 0, -errno, or what is wrong with it. */
static int check_size(struct file *f, const struct stat *st)
{
    char byte;
    if (!S_ISREG(st->st_mode))
        return DBN_E_UNSUPPORTED_FILE;
    if (st->st_blocks > 0)
        return 0;
    int64_t got = file_at(f, &byte, 1, st->st_size > 0 ? (uint64_t)st->st_size - 1 : 0);
    if (got < 0)
        return (int)got;
    return st->st_size == 0 ? (got > 0 ? DBN_E_UNSUPPORTED_FILE : 0) : got == 0 ? DBN_E_FILE_CHANGED : 0;
}

/* A descriptor of its own, which can be closed; the place in the file is shared. */
static int open_stream(struct file *f, const struct backend_input *in)
{
    *f = (struct file){.size = UINT64_MAX, .end = in->end, .stream = true, .counts.other = 1};
    f->fd = fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0);
    return f->fd < 0 ? -errno : 0;
}

int file_open(struct file *f, const struct backend_input *in)
{
    if (!in->path)
        return open_stream(f, in);
    *f = (struct file){.fd = open_retry(in->path), .end = INT64_MAX};
    if (f->fd < 0)
        return f->fd;
    struct stat st = {0};
    int rc = fstat(f->fd, &st) < 0 ? -errno : 0;
    if (rc == 0)
        rc = check_size(f, &st);
    f->counts.other = 2;
    f->size = (uint64_t)st.st_size;
    f->mtime = st.st_mtim;
    f->end = in->end < f->size ? in->end : f->size;
    f->pos = in->begin < f->end ? in->begin : f->end;
    if (rc == 0 && f->pos > 0) {
        f->counts.other++;
        rc = lseek(f->fd, (off_t)f->pos, SEEK_SET) < 0 ? -errno : 0;
    }
    if (rc) {
        close(f->fd);
        return rc;
    }
    f->advice = in->advice;
    f->ahead = f->pos;
    if (in->advice == ADVISE_SEQUENTIAL || in->advice == ADVISE_WILLNEED || in->advice == ADVISE_POPULATE) {
        f->counts.other++;
        posix_fadvise(f->fd, 0, 0, in->advice == ADVISE_SEQUENTIAL ? POSIX_FADV_SEQUENTIAL : POSIX_FADV_WILLNEED);
    }
    return 0;
}

void file_read_ahead(struct file *f)
{
    while (f->advice == ADVISE_READAHEAD && f->ahead < f->end &&
           f->ahead < f->pos + (uint64_t)FILE_WINDOWS * FILE_WINDOW) {
        f->counts.other++;
        readahead(f->fd, (off_t)f->ahead, FILE_WINDOW);
        f->ahead += FILE_WINDOW;
    }
}

/* Where it stands in the file. */
static ssize_t read_some(struct file *f, void *to, size_t n)
{
    if (f->advice != ADVISE_DONTCACHE)
        return read(f->fd, to, n);
    return preadv2(f->fd, &(struct iovec){to, n}, 1, -1, RWF_DONTCACHE);
}

void file_set_direct(struct file *f, bool direct)
{
    f->counts.other++;
    f->direct = direct && fcntl(f->fd, F_SETFL, O_DIRECT) == 0;
    if (!f->direct)
        fcntl(f->fd, F_SETFL, 0);
}

int64_t file_read(struct file *f, void *to, size_t n)
{
    n = n < f->end - f->pos ? n : (size_t)(f->end - f->pos);
    if (n == 0)
        return 0;
    ssize_t got;
    file_read_ahead(f);
    do {
        f->counts.reads++;
        got = read_some(f, to, n);
    } while (got < 0 && errno == EINTR);
    if (got < 0)
        return -errno;
    if (got == 0 && f->stream)
        f->size = f->end = f->pos;
    else if (got == 0)
        return DBN_E_FILE_CHANGED;
    f->pos += (uint64_t)got;
    f->counts.bytes_read += (uint64_t)got;
    return got;
}

int64_t file_fill(struct file *f, void *to, size_t n)
{
    size_t have = 0;
    while (have < n) {
        int64_t got = file_read(f, (char *)to + have, n - have);
        if (got < 0)
            return got;
        if (got == 0)
            break;
        have += (size_t)got;
    }
    return (int64_t)have;
}

int file_is_compressed(struct file *f)
{
    uint8_t first[4];
    int64_t got = file_at(f, first, sizeof first, f->pos);
    return got < 0 ? (int)got : dbn_zstd_magic(first, (size_t)got);
}

int file_close(struct file *f, struct backend_counts *counts)
{
    struct stat st;
    bool same = f->stream || (fstat(f->fd, &st) == 0 && (uint64_t)st.st_size == f->size &&
                              st.st_mtim.tv_sec == f->mtime.tv_sec && st.st_mtim.tv_nsec == f->mtime.tv_nsec);
    close(f->fd);
    f->counts.other += 2;
    if (counts)
        *counts = f->counts;
    return same ? 0 : DBN_E_FILE_CHANGED;
}
