// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/snapshot/snapshot.h"

/* The triggers' watch. Main thread. */

/** Compares the metric of each enabled trigger with its limits; raises an event for
 *  each row whose reading is in another range than before. Returns whether any trigger
 *  is enabled. */
bool bmc_triggers_watch(const struct bmc_snapshot *s);
/** Forgets in which ranges readings were. */
void bmc_triggers_done(void);
