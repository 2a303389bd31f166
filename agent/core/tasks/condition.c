// SPDX-License-Identifier: Apache-2.0
/* What a recipe's step waits for, read from the newest snapshot: whether a board has
 * left USB, whether its power followed the pin, which pins it has. The step machine
 * asks. */
#include "core/access/policy.h"
#include "core/plugin/instance.h"
#include "core/snapshot/snapshot.h"
#include "core/tasks/run.h"

static const struct bmc_board *board_row(const struct bmc_run *run,
					 const struct bmc_snapshot *s)
{
	return (const struct bmc_board *)bmc_snapshot_row(s, run->board);
}

static bool was_on_usb(const struct bmc_run *run)
{
	return run->usb_before != BMC_USB_UNKNOWN && run->usb_before != BMC_USB_NONE;
}

static bool gone(const struct bmc_board *b)
{
	return b->usb_mode == BMC_USB_NONE || b->power_state == BMC_POWER_OFF ||
	       b->power_state == BMC_POWERING_ON; /* without power, as a task runs */
}

static void note_leaving(struct bmc_run *run, const struct bmc_board *b)
{
	bool other = was_on_usb(run) && b->usb_mode != BMC_USB_UNKNOWN &&
		     b->usb_mode != run->usb_before;

	run->left = run->left || other || gone(b);
}

static bool is_askable(const struct bmc_board *b)
{
	return b->state == BMC_BOARD_ANDROID || b->state == BMC_BOARD_LINUX ||
	       b->state == BMC_BOARD_ADB;
}

/* What no source sees can't be waited for: the flasher says whether it is up. */
static bool is_up(const struct bmc_run *run, const struct bmc_board *b)
{
	bool seen = b->usb_mode != BMC_USB_UNKNOWN || b->adb_state != BMC_ADB_UNKNOWN ||
		    b->os != BMC_OS_UNKNOWN;
	bool restarts = bmc_flasher_has(run->flasher, BMC_FLASH_ATTACH);

	if (!seen)
		return true;
	return (run->left || !restarts || run->resumed || !was_on_usb(run)) &&
	       bmc_board_answers(b);
}

static bool cond_holds(const struct bmc_run *run, const struct bmc_board *b)
{
	switch (bmc_run_step(run)->cond) {
	case BMC_COND_LEFT:
		return run->left || (!run->resumed && !was_on_usb(run));
	case BMC_COND_SEEN_OFF:
		return run->left && was_on_usb(run);
	case BMC_COND_GONE:
		return gone(b);
	case BMC_COND_POWERED:
		return b->power_pin != 0;
	case BMC_COND_UNPOWERED:
		return b->power_pin != 1;
	case BMC_COND_CAN_RESET:
		return bmc_board_caps(b) & BMC_CAN_RESET;
	case BMC_COND_CAN_POWER:
		return bmc_board_caps(b) & BMC_CAN_POWER;
	case BMC_COND_RESETTABLE:
		return b->power_pin != 0 && bmc_board_caps(b) & BMC_CAN_RESET;
	case BMC_COND_IS_OFF:
		return b->power_pin == 0;
	case BMC_COND_ASKABLE:
		return is_askable(b) || bmc_board_in_mode(b, run->row.mode);
	case BMC_COND_TO_MODE:
		return run->row.mode > BMC_BOOT_NORMAL && is_askable(b);
	case BMC_COND_IN_MODE:
		return bmc_board_in_mode(b, run->row.mode);
	case BMC_COND_CAN_HUB:
		return bmc_board_caps(b) & BMC_CAN_HUB_RESET;
	case BMC_COND_BACK:
		return (run->left || !was_on_usb(run)) && b->usb_mode > BMC_USB_NONE;
	case BMC_COND_ANSWERS:
		return bmc_board_answers(b);
	case BMC_COND_DRY_RUN:
		return run->group && bmc_update_dry(run->group->update);
	case BMC_COND_UP:
		return is_up(run, b);
	case BMC_COND_CAN_ROLL_BACK:
		return bmc_flasher_has(run->flasher, BMC_FLASH_ROLLBACK);
	case BMC_COND_CAN_REINSTALL:
		return bmc_instances_platform()->reinstall[0] &&
		       bmc_board_caps(b) & BMC_CAN_FLASH;
	default:
		return false;
	}
}

bool bmc_run_check(struct bmc_run *run)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_board *b = board_row(run, s);

	if (!b)
		return false;
	note_leaving(run, b);
	return cond_holds(run, b);
}

/* Also while it passes by the loader, which shows itself for a moment in each boot. */
static bool is_starting(const struct bmc_board *b)
{
	return b && (b->row.status == BMC_STARTING ||
		     (b->row.status == BMC_QUIESCED && b->state != b->lasting_state));
}

void bmc_run_observe(struct bmc_run *run)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_board *b = board_row(run, s);

	run->usb_before = b ? b->usb_mode : BMC_USB_UNKNOWN;
	run->starting = is_starting(b);
	run->left = false;
	run->resumed = false;
}
