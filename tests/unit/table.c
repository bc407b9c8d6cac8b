/* Guards the one table model and what each printer makes of it. */
#include "../../harness/results/sample.h"
#include "../../harness/text/terminal.h"
#include "../../harness/view/table.h"
#include "../test.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

static const struct table_column columns[] = {
    {.key = "dataset", .meaning = "what was read"},
    {.key = "threads", .meaning = "that decode", .kind = TABLE_COUNT},
    {.key = "rate", .title = "M/s", .meaning = "million records a second", .kind = TABLE_NUMBER, .rank = 1},
    {.key = "speedup", .title = "speed-up", .meaning = "over one thread", .kind = TABLE_INTERVAL, .rank = 2},
    {.key = "calls", .meaning = "read calls", .kind = TABLE_COUNT},
    {0},
};

static struct table *make(void)
{
    static const struct stats some = {.n = 7, .median = 1.5, .low = 1.25, .high = 2, .confident = true}, none = {0};
    struct table *t = table_new("x", "A title", columns);
    table_row(t, "tndsr", "trades", (uint64_t)1, 251.4, &some, 1.0, (struct reading){READING_EXACT, 12});
    table_row(t, "tNdsr", "trades", (uint64_t)0, NAN, &none, 1.0, (struct reading){0});
    table_row(t, "tndsr", "=1+\"2\",<b>\033[31m\xe2\x80\xae|x", (uint64_t)1 << 60, 0.000123456, &none, 1.0,
              (struct reading){READING_EXACT, 0});
    table_note(t, "note %d \x07", 1);
    return t;
}

static char *printed(void (*print)(const struct table *t, FILE *to))
{
    char *text;
    size_t size;
    struct table *t = make();
    FILE *to = open_memstream(&text, &size);
    print(t, to);
    fclose(to);
    table_free(t);
    return text;
}

static void print_wide(const struct table *t, FILE *to)
{
    table_print_text(t, 200, to);
}

static void print_narrow(const struct table *t, FILE *to)
{
    table_print_text(t, 66, to);
}

TEST(a_terminal_gets_aligned_rows)
{
    char *text = printed(print_wide);
    CHECK_STR(text, "A title\n"
                    "dataset                                      threads      M/s            speed-up calls\n"
                    "trades                                             1      251 1.50 [1.25 to 2.00]    12\n"
                    "trades                                             -      n/a                 n/a   n/a\n"
                    "=1+\"2\",<b>\\x1b[31m\\xe2\\x80\\xae|x 1152921504606846976 0.000123                 n/a     0\n"
                    "note 1 \\x07\n");
    free(text);
}

TEST(columns_that_do_not_fit_are_left_out_by_rank)
{
    char *text = printed(print_narrow);
    CHECK_FOR(!strstr(text, "1.25") && strstr(text, "left out for the width: speed-up, M/s\n"), "%s", text);
    CHECK_FOR(strstr(text, "calls"), "%s", text);
    free(text);
}

TEST(a_column_of_nothing_is_not_shown)
{
    char *text;
    size_t size;
    struct table *t = table_new("x", "", columns);
    table_row(t, "tNdsr", "trades", (uint64_t)0, 1.0, NULL, 1.0, (struct reading){0});
    FILE *to = open_memstream(&text, &size);
    table_print_text(t, 100, to);
    fclose(to);
    CHECK_STR(text, "dataset  M/s calls\ntrades  1.00   n/a\n");
    free(text);
    table_free(t);
}

static const struct table_column grouped[] = {
    {.key = "data", .group = true},
    {.key = "name", .tells = true},
    {.key = "block", .tells = true, .rank = 2},
    {.key = "sink"},
    {.key = "time", .kind = TABLE_INTERVAL, .sort = true},
    {.key = "reads", .kind = TABLE_NUMBER, .rank = 1},
    {.key = "is", .verdict = true},
    {0},
};

static char *grouped_text(size_t width)
{
    static const struct stats slow = {.n = 7, .median = 3, .low = 2, .high = 4, .confident = true},
                              fast = {.n = 7, .median = 1, .low = 0.5, .high = 2, .confident = true};
    struct table *t = table_new("x", "", grouped);
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    table_row(t, "ttttsdt", "a", "slow", "4K", "sum", &slow, 1.0, NAN, "ok");
    table_row(t, "ttttsdt", "b", "any-name-that-is-long", "4K", "sum", NULL, 1.0, NAN, "ok");
    table_row(t, "ttttsdt", "a", "fast", "4K", "sum", &fast, 1.0, NAN, "ok");
    table_row(t, "ttttsdt", "a", "fast", "8K", "sum", &fast, 1.0, NAN, "ok");
    table_print_text(t, width, to);
    fclose(to);
    table_free(t);
    return text;
}

/* What is alike stands once, groups are together, and the fastest comes first; but a verdict is always in its row. */
TEST(rows_are_in_groups_and_sorted)
{
    char *text = grouped_text(80);
    CHECK_STR(text, "all: sink sum; n/a: reads\n"
                    "data name                  block                 time is\n"
                    "a    fast                  4K    1.00 [0.500 to 2.00] ok\n"
                    "a    fast                  8K    1.00 [0.500 to 2.00] ok\n"
                    "a    slow                  4K     3.00 [2.00 to 4.00] ok\n"
                    "\n"
                    "b    any-name-that-is-long 4K                       - ok\n");
    free(text);
}

/* Ranges go before long names are cut, and what tells rows apart never does. */
TEST(a_row_that_is_too_wide_loses_ranges_then_letters)
{
    char *text = grouped_text(50);
    CHECK_FOR(strstr(text, "a    fast                  8K    1.00 ok\n"), "%s", text);
    CHECK_FOR(strstr(text, "\nleft out for the width: the ranges of time\n"), "%s", text);
    free(text);
    text = grouped_text(32);
    CHECK_FOR(strstr(text, "b    any-...s-long 4K       - ok\n"), "%s", text);
    free(text);
}

TEST(prose_ends_lines_between_words)
{
    char *text;
    size_t size;
    FILE *to = open_memstream(&text, &size);
    terminal_prose("it is 50 % of all\x07", 10, to);
    terminal_prose("unbreakable-word here", 10, to);
    fclose(to);
    CHECK_STR(text, "it is 50 %\n  of\n  all\\x07\nunbreakable-word\n  here\n");
    free(text);
}

TEST(without_a_column_to_show_there_are_no_rows)
{
    static const struct table_column one[] = {{.key = "a"}, {0}};
    char *text;
    size_t size;
    struct table *t = table_new("x", "A title", one);
    table_row(t, "t", "");
    FILE *to = open_memstream(&text, &size);
    table_print_text(t, 100, to);
    fclose(to);
    CHECK_STR(text, "A title\n");
    free(text);
    table_free(t);
}

TEST(markdown_and_html_never_mean_what_text_says)
{
    char *text = printed(table_print_markdown);
    CHECK_FOR(strstr(text, "| dataset | threads | M/s | speed-up | calls |\n| --- | --: | --: | --: | --: |\n"), "%s",
              text);
    CHECK_FOR(strstr(text, "&#60;b&#62;") && strstr(text, "\\|x") && !strchr(text, '\033'), "%s", text);
    free(text);
    text = printed(table_print_html);
    CHECK_FOR(strstr(text, "<th scope=\"col\" class=\"n\" title=\"read calls\">calls</th>"), "%s", text);
    CHECK_FOR(strstr(text, "<th scope=\"col\" class=\"\" title=\"what was read\">dataset</th>"), "%s", text);
    CHECK_FOR(strstr(text, " class=\"n more\" title=\"million records a second\">"), "%s", text);
    CHECK_FOR(strstr(text, "&#60;b&#62;") && !strchr(text, '\033') && !strstr(text, "\xe2\x80\xae"), "%s", text);
    free(text);
}

TEST(programs_get_values_unrounded)
{
    char *text = printed(table_print_csv);
    CHECK_STR(text, "dataset,threads,rate,speedup,speedup_low,speedup_high,calls\n"
                    "trades,1,251.4,1.5,1.25,2,12\n"
                    "trades,,,,,,\n"
                    "\"'=1+\"\"2\"\",<b>\\x1b[31m\\xe2\\x80\\xae|x\",1152921504606846976,0.000123456,,,,0\n");
    free(text);
    text = printed(table_print_tsv);
    CHECK_FOR(strstr(text, "dataset\tthreads\trate\tspeedup\tspeedup_low\tspeedup_high\tcalls\n"
                           "trades\t1\t251.4\t1.5\t1.25\t2\t12\ntrades\tNaN\tNaN\tNaN\tNaN\tNaN\tNaN\n"),
              "%s", text);
    free(text);
    struct table *t = make();
    json_t *rows = table_json(t), *first = json_array_get(rows, 0), *second = json_array_get(rows, 1);
    CHECK(json_real_value(json_object_get(first, "rate")) == 251.4);
    CHECK(json_real_value(json_object_get(json_object_get(first, "speedup"), "low")) == 1.25);
    CHECK(json_is_null(json_object_get(second, "calls")) && json_is_null(json_object_get(second, "rate")));
    json_decref(rows);
    table_free(t);
}

TEST(people_read_yes_of_a_flag)
{
    struct table *t = table_new("x", "", (struct table_column[]){{.key = "flag", .kind = TABLE_COUNT}, {0}});
    table_row(t, "b", 1);
    table_row(t, "b", 0);
    CHECK_STR(table_cell(t, 0, 0)->text, "yes");
    CHECK_STR(table_cell(t, 1, 0)->text, "-");
    table_free(t);
}

TESTS(CASE(people_read_yes_of_a_flag), CASE(a_terminal_gets_aligned_rows),
      CASE(columns_that_do_not_fit_are_left_out_by_rank), CASE(a_column_of_nothing_is_not_shown),
      CASE(rows_are_in_groups_and_sorted), CASE(a_row_that_is_too_wide_loses_ranges_then_letters),
      CASE(prose_ends_lines_between_words), CASE(without_a_column_to_show_there_are_no_rows),
      CASE(markdown_and_html_never_mean_what_text_says), CASE(programs_get_values_unrounded));
