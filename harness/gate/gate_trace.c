/* The work that is traced is to start the program and to wait for it: the tracer follows whatever that starts. Its own
 * few calls are the same every time. */
#include "../machine/syscount.h"
#include "gate_child.h"

#include "gate.h"

#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <stdio.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { TIMEOUT_MS = 300 * 1000 };

struct traced {
    int error, status;
};

static void start_and_wait(void *arg, void *result)
{
    static char locale[] = "LC_ALL=C", *const environment[] = {locale, NULL};
    const struct gate_command *command = arg;
    struct traced *t = result;
    char *argv[GATE_ARGUMENTS + 1];
    posix_spawn_file_actions_t files;
    pid_t pid;
    memcpy(argv, command->argv, sizeof argv);
    posix_spawn_file_actions_init(&files);
    posix_spawn_file_actions_addopen(&files, STDOUT_FILENO, "/dev/null", O_WRONLY, 0);
    posix_spawn_file_actions_addopen(&files, STDERR_FILENO, "/dev/null", O_WRONLY, 0);
    syscount_begin();
    t->error = posix_spawn(&pid, argv[0], &files, NULL, argv, environment);
    while (t->error == 0 && waitpid(pid, &t->status, 0) < 0)
        t->error = errno == EINTR ? 0 : errno;
    syscount_end();
    posix_spawn_file_actions_destroy(&files);
}

bool gate_trace(const struct gate_command *command, struct syscount *count, char why[GATE_WHY])
{
    struct syscounter counter;
    struct traced traced;
    struct gate_command of = *command;
    char reason[SYSCOUNT_WHY] = "";
    int detail = 0;
    why[0] = '\0';
    syscount_open(&counter, SYSCOUNT_PTRACE);
    if (counter.method != SYSCOUNT_PTRACE) {
        snprintf(why, GATE_WHY, "%s", counter.why[SYSCOUNT_PTRACE]);
        return true;
    }
    enum child_end end =
        syscount_run(&counter, start_and_wait, &of, &traced, sizeof traced, TIMEOUT_MS, &detail, count, reason);
    syscount_close(&counter);
    if (end == CHILD_DONE && traced.error == 0 && traced.status == 0)
        return true;
    if (end == CHILD_DONE)
        snprintf(why, GATE_WHY, "the decode failed while it was traced");
    else
        snprintf(why, GATE_WHY, "%s", *reason ? reason : end == CHILD_TIMED_OUT ? "tracing took too long" : "no trace");
    return end != CHILD_STOPPED;
}
