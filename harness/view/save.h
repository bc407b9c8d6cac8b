/* How all files but those of results are written. */
#ifndef HARNESS_SAVE_H
#define HARNESS_SAVE_H

#include <stddef.h>

/* The file appears whole or not at all, unless it is a device or a pipe. 0 or -errno. */
int save_file(const char *path, const char *text, size_t n);
/* The same, into a folder. */
int save_in(const char *folder, const char *name, const char *text, size_t n);

/* Removes a file of a folder, if it is there: its name and what that ends with. */
void save_remove(const char *folder, const char *name, const char *end);

/* A folder that is not there appears whole or not at all; in one that is, files are replaced once all of them are
 * written, and none is if one cannot be. begin() makes a new folder for them, *beside; end() has to be called in any
 * case, frees that, and moves the files if rc is 0; else none. 0 or -errno. */
int save_folder_begin(const char *path, char **beside);
int save_folder_end(const char *path, char *beside, int rc);

#endif
