// SPDX-License-Identifier: Apache-2.0
// What a chassis draws, and how warm a board is.
#include "redfish/list.h"

/* clang-format off */
static const struct rf_prop enclosure_props[] = {
	RF_FIELD("PowerWatts/Reading", bmc_chassis, power),
	{ .path = NULL },
};
static const struct rf_prop blade_props[] = {
	RF_FIELD("PowerWatts/Reading", bmc_blade, power),
	{ .path = NULL },
};
static const struct rf_prop card_props[] = {
	RF_FIELD("PowerWatts/Reading", bmc_board, power),
	RF_FIELD("TemperatureCelsius/Reading", bmc_board, soc_temperature),
	{ .path = NULL },
};
/* clang-format on */

#define METRICS(pattern, table)                                                \
	{                                                                      \
		.uri = "/redfish/v1/Chassis/{" pattern "}/EnvironmentMetrics", \
		.type = "EnvironmentMetrics.v1_5_0.EnvironmentMetrics",        \
		.name = "Environment", .props = (table),                       \
	}

const struct rf_resource rf_enclosure_metrics = METRICS("chassis", enclosure_props);
const struct rf_resource rf_blade_metrics = METRICS("blade", blade_props);
const struct rf_resource rf_card_metrics = METRICS("board", card_props);
