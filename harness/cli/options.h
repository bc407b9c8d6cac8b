/* How a command is written: one file cli/NAME.c with
 *
 *     struct arguments {                      // what the command line says; all zero before the presets
 *         struct input_options input;
 *         const struct backend **backends;    // ends with NULL; main() frees what set_list made
 *         uint64_t samples;
 *         bool json;
 *     };
 *     #define TO(member) OPTION_TO(struct arguments, member)
 *     static const struct option_row options[] = {
 *         {"backend", 'b', "LIST", "Only these", set_list, TO(backends), .names = &known_backends, .preset = "all"},
 *         {"samples", 0, "N", "Samples of each case", set_number, TO(samples), .min = 1, .max = 10000,
 *          .preset = "9"},
 *         {"json", 'j', NULL, "Print one JSON object", set_flag, TO(json)},
 *         {.group = &input_option_group, TO(input)},   // a table that commands share, for a struct in this one
 *         {0},
 *     };
 *     static int run(void *arguments, const struct command_line *line) { ... return EXIT_FINE; }
 *     const struct command command_NAME = {.name = "NAME", .summary = ..., .options = options,
 *                                          .size = sizeof(struct arguments), .run = run, ...};
 *
 * and one line in commands.h. main() parses the line, prints one line about what is wrong with it (exit status 2), or
 * the help, which comes from the same table, or else calls run(), which returns a status of exit.h. A preset is set
 * before the line is parsed, just as if it had been given, and stands in the help as the default. An option of the
 * command hides one of the same name in a group. What only the whole line tells, check() finds. */
#ifndef HARNESS_OPTIONS_H
#define HARNESS_OPTIONS_H

#include "../reference/input.h"
#include "../sinks/sink.h"
#include "../text/parse.h"

#include <stdio.h>

enum { OPTION_WHY = 512 }; /* bytes for what is wrong with a value, or with a line */

struct option_row;
/* Sets *to from the value. False: why not, which is printed behind the option's name. */
typedef bool option_setter(const struct option_row *o, const char *value, void *to, char *why);

/* Names that can be given, of which there are too many for a message. */
struct option_names {
    const char *what, *list;           /* "sink", "dbnbench list sinks" */
    const char *(*name)(size_t i);     /* NULL behind the last */
    const void *(*find)(const char *); /* NULL: not known */
};
extern const struct option_names known_backends, known_sinks, known_datasets;

struct option_group {
    const char *title;
    const struct option_row *options;
    bool (*check)(const void *to, char *why); /* optional, as that of a command */
};

struct option_row {
    const char *name;         /* --NAME. NULL: a group, a title in the help, or the table's end */
    char letter;              /* -x, or 0 */
    const char *value, *help; /* NULL: takes none; NULL: is not in the help */
    option_setter *set;
    size_t at, size; /* of the member it goes to */
    uint64_t min, max;
    const char *preset;
    const struct option_names *names;
    const char *const *words; /* all that are allowed; ends with NULL */
    const struct option_group *group;
};
#define OPTION_TO(type, member) .at = offsetof(type, member), .size = sizeof(((type *)0)->member)

option_setter set_flag;    /* bool */
option_setter set_off;     /* bool, to false: the opposite of another option */
option_setter set_text;    /* const char *, of the command line */
option_setter set_number;  /* an unsigned integer of any size, from min to max */
option_setter set_size;    /* the same, as in 64K, 1M, 2G; up to max */
option_setter set_numbers; /* unsigned[], a list of numbers from min to max, each once; ends with 0 */
option_setter set_sizes;   /* size_t[], a list of sizes up to max; ends with 0 */
option_setter set_word;    /* const char *, one of words */
option_setter set_index;   /* an enum: the index of one of words */
option_setter set_name;    /* a pointer to what names.find() finds */
option_setter set_list;    /* an array of such, each once, that ends with NULL; "all" are all of names.name() */
option_setter set_names;   /* const char *, a list of words or names, as given; "all" is a name */
option_setter set_seed;    /* uint64_t; "random" is a new one each time */

/* For a struct input_options. All its defaults are presets, so nothing else has to be set. */
extern const struct option_group input_option_group;

struct command_line {
    int argc;
    char **argv; /* argv[0] is "dbnbench NAME" */
    size_t count;
    char **operand;     /* what is no option, in order */
    const char **given; /* names of the options, as often as they were given; ends with NULL */
};
bool is_given(const struct command_line *line, const char *option);

struct command {
    const char *name, *summary; /* "what it does", for the list of commands */
    const char *operands;       /* as in "FILE..."; NULL: none can be given */
    size_t least, most;         /* operands; most 0 with an operands text: any number */
    const struct option_row *options;
    const char *about;    /* for the help, behind the usage line */
    const char *examples; /* lines of commands, without "dbnbench"; NULL: none */
    size_t size;          /* of its arguments */
    bool (*check)(const void *arguments, const struct command_line *line, char *why); /* optional */
    int (*run)(void *arguments, const struct command_line *line);
};

/* Parses the line and runs the command: an exit status. */
int command_main(const struct command *command, int argc, char **argv);
void command_help(const struct command *command, FILE *to);

/* "dbnbench: " and the message to stderr, in one line. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
