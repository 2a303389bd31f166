// SPDX-License-Identifier: Apache-2.0
// The task service itself.
#include "redfish/list.h"

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_TEXT("CompletedTaskOverWritePolicy", "Oldest"),
	RF_BOOL("LifeCycleEventOnTaskStateChange", true),
	RF_LINK("Tasks", "./Tasks"),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_task_service = {
	.uri = "/redfish/v1/TaskService",
	.type = "TaskService.v1_3_0.TaskService",
	.name = "Tasks",
	.props = service_props,
};
