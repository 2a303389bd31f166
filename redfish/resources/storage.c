// SPDX-License-Identifier: Apache-2.0
// A board's storage: its built-in one (emmc.c), and main's disks with links to drives.
#include "redfish/list.h"

/* clang-format off */
static const struct rf_prop storage_props[] = {
	RF_FIELD("Status/State", bmc_board, row.status),
	RF_DOWN("Drives", &rf_drive),
	RF_LINK("Controllers", "./Controllers"),
	RF_LINK("Volumes", "./Volumes"),
	RF_SAME("Links/Enclosures[]", &rf_card),
	{ .path = NULL },
};
/* clang-format on */

#define STORAGE "/redfish/v1/Systems/{board}/Storage"

const struct rf_resource rf_storages = {
	.uri = STORAGE,
	.type = "StorageCollection.StorageCollection",
	.name = "Storage",
	.members = RF_TO(&rf_storage, &rf_emmc),
};
const struct rf_resource rf_storage = {
	.uri = STORAGE "/disks",
	.type = "Storage.v1_21_0.Storage",
	.name = "Disks",
	.props = storage_props,
	.exists = rf_of_main,
};
const struct rf_resource rf_controllers = {
	.uri = STORAGE "/disks/Controllers",
	.type = "StorageControllerCollection.StorageControllerCollection",
	.name = "Controllers of the disks",
	.members = RF_NONE,
	.exists = rf_of_main,
};
const struct rf_resource rf_volumes = {
	.uri = STORAGE "/disks/Volumes",
	.type = "VolumeCollection.VolumeCollection",
	.name = "Volumes of the disks",
	.members = RF_NONE,
	.exists = rf_of_main,
};
