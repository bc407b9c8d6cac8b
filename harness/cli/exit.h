/* Exit codes of every command; documented in docs/reference.md and the manual page. */
#ifndef HARNESS_EXIT_H
#define HARNESS_EXIT_H

enum {
    EXIT_FINE = 0,
    EXIT_REGRESSED = 1, /* a gate found head worse than base, or a comparison a run slower */
    EXIT_USAGE = 2,
    EXIT_INCONCLUSIVE = 3,  /* a strict gate was, or a comparison that judges had too few samples */
    EXIT_MISMATCH = 4,      /* a decoder gave a wrong result */
    EXIT_FAILED = 5,        /* bad input, or a backend that could not run */
    EXIT_INTERRUPTED = 130, /* what was taken is kept */
};

#endif
