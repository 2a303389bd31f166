// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* Resets, shared by the resources that offer them. */

extern const struct rf_param rf_reset_params[]; /* ResetType */

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

/** The row that a URI in a request's body names, or NULL. Borrowed. */
const struct bmc_row *rf_target(const struct rf_request *q, const char *uri);
/** The manager's row in the request's snapshot, or NULL. Borrowed. */
const struct bmc_row *rf_the_manager(const struct rf_request *q);

/* A set of boards under one transaction; rf_set_done frees what it holds. */
struct rf_set {
	enum bmc_action_op op;
	struct bmc_action *acts;
	size_t n;
	bool failed;               /* out of memory */
	struct bmc_params *params; /* owned; NULL: none */
};
bool rf_set_has(const struct rf_set *set, const char *id);
/** Adds a board, or what can do it of all boards below a blade or chassis. */
int rf_set_add(struct rf_set *set, const struct rf_request *q,
	       const struct bmc_row *top);
/** Submits it and frees what it holds. */
int rf_set_submit(struct rf_request *q, struct rf_set *set);
void rf_set_done(struct rf_set *set);
