#include "backend.h"

#ifndef EXTRA_BACKENDS /* those of `make EXTRA_BACKENDS=...`: BACKEND(a) BACKEND(b) */
#define EXTRA_BACKENDS
#endif

#define BACKEND(name) extern const struct backend backend_##name;
#include "list.h"
EXTRA_BACKENDS
#undef BACKEND

const struct backend *const backends[] = {
#define BACKEND(name) &backend_##name,
#include "list.h"
    EXTRA_BACKENDS
#undef BACKEND
        NULL,
};

const struct backend *backend_find(const char *name)
{
    for (size_t i = 0; backends[i]; i++)
        if (strcmp(backends[i]->name, name) == 0)
            return backends[i];
    return NULL;
}

const struct backend *backend_plain(void)
{
    for (size_t i = 0; backends[i]; i++) {
        const struct backend *b = backends[i];
        if (b->step == DBN_STEP_BLOCK && b->block && !b->mapped && !b->direct && !b->own_threads && !b->attach &&
            !backend_unavailable(b))
            return b;
    }
    return NULL;
}

const char *const backend_advice_names[] = {
    [ADVISE_NOTHING] = "nothing",     [ADVISE_SEQUENTIAL] = "sequential", [ADVISE_WILLNEED] = "willneed",
    [ADVISE_POPULATE] = "populate",   [ADVISE_PREFAULT] = "prefault",     [ADVISE_READAHEAD] = "readahead",
    [ADVISE_DONTCACHE] = "dontcache", [ADVISE_DONTCACHE + 1] = NULL,
};
