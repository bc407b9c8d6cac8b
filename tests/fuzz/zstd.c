/* Guards inflation: any bytes, compressed in any frames, come out as they were; and whatever is damaged then, all ways
 * of reading find the same. */
#include "../fuzz.h"
#include "../support_zstd.h"

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
    struct ending packed = agreed(&file, "compressed", 200, 1 + (size_t)(stats_random(&seed) % 66));
    CHECK_FOR(ending_equal(&packed, &whole, fields), "%s instead of %s", ending_text(&packed), ending_text(&whole));
    size_t at = (size_t)(stats_random(&seed) % file.size);
    file.bytes[at] ^= (uint8_t)(1u << stats_random(&seed) % 8);
    agreed(&file, "a bit changed", 200, 1 + (size_t)(stats_random(&seed) % 66));
    file.size = at;
    agreed(&file, "cut off", 200, 1 + (size_t)(stats_random(&seed) % 66));
    empty(&file);
}

FUZZ(check, "dbn", 1000);
