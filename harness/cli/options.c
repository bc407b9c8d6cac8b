/* What the commands share: names, the options that say how files are read, and how a command is carried out. */
#include "options.h"

#include "../../datasets/datasets.h"
#include "../foreign/foreign.h"
#include "../machine/clock.h"
#include "../text/safe.h"
#include "exit.h"

#include <stdarg.h>
#include <stdlib.h>
#include <sys/random.h>

void complain(const char *format, ...)
{
    char *text;
    va_list args;
    va_start(args, format);
    int n = vasprintf(&text, format, args);
    va_end(args);
    fputs("dbnbench: ", stderr);
    if (n < 0) {
        fputs(format, stderr);
    } else { /* it may hold the name of a file, and that any bytes */
        print_plain(stderr, text, (size_t)n);
        free(text);
    }
    fputc('\n', stderr);
}

const char *operand_path(const char *operand)
{
    return strcmp(operand, "-") == 0 ? NULL : operand;
}

int command_main(const struct command *command, int argc, char **argv)
{
    struct command_call call = {.command = command, .line = {.argc = argc, .argv = argv}};
    int code = EXIT_USAGE;
    if (!command_parse(&call)) {
        fprintf(stderr, "dbnbench %s: ", command->name);
        plain_text(stderr, call.why);
        fputc('\n', stderr);
        if (command->refused)
            command->refused(call.arguments, call.why);
    } else if (call.help) {
        command_help(command, stdout);
        code = EXIT_FINE;
    } else {
        code = command->run(call.arguments, &call.line);
    }
    command_free(&call);
    return code;
}

bool set_seed(const struct option_row *o, const char *value, void *to, char *why)
{
    uint64_t seed;
    if (strcmp(value, "random") == 0) {
        if (getrandom(&seed, sizeof seed, 0) != (ssize_t)sizeof seed)
            seed = clock_now_ns();
        memcpy(to, &seed, sizeof seed);
        return true;
    }
    return set_number(o, value, to, why);
}

static const char *nth_backend(size_t i)
{
    return backends[i] ? backends[i]->name : NULL;
}

static const void *a_backend(const char *name)
{
    return backend_find(name);
}

static const char *nth_sink(size_t i)
{
    return sinks[i] ? sinks[i]->name : NULL;
}

static const void *a_sink(const char *name)
{
    return sink_find(name);
}

/* Only for what is wrong with parameters. */
static const void *const *no_sinks(const char *word, char *why)
{
    sink_find_or_say(word, why, OPTION_WHY);
    return NULL;
}

/* Every dataset, and then its set. */
static const char *nth_dataset(size_t i)
{
    const struct dataset *d = datasets;
    while (d->name && i >= 2) {
        d++;
        i -= 2;
    }
    return i == 0 ? d->name : d->set;
}

static const void *a_dataset(const char *name)
{
    for (const struct dataset *d = datasets; d->name; d++)
        if (dataset_matches(d, name))
            return d;
    return NULL;
}

/* The list of decoders is one of their backends. */
_Static_assert(offsetof(struct foreign, backend) == 0, "a pointer to one is a pointer to its backend");
static const void *const *foreign_backends(const char *word, char *why)
{
    return (const void *const *)foreign_find(word, why, OPTION_WHY);
}

bool core_decodes(const struct backend *const *with, char *why)
{
    for (; with && *with; with++) {
        snprintf(why, OPTION_WHY,
                 "%s decodes by itself, and this command is about the core's decoding; `dbnbench run` takes it",
                 (*with)->name);
        if (foreign_decodes((*with)->foreign))
            return false;
    }
    return true;
}

const struct option_names known_backends = {"backend", "dbnbench list backends", nth_backend, a_backend,
                                            foreign_backends};
const struct option_names known_sinks = {"sink", "dbnbench list sinks", nth_sink, a_sink, no_sinks};
const struct option_names known_datasets = {"dataset", "dbnbench list datasets", nth_dataset, a_dataset, NULL};

/* --- the options that say how files are read --- */

#define TO(member) OPTION_TO(struct input_options, member)
static const struct option_row input_options[] = {
    {.help = "How files are understood and read:"},
    {"fragment", 0, NULL, "Files have no metadata (assumed of names with .frag)", set_flag, TO(fragment)},
    {"dbn-version", 0, "N", "DBN version of a fragment, 1 to 3", set_number, TO(version), .min = 1,
     .max = DBN_VERSIONS},
    {"ts-out", 0, NULL, "Records of a fragment end with a ts_out", set_flag, TO(ts_out)},
    {"metadata-limit", 0, "SIZE", "Longest metadata accepted", set_size, TO(metadata_limit), .max = UINT32_MAX,
     .preset = "64M"},
    {"window-log", 0, "N",
     "Largest zstd window accepted, as its log2: 27 is 128 MiB. Threads together get 1 GiB, or this if it is more",
     set_number, TO(window_log), .min = 10, .max = 31, .preset = "27"},
    {"block", 0, "SIZE", "Bytes read at a time (default: the backend's choice)", set_size, TO(block), .max = 1u << 30},
    {"depth", 0, "N", "Blocks asked for at a time by backends with a queue (default: the backend's choice)", set_number,
     TO(depth), .min = 1, .max = BACKEND_DEPTH_MAX},
    {"advise", 0, "WORD", "Tell the kernel: sequential, willneed, populate, prefault, readahead or dontcache",
     set_index, TO(advice), .words = backend_advice_names},
    {0},
};
#undef TO

static bool check_input(const void *to, char *why)
{
    const struct input_options *o = to;
    snprintf(why, OPTION_WHY, "--dbn-version and --ts-out are for fragments: add --fragment");
    return o->fragment || (!o->version && !o->ts_out);
}

const struct option_group input_option_group = {input_options, check_input};
