/* The allocator's functions, in front of the C library's: a program's own definition is what all its libraries call,
 * libzstd too, and the calls go on to whichever allocator comes next, which may be one that LD_PRELOAD brought.
 * Linking with --wrap would see our own calls only; mallinfo2() knows no number of calls, and its bytes leave out what
 * was freed meanwhile. While nothing is counted a call costs a load and a branch more; while it is, threads write to
 * lines of their own and share nothing. Sanitizers bring an allocator that takes this very place, so with them nothing
 * is counted. */
#include "counters.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED
#endif

/* What one thread did. It stays when the thread ends, and belongs to no other until the next count begins. */
struct part {
    _Alignas(64) atomic_uint_least64_t calls;
    atomic_uint_least64_t bytes;
};
enum { PARTS = 1024 };
static struct part parts[PARTS + 1]; /* the last one is of all further threads */
static atomic_size_t parts_taken;
static atomic_uint counting, counts; /* 0: nothing is counted; else the number of this count. How many there were */

/* Before main() libraries look after themselves. */
static atomic_bool may_fail = true;

bool allocations_may_fail(bool yes)
{
    return atomic_exchange(&may_fail, yes);
}

static void begin(void)
{
    size_t taken = atomic_load(&parts_taken);
    for (size_t i = 0; i <= PARTS; i++)
        if (i < taken || i == PARTS) {
            atomic_store(&parts[i].calls, 0);
            atomic_store(&parts[i].bytes, 0);
        }
    atomic_store(&parts_taken, 0);
    atomic_store(&counting, atomic_fetch_add(&counts, 1) + 1);
}

static void end(uint64_t *calls, uint64_t *bytes)
{
    atomic_store(&counting, 0);
    size_t taken = atomic_load(&parts_taken);
    *calls = *bytes = 0;
    for (size_t i = 0; i <= PARTS && i < taken; i++) {
        *calls += atomic_load(&parts[i].calls);
        *bytes += atomic_load(&parts[i].bytes);
    }
}

#ifndef SANITIZED

/* The next allocator's. Found before main(), and before that by the first call: libraries allocate when they
 * are set up. */
static struct next {
    void *(*malloc)(size_t);
    void *(*calloc)(size_t, size_t);
    void *(*realloc)(void *, size_t);
    void *(*memalign)(size_t, size_t);
    void *(*aligned_alloc)(size_t, size_t);
    int (*posix_memalign)(void **, size_t, size_t);
} next;
static const char *const next_names[] = {"malloc", "calloc", "realloc", "memalign", "aligned_alloc", "posix_memalign"};
static bool finding;

/* Runs while there is one thread. dlsym() may ask for memory itself, and does without if it gets none. Pointers to
 * functions are copied, since ISO C cannot make them of pointers to objects. */
__attribute__((constructor)) static void find_next(void)
{
    struct next found;
    _Static_assert(sizeof found == sizeof next_names, "a name for each");
    if (finding || next.malloc)
        return;
    finding = true;
    for (size_t i = 0; i < sizeof next_names / sizeof next_names[0]; i++) {
        void *p = dlsym(RTLD_NEXT, next_names[i]);
        memcpy((char *)&found + i * sizeof p, &p, sizeof p);
    }
    next = found;
    finding = false;
}

static void add(atomic_uint_least64_t *to, uint64_t n, bool alone)
{
    if (alone)
        atomic_store_explicit(to, atomic_load_explicit(to, memory_order_relaxed) + n, memory_order_relaxed);
    else
        atomic_fetch_add_explicit(to, n, memory_order_relaxed);
}

/* The thread's part of this count. In a program, unlike a library, memory of threads is there as soon as they are. */
static void count_in(unsigned this_count, size_t size)
{
    static _Thread_local unsigned last_count;
    static _Thread_local size_t part;
    if (last_count != this_count) {
        last_count = this_count;
        part = atomic_fetch_add(&parts_taken, 1);
        part = part < PARTS ? part : PARTS;
    }
    add(&parts[part].calls, 1, part < PARTS);
    add(&parts[part].bytes, size, part < PARTS);
}

/* False: there is no allocator yet. */
static bool count(size_t size)
{
    if (__builtin_expect(!next.malloc, 0))
        find_next();
    unsigned this_count = atomic_load_explicit(&counting, memory_order_relaxed);
    if (__builtin_expect(this_count != 0, 0))
        count_in(this_count, size);
    return next.malloc != NULL;
}

static void *nothing(void)
{
    errno = ENOMEM;
    return NULL;
}

/* Ends the process unless there is memory, or somebody can do without. */
static void *checked(void *p, size_t size)
{
    static const char message[] = "dbnbench: out of memory\n";
    if (__builtin_expect(p || size == 0 || atomic_load_explicit(&may_fail, memory_order_relaxed), 1))
        return p;
    while (write(STDERR_FILENO, message, sizeof message - 1) < 0 && errno == EINTR)
        ;
    _exit(ALLOCATION_FAILED);
}

void *malloc(size_t size)
{
    return count(size) ? checked(next.malloc(size), size) : nothing();
}

void *calloc(size_t n, size_t size)
{
    return count(n * size) ? checked(next.calloc(n, size), size) : nothing();
}

void *realloc(void *p, size_t size)
{
    return count(size) ? checked(next.realloc(p, size), size) : nothing();
}

void *memalign(size_t alignment, size_t size)
{
    return count(size) ? checked(next.memalign(alignment, size), size) : nothing();
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return count(size) ? checked(next.aligned_alloc(alignment, size), size) : nothing();
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
    return count(size) ? next.posix_memalign(p, alignment, size) : ENOMEM;
}

#endif

/* A call that the C library makes itself: seen if what stands above has its place, for others as well. */
const char *allocations_why(void)
{
    uint64_t calls, bytes;
    begin();
    char *volatile copy = strdup("known work");
    end(&calls, &bytes);
    free(copy);
    return calls > 0 ? NULL : "something else is in the allocator's place: a sanitizer, or valgrind";
}

static bool seen;

void allocations_begin(void)
{
    seen = allocations_why() == NULL;
    begin();
}

void allocations_end(struct reading *calls, struct reading *bytes)
{
    enum reading_state state = seen ? READING_EXACT : READING_UNSUPPORTED;
    *calls = *bytes = (struct reading){state, 0};
    end(&calls->value, &bytes->value);
}
