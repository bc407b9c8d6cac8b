/* Decodes shards, and stitches together what they found. Whatever begins a file, and so all that is not split, goes
 * straight from backend to decoder; the others have a feed in between, which looks for the first record. */
#include "shard.h"

#include "../machine/clock.h"

#include <errno.h>

struct backend_input job_input(const struct job *job, size_t file)
{
    return (struct backend_input){
        .path = job->paths[file],
        .end = job_end(job, file),
        .fragment = input_is_fragment(job->paths[file], &job->options),
        .block = job->options.block,
        .depth = job->options.depth,
        .advice = job->options.advice,
        .window_log = input_window_log(&job->options, job->threads),
    };
}

void job_read_metadata(const struct job *job, struct dbn_decoder *d, struct job_result *r)
{
    struct dbn_metadata md;
    if (input_is_fragment(job->paths[r->file], &job->options))
        return;
    r->outcome = dbn_read_metadata(d, job->options.metadata_limit, &md);
    r->fault = d->fault;
    dbn_metadata_free(&md);
}

void job_decode(const struct job *job, const struct sink_plan *plan, struct dbn_decoder *d, struct job_result *r)
{
    void *sink;
    r->outcome = sink_begin(job->sink, plan, &sink);
    if (r->outcome)
        return;
    r->outcome = dbn_decode(d, (struct dbn_sink){job->sink->take, sink});
    r->fault = d->fault;
    if (job->sink->facts)
        r->facts = job->sink->facts(sink);
    r->copied += d->joined + r->facts.copied;
    job_add_counts(&r->counts, &(struct backend_counts){.reads = r->facts.reads, .bytes_read = r->facts.bytes_read});
    job->sink->end(sink, &r->tally);
}

void job_close(const struct job *job, void *handle, struct job_result *r)
{
    struct backend_counts counts = {0};
    int rc = job->backend->close(handle, &counts);
    job_add_counts(&r->counts, &counts);
    if (rc) {
        r->outcome = rc; /* what the decoder made of bytes that changed does not matter */
        r->fault = 0;
    }
}

/* Asks for as much at a time as the inflater does. */
static void hand_on(const struct job *job, void *handle, struct job_result *r)
{
    struct dbn_span span;
    void *sink;
    r->outcome = sink_begin(job->sink, &(struct sink_plan){0}, &sink);
    if (r->outcome)
        return;
    while ((r->outcome = job->backend->next(handle, DBN_ZSTD_IN, &span)) > 0)
        if (job->sink->take(sink, span.ptr, span.len, span.offset) == DBN_NO_MEMORY) {
            r->outcome = -ENOMEM;
            break;
        }
    r->fault = span.offset;
    job->sink->end(sink, &r->tally);
}

/* A source behind which another one goes on: first some bytes that are at hand. */
struct feed {
    struct dbn_span ready[2];
    struct dbn_source in;
    uint64_t shift; /* from the source's offsets to those in the stream */
};

static int feed_next(void *self, size_t need, struct dbn_span *out)
{
    struct feed *f = self;
    for (size_t i = 0; i < 2; i++) {
        if (f->ready[i].len == 0)
            continue;
        *out = f->ready[i];
        f->ready[i].len = 0;
        return 1;
    }
    int rc = f->in.next(f->in.self, need, out);
    if (rc > 0)
        out->offset += f->shift;
    return rc;
}

static int nothing(void *self, size_t need, struct dbn_span *out)
{
    (void)self, (void)need, (void)out;
    return 0;
}

/* Finds where a record begins, and keeps what is before. Whatever was lent in pieces is lent again from the window, and
 * what was lent as one stays where it is. An error of the source leaves it unfound: it will show again. */
static void synchronise(struct feed *f, size_t step, struct boundary *b)
{
    struct dbn_span span, *rest = &f->ready[1];
    size_t have = 0, n = 0;
    int rc = 1;
    while (have < DBN_SPLIT_WINDOW && (rc = f->in.next(f->in.self, DBN_SPLIT_WINDOW - have, &span)) > 0) {
        n = DBN_SPLIT_WINDOW - have < span.len ? DBN_SPLIT_WINDOW - have : span.len;
        memcpy(b->head + have, span.ptr, n);
        have += n;
        *rest = (struct dbn_span){span.ptr + n, span.len - n, span.offset + f->shift + n};
    }
    b->found = rc >= 0 && (have == 0 || dbn_split_guess(b->head, have, step, &b->head_len));
    size_t left = b->found ? have - b->head_len : 0;
    if (n == DBN_SPLIT_WINDOW)
        *rest = (struct dbn_span){rest->ptr - left, rest->len + left, rest->offset - left};
    else
        f->ready[0] = (struct dbn_span){b->head + b->head_len, left, rest->offset - left};
}

/* A record that the range's end cuts goes on in the next shard. */
static void leave_tail(const struct dbn_decoder *d, struct shard *s)
{
    struct boundary *boundary = s->boundary;
    boundary->end = d->offset;
    boundary->tail_len = 0;
    if (s->last || s->result.outcome != DBN_E_TRUNCATED_RECORD)
        return;
    boundary->tail_len = d->carried;
    memcpy(boundary->tail, d->carry, d->carried);
    s->result.outcome = 0;
}

/* *begun: when the shard was; from when on records are decoded. */
static void decode_stream(const struct job *job, struct shard *s, struct dbn_source source,
                          const struct dbn_span *carry, uint64_t *begun)
{
    struct job_result *r = &s->result;
    struct dbn_decoder d;
    struct feed feed = {.in = source, .shift = s->compressed ? s->offset : 0};
    dbn_decoder_init(&d, s->first ? source : (struct dbn_source){feed_next, &feed}, job->backend->step);
    if (s->first) {
        job_read_metadata(job, &d, r);
    } else if (carry) {
        feed.ready[0] = *carry;
        d.offset = carry->offset;
    } else {
        synchronise(&feed, s->compressed ? 1 : 4, s->boundary);
        d.offset = s->offset + s->boundary->head_len;
    }
    r->open_ns += clock_lap_ns(begun);
    if (r->outcome || (!s->first && !carry && !s->boundary->found))
        return;
    struct sink_plan plan = {.begin = d.offset, .end = s->end, .keep = job->options.keep};
    if (!s->compressed || (s->first && s->last)) /* else nobody knows what is in these frames */
        plan.path = job->paths[s->file];
    job_decode(job, &plan, &d, r);
    if (s->boundary)
        leave_tail(&d, s);
}

void shard_decode(const struct job *job, struct shard *s, const struct dbn_span *carry)
{
    struct backend_input in = job_input(job, s->file);
    struct job_result *r = &s->result;
    uint64_t begun = clock_now_ns();
    void *handle;
    in.begin = s->begin;
    in.end = s->end;
    in.fragment |= !s->first;
    *r = (struct job_result){.file = s->file};
    r->outcome = job->backend->open(&in, &handle);
    if (r->outcome == 0) {
        struct dbn_source source = {job->backend->next, handle};
        struct dbn_zstd *zstd = NULL;
        if (job->options.raw)
            hand_on(job, handle, r);
        else if (s->first || s->compressed) /* a file from its beginning may be compressed, and so are later frames */
            r->outcome = dbn_zstd_open(source, input_window_log(&job->options, job->threads), &zstd);
        if (!job->options.raw && r->outcome == 0)
            decode_stream(job, s, zstd ? (struct dbn_source){dbn_zstd_next, zstd} : source, carry, &begun);
        if (zstd) {
            r->copied += dbn_zstd_stats(zstd).inflated + dbn_zstd_stats(zstd).joined;
            dbn_zstd_close(zstd);
        }
        r->work_ns += clock_lap_ns(&begun);
        job_close(job, handle, r);
    }
    r->open_ns += clock_lap_ns(&begun);
}

/* --- stitching ---
 *
 * Where a shard began was only guessed, so nothing of it counts before that offset is confirmed: a record begun in the
 * shard before, followed by what this one left out, has to end exactly there. Else it is decoded again from the right
 * offset. A compressed file in which anything is wrong is decoded again as a whole: what libzstd delivers before a
 * fault depends on how the file is cut for it, see dbn/inflate.c. */

static struct dbn_span tail_of(const struct shard *s)
{
    return (struct dbn_span){s->boundary->tail, s->boundary->tail_len, s->boundary->end - s->boundary->tail_len};
}

/* Does the shard begin where the one before says? If so the records in between are added to *r. */
static bool confirm(const struct job *job, const struct shard *before, const struct shard *s, struct job_result *r)
{
    const struct boundary *b = s->boundary;
    struct feed feed = {{tail_of(before), {b->head, b->head_len, s->offset}}, .in.next = nothing};
    struct job_result between = {0};
    struct dbn_decoder d;
    if (!b->found)
        return false;
    if (before->boundary->tail_len + b->head_len == 0)
        return true;
    dbn_decoder_init(&d, (struct dbn_source){feed_next, &feed}, job->backend->step);
    job_decode(job, &(struct sink_plan){.keep = job->options.keep}, &d, &between);
    if (between.outcome)
        return false;
    job_merge(r, &between);
    return true;
}

/* A shard's times are the workers'; what is done here counts as merging, as a whole. */
static void decode_again(const struct job *job, struct shard *s, const struct dbn_span *carry)
{
    shard_decode(job, s, carry);
    s->result.open_ns = s->result.work_ns = 0;
}

/* All that the file's shards found, up to the first error. Shards whose result does not count have cost what they did.
 */
static void join(const struct job *job, struct shard *s, size_t n, struct job_result *r)
{
    size_t i = 1;
    job_merge(r, &s[0].result);
    for (; i < n && r->outcome == 0; i++) {
        if (s[i - 1].boundary->end != s[i].offset) { /* frames that do not hold what they say */
            r->outcome = DBN_E_ZSTD_CORRUPT;
            break;
        }
        if (s[i].result.outcome != DBN_E_FILE_CHANGED && !confirm(job, &s[i - 1], &s[i], r)) {
            struct dbn_span carry = tail_of(&s[i - 1]);
            job_add_costs(r, &s[i].result);
            decode_again(job, &s[i], &carry);
            r->redone++;
        }
        job_merge(r, &s[i].result);
    }
    for (; i < n; i++)
        job_add_costs(r, &s[i].result);
}

static void stitch_file(const struct job *job, struct shard *s, size_t n, struct job_result *r)
{
    join(job, s, n, r);
    if (n == 1)
        return;
    bool changed = shards_changed(job, s);
    for (size_t i = 0; i < n; i++)
        changed |= s[i].result.outcome == DBN_E_FILE_CHANGED;
    r->counts.other++;
    if (changed) {
        r->outcome = DBN_E_FILE_CHANGED;
        r->fault = 0;
    } else if (r->outcome && s->compressed) {
        struct shard whole = {.file = s->file, .end = job_end(job, s[0].file), .first = true, .last = true};
        decode_again(job, &whole, NULL);
        job_add_costs(&whole.result, r);
        whole.result.redone = r->redone + n;
        *r = whole.result;
    }
}

void shards_stitch(const struct job *job, struct shard *shards, size_t count, struct job_result *r)
{
    for (size_t i = 0, n; i < count; i += n) {
        struct job_result of_file = {.file = shards[i].file};
        for (n = 1; !shards[i + n - 1].last;)
            n++;
        for (size_t k = 0; k < n && r->outcome; k++) /* a file before failed */
            job_add_costs(&of_file, &shards[i + k].result);
        if (r->outcome == 0)
            stitch_file(job, &shards[i], n, &of_file);
        job_merge(r, &of_file);
    }
}
