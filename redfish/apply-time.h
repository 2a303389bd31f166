// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* When an action is carried out (DSP0266, "Operation apply time"): at once, or in a
 * maintenance window that the request names. For actions on boards. */

#define RF_IMMEDIATE       "Immediate"
#define RF_IN_WINDOW       "AtMaintenanceWindowStart"
#define RF_APPLY_TIME      "@Redfish.OperationApplyTime"
#define RF_WINDOW          "@Redfish.MaintenanceWindow"
#define RF_WINDOW_START    "MaintenanceWindowStartTime"
#define RF_WINDOW_DURATION "MaintenanceWindowDurationInSeconds"
#define RF_WINDOW_MAX      INT64_C(2592000) /* s: 30 days */

/** Takes @Redfish.OperationApplyTime and @Redfish.MaintenanceWindow of q->parsed into
 * `*params`, which is made if it is needed and is NULL (owned by the caller). False: it
 * has been answered. */
bool rf_apply_time(struct rf_request *q, struct bmc_params **params);
/** @Redfish.OperationApplyTimeSupport of such an action, a new reference. */
json_t *rf_apply_time_support(void);
