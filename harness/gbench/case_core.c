/* The core on bytes in memory, by record type. The records are the generator's: its schema "all" has those
 * of every type, and from each version come the layouts that only it has. */
#include "../../datasets/generate.h"
#include "../../dbn/dbn.h"
#include "../cli/options.h"
#include "../reference/reference.h"
#include "../cli/exit.h"
#include "cases.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

/* Of each type. Larger than a first-level cache and smaller than a second-level one, like the blocks of most
 * backends. */
enum { STREAM_SIZE = 256 << 10, RECORDS = 20000, STREAMS = DBN_LAYOUTS + 1, MIXED = DBN_LAYOUTS };

struct stream {
    uint8_t *bytes;
    size_t size;
    uint16_t kind; /* of its records, but for the mixed stream */
    uint64_t records;
    struct ref_result expected;
};

struct core_case {
    const struct stream *stream;
    const struct sink *sink;
    int *worst;
};

struct core_cases {
    struct stream stream[STREAMS];
    struct core_case cases[STREAMS][SINKS]; /* in the order of sinks[] */
};

static const char *stream_name(size_t i)
{
    return i == MIXED ? "mixed" : dbn_layout[i].name;
}

/* A source that lends a span all at once. */
static int lend(void *self, size_t need, struct dbn_span *out)
{
    struct dbn_span *left = self;
    (void)need;
    *out = *left;
    *left = (struct dbn_span){.ptr = out->ptr + out->len, .offset = out->offset + out->len};
    return out->len > 0;
}

/* --- the streams --- */

static void append(struct stream *s, const uint8_t *p, size_t n)
{
    if (s->size + n > STREAM_SIZE)
        return;
    memcpy(s->bytes + s->size, p, n);
    s->size += n;
}

/* A sink: each record goes to the stream of its type, but for those of no known type or longer than it. */
static size_t sort_by_type(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct stream *streams = self;
    const uint8_t *q = p;
    (void)offset;
    for (size_t size; (size = dbn_walk(q, p + n)) != 0; q += size) {
        const struct dbn_layout *layout = dbn_layout_of(q[1], size);
        if (!layout || layout->size != size)
            continue;
        struct stream *s = &streams[layout - dbn_layout];
        if (s->size == 0)
            s->kind = dbn_kind(q);
        if (s->kind == dbn_kind(q))
            append(s, q, size);
    }
    return (size_t)(q - p);
}

static size_t take_mixed(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct stream *streams = self;
    const uint8_t *q = p;
    (void)offset;
    for (size_t size; (size = dbn_walk(q, p + n)) != 0; q += size)
        append(&streams[MIXED], q, size);
    return (size_t)(q - p);
}

static int generate(const char *schema, uint8_t version, struct dbn_sink sink)
{
    struct generate_spec spec = GENERATE_SPEC_DEFAULT;
    struct dbn_span span = {0};
    struct dbn_decoder d;
    struct dbn_metadata metadata;
    uint8_t *bytes;
    spec.schema = schema;
    spec.version = version;
    spec.records = RECORDS;
    int rc = generate_memory(&spec, &bytes, &span.len);
    if (rc)
        return rc;
    span.ptr = bytes;
    dbn_decoder_init(&d, (struct dbn_source){lend, &span}, DBN_STEP_BLOCK);
    rc = dbn_read_metadata(&d, DBN_METADATA_LIMIT, &metadata);
    dbn_metadata_free(&metadata);
    if (rc == 0)
        rc = dbn_decode(&d, sink);
    free(bytes);
    return rc;
}

/* Makes it as long as it may be, and has the reference decoder say what is in it. That one reads files. */
static int finish(struct stream *s)
{
    const struct input_options options = {.fragment = true, .window_log = DBN_ZSTD_WINDOW_LOG};
    char path[64];
    if (s->size == 0)
        return -ENODATA; /* the generator does not know the type */
    for (size_t n = s->size; s->size + n <= STREAM_SIZE;)
        append(s, s->bytes, n);
    int fd = memfd_create("core", MFD_CLOEXEC);
    int rc = fd < 0 ? -errno : write(fd, s->bytes, s->size) != (ssize_t)s->size ? -EIO : 0;
    snprintf(path, sizeof path, "/proc/self/fd/%d", fd);
    if (rc == 0) {
        ref_decode(path, &options, UINT64_MAX, &s->expected);
        rc = s->expected.outcome;
    }
    for (size_t i = 0; i < SINKS; i++) /* not all sinks count */
        if (s->expected.tally[i].records > s->records)
            s->records = s->expected.tally[i].records;
    if (fd >= 0)
        close(fd);
    return rc;
}

static int make_streams(struct stream *streams)
{
    int rc = 0;
    for (size_t i = 0; i < STREAMS && rc == 0; i++)
        rc = (streams[i].bytes = malloc(STREAM_SIZE)) ? 0 : -ENOMEM;
    for (uint8_t version = 1; version <= DBN_VERSIONS && rc == 0; version++)
        rc = generate("all", version, (struct dbn_sink){sort_by_type, streams});
    if (rc == 0)
        rc = generate("mixed", DBN_VERSIONS, (struct dbn_sink){take_mixed, streams});
    for (size_t i = 0; i < STREAMS && rc == 0; i++)
        if ((rc = finish(&streams[i])) != 0)
            complain("%s records in memory: %s", stream_name(i), dbn_outcome_text(rc));
    return rc;
}

/* --- the cases --- */

static void run_case(struct gbench_state *state, void *arg)
{
    const struct core_case *c = arg;
    const struct stream *s = c->stream;
    const struct sink *sink = c->sink;
    const struct tally *expected = &s->expected.tally[sink_index(sink)];
    struct dbn_decoder d;
    void *self;
    while (gbench_keep_running(state)) {
        struct dbn_span span = {s->bytes, s->size, 0};
        struct tally found;
        dbn_decoder_init(&d, (struct dbn_source){lend, &span}, DBN_STEP_BLOCK);
        int rc = sink_begin(sink, &(struct sink_plan){0}, &self);
        if (rc == 0) {
            rc = dbn_decode(&d, (struct dbn_sink){sink->take, self});
            sink->end(self, &found);
        }
        if (rc)
            case_fail(state, c->worst, EXIT_FAILED, dbn_outcome_text(rc));
        else if (!tally_equal(&found, expected))
            case_fail_tally(state, c->worst, &found, expected);
    }
    gbench_set_work(state, s->records, s->size);
}

static int add(struct core_cases *all, size_t stream, size_t sink, int *worst)
{
    char name[128];
    struct core_case *c = &all->cases[stream][sink];
    *c = (struct core_case){&all->stream[stream], sinks[sink], worst};
    snprintf(name, sizeof name, "core/%s/%s", stream_name(stream), sinks[sink]->name);
    return gbench_register(name, run_case, c);
}

int core_cases_register(int *worst, struct core_cases **all)
{
    int rc = (*all = calloc(1, sizeof **all)) ? 0 : -ENOMEM;
    if (rc == 0)
        rc = make_streams((*all)->stream);
    for (size_t i = 0; i < STREAMS && rc == 0; i++)
        for (size_t k = 0; sinks[k] && rc == 0; k++)
            if (sinks[k]->looks != SINK_LOOKS_AWAY) /* with those there is nothing left to be measured */
                rc = add(*all, i, k, worst);
    return rc ? EXIT_FAILED : EXIT_FINE;
}

void core_cases_free(struct core_cases *all)
{
    for (size_t i = 0; all && i < STREAMS; i++)
        free(all->stream[i].bytes);
    free(all);
}
