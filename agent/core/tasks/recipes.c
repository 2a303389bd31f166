// SPDX-License-Identifier: Apache-2.0
/* The recipes: what is done to a board for each operation. Data only; run.c
 * walks it. */
#include "core/tasks/recipes.h"

#include <string.h>

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

static const struct bmc_step hub_reset[] = {
	{ BMC_DO_VERB, .verb = "hub_reset",
	  .doing = "switching the power of its USB port off and on" },
	{ BMC_DO_WAIT, .cond = BMC_COND_BACK, .limit = BMC_LIMIT_BOOT,
	  .doing = "waiting for the board to be back on USB",
	  .failed = "it did not come back on USB: switch its own power off and on" },
	{ BMC_DO_END, .doing = "the power of its USB port was switched off and on" },
};

/* The ladder: the hub's power, the board's own, then what users have to do. Each step is
 * taken only when the one before has not brought the system back. */
static const struct bmc_step recover[] = {
	[0] = { BMC_DO_WAIT, .cond = BMC_COND_ANSWERS, .limit = BMC_LIMIT_NOW,
	        .on_ok = 17, .on_fail = 1 },
	/* the hub */
	[1] = { BMC_DO_WAIT, .cond = BMC_COND_CAN_HUB, .limit = BMC_LIMIT_NOW, .on_fail = 4 },
	[2] = { BMC_DO_VERB, .verb = "hub_reset", .on_fail = 4,
	        .doing = "step 1 of 3: switching the power of its USB port off and on" },
	[3] = { BMC_DO_WAIT, .cond = BMC_COND_ANSWERS, .limit = BMC_LIMIT_BOOT,
	        .on_ok = 15, .on_fail = 4,
	        .doing = "waiting for its system to answer after its hub's reset" },
	/* its power, or the RESET pin where it has no other */
	[4] = { BMC_DO_WAIT, .cond = BMC_COND_CAN_POWER, .limit = BMC_LIMIT_NOW, .on_fail = 10 },
	[5] = { BMC_DO_VERB, .verb = "power", .arg = 0, .hold = true, .on_fail = 10,
	        .doing = "step 2 of 3: switching its power off" },
	[6] = { BMC_DO_WAIT, .cond = BMC_COND_UNPOWERED, .limit = BMC_LIMIT_CONFIRM,
	        .hold = true, .on_fail = 8, .doing = "waiting for the power to go" },
	[7] = { BMC_DO_PAUSE, .limit = BMC_LIMIT_SETTLE, .hold = true,
	        .doing = "letting it settle without power" },
	[8] = { BMC_DO_VERB, .verb = "power", .arg = 1, .inrush = true, .hold = true,
	        .doing = "switching its power on" },
	[9] = { BMC_DO_WAIT, .cond = BMC_COND_POWERED, .limit = BMC_LIMIT_CONFIRM,
	        .hold = true, .on_ok = 13, .doing = "waiting for the power to come",
	        .failed = NO_POWER_ON },
	[10] = { BMC_DO_WAIT, .cond = BMC_COND_CAN_RESET, .limit = BMC_LIMIT_NOW, .on_fail = 14 },
	[11] = { BMC_DO_VERB, .verb = "reset", .pulse = true, .on_fail = 14,
	         .doing = "step 2 of 3: pulsing the RESET pin" },
	[12] = { BMC_DO_WAIT, .cond = BMC_COND_LEFT, .limit = BMC_LIMIT_LEAVE, .trust = true,
	         .on_fail = 14, .doing = "waiting for the board to leave USB" },
	[13] = { BMC_DO_WAIT, .cond = BMC_COND_ANSWERS, .limit = BMC_LIMIT_BOOT,
	         .on_ok = 16, .on_fail = 14,
	         .doing = "waiting for its system to answer after its restart" },
	[14] = { BMC_DO_WAIT, .cond = BMC_COND_CAN_REINSTALL, .limit = BMC_LIMIT_NOW, .on_ok = 18,
	         .doing = "step 3 of 3: reinstalling its system",
	         .failed = "neither its hub's power nor its own brought it back. Reinstalling its "
	                   "system is not available" },
	[15] = { BMC_DO_END, .doing = "its system answers again after its hub's reset" },
	[16] = { BMC_DO_END, .doing = "its system answers again after its restart" },
	[17] = { BMC_DO_END, .doing = "its system answers: nothing was switched" },
	[18] = { BMC_DO_REINSTALL,
	         .doing = "step 3 of 3: an update of the board follows, as a task of its own",
	         .failed = "neither its hub's power nor its own brought it back: it is reinstalled" },
};

#define UNDO 9
/* What was begun is undone, whatever stops it; only the flasher knows how. */
static const struct bmc_step update[] = {
	[0] = { BMC_DO_VERB, .verb = "flash_accepts", .stage = BMC_STAGE_ACCEPTS,
	        .from = 0, .to = 2, .doing = "checking the board against the image" },
	[1] = { BMC_DO_WAIT, .cond = BMC_COND_DRY_RUN, .limit = BMC_LIMIT_NOW, .on_ok = 16,
	        .on_fail = 2, .from = 2, .to = 2 },
	[2] = { BMC_DO_VERB, .verb = "flash_detach", .stage = BMC_STAGE_DETACH,
	        .on_fail = UNDO, .on_cancel = UNDO, .from = 2, .to = 5,
	        .doing = "bringing it into the mode for flashing" },
	[BMC_UPDATE_WRITE_STEP] = {
	        BMC_DO_VERB, .verb = "flash_write", .stage = BMC_STAGE_WRITE,
	        .on_fail = UNDO, .on_cancel = UNDO, .from = 5, .to = 65,
	        .doing = "writing the image" },
	[4] = { BMC_DO_VERB, .verb = "flash_verify", .stage = BMC_STAGE_VERIFY,
	        .on_fail = UNDO, .on_cancel = UNDO, .from = 65, .to = 90,
	        .doing = "verifying what was written" },
	[5] = { BMC_DO_VERB, .verb = "flash_attach", .stage = BMC_STAGE_ATTACH,
	        .on_fail = UNDO, .on_cancel = UNDO, .from = 90, .to = 93,
	        .doing = "starting its system" },
	[6] = { BMC_DO_WAIT, .cond = BMC_COND_UP, .limit = BMC_LIMIT_FIRST_BOOT,
	        .stage = BMC_STAGE_BOOT, .on_fail = UNDO, .on_cancel = UNDO, .from = 93, .to = 98,
	        .doing = "waiting for its system to answer" },
	/* it is up: what was asked for is nearly there, and is not undone any more */
	[7] = { BMC_DO_VERB, .verb = "flash_confirm", .stage = BMC_STAGE_CONFIRM, .hold = true,
	        .on_fail = UNDO, .from = 98, .to = 99, .doing = "making the new system stay" },
	[8] = { BMC_DO_END, .doing = "updated" },
	[UNDO] = { BMC_DO_WAIT, .cond = BMC_COND_CAN_ROLL_BACK, .limit = BMC_LIMIT_NOW, .hold = true,
	           .on_fail = 13, .from = 99, .to = 99 },
	[10] = { BMC_DO_VERB, .verb = "flash_rollback", .stage = BMC_STAGE_ROLLBACK, .hold = true,
	         .on_fail = 14, .from = 99, .to = 99, .doing = "bringing the former system back" },
	[11] = { BMC_DO_WAIT, .cond = BMC_COND_ANSWERS, .limit = BMC_LIMIT_BOOT, .hold = true,
	         .on_fail = 15, .from = 99, .to = 99,
	         .doing = "waiting for the former system to answer" },
	[12] = { BMC_DO_FAIL, .doing = "rolled back: the former system answers" },
	[13] = { BMC_DO_FAIL }, /* its stage says what it was left as */
	[14] = { BMC_DO_FAIL, .doing = "and the rollback failed: look at the board, flash it again" },
	[15] = { BMC_DO_FAIL, .doing = "rolled back, but the former system does not answer: look at it" },
	[16] = { BMC_DO_END, .doing = "checked: it can be updated" },
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
	[BMC_ACT_HUB_RESET]         = RECIPE(hub_reset),
	[BMC_ACT_RECOVER]           = RECIPE(recover),
	[BMC_ACT_UPDATE]            = RECIPE(update),
};
_Static_assert(sizeof(graceful_restart) / sizeof(struct bmc_step) <= BMC_STEPS_MAX,
               "the longest recipe");
/* clang-format on */

const struct bmc_recipe *bmc_recipe(enum bmc_action_op op)
{
	return &recipes[op];
}

/* FNV-1a, 32 bits. */
static uint32_t mix(uint32_t sum, const void *data, size_t len)
{
	const unsigned char *bytes = data;

	for (size_t i = 0; i < len; i++)
		sum = (sum ^ bytes[i]) * UINT32_C(16777619);
	return sum;
}

uint32_t bmc_recipe_print(enum bmc_action_op op, unsigned step)
{
	uint32_t sum = UINT32_C(2166136261);

	for (unsigned i = 0; i <= step; i++) {
		const struct bmc_step *s = &recipes[op].steps[i];
		const char *verb = s->verb ? s->verb : "";
		const char *stage = bmc_stage_word(s->stage);
		const unsigned char rest[] = { (unsigned char)s->what,
					       (unsigned char)s->arg };

		sum = mix(sum, verb, strlen(verb) + 1);
		sum = mix(sum, stage, strlen(stage) + 1);
		sum = mix(sum, rest, sizeof(rest));
	}
	sum &= INT32_MAX;
	return sum ? sum : 1;
}
