/* Command lines: options are rows of a table, of which parsing, messages and help are made. cli/options.h says how a
 * command is written. */
#ifndef HARNESS_COMMAND_H
#define HARNESS_COMMAND_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

enum { OPTION_WHY = 512 }; /* bytes for what is wrong with a value, or with a line */

struct option_row;
/* Sets *to from the value. False: why not, which is printed behind the option's name. */
typedef bool option_setter(const struct option_row *o, const char *value, void *to, char *why);

/* Names that can be given, of which there are too many for a message. */
struct option_names {
    const char *what, *list;           /* "sink", "dbnbench list sinks" */
    const char *(*name)(size_t i);     /* NULL behind the last */
    const void *(*find)(const char *); /* NULL: not known */
    /* Optional: what a word means that is no such name. A list that ends with NULL and stays; NULL: nothing, and if why
     * is not "", that is what is wrong with it. */
    const void *const *(*find_more)(const char *word, char *why);
};

struct option_group {
    const struct option_row *options;         /* a table that commands share */
    bool (*check)(const void *to, char *why); /* optional, as that of a command */
};

struct option_row {
    const char *name;         /* --NAME. NULL: a group, a title (in help), or the table's end */
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
option_setter set_text;    /* const char *, of the command line */
option_setter set_number;  /* an unsigned integer of any size, from min to max */
option_setter set_size;    /* the same, as in 64K, 1M, 2G; up to max */
option_setter set_numbers; /* unsigned[], a list of numbers from min to max, each once; ends with 0 */
option_setter set_sizes;   /* size_t[], a list of sizes up to max; ends with 0 */
option_setter set_word;    /* const char *, one of words */
option_setter set_index;   /* an enum: the index of one of words */
option_setter set_name;    /* a pointer to what names.find() finds, or names.find_more() if that is but one */
option_setter set_list;    /* an array of such, each once, that ends with NULL; "all" are all of names.name() */
option_setter set_names;   /* const char *, a list of words or names, as given; "all" is a name */

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
    void (*refused)(void *arguments, const char *why); /* optional: the line is wrong; its other options are set */
};

/* One call of a command. All but the command and argc and argv of the line are zero before it is parsed. */
struct command_call {
    const struct command *command;
    struct command_line line;
    char *arguments; /* of the command's size */
    bool help;       /* was asked for, and nothing else is to be done */
    char why[OPTION_WHY + 128];
};
/* False: why not. To be freed in any case. */
bool command_parse(struct command_call *call);
void command_free(struct command_call *call);
void command_help(const struct command *command, FILE *to);

/* --- what somebody may have meant who mistyped a name --- */

/* The i-th name there is; NULL behind the last. */
typedef const char *suggest_name(const void *names, size_t i);

/* "; did you mean --rows?" with the name nearest to the word, and the mark before it. Empty if none is near. */
void suggest(const char *word, suggest_name *name, const void *names, const char *mark, char *text, size_t size);

#endif
