/* How cases fail. */
#include "../cli/exit.h"
#include "../results/store.h"
#include "cases.h"

#include <inttypes.h>
#include <stdio.h>

void case_fail(struct gbench_state *s, int *worst, int code, const char *text)
{
    char clean[SAMPLE_ERROR]; /* it may name a file, and goes into JSON */
    snprintf(clean, sizeof clean, "%s", text);
    sample_clean_text(clean);
    gbench_fail(s, clean);
    if (*worst != EXIT_MISMATCH)
        *worst = code;
}

void case_fail_tally(struct gbench_state *s, int *worst, const struct tally *found, const struct tally *expected)
{
    char text[SAMPLE_ERROR];
    snprintf(text, sizeof text,
             "wrong result: %" PRIu64 " records, %" PRIu64 " bytes, digest %016" PRIx64 " instead of %" PRIu64
             ", %" PRIu64 ", %016" PRIx64,
             found->records, found->bytes, found->digest, expected->records, expected->bytes, expected->digest);
    case_fail(s, worst, EXIT_MISMATCH, text);
}
