/* How much memory is too much for the caches. */
#include "../text/parse.h"
#include "limits_measure.h"

#include <sched.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { MEMORY_LEAST = 64 << 20, MEMORY_USUAL = 256 << 20, LEVELS = 8 };

/* The first line of a cache's property. */
static bool read_property(unsigned cpu, unsigned index, const char *name, char *text, int size)
{
    char path[128];
    snprintf(path, sizeof path, "/sys/devices/system/cpu/cpu%u/cache/index%u/%s", cpu, index, name);
    FILE *f = fopen(path, "re");
    if (!f)
        return false;
    bool ok = fgets(text, size, f) != NULL;
    fclose(f);
    text[strcspn(text, "\n")] = '\0';
    return ok;
}

static bool read_number(unsigned cpu, unsigned index, const char *name, uint64_t *value)
{
    char text[32];
    return read_property(cpu, index, name, text, sizeof text) && parse_size(text, UINT64_MAX, value);
}

/* A cache that several cores share counts for the first one of them. */
static bool is_first_user(unsigned cpu, unsigned index)
{
    char text[256], own[16];
    if (!read_property(cpu, index, "shared_cpu_list", text, sizeof text))
        return false;
    text[strcspn(text, ",-")] = '\0';
    snprintf(own, sizeof own, "%u", cpu);
    return strcmp(text, own) == 0;
}

/* The bytes of the core's last-level cache if it is the first user of it, else 0; *l2 becomes the size of its L2. */
static uint64_t last_cache(unsigned cpu, uint64_t *l2)
{
    uint64_t level, size, last_level = 0, last = 0;
    for (unsigned i = 0; i < LEVELS; i++) {
        if (!read_number(cpu, i, "level", &level) || !read_number(cpu, i, "size", &size))
            continue;
        if (level == 2)
            *l2 = size;
        if (level <= last_level)
            continue;
        last_level = level;
        last = is_first_user(cpu, i) ? size : 0;
    }
    return last;
}

static uint64_t configured(int name)
{
    long value = sysconf(name);
    return value > 0 ? (uint64_t)value : 0;
}

void limits_look_at_machine(struct limits_input *in)
{
    cpu_set_t allowed;
    in->caches = in->l2 = 0;
    for (unsigned cpu = 0; cpu < configured(_SC_NPROCESSORS_CONF); cpu++)
        in->caches += last_cache(cpu, &in->l2);
    if (in->caches == 0)
        in->caches = configured(_SC_LEVEL3_CACHE_SIZE);
    if (in->l2 == 0)
        in->l2 = configured(_SC_LEVEL2_CACHE_SIZE);
    bool known = sched_getaffinity(0, sizeof allowed, &allowed) == 0;
    in->cores = known ? (unsigned)CPU_COUNT(&allowed) : (unsigned)configured(_SC_NPROCESSORS_ONLN);

    /* Of four times the caches a quarter is in them at most. Where they are very large, less has to do. */
    uint64_t most = 2 * in->caches > MEMORY_USUAL ? 2 * in->caches : MEMORY_USUAL;
    uint64_t eighth = configured(_SC_PHYS_PAGES) * configured(_SC_PAGESIZE) / 8;
    in->memory = in->caches ? 4 * in->caches : MEMORY_USUAL;
    in->memory = in->memory > MEMORY_LEAST ? in->memory : MEMORY_LEAST;
    in->memory = in->memory < most ? in->memory : most;
    in->memory = in->memory < eighth ? in->memory : eighth;
}
