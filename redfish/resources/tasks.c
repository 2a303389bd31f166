// SPDX-License-Identifier: Apache-2.0
// Tasks: rows of the core, with one URI for a task of its own and one for a part of
// another, and a monitor.
#include "core/model/field.h"
#include "redfish/list.h"
#include "redfish/task.h"

static bool is_whole(struct rf_view *v, const struct bmc_row *row)
{
	(void)v;
	return BMC_HANDLE_KIND(row->parent) != BMC_TASK || !row->parent;
}

static bool is_part(struct rf_view *v, const struct bmc_row *row)
{
	return !is_whole(v, row);
}

/* Of what a client was answered with; parts of it have none. */
static json_t *monitor(struct rf_render *r)
{
	return is_whole(rf_view_of(r), rf_row(r))
		       ? json_sprintf(RF_MONITORS "/%s", rf_row(r)->id)
		       : NULL;
}

static json_t *subtasks(struct rf_render *r)
{
	return is_whole(rf_view_of(r), rf_row(r))
		       ? rf_link_row(r, &rf_subtasks, rf_row(r))
		       : NULL;
}

#define OEM "Oem/ClusterBmc/"

/* clang-format off */
/* Redfish's Interrupted goes on later, so clients would wait for it; ours has ended. */
static const struct bmc_name states[] = {
	{ BMC_TASK_NEW, "New" }, { BMC_TASK_RUNNING, "Running" },
	{ BMC_TASK_COMPLETED, "Completed" }, { BMC_TASK_EXCEPTION, "Exception" },
	{ BMC_TASK_CANCELLED, "Cancelled" }, { BMC_TASK_INTERRUPTED, "Exception" },
	{ 0, NULL },
};
/* clang-format on */

/* What waits for more than its time is Pending. */
static json_t *state(struct rf_render *r)
{
	const struct bmc_task *t = (const struct bmc_task *)rf_row(r);

	return json_string(t->state == BMC_TASK_NEW && t->waits_for
				   ? "Pending"
				   : bmc_name_word(states, t->state));
}

/* clang-format off */
static const struct rf_prop props[] = {
	RF_FN("TaskState", state, RF_AT(bmc_task, state)),
	RF_FN("TaskStatus", rf_task_health),
	RF_FIELD("PercentComplete", bmc_task, percent, .flags = RF_INTEGER),
	RF_FIELD("StartTime", bmc_task, created, .flags = RF_OMIT),
	RF_FIELD("EndTime", bmc_task, ended, .flags = RF_OMIT),
	RF_FN("TaskMonitor", monitor),
	RF_FN("Messages", rf_task_messages, RF_AT(bmc_task, message)),
	RF_FN("SubTasks", subtasks),
	RF_TEXT(OEM "@odata.type", "#ClusterBmcTask.v1_0_0.Task"),
	RF_FIELD(OEM "Operation", bmc_task, op),
	RF_FIELD(OEM "TargetId", bmc_task, target_id),
	RF_FIELD(OEM "Targets", bmc_task, targets),
	RF_FIELD(OEM "TargetsOk", bmc_task, targets_ok),
	RF_FIELD(OEM "TargetsFailed", bmc_task, targets_failed),
	RF_FIELD(OEM "WorkStarted", bmc_task, started),
	RF_FIELD(OEM "Actor", bmc_task, actor),
	RF_FIELD(OEM "Origin", bmc_task, origin),
	RF_FIELD(OEM "Client", bmc_task, client),
	RF_FIELD(OEM "Error", bmc_task, error),
	RF_FIELD(OEM "Code", bmc_task, code),
	RF_FIELD(OEM "Stage", bmc_task, stage),
	RF_FIELD(OEM "Image", bmc_task, image),
	RF_FIELD(OEM "DryRun", bmc_task, dry_run),
	RF_FIELD(OEM "BytesDone", bmc_task, bytes_done),
	RF_FIELD(OEM "BytesTotal", bmc_task, bytes_total),
	RF_FIELD(OEM "BytesPerSecond", bmc_task, rate),
	RF_FIELD(OEM "History", bmc_task, history),
	RF_FIELD(OEM "LeftOut", bmc_task, left_out),
	RF_FIELD(OEM "Mode", bmc_task, mode, .names = rf_mode_names),
	RF_FIELD(OEM "PlannedStart", bmc_task, start_at),
	{ .path = NULL },
};
/* clang-format on */

#define COLLECTION(path, of)                                            \
	{                                                               \
		.uri = (path), .type = "TaskCollection.TaskCollection", \
		.name = "Tasks", .members = RF_TO(of),                  \
	}
#define TASK(path, test)                                                    \
	{                                                                   \
		.uri = (path), .type = "Task.v1_7_4.Task", .name = "Task",  \
		.props = props, .exists = (test), .remove = rf_task_remove, \
		.flags = RF_DELETE,                                         \
	}
const struct rf_resource rf_tasks = COLLECTION(RF_TASKS, &rf_task);
const struct rf_resource rf_task = TASK(RF_TASKS "/{task}", is_whole);
const struct rf_resource rf_subtasks =
	COLLECTION(RF_TASKS "/{task}/SubTasks", &rf_subtask);
const struct rf_resource rf_subtask = TASK(RF_TASKS "/{task}/SubTasks/{task}", is_part);

const struct rf_resource rf_monitor = {
	.uri = RF_MONITORS "/{task}",
	.type = "",
	.raw = rf_task_monitor,
	.exists = is_whole,
	.remove = rf_task_remove,
	.flags = RF_DELETE,
};
