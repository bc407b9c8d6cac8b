/* dbnbench list machine. */
#ifndef HARNESS_LIST_MACHINE_H
#define HARNESS_LIST_MACHINE_H

#include <stdbool.h>

/* The files are in the folder. An exit code. */
int list_machine(const char *folder, bool json);

#endif
