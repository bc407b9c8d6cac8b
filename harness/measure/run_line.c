/* The lines of a run that are no samples. */
#include "session_parts.h"

#include "../machine/counters.h"
#include "../machine/machine.h"
#include "../machine/page_cache.h"
#include "../foreign/foreign.h"
#include "measure.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

static json_t *text(const char *any)
{
    char *copy = strdup(any);
    sample_clean_text(copy);
    json_t *string = json_string(copy);
    free(copy);
    return string;
}

static json_t *file_json(const struct plan_file *f, enum folios folios, json_t *missing)
{
    char buf[32], why[256];
    const char *file_system = machine_file_system(f->path, buf, sizeof buf);
    json_t *o = json_pack("{s:s, s:o, s:I, s:s, s:s?, s:s}", "name", f->name, "path", text(f->path), "size",
                          (json_int_t)f->size, "container", f->compressed ? "zstd" : "none", "file_system", file_system,
                          "page_cache", f->dropped ? "dropped, then read in order" : "read in order");
    json_object_set_new(o, "folios", json_string(folio_names[folios]));
    json_object_set_new(o, "faults_per_mib", isfinite(f->faults_per_mib) ? json_real(f->faults_per_mib) : json_null());
    json_object_set_new(o, "records", f->ranges ? json_integer((json_int_t)f->range[0].records) : json_null());
    json_object_set_new(o, "bytes", f->ranges ? json_integer((json_int_t)f->range[0].bytes) : json_null());
    if (page_cache_absent(f->path, why, sizeof why).state == READING_UNSUPPORTED)
        json_object_set_new(missing, "absent_pages", json_sprintf("%s: %s", f->name, why));
    return o;
}

static json_t *unavailable_json(const struct backend *const *with)
{
    json_t *o = json_object();
    for (; *with; with++) {
        const char *why = backend_unavailable(*with);
        if (why)
            json_object_set_new(o, (*with)->name, json_string(why));
    }
    return o;
}

static json_t *backends_json(const struct plan *p)
{
    static const enum run_asks asks[] = {
        [DBN_STEP_BLOCK] = ASKS_BLOCKS, [DBN_STEP_RECORD] = ASKS_RECORDS, [DBN_STEP_FIELD] = ASKS_FIELDS};
    json_t *o = json_object();
    for (size_t i = 0; i < p->case_count; i++) {
        const struct backend *b = p->cases[i].backend;
        if (foreign_decodes(b->foreign))
            continue;
        const struct run_backend is = {asks[b->step], b->attach != NULL, b->mapped, b->own_threads};
        json_object_set_new(o, b->name, run_backend_json(&is));
    }
    return o;
}

/* Decoders of others, each once. */
static json_t *decoders_json(const struct backend *const *with)
{
    json_t *list = json_array();
    for (; *with; with++)
        if ((*with)->foreign)
            json_array_append_new(list, foreign_json((*with)->foreign));
    return list;
}

json_t *run_line_begin(const struct session *s)
{
    const struct session_options *o = s->o;
    const struct plan *p = &s->plan;
    json_t *missing = json_object(), *files = json_array(), *command = json_array();
    json_t *notes = p->notes ? json_incref(p->notes) : json_array();
    struct io_counts counts;
    char why[128];
    for (int i = 0; i < o->argc; i++)
        json_array_append_new(command, text(o->argv[i]));
    for (size_t i = 0; i < p->file_count; i++)
        json_array_append_new(files, file_json(&p->files[i], p->folios, missing));
    if (!take_io_counts(&counts, why, sizeof why))
        json_object_set_new(missing, "syscr", json_string(why));
    if (allocations_why())
        json_object_set_new(missing, "allocations", json_string(allocations_why()));
    json_t *line = json_pack(
        "{s:s, s:i, s:s, s:o, s:o, s:o, s:o, s:o, s:o, s:I, s:o, s:o, s:o, s:o, s:o}", "run", s->id, "format",
        STORE_FORMAT, "kind", run_kinds[o->kind], "build", machine_build(), "machine", machine_facts("", missing),
        "counters", counters_json(&p->counters, missing), "before", machine_conditions(""), "command", command, "seed",
        json_sprintf("%016" PRIx64, o->seed), "rounds", (json_int_t)o->rounds, "datasets", files, "backends",
        backends_json(p), "unavailable", unavailable_json(o->backends), "notes", notes, "missing", missing);
    json_t *meanings = limits_json(s->limits, s->limit_count);
    for (size_t i = 0; i < s->capacity_count; i++)
        capacity_explain(&s->capacity[i], meanings);
    if (json_object_size(meanings) > 0)
        json_object_set(line, "limits", meanings);
    json_decref(meanings);
    json_t *decoders = decoders_json(o->backends);
    if (json_array_size(decoders) > 0)
        json_object_set(line, "decoders", decoders);
    json_decref(decoders);
    if (o->calls)
        json_object_set_new(line, "syscalls", session_calls_json(s));
    json_t *facts = o->facts ? o->facts(s, o->arg) : NULL;
    json_object_update(line, facts);
    json_decref(facts);
    return line;
}

json_t *run_line_end(const struct session *s)
{
    return json_pack("{s:s, s:o, s:b, s:b}", "run", s->id, "after", machine_conditions(""), "interrupted", s->stopped,
                     "cut", s->cut);
}
