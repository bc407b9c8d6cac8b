#include "input.h"

#include "../../backends/file.h"
#include "../../dbn/zstd_frames.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>

const char *input_name(const char *path)
{
    return path ? path : "standard input";
}

bool input_is_fragment(const char *path, const struct input_options *options)
{
    if (options->fragment || !path)
        return options->fragment;
    const char *slash = strrchr(path, '/'), *name = slash ? slash + 1 : path;
    const char *at = strstr(name, ".frag");
    while (at && at[5] != '\0' && at[5] != '.')
        at = strstr(at + 1, ".frag");
    return at != NULL;
}

/* The least --window-log with which the frame at this offset can be read; 0: unknown. */
static unsigned window_log_needed(const char *path, uint64_t at)
{
    struct file f;
    struct dbn_zstd_frame frame = {0};
    unsigned log = 0;
    if (file_open(&f, &(struct backend_input){.path = path, .end = UINT64_MAX}) < 0)
        return 0;
    dbn_zstd_frame_at((struct dbn_at){file_at, &f}, at, &frame);
    while (frame.window > UINT64_C(1) << log)
        log++;
    file_close(&f, NULL);
    return log;
}

unsigned input_window_log(const struct input_options *options, unsigned threads)
{
    unsigned log = options->window_log;
    uint64_t all = log > 30 ? UINT64_C(1) << log : UINT64_C(1) << 30;
    while (log > 10 && (UINT64_C(1) << log) > all / threads)
        log--;
    return log;
}

const char *input_outcome_text(int outcome)
{
    switch (outcome) {
    case DBN_E_NOT_DBN:
        return "not a DBN stream (a fragment without metadata needs --fragment)";
    case DBN_E_METADATA_TOO_LARGE:
        return "metadata longer than the limit (see --metadata-limit)";
    case DBN_E_ZSTD_WINDOW_TOO_LARGE:
        return "zstd window larger than --window-log, or than a thread's share of 1 GiB";
    case -EOPNOTSUPP:
        return "Operation not supported: for this file and backend --advise dontcache is not to be had here";
    default:
        return dbn_outcome_text(outcome);
    }
}

void input_describe(const char *path, int outcome, uint64_t fault, char *buf, size_t size)
{
    char where[64] = "";
    if (fault > 0 || !dbn_outcome_could_not_run(outcome))
        snprintf(where, sizeof where, "at byte %" PRIu64 " of the %s: ", fault,
                 dbn_outcome_in_file(outcome) ? "file" : "stream");
    char needed[32] = "";
    unsigned log = outcome == DBN_E_ZSTD_WINDOW_TOO_LARGE ? window_log_needed(path, fault) : 0;
    if (log)
        snprintf(needed, sizeof needed, ": it needs %u", log);
    snprintf(buf, size, "%s: %s%s%s (%s)", input_name(path), where, input_outcome_text(outcome), needed,
             dbn_outcome_name(outcome));
}
