/* Guards a report against a gnuplot that hangs: it goes on without its pictures, and leaves nothing of it behind. */
#include "../../harness/view/figures.h"
#include "../test.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

static char folder[] = "/tmp/test_figures.XXXXXX";

static void add(struct figures *f)
{
    struct table *data = figure_table("n", "x");
    table_row(data, "n", 1.0);
    figures_add(f, data, "data", "title", "below");
}

/* Its process ids go to the file `pids`. */
static void fake_gnuplot(void)
{
    char path[64];
    CHECK(mkdtemp(folder));
    snprintf(path, sizeof path, "%s/gnuplot", folder);
    FILE *to = fopen(path, "w");
    fprintf(to, "#!/bin/sh\n/bin/sleep 1000 &\necho $$ $! >%s/pids\nwait\n", folder);
    CHECK(fclose(to) == 0 && chmod(path, 0755) == 0);
    CHECK(setenv("PATH", folder, 1) == 0);
}

static void check_dead(void)
{
    char path[64];
    int pid[2];
    snprintf(path, sizeof path, "%s/pids", folder);
    FILE *from = fopen(path, "r");
    CHECK(from && fscanf(from, "%d %d", &pid[0], &pid[1]) == 2);
    fclose(from);
    CHECK(kill(pid[0], 0) < 0 && errno == ESRCH);
    snprintf(path, sizeof path, "/proc/%d/exe", pid[1]);     /* if nobody reaps it, it is a zombie */
    for (int i = 0; i < 500 && access(path, F_OK) == 0; i++) /* it was killed, and takes its time to end */
        usleep(10000);
    CHECK(access(path, F_OK) < 0);
    snprintf(path, sizeof path, "%s/pids", folder);
    unlink(path);
}

static void remove_all(const char *const *names)
{
    char path[64];
    for (; *names; names++) {
        snprintf(path, sizeof path, "%s/%s", folder, *names);
        CHECK_FOR(unlink(path) == 0, "%s", *names);
    }
    CHECK(rmdir(folder) == 0);
}

TEST(a_gnuplot_that_hangs)
{
    const struct figure_kind kind = {.name = "x", .script = ""};
    struct figures f = {.kind = &kind, .timeout_ms = 1000};
    char file[FIGURE_FILE];
    fake_gnuplot();
    add(&f);
    add(&f);
    CHECK_EQ_I64(figures_draw(&f, folder, file), 0);
    CHECK(!f.all[0].svg && !f.all[1].svg);
    CHECK_STR(f.all[0].why, "gnuplot: no result within 1 s");
    CHECK_STR(f.all[1].why, "gnuplot hung at another picture, so it is not tried again");
    check_dead();
    figures_free(&f);
    remove_all((const char *const[]){"gnuplot", "x-1.tsv", "x-2.tsv", NULL});
}

TESTS(CASE(a_gnuplot_that_hangs));
