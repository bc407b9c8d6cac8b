#include "case.h"

#include <inttypes.h>
#include <stdio.h>
#include <string.h>

int case_compare(const struct case_key *a, const struct case_key *b)
{
    int order = 0;
#define ORDER_TEXT(a, b) strcmp(a, b)
#define ORDER_COUNT(a, b) ((a) > (b)) - ((a) < (b))
#define ORDER_FLAG(a, b) ((a) - (b))
#define CASE(type, member, ...) order = order ? order : ORDER_##type(a->member, b->member);
#include "fields.def"
    return order;
}

bool case_equal(const struct case_key *a, const struct case_key *b)
{
    return case_compare(a, b) == 0;
}

static void add(char name[CASE_NAME], const char *what, uint64_t value)
{
    size_t n = strlen(name);
    snprintf(name + n, CASE_NAME - n, "/%s:%" PRIu64, what, value);
}

void case_block(uint64_t block, char *text, size_t size)
{
    if (block == 0)
        snprintf(text, size, "-");
    else if (block % (1 << 20) == 0)
        snprintf(text, size, "%" PRIu64 "M", block >> 20);
    else if (block % (1 << 10) == 0)
        snprintf(text, size, "%" PRIu64 "K", block >> 10);
    else
        snprintf(text, size, "%" PRIu64, block);
}

void case_name(const struct case_key *k, char name[CASE_NAME])
{
    snprintf(name, CASE_NAME, "%s/%s/%s", k->dataset, k->backend, k->sink);
    add(name, "threads", k->threads);
    if (k->files > 1)
        add(name, "files", k->files);
    if (k->split > 1)
        add(name, "split", k->split);
    if (k->block) {
        char block[32];
        case_block(k->block, block, sizeof block);
        strcat(strcat(name, "/block:"), block);
    }
    if (k->depth)
        add(name, "depth", k->depth);
    if (*k->advice)
        strcat(strcat(name, "/advice:"), k->advice);
    if (k->requested)
        add(name, "records", k->requested);
    if (k->cold)
        strcat(name, "/cold");
    if (*k->decoder)
        strcat(strcat(name, "/decoder:"), k->decoder);
}
