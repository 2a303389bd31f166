// SPDX-License-Identifier: Apache-2.0
// Disks, in the chassis that they are plugged into.
#include "redfish/list.h"

#define OEM "Oem/ClusterBmc/"

static const struct bmc_name media[] = {
	{ BMC_MEDIA_HDD, "HDD" },
	{ BMC_MEDIA_SSD, "SSD" },
	{ BMC_MEDIA_EMMC, "SSD" },
	{ BMC_MEDIA_SD, "SSD" },
	{ 0, NULL },
};

/* Redfish knows no SD. */
const struct bmc_name rf_drive_protocols[] = {
	{ BMC_PROTOCOL_SATA, "SATA" }, { BMC_PROTOCOL_NVME, "NVMe" },
	{ BMC_PROTOCOL_USB, "USB" },   { BMC_PROTOCOL_EMMC, "eMMC" },
	{ BMC_PROTOCOL_SD, "OEM" },    { 0, NULL },
};

/* clang-format off */
static const struct rf_prop drive_props[] = {
	RF_NAMED(bmc_disk),
	RF_STATUS_CONDITIONS(bmc_disk),
	RF_LOCATOR(bmc_disk),
	RF_FIELD("Model", bmc_disk, model),
	RF_FIELD("SerialNumber", bmc_disk, serial),
	RF_FIELD("FirmwareVersion", bmc_disk, firmware),
	RF_FIELD("Protocol", bmc_disk, protocol, .names = rf_drive_protocols),
	RF_FIELD("MediaType", bmc_disk, media, .names = media),
	RF_FIELD("CapacityBytes", bmc_disk, bytes),
	RF_FIELD("RotationSpeedRPM", bmc_disk, rotation_rpm),
	RF_FIELD("FailurePredicted", bmc_disk, failure_predicted),
	RF_SAME("Links/Chassis", &rf_card, &rf_blade, &rf_enclosure),
	RF_SAME("Links/Storage", &rf_storage),
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

const struct rf_resource rf_drives = {
	.uri = "/redfish/v1/Chassis/{container}/Drives",
	.type = "DriveCollection.DriveCollection",
	.name = "Drives",
	.members = RF_TO(&rf_drive, &rf_emmc_drive),
};
const struct rf_resource rf_drive = {
	.uri = "/redfish/v1/Chassis/{container}/Drives/{disk}",
	.type = "Drive.v1_22_0.Drive",
	.props = drive_props,
};
