/* Columns by vectors: the same code for each width that processors have, by the vector extensions of gcc and clang.
 * Which is used is found out when the program runs. Where a compiler lacks them there is the scalar one only. */
#include "columns.h"

#if defined __has_builtin
#if __has_builtin(__builtin_shufflevector) && __has_builtin(__builtin_convertvector)
#define HAVE_VECTORS 1
#endif
#endif

#ifdef HAVE_VECTORS

#ifdef __x86_64__
/* --- 8 lanes: AVX-512 --- */
#define LANES 8
#define NAME(what) what##_avx512
#define TARGET __attribute__((target("avx512f,avx512bw,avx512dq,avx512vl,avx2,bmi2")))
#define LOW_1 0, 8, 2, 10, 4, 12, 6, 14
#define HIGH_1 1, 9, 3, 11, 5, 13, 7, 15
#define LOW_2 0, 1, 8, 9, 4, 5, 12, 13
#define HIGH_2 2, 3, 10, 11, 6, 7, 14, 15
#define LOW_4 0, 1, 2, 3, 8, 9, 10, 11
#define HIGH_4 4, 5, 6, 7, 12, 13, 14, 15
#include "columns_lanes.h"

static bool has_avx512(void)
{
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512dq") && __builtin_cpu_supports("avx512vl") && __builtin_cpu_supports("bmi2");
}
static const struct columns_way avx512 = {"avx512", has_avx512, fills_avx512, sum_avx512, 0};

/* --- 4 lanes: AVX2 --- */
#define LANES 4
#define NAME(what) what##_avx2
#define TARGET __attribute__((target("avx2,bmi2")))
#define LOW_1 0, 4, 2, 6
#define HIGH_1 1, 5, 3, 7
#define LOW_2 0, 1, 4, 5
#define HIGH_2 2, 3, 6, 7
#include "columns_lanes.h"

static bool has_avx2(void)
{
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("bmi2");
}
static const struct columns_way avx2 = {"avx2", has_avx2, fills_avx2, sum_avx2, 0};
#endif

/* --- 2 lanes: what every processor of the kind has, SSE2 or NEON --- */
#define LANES 2
#define NAME(what) what##_pairs
#define TARGET
#define LOW_1 0, 2
#define HIGH_1 1, 3
#include "columns_lanes.h"

static const struct columns_way pairs = {"pairs", .fill = fills_pairs, .sum = sum_pairs};

#endif

const struct columns_way *const columns_ways[] = {
    &columns_scalar,
#ifdef HAVE_VECTORS
    &pairs,
#ifdef __x86_64__
    &avx2,
    &avx512,
#endif
#endif
    NULL,
};

const struct columns_way *columns_best(void)
{
    const struct columns_way *best = columns_ways[0];
    for (size_t i = 1; columns_ways[i]; i++)
        if (!columns_ways[i]->usable || columns_ways[i]->usable())
            best = columns_ways[i];
    return best;
}
