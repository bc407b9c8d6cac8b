/* Decodes by the library's reader, to be compared with others. */
#ifndef TESTS_SUPPORT_READER_H
#define TESTS_SUPPORT_READER_H

#include "../lib/reader.h"
#include "../dbn/tables.h"
#include "support.h"

/* How the user asks: for runs, for records, or for either by turns. */
enum reading { READ_RUNS, READ_RECORDS, READ_BOTH, READINGS };

/* What is left of an open reader, which is closed; `opened` is what opening it returned. Fails where a record is
 * not lent in its place, or not as it is described. */
struct ending read_rest(struct dbn_reader *r, int opened, enum reading reading, const struct sink *sink);

#endif
