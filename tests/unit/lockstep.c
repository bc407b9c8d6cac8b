/* Guards the search for the first record in which a backend errs: with backends that err on purpose. */
#include "../../dbn/record.h"
#include "../../harness/measure/job.h"
#include "../test.h"

#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

/* A fragment of four trades, with sizes 0 to 3. */
enum { RECORDS = 4, SIZE = sizeof(struct dbn_trade) };
static struct dbn_trade trades[RECORDS];
static bool lent;

static int broken_open(const struct backend_input *in, void **self)
{
    (void)in;
    *self = trades;
    lent = false;
    return 0;
}

static int broken_next(void *self, size_t need, struct dbn_span *out)
{
    (void)need;
    *out = (struct dbn_span){.ptr = self, .len = sizeof trades};
    int more = !lent;
    lent = true;
    return more;
}

static int early_next(void *self, size_t need, struct dbn_span *out)
{
    int more = broken_next(self, need, out);
    out->len = 2 * SIZE;
    return more;
}

static int late_next(void *self, size_t need, struct dbn_span *out)
{
    int more = broken_next(self, need, out);
    *out = (struct dbn_span){.ptr = out->ptr + SIZE, .len = out->len - SIZE, .offset = SIZE};
    return more;
}

static int broken_close(void *self, struct backend_counts *counts)
{
    (void)self, (void)counts;
    return 0;
}

/* The file has the trades as they are now; what the backend makes of them comes later. */
static void write_file(char *path)
{
    for (unsigned i = 0; i < RECORDS; i++)
        trades[i] = (struct dbn_trade){.hd = {.length = SIZE / 4}, .size = i, .action = 'T'};
    int fd = mkstemp(path);
    CHECK(fd >= 0 && write(fd, trades, sizeof trades) == sizeof trades && close(fd) == 0);
}

static void check(const struct backend *b, const char *path, const char *expected)
{
    const struct input_options options = {.fragment = true, .window_log = 23, .metadata_limit = 1 << 20};
    char text[400];
    bool differ = lockstep(b, path, &options, text, sizeof text);
    CHECK_STR(differ ? text : NULL, expected);
}

TEST(first_difference_is_named)
{
    char path[] = "/tmp/test_lockstep.XXXXXX";
    struct backend b = {.name = "broken", .open = broken_open, .next = broken_next, .close = broken_close};
    write_file(path);
    for (size_t i = 0; backends[i]; i++)
        if (!backend_unavailable(backends[i]))
            check(backends[i], path, NULL);
    check(&b, path, NULL);
    trades[3].price = -1;
    check(&b, path, "the record at byte 144 of the stream has price -1 instead of 0");
    trades[1].size = 9;
    trades[1].action = '\x1b';
    check(&b, path, "the record at byte 48 of the stream has size 9 instead of 1");
    trades[0].hd.rtype = 0xA0;
    check(&b, path, "the record at byte 0 of the stream has rtype 160 instead of 0");
    trades[0].hd.length = 20;
    check(&b, path, "the record at byte 0 of the stream, of 48 bytes, is found at byte 0, of 80 bytes");
    trades[0].hd.length = 0;
    check(&b, path, "the record at byte 0 of the stream is missing (BAD_RECORD_LENGTH at byte 0)");
    unlink(path);
}

TEST(lost_records_are_named)
{
    char path[] = "/tmp/test_lockstep.XXXXXX";
    struct backend b = {.name = "early", .open = broken_open, .next = early_next, .close = broken_close};
    write_file(path);
    check(&b, path, "the record at byte 96 of the stream is missing");
    b.next = late_next;
    check(&b, path, "the record at byte 0 of the stream, of 48 bytes, is found at byte 48, of 48 bytes");
    unlink(path);
}

TESTS(CASE(first_difference_is_named), CASE(lost_records_are_named));
