// SPDX-License-Identifier: Apache-2.0
// What a chassis draws, and how warm a board is.
#include "redfish/list.h"

/* clang-format off */
static const struct rf_prop fan_props[] = {
	RF_SOURCE("DataSourceUri", &rf_fan_speed),
	RF_FIELD("DeviceName", bmc_fan, name, .flags = RF_OR_ID),
	RF_TEXT("PhysicalContext", "Fan"),
	RF_FIELD("Reading", bmc_fan, duty),
	RF_FIELD("SpeedRPM", bmc_fan, rpm),
	{ .path = NULL },
};
static const struct rf_each fans = { .kind = BMC_FAN, .props = fan_props, .children = true };

static const struct rf_prop enclosure_props[] = {
	RF_FIELD("PowerWatts/Reading", bmc_chassis, power),
	RF_SOURCE("PowerWatts/DataSourceUri", &rf_enclosure_power),
	RF_EACH("FanSpeedsPercent", &fans),
	{ .path = NULL },
};
static const struct rf_prop blade_props[] = {
	RF_FIELD("PowerWatts/Reading", bmc_blade, power),
	RF_SOURCE("PowerWatts/DataSourceUri", &rf_blade_power),
	{ .path = NULL },
};
static const struct rf_prop card_props[] = {
	RF_FIELD("PowerWatts/Reading", bmc_board, power),
	RF_SOURCE("PowerWatts/DataSourceUri", &rf_board_power),
	RF_FIELD("TemperatureCelsius/Reading", bmc_board, soc_temperature),
	RF_SOURCE("TemperatureCelsius/DataSourceUri", &rf_soc_temperature),
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
