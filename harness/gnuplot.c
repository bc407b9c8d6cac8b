#include "gnuplot.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

/* The scripts as they are in plots/, in the program: it is installed alone, and runs in any folder. */
#define SCRIPT(name)                                                                                                   \
    extern const char gnuplot_##name[] __attribute__((visibility("hidden")));                                          \
    __asm__(".pushsection .rodata\n"                                                                                   \
            ".globl gnuplot_" #name "\n"                                                                               \
            ".hidden gnuplot_" #name "\n"                                                                              \
            "gnuplot_" #name ":\n"                                                                                     \
            ".incbin \"plots/" #name ".gp\"\n"                                                                         \
            ".byte 0\n"                                                                                                \
            ".popsection\n");
SCRIPT(common)
SCRIPT(throughput)
SCRIPT(syscalls)
SCRIPT(where)
SCRIPT(sweep)
SCRIPT(scaling)
SCRIPT(waterfall)
SCRIPT(samples)
SCRIPT(history)

static const struct script {
    const char *name, *text;
} scripts[] = {
    {"throughput", gnuplot_throughput}, {"syscalls", gnuplot_syscalls}, {"where", gnuplot_where},
    {"sweep", gnuplot_sweep},           {"scaling", gnuplot_scaling},   {"waterfall", gnuplot_waterfall},
    {"samples", gnuplot_samples},       {"history", gnuplot_history},
};

static const char *text_of(const char *name)
{
    for (size_t i = 0; i < sizeof scripts / sizeof scripts[0]; i++)
        if (strcmp(scripts[i].name, name) == 0)
            return scripts[i].text;
    return NULL;
}

/* In single quotes gnuplot knows nothing but their end: no escapes, commands or macros. */
static void print_quoted(FILE *to, const char *text)
{
    fputc('\'', to);
    for (; *text; text++) {
        unsigned char c = (unsigned char)*text;
        if (c == '\'')
            fputc('\'', to);
        fputc(c < ' ' || c == 0x7F ? '?' : c, to);
    }
    fputs("'\n", to);
}

/* A file in memory with all that gnuplot is to carry out, read from its start. < 0: -errno. */
static int make_input(const char *script, const char *name, const char *title)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    int fd = to ? memfd_create("script", MFD_CLOEXEC) : -1;
    if (to) {
        fputs("name = ", to);
        print_quoted(to, name);
        fputs("heading = ", to);
        print_quoted(to, title);
        fputs(gnuplot_common, to);
        fputs(text_of(script), to);
    }
    bool made = to && fclose(to) == 0 && fd >= 0;
    if (made && write(fd, text, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0) {
        free(text);
        return fd;
    }
    free(text);
    if (fd >= 0)
        close(fd);
    return -EIO;
}

static int start(int input, int errors, const char *folder, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    char *argv[] = {"gnuplot", "--default-settings", NULL};
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return -rc;
    rc = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, input, STDIN_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, errors, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, errors, STDERR_FILENO);
    if (rc == 0)
        rc = posix_spawnp(pid, argv[0], &actions, NULL, argv, environ);
    posix_spawn_file_actions_destroy(&actions);
    return -rc;
}

/* The last line that says something: gnuplot shows where it was before it says what is wrong. */
static void last_line(int fd, char *why, size_t size)
{
    char text[4096];
    ssize_t n = pread(fd, text, sizeof text - 1, 0);
    text[n > 0 ? n : 0] = '\0';
    snprintf(why, size, "gnuplot failed and did not say why");
    for (char *rest = text, *line; (line = strsep(&rest, "\n")) != NULL;) {
        line += strspn(line, " \t");
        if (*line)
            snprintf(why, size, "gnuplot: %s", line);
    }
}

static int wait_for(pid_t pid, int errors, char *why, size_t size)
{
    int status;
    while (waitpid(pid, &status, 0) < 0)
        if (errno != EINTR)
            return -errno;
    if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
        return 0;
    last_line(errors, why, size);
    return -EIO;
}

int gnuplot_draw(const char *script, const char *name, const char *title, const char *folder, char *why, size_t size)
{
    pid_t pid;
    int input = make_input(script, name, title), errors = memfd_create("errors", MFD_CLOEXEC), rc = -EIO;
    if (input < 0 || errors < 0)
        snprintf(why, size, "gnuplot cannot be given its script");
    else
        rc = start(input, errors, folder, &pid);
    if (rc == -ENOENT)
        snprintf(why, size, "gnuplot is not installed");
    else if (rc < 0 && input >= 0 && errors >= 0)
        snprintf(why, size, "gnuplot cannot be started: %s", strerror(-rc));
    else if (rc == 0)
        rc = wait_for(pid, errors, why, size);
    if (input >= 0)
        close(input);
    if (errors >= 0)
        close(errors);
    return rc;
}
