#include "support_inflate.h"

#include "../inflate/execute.h"

static void see(struct seen *seen, const struct block_claim *c)
{
    struct block_layout l;
    seen->types[c->type]++;
    if (c->type != BLOCK_COMPRESSED || !layout_read(c->bytes, &l))
        return;
    seen->literals[l.type]++;
    seen->four_streams += l.four_streams;
    for (enum block_table k = TABLE_LENGTHS; k < BLOCK_TABLES && l.sequences_n; k++)
        seen->modes[k][layout_mode(&l, k)]++;
    if (seen->most_sequences < l.sequences_n)
        seen->most_sequences = (unsigned)l.sequences_n;
}

bool own_inflate(struct bytes file, unsigned window_log, struct dbn_buffer *content, struct seen *seen)
{
    static struct block block;
    struct block_tables *tables = calloc(1, sizeof *tables);
    struct walk walk;
    struct block_claim claim;
    struct walk_place place;
    struct execution execution;
    int rc;
    CHECK(tables);
    walk_begin(&walk, file.p, file.n, window_log);
    while ((rc = walk_next(&walk, &claim, &place)) > 0 && block_decode(&block, &claim, tables)) {
        if (seen)
            see(seen, &claim);
        uint8_t *to = dbn_buffer_extend(content, block.size + EXECUTE_SPARE);
        CHECK(to);
        content->size -= EXECUTE_SPARE;
        if (!execute(&execution, &claim, &place, &block, to))
            break;
    }
    free(tables);
    return rc == 0;
}

int libzstd_inflate(struct bytes file, unsigned window_log, struct dbn_buffer *content)
{
    struct pieces s = {0};
    struct dbn_zstd *z;
    struct dbn_span out;
    pieces_set(&s, file.p, file.n, file.n);
    CHECK_EQ_I64(dbn_zstd_open((struct dbn_source){pieces_next, &s}, window_log, &z), 0);
    int rc;
    while ((rc = dbn_zstd_next(z, 1, &out)) > 0)
        add(content, out.ptr, out.len);
    dbn_zstd_close(z);
    pieces_free(&s);
    return rc;
}

bool own_agrees(struct bytes file, const char *what)
{
    struct dbn_buffer own = {0}, libzstd = {0};
    bool taken = own_inflate(file, DBN_ZSTD_WINDOW_LOG, &own, NULL);
    if (taken) {
        int rc = libzstd_inflate(file, DBN_ZSTD_WINDOW_LOG, &libzstd);
        CHECK_FOR(rc == 0, "%s: taken, but libzstd says %s", what, dbn_outcome_name(rc));
        CHECK_FOR(own.size == libzstd.size && (own.size == 0 || memcmp(own.bytes, libzstd.bytes, own.size) == 0),
                  "%s: %zu bytes, not the %zu of libzstd", what, own.size, libzstd.size);
    }
    empty(&own);
    empty(&libzstd);
    return taken;
}

void own_agrees_on_threads(struct bytes file, const char *what)
{
    struct scratch on = scratch_memory();
    const char *path = on.path;
    scratch_set(&on, file.p, file.n);
    struct job job = {backend_find("buffered"), sink_find("frame"), &path, 1, 1, UINT64_MAX, defaults, 1, NULL};
    job.options.fragment = true;
    struct ending one = job_ending(&job);
    job.backend = backend_find("inflate");
    job.threads = 3;
    struct ending many = job_ending(&job);
    CHECK_FOR(ending_equal(&many, &one, sink_find("frame")), "%s: %s instead of %s", what, ending_text(&many),
              ending_text(&one));
    scratch_close(&on);
}
