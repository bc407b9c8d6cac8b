/* A shard: a range of a file that one worker decodes by itself, with its own backend, decoder and sink. A file that is
 * not split is one shard. shard_cut.c cuts files into them; shard.c decodes them and stitches together what they found.
 */
#ifndef HARNESS_SHARD_H
#define HARNESS_SHARD_H

#include "../../dbn/split.h"
#include "job.h"

#include <sys/stat.h>

/* What a shard leaves for being stitched to its neighbours. */
struct boundary {
    struct stat is; /* of a file's first: the file when it was cut. Shards of two states of it are never joined */
    bool found;     /* a place where a record seems to begin; else nothing was decoded */
    uint64_t end;   /* in the stream: behind what was decoded */
    size_t head_len, tail_len;
    uint8_t head[DBN_SPLIT_WINDOW]; /* what lies before that place */
    uint8_t tail[DBN_MAX_RECORD];   /* a record begun and not ended */
};

struct shard {
    size_t file;
    uint64_t begin, end; /* of the file */
    uint64_t offset;     /* of begin in the stream, if that is where the frames before it end as they claim */
    bool first, last;    /* of its file */
    bool compressed;
    struct boundary *boundary; /* NULL: the file is one shard. Those of a file are one piece of memory */
    struct job_result result;
};

struct backend_input job_input(const struct job *job, size_t file);
void job_read_metadata(const struct job *job, struct dbn_decoder *d, struct job_result *r);
void job_decode(const struct job *job, const struct sink_plan *plan, struct dbn_decoder *d, struct job_result *r);
void job_close(const struct job *job, void *handle, struct job_result *r);

/* Decodes the shard. `carry`, if not NULL, is a record begun in the shard before: then the shard begins with its rest;
 * else it finds by itself where a record begins, unless it is its file's first. */
void shard_decode(const struct job *job, struct shard *s, const struct dbn_span *carry);

/* Cuts all files: an array of shards in order, for shards_free(); NULL without memory. One
 * that has an outcome already could not be looked into. */
struct shard *shards_cut(const struct job *job, size_t *count, struct job_result *r);
void shards_free(struct shard *shards, size_t count);
/* Is the file of several shards, of which this is the first, no more what it was when it was cut? */
bool shards_changed(const struct job *job, const struct shard *first);

/* Adds up what the shards found, in order. */
void shards_stitch(const struct job *job, struct shard *shards, size_t count, struct job_result *r);

#endif
