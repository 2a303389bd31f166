// SPDX-License-Identifier: Apache-2.0
/* What a board is doing: its state, power, status and health by one table from what the
 * power pin, USB, adb and its operating system show. Called through derive.c. */
#include "core/base/util.h"
#include "core/inventory/derive.h"

#define BOOT_MS_DEFAULT 60000
#define PASSING         10 /* a mode seen for less than this part of a boot passes by */

/* Each column of the left side is a set of values that the rule is for. */
enum pin { PIN_UNKNOWN = 1, PIN_OFF = 2, PIN_ON = 4 };
enum phase { EARLY = 1, LATE = 2, TOO_LATE = 4 }; /* since power or USB last changed */
#define ANY     0xffffu
#define USB(m)  (1u << BMC_USB_##m)
#define ADB(s)  (1u << BMC_ADB_##s)
#define OS(o)   (1u << BMC_OS_##o)
#define RUNNING (USB(UNKNOWN) | USB(DEVICE) | USB(ADB))
#define UNSEEN  (USB(UNKNOWN) | USB(NONE))
#define NO_ADB  (ADB(UNKNOWN) | ADB(NONE))

_Static_assert(BMC_USB_DFU < 16 && BMC_ADB_RECOVERY < 16 && BMC_OS_LINUX < 16,
	       "a column of the table is a set of 16 values");

struct rule {
	uint16_t pin, usb, adb, os, phase;
	uint8_t state, power, status, health;
};

/* clang-format off */
static const struct rule rules[] = {
	/* switched off */
	{ PIN_OFF, UNSEEN, ANY, ANY, ANY,
	  BMC_BOARD_OFFLINE, BMC_POWER_OFF, BMC_STANDBY_OFFLINE, BMC_OK_HEALTH },
	{ PIN_OFF, ANY, ANY, ANY, EARLY,
	  BMC_BOARD_OFFLINE, BMC_POWERING_OFF, BMC_ENABLED, BMC_OK_HEALTH },
	{ PIN_OFF, ANY, ANY, ANY, ANY,
	  BMC_BOARD_OFFLINE, BMC_POWERING_OFF, BMC_ENABLED, BMC_WARNING },
	/* in a mode for flashing */
	{ ANY, USB(LOADER), ANY, ANY, ANY,
	  BMC_BOARD_LOADER, BMC_POWER_ON, BMC_QUIESCED, BMC_OK_HEALTH },
	{ ANY, USB(MASKROM) | USB(USBPLUG), ANY, ANY, ANY,
	  BMC_BOARD_MASKROM, BMC_POWER_ON, BMC_QUIESCED, BMC_OK_HEALTH },
	{ ANY, USB(NETRECOVERY), ANY, ANY, ANY,
	  BMC_BOARD_NETRECOVERY, BMC_POWER_ON, BMC_QUIESCED, BMC_OK_HEALTH },
	{ ANY, USB(FASTBOOT), ANY, ANY, ANY,
	  BMC_BOARD_FASTBOOT, BMC_POWER_ON, BMC_QUIESCED, BMC_OK_HEALTH },
	{ ANY, RUNNING, ADB(RECOVERY), ANY, ANY,
	  BMC_BOARD_ANDROID_RECOVERY, BMC_POWER_ON, BMC_QUIESCED, BMC_OK_HEALTH },
	{ ANY, USB(STORAGE) | USB(DFU), ANY, ANY, ANY,
	  BMC_BOARD_ONLINE, BMC_POWER_ON, BMC_QUIESCED, BMC_OK_HEALTH },
	/* adb answers */
	{ ANY, RUNNING, ADB(DEVICE), OS(ANDROID), ANY,
	  BMC_BOARD_ANDROID, BMC_POWER_ON, BMC_ENABLED, BMC_OK_HEALTH },
	{ ANY, RUNNING, ADB(DEVICE), OS(LINUX), ANY,
	  BMC_BOARD_LINUX, BMC_POWER_ON, BMC_ENABLED, BMC_OK_HEALTH },
	{ ANY, RUNNING, ADB(DEVICE), ANY, ANY,
	  BMC_BOARD_ADB, BMC_POWER_ON, BMC_STARTING, BMC_OK_HEALTH },
	/* adb ought to answer */
	{ ANY, RUNNING, ADB(OFFLINE), ANY, EARLY,
	  BMC_BOARD_ADB_OFFLINE, BMC_POWER_ON, BMC_STARTING, BMC_OK_HEALTH },
	{ ANY, RUNNING, ADB(OFFLINE), ANY, ANY,
	  BMC_BOARD_ADB_OFFLINE, BMC_POWER_ON, BMC_ENABLED, BMC_WARNING },
	{ ANY, USB(ADB), ADB(NONE), ANY, EARLY,
	  BMC_BOARD_ONLINE, BMC_POWER_ON, BMC_STARTING, BMC_OK_HEALTH },
	{ ANY, USB(ADB), ADB(NONE), ANY, ANY,
	  BMC_BOARD_ADB_OFFLINE, BMC_POWER_ON, BMC_ENABLED, BMC_WARNING },
	/* the operating system answers by another way */
	{ ANY, RUNNING, NO_ADB, OS(ANDROID), ANY,
	  BMC_BOARD_ANDROID, BMC_POWER_ON, BMC_ENABLED, BMC_OK_HEALTH },
	{ ANY, RUNNING, NO_ADB, OS(LINUX), ANY,
	  BMC_BOARD_LINUX, BMC_POWER_ON, BMC_ENABLED, BMC_OK_HEALTH },
	{ ANY, USB(DEVICE) | USB(ADB), ANY, ANY, ANY,
	  BMC_BOARD_ONLINE, BMC_POWER_ON, BMC_STARTING, BMC_OK_HEALTH },
	/* powered, and nothing on USB: starting, until that takes too long */
	{ PIN_ON, USB(NONE), ANY, ANY, EARLY,
	  BMC_BOARD_OFFLINE, BMC_POWER_ON, BMC_STARTING, BMC_OK_HEALTH },
	{ PIN_ON, USB(NONE), ANY, ANY, LATE,
	  BMC_BOARD_OFFLINE, BMC_POWER_ON, BMC_UNAVAILABLE_OFFLINE, BMC_WARNING },
	{ PIN_ON, USB(NONE), ANY, ANY, TOO_LATE,
	  BMC_BOARD_OFFLINE, BMC_POWER_ON, BMC_UNAVAILABLE_OFFLINE, BMC_CRITICAL },
	{ PIN_UNKNOWN, USB(NONE), ANY, ANY, EARLY,
	  BMC_BOARD_OFFLINE, BMC_POWER_UNKNOWN, BMC_STARTING, BMC_OK_HEALTH },
	{ PIN_UNKNOWN, USB(NONE), ANY, ANY, ANY,
	  BMC_BOARD_OFFLINE, BMC_POWER_UNKNOWN, BMC_UNAVAILABLE_OFFLINE, BMC_WARNING },
	/* USB is not observed */
	{ PIN_ON, ANY, ANY, ANY, ANY,
	  BMC_BOARD_UNKNOWN, BMC_POWER_ON, BMC_STATUS_UNKNOWN, BMC_HEALTH_UNKNOWN },
	{ ANY, ANY, ANY, ANY, ANY,
	  BMC_BOARD_UNKNOWN, BMC_POWER_UNKNOWN, BMC_STATUS_UNKNOWN, BMC_HEALTH_UNKNOWN },
};
/* clang-format on */

/* When `value` took on what it is now. */
static int64_t since(int64_t value, int64_t old_value, int64_t old_since, int64_t now)
{
	if (value == BMC_UNKNOWN || value == old_value)
		return old_since;
	return now;
}

static void note_changes(struct bmc_board *b, const struct bmc_board *old, int64_t now)
{
	b->power_since = since(b->power_pin, old ? old->power_pin : BMC_UNKNOWN,
			       old ? old->power_since : BMC_UNKNOWN, now);
	b->usb_since = since(b->usb_mode ? b->usb_mode : BMC_UNKNOWN,
			     old && old->usb_mode ? old->usb_mode : BMC_UNKNOWN,
			     old ? old->usb_since : BMC_UNKNOWN, now);
}

static int64_t boot_ms(const struct bmc_derive *d)
{
	return d->boot_ms > 0 ? d->boot_ms : BOOT_MS_DEFAULT;
}

static enum phase phase_of(const struct bmc_board *b, struct bmc_derive *d)
{
	int64_t boot = boot_ms(d), from = MAX(b->power_since, b->usb_since);

	if (from == BMC_UNKNOWN)
		return EARLY;
	if (d->now >= from + 2 * boot)
		return TOO_LATE;
	d->next_eval = d->now < from + boot ? from + boot : from + 2 * boot;
	return d->now < from + boot ? EARLY : LATE;
}

/* A board without the pin is powered as long as the chassis is. */
static enum pin pin_of(const struct bmc_board *b)
{
	if (b->power_pin == BMC_UNKNOWN)
		return b->can_power == 1 ? PIN_UNKNOWN : PIN_ON;
	return b->power_pin ? PIN_ON : PIN_OFF;
}

/* Without the pin, a board that was shut down looks like one that does not start: it is
 * told apart by the action, and until it is on USB again. */
static bool is_halted(const struct bmc_board *b, const struct bmc_board *old)
{
	bool down = b->action == BMC_ACT_GRACEFUL_SHUTDOWN &&
		    b->action_state == BMC_TASK_COMPLETED;

	if (!old || !down || b->usb_mode != BMC_USB_NONE || pin_of(b) != PIN_ON)
		return false;
	return old->action_state == BMC_TASK_RUNNING ||
	       old->row.status == BMC_STANDBY_OFFLINE;
}

static bool matches(const struct rule *r, const struct bmc_board *b, enum phase phase)
{
	/* What this agent runs on is up, whatever its own pins seem to say. */
	if (b->is_main == 1)
		return r->state == BMC_BOARD_LINUX;
	return (r->pin & pin_of(b)) && (r->usb & 1u << b->usb_mode) &&
	       (r->adb & 1u << b->adb_state) && (r->os & 1u << b->os) &&
	       (r->phase & phase);
}

/* Power on its way to what the board's running task will make of it. */
static uint8_t power_of(const struct bmc_board *b, uint8_t power)
{
	bool runs =
		b->action_state == BMC_TASK_NEW || b->action_state == BMC_TASK_RUNNING;
	bool off = b->action == BMC_ACT_GRACEFUL_SHUTDOWN ||
		   b->action == BMC_ACT_FORCE_OFF;
	bool on = b->action == BMC_ACT_ON || b->action == BMC_ACT_POWER_CYCLE ||
		  b->action == BMC_ACT_GRACEFUL_RESTART ||
		  b->action == BMC_ACT_FORCE_RESTART || b->action == BMC_ACT_RECOVER;

	if (runs && off && power == BMC_POWER_ON)
		return BMC_POWERING_OFF;
	return runs && on && power == BMC_POWER_OFF ? BMC_POWERING_ON : power;
}

/* The loader shows itself in each boot: it counts as a mode when it stays. */
static bool passes_by(const struct bmc_board *b, struct bmc_derive *d)
{
	int64_t stays = b->usb_since + boot_ms(d) / PASSING;

	if (b->row.status != BMC_QUIESCED || b->usb_since == BMC_UNKNOWN ||
	    d->now >= stays)
		return false;
	d->next_eval = MIN(d->next_eval, stays);
	return true;
}

/* What is reported of its states: where a boot begins and where it ends. */
static int64_t lasting_state(const struct bmc_board *b, struct bmc_derive *d)
{
	const struct bmc_board *old = (const struct bmc_board *)d->old;
	bool on_the_way =
		b->row.status == BMC_STARTING && b->state != BMC_BOARD_OFFLINE;

	if (on_the_way || passes_by(b, d))
		return old ? old->lasting_state : BMC_BOARD_UNKNOWN;
	return b->state;
}

void bmc_derive_board(struct bmc_row *row, struct bmc_derive *d)
{
	struct bmc_board *b = (struct bmc_board *)row;
	const struct rule *r = rules;

	note_changes(b, (const struct bmc_board *)d->old, d->now);
	enum phase phase = phase_of(b, d);
	while (r < &rules[ARRAY_SIZE(rules) - 1] && !matches(r, b, phase))
		r++;
	b->state = r->state;
	b->power_state = power_of(b, r->power);
	row->status = r->status;
	row->health = r->health;
	if (is_halted(b, (const struct bmc_board *)d->old)) {
		row->status = BMC_STANDBY_OFFLINE;
		row->health = BMC_OK_HEALTH;
	}
	b->lasting_state = lasting_state(b, d);
	bmc_derive_alarms(b, d);
	if (b->boot_target == BMC_UNKNOWN || b->boot_target == BMC_BOOT_UNKNOWN)
		b->boot_target = BMC_BOOT_NONE;
	if (b->boot_enabled == BMC_UNKNOWN ||
	    b->boot_enabled == BMC_BOOT_ENABLED_UNKNOWN)
		b->boot_enabled = BMC_BOOT_DISABLED;
	if (b->os == BMC_OS_UNKNOWN && b->is_main == 1)
		b->os = BMC_OS_LINUX;
}
