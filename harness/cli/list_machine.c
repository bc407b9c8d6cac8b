/* dbnbench list machine: what the machine is, what can be measured on it, and whether it is quiet now. What every run
 * records. */
#include "list_machine.h"

#include "exit.h"
#include "../machine/counters_json.h"
#include "../machine/machine.h"
#include "../analysis/noise.h"
#include "../results/store.h"
#include "options.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

enum { LOOK_MS = 300 };

static json_t *integer(struct reading r)
{
    return r.state == READING_UNSUPPORTED ? json_null() : json_integer((json_int_t)r.value);
}

static json_t *folder_json(const char *path, json_t *missing)
{
    char buf[32], why[256] = "";
    char *name = strdup(path);
    const char *file_system = machine_file_system(path, buf, sizeof buf);
    struct reading ahead = machine_read_ahead(path, why, sizeof why);
    sample_clean_text(name);
    json_t *o =
        json_pack("{s:s, s:s?, s:o}", "path", name, "file_system", file_system, "read_ahead_bytes", integer(ahead));
    if (!file_system)
        json_object_set_new(missing, "file_system", json_string("statfs fails"));
    if (ahead.state == READING_UNSUPPORTED)
        json_object_set_new(missing, "read_ahead_bytes", json_string(why));
    free(name);
    return o;
}

static json_t *all_counters(json_t *missing)
{
    json_t *all = json_object();
    for (size_t i = 0; counters_generic(i); i++) {
        struct counter_set set;
        char why[COUNTER_TEXT];
        counters_choose(&set, counters_generic(i), why, sizeof why);
        counters_try(&set);
        json_t *one = counters_json(&set, missing);
        json_object_update(all, one);
        json_decref(one);
    }
    const char *why = allocations_why();
    json_object_set_new(all, "allocations",
                        why ? json_null() : json_pack("{s:s, s:b}", "event", "malloc", "user_only", 0));
    if (why)
        json_object_set_new(missing, "allocations", json_string(why));
    return all;
}

/* A short look. What a run says covers all of the run. */
static json_t *noise_json(uint64_t cores, json_t *missing)
{
    struct noise n = {.cores = cores};
    char why[256];
    json_t *before = machine_conditions();
    nanosleep(&(struct timespec){.tv_nsec = LOOK_MS * 1000000}, NULL);
    json_t *after = machine_conditions();
    noise_set_conditions(&n, before, after);
    bool quiet = noise_judge(&n, why, sizeof why);
    json_t *o = json_pack("{s:o, s:o, s:o, s:o, s:s, s:s}", "load_milli", integer(n.load_before_milli), "steal_ppm",
                          integer(n.steal_ppm), "others_ppm", integer(n.others_ppm), "pressure_ppm",
                          integer(n.pressure_ppm), "verdict", quiet ? "quiet" : "noisy", "why", why);
    if (n.others_ppm.state == READING_UNSUPPORTED) {
        json_object_set_new(missing, "steal_ppm", json_string("/proc/stat does not tell"));
        json_object_set_new(missing, "others_ppm", json_string("/proc/stat does not tell"));
    }
    if (n.pressure_ppm.state == READING_UNSUPPORTED)
        json_object_set_new(missing, "pressure_ppm", json_string("/proc/pressure/cpu does not tell"));
    json_decref(before);
    json_decref(after);
    return o;
}

static json_t *environment(const char *folder)
{
    json_t *o = json_object(), *missing = json_object();
    json_object_set_new(o, "build", machine_build());
    json_object_set_new(o, "machine", machine_facts(missing));
    json_object_set_new(o, "folder", folder_json(folder, missing));
    json_object_set_new(o, "counters", all_counters(missing));
    uint64_t cores = (uint64_t)json_integer_value(json_object_get(json_object_get(o, "machine"), "cores_online"));
    json_object_set_new(o, "now", noise_json(cores, missing));
    json_object_set_new(o, "missing", missing);
    return o;
}

/* --- for people --- */

static void print_line(const char *name, const json_t *value, const json_t *missing)
{
    const char *text = json_string_value(value), *why = json_string_value(json_object_get(missing, name));
    printf("  %-28s ", name);
    if (json_is_integer(value))
        printf("%" JSON_INTEGER_FORMAT "\n", json_integer_value(value));
    else if (json_is_boolean(value))
        puts(json_is_true(value) ? "yes" : "no");
    else
        printf("%s%s\n", text ? text : "n/a: ", text ? "" : why ? why : "unknown");
}

/* Most flaws are other processors'. */
static void print_mitigations(json_t *all)
{
    const char *name;
    json_t *value;
    size_t others = 0;
    json_object_foreach(all, name, value)
    {
        if (strcmp(json_string_value(value), "Not affected") == 0)
            others++;
        else
            print_line(name, value, NULL);
    }
    printf("  %-28s Not affected\n", others == json_object_size(all) ? "(all)" : "(others)");
}

static void print_counter(const char *name, const json_t *value, const json_t *missing)
{
    if (json_is_null(value))
        print_line(name, value, missing);
    else
        printf("  %-28s counts%s\n", name,
               json_is_true(json_object_get(value, "user_only")) ? ", the user's side only" : "");
}

static void print_section(const char *title, json_t *section, const json_t *missing)
{
    const char *name;
    json_t *value;
    printf("%s\n", title);
    if (strcmp(title, "mitigations") == 0) {
        print_mitigations(section);
        return;
    }
    json_object_foreach(section, name, value)
    {
        if (strcmp(title, "counters") == 0)
            print_counter(name, value, missing);
        else if (!json_is_object(value))
            print_line(name, value, missing);
    }
    if (strcmp(title, "counters") == 0)
        return;
    json_object_foreach(section, name, value) if (json_is_object(value)) print_section(name, value, missing);
}

static void print_environment(json_t *o)
{
    const char *title;
    json_t *section, *missing = json_object_get(o, "missing");
    json_object_foreach(o, title, section) if (section != missing) print_section(title, section, missing);
}

int list_machine(const char *folder, bool json)
{
    if (access(folder, F_OK) < 0) {
        complain("%s: %s", folder, strerror(errno));
        return EXIT_FAILED;
    }
    json_t *o = environment(folder);
    if (json) {
        json_dumpf(o, stdout, JSON_INDENT(1));
        putchar('\n');
    } else {
        print_environment(o);
    }
    json_decref(o);
    return EXIT_FINE;
}
