/* Guards the beginnings of compressed files that are made files of their own: they hold the beginning of the stream up
 * to a record's end, and can be read in every way. */
#include "../support_zstd.h"

#include "../../datasets/excerpt.h"

#include <errno.h>

static struct bytes stream;
static struct dbn_buffer file;

static int64_t look(void *self, void *to, size_t n, uint64_t offset)
{
    (void)self;
    size_t left = offset < file.size ? file.size - (size_t)offset : 0;
    n = n < left ? n : left;
    memcpy(to, file.bytes + offset, n);
    return (int64_t)n;
}

static int excerpt(uint64_t least, struct dbn_buffer *to, uint64_t *held)
{
    return excerpt_zstd((struct dbn_at){look, NULL}, least, to, held);
}

/* The stream in frames that end at these places, and a skippable one behind the first. */
static void set_file(const size_t *ends, size_t n, struct frame f)
{
    empty(&file);
    for (size_t i = 0, from = 0; i < n; from = ends[i++]) {
        add_frame(&file, stream.p + from, ends[i] - from, f);
        if (i == 0)
            add_skippable(&file, 3, 40);
    }
}

/* The excerpt is as good as the file of the same stream cut there. */
static void check(uint64_t least, const char *what)
{
    const struct sink *fields = sink_find("fields");
    struct dbn_buffer to = {0};
    uint64_t held;
    int rc = excerpt(least, &to, &held);
    CHECK_FOR(rc == 1 || (rc == 0 && least > stream.n - 2 * DBN_MAX_RECORD), "%s, %ju: %d", what, (uintmax_t)least, rc);
    if (rc == 1) {
        struct ending e = in_pieces(&to, 0, fields), whole = decode_whole(stream.p, held, fields, false);
        CHECK_FOR(held >= least && held < least + (256 << 10), "%s: %ju for %ju", what, (uintmax_t)held,
                  (uintmax_t)least);
        CHECK_FOR(e.outcome == 0 && ending_equal(&e, &whole, fields), "%s, %ju: %s instead of %s", what,
                  (uintmax_t)least, ending_text(&e), ending_text(&whole));
        agreed(&to, what, 2, 7);
        struct scratch on = scratch_memory();
        const char *path = on.path;
        scratch_set(&on, to.bytes, to.size);
        for (size_t i = 0; backends[i]; i++) {
            if (backends[i]->step != DBN_STEP_BLOCK)
                continue;
            struct job job = {backends[i], fields, &path, 1, 2, UINT64_MAX, defaults, 3, NULL};
            e = job_ending(&job);
            CHECK_FOR(ending_equal(&e, &whole, fields), "%s, %s: %s", what, backends[i]->name, ending_text(&e));
        }
        scratch_close(&on);
    }
    empty(&to);
}

TEST(excerpts_of_all_schemas)
{
    static const struct frame frames[] = {{.checksum = true, .content_size = true}, {.content_size = true}, {0}};
    for (size_t i = 0; generate_schemas[i]; i++) {
        stream = generated_stream(generate_schemas[i], (uint8_t)(1 + i % 3), 3000 / SLOWER, i % 2);
        const size_t ends[] = {stream.n / 3 + 1, stream.n / 2, stream.n};
        for (size_t k = 0; k < LENGTH(frames); k++) {
            set_file(k == 1 ? &ends[2] : ends, k == 1 ? 1 : 3, frames[k]);
            for (uint64_t least = 1; least < stream.n; least += stream.n / 3)
                check(least, generate_schemas[i]);
        }
        free(stream.p);
    }
    empty(&file);
}

/* Cut at every byte, altered at some: it ends, and says why if there is no excerpt. */
TEST(excerpts_of_broken_files)
{
    stream = generated_stream("trades", 3, 9000, false);
    const size_t ends[] = {stream.n / 2, stream.n};
    uint64_t held;
    set_file(ends, 2, (struct frame){.checksum = true, .content_size = true});
    const size_t whole = file.size;
    for (file.size = 0; file.size < whole; file.size += 499 * SLOWER) {
        struct dbn_buffer to = {0};
        int rc = excerpt(stream.n, &to, &held);
        CHECK_FOR(rc == DBN_E_ZSTD_TRUNCATED || rc == DBN_E_ZSTD_CORRUPT || rc == 0, "%zu bytes: %d", file.size, rc);
        empty(&to);
    }
    file.size = whole;
    for (size_t at = 4; at < whole; at += whole / 60) {
        struct dbn_buffer to = {0};
        file.bytes[at] ^= 0x55;
        CHECK_FOR(excerpt(stream.n / 3, &to, &held) <= 1, "byte %zu", at);
        file.bytes[at] ^= 0x55;
        empty(&to);
    }
    free(stream.p);
    empty(&file);
}

TESTS(CASE(excerpts_of_all_schemas), CASE(excerpts_of_broken_files));
