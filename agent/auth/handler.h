// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "auth/pool.h"
#include "core/ports/action-handler.h"

/** Who carries out actions on accounts (through the helper, on `changes`) and sessions.
 * After a change `refresh` is run on the main thread before the action's answer is
 * given. */
void bmc_auth_register(struct bmc_auth_pool *changes);
void bmc_auth_unregister(void);
