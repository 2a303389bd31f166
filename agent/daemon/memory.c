// SPDX-License-Identifier: Apache-2.0
// See memory.h. Called by main() and when the daemon is ready.
#include "daemon/memory.h"

#include <malloc.h>

/* The default is eight for each processor, and each keeps its own free memory. Threads
 * have small caches of their own, so one is as quick. */
#define ARENAS 1

/* A large block is mapped and goes back to the system when it is freed, and so does the
 * free end of the heap. Left to itself malloc raises both limits with the first large
 * block that is freed. */
#define MAPPED (128 << 10)

void bmc_memory_init(void)
{
	(void)mallopt(M_ARENA_MAX, ARENAS);
	(void)mallopt(M_MMAP_THRESHOLD, MAPPED);
	(void)mallopt(M_TRIM_THRESHOLD, MAPPED);
}

void bmc_memory_trim(void)
{
	(void)malloc_trim(0);
}
