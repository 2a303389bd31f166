// SPDX-License-Identifier: Apache-2.0
/* The recipes: what is done to a board for each operation. Data only; run.c
 * walks it. */
#include "core/tasks/recipes.h"

#define NO_POWER_ON \
	"the POWER pin is set, but the board has no power: check board and wiring"
#define NO_POWER_OFF \
	"the POWER pin is released, but the board has power: check the wiring"
#define NO_RESET                                                                      \
	"the board did not react to its RESET pin: check the wiring, or power cycle " \
	"it"

/* clang-format off */

/* Off, settle, on again: from step `at` on, the end is at + 5. */
#define OFF_AND_ON(at, words)                                                              \
	[at]     = { BMC_DO_VERB, .verb = "power", .arg = 0, .hold = true,                 \
	             .doing = "switching the power off" },                                 \
	[at + 1] = { BMC_DO_WAIT, .cond = BMC_COND_UNPOWERED, .limit = BMC_LIMIT_CONFIRM,  \
	             .hold = true, .doing = "waiting for the power to go",                 \
	             .failed = NO_POWER_OFF },                                             \
	[at + 2] = { BMC_DO_PAUSE, .limit = BMC_LIMIT_SETTLE, .hold = true,                \
	             .doing = "letting it settle without power" },                         \
	[at + 3] = { BMC_DO_VERB, .verb = "power", .arg = 1, .inrush = true, .hold = true, \
	             .doing = "switching the power on" },                                  \
	[at + 4] = { BMC_DO_WAIT, .cond = BMC_COND_POWERED, .limit = BMC_LIMIT_CONFIRM,    \
	             .hold = true, .doing = "waiting for the power to come",               \
	             .failed = NO_POWER_ON },                                              \
	[at + 5] = { BMC_DO_END, .doing = words }

static const struct bmc_step on[] = {
	{ BMC_DO_VERB, .verb = "power", .arg = 1, .inrush = true,
	  .doing = "switching the power on" },
	{ BMC_DO_WAIT, .cond = BMC_COND_POWERED, .limit = BMC_LIMIT_CONFIRM,
	  .doing = "waiting for the power to come", .failed = NO_POWER_ON },
	{ BMC_DO_END, .doing = "power is on" },
};

static const struct bmc_step force_off[] = {
	{ BMC_DO_VERB, .verb = "power", .arg = 0, .doing = "switching the power off" },
	{ BMC_DO_WAIT, .cond = BMC_COND_UNPOWERED, .limit = BMC_LIMIT_CONFIRM,
	  .doing = "waiting for the power to go", .failed = NO_POWER_OFF },
	{ BMC_DO_END, .doing = "power is off" },
};

/* Never falls back to the pin by itself while the system runs: data may be at stake. */
static const struct bmc_step graceful_shutdown[] = {
	{ BMC_DO_VERB, .verb = "os_shutdown", .cond = BMC_COND_SEEN_OFF,
	  .limit = BMC_LIMIT_SHUTDOWN, .from_start = true,
	  .doing = "asking the operating system to shut down",
	  .failed = "the operating system did not take the request; ForceOff switches it off" },
	{ BMC_DO_WAIT, .cond = BMC_COND_GONE, .limit = BMC_LIMIT_SHUTDOWN, .from_start = true,
	  .doing = "waiting for the operating system to go down",
	  .failed = "the operating system did not go down, it is still on; ForceOff switches it off" },
	{ BMC_DO_WAIT, .cond = BMC_COND_CAN_POWER, .limit = BMC_LIMIT_NOW, .on_fail = 5 },
	{ BMC_DO_VERB, .verb = "power", .arg = 0, .doing = "switching the power off" },
	{ BMC_DO_WAIT, .cond = BMC_COND_UNPOWERED, .limit = BMC_LIMIT_CONFIRM,
	  .doing = "waiting for the power to go", .failed = NO_POWER_OFF },
	{ BMC_DO_END, .doing = "shut down by its operating system" },
};

static const struct bmc_step graceful_restart[] = {
	[0] = { BMC_DO_VERB, .verb = "os_reboot", .cond = BMC_COND_SEEN_OFF,
	        .limit = BMC_LIMIT_LEAVE, .from_start = true, .on_fail = 2,
	        .doing = "asking the operating system to restart" },
	[1] = { BMC_DO_WAIT, .cond = BMC_COND_LEFT, .limit = BMC_LIMIT_LEAVE, .from_start = true,
	        .on_ok = 3, .on_fail = 4, .doing = "waiting for the board to leave USB" },
	[2] = { BMC_DO_WAIT, .cond = BMC_COND_SEEN_OFF, .limit = BMC_LIMIT_NOW,
	        .on_ok = 3, .on_fail = 4 },
	[3] = { BMC_DO_END, .doing = "restarted by its operating system" },
	[4] = { BMC_DO_WAIT, .cond = BMC_COND_CAN_RESET, .limit = BMC_LIMIT_NOW, .on_fail = 8 },
	[5] = { BMC_DO_VERB, .verb = "reset", .pulse = true, .event = "ResetFellBackToPin",
	        .doing = "pulsing the RESET pin: the operating system did not restart the board" },
	[6] = { BMC_DO_WAIT, .cond = BMC_COND_LEFT, .limit = BMC_LIMIT_LEAVE, .trust = true,
	        .doing = "waiting for the board to leave USB after the RESET pin",
	        .failed = NO_RESET },
	[7] = { BMC_DO_END,
	        .doing = "restarted by the RESET pin: its operating system did not do it" },
	[8] = { BMC_DO_WAIT, .cond = BMC_COND_CAN_POWER, .limit = BMC_LIMIT_NOW,
	        .failed = "the operating system did not restart it, and it has no pin for it" },
	OFF_AND_ON(9, "restarted by switching its power off and on: its system did not do it"),
};

static const struct bmc_step force_restart[] = {
	[0] = { BMC_DO_WAIT, .cond = BMC_COND_RESETTABLE, .limit = BMC_LIMIT_NOW, .on_fail = 10 },
	[1] = { BMC_DO_VERB, .verb = "reset", .pulse = true, .doing = "pulsing the RESET pin" },
	[2] = { BMC_DO_WAIT, .cond = BMC_COND_LEFT, .limit = BMC_LIMIT_LEAVE, .trust = true,
	        .doing = "waiting for the board to leave USB", .failed = NO_RESET },
	[3] = { BMC_DO_END, .doing = "restarted by the RESET pin" },
	OFF_AND_ON(4, "restarted by switching its power off and on"),
	/* the restart of what is off is its start */
	[10] = { BMC_DO_WAIT, .cond = BMC_COND_IS_OFF, .limit = BMC_LIMIT_NOW, .on_fail = 4 },
	[11] = { BMC_DO_VERB, .verb = "power", .arg = 1, .inrush = true,
	         .doing = "switching the power on" },
	[12] = { BMC_DO_WAIT, .cond = BMC_COND_POWERED, .limit = BMC_LIMIT_CONFIRM,
	         .doing = "waiting for the power to come", .failed = NO_POWER_ON },
	[13] = { BMC_DO_END, .doing = "it was off: power is on" },
};

static const struct bmc_step power_cycle[] = {
	OFF_AND_ON(0, "power was switched off and on"),
};

#define RECIPE(steps) { steps, sizeof(steps) / sizeof((steps)[0]) }
static const struct bmc_recipe recipes[BMC_N_ACTS] = {
	[BMC_ACT_ON]                = RECIPE(on),
	[BMC_ACT_FORCE_OFF]         = RECIPE(force_off),
	[BMC_ACT_GRACEFUL_SHUTDOWN] = RECIPE(graceful_shutdown),
	[BMC_ACT_GRACEFUL_RESTART]  = RECIPE(graceful_restart),
	[BMC_ACT_FORCE_RESTART]     = RECIPE(force_restart),
	[BMC_ACT_POWER_CYCLE]       = RECIPE(power_cycle),
};
_Static_assert(sizeof(graceful_restart) / sizeof(struct bmc_step) <= BMC_STEPS_MAX,
               "the longest recipe");
/* clang-format on */

const struct bmc_recipe *bmc_recipe(enum bmc_action_op op)
{
	return &recipes[op];
}
