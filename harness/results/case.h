/* What a case is. All that joins, names, prints or exports cases goes by these functions. */
#ifndef HARNESS_CASE_H
#define HARNESS_CASE_H

#include "fields.h"

/* Two samples are of one case exactly if all of this is equal; fields.def says what each field means. */
struct case_key {
#define CASE FIELD_MEMBER
#include "fields.def"
};

enum { CASE_NAME = sizeof(struct case_key) + 256 };

bool case_equal(const struct case_key *a, const struct case_key *b);

/* < 0, 0, > 0, by the fields in the order of fields.def. */
int case_compare(const struct case_key *a, const struct case_key *b);

/* DATASET/BACKEND/SINK/threads:N, then what is not as usual: /files:N, /split:N, /block:SIZE, /depth:N, /advice:NAME,
 * /records:N, /cold, /decoder:NAME. Equal names are equal cases, whatever run they are in. */
void case_name(const struct case_key *key, char name[CASE_NAME]);

/* "64K", "1M", "1000"; of 0 "-". */
void case_block(uint64_t block, char *text, size_t size);

#endif
