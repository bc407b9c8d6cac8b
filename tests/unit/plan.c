/* Guards what files of a plan are called, that no two of its cases can be taken for each other, and what cannot be
 * looked into. */
#include "../../harness/measure/plan.h"
#include "../support.h"
#include "../support_interrupt.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FILES = 6 };

static void complain(const char *format, ...)
{
    (void)format;
    CHECK(false);
}

/* In a folder of its own; the files are empty. */
static void make_files(void)
{
    static const char *const paths[] = {"a.dbn", "x/a.dbn", "y/x/a.dbn", "2024/b.dbn", "2025/b.dbn", "2025/c.dbn"};
    static const char *const folders[] = {"x", "y", "y/x", "2024", "2025"};
    char folder[] = "/tmp/test_plan.XXXXXX";
    CHECK(mkdtemp(folder) && chdir(folder) == 0);
    for (size_t i = 0; i < LENGTH(folders); i++)
        CHECK(mkdir(folders[i], 0777) == 0);
    for (size_t i = 0; i < LENGTH(paths); i++) {
        FILE *f = fopen(paths[i], "w");
        CHECK(f && fclose(f) == 0);
    }
}

static const char *name_of(const struct plan *p, const char *path)
{
    for (size_t i = 0; i < p->file_count; i++)
        if (strcmp(p->files[i].path, path) == 0)
            return p->files[i].name;
    return NULL;
}

TEST(names_do_not_depend_on_the_order)
{
    char *orders[2][FILES] = {{"a.dbn", "x/a.dbn", "y/x/a.dbn", "2024/b.dbn", "2025/b.dbn", "2025/c.dbn"},
                              {"2025/c.dbn", "2025/b.dbn", "2024/b.dbn", "y/x/a.dbn", "x/a.dbn", "a.dbn"}};
    make_files();
    for (size_t i = 0; i < 2; i++) {
        struct plan p = {.input = INPUT_OPTIONS_DEFAULT};
        CHECK_EQ_I64(plan_add_files(&p, orders[i], FILES, complain), 0);
        CHECK_STR(name_of(&p, "a.dbn"), "a.dbn");
        CHECK_STR(name_of(&p, "x/a.dbn"), "x/a.dbn");
        CHECK_STR(name_of(&p, "y/x/a.dbn"), "y/x/a.dbn");
        CHECK_STR(name_of(&p, "2024/b.dbn"), "2024/b.dbn");
        CHECK_STR(name_of(&p, "2025/b.dbn"), "2025/b.dbn");
        CHECK_STR(name_of(&p, "2025/c.dbn"), "c.dbn");
        plan_free(&p);
    }
}

/* What was asked for is part of what a case is; what calibration chooses is not. */
TEST(equal_cases_are_one)
{
    char *path = "a.dbn", name[CASE_NAME];
    struct plan p = {.input = INPUT_OPTIONS_DEFAULT};
    struct plan_case c = {.backend = backend_find("mmap"), .sink = sink_find("none"), .key.threads = 1};
    make_files();
    CHECK_EQ_I64(plan_add_files(&p, &path, 1, complain), 0);
    for (uint64_t requested = 0; requested < 3; requested++) {
        c.key.requested = requested;
        plan_add_case(&p, &c);
        CHECK_EQ_U64(p.case_count, requested + 1);
    }
    c.prefix = 7;
    plan_add_case(&p, &c);
    CHECK_EQ_U64(p.case_count, 3);
    case_name(&p.cases[0].key, name);
    CHECK_STR(name, "a.dbn/mmap/none/threads:1");
    plan_free(&p);
}

/* It once was taken for one that is not compressed. */
TEST(a_file_that_cannot_be_peeked_at)
{
    struct plan p = {.input = INPUT_OPTIONS_DEFAULT};
    char why[200];
    struct scratch s = scratch_disk();
    scratch_set(&s, "DBN", 3);
    pread_fails(EIO);
    CHECK_EQ_I64(plan_add_file(&p, s.path, NULL, why, sizeof why), -EIO);
    pread_fails(0);
    CHECK(strstr(why, s.path) && strstr(why, ": Input/output error"));
    CHECK_EQ_U64(p.file_count, 0);
    plan_free(&p);
    scratch_close(&s);
}

TESTS(CASE(names_do_not_depend_on_the_order), CASE(equal_cases_are_one), CASE(a_file_that_cannot_be_peeked_at));
