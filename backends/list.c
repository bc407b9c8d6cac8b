#include "backend.h"

#define BACKEND(name) extern const struct backend backend_##name;
#include "list.h"
#undef BACKEND

const struct backend *const backends[] = {
#define BACKEND(name) &backend_##name,
#include "list.h"
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
