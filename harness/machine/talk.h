/* A program to talk with in lines, over its standard input and output. It is no more trusted than any other: nothing
 * waits without a deadline, no answer is longer than TALK_LINE, and when the talk ends, so has every process that it
 * left, wherever those went. That holds too where this process is killed in the midst of it. */
#ifndef HARNESS_TALK_H
#define HARNESS_TALK_H

#include "child.h"

#include <stdbool.h>
#include <sys/types.h>

enum { TALK_LINE = 4096, TALK_ERRORS = 4096 };

enum talk_end {
    TALK_ANSWERED,
    TALK_NOT_STARTED, /* detail: errno */
    TALK_EXITED,      /* detail: its exit status */
    TALK_CRASHED,     /* detail: the signal */
    TALK_TIMED_OUT,
    TALK_CLOSED,   /* it closed its standard output */
    TALK_TOO_LONG, /* its answer */
    TALK_EARLY,    /* it answered before it was asked */
};

struct talk {
    pid_t keeper; /* the root of its processes */
    int to, from, errors, link;
    enum talk_end end; /* of the talk, and of the program; TALK_ANSWERED: it goes on */
    enum talk_end gone;
    int detail;
    uint64_t deadline;          /* of the monotonic clock, in ns */
    char answer[TALK_LINE];     /* the last one, without its line end; answer_size bytes, and a NUL behind them */
    size_t answer_size, held;   /* held: what has arrived */
    char said[TALK_ERRORS + 1]; /* the end of what it wrote to its standard error */
    size_t said_size;
};

/* Starts it, with p->argv, environment, folder and timeout_ms, which is for all of the talk. If that fails, the first
 * question tells. */
void talk_begin(struct talk *t, const struct child_program *p);

/* Asks one line, and awaits the answer. Once it failed, it only says so again. */
enum talk_end talk_ask(struct talk *t, const char *question);

/* Asks that last line if it has answered so far, leaves it a moment to end, and kills what is left. quit NULL: only
 * that. */
void talk_close(struct talk *t, const char *quit);

#endif
