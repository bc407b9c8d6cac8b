#include "support.h"

#include <dirent.h>
#include <inttypes.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <unistd.h>

size_t sparse(size_t n)
{
    return (test_all() ? 1 : n) * SLOWER;
}

bool worth_trying(const struct backend *b, const struct sink *s)
{
    if (b == backend_plain() || test_all())
        return !SANITIZED || !strchr(s->name, '+');
    return s == sink_find("none") || s == sink_find("fields") || s == sink_find("rows");
}

const struct input_options defaults = INPUT_OPTIONS_DEFAULT;

struct bytes generated(const struct generate_spec *spec)
{
    struct bytes b;
    CHECK_EQ_I64(generate_memory(spec, &b.p, &b.n), 0);
    return b;
}

struct bytes generated_stream(const char *schema, uint8_t version, uint64_t records, bool ts_out)
{
    return generated(&(struct generate_spec){
        .schema = schema, .version = version, .records = records, .symbols = 3, .seed = 7, .ts_out = ts_out});
}

size_t first_record(struct bytes stream)
{
    CHECK(stream.n >= 8);
    return 8 + (size_t)dbn_load_u32(stream.p + 4);
}

static size_t page_size(void)
{
    return (size_t)sysconf(_SC_PAGESIZE);
}

void pieces_free(struct pieces *s)
{
    if (s->memory)
        munmap(s->memory - page_size(), s->room + 2 * page_size());
    s->memory = NULL;
}

void pieces_set(struct pieces *s, const uint8_t *p, size_t n, size_t size)
{
    size_t page = page_size();
    if (!s->memory || s->room < n) {
        pieces_free(s);
        s->room = (n + page - 1) / page * page;
        uint8_t *base = mmap(NULL, s->room + 2 * page, PROT_NONE, MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
        CHECK(base != MAP_FAILED);
        s->memory = base + page;
        CHECK(s->room == 0 || mprotect(s->memory, s->room, PROT_READ | PROT_WRITE) == 0);
    }
    *s = (struct pieces){.p = p, .n = n, .size = size, .memory = s->memory, .room = s->room};
}

int pieces_next(void *self, size_t need, struct dbn_span *out)
{
    struct pieces *s = self;
    memset(s->edge == EDGE_END ? s->memory + s->room - s->last : s->memory, 0xA5, s->last);
    size_t most = s->at == 0 && s->first ? s->first : s->size ? s->size : need;
    size_t n = most < s->n - s->at ? most : s->n - s->at;
    uint8_t *to = s->edge == EDGE_END ? s->memory + s->room - n : s->memory;
    *out = (struct dbn_span){to, n, s->offset + s->at};
    if (n > 0)
        memcpy(to, s->p + s->at, n);
    s->at += n;
    s->last = n;
    return n > 0;
}

struct ending decode_source(struct dbn_source source, enum dbn_step step, const struct sink *sink, bool fragment)
{
    struct ending e = {0};
    struct dbn_decoder d;
    struct dbn_metadata md;
    void *self;
    dbn_decoder_init(&d, source, step);
    if (!fragment) {
        e.outcome = dbn_read_metadata(&d, DBN_METADATA_LIMIT, &md);
        dbn_metadata_free(&md);
    }
    if (e.outcome == 0) {
        CHECK_EQ_I64(sink_begin(sink, &(struct sink_plan){0}, &self), 0);
        e.outcome = dbn_decode(&d, (struct dbn_sink){sink->take, self});
        sink->end(self, &e.tally);
    }
    e.fault = e.outcome ? d.fault : 0;
    return e;
}

struct ending decode_packed(struct dbn_source source, enum dbn_step step, const struct sink *sink)
{
    struct dbn_zstd *z;
    CHECK_EQ_I64(dbn_zstd_open(source, DBN_ZSTD_WINDOW_LOG, &z), 0);
    struct ending e = decode_source((struct dbn_source){dbn_zstd_next, z}, step, sink, false);
    dbn_zstd_close(z);
    return e;
}

struct ending decode_whole(const uint8_t *p, size_t n, const struct sink *sink, bool fragment)
{
    static struct pieces s;
    pieces_set(&s, p, n, n);
    return decode_source((struct dbn_source){pieces_next, &s}, DBN_STEP_BLOCK, sink, fragment);
}

bool ending_equal(const struct ending *a, const struct ending *b, const struct sink *sink)
{
    bool tally_counts = a->outcome == 0 || sink->looks == SINK_LOOKS_AT_RECORDS;
    return a->outcome == b->outcome && a->fault == b->fault && (!tally_counts || tally_equal(&a->tally, &b->tally));
}

const char *ending_text(const struct ending *e)
{
    static char texts[4][160];
    static unsigned turn;
    char *text = texts[turn++ % 4];
    snprintf(text, sizeof texts[0], "%s at %" PRIu64 ": %" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64,
             dbn_outcome_name(e->outcome), e->fault, e->tally.records, e->tally.bytes, e->tally.digest);
    return text;
}

bool tally_is(struct tally a, struct tally b)
{
    return tally_equal(&a, &b);
}

/* One of three instruments that the generator makes. */
#define FILTER "filter:publisher=1:instrument=3960562:to=2100-01-01"

const struct sink *tested_sink(size_t i)
{
    static const char *const pairs[] = {"rows+strings-copy",
                                        "rows-exact+strings-copy",
                                        "rows-exact+strings",
                                        "rows-arena+strings",
                                        "columns+strings",
                                        "columns-scalar+strings",
                                        FILTER};
    return i < SINKS ? sinks[i] : i - SINKS < LENGTH(pairs) ? sink_find(pairs[i - SINKS]) : NULL;
}

/* The reference decoder works out what sinks must find that were found before. */
__attribute__((constructor)) static void find_filter(void)
{
    CHECK(sink_find(FILTER));
}

struct ending reference_ending(const struct ref_result *reference, const struct sink *sink)
{
    return (struct ending){reference->outcome, reference->outcome ? reference->fault : 0,
                           sink_expected(sink, reference->tally)};
}

struct ending job_ending(const struct job *job)
{
    struct job_result r;
    job_run(job, &r);
    return (struct ending){r.outcome, r.outcome ? r.fault : 0, r.tally};
}

struct reader reader_open(const struct backend *b, const struct backend_input *in)
{
    struct reader r = {.backend = b};
    CHECK_EQ_I64(b->open(in, &r.handle), 0);
    r.consumer = r.handle;
    if (b->attach)
        CHECK_EQ_I64(b->attach(r.handle, &r.consumer), 0);
    return r;
}

struct dbn_source reader_source(const struct reader *r)
{
    return (struct dbn_source){r->backend->next, r->consumer};
}

int reader_close(struct reader *r, struct backend_counts *counts)
{
    if (r->backend->attach)
        r->backend->detach(r->consumer);
    return r->backend->close(r->handle, counts);
}

static struct scratch scratch_of(int fd)
{
    struct scratch s = {.fd = fd};
    CHECK(fd >= 0);
    snprintf(s.path, sizeof s.path, "/proc/self/fd/%d", fd);
    return s;
}

struct scratch scratch_memory(void)
{
    return scratch_of(memfd_create("test", MFD_CLOEXEC));
}

struct scratch scratch_disk(void)
{
    char path[] = "/tmp/dbnbench-test.XXXXXX";
    int fd = mkstemp(path);
    CHECK(fd >= 0 && unlink(path) == 0);
    return scratch_of(fd);
}

void scratch_set(const struct scratch *s, const void *bytes, size_t n)
{
    CHECK(pwrite(s->fd, bytes, n, 0) == (ssize_t)n);
    scratch_size(s, n);
}

void scratch_poke(const struct scratch *s, uint64_t offset, uint8_t byte)
{
    CHECK(pwrite(s->fd, &byte, 1, (off_t)offset) == 1);
}

void scratch_size(const struct scratch *s, uint64_t n)
{
    CHECK(ftruncate(s->fd, (off_t)n) == 0);
}

void scratch_close(const struct scratch *s)
{
    close(s->fd);
}

void limit_memory(size_t more)
{
    size_t pages;
    FILE *f = fopen("/proc/self/statm", "r");
    CHECK(f && fscanf(f, "%zu", &pages) == 1);
    fclose(f);
    rlim_t limit = pages * page_size() + more;
    CHECK(SANITIZED || setrlimit(RLIMIT_AS, &(struct rlimit){limit, limit}) == 0);
}

unsigned open_descriptors(void)
{
    unsigned n = 0;
    DIR *dir = opendir("/proc/self/fd");
    CHECK(dir);
    while (readdir(dir))
        n++;
    closedir(dir);
    return n;
}

const char *official_vectors(void)
{
    const char *folder = getenv("VECTORS");
    if (folder && *folder)
        return folder;
    return access("../shared/vectors/expected.json", R_OK) == 0 ? "../shared/vectors" : NULL;
}
