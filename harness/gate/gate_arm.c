/* The arms are programs, of any revision that has `decode --json` and `list backends`. A process decodes the same file
 * several times, one after the other, so that what it takes to start one weighs little. */
#include "gate.h"

#include "../measure/job.h"
#include "../results/fields.h"

#include <inttypes.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 120 * 1000 };

const struct gate_counted gate_counted[GATE_COUNTS] = {
    {"reads", "read calls", "calls"},
    {"bytes_read", "bytes read", "bytes"},
    {"copied", "bytes moved", "bytes"},
    {"allocations", "allocations", "allocations"},
    {"allocated_bytes", "bytes allocated", "allocations"},
};

static const char *__attribute__((format(printf, 2, 3))) text(struct gate_command *c, const char *format, ...)
{
    char *begin = c->texts + c->used;
    va_list args;
    va_start(args, format);
    c->used += (size_t)vsnprintf(begin, sizeof c->texts - c->used, format, args) + 1;
    va_end(args);
    return begin;
}

/* A fixed one, but for `padding` bytes by which the stack moves. */
static void set_environment(struct gate_command *c, size_t padding)
{
    static const char *const inherited[] = {"PATH=", "LD_LIBRARY_PATH=", "HOME=", "TMPDIR="};
    size_t n = 0;
    c->environment[n++] = "LC_ALL=C";
    for (size_t i = 0; i < sizeof inherited / sizeof inherited[0]; i++) {
        char **v = environ;
        while (*v && strncmp(*v, inherited[i], strlen(inherited[i])) != 0)
            v++;
        if (*v)
            c->environment[n++] = *v;
    }
    c->environment[n++] = text(c, "PADDING=%0*d", (int)padding, 0);
    c->environment[n] = NULL;
}

void gate_decode_command(const struct gate_arm *arm, const struct gate_case *c, const struct gate_decode *what,
                         struct gate_command *command)
{
    size_t n = 0;
    command->used = 0;
    set_environment(command, what->padding);
    command->argv[n++] = what->shifted && arm->shifted ? arm->shifted : arm->program;
    command->argv[n++] = "decode";
    command->argv[n++] = "--json";
    command->argv[n++] = text(command, "--backend=%s", c->word ? c->word : c->key.backend);
    command->argv[n++] = text(command, "--sink=%s", what->sink);
    command->argv[n++] = text(command, "--threads=%u", (unsigned)c->key.threads);
    if (c->range->end != UINT64_MAX)
        command->argv[n++] = text(command, "--end=%" PRIu64, c->range->end);
    command->argv[n++] = "--";
    for (uint64_t i = 0; i < what->decodes && n < GATE_ARGUMENTS; i++)
        command->argv[n++] = c->file->path;
    command->argv[n] = NULL;
}

/* --- what it printed --- */

static bool parse_digest(const json_t *o, uint64_t *digest)
{
    const char *text = json_string_value(json_object_get(o, "digest"));
    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return false;
    *digest = strtoull(text, NULL, 16);
    return true;
}

static enum gate_verdict read_object(json_t *o, const char *backend, const char *sink, uint64_t decodes,
                                     struct gate_reading *r, char why[GATE_WHY])
{
    const char *by, *with, *outcome = json_string_value(json_object_get(o, "outcome"));
    json_int_t files;
    if (json_unpack(o, "{s:s, s:s, s:I}", "backend", &by, "sink", &with, "files", &files) < 0 ||
        strcmp(by, backend) != 0 || strcmp(with, sink) != 0 || (uint64_t)files != decodes) {
        snprintf(why, GATE_WHY, "what it printed is no answer to what it was asked");
        return GATE_COULD_NOT_RUN;
    }
    if (!outcome || strcmp(outcome, "OK") != 0) { /* the reference decoder found the file good */
        snprintf(why, GATE_WHY, "the decode ended with %s", outcome ? outcome : "no outcome");
        return job_judge_name(outcome, false) == VERDICT_WRONG ? GATE_WRONG : GATE_COULD_NOT_RUN;
    }
    if (!store_get_count(o, "records", &r->found.records) || !store_get_count(o, "bytes", &r->found.bytes) ||
        !parse_digest(o, &r->found.digest)) {
        snprintf(why, GATE_WHY, "it did not say what it found");
        return GATE_COULD_NOT_RUN;
    }
    if (!store_get_count(o, "digest_version", &r->digest_version))
        r->digest_version = 1;
    for (size_t i = 0; i < GATE_COUNTS; i++)
        r->count[i].known = store_get_count(o, gate_counted[i].key, &r->count[i].value);
    return GATE_OK;
}

enum gate_verdict gate_reading_parse(const char *out, const char *backend, const char *sink, uint64_t decodes,
                                     struct gate_reading *r, char why[GATE_WHY])
{
    json_error_t error;
    json_t *o = json_loads(out, JSON_REJECT_DUPLICATES, &error);
    *r = (struct gate_reading){0};
    if (!o) {
        snprintf(why, GATE_WHY, "what it printed is no JSON: %s", error.text);
        return GATE_COULD_NOT_RUN;
    }
    enum gate_verdict verdict = read_object(o, backend, sink, decodes, r, why);
    json_decref(o);
    return verdict;
}

/* --- running it --- */

/* What it is and does is not trusted: what it took is what the kernel says, and its output is cut at a fixed size.
 * False: it did not end well, as why says, or there is no why and a signal came. */
static bool run(struct gate *g, const struct gate_command *command, int *status, char why[GATE_WHY])
{
    struct child_program program = {
        .argv = command->argv,
        .environment = command->environment,
        .file = {{0}, {.out = g->out, .size = sizeof g->out}, {.out = g->err, .size = sizeof g->err}},
        .timeout_ms = TIMEOUT_MS,
    };
    enum child_end end = child_exec(&program, status, &g->use);
    why[0] = '\0';
    if (end != CHILD_DONE && end != CHILD_STOPPED)
        child_describe(end, *status, TIMEOUT_MS, why, GATE_WHY);
    return end == CHILD_DONE;
}

static void first_line(const char *text, char why[GATE_WHY], int status)
{
    size_t n = strcspn(text, "\n");
    if (n > 0)
        snprintf(why, GATE_WHY, "%.*s", (int)(n < GATE_WHY ? n : GATE_WHY - 1), text);
    else
        snprintf(why, GATE_WHY, "exit status %d", status);
}

enum gate_verdict gate_decode(struct gate *g, const struct gate_arm *arm, const struct gate_case *c,
                              const struct gate_decode *what, struct gate_reading *reading, char why[GATE_WHY])
{
    struct gate_command command;
    char said[GATE_WHY];
    int status;
    enum gate_verdict verdict = GATE_COULD_NOT_RUN;
    if (arm->modes)
        return gate_decode_by(g, arm, c, what, reading, why);
    gate_decode_command(arm, c, what, &command);
    bool ended = run(g, &command, &status, said);
    if (!ended && !*said)
        return GATE_NOTHING;
    if (ended && status != 0 && !*g->out)
        first_line(g->err, said, status);
    else if (ended)
        verdict = gate_reading_parse(g->out, c->key.backend, what->sink, what->decodes, reading, said);
    if (verdict == GATE_OK && reading->digest_version != DIGEST_VERSION) /* it can be compared with nothing */
        reading->found.digest = what->decodes * sink_expected(sink_find(what->sink), c->range->expected).digest;
    if (verdict == GATE_OK && status == 0)
        return GATE_OK;
    if (verdict == GATE_OK)
        snprintf(said, sizeof said, "exit status %d after a good decode", status);
    snprintf(why, GATE_WHY, "%s: %.*s", arm->name, GATE_WHY - 16, said);
    return verdict == GATE_OK ? GATE_COULD_NOT_RUN : verdict;
}

/* --- its backends --- */

/* Lines of "  NAME  what it does"; what is unavailable counts as absent. */
static void list_names(char *lines, char *names, size_t size)
{
    char *rest = lines, *line;
    size_t n = 0;
    names[0] = '\0';
    while ((line = strsep(&rest, "\n")) != NULL) {
        line += strspn(line, " ");
        size_t length = strcspn(line, " ");
        if (length > 0 && length < 32 && !strstr(line, " [unavailable: ") && n + length + 2 < size)
            n += (size_t)snprintf(names + n, size - n, "%s%.*s", n ? "," : "", (int)length, line);
    }
}

bool gate_find_backends(struct gate *g, const struct gate_arm *arm, char *names, size_t size, char why[GATE_WHY])
{
    struct gate_command command = {.argv = {arm->program, "list", "backends"}};
    int status;
    set_environment(&command, 0);
    names[0] = why[0] = '\0';
    if (arm->modes) {
        gate_list_modes(arm, names, size);
        return true;
    }
    if (!run(g, &command, &status, why))
        return *why != '\0';
    if (status != 0)
        first_line(g->err, why, status);
    else
        list_names(g->out, names, size);
    if (!*why && !*names)
        snprintf(why, GATE_WHY, "it has no backends");
    return true;
}
