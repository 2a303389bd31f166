// SPDX-License-Identifier: Apache-2.0
// Readings that are fields of a board, blade, enclosure, fan or power supply, each as a
// Sensor of its own: what an excerpt elsewhere names as its DataSourceUri. A line each.
#include "redfish/list.h"

#define SENSOR   "Sensor.v1_12_0.Sensor"
#define AT(what) "/redfish/v1/Chassis/{" what "}/Sensors/"
#define IN       "/redfish/v1/Chassis/{container}/Sensors/"

/* clang-format off */
#define READING(var, at, title, kind, field, is, units, where, of, ...)            \
	static const struct rf_prop var##_props[] = {                              \
		RF_TEXT("ReadingType", is), RF_TEXT("ReadingUnits", units),        \
		RF_FIELD("Reading", kind, field), RF_TEXT("PhysicalContext", where), \
		RF_FIELD("Status/State", kind, row.status),                        \
		RF_SAME("RelatedItem[]", of), __VA_ARGS__ { .path = NULL },        \
	};                                                                         \
	const struct rf_resource rf_##var = { .uri = at, .type = SENSOR,           \
					      .name = title, .props = var##_props }

READING(enclosure_power, AT("chassis") "power", "Power of the enclosure", bmc_chassis, power, "Power", "W", "Chassis", &rf_enclosure);
READING(blade_power, AT("blade") "power", "Power of the blade", bmc_blade, power, "Power", "W", "Board", &rf_blade);
READING(board_power, AT("board") "power", "Power of the board", bmc_board, power, "Power", "W", "SystemBoard", &rf_card);
READING(soc_temperature, AT("board") "soc-temperature", "Temperature of the system on a chip", bmc_board, soc_temperature, "Temperature", "Cel", "CPU", &rf_card);
READING(gpu_temperature, AT("board") "gpu-temperature", "Temperature of the graphics processor", bmc_board, gpu_temperature, "Temperature", "Cel", "GPU", &rf_card);
READING(fan_speed, IN "{fan}-speed", "Drive and speed of the fan", bmc_fan, duty, "Percent", "%", "Fan", &rf_fan, RF_FIELD("SpeedRPM", bmc_fan, rpm),);
READING(fan_rpm, IN "{fan}-rpm", "Speed of the fan", bmc_fan, rpm, "Rotational", "{rev}/min", "Fan", &rf_fan,
	RF_FIELD("Status/Health", bmc_fan, row.health, .flags = RF_PRESENT),
	RF_FIELD("Thresholds/LowerCritical/Reading", bmc_fan, low_rpm, .flags = RF_PATCH),);
READING(psu_input_power, IN "{psu}-input-power", "Power from the mains", bmc_psu, input_power, "Power", "W", "PowerSupply", &rf_psu);
READING(psu_output_power, IN "{psu}-output-power", "Power given out", bmc_psu, output_power, "Power", "W", "PowerSupply", &rf_psu);
READING(psu_input_voltage, IN "{psu}-input-voltage", "Voltage of the mains", bmc_psu, input_voltage, "Voltage", "V", "PowerSupply", &rf_psu);
READING(psu_output_voltage, IN "{psu}-output-voltage", "Voltage of the output", bmc_psu, output_voltage, "Voltage", "V", "PowerSupply", &rf_psu);
READING(psu_output_current, IN "{psu}-output-current", "Current of the output", bmc_psu, output_current, "Current", "A", "PowerSupply", &rf_psu);
READING(psu_temperature, IN "{psu}-temperature", "Temperature of the supply", bmc_psu, temperature, "Temperature", "Cel", "PowerSupply", &rf_psu);
/* clang-format on */
