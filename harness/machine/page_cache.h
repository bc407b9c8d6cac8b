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

/* The pieces in which the kernel holds a file: of 2 MiB, where the file system can do that, or single pages. A page
 * fault maps a large one as a whole, so that a mapped file costs less to touch. */
enum folios { FOLIOS_LARGE, FOLIOS_SMALL };
extern const char *const folio_names[]; /* in that order; ends with NULL */

/* Drops the file, as far as that can be done, and reads it: every run starts from the same state, however the file was
 * written. 0 or -errno. *dropped: did that work? */
int page_cache_settle(const char *path, enum folios folios, bool *dropped);

/* Reads what of the file is not cached. 0 or -errno. */
int page_cache_load(const char *path, enum folios folios);

/* The page faults that touching a MiB of the file takes, which tell of those pieces: 0.5 for large ones, 16 for single
 * pages, if the kernel maps 16 at a time. Looks at the first 64 MiB, in a child. NAN: unknown. */
double page_cache_faults(const char *path);

/* Drops the file, and makes sure that it is gone. 0, or < 0 with the reason in why. */
int page_cache_drop(const char *path, char *why, size_t size);

#endif
