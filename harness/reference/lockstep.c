#include "lockstep.h"

#include "../../dbn/zstd.h"
#include "line.h"

#include <inttypes.h>

struct pair {
    struct ref *reference;
    bool differ;
    char *text;
    size_t size;
};

/* Both values of the first field in which two records of the same size differ. */
static void name_field(struct pair *pair, const uint8_t *p, const struct ref_record *r)
{
    const struct dbn_layout *layout = r->layout;
    uint16_t known = layout ? layout->size : DBN_HEADER_SIZE;
    struct dbn_field rest = {"bytes behind it", known, (uint16_t)(r->size - known), DBN_TYPE_PAD, 0};
    const struct dbn_field *f = &rest;
    for (size_t i = layout ? layout->fields : 0; i-- > 0;)
        if (memcmp(p + layout->field[i].offset, r->p + layout->field[i].offset, layout->field[i].size) != 0)
            f = &layout->field[i];
    for (size_t i = DBN_HEADER_FIELDS; i-- > 0;)
        if (memcmp(p + dbn_header_field[i].offset, r->p + dbn_header_field[i].offset, dbn_header_field[i].size) != 0)
            f = &dbn_header_field[i];
    char theirs[LINE_SIZE], ours[LINE_SIZE];
    *line_value(theirs, p, f) = '\0';
    *line_value(ours, r->p, f) = '\0';
    if (strcmp(theirs, ours) == 0) { /* strings that differ behind their ends */
        struct dbn_field raw = *f;
        raw.type = DBN_TYPE_PAD;
        *line_value(theirs, p, &raw) = '\0';
        *line_value(ours, r->p, &raw) = '\0';
    }
    snprintf(pair->text, pair->size, "the record at byte %" PRIu64 " of the stream has %s %s instead of %s", r->offset,
             f->name, theirs, ours);
}

static void compare(struct pair *pair, const uint8_t *p, size_t size, uint64_t offset)
{
    struct ref_record r;
    uint64_t fault;
    pair->differ = true;
    if (ref_next(pair->reference, &r, &fault) <= 0)
        snprintf(pair->text, pair->size, "there is no record at byte %" PRIu64 " of the stream", offset);
    else if (r.offset != offset || r.size != size)
        snprintf(pair->text, pair->size,
                 "the record at byte %" PRIu64 " of the stream, of %zu bytes, is found at byte %" PRIu64
                 ", of %zu bytes",
                 r.offset, r.size, offset, size);
    else if (memcmp(p, r.p, size) != 0)
        name_field(pair, p, &r);
    else
        pair->differ = false;
}

static size_t take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct pair *pair = self;
    size_t at = 0, size;
    while (!pair->differ && (size = dbn_walk(p + at, p + n)) != 0) {
        compare(pair, p + at, size, offset + at);
        at += size;
    }
    return pair->differ ? n : at; /* once they differ, the rest does not matter */
}

static void decode(struct pair *pair, const struct backend *b, struct dbn_source source, bool metadata, uint64_t limit)
{
    struct dbn_decoder d;
    struct dbn_metadata md = {0};
    dbn_decoder_init(&d, source, b->step);
    int rc = metadata ? dbn_read_metadata(&d, limit, &md) : 0;
    dbn_metadata_free(&md);
    if (rc == 0)
        rc = dbn_decode(&d, (struct dbn_sink){take, pair});
    struct ref_record r;
    uint64_t fault;
    if (!pair->differ && ref_next(pair->reference, &r, &fault) > 0) {
        pair->differ = true;
        snprintf(pair->text, pair->size,
                 "the record at byte %" PRIu64 " of the stream is missing (%s at byte %" PRIu64 ")", r.offset,
                 dbn_outcome_name(rc), d.fault);
    }
}

/* The backend's side: as job.c does it, with one thread. */
static void run_backend(struct pair *pair, const struct backend *b, const char *path, const struct input_options *o)
{
    bool fragment = input_is_fragment(path, o);
    struct backend_input in = {.path = path,
                               .end = UINT64_MAX,
                               .fragment = fragment,
                               .block = o->block,
                               .advice = o->advice,
                               .window_log = o->window_log};
    void *handle, *consumer;
    struct dbn_zstd *zstd;
    if (b->open(&in, &handle) != 0)
        return;
    if (b->attach) {
        if (b->attach(handle, &consumer) == 0) {
            decode(pair, b, (struct dbn_source){b->next, consumer}, !fragment, o->metadata_limit);
            b->detach(consumer);
        }
    } else if (dbn_zstd_open((struct dbn_source){b->next, handle}, o->window_log, &zstd) == 0) {
        decode(pair, b, (struct dbn_source){dbn_zstd_next, zstd}, !fragment, o->metadata_limit);
        dbn_zstd_close(zstd);
    }
    b->close(handle, NULL);
}

bool lockstep(const struct backend *b, const char *path, const struct input_options *options, char *text, size_t size)
{
    struct pair pair = {.text = text, .size = size};
    uint64_t fault;
    if (ref_open(path, options, &pair.reference) != 0)
        return false;
    if (ref_start(pair.reference, &fault) == 0)
        run_backend(&pair, b, path, options);
    ref_close(pair.reference);
    return pair.differ;
}
