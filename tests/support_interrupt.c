#undef _FORTIFY_SOURCE /* which has functions of these names */
#include "support_interrupt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <sys/file.h>
#include <sys/syscall.h>
#include <sys/types.h>
#include <unistd.h>

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
