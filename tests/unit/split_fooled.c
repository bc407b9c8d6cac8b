/* Guards the guess at where a record begins, and above all what becomes of a wrong one: files made so that it must be
 * wrong are decoded as if they had never been cut. */
#include "../support_split.h"

#include "../../dbn/split.h"

#include <sys/stat.h>

static struct dbn_buffer file;

static void begin(void)
{
    add_metadata(&file);
}

/* *redone: by all backends. */
static struct ending check(const char *what, uint64_t *redone)
{
    struct split_file f = split_open(file.bytes, file.size, what);
    struct ending e = split_check(&f);
    *redone = f.redone;
    split_close(&f);
    free(file.bytes);
    file = (struct dbn_buffer){0};
    return e;
}

/* Whole chains of trades, from byte `from` of each record to the same byte of the next. */
static void add_chain(uint8_t *record, size_t size, size_t from)
{
    const struct dbn_trade trade = {.hd = {.length = 12, .ts_event = UINT64_C(0x1700000000000000)}};
    for (size_t at = from; at < size; at += sizeof trade)
        memcpy(record + at, &trade, at + sizeof trade < size ? sizeof trade : size - at);
}

/* System messages longer than they are known to be, full of trades that go on through all of them. */
TEST(chains_inside_of_records)
{
    for (size_t from = 16; from < 48; from += 4) {
        uint64_t redone;
        begin();
        for (int i = 0; i < 150; i++)
            add_chain(add_record(&file, 960, 0x17, 0), 960, from);
        struct ending e = check("chains inside of records", &redone);
        CHECK(e.outcome == 0 && e.tally.records == 150);
        CHECK_FOR(redone > 0, "from %zu", from);
    }
}

/* The same, but the chain breaks somewhere: an error that nobody may hear of. */
TEST(errors_of_a_wrong_guess)
{
    for (int bad = 100; bad < 110; bad++) {
        uint64_t redone;
        begin();
        for (int i = 0; i < 150; i++)
            add_chain(add_record(&file, 960, 0x17, 0), 960, i == bad ? 300 : 16);
        struct ending e = check("broken chains", &redone);
        CHECK(e.outcome == 0 && e.tally.records == 150 && redone > 0);
    }
}

/* And then a true one, before or behind what a wrong guess stumbles upon. */
TEST(true_errors_behind_wrong_guesses)
{
    for (int bad = 1; bad < 150; bad += 12) {
        uint64_t redone;
        size_t at = 0;
        begin();
        for (int i = 0; i < 150; i++) {
            uint8_t *p = add_record(&file, 960, 0x17, 0);
            add_chain(p, 960, i % 40 == 39 ? 300 : 16);
            if (i == bad)
                p[0] = 2, at = (size_t)(p - file.bytes);
        }
        struct ending e = check("true errors", &redone);
        CHECK(e.outcome == DBN_E_BAD_RECORD_LENGTH && e.fault == at && e.tally.records == (uint64_t)bad);
    }
}

/* Definitions whose strings look like records of known types: ten trades and a status, from one string to that of the
 * next definition. */
TEST(strings_that_look_like_records)
{
    uint64_t redone;
    begin();
    for (int i = 0; i < 200; i++) {
        uint8_t *p = add_record(&file, sizeof(struct dbn_instrument_def_v3), 0x13, 0);
        add_chain(p, 496, 16);
        const struct dbn_status status = {.hd = {.length = 10, .rtype = 0x12}};
        memcpy(p + 496, &status, 520 - 496);
    }
    struct ending e = check("strings like records", &redone);
    CHECK(e.outcome == 0 && e.tally.records == 200 && redone > 0);
}

/* Every place looks like the begin of a record, and all chains run side by side for ever. */
TEST(records_of_equal_bytes)
{
    uint64_t all = 0;
    for (unsigned value = 4; value < 256; value += 7) {
        uint64_t redone;
        begin();
        add_record(&file, 36, 0, 0); /* so that cuts are not where records begin */
        for (int i = 0; i < 60; i++)
            add_record(&file, value * 4, (uint8_t)value, (uint8_t)value);
        struct ending e = check("equal bytes", &redone);
        CHECK(e.outcome == 0 && e.tally.records == 61);
        all += redone;
    }
    CHECK(all > 0);
}

TEST(unknown_types_everywhere)
{
    uint64_t seed = 1;
    for (int fill = 0; fill < 3; fill++) {
        uint64_t redone;
        begin();
        for (int i = 0; i < 300; i++) {
            size_t size = 16 + stats_random(&seed) % 252 * 4;
            uint8_t *p = add_record(&file, size, (uint8_t)(0x60 + i % 50), 0);
            for (size_t at = 16; at < size; at++)
                p[at] = fill == 0   ? 0
                        : fill == 1 ? (uint8_t)stats_random(&seed)
                                    : (uint8_t)(4 + stats_random(&seed) % 9);
        }
        struct ending e = check("unknown types", &redone);
        CHECK(e.outcome == 0 && e.tally.records == 300);
    }
}

TEST(shortest_and_longest_in_turns)
{
    for (unsigned fill = 0; fill < 256; fill += 15) {
        uint64_t redone;
        begin();
        for (int i = 0; i < 80; i++)
            add_record(&file, i % 2 ? DBN_MAX_RECORD : DBN_HEADER_SIZE, 0x50, (uint8_t)fill);
        struct ending e = check("16 and 1020", &redone);
        CHECK(e.outcome == 0 && e.tally.records == 80);
    }
}

/* Cuts within records, more of them than there are records. */
TEST(longest_records_behind_a_short_one)
{
    uint64_t redone;
    begin();
    add_record(&file, DBN_HEADER_SIZE, 0x50, 0);
    for (int i = 0; i < 3; i++)
        add_chain(add_record(&file, DBN_MAX_RECORD, 0x50, 0), DBN_MAX_RECORD, 16);
    struct ending e = check("three long ones", &redone);
    CHECK(e.outcome == 0 && e.tally.records == 4 && redone > 0);
}

/* The window ends at the end of memory that may be read: any bytes, any length. */
TEST(guesses_from_any_bytes)
{
    static uint8_t bytes[DBN_SPLIT_WINDOW];
    uint64_t seed = 3;
    for (int round = 0; round < 2000 / SLOWER; round++) {
        uint64_t kind = stats_random(&seed) % 4;
        size_t n = 1 + stats_random(&seed) % (round % 8 ? 100 : DBN_SPLIT_WINDOW), step = round % 2 ? 4 : 1, guess;
        for (size_t i = 0; i < n; i++)
            bytes[i] = (uint8_t)(kind == 0 ? 0 : kind == 1 ? stats_random(&seed) : stats_random(&seed) % (4 * kind));
        struct pieces s = {0};
        struct dbn_span span;
        pieces_set(&s, bytes, n, n);
        CHECK(pieces_next(&s, 1, &span) == 1);
        bool found = dbn_split_guess(span.ptr, n, step, &guess);
        CHECK(!found || (guess < n && guess % step == 0 && span.ptr[guess] >= DBN_HEADER_SIZE / 4));
        CHECK(found || kind != 1 || n < 100);
        pieces_free(&s);
    }
}

/* From every place of ordinary streams. */
TEST(guesses_are_right)
{
    for (size_t i = 0; generate_schemas[i]; i++)
        for (size_t step = 1; step <= 4; step += 3) {
            struct bytes b = generated_stream(generate_schemas[i], 3, 700, false);
            uint8_t *begins = calloc(b.n + 1, 1);
            CHECK(begins);
            for (size_t at = first_record(b); at < b.n; at += dbn_record_size(b.p + at))
                begins[at] = 1;
            for (size_t at = first_record(b), guess; at + DBN_SPLIT_WINDOW <= b.n; at += step * SLOWER * 151) {
                CHECK(dbn_split_guess(b.p + at, DBN_SPLIT_WINDOW, step, &guess));
                CHECK_FOR(begins[at + guess], "%s at %zu: %zu", generate_schemas[i], at, guess);
            }
            free(begins);
            free(b.p);
        }
}

/* --- a file that changes --- */

enum change { NO_CHANGE, GROWN, TOUCHED, CHANGE_SAID };
static struct {
    struct scratch on;
    uint64_t size;
    enum change change;
    unsigned nth, opens, closes; /* which of them it is that the change comes before */
} victim;

static int changing_open(const struct backend_input *in, void **self)
{
    bool now = ++victim.opens == victim.nth;
    if (now && victim.change == GROWN)
        scratch_size(&victim.on, victim.size + 48);
    if (now && victim.change == TOUCHED)
        CHECK(futimens(victim.on.fd, (const struct timespec[2]){{1000000, 1}, {1000000, 1}}) == 0);
    return backend_find("mmap")->open(in, self);
}

/* A shard met a change that was taken back before anyone else looked. */
static int changing_close(void *self, struct backend_counts *counts)
{
    int rc = backend_find("mmap")->close(self, counts);
    return ++victim.closes == victim.nth && victim.change == CHANGE_SAID ? DBN_E_FILE_CHANGED : rc;
}

static struct job_result decode_victim(struct bytes b, enum change how, unsigned nth)
{
    struct backend changing = *backend_find("mmap");
    struct job_result r;
    const char *path = victim.on.path;
    changing.open = changing_open;
    changing.close = changing_close;
    scratch_set(&victim.on, b.p, b.n);
    CHECK(futimens(victim.on.fd, (const struct timespec[2]){{1000000, 0}, {1000000, 0}}) == 0);
    victim.size = b.n;
    victim.change = how;
    victim.nth = nth;
    victim.opens = victim.closes = 0;
    job_run(&(struct job){&changing, sink_find("frame"), &path, 1, 1, UINT64_MAX, defaults, 4, NULL}, &r);
    return r;
}

/* In whichever shard it shows, be it decoded for the first time or again. */
static void check_changes(struct bytes b, int outcome, bool again)
{
    struct job_result r = decode_victim(b, NO_CHANGE, 0);
    unsigned opens = victim.opens;
    CHECK_EQ_I64(r.outcome, outcome);
    CHECK_FOR(r.shards > 2 && (opens > r.shards) == again, "%ju shards, %u opened", (uintmax_t)r.shards, opens);
    for (enum change how = outcome ? CHANGE_SAID : GROWN; how <= CHANGE_SAID; how++)
        for (unsigned nth = 1; nth <= opens; nth++) {
            r = decode_victim(b, how, nth);
            CHECK_FOR(r.outcome == DBN_E_FILE_CHANGED && r.fault == 0, "change %d before %u of %u: %s at %ju", how, nth,
                      opens, dbn_outcome_name(r.outcome), (uintmax_t)r.fault);
        }
}

TEST(a_file_that_changes_between_shards)
{
    struct bytes b = generated_stream("trades", 3, 100, false);
    victim.on = scratch_memory();
    check_changes(b, 0, false);
    free(b.p);
    begin();
    add_record(&file, 36, 0, 0); /* so that cuts are not where records begin */
    for (int i = 0; i < 150; i++)
        add_chain(add_record(&file, 960, 0x17, 0), 960, 16);
    check_changes((struct bytes){file.bytes, file.size}, 0, true);
    free(file.bytes);
    b = generated(&(struct generate_spec){
        .schema = "trades", .version = 3, .records = 2000, .symbols = 1, .zstd_level = 1, .frames = 8});
    b.p[b.n - 1] ^= 1;
    check_changes(b, DBN_E_ZSTD_CORRUPT, true);
    free(b.p);
    scratch_close(&victim.on);
}

TESTS(CASE(chains_inside_of_records), CASE(errors_of_a_wrong_guess), CASE(true_errors_behind_wrong_guesses),
      CASE(strings_that_look_like_records), CASE(records_of_equal_bytes), CASE(unknown_types_everywhere),
      CASE(shortest_and_longest_in_turns), CASE(longest_records_behind_a_short_one), CASE(guesses_from_any_bytes),
      CASE(guesses_are_right), CASE(a_file_that_changes_between_shards));
