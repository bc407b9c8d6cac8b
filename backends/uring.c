/* io_uring: several blocks are asked for at a time, past the page cache where the file can be read so, and lent in
 * their order. */
#include "extent.h"

enum { DEFAULT_BLOCK = 256 << 10, DEFAULT_DEPTH = 16 };

#ifdef HAVE_LIBURING
#include <errno.h>
#include <liburing.h>
#include <stdlib.h>

struct slot {
    struct extent extent;
    bool pending; /* a request is under way */
};

struct uring {
    struct file file;
    struct io_uring ring;
    size_t block;
    uint64_t next; /* the extent that is asked for next begins here */
    uint8_t *memory;
    unsigned depth, head, pending; /* slots; the one that is lent next; requests under way */
    bool lent, fixed_memory, fixed_file;
    struct slot slots[];
};

static void ask(struct uring *u, struct slot *s)
{
    struct io_uring_sqe *request = io_uring_get_sqe(&u->ring); /* never NULL: there is one for each slot */
    uint8_t *to;
    size_t n;
    uint64_t offset;
    extent_ask(&s->extent, &u->file, &to, &n, &offset);
    int fd = u->fixed_file ? 0 : u->file.fd;
    if (u->fixed_memory)
        io_uring_prep_read_fixed(request, fd, to, (unsigned)n, offset, 0);
    else
        io_uring_prep_read(request, fd, to, (unsigned)n, offset);
    io_uring_sqe_set_flags(request, u->fixed_file ? IOSQE_FIXED_FILE : 0);
    io_uring_sqe_set_data(request, s);
    s->pending = true;
    u->pending++;
}

static void ask_for_next(struct uring *u, struct slot *s)
{
    extent_begin(&s->extent, &u->file, u->next, u->block);
    u->next += s->extent.len;
    if (s->extent.len)
        ask(u, s);
}

static void take_answers(struct uring *u)
{
    struct io_uring_cqe *answer;
    unsigned at, n = 0;
    io_uring_for_each_cqe(&u->ring, at, answer)
    {
        struct slot *s = io_uring_cqe_get_data(answer);
        s->pending = false;
        u->pending--;
        n++;
        if (extent_answer(&s->extent, &u->file, answer->res))
            ask(u, s);
    }
    io_uring_cq_advance(&u->ring, n);
}

/* Hands over what is to be asked, and waits for that many answers. 0 or -errno. */
static int enter(struct uring *u, unsigned answers)
{
    int rc;
    do {
        u->file.counts.other++;
        rc = io_uring_submit_and_wait(&u->ring, answers);
    } while (rc == -EINTR);
    take_answers(u);
    return rc < 0 ? rc : 0;
}

/* Requests are faster if the kernel knows file and memory beforehand. It may refuse: RLIMIT_MEMLOCK is often small. */
static void register_all(struct uring *u, size_t size)
{
    u->fixed_file = io_uring_register_files(&u->ring, &u->file.fd, 1) == 0;
    u->fixed_memory = io_uring_register_buffers(&u->ring, &(struct iovec){u->memory, size}, 1) == 0;
    u->file.counts.other += 2;
}

static int start(struct uring *u)
{
    size_t size = u->block * u->depth;
    u->memory = extent_memory(size);
    if (!u->memory)
        return -ENOMEM;
    int rc = io_uring_queue_init(u->depth, &u->ring, 0);
    if (rc < 0) {
        free(u->memory);
        return rc;
    }
    u->file.counts.other += 5; /* madvise, io_uring_setup, and three times mmap */
    register_all(u, size);
    for (unsigned i = 0; i < u->depth; i++) {
        u->slots[i].extent.memory = u->memory + i * u->block;
        ask_for_next(u, &u->slots[i]);
    }
    return 0;
}

static int uring_open(const struct backend_input *in, void **self)
{
    struct file f;
    size_t block;
    uint64_t begin;
    int rc = file_open(&f, in);
    if (rc)
        return rc;
    file_set_direct(&f, true);
    uint64_t most = in->depth ? in->depth : DEFAULT_DEPTH;
    uint64_t depth = extent_divide(&f, in->block ? in->block : DEFAULT_BLOCK, &begin, &block);
    depth = depth < most ? depth : most;
    struct uring *u = calloc(1, sizeof *u + depth * sizeof u->slots[0]);
    rc = -ENOMEM;
    if (u) {
        u->file = f;
        u->block = block;
        u->next = begin;
        u->depth = (unsigned)depth;
        rc = start(u);
    }
    if (rc) {
        free(u);
        file_close(&f, NULL);
        return rc;
    }
    *self = u;
    return 0;
}

static int uring_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    struct uring *u = self;
    struct slot *s = &u->slots[u->head];
    *out = (struct dbn_span){.offset = u->file.pos};
    if (u->lent && s->extent.error)
        return s->extent.error;
    if (u->lent) {
        ask_for_next(u, s);
        u->head = (u->head + 1) % u->depth;
        s = &u->slots[u->head];
    }
    u->lent = false;
    take_answers(u);
    do {
        int rc = enter(u, s->pending);
        if (rc)
            return rc;
    } while (s->pending);
    int rc = extent_lend(&s->extent, &u->file, out);
    u->lent = rc > 0;
    return rc;
}

static int uring_close(void *self, struct backend_counts *counts)
{
    struct uring *u = self;
    while (u->pending > 0 && enter(u, 1) == 0)
        ;
    if (u->fixed_memory) /* what it locked is given back at once; the ring goes later */
        io_uring_unregister_buffers(&u->ring);
    io_uring_queue_exit(&u->ring);
    u->file.counts.other += 5;
    if (u->pending == 0) /* else the kernel may still write to it */
        free(u->memory);
    int rc = file_close(&u->file, counts);
    free(u);
    return rc;
}

static const char *uring_unavailable(void)
{
#ifdef __SANITIZE_THREAD__
    return "ThreadSanitizer does not see what liburing maps and unmaps";
#endif
    struct io_uring ring;
    int rc = io_uring_queue_init(1, &ring, 0);
    if (rc == 0)
        io_uring_queue_exit(&ring);
    return rc == -ENOSYS  ? "the kernel has no io_uring, or a seccomp filter hides it (ENOSYS)"
           : rc == -EPERM ? "io_uring is denied, by kernel.io_uring_disabled or a seccomp filter (EPERM)"
                          : NULL; /* anything else may be over when a file is opened */
}

#else /* without liburing */
static const char *uring_unavailable(void)
{
    return "built without liburing (Debian: liburing-dev)";
}
#define uring_open NULL
#define uring_next NULL
#define uring_close NULL
#endif

const struct backend backend_uring = {
    .name = "uring",
    .summary = "io_uring, past the page cache: 16 blocks of 256 KiB at a time (--block SIZE, --depth N)",
    .block = DEFAULT_BLOCK,
    .depth = DEFAULT_DEPTH,
    .direct = true,
    .unavailable = uring_unavailable,
    .open = uring_open,
    .next = uring_next,
    .close = uring_close,
};
