// SPDX-License-Identifier: Apache-2.0
// Tasks: rows of the core, with one URI for a task of its own and one for a part of
// another, and a monitor.
#include <string.h>

#include "redfish/render.h"
#include "redfish/resources/list.h"

#define TASKS "/redfish/v1/TaskService/Tasks"

static bool is_whole(const struct bmc_row *row)
{
	return BMC_HANDLE_KIND(row->parent) != BMC_TASK || !row->parent;
}

static bool is_part(const struct bmc_row *row)
{
	return !is_whole(row);
}

/* How it went; a task's row has no health of its own. */
static json_t *health(struct rf_render *r)
{
	int64_t state = ((const struct bmc_task *)r->row)->state;

	if (state == BMC_TASK_EXCEPTION)
		return json_string("Critical");
	return json_string(state > BMC_TASK_EXCEPTION ? "Warning" : "OK");
}

static json_t *monitor(struct rf_render *r)
{
	return json_sprintf("/redfish/v1/TaskService/TaskMonitors/%s", r->row->id);
}

static json_t *subtasks(struct rf_render *r)
{
	return is_whole(r->row) ? rf_link_row(r, &rf_subtasks, r->row) : NULL;
}

static json_t *messages(struct rf_render *r)
{
	const struct bmc_task *t = (const struct bmc_task *)r->row;
	const char *text = t->error[0] ? t->error : t->message;
	bool bad = t->error[0];

	if (!text[0])
		return json_array();
	return json_pack("[{ss ss ss ss s[]}]", "@odata.type",
			 "#Message.v1_3_0.Message", "MessageId",
			 bad ? "Base.1.22.OperationFailed" : "Base.1.22.Success",
			 "Message", text, "MessageSeverity", bad ? "Warning" : "OK",
			 "MessageArgs");
}

static int cancelled(struct rf_request *q)
{
	struct bmc_error err = { 0 };
	int r = bmc_task_cancel(&q->actor, q->row->index[0], &err);

	if (r < 0)
		return rf_answer_error(q, r, &err);
	q->status = 204;
	return RF_DONE;
}

#define OEM "Oem/ClusterBmc/"

/* clang-format off */
static const struct rf_prop service_props[] = {
	RF_TEXT("Status/State", "Enabled"),
	RF_BOOL("ServiceEnabled", true),
	RF_TEXT("CompletedTaskOverWritePolicy", "Oldest"),
	RF_BOOL("LifeCycleEventOnTaskStateChange", true),
	RF_LINK("Tasks", "./Tasks"),
	{ .path = NULL },
};
static const struct rf_prop props[] = {
	RF_FIELD("TaskState", bmc_task, state),
	RF_FN("TaskStatus", health),
	RF_FIELD("PercentComplete", bmc_task, percent, .flags = RF_INTEGER),
	RF_FIELD("StartTime", bmc_task, created, .flags = RF_OMIT),
	RF_FIELD("EndTime", bmc_task, ended, .flags = RF_OMIT),
	RF_FN("TaskMonitor", monitor),
	RF_FN("Messages", messages, RF_AT(bmc_task, message)),
	RF_FN("SubTasks", subtasks),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcTask.v1_0_0.Task"),
	RF_FIELD(OEM "Operation", bmc_task, op),
	RF_FIELD(OEM "TargetId", bmc_task, target_id),
	RF_FIELD(OEM "Targets", bmc_task, targets),
	RF_FIELD(OEM "TargetsOk", bmc_task, targets_ok),
	RF_FIELD(OEM "TargetsFailed", bmc_task, targets_failed),
	RF_FIELD(OEM "WorkStarted", bmc_task, started),
	RF_FIELD(OEM "Actor", bmc_task, actor),
	RF_FIELD(OEM "Face", bmc_task, face),
	RF_FIELD(OEM "Client", bmc_task, client),
	RF_FIELD(OEM "Error", bmc_task, error),
	{ .path = NULL },
};
/* clang-format on */

const struct rf_resource rf_task_service = {
	.uri = "/redfish/v1/TaskService",
	.type = "TaskService.v1_3_0.TaskService",
	.name = "Tasks",
	.props = service_props,
};
#define COLLECTION(path, of)                                            \
	{                                                               \
		.uri = (path), .type = "TaskCollection.TaskCollection", \
		.name = "Tasks", .members = RF_TO(of),                  \
	}
#define TASK(path, test, also)                                             \
	{                                                                  \
		.uri = (path), .type = "Task.v1_7_4.Task", .name = "Task", \
		.props = props, .exists = (test), .remove = cancelled,     \
		.flags = RF_DELETE | (also),                               \
	}
const struct rf_resource rf_tasks = COLLECTION(TASKS, &rf_task);
const struct rf_resource rf_task = TASK(TASKS "/{task}", is_whole, 0);
const struct rf_resource rf_subtasks =
	COLLECTION(TASKS "/{task}/SubTasks", &rf_subtask);
const struct rf_resource rf_subtask = TASK(TASKS "/{task}/SubTasks/{task}", is_part, 0);
const struct rf_resource rf_monitor =
	TASK("/redfish/v1/TaskService/TaskMonitors/{task}", NULL, RF_MONITOR);
