#include "sink.h"

#define SINK(name) extern const struct sink sink_##name;
#include "sinks.h"
#undef SINK

const struct sink *const sinks[] = {
#define SINK(name) &sink_##name,
#include "sinks.h"
#undef SINK
    NULL,
};

const struct sink *sink_find(const char *name)
{
    for (size_t i = 0; sinks[i]; i++)
        if (strcmp(sinks[i]->name, name) == 0)
            return sinks[i];
    return NULL;
}

size_t sink_index(const struct sink *s)
{
    size_t i = 0;
    while (sinks[i] != s)
        i++;
    return i;
}
