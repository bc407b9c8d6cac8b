/* The whole file mapped, and lent in one piece, or in windows where that is what is advised.
 *
 * A page that the file lost after it was mapped raises SIGBUS wherever it is touched: in a sink, or inside libzstd.
 * Jumping out of there would leak whatever was held, so the handler puts zeros in the page's place, remembers that it
 * did, and close() says that no result counts. Faults elsewhere keep their usual meaning. */
#include "file.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

struct mapping {
    struct file file;
    uint8_t *base;
    size_t len, skip; /* of the mapping; bytes of its first page before the range */
    bool prefault;    /* each window before it is lent */
    struct watch *watch;
};

/* The handler gets no argument, so it has to find the mapping in a table of the process. */
enum { WATCHES = 1024 };
static struct watch {
    atomic_bool used, hit;
    _Atomic(uintptr_t) begin, end;
} watches[WATCHES];
static struct sigaction previous;
static pthread_once_t installed = PTHREAD_ONCE_INIT;

static void on_sigbus(int signal, siginfo_t *info, void *context)
{
    (void)signal, (void)context;
    uintptr_t at = (uintptr_t)info->si_addr;
    for (struct watch *w = watches; w < watches + WATCHES; w++) {
        uintptr_t begin = atomic_load(&w->begin), end = atomic_load(&w->end);
        if (at < begin || at >= end)
            continue;
        uintptr_t page = at - (at - begin) % (uintptr_t)sysconf(_SC_PAGESIZE);
        if (mmap((void *)page, end - page, PROT_READ, MAP_PRIVATE | MAP_ANONYMOUS | MAP_FIXED, -1, 0) == MAP_FAILED)
            break;
        atomic_store(&w->hit, true);
        return;
    }
    sigaction(SIGBUS, &previous, NULL); /* the access is repeated, and now meets its usual fate */
}

static void install(void)
{
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO | SA_NODEFER};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, &previous);
}

static struct watch *watch_start(const uint8_t *base, size_t len)
{
    pthread_once(&installed, install);
    for (struct watch *w = watches; w < watches + WATCHES; w++) {
        bool unused = false;
        if (!atomic_compare_exchange_strong(&w->used, &unused, true))
            continue;
        atomic_store(&w->hit, false);
        atomic_store(&w->end, (uintptr_t)base + len);
        atomic_store(&w->begin, (uintptr_t)base);
        return w;
    }
    return NULL;
}

static bool watch_stop(struct watch *w)
{
    atomic_store(&w->end, 0);
    atomic_store(&w->begin, 0);
    bool hit = atomic_load(&w->hit);
    atomic_store(&w->used, false);
    return hit;
}

static int map(struct mapping *m, enum backend_advice advice)
{
    struct file *f = &m->file;
    m->skip = (size_t)(f->pos % (uint64_t)sysconf(_SC_PAGESIZE));
    m->len = m->skip + (size_t)(f->end - f->pos);
    if (f->end == f->pos)
        return 0;
    m->prefault = advice == ADVISE_PREFAULT;
    int populate = advice == ADVISE_POPULATE ? MAP_POPULATE : 0;
    m->base = mmap(NULL, m->len, PROT_READ, MAP_PRIVATE | populate, f->fd, (off_t)(f->pos - m->skip));
    if (m->base == MAP_FAILED)
        return -errno;
    f->counts.other += 2;
    if (advice == ADVISE_SEQUENTIAL || advice == ADVISE_WILLNEED) {
        f->counts.other++;
        madvise(m->base, m->len, advice == ADVISE_SEQUENTIAL ? MADV_SEQUENTIAL : MADV_WILLNEED);
    }
    m->watch = watch_start(m->base, m->len);
    if (m->watch)
        return 0;
    munmap(m->base, m->len);
    return -EMFILE;
}

static int mmap_open(const struct backend_input *in, void **self)
{
    struct mapping *m = calloc(1, sizeof *m);
    if (!m)
        return -ENOMEM;
    struct backend_input plain = *in;
    if (in->advice != ADVISE_READAHEAD)
        plain.advice = ADVISE_NOTHING; /* it is the mapping that gets the advice */
    int rc = in->advice == ADVISE_DONTCACHE ? -EOPNOTSUPP : file_open(&m->file, &plain);
    if (rc == 0) {
        rc = map(m, in->advice);
        if (rc)
            file_close(&m->file, NULL);
    }
    if (rc)
        free(m);
    else
        *self = m;
    return rc;
}

static int mmap_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct mapping *m = self;
    struct file *f = &m->file;
    size_t left = (size_t)(f->end - f->pos), at = m->len - left;
    *out = (struct dbn_span){.len = left, .offset = f->pos};
    if (left == 0)
        return 0;
    out->ptr = m->base + at;
    if (left > FILE_WINDOW && (m->prefault || f->advice == ADVISE_READAHEAD))
        out->len = FILE_WINDOW;
    if (m->prefault) { /* where the kernel cannot do that, touching the pages does */
        f->counts.other++;
        madvise(m->base + at - m->skip, m->skip + out->len, MADV_POPULATE_READ);
    }
    file_read_ahead(f);
    f->pos += out->len;
    return 1;
}

static int mmap_close(void *self, struct backend_counts *counts)
{
    struct mapping *m = self;
    bool hit = m->watch && watch_stop(m->watch);
    if (m->base)
        munmap(m->base, m->len);
    int rc = file_close(&m->file, counts);
    free(m);
    return rc == 0 && hit ? -EIO : rc; /* the file is as it was, so the device failed */
}

const struct backend backend_mmap = {
    .name = "mmap",
    .summary = "the whole file mapped and lent in one piece (--advise)",
    .limit = "map_touch",
    .mapped = true,
    .lazy = true,
    .open = mmap_open,
    .next = mmap_next,
    .close = mmap_close,
};
