#undef _FORTIFY_SOURCE /* which has functions of these names */
#include "support_interrupt.h"

#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <string.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>
#ifdef HAVE_LIBURING
#include <liburing.h>
#endif

static atomic_bool interrupting;
static _Atomic uint64_t reads;
static int pread_error;

void interrupt_begin(void)
{
    reads = 0;
    interrupting = true;
}

uint64_t interrupt_end(void)
{
    interrupting = false;
    return reads;
}

void pread_fails(int error)
{
    pread_error = error;
}

/* --- reads past the page cache --- */

static enum direct_fault direct_fault;
static atomic_uint direct_faults, direct_reads;

void direct_meets(enum direct_fault fault)
{
    direct_fault = fault;
    direct_faults = direct_reads = 0;
}

unsigned direct_met(void)
{
    direct_fault = DIRECT_WORKS;
    return direct_faults;
}

/* What becomes of a read that the kernel answered so. */
static ssize_t direct_answer(ssize_t got, bool direct)
{
    unsigned n = direct_reads++;
    ssize_t then = got;
    switch (direct_fault) {
    case DIRECT_READS_FAIL:
        then = direct && n >= 2 ? -EINVAL : got;
        break;
    case DIRECT_SHORT:
        then = got > 1 ? got - 1 : got;
        break;
    case DIRECT_SINGLE_BYTES:
        then = got > 1 ? 1 : got;
        break;
    case DIRECT_INTERRUPTED:
        then = n % 2 == 0 ? -EINTR : got;
        break;
    case DIRECT_ERROR:
        then = n == 2 ? -EIO : got;
        break;
    default:
        break;
    }
    direct_faults += then != got;
    return then;
}

static bool is_direct(int fd)
{
    return syscall(SYS_fcntl, fd, F_GETFL) & O_DIRECT;
}

static atomic_int direct_fd; /* the last one that was to be read so */

int fcntl(int fd, int command, ...)
{
    va_list args;
    va_start(args, command);
    long value = va_arg(args, long);
    va_end(args);
    if (command == F_SETFL && direct_fault == DIRECT_REFUSED && value & O_DIRECT) {
        direct_faults++;
        errno = EINVAL;
        return -1;
    }
    if (command == F_SETFL)
        direct_fd = fd;
    return (int)syscall(SYS_fcntl, fd, command, value);
}

#ifdef HAVE_LIBURING
/* The answers lie in memory that is shared with the kernel. */
int io_uring_submit_and_wait(struct io_uring *ring, unsigned wait)
{
    static int (*next)(struct io_uring * ring, unsigned wait);
    void *found = next ? NULL : dlsym(RTLD_NEXT, "io_uring_submit_and_wait");
    if (!next)
        memcpy(&next, &found, sizeof next);
    int rc = next(ring, wait);
    struct io_uring_cqe *answer;
    unsigned at;
    if (direct_fault != DIRECT_WORKS)
        io_uring_for_each_cqe(ring, at, answer) answer->res = (int)direct_answer(answer->res, is_direct(direct_fd));
    return rc;
}
#endif

static bool interrupted(void)
{
    static _Thread_local bool repeated;
    repeated = !repeated;
    errno = EINTR;
    return interrupting && repeated;
}

/* They stand in front of the C library's. */

int open(const char *path, int flags, ...)
{
    va_list args;
    va_start(args, flags);
    unsigned mode = flags & O_CREAT || (flags & O_TMPFILE) == O_TMPFILE ? va_arg(args, unsigned) : 0;
    va_end(args);
    return interrupted() ? -1 : (int)syscall(SYS_openat, AT_FDCWD, path, flags, mode);
}

ssize_t read(int fd, void *to, size_t n)
{
    reads += interrupting;
    return interrupted() ? -1 : syscall(SYS_read, fd, to, n);
}

ssize_t pread(int fd, void *to, size_t n, off_t offset)
{
    reads += interrupting;
    if (pread_error) {
        errno = pread_error;
        return -1;
    }
    if (direct_fault != DIRECT_WORKS) {
        bool direct = is_direct(fd);
        ssize_t got = direct_answer(syscall(SYS_pread64, fd, to, n, offset), direct);
        errno = got < 0 ? (int)-got : 0;
        return got < 0 ? -1 : got;
    }
    return interrupted() ? -1 : syscall(SYS_pread64, fd, to, n, offset);
}

ssize_t write(int fd, const void *from, size_t n)
{
    return interrupted() ? -1 : syscall(SYS_write, fd, from, n);
}

int flock(int fd, int operation)
{
    return interrupted() ? -1 : (int)syscall(SYS_flock, fd, operation);
}
