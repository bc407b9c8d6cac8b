/* Guards files that are cut into shards: of any bytes, compressed or not, the shards find what the whole file gives. */
#include "../fuzz.h"
#include "../support_split.h"

static void check(const uint8_t *p, size_t n)
{
    static struct split_file f;
    uint64_t seed = fuzz_seed(p, n);
    if (fuzz_inflates_far(p, n))
        return;
    unsigned splits[] = {2 + (unsigned)(stats_random(&seed) % 15), 2 + (unsigned)(stats_random(&seed) % 4)};
    if (!f.jobs)
        f = split_open(p, n, "a fuzzed file");
    split_set(&f, p, n);
    f.options.fragment = n && p[0] != 'D' && stats_random(&seed) % 2;
    f.options.block = stats_random(&seed) % 2 ? 0 : 1 + (size_t)(stats_random(&seed) % 3000);
    size_t count = 0;
    while (backends[count])
        count++;
    const struct backend *b = backends[stats_random(&seed) % count];
    if (!backend_unavailable(b) && !b->attach)
        split_check_with(&f, b, stats_random(&seed) % 2 ? "fields" : "rows", splits, LENGTH(splits));
}

FUZZ(check, "dbn", 1000);
