/* Where does a backend differ from the reference decoder? */
#ifndef HARNESS_LOCKSTEP_H
#define HARNESS_LOCKSTEP_H

#include "../reference/input.h"

/* Decodes the file with the backend and with the reference decoder, record by record, and compares the bytes.
 * True if they differ: then `text` names the first record, its field, and both values. */
bool lockstep(const struct backend *b, const char *path, const struct input_options *options, char *text, size_t size);

#endif
