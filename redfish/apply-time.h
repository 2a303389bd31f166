// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* When an action is carried out (DSP0266, "Operation apply time"): at once, or in a
 * maintenance window that the request names. For actions on boards. Updates can wait
 * for their boards' resets and for UpdateService.StartUpdate, too. */

#define RF_IMMEDIATE       "Immediate"
#define RF_APPLY_TIME      "@Redfish.OperationApplyTime"
#define RF_WINDOW          "@Redfish.MaintenanceWindow"
#define RF_WINDOW_START    "MaintenanceWindowStartTime"
#define RF_WINDOW_DURATION "MaintenanceWindowDurationInSeconds"
#define RF_WINDOW_MAX      INT64_C(2592000) /* s: 30 days */

/** Takes @Redfish.OperationApplyTime and @Redfish.MaintenanceWindow of q->parsed into
 * `*params`, which is made if it is needed and is NULL (owned by the caller). False: it
 * has been answered. */
bool rf_apply_time(struct rf_request *q, enum bmc_action_op op,
		   struct bmc_params **params);
/** @Redfish.OperationApplyTimeSupport of such an action, a new reference. */
json_t *rf_apply_time_support(enum bmc_action_op op);
/** The static spelling of what an update can wait for; NULL: it can't. `*ret_window`:
 * with a window. */
const char *rf_apply_time_find(const char *word, bool *ret_window);
