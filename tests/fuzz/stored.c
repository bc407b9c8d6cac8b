/* Guards the reading of stored runs against any text at all: it is read or refused by name, never believed for how much
 * memory it takes, and all that show runs come to an end with one of their exit codes. */
#include "../../harness/cli/exit.h"
#include "../../harness/cli/options.h"
#include "../fuzz.h"

#include <fcntl.h>
#include <unistd.h>

extern const struct command command_compare, command_report;

/* What it prints is not looked at, but for how it ends. */
static int quietly(const struct command *command, int argc, char **argv)
{
    static int nowhere = -1, out, err;
    if (nowhere < 0) {
        nowhere = open("/dev/null", O_WRONLY | O_CLOEXEC);
        out = dup(STDOUT_FILENO), err = dup(STDERR_FILENO);
    }
    fflush(stdout);
    dup2(nowhere, STDOUT_FILENO), dup2(nowhere, STDERR_FILENO);
    int code = command_main(command, argc, argv);
    fflush(stdout);
    dup2(out, STDOUT_FILENO), dup2(err, STDERR_FILENO);
    return code;
}

static void check(const uint8_t *p, size_t n)
{
    static struct scratch file = {.fd = -1};
    if (file.fd < 0) {
        file = scratch_memory();
        setenv("PATH", "/nonexistent", 1); /* no gnuplot */
        limit_memory((size_t)512 << 20);
    }
    scratch_set(&file, p, n);
    char text[] = "--text", title[] = "dbnbench";
    int code = quietly(&command_report, 3, (char *[]){title, text, file.path, NULL});
    CHECK_FOR(code == EXIT_FINE || code == EXIT_FAILED, "report: %d", code);
    code = quietly(&command_compare, 3, (char *[]){title, file.path, file.path, NULL});
    CHECK_FOR(code == EXIT_FINE || code == EXIT_FAILED || code == EXIT_USAGE, "compare: %d", code);
}

FUZZ(check, "stored", 1000);
