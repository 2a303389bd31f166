// SPDX-License-Identifier: Apache-2.0
/* Which alarms of a board are raised. A reading over its red line for `alarm_after`
 * raises its alarm; one that is 1 % below it for `alarm_clear_after` clears it. A
 * reading that is unknown does neither: the alarm stays as it is, and the time counts
 * anew from the next reading. A board without power, or that was pulled out, has no
 * alarms. Called through derive.c. */
#include "core/base/util.h"
#include "core/inventory/derive.h"
#include "core/model/alarms.h"

static bool is_powered(const struct bmc_board *b)
{
	return b->power_state != BMC_POWER_OFF && b->power_state != BMC_POWERING_ON;
}

/* When the time is over that began with `since`. */
static int64_t due(const struct bmc_board *b, int64_t since, bool raised)
{
	int64_t wait = raised ? b->alarm_clear_after : b->alarm_after;

	return since + MAX(wait, (int64_t)0);
}

/* The alarm and its `since` are unknown where this does not set them. */
static void derive_alarm(const struct bmc_alarm *a, struct bmc_board *b,
			 struct bmc_derive *d)
{
	const struct bmc_board *old = (const struct bmc_board *)d->old;
	int64_t was = old ? bmc_board_value(old, a->raised) : BMC_UNKNOWN;
	int64_t since = old ? bmc_board_value(old, a->since) : BMC_UNKNOWN;
	int64_t red = bmc_board_value(b, a->red), value = a->reading(b);
	bool raised = was == 1;

	if (red <= 0 || !is_powered(b))
		return;
	if (value == BMC_UNKNOWN) {
		*bmc_board_member(b, a->raised) = was;
		return;
	}
	if (bmc_beyond(value, bmc_with_hysteresis(red, 1, raised), 1) != raised) {
		since = since == BMC_UNKNOWN ? d->now : since;
		if (due(b, since, raised) <= d->now) {
			raised = !raised;
		} else {
			*bmc_board_member(b, a->since) = since;
			d->next_eval = MIN(d->next_eval, due(b, since, raised));
		}
	}
	*bmc_board_member(b, a->raised) = raised;
}

void bmc_derive_alarms(struct bmc_board *b, struct bmc_derive *d)
{
	for (size_t i = 0; i < BMC_N_ALARMS; i++) {
		derive_alarm(&bmc_alarms[i], b, d);
		if (bmc_board_value(b, bmc_alarms[i].raised) == 1)
			d->parts = BMC_WARNING;
	}
}
