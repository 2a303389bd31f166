// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/actions/action.h"

/* Life of the action API (action.h is what frontends use). In main(): after the state
 * and the inventory, and before the frontends:
 *
 *   bmc_actions_init    loads the tasks and claims the boards of those that were cut
 * short (instances start) bmc_actions_start   goes on with them, and hands stored
 * settings to the hardware again (frontends start ... frontends end) bmc_actions_done
 * stops at once: what is under way goes on after the next start (instances end) */

/** `keep`: ended tasks that are kept, at least 1. `test`: honours CLUSTERBMC_CRASH_AT=N
 * in the environment, which kills the process once its N-th journal entry is on the
 * disk.
 */
int bmc_actions_init(unsigned keep, bool test, struct bmc_error *err);
/** Ended tasks are removed after so many milliseconds; 0: never. Before
 * bmc_actions_init. */
void bmc_actions_keep_tasks_for(int64_t ms);
/** A fan's mode Manual, set without a time limit, gets this one (1 s to 30 days); 0: it
 * lasts. Before bmc_actions_init. */
void bmc_actions_limit_manual_fans(int64_t ms);
/** So many updates are under way at once (at least 1); without it one is. Before
 * bmc_actions_init. */
void bmc_actions_limit_updates(unsigned at_once);
void bmc_actions_start(void);
void bmc_actions_done(void);
