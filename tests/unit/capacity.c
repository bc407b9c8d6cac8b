/* Guards the measuring of capacity: all the work is done, and what cannot be measured has a reason. (also: tsan) */
#include "../../harness/measure/capacity.h"
#include "../../harness/machine/child.h"
#include "../support.h"

#include <math.h>
#include <string.h>
#include <sys/mman.h>

enum { MOST = 8, SMALL = 4 << 20 };

/* Small memory, so that it is quick. */
static struct capacity request(enum capacity_kind kind, unsigned threads)
{
    return (struct capacity){.kind = kind, .threads = threads, .machine = {.cores = 2, .memory = SMALL}};
}

static struct capacity_sample measured(enum capacity_kind kind, unsigned threads)
{
    struct capacity r = request(kind, threads);
    struct capacity_sample s;
    capacity_measure(&r, &s);
    return s;
}

static void check_sample(const struct capacity_sample *s, unsigned threads, uint64_t each)
{
    CHECK_STR(s->why, "");
    double amount = (double)threads * (double)each;
    CHECK_FOR(s->wall_ns > 0 && s->value > 0 && isfinite(s->value), "%u threads", threads);
    CHECK_FOR(fabs(s->value * (double)s->wall_ns - amount * 1e9) < 1e-6 * amount * 1e9, "%u threads: %g in a second",
              threads, s->value);
}

/* One chain, step by step. */
static uint64_t chain(uint64_t x, uint64_t steps)
{
    for (uint64_t i = 0; i < steps; i++)
        x = (x * 32 | x >> 59) + 1;
    return x;
}

TEST(arithmetic_is_what_it_says)
{
    static const uint64_t begins[] = {0, 1, 12345, UINT64_MAX - 3};
    for (size_t i = 0; i < LENGTH(begins); i++)
        for (uint64_t steps = 0; steps < 200; steps += 1 + steps / 3) {
            uint64_t sum = 0;
            for (uint64_t k = 0; k < CAPACITY_CHAINS; k++)
                sum += chain(begins[i] + k, steps);
            CHECK_EQ_U64(capacity_arithmetic(begins[i], steps), sum);
        }
}

TEST(all_arithmetic_is_done)
{
    uint64_t ends[MOST + CAPACITY_CHAINS], sum = 0;
    for (uint64_t k = 0; k < LENGTH(ends); k++)
        ends[k] = chain(k, CAPACITY_STEPS);
    for (unsigned n = 1; n <= MOST; n++) {
        for (unsigned k = 0; k < CAPACITY_CHAINS; k++)
            sum += ends[n - 1 + k];
        struct capacity_sample s = measured(CAPACITY_ARITHMETIC, n);
        check_sample(&s, n, (uint64_t)CAPACITY_CHAINS * CAPACITY_STEPS);
        CHECK_EQ_U64(s.check, sum);
    }
}

/* All bytes of memory are 1, so its words add up to what is known. */
TEST(all_memory_is_read)
{
    for (unsigned n = 1; n <= MOST; n += SANITIZED && n > 1 ? 6 : 1) {
        struct capacity_sample s = measured(CAPACITY_MEMORY, n);
        check_sample(&s, n, CAPACITY_BYTES);
        CHECK_EQ_U64(s.check, n * (CAPACITY_BYTES / 8) * UINT64_C(0x0101010101010101));
    }
}

/* Odd sizes are read to their last line, and no further. */
TEST(any_size_of_memory)
{
    static const uint64_t sizes[] = {64, 100, 4096 + 64, (2 << 20) + 192, 3 << 20};
    for (size_t i = 0; i < LENGTH(sizes); i++) {
        struct capacity r = request(CAPACITY_MEMORY, 1);
        struct capacity_sample s;
        r.machine.memory = sizes[i];
        capacity_measure(&r, &s);
        check_sample(&s, 1, CAPACITY_BYTES);
        CHECK_EQ_U64(s.check, (CAPACITY_BYTES / 8) * UINT64_C(0x0101010101010101));
    }
}

/* Of 4 MiB for two cores 8 threads can have 2 MiB each: that is four times as much. 9 cannot. */
TEST(too_little_memory)
{
    struct capacity r = request(CAPACITY_MEMORY, 2);
    struct capacity_sample s;
    CHECK_STR(measured(CAPACITY_MEMORY, 9).why, "there is too little memory for 9 threads with 2 MiB each");
    r.machine.caches = SMALL / 2 + 1;
    capacity_measure(&r, &s);
    CHECK_STR(s.why, "there is too little memory for getting past 2 MiB of caches");
    r.machine.caches = 0;
    r.machine.memory = 0;
    capacity_measure(&r, &s);
    CHECK_STR(s.why, "there is too little memory for getting past 0 MiB of caches");
    CHECK(s.value == 0);
}

/* As commands do it. */
static struct capacity_sample in_child(struct capacity r)
{
    struct capacity_sample s;
    int detail;
    CHECK_EQ_I64(child_run(capacity_measure, &r, &s, sizeof s, 20000, &detail), CHILD_DONE);
    return s;
}

/* Those that could be started end with their process, and the next sample is as good as any. */
TEST(threads_that_cannot_be_started)
{
    if (SANITIZED)
        SKIP("sanitizers need memory of their own");
    limit_memory(64 << 20); /* a stack takes 8 MiB */
    struct capacity_sample s = in_child(request(CAPACITY_ARITHMETIC, 100));
    CHECK_STR(s.why, "100 threads cannot be started: Resource temporarily unavailable");
    CHECK(s.value == 0 && s.check == 0);
    s = measured(CAPACITY_ARITHMETIC, 2);
    check_sample(&s, 2, (uint64_t)CAPACITY_CHAINS * CAPACITY_STEPS);
}

TEST(memory_that_cannot_be_had)
{
    if (SANITIZED)
        SKIP("sanitizers need memory of their own");
    struct capacity r = request(CAPACITY_MEMORY, 2);
    struct capacity_sample s;
    r.machine.memory = 512 << 20;
    limit_memory(300 << 20); /* enough for one of the two */
    capacity_measure(&r, &s);
    CHECK_STR(s.why, "there is no memory for 2 threads");
    CHECK(s.value == 0);
}

TEST(in_a_child)
{
    for (enum capacity_kind kind = CAPACITY_ARITHMETIC; kind <= CAPACITY_MEMORY; kind++) {
        struct capacity_sample s = in_child(request(kind, 3));
        check_sample(&s, 3, kind == CAPACITY_MEMORY ? CAPACITY_BYTES : (uint64_t)CAPACITY_CHAINS * CAPACITY_STEPS);
    }
}

/* On this machine, with as much memory as it takes. */
TEST(the_machine_as_it_is)
{
    struct capacity r = {.kind = CAPACITY_MEMORY, .threads = 2};
    struct capacity_sample s;
    if (SLOWER > 1)
        SKIP("twice the caches, which may be a gigabyte, take long with a sanitizer");
    capacity_look_at_machine(&r.machine);
    capacity_measure(&r, &s);
    if (r.machine.memory < 2 * r.machine.caches)
        CHECK(strstr(s.why, "too little memory"));
    else
        check_sample(&s, 2, CAPACITY_BYTES);
}

TESTS(CASE(arithmetic_is_what_it_says), CASE(all_arithmetic_is_done), CASE(all_memory_is_read),
      CASE(any_size_of_memory), CASE(too_little_memory), CASE(threads_that_cannot_be_started),
      CASE(memory_that_cannot_be_had), CASE(in_a_child), CASE(the_machine_as_it_is));
