/* Outcomes: one return convention for the whole program, read(2)'s.
 * > 0: that many things; 0: done; < 0: an error, either -errno or one of the codes below. */
#ifndef DBN_OUTCOME_H
#define DBN_OUTCOME_H

#include "api.h"

#include <stdbool.h>

DBN_API_BEGIN

/* The codes lie below -4095, where no errno is. */
enum dbn_outcome {
    DBN_E_BEGIN_ = -5000,
#define OUTCOME(name, text) DBN_E_##name,
#define OUTCOME_IN_FILE DBN_E_IN_FILE_,
#include "outcome.def"
    DBN_E_END_,
};

/* The code's name, "TRUNCATED_RECORD"; "OK" for 0; for -errno "OUT_OF_MEMORY", "NO_THREAD" or "IO_ERROR". */
const char *dbn_outcome_name(int code);

/* One line for a user; for -errno strerror's. The string is constant, or strerror's. */
const char *dbn_outcome_text(int code);

/* Did something else than the bytes of the file end it: the system, or a file that is none or changed? Such an outcome
 * says nothing about a decoder, and without an offset (0) the file was not begun. */
bool dbn_outcome_could_not_run(int code);

/* Does the offset that comes with this code count in the file (true) or in the inflated stream (false)? */
bool dbn_outcome_in_file(int code);

DBN_API_END

#endif
