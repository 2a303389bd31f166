// SPDX-License-Identifier: Apache-2.0
// The firmware images that are stored: what an update can name instead of an address.
#include "redfish/list.h"

#define OEM "Oem/ClusterBmc/"

/* clang-format off */
static const struct rf_prop props[] = {
	RF_NAMED(bmc_stored_image),
	RF_STATUS(bmc_stored_image),
	RF_FIELD("Version", bmc_stored_image, version),
	RF_FIELD("SoftwareId", bmc_stored_image, row.id),
	RF_FIELD("SizeBytes", bmc_stored_image, size),
	RF_BOOL("Updateable", false),
	RF_FIELD("WriteProtected", bmc_stored_image, in_folder, .flags = RF_FALSE_IF_UNKNOWN),
	RF_NULL("LowestSupportedVersion"),
	RF_NULL("Manufacturer"),
	RF_NULL("ReleaseDate"),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcImage.v1_0_0.Image"),
	RF_FIELD(OEM "State", bmc_stored_image, state),
	RF_FIELD(OEM "Reason", bmc_stored_image, reason),
	RF_FIELD(OEM "Format", bmc_stored_image, format),
	RF_FIELD(OEM "Packing", bmc_stored_image, packing),
	RF_FIELD(OEM "Chip", bmc_stored_image, chip),
	RF_FIELD(OEM "Sha256", bmc_stored_image, digest),
	RF_FIELD(OEM "Trust", bmc_stored_image, trust),
	RF_FIELD(OEM "Signer", bmc_stored_image, signer),
	RF_FIELD(OEM "Added", bmc_stored_image, added),
	RF_FIELD(OEM "Jobs", bmc_stored_image, jobs),
	RF_FIELD(OEM "InFirmwareFolder", bmc_stored_image, in_folder),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_image_store = {
	.uri = "/redfish/v1/UpdateService/LocalImageStore",
	.type = "SoftwareInventoryCollection.SoftwareInventoryCollection",
	.name = "Stored images",
	.members = RF_TO(&rf_stored_image),
};
const struct rf_resource rf_stored_image = {
	.uri = "/redfish/v1/UpdateService/LocalImageStore/{stored_image}",
	.type = "SoftwareInventory.v1_13_0.SoftwareInventory",
	.props = props,
	.flags = RF_DELETE,
};
