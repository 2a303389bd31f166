// SPDX-License-Identifier: Apache-2.0
// One reset of any set of boards, named by the URIs of systems and chassis.
#include <string.h>

#include "core/base/util.h"
#include "redfish/list.h"

/* Where the parameters stand in the table; PLAN is the first of the plan's. */
enum { RESET_TYPE, TARGETS, PLAN };

/* A reference as {"@odata.id": uri} or as the URI itself. */
static const char *uri_of(const json_t *v)
{
	return json_string_value(json_is_object(v) ? json_object_get(v, "@odata.id")
						   : v);
}

static int refuse(struct rf_request *q, struct rf_set *set, enum rf_message_id id,
		  const char *value, const char *parameter)
{
	rf_set_done(set);
	(void)rf_message_add(&q->messages, id, value, parameter, q->action->name);
	return rf_answer_messages(q, 0);
}

static bool is_target(const struct bmc_row *row)
{
	return row && (row->kind == BMC_BOARD || row->kind == BMC_BLADE ||
		       row->kind == BMC_CHASSIS);
}

/* A number of the plan; 0 is the same as none. BMC_ERANGE, BMC_ENOMEM. */
static int add_param(struct rf_set *set, enum bmc_param key, const json_t *v,
		     int64_t scale)
{
	int64_t n = json_integer_value(v);

	if (n == 0)
		return 0;
	if (n > INT64_MAX / scale || n < 0)
		return BMC_ERANGE;
	if (!set->params && !(set->params = bmc_params_new()))
		return BMC_ENOMEM;
	return bmc_params_set_num(set->params, key, n * scale, NULL);
}

/* Returns whether the plan is in the set; if not it has been answered. */
static bool take_plan(struct rf_request *q, struct rf_set *set,
		      const json_t *const *args)
{
	static const struct {
		enum bmc_param key;
		int64_t scale;
	} plan[] = { { BMC_PARAM_BATCH, 1 }, { BMC_PARAM_DELAY_MS, 1000 } };
	char word[RF_ARG_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(plan); i++) {
		int r = add_param(set, plan[i].key, args[i], plan[i].scale);
		if (r == 0)
			continue;
		rf_format_value(args[i], word);
		(void)refuse(q, set,
			     r == BMC_ENOMEM ? RF_INTERNAL_ERROR
					     : RF_PARAMETER_OUT_OF_RANGE,
			     word, q->action->params[PLAN + i].name);
		return false;
	}
	return true;
}

static int reset(struct rf_request *q, const json_t *const *args)
{
	int op = rf_reset_op(q, args[RESET_TYPE]);
	struct rf_set set = { .op = (enum bmc_action_op)op };
	size_t i;
	json_t *v;

	if (op < 0 || !take_plan(q, &set, args + PLAN))
		return RF_DONE;
	json_array_foreach (args[TARGETS], i, v) {
		const char *uri = uri_of(v);
		const struct bmc_row *row = uri ? rf_target(q, uri) : NULL;
		if (!is_target(row) || rf_set_add(&set, q, row) != 0)
			return refuse(q, &set, RF_PARAMETER_NOT_IN_LIST, uri,
				      "TargetURIs");
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
