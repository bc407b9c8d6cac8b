/* The table of limits, and which of them bounds what. */
#include "limits_measure.h"

#include <string.h>

const char *const limits_units[] = {[LIMITS_NS] = "ns", [LIMITS_BYTES_PER_S] = "bytes/s"};

#define COPY(name, size, text)                                                                                         \
    {                                                                                                                  \
        name, LIMITS_BYTES_PER_S, NEEDS_FILE, limits_measure_copy, size, "read(2) of " text " blocks, cached file"     \
    }

const struct limit limits_table[LIMITS_COUNT] = {
    {"syscall_ns", LIMITS_NS, NEEDS_NOTHING, limits_measure_syscall, 0, "a system call that does nothing"},
    {"read_16_ns", LIMITS_NS, NEEDS_FILE, limits_measure_small_read, 16, "pread(2) of 16 bytes, cached file"},
    COPY("copy_4k", 4 << 10, "4 KiB"),
    COPY("copy_16k", 16 << 10, "16 KiB"),
    COPY("copy_64k", 64 << 10, "64 KiB"),
    COPY("copy_128k", 128 << 10, "128 KiB"),
    COPY("copy_256k", 256 << 10, "256 KiB"),
    COPY("copy_1m", 1 << 20, "1 MiB"),
    COPY("copy_4m", 4 << 20, "4 MiB"),
    {"map_touch", LIMITS_BYTES_PER_S, NEEDS_FILE, limits_measure_map_touch, 0,
     "a word per cache line of the mapped file"},
    {"map_fault_ns", LIMITS_NS, NEEDS_FILE, limits_measure_map_faults, 0, "a page fault in the mapped file"},
    {"map_page_ns", LIMITS_NS, NEEDS_FILE, limits_measure_map_faults, 1, "the same, per 4 KiB of the file"},
    {"inflate", LIMITS_BYTES_PER_S, NEEDS_COMPRESSED_FILE, limits_measure_inflate, 0,
     "inflating this file from memory, bytes of output"},
    {"mem_read_1", LIMITS_BYTES_PER_S, NEEDS_NOTHING, limits_measure_memory, LANES_READ, "reading memory, one core"},
    {"mem_read_all", LIMITS_BYTES_PER_S, NEEDS_NOTHING, limits_measure_memory, LANES_READ | LANES_ALL_CORES,
     "reading memory, all cores together"},
    {"mem_copy_1", LIMITS_BYTES_PER_S, NEEDS_NOTHING, limits_measure_memory, LANES_COPY,
     "memcpy in memory, one core, bytes copied"},
    {"mem_copy_all", LIMITS_BYTES_PER_S, NEEDS_NOTHING, limits_measure_memory, LANES_COPY | LANES_ALL_CORES,
     "memcpy in memory, all cores together"},
    {"cached_read", LIMITS_BYTES_PER_S, NEEDS_NOTHING, limits_measure_memory, LANES_READ | LANES_CACHED,
     "reading what is in the L2 cache, one core"},
    {"handoff_ns", LIMITS_NS, NEEDS_NOTHING, limits_measure_handoff, 0,
     "waking another thread: mutex and condition, one way"},
};

const struct limit *limits_find(const char *name)
{
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        if (strcmp(limits_table[i].name, name) == 0)
            return &limits_table[i];
    return NULL;
}

/* The copy with the listed block size that is nearest, by ratio. */
static const char *copy_of(size_t block)
{
    const struct limit *best = NULL;
    double best_ratio = 0;
    for (const struct limit *limit = limits_table; limit < limits_table + LIMITS_COUNT; limit++) {
        if (limit->measure != limits_measure_copy)
            continue;
        double ratio = (double)block / (double)limit->arg;
        ratio = ratio < 1 ? 1 / ratio : ratio;
        if (best && ratio >= best_ratio)
            continue;
        best = limit;
        best_ratio = ratio;
    }
    return best->name;
}

const char *limits_for(const struct backend *b, bool compressed, size_t block)
{
    if (compressed)
        return "inflate";
    if (b->limit && strcmp(b->limit, BACKEND_COPY) == 0)
        return copy_of(block ? block : b->block);
    return b->limit && limits_find(b->limit) ? b->limit : NULL;
}

double limits_least_ns(const struct limit *limit, double value, uint64_t bytes, uint64_t reads)
{
    return limit->unit == LIMITS_BYTES_PER_S ? (double)bytes / value * 1e9 : (double)reads * value;
}
