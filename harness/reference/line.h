/* One record as a line of text. */
#ifndef HARNESS_LINE_H
#define HARNESS_LINE_H

#include "../text/safe.h"
#include "reference.h"

enum {
    LINE_NAMES = 8192, /* for up to 80 fields, each with a name of up to 30 characters and a number of up to 20 */
    LINE_SIZE = DBN_MAX_RECORD * ESCAPE_MOST + LINE_NAMES,
};

/* All append to `to`, which has room for LINE_SIZE, and return the end. They end with a line feed. */

/* A JSON object with every field, reserved bytes too; n: the record's number. What is behind the known
 * layout is "extra", a record without a layout has a "body", both in hex; a ts_out is the last field. */
char *line_json(char *to, const struct ref_record *r, uint64_t n, bool ts_out);

/* The columns of the official tools, in their order. */
char *line_csv_header(char *to, const struct dbn_layout *layout, bool ts_out);
char *line_csv(char *to, const struct ref_record *r, bool ts_out);

/* The value of one field of the record at p, as in line_json(). */
char *line_value(char *to, const uint8_t *p, const struct dbn_field *f);

#endif
