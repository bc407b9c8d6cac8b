/* Where a gate's verdicts go: standard output, and files for other programs. */
#include "cmd_gate.h"

#include "exit.h"
#include "options.h"

#include <errno.h>
#include <string.h>

static int write_file(const char *path, void (*print)(const struct gate *, const struct gate_summary *, FILE *),
                      const struct gate *g, const struct gate_summary *s)
{
    FILE *to = path ? fopen(path, "we") : NULL;
    if (!path)
        return EXIT_FINE;
    bool fine = to != NULL;
    if (to) {
        print(g, s, to);
        fine = ferror(to) == 0;
        fine = fclose(to) == 0 && fine;
    }
    if (!fine)
        complain("%s: %s", path, strerror(errno));
    return fine ? EXIT_FINE : EXIT_FAILED;
}

static int put_json(const char *path, const json_t *o, size_t flags)
{
    FILE *to = path ? fopen(path, "ae") : stdout;
    bool fine = to && o && json_dumpf(o, to, flags) == 0 && fputc('\n', to) != EOF;
    if (path && to)
        fine = fclose(to) == 0 && fine;
    if (!fine)
        complain("%s: it could not be written", path ? path : "standard output");
    return fine ? EXIT_FINE : EXIT_FAILED;
}

int gate_output(const struct gate_arguments *a, const struct gate *g, const struct gate_summary *s)
{
    json_t *o = a->json || a->log ? gate_json(g, s) : NULL;
    int code = write_file(a->junit, gate_print_junit, g, s);
    if (code == EXIT_FINE)
        code = write_file(a->markdown, gate_print_markdown, g, s);
    if (code == EXIT_FINE && a->log)
        code = put_json(a->log, o, JSON_COMPACT);
    if (code == EXIT_FINE && a->json)
        code = put_json(NULL, o, JSON_INDENT(1));
    if (!a->json)
        gate_print(g, s, stdout);
    json_decref(o);
    return code;
}
