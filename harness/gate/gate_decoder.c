/* Arms that are decoder programs. A process of one answers the questions of the protocol, so that it is timed without
 * its start. All that is counted of it is what it finds. */
#include "../foreign/foreign.h"
#include "gate.h"

#include <stdio.h>
#include <string.h>

enum { TIMEOUT_MS = 120 * 1000, LATER_MS = 2000 };

/* By which the arms are compared; all decoders without modes have the same one. */
static const char *mode_of(const struct foreign *f)
{
    const char *slash = strchr(f->name, '/');
    return slash ? slash + 1 : "program";
}

void gate_list_modes(const struct gate_arm *arm, char *names, size_t size)
{
    size_t n = 0;
    names[0] = '\0';
    for (const struct foreign *const *f = arm->modes; *f && n < size; f++)
        n += (size_t)snprintf(names + n, size - n, "%s%s", n ? "," : "", mode_of(*f));
}

static const struct foreign *find_mode(const struct gate_arm *arm, const char *mode)
{
    const struct foreign *const *f = arm->modes;
    while (strcmp(mode_of(*f), mode) != 0)
        f++;
    return *f;
}

/* What is known beforehand. NULL: it can. */
static const char *why_not(const struct foreign *f, const struct gate_case *c, const char *sink)
{
    return f->outcome                          ? f->why
           : c->file->compressed && !f->zstd   ? "it reads no compressed files"
           : c->key.threads > 1 && !f->threads ? "it has one thread only"
           : !foreign_has_sink(f, sink)        ? "it has no such sink"
                                               : NULL;
}

static void sample(void *work, void *result)
{
    program_sample(work, result);
}

/* False: it did not end well, as r->error says, or a signal came, and there is no error. */
static bool run(const struct foreign_work *work, struct foreign_result *r)
{
    int detail;
    enum child_end end = child_run(sample, (void *)work, r, sizeof *r, work->timeout_ms + LATER_MS, &detail);
    if (end != CHILD_DONE && end != CHILD_STOPPED)
        child_describe(end, detail, work->timeout_ms, r->error, sizeof r->error);
    return end == CHILD_DONE && r->outcome == SAMPLE_OK;
}

enum gate_verdict gate_decode_by(struct gate *g, const struct gate_arm *arm, const struct gate_case *c,
                                 const struct gate_decode *what, struct gate_reading *reading, char why[GATE_WHY])
{
    const struct foreign *f = find_mode(arm, c->key.backend);
    const struct tally expected = sink_expected(sink_find(what->sink), c->range->expected);
    const char *cannot = why_not(f, c, what->sink);
    struct foreign_result r = {0};
    struct foreign_work work = {
        .foreign = f,
        .paths = (const char *const[]){c->file->path},
        .files = 1,
        .sink = what->sink,
        .threads = (unsigned)c->key.threads,
        .decodes = what->decodes,
        .timeout_ms = TIMEOUT_MS,
    };
    enum gate_verdict verdict = GATE_COULD_NOT_RUN;
    const char *said = cannot ? cannot : r.error;
    if (!cannot && !run(&work, &r) && !*r.error)
        return GATE_NOTHING;
    if (!*said)
        verdict = foreign_agrees(&r, expected.records, c->range->sums, expected.digest, r.error, sizeof r.error)
                      ? GATE_OK
                      : GATE_WRONG;
    *reading = (struct gate_reading){.found = expected};
    g->use = (struct child_use){.wall_ns = r.wall_ns, .cpu_ns = r.cpu_ns.value};
    if (verdict != GATE_OK)
        snprintf(why, GATE_WHY, "%s: %.*s", arm->name, GATE_WHY - 16, said);
    return verdict;
}
