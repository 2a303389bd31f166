// SPDX-License-Identifier: Apache-2.0
// The action that restarts a board into a mode of its chip: for a ResetType Redfish has
// no words. Shown and carried out as an action of our own schema.
#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/apply-time.h"
#include "redfish/list.h"

static bool can_enter(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	return bmc_action_allowed(row) & 1U << BMC_ACT_ENTER_MODE;
}

/* All but "None", which is no mode. */
static json_t *modes(const struct bmc_row *row)
{
	return rf_boot_words(rf_mode_names,
			     rf_boot_allowed(row) & ~(1U << BMC_BOOT_NONE));
}

json_t *rf_enter_mode_action(struct rf_render *r)
{
	const struct bmc_row *row = rf_row(r);
	json_t *self, *o;
	const char *uri;

	if (!can_enter(rf_view_of(r), row))
		return NULL;
	self = rf_link_row(r, &rf_system, row);
	uri = json_string_value(json_object_get(self, "@odata.id"));
	o = json_pack("{so so so so}", "target",
		      json_sprintf("%s/Actions/" RF_ENTER_MODE, uri),
		      "Mode@Redfish.AllowableValues", modes(row), "@Redfish.ActionInfo",
		      json_sprintf("%s/EnterModeActionInfo", uri),
		      "@Redfish.OperationApplyTimeSupport",
		      rf_apply_time_support(BMC_ACT_ENTER_MODE));
	json_decref(self);
	return o;
}

int rf_enter_mode(struct rf_request *q, const json_t *const *args)
{
	struct bmc_action act = { .op = BMC_ACT_ENTER_MODE, .kind = BMC_BOARD };
	const char *word = json_string_value(args[0]);
	int r;

	act.num = bmc_name_value(rf_mode_names, word);
	if (act.num <= BMC_BOOT_NONE) {
		(void)rf_message_add(&q->messages, RF_PARAMETER_NOT_IN_LIST, word,
				     "Mode", RF_ENTER_MODE);
		return rf_answer_messages(q, 0);
	}
	if (!rf_apply_time(q, act.op, &act.params))
		return RF_DONE;
	(void)bmc_copy(act.id, sizeof(act.id), q->row->id);
	r = rf_submit(q, &act, 1, rf_then_task);
	(void)bmc_params_unref(act.params);
	return r;
}

uint32_t rf_enter_mode_shown(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	(void)row;
	return 0; /* rf_enter_mode_action shows it */
}

const struct rf_param rf_enter_mode_params[] = {
	{ "Mode", JSON_STRING, true },
	{ .name = NULL },
};

static json_t *parameters(struct rf_render *r)
{
	return json_pack("[{ss sb ss so}]", "Name", "Mode", "Required", 1, "DataType",
			 "String", "AllowableValues", modes(rf_row(r)));
}

static const struct rf_prop props[] = {
	RF_FN("Parameters", parameters),
	{ .path = NULL },
};

const struct rf_resource rf_enter_mode_info = {
	.uri = "/redfish/v1/Systems/{board}/EnterModeActionInfo",
	.type = "ActionInfo.v1_5_0.ActionInfo",
	.name = "Enter mode",
	.props = props,
	.exists = can_enter,
};
