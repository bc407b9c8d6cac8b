/* Backends that do what none may do, for tests: each is `buffered`, with something wrong.
 *
 *   liar     alters the byte at $TOY_FLIP, and is at the end at $TOY_END, both offsets in the file
 *   crash    aborts in the middle of a file
 *   quit     ends the process there, as if all were well
 *   hang     never comes back from there
 *   refuse   cannot open any file
 *   absent   says that it cannot run here */
#include "backend.h"

#include <errno.h>
#include <stdlib.h>
#include <unistd.h>

extern const struct backend backend_buffered;

static int toy_open(const struct backend_input *in, void **self)
{
    return backend_buffered.open(in, self);
}

static int toy_next(void *self, size_t need, struct dbn_span *out)
{
    return backend_buffered.next(self, need, out);
}

static int toy_close(void *self, struct backend_counts *counts)
{
    return backend_buffered.close(self, counts);
}

static uint64_t setting(const char *name)
{
    const char *text = getenv(name);
    return text ? strtoull(text, NULL, 10) : UINT64_MAX;
}

static int liar_next(void *self, size_t need, struct dbn_span *out)
{
    uint64_t flip = setting("TOY_FLIP"), end = setting("TOY_END");
    int rc = toy_next(self, need, out);
    if (rc <= 0 || out->offset >= end)
        return rc < 0 ? rc : 0;
    if (end - out->offset < out->len)
        out->len = (size_t)(end - out->offset);
    if (flip >= out->offset && flip - out->offset < out->len)
        ((uint8_t *)out->ptr)[flip - out->offset] ^= 1;
    return rc;
}

static int crash_next(void *self, size_t need, struct dbn_span *out)
{
    int rc = toy_next(self, need, out);
    if (out->offset > 0 || rc == 0)
        abort();
    return rc;
}

static int quit_next(void *self, size_t need, struct dbn_span *out)
{
    int rc = toy_next(self, need, out);
    if (out->offset > 0 || rc == 0)
        _exit(0);
    return rc;
}

static int hang_next(void *self, size_t need, struct dbn_span *out)
{
    int rc = toy_next(self, need, out);
    while (out->offset > 0 || rc == 0)
        pause();
    return rc;
}

static int refuse_open(const struct backend_input *in, void **self)
{
    (void)in;
    (void)self;
    return -EPERM;
}

static const char *absent_unavailable(void)
{
    return "it is a toy";
}

#define TOY(NAME, OPEN, NEXT, ...)                                                                                     \
    const struct backend backend_##NAME = {                                                                            \
        .name = #NAME, .summary = "a toy", .open = OPEN, .next = NEXT, .close = toy_close, __VA_ARGS__}

TOY(liar, toy_open, liar_next);
TOY(crash, toy_open, crash_next);
TOY(quit, toy_open, quit_next);
TOY(hang, toy_open, hang_next);
TOY(refuse, refuse_open, toy_next);
TOY(absent, toy_open, toy_next, .unavailable = absent_unavailable);
