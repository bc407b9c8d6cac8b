/* What takes the samples of limits.c. All run in a process of their own, so that memory starts fresh, a file
 * that shrinks under a mapping is an outcome, and nothing has to be released.
 *
 * A sample is made of steps of less than a millisecond, so that those which were interrupted stand out. */
#ifndef HARNESS_LIMITS_KERNELS_H
#define HARNESS_LIMITS_KERNELS_H

#include "limits.h"

enum {
    LIMITS_SAMPLE_NS = 15000000,
    LIMITS_INFLATE_NS = 200000000, /* longer, since parts of a file may inflate faster than others */
    LIMITS_STEPS = 4096,
};

enum { MEMORY_READ = 0, MEMORY_COPY = 1, MEMORY_CACHED = 2 };

void limits_measure_syscall(const struct limits_input *in, size_t arg, struct limits_sample *s);
void limits_measure_memory(const struct limits_input *in, size_t what, struct limits_sample *s);
void limits_measure_small_read(const struct limits_input *in, size_t size, struct limits_sample *s);
void limits_measure_copy(const struct limits_input *in, size_t block, struct limits_sample *s);
void limits_measure_map_touch(const struct limits_input *in, size_t arg, struct limits_sample *s);
void limits_measure_map_faults(const struct limits_input *in, size_t per_page, struct limits_sample *s);
void limits_measure_inflate(const struct limits_input *in, size_t arg, struct limits_sample *s);

struct limits_steps {
    uint64_t begin_ns; /* of the step that goes on */
    uint64_t ns;       /* of those that are over */
    size_t n;
    struct limits_step {
        uint64_t ns, amount;
    } step[LIMITS_STEPS];
};

/* A step begins; zeroed memory before the first. */
void limits_begin(struct limits_steps *t);
/* It ends, having done this much, and the next one begins. False: that was enough for a sample. */
bool limits_step(struct limits_steps *t, uint64_t amount);
/* Sets both values: bytes a second, or ns for one of what was counted. */
void limits_finish(const struct limits_steps *t, bool per_second, struct limits_sample *s);

/* Memory that was written to, since pages that never were are all one and the same. NULL if there is none. It stays
 * until the process ends. */
uint8_t *limits_get_memory(size_t size);

/* The sum of all 8-byte words of n bytes, n a multiple of 64. */
uint64_t limits_sum(const uint8_t *p, size_t n);
/* The sum of the 8-byte words that begin every `stride` bytes, as far as they are whole. Loads nothing else. */
uint64_t limits_touch(const uint8_t *p, size_t n, size_t stride);

/* Makes the compiler believe that the value is used. */
static inline void limits_use(uint64_t value)
{
    __asm__ volatile("" : : "r"(value));
}

#endif
