/* The gate tried on programs with known faults: this one against itself, with something injected into head. */
#include "cmd_gate.h"

#include "exit.h"
#include "options.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const struct trial {
    const char *what, *inject, *backends;
    bool exact, broken;
    int code;
    const char *allow; /* what would give it away at once */
} trials[] = {
    {"nothing but this program against itself", NULL, "buffered,mmap", false, false, EXIT_FINE, ""},
    {"another layout of the stack", "layout=2000", "mmap", false, false, EXIT_FINE, ""},
    {"20 % more CPU time", "cpu=20%", "buffered", false, false, EXIT_REGRESSED, "calls,bytes,allocations,instructions"},
    {"5 ms of sleep a decode", "sleep=5000us", "mmap", false, false, EXIT_REGRESSED, ""},
    {"a system call more for 1000 records", "syscall=1/1000", "buffered,syscall", true, false, EXIT_REGRESSED, ""},
    {"one bit of one field of one record", "corrupt=500:price", "mmap", true, false, EXIT_MISMATCH, ""},
    {"a bit that no sum has in it", "corrupt=500:sequence", "mmap", true, false, EXIT_MISMATCH, ""},
    {"a backend that neither program has", NULL, "mmap,vanished", true, false, EXIT_FAILED, ""},
    {"a program that is no dbnbench", NULL, "mmap", true, true, EXIT_FAILED, ""},
};

/* It must be the code, and for the right reason: nothing beyond what was injected. */
static bool try(const struct gate_arguments *from, const struct trial *t, bool *stopped)
{
    struct gate_arguments a = *from;
    struct gate *g = calloc(1, sizeof *g);
    struct gate_summary s = {0};
    if (!g)
        return false;
    a.program[0] = t->broken ? "/bin/true" : "/proc/self/exe";
    a.program[1] = "/proc/self/exe";
    a.programs = 2;
    a.inject = t->inject;
    a.backends = t->backends;
    a.exact = t->exact;
    a.allow = t->allow;
    a.self_test = false;
    int code = gate_carry_out(&a, g, &s);
    *stopped = code == EXIT_INTERRUPTED;
    printf("%-6s %s: exit %d, %s\n",
           code == t->code ? "ok"
           : *stopped      ? "stop"
                           : "FAILED",
           t->what, code, gate_verdicts[s.verdict]);
    if (code != t->code && s.seconds > 0)
        gate_print(g, &s, stdout);
    fflush(stdout);
    gate_free(g);
    free(g);
    return code == t->code;
}

int gate_self_test(const struct gate_arguments *from)
{
    struct gate_arguments a = *from;
    size_t failed = 0;
    bool stopped = false;
    if (!strcmp(a.datasets ? a.datasets : "", "trades-quick,mixed-quick"))
        a.datasets = "trades-quick";
    for (size_t i = 0; i < sizeof trials / sizeof trials[0] && !stopped; i++)
        if ((a.exact ? trials[i].exact : true) && !try(&a, &trials[i], &stopped))
            failed++;
    if (stopped)
        return EXIT_INTERRUPTED;
    printf("gate --self-test: %s\n", failed ? "FAILED" : "ok");
    return failed ? EXIT_FAILED : EXIT_FINE;
}
