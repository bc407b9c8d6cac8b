/* Plug-ins. All but plugin_probe() is for a child process, in which it may crash, hang, exit, or use up memory. */
#ifndef HARNESS_PLUGIN_H
#define HARNESS_PLUGIN_H

#include "foreign.h"

/* Has a child ask the shared object at f->path what it is, and sets the rest of *f, but its names. */
void plugin_probe(struct foreign *f);

/* Loads it: from then on its backend can be opened, or plugin_decode() called. False: why not. A process loads but one,
 * whose standard input and output it takes away. */
bool plugin_begin(const struct foreign *f, char *why, size_t size);

/* One decode of all files. Sets *r but for times and readings. */
void plugin_decode(const struct foreign_work *work, struct foreign_result *r);

/* False: it left something running, as `why` says. */
bool plugin_end(char *why, size_t size);

#endif
