// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "core/ports/store.h"

/* How far the receivers are that confirm each event: on the disk before they get the
 * next one. Those of the configuration are among them, which have no stored row. Any
 * thread, but for load and done. */

/** Reads what is stored. Main thread, at start. 0 or an error of the store. */
int sub_positions_load(void);
void sub_positions_done(void);

/** As `position` and `confirm` of struct bmc_subscription_ops. */
uint32_t sub_confirmed_position(const char *id);
int sub_confirm(const char *id, uint32_t event, bmc_store_done *done, void *arg);

/** Drops what is known of this receiver. */
void sub_positions_drop(const char *id);
