// SPDX-License-Identifier: Apache-2.0
// What can be set of the hardware of the enclosure: the drive of its fans.
#include "redfish/list.h"

/* clang-format off */
static const struct rf_prop props[] = {
	RF_FIELD("Status/State", bmc_fan, row.status),
	RF_FIELD("Status/Health", bmc_fan, row.health, .flags = RF_PRESENT),
	RF_TEXT("ControlType", "Percent"),
	RF_FIELD("ControlMode", bmc_fan, mode, .flags = RF_PATCH),
	RF_FIELD("SetPoint", bmc_fan, target_duty, .flags = RF_PATCH),
	RF_TEXT("SetPointType", "Single"),
	RF_TEXT("SetPointUnits", "%"),
	RF_NUM("AllowableMin", 0),
	RF_NUM("AllowableMax", 100),
	RF_TEXT("Implementation", "Programmable"),
	RF_TEXT("PhysicalContext", "Fan"),
	RF_SOURCE("Sensor/DataSourceUri", &rf_fan_speed),
	RF_FIELD("Sensor/Reading", bmc_fan, duty),
	RF_SAME("AssociatedSensors[]", &rf_fan_speed),
	RF_SAME("RelatedItem[]", &rf_fan),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_controls = {
	.uri = "/redfish/v1/Chassis/{chassis}/Controls",
	.type = "ControlCollection.ControlCollection",
	.name = "Controls",
	.members = RF_TO(&rf_fan_control),
};
const struct rf_resource rf_fan_control = {
	.uri = "/redfish/v1/Chassis/{chassis}/Controls/{fan}-drive",
	.type = "Control.v1_7_0.Control",
	.name = "Drive of the fan",
	.props = props,
};
