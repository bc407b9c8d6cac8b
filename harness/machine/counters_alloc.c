/* The allocator's functions, in front of the C library's: a program's own definition is what all its
 * libraries call, libzstd too, and the calls go on to whichever allocator comes next, which may be one that
 * LD_PRELOAD brought. Linking with --wrap would see our own calls only, mallinfo2() knows no number of calls,
 * and its bytes leave out what was freed meanwhile. While nothing is counted a call costs a load and a branch
 * more. Sanitizers bring an allocator that takes this very place, so with them nothing is counted. */
#include "counters.h"

#include <dlfcn.h>
#include <errno.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>

#ifdef __has_feature
#if __has_feature(address_sanitizer) || __has_feature(thread_sanitizer) || __has_feature(memory_sanitizer)
#define SANITIZED
#endif
#endif
#if defined __SANITIZE_ADDRESS__ || defined __SANITIZE_THREAD__
#define SANITIZED
#endif

static atomic_bool counting;
static atomic_uint_least64_t calls_made, bytes_asked;

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
static bool finding;

/* `function` points to a function pointer, which ISO C cannot make of an object pointer. */
static void find(const char *name, void *function)
{
    void *p = dlsym(RTLD_NEXT, name);
    memcpy(function, &p, sizeof p);
}

/* Runs while there is one thread. dlsym() may ask for memory itself, and does without if it gets none. */
__attribute__((constructor)) static void find_next(void)
{
    if (finding || next.malloc)
        return;
    finding = true;
    struct next found = {0};
    find("calloc", &found.calloc);
    find("realloc", &found.realloc);
    find("memalign", &found.memalign);
    find("aligned_alloc", &found.aligned_alloc);
    find("posix_memalign", &found.posix_memalign);
    find("malloc", &found.malloc);
    next = found;
    finding = false;
}

/* False: there is no allocator yet. */
static bool count(size_t size)
{
    if (__builtin_expect(!next.malloc, 0))
        find_next();
    if (__builtin_expect(atomic_load_explicit(&counting, memory_order_relaxed), 0)) {
        atomic_fetch_add_explicit(&calls_made, 1, memory_order_relaxed);
        atomic_fetch_add_explicit(&bytes_asked, size, memory_order_relaxed);
    }
    return next.malloc != NULL;
}

static void *nothing(void)
{
    errno = ENOMEM;
    return NULL;
}

void *malloc(size_t size)
{
    return count(size) ? next.malloc(size) : nothing();
}

void *calloc(size_t n, size_t size)
{
    return count(n * size) ? next.calloc(n, size) : nothing();
}

void *realloc(void *p, size_t size)
{
    return count(size) ? next.realloc(p, size) : nothing();
}

void *memalign(size_t alignment, size_t size)
{
    return count(size) ? next.memalign(alignment, size) : nothing();
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return count(size) ? next.aligned_alloc(alignment, size) : nothing();
}

int posix_memalign(void **p, size_t alignment, size_t size)
{
    return count(size) ? next.posix_memalign(p, alignment, size) : ENOMEM;
}

#endif

/* A call that the C library makes itself: seen if what stands above has its place, for others as well. */
const char *allocations_why(void)
{
    atomic_store(&calls_made, 0);
    atomic_store(&counting, true);
    char *volatile copy = strdup("known work");
    atomic_store(&counting, false);
    free(copy);
    return atomic_load(&calls_made) > 0 ? NULL : "something else is in the allocator's place: a sanitizer, or valgrind";
}

static bool seen;

void allocations_begin(void)
{
    seen = allocations_why() == NULL;
    atomic_store(&calls_made, 0);
    atomic_store(&bytes_asked, 0);
    atomic_store(&counting, true);
}

void allocations_end(struct reading *calls, struct reading *bytes)
{
    enum reading_state state = seen ? READING_EXACT : READING_UNSUPPORTED;
    atomic_store(&counting, false);
    *calls = (struct reading){state, atomic_load(&calls_made)};
    *bytes = (struct reading){state, atomic_load(&bytes_asked)};
}
