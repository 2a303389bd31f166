// SPDX-License-Identifier: Apache-2.0
/* Sets of boards: what can't be done to one of them now does not stop the others. A set
 * is a blade, or boards whose actions say so. Called by reserve.c, on any thread. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/access/policy.h"
#include "core/actions/transaction.h"
#include "core/base/util.h"

/* Names a busy board that is left out; "..." stands for those without room. */
static void leave_out(struct bmc_transaction *t, const char *id)
{
	static const char more[] = " ...";
	size_t used = strlen(t->left_out), room = sizeof(t->left_out) - sizeof(more);

	if (used && t->left_out[used - 1] == '.')
		return;
	if (used + 1 + strlen(id) <= room)
		(void)snprintf(t->left_out + used, sizeof(t->left_out) - used, "%s%s",
			       used ? " " : "", id);
	else
		memcpy(t->left_out + used, more, sizeof(more));
}

int bmc_set_add(struct bmc_transaction *t, const struct bmc_action *act,
		const struct bmc_row *board, struct bmc_error *err)
{
	struct bmc_error why = { 0 };
	int code = bmc_transaction_add_board(t, act, board, &why);

	if (code == BMC_EINVAL || code == BMC_ENOMEM) {
		*err = why;
		return code;
	}
	if (code == BMC_OK)
		t->n_fit++;
	else if (!t->why.code || (code == BMC_EBUSY && !t->left_out[0]))
		t->why = why;
	if (code == BMC_EBUSY)
		leave_out(t, board->id);
	return BMC_OK;
}

int bmc_set_check(const struct bmc_transaction *t, struct bmc_error *err)
{
	if (t->n_runs || !t->why.code || (t->n_fit && !t->left_out[0]))
		return BMC_OK;
	*err = t->why;
	return t->why.code;
}

int bmc_set_add_blade(struct bmc_transaction *t, const struct bmc_action *act,
		      const struct bmc_row *blade, const struct bmc_snapshot *s,
		      struct bmc_error *err)
{
	const struct bmc_row *const *boards;
	size_t n = bmc_snapshot_children(s, blade->handle, BMC_BOARD, &boards);

	for (size_t i = 0; i < n; i++) {
		int code = bmc_set_add(t, act, boards[i], err);

		if (code < 0)
			return code;
	}
	t->n_blades++;
	t->blade = blade->handle;
	return n ? BMC_OK
		 : bmc_fail(err, BMC_EABSENT, "blade %s holds no boards", blade->id);
}

int bmc_set_name_blades(struct bmc_transaction *t, struct bmc_group *g)
{
	g->blades = calloc(t->n_blades + 1, sizeof(*g->blades));
	if (!g->blades)
		return BMC_ENOMEM;
	for (size_t i = 0; i < t->n_acts && g->n_blades < t->n_blades; i++) {
		if (t->acts[i].kind == BMC_BLADE && bmc_op_is_recipe(t->acts[i].op))
			(void)bmc_copy(g->blades[g->n_blades++], BMC_ID_MAX,
				       t->acts[i].id);
	}
	return BMC_OK;
}

void bmc_set_name_left_out(struct bmc_transaction *t)
{
	struct bmc_task *row = t->group ? &t->group->row : NULL;

	for (size_t i = 0; !row && i < t->n_operations; i++) {
		if (t->operations[i].run)
			row = &t->operations[i].run->row;
	}
	if (row)
		memcpy(row->left_out, t->left_out, sizeof(row->left_out));
}

int bmc_set_params(const struct bmc_transaction *t, const struct bmc_params **ret,
		   size_t *ret_bad, struct bmc_error *err)
{
	bool first = true;

	*ret = NULL;
	for (size_t i = 0; i < t->n_acts; i++) {
		if (!bmc_op_is_recipe(t->acts[i].op))
			continue;
		if (!first && t->acts[i].params != *ret) {
			*ret_bad = i;
			return bmc_fail(err, BMC_EINVAL, "two different plans at once");
		}
		*ret = t->acts[i].params;
		first = false;
	}
	return BMC_OK;
}

struct bmc_plan bmc_set_plan(const struct bmc_params *p)
{
	return (struct bmc_plan){
		.batch = (uint32_t)bmc_params_num(p, BMC_PARAM_BATCH, 0),
		.canary = (uint32_t)bmc_params_num(p, BMC_PARAM_CANARY, 0),
		.per_blade = (uint32_t)bmc_params_num(p, BMC_PARAM_PER_BLADE, 0),
		.delay = bmc_params_num(p, BMC_PARAM_DELAY_MS, 0),
		.apply_at = bmc_params_num(p, BMC_PARAM_APPLY_AT, 0),
		.until = bmc_params_num(p, BMC_PARAM_APPLY_UNTIL, 0),
		.stop_after =
			(uint32_t)(bmc_params_num(p, BMC_PARAM_MAX_FAILED, -1) + 1),
	};
}

void bmc_set_show_plan(struct bmc_task *row, const struct bmc_plan *plan)
{
	if (plan->batch)
		row->batch = plan->batch;
	if (plan->canary)
		row->canary = plan->canary;
	if (plan->per_blade)
		row->per_blade = plan->per_blade;
	if (plan->delay)
		row->delay = plan->delay;
	if (plan->until)
		row->until = bmc_boottime(plan->until);
}

void bmc_set_show_start(struct bmc_transaction *t, int64_t when)
{
	t->group->row.start_at = when;
	for (size_t i = 0; i < t->n_operations; i++) {
		if (t->operations[i].run)
			t->operations[i].run->row.start_at = when;
	}
}
