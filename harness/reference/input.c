#include "input.h"

#include <inttypes.h>
#include <stdio.h>

bool input_is_fragment(const char *path, const struct input_options *options)
{
    if (options->fragment)
        return true;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *at = strstr(name, ".frag");
    while (at && at[5] != '\0' && at[5] != '.')
        at = strstr(at + 1, ".frag");
    return at != NULL;
}

void input_describe(const char *path, int outcome, uint64_t fault, char *buf, size_t size)
{
    char where[64] = "";
    if (fault > 0 || !dbn_outcome_could_not_run(outcome))
        snprintf(where, sizeof where, "at byte %" PRIu64 " of the %s: ", fault,
                 dbn_outcome_in_file(outcome) ? "file" : "stream");
    snprintf(buf, size, "%s: %s%s (%s)", path, where, dbn_outcome_text(outcome), dbn_outcome_name(outcome));
}
