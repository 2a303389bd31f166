// SPDX-License-Identifier: Apache-2.0
// What things are in: the enclosure, its blades, and each board as the module it is.
#include "redfish/list.h"

#define OEM "Oem/ClusterBmc/"

/* The boards are held by their modules; main is the enclosure's own computer. */
static json_t *main_only(struct rf_render *r)
{
	const struct bmc_row *const *rows;
	size_t n = rf_children(rf_view_of(r), rf_row(r), BMC_BOARD, &rows);
	json_t *list = json_array();

	for (size_t i = 0; i < n; i++) {
		if (rf_of_main(rf_view_of(r), rows[i]))
			(void)json_array_append_new(
				list, rf_link_row(r, &rf_system, rows[i]));
	}
	return list;
}

/* clang-format off */
static const struct rf_prop enclosure_props[] = {
	RF_NAMED(bmc_chassis),
	RF_FIELD("ChassisType", bmc_chassis, form, .flags = RF_TEXT_IF_UNKNOWN,
		 .text = "Enclosure"), /* the schema's word for any other */
	RF_STATUS_CONDITIONS(bmc_chassis),
	RF_LOCATOR(bmc_chassis),
	RF_TEXT("PowerState", "On"), /* or nothing would answer */
	RF_NULL("SKU"),
	RF_FIELD("Model", bmc_chassis, model),
	RF_FIELD("Manufacturer", bmc_chassis, manufacturer),
	RF_FIELD("SerialNumber", bmc_chassis, serial),
	RF_FIELD("PartNumber", bmc_chassis, part_number),
	RF_FIELD("AssetTag", bmc_chassis, asset_tag, .flags = RF_PATCH),
	RF_LINK("PowerSubsystem", "./PowerSubsystem"),
	RF_LINK("ThermalSubsystem", "./ThermalSubsystem"),
	RF_LINK("Power", "./Power"),
	RF_LINK("Thermal", "./Thermal"),
	RF_LINK("Sensors", "./Sensors"),
	RF_LINK("Controls", "./Controls"),
	RF_LINK("Drives", "./Drives"),
	RF_LINK("EnvironmentMetrics", "./EnvironmentMetrics"),
	RF_LINK("NetworkAdapters", "./NetworkAdapters"),
	RF_DOWN("Links/Contains", &rf_blade, &rf_card),
	RF_FN("Links/ComputerSystems", main_only),
	RF_DOWN("Links/Drives", &rf_drive),
	RF_DOWN("Links/Fans", &rf_fan),
	RF_DOWN("Links/PowerSupplies", &rf_psu),
	RF_SAME("Links/ManagedBy[]", &rf_manager),
	RF_SAME("Links/ManagersInChassis[]", &rf_manager),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcChassis.v1_0_0.Chassis"),
	RF_FIELD(OEM "Label", bmc_chassis, name, .flags = RF_PATCH),
	RF_FIELD(OEM "PowerRedundancy", bmc_chassis, redundancy),
	RF_FIELD(OEM "FanRedundancy", bmc_chassis, fan_redundancy),
	RF_FIELD(OEM "NetworkRedundancy", bmc_chassis, network_redundancy),
	RF_FIELD(OEM "BoardsPresent", bmc_chassis, boards_present),
	RF_FIELD(OEM "BoardsOn", bmc_chassis, boards_on),
	{ .path = NULL },
};

static const struct rf_action enclosure_actions[] = {
	{ "Chassis.Reset", rf_reset_params, rf_run_reset_below, rf_allowed_row },
	{ .name = NULL },
};
/* clang-format on */

const struct rf_resource rf_chassis = {
	.uri = "/redfish/v1/Chassis",
	.type = "ChassisCollection.ChassisCollection",
	.name = "Enclosure, blades and boards",
	.members = RF_TO(&rf_enclosure, &rf_blade, &rf_card),
};
const struct rf_resource rf_enclosure = {
	.uri = "/redfish/v1/Chassis/{chassis}",
	.type = "Chassis.v1_28_0.Chassis",
	.props = enclosure_props,
	.actions = enclosure_actions,
};
