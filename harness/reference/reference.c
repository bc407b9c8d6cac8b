/* The reference decoder. Each record is copied to one place and looked at there, whatever pieces the stream
 * comes in: slow, but memory does not depend on the file, and there is only one way through the code. */
#include "reference.h"

#include "../../backends/file.h"
#include "../../dbn/inflate.h"

#include <errno.h>
#include <stdlib.h>

struct ref {
    struct file file;
    struct dbn_zstd *zstd;
    bool compressed, fragment, ts_out;
    uint64_t metadata_limit;
    struct dbn_metadata metadata;
    struct dbn_span lent; /* of the stream, and not yet in a record */
    uint64_t offset;      /* in the stream: of the first byte not yet in a record */
    uint64_t stream_size; /* so far */
    uint8_t record[DBN_MAX_RECORD];
    uint8_t input[DBN_ZSTD_IN];
};

/* The file's bytes, for the inflater. */
static int file_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct ref *p = self;
    *out = (struct dbn_span){.ptr = p->input, .offset = p->file.pos};
    int64_t got = file_read(&p->file, p->input, sizeof p->input);
    out->len = got > 0 ? (size_t)got : 0;
    return got > 0 ? 1 : (int)got;
}

/* The inflated stream. */
static int stream_next(void *self, size_t need, struct dbn_span *out)
{
    struct ref *p = self;
    int rc = dbn_zstd_next(p->zstd, need, out);
    if (rc > 0)
        p->stream_size = out->offset + out->len;
    return rc;
}

int ref_open(const char *path, const struct input_options *options, struct ref **handle)
{
    struct ref *p = calloc(1, sizeof *p);
    int rc = file_open(&p->file, &(struct backend_input){.path = path, .end = UINT64_MAX});
    if (rc) {
        free(p);
        return rc;
    }
    rc = dbn_zstd_open((struct dbn_source){file_next, p}, options->window_log, &p->zstd);
    rc = rc ? rc : dbn_zstd_detect(p->zstd, DBN_ZSTD_IN, &(uint64_t){0});
    if (rc < 0) {
        ref_close(p);
        return rc;
    }
    p->compressed = rc;
    p->fragment = input_is_fragment(path, options);
    p->ts_out = p->fragment && options->ts_out;
    p->metadata_limit = options->metadata_limit;
    *handle = p;
    return 0;
}

int ref_close(struct ref *p)
{
    dbn_metadata_free(&p->metadata);
    dbn_zstd_close(p->zstd);
    int rc = file_close(&p->file, NULL);
    free(p);
    return rc;
}

int ref_start(struct ref *p, uint64_t *fault)
{
    if (p->fragment)
        return 0;
    struct dbn_decoder d;
    dbn_decoder_init(&d, (struct dbn_source){stream_next, p}, DBN_STEP_BLOCK);
    int rc = dbn_read_metadata(&d, p->metadata_limit, &p->metadata);
    *fault = d.fault;
    p->ts_out = p->metadata.ts_out;
    p->lent = d.span;
    p->offset = d.offset;
    return rc;
}

/* Fills the record up to `size` bytes. 1, 0 if the stream ends before, or an error of the source. */
static int gather(struct ref *p, size_t *have, size_t size, uint64_t *fault)
{
    while (*have < size) {
        if (p->lent.len == 0) {
            int rc = stream_next(p, size - *have, &p->lent);
            if (rc <= 0) {
                *fault = p->lent.offset;
                p->lent.len = 0;
                return rc;
            }
        }
        size_t n = size - *have < p->lent.len ? size - *have : p->lent.len;
        memcpy(p->record + *have, p->lent.ptr, n);
        *have += n;
        p->lent.ptr += n;
        p->lent.len -= n;
        p->offset += n;
    }
    return 1;
}

int ref_next(struct ref *p, struct ref_record *r, uint64_t *fault)
{
    size_t have = 0;
    *r = (struct ref_record){.p = p->record, .offset = p->offset};
    int rc = gather(p, &have, 1, fault);
    if (rc <= 0)
        return rc;
    r->size = 4u * p->record[0];
    if (r->size < 16) {
        *fault = r->offset;
        return DBN_E_BAD_RECORD_LENGTH;
    }
    rc = gather(p, &have, r->size, fault);
    if (rc == 0) {
        *fault = r->offset;
        return DBN_E_TRUNCATED_RECORD;
    }
    r->layout = dbn_layout_of(p->record[1], r->size);
    return rc;
}

static void read_records(struct ref *p, uint64_t max_records, struct ref_file *file,
                         bool (*each)(void *arg, const struct ref_file *file, const struct ref_record *r), void *arg)
{
    struct ref_record r;
    int rc = 1;
    for (uint64_t n = 0; n < max_records && (rc = ref_next(p, &r, &file->fault)) > 0; n++) {
        file->records_end = r.offset + r.size;
        if (!each(arg, file, &r))
            break;
    }
    file->outcome = rc < 0 ? rc : 0;
    while (rc == DBN_E_BAD_RECORD_LENGTH && stream_next(p, 1, &p->lent) > 0)
        ; /* for the number of bytes behind it */
}

void ref_read(const char *path, const struct input_options *options, uint64_t max_records, struct ref_file *file,
              bool (*each)(void *arg, const struct ref_file *file, const struct ref_record *r), void *arg)
{
    struct ref *p;
    *file = (struct ref_file){0};
    file->outcome = ref_open(path, options, &p);
    if (file->outcome)
        return;
    file->outcome = ref_start(p, &file->fault);
    file->known = file->outcome ? REF_FILE : REF_STREAM;
    file->compressed = p->compressed;
    file->fragment = p->fragment;
    file->ts_out = p->ts_out;
    file->records_end = p->metadata.first_record_offset;
    if (file->known == REF_STREAM)
        read_records(p, max_records, file, each, arg);
    file->file_size = p->file.size;
    file->stream_size = p->stream_size;
    file->frames = dbn_zstd_stats(p->zstd).frames;
    file->metadata = p->metadata;
    p->metadata = (struct dbn_metadata){0};
    int rc = ref_close(p);
    if (rc) {
        file->outcome = rc;
        file->fault = 0;
    }
}
