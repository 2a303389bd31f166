// SPDX-License-Identifier: Apache-2.0
// A board as the module it is: where it is plugged in.
#include "redfish/list.h"

/* clang-format off */
static const struct rf_prop card_props[] = {
	RF_NAMED(bmc_board),
	RF_TEXT("ChassisType", "Module"),
	RF_STATUS_CONDITIONS(bmc_board),
	RF_LOCATOR(bmc_board),
	RF_FIELD("PowerState", bmc_board, power_state, .flags = RF_PRESENT),
	RF_FIELD("Manufacturer", bmc_board, manufacturer),
	RF_FIELD("Model", bmc_board, model),
	RF_FIELD("SerialNumber", bmc_board, serial),
	RF_FIELD("PartNumber", bmc_board, part_number),
	RF_FIELD("AssetTag", bmc_board, asset_tag, .flags = RF_PATCH),
	RF_FIELD("Version", bmc_board, hw_version),
	RF_BOOL("HotPluggable", true),
	RF_PLACE("Slot"),
	RF_NULL("SKU"),
	RF_BOOL("PoweredByParent", true),
	RF_BOOL("ThermalManagedByParent", true),
	RF_LINK("Sensors", "./Sensors"),
	RF_LINK("Drives", "./Drives"),
	RF_LINK("EnvironmentMetrics", "./EnvironmentMetrics"),
	RF_UP("Links/ContainedBy", &rf_blade, &rf_enclosure),
	RF_SAME("Links/ComputerSystems[]", &rf_system),
	RF_SAME("Links/Processors[]", &rf_processor),
	RF_SAME("Links/Storage[]", &rf_storage),
	RF_SAME("Links/Storage[]", &rf_emmc),
	RF_DOWN("Links/Drives", &rf_drive),
	RF_SAME("Links/Drives[]", &rf_emmc_drive),
	RF_SAME("Links/ManagedBy[]", &rf_manager),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_card = {
	.uri = "/redfish/v1/Chassis/{board}",
	.type = "Chassis.v1_28_0.Chassis",
	.props = card_props,
};
