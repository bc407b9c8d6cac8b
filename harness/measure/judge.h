/* The one place where "could not run" and "wrong result" are told apart. */
#ifndef HARNESS_JUDGE_H
#define HARNESS_JUDGE_H

#include <stdbool.h>

enum verdict {
    VERDICT_RIGHT,
    VERDICT_COULD_NOT_RUN, /* no memory, no file, a file that changed: it says nothing about the decoder */
    VERDICT_WRONG,         /* the decoder found something else than the reference decoder */
};

/* Of a decode that ended with `outcome`, where the reference decoder ended with `expected` (0 or < 0, see
 * dbn/outcome.h). `equal`: both found the same records, and the same place of the fault if there was one. */
enum verdict judge(int outcome, int expected, bool equal);

/* The same for an outcome that another process printed by its name, as dbn_outcome_name() gives it. NULL or a name that
 * is not known: it could not run. The reference decoder found the file good. */
enum verdict judge_name(const char *outcome, bool equal);

#endif
