#include "fuzz.h"

#include "../dbn/inflate.h"

#define XXH_INLINE_ALL
#include <dirent.h>
#include <xxhash.h>

enum { MOST_FILES = 128, MOST_BYTES = 1 << 20, CHANGES = 4 };

struct corpus {
    struct bytes file[MOST_FILES];
    size_t count;
};

static int by_name(const struct dirent **a, const struct dirent **b)
{
    return strcmp((*a)->d_name, (*b)->d_name);
}

static struct corpus corpus_read(const char *folder)
{
    struct corpus c = {0};
    struct dirent **entries;
    char path[512];
    snprintf(path, sizeof path, "tests/fuzz/corpus/%s", folder);
    int n = scandir(path, &entries, NULL, by_name);
    CHECK_FOR(n > 2, "%s", path);
    for (int i = 0; i < n; i++) {
        if (entries[i]->d_name[0] != '.') {
            CHECK(c.count < MOST_FILES);
            snprintf(path, sizeof path, "tests/fuzz/corpus/%s/%s", folder, entries[i]->d_name);
            FILE *f = fopen(path, "rb");
            struct bytes *b = &c.file[c.count++];
            b->p = malloc(MOST_BYTES);
            CHECK_FOR(f && b->p, "%s", path);
            b->n = fread(b->p, 1, MOST_BYTES, f);
            fclose(f);
        }
        free(entries[i]);
    }
    free(entries);
    return c;
}

static void corpus_free(struct corpus *c)
{
    for (size_t i = 0; i < c->count; i++)
        free(c->file[i].p);
}

static size_t below(uint64_t *seed, size_t n)
{
    return n ? (size_t)(stats_random(seed) % n) : 0;
}

/* Replaces `cut` bytes at `at` by the `n` at p. */
static void replace(struct bytes *b, size_t at, size_t cut, const void *p, size_t n)
{
    if (at > b->n || cut > b->n - at || b->n - cut + n > MOST_BYTES)
        return;
    memmove(b->p + at + n, b->p + at + cut, b->n - at - cut);
    memcpy(b->p + at, p, n);
    b->n = b->n - cut + n;
}

/* A number in text becomes one that somebody may not have thought of. */
static void change_number(struct bytes *b, size_t at, uint64_t *seed)
{
    static const char *const numbers[] = {"0",
                                          "-1",
                                          "1",
                                          "2",
                                          "9223372036854775807",
                                          "-9223372036854775808",
                                          "18446744073709551616",
                                          "1e308",
                                          "0.5",
                                          "4294967296",
                                          "null",
                                          "\"\"",
                                          "[]",
                                          "true",
                                          "10000000",
                                          "\"\\u202e\\u001b[31m\""};
    while (at < b->n && (b->p[at] < '0' || b->p[at] > '9'))
        at++;
    size_t end = at;
    while (end < b->n && b->p[end] >= '0' && b->p[end] <= '9')
        end++;
    const char *number = numbers[below(seed, LENGTH(numbers))];
    replace(b, at, end - at, number, strlen(number));
}

static void change(struct bytes *b, const struct corpus *c, uint64_t *seed)
{
    static const uint8_t odd[] = {0, 1, 0x7F, 0x80, 0xFF, '\n', '"', '<', 0x1B, 3};
    size_t at = below(seed, b->n), n = below(seed, 1 + below(seed, b->n - at));
    const struct bytes *other = &c->file[below(seed, c->count)];
    size_t from = below(seed, other->n), most = below(seed, 1 + below(seed, other->n - from));
    switch (below(seed, 8)) {
    case 0:
        if (b->n > 0)
            b->p[at] ^= (uint8_t)(1u << below(seed, 8));
        break;
    case 1:
        if (b->n > 0)
            b->p[at] = odd[below(seed, sizeof odd)];
        break;
    case 2:
        if (b->n > 0)
            b->p[at] = (uint8_t)stats_random(seed);
        break;
    case 3: /* cut off, but not nearly all of it each time */
        b->n -= below(seed, 1 + below(seed, b->n));
        break;
    case 4:
        replace(b, at, n, "", 0);
        break;
    case 5:
        replace(b, at, 0, other->p + from, most);
        break;
    case 6:
        replace(b, at, b->n - at, other->p + from, other->n - from);
        break;
    default:
        change_number(b, at, seed);
    }
}

uint64_t fuzz_seed(const uint8_t *p, size_t n)
{
    return XXH3_64bits(p, n);
}

bool fuzz_inflates_far(const uint8_t *p, size_t n)
{
    static struct pieces whole;
    struct dbn_zstd *z;
    struct dbn_span span;
    size_t far = fuzz_seed(p, n) % 16 ? 16 << 10 : 3 * DBN_ZSTD_OUT, inflated = 0;
    if (!dbn_zstd_magic(p, n))
        return false;
    pieces_set(&whole, p, n, n);
    CHECK_EQ_I64(dbn_zstd_open((struct dbn_source){pieces_next, &whole}, DBN_ZSTD_WINDOW_LOG, &z), 0);
    while (inflated <= far && dbn_zstd_next(z, 1, &span) > 0)
        inflated += span.len;
    dbn_zstd_close(z);
    return inflated > far;
}

/* The bytes in memory of just their size, where a sanitizer sees a read beyond them. */
static void check_exactly(fuzz_check *check, const struct bytes *b)
{
    uint8_t *p = malloc(b->n ? b->n : 1);
    CHECK(p);
    memcpy(p, b->p, b->n);
    check(p, b->n);
    free(p);
}

void fuzz_corpus(const char *folder, fuzz_check *check)
{
    struct corpus c = corpus_read(folder);
    for (size_t i = 0; i < c.count; i++)
        check_exactly(check, &c.file[i]);
    corpus_free(&c);
}

void fuzz_changed(const char *folder, fuzz_check *check, unsigned runs)
{
    struct corpus c = corpus_read(folder);
    struct bytes b = {malloc(MOST_BYTES), 0};
    uint64_t seed = 1;
    CHECK(b.p);
    runs = test_all() ? runs * 20 : runs / SLOWER;
    for (unsigned run = 0; run < runs; run++) {
        const struct bytes *from = &c.file[below(&seed, c.count)];
        memcpy(b.p, from->p, from->n);
        b.n = from->n;
        for (size_t left = 1 + below(&seed, CHANGES); left > 0; left--)
            change(&b, &c, &seed);
        printf("run %u: %zu bytes\n", run, b.n); /* seen if it fails */
        check_exactly(check, &b);
    }
    free(b.p);
    corpus_free(&c);
}
