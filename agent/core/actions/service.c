// SPDX-License-Identifier: Apache-2.0
/* Operations on the agent itself and the machine it runs on: restart, the event log,
 * the clock, NTP. Checked in the caller's thread, carried out on the main thread; the
 * root helper is asked on a thread of its own. Called by execute.c. */
#include <stdlib.h>

#include "core/actions/transaction.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/ntp.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/params.h"
#include "core/plugin/instance.h"
#include "core/ports/hardware.h"
#include "core/ports/reset.h"

#define CLOCK_MS 5000
#define NTP_MS   12000 /* the helper gives up before */

/* ---- checks ---- */

static int check_store(struct bmc_error *err)
{
	if (bmc_store && bmc_store->durable())
		return BMC_OK;
	return bmc_fail(err, BMC_ENOSPC,
			"the state database takes no writes: what is cleared now would "
			"be back after a restart");
}

static int check_clock(const struct bmc_row *row, struct bmc_error *err)
{
	const struct bmc_manager *m = (const struct bmc_manager *)row;

	if (m->clock_settable == 1 && bmc_hardware && bmc_hardware->clock_set)
		return BMC_OK;
	return bmc_fail(err, BMC_EREADONLY,
			"the clock can't be set: helper.system is deny in the "
			"configuration");
}

static int check_ntp(const struct bmc_row *row, struct bmc_error *err)
{
	const struct bmc_manager *m = (const struct bmc_manager *)row;

	if (m->clock_settable != 1 || !bmc_hardware || !bmc_hardware->ntp_set)
		return bmc_fail(err, BMC_EREADONLY,
				"NTP can't be set: helper.system is deny in the "
				"configuration");
	if (!bmc_ntp_here())
		return bmc_fail(err, BMC_ENOTSUP, "systemd-timesyncd is not here");
	return BMC_OK;
}

int bmc_service_check(const struct bmc_row *row, const struct bmc_action *act,
		      struct bmc_error *err)
{
	bool manager = act->kind == BMC_MANAGER && row;

	if (manager &&
	    (act->op == BMC_ACT_CLEAR_LOG || act->op == BMC_ACT_RESET_SETTINGS))
		return check_store(err);
	if (manager && act->op == BMC_ACT_SET_CLOCK)
		return check_clock(row, err);
	if (manager && act->op == BMC_ACT_SET_NTP)
		return check_ntp(row, err);
	if (manager && act->op == BMC_ACT_MANAGER_RESTART && bmc_restart_hook)
		return BMC_OK;
	return bmc_fail(err, BMC_ENOTSUP, "only the manager can do this");
}

/* ---- the event log ---- */

static void cleared(void *arg, int code)
{
	const struct bmc_operation *operation = arg;
	struct bmc_error err = { 0 };

	if (code < 0)
		code = bmc_fail(&err, BMC_ENOSPC,
				"nothing was cleared: the state database takes no "
				"writes");
	bmc_operation_end(operation, code, &err);
}

static void busy(struct bmc_operation *operation)
{
	struct bmc_error err = { 0 };

	(void)bmc_fail(&err, BMC_EAGAIN, "the state database is busy: try again");
	bmc_operation_end(operation, BMC_EAGAIN, &err);
}

static void clear_log(struct bmc_operation *operation)
{
	const struct bmc_actor *who = &operation->transaction->who;

	if (bmc_events_clear(who->name, who->client, cleared, operation) != BMC_OK)
		busy(operation);
}

/* ---- what users set ---- */

static void settings_reset(void *arg, int code)
{
	const struct bmc_operation *operation = arg;

	bmc_inventory_publish(); /* at once all of it */
	if (code == BMC_OK)
		bmc_event_raise("SettingsReset", 0, operation->transaction->who.name,
				operation->transaction->who.client, NULL);
	cleared(arg, code);
}

static void reset_settings(struct bmc_operation *operation)
{
	if (bmc_reset(settings_reset, operation) != BMC_OK)
		busy(operation);
}

/* ---- the clock, NTP ---- */

struct system_call {
	struct bmc_message message;
	struct bmc_operation *operation;
	int code;
	struct bmc_error err;
};

static void system_answer(void *arg)
{
	struct system_call *c = arg;

	bmc_operation_end(c->operation, c->code, &c->err);
	free(c);
}

static void *system_run(void *arg)
{
	struct system_call *c = arg;
	const struct bmc_action *act = c->operation->act;

	if (act->op == BMC_ACT_SET_NTP)
		c->code = bmc_hardware->ntp_set(
			bmc_params_text(act->params, BMC_PARAM_NTP), (int)act->num,
			bmc_now() + NTP_MS, &c->err);
	else
		c->code = bmc_hardware->clock_set(act->num, bmc_now() + CLOCK_MS,
						  &c->err);
	bmc_loop_send(&c->message, system_answer, c);
	return NULL;
}

static void ask_helper(struct bmc_operation *operation)
{
	struct system_call *c = calloc(1, sizeof(*c));
	struct bmc_error err = { 0 };

	if (c) {
		c->operation = operation;
		if (bmc_thread_start(system_run, c) == BMC_OK)
			return;
		free(c);
	}
	(void)bmc_fail(&err, BMC_EAGAIN, "not now: try again");
	bmc_operation_end(operation, BMC_EAGAIN, &err);
}

void bmc_service_run(struct bmc_operation *operation)
{
	if (operation->act->op == BMC_ACT_CLEAR_LOG)
		clear_log(operation);
	else if (operation->act->op == BMC_ACT_RESET_SETTINGS)
		reset_settings(operation);
	else
		ask_helper(operation);
}
