// SPDX-License-Identifier: Apache-2.0
// A board's storage: its built-in one (emmc.c), and main's disks with links to drives.
#include "redfish/list.h"
#include "redfish/values.h"

/* Each that a disk speaks, once. */
static json_t *protocols(struct rf_render *r)
{
	const struct bmc_row *const *rows;
	size_t n = rf_children(rf_view_of(r), rf_row(r), BMC_DISK, &rows);
	json_t *list = json_array();
	uint64_t said = 0;

	for (size_t i = 0; i < n; i++) {
		int64_t one = ((const struct bmc_disk *)rows[i])->protocol;
		const char *word = rf_word(rf_drive_protocols, one);
		rf_note(rf_view_of(r), rows[i]);
		if (word && !(said & UINT64_C(1) << one))
			(void)json_array_append_new(list, json_string(word));
		if (word)
			said |= UINT64_C(1) << one;
	}
	return list;
}

/* clang-format off */
static const struct rf_prop storage_props[] = {
	RF_FIELD("Status/State", bmc_board, row.status),
	RF_DOWN("Drives", &rf_drive),
	RF_LINK("Controllers", "./Controllers"),
	RF_LINK("Volumes", "./Volumes"),
	RF_SAME("Links/Enclosures[]", &rf_card),
	{ .path = NULL },
};

static const struct rf_prop controller_props[] = {
	RF_FIELD("Status/State", bmc_board, row.status),
	RF_FN("SupportedDeviceProtocols", protocols),
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
	.members = RF_TO(&rf_disk_controller),
	.exists = rf_of_main,
};
const struct rf_resource rf_disk_controller = {
	.uri = STORAGE "/disks/Controllers/host",
	.type = "StorageController.v1_11_0.StorageController",
	.name = "Host controllers of the disks",
	.props = controller_props,
	.exists = rf_of_main,
};
const struct rf_resource rf_volumes = {
	.uri = STORAGE "/disks/Volumes",
	.type = "VolumeCollection.VolumeCollection",
	.name = "Volumes of the disks",
	.members = RF_NONE,
	.exists = rf_of_main,
};
