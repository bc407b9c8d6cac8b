/* Rows in arrays, one for each kind of record. Records of one type and length have the layout of one struct; the
 * structs have that of the file.
 *
 * Arrays that grow double when they are full, by a new one and a copy, as those of most languages do: so what that
 * moves is known exactly, which realloc() would not tell. Exact ones are taken once, large ones by mapping them. Should
 * more come than was counted, or nothing be known, they double as well, but of large ones the kernel moves the pages
 * and no byte is copied. */
#include "../../backends/backend.h"
#include "../../dbn/walk.h"
#include "../../dbn/zstd.h"
#include "row_memory.h"

#include <errno.h>
#include <stdlib.h>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

enum { FIRST_ROWS = 4, LEAST_MAPPED = 256 << 10, LOOKS = 32 };

struct array {
    struct array *next; /* of the same type */
    uint16_t kind;
    size_t used, room; /* bytes */
    bool mapped;
    uint64_t counted; /* bytes that should come; 0: not known */
    uint8_t *rows;
};

struct arrays {
    bool exact, failed;
    uint64_t keep;
    struct array *of[256];
};

/* The array for records like the one at p. NULL if memory ran out. */
static struct array *array_for(struct arrays *r, const uint8_t *p)
{
    struct array **first = &r->of[p[1]], *a = *first;
    uint16_t kind = dbn_kind(p);
    while (a && a->kind != kind)
        a = a->next;
    if (a)
        return a;
    a = calloc(1, sizeof *a);
    if (!a)
        return NULL;
    a->kind = kind;
    a->next = *first;
    return *first = a;
}

static uint8_t *take_rows(size_t n, bool mapped)
{
    if (!mapped)
        return malloc(n);
    void *p = mmap(NULL, n, PROT_READ | PROT_WRITE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
    return p == MAP_FAILED ? NULL : p;
}

static void free_rows(struct array *a)
{
    if (a->mapped)
        munmap(a->rows, a->room);
    else
        free(a->rows);
}

static bool grow_by_copy(struct array *a, size_t room, bool mapped, uint64_t *moved)
{
    uint8_t *rows = take_rows(room, mapped);
    if (!rows)
        return false;
    if (a->used)
        memcpy(rows, a->rows, a->used);
    *moved += a->used;
    free_rows(a);
    a->rows = rows;
    a->room = room;
    a->mapped = mapped;
    return true;
}

static bool grow_by_pages(struct array *a, size_t room)
{
    void *rows = mremap(a->rows, a->room, room, MREMAP_MAYMOVE);
    if (rows == MAP_FAILED)
        return false;
    a->rows = rows;
    a->room = room;
    return true;
}

/* Makes room for `more` bytes. */
static bool grow(const struct arrays *r, struct array *a, size_t row_size, size_t more, uint64_t *moved)
{
    size_t room = a->room ? a->room : FIRST_ROWS * row_size;
    if (a->room == 0 && a->counted)
        room = (size_t)(a->counted < r->keep ? a->counted : r->keep);
    while (room - a->used < more)
        room *= 2;
    return a->mapped ? grow_by_pages(a, room) : grow_by_copy(a, room, r->exact && room >= LEAST_MAPPED, moved);
}

static uint8_t *arrays_room(void *self, const uint8_t *p, size_t n, size_t *got, uint64_t *moved)
{
    struct arrays *r = self;
    struct array *a = array_for(r, p);
    if (!a || (a->room - a->used < n && !grow(r, a, dbn_record_size(p), n, moved)))
        return NULL;
    a->used += n;
    *got = n;
    return a->rows + a->used - n;
}

static void arrays_clear(void *self)
{
    struct arrays *r = self;
    for (size_t i = 0; i < 256; i++)
        for (struct array *a = r->of[i]; a; a = a->next) {
            free_rows(a);
            a->rows = NULL;
            a->used = a->room = 0;
            a->mapped = false;
        }
}

static void arrays_end(void *self)
{
    struct arrays *r = self;
    arrays_clear(r);
    for (size_t i = 0; i < 256; i++)
        while (r->of[i]) {
            struct array *a = r->of[i];
            r->of[i] = a->next;
            free(a);
        }
    free(r);
}

static int grow_begin(const struct sink_plan *plan, void **self, struct sink_facts *facts)
{
    (void)plan, (void)facts;
    *self = calloc(1, sizeof(struct arrays));
    return *self ? 0 : -ENOMEM;
}

/* --- how many will come --- */

/* How many bytes of records there are of each kind, before they are decoded. If some records here and there are of the
 * kind of the first, all are taken for such, and there is nothing to be counted: the file's size says how many.
 * Otherwise its lengths are walked, in a pass of its own. What is compressed would have to be inflated for that, and
 * what it says of its size is a claim, so nothing is said of it. */
struct part {
    const char *path;
    int fd;
    uint64_t begin, end;
    struct sink_facts *facts;
};

static bool read_at(const struct part *part, uint64_t at, void *to, size_t n)
{
    ssize_t got = pread(part->fd, to, n, (off_t)at);
    part->facts->reads++;
    part->facts->bytes_read += got > 0 ? (size_t)got : 0;
    return got == (ssize_t)n;
}

/* The part of the file where the records lie, if it can be told. */
static bool look_at(const struct sink_plan *plan, struct part *part)
{
    struct stat st;
    uint8_t magic[4];
    part->fd = plan->path ? open(plan->path, O_RDONLY | O_CLOEXEC | O_NONBLOCK | O_NOCTTY) : -1;
    if (part->fd < 0)
        return false;
    bool plain = fstat(part->fd, &st) == 0 && S_ISREG(st.st_mode) && read_at(part, 0, magic, sizeof magic) &&
                 !dbn_zstd_magic(magic, sizeof magic);
    uint64_t size = plain ? (uint64_t)st.st_size : 0;
    part->path = plan->path;
    part->begin = plan->begin;
    part->end = plan->end < size ? plan->end : size;
    return plain && part->begin < part->end;
}

/* The first and the last record, and some between them. */
static bool looks_uniform(const struct part *part, uint8_t first[2])
{
    uint8_t here[2];
    if (!read_at(part, part->begin, first, 2))
        return false;
    size_t size = dbn_record_size(first);
    uint64_t bytes = part->end - part->begin;
    if (size < DBN_HEADER_SIZE || bytes % size != 0)
        return false;
    uint64_t last = bytes / size - 1;
    for (uint64_t i = 1; i <= LOOKS; i++) {
        uint64_t at = part->begin + last / LOOKS * i * size;
        if (i == LOOKS)
            at = part->begin + last * size;
        if (!read_at(part, at, here, 2) || memcmp(here, first, 2) != 0)
            return false;
    }
    return true;
}

struct walk {
    void (*found)(void *arg, const uint8_t *record, uint64_t bytes);
    void *arg;
};

DBN_INLINE void walk_one(void *state, const uint8_t *p, size_t size, uint64_t offset)
{
    const struct walk *w = state;
    (void)offset;
    w->found(w->arg, p, size);
}

DBN_INLINE const uint8_t *walk_run(void *state, const uint8_t *p, const uint8_t *end, uint64_t offset)
{
    const struct walk *w = state;
    const uint8_t *run_end = dbn_run_end(p, end);
    (void)offset;
    w->found(w->arg, p, (uint64_t)(run_end - p));
    return run_end;
}

static size_t walk_take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    uint64_t records = 0;
    return dbn_take(self, p, n, offset, &records, walk_one, walk_run);
}

/* An error is for the decoder to find: what was counted up to there is right. */
static void walk(const struct part *part, struct walk *w)
{
    const struct backend *b = backend_plain();
    struct backend_input in = {.path = part->path, .begin = part->begin, .end = part->end, .fragment = true};
    struct dbn_decoder d;
    void *handle;
    if (b->open(&in, &handle) != 0)
        return;
    dbn_decoder_init(&d, (struct dbn_source){b->next, handle}, DBN_STEP_BLOCK);
    dbn_decode(&d, (struct dbn_sink){walk_take, w});
    struct backend_counts counts;
    b->close(handle, &counts);
    part->facts->reads += counts.reads;
    part->facts->bytes_read += counts.bytes_read;
}

/* Calls found() with each kind that there is, more than once if they come mixed. `record` is the beginning of one:
 * length and type. *facts go up by what it read for that. */
static void count_rows(const struct sink_plan *plan, struct sink_facts *facts,
                       void (*found)(void *arg, const uint8_t *record, uint64_t bytes), void *arg)
{
    struct part part = {.facts = facts};
    uint8_t first[2];
    if (look_at(plan, &part)) {
        if (looks_uniform(&part, first))
            found(arg, first, part.end - part.begin);
        else
            walk(&part, &(struct walk){found, arg});
    }
    if (part.fd >= 0)
        close(part.fd);
}

static void count(void *self, const uint8_t *record, uint64_t bytes)
{
    struct arrays *r = self;
    struct array *a = array_for(r, record);
    if (a)
        a->counted += bytes;
    else
        r->failed = true;
}

static int exact_begin(const struct sink_plan *plan, void **self, struct sink_facts *facts)
{
    struct arrays *r = calloc(1, sizeof *r);
    if (!r)
        return -ENOMEM;
    r->exact = true;
    r->keep = plan->keep ? plan->keep : SINK_KEEP;
    count_rows(plan, facts, count, r);
    if (r->failed) {
        arrays_end(r);
        return -ENOMEM;
    }
    *self = r;
    return 0;
}

const struct row_memory row_memory_grow = {grow_begin, arrays_room, arrays_clear, arrays_end};
const struct row_memory row_memory_exact = {exact_begin, arrays_room, arrays_clear, arrays_end};
