// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/error.h"

/** Makes the manager's row `bmc`: what this agent says of itself. Its UUID is drawn
 * once and kept in the state database. Main thread, after the state and the inventory;
 * looks every two seconds whether the database takes writes. */
int bmc_manager_init(struct bmc_error *err);
void bmc_manager_done(void);
