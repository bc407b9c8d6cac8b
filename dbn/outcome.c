#include "outcome.h"

#include <stddef.h>
#include <string.h>

static const struct {
    const char *name, *text;
} outcomes[] = {
#define OUTCOME(name, text) [DBN_E_##name - DBN_E_BEGIN_] = {#name, text},
#define OUTCOME_IN_FILE
#include "outcome.def"
};

static bool is_ours(int code)
{
    return code > DBN_E_BEGIN_ && code < DBN_E_END_ && code != DBN_E_IN_FILE_;
}

const char *dbn_outcome_name(int code)
{
    if (code >= 0)
        return "OK";
    return is_ours(code) ? outcomes[code - DBN_E_BEGIN_].name : "IO_ERROR";
}

const char *dbn_outcome_text(int code)
{
    if (code >= 0)
        return "ok";
    return is_ours(code) ? outcomes[code - DBN_E_BEGIN_].text : strerror(-code);
}

bool dbn_outcome_in_file(int code)
{
    return code > DBN_E_IN_FILE_;
}
