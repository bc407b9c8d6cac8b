#include "limits.h"

#include "../../datasets/datasets.h"
#include "../../dbn/zstd.h"
#include "../analysis/stats_random.h"
#include "../machine/child.h"
#include "../machine/page_cache.h"
#include "../results/store.h"
#include "capacity.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20000, PATH_SIZE = 4096 };

/* --- the file --- */

/* Numbers without a pattern, as prices have more of than zeros do: some file systems would store zeros as nothing. */
static int fill_file(int fd, uint64_t size, uint64_t *random)
{
    uint64_t words[8 << 10];
    for (uint64_t at = 0; at < size;) {
        for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
            words[i] = stats_random(random);
        ssize_t put = write(fd, words, sizeof words);
        if (put < 0 && errno != EINTR)
            return -errno;
        at += put > 0 ? (uint64_t)put : 0;
    }
    return 0;
}

/* Opens the file for reading and brings it into the page cache, in large pieces. 0 or an outcome. */
static int use_file(struct limits *l, const char *path)
{
    bool dropped;
    uint8_t magic[4];
    int rc = file_open(&l->file, &(struct backend_input){.path = path, .end = UINT64_MAX});
    if (rc == 0) {
        ssize_t n = pread(l->file.fd, magic, sizeof magic, 0);
        l->compressed = n > 0 && dbn_zstd_magic(magic, (size_t)n);
        rc = page_cache_settle(path, &dropped);
        if (rc)
            file_close(&l->file, NULL);
    }
    if (rc)
        l->file.fd = -1;
    return rc;
}

/* A file as large as the memory that counts as too much for the caches. It loses its name at once, so that nothing can
 * leave it behind. */
static void make_file(struct limits *l)
{
    struct capacity_machine machine;
    const char *folder = getenv("TMPDIR");
    char path[PATH_SIZE];
    if (!folder || !*folder)
        folder = access(DATASETS_DIR, W_OK) == 0 ? DATASETS_DIR : "/tmp";
    int written = snprintf(path, sizeof path, "%s/dbnbench.XXXXXX", folder);
    int fd = written < (int)sizeof path ? mkstemp(path) : (errno = ENAMETOOLONG, -1);
    int rc = fd < 0 ? -errno : 0;
    if (rc == 0) {
        unlink(path);
        capacity_look_at_machine(&machine);
        rc = fill_file(fd, machine.memory, &l->random);
        snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
        if (rc == 0)
            rc = use_file(l, path);
        close(fd);
    }
    if (rc)
        snprintf(l->no_file, LIMIT_WHY, "no file could be made in %.60s: %s", folder, dbn_outcome_text(rc));
    sample_clean_text(l->no_file);
}

int limits_open(struct limits *l, const char *path)
{
    int rc = 0;
    l->file.fd = -1;
    if (!memchr(l->wanted, true, sizeof l->wanted))
        return 0;
    if (path)
        rc = use_file(l, path);
    else
        make_file(l);
    if (rc)
        snprintf(l->no_file, LIMIT_WHY, "%s", dbn_outcome_text(rc));
    return rc;
}

/* --- samples --- */

/* Why the limit cannot be measured: "" if it can. */
static const char *ruled_out(const struct limits *l, const struct limit *limit)
{
    if (l->file.fd < 0)
        return l->no_file;
    if (l->file.size == 0)
        return "the file is empty";
    return limit->inflates && !l->compressed ? "the file is not compressed" : "";
}

/* One without a value, for this reason ("": none yet). */
static struct limit_sample empty_sample(const struct limits *l, size_t i, uint64_t round, const char *why)
{
    struct limit_sample s = {.per_second = limits_table[i].per_second, .round = round};
    snprintf(s.dataset, sizeof s.dataset, "%s", l->dataset);
    snprintf(s.limit, sizeof s.limit, "%s", limits_table[i].name);
    snprintf(s.why, sizeof s.why, "%s", why);
    return s;
}

/* False: a signal stopped it. */
static bool take(struct limits *l, const struct limit *limit, struct limit_sample *s)
{
    int detail;
    l->turn = limit;
    l->begin = stats_random(&l->random);
    enum child_end end = child_run(limits_measure, l, s, sizeof *s, TIMEOUT_MS, &detail);
    if (end != CHILD_DONE)
        child_describe(end, detail, TIMEOUT_MS, s->why, sizeof s->why);
    return end != CHILD_STOPPED;
}

/* Kernels may take cached pages back when memory is short, or when nobody used them for a while. */
static void keep_cached(const struct limits *l)
{
    char path[64], why[128];
    if (l->file.fd < 0)
        return;
    snprintf(path, sizeof path, "/proc/self/fd/%d", l->file.fd);
    struct reading absent = page_cache_absent(path, why, sizeof why);
    if (absent.state == READING_EXACT && absent.value > 0)
        page_cache_load(path);
}

int limits_round(struct limits *l, uint64_t round, limit_keep *keep, void *arg)
{
    size_t order[LIMITS_COUNT];
    int rc = 0;
    for (size_t i = 0; i < LIMITS_COUNT; i++) {
        size_t other = stats_random(&l->random) % (i + 1);
        order[i] = order[other];
        order[other] = i;
    }
    keep_cached(l);
    for (size_t k = 0; k < LIMITS_COUNT && rc == 0; k++) {
        size_t i = order[k];
        if (!l->wanted[i] || l->over[i])
            continue;
        struct limit_sample s = empty_sample(l, i, round, ruled_out(l, &limits_table[i]));
        if (!s.why[0] && !take(l, &limits_table[i], &s))
            return 1;
        l->over[i] = s.why[0] != '\0';
        rc = keep(arg, &s);
    }
    return rc;
}

int limits_close(struct limits *l, limit_keep *keep, void *arg)
{
    int rc = 0;
    bool changed = l->file.fd >= 0 && file_close(&l->file, NULL) != 0;
    for (size_t i = 0; i < LIMITS_COUNT && changed && rc == 0; i++) {
        struct limit_sample s = empty_sample(l, i, 0, dbn_outcome_text(DBN_E_FILE_CHANGED));
        if (l->wanted[i] && !l->over[i])
            rc = keep(arg, &s);
    }
    return rc;
}

json_t *limits_json(const struct limits *l, size_t n)
{
    json_t *meanings = json_object();
    for (size_t i = 0; i < LIMITS_COUNT; i++)
        for (size_t k = 0; k < n; k++)
            if (l[k].wanted[i])
                json_object_set_new(meanings, limits_table[i].name, json_string(limits_table[i].what));
    return meanings;
}
