/* The line of a command: parsed, and helped with. */
#include "command.h"

#include "suggest.h"

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

/* Goes through the command's own options, and those of its groups that it does not hide. */
struct cursor {
    const struct option_row *all, *own, *of; /* all that it has; the next of these; of a group, or NULL */
    size_t at;                               /* where the value of the last one goes */
};

static struct cursor options_of(const struct command *c)
{
    return (struct cursor){c->options, c->options, NULL, 0};
}

/* NULL behind the last. */
static const struct option_row *next_option(struct cursor *c)
{
    while (c->own && (c->of || !is_end(c->own))) {
        const struct option_row *o = c->of ? c->of++ : c->own++;
        if (c->of && is_end(o)) {
            c->of = NULL;
        } else if (c->of && o->name && !has(c->all, o->name)) {
            c->at = c->own[-1].at + o->at;
            return o;
        } else if (!c->of) {
            c->of = o->group ? o->group->options : NULL;
            c->at = o->at;
            if (o->name)
                return o;
        }
    }
    return NULL;
}

static const char *nth_name(const void *command, size_t n)
{
    struct cursor c = options_of(command);
    const struct option_row *o;
    while ((o = next_option(&c)) != NULL && n > 0)
        n--;
    return o ? o->name : NULL;
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

static void help_option(FILE *to, const struct option_row *o)
{
    if (o->name && o->help)
        help_row(to, o->letter, o->name, o->value, o->help, o->preset);
    else if (o->help)
        fprintf(to, "\n%s\n", o->help);
}

void command_help(const struct command *c, FILE *to)
{
    fprintf(to, "Usage: dbnbench %s%s%s%s\n", c->name, c->options ? " [OPTION...]" : "", c->operands ? " " : "",
            c->operands ? c->operands : "");
    wrap(to, c->about, 0, 0);
    fputc('\n', to);
    help_row(to, 'h', "help", NULL, "Print this", NULL);
    for (const struct option_row *o = c->options; o && !is_end(o); o++) {
        if (!o->group)
            help_option(to, o);
        else if (o->group->title)
            fprintf(to, "\n%s\n", o->group->title);
        for (const struct option_row *of = o->group ? o->group->options : NULL; of && !is_end(of); of++)
            if (!of->name || !has(c->options, of->name))
                help_option(to, of);
    }
    if (!c->examples)
        return;
    fputs("\nExamples:\n", to);
    for (const char *line = c->examples; *line; line += strcspn(line, "\n"), line += *line == '\n')
        fprintf(to, "  dbnbench %.*s\n", (int)strcspn(line, "\n"), line);
}

/* --- parsing --- */

static bool __attribute__((format(printf, 2, 3))) wrong(struct command_call *p, const char *format, ...)
{
    va_list args;
    va_start(args, format);
    vsnprintf(p->why, sizeof p->why, format, args);
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

static bool set(struct command_call *p, const struct option_row *o, size_t at, const char *value)
{
    char why[OPTION_WHY];
    return o->set(o, value, p->arguments + at, why) || wrong(p, "--%s: %s", o->name, why);
}

/* The value is behind the option, in the same word (not NULL) or in the next. */
static bool take(struct command_call *p, const struct option_row *o, size_t at, const char *value)
{
    p->line.given[p->given++] = o->name;
    if (!o->value)
        return value ? wrong(p, "--%s takes no value, and has '%.200s'", o->name, value) : set(p, o, at, NULL);
    if (!value && p->next == p->line.argc)
        return wrong(p, "--%s needs a value: %s", o->name, o->value);
    return set(p, o, at, value ? value : p->line.argv[p->next++]);
}

static bool take_long(struct command_call *p, const char *word)
{
    size_t length = strcspn(word, "=");
    const struct option_row *o;
    const char *value = word[length] ? word + length + 1 : NULL;
    for (struct cursor c = options_of(p->command); (o = next_option(&c)) != NULL;)
        if (strncmp(o->name, word, length) == 0 && o->name[length] == '\0')
            return take(p, o, c.at, value);
    if (strcmp(word, "help") == 0)
        return p->help = true;
    char name[64], near[200];
    snprintf(name, sizeof name, "%.*s", (int)length, word);
    suggest(name, nth_name, p->command, "--", near, sizeof near);
    return wrong(p, "unknown option '--%s'%s", name, near);
}

/* -n5, -n 5, -jn5 */
static bool take_letters(struct command_call *p, const char *letters)
{
    for (; *letters; letters++) {
        struct cursor c = options_of(p->command);
        const struct option_row *o;
        while ((o = next_option(&c)) != NULL && o->letter != *letters)
            ;
        if (!o && *letters == 'h')
            return p->help = true;
        if (!o)
            return wrong(p, "unknown option '-%.1s'; see dbnbench help %s", letters, p->command->name);
        if (o->value)
            return take(p, o, c.at, letters[1] ? letters + 1 : NULL);
        if (!take(p, o, c.at, NULL))
            return false;
    }
    return true;
}

static bool take_line(struct command_call *p)
{
    bool only_operands = false;
    while (p->next < p->line.argc && !p->help) {
        char *word = p->line.argv[p->next++];
        bool good = true;
        if (only_operands || word[0] != '-' || word[1] == '\0')
            p->line.operand[p->line.count++] = word;
        else if (strcmp(word, "--") == 0)
            only_operands = true;
        else
            good = word[1] == '-' ? take_long(p, word + 2) : take_letters(p, word + 1);
        if (!good)
            return false;
    }
    return true;
}

static bool check(struct command_call *p)
{
    const struct command *c = p->command;
    const struct command_line *line = &p->line;
    size_t most = c->operands ? (c->most ? c->most : SIZE_MAX) : 0;
    if (line->count > most)
        return wrong(p, "unexpected '%.200s'; usage: dbnbench %s [OPTION...]%s%s", line->operand[most], c->name,
                     c->operands ? " " : "", c->operands ? c->operands : "");
    if (line->count < c->least)
        return wrong(p, "%s is missing", c->operands);
    for (const struct option_row *o = c->options; o && !is_end(o); o++)
        if (o->group && o->group->check && !o->group->check(p->arguments + o->at, p->why))
            return false;
    return !c->check || c->check(p->arguments, line, p->why);
}

static bool parse(struct command_call *p)
{
    const struct option_row *o;
    for (struct cursor c = options_of(p->command); (o = next_option(&c)) != NULL;)
        if (o->preset && !set(p, o, c.at, o->preset))
            return false;
    return take_line(p) && (p->help || check(p));
}

/* No fewer than there can be options. */
static size_t letters_of(int argc, char **argv)
{
    size_t n = 0;
    for (int i = 0; i < argc; i++)
        n += strlen(argv[i]);
    return n;
}

bool command_parse(struct command_call *call)
{
    struct command_line *line = &call->line;
    call->next = 1;
    call->arguments = calloc(1, call->command->size + 1);
    line->operand = calloc((size_t)line->argc + 1, sizeof *line->operand);
    line->given = calloc(letters_of(line->argc, line->argv) + 1, sizeof *line->given);
    if (!call->arguments || !line->operand || !line->given)
        return wrong(call, "out of memory");
    return parse(call);
}

void command_free(struct command_call *call)
{
    const struct option_row *o;
    for (struct cursor i = options_of(call->command); call->arguments && (o = next_option(&i)) != NULL;)
        if (o->set == set_list)
            free(*(void **)(call->arguments + i.at));
    free(call->line.given);
    free(call->line.operand);
    free(call->arguments);
}
