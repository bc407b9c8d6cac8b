/* Guards our own inflater: whatever it takes, libzstd takes, and finds the same bytes in it. With several threads it
 * ends as libzstd does, records and all. */
#include "../fuzz.h"
#include "../support_inflate.h"

static void check(const uint8_t *p, size_t n)
{
    uint64_t seed = fuzz_seed(p, n);
    struct dbn_buffer file = {0};
    own_agrees((struct bytes){(uint8_t *)p, n}, "as it is");
    add_frame(&file, p, n,
              (struct frame){.level = (int)(stats_random(&seed) % 20),
                             .checksum = stats_random(&seed) % 4 == 0,
                             .content_size = stats_random(&seed) % 2});
    CHECK(own_agrees((struct bytes){file.bytes, file.size}, "compressed"));
    for (int changes = 0; changes < 8; changes++) {
        size_t at = (size_t)(stats_random(&seed) % file.size);
        uint8_t flip = (uint8_t)(1u << stats_random(&seed) % 8);
        file.bytes[at] ^= flip;
        own_agrees((struct bytes){file.bytes, file.size}, "a bit changed");
        if (changes == 0)
            own_agrees_on_threads((struct bytes){file.bytes, file.size}, "a bit changed, three threads");
        file.bytes[at] ^= stats_random(&seed) % 4 ? flip : 0;
    }
    empty(&file);
}

FUZZ(check, "zstd", 1000);
