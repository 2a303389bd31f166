// SPDX-License-Identifier: Apache-2.0
// Fans below the enclosure's ThermalSubsystem. What a fan was set to is Oem:
// Redfish's SpeedPercent is a reading.
#include "core/base/util.h"
#include "core/model/field.h"
#include "redfish/list.h"

#define OEM       "Oem/ClusterBmc/"
#define SUBSYSTEM "/redfish/v1/Chassis/{chassis}/ThermalSubsystem"

static bool is_temperature(const struct bmc_row *row)
{
	return ((const struct bmc_sensor *)row)->type == BMC_SENSOR_TEMPERATURE;
}

/* The fans of a module, of which one may fail. NULL: it has none. */
static json_t *module_group(struct rf_render *r, int64_t module)
{
	const struct bmc_row *const *rows;
	size_t n = rf_children(rf_view_of(r), rf_row(r), BMC_FAN, &rows);
	json_t *group = json_array();
	bool good = true, known = true;

	for (size_t i = 0; i < n; i++) {
		const struct bmc_fan *f = (const struct bmc_fan *)rows[i];
		rf_note(rf_view_of(r), rows[i]);
		if (MAX(f->module, (int64_t)0) != module)
			continue;
		good &= f->row.health == BMC_OK_HEALTH;
		known &= f->row.health != BMC_HEALTH_UNKNOWN || f->present == 0;
		(void)json_array_append_new(group, rf_link_row(r, &rf_fan, rows[i]));
	}
	json_int_t size = (json_int_t)json_array_size(group);
	if (size == 0) {
		json_decref(group);
		return NULL;
	}
	json_t *health = known ? json_string(good ? "OK" : "Warning") : json_null();
	return json_pack("{ss sI sI so s{ss so}}", "RedundancyType", "NPlusM",
			 "MinNeededInGroup", MAX(size - 1, (json_int_t)1),
			 "MaxSupportedInGroup", size, "RedundancyGroup", group,
			 "Status", "State", "Enabled", "Health", health);
}

static json_t *redundancy(struct rf_render *r)
{
	const struct bmc_field *f = bmc_field_find(BMC_FAN, "module");
	json_t *groups = json_array();

	for (int64_t module = 0; module <= f->max; module++) {
		json_t *group = module_group(r, module);
		if (group)
			(void)json_array_append_new(groups, group);
	}
	return groups;
}

/* clang-format off */
static const struct rf_prop subsystem_props[] = {
	RF_STATUS(bmc_chassis),
	RF_FN("FanRedundancy", redundancy),
	RF_LINK("Fans", "./Fans"),
	RF_LINK("ThermalMetrics", "./ThermalMetrics"),
	{ .path = NULL },
};

static const struct rf_prop temperature_props[] = {
	RF_SOURCE("DataSourceUri", &rf_sensor),
	RF_FIELD("DeviceName", bmc_sensor, name, .flags = RF_OR_ID),
	RF_FN("PhysicalContext", rf_sensor_context),
	RF_FIELD("Reading", bmc_sensor, value),
	{ .path = NULL },
};
static const struct rf_each temperatures = {
	.kind = BMC_SENSOR, .where = is_temperature, .props = temperature_props, .children = true,
};
static const struct rf_prop metrics_props[] = {
	RF_EACH("TemperatureReadingsCelsius", &temperatures),
	{ .path = NULL },
};

static const struct rf_prop fan_props[] = {
	RF_NAMED(bmc_fan),
	RF_STATUS_CONDITIONS(bmc_fan),
	RF_FIELD("Model", bmc_fan, model),
	RF_FIELD("SerialNumber", bmc_fan, serial),
	RF_BOOL("HotPluggable", true),
	RF_TEXT("PhysicalContext", "Fan"),
	RF_PLACE("Bay"),
	RF_SOURCE("SpeedPercent/DataSourceUri", &rf_fan_speed),
	RF_FIELD("SpeedPercent/Reading", bmc_fan, duty),
	RF_FIELD("SpeedPercent/SpeedRPM", bmc_fan, rpm),
	RF_SAME("Links/CoolingChassis[]", &rf_enclosure),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcFan.v1_0_0.Fan"),
	RF_FIELD(OEM "Label", bmc_fan, name, .flags = RF_PATCH),
	RF_FIELD(OEM "Present", bmc_fan, present),
	RF_FIELD(OEM "Mode", bmc_fan, mode, .flags = RF_PATCH),
	RF_FIELD(OEM "TargetDutyPercent", bmc_fan, target_duty, .flags = RF_PATCH),
	RF_FIELD(OEM "LowestRpm", bmc_fan, low_rpm, .flags = RF_PATCH),
	RF_FIELD(OEM "Module", bmc_fan, module),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_thermal_subsystem = {
	.uri = SUBSYSTEM,
	.type = "ThermalSubsystem.v1_5_0.ThermalSubsystem",
	.name = "Cooling",
	.props = subsystem_props,
};
const struct rf_resource rf_thermal_metrics = {
	.uri = SUBSYSTEM "/ThermalMetrics",
	.type = "ThermalMetrics.v1_3_2.ThermalMetrics",
	.name = "Temperatures",
	.props = metrics_props,
};
const struct rf_resource rf_fans = {
	.uri = SUBSYSTEM "/Fans",
	.type = "FanCollection.FanCollection",
	.name = "Fans",
	.members = RF_TO(&rf_fan),
};
const struct rf_resource rf_fan = {
	.uri = SUBSYSTEM "/Fans/{fan}",
	.type = "Fan.v1_6_0.Fan",
	.props = fan_props,
};
