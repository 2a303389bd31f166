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

/* clang-format off */
static const struct rf_prop subsystem_props[] = {
	RF_STATUS(bmc_chassis),
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
	RF_FIELD("InputVoltage/Reading", bmc_psu, input_voltage),
	RF_FIELD("InputPowerWatts/Reading", bmc_psu, input_power),
	RF_FIELD("OutputPowerWatts/Reading", bmc_psu, output_power),
	RF_FIELD("RailVoltage[0]/Reading", bmc_psu, output_voltage),
	RF_FIELD("RailCurrentAmps[0]/Reading", bmc_psu, output_current),
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
