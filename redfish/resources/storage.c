// SPDX-License-Identifier: Apache-2.0
// A board's storage: the built-in one as SimpleStorage, disks as Storage with Drives.
#include "redfish/resources/list.h"

static bool has_emmc(const struct bmc_row *row)
{
	return row->status != BMC_ABSENT &&
	       ((const struct bmc_board *)row)->storage_bytes > 0;
}

static bool is_main(const struct bmc_row *row)
{
	return ((const struct bmc_board *)row)->is_main == 1;
}

static const struct bmc_name media[] = {
	{ BMC_MEDIA_HDD, "HDD" },
	{ BMC_MEDIA_SSD, "SSD" },
	{ BMC_MEDIA_EMMC, "SSD" },
	{ BMC_MEDIA_SD, "SSD" },
	{ 0, NULL },
};

#define OEM "Oem/ClusterBmc/"

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
	{ .path = NULL },
};

static const struct rf_prop drive_props[] = {
	RF_NAMED(bmc_disk),
	RF_STATUS(bmc_disk),
	RF_FIELD("Model", bmc_disk, model),
	RF_FIELD("SerialNumber", bmc_disk, serial),
	RF_FIELD("FirmwareVersion", bmc_disk, firmware),
	RF_FIELD("MediaType", bmc_disk, media, .names = media),
	RF_FIELD("CapacityBytes", bmc_disk, bytes),
	RF_FIELD("RotationSpeedRPM", bmc_disk, rotation_rpm),
	RF_FIELD("FailurePredicted", bmc_disk, failure_predicted),
	RF_SAME("Links/Chassis", &rf_card, &rf_blade, &rf_enclosure),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcDrive.v1_0_0.Drive"),
	RF_FIELD(OEM "Label", bmc_disk, name, .flags = RF_PATCH),
	RF_FIELD(OEM "Device", bmc_disk, device),
	RF_FIELD(OEM "Media", bmc_disk, media),
	RF_FIELD(OEM "Present", bmc_disk, present),
	RF_FIELD(OEM "UsedBytes", bmc_disk, used_bytes),
	RF_FIELD(OEM "TemperatureCelsius", bmc_disk, temperature),
	RF_FIELD(OEM "PowerOnHours", bmc_disk, hours),
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
	.exists = is_main,
};
const struct rf_resource rf_drives = {
	.uri = "/redfish/v1/Chassis/{holder}/Drives",
	.type = "DriveCollection.DriveCollection",
	.name = "Drives",
	.members = RF_TO(&rf_drive),
};
const struct rf_resource rf_drive = {
	.uri = "/redfish/v1/Chassis/{holder}/Drives/{disk}",
	.type = "Drive.v1_22_0.Drive",
	.props = drive_props,
};
