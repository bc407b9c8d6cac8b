/* Guards the pipeline (also: tsan): its consumers get each block once, whole and in order, whatever the
 * sizes, the delays and consumers that leave early; errors reach all of them, and nobody waits for ever. */
#include "../support.h"

#include <pthread.h>
#include <sched.h>
#include <unistd.h>

static const struct backend *pipeline(void)
{
    const struct backend *b = backend_find("pipeline");
    CHECK(b && b->attach && b->detach);
    return b;
}

enum { MOST_CONSUMERS = 4, MOST_SPANS = 50000 };

struct span {
    uint64_t offset;
    size_t len;
};

struct consumer {
    void *handle;
    pthread_t thread;
    struct bytes stream; /* what the spans have to be parts of */
    uint64_t seed;       /* 0: no delays */
    size_t leaves_after; /* spans */
    size_t spans;
    struct span *span;
    int end;
    uint64_t fault;
};

/* Nothing, for most calls; some turns of the processor; or up to a fifth of a millisecond. */
static void delay(uint64_t *seed)
{
    uint64_t x = *seed ? stats_random(seed) : 0;
    if (x % 8 == 1)
        sched_yield();
    if (x % 32 == 2)
        usleep((useconds_t)(x >> 32) % 200);
    for (volatile uint64_t i = 0; x % 8 == 3 && i < (x >> 32) % 5000; i++)
        ;
}

static void *consume(void *arg)
{
    struct consumer *c = arg;
    struct dbn_span span;
    while (c->spans < c->leaves_after) {
        delay(&c->seed);
        c->end = pipeline()->next(c->handle, 1, &span);
        c->fault = span.offset;
        if (c->end <= 0)
            break;
        CHECK(span.len > 0 && span.offset + span.len <= c->stream.n && c->spans < MOST_SPANS);
        delay(&c->seed);
        CHECK(memcmp(span.ptr, c->stream.p + span.offset, span.len) == 0);
        c->span[c->spans++] = (struct span){span.offset, span.len};
    }
    pipeline()->detach(c->handle);
    return NULL;
}

/* What the file is decoded to, in memory. */
static struct bytes inflated(const char *path)
{
    struct bytes b = {malloc(1), 0};
    struct backend_input in = {.path = path, .end = UINT64_MAX};
    struct dbn_zstd *z;
    struct dbn_span span;
    void *handle;
    const struct backend *buffered = backend_find("buffered");
    CHECK_EQ_I64(buffered->open(&in, &handle), 0);
    CHECK_EQ_I64(dbn_zstd_open((struct dbn_source){buffered->next, handle}, DBN_ZSTD_WINDOW_LOG, &z), 0);
    while (dbn_zstd_next(z, 1, &span) > 0) {
        b.p = realloc(b.p, b.n + span.len);
        CHECK(b.p);
        memcpy(b.p + b.n, span.ptr, span.len);
        b.n += span.len;
    }
    dbn_zstd_close(z);
    buffered->close(handle, NULL);
    return b;
}

struct run {
    struct scratch file;
    struct bytes stream;
    size_t block;
    unsigned consumers;
    struct consumer consumer[MOST_CONSUMERS];
};

/* All consumers of the file, to their ends; leaves_after: of the one with that number, others stay to the end. */
static void run(struct run *r, uint64_t seed, const size_t leaves_after[MOST_CONSUMERS])
{
    struct backend_input in = {
        .path = r->file.path, .end = UINT64_MAX, .block = r->block, .window_log = DBN_ZSTD_WINDOW_LOG};
    void *handle;
    CHECK_EQ_I64(pipeline()->open(&in, &handle), 0);
    for (unsigned i = 0; i < r->consumers; i++) {
        struct consumer *c = &r->consumer[i];
        *c = (struct consumer){.stream = r->stream, .seed = seed ? seed * 10 + i : 0, .leaves_after = leaves_after[i]};
        c->span = malloc(MOST_SPANS * sizeof *c->span);
        CHECK(c->span);
        CHECK_EQ_I64(pipeline()->attach(handle, &c->handle), 0);
    }
    for (unsigned i = 0; i < r->consumers; i++)
        CHECK(pthread_create(&r->consumer[i].thread, NULL, consume, &r->consumer[i]) == 0);
    for (unsigned i = 0; i < r->consumers; i++)
        pthread_join(r->consumer[i].thread, NULL);
    CHECK_EQ_I64(pipeline()->close(handle, NULL), 0);
}

static void forget(struct run *r)
{
    for (unsigned i = 0; i < r->consumers; i++)
        free(r->consumer[i].span);
}

static int by_offset(const void *a, const void *b)
{
    uint64_t x = ((const struct span *)a)->offset, y = ((const struct span *)b)->offset;
    return (x > y) - (x < y);
}

/* A span is metadata, or whole records; the last one in front of an error may be a piece of one. */
static void check_span(const struct run *r, struct span s, bool last)
{
    uint64_t begin = s.offset, records = first_record(r->stream);
    if (begin < records) {
        CHECK(begin + s.len <= records);
        return;
    }
    const uint8_t *p = r->stream.p + begin, *end = p + s.len;
    for (size_t size; (size = dbn_walk(p, end)) != 0;)
        p += size;
    CHECK(p == end || last);
}

/* Together the spans are the first bytes of the stream, without gap or overlap; each consumer's own come in order.
 * Returns how many bytes there are. */
static uint64_t check_spans(const struct run *r)
{
    struct span *all = malloc(MOST_CONSUMERS * MOST_SPANS * sizeof *all);
    size_t n = 0;
    uint64_t at = 0;
    CHECK(all);
    for (unsigned i = 0; i < r->consumers; i++) {
        const struct consumer *c = &r->consumer[i];
        for (size_t k = 0; k < c->spans; k++) {
            CHECK(k == 0 || c->span[k].offset > c->span[k - 1].offset);
            all[n++] = c->span[k];
        }
    }
    qsort(all, n, sizeof *all, by_offset);
    for (size_t k = 0; k < n; k++) {
        CHECK_EQ_U64(all[k].offset, at);
        check_span(r, all[k], k == n - 1 && r->consumer[0].end < 0);
        at += all[k].len;
    }
    free(all);
    return at;
}

static void hold(struct run *r, const struct generate_spec *spec)
{
    struct bytes b = generated(spec);
    r->file = scratch_memory();
    scratch_set(&r->file, b.p, b.n);
    free(b.p);
    r->stream = inflated(r->file.path);
}

static void release(struct run *r)
{
    scratch_close(&r->file);
    free(r->stream.p);
}

static const size_t nobody[MOST_CONSUMERS] = {SIZE_MAX, SIZE_MAX, SIZE_MAX, SIZE_MAX};

static const struct generate_spec specs[] = {
    {.schema = "all", .version = 1, .records = 150, .symbols = 2},
    {.schema = "mixed", .version = 3, .records = 400, .symbols = 2, .ts_out = true},
    {.schema = "all", .version = 3, .records = 1500, .symbols = 2, .zstd_level = 1},
    {.schema = "mbo", .version = 2, .records = 9000, .symbols = 2, .zstd_level = 1, .frames = 40},
};

TEST(every_block_once_and_in_order)
{
    static struct run r;
    uint64_t seed = 1;
    for (size_t k = 0; k < LENGTH(specs); k++) {
        hold(&r, &specs[k]);
        for (uint64_t schedule = 1; schedule <= 60; schedule++) {
            r.block = 1 + stats_random(&seed) % (schedule % 2 ? 64 : 6000);
            r.consumers = 1 + (unsigned)(schedule % MOST_CONSUMERS);
            run(&r, schedule % 5 ? schedule : 0, nobody);
            CHECK_EQ_U64(check_spans(&r), r.stream.n);
            for (unsigned i = 0; i < r.consumers; i++)
                CHECK_EQ_I64(r.consumer[i].end, 0);
            forget(&r);
        }
        release(&r);
    }
}

/* Some leave; the others get the rest. If all leave, the reader is stopped where it is. */
TEST(consumers_leave_early)
{
    static struct run r;
    uint64_t seed = 2;
    for (size_t k = 0; k < LENGTH(specs); k++) {
        hold(&r, &specs[k]);
        for (uint64_t schedule = 1; schedule <= 40; schedule++) {
            size_t leaves_after[MOST_CONSUMERS];
            bool one_stays = schedule % 2;
            r.block = 1 + stats_random(&seed) % 300;
            r.consumers = 1 + (unsigned)(schedule % MOST_CONSUMERS);
            for (unsigned i = 0; i < MOST_CONSUMERS; i++)
                leaves_after[i] = i == 0 && one_stays ? SIZE_MAX : (size_t)(stats_random(&seed) % 40);
            run(&r, schedule, leaves_after);
            uint64_t bytes = check_spans(&r);
            CHECK(!one_stays || bytes == r.stream.n);
            forget(&r);
        }
        release(&r);
    }
}

TEST(nobody_takes_anything)
{
    static struct run r;
    const size_t nothing[MOST_CONSUMERS] = {0};
    hold(&r, &specs[1]);
    r.block = 16;
    for (r.consumers = 0; r.consumers <= MOST_CONSUMERS; r.consumers++)
        for (int round = 0; round < 10; round++) {
            run(&r, 0, nothing);
            forget(&r);
        }
    release(&r);
}

/* Who comes when all has been taken is told that it is over, as often as it asks. */
TEST(late_consumers_get_the_end)
{
    static struct run r;
    struct dbn_span span;
    void *handle, *first, *late;
    hold(&r, &specs[0]);
    struct backend_input in = {.path = r.file.path, .end = UINT64_MAX, .block = 500};
    CHECK_EQ_I64(pipeline()->open(&in, &handle), 0);
    CHECK_EQ_I64(pipeline()->attach(handle, &first), 0);
    while (pipeline()->next(first, 1, &span) > 0)
        ;
    CHECK_EQ_I64(pipeline()->attach(handle, &late), 0);
    for (int i = 0; i < 3; i++) {
        CHECK_EQ_I64(pipeline()->next(late, 1, &span), 0);
        CHECK_EQ_I64(pipeline()->next(first, 1, &span), 0);
    }
    pipeline()->detach(late);
    pipeline()->detach(first);
    CHECK_EQ_I64(pipeline()->close(handle, NULL), 0);
    release(&r);
}

/* The reader fails somewhere: all blocks before that are handed out, then everybody gets the same error. */
static void check_error(struct run *r, int outcome, uint64_t fault)
{
    for (uint64_t schedule = 0; schedule < 25; schedule++) {
        r->consumers = 1 + (unsigned)(schedule % MOST_CONSUMERS);
        run(r, schedule, nobody);
        check_spans(r);
        for (unsigned i = 0; i < r->consumers; i++) {
            CHECK_STR(dbn_outcome_name(r->consumer[i].end), dbn_outcome_name(outcome));
            CHECK_EQ_U64(r->consumer[i].fault, fault);
        }
        forget(r);
    }
}

TEST(errors_reach_every_consumer)
{
    static struct run r;
    const struct generate_spec spec = {.schema = "all", .version = 3, .records = 3000, .symbols = 2, .zstd_level = 1};
    struct bytes packed = generated(&spec);
    hold(&r, &spec);
    scratch_set(&r.file, packed.p, packed.n - 1);
    check_error(&r, DBN_E_ZSTD_TRUNCATED, packed.n - 1);
    scratch_set(&r.file, packed.p, packed.n);
    scratch_poke(&r.file, packed.n - 1, packed.p[packed.n - 1] ^ 1);
    check_error(&r, DBN_E_ZSTD_CORRUPT, 0);
    scratch_set(&r.file, packed.p, packed.n);
    scratch_poke(&r.file, packed.n, 'x');
    check_error(&r, DBN_E_ZSTD_TRAILING_GARBAGE, packed.n);
    free(packed.p);
    release(&r);
}

TESTS(CASE_WITHIN(300, every_block_once_and_in_order), CASE_WITHIN(300, consumers_leave_early),
      CASE(nobody_takes_anything), CASE(late_consumers_get_the_end), CASE(errors_reach_every_consumer));
