/* Parts of command lines that several commands share. */
#ifndef HARNESS_ARGP_OPTIONS_H
#define HARNESS_ARGP_OPTIONS_H

#include "../reference/input.h"
#include "../sinks/sink.h"
#include "../text/parse.h"

#include <argp.h>

/* An argp child for the input options. Its input is a struct input_options; set it as
 * state->child_inputs[0] in the parent's ARGP_KEY_INIT. */
extern const struct argp input_argp;

/* "a,b,c" or "all" into NULL-terminated arrays that the caller frees. On an unknown name NULL, and *unknown (to be
 * freed) is that name. Unavailable backends are listed like any other. */
const struct backend **parse_backends(const char *list, char **unknown);
const struct sink **parse_sinks(const char *list, char **unknown);

/* For argp parsers: the same, where anything wrong is a usage error that names the option. What was picked before is
 * freed. A list of numbers ends with 0, and has up to `most` of them, each once. */
uint64_t option_number(const char *arg, const char *name, uint64_t min, uint64_t max, struct argp_state *state);
void option_backends(const char *list, const struct backend ***with, struct argp_state *state);
void option_sinks(const char *list, const struct sink ***with, struct argp_state *state);
void option_counts(const char *list, const char *name, unsigned max, unsigned *counts, size_t most,
                   struct argp_state *state);

/* What the parser of a command that reads FILEs does with every key that is not its own; one at least is needed. */
error_t option_files(int key, struct argp_state *state, struct input_options *input, char ***paths, size_t *count);

#endif
