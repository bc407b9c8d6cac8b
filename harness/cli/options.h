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
#include "../options/command.h"

extern const struct option_names known_backends, known_sinks, known_datasets;

#define BACKEND_HELP "Only these: names, plug-ins as ./X.so, decoder:NAME, decoder:./FOLDER"

/* For a check: is none among them that decodes by itself? NULL: none is given. */
bool core_decodes(const struct backend *const *with, char *why);

/* uint64_t; "random" is a new one each time. */
option_setter set_seed;

/* For a struct input_options. All its defaults are presets, so nothing else has to be set. */
extern const struct option_group input_option_group;

/* The path that an operand is for a struct backend_input: "-" is standard input. */
const char *operand_path(const char *operand);

/* Parses the line and runs the command: an exit status. */
int command_main(const struct command *command, int argc, char **argv);

/* "dbnbench: " and the message to stderr, in one line. */
void complain(const char *format, ...) __attribute__((format(printf, 1, 2)));

#endif
