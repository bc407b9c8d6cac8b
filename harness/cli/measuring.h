/* What the commands share that measure: the options of a session, and the way from there to what is shown. Such a
 * command is a table of options, a plan that adds cases, and a view of the results. */
#ifndef HARNESS_MEASURING_H
#define HARNESS_MEASURING_H

#include "../measure/session.h"
#include "options.h"

enum { MEASURING_LIST = 17 }; /* a list of 16 numbers, and 0 */

/* The first member of their arguments. */
struct measuring {
    struct session_options session;
    bool json;
};

/* For it. Each command has rows for --samples and --time of its own. */
extern const struct option_group measuring_options;
#define MEASURING_GROUP(type)                                                                                          \
    {                                                                                                                  \
        .group = &measuring_options, OPTION_TO(type, m)                                                                \
    }
#define MEASURING_INPUT(type)                                                                                          \
    {                                                                                                                  \
        .group = &input_option_group, OPTION_TO(type, m.session.input)                                                 \
    }
#define MEASURING_SAMPLES(type, samples)                                                                               \
    {                                                                                                                  \
        "samples", 0, "N", "Samples of each case", set_number, OPTION_TO(type, m.session.rounds),                      \
            .min = 1, .max = 10000, .preset = samples                                                                  \
    }
#define MEASURING_TIME(type, most)                                                                                     \
    {                                                                                                                  \
        "time", 0, "SECONDS", "Take no longer, if 3 samples of each case fit; slow ones get fewer. 0: no limit",       \
            set_number, OPTION_TO(type, m.session.seconds), .max = 30 * 24 * 3600, .preset = most                      \
    }

/* Takes the files from the line, or else the datasets that are measured by default under this name. */
void measuring_inputs(struct measuring *m, const struct command_line *line, const char *name);

/* Where none are given by this option: all, but for cached files those that read through the page cache, and for one
 * thread none that only shares the work of several. */
void measuring_backends(const struct option_row *option, const struct backend ***list, bool cold, bool one_thread);

/* Measures, stores and shows. An exit status. */
int measuring_run(struct measuring *m, const struct command_line *line);

#endif
