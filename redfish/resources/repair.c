// SPDX-License-Identifier: Apache-2.0
// The actions of our own schema for a board that does not answer: its USB port's power,
// and the ladder from there to its own. Shown where the platform can do them.
#include "core/base/util.h"
#include "redfish/apply-time.h"
#include "redfish/list.h"

static json_t *show(struct rf_render *r, enum bmc_action_op op, const char *name)
{
	const struct bmc_row *row = rf_row(r);
	json_t *self, *o;

	if (!(bmc_action_allowed(row) & 1U << op))
		return NULL;
	self = rf_link_row(r, &rf_system, row);
	o = json_pack(
		"{so so}", "target",
		json_sprintf("%s/Actions/%s",
			     json_string_value(json_object_get(self, "@odata.id")),
			     name),
		"@Redfish.OperationApplyTimeSupport", rf_apply_time_support(op));
	json_decref(self);
	return o;
}

json_t *rf_hub_reset_action(struct rf_render *r)
{
	return show(r, BMC_ACT_HUB_RESET, RF_HUB_RESET);
}

json_t *rf_recover_action(struct rf_render *r)
{
	return show(r, BMC_ACT_RECOVER, RF_RECOVER);
}

static int run(struct rf_request *q, enum bmc_action_op op)
{
	struct bmc_action act = { .op = op, .kind = BMC_BOARD };
	int r;

	if (!rf_apply_time(q, op, &act.params))
		return RF_DONE;
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	r = rf_submit(q, &act, 1, rf_then_task);
	(void)bmc_params_unref(act.params);
	return r;
}

int rf_hub_reset(struct rf_request *q, const json_t *const *args)
{
	(void)args;
	return run(q, BMC_ACT_HUB_RESET);
}

int rf_recover(struct rf_request *q, const json_t *const *args)
{
	(void)args;
	return run(q, BMC_ACT_RECOVER);
}

const struct rf_param rf_repair_params[] = { { .name = NULL } };
