/* Instructions of a program, counted by valgrind: a figure that a busy machine does not change. */
#ifndef HARNESS_INSTRUCTIONS_H
#define HARNESS_INSTRUCTIONS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* Runs the program under callgrind: some 50 times as slow, with a deadline. argv and environment as in struct
 * child_program. *n: the instructions of all its threads, without what the kernel does for it; or the reason in why (""
 * if there is none) that they are not known. False: stopped by a signal. */
bool instructions_count(const char *const *argv, const char *const *environment, uint64_t *n, char *why, size_t size);

#endif
