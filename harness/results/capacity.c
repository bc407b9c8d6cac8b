#include "capacity.h"

#include <inttypes.h>
#include <stdio.h>

const char *const capacity_names[CAPACITY_KERNELS] = {
    [CAPACITY_ARITHMETIC] = "arithmetic",
    [CAPACITY_MEMORY] = "memory",
};

void capacity_name(enum capacity_kind kernel, uint64_t threads, char name[LIMIT_NAME])
{
    snprintf(name, LIMIT_NAME, "%s x%" PRIu64, capacity_names[kernel], threads);
}
