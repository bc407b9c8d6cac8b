/* Pieces of files: what a sample of a folder is made of. Each is the beginning of a file, or all of it, and can be read
 * in every way in which files are. */
#ifndef HARNESS_EXCERPTS_H
#define HARNESS_EXCERPTS_H

#include "../analysis/advice.h"
#include "job.h"
#include "plan.h"

struct excerpts {
    size_t n;
    size_t *files; /* of the advice: whose pieces they are */
    const char **paths;
    uint64_t *ends;  /* bytes of each path to read */
    uint64_t *sizes; /* bytes of each file that it stands for */
    int *fds;        /* of files in memory; -1: none */
    uint64_t bytes;
    struct tally tally; /* what one thread that only reads blocks found in all of them */
};

/* Pieces of the n files, each with about `most` bytes of the stream (UINT64_MAX: all). A file that turns out to be bad
 * is complained of, and gets none. > 0: a signal stopped it; 0; < 0: there was something to complain of. To be freed
 * in any case. */
int excerpts_make(struct advice *a, const size_t *files, size_t n, uint64_t most, const struct sink *sink,
                  const struct input_options *input, plan_complain *complain, struct excerpts *p);

/* All of the n as one; files in memory stay theirs. */
void excerpts_join(const struct excerpts *parts, size_t n, struct excerpts *p);

/* The first of them packed into frames of the level (0: not compressed), in memory, `repeats` times the same. 0 or < 0.
 */
struct excerpts_packed {
    uint64_t stream, size; /* bytes of one of them, not packed and packed */
    double seconds;        /* that packing took */
};
int excerpts_pack(const struct excerpts *from, int level, size_t repeats, const struct input_options *input,
                  struct excerpts *p, struct excerpts_packed *as);

/* A file without records. 0 or < 0. */
int excerpts_empty(struct excerpts *p);

void excerpts_free(struct excerpts *p);

#endif
