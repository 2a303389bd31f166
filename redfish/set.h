// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "redfish/request.h"

/* Sets of boards under one transaction: what Chassis.Reset, Aggregate.Reset and
 * AggregationService.Reset share, so that the same boards get the same answer. A board
 * that can't do it is left out; the task names those that were busy. */

struct rf_set {
	enum bmc_action_op op;
	struct bmc_action *acts;
	size_t n;
	struct bmc_params *params; /* owned; NULL: none */
};

/* BatchSize and DelayBetweenBatchesInSeconds, for a table of parameters. */
/* clang-format off */
#define RF_SET_PLAN \
	{ "BatchSize", JSON_INTEGER, false }, \
	{ "DelayBetweenBatchesInSeconds", JSON_INTEGER, false }
/* clang-format on */

/** Whether a row stands for boards: a board, a blade, a chassis. */
bool rf_set_takes(const struct bmc_row *row);
/** Adds a board, or all boards below a blade or chassis. BMC_ENOMEM, BMC_ERANGE. */
int rf_set_add(struct rf_set *set, const struct rf_request *q,
	       const struct bmc_row *top);
/** Adds a board that the request names itself: it is refused, not left out, when it
 * can't do it. Also when it is in the set already. */
int rf_set_name(struct rf_set *set, const struct bmc_row *board);
/** Takes a number of the plan, in units of which one is `scale` of the parameter's.
 * BMC_ERANGE, BMC_ENOMEM. */
int rf_set_number(struct rf_set *set, enum bmc_param key, int64_t scale, int64_t n);
/** Takes the values of RF_SET_PLAN, which stand at `args`, the first of them at `first`
 * in the action's table. Returns whether they are right; else it has been answered and
 * the set freed. */
bool rf_set_plan(struct rf_request *q, struct rf_set *set, const json_t *const *args,
		 size_t first);
/** Submits it and frees what it holds. Returns as rf_handle. */
int rf_set_submit(struct rf_request *q, struct rf_set *set);
/** The same, the apply time of the request apart. */
int rf_set_start(struct rf_request *q, struct rf_set *set);
/** Frees what it holds. */
void rf_set_done(struct rf_set *set);
/** The parameters of RF_SET_PLAN as ActionInfo shows them, appended to `list`. */
void rf_set_plan_info(json_t *list);
