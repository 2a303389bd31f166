// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/model/service.h"
#include "core/ports/subscriptions.h"

/** Loads the stored subscriptions and registers the handler of actions on them. `max`:
 * how many there may be. After the inventory's, the action API's and the state's init.
 * Main thread. */
int bmc_subscriptions_init(unsigned max, struct bmc_error *err);
/** Shows one that the configuration has, which can't be changed, or removes it (NULL:
 * all of them). Main thread. */
int bmc_subscriptions_show_configured(const struct bmc_subscription *row);
void bmc_subscriptions_hide_configured(void);
/** Stores how far each is, and ends. Main thread. */
void bmc_subscriptions_done(void);
