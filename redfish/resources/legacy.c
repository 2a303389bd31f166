// SPDX-License-Identifier: Apache-2.0
// The deprecated Thermal and Power, for clients that know nothing newer (Ansible's fan
// and power supply inventories). At the enclosure only: a blade with a Power would need
// power supplies.
#include "redfish/list.h"

static bool is_temperature(const struct bmc_row *row)
{
	return ((const struct bmc_sensor *)row)->type == BMC_SENSOR_TEMPERATURE;
}

/* clang-format off */
static const struct rf_prop fan_props[] = {
	RF_NAMED(bmc_fan),
	RF_STATUS(bmc_fan),
	RF_FIELD("Reading", bmc_fan, rpm),
	RF_TEXT("ReadingUnits", "RPM"),
	RF_TEXT("PhysicalContext", "Fan"),
	RF_FIELD("LowerThresholdCritical", bmc_fan, low_rpm, .flags = RF_OMIT),
	{ .path = NULL },
};
static const struct rf_prop temperature_props[] = {
	RF_NAMED(bmc_sensor),
	RF_STATUS(bmc_sensor),
	RF_FIELD("ReadingCelsius", bmc_sensor, value),
	RF_FN("PhysicalContext", rf_sensor_context),
	RF_FIELD("UpperThresholdNonCritical", bmc_sensor, high_warning, .flags = RF_OMIT),
	RF_FIELD("UpperThresholdCritical", bmc_sensor, high_critical, .flags = RF_OMIT),
	{ .path = NULL },
};
static const struct rf_prop psu_props[] = {
	RF_NAMED(bmc_psu),
	RF_STATUS(bmc_psu),
	RF_FIELD("Manufacturer", bmc_psu, manufacturer),
	RF_FIELD("Model", bmc_psu, model),
	RF_FIELD("SerialNumber", bmc_psu, serial),
	RF_FIELD("PartNumber", bmc_psu, part_number),
	RF_FIELD("LineInputVoltage", bmc_psu, input_voltage),
	RF_FIELD("PowerInputWatts", bmc_psu, input_power),
	RF_FIELD("PowerOutputWatts", bmc_psu, output_power),
	RF_FIELD("PowerCapacityWatts", bmc_psu, capacity),
	{ .path = NULL },
};
static const struct rf_prop control_props[] = {
	RF_TEXT("Name", "Power of the enclosure"),
	RF_FIELD("PowerConsumedWatts", bmc_chassis, power),
	RF_FN("PowerCapacityWatts", rf_power_capacity),
	RF_NULL("PowerLimit/LimitInWatts"), /* nothing limits it */
	RF_NULL("PowerLimit/LimitException"),
	RF_TEXT("PhysicalContext", "Chassis"),
	RF_STATUS(bmc_chassis),
	RF_SAME("RelatedItem[]", &rf_enclosure),
	{ .path = NULL },
};

static const struct rf_each fans = { BMC_FAN, NULL, fan_props, false };
static const struct rf_each temperatures = { BMC_SENSOR, is_temperature, temperature_props, false };
static const struct rf_each psus = { BMC_PSU, NULL, psu_props, false };
static const struct rf_each controls = { BMC_CHASSIS, NULL, control_props, false };

static const struct rf_prop thermal_props[] = {
	RF_STATUS(bmc_chassis),
	RF_EACH("Fans", &fans),
	RF_EACH("Temperatures", &temperatures),
	{ .path = NULL },
};
static const struct rf_prop power_props[] = {
	RF_EACH("PowerControl", &controls),
	RF_EACH("PowerSupplies", &psus),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_thermal = {
	.uri = "/redfish/v1/Chassis/{chassis}/Thermal",
	.type = "Thermal.v1_7_3.Thermal",
	.name = "Thermal",
	.props = thermal_props,
};
const struct rf_resource rf_power = {
	.uri = "/redfish/v1/Chassis/{chassis}/Power",
	.type = "Power.v1_7_3.Power",
	.name = "Power",
	.props = power_props,
};
