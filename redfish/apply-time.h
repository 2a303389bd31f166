// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* When an action is carried out (DSP0266, "Operation apply time"): at once, or in a
 * maintenance window that the request names. For actions on boards. */

/** Takes @Redfish.OperationApplyTime and @Redfish.MaintenanceWindow of q->parsed into
 * `*params`, which is made if it is needed and is NULL (owned by the caller). False: it
 * has been answered. */
bool rf_apply_time(struct rf_request *q, struct bmc_params **params);
/** @Redfish.OperationApplyTimeSupport of such an action, a new reference. */
json_t *rf_apply_time_support(void);
