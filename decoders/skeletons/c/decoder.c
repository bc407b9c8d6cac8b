/* A decoder program for dbnbench: put your decoder in the place of decode(). */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

/* Where a record of this type has its price, and behind it its size; 0 if it has none or is too short. */
static size_t price_at(unsigned type, size_t n)
{
    int usual = type == 0x01 || type == 0xB1 || (type >= 0xC0 && type <= 0xC4);
    if ((type == 0x00 && n >= 48) || (type == 0x0A && n >= 368) || (usual && n >= 80))
        return 16;
    return type == 0xA0 && n >= 56 ? 24 : 0;
}

static uint64_t load(const uint8_t *p, int bytes) /* little-endian */
{
    uint64_t value = 0;
    while (bytes > 0)
        value = value << 8 | p[--bytes];
    return value;
}

/* sums: the number of records, and their ts_event, price and size added up. Returns whether that is a DBN file. */
static int decode(const char *path, uint64_t sums[4])
{
    uint8_t r[255 * 4]; /* a record; it begins with its length in 4-byte words, and its type */
    FILE *f = fopen(path, "rb");
    int good = f && fread(r, 1, 8, f) == 8 && memcmp(r, "DBN", 3) == 0 && r[3] <= 3;
    good = good && fseek(f, (long)load(r + 4, 4) - 1, SEEK_CUR) == 0 && getc(f) != EOF; /* metadata */
    memset(sums, 0, 4 * sizeof sums[0]);
    while (good && fread(r, 1, 1, f) == 1) {
        size_t size = r[0] * 4u;
        good = size >= 16 && fread(r + 1, 1, size - 1, f) == size - 1;
        size_t at = good ? price_at(r[1], size) : 0;
        sums[0] += 1, sums[1] += good ? load(r + 8, 8) : 0;
        sums[2] += at ? load(r + at, 8) : 0, sums[3] += at ? load(r + at + 8, 4) : 0;
    }
    return f && fclose(f) == 0 && good;
}

int main(void)
{
    char line[8192], path[8192] = "", word[8];
    uint64_t s[4];
    for (int n; fgets(line, sizeof line, stdin) && strcmp(line, "quit\n") != 0; fflush(stdout)) {
        if (sscanf(line, "open %8191[^\n]", path) == 1 || strcmp(line, "nothing\n") == 0)
            puts("ok");
        else if (sscanf(line, "%7s sum %d", word, &n) == 2 && (strcmp(word, "run") == 0 || strcmp(word, "warm") == 0)) {
            while (n > 0 && decode(path, s))
                n--;
            if (n > 0)
                puts("error not DBN, or cut off");
            else
                printf("ok %" PRIu64 " %" PRIu64 " %" PRIu64 " %" PRIu64 "\n", s[0], s[1], s[2], s[3]);
        } else
            puts(strcmp(line, "hello 1\n") == 0 ? "hello 1 my decoder 0.1" : "error unknown word");
    }
}
