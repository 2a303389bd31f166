// SPDX-License-Identifier: Apache-2.0
// What firmware there is. Updating comes with the update engine, so there are no
// actions.
#include <string.h>

#include "redfish/list.h"

/* The same of all boards of a model: what an update is for. A row's id begins with that
 * of the board or blade whose firmware it is. */
static json_t *software_id(struct rf_render *r)
{
	const struct bmc_row *row = rf_row(r), *up = rf_parent(rf_view_of(r), row);
	const char *model = "";
	size_t len = up ? strlen(up->id) : 0;

	if (up && up->kind == BMC_BOARD)
		model = ((const struct bmc_board *)up)->model;
	else if (up && up->kind == BMC_BLADE)
		model = ((const struct bmc_blade *)up)->model;
	if (model[0] && strncmp(row->id, up->id, len) == 0 && row->id[len] == '-')
		return json_sprintf("%s%s", model, row->id + len);
	return json_string(row->id);
}

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_LINK("FirmwareInventory", "./FirmwareInventory"),
	RF_LINK("SoftwareInventory", "./SoftwareInventory"),
	{ .path = NULL },
};
static const struct rf_prop props[] = {
	RF_NAMED(bmc_firmware),
	RF_STATUS(bmc_firmware),
	RF_FIELD("Version", bmc_firmware, version),
	RF_FN("SoftwareId", software_id, RF_AT(bmc_firmware, row.id)),
	RF_FIELD("Updateable", bmc_firmware, updateable, .flags = RF_FALSE_IF_UNKNOWN),
	RF_NULL("LowestSupportedVersion"),
	RF_NULL("Manufacturer"),
	RF_NULL("ReleaseDate"),
	RF_UP("RelatedItem[]", &rf_system, &rf_blade, &rf_enclosure, &rf_manager),
	{ .path = NULL },
};
static const struct rf_prop agent_props[] = {
	RF_TEXT("Name", "The management agent"),
	RF_STATUS(bmc_manager),
	RF_FIELD("Version", bmc_manager, version),
	RF_FIELD("SoftwareId", bmc_manager, model),
	RF_BOOL("Updateable", false),
	RF_NULL("LowestSupportedVersion"),
	RF_TEXT("Manufacturer", "clusterbmc"),
	RF_NULL("ReleaseDate"),
	RF_SAME("RelatedItem[]", &rf_manager),
	{ .path = NULL },
};
/* None yet: a client still looks for the object. */
static const struct rf_action actions[] = {
	{ .name = NULL },
};
/* clang-format on */

const struct rf_resource rf_update_service = {
	.uri = "/redfish/v1/UpdateService",
	.type = "UpdateService.v1_17_0.UpdateService",
	.name = "Updates",
	.props = service_props,
	.actions = actions,
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
const struct rf_resource rf_software_inventory = {
	.uri = "/redfish/v1/UpdateService/SoftwareInventory",
	.type = "SoftwareInventoryCollection.SoftwareInventoryCollection",
	.name = "Software",
	.members = RF_TO(&rf_agent_software),
};
const struct rf_resource rf_agent_software = {
	.uri = "/redfish/v1/UpdateService/SoftwareInventory/{manager}",
	.type = "SoftwareInventory.v1_13_0.SoftwareInventory",
	.props = agent_props,
};
