/* The framing alone: from length to length, and how many records there are of each type. */
#include "../../dbn/walk.h"
#include "digest.h"
#include "sink.h"

#include <stdlib.h>

struct frame {
    uint64_t count[256];
    uint64_t records, bytes, offsets;
};

struct state {
    uint64_t *count, offsets;
};

DBN_INLINE void frame_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    (void)size;
    struct state *s = state;
    s->count[p[1]]++;
    s->offsets += offset;
}

DBN_INLINE const uint8_t *frame_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    struct state *s = state;
    size_t size = dbn_record_size(p);
    const uint8_t *run_end = dbn_run_end(p, end);
    uint64_t n = (uint64_t)(run_end - p) / size;
    s->count[p[1]] += n;
    s->offsets += n * offset + size * (n * (n - 1) / 2);
    return run_end;
}

static size_t frame_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct frame *f = self;
    struct state s = {f->count, f->offsets};
    size_t taken = dbn_take(&s, p, n, offset, &f->records, frame_one, frame_run);
    f->bytes += taken;
    f->offsets = s.offsets;
    return taken;
}

static void frame_end(void *self, struct tally *t)
{
    struct frame *f = self;
    *t = (struct tally){f->records, f->bytes, f->offsets * DIGEST_OFFSET};
    for (unsigned i = 0; i < 256; i++)
        t->digest += f->count[i] * digest_frame_type((uint8_t)i);
    free(f);
}

const struct sink sink_frame = {
    .name = "frame",
    .summary = "walk the lengths, count records by type",
    .looks = SINK_LOOKS_AT_RECORDS,
    .expect = expect_frame,
    .size = sizeof(struct frame),
    .take = frame_take,
    .end = frame_end,
};
