// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* What the table of tasks calls. */

json_t *rf_task_health(struct rf_render *r);
json_t *rf_task_messages(struct rf_render *r);
int rf_task_cancel(struct rf_request *q);
