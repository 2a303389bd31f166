// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* Resets, shared by the resources that offer them. */

extern const struct rf_param rf_reset_params[]; /* ResetType */

/** The operation of a ResetType, or -1: answered. */
int rf_reset_op(struct rf_request *q, const json_t *type);

/** .allowed and .run of an action on the row itself (a board, a blade). */
uint32_t rf_allowed_row(const struct bmc_snapshot *s, const struct bmc_row *row);
int rf_run_reset(struct rf_request *q, const json_t *const *args);

/** .allowed and .run of an action on all boards below the row (NULL: all). */
uint32_t rf_allowed_below(const struct bmc_snapshot *s, const struct bmc_row *top);
int rf_run_reset_below(struct rf_request *q, const json_t *const *args);

/* A set of boards under one ticket. `acts` is freed by rf_set_submit. */
struct rf_set {
	enum bmc_action_op op;
	struct bmc_action *acts;
	size_t n;
};
bool rf_set_has(const struct rf_set *set, const char *id);
/** Adds a board, or what can do it of all boards below a blade or chassis. */
int rf_set_add(struct rf_set *set, const struct bmc_snapshot *s,
	       const struct bmc_row *top);
int rf_set_submit(struct rf_request *q, struct rf_set *set);
