// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/actions/action.h"

/* What the chassis itself asks for, by the one action API: its boards at the start of
 * main, and its buttons. Main thread. */

/** Has `op` carried out on all boards but main, those that it makes sense for, as one
 * task. `params` is the plan, or NULL. `done` as bmc_action_submit's. */
int bmc_chassis_boards(const struct bmc_actor *who, enum bmc_action_op op,
		       struct bmc_params *params,
		       void (*done)(void *arg, const struct bmc_result *),
		       struct bmc_error *err);
/** The platform file's plan for powering the boards on; NULL: no memory. */
struct bmc_params *bmc_power_on_plan(void);

/** Powers the boards on if the platform file says so and that was not done since main
 * has booted. Goes on when it is known which of them are on. */
void bmc_power_on_start(void);
void bmc_power_on_done(void);

void bmc_buttons_init(void);
void bmc_buttons_done(void);
