// SPDX-License-Identifier: Apache-2.0
// A board's storage: the built-in one as SimpleStorage, disks as Storage with links
// to drives.
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
	{ .path = NULL },
};

static const struct rf_prop storage_props[] = {
	RF_FIELD("Status/State", bmc_board, row.status),
	RF_DOWN("Drives", &rf_drive),
	RF_SAME("Links/Enclosures[]", &rf_card),
	{ .path = NULL },
};

/* clang-format on */

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
const struct rf_resource rf_storages = {
	.uri = "/redfish/v1/Systems/{board}/Storage",
	.type = "StorageCollection.StorageCollection",
	.name = "Storage",
	.members = RF_TO(&rf_storage),
};
const struct rf_resource rf_storage = {
	.uri = "/redfish/v1/Systems/{board}/Storage/disks",
	.type = "Storage.v1_21_0.Storage",
	.name = "Disks",
	.props = storage_props,
	.exists = rf_of_main,
};
