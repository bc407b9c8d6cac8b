#include "gnuplot.h"

#include "../text/embed.h"
#include "../text/safe.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

extern char **environ;

enum { DATA_FD = 3 }; /* in gnuplot: the table, if that is in no file */

EMBED(gnuplot_common, "plots/common.gp");

/* A file in memory, read from its start. < 0: -errno. */
static int make_file(const char *text, size_t size)
{
    int fd = memfd_create("script", MFD_CLOEXEC);
    if (fd < 0)
        return -errno;
    if (write(fd, text, size) == (ssize_t)size && lseek(fd, 0, SEEK_SET) == 0)
        return fd;
    close(fd);
    return -EIO;
}

/* With all that gnuplot is to carry out. columns: 0, or those of a picture of characters. */
static int make_input(const char *script, const char *name, const char *title, size_t columns)
{
    char *text = NULL;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    if (to) {
        fputs("name = ", to);
        gnuplot_word(to, name);
        fputs("\nheading = ", to);
        gnuplot_word(to, title);
        fputc('\n', to);
        if (columns)
            fprintf(to, "data = '/dev/fd/%d'\ntext_width = %zu\n", DATA_FD, columns);
        fputs(gnuplot_common, to);
        fputs(script, to);
    }
    int fd = to && fclose(to) == 0 ? make_file(text, size) : -ENOMEM;
    free(text);
    return fd;
}

/* What gnuplot is given. < 0: there is none. */
struct files {
    int input, output, errors, data;
};

static int start(const struct files *f, const char *folder, pid_t *pid)
{
    posix_spawn_file_actions_t actions;
    char *argv[] = {"gnuplot", "--default-settings", NULL};
    int rc = posix_spawn_file_actions_init(&actions);
    if (rc)
        return -rc;
    rc = posix_spawn_file_actions_addchdir_np(&actions, folder);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, f->input, STDIN_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, f->output, STDOUT_FILENO);
    if (rc == 0)
        rc = posix_spawn_file_actions_adddup2(&actions, f->errors, STDERR_FILENO);
    if (rc == 0 && f->data >= 0)
        rc = posix_spawn_file_actions_adddup2(&actions, f->data, DATA_FD);
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

static int run(const struct files *f, const char *folder, char *why, size_t size)
{
    pid_t pid;
    int rc = start(f, folder, &pid);
    if (rc == 0)
        return wait_for(pid, f->errors, why, size);
    if (rc == -ENOENT)
        snprintf(why, size, "gnuplot is not installed");
    else
        snprintf(why, size, "gnuplot cannot be started: %s", strerror(-rc));
    return rc;
}

static void close_files(const struct files *f)
{
    const int all[] = {f->input, f->output, f->errors, f->data};
    for (size_t i = 0; i < sizeof all / sizeof all[0]; i++)
        if (all[i] >= 0)
            close(all[i]);
}

int gnuplot_draw(const char *script, const char *name, const char *title, const char *folder, char *why, size_t size)
{
    struct files f = {make_input(script, name, title, 0), make_file("", 0), make_file("", 0), -1};
    int rc = -EIO;
    if (f.input < 0 || f.output < 0 || f.errors < 0)
        snprintf(why, size, "gnuplot cannot be given its script");
    else
        rc = run(&f, folder, why, size);
    close_files(&f);
    return rc;
}

/* To be freed; NULL: it is empty, or cannot be read. */
static char *read_all(int fd)
{
    off_t size = lseek(fd, 0, SEEK_END);
    char *text = size > 0 ? calloc(1, (size_t)size + 1) : NULL;
    if (text && pread(fd, text, (size_t)size, 0) == size)
        return text;
    free(text);
    return NULL;
}

int gnuplot_text(const char *script, const char *title, const char *data, size_t columns, char **text, char *why,
                 size_t size)
{
    struct files f = {make_input(script, "", title, columns), make_file("", 0), make_file("", 0),
                      make_file(data, strlen(data))};
    int rc = -EIO;
    if (f.input < 0 || f.output < 0 || f.errors < 0 || f.data < 0)
        snprintf(why, size, "gnuplot cannot be given its script");
    else
        rc = run(&f, "/", why, size);
    *text = rc == 0 ? read_all(f.output) : NULL;
    if (rc == 0 && !*text) {
        snprintf(why, size, "gnuplot wrote nothing");
        rc = -EIO;
    }
    close_files(&f);
    return rc;
}
