/* dbnbench split: the records of a file by instrument or by day, counted or written to a file each. */
#include "../../datasets/whole_file.h"
#include "../../dbn/encode.h"
#include "../../dbn/walk.h"
#include "../machine/child.h"
#include "../machine/counters.h"
#include "../measure/job.h"
#include "../measure/progress.h"
#include "../reference/reference.h"
#include "../sinks/keys.h"
#include "../text/terminal.h"
#include "../view/table.h"
#include "exit.h"
#include "options.h"

#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <limits.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

enum { HELD = 64 << 20 }; /* bytes that wait to be written, of all files together */

struct arguments {
    struct input_options input;
    const char *output;
    unsigned by;
    bool csv;
};
enum { BY_INSTRUMENT, BY_DAY };
static const char *const by_names[] = {"instrument", "day", NULL};

/* A mapping of the metadata that leads to an instrument. */
struct leads {
    uint64_t instrument;
    const uint8_t *mapping;
};

struct split {
    const struct arguments *a;
    const char *path;
    const volatile sig_atomic_t *stop;
    struct progress progress;
    struct keys keys;
    /* Of files that are written: */
    struct dbn_buffer *waiting; /* by the key's number - 1 */
    size_t held;
    struct ref_file source; /* its metadata */
    struct leads *leads;    /* sorted */
    size_t leads_count;
    char *beside; /* the folder that holds the new one until the end */
    int folder;   /* the new one, open */
    int failed;   /* 0, or what writing failed with */
};

/* --- the metadata of each file --- */

static int compare_leads(const void *a, const void *b)
{
    const struct leads *x = a, *y = b;
    return x->instrument != y->instrument ? (x->instrument > y->instrument ? 1 : -1) : x->mapping < y->mapping ? -1 : 1;
}

static int find_leads(struct split *s)
{
    const struct dbn_metadata *md = &s->source.metadata;
    s->leads = calloc(md->intervals + 1, sizeof *s->leads);
    if (!s->leads)
        return -ENOMEM;
    const uint8_t *p = md->mapping;
    for (uint32_t i = 0; i < md->mappings; i++) {
        struct dbn_mapping m = dbn_mapping_at(md, p);
        for (uint32_t k = 0; k < m.intervals; k++) {
            char symbol[24] = "";
            size_t size = md->symbol_cstr_len < sizeof symbol ? md->symbol_cstr_len : sizeof symbol - 1;
            memcpy(symbol, dbn_interval_at(md, &m, k).symbol, size);
            s->leads[s->leads_count++] = (struct leads){strtoull(symbol, NULL, 10), p};
        }
        p = m.next;
    }
    qsort(s->leads, s->leads_count, sizeof *s->leads, compare_leads);
    return 0;
}

static int put(struct dbn_buffer *to, const void *p, size_t n)
{
    uint8_t *at = dbn_buffer_extend(to, n);
    if (at && n)
        memcpy(at, p, n);
    return at ? 0 : -ENOMEM;
}

static const struct leads *first_lead(const struct split *s, uint32_t instrument)
{
    size_t low = 0, high = s->leads_count;
    while (low < high) {
        size_t middle = (low + high) / 2;
        if (s->leads[middle].instrument < instrument)
            low = middle + 1;
        else
            high = middle;
    }
    return s->leads + low;
}

/* The symbols, if `symbols`, or else the mappings that lead to the instrument; their count stands before them. */
static int put_leads(const struct split *s, uint32_t instrument, bool symbols, struct dbn_buffer *to)
{
    const struct dbn_metadata *md = &s->source.metadata;
    const uint8_t *last = NULL;
    uint32_t count = 0;
    size_t count_at = to->size;
    int rc = put(to, &count, sizeof count);
    for (const struct leads *l = first_lead(s, instrument);
         rc == 0 && l < s->leads + s->leads_count && l->instrument == instrument; l++) {
        if (l->mapping == last)
            continue;
        last = l->mapping;
        rc = put(to, last, symbols ? md->symbol_cstr_len : (size_t)(dbn_mapping_at(md, last).next - last));
        count++;
    }
    if (rc == 0)
        memcpy(to->bytes + count_at, &count, sizeof count);
    return rc;
}

/* Of a day's file as the source's; of an instrument's only what leads to it. */
static int put_metadata(const struct split *s, uint32_t key, struct dbn_buffer *to)
{
    const struct dbn_metadata *md = &s->source.metadata;
    const uint8_t *counts = (const uint8_t *)md->symbols.first - 4;
    const uint64_t none = 0;
    uint8_t prefix[8] = {'D', 'B', 'N', md->version};
    int rc = put(to, prefix, sizeof prefix);
    if (s->a->by == BY_DAY) {
        rc = rc ? rc : put(to, md->block, (size_t)md->first_record_offset - sizeof prefix);
    } else {
        rc = rc ? rc : put(to, md->block, (size_t)(counts - md->block));
        rc = rc ? rc : put_leads(s, key, true, to);
        rc = rc ? rc : put(to, &none, sizeof none); /* neither partial ones nor some that were not found */
        rc = rc ? rc : put_leads(s, key, false, to);
        rc = rc ? rc : put(to, &none, md->version < 3 ? 0 : -to->size % 8);
    }
    uint32_t length = (uint32_t)(to->size - sizeof prefix);
    if (rc == 0)
        memcpy(to->bytes + 4, &length, sizeof length);
    return rc;
}

/* --- files --- */

enum { NAME = 64 };

static void name_key(const struct split *s, uint32_t key, char name[NAME])
{
    time_t at = (time_t)key * 86400;
    struct tm tm;
    if (s->a->by == BY_DAY)
        strftime(name, NAME, "%Y-%m-%d", gmtime_r(&at, &tm));
    else
        snprintf(name, NAME, "%" PRIu32, key);
}

static void name_file(const struct split *s, uint32_t key, char name[NAME])
{
    name_key(s, key, name);
    strcat(name, s->source.fragment ? ".dbn.frag" : ".dbn");
}

static int append(const struct split *s, uint32_t key, const struct dbn_buffer *bytes)
{
    char name[NAME];
    name_file(s, key, name);
    struct whole_file file = {.fd = openat(s->folder, name, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0666)};
    if (file.fd < 0)
        return -errno;
    int rc = whole_file_write(&file, bytes->bytes, bytes->size);
    return close(file.fd) != 0 && rc == 0 ? -errno : rc;
}

/* Writes what waits. One file is open at a time, however many there are. */
static int flush(struct split *s)
{
    int rc = 0;
    for (size_t i = 0; i < s->keys.places && rc == 0; i++) {
        const struct keyed *at = &s->keys.place[i];
        struct dbn_buffer *bytes = at->number ? &s->waiting[at->number - 1] : NULL;
        if (!bytes || bytes->size == 0)
            continue;
        rc = *s->stop ? -EINTR : append(s, at->key, bytes);
        free(bytes->bytes);
        *bytes = (struct dbn_buffer){0};
    }
    s->held = 0;
    return rc;
}

static int hold(struct split *s, const struct keyed *at, const uint8_t *p, size_t size)
{
    if (at->records == 0) {
        if ((at->number & (at->number - 1)) == 0) { /* as many again */
            struct dbn_buffer *more = reallocarray(s->waiting, 2 * (size_t)at->number, sizeof *more);
            if (!more)
                return -ENOMEM;
            s->waiting = more;
        }
        struct dbn_buffer *bytes = &s->waiting[at->number - 1];
        *bytes = (struct dbn_buffer){0};
        int rc = s->source.fragment ? 0 : put_metadata(s, at->key, bytes);
        s->held += bytes->size;
        if (rc)
            return rc;
    }
    s->held += size;
    return put(&s->waiting[at->number - 1], p, size);
}

/* --- the sink --- */

struct self {
    struct split *split;
    struct tally tally;
};

static int begin(const struct sink *sink, const struct sink_plan *plan, void *self)
{
    (void)plan;
    memcpy(&((struct self *)self)->split, &sink->way, sizeof sink->way);
    return 0;
}

static size_t take(void *self, const uint8_t *p, size_t n, uint64_t offset)
{
    struct split *s = ((struct self *)self)->split;
    char text[64];
    size_t taken = 0, size;
    for (; (size = dbn_walk(p + taken, p + n)) != 0 && !s->failed; taken += size) {
        const uint8_t *record = p + taken;
        struct keyed *at = keys_find(&s->keys, s->a->by == BY_DAY ? key_day(record) : key_instrument(record));
        s->failed = !at ? -ENOMEM : s->a->output ? hold(s, at, record, size) : 0;
        if (!s->failed && s->held > HELD)
            s->failed = flush(s);
        if (!s->failed) {
            at->records++;
            at->bytes += size;
            ((struct self *)self)->tally.records++;
        }
    }
    snprintf(text, sizeof text, "splitting: %" PRIu64 " MB", offset / 1000000);
    progress_show(&s->progress, false, text);
    if (*s->stop && !s->failed)
        s->failed = -EINTR;
    return s->failed ? DBN_NO_MEMORY : taken;
}

static void end(void *self, struct tally *t)
{
    *t = ((struct self *)self)->tally;
    free(self);
}

static struct job_result decode(struct split *s)
{
    struct sink sink = {.name = "split",
                        .way = s,
                        .looks = SINK_LOOKS_AT_RECORDS,
                        .size = sizeof(struct self),
                        .begin = begin,
                        .take = take,
                        .end = end};
    struct job job = {backend_plain(), &sink, &s->path, 1, 1, UINT64_MAX, s->a->input, 1, NULL};
    struct job_result r;
    progress_begin(&s->progress, stderr);
    job_run(&job, &r);
    progress_end(&s->progress);
    return r;
}

/* --- the folder, which appears whole or not at all: it is made in another one beside its place --- */

static const char NEW[] = "/new";

static int open_folder(struct split *s)
{
    const char *to = s->a->output, *slash = strrchr(to, '/');
    char *inner = NULL;
    struct stat st;
    int rc = lstat(to, &st) == 0 ? -EEXIST : 0;
    if (rc == 0 && asprintf(&s->beside, "%.*s.dbnbench-XXXXXX", slash ? (int)(slash - to) + 1 : 0, to) < 0)
        rc = -ENOMEM;
    if (rc == 0 && !mkdtemp(s->beside))
        rc = -errno, free(s->beside), s->beside = NULL;
    if (rc == 0 && asprintf(&inner, "%s%s", s->beside, NEW) < 0)
        rc = -ENOMEM;
    if (rc == 0 && (mkdir(inner, 0777) != 0 || (s->folder = open(inner, O_RDONLY | O_DIRECTORY | O_CLOEXEC)) < 0))
        rc = -errno;
    free(inner);
    return rc;
}

/* The folder appears if rc is 0. */
static int close_folder(struct split *s, int rc)
{
    char inner[PATH_MAX], name[NAME];
    if (!s->beside)
        return rc;
    snprintf(inner, sizeof inner, "%s%s", s->beside, NEW);
    if (rc == 0 &&
        (syncfs(s->folder) != 0 || renameat2(AT_FDCWD, inner, AT_FDCWD, s->a->output, RENAME_NOREPLACE) != 0))
        rc = -errno;
    for (size_t i = 0; rc && i < s->keys.places; i++)
        if (s->keys.place[i].number) {
            name_file(s, s->keys.place[i].key, name);
            unlinkat(s->folder, name, 0);
        }
    if (s->folder >= 0)
        close(s->folder);
    rmdir(inner);
    rmdir(s->beside);
    free(s->beside);
    return rc;
}

/* --- the command --- */

static int compare_keys(const void *a, const void *b)
{
    const struct keyed *x = a, *y = b;
    return (x->key > y->key) - (x->key < y->key);
}

static void print_counts(struct split *s)
{
    const struct table_column columns[] = {{.key = by_names[s->a->by], .kind = TABLE_TEXT},
                                           {.key = "records", .kind = TABLE_COUNT},
                                           {.key = "bytes", .kind = TABLE_COUNT},
                                           {0}};
    struct table *t = table_new("split", "", columns);
    if (s->keys.places)
        qsort(s->keys.place, s->keys.places, sizeof *s->keys.place, compare_keys);
    for (const struct keyed *at = s->keys.place; at < s->keys.place + s->keys.places; at++) {
        char name[NAME];
        name_key(s, at->key, name);
        if (at->number)
            table_row(t, "tnn", name, at->records, at->bytes);
    }
    if (s->a->csv)
        table_print_csv(t, stdout);
    else
        table_print_text(t, terminal_width(stdout), stdout);
    table_free(t);
}

static bool no_more(void *arg, const struct ref_file *file, const struct ref_record *r)
{
    (void)arg, (void)file, (void)r;
    return false;
}

/* 0, or what reading failed with; what writing failed with is in s->failed. */
static int split_file(struct split *s, struct job_result *r, uint64_t *fault)
{
    ref_read(s->path, &s->a->input, 0, &s->source, no_more, NULL);
    *fault = s->source.fault;
    if (s->source.outcome)
        return s->source.outcome;
    if (s->a->output && s->a->by == BY_INSTRUMENT)
        s->failed = find_leads(s);
    if (s->a->output && !s->failed)
        s->failed = open_folder(s);
    if (s->failed)
        return 0;
    *r = decode(s);
    *fault = r->fault;
    if (!r->outcome && s->a->output)
        s->failed = flush(s);
    return s->failed ? 0 : r->outcome;
}

static int report(struct split *s, int rc, uint64_t fault, const struct job_result *r)
{
    char text[PATH_MAX + 512];
    const char *target = s->a->output ? s->a->output : s->path;
    if (s->failed == -EINTR)
        complain("%s: stopped by a signal, %s", s->path, s->a->output ? "nothing was written" : "nothing was counted");
    else if (s->failed)
        complain("%s: %s", target, dbn_outcome_text(s->failed));
    if (s->failed)
        return s->failed == -EINTR ? EXIT_INTERRUPTED : EXIT_FAILED;
    if (rc) {
        input_describe(s->path, rc, fault, text, sizeof text);
        complain("%s", text);
        return EXIT_FAILED;
    }
    if (!s->a->output) {
        print_counts(s);
        return EXIT_FINE;
    }
    print_plain(stdout, s->path, strlen(s->path));
    printf(": %" PRIu64 " records in %zu files in ", r->tally.records, s->keys.taken);
    print_plain(stdout, target, strlen(target));
    putchar('\n');
    return EXIT_FINE;
}

static int run(void *arguments, const struct command_line *line)
{
    const struct arguments *a = arguments;
    struct split s = {.a = a, .path = line->operand[0], .stop = child_watch_signals(), .folder = -1};
    struct job_result r = {0};
    uint64_t fault;
    bool may_fail = allocations_may_fail(true); /* what was written is to be removed */
    int rc = split_file(&s, &r, &fault);
    int ended = close_folder(&s, s.failed ? s.failed : rc);
    s.failed = s.failed || rc ? s.failed : ended;
    allocations_may_fail(may_fail);
    int code = report(&s, rc, fault, &r);
    for (size_t i = 0; s.waiting && i < s.keys.taken; i++)
        free(s.waiting[i].bytes);
    free(s.waiting);
    free(s.keys.place);
    free(s.leads);
    dbn_metadata_free(&s.source.metadata);
    return code;
}

#define TO(member) OPTION_TO(struct arguments, member)
static const struct option_row options[] = {
    {"by", 0, "WORD", "What records are told apart by: instrument, or day, which is that of ts_event in UTC", set_index,
     TO(by), .words = by_names, .preset = "instrument"},
    {"output", 'o', "FOLDER", "Write a file for each into this new folder; they have the records in their order",
     set_text, TO(output)},
    {"csv", 0, NULL, "Print the counts as CSV", set_flag, TO(csv)},
    {.group = &input_option_group, TO(input)},
    {0},
};

const struct command command_split = {
    .name = "split",
    .summary = "count records by instrument or day, or write them to a file each",
    .operands = "FILE",
    .least = 1,
    .most = 1,
    .options = options,
    .about = "Count the records and bytes of each instrument or day, or write them to a DBN file each. The folder "
             "appears with all files in it, or not at all. Files of instruments keep only what leads to them of the "
             "symbols in the metadata.",
    .examples = "split trades.dbn.zst\nsplit --by day -o days trades.dbn",
    .size = sizeof(struct arguments),
    .run = run,
};
