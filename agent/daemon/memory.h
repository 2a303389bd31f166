// SPDX-License-Identifier: Apache-2.0
#pragma once

/* How much of the machine's memory the daemon holds on to. */

/** Before the first thread starts. */
void bmc_memory_init(void);
/** Gives back what only the start has needed of the heap, or a load that is over: the
 * pages between what is in use. Any thread. */
void bmc_memory_trim(void);
