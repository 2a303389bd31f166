// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/events/event.h"
#include "redfish/request.h"

/* What the table of tasks calls. */

#define RF_TASKS    "/redfish/v1/TaskService/Tasks"
#define RF_MONITORS "/redfish/v1/TaskService/TaskMonitors"

/** Messages that only tasks have, as our own registry shows them; a NULL name ends it.
 */
extern const struct bmc_event_type rf_task_message_types[];

json_t *rf_task_health(struct rf_render *r);
json_t *rf_task_messages(struct rf_render *r);
int rf_task_remove(struct rf_request *q);
/** TaskService.DeleteAllCompletedTasks: removes the tasks that have ended, 2,048 at
 * most. */
int rf_task_remove_all(struct rf_request *q, const json_t *const *args);
/** GET of a task monitor (DSP0266, "Asynchronous operations"): 202 with the task while
 * it runs, then the action's own answer once, then 410. */
int rf_task_monitor(struct rf_request *q);
