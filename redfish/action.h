// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* Resets, shared by the resources that offer them. */

extern const struct rf_param rf_reset_params[]; /* ResetType */

/** What the agent itself can be asked for. */
#define RF_MANAGER_RESETS (1U << BMC_ACT_GRACEFUL_RESTART | 1U << BMC_ACT_FORCE_RESTART)

/** The operation of a ResetType, or -1: answered. */
int rf_reset_op(struct rf_request *q, const json_t *type);

/** .allowed of what is done to the row, or to all boards below it. */
uint32_t rf_allowed_row(struct rf_view *v, const struct bmc_row *row);
/** .allowed of what is done to any set of boards; `row` is not used. */
uint32_t rf_allowed_any(struct rf_view *v, const struct bmc_row *row);
/** .run of an action on the row itself (a board, a blade). */
int rf_run_reset(struct rf_request *q, const json_t *const *args);
/** .run of an action on all boards below the row. */
int rf_run_reset_below(struct rf_request *q, const json_t *const *args);

/** The resource that a request's body names, as {"@odata.id": uri} or as the URI
 * itself, or NULL; and its row. Borrowed. */
const struct rf_resource *rf_target(const struct rf_request *q, const json_t *v,
				    const struct bmc_row **ret_row);
/** The manager's row in the request's snapshot, or NULL. Borrowed. */
const struct bmc_row *rf_the_manager(const struct rf_request *q);
