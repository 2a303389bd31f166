// SPDX-License-Identifier: Apache-2.0
// What firmware there is. Updating comes with the update engine, so there are no
// actions.
#include "redfish/list.h"

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_LINK("FirmwareInventory", "./FirmwareInventory"),
	{ .path = NULL },
};
static const struct rf_prop props[] = {
	RF_NAMED(bmc_firmware),
	RF_STATUS(bmc_firmware),
	RF_FIELD("Version", bmc_firmware, version),
	RF_FIELD("SoftwareId", bmc_firmware, row.id),
	RF_FIELD("Updateable", bmc_firmware, updateable),
	RF_UP("RelatedItem[]", &rf_system, &rf_blade, &rf_enclosure, &rf_manager),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_update_service = {
	.uri = "/redfish/v1/UpdateService",
	.type = "UpdateService.v1_17_0.UpdateService",
	.name = "Updates",
	.props = service_props,
};
const struct rf_resource rf_inventory = {
	.uri = "/redfish/v1/UpdateService/FirmwareInventory",
	.type = "SoftwareInventoryCollection.SoftwareInventoryCollection",
	.name = "Firmware",
	.members = RF_TO(&rf_firmware),
};
const struct rf_resource rf_firmware = {
	.uri = "/redfish/v1/UpdateService/FirmwareInventory/{firmware}",
	.type = "SoftwareInventory.v1_13_0.SoftwareInventory",
	.props = props,
};
