#include "archive.h"

#include "../../backends/file.h"
#include "../../dbn/zstd_frames.h"
#include "../machine/clock.h"
#include "../machine/machine.h"
#include "../machine/page_cache.h"
#include "../reference/reference.h"

#include <errno.h>
#include <fts.h>
#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/sysmacros.h>
#include <unistd.h>

enum { SMALL = 1 << 20, LOOK_MOST = 64 << 20 }; /* bytes of a file in which frames are counted */

/* --- one file --- */

struct look {
    struct file file;
    struct advice_kind like;
};

/* Beyond LOOK_MOST there is nothing to see. */
static int64_t look_at(void *self, void *to, size_t n, uint64_t offset)
{
    return offset < LOOK_MOST ? file_at(self, to, n, offset) : 0;
}

/* Sets how the file is packed. */
static void look_at_frames(struct look *l)
{
    struct dbn_at in = {look_at, &l->file};
    struct advice_kind *c = &l->like;
    bool known = true;
    c->packing = ADVICE_ONE_FRAME;
    for (uint64_t at = 0, end; at < l->file.size; at = end) {
        uint8_t p[DBN_ZSTD_HEADER];
        struct dbn_zstd_header h;
        int64_t got = look_at(&l->file, p, sizeof p, at);
        uint64_t skip = got > 0 ? dbn_zstd_skippable(p, (size_t)got) : 0;
        end = at + skip;
        if (skip)
            continue;
        if (got <= 0 || !dbn_zstd_header(p, (size_t)got, &h))
            break;
        known &= h.known;
        c->window = h.window > c->window ? h.window : c->window;
        if (++c->frames > 1)
            c->packing = known ? ADVICE_MANY_FRAMES : ADVICE_UNSIZED;
        end = dbn_zstd_skip_blocks(in, at + h.size);
        if (end == 0)
            break;
        end += h.checksum ? 4 : 0;
    }
}

static bool no_more(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    (void)arg, (void)file, (void)r;
    return false;
}

/* 0; 1: it is no DBN file, or one without metadata; < 0: it cannot be read, *fault says where. */
static int look_into(const char *path, const struct input_options *input, struct look *l, uint64_t *fault)
{
    struct ref_file r;
    *fault = 0;
    if (input_is_fragment(path, input))
        return 1;
    ref_read(path, input, 1, &r, no_more, NULL);
    l->like.schema = r.known == REF_STREAM ? dbn_schema_name(r.metadata.schema) : NULL;
    dbn_metadata_free(&r.metadata);
    *fault = r.fault;
    if (r.outcome)
        return r.outcome == DBN_E_NOT_DBN || r.outcome == DBN_E_EMPTY || r.outcome == DBN_E_LEGACY_DBZ ? 1 : r.outcome;
    int rc = file_open(&l->file, &(struct backend_input){.path = path, .end = UINT64_MAX});
    if (rc)
        return rc;
    if (r.compressed)
        look_at_frames(l);
    l->like.bytes = l->file.size;
    l->like.small = l->file.size < SMALL;
    return file_close(&l->file, NULL);
}

/* "vda, ext4" */
static void say_where(const char *path, char *text, size_t size)
{
    char link[64], target[256], buf[32];
    struct stat st = {0};
    stat(path, &st);
    snprintf(link, sizeof link, "/sys/dev/block/%u:%u", major(st.st_dev), minor(st.st_dev));
    ssize_t n = readlink(link, target, sizeof target - 1);
    target[n > 0 ? n : 0] = '\0';
    const char *slash = strrchr(target, '/'), *system = machine_file_system(path, buf, sizeof buf);
    snprintf(text, size, "%s%s%s", slash ? slash + 1 : "", slash ? ", " : "", system ? system : "unknown file system");
}

static void add_pages(struct advice *a, uint64_t size, struct reading absent)
{
    uint64_t page = (uint64_t)sysconf(_SC_PAGESIZE);
    a->pages += (size + page - 1) / page;
    a->absent += absent.value;
}

static bool alike(const struct advice_kind *a, const struct advice_kind *b)
{
    return a->packing == b->packing && a->small == b->small && a->schema == b->schema;
}

static void classify(struct advice *a, struct advice_file *f, const struct advice_kind *like)
{
    size_t i = 0;
    while (i + 1 < ADVICE_KINDS && i < a->kind_count && !alike(&a->kinds[i], like))
        i++;
    struct advice_kind *c = &a->kinds[i];
    if (i == a->kind_count) {
        *c = (struct advice_kind){.packing = like->packing, .schema = like->schema, .small = like->small};
        a->kind_count++;
    }
    c->files++;
    c->bytes += like->bytes;
    c->frames = like->frames > c->frames ? like->frames : c->frames;
    c->window = like->window > c->window ? like->window : c->window;
    a->bytes += like->bytes;
    f->size = like->bytes;
    f->kind = i;
    f->bad = false;
}

/* --- all files --- */

static int by_name(const FTSENT **a, const FTSENT **b)
{
    return strcmp((*a)->fts_name, (*b)->fts_name);
}

static void add_file(struct advice *a, size_t *room, const FTSENT *e)
{
    if (a->file_count == *room)
        a->files = reallocarray(a->files, *room = 2 * *room + 64, sizeof *a->files);
    a->files[a->file_count++] =
        (struct advice_file){.path = strdup(e->fts_path), .size = (uint64_t)e->fts_statp->st_size, .bad = true};
}

/* All regular files. As archive_look(). */
static int walk(const struct archive_options *o, struct advice *a)
{
    FTS *fts = fts_open(o->paths, FTS_PHYSICAL | FTS_COMFOLLOW | FTS_NOCHDIR, by_name);
    size_t room = 0;
    int rc = 0;
    FTSENT *e;
    if (!fts) {
        o->complain("%s: %s", o->paths[0], strerror(errno));
        return -errno;
    }
    while (errno = 0, !child_stopped() && (e = fts_read(fts)) != NULL) {
        a->links += e->fts_info == FTS_SL || e->fts_info == FTS_SLNONE;
        a->others += e->fts_info == FTS_DEFAULT;
        if (e->fts_info == FTS_F) {
            add_file(a, &room, e);
        } else if (e->fts_info == FTS_DNR || e->fts_info == FTS_ERR || e->fts_info == FTS_NS) {
            o->complain("%s: %s", e->fts_path, strerror(e->fts_errno));
            rc = -EIO;
        }
    }
    if (errno) {
        o->complain("%s: %s", o->paths[0], strerror(errno));
        rc = -EIO;
    }
    fts_close(fts);
    return child_stopped() ? 1 : rc;
}

/* False: it cannot be read. */
static bool look_at_file(const struct archive_options *o, struct advice *a, struct advice_file *f)
{
    struct look l = {0};
    char text[ADVICE_WHY];
    uint64_t fault;
    struct reading absent = page_cache_absent(f->path, text, sizeof text); /* before any of it is read */
    int rc = look_into(f->path, o->input, &l, &fault);
    if (rc == 0) {
        classify(a, f, &l.like);
        if (absent.state == READING_EXACT)
            add_pages(a, f->size, absent);
        else
            memcpy(a->no_pages, text, sizeof text);
    } else if (rc > 0) {
        a->others++;
    } else {
        input_describe(f->path, rc, fault, text, sizeof text);
        o->complain("%s", text);
    }
    return rc >= 0;
}

int archive_look(const struct archive_options *o, struct advice *a)
{
    int rc = walk(o, a);
    size_t *order = calloc(a->file_count + 1, sizeof *order);
    for (size_t i = 0; i < a->file_count; i++)
        order[i] = i;
    stats_shuffle(order, a->file_count, o->random);
    for (size_t i = 0; i < a->file_count && rc <= 0; i++) {
        struct advice_file *f = &a->files[order[i]];
        char text[64];
        if (clock_now_ns() > o->until_ns && a->bytes > 0) {
            a->unseen++;
            a->unseen_bytes += f->size;
            continue;
        }
        snprintf(text, sizeof text, "looking into files: %zu of %zu", i + 1, a->file_count);
        progress_show(o->progress, false, text);
        if (!look_at_file(o, a, f))
            rc = -EIO;
        if (child_stopped())
            rc = 1;
    }
    free(order);
    for (size_t i = 0; i < a->file_count && !*a->where; i++)
        if (!a->files[i].bad)
            say_where(a->files[i].path, a->where, sizeof a->where);
    return rc;
}
