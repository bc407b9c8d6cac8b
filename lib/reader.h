/* A reader of DBN files, plain or compressed by zstd, which it tells by their content:
 *
 *     struct dbn_reader *r;
 *     const struct dbn_record *record;
 *     int64_t volume = 0;
 *     int rc = dbn_reader_open("trades.dbn.zst", 0, &r);
 *     while (rc >= 0 && (rc = dbn_reader_next(r, &record)) > 0)
 *         if (record->layout == DBN_LAYOUT_trade)
 *             volume += DBN_AS(trade, record->p)->size;
 *     if (rc < 0)
 *         complain(dbn_reader_message(r));
 *     dbn_reader_close(r);
 *
 * Records are lent, in the order of the file and as they are in it: nothing is copied, converted or allocated for them.
 * Their layouts are the structs of record.h. dbn_reader_next() goes from record to record, dbn_reader_next_run() from
 * run to run, which is faster.
 *
 * Errors: functions return < 0, -errno or an outcome of outcome.h, and go on returning it. All whole records before the
 * place of an error have been lent.
 *
 * Threads: a reader serves one thread at a time. Readers know nothing of each other. It has threads of its own only if
 * DBN_READER_THREADS asks for them, which end when it is closed. */
#ifndef DBN_READER_H
#define DBN_READER_H

#include "../dbn/dbn.h"
#include "../dbn/walk.h"

DBN_API_BEGIN

/* For dbn_reader_open(): read the file by mapping it, if that can be done. It is faster where the file is in the page
 * cache. The first mapping installs a handler of SIGBUS, which makes of a file that is cut off an error instead of a
 * crash; signals that have another cause go to the handler before it. */
#define DBN_READER_MAP 1u

/* For dbn_reader_open(), with `|`: n threads, 2 to 255, inflate the file together, the caller's among them, even if it
 * is one frame. Never more than there are processors. The file is mapped, as by DBN_READER_MAP, if that can be done;
 * else, and for a plain file, it makes no difference. */
#define DBN_READER_THREADS(n) ((unsigned)(n) << 8)

struct dbn_record {
    const uint8_t *p; /* its bytes, header first; at any alignment */
    size_t size; /* of them; the 8 of ts_out at the end included, where dbn_metadata.ts_out says that there is one */
    int layout;  /* DBN_LAYOUT_trade and its kin (enum dbn_layout_id): size is enough for that struct. -1: the type is
                         unknown, or the record too short for it; then only its header may be read */
};

/* Records of the same size and type, one behind the other. */
struct dbn_records {
    const uint8_t *first, *end; /* end: behind the last of them. A long run comes in parts */
    size_t size;                /* bytes of each, and from one to the next */
    int layout;                 /* of each, as in struct dbn_record */
    uint64_t offset;            /* of the first in the stream, which is the file, or what a zstd file inflates to */
};

/* Its first fields, for dbn_reader_next(); the others follow and are its own. */
struct dbn_reader {
    struct dbn_record record; /* the one that was lent last */
    const uint8_t *last;      /* where the next one has to begin, at the latest, if it is of the same size */
    uint16_t kind;            /* its first two bytes then */
};

/* Opens the regular file at `path` (copied), or standard input if that is NULL, and reads its metadata. how: 0,
 * DBN_READER_MAP or DBN_READER_THREADS(n). 0, or an error. After an error, too, *r has to be closed, and has its
 * message. It is NULL if there was no memory for it. */
int dbn_reader_open(const char *path, unsigned how, struct dbn_reader **r);

/* The same, from any source of the bytes of a file, which has to outlive the reader. */
int dbn_reader_open_source(struct dbn_source source, struct dbn_reader **r);

/* Never NULL, and valid until dbn_reader_close(). Empty (version 0) if opening failed. */
const struct dbn_metadata *dbn_reader_metadata(const struct dbn_reader *r);

/* Sets *run to the next records. 1; 0 at the end of the file; < 0: an error. What is lent is valid until the next call
 * for this reader. Both ways of asking can be mixed: nothing is lent twice. */
int dbn_reader_next_run(struct dbn_reader *r, struct dbn_records *run);

/* The next record where that is of another kind, or somewhere else; for dbn_reader_next(). */
int dbn_reader_step(struct dbn_reader *r);

/* Sets *record to the next one. Returns as dbn_reader_next_run(). Between records of one kind it costs no call. */
DBN_INLINE int dbn_reader_next(struct dbn_reader *r, const struct dbn_record **record)
{
    const uint8_t *p = r->record.p + r->record.size;
    __builtin_prefetch(p + DBN_PREFETCH);
    *record = &r->record;
    if (__builtin_expect(p > r->last || dbn_kind(p) != r->kind, 0))
        return dbn_reader_step(r);
    r->record.p = p;
    return 1;
}

/* A line for people, of the error that was returned last: the path, where it is wrong, and why. "" if there was none.
 * Valid until dbn_reader_close(). r may be NULL, as it is without memory. */
const char *dbn_reader_message(const struct dbn_reader *r);

/* Frees all that the reader holds; r may be NULL. 0; or the error that reading ended with; or DBN_E_FILE_CHANGED if the
 * file changed while it was read: then nothing that was lent counts. (Who reads to the end gets that there.) */
int dbn_reader_close(struct dbn_reader *r);

DBN_API_END

#endif
