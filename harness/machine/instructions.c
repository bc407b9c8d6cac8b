/* What callgrind counts. */
#include "child.h"
#include "counters.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum { TIMEOUT_MS = 300 * 1000, ARGUMENTS = 192, LOG = 3 };

/* "==123== Collected : 456": each process says so at its end, and a child counts on from its parent. The most of them,
 * since a parent that only waits for its child does that in some thousand instructions more or less; 0: none. */
static uint64_t collected(const char *log)
{
    static const char key[] = "Collected : ";
    uint64_t most = 0;
    for (const char *at = log; (at = strstr(at, key)) != NULL; at++) {
        uint64_t n = strtoull(at + strlen(key), NULL, 10);
        most = n > most ? n : most;
    }
    return most;
}

bool instructions_count(const char *const *argv, const char *const *environment, uint64_t *n, char *why, size_t size)
{
    const char *all[ARGUMENTS + 1] = {"valgrind", "--tool=callgrind", "--callgrind-out-file=/dev/null", "--log-fd=3"};
    static char log[16 << 10];
    size_t count = 4;
    int detail;
    while (*argv && count < ARGUMENTS)
        all[count++] = *argv++;
    struct child_program valgrind = {.argv = all, .environment = environment, .timeout_ms = TIMEOUT_MS};
    valgrind.file[LOG] = (struct child_file){.out = log, .size = sizeof log};
    enum child_end end = child_exec(&valgrind, &detail, NULL);
    *n = collected(log);
    why[0] = '\0';
    if (end == CHILD_LOST && detail == ENOENT)
        snprintf(why, size, "valgrind: it is not installed");
    else if (end != CHILD_DONE)
        child_describe(end, detail, TIMEOUT_MS, why, size);
    else if (detail != 0)
        snprintf(why, size, "the decode failed under valgrind: exit status %d", detail);
    else if (*n == 0)
        snprintf(why, size, "valgrind did not say how many");
    return end != CHILD_STOPPED;
}
