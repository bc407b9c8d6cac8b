/* What of a file lies in the page cache, and the states it is brought into before it is measured. Only the
 * file's owner (or who may write it) is told the truth about that, and may drop it: for others the kernel
 * calls every page resident. */
#ifndef HARNESS_PAGE_CACHE_H
#define HARNESS_PAGE_CACHE_H

#include "../results/sample.h"

#include <stddef.h>

/* Pages of the file that are not cached. READING_UNSUPPORTED with the reason in why (size bytes) if that
 * is not known. */
struct reading page_cache_absent(const char *path, char *why, size_t size);

/* Drops the file, as far as that can be done, and reads it from start to end: the kernel then holds it in
 * large pieces, however it was written, and every run starts from the same state. 0 or -errno. *dropped:
 * did that work? */
int page_cache_settle(const char *path, bool *dropped);

/* Reads the file from start to end. 0 or -errno. */
int page_cache_load(const char *path);

/* Drops the file, and makes sure that it is gone. 0, or < 0 with the reason in why. */
int page_cache_drop(const char *path, char *why, size_t size);

#endif
