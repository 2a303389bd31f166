// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/set.h"

/* What the tables of aggregates call. */

json_t *rf_aggregate_elements(struct rf_render *r);
json_t *rf_aggregate_count(struct rf_render *r);
/** POST to the collection; `args`: Name, Elements. */
int rf_aggregate_create(struct rf_request *q, const json_t *const *args);
/** Actions; `args`: Elements. */
int rf_aggregate_add(struct rf_request *q, const json_t *const *args);
int rf_aggregate_remove(struct rf_request *q, const json_t *const *args);
/** Aggregate.Reset; `args`: ResetType, then RF_SET_PLAN. */
int rf_aggregate_reset(struct rf_request *q, const json_t *const *args);
/** Adds the boards of an aggregate to a set. 0 or an error. */
int rf_aggregate_gather(struct rf_request *q, const struct bmc_row *aggregate,
			struct rf_set *set);
/** 1 << enum bmc_action_op, or-ed, of what any element can do. */
uint32_t rf_aggregate_allowed(struct rf_view *v, const struct bmc_row *row);
