/* Guards command lines: any words at all are understood or refused in one line, twice alike, and nothing is left
 * behind. The first line of the input chooses the command, each further one is a word. */
#include "../../harness/options/command.h"
#include "../fuzz.h"

#define COMMAND(name) extern const struct command command_##name;
#include "../../harness/cli/commands.h"
#undef COMMAND

static const struct command *const commands[] = {
#define COMMAND(name) &command_##name,
#include "../../harness/cli/commands.h"
#undef COMMAND
};

enum { WORDS = 32 };

static const struct command *choose(const char *name)
{
    for (size_t i = 0; i < LENGTH(commands); i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return commands[(uint8_t)name[0] % LENGTH(commands)];
}

/* Each may be written over, as those of main() may. */
static void parse(const struct command *command, char **words, int n, char *why, size_t size)
{
    char *argv[WORDS + 1];
    memcpy(argv, words, sizeof argv);
    struct command_call call = {.command = command, .line = {.argc = n, .argv = argv}};
    bool good = command_parse(&call);
    CHECK(!good || call.help || call.line.count >= command->least);
    CHECK(!good || call.line.count <= (size_t)n);
    CHECK(good || (call.why[0] != '\0' && !strchr(call.why, '\n') && memchr(call.why, '\0', sizeof call.why)));
    snprintf(why, size, "%s", good ? "" : call.why);
    command_free(&call);
}

static void check(const uint8_t *p, size_t n)
{
    char *text = malloc(n + 1), *words[WORDS + 1] = {NULL}, *rest = text;
    char why[2][sizeof((struct command_call *)0)->why];
    int count = 0;
    CHECK(text);
    memcpy(text, p, n);
    text[n] = '\0';
    while (count < WORDS && rest)
        words[count++] = strsep(&rest, "\n");
    const struct command *command = choose(words[0]);
    for (int i = 0; i < 2; i++)
        parse(command, words, count, why[i], sizeof why[i]);
    CHECK_STR(why[0], why[1]);
    free(text);
}

FUZZ(check, "options", 20000);
