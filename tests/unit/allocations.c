/* Guards the count of allocations: those of all threads (also: tsan, which says that it cannot) and all
 * libraries. */
#include "../../harness/machine/counters.h"
#include "../test.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { THREADS = 3, MANY = 1100, OFTEN = 20000 };

/* Out of the compiler's sight, which may leave out memory that nobody looks at. */
static _Thread_local void *volatile kept;

static void *allocate(void *arg)
{
    void *p = NULL;
    kept = malloc(100);
    kept = realloc(kept, 1000);
    free(kept);
    kept = calloc(10, 20);
    free(kept);
    kept = aligned_alloc(64, 640);
    free(kept);
    CHECK_EQ_I64(posix_memalign(&p, 64, 3), 0);
    free(p);
    return arg;
}
enum { ALLOCATIONS = 5, ALLOCATED = 100 + 1000 + 200 + 640 + 3 };

TEST(allocations)
{
    struct reading calls, bytes;
    allocations_begin();
    allocate(NULL);
    allocations_end(&calls, &bytes);
    allocate(NULL);
    if (allocations_why()) {
        CHECK(calls.state == READING_UNSUPPORTED && bytes.state == READING_UNSUPPORTED);
        return;
    }
    CHECK_EQ_U64(calls.value, ALLOCATIONS);
    CHECK_EQ_U64(bytes.value, ALLOCATED);
    allocations_begin();
    allocations_end(&calls, &bytes);
    CHECK_EQ_U64(calls.state, READING_EXACT);
    CHECK_EQ_U64(calls.value, 0);
    CHECK_EQ_U64(bytes.value, 0);
}

TEST(allocations_of_threads_and_libraries)
{
    struct reading calls, bytes;
    if (allocations_why())
        SKIP("%s", allocations_why());
    allocations_begin();
    pthread_t thread[THREADS];
    for (size_t i = 0; i < THREADS; i++)
        CHECK_EQ_I64(pthread_create(&thread[i], NULL, allocate, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    allocations_end(&calls, &bytes);
    CHECK(calls.value >= THREADS * ALLOCATIONS && bytes.value >= THREADS * ALLOCATED);
    allocations_begin();
    ZSTD_DCtx *zstd = ZSTD_createDCtx();
    kept = strdup("the C library's own call");
    allocations_end(&calls, &bytes);
    CHECK(calls.value >= 2 && bytes.value > ZSTD_sizeof_DCtx(zstd));
    ZSTD_freeDCtx(zstd);
    free(kept);
}

static void *idle(void *arg)
{
    return arg;
}

static struct reading count_threads(void *(*work)(void *), size_t n, struct reading *bytes)
{
    struct reading calls;
    allocations_begin();
    for (size_t i = 0; i < n; i++) {
        pthread_t thread;
        CHECK_EQ_I64(pthread_create(&thread, NULL, work, NULL), 0);
        pthread_join(thread, NULL);
    }
    allocations_end(&calls, bytes);
    return calls;
}

/* What threads did that have ended is in it, and of more of them than have a place of their own. */
TEST(allocations_of_many_threads)
{
    struct reading bytes, idle_bytes;
    if (allocations_why())
        SKIP("%s", allocations_why());
    count_threads(idle, MANY, &idle_bytes); /* what starting them takes at first */
    uint64_t idle_calls = count_threads(idle, MANY, &idle_bytes).value;
    uint64_t calls = count_threads(allocate, MANY, &bytes).value;
    CHECK_EQ_U64(calls - idle_calls, MANY * ALLOCATIONS);
    CHECK_EQ_U64(bytes.value - idle_bytes.value, MANY * ALLOCATED);
}

static void *allocate_often(void *arg)
{
    for (size_t i = 0; i < OFTEN; i++)
        allocate(arg);
    return NULL;
}

/* At the same time, each in a line of its own: none is lost, and none counted for another. */
TEST(allocations_at_the_same_time)
{
    struct reading calls, bytes;
    pthread_t thread[THREADS];
    if (allocations_why())
        SKIP("%s", allocations_why());
    count_threads(idle, THREADS, &bytes);
    allocations_begin();
    for (size_t i = 0; i < THREADS; i++)
        CHECK_EQ_I64(pthread_create(&thread[i], NULL, allocate_often, NULL), 0);
    for (size_t i = 0; i < THREADS; i++)
        pthread_join(thread[i], NULL);
    allocations_end(&calls, &bytes);
    uint64_t least = THREADS * OFTEN * ALLOCATIONS;
    CHECK_FOR(calls.value >= least && calls.value <= least + 10 * THREADS, "%llu", (unsigned long long)calls.value);
}

TESTS(CASE(allocations), CASE(allocations_of_many_threads), CASE(allocations_at_the_same_time),
      CASE(allocations_of_threads_and_libraries));
