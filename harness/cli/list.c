/* dbnbench list: what there is to choose from, and what cannot be had here. */
#include "../text/safe.h"
#include "../../datasets/datasets.h"
#include "../analysis/report.h"
#include "../foreign/manifest.h"
#include "../machine/counters.h"
#include "../machine/machine.h"
#include "../results/store.h"
#include "../view/cases.h"
#include "exit.h"
#include "options.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>

#define KIND_NAMES "backends, decoders, sinks, datasets, counters, fields, machine"

static void row(const char *name, const char *what, const char *missing)
{
    printf("  %-18s %s", name, what);
    if (missing)
        printf(" [unavailable: %s]", missing);
    putchar('\n');
}

static void list_backends(void)
{
    for (size_t i = 0; backends[i]; i++)
        row(backends[i]->name, backends[i]->summary, backend_unavailable(backends[i]));
}

/* What was built may still say of itself that something is not installed. */
static const char *state_of(const struct foreign *f)
{
    static struct foreign_result r;
    foreign_ask(f, &r);
    return r.outcome == SAMPLE_UNAVAILABLE ? r.error : "ready";
}

/* Every mode is one of its own. */
static void list_decoders(void)
{
    const char *const *names = manifest_names();
    char why[256];
    for (; *names; names++) {
        const struct manifest *m = manifest_read(*names, why, sizeof why);
        const struct foreign *const *f = m ? m->modes : NULL;
        if (!m)
            row(*names, "", why);
        for (; f && *f; f++)
            printf("  decoder:%-28s %s [%s]\n", (*f)->name, (*f)->summary, state_of(*f));
    }
}

static void list_sinks(void)
{
    for (size_t i = 0; sinks[i]; i++)
        row(sinks[i]->name, sinks[i]->summary, sink_unavailable(sinks[i]));
}

static void list_datasets(void)
{
    for (const struct dataset *d = datasets; d->name; d++) {
        char what[128], path[512];
        struct stat st;
        snprintf(what, sizeof what, "%s: %" PRIu64 " records of %s, version %u%s", d->set, d->spec.records,
                 d->spec.schema, (unsigned)d->spec.version, d->spec.zstd_level ? ", zstd" : "");
        snprintf(path, sizeof path, "%s/%s", DATASETS_DIR, d->file);
        row(d->name, what, stat(path, &st) == 0 ? NULL : "not generated; gen --dataset NAME does that");
    }
}

static void list_counters(void)
{
    counters_list(stdout);
}

/* As results/README.md has it. */
static void list_fields(void)
{
    static const struct table_column columns[] = {
        {.key = "line"}, {.key = "key"}, {.key = "unit"}, {.key = "meaning"}, {0}};
    struct table *t = table_new("fields", "", columns);
    for (const struct stored_type *type = stored_types; type < stored_types + STORED_TYPES; type++)
        for (const struct stored_field *f = type->fields; f->key; f++)
            table_row(t, "tttt", type->name, f->key, f->unit, f->meaning);
    table_print_markdown(t, stdout);
    table_free(t);
}

/* --- the machine: what every run records --- */

enum { LOOK_MS = 300 };

/* A short look. What a run says covers all of the run. */
static json_t *noise_json(uint64_t cores, json_t *missing)
{
    struct noise n = {.cores = cores};
    json_t *before = machine_conditions("");
    nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000}, NULL);
    json_t *after = machine_conditions("");
    noise_set_conditions(&n, before, after);
    noise_judge(&n);
    json_t *o = cases_noise(&n);
    json_object_del(o, "spread"); /* of a run */
    if (n.others_ppm.state == READING_UNSUPPORTED) {
        json_object_set_new(missing, "steal_ppm", json_string("/proc/stat does not tell"));
        json_object_set_new(missing, "others_ppm", json_string("/proc/stat does not tell"));
    }
    if (n.pressure_ppm.state == READING_UNSUPPORTED)
        json_object_set_new(missing, "pressure_ppm", json_string("/proc/pressure/cpu does not tell"));
    if (n.throttled_ppm.state == READING_UNSUPPORTED)
        json_object_set_new(missing, "throttled_ppm", json_string("cpu.stat of no control group tells"));
    json_decref(before);
    json_decref(after);
    return o;
}

static json_t *environment(void)
{
    json_t *o = json_object(), *missing = json_object();
    json_object_set_new(o, "build", machine_build());
    json_object_set_new(o, "machine", machine_facts("", missing));
    uint64_t cores = (uint64_t)json_integer_value(json_object_get(json_object_get(o, "machine"), "cores_online"));
    json_object_set_new(o, "now", noise_json(cores, missing));
    json_object_set_new(o, "missing", missing);
    return o;
}

/* A line for each value, then the objects in it as sections of their own. missing: why a value is null. */
static void print_facts(const char *title, json_t *facts, const json_t *missing)
{
    const char *name;
    json_t *value;
    printf("%s\n", title);
    json_object_foreach(facts, name, value)
    {
        const char *text = json_string_value(value), *why = json_string_value(json_object_get(missing, name));
        if (json_is_integer(value))
            printf("  %-28s %" JSON_INTEGER_FORMAT "\n", name, json_integer_value(value));
        else if (json_is_boolean(value))
            printf("  %-28s %s\n", name, json_is_true(value) ? "yes" : "no");
        else if (text)
            printf("  %-28s %s\n", name, text);
        else if (json_is_null(value))
            printf("  %-28s n/a: %s\n", name, why ? why : "unknown");
    }
    json_object_foreach(facts, name, value) if (json_is_object(value)) print_facts(name, value, missing);
}

static int list_machine(bool json)
{
    json_t *o = environment(), *missing = json_object_get(o, "missing"), *facts;
    const char *title;
    if (json)
        put_json(json_incref(o), JSON_INDENT(1), stdout);
    else
        json_object_foreach(o, title, facts) if (facts != missing) print_facts(title, facts, missing);
    json_decref(o);
    return EXIT_FINE;
}

/* --- the command --- */

static const struct {
    const char *name;
    void (*list)(void);
    bool alone; /* only if it is asked for */
} kinds[] = {{"backends", list_backends, false},
             {"decoders", list_decoders, false},
             {"sinks", list_sinks, false},
             {"datasets", list_datasets, false},
             {"counters", list_counters, false},
             {"fields", list_fields, true},
             {"machine", NULL, true}};

enum { KINDS = sizeof kinds / sizeof kinds[0] };

static const char *nth_kind(const void *names, size_t i)
{
    (void)names;
    return i < KINDS ? kinds[i].name : NULL;
}

struct arguments {
    bool json;
};

static const struct option_row options[] = {
    {"json", 'j', NULL, "Of machine: print one JSON object", set_flag, OPTION_TO(struct arguments, json)},
    {0},
};

static bool is_machine(const struct command_line *line)
{
    return line->count > 0 && strcmp(line->operand[0], "machine") == 0;
}

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    const struct arguments *a = arguments;
    const char *kind = line->count > 0 ? line->operand[0] : NULL;
    size_t i = 0;
    while (kind && i < KINDS && strcmp(kinds[i].name, kind) != 0)
        i++;
    if (i == KINDS) {
        char near[128];
        suggest(kind, nth_kind, NULL, "", near, sizeof near);
        snprintf(why, OPTION_WHY, "unknown kind '%.100s'%s (%s)", kind, near, KIND_NAMES);
        return false;
    }
    snprintf(why, OPTION_WHY, "--json is for machine only");
    return is_machine(line) || !a->json;
}

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    const char *kind = line->count > 0 ? line->operand[0] : NULL;
    if (is_machine(line))
        return list_machine(a->json);
    for (size_t i = 0; i < KINDS; i++) {
        if (kind ? strcmp(kind, kinds[i].name) != 0 : kinds[i].alone)
            continue;
        if (!kind)
            printf("%s%s\n", i ? "\n" : "", kinds[i].name);
        kinds[i].list();
    }
    return EXIT_FINE;
}

const struct command command_list = {
    .name = "list",
    .summary = "list what there is to choose from, and say what this machine is",
    .operands = "[KIND]",
    .most = 1,
    .options = options,
    .about = "List what there is to choose from, and why some of it is unavailable here. KIND is one of " KIND_NAMES
             ". fields are the fields of stored lines; machine is what the machine is, and whether it is quiet "
             "now.",
    .examples = "list\nlist sinks\nlist machine --json",
    .size = sizeof(struct arguments),
    .check = check,
    .run = run,
};
