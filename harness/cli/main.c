/* dbnbench COMMAND ...: finds the command and hands it the rest of the line. */
#include "options.h"
#include "exit.h"

#include <argp.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMAND(name, what) int cmd_##name(int argc, char **argv);
#include "commands.h"
#undef COMMAND

static const struct command {
    const char *name, *what;
    int (*run)(int argc, char **argv);
} commands[] = {
#define COMMAND(name, what) {#name, what, cmd_##name},
#include "commands.h"
#undef COMMAND
};

static void help(FILE *to)
{
    fputs("Usage: dbnbench COMMAND [OPTION...] [FILE...]\n"
          "Measure how fast files in Databento Binary Encoding can be read, and by which way of reading.\n\n",
          to);
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++)
        fprintf(to, "  %-10s %s\n", commands[i].name, commands[i].what);
    fputs("\n`dbnbench COMMAND --help` lists a command's options.\n"
          "Exit status: 0 fine, 1 regressed, 2 usage, 3 cannot tell, 4 wrong result, 5 failed, 130 interrupted.\n",
          to);
}

/* A standard stream that is closed would be the next file that is opened, and messages would go into that one. Like
 * this they fail, as they should. */
static void occupy_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(EXIT_FAILED);
}

/* Whoever ends the process: --help of a command does so inside argp. */
static void check_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    complain("standard output: %s", strerror(errno));
    _exit(EXIT_FAILED);
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    atexit(check_output);
    argp_err_exit_status = EXIT_USAGE;
    const char *name = argc > 1 ? argv[1] : "";
    if (strcmp(name, "--help") == 0 || strcmp(name, "-h") == 0 || strcmp(name, "help") == 0) {
        help(stdout);
        return EXIT_FINE;
    }
    if (strcmp(name, "--version") == 0) {
        puts("dbnbench " DBNBENCH_VERSION);
        return EXIT_FINE;
    }
    for (size_t i = 0; i < sizeof commands / sizeof commands[0]; i++) {
        if (strcmp(commands[i].name, name) != 0)
            continue;
        char title[64];
        snprintf(title, sizeof title, "dbnbench %s", name);
        argv[1] = title;
        return commands[i].run(argc - 1, argv + 1);
    }
    if (*name)
        complain("%s: no such command", name);
    help(stderr);
    return EXIT_USAGE;
}
