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

/* Into the task's mode, from step `at` on, the end is at + 4. Its system is what can
 * be asked for it, so it has to come up first. */
#define NO_MODE "look at the board's system and its USB cable, then ask again"
#define ENTER_MODE(at)                                                                     \
	[at]     = { BMC_DO_WAIT, .cond = BMC_COND_ASKABLE, .limit = BMC_LIMIT_BOOT,       \
	             .doing = "waiting for its system, which is asked for the mode",       \
	             .failed = "its system did not come up to be asked for the mode: "     \
	                       NO_MODE },                                                  \
	[at + 1] = { BMC_DO_WAIT, .cond = BMC_COND_IN_MODE, .limit = BMC_LIMIT_NOW,        \
	             .on_ok = (at) + 4, .on_fail = (at) + 2 },                             \
	[at + 2] = { BMC_DO_VERB, .verb = "usb_mode", .to_mode = true, .resume = (at),     \
	             .doing = "asking its system to restart into the mode" },              \
	[at + 3] = { BMC_DO_WAIT, .cond = BMC_COND_IN_MODE, .limit = BMC_LIMIT_BOOT,       \
	             .doing = "waiting for the board to show the mode",                    \
	             .failed = "the board did not come up in the mode: " NO_MODE },        \
	[at + 4] = { BMC_DO_END, .doing = "restarted into the mode that was asked for" }

static const struct bmc_step on[] = {
	{ BMC_DO_VERB, .verb = "power", .arg = 1, .inrush = true,
	  .doing = "switching the power on" },
	{ BMC_DO_WAIT, .cond = BMC_COND_POWERED, .limit = BMC_LIMIT_CONFIRM,
	  .doing = "waiting for the power to come", .failed = NO_POWER_ON },
	{ BMC_DO_END, .doing = "power is on" },
	ENTER_MODE(3),
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
	ENTER_MODE(15),
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
	ENTER_MODE(14),
};

static const struct bmc_step power_cycle[] = {
	OFF_AND_ON(0, "power was switched off and on"),
	ENTER_MODE(6),
};

/* By its system where that can be asked, else after a restart by the pins. */
static const struct bmc_step enter_mode[] = {
	[0] = { BMC_DO_WAIT, .cond = BMC_COND_TO_MODE, .limit = BMC_LIMIT_NOW, .on_ok = 11,
	        .on_fail = 1 },
	[1] = { BMC_DO_WAIT, .cond = BMC_COND_RESETTABLE, .limit = BMC_LIMIT_NOW, .on_fail = 5 },
	[2] = { BMC_DO_VERB, .verb = "reset", .pulse = true, .doing = "pulsing the RESET pin" },
	[3] = { BMC_DO_WAIT, .cond = BMC_COND_LEFT, .limit = BMC_LIMIT_LEAVE, .trust = true,
	        .doing = "waiting for the board to leave USB", .failed = NO_RESET },
	[4] = { BMC_DO_END, .doing = "restarted by the RESET pin" },
	OFF_AND_ON(5, "restarted by switching its power off and on"),
	ENTER_MODE(11),
};

#define RECIPE(steps)       { steps, sizeof(steps) / sizeof((steps)[0]), 0 }
#define RESTARTS(steps, at) { steps, sizeof(steps) / sizeof((steps)[0]), (at) }
static const struct bmc_recipe recipes[BMC_N_ACTS] = {
	[BMC_ACT_ON]                = RESTARTS(on, 3),
	[BMC_ACT_FORCE_OFF]         = RECIPE(force_off),
	[BMC_ACT_GRACEFUL_SHUTDOWN] = RECIPE(graceful_shutdown),
	[BMC_ACT_GRACEFUL_RESTART]  = RESTARTS(graceful_restart, 15),
	[BMC_ACT_FORCE_RESTART]     = RESTARTS(force_restart, 14),
	[BMC_ACT_POWER_CYCLE]       = RESTARTS(power_cycle, 6),
	[BMC_ACT_ENTER_MODE]        = RESTARTS(enter_mode, 11),
};
_Static_assert(sizeof(graceful_restart) / sizeof(struct bmc_step) <= BMC_STEPS_MAX,
               "the longest recipe");
/* clang-format on */

const struct bmc_recipe *bmc_recipe(enum bmc_action_op op)
{
	return &recipes[op];
}
