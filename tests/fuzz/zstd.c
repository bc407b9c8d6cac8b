/* Guards inflation: any bytes, compressed in any frames, come out as they were; and whatever is damaged then, all ways
 * of reading find the same. */
#include "../fuzz.h"
#include "../support_zstd.h"

#ifdef LIBFUZZER /* which has many inputs to be cut, each another way */
enum { MOST_SIZES = 1 };
#else
enum { MOST_SIZES = 200 };
#endif

/* As they are, and in pieces of some sizes, up to 200 bytes. */
static struct ending cut_somehow(const struct dbn_buffer *file, const char *what, uint64_t *seed)
{
    size_t stride = 1 + (size_t)(stats_random(seed) % 66), sizes = MOST_SIZES * stride;
    return agreed(file, what, sizes < 200 ? sizes : 200, stride);
}

static void add_frames(struct dbn_buffer *file, const uint8_t *p, size_t n, uint64_t *seed)
{
    for (size_t at = 0, size; at < n || file->size == 0; at += size) {
        size = stats_random(seed) % 4 ? (size_t)(stats_random(seed) % 700) : n - at;
        size = size < n - at ? size : n - at;
        if (stats_random(seed) % 6 == 0)
            add_skippable(file, (unsigned)(stats_random(seed) % 16), (size_t)(stats_random(seed) % 40));
        add_frame(file, p + at, size,
                  (struct frame){.level = (int)(stats_random(seed) % 6) - 1,
                                 .checksum = stats_random(seed) % 2,
                                 .content_size = stats_random(seed) % 2});
        if (n == 0)
            return;
    }
}

static void check(const uint8_t *p, size_t n)
{
    uint64_t seed = fuzz_seed(p, n);
    struct dbn_buffer file = {0};
    const struct sink *fields = sink_find("fields");
    if (n >= 4 && p[0] != 'D') /* zstd within zstd is none of ours */
        return;
    add_frames(&file, p, n, &seed);
    struct ending whole = decode_whole(p, n, fields, false);
    struct ending packed = cut_somehow(&file, "compressed", &seed);
    CHECK_FOR(ending_equal(&packed, &whole, fields), "%s instead of %s", ending_text(&packed), ending_text(&whole));
    size_t at = (size_t)(stats_random(&seed) % file.size);
    file.bytes[at] ^= (uint8_t)(1u << stats_random(&seed) % 8);
    cut_somehow(&file, "a bit changed", &seed);
    file.size = at;
    cut_somehow(&file, "cut off", &seed);
    empty(&file);
}

FUZZ(check, "dbn", 1000);
