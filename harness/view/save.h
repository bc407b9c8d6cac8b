/* How all files but those of results are written. From then on the process ignores SIGXFSZ. */
#ifndef HARNESS_SAVE_H
#define HARNESS_SAVE_H

#include <stdbool.h>
#include <stddef.h>

/* The file appears whole or not at all, unless it is a device or a pipe. 0 or -errno. */
int save_file(const char *path, const char *text, size_t n);
/* The same, into a folder. */
int save_in(const char *folder, const char *name, const char *text, size_t n);

/* A folder whose files appear together. They are written into `beside`, whose name no other process uses. */
struct save_folder {
    char *path, *beside;
    bool replaces; /* it was there before */
};
/* 0 or -errno. */
int save_folder_begin(const char *path, struct save_folder *s);
/* Has to be called in any case. With rc 0 all that was written takes the place of files of the folder that are its own:
 * of those names, and of others that is_own() knows. Anybody's other files stay. Returns rc, or -errno; then the folder
 * is as it was before. */
int save_folder_end(struct save_folder *s, int rc, bool (*is_own)(const char *name));

#endif
