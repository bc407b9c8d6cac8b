/* Stitches together what shards found, in order. Where a shard began was only guessed, so nothing of it counts before
 * that offset is confirmed: a record begun in the shard before, followed by what this one left out, has to end exactly
 * there. Else it is decoded again from the right offset. A compressed file in which anything is wrong is decoded again
 * as a whole: what libzstd delivers before a fault depends on how the file is cut for it, see dbn/zstd.c. */
#include "shard.h"

/* Lends two pieces. */
struct joint {
    struct dbn_span piece[2];
};

static int joint_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct joint *j = self;
    for (size_t i = 0; i < 2; i++) {
        if (j->piece[i].len == 0)
            continue;
        *out = j->piece[i];
        j->piece[i].len = 0;
        return 1;
    }
    return 0;
}

static struct dbn_span tail_of(const struct shard *s)
{
    return (struct dbn_span){s->boundary->tail, s->boundary->tail_len, s->boundary->end - s->boundary->tail_len};
}

/* Does the shard begin where the one before says? If so the records in between are added to *r. */
static bool confirm(const struct job *job, const struct shard *before, const struct shard *s, struct job_result *r)
{
    const struct boundary *boundary = s->boundary;
    if (!boundary->found)
        return false;
    struct joint j = {{tail_of(before), {boundary->head, boundary->head_len, s->offset}}};
    if (j.piece[0].len + j.piece[1].len == 0)
        return true;
    struct job_result between = {0};
    struct dbn_decoder d;
    dbn_decoder_init(&d, (struct dbn_source){joint_next, &j}, job->backend->step);
    job_decode(job, &(struct sink_plan){0}, &d, &between);
    if (between.outcome)
        return false;
    job_merge(r, &between);
    return true;
}

/* A shard's times are the workers'; what is done here counts as merging, as a whole. */
static void decode_again(const struct job *job, struct shard *s, const struct dbn_span *carry, struct job_result *r)
{
    job_add_costs(r, &s->result);
    shard_decode(job, s, carry);
    s->result.open_ns = s->result.work_ns = 0;
}

/* All that the file's shards found, up to the first error. Shards whose result does not count have cost what they did.
 */
static void join(const struct job *job, struct shard *s, size_t n, struct job_result *r)
{
    job_merge(r, &s[0].result);
    for (size_t i = 1; i < n; i++) {
        bool in_place = r->outcome == 0 && s[i - 1].boundary->end == s[i].offset;
        if (in_place && !confirm(job, &s[i - 1], &s[i], r)) {
            struct dbn_span carry = tail_of(&s[i - 1]);
            decode_again(job, &s[i], &carry, r);
            r->redone++;
        } else if (r->outcome == 0 && !in_place) { /* frames that do not hold what they say */
            r->outcome = DBN_E_ZSTD_CORRUPT;
        }
        if (r->outcome == 0)
            job_merge(r, &s[i].result);
        else
            job_add_costs(r, &s[i].result);
    }
}

static bool has_changed(const struct job *job, const struct shard *s, size_t n)
{
    bool changed = shards_changed(job, s);
    for (size_t i = 0; i < n; i++)
        changed |= s[i].result.outcome == DBN_E_FILE_CHANGED;
    return changed;
}

static void stitch_file(const struct job *job, struct shard *s, size_t n, struct job_result *r)
{
    join(job, s, n, r);
    r->counts.other++;
    if (has_changed(job, s, n)) {
        r->outcome = DBN_E_FILE_CHANGED;
        r->fault = 0;
    } else if (r->outcome && s->compressed) {
        struct shard whole = {.file = s->file, .end = job->end, .first = true, .last = true};
        shard_decode(job, &whole, NULL);
        whole.result.open_ns = whole.result.work_ns = 0;
        job_add_costs(&whole.result, r);
        whole.result.redone = r->redone + n;
        *r = whole.result;
    }
}

void shards_stitch(const struct job *job, struct shard *shards, size_t count, struct job_result *r)
{
    bool failed = false;
    for (size_t i = 0, n; i < count; i += n) {
        struct job_result of_file = {.file = shards[i].file};
        for (n = 1; !shards[i + n - 1].last;)
            n++;
        if (failed) {
            for (size_t k = 0; k < n; k++)
                job_add_costs(r, &shards[i + k].result);
            continue;
        }
        if (n == 1)
            of_file = shards[i].result;
        else
            stitch_file(job, &shards[i], n, &of_file);
        failed = of_file.outcome != 0;
        job_merge(r, &of_file);
    }
}
