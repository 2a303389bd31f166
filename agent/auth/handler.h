// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/base/work-queue.h"
#include "core/ports/action-handler.h"

/** Registers the handlers of actions on accounts (through the helper, on the thread of
 * `changes`) and on sessions. Main thread. */
void bmc_auth_register(struct bmc_work_queue *changes);
void bmc_auth_unregister(void);
