#include "extent.h"

#include <errno.h>
#include <stdlib.h>
#include <sys/mman.h>

enum { HUGE_PAGE = 2 << 20 };

uint8_t *extent_memory(size_t size)
{
    size_t align = size < HUGE_PAGE ? EXTENT_ALIGN : HUGE_PAGE;
    size = (size + align - 1) / align * align;
    uint8_t *memory = aligned_alloc(align, size);
    if (memory && align == HUGE_PAGE)
        madvise(memory, size, MADV_HUGEPAGE); /* asked for in vain it does no harm */
    return memory;
}

uint64_t extent_divide(const struct file *f, size_t asked, uint64_t *begin, size_t *block)
{
    *begin = f->pos / EXTENT_ALIGN * EXTENT_ALIGN;
    uint64_t size = f->end - *begin;
    *block = extent_round(size > 0 && size < asked ? (size_t)size : asked);
    return size > *block ? (size + *block - 1) / *block : 1;
}

void extent_begin(struct extent *e, const struct file *f, uint64_t begin, size_t block)
{
    uint64_t left = begin < f->end ? f->end - begin : 0;
    *e = (struct extent){.memory = e->memory, .begin = begin, .len = left < block ? (size_t)left : block};
}

void extent_ask(struct extent *e, const struct file *f, uint8_t **to, size_t *n, uint64_t *offset)
{
    e->direct = f->direct;
    *to = e->memory + e->got;
    *n = (e->direct ? extent_round(e->len) : e->len) - e->got;
    *offset = e->begin + e->got;
}

bool extent_answer(struct extent *e, struct file *f, int64_t result)
{
    if (result == -EINTR || result == -EAGAIN)
        return true;
    if (result == -EINVAL && e->direct) {
        file_set_direct(f, false);
        return true;
    }
    if (result <= 0) {
        e->error = result < 0 ? (int)result : DBN_E_FILE_CHANGED;
        return false;
    }
    e->got += (size_t)result;
    if (e->got < e->len && e->got % EXTENT_ALIGN)
        file_set_direct(f, false);
    return e->got < e->len;
}

int extent_lend(const struct extent *e, struct file *f, struct dbn_span *out)
{
    size_t there = e->got < e->len ? e->got : e->len, skip = e->begin < f->pos ? (size_t)(f->pos - e->begin) : 0;
    *out = (struct dbn_span){.ptr = e->memory + skip, .offset = f->pos};
    if (there <= skip)
        return e->error;
    out->len = there - skip;
    f->pos += out->len;
    f->counts.bytes_read += out->len;
    f->counts.direct += e->direct ? out->len : 0;
    return 1;
}
