#include "outcome.h"

#include <errno.h>
#include <stddef.h>
#include <string.h>

static const struct {
    const char *name, *text;
} outcomes[] = {
#define OUTCOME(name, text) [DBN_E_##name - DBN_E_BEGIN_] = {#name, text},
#define OUTCOME_IN_FILE
#include "outcome.def"
};

/* Errors of the system that are not the file's fault. */
static const struct resource {
    int code;
    const char *name, *text;
} resources[] = {{-ENOMEM, "OUT_OF_MEMORY", "out of memory"},
                 {-EAGAIN, "NO_THREAD", "the system refused to start another thread"}};

/* NULL: it is none of them. */
static const struct resource *find_resource(int code)
{
    for (size_t i = 0; i < sizeof resources / sizeof resources[0]; i++)
        if (resources[i].code == code)
            return &resources[i];
    return NULL;
}

static bool is_ours(int code)
{
    return code > DBN_E_BEGIN_ && code < DBN_E_END_ && code != DBN_E_IN_FILE_;
}

const char *dbn_outcome_name(int code)
{
    if (code >= 0)
        return "OK";
    const struct resource *resource = find_resource(code);
    if (resource)
        return resource->name;
    return is_ours(code) ? outcomes[code - DBN_E_BEGIN_].name : "IO_ERROR";
}

const char *dbn_outcome_text(int code)
{
    if (code >= 0)
        return "ok";
    const struct resource *resource = find_resource(code);
    if (resource)
        return resource->text;
    return is_ours(code) ? outcomes[code - DBN_E_BEGIN_].text : strerror(-code);
}

bool dbn_outcome_could_not_run(int code)
{
    return (code < 0 && code >= -4095) || code == DBN_E_SINK_FAILED || code == DBN_E_UNSUPPORTED_FILE ||
           code == DBN_E_FILE_CHANGED;
}

bool dbn_outcome_in_file(int code)
{
    return code > DBN_E_IN_FILE_;
}
