/* Guards our own inflater: whatever it takes, libzstd takes, and finds the same bytes in it. With several threads it
 * ends as libzstd does, records and all. */
#include "../fuzz.h"
#include "../support_inflate.h"

static void by_threads(struct bytes file, const char *what)
{
    struct scratch on = scratch_memory();
    const char *path = on.path;
    scratch_set(&on, file.p, file.n);
    struct job job = {backend_find("buffered"), sink_find("frame"), &path, 1, 1, UINT64_MAX, defaults, 1};
    job.options.fragment = true;
    struct ending one = job_ending(&job);
    job.backend = backend_find("inflate");
    job.threads = 3;
    struct ending many = job_ending(&job);
    CHECK_FOR(ending_equal(&many, &one, sink_find("frame")), "%s: %s instead of %s", what, ending_text(&many),
              ending_text(&one));
    scratch_close(&on);
}

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
            by_threads((struct bytes){file.bytes, file.size}, "a bit changed, three threads");
        file.bytes[at] ^= stats_random(&seed) % 4 ? flip : 0;
    }
    empty(&file);
}

FUZZ(check, "zstd", 1000);
