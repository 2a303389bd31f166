// SPDX-License-Identifier: Apache-2.0
// Power supplies below the enclosure's PowerSubsystem.
#include "redfish/list.h"

#define OEM       "Oem/ClusterBmc/"
#define SUBSYSTEM "/redfish/v1/Chassis/{chassis}/PowerSubsystem"

static const struct bmc_name line[] = { { 1, "Normal" },
					{ 0, "LossOfInput" },
					{ 0, NULL } };

static json_t *kwh(struct rf_render *r)
{
	int64_t joules = ((const struct bmc_psu *)rf_row(r))->energy;

	return joules == BMC_UNKNOWN ? json_null() : json_real((double)joules / 3.6e6);
}

json_t *rf_power_capacity(struct rf_render *r)
{
	const struct bmc_row *const *rows;
	size_t n = rf_children(rf_view_of(r), rf_row(r), BMC_PSU, &rows);
	int64_t sum = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t one = ((const struct bmc_psu *)rows[i])->capacity;

		rf_note(rf_view_of(r), rows[i]);
		if (rows[i]->status == BMC_ABSENT)
			continue;
		if (one == BMC_UNKNOWN)
			return json_null();
		sum += one;
	}
	return sum ? json_real((double)sum / 1000) : json_null();
}

/* One group of all supplies: one of them may fail. */
static json_t *redundancy(struct rf_render *r)
{
	static const struct bmc_name healths[] = { { BMC_REDUNDANT, "OK" },
						   { BMC_REDUNDANCY_LOST, "Warning" },
						   { 0, NULL } };
	const struct rf_prop all = RF_DOWN("", &rf_psu),
			     health = RF_FIELD("", bmc_chassis, redundancy,
					       .names = healths);
	json_t *group = rf_value(r, &all);
	json_int_t n = (json_int_t)json_array_size(group);

	if (n < 2) {
		json_decref(group);
		return json_array();
	}
	return json_pack("[{ss sI sI so s{ss so}}]", "RedundancyType", "NPlusM",
			 "MinNeededInGroup", n - 1, "MaxSupportedInGroup", n,
			 "RedundancyGroup", group, "Status", "State", "Enabled",
			 "Health", rf_value(r, &health));
}

/* clang-format off */
static const struct rf_prop subsystem_props[] = {
	RF_STATUS(bmc_chassis),
	RF_FN("CapacityWatts", rf_power_capacity),
	RF_FN("PowerSupplyRedundancy", redundancy),
	RF_LINK("PowerSupplies", "./PowerSupplies"),
	{ .path = NULL },
};

static const struct rf_prop psu_props[] = {
	RF_NAMED(bmc_psu),
	RF_STATUS_CONDITIONS(bmc_psu),
	RF_FIELD("Model", bmc_psu, model),
	RF_FIELD("Manufacturer", bmc_psu, manufacturer),
	RF_FIELD("SerialNumber", bmc_psu, serial),
	RF_FIELD("PartNumber", bmc_psu, part_number),
	RF_FIELD("LineInputStatus", bmc_psu, input_ok, .names = line),
	RF_FIELD("PowerCapacityWatts", bmc_psu, capacity),
	RF_PLACE("Bay"),
	RF_BOOL("HotPluggable", true),
	RF_LINK("Metrics", "./Metrics"),
	RF_SAME("Links/PoweringChassis[]", &rf_enclosure),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcPowerSupply.v1_0_0.PowerSupply"),
	RF_FIELD(OEM "Label", bmc_psu, name, .flags = RF_PATCH),
	RF_FIELD(OEM "Present", bmc_psu, present),
	RF_FIELD(OEM "OutputGood", bmc_psu, output_ok),
	{ .path = NULL },
};

static const struct rf_prop metrics_props[] = {
	RF_STATUS(bmc_psu),
	RF_SOURCE("InputVoltage/DataSourceUri", &rf_psu_input_voltage),
	RF_FIELD("InputVoltage/Reading", bmc_psu, input_voltage),
	RF_SOURCE("InputPowerWatts/DataSourceUri", &rf_psu_input_power),
	RF_FIELD("InputPowerWatts/Reading", bmc_psu, input_power),
	RF_SOURCE("OutputPowerWatts/DataSourceUri", &rf_psu_output_power),
	RF_FIELD("OutputPowerWatts/Reading", bmc_psu, output_power),
	RF_SOURCE("RailVoltage[0]/DataSourceUri", &rf_psu_output_voltage),
	RF_FIELD("RailVoltage[0]/Reading", bmc_psu, output_voltage),
	RF_SOURCE("RailCurrentAmps[0]/DataSourceUri", &rf_psu_output_current),
	RF_FIELD("RailCurrentAmps[0]/Reading", bmc_psu, output_current),
	RF_SOURCE("TemperatureCelsius/DataSourceUri", &rf_psu_temperature),
	RF_FIELD("TemperatureCelsius/Reading", bmc_psu, temperature),
	RF_FN("EnergykWh/Reading", kwh, RF_AT(bmc_psu, energy)),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_power_subsystem = {
	.uri = SUBSYSTEM,
	.type = "PowerSubsystem.v1_1_3.PowerSubsystem",
	.name = "Power supply",
	.props = subsystem_props,
};
const struct rf_resource rf_psus = {
	.uri = SUBSYSTEM "/PowerSupplies",
	.type = "PowerSupplyCollection.PowerSupplyCollection",
	.name = "Power supplies",
	.members = RF_TO(&rf_psu),
};
const struct rf_resource rf_psu = {
	.uri = SUBSYSTEM "/PowerSupplies/{psu}",
	.type = "PowerSupply.v1_6_0.PowerSupply",
	.props = psu_props,
};
const struct rf_resource rf_psu_metrics = {
	.uri = SUBSYSTEM "/PowerSupplies/{psu}/Metrics",
	.type = "PowerSupplyMetrics.v1_2_0.PowerSupplyMetrics",
	.name = "Metrics of the power supply",
	.props = metrics_props,
};
