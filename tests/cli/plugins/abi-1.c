/* What abi-1-lends.so and abi-1-decodes.so were built from, once: they stand for all plug-ins of the first version. So
 * they call nothing but the oldest functions of the C library. */
#include "dbnbench_plugin.h"

#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

enum { BLOCK = 1 << 16 };

struct file {
    int fd;
    uint64_t pos, end;
    uint8_t block[BLOCK];
};

static int open_file(const struct dbnbench_input *in, void **self)
{
    struct file *f = malloc(sizeof *f);
    if (!f)
        return -12;
    f->fd = open(in->path, O_RDONLY);
    f->pos = in->begin;
    f->end = in->end;
    if (f->fd < 0 || lseek(f->fd, (off_t)f->pos, SEEK_SET) < 0) {
        free(f);
        return DBNBENCH_UNSUPPORTED_FILE;
    }
    *self = f;
    return 0;
}

static int next(void *self, size_t need, struct dbnbench_span *out)
{
    struct file *f = self;
    size_t n = f->end - f->pos < BLOCK ? (size_t)(f->end - f->pos) : BLOCK;
    ssize_t got = read(f->fd, f->block, n);
    (void)need;
    if (got <= 0)
        return got < 0 ? -5 : 0;
    out->ptr = f->block;
    out->len = (size_t)got;
    out->offset = f->pos;
    f->pos += (uint64_t)got;
    return 1;
}

static int close_file(void *self, struct dbnbench_counts *counts)
{
    struct file *f = self;
    (void)counts; /* nothing was counted */
    close(f->fd);
    free(f);
    return 0;
}

static uint64_t load(const uint8_t *p, int n)
{
    uint64_t value = 0;
    while (n-- > 0)
        value = value << 8 | p[n];
    return value;
}

static int decode(const struct dbnbench_work *work, struct dbnbench_found *found)
{
    int fd = open(work->path, O_RDONLY);
    off_t size = lseek(fd, 0, SEEK_END);
    uint8_t *p = size > 0 ? malloc((size_t)size) : NULL;
    if (!p || lseek(fd, 0, SEEK_SET) != 0 || read(fd, p, (size_t)size) != size) {
        found->error[0] = '?';
        found->error[1] = '\0';
        return 1;
    }
    for (const uint8_t *at = p + 8 + load(p + 4, 4); at < p + size; at += 4 * at[0]) {
        int mbo = at[1] == 0xA0;
        found->records++;
        found->sum_ts_event += load(at + 8, 8);
        if (mbo || at[1] <= 0x0A || at[1] >= 0xB1) {
            found->sum_price += load(at + (mbo ? 24 : 16), 8);
            found->sum_size += load(at + (mbo ? 32 : 24), 4);
        }
    }
    free(p);
    close(fd);
    return 0;
}

const struct dbnbench_plugin *dbnbench_plugin(uint32_t host_abi)
{
    static const struct dbnbench_plugin plugin = {
        .abi = DBNBENCH_PLUGIN_ABI,
        .size = sizeof plugin,
        .name = "first",
        .version = "1",
        .summary = "of the first version",
        .does = "copies",
#ifdef lends
        .kind = DBNBENCH_LENDS,
        .block = BLOCK,
        .open = open_file,
        .next = next,
        .close = close_file,
#else
        .kind = DBNBENCH_DECODES,
        .decode = decode,
#endif
    };
    (void)host_abi, (void)decode, (void)open_file, (void)next, (void)close_file;
    return &plugin;
}
