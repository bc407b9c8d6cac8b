/* The line of a command: parsed, and helped with. */
#include "command.h"

#include <stdarg.h>
#include <stdlib.h>

enum { HELP_COLUMN = 26, HELP_WIDTH = 79 };

static bool is_end(const struct option_row *o)
{
    return !o->name && !o->group && !o->help;
}

static bool has(const struct option_row *table, const char *name)
{
    for (; table && !is_end(table); table++)
        if (table->name && strcmp(table->name, name) == 0)
            return true;
    return false;
}

/* An option of the command's own, or one of a group's that it does not hide; or a title. */
struct placed {
    const struct option_row *row;
    size_t at; /* where its value goes */
};
enum { PLACED = 96 };

/* All in order, ending with one without a row. */
static void place(const struct command *c, struct placed to[PLACED])
{
    size_t n = 0;
    for (const struct option_row *o = c->options; o && !is_end(o) && n < PLACED - 1; o++) {
        if (!o->group)
            to[n++] = (struct placed){o, o->at};
        for (const struct option_row *of = o->group ? o->group->options : NULL; of && !is_end(of); of++)
            if (n < PLACED - 1 && (!of->name || !has(c->options, of->name)))
                to[n++] = (struct placed){of, o->at + of->at};
    }
    to[n] = (struct placed){0};
}

static const char *nth_name(const void *options, size_t n)
{
    for (const struct placed *o = options; o->row; o++)
        if (o->row->name && n-- == 0)
            return o->row->name;
    return NULL;
}

/* --- help --- */

/* Words in lines, all but the first of which begin at the column. */
static void wrap(FILE *to, const char *text, int column, int begin)
{
    int at = begin;
    while (*text) {
        int word = (int)strcspn(text, " ");
        if (at > begin && at + 1 + word > HELP_WIDTH) {
            fprintf(to, "\n%*s", column, "");
            at = begin = column;
        } else if (at > begin) {
            fputc(' ', to);
            at++;
        }
        fprintf(to, "%.*s", word, text);
        at += word;
        text += word;
        text += strspn(text, " ");
    }
    fputc('\n', to);
}

static void help_row(FILE *to, char letter, const char *name, const char *value, const char *help, const char *preset)
{
    char text[1024];
    int n = letter ? fprintf(to, "  -%c, --%s", letter, name) : fprintf(to, "      --%s", name);
    n += value ? fprintf(to, " %s", value) : 0;
    if (n > HELP_COLUMN - 2)
        n = fprintf(to, "\n") - 1;
    fprintf(to, "%*s", HELP_COLUMN - n, "");
    snprintf(text, sizeof text, preset ? "%s (default %s)" : "%s", help, preset);
    wrap(to, text, HELP_COLUMN, HELP_COLUMN);
}

void command_help(const struct command *c, FILE *to)
{
    struct placed options[PLACED];
    place(c, options);
    fprintf(to, "Usage: dbnbench %s%s%s%s\n", c->name, c->options ? " [OPTION...]" : "", c->operands ? " " : "",
            c->operands ? c->operands : "");
    wrap(to, c->about, 0, 0);
    fputc('\n', to);
    help_row(to, 'h', "help", NULL, "Print this", NULL);
    for (struct placed *p = options; p->row; p++)
        if (!p->row->name)
            fprintf(to, "\n%s\n", p->row->help);
        else if (p->row->help)
            help_row(to, p->row->letter, p->row->name, p->row->value, p->row->help, p->row->preset);
    if (!c->examples)
        return;
    fputs("\nExamples:\n", to);
    for (const char *line = c->examples; *line; line += strcspn(line, "\n"), line += *line == '\n')
        fprintf(to, "  dbnbench %.*s\n", (int)strcspn(line, "\n"), line);
}

/* --- parsing --- */

struct parser {
    struct command_call *call;
    struct placed options[PLACED];
    int next;     /* of argv */
    size_t given; /* options */
};

static bool __attribute__((format(printf, 2, 3))) wrong(struct parser *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    if (!*p->call->why) /* the first counts */
        vsnprintf(p->call->why, sizeof p->call->why, format, args);
    va_end(args);
    return false;
}

bool is_given(const struct command_line *line, const char *option)
{
    const char **given = line->given;
    while (*given && strcmp(*given, option) != 0)
        given++;
    return *given != NULL;
}

static bool set(struct parser *p, const struct placed *o, const char *value)
{
    char why[OPTION_WHY];
    return o->row->set(o->row, value, p->call->arguments + o->at, why) || wrong(p, "--%s: %s", o->row->name, why);
}

/* The value is behind the option, in the same word (not NULL) or in the next. */
static bool take(struct parser *p, const struct placed *o, const char *value)
{
    struct command_line *line = &p->call->line;
    const char *name = o->row->name;
    line->given = reallocarray(line->given, p->given + 2, sizeof *line->given);
    line->given[p->given++] = name;
    line->given[p->given] = NULL;
    if (!o->row->value)
        return value ? wrong(p, "--%s takes no value, and has '%.200s'", name, value) : set(p, o, NULL);
    if (!value && p->next == line->argc)
        return wrong(p, "--%s needs a value: %s", name, o->row->value);
    return set(p, o, value ? value : line->argv[p->next++]);
}

static bool take_long(struct parser *p, const char *word)
{
    size_t length = strcspn(word, "=");
    const char *value = word[length] ? word + length + 1 : NULL;
    for (const struct placed *o = p->options; o->row; o++)
        if (o->row->name && strncmp(o->row->name, word, length) == 0 && o->row->name[length] == '\0')
            return take(p, o, value);
    if (strcmp(word, "help") == 0)
        return p->call->help = true;
    char name[64], near[200];
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    suggest(name, nth_name, p->options, "--", near, sizeof near);
    return wrong(p, "unknown option '--%s'%s", name, near);
}

/* -n5, -n 5, -jn5 */
static bool take_letters(struct parser *p, const char *letters)
{
    for (; *letters; letters++) {
        const struct placed *o = p->options;
        while (o->row && o->row->letter != *letters)
            o++;
        if (!o->row && *letters == 'h')
            return p->call->help = true;
        if (!o->row)
            return wrong(p, "unknown option '-%.1s'; see dbnbench help %s", letters, p->call->command->name);
        if (o->row->value)
            return take(p, o, letters[1] ? letters + 1 : NULL);
        if (!take(p, o, NULL))
            return false;
    }
    return true;
}

static bool take_line(struct parser *p)
{
    struct command_line *line = &p->call->line;
    bool only_operands = false;
    while (p->next < line->argc && !p->call->help) {
        char *word = line->argv[p->next++];
        if (only_operands || word[0] != '-' || word[1] == '\0')
            line->operand[line->count++] = word;
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else if (word[1] == '-')
            take_long(p, word + 2);
        else
            take_letters(p, word + 1);
    }
    return !*p->call->why; /* what comes behind a mistake was set all the same */
}

static bool check(struct parser *p)
{
    const struct command *c = p->call->command;
    const struct command_line *line = &p->call->line;
    size_t most = c->operands ? (c->most ? c->most : SIZE_MAX) : 0;
    if (line->count > most)
        return wrong(p, "unexpected '%.200s'; usage: dbnbench %s [OPTION...]%s%s", line->operand[most], c->name,
                     c->operands ? " " : "", c->operands ? c->operands : "");
    if (line->count < c->least)
        return wrong(p, "%s is missing", c->operands);
    for (const struct option_row *o = c->options; o && !is_end(o); o++)
        if (o->group && o->group->check && !o->group->check(p->call->arguments + o->at, p->call->why))
            return false;
    return !c->check || c->check(p->call->arguments, line, p->call->why);
}

bool command_parse(struct command_call *call)
{
    struct command_line *line = &call->line;
    struct parser p = {.call = call, .next = 1};
    place(call->command, p.options);
    call->arguments = calloc(1, call->command->size + 1);
    line->operand = calloc((size_t)line->argc + 1, sizeof *line->operand);
    line->given = calloc(1, sizeof *line->given);
    for (const struct placed *o = p.options; o->row; o++)
        if (o->row->preset && !set(&p, o, o->row->preset))
            return false;
    return take_line(&p) && (call->help || check(&p));
}

void command_free(struct command_call *call)
{
    struct placed options[PLACED];
    place(call->command, options);
    for (const struct placed *o = options; o->row; o++)
        if (o->row->set == set_list)
            free(*(void **)(call->arguments + o->at));
    free(call->line.given);
    free(call->line.operand);
    free(call->arguments);
}
