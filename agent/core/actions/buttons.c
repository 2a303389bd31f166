// SPDX-License-Identifier: Apache-2.0
/* The chassis's buttons: what a press stands for. It is an action like any other, asked
 * for by whoever stands in front of the chassis. */
#include <string.h>

#include "core/actions/chassis.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/audit.h"
#include "core/model/field.h"
#include "core/plugin/instance.h"
#include "core/snapshot/snapshot.h"

static const struct bmc_row *main_board(const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_BOARD, &rows);

	for (size_t i = 0; i < n; i++) {
		if (((const struct bmc_board *)rows[i])->is_main == 1)
			return rows[i];
	}
	return NULL;
}

/* The chassis is off while no board but main has power. */
static bool some_board_is_on(const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_BOARD, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_board *b = (const struct bmc_board *)rows[i];

		if (b->is_main != 1 && b->power_state == BMC_POWER_ON)
			return true;
	}
	return false;
}

/* ---- what each press does ---- */

static int power_on(const struct bmc_actor *who, const struct bmc_snapshot *s,
		    struct bmc_error *err)
{
	struct bmc_params *plan;
	int code;

	if (some_board_is_on(s))
		return bmc_fail(err, BMC_ESTATE,
				"it is on: hold the button to switch it off");
	plan = bmc_power_on_plan();
	code = plan ? bmc_chassis_boards(who, BMC_ACT_ON, plan, NULL, err)
		    : bmc_fail(err, BMC_ENOMEM, "out of memory");
	(void)bmc_params_unref(plan);
	return code;
}

static int shut_down(const struct bmc_actor *who, const struct bmc_snapshot *s,
		     struct bmc_error *err)
{
	(void)s;
	return bmc_chassis_boards(who, BMC_ACT_GRACEFUL_SHUTDOWN, NULL, NULL, err);
}

static int force_off(const struct bmc_actor *who, const struct bmc_snapshot *s,
		     struct bmc_error *err)
{
	(void)s;
	return bmc_chassis_boards(who, BMC_ACT_FORCE_OFF, NULL, NULL, err);
}

static int submit_one(const struct bmc_actor *who, const struct bmc_action *act,
		      struct bmc_error *err)
{
	return bmc_action_submit(who, act, 1, NULL, NULL, NULL, err);
}

/* By its pin where it has one, else by its system. */
static int restart_main(const struct bmc_actor *who, const struct bmc_snapshot *s,
			struct bmc_error *err)
{
	const struct bmc_row *row = main_board(s);
	struct bmc_action act = { .op = BMC_ACT_FORCE_RESTART, .kind = BMC_BOARD };

	if (!row)
		return bmc_fail(err, BMC_ENOTFOUND, "the platform has no main board");
	if (!(bmc_action_allowed(row) & 1u << act.op))
		act.op = BMC_ACT_GRACEFUL_RESTART;
	(void)bmc_copy(act.id, sizeof(act.id), row->id);
	return submit_one(who, &act, err);
}

static int toggle_locator(const struct bmc_actor *who, const struct bmc_snapshot *s,
			  struct bmc_error *err)
{
	const struct bmc_row *const *rows;
	struct bmc_action act = { .op = BMC_ACT_SET,
				  .kind = BMC_CHASSIS,
				  .field = bmc_field_find(BMC_CHASSIS, "locator") };

	if (bmc_snapshot_rows(s, BMC_CHASSIS, &rows) == 0)
		return BMC_ENOTFOUND;
	(void)bmc_copy(act.id, sizeof(act.id), rows[0]->id);
	act.num = ((const struct bmc_chassis *)rows[0])->locator != 1;
	return submit_one(who, &act, err);
}

static const struct {
	const char *name;
	int (*run)(const struct bmc_actor *who, const struct bmc_snapshot *s,
		   struct bmc_error *err);
} presses[BMC_N_PRESSES] = {
	[BMC_PRESS_POWER] = { "POWER", power_on },
	[BMC_PRESS_POWER_HELD] = { "POWER held", shut_down },
	[BMC_PRESS_POWER_FORCED] = { "POWER held for long", force_off },
	[BMC_PRESS_RESTART] = { "RESTART", restart_main },
	[BMC_PRESS_LOCATOR] = { "UID", toggle_locator },
};

/* What is refused is audited, too. */
static void pressed(const char *line, enum bmc_press what)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	struct bmc_actor who = { .name = "button",
				 .role = "Administrator",
				 .privileges = BMC_PRIV_ALL,
				 .origin = "button" };
	struct bmc_error err = { 0 };
	int code;

	(void)bmc_copy(who.client, sizeof(who.client), line);
	code = presses[what].run(&who, s, &err);
	log_notice("button %s (%s): %s", presses[what].name, line,
		   code >= 0     ? "accepted"
		   : err.what[0] ? err.what
				 : bmc_strerror(code));
	bmc_audit(&who, "Press", presses[what].name, code < 0 ? err.what : NULL,
		  code >= 0);
}

void bmc_buttons_init(void)
{
	bmc_press_hook = pressed;
}

void bmc_buttons_done(void)
{
	bmc_press_hook = NULL;
}
