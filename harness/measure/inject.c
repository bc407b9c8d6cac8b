#include "inject.h"

#include "../reference/reference.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/sendfile.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <time.h>
#include <unistd.h>

/* Digits, and then exactly `unit`. */
static bool parse(const char *text, const char *unit, uint64_t *n)
{
    char *end;
    if (*text < '0' || *text > '9')
        return false;
    errno = 0;
    *n = strtoull(text, &end, 10);
    return errno == 0 && strcmp(end, unit) == 0;
}

static bool parse_corrupt(const char *text, struct inject *i)
{
    char digits[24];
    size_t n = strcspn(text, ":");
    if (text[n] != ':' || n >= sizeof digits || strlen(text + n + 1) >= sizeof i->field || !text[n + 1])
        return false;
    memcpy(digits, text, n);
    digits[n] = '\0';
    snprintf(i->field, sizeof i->field, "%s", text + n + 1);
    return parse(digits, "", &i->number);
}

bool inject_parse(const char *text, struct inject *i)
{
    uint64_t n = 0;
    *i = (struct inject){0};
    if (strncmp(text, "cpu=", 4) == 0) {
        i->what = INJECT_CPU;
        bool is_share = parse(text + 4, "%", &n) && n > 0 && n <= 100;
        i->share = (double)n / 100;
        return is_share;
    }
    if (strncmp(text, "sleep=", 6) == 0) {
        i->what = INJECT_SLEEP;
        return parse(text + 6, "us", &i->number) && i->number < 1000000;
    }
    if (strncmp(text, "syscall=1/", 10) == 0) {
        i->what = INJECT_SYSCALL;
        return parse(text + 10, "", &i->number) && i->number > 0;
    }
    i->what = INJECT_CORRUPT;
    return strncmp(text, "corrupt=", 8) == 0 && parse_corrupt(text + 8, i);
}

/* --- another value in the file --- */

static const struct dbn_field *field_of(const struct dbn_layout *layout, const char *name)
{
    for (size_t k = 0; k < DBN_HEADER_FIELDS; k++)
        if (strcmp(dbn_header_field[k].name, name) == 0)
            return &dbn_header_field[k];
    return ref_field(layout, name);
}

/* Where the field lies in the file, which must not be compressed. < 0 with the reason in why. */
static int64_t find_field(const struct inject *i, const char *path, const struct input_options *options, char *why,
                          size_t size)
{
    struct ref *p;
    struct ref_record r = {0};
    uint64_t fault, n = 0;
    int rc = ref_open(path, options, &p);
    snprintf(why, size, "%s: it cannot be read", path);
    if (rc)
        return -1;
    rc = ref_start(p, &fault);
    do
        rc = rc < 0 ? rc : ref_next(p, &r, &fault);
    while (rc == 1 && n++ < i->number);
    const struct dbn_field *f = rc == 1 ? field_of(r.layout, i->field) : NULL;
    bool compressed = ref_facts(p).compressed;
    if (rc == 1)
        snprintf(why, size, "%s: %s", path, compressed ? "it is compressed" : "the record has no such field");
    else if (rc == 0)
        snprintf(why, size, "%s: it has no such record", path);
    int64_t offset = f && !compressed ? (int64_t)(r.offset + f->offset) : -1;
    ref_close(p);
    return offset;
}

/* A copy in memory; its number, or -1. */
static int copy_file(const char *path)
{
    struct stat st = {0};
    int from = open(path, O_RDONLY | O_CLOEXEC), to = memfd_create("altered", 0);
    ssize_t n = from < 0 || to < 0 || fstat(from, &st) < 0 ? -1 : 1;
    for (off_t done = 0; n > 0 && done < st.st_size;)
        n = sendfile(to, from, &done, (size_t)(st.st_size - done));
    if (from >= 0)
        close(from);
    if (n > 0)
        return to;
    if (to >= 0)
        close(to);
    return -1;
}

const char *inject_path(struct inject *i, const char *path, const struct input_options *options, char *why, size_t size)
{
    unsigned char byte = 0;
    if (i->what != INJECT_CORRUPT)
        return path;
    int64_t offset = find_field(i, path, options, why, size);
    int fd = offset < 0 ? -1 : copy_file(path);
    if (fd < 0)
        return NULL;
    bool done = pread(fd, &byte, 1, (off_t)offset) == 1;
    byte ^= 1;
    if (!done || pwrite(fd, &byte, 1, (off_t)offset) != 1) {
        snprintf(why, size, "%s: %s", path, strerror(errno));
        close(fd);
        return NULL;
    }
    snprintf(i->path, sizeof i->path, "/proc/self/fd/%d", fd);
    return i->path;
}

/* --- more to do --- */

/* Where the records of a file begin that is not compressed; else 0. */
static uint64_t first_record(const char *path)
{
    uint8_t head[8];
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool plain = fd >= 0 && pread(fd, head, sizeof head, 0) == (ssize_t)sizeof head && memcmp(head, "DBN", 3) == 0;
    if (fd >= 0)
        close(fd);
    return plain ? 8 + (uint64_t)dbn_load_u32(head + 4) : 0;
}

/* Of all records that the job decoded, which is to say of files times the records of one, since all are the same: whole
 * files, and then the rest in one piece, as many small ones from the start of the file would stay in the caches. */
static void decode_again(const struct inject *i, const struct job *job)
{
    double times = i->share * (double)job->files;
    struct job whole = *job, rest = *job;
    struct job_result ignored;
    struct stat st;
    if (stat(job->paths[0], &st) < 0)
        return;
    whole.files = (size_t)times;
    if (whole.files > 0)
        job_run(&whole, &ignored);
    uint64_t size = (uint64_t)st.st_size < job->end ? (uint64_t)st.st_size : job->end;
    uint64_t begin = first_record(job->paths[0]); /* metadata alone can be more than the share of a short prefix */
    rest.files = 1;
    rest.end = begin + (uint64_t)((double)(size > begin ? size - begin : 0) * (times - (double)whole.files));
    job_run(&rest, &ignored);
}

void inject_after(const struct inject *i, const struct job *job, const struct job_result *r)
{
    uint64_t us = i->number * job->files;
    struct timespec pause = {.tv_sec = (time_t)(us / 1000000), .tv_nsec = (long)(us % 1000000) * 1000};
    if (i->what == INJECT_CPU)
        decode_again(i, job);
    else if (i->what == INJECT_SLEEP)
        nanosleep(&pause, NULL);
    for (uint64_t n = 0; i->what == INJECT_SYSCALL && n < r->tally.records / i->number; n++)
        syscall(SYS_getppid);
}
