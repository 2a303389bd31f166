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

static const struct {
	const char *name;
	enum bmc_param key;
	int64_t scale; /* of the parameter's unit */
} plan[] = {
	{ "BatchSize", BMC_PARAM_BATCH, 1 },
	{ "DelayBetweenBatchesInSeconds", BMC_PARAM_DELAY_MS, 1000 },
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

static struct bmc_action *find(const struct rf_set *set, const char *id)
{
	for (size_t i = 0; i < set->n; i++) {
		if (strcmp(set->acts[i].id, id) == 0)
			return &set->acts[i];
	}
	return NULL;
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

	if (a->code < 0 || find(a->set, row->id))
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

int rf_set_name(struct rf_set *set, const struct bmc_row *board)
{
	struct adding a = { .set = set };

	add_board(&a, board);
	if (a.code == 0)
		find(set, board->id)->in_set = false;
	return a.code;
}

void rf_set_done(struct rf_set *set)
{
	free(set->acts);
	set->acts = NULL;
	set->n = 0;
	set->params = bmc_params_unref(set->params);
}

int rf_set_start(struct rf_request *q, struct rf_set *set)
{
	int r;

	for (size_t i = 0; i < set->n; i++)
		set->acts[i].params = set->params;
	if (set->n)
		r = rf_submit(q, set->acts, set->n, rf_then_task);
	else
		r = rf_answer_error(q, BMC_EABSENT, NULL);
	rf_set_done(set);
	return r;
}

int rf_set_submit(struct rf_request *q, struct rf_set *set)
{
	if (rf_apply_time(q, set->op, &set->params))
		return rf_set_start(q, set);
	rf_set_done(set);
	return RF_DONE; /* it has been answered */
}

/* ---- batches ---- */

int rf_set_number(struct rf_set *set, enum bmc_param key, int64_t scale, int64_t n)
{
	int64_t min, max;

	bmc_params_range(key, &min, &max);
	if (n < min / scale || n > max / scale)
		return BMC_ERANGE;
	if (!set->params && !(set->params = bmc_params_new()))
		return BMC_ENOMEM;
	return bmc_params_set_num(set->params, key, n * scale, NULL);
}

/* 0 is the same as none. */
static int add_param(struct rf_set *set, size_t i, int64_t n)
{
	return n == 0 ? 0 : rf_set_number(set, plan[i].key, plan[i].scale, n);
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
	int64_t min, max;

	for (size_t i = 0; i < ARRAY_SIZE(plan); i++) {
		bmc_params_range(plan[i].key, &min, &max);
		(void)json_array_append_new(
			list,
			json_pack("{ss sb ss si sI}", "Name", plan[i].name, "Required",
				  0, "DataType", "Number", "MinimumValue", 0,
				  "MaximumValue", (json_int_t)(max / plan[i].scale)));
	}
}
