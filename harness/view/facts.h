/* Facts of the machine, for people. */
#ifndef HARNESS_FACTS_H
#define HARNESS_FACTS_H

#include <jansson.h>
#include <stdio.h>

/* An object of objects, a section each. Its "missing" says why a fact is null. */
void facts_print(const json_t *facts, FILE *to);

#endif
