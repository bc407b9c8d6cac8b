/* All layouts at once. They are no part of the library: its users ask record.h for one at a time, so that their
 * programs do not depend on how many there are. */
#ifndef DBN_TABLES_H
#define DBN_TABLES_H

#include "record.h"

enum { DBN_HEADER_FIELDS = 5 };
extern const struct dbn_field dbn_header_field[DBN_HEADER_FIELDS];
extern const struct dbn_layout dbn_layout[DBN_LAYOUTS];

#endif
