// SPDX-License-Identifier: Apache-2.0
// A blade: a chassis of boards, without fans or power supplies of its own.
#include "redfish/list.h"

#define OEM "Oem/ClusterBmc/"

/* It has no switch: what is plugged in is fed. */
static json_t *power_state(struct rf_render *r)
{
	return rf_row(r)->status == BMC_ABSENT ? NULL : json_string("On");
}

/* clang-format off */
static const struct rf_prop blade_props[] = {
	RF_NAMED(bmc_blade),
	RF_TEXT("ChassisType", "Blade"),
	RF_STATUS_CONDITIONS(bmc_blade),
	RF_LOCATOR(bmc_blade),
	RF_FN("PowerState", power_state),
	RF_NULL("Manufacturer"),
	RF_NULL("SKU"),
	RF_FIELD("Model", bmc_blade, model),
	RF_FIELD("SerialNumber", bmc_blade, serial),
	RF_FIELD("PartNumber", bmc_blade, part_number),
	RF_FIELD("Version", bmc_blade, hw_version),
	RF_BOOL("HotPluggable", true),
	RF_PLACE("Bay"),
	RF_BOOL("PoweredByParent", true),
	RF_BOOL("ThermalManagedByParent", true),
	RF_LINK("Sensors", "./Sensors"),
	RF_LINK("Drives", "./Drives"),
	RF_LINK("EnvironmentMetrics", "./EnvironmentMetrics"),
	RF_UP("Links/ContainedBy", &rf_enclosure),
	RF_DOWN("Links/Contains", &rf_card),
	RF_LIST("Links/ComputerSystems"),
	RF_DOWN("Links/Drives", &rf_drive),
	RF_SAME("Links/ManagedBy[]", &rf_manager),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcBlade.v1_0_0.Blade"),
	RF_FIELD(OEM "Label", bmc_blade, name, .flags = RF_PATCH),
	RF_FIELD(OEM "Present", bmc_blade, present),
	RF_FIELD(OEM "Slots", bmc_blade, slots),
	RF_FIELD(OEM "BoardsPresent", bmc_blade, boards_present),
	RF_FIELD(OEM "BoardsOn", bmc_blade, boards_on),
	RF_FIELD(OEM "LastAction", bmc_blade, action),
	RF_FIELD(OEM "LastActionState", bmc_blade, action_state),
	RF_FIELD(OEM "LastActionTask", bmc_blade, task),
	RF_FIELD(OEM "LastActionError", bmc_blade, action_error),
	{ .path = NULL },
};

static const struct rf_action blade_actions[] = {
	{ "Chassis.Reset", rf_reset_params, rf_run_reset, rf_allowed_row },
	{ .name = NULL },
};
/* clang-format on */

const struct rf_resource rf_blade = {
	.uri = "/redfish/v1/Chassis/{blade}",
	.type = "Chassis.v1_28_0.Chassis",
	.props = blade_props,
	.actions = blade_actions,
};
