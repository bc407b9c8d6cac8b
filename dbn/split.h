/* Where does a record begin? Asked in the middle of a stream, there is no sure answer: records carry no mark. This is
 * a good guess, which the caller has to confirm by what lies before. */
#ifndef DBN_SPLIT_H
#define DBN_SPLIT_H

#include "record.h"

#include <stdbool.h>

enum { DBN_SPLIT_WINDOW = 8 << 10 }; /* bytes that are enough to guess from: eight of the longest records */

/* Guesses from n bytes, at most DBN_SPLIT_WINDOW of them, how many there are before a record begins. Records are known
 * to begin at multiples of `step` from p: 4 where a record's place is known, since all their sizes are multiples of
 * that, else 1. False if no chain of lengths runs through the bytes. */
bool dbn_split_guess(const uint8_t *p, size_t n, size_t step, size_t *guess);

#endif
