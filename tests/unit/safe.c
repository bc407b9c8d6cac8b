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
    check(gnuplot_word, nasty, "'=" PLAIN "|,<b>&\"'.\"\\047\".'`\\é@'");
    check(json_text, nasty,
          "\"=\\u001b[31m\\u009b\\u0085\\u007f\\u202e\\u2066\\ufffd\\u0009\\u000a|,<b>&\\\"'`\\\\é@\"");
    check(markdown_text, "a|b*_`[x](y)#1 @me<i>\033",
          "a\\|b\\*\\_\\`\\[x\\](y)\\#<!-- -->1 "
          "\\@<!-- -->me&#60;i&#62;\\\\x1b");
    check(tsv_text, "a\tb\"\\\n", "a\\\\x09b\\042\\\\\\\\x0a");
}

/* A code point in so many bytes, of which only the shortest are UTF-8. */
static void encode(char *to, unsigned code, size_t n)
{
    static const unsigned char lead[] = {0, 0, 0xC0, 0xE0, 0xF0};
    for (size_t i = n - 1; i > 0; i--, code >>= 6)
        to[i] = (char)(0x80 | (code & 0x3F));
    to[0] = (char)(lead[n] | code);
}

/* What is no character, or one that does more than show itself, is escaped byte by byte, whatever stands before. */
TEST(each_character_is_itself_or_escaped)
{
    static const unsigned codes[] = {0,       0x7F,     0x80,     0x9F,     0xA0,    0x61B,   0x61C,   0x61D,
                                     0x7FF,   0x800,    0xFFF,    0x1000,   0x200D,  0x200E,  0x200F,  0x2010,
                                     0x2027,  0x2028,   0x202E,   0x202F,   0x2065,  0x2066,  0x2069,  0x206A,
                                     0xD7FF,  0xD800,   0xDFFF,   0xE000,   0xFFFF,  0x10000, 0x3FFFF, 0x40000,
                                     0xFFFFF, 0x100000, 0x10FFFF, 0x110000, 0x13FFFF};
    static const struct {
        unsigned first, last;
    } escaped[] = {{0x80, 0x9F},     {0x61C, 0x61C},   {0x200E, 0x200F},
                   {0x2028, 0x202E}, {0x2066, 0x2069}, {0xD800, 0xDFFF}};
    for (size_t i = 0; i < sizeof codes / sizeof codes[0]; i++)
        for (size_t n = 2; n <= 4; n++) {
            unsigned code = codes[i];
            size_t shortest = code < 0x80 ? 1 : code < 0x800 ? 2 : code < 0x10000 ? 3 : 4;
            bool itself = n == shortest && code <= 0x10FFFF;
            for (size_t k = 0; k < sizeof escaped / sizeof escaped[0]; k++)
                itself = itself && (code < escaped[k].first || code > escaped[k].last);
            char bytes[5] = "", hex[20] = "", text[16], expected[32];
            if (n < shortest)
                continue;
            encode(bytes, code, n);
            for (size_t k = 0; k < n; k++)
                snprintf(hex + 4 * k, 5, "\\x%02x", (unsigned char)bytes[k]);
            for (int k = 0; k < 2; k++) {
                snprintf(text, sizeof text, "%s%s%s", k ? "a" : "\xc3\xbf", bytes, k ? "\xc3\xbf" : "a");
                snprintf(expected, sizeof expected, "%s%s%s", k ? "a" : "\xc3\xbf", itself ? bytes : hex,
                         k ? "\xc3\xbf" : "a");
                check(plain_text, text, expected);
            }
        }
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

TESTS(CASE(each_destination_gets_its_own_escapes), CASE(each_character_is_itself_or_escaped),
      CASE(formulas_are_text_and_a_mark_alone_is_none), CASE(a_shell_gives_back_the_word));
