// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/actions/action.h"

/* Recovers boards that do not answer, without being asked for, when the platform file
 * says so (`recovery`): as often as it says, with growing pauses, one board at a time.
 * Main thread only. */

void bmc_recover_start(void);
void bmc_recover_stop(void);
