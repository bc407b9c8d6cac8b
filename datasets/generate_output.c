/* Compression into one or more zstd frames, and a file that appears whole or not at all. */
#include "generate_output.h"

#include "../dbn/outcome.h"
#include "../dbn/zstd.h"
#include "generate_market.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>
#include <zstd.h>

/* --- compression ---
 *
 * Frames end anywhere but between two records, since a reader that handles the hard places handles the easy one.
 * Several frames each say how long their content is, so that a reader may begin with any of them; a single one does
 * not, as in real files. */

struct packer {
    struct packing how;
    struct output to;
    struct rng rng;
    uint64_t at, cut; /* in the stream: the next byte, and where the frame ends */
    uint32_t frame;
    ZSTD_CCtx *ctx;
    uint8_t *packed;
    size_t room;
};

/* How long the frame that begins now will be. */
static void pledge(struct packer *p)
{
    uint64_t end = p->cut < p->how.total ? p->cut : p->how.total;
    if (p->ctx && p->how.frames > 1)
        ZSTD_CCtx_setPledgedSrcSize(p->ctx, end > p->at ? end - p->at : 0);
}

/* Frame k ends somewhere in the k-th of equal parts. Records begin at multiples of 4 bytes behind the first one. */
static void plan_cut(struct packer *p)
{
    const struct packing *how = &p->how;
    if (++p->frame >= how->frames) {
        p->cut = UINT64_MAX;
        return;
    }
    uint64_t part = how->total / how->frames, cut = part * p->frame;
    cut -= part > 1 ? rng_next(&p->rng) % (part - 1) : 0;
    if (cut >= how->first_record && (cut - how->first_record) % 4 == 0)
        cut++;
    p->cut = cut;
}

static bool configure(ZSTD_CCtx *ctx, unsigned level, bool sized)
{
    size_t rc = ZSTD_CCtx_setParameter(ctx, ZSTD_c_compressionLevel, (int)level);
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setParameter(ctx, ZSTD_c_checksumFlag, 1);
    if (!ZSTD_isError(rc))
        rc = ZSTD_CCtx_setParameter(ctx, ZSTD_c_contentSizeFlag, sized);
    if (!ZSTD_isError(rc) && level > 19) /* these have windows larger than readers accept by default */
        rc = ZSTD_CCtx_setParameter(ctx, ZSTD_c_windowLog, DBN_ZSTD_WINDOW_LOG);
    return !ZSTD_isError(rc);
}

int packer_open(const struct packing *how, struct output to, struct packer **p)
{
    *p = calloc(1, sizeof **p);
    if (!*p)
        return -ENOMEM;
    **p = (struct packer){.how = *how, .to = to, .rng = {how->seed}};
    plan_cut(*p);
    if (how->level == 0)
        return 0;
    (*p)->room = ZSTD_CStreamOutSize();
    (*p)->packed = malloc((*p)->room);
    (*p)->ctx = ZSTD_createCCtx();
    if ((*p)->packed && (*p)->ctx && configure((*p)->ctx, how->level, how->frames > 1)) {
        pledge(*p);
        return 0;
    }
    packer_close(*p);
    return -ENOMEM;
}

void packer_close(struct packer *p)
{
    ZSTD_freeCCtx(p->ctx);
    free(p->packed);
    free(p);
}

/* Hands n bytes to the library, and writes what it gives until it has taken them all (and, to end, given all). */
static int compress(struct packer *p, const uint8_t *bytes, size_t n, ZSTD_EndDirective how)
{
    ZSTD_inBuffer in = {bytes, n, 0};
    for (;;) {
        ZSTD_outBuffer out = {p->packed, p->room, 0};
        size_t left = ZSTD_compressStream2(p->ctx, &out, &in, how);
        if (ZSTD_isError(left))
            return -ENOMEM; /* the only thing that can go wrong with valid parameters */
        int rc = out.pos ? p->to.write(p->to.self, p->packed, out.pos) : 0;
        if (rc)
            return rc;
        if (how == ZSTD_e_end ? left == 0 : in.pos == in.size)
            return 0;
    }
}

int packer_write(void *self, const uint8_t *bytes, size_t n)
{
    struct packer *p = self;
    if (p->how.level == 0)
        return p->to.write(p->to.self, bytes, n);
    while (n > 0) {
        bool ends = p->cut - p->at <= n;
        size_t part = ends ? (size_t)(p->cut - p->at) : n;
        int rc = compress(p, bytes, part, ends ? ZSTD_e_end : ZSTD_e_continue);
        if (rc)
            return rc;
        bytes += part;
        n -= part;
        p->at += part;
        if (ends) {
            plan_cut(p);
            pledge(p);
        }
    }
    return 0;
}

/* Frames that are still to come, as with more frames than bytes, are empty ones. */
int packer_finish(struct packer *p)
{
    int rc = 0;
    for (; p->how.level > 0 && p->frame <= p->how.frames && rc == 0; p->frame++) {
        rc = compress(p, NULL, 0, ZSTD_e_end);
        pledge(p);
    }
    return rc;
}

/* --- a file, written beside the target under another name, and renamed at the end --- */

/* To replace anything but a regular file, such as a device, would take more than was asked for. */
static int check_target(const char *path, bool replace)
{
    struct stat st;
    if (lstat(path, &st) != 0)
        return errno == ENOENT ? 0 : -errno;
    if (!S_ISREG(st.st_mode))
        return DBN_E_UNSUPPORTED_FILE;
    return replace ? 0 : -EEXIST;
}

int output_file_open(struct output_file *f, const char *path, bool replace)
{
    *f = (struct output_file){.path = path, .replace = replace, .fd = -1};
    int rc = check_target(path, replace);
    if (rc)
        return rc;
    const char *slash = strrchr(path, '/');
    int folder = slash ? (int)(slash - path) + 1 : 0;
    if (asprintf(&f->temporary, "%.*s.dbnbench-XXXXXX", folder, path) < 0)
        return -ENOMEM;
    f->fd = mkostemp(f->temporary, O_CLOEXEC);
    if (f->fd >= 0)
        return 0;
    rc = -errno;
    free(f->temporary);
    return rc;
}

int output_file_write(void *self, const uint8_t *p, size_t n)
{
    struct output_file *f = self;
    while (n > 0) {
        ssize_t written = write(f->fd, p, n);
        if (written < 0 && errno == EINTR)
            continue;
        if (written < 0)
            return -errno;
        p += written;
        n -= (size_t)written;
        f->size += (uint64_t)written;
    }
    return 0;
}

int output_file_sync(struct output_file *f)
{
    while (fsync(f->fd) != 0)
        if (errno != EINTR)
            return -errno;
    return 0;
}

void output_file_discard(struct output_file *f)
{
    if (f->fd >= 0)
        close(f->fd);
    unlink(f->temporary);
    free(f->temporary);
}

/* Without `replace` a file that appeared in the meantime is left alone, where the file system can do that. */
static int rename_into_place(const struct output_file *f)
{
    if (!f->replace) {
        if (renameat2(AT_FDCWD, f->temporary, AT_FDCWD, f->path, RENAME_NOREPLACE) == 0)
            return 0;
        if (errno != EINVAL && errno != ENOSYS)
            return -errno;
    }
    return rename(f->temporary, f->path) == 0 ? 0 : -errno;
}

int output_file_publish(struct output_file *f)
{
    mode_t mask = umask(0);
    umask(mask);
    int rc = fchmod(f->fd, 0644 & ~mask) == 0 ? 0 : -errno;
    if (close(f->fd) != 0 && rc == 0)
        rc = -errno;
    f->fd = -1;
    if (rc == 0)
        rc = rename_into_place(f);
    if (rc)
        output_file_discard(f);
    else
        free(f->temporary);
    return rc;
}
