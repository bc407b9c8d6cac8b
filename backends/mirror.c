#include "mirror.h"

#include <errno.h>
#include <sys/mman.h>
#include <unistd.h>

int mirror_open(struct mirror *m, size_t size)
{
    size_t page = (size_t)sysconf(_SC_PAGESIZE);
    *m = (struct mirror){.size = (size + page - 1) / page * page};
    uint8_t *base = mmap(NULL, 2 * m->size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
    if (base == MAP_FAILED)
        return -errno;
    /* Of a shared mapping, moving 0 bytes makes another one of the same pages. */
    if (mremap(base, 0, m->size, MREMAP_MAYMOVE | MREMAP_FIXED, base + m->size) == MAP_FAILED) {
        int rc = -errno;
        munmap(base, 2 * m->size);
        return rc;
    }
    m->base = base;
    return 0;
}

void mirror_close(struct mirror *m)
{
    if (m->base)
        munmap(m->base, 2 * m->size);
}
