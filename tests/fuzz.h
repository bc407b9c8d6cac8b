/* A fuzz target is a file in tests/fuzz with a function that CHECKs something of any bytes at all:
 *
 *   static void check(const uint8_t *p, size_t n) ...
 *   FUZZ(check, "dbn", 2000);
 *
 * As a test it gets each file of tests/fuzz/corpus/dbn, and then 2000 changed ones, the same every time (20 times as
 * many in `make test-all`). `make fuzz` builds it with libFuzzer instead, where there is one, and looks for more; what
 * that finds belongs into the corpus, so that it is tried for ever after. */
#ifndef TESTS_FUZZ_H
#define TESTS_FUZZ_H

#include "support.h"

#ifdef LIBFUZZER
#define FUZZ(check, corpus, runs)                                                                                      \
    int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n);                                                            \
    int LLVMFuzzerTestOneInput(const uint8_t *p, size_t n)                                                             \
    {                                                                                                                  \
        check(p, n);                                                                                                   \
        return 0;                                                                                                      \
    }                                                                                                                  \
    _Static_assert(1, "")
#else
#define FUZZ(check, corpus, runs)                                                                                      \
    TEST(files_of_the_corpus)                                                                                          \
    {                                                                                                                  \
        fuzz_corpus(corpus, check);                                                                                    \
    }                                                                                                                  \
    TEST(changed_files)                                                                                                \
    {                                                                                                                  \
        fuzz_changed(corpus, check, runs);                                                                             \
    }                                                                                                                  \
    TESTS(CASE_WITHIN(test_seconds, files_of_the_corpus), CASE_WITHIN(test_seconds, changed_files))
enum { test_seconds = 600 };
#endif

typedef void fuzz_check(const uint8_t *p, size_t n);
void fuzz_corpus(const char *folder, fuzz_check *check);
void fuzz_changed(const char *folder, fuzz_check *check, unsigned runs);

/* A number that depends on the bytes alone, to choose by what is done with them. */
uint64_t fuzz_seed(const uint8_t *p, size_t n);

/* Do these bytes inflate to so much that a decode takes long? A few that do are let through, by their seed. */
bool fuzz_inflates_far(const uint8_t *p, size_t n);

#endif
