/* What every backend does alike: open a regular file without being fooled, read some of it, notice that it changed. */
#ifndef BACKENDS_FILE_H
#define BACKENDS_FILE_H

#include "backend.h"

#include <time.h>

struct file {
    int fd;
    uint64_t pos, end; /* of what remains to be read */
    uint64_t size;     /* at open; of standard input UINT64_MAX until its end was read */
    bool stream;       /* standard input */
    bool direct;       /* it is read past the page cache */
    enum backend_advice advice;
    uint64_t ahead; /* the kernel was asked to read up to here */
    struct timespec mtime;
    struct backend_counts counts;
};

/* Opens in->path for [begin, end), cut to the file's size. Never blocks on a FIFO; refuses whatever is not a regular
 * file, and files of /proc and /sys, whose size is not what they have. 0, -errno, DBN_E_UNSUPPORTED_FILE, or
 * DBN_E_FILE_CHANGED if there are fewer bytes than it says. Standard input may be anything, and cannot be peeked at. */
int file_open(struct file *f, const struct backend_input *in);

/* From now on it is read past the page cache, if the file system allows that, or no longer; f->direct says which. Calls
 * that read it wait for the device. */
void file_set_direct(struct file *f, bool direct);

/* If that is the advice: asks the kernel to read what lies ahead of f->pos. */
void file_read_ahead(struct file *f);
enum { FILE_WINDOW = 1 << 20, FILE_WINDOWS = 8 }; /* bytes asked for at a time; how often in advance */

/* Up to n bytes of the range, by one read(2) (more after an interruption). > 0: how many; 0: end; < 0: -errno. A
 * file that became shorter gives DBN_E_FILE_CHANGED. */
int64_t file_read(struct file *f, void *to, size_t n);

/* Fills `to` with n bytes, or what is left of the range, by as few reads as the kernel allows. As file_read(). */
int64_t file_fill(struct file *f, void *to, size_t n);

/* n bytes from this offset of the file, up to the range's end; what is to be read next stays that. How many there were,
 * or -errno. file: a struct file. */
int64_t file_at(void *file, void *to, size_t n, uint64_t offset);

/* Does what is left of the range begin as a zstd file does? 1, 0, or -errno. */
int file_is_compressed(struct file *f);

/* 0, or DBN_E_FILE_CHANGED. */
int file_close(struct file *f, struct backend_counts *counts);

#endif
