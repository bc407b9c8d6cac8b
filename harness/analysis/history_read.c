/* Stored runs, read into a history. */
#include "history.h"

#include <errno.h>
#include <string.h>

static void say_what_is_missing(history_say *say, const char *path, const struct store_run *run, const struct report *s)
{
    size_t without = 0;
    for (size_t i = 0; i < s->count; i++)
        without += s->rows[i].ns.n == 0;
    if (without > 0)
        say("%s: run %s: %zu cases without figures", path, run->id, without);
}

/* Returns 0, or < 0 if it could not be read; both have been said. */
static int add_run(struct history *h, const char *path, const struct store_run *run, history_say *say)
{
    struct results results;
    struct report report;
    char why[SAMPLE_ERROR];
    int rc = store_read_listed(path, run, &results, why, sizeof why);
    if (rc) {
        say("%s: run %s: %s", path, run->id, why);
        return rc;
    }
    rc = report_of(&results, &report);
    if (rc == 0) {
        rc = history_add(h, &report);
        if (rc == 0)
            say_what_is_missing(say, path, run, &report);
        report_free(&report);
    }
    results_free(&results);
    if (rc == 1)
        say("%s: run %s: it was read before, and counts once", path, run->id);
    else if (rc)
        say("%s: run %s: %s", path, run->id, rc == -ENODATA ? "it does not say when it was" : strerror(-rc));
    return rc < 0 ? rc : 0;
}

int history_read(struct history *h, const char *path, history_say *say)
{
    struct store_list list;
    int rc = store_list(path, &list);
    if (rc) {
        say("%s: %s", path, strerror(-rc));
        return rc;
    }
    if (list.count == 0)
        say("%s: no run in it", path);
    for (size_t i = 0; i < list.count; i++) {
        int added = add_run(h, path, &list.runs[i], say);
        rc = rc ? rc : added;
    }
    store_list_free(&list);
    return rc;
}
