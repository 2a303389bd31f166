// SPDX-License-Identifier: Apache-2.0
// One reset of any set of boards, named by the URIs of systems and chassis.
#include "redfish/list.h"
#include "redfish/set.h"

/* Where the parameters stand in the table; PLAN is the first of the plan's. */
enum { RESET_TYPE, TARGETS, PLAN };

static int refuse(struct rf_request *q, struct rf_set *set, const json_t *v)
{
	char word[RF_ARG_MAX];

	rf_set_done(set);
	rf_format_value(v, word);
	(void)rf_message_add(&q->messages, RF_PARAMETER_NOT_IN_LIST, word, "TargetURIs",
			     q->action->name);
	return rf_answer_messages(q, 0);
}

static int reset(struct rf_request *q, const json_t *const *args)
{
	int op = rf_reset_op(q, args[RESET_TYPE]);
	struct rf_set set = { .op = (enum bmc_action_op)op };
	size_t i;
	json_t *v;

	if (op < 0 || !rf_set_plan(q, &set, args + PLAN, PLAN))
		return RF_DONE;
	if (json_array_size(args[TARGETS]) == 0) {
		rf_set_done(&set);
		(void)rf_message_add(&q->messages, RF_ARRAY_TOO_SHORT, "TargetURIs",
				     "1", NULL);
		return rf_answer_messages(q, 0);
	}
	json_array_foreach (args[TARGETS], i, v) {
		const struct bmc_row *row;
		(void)rf_target(q, v, &row);
		if (!rf_set_takes(row) || rf_set_add(&set, q, row) != 0)
			return refuse(q, &set, v);
	}
	return rf_set_submit(q, &set);
}

/* clang-format off */
static const struct rf_param params[] = {
	{ "ResetType", JSON_STRING, true }, { "TargetURIs", JSON_ARRAY, true },
	RF_SET_PLAN,
	{ .name = NULL },
};
static const struct rf_action actions[] = {
	{ "AggregationService.Reset", params, reset, rf_allowed_any },
	{ .name = NULL },
};
static const struct rf_prop props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_LINK("Aggregates", "./Aggregates"),
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
