/* Where to cut files. Records are not looked for here: that would be a decode of its own. A file that is not compressed
 * is cut by arithmetic, and the places are a record's begin only if all records are of one size. A compressed one is
 * cut between frames, which have headers to hop over. Where anything is odd there are fewer cuts: what is wrong with a
 * file is the decoder's to say. */
#include "shard.h"

#include "../../backends/file.h"
#include "../../dbn/zstd_frames.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/stat.h>

/* A file, the first error in looking into it, and its shards as they are found. */
struct cutting {
    struct file file;
    int error;
    struct shard *shards;
    size_t n, most;
};

static void cut(struct cutting *c, uint64_t begin, uint64_t offset)
{
    if (c->n > 0)
        c->shards[c->n - 1].end = begin;
    c->shards[c->n++] = (struct shard){.begin = begin, .offset = offset};
}

static int64_t look_at(void *self, void *to, size_t n, uint64_t offset)
{
    struct cutting *c = self;
    int64_t got = file_at(&c->file, to, n, offset);
    if (got < 0 && c->error == 0)
        c->error = (int)got;
    return got;
}

/* About as many groups of frames as wanted, of about the same size. */
static void cut_frames(struct cutting *c)
{
    uint64_t end = c->file.end, at = 0, offset = 0, next = 0;
    struct dbn_at in = {look_at, c};
    struct dbn_zstd_frame frame;
    while (at < end && c->n < c->most && dbn_zstd_frame_at(in, at, &frame)) {
        if (at >= next && (c->n == 0 || offset > 0)) { /* the first shard has the metadata, or some of them */
            cut(c, at, offset);
            next = at + (end - at) / (c->most - c->n + 1);
        }
        if (!frame.known || __builtin_add_overflow(offset, frame.content, &offset))
            break;
        at += frame.size;
    }
}

/* Equal parts, in whole records of the size that the first one has. */
static void cut_records(struct cutting *c, bool fragment)
{
    uint8_t prefix[8], length;
    uint64_t first = 0;
    if (!fragment) {
        if (look_at(c, prefix, sizeof prefix, 0) != (int64_t)sizeof prefix)
            return;
        first = sizeof prefix + (uint64_t)dbn_load_u32(prefix + 4);
    }
    size_t size = look_at(c, &length, 1, first) == 1 ? dbn_record_size(&length) : 0;
    if (size < DBN_HEADER_SIZE)
        return;
    uint64_t records = (c->file.end - first) / size, n = records < c->most ? records : c->most;
    cut(c, 0, 0);
    for (uint64_t i = 1; i < n; i++) {
        uint64_t at = first + (records / n * i + records % n * i / n) * size;
        cut(c, at, at);
    }
}

/* Looks for cuts in the file. 0, or an outcome. */
static int look(const struct job *job, size_t file, struct cutting *c, struct stat *st, bool *compressed,
                struct backend_counts *counts)
{
    struct backend_counts own = {0};
    int rc = file_open(&c->file, &(struct backend_input){.path = job->paths[file], .end = job_end(job, file)});
    if (rc)
        return rc;
    int is_compressed = file_is_compressed(&c->file);
    *compressed = is_compressed > 0;
    if (is_compressed < 0 || fstat(c->file.fd, st) < 0)
        c->error = is_compressed < 0 ? is_compressed : -errno;
    else if (*compressed)
        cut_frames(c);
    else
        cut_records(c, input_is_fragment(job->paths[file], &job->options));
    c->file.counts.other++;
    rc = file_close(&c->file, &own);
    counts->reads += own.reads;
    counts->other += own.other;
    return c->error ? c->error : rc;
}

/* The file's shards, at least one, which is the whole file if there is no other. How many. An error is the result of
 * the file, which counts when those before it have been decoded. */
static size_t cut_file(const struct job *job, size_t file, struct shard *shards, struct backend_counts *counts)
{
    struct cutting c = {.shards = shards, .most = job->split};
    struct stat st = {0};
    bool compressed = false;
    int rc = job->options.raw || job->split < 2 ? 0 : look(job, file, &c, &st, &compressed, counts);
    struct boundary *boundaries = rc == 0 && c.n > 1 ? calloc(c.n, sizeof *boundaries) : NULL;
    if (rc == 0 && c.n > 1 && !boundaries)
        rc = -ENOMEM;
    if (rc || c.n == 0) {
        c.n = 0;
        cut(&c, 0, 0);
    }
    for (size_t i = 0; i < c.n; i++) {
        shards[i].file = file;
        shards[i].compressed = compressed;
        shards[i].boundary = boundaries ? &boundaries[i] : NULL;
    }
    if (boundaries)
        boundaries[0].is = st;
    shards[0].first = shards[c.n - 1].last = true;
    shards[0].result = (struct job_result){.file = file, .outcome = rc};
    shards[c.n - 1].end = job_end(job, file);
    return c.n;
}

struct shard *shards_cut(const struct job *job, size_t *count, struct job_result *r)
{
    size_t most = job->split > 1 ? job->split : 1;
    struct shard *shards = calloc(job->files + 1, most * sizeof *shards);
    *count = 0;
    for (size_t file = 0; shards && file < job->files; file++)
        *count += cut_file(job, file, shards + *count, &r->counts);
    return shards;
}

void shards_free(struct shard *shards, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (shards[i].first)
            free(shards[i].boundary);
    free(shards);
}

bool shards_changed(const struct job *job, const struct shard *first)
{
    const struct stat *then = &first->boundary->is;
    struct stat now;
    return stat(job->paths[first->file], &now) < 0 || now.st_dev != then->st_dev || now.st_ino != then->st_ino ||
           now.st_size != then->st_size || now.st_mtim.tv_sec != then->st_mtim.tv_sec ||
           now.st_mtim.tv_nsec != then->st_mtim.tv_nsec;
}
