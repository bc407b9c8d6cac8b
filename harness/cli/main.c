/* dbnbench COMMAND ...: finds the command and hands it the rest of the line. */
#include "options.h"

#include "../machine/counters.h"
#include "exit.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define COMMAND(name) extern const struct command command_##name;
#include "commands.h"
#undef COMMAND

static const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "commands.h"
#undef COMMAND
    NULL};

static const char *nth_command(const void *names, size_t i)
{
    (void)names;
    return commands[i] ? commands[i]->name : NULL;
}

static const struct command *find_command(const char *name)
{
    size_t i = 0;
    while (commands[i] && strcmp(commands[i]->name, name) != 0)
        i++;
    if (commands[i])
        return commands[i];
    char near[128];
    suggest(name, nth_command, NULL, "", near, sizeof near);
    complain("unknown command '%s'%s%s", name, near, *near ? "" : "; see dbnbench help");
    return NULL;
}

static void help(void)
{
    puts("Usage: dbnbench COMMAND [OPTION...] [FILE...]\n"
         "Measure how fast files in Databento Binary Encoding can be read, and by which way of reading.\n");
    for (size_t i = 0; commands[i]; i++)
        printf("  %-10s %s\n", commands[i]->name, commands[i]->summary);
    puts("\n`dbnbench help COMMAND` lists a command's options, `dbnbench --version` says which program this is.\n"
         "Exit status: 0 fine, 1 regressed, 2 usage, 3 inconclusive, 4 wrong result, 5 failed, 130 interrupted.");
}

static int help_with(int count, char **names)
{
    if (count == 0)
        help();
    for (int i = 0; i < count; i++) {
        const struct command *c = find_command(names[i]);
        if (!c)
            return EXIT_USAGE;
        if (i > 0)
            putchar('\n');
        command_help(c, stdout);
    }
    return EXIT_FINE;
}

/* A standard stream that is closed would be the next file that is opened, and messages would go into that one. Like
 * this they fail, as they should. */
static void occupy_standard_streams(void)
{
    for (int fd = STDIN_FILENO; fd <= STDERR_FILENO; fd++)
        if (fcntl(fd, F_GETFD) < 0 && open("/dev/null", fd == STDIN_FILENO ? O_WRONLY : O_RDONLY) != fd)
            _exit(EXIT_FAILED);
}

static void check_output(void)
{
    if (fflush(stdout) == 0 && !ferror(stdout))
        return;
    complain("standard output: %s", strerror(errno));
    _exit(EXIT_FAILED);
}

static bool is_one_of(const char *word, const char *a, const char *b)
{
    return strcmp(word, a) == 0 || strcmp(word, b) == 0;
}

int main(int argc, char **argv)
{
    occupy_standard_streams();
    allocations_may_fail(false);
    signal(SIGXFSZ, SIG_IGN); /* write() then says EFBIG */
    atexit(check_output);
    if (argc < 2) {
        complain("which command? See dbnbench help");
        return EXIT_USAGE;
    }
    char *name = argv[1];
    if (is_one_of(name, "--version", "-V")) {
        puts("dbnbench " DBNBENCH_VERSION);
        return EXIT_FINE;
    }
    if (is_one_of(name, "--help", "-h") || strcmp(name, "help") == 0)
        return help_with(argc - 2, argv + 2);
    const struct command *c = find_command(name);
    if (!c)
        return EXIT_USAGE;
    char title[64];
    snprintf(title, sizeof title, "dbnbench %s", name);
    argv[1] = title;
    return command_main(c, argc - 1, argv + 1);
}
