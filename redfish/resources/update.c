// SPDX-License-Identifier: Apache-2.0
// What firmware there is, and the service that updates it.
#include <string.h>

#include "core/ports/images.h"
#include "redfish/apply-time.h"
#include "redfish/list.h"
#include "redfish/update-options.h"
#include "redfish/update-push.h"
#include "redfish/update.h"

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

/* ---- the service ---- */

static json_t *enabled(struct rf_render *r)
{
	(void)r;
	return json_boolean(rf_update_enabled());
}

static json_t *state(struct rf_render *r)
{
	(void)r;
	return json_string(rf_update_enabled() ? "Enabled" : "Disabled");
}

static json_t *size_max(struct rf_render *r)
{
	(void)r;
	return rf_update_enabled() ? json_integer((json_int_t)bmc_images->push_max())
				   : NULL;
}

static json_t *multipart_uri(struct rf_render *r)
{
	(void)r;
	return rf_update_enabled() ? json_string(RF_MULTIPART_URI) : NULL;
}

static json_t *multipart_times(struct rf_render *r)
{
	(void)r;
	return rf_update_enabled() ? rf_apply_time_support(BMC_ACT_UPDATE) : NULL;
}

/* What of the action is not its target. */
static json_t *simple_update(struct rf_render *r)
{
	(void)r;
	return json_pack("{so ss so}", "TransferProtocol@Redfish.AllowableValues",
			 rf_update_protocols(), "@Redfish.ActionInfo",
			 "/redfish/v1/UpdateService/SimpleUpdateActionInfo",
			 "@Redfish.OperationApplyTimeSupport",
			 rf_apply_time_support(BMC_ACT_UPDATE));
}

/* clang-format off */
#define PUSH(path, fn, ...) \
	RF_FN("HttpPushUri" path, fn, .shown = rf_push_served, __VA_ARGS__)
#define SETS(fn)  .flags = RF_PATCH, .set = (fn)
#define PUSH_TIME "Options/HttpPushUriApplyTime/"
static const struct rf_prop service_props[] = {
	RF_FN("Status/State", state),
	RF_FN("ServiceEnabled", enabled),
	RF_LINK("FirmwareInventory", "./FirmwareInventory"),
	RF_LINK("SoftwareInventory", "./SoftwareInventory"),
	RF_LINK("LocalImageStore", "./LocalImageStore"),
	RF_FN("MaxImageSizeBytes", size_max),
	RF_FN("MultipartHttpPushUri", multipart_uri),
	RF_FN("MultipartHttpPushUri@Redfish.OperationApplyTimeSupport", multipart_times),
	PUSH("", rf_push_uri),
	PUSH("Targets", rf_push_targets, SETS(rf_push_set_targets)),
	PUSH("TargetsBusy", rf_push_targets_busy, SETS(rf_push_set_targets_busy)),
	PUSH("OptionsBusy", rf_push_options_busy, SETS(rf_push_set_options_busy)),
	PUSH(PUSH_TIME "ApplyTime", rf_push_apply_time, SETS(rf_push_set_apply_time)),
	PUSH(PUSH_TIME "MaintenanceWindowStartTime", rf_push_window_start,
	     SETS(rf_push_set_window_start)),
	PUSH(PUSH_TIME "MaintenanceWindowDurationInSeconds", rf_push_window_duration,
	     SETS(rf_push_set_window_duration)),
	RF_FN("Actions/#" RF_SIMPLE_UPDATE, simple_update),
	{ .path = NULL },
};
static const struct rf_prop info_props[] = {
	RF_FN("Parameters", rf_simple_update_info),
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
#define OEM(name) "Oem/ClusterBmc/" name
static const struct rf_prop options[] = {
	RF_FIELD(OEM("BatchSize"), bmc_task, batch, .flags = RF_PATCH),
	RF_FIELD(OEM("CanarySize"), bmc_task, canary, .flags = RF_PATCH),
	RF_FN(OEM("DelayBetweenBatchesInSeconds"), NULL, .flags = RF_PATCH,
	      .text = "Time between the end of a batch and the start of the next one."),
	RF_FIELD(OEM("DryRun"), bmc_task, dry_run, .flags = RF_PATCH),
	RF_FIELD(OEM("MaxFailed"), bmc_task, max_failed, .flags = RF_PATCH),
	RF_FIELD(OEM("MaxPerBlade"), bmc_task, per_blade, .flags = RF_PATCH),
	RF_FIELD(OEM("Priority"), bmc_task, priority, .flags = RF_PATCH),
	RF_TEXT(OEM("Verify"), "How much of the image is read back: None, Sampled or Full.",
		.flags = RF_PATCH),
	{ .path = NULL },
};
static const struct rf_param no_params[] = {
	{ .name = NULL },
};
static const struct rf_action actions[] = {
	{ RF_SIMPLE_UPDATE, rf_simple_update_params, rf_simple_update, NULL },
	{ "UpdateService.StartUpdate", no_params, rf_start_update, NULL },
	{ .name = NULL },
};
/* clang-format on */

const struct rf_resource rf_update_service = {
	.uri = "/redfish/v1/UpdateService",
	.type = "UpdateService.v1_17_0.UpdateService",
	.name = "Updates",
	.props = service_props,
	.actions = actions,
	.flags = RF_VOLATILE, /* options of HttpPushUri are no rows */
};
const struct rf_resource rf_update_options = {
	.uri = "/redfish/v1/TaskService/Tasks/{task}", /* whose fields they are */
	.type = "UpdateService.v1_17_0.UpdateService",
	.props = options,
};
const struct rf_resource rf_simple_update_action_info = {
	.uri = "/redfish/v1/UpdateService/SimpleUpdateActionInfo",
	.type = "ActionInfo.v1_5_0.ActionInfo",
	.name = "Simple update",
	.props = info_props,
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
