/* If some records here and there are of the kind of the first, all are taken for such, and there is nothing to be
 * counted: the file's size says how many. Otherwise its lengths are walked, in a pass of its own. What is compressed
 * would have to be inflated for that, and what it says of its size is a claim, so nothing is said of it. */
#include "row_count.h"

#include "../../backends/backend.h"
#include "../../dbn/walk.h"
#include "../../dbn/zstd.h"

#include <fcntl.h>
#include <sys/stat.h>
#include <unistd.h>

enum { LOOKS = 32 };

struct part {
    const char *path;
    int fd;
    uint64_t begin, end;
    struct sink_facts *facts;
};

static bool read_at(const struct part *part, uint64_t at, void *to, size_t n)
{
    ssize_t got = pread(part->fd, to, n, (off_t)at);
    part->facts->reads++;
    part->facts->bytes_read += got > 0 ? (size_t)got : 0;
    return got == (ssize_t)n;
}

/* The part of the file where the records lie, if it can be told. */
static bool look_at(const struct sink_plan *plan, struct part *part)
{
    struct stat st;
    uint8_t magic[4];
    part->fd = plan->path ? open(plan->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    if (part->fd < 0)
        return false;
    bool plain = fstat(part->fd, &st) == 0 && S_ISREG(st.st_mode) && read_at(part, 0, magic, sizeof magic) &&
                 !dbn_zstd_magic(magic, sizeof magic);
    uint64_t size = plain ? (uint64_t)st.st_size : 0;
    part->path = plan->path;
    part->begin = plan->begin;
    part->end = plan->end < size ? plan->end : size;
    return plain && part->begin < part->end;
}

/* The first and the last record, and some between them. */
static bool looks_uniform(const struct part *part, uint8_t first[2])
{
    uint8_t here[2];
    if (!read_at(part, part->begin, first, 2))
        return false;
    size_t size = dbn_record_size(first);
    uint64_t bytes = part->end - part->begin;
    if (size < DBN_HEADER_SIZE || bytes % size != 0)
        return false;
    uint64_t last = bytes / size - 1;
    for (uint64_t i = 1; i <= LOOKS; i++) {
        uint64_t at = part->begin + last / LOOKS * i * size;
        if (i == LOOKS)
            at = part->begin + last * size;
        if (!read_at(part, at, here, 2) || memcmp(here, first, 2) != 0)
            return false;
    }
    return true;
}

struct walk {
    void (*found)(void *arg, const uint8_t *record, uint64_t bytes);
    void *arg;
};

DBN_INLINE void walk_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    const struct walk *w = state;
    (void)offset;
    w->found(w->arg, p, size);
}

DBN_INLINE const uint8_t *walk_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    const struct walk *w = state;
    const uint8_t *begin = p, *last = end - dbn_record_size(p);
    size_t size = dbn_record_size(p);
    uint16_t kind = dbn_kind(p);
    (void)offset;
    while (dbn_run_goes_on(p, last, kind))
        p += size;
    w->found(w->arg, begin, (uint64_t)(p - begin));
    return p;
}

static size_t walk_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    uint64_t records = 0;
    return dbn_take(self, p, n, offset, &records, walk_one, walk_run);
}

/* An error is for the decoder to find: what was counted up to there is right. */
static void walk(const struct part *part, struct walk *w)
{
    const struct backend *b = backend_plain();
    struct backend_input in = {.path = part->path, .begin = part->begin, .end = part->end, .fragment = true};
    struct dbn_decoder d;
    void *handle;
    if (b->open(&in, &handle) != 0)
        return;
    dbn_decoder_init(&d, (struct dbn_source){b->next, handle}, DBN_STEP_BLOCK);
    dbn_decode(&d, (struct dbn_sink){walk_take, w});
    struct backend_counts counts;
    b->close(handle, &counts);
    part->facts->reads += counts.reads;
    part->facts->bytes_read += counts.bytes_read;
}

void row_count(const struct sink_plan *plan, struct sink_facts *facts,
               void (*found)(void *arg, const uint8_t *record, uint64_t bytes), void *arg)
{
    struct part part = {.facts = facts};
    uint8_t first[2];
    if (look_at(plan, &part)) {
        if (looks_uniform(&part, first))
            found(arg, first, part.end - part.begin);
        else
            walk(&part, &(struct walk){found, arg});
    }
    if (part.fd >= 0)
        close(part.fd);
}
