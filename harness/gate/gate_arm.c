/* The arms are programs, of any revision that has `decode --json` and `list backends`. A process decodes the same file
 * several times, one after the other, so that what it takes to start one weighs little. */
#include "gate.h"

#include "../machine/page_cache.h"
#include "../results/store_json.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 120 * 1000 };

static const char *option(char *text, size_t size, const char *name, const char *value)
{
    snprintf(text, size, "--%s=%s", name, value);
    return text;
}

void gate_decode_command(const struct gate_arm *arm, const struct gate_case *c, const struct gate_decode *what,
                         struct gate_text *text, struct gate_command *command)
{
    gate_add(command, what->shifted && arm->shifted ? arm->shifted : arm->program);
    gate_add(command, "decode");
    gate_add(command, "--json");
    gate_add(command, option(text->backend, sizeof text->backend, "backend", c->backend));
    gate_add(command, option(text->sink, sizeof text->sink, "sink", what->sink));
    snprintf(text->threads, sizeof text->threads, "--threads=%u", c->threads);
    gate_add(command, text->threads);
    snprintf(text->end, sizeof text->end, "--end=%" PRIu64, what->end);
    if (what->end != UINT64_MAX)
        gate_add(command, text->end);
    if (arm->inject)
        gate_add(command, option(text->inject, sizeof text->inject, "inject", arm->inject));
    gate_add(command, "--");
    for (uint64_t i = 0; i < what->decodes; i++)
        gate_add(command, c->file->path);
}

/* --- what it printed --- */

static struct gate_count count(const json_t *o, const char *key)
{
    struct gate_count c;
    c.known = store_get_count(o, key, &c.value);
    return c;
}

static bool is_text(const json_t *o, const char *key, const char *expected)
{
    const char *text = json_string_value(json_object_get(o, key));
    return text && strcmp(text, expected) == 0;
}

static bool parse_digest(const json_t *o, uint64_t *digest)
{
    const char *text = json_string_value(json_object_get(o, "digest"));
    if (!text || strlen(text) != 16 || strspn(text, "0123456789abcdef") != 16)
        return false;
    *digest = strtoull(text, NULL, 16);
    return true;
}

static enum gate_verdict fault(const json_t *o, char why[GATE_WHY])
{
    static const char *const could_not[] = {"IO_ERROR", "UNSUPPORTED_FILE", "FILE_CHANGED"};
    const char *outcome = json_string_value(json_object_get(o, "outcome"));
    snprintf(why, GATE_WHY, "the decode ended with %s", outcome ? outcome : "no outcome");
    for (size_t i = 0; i < sizeof could_not / sizeof could_not[0]; i++)
        if (!outcome || strcmp(outcome, could_not[i]) == 0)
            return GATE_COULD_NOT_RUN;
    return GATE_WRONG; /* the reference decoder found the file good */
}

static enum gate_verdict read_object(const json_t *o, const char *backend, const char *sink, uint64_t decodes,
                                     struct gate_reading *r, char why[GATE_WHY])
{
    uint64_t files;
    if (!json_is_object(o) || !is_text(o, "backend", backend) || !is_text(o, "sink", sink) ||
        !store_get_count(o, "files", &files) || files != decodes) {
        snprintf(why, GATE_WHY, "what it printed is no answer to what it was asked");
        return GATE_COULD_NOT_RUN;
    }
    if (!is_text(o, "outcome", "OK"))
        return fault(o, why);
    if (!store_get_count(o, "records", &r->records) || !store_get_count(o, "bytes", &r->bytes) ||
        !parse_digest(o, &r->digest)) {
        snprintf(why, GATE_WHY, "it did not say what it found");
        return GATE_COULD_NOT_RUN;
    }
    r->reads = count(o, "reads");
    r->bytes_read = count(o, "bytes_read");
    r->copied = count(o, "copied");
    r->allocations = count(o, "allocations");
    r->allocated_bytes = count(o, "allocated_bytes");
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
    struct gate_command command = {0};
    struct gate_text text;
    struct gate_child *child = &g->child;
    char said[GATE_WHY];
    gate_decode_command(arm, c, what, &text, &command);
    if (g->cold && page_cache_drop(c->file->path, said, sizeof said) < 0) {
        snprintf(why, GATE_WHY, "it cannot be read cold: %.200s", said);
        return GATE_COULD_NOT_RUN;
    }
    gate_child_run(&command, what->padding + arm->padding, TIMEOUT_MS, child);
    if (child->end == GATE_STOPPED)
        return GATE_NOTHING;
    enum gate_verdict verdict = GATE_COULD_NOT_RUN;
    if (child->end != GATE_ENDED)
        snprintf(said, sizeof said, "%s", child->why);
    else if (child->status != 0 && !*child->out)
        first_line(child->err, said, child->status);
    else
        verdict = gate_reading_parse(child->out, c->backend, what->sink, what->decodes, reading, said);
    if (verdict == GATE_OK && child->status != 0) {
        snprintf(said, sizeof said, "exit status %d after a good decode", child->status);
        verdict = GATE_COULD_NOT_RUN;
    }
    if (verdict != GATE_OK)
        snprintf(why, GATE_WHY, "%s: %.*s", arm->name, GATE_WHY - 16, said);
    return verdict;
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
    struct gate_command command = {0};
    gate_add(&command, arm->program);
    gate_add(&command, "list");
    gate_add(&command, "backends");
    gate_child_run(&command, 0, TIMEOUT_MS, &g->child);
    names[0] = why[0] = '\0';
    if (g->child.end == GATE_STOPPED)
        return false;
    if (g->child.end != GATE_ENDED)
        snprintf(why, GATE_WHY, "%s", g->child.why);
    else if (g->child.status != 0)
        first_line(g->child.err, why, g->child.status);
    else
        list_names(g->child.out, names, size);
    if (!*why && !*names)
        snprintf(why, GATE_WHY, "it has no backends");
    return true;
}
