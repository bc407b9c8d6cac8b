/* What a stored line is made of, as data: a row for each field. Writing, reading, CSV columns and documentation walk
 * the rows; fields.def is where they come from. */
#ifndef HARNESS_FIELDS_H
#define HARNESS_FIELDS_H

#include <jansson.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

struct stored_field {
    const char *key, *unit, *meaning;
    enum field_type { FIELD_TEXT, FIELD_COUNT, FIELD_FLAG, FIELD_HEX, FIELD_REAL, FIELD_READING } type;
    enum field_part {
        PART_CASE,     /* of a case: its identity */
        PART_LINE,     /* of every line */
        PART_MEASURED, /* of lines that hold a measurement, and not the reason why there is none */
    } part;
    size_t offset, size; /* within the struct */
    uint64_t absent;     /* what it is if it is not there; an absent text is "" */
    const char *flag[2]; /* of a flag: false, true */
};
#define FIELD_REQUIRED UINT64_MAX

/* Rows end without a key. */
extern const struct stored_field sample_fields[], limit_fields[], instructions_fields[], calls_fields[];

/* Adds the fields of *from to the object; measured: those of PART_MEASURED too. Errors of memory stay with jansson. */
void fields_put(json_t *object, const struct stored_field *rows, bool measured, const void *from);

/* The reverse. False if a field that has to be there is not, or one is not what it should be. Keys that no row has are
 * ignored. Texts are made fit to be shown (see sample_clean_text()). */
bool fields_get(const json_t *object, const struct stored_field *rows, bool measured, void *to);

#endif
