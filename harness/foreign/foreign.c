/* Words of -b that mean decoders of others, and whether what those find is right. */
#include "foreign.h"

#include "../machine/child.h"
#include "plugin.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PROGRAM "decoder:"
#define PLUGIN ".so"

/* --- names --- */

/* Those that were found, to find them again. */
static struct plugin {
    struct foreign foreign;
    const struct foreign *alone[2]; /* that, and NULL */
} * *plugins;
static size_t plugin_count;
static const struct foreign **programs;
static size_t program_count;

static bool ends_with(const char *text, const char *end)
{
    size_t n = strlen(text), m = strlen(end);
    return n >= m && strcmp(text + n - m, end) == 0;
}

static struct plugin *new_plugin(const char *path, const char *name)
{
    struct plugin *p = calloc(1, sizeof *p);
    struct foreign *f = &p->foreign;
    p->alone[0] = f;
    snprintf(f->name, sizeof f->name, "%s", name);
    sample_clean_text(f->name);
    f->path = path;
    f->backend.name = f->name;
    f->backend.summary = f->summary;
    f->backend.foreign = f;
    plugin_probe(f);
    plugins = reallocarray(plugins, plugin_count + 1, sizeof *plugins);
    plugins[plugin_count++] = p;
    return p;
}

/* By the word: tables have room for the end of its path, so no two may have the same. NULL and why. */
static const struct plugin *find_plugin(const char *word, char *why, size_t size)
{
    char *path = realpath(word, NULL);
    if (!path) {
        snprintf(why, size, "%.200s: %s", word, strerror(errno));
        return NULL;
    }
    const char *name = strrchr(path, '/') + 1;
    for (size_t i = 0; i < plugin_count; i++) {
        const struct foreign *f = &plugins[i]->foreign;
        if (strcmp(f->path, path) == 0) {
            free(path);
            return plugins[i];
        }
        if (strcmp(f->name, name) == 0) {
            snprintf(why, size, "two plug-ins are called %s, and tables could not tell them apart", name);
            free(path);
            return NULL;
        }
    }
    if (strlen(name) < FOREIGN_NAME)
        return new_plugin(path, name);
    snprintf(why, size, "the name of the plug-in %.200s is longer than %d characters", name, FOREIGN_NAME - 1);
    free(path);
    return NULL;
}

/* Nor may two decoders in different folders. */
static const struct foreign *const *find_programs(const char *word, char *why, size_t size)
{
    const struct foreign *const *found = manifest_find(word, why, size);
    for (const struct foreign *const *f = found; f && *f; f++) {
        for (size_t i = 0; i < program_count; i++) {
            if (strcmp(programs[i]->name, (*f)->name) != 0 ||
                strcmp(programs[i]->program.folder, (*f)->program.folder) == 0)
                continue;
            snprintf(why, size, "two decoders are called %s, and tables could not tell them apart", (*f)->name);
            return NULL;
        }
        programs = reallocarray(programs, program_count + 1, sizeof *programs);
        programs[program_count++] = *f;
    }
    return found;
}

const struct foreign *const *foreign_find(const char *word, char *why, size_t size)
{
    const struct plugin *plugin = NULL;
    why[0] = '\0';
    if (strncmp(word, PROGRAM, strlen(PROGRAM)) == 0)
        return find_programs(word + strlen(PROGRAM), why, size);
    if (!ends_with(word, PLUGIN))
        return NULL;
    if (strchr(word, '/'))
        plugin = find_plugin(word, why, size);
    else
        snprintf(why, size, "'%.100s': a plug-in is named by its path: ./%.100s", word, word);
    return plugin ? plugin->alone : NULL;
}

bool foreign_has_sink(const struct foreign *f, const char *sink)
{
    for (size_t i = 0; i < FOREIGN_SINKS && *f->sinks[i]; i++)
        if (strcmp(f->sinks[i], sink) == 0)
            return true;
    return false;
}

/* --- results --- */

static void decode(void *arg, void *result)
{
    const struct foreign_work *work = arg;
    struct foreign_result *r = result;
    char why[SAMPLE_ERROR];
    if (work->foreign->kind == FOREIGN_PROGRAM) {
        program_sample(work, r);
    } else if (!plugin_begin(work->foreign, r->error, sizeof r->error)) {
        r->outcome = SAMPLE_FAILED;
    } else {
        plugin_decode(work, r);
        if (!plugin_end(why, sizeof why) && r->outcome == SAMPLE_OK) {
            r->outcome = SAMPLE_FAILED;
            memcpy(r->error, why, sizeof why);
        }
    }
}

bool foreign_decode(const struct foreign_work *work, uint64_t memory_limit, struct foreign_result *r)
{
    const struct foreign *f = work->foreign;
    const struct child_limits limits = {work->timeout_ms + foreign_grace_ms(f), memory_limit};
    int detail;
    *r = (struct foreign_result){.outcome = f->outcome};
    snprintf(r->error, sizeof r->error, "%s", f->why);
    if (f->outcome != SAMPLE_OK)
        return true;
    enum child_end end = child_run_within(decode, (void *)work, r, sizeof *r, &limits, &detail);
    if (end != CHILD_DONE) {
        r->outcome = child_outcome(end);
        child_describe(end, detail, work->timeout_ms, r->error, sizeof r->error);
    }
    sample_clean_text(r->error);
    return end != CHILD_STOPPED;
}

void foreign_ask(const struct foreign *f, struct foreign_result *r)
{
    enum { HELLO_MS = 20 * 1000 }; /* a language may take its time to start */
    foreign_decode(&(struct foreign_work){.foreign = f, .timeout_ms = HELLO_MS}, 0, r);
}

bool foreign_agrees(const struct foreign_result *r, uint64_t records, const uint64_t sums[SUMS], uint64_t digest,
                    char *why, size_t size)
{
    if (r->records != records) {
        snprintf(why, size, "%" PRIu64 " records instead of %" PRIu64, r->records, records);
        return false;
    }
    for (size_t i = 0; i < SUMS; i++) {
        if (r->sums[i] == sums[i])
            continue;
        snprintf(why, size, "sum of %s is %" PRId64 " instead of %" PRId64, sum_names[i], (int64_t)r->sums[i],
                 (int64_t)sums[i]);
        return false;
    }
    if (!r->has_digest || r->digest == digest)
        return true;
    snprintf(why, size, "digest is %016" PRIx64 " instead of %016" PRIx64, r->digest, digest);
    return false;
}
