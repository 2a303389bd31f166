// SPDX-License-Identifier: Apache-2.0
// A board's built-in storage (eMMC): as SimpleStorage, and as Storage with the one
// drive that it is.
#include "redfish/list.h"

static bool has_emmc(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	return row->status != BMC_ABSENT &&
	       ((const struct bmc_board *)row)->storage_bytes > 0;
}

/* clang-format off */
static const struct rf_prop simple_props[] = {
	RF_STATUS(bmc_board),
	RF_TEXT("Devices[0]/Name", "eMMC"),
	RF_FIELD("Devices[0]/CapacityBytes", bmc_board, storage_bytes),
	RF_FIELD("Devices[0]/Status/State", bmc_board, row.status),
	RF_SAME("Links/Chassis", &rf_card),
	RF_SAME("Links/Storage", &rf_emmc),
	{ .path = NULL },
};

static const struct rf_prop storage_props[] = {
	RF_FIELD("Status/State", bmc_board, row.status),
	RF_SAME("Drives[]", &rf_emmc_drive),
	RF_LINK("Controllers", "./Controllers"),
	RF_LINK("Volumes", "./Volumes"),
	RF_SAME("Links/Enclosures[]", &rf_card),
	RF_SAME("Links/SimpleStorage", &rf_simple_storage),
	{ .path = NULL },
};

static const struct rf_prop controller_props[] = {
	RF_FIELD("Status/State", bmc_board, row.status),
	RF_TEXT("SupportedDeviceProtocols[]", "eMMC"),
	{ .path = NULL },
};

static const struct rf_prop drive_props[] = {
	RF_FIELD("Status/State", bmc_board, row.status),
	RF_NULL("Status/Health"), /* it is not asked */
	RF_TEXT("Protocol", "eMMC"),
	RF_TEXT("MediaType", "SSD"),
	RF_FIELD("CapacityBytes", bmc_board, storage_bytes),
	RF_SAME("Links/Chassis", &rf_card),
	RF_SAME("Links/Storage", &rf_emmc),
	{ .path = NULL },
};
/* clang-format on */

#define STORAGE "/redfish/v1/Systems/{board}/Storage/emmc"

const struct rf_resource rf_simple_storages = {
	.uri = "/redfish/v1/Systems/{board}/SimpleStorage",
	.type = "SimpleStorageCollection.SimpleStorageCollection",
	.name = "Built-in storage",
	.members = RF_TO(&rf_simple_storage),
};
const struct rf_resource rf_simple_storage = {
	.uri = "/redfish/v1/Systems/{board}/SimpleStorage/emmc",
	.type = "SimpleStorage.v1_3_2.SimpleStorage",
	.name = "Built-in storage",
	.props = simple_props,
	.exists = has_emmc,
};
const struct rf_resource rf_emmc = {
	.uri = STORAGE,
	.type = "Storage.v1_21_0.Storage",
	.name = "Built-in storage",
	.props = storage_props,
	.exists = has_emmc,
};
const struct rf_resource rf_emmc_controllers = {
	.uri = STORAGE "/Controllers",
	.type = "StorageControllerCollection.StorageControllerCollection",
	.name = "Controller of the built-in storage",
	.members = RF_TO(&rf_emmc_controller),
	.exists = has_emmc,
};
const struct rf_resource rf_emmc_controller = {
	.uri = STORAGE "/Controllers/host",
	.type = "StorageController.v1_11_0.StorageController",
	.name = "eMMC host controller",
	.props = controller_props,
	.exists = has_emmc,
};
const struct rf_resource rf_emmc_volumes = {
	.uri = STORAGE "/Volumes",
	.type = "VolumeCollection.VolumeCollection",
	.name = "Volumes of the built-in storage",
	.members = RF_NONE,
	.exists = has_emmc,
};
const struct rf_resource rf_emmc_drive = {
	.uri = "/redfish/v1/Chassis/{board}/Drives/emmc",
	.type = "Drive.v1_22_0.Drive",
	.name = "eMMC",
	.props = drive_props,
	.exists = has_emmc,
};
