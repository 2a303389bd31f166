// SPDX-License-Identifier: Apache-2.0
// Aggregates: sets of boards that clients make and reset as one.
#include "redfish/aggregates.h"
#include "redfish/list.h"

#define AGGREGATES "/redfish/v1/AggregationService/Aggregates"

/* clang-format off */
static const struct rf_param create_params[] = {
	{ "Name", JSON_STRING, false }, { "Elements", JSON_ARRAY, true }, { .name = NULL },
};
static const struct rf_param element_params[] = {
	{ "Elements", JSON_ARRAY, true }, { .name = NULL },
};
static const struct rf_param reset_params[] = {
	{ "ResetType", JSON_STRING, true }, RF_SET_PLAN, { .name = NULL },
};
static const struct rf_action actions[] = {
	{ "Aggregate.Reset", reset_params, rf_aggregate_reset, rf_aggregate_allowed },
	{ "Aggregate.AddElements", element_params, rf_aggregate_add, NULL },
	{ "Aggregate.RemoveElements", element_params, rf_aggregate_remove, NULL },
	{ .name = NULL },
};
static const struct rf_prop props[] = {
	RF_FIELD("Name", bmc_aggregate, name),
	RF_FN("Elements", rf_aggregate_elements, RF_AT(bmc_aggregate, members)),
	RF_FN("ElementsCount", rf_aggregate_count),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_aggregates = {
	.uri = AGGREGATES,
	.type = "AggregateCollection.AggregateCollection",
	.name = "Sets of boards",
	.members = RF_TO(&rf_aggregate),
	.create_params = create_params,
	.create = rf_aggregate_create,
};
const struct rf_resource rf_aggregate = {
	.uri = AGGREGATES "/{aggregate}",
	.type = "Aggregate.v1_0_3.Aggregate",
	.props = props,
	.actions = actions,
	.flags = RF_DELETE,
};
