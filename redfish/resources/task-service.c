// SPDX-License-Identifier: Apache-2.0
// The task service itself.
#include "redfish/list.h"
#include "redfish/task.h"

static json_t *auto_delete(struct rf_render *r)
{
	(void)r;
	return json_integer((json_int_t)(bmc_actions_tasks_kept_for() / 60000));
}

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_TEXT("CompletedTaskOverWritePolicy", "Oldest"),
	RF_FN("TaskAutoDeleteTimeoutMinutes", auto_delete),
	RF_BOOL("LifeCycleEventOnTaskStateChange", true),
	RF_LINK("Tasks", "./Tasks"),
	{ .path = NULL },
};
static const struct rf_param no_params[] = {
	{ .name = NULL },
};
static const struct rf_action actions[] = {
	{ "TaskService.DeleteAllCompletedTasks", no_params, rf_task_remove_all, NULL },
	{ .name = NULL },
};
/* clang-format on */

const struct rf_resource rf_task_service = {
	.uri = "/redfish/v1/TaskService",
	.type = "TaskService.v1_3_0.TaskService",
	.name = "Tasks",
	.props = service_props,
	.actions = actions,
};
