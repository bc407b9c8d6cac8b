/* Guards what is promised of results on disk: a writer that is killed, a full disk and others who write at the same
 * time cost at most the line being written. */
#include "../../harness/results/store.h"
#include "../test.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum { WRITER_LINES = 250 };
enum { KILLS = 50, WRITERS = 8, PADDING = 96 << 10, SURVIVOR = 1000 };

static char path[] = "/tmp/test_store_kill.XXXXXX";

static struct store *make_store(void)
{
    struct store *store;
    json_t *run = json_pack("{s:i}", "format", STORE_FORMAT);
    int fd = mkstemp(path);
    CHECK(fd >= 0);
    close(fd);
    CHECK_EQ_I64(store_open(path, &store), 0);
    CHECK_EQ_I64(store_append(store, "run", "r", run), 0);
    json_decref(run);
    return store;
}

static struct results read_back(void)
{
    struct results r;
    char why[128];
    int rc = store_read(path, &r, why, sizeof why);
    CHECK_FOR(rc == 0, "%s", why);
    return r;
}

/* A sample with a number, in a line that is longer by some padding: a key that nobody knows. */
static int append(struct store *store, uint64_t place, uint64_t number, size_t padding)
{
    struct sample s = {
        .key = {.dataset = "d", .backend = "b", .sink = "s", .threads = place + 1, .files = 1, .split = 1},
        .iterations = 1,
        .wall_ns = 1};
    s.index = place;
    s.round = number;
    json_t *line = stored_to_json(STORED_SAMPLE, &s);
    char *text = malloc(padding + 1);
    memset(text, 'x', padding);
    text[padding] = '\0';
    json_object_set_new(line, "padding", json_string(text));
    int rc = store_append(store, "sample", "r", line);
    json_decref(line);
    free(text);
    return rc;
}

/* --- killed writers --- */

/* Appends samples 0, 1, ... and says so of each that was acknowledged, until it is killed. */
_Noreturn static void victim(uint64_t place, int to)
{
    struct store *store;
    unsigned seed = (unsigned)place + 1;
    if (store_open(path, &store) != 0)
        _exit(1);
    for (uint64_t number = 0;; number++)
        if (append(store, place, number, (size_t)rand_r(&seed) % PADDING) != 0 || write(to, "+", 1) != 1)
            _exit(1);
}

/* Every other one dies at a random moment, the others soon after the file has begun to grow: most of them while they
 * write. */
static void wait_for_the_moment(bool writing, unsigned *seed)
{
    struct timespec moment = {.tv_nsec = rand_r(seed) % 1000000};
    struct stat st;
    CHECK(stat(path, &st) == 0);
    if (!writing)
        nanosleep(&moment, NULL);
    for (off_t before = st.st_size; writing && st.st_size == before;)
        CHECK(stat(path, &st) == 0);
}

/* Kills one; how many it had acknowledged. */
static uint64_t kill_one(uint64_t place, unsigned *seed, unsigned *alive)
{
    int fds[2], status;
    char acks[4096];
    ssize_t got;
    CHECK(pipe(fds) == 0);
    pid_t pid = fork();
    CHECK(pid >= 0);
    if (pid == 0)
        victim(place, fds[1]);
    close(fds[1]);
    CHECK(read(fds[0], acks, 1) == 1);
    wait_for_the_moment(place % 2, seed);
    kill(pid, SIGKILL);
    CHECK(waitpid(pid, &status, 0) == pid);
    *alive += WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL;
    uint64_t acknowledged = 1;
    while ((got = read(fds[0], acks, sizeof acks)) > 0)
        acknowledged += (uint64_t)got;
    close(fds[0]);
    return acknowledged;
}

/* Of each killed writer all that was acknowledged is there, in order, and at most one more; of the one who wrote after
 * each of them, everything. */
static void check_batch(const uint64_t *acknowledged, size_t *skipped)
{
    uint64_t found[KILLS] = {0}, survived = 0;
    struct results r = read_back();
    for (size_t i = 0; i < r.count; i++) {
        const struct sample *s = &r.samples[i];
        uint64_t *next = s->index == SURVIVOR ? &survived : &found[s->index];
        CHECK_FOR(s->round == (*next)++, "writer %d: sample %d", (int)s->index, (int)s->round);
    }
    for (size_t k = 0; k < KILLS; k++)
        CHECK_FOR(found[k] == acknowledged[k] || found[k] == acknowledged[k] + 1,
                  "writer %zu: %d acknowledged, %d found", k, (int)acknowledged[k], (int)found[k]);
    CHECK_EQ_U64(survived, KILLS);
    CHECK_FOR(r.skipped <= KILLS, "%zu lines skipped", r.skipped);
    *skipped += r.skipped;
    results_free(&r);
}

TEST(killed_writers_lose_nothing)
{
    int batches = test_all() ? 20 : 2;
    unsigned seed = 1, alive = 0;
    size_t skipped = 0;
    uint64_t all = 0, acknowledged[KILLS];
    for (int batch = 0; batch < batches; batch++) {
        struct store *survivor = make_store();
        for (uint64_t k = 0; k < KILLS; k++) {
            acknowledged[k] = kill_one(k, &seed, &alive);
            CHECK_EQ_I64(append(survivor, SURVIVOR, k, 0), 0);
            all += acknowledged[k];
        }
        CHECK_EQ_I64(store_close(survivor), 0);
        check_batch(acknowledged, &skipped);
        unlink(path);
        strcpy(path + strlen(path) - 6, "XXXXXX");
    }
    printf("%d writers killed, %u of them at work; %d samples acknowledged, 0 lost; %zu lines torn\n", batches * KILLS,
           alive, (int)all, skipped);
    CHECK_FOR((int)alive >= batches * KILLS * 9 / 10, "only %u were still at work", alive);
    CHECK_FOR(skipped > 0, "no line was torn, so nothing was tried");
}

/* --- at the same time --- */

static void many_writers(void)
{
    for (uint64_t i = 0; i < WRITERS; i++) {
        if (fork() != 0)
            continue;
        struct store *store;
        int rc = store_open(path, &store);
        for (uint64_t k = 0; k < WRITER_LINES && rc == 0; k++)
            rc = append(store, i, k, (i * 997 + k * 13) % 300);
        _exit(rc != 0);
    }
    for (int i = 0, status; i < WRITERS; i++)
        CHECK(wait(&status) > 0 && status == 0);
}

TEST(eight_writers_break_no_line)
{
    uint64_t next[WRITERS] = {0};
    CHECK_EQ_I64(store_close(make_store()), 0);
    many_writers();
    struct results r = read_back();
    CHECK_EQ_U64(r.count, WRITERS * WRITER_LINES);
    CHECK_EQ_U64(r.skipped, 0);
    for (size_t i = 0; i < r.count; i++)
        CHECK_EQ_U64(r.samples[i].round, next[r.samples[i].index]++);
    results_free(&r);
    unlink(path);
}

/* --- a full disk --- */

TEST(a_full_device_is_an_error)
{
    struct store *store;
    CHECK_EQ_I64(store_open("/dev/full", &store), 0);
    CHECK_EQ_I64(append(store, 0, 0, 0), -ENOSPC);
    store_close(store);
}

/* The limit falls at every place of a line: what was acknowledged before is whole, and what is appended when there is
 * room again begins a new line. */
TEST(a_full_file_costs_the_line_being_written)
{
    struct rlimit limit;
    struct stat st;
    CHECK_EQ_I64(getrlimit(RLIMIT_FSIZE, &limit), 0);
    struct store *store = make_store();
    CHECK_EQ_I64(append(store, 0, 0, 0), 0);
    size_t torn = 0, good = 1;
    for (rlim_t room = 0; room < 700; room += 7) {
        CHECK_EQ_I64(stat(path, &st), 0);
        CHECK_EQ_I64(setrlimit(RLIMIT_FSIZE, &(struct rlimit){(rlim_t)st.st_size + room, limit.rlim_max}), 0);
        int rc = append(store, 0, good, 0);
        CHECK_FOR(rc == -EFBIG || rc == 0, "%s", strerror(-rc));
        CHECK_EQ_I64(setrlimit(RLIMIT_FSIZE, &limit), 0);
        good += rc == 0;
        torn += rc != 0 && room > 0;
        CHECK_EQ_I64(append(store, 0, good++, 0), 0);
    }
    CHECK_EQ_I64(store_close(store), 0);
    CHECK(torn > 50 && torn < 100);
    struct results r = read_back();
    CHECK_EQ_U64(r.count, good);
    CHECK_EQ_U64(r.skipped, torn);
    for (size_t i = 0; i < r.count; i++)
        CHECK_EQ_U64(r.samples[i].round, i);
    results_free(&r);
    unlink(path);
}

TESTS(CASE_WITHIN(300, killed_writers_lose_nothing), CASE_WITHIN(120, eight_writers_break_no_line),
      CASE(a_full_device_is_an_error), CASE(a_full_file_costs_the_line_being_written));
