/* Guards inflation of good files: every way in which a compressed stream can be put together gives the records of the
 * plain one, in whatever pieces the file is read. */
#include "../support_zstd.h"

static struct bytes stream; /* what most of the files hold */
static struct dbn_buffer file;

static void begin(void)
{
    stream = generated_stream("all", 3, 24, false);
}

static void end(void)
{
    empty(&file);
    free(stream.p);
}

static void check_good(const char *what)
{
    check_prefix(&file, what, 0, 0, stream, stream.n);
}

TEST(frames_of_every_kind)
{
    begin();
    for (int level = -3; level <= 22; level += 5)
        for (int k = 0; k < 4; k++) {
            add_frame(&file, stream.p, stream.n,
                      (struct frame){.level = level, .checksum = k & 1, .content_size = k & 2});
            check_good("one frame");
        }
    end();
}

TEST(two_frames_cut_anywhere)
{
    begin();
    for (size_t cut = 0; cut <= stream.n; cut += cut < 200 ? sparse(3) : sparse(21)) {
        add_frame(&file, stream.p, cut, usual_frame);
        add_frame(&file, stream.p + cut, stream.n - cut, usual_frame);
        check_good("two frames");
    }
    end();
}

TEST(a_frame_for_every_byte)
{
    begin();
    for (size_t i = 0; i < stream.n; i++)
        add_frame(&file, stream.p + i, 1, (struct frame){0});
    struct ending e = agreed(&file, "a frame for every byte", 16, 3);
    struct ending whole = decode_whole(stream.p, stream.n, sink_find("fields"), false);
    CHECK(ending_equal(&e, &whole, sink_find("fields")));
    end();
}

TEST(skippable_and_empty_frames_anywhere)
{
    static const size_t sizes[] = {0, 1, 11, 1000, DBN_ZSTD_IN - 8, DBN_ZSTD_IN, 3 * DBN_ZSTD_IN};
    begin();
    for (size_t i = 0; i < LENGTH(sizes); i++)
        for (unsigned where = 1; where < 8; where++) {
            size_t half = stream.n / 2;
            if (where & 1)
                add_skippable(&file, 0, sizes[i]);
            add_frame(&file, stream.p, half, usual_frame);
            if (where & 2)
                add_skippable(&file, 7, sizes[i]);
            add_frame(&file, stream.p + half, stream.n - half, (struct frame){0});
            if (where & 4)
                add_skippable(&file, 15, sizes[i]);
            check_good("skippable frames");
        }
    for (unsigned kind = 0; kind < 16; kind++) {
        add_skippable(&file, kind, kind);
        add_frame(&file, NULL, 0, usual_frame);
        add_frame(&file, stream.p, stream.n, usual_frame);
        add_frame(&file, NULL, 0, (struct frame){.content_size = true});
        check_good("a skippable and empty frames");
    }
    end();
}

TEST(no_content_is_an_empty_stream)
{
    begin();
    add_skippable(&file, 0, 100);
    check_prefix(&file, "a skippable frame alone", DBN_E_EMPTY, 0, stream, 0);
    add_frame(&file, NULL, 0, usual_frame);
    check_prefix(&file, "an empty frame alone", DBN_E_EMPTY, 0, stream, 0);
    end();
}

/* More input and output than one call of the library takes or gives. */
TEST(larger_than_any_buffer)
{
    static const size_t sizes[] = {0, 1000, DBN_ZSTD_IN - 1, DBN_ZSTD_IN, DBN_ZSTD_IN + 1, 3 * DBN_ZSTD_IN + 5};
    begin();
    free(stream.p);
    stream = generated_stream("all", 2, 3000, true);
    for (int k = 0; k < 3; k++) {
        size_t cut = k == 0 ? stream.n : k == 1 ? 300000 : 2 * (size_t)DBN_ZSTD_OUT;
        add_frame(&file, stream.p, cut, (struct frame){.level = k, .checksum = true, .content_size = k == 1});
        if (cut < stream.n)
            add_frame(&file, stream.p + cut, stream.n - cut, usual_frame);
        struct ending whole = decode_whole(stream.p, stream.n, sink_find("fields"), false);
        for (size_t i = 0; i < LENGTH(sizes); i++) {
            struct ending e = in_pieces(&file, sizes[i], sink_find("fields"));
            CHECK_FOR(ending_equal(&e, &whole, sink_find("fields")), "pieces of %zu: %s", sizes[i], ending_text(&e));
        }
        empty(&file);
    }
    end();
}

TEST(plain_input_is_lent_on)
{
    begin();
    add(&file, stream.p, stream.n);
    check_good("not compressed");
    end();
}

TEST(frames_are_counted)
{
    struct dbn_zstd *z;
    struct dbn_span out;
    struct pieces s = {0};
    begin();
    add_skippable(&file, 3, 9);
    add_frame(&file, stream.p, 5, usual_frame);
    add_frame(&file, NULL, 0, (struct frame){0});
    add_frame(&file, stream.p + 5, 20, (struct frame){.checksum = true, .content_size = true});
    add_frame(&file, stream.p + 25, 20, (struct frame){.content_size = true});
    pieces_set(&s, file.bytes, file.size, 3);
    CHECK_EQ_I64(dbn_zstd_open((struct dbn_source){pieces_next, &s}, DBN_ZSTD_WINDOW_LOG, &z), 0);
    uint64_t at = 0;
    while (dbn_zstd_next(z, 1, &out) > 0) {
        CHECK(out.offset == at && memcmp(out.ptr, stream.p + at, out.len) == 0);
        at += out.len;
    }
    CHECK_EQ_U64(at, 45);
    CHECK_EQ_U64(dbn_zstd_stats(z).frames, 4);
    CHECK_EQ_U64(dbn_zstd_stats(z).checksums, 2);
    dbn_zstd_close(z);
    pieces_free(&s);
    end();
}

TESTS(CASE(frames_of_every_kind), CASE(two_frames_cut_anywhere), CASE(a_frame_for_every_byte),
      CASE(skippable_and_empty_frames_anywhere), CASE(no_content_is_an_empty_stream), CASE(larger_than_any_buffer),
      CASE(plain_input_is_lent_on), CASE(frames_are_counted));
