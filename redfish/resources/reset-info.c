// SPDX-License-Identifier: Apache-2.0
// ActionInfo of each reset: which ResetTypes are taken.
#include "redfish/aggregates.h"
#include "redfish/list.h"

static json_t *parameters(uint32_t allowed)
{
	return json_pack("[{ss sb ss so}]", "Name", "ResetType", "Required", 1,
			 "DataType", "String", "AllowableValues",
			 rf_reset_words(allowed));
}

static json_t *of_row(struct rf_render *r)
{
	return parameters(rf_allowed_row(rf_view_of(r), rf_row(r)));
}

/* Of a set of boards: which, and how many at once. */
static json_t *of_any(struct rf_render *r)
{
	json_t *list = parameters(rf_allowed_any(rf_view_of(r), NULL));

	(void)json_array_append_new(
		list, json_pack("{ss sb ss si}", "Name", "TargetURIs", "Required", 1,
				"DataType", "ObjectArray", "ArraySizeMinimum", 1));
	rf_set_plan_info(list);
	return list;
}

static json_t *of_aggregate(struct rf_render *r)
{
	json_t *list = parameters(rf_aggregate_allowed(rf_view_of(r), rf_row(r)));

	rf_set_plan_info(list);
	return list;
}

static json_t *of_manager(struct rf_render *r)
{
	(void)r;
	return parameters(RF_MANAGER_RESETS);
}

#define INFO(of)                         \
	(const struct rf_prop[])         \
	{                                \
		RF_FN("Parameters", of), \
		{                        \
			.path = NULL     \
		}                        \
	}
#define RESET_INFO(at, of)                                               \
	{                                                                \
		.uri = "/redfish/v1/" at "/ResetActionInfo",             \
		.type = "ActionInfo.v1_5_0.ActionInfo", .name = "Reset", \
		.props = INFO(of),                                       \
	}

const struct rf_resource rf_system_reset_info = RESET_INFO("Systems/{board}", of_row);
const struct rf_resource rf_blade_reset_info = RESET_INFO("Chassis/{blade}", of_row);
const struct rf_resource rf_enclosure_reset_info =
	RESET_INFO("Chassis/{chassis}", of_row);
const struct rf_resource rf_manager_reset_info =
	RESET_INFO("Managers/{manager}", of_manager);
const struct rf_resource rf_aggregation_reset_info =
	RESET_INFO("AggregationService", of_any);
const struct rf_resource rf_aggregate_reset_info =
	RESET_INFO("AggregationService/Aggregates/{aggregate}", of_aggregate);
