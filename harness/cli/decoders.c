/* dbnbench decoders: builds the decoder programs of others, each in its folder, and begins new ones. */
#include "../foreign/manifest.h"
#include "../foreign/skeleton.h"
#include "../machine/child.h"
#include "../machine/clock.h"
#include "../measure/progress.h"
#include "../text/safe.h"
#include "../view/save.h"
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

/* How many decoders are built already, of how many. */
struct building {
    struct progress progress;
    size_t done, all;
};

/* An exit code. */
static int run_command(struct building *b, const struct manifest *m, const char *const *words, const char *log)
{
    struct child_program p = {
        .argv = words, .folder = m->folder, .file = {{0}, {.log = log}, {.log = log}}, .timeout_ms = TIMEOUT_MS};
    char how[128];
    int status;
    print_command(m->name, words, stdout);
    putchar('\n');
    fflush(stdout);
    progress_step(&b->progress, b->done, b->all, m->name);
    enum child_end end = child_exec(&p, &status, NULL);
    progress_end(&b->progress);
    if (end == CHILD_STOPPED)
        return EXIT_INTERRUPTED;
    if (end == CHILD_DONE && status == 0)
        return EXIT_FINE;
    child_describe(end, status, TIMEOUT_MS, how, sizeof how);
    complain("%s: %s failed: %s; the end of %s:", m->name, words[0], how, log);
    show_log(log);
    return EXIT_FAILED;
}

/* Asks it, as some only find out when they are built what is not installed. */
static void print_built(const struct manifest *before)
{
    static struct foreign_result r;
    char why[OPTION_WHY];
    const struct manifest *m = manifest_read(before->folder, why, sizeof why);
    foreign_ask(m ? m->modes[0] : before->modes[0], &r);
    bool missing = m && r.outcome == SAMPLE_UNAVAILABLE;
    printf("%s: built%s%s\n", before->name, missing ? ", but it cannot run: " : "", missing ? r.error : "");
}

static int build(struct building *b, const struct manifest *m)
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
        code = run_command(b, m, *c, log);
    if (code == EXIT_FINE)
        print_built(m);
    return code;
}

/* All of them, whatever becomes of one. */
static int build_all(const char *const *names, size_t count, bool found)
{
    const struct manifest **m = calloc(count + 1, sizeof *m);
    struct building b = {.all = count};
    char why[OPTION_WHY];
    int code = EXIT_FINE;
    for (size_t i = 0; i < count; i++) {
        m[i] = manifest_read(names[i], why, sizeof why);
        if (!m[i]) {
            complain("%s", why);
            code = found ? EXIT_FAILED : EXIT_USAGE;
        }
    }
    progress_begin(&b.progress, stderr);
    for (size_t i = 0; i < count && code != EXIT_USAGE && code != EXIT_INTERRUPTED; i++) {
        int built = m[i] ? build(&b, m[i]) : EXIT_FINE;
        code = built == EXIT_FINE ? code : built;
        b.done++;
    }
    free(m);
    return code;
}

static int build_some(const struct command_line *line)
{
    const char *const *names = manifest_names();
    size_t count = 0;
    while (names[count])
        count++;
    child_watch_signals();
    if (line->count > 1)
        return build_all((const char *const *)line->operand + 1, line->count - 1, false);
    return build_all(names, count, true);
}

/* --- new ones --- */

static const struct skeleton *find_skeleton(const char *language)
{
    const struct skeleton *s = skeletons;
    while (s->language && strcmp(s->language, language) != 0)
        s++;
    return s->language ? s : NULL;
}

static const char *name_of(const char *folder)
{
    const char *slash = strrchr(folder, '/');
    return slash ? slash + 1 : folder;
}

static bool check_new(const struct command_line *line, char *why)
{
    char known[OPTION_WHY / 2] = "", *folder = line->count == 3 ? line->operand[2] : NULL;
    for (const struct skeleton *s = skeletons; s->language; s++)
        snprintf(known + strlen(known), sizeof known - strlen(known), "%s%s", s == skeletons ? "" : ", ", s->language);
    while (folder && strlen(folder) > 1 && folder[strlen(folder) - 1] == '/')
        folder[strlen(folder) - 1] = '\0';
    if (!folder) {
        snprintf(why, OPTION_WHY, "init takes a language (%s) and a new folder", known);
    } else if (!find_skeleton(line->operand[1])) {
        snprintf(why, OPTION_WHY, "no decoder in '%.64s' to begin with (%s)", line->operand[1], known);
    } else if (!manifest_is_name(name_of(folder)) || strlen(name_of(folder)) >= FOREIGN_NAME) {
        snprintf(why, OPTION_WHY, "the folder's own name is the decoder's: it must be short, and of " MANIFEST_NAMES);
    } else {
        return true;
    }
    return false;
}

static int write_manifest(const char *folder, const char *text, const char *name)
{
    const char *at = strstr(text, SKELETON_NAME);
    char *whole = NULL;
    int n = asprintf(&whole, "%.*s%s%s", (int)(at - text), text, name, at + strlen(SKELETON_NAME));
    int rc = save_in(folder, "decoder.json", whole, (size_t)n);
    free(whole);
    return rc;
}

static int begin(const char *language, const char *folder)
{
    const struct skeleton *s = find_skeleton(language);
    char *beside;
    int rc = access(folder, F_OK) == 0 ? -EEXIST : save_folder_begin(folder, &beside);
    if (rc == 0) {
        rc = write_manifest(beside, s->manifest, name_of(folder));
        if (rc == 0)
            rc = save_in(beside, s->file, s->text, strlen(s->text));
        rc = save_folder_end(folder, beside, rc);
    }
    if (rc) {
        complain("%s: %s", folder, strerror(-rc));
        return EXIT_FAILED;
    }
    char path[PATH_MAX];
    snprintf(path, sizeof path, "%s%s", strchr("./", *folder) ? "" : "./", folder);
    printf("wrote decoder.json and %s to ", s->file);
    shell_word(stdout, folder);
    if (strstr(s->manifest, "\"build\"")) {
        fputs("\nto build it: dbnbench decoders build ", stdout);
        shell_word(stdout, path);
    }
    fputs("\nto try it:   dbnbench verify -s sum -b decoder:", stdout);
    shell_word(stdout, path);
    puts(" FILE");
    return EXIT_FINE;
}

/* --- the command --- */

static bool check(const void *arguments, const struct command_line *line, char *why)
{
    (void)arguments;
    if (strcmp(line->operand[0], "init") == 0)
        return check_new(line, why);
    snprintf(why, OPTION_WHY, "unknown action '%.64s' (build, init)", line->operand[0]);
    return strcmp(line->operand[0], "build") == 0;
}

static int run(void *arguments, const struct command_line *line)
{
    (void)arguments;
    return strcmp(line->operand[0], "init") == 0 ? begin(line->operand[1], line->operand[2]) : build_some(line);
}

const struct command command_decoders = {
    .name = "decoders",
    .summary = "build the decoder programs of others, or begin one of your own, for run -b decoder:NAME",
    .operands = "build [NAME...] | init LANGUAGE FOLDER",
    .least = 1,
    .about =
        "build: build decoder programs, each by the commands of its decoder.json, in its folder: all of them or those "
        "that are named. NAME may be the path of a folder. What is printed meanwhile goes to build/log in that folder. "
        "One for which something is missing here is skipped. init: write a small decoder program into a new folder, to "
        "put your decoder into. LANGUAGE is one of c, cpp, rust, python, go, julia, java. docs/your-decoder.md tells "
        "the rest.",
    .examples = "decoders build\ndecoders build dbn ./my-decoder\ndecoders init python my-decoder",
    .check = check,
    .run = run,
};
