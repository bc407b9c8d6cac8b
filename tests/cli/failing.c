/* Preloaded: has one kind of call fail, from the Nth on or only that one time.
 *   FAIL=memory|thread   FAIL_AT=N (0: none)   FAIL_EVER=1   FAIL_COUNT=FILE: how many calls there were, at exit;
 *   FAIL_MARK=FILE is created when a call fails. Processes that it starts go on counting from where they were. */
#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

static unsigned long calls, at;
static int memory, threads, ever;

__attribute__((constructor)) static void set_up(void)
{
    const char *fail = getenv("FAIL"), *n = getenv("FAIL_AT");
    ever = getenv("FAIL_EVER") != NULL;
    at = n ? strtoul(n, NULL, 10) : 0;
    memory = fail && strcmp(fail, "memory") == 0;
    threads = fail && strcmp(fail, "thread") == 0;
}

__attribute__((destructor)) static void tell(void)
{
    const char *path = getenv("FAIL_COUNT");
    char text[32];
    int fd = path ? open(path, O_WRONLY | O_CREAT | O_TRUNC, 0666) : -1;
    if (fd >= 0 && write(fd, text, (size_t)snprintf(text, sizeof text, "%lu\n", calls)) > 0)
        close(fd);
}

static int fails(int kind)
{
    if (!kind)
        return 0;
    unsigned long n = __atomic_add_fetch(&calls, 1, __ATOMIC_RELAXED);
    if (at == 0 || n < at || (n > at && !ever))
        return 0;
    const char *path = getenv("FAIL_MARK");
    int fd = path ? open(path, O_WRONLY | O_CREAT, 0666) : -1;
    if (fd >= 0)
        close(fd);
    errno = ENOMEM;
    return 1;
}

/* The next one of this name. dlsym() may ask for memory itself; it does without if it gets none. */
#define NEXT(type, name, ...)                                                                                          \
    static type (*next)(__VA_ARGS__);                                                                                  \
    static int finding;                                                                                                \
    if (!next && !finding) {                                                                                           \
        finding = 1;                                                                                                   \
        void *found = dlsym(RTLD_NEXT, #name);                                                                         \
        memcpy(&next, &found, sizeof next);                                                                            \
        finding = 0;                                                                                                   \
    }

void *malloc(size_t n)
{
    NEXT(void *, malloc, size_t)
    return !next || fails(memory) ? NULL : next(n);
}

void *calloc(size_t n, size_t size)
{
    NEXT(void *, calloc, size_t, size_t)
    return !next || fails(memory) ? NULL : next(n, size);
}

void *realloc(void *p, size_t n)
{
    NEXT(void *, realloc, void *, size_t)
    return !next || fails(memory) ? NULL : next(p, n);
}

void *aligned_alloc(size_t align, size_t n)
{
    NEXT(void *, aligned_alloc, size_t, size_t)
    return !next || fails(memory) ? NULL : next(align, n);
}

int posix_memalign(void **p, size_t align, size_t n)
{
    NEXT(int, posix_memalign, void **, size_t, size_t)
    return !next || fails(memory) ? ENOMEM : next(p, align, n);
}

int pthread_create(pthread_t *t, const pthread_attr_t *attributes, void *(*f)(void *), void *arg)
{
    NEXT(int, pthread_create, pthread_t *, const pthread_attr_t *, void *(*)(void *), void *)
    return !next || fails(threads) ? EAGAIN : next(t, attributes, f, arg);
}
