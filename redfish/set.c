// SPDX-License-Identifier: Apache-2.0
// Sets of boards: collected from rows, then submitted as one transaction. Called by the
// actions of chassis, aggregates and the aggregation service.
#include "redfish/set.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "redfish/apply-time.h"
#include "redfish/uri.h"

#define BOARDS_MAX 2048 /* actions of one transaction */

/* The ranges are those of core/actions/params.c. */
static const struct {
	const char *name;
	enum bmc_param key;
	int64_t scale, max;
} plan[] = {
	{ "BatchSize", BMC_PARAM_BATCH, 1, 2048 },
	{ "DelayBetweenBatchesInSeconds", BMC_PARAM_DELAY_MS, 1000, 86400 },
};

/* ---- boards ---- */

bool rf_set_takes(const struct bmc_row *row)
{
	return row && (row->kind == BMC_BOARD || row->kind == BMC_BLADE ||
		       row->kind == BMC_CHASSIS);
}

struct adding {
	struct rf_set *set;
	int code;
};

static bool has(const struct rf_set *set, const char *id)
{
	for (size_t i = 0; i < set->n; i++) {
		if (strcmp(set->acts[i].id, id) == 0)
			return true;
	}
	return false;
}

/* Room doubles at powers of two. */
static struct bmc_action *new_action(struct rf_set *set)
{
	struct bmc_action *more = set->acts;

	if ((set->n & (set->n - 1)) == 0)
		more = reallocarray(set->acts, set->n ? set->n * 2 : 1, sizeof(*more));
	if (!more)
		return NULL;
	set->acts = more;
	return &more[set->n++];
}

static void add_board(void *arg, const struct bmc_row *row)
{
	struct adding *a = arg;
	struct bmc_action *act;

	if (a->code < 0 || has(a->set, row->id))
		return;
	act = a->set->n < BOARDS_MAX ? new_action(a->set) : NULL;
	if (!act) {
		a->code = a->set->n < BOARDS_MAX ? BMC_ENOMEM : BMC_ERANGE;
		return;
	}
	*act = (struct bmc_action){ .op = a->set->op,
				    .kind = BMC_BOARD,
				    .in_set = true };
	(void)bmc_copy(act->id, sizeof(act->id), row->id);
}

int rf_set_add(struct rf_set *set, const struct rf_request *q,
	       const struct bmc_row *top)
{
	struct adding a = { .set = set };
	struct rf_view v;

	rf_view_init(&v, q->snap);
	if (top->kind == BMC_BOARD)
		add_board(&a, top);
	else
		rf_each_below(&v, top, (enum bmc_kind)top->kind, BMC_BOARD, add_board,
			      &a);
	return a.code;
}

void rf_set_done(struct rf_set *set)
{
	free(set->acts);
	set->acts = NULL;
	set->params = bmc_params_unref(set->params);
}

int rf_set_submit(struct rf_request *q, struct rf_set *set)
{
	int r = RF_DONE;
	bool ok = rf_apply_time(q, &set->params);

	for (size_t i = 0; i < set->n; i++)
		set->acts[i].params = set->params;
	if (!ok)
		; /* it has been answered */
	else if (set->n)
		r = rf_submit(q, set->acts, set->n, rf_then_task);
	else
		r = rf_answer_error(q, BMC_EABSENT, NULL);
	rf_set_done(set);
	return r;
}

/* ---- batches ---- */

/* A number of the plan; 0 is the same as none. BMC_ERANGE, BMC_ENOMEM. */
static int add_param(struct rf_set *set, size_t i, int64_t n)
{
	if (n < 0 || n > plan[i].max)
		return BMC_ERANGE;
	if (n == 0)
		return 0;
	if (!set->params && !(set->params = bmc_params_new()))
		return BMC_ENOMEM;
	return bmc_params_set_num(set->params, plan[i].key, n * plan[i].scale, NULL);
}

bool rf_set_plan(struct rf_request *q, struct rf_set *set, const json_t *const *args,
		 size_t first)
{
	char word[RF_ARG_MAX];

	for (size_t i = 0; i < ARRAY_SIZE(plan); i++) {
		int r = add_param(set, i, json_integer_value(args[i]));

		if (r == 0)
			continue;
		rf_set_done(set);
		rf_format_value(args[i], word);
		(void)rf_message_add(
			&q->messages,
			r == BMC_ENOMEM ? RF_INTERNAL_ERROR : RF_PARAMETER_OUT_OF_RANGE,
			word, q->action->params[first + i].name, q->action->name);
		return rf_answer_messages(q, 0) != RF_DONE;
	}
	return true;
}

void rf_set_plan_info(json_t *list)
{
	for (size_t i = 0; i < ARRAY_SIZE(plan); i++)
		(void)json_array_append_new(
			list,
			json_pack("{ss sb ss si sI}", "Name", plan[i].name, "Required",
				  0, "DataType", "Number", "MinimumValue", 0,
				  "MaximumValue", (json_int_t)plan[i].max));
}
