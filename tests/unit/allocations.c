/* Guards the count of allocations: those of all threads (also: tsan, which says that it cannot) and all
 * libraries. */
#include "../../harness/machine/counters.h"
#include "../test.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <zstd.h>

enum { THREADS = 3 };

/* Out of the compiler's sight, which may leave out memory that nobody looks at. */
static void *volatile kept;

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

TESTS(CASE(allocations), CASE(allocations_of_threads_and_libraries));
