/* Many consumers inflate a file together, be it one frame. The file is mapped. Whoever asks for a span and finds none
 * does what is to be done next: decodes a block that nobody has claimed, up to where its matches need the blocks
 * before, or puts the next one in its place. The latter is for who did it last, in whose caches the window is, as long
 * as others have blocks to decode.
 *
 * Nothing is lent before libzstd would deliver it too, however it is fed (see HELD_BACK). So whatever is refused here,
 * damaged or not, is given to libzstd from the start, which goes on behind what was lent: faults are its faults. It
 * also serves one consumer alone, who has nobody to share with. */
#include "../dbn/inflate.h"
#include "../inflate/execute.h"
#include "backend.h"
#include "cut.h"
#include "mirror.h"
#include "wait.h"

#include <errno.h>
#include <stdlib.h>

extern const struct backend backend_mmap;

enum {
    PIECE = 128 << 10, /* of a plain file, unless backend_input.block says otherwise */
    SPANS = 64,        /* that wait at most */
    ROOM = BLOCK_MAX + EXECUTE_SPARE,
    /* A call of libzstd gives up to DBN_ZSTD_OUT bytes or fails, and then gives none. So that a byte was in a call that
     * did not fail is certain once so many bytes behind it are there. */
    HELD_BACK = DBN_ZSTD_OUT,
};
_Static_assert((int)BLOCK_MAX >= (int)DBN_ZSTD_OUT, "room for a block is room for a call of libzstd");

struct slot {
    enum { UNUSED, CLAIMED, DECODED, REFUSED } state;
    struct block_claim claim;
    struct walk_place place;
    struct block block;
};

struct consumer {
    struct inflate *inflate;
    struct consumer *next;
    uint64_t held;    /* where the span begins that it was lent; UINT64_MAX: none */
    pthread_t thread; /* of a helper */
    struct block_tables tables;
};

/* What may be lent, in order. */
struct spans {
    struct dbn_span span[SPANS];
    size_t put, taken;
};

struct inflate {
    void *mapping; /* of backend_mmap */
    struct dbn_span input;
    bool input_lent, fragment;
    unsigned window_log;
    size_t piece;

    pthread_mutex_t lock;
    pthread_cond_t changed;
    unsigned waiting, consumers, helpers;
    struct consumer *first, *helper;
    enum { NOT_BEGUN, PLAIN, LIBZSTD, OWN } how;
    bool producing;                  /* somebody is at what belongs to the producer */
    const struct consumer *producer; /* the last one: his are the caches with what is looked back at */
    bool refused;                    /* by him: libzstd has to go on */
    struct spans spans;
    bool ended;
    int outcome;
    uint64_t fault, waited;

    struct walk walk;
    int more; /* what walk_next() returned last */
    struct slot *slots;
    unsigned slots_n;
    uint64_t claimed, executed; /* blocks so far */

    /* The producer's. Offsets in the stream: */
    uint64_t produced, safe, cut, frame_begin, metadata_end;
    struct execution execution;
    struct mirror mirror;
    uint64_t window;
    struct dbn_zstd *zstd;
};

/* --- what is lent: of what is produced the bytes up to `safe`, in spans of whole records --- */

static uint8_t *bytes_at(const struct inflate *f, uint64_t offset)
{
    if (f->how == PLAIN)
        return (uint8_t *)f->input.ptr + (offset - f->input.offset);
    return mirror_at(&f->mirror, offset, 0);
}

static void add_span(struct inflate *f, struct spans *to, uint64_t end)
{
    if (end > f->cut)
        to->span[to->put++] = (struct dbn_span){bytes_at(f, f->cut), (size_t)(end - f->cut), f->cut};
    f->cut = end;
}

/* False: behind these spans there is nothing to be found. */
static bool cut(struct inflate *f, struct spans *to)
{
    bool valid;
    if (f->metadata_end == UINT64_MAX && f->safe - f->cut >= 8)
        f->metadata_end = cut_metadata_end(bytes_at(f, f->cut), f->fragment);
    if (f->metadata_end == UINT64_MAX)
        return true;
    if (f->cut < f->metadata_end)
        add_span(f, to, f->safe < f->metadata_end ? f->safe : f->metadata_end);
    size_t n = cut_whole_records(bytes_at(f, f->cut), (size_t)(f->safe - f->cut), &valid);
    add_span(f, to, valid ? f->cut + n : f->safe);
    return valid;
}

/* --- producing --- */

static int input_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct inflate *f = self;
    *out = f->input;
    if (f->input_lent)
        *out = (struct dbn_span){.offset = f->input.offset + f->input.len};
    bool more = !f->input_lent && f->input.len > 0;
    f->input_lent = true;
    return more;
}

/* From now on libzstd does it, from the start: what was lent already is left out. 1, or an error. */
static int begin_libzstd(struct inflate *f, uint64_t *fault)
{
    int rc = dbn_zstd_open((struct dbn_source){input_next, f}, f->window_log, &f->zstd);
    if (rc)
        return rc;
    f->how = LIBZSTD;
    f->window = 0;
    f->produced = f->safe = f->cut;
    rc = dbn_zstd_detect(f->zstd, DBN_ZSTD_IN, fault);
    return rc == 0 ? DBN_E_FILE_CHANGED : rc;
}

/* These return as dbn_source.next: 1: perhaps there is more to be lent. */

static int produce_plain(struct inflate *f)
{
    uint64_t end = f->input.offset + f->input.len;
    if (f->produced == end)
        return 0;
    f->produced = end - f->produced < f->piece ? end : f->produced + f->piece;
    f->safe = f->produced;
    return 1;
}

static int produce_by_libzstd(struct inflate *f, uint64_t *fault)
{
    uint8_t *to = mirror_at(&f->mirror, f->produced, 0);
    size_t n;
    uint64_t offset;
    int rc = dbn_zstd_inflate(f->zstd, to, &n, &offset);
    *fault = offset;
    if (rc <= 0 || offset + n <= f->produced)
        return rc;
    size_t lent = (size_t)(f->produced - offset);
    memmove(to, to + lent, n - lent);
    f->safe = f->produced += n - lent;
    return 1;
}

/* The block is the next one. */
static int produce_own(struct inflate *f, const struct slot *s)
{
    if (s->state == REFUSED ||
        !execute(&f->execution, &s->claim, &s->place, &s->block, mirror_at(&f->mirror, f->produced, f->window))) {
        f->refused = true;
        return 1;
    }
    f->frame_begin = s->place.first ? f->produced : f->frame_begin;
    f->produced += s->block.size;
    uint64_t certain = f->produced > HELD_BACK ? f->produced - HELD_BACK : 0;
    f->safe = s->place.last ? f->produced : certain > f->frame_begin ? certain : f->frame_begin;
    return 1;
}

/* --- under the lock --- */

static void tell(struct inflate *f)
{
    if (f->waiting)
        pthread_cond_broadcast(&f->changed);
}

/* Before this offset nothing is needed any more. */
static uint64_t oldest(const struct inflate *f)
{
    uint64_t at = f->cut;
    if (f->spans.taken < f->spans.put)
        at = f->spans.span[f->spans.taken % SPANS].offset;
    for (const struct consumer *c = f->first; c; c = c->next)
        at = c->held < at ? c->held : at;
    uint64_t looked_at = f->produced > f->window ? f->produced - f->window : 0;
    return at < looked_at ? at : looked_at;
}

static bool can_produce(const struct inflate *f)
{
    if (f->producing || f->spans.put - f->spans.taken > SPANS - 3)
        return false;
    if (f->how != PLAIN && f->produced + ROOM - oldest(f) > f->mirror.size)
        return false;
    return f->how != OWN || f->slots[f->executed % f->slots_n].state >= DECODED ||
           (f->executed == f->claimed && f->more <= 0);
}

static int produce(struct inflate *f, const struct slot *next, uint64_t *fault)
{
    switch (f->how) {
    case PLAIN:
        return produce_plain(f);
    case LIBZSTD:
        return produce_by_libzstd(f, fault);
    default:
        return next ? produce_own(f, next) : 0;
    }
}

/* Lets go of the lock while it does the work. */
static void produce_more(struct inflate *f, const struct consumer *by)
{
    struct spans found = {.put = 0};
    uint64_t fault = 0;
    struct slot *next = f->executed < f->claimed ? &f->slots[f->executed % f->slots_n] : NULL;
    f->refused = f->how == OWN && !next && f->more < 0;
    f->producing = true;
    f->producer = by;
    pthread_mutex_unlock(&f->lock);
    int rc = f->refused ? 1 : produce(f, next, &fault);
    bool stop = !cut(f, &found);
    if (rc <= 0 && !stop)
        add_span(f, &found, f->safe); /* a record, or metadata, cut off by the end or by an error */
    pthread_mutex_lock(&f->lock);
    f->producing = false;
    if (f->refused)
        rc = begin_libzstd(f, &fault);
    else if (next)
        next->state = UNUSED, f->executed++;
    for (size_t i = 0; i < found.put; i++)
        f->spans.span[f->spans.put++ % SPANS] = found.span[i];
    if (rc <= 0 || stop) {
        f->ended = true;
        f->outcome = stop ? 0 : rc;
        f->fault = fault;
    }
    tell(f);
}

static bool can_claim(const struct inflate *f)
{
    return f->how == OWN && f->more > 0 && f->slots[f->claimed % f->slots_n].state == UNUSED;
}

static void claim_and_decode(struct inflate *f, struct block_tables *tables)
{
    struct slot *s = &f->slots[f->claimed % f->slots_n];
    f->more = walk_next(&f->walk, &s->claim, &s->place);
    if (f->more <= 0)
        return;
    s->state = CLAIMED;
    f->claimed++;
    pthread_mutex_unlock(&f->lock);
    bool good = block_decode(&s->block, &s->claim, tables);
    pthread_mutex_lock(&f->lock);
    s->state = good ? DECODED : REFUSED;
    tell(f);
}

/* Besides the window: for what the consumers have got and what waits for them. */
static size_t room(const struct inflate *f)
{
    return (size_t)f->window + (2 * f->consumers + 4) * (size_t)ROOM;
}

/* False without memory; libzstd takes less. */
static bool begin_own(struct inflate *f)
{
    f->slots_n = f->consumers + f->helpers + 2; /* one that each decodes, and two that wait */
    f->slots = calloc(f->slots_n, sizeof *f->slots);
    if (!f->slots || mirror_open(&f->mirror, room(f)) != 0) {
        f->window = 0;
        return false;
    }
    f->how = OWN;
    f->more = 1;
    return true;
}

/* What there is to do, and for how many, is known when the first asks. 1, or an error. */
static int begin(struct inflate *f, uint64_t *fault)
{
    struct block_claim claim;
    struct walk_place place;
    if (!dbn_zstd_magic(f->input.ptr, f->input.len)) {
        f->how = PLAIN;
        f->produced = f->safe = f->cut = f->input.offset;
        return 1;
    }
    walk_begin(&f->walk, f->input.ptr, f->input.len, f->window_log);
    struct walk ahead = f->walk;
    if (f->consumers + f->helpers > 1 && walk_next(&ahead, &claim, &place) > 0) {
        f->walk.window_max = f->window = claim.window; /* a later frame may not need a larger one */
        if (begin_own(f))
            return 1;
    }
    int rc = mirror_open(&f->mirror, room(f));
    return rc ? rc : begin_libzstd(f, fault);
}

static uint64_t wait(struct inflate *f)
{
    f->waiting++;
    uint64_t waited = backend_wait(&f->changed, &f->lock);
    f->waiting--;
    return waited;
}

/* Something of what there is to do. How long it waited for that, in ns. */
static uint64_t work(struct inflate *f, struct consumer *c)
{
    if (can_produce(f) && (f->producer == c || !can_claim(f)))
        produce_more(f, c);
    else if (can_claim(f))
        claim_and_decode(f, &c->tables);
    else
        return wait(f);
    return 0;
}

static void *helper_main(void *helper)
{
    struct consumer *c = helper;
    struct inflate *f = c->inflate;
    pthread_mutex_lock(&f->lock);
    while (!f->ended)
        work(f, c);
    pthread_mutex_unlock(&f->lock);
    return NULL;
}

/* As many as can be had. */
static void start_helpers(struct inflate *f, unsigned n)
{
    f->helper = n ? calloc(n, sizeof *f->helper) : NULL;
    for (; f->helper && f->helpers < n; f->helpers++) {
        struct consumer *h = &f->helper[f->helpers];
        h->inflate = f;
        if (pthread_create(&h->thread, NULL, helper_main, h) != 0)
            break;
    }
}

static void end_helpers(struct inflate *f)
{
    pthread_mutex_lock(&f->lock);
    f->ended = true;
    tell(f);
    pthread_mutex_unlock(&f->lock);
    for (unsigned i = 0; i < f->helpers; i++)
        pthread_join(f->helper[i].thread, NULL);
    free(f->helper);
}

/* --- the backend --- */

static int consumer_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct consumer *c = self;
    struct inflate *f = c->inflate;
    uint64_t waited = 0;
    pthread_mutex_lock(&f->lock);
    c->held = UINT64_MAX;
    tell(f);
    if (f->how == NOT_BEGUN && !f->ended) {
        f->outcome = begin(f, &f->fault);
        f->ended = f->outcome < 0;
    }
    while (f->spans.taken == f->spans.put && !f->ended)
        waited += work(f, c);
    int rc = f->outcome;
    *out = (struct dbn_span){.offset = f->fault};
    if (f->spans.taken < f->spans.put) {
        *out = f->spans.span[f->spans.taken++ % SPANS];
        c->held = out->offset;
        rc = 1;
    }
    if (rc < 1 || out->offset >= f->metadata_end)
        f->waited += waited;
    pthread_mutex_unlock(&f->lock);
    return rc;
}

static int consumer_attach(void *self, void **consumer)
{
    struct inflate *f = self;
    struct consumer *c = calloc(1, sizeof *c);
    if (!c)
        return -ENOMEM;
    pthread_mutex_lock(&f->lock);
    *c = (struct consumer){.inflate = f, .next = f->first, .held = UINT64_MAX};
    f->first = c;
    f->consumers++;
    pthread_mutex_unlock(&f->lock);
    *consumer = c;
    return 0;
}

static void consumer_detach(void *consumer)
{
    struct consumer *c = consumer, **at = &c->inflate->first;
    struct inflate *f = c->inflate;
    pthread_mutex_lock(&f->lock);
    while (*at != c)
        at = &(*at)->next;
    *at = c->next;
    f->consumers--;
    tell(f);
    pthread_mutex_unlock(&f->lock);
    free(c);
}

static int inflate_open(const struct backend_input *in, void **self)
{
    struct inflate *f = calloc(1, sizeof *f);
    if (!f)
        return -ENOMEM;
    struct backend_input whole = *in; /* it is lent in one piece */
    if (in->advice == ADVISE_PREFAULT || in->advice == ADVISE_READAHEAD)
        whole.advice = in->advice == ADVISE_PREFAULT ? ADVISE_POPULATE : ADVISE_WILLNEED;
    int rc = backend_mmap.open(&whole, &f->mapping);
    if (rc) {
        free(f);
        return rc;
    }
    backend_mmap.next(f->mapping, 1, &f->input);
    f->fragment = in->fragment;
    f->window_log = in->window_log;
    f->piece = in->block ? in->block : PIECE;
    f->metadata_end = UINT64_MAX;
    pthread_mutex_init(&f->lock, NULL);
    pthread_cond_init(&f->changed, NULL);
    start_helpers(f, in->helpers);
    *self = f;
    return 0;
}

/* All consumers have been detached. */
static int inflate_close(void *self, struct backend_counts *counts)
{
    struct inflate *f = self;
    end_helpers(f);
    int rc = backend_mmap.close(f->mapping, counts);
    if (counts) {
        counts->wait_ns += f->waited;
        counts->copied += f->how == PLAIN ? 0 : f->produced;
    }
    dbn_zstd_close(f->zstd);
    mirror_close(&f->mirror);
    free(f->slots);
    pthread_cond_destroy(&f->changed);
    pthread_mutex_destroy(&f->lock);
    free(f);
    return rc;
}

const struct backend backend_inflate = {
    .name = "inflate",
    .summary = "the file mapped, and inflated by its consumers together (-t), be it one frame",
    .limit = "map_touch",
    .mapped = true,
    .attach = consumer_attach,
    .detach = consumer_detach,
    .open = inflate_open,
    .next = consumer_next,
    .close = inflate_close,
};
