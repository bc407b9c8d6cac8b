#include "limits.h"

#include "../../dbn/zstd.h"
#include "../analysis/stats_random.h"
#include "../machine/child.h"
#include "../machine/page_cache.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

enum { TIMEOUT_MS = 20000 };

int limits_open(struct limits *l, const char *path)
{
    bool dropped;
    uint8_t magic[4];
    l->file.fd = -1;
    if (!memchr(l->wanted, true, sizeof l->wanted))
        return 0;
    int rc = file_open(&l->file, &(struct backend_input){.path = path, .end = UINT64_MAX});
    if (rc == 0) {
        ssize_t n = pread(l->file.fd, magic, sizeof magic, 0);
        l->compressed = n > 0 && dbn_zstd_magic(magic, (size_t)n);
        rc = page_cache_settle(path, &dropped);
        if (rc)
            file_close(&l->file, NULL);
    }
    if (rc) {
        l->file.fd = -1;
        snprintf(l->no_file, LIMIT_WHY, "%s", dbn_outcome_text(rc));
    }
    return rc;
}

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

/* Kernels may take cached pages back when memory is short, or when nobody used them for a while. */
static void keep_cached(const struct limits *l)
{
    char path[64], why[128];
    snprintf(path, sizeof path, "/proc/self/fd/%d", l->file.fd);
    struct reading absent = page_cache_absent(path, why, sizeof why);
    if (absent.state == READING_EXACT && absent.value > 0)
        page_cache_load(path);
}

int limits_take(struct limits *l, size_t i, uint64_t round, limit_keep *keep, void *arg)
{
    int detail;
    if (!l->wanted[i] || l->over[i])
        return 0;
    struct limit_sample s = empty_sample(l, i, round, ruled_out(l, &limits_table[i]));
    if (!s.why[0]) {
        keep_cached(l);
        l->turn = &limits_table[i];
        l->begin = stats_random(&l->random);
        enum child_end end = child_run(limits_measure, l, &s, sizeof s, TIMEOUT_MS, &detail);
        if (end == CHILD_STOPPED)
            return 1;
        if (end != CHILD_DONE)
            child_describe(end, detail, TIMEOUT_MS, s.why, sizeof s.why);
    }
    l->over[i] = s.why[0] != '\0';
    return keep(arg, &s);
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
