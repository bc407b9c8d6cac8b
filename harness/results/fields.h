/* What a stored line is made of, as data: a row for each field. Writing, reading, CSV columns and documentation walk
 * the rows; fields.def is where they come from. */
#ifndef HARNESS_FIELDS_H
#define HARNESS_FIELDS_H

#include <jansson.h>
#include <math.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Missing is not zero: memory that was only zeroed is no reading. */
enum reading_state { READING_UNSUPPORTED = 0, READING_EXACT, READING_SCALED };

struct reading {
    enum reading_state state;
    uint64_t value;
};

struct stored_field {
    const char *key, *unit, *meaning; /* unit: of a flag "false|true", as they are called */
    enum field_type { FIELD_TEXT, FIELD_COUNT, FIELD_FLAG, FIELD_HEX, FIELD_REAL, FIELD_READING } type;
    enum field_part {
        PART_CASE,     /* of a case: its identity */
        PART_LINE,     /* of every line */
        PART_MEASURED, /* of lines that hold a measurement, and not the reason why there is none */
    } part;
    size_t offset, size; /* within the struct */
    uint64_t absent;     /* what it is if it is not there; an absent text is "" */
};
#define FIELD_REQUIRED UINT64_MAX
#define FIELD_POSITIVE (UINT64_MAX - 1) /* required, and not 0 */

static inline bool field_is_required(const struct stored_field *f)
{
    return f->absent >= FIELD_POSITIVE;
}

/* No count is larger, and no other number: doubles are exact up to here, and 104 days in ns are less. */
#define FIELD_MOST (UINT64_C(1) << 53)

enum { STORED_WHY = 160 }; /* room for the reason why a line cannot be used */

/* Members of a struct, of a list in fields.def. */
#define FIELD_MEMBER(type, member, extra, ...) FIELD_MEMBER_##type(member, extra)
#define FIELD_MEMBER_TEXT(member, size) char member[size];
#define FIELD_MEMBER_COUNT(member, extra) uint64_t member;
#define FIELD_MEMBER_HEX(member, extra) struct reading member;
#define FIELD_MEMBER_FLAG(member, extra) bool member;
#define FIELD_MEMBER_REAL(member, extra) double member;
#define FIELD_MEMBER_READING(member, extra) struct reading member;

/* Of each type of line. Rows end without a key. */
extern const struct stored_field sample_fields[], limit_fields[], instructions_fields[], calls_fields[];

/* Adds the fields of *from to the object; measured: those of PART_MEASURED too. Errors of memory stay with jansson. */
void fields_put(json_t *object, const struct stored_field *rows, bool measured, const void *from);

/* The reverse. False with the reason in why if a field that has to be there is not, or one is not what it can be. Keys
 * that no row has are ignored. Texts are made fit to be shown (see sample_clean_text()). */
bool fields_get(const json_t *object, const struct stored_field *rows, bool measured, void *to, char why[STORED_WHY]);

/* Says so in why. */
void fields_refuse(const json_t *object, const char *key, char why[STORED_WHY]);

static inline struct reading reading_exactly(uint64_t value)
{
    return (struct reading){READING_EXACT, value};
}

/* NAN if there is none. */
static inline double reading_number(const struct reading *r)
{
    return r->state == READING_UNSUPPORTED ? NAN : (double)r->value;
}

/* A number, {"scaled": number}, or null. What is not there is no reading; nor is what is in another form: false. */
json_t *reading_to_json(const struct reading *r);
bool reading_from_json(const json_t *value, struct reading *to);

/* Names of files hold what they like; JSON is UTF-8, and a terminal obeys control characters. Those become question
 * marks, and so do all bytes beyond ASCII if the text is not UTF-8. For whatever goes into a sample or a line. */
void sample_clean_text(char *text);

/* Values of any object. False: they are not there, or not what they should be. A text is cleaned, and one that has no
 * room is none; a count is from 0 to FIELD_MOST. */
bool store_get_text(const json_t *from, const char *key, char *to, size_t size);
bool store_get_count(const json_t *from, const char *key, uint64_t *to);
/* Which of n names the text is; n: none. */
size_t store_which(const json_t *text, const char *const *names, size_t n);

#endif
