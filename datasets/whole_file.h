/* A file that appears whole or not at all: written beside its place under another name, and renamed at the end. What
 * kills the process leaves that one, ".dbnbench-" and six characters. */
#ifndef DATASETS_WHOLE_FILE_H
#define DATASETS_WHOLE_FILE_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

struct whole_file {
    const char *path;
    char *beside; /* its name until the end */
    int fd;
    bool replace;
};

/* 0 or < 0: -EEXIST if there is a file already and `replace` is false; DBN_E_UNSUPPORTED_FILE if what is there is no
 * regular file. */
int whole_file_begin(struct whole_file *f, const char *path, bool replace);

/* All n bytes. 0 or -errno. `self` is the file. */
int whole_file_write(void *self, const uint8_t *p, size_t n);

/* To be called once begun: the file appears if rc is 0. *size (unless NULL) is how large it is. 0 or < 0. */
int whole_file_end(struct whole_file *f, int rc, mode_t mode, uint64_t *size);

#endif
