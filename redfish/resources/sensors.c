// SPDX-License-Identifier: Apache-2.0
// Sensors of the enclosure, a blade or a board: where what they belong to sits.
#include "redfish/list.h"

/* What it measures, else what it belongs to. */
json_t *rf_sensor_context(struct rf_render *r)
{
	static const struct bmc_name held_by[] = {
		{ BMC_CHASSIS, "Chassis" },      { BMC_BLADE, "Board" },
		{ BMC_BOARD, "SystemBoard" },    { BMC_FAN, "Fan" },
		{ BMC_PSU, "PowerSupply" },      { BMC_DISK, "StorageDevice" },
		{ BMC_NIC, "NetworkingDevice" }, { 0, NULL },
	};
	const struct bmc_sensor *s = (const struct bmc_sensor *)rf_row(r);
	const struct rf_prop own = RF_FIELD("", bmc_sensor, context);

	if (s->context > BMC_CONTEXT_UNKNOWN)
		return rf_value(r, &own);
	for (const struct bmc_name *n = held_by; n->word; n++) {
		if (s->row.parent && n->value == (int)BMC_HANDLE_KIND(s->row.parent))
			return json_string(n->word);
	}
	return json_string("Chassis");
}

/* clang-format off */
static const struct bmc_name units[] = {
	{ BMC_SENSOR_TEMPERATURE, "Cel" }, { BMC_SENSOR_VOLTAGE, "V" }, { BMC_SENSOR_CURRENT, "A" },
	{ BMC_SENSOR_POWER, "W" }, { BMC_SENSOR_FAN_SPEED, "{rev}/min" }, { BMC_SENSOR_PERCENT, "%" },
	{ BMC_SENSOR_HUMIDITY, "%" }, { 0, NULL },
};

static const struct rf_prop props[] = {
	RF_NAMED(bmc_sensor),
	RF_STATUS_CONDITIONS(bmc_sensor),
	RF_FIELD("ReadingType", bmc_sensor, type),
	RF_FIELD("ReadingUnits", bmc_sensor, type, .names = units),
	RF_FIELD("Reading", bmc_sensor, value),
	RF_FN("PhysicalContext", rf_sensor_context, RF_AT(bmc_sensor, context)),
	RF_UP("RelatedItem[]", &rf_card, &rf_blade, &rf_enclosure, &rf_fan, &rf_psu, &rf_drive),
	RF_FIELD("Thresholds/LowerCritical/Reading", bmc_sensor, low_critical, .flags = RF_PATCH),
	RF_FIELD("Thresholds/LowerCaution/Reading", bmc_sensor, low_warning, .flags = RF_PATCH),
	RF_FIELD("Thresholds/UpperCaution/Reading", bmc_sensor, high_warning, .flags = RF_PATCH),
	RF_FIELD("Thresholds/UpperCritical/Reading", bmc_sensor, high_critical, .flags = RF_PATCH),
	RF_FIELD("UserLabel", bmc_sensor, name, .flags = RF_PATCH | RF_OR_ID),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_sensors = {
	.uri = "/redfish/v1/Chassis/{container}/Sensors",
	.type = "SensorCollection.SensorCollection",
	.name = "Sensors",
	.members = RF_TO(
		&rf_sensor, &rf_enclosure_power, &rf_blade_power, &rf_board_power,
		&rf_soc_temperature, &rf_gpu_temperature, &rf_fan_speed, &rf_fan_rpm,
		&rf_psu_input_power, &rf_psu_output_power, &rf_psu_input_voltage,
		&rf_psu_output_voltage, &rf_psu_output_current, &rf_psu_temperature),
};
const struct rf_resource rf_sensor = {
	.uri = "/redfish/v1/Chassis/{container}/Sensors/{sensor}",
	.type = "Sensor.v1_12_0.Sensor",
	.props = props,
};
