// SPDX-License-Identifier: Apache-2.0
// One reset of any set of boards, named by the URIs of systems and chassis.
#include <string.h>

#include "redfish/resources/list.h"

/* A reference as {"@odata.id": uri} or as the URI itself. */
static const char *uri_of(const json_t *v)
{
	return json_string_value(json_is_object(v) ? json_object_get(v, "@odata.id")
						   : v);
}

static int refuse(struct rf_request *q, struct rf_set *set, const char *uri)
{
	free(set->acts);
	(void)rf_message_add(&q->messages, RF_PARAMETER_NOT_IN_LIST, uri, "TargetURIs",
			     q->action->name);
	return rf_answer_messages(q, 0);
}

static bool is_target(const struct bmc_row *row)
{
	return row && (row->kind == BMC_BOARD || row->kind == BMC_BLADE ||
		       row->kind == BMC_CHASSIS);
}

/* `args`: ResetType, TargetURIs, then what is accepted and not needed: the platform
 * file says how boards are spaced out. */
static int reset(struct rf_request *q, const json_t *const *args)
{
	int op = rf_reset_op(q, args[0]);
	struct rf_set set = { .op = (enum bmc_action_op)op };
	size_t i;
	json_t *v;

	if (op < 0)
		return RF_DONE;
	json_array_foreach (args[1], i, v) {
		const char *uri = uri_of(v);
		const struct bmc_row *row = uri ? rf_target(q, uri) : NULL;
		if (!is_target(row) || rf_set_add(&set, q, row) != 0)
			return refuse(q, &set, uri);
	}
	return rf_set_submit(q, &set);
}

/* clang-format off */
static const struct rf_param params[] = {
	{ "ResetType", JSON_STRING, true }, { "TargetURIs", JSON_ARRAY, true },
	{ "BatchSize", JSON_INTEGER, false }, { "DelayBetweenBatchesInSeconds", JSON_INTEGER, false },
	{ .name = NULL },
};
static const struct rf_action actions[] = {
	{ "AggregationService.Reset", params, reset, rf_allowed_any },
	{ .name = NULL },
};
static const struct rf_prop props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_aggregation = {
	.uri = "/redfish/v1/AggregationService",
	.type = "AggregationService.v1_0_3.AggregationService",
	.name = "Sets of boards",
	.props = props,
	.actions = actions,
};
