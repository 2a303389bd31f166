// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/actions/action.h"

/* Life of the door (action.h is what faces use). In main(): after the state and the
 * inventory, and before the faces:
 *
 *   bmc_door_init    loads the tasks and claims the boards of those that were cut short
 *   (instances start)
 *   bmc_door_start   goes on with them, and hands stored settings to the hardware again
 *   (faces start ... faces end)
 *   bmc_door_done    stops at once: what is under way goes on after the next start
 *   (instances end) */

/** `keep`: ended tasks that are kept (0: 500). `test`: honours CLUSTERBMC_CRASH_AT=N in
 * the environment, which kills the process once its N-th journal entry is on the disk.
 */
int bmc_door_init(unsigned keep, bool test, struct bmc_error *err);
void bmc_door_start(void);
void bmc_door_done(void);
