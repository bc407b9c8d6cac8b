/* Guards the one place that makes text harmless, for each of its destinations. */
#include "../../harness/text/safe.h"
#include "../test.h"

#include <stdlib.h>
#include <string.h>

/* A control of each sort, what is no UTF-8, quotes, markup, and what is fine. */
static const char nasty[] = "=\033[31m\xc2\x9b\xc2\x85\x7f\xe2\x80\xae\xe2\x81\xa6\xff\t\n|,<b>&\"'`\\é@";
#define PLAIN "\\x1b[31m\\xc2\\x9b\\xc2\\x85\\x7f\\xe2\\x80\\xae\\xe2\\x81\\xa6\\xff\\x09\\x0a"

static char *made(void (*print)(FILE *to, const char *text), const char *text)
{
    char *out;
    size_t size;
    FILE *to = open_memstream(&out, &size);
    print(to, text);
    fclose(to);
    return out;
}

static void check(void (*print)(FILE *to, const char *text), const char *text, const char *expected)
{
    char *out = made(print, text);
    CHECK_STR(out, expected);
    free(out);
}

static void json_text(FILE *to, const char *text)
{
    print_json(to, text, strlen(text));
}

TEST(each_destination_gets_its_own_escapes)
{
    check(plain_text, nasty, "=" PLAIN "|,<b>&\"'`\\é@");
    check(html_text, nasty, "=" PLAIN "|,&#60;b&#62;&#38;&#34;&#39;`\\é@");
    check(csv_text, nasty, "\"'=" PLAIN "|,<b>&\"\"'`\\é@\"");
    check(gnuplot_word, nasty, "'=" PLAIN "|,<b>&\"''`\\é@'");
    check(json_text, nasty,
          "\"=\\u001b[31m\\u009b\\u0085\\u007f\\u202e\\u2066\\ufffd\\u0009\\u000a|,<b>&\\\"'`\\\\é@\"");
    check(markdown_text, "a|b*_`[x](y)#1 @me<i>\033",
          "a\\|b\\*\\_\\`\\[x\\](y)\\#<!-- -->1 "
          "\\@<!-- -->me&#60;i&#62;\\\\x1b");
    check(tsv_text, "a\tb\"\\\n", "a\\\\x09b\\042\\\\\\\\x0a");
}

TEST(formulas_are_text_and_a_mark_alone_is_none)
{
    check(csv_text, "+1", "\"'+1\"");
    check(csv_text, "@SUM(1)", "\"'@SUM(1)\"");
    check(csv_text, "-", "-");
    check(tsv_text, "-1", "'-1");
    check(csv_text, "a=1", "a=1");
    check(csv_text, "a,\"b\"", "\"a,\"\"b\"\"\"");
}

TEST(a_shell_gives_back_the_word)
{
    check(shell_word, "a/b-c.d", "a/b-c.d");
    check(shell_word, "", "''");
    check(shell_word, "it's $HOME", "$'it\\047s $HOME'");
    check(shell_word, "the $HOME", "'the $HOME'");
    check(shell_word, "a'\033\xc2\x9b\xff\\", "$'a\\047\\033\\302\\233\\377\\134'");
}

TESTS(CASE(each_destination_gets_its_own_escapes), CASE(formulas_are_text_and_a_mark_alone_is_none),
      CASE(a_shell_gives_back_the_word));
