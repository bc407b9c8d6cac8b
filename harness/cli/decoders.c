/* dbnbench decoders: builds the decoder programs of others, each in its folder. */
#include "../foreign/manifest.h"
#include "../machine/child.h"
#include "../machine/clock.h"
#include "../text/safe.h"
#include "exit.h"
#include "options.h"

#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { TIMEOUT_MS = 3600 * 1000, LOG_SHOWN = 2000 };

static void print_command(const char *name, const char *const *words, FILE *to)
{
    fprintf(to, "%s:", name);
    for (; *words; words++) {
        putc(' ', to);
        shell_word(to, *words);
    }
}

/* The end of it, from the begin of a line. */
static void show_log(const char *path)
{
    char text[LOG_SHOWN + 1], *rest = text, *line;
    FILE *f = fopen(path, "re");
    size_t n = 0;
    bool cut = f && fseek(f, -LOG_SHOWN, SEEK_END) == 0;
    if (f) {
        n = fread(text, 1, LOG_SHOWN, f);
        fclose(f);
    }
    text[n] = '\0';
    if (cut)
        strsep(&rest, "\n");
    while ((line = strsep(&rest, "\n")) != NULL && (*line || rest)) {
        fputs("  ", stderr);
        plain_text(stderr, line);
        putc('\n', stderr);
    }
}

/* An exit code. */
static int run_command(const struct manifest *m, const char *const *words, const char *log)
{
    struct child_program p = {
        .argv = words, .folder = m->folder, .file = {{0}, {.log = log}, {.log = log}}, .timeout_ms = TIMEOUT_MS};
    char how[128];
    int status;
    print_command(m->name, words, stdout);
    putchar('\n');
    fflush(stdout);
    enum child_end end = child_exec(&p, &status, NULL);
    if (end == CHILD_STOPPED)
        return EXIT_INTERRUPTED;
    if (end == CHILD_DONE && status == 0)
        return EXIT_FINE;
    child_describe(end, status, TIMEOUT_MS, how, sizeof how);
    complain("%s: %s failed: %s; the end of %s:", m->name, words[0], how, log);
    show_log(log);
    return EXIT_FAILED;
}

static int build(const struct manifest *m)
{
    char log[PATH_MAX + 16];
    const char *lacks = manifest_lacks(m);
    int code = EXIT_FINE;
    if (!m->build[0] || lacks) {
        printf("%s: %s%s\n", m->name, lacks ? lacks : "nothing to build", lacks ? " is not found: skipped" : "");
        return EXIT_FINE;
    }
    snprintf(log, sizeof log, "%s/build", m->folder);
    if (mkdir(log, 0777) < 0 && errno != EEXIST) {
        complain("%s: %s", log, strerror(errno));
        return EXIT_FAILED;
    }
    strcat(log, "/log");
    unlink(log);
    for (const char *const *const *c = m->build; *c && code == EXIT_FINE; c++)
        code = run_command(m, *c, log);
    if (code == EXIT_FINE)
        printf("%s: built\n", m->name);
    return code;
}

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    (void)arguments;
    snprintf(why, OPTION_WHY, "unknown action '%.64s' (build)", line->operand[0]);
    return strcmp(line->operand[0], "build") == 0;
}

/* All of them, whatever becomes of one. */
static int build_all(const char *const *names, size_t count, bool found)
{
    const struct manifest **m = calloc(count + 1, sizeof *m);
    char why[OPTION_WHY];
    int code = EXIT_FINE;
    for (size_t i = 0; i < count; i++) {
        m[i] = manifest_read(names[i], why, sizeof why);
        if (!m[i]) {
            complain("%s", why);
            code = found ? EXIT_FAILED : EXIT_USAGE;
        }
    }
    for (size_t i = 0; i < count && code != EXIT_USAGE && code != EXIT_INTERRUPTED; i++) {
        int built = m[i] ? build(m[i]) : EXIT_FINE;
        code = built == EXIT_FINE ? code : built;
    }
    free(m);
    return code;
}

static int run(void *arguments, const struct command_line *line)
{
    const char *const *names = manifest_names();
    size_t count = 0;
    (void)arguments;
    while (names[count])
        count++;
    child_watch_signals();
    if (line->count > 1)
        return build_all((const char *const *)line->operand + 1, line->count - 1, false);
    return build_all(names, count, true);
}

const struct command command_decoders = {
    .name = "decoders",
    .summary = "build the decoder programs of others, to be measured by run -b decoder:NAME",
    .operands = "build [NAME...]",
    .least = 1,
    .about =
        "Build decoder programs: each by the commands of its decoder.json, in its folder, all of them or those that "
        "are named. NAME may be the path of a folder. What is printed meanwhile goes to build/log in that folder. "
        "One for which something is missing here is skipped. docs/your-decoder.md says how to add one.",
    .examples = "decoders build\ndecoders build dbn ./my-decoder",
    .check = check,
    .run = run,
};
