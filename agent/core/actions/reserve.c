// SPDX-License-Identifier: Apache-2.0
/* Reserving and committing: checks what is asked for, claims the rows, writes the
 * reservation to the journal, and hands it over to the main thread (execute.c). Any
 * thread; never waits but in ready. */
#include "core/actions/actions.h"

#include <stdlib.h>
#include <string.h>

#include "core/access/claims.h"
#include "core/access/policy.h"
#include "core/actions/transaction.h"
#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/events/audit.h"
#include "core/events/event.h"
#include "core/model/field.h"
#include "core/plugin/instance.h"
#include "core/tasks/resume.h"

#define ACTIONS_MAX 2048

/* ---- what is asked for, and whether it can be ---- */

static int claim(struct bmc_transaction *t, const struct bmc_action *act,
		 const struct bmc_row *row, size_t what, struct bmc_error *err)
{
	enum bmc_action_op held = BMC_ACT_NONE;
	int code = bmc_claim(row->handle, what, t->serial, act->op, &held);

	if (code == BMC_EBUSY &&
	    (bmc_op_follows(act->op, held) ||
	     (act->op == BMC_ACT_FORCE_OFF && bmc_claim_is_waiting(row->handle))))
		code = bmc_claim_after(row->handle, t->serial, act->op);
	if (code == BMC_EBUSY && what == BMC_CLAIM_WAITING)
		return bmc_fail(err, code,
				"an update waits for %s already: delete its task first",
				row->id);
	if (code == BMC_EBUSY)
		return bmc_fail(err, code,
				"%s is busy with %s: wait for its task to end", row->id,
				bmc_name_word(bmc_action_names, held));
	if (code == BMC_EINVAL)
		return bmc_fail(err, code, "two different actions for %s at once",
				row->id);
	if (code == BMC_ENOMEM)
		return bmc_fail(err, code, "out of memory");
	return code;
}

int bmc_transaction_add_board(struct bmc_transaction *t, const struct bmc_action *act,
			      const struct bmc_row *row, struct bmc_error *err)
{
	int state = bmc_board_action_check((const struct bmc_board *)row, act, err);
	size_t what = t->waits_for ? BMC_CLAIM_WAITING : 0;
	struct bmc_operation *operation;
	int code;

	if (t->deferred && (state > 0 || state == BMC_ESTATE))
		state = BMC_OK; /* it may be otherwise by then */
	if (state < 0)
		return state;
	code = claim(t, act, row, what, err);
	if (code < 0)
		return code == BMC_EEXIST ? BMC_OK
					  : code; /* named twice is named once */
	operation = state == 0
			    ? bmc_operation_add(t, act, BMC_OPERATION_RUN, row->handle)
			    : NULL;
	if (!operation) {
		if (what)
			bmc_unclaim(row->handle, what);
		else
			bmc_claim_drop(row->handle, t->serial);
		return state == 0 ? bmc_fail(err, BMC_ENOMEM, "out of memory") : BMC_OK;
	}
	operation->claimed = true;
	operation->claim = what;
	operation->run = bmc_run_new(act->op, row->id, row->handle, &t->who);
	t->n_runs++;
	if (!operation->run)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	operation->run->row.waits_for = t->waits_for;
	operation->run->row.mode = act->op == BMC_ACT_ENTER_MODE ? act->num : 0;
	return BMC_OK;
}

/* Whether the row has the value and keeps it. While a verb is carrying out another one,
 * the row shows the former still; the claim is given back only after the new one is
 * published, so the snapshot is taken after the claim was seen to be free. */
static bool stays_same(const struct bmc_row *row, const struct bmc_action *act)
{
	if (!act->field->verb)
		return true;
	if (bmc_claim_is_held(row->handle, act->field->offset))
		return false;
	auto_snapshot struct bmc_snapshot *now = bmc_snapshot_get();
	row = bmc_snapshot_find(now, act->kind, act->id);
	return row && bmc_setting_check(row, act, NULL) > 0;
}

static int claim_setting(struct bmc_transaction *t, const struct bmc_action *act,
			 const struct bmc_row *row, struct bmc_error *err)
{
	int code =
		act->field->verb ? claim(t, act, row, act->field->offset, err) : BMC_OK;

	return code == BMC_EEXIST ? bmc_fail(err, BMC_EINVAL, "%s of %s is set twice",
					     act->field->name, row->id)
				  : code;
}

static int add_setting(struct bmc_transaction *t, const struct bmc_action *act,
		       const struct bmc_row *row, struct bmc_error *err)
{
	struct bmc_operation *operation;
	int code = bmc_setting_check(row, act, err);

	if (code > 0 && stays_same(row, act))
		return BMC_OK;
	if (code >= 0)
		code = claim_setting(t, act, row, err);
	if (code < 0)
		return code;
	operation = bmc_operation_add(t, act, BMC_OPERATION_SETTING, row->handle);
	if (operation) {
		operation->claimed = act->field->verb != NULL;
		operation->claim = act->field->offset;
		return BMC_OK;
	}
	if (act->field->verb)
		bmc_unclaim(row->handle, act->field->offset);
	return bmc_fail(err, BMC_ENOMEM, "out of memory");
}

static int add_owned(struct bmc_transaction *t, const struct bmc_action *act,
		     const struct bmc_row *row, struct bmc_error *err)
{
	const struct bmc_action_handler *handler = bmc_action_handler(act->kind);
	int code;

	if (!handler)
		return bmc_fail(err, BMC_ENOTSUP, "this can't be done to a %s",
				bmc_kind(act->kind)->name);
	if (act->op == BMC_ACT_ADD && row && act->id[0])
		return bmc_fail(err, BMC_EEXIST, "there is a %s %s already",
				bmc_kind(act->kind)->name, act->id);
	code = handler->check ? handler->check(act, &t->who, err) : BMC_OK;
	if (code < 0)
		return code;
	if (!bmc_operation_add(t, act, BMC_OPERATION_HANDLER, row ? row->handle : 0))
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	return BMC_OK;
}

static int add_service(struct bmc_transaction *t, const struct bmc_action *act,
		       const struct bmc_row *row, struct bmc_error *err)
{
	bool restart = act->op == BMC_ACT_MANAGER_RESTART;
	int code = bmc_service_check(row, act, err);

	if (code < 0)
		return code;
	if (!bmc_operation_add(
		    t, act, restart ? BMC_OPERATION_RESTART : BMC_OPERATION_SERVICE, 0))
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	return BMC_OK;
}

static int add_recipe(struct bmc_transaction *t, const struct bmc_action *act,
		      const struct bmc_row *row, const struct bmc_snapshot *s,
		      struct bmc_error *err)
{
	if (act->kind == BMC_BOARD)
		return act->in_set ? bmc_set_add(t, act, row, err)
				   : bmc_transaction_add_board(t, act, row, err);
	if (act->kind == BMC_BLADE)
		return bmc_set_add_blade(t, act, row, s, err);
	return bmc_fail(err, BMC_ENOTSUP, "%s is for boards and blades",
			bmc_name_word(bmc_action_names, act->op));
}

static int add_action(struct bmc_transaction *t, const struct bmc_action *act,
		      const struct bmc_snapshot *s, struct bmc_error *err)
{
	const struct bmc_row *row;
	int code;

	if (act->kind >= BMC_N_KINDS || act->op <= BMC_ACT_NONE ||
	    act->op >= BMC_N_ACTS || !memchr(act->id, '\0', sizeof(act->id)) ||
	    !memchr(act->text, '\0', sizeof(act->text)))
		return bmc_fail(err, BMC_EINVAL, "no such action");
	code = bmc_actor_check(&t->who, act, s, err);
	if (code < 0)
		return code;
	row = bmc_snapshot_find(s, act->kind, act->id);
	if (!row && act->op != BMC_ACT_ADD)
		return bmc_fail(err, BMC_ENOTFOUND, "there is no %s %s",
				bmc_kind(act->kind)->name, act->id);
	if (bmc_op_is_recipe(act->op))
		return add_recipe(t, act, row, s, err);
	if (act->op >= BMC_ACT_MANAGER_RESTART)
		return add_service(t, act, row, err);
	if (act->op == BMC_ACT_SET && !bmc_action_handler(act->kind))
		return add_setting(t, act, row, err);
	return add_owned(t, act, row, err);
}

/* ---- the reservation in the journal ---- */

/* A parent task for what was asked of a blade or of several boards. */
static int make_group(struct bmc_transaction *t, const struct bmc_plan *plan)
{
	struct bmc_group *g;
	enum bmc_action_op op = t->acts[0].op;

	if ((t->n_runs == 0 && !t->wanted) ||
	    (t->n_runs == 1 && t->n_blades == 0 && !plan->apply_at &&
	     !bmc_updates_params(t)))
		return BMC_OK;
	t->group = g = calloc(1, sizeof(*g));
	if (!g || bmc_set_name_blades(t, g) < 0)
		return BMC_ENOMEM;
	for (size_t i = 0; i < t->n_operations; i++) {
		if (t->operations[i].run)
			op = t->operations[i].act->op;
	}
	bmc_task_init(&g->row, op, t->n_acts == 1 ? t->acts[0].id : "", &t->who);
	g->update = op == BMC_ACT_UPDATE ? bmc_update_new(bmc_updates_params(t)) : NULL;
	if (op == BMC_ACT_UPDATE && !g->update)
		return BMC_ENOMEM;
	g->plan = *plan;
	g->row.target = t->n_acts == 1 ? t->blade : 0;
	bmc_set_show_plan(&g->row, plan);
	bmc_updates_show(t);
	g->row.targets = (int64_t)t->n_runs;
	g->row.waits_for = t->waits_for;
	g->left = t->n_runs;
	g->durable = true;
	if (bmc_plan_deferred(plan))
		bmc_set_show_start(t, bmc_boottime(plan->apply_at));
	return BMC_OK;
}

static void number_tasks(struct bmc_transaction *t)
{
	uint32_t next =
		t->wanted ? t->wanted
			  : bmc_task_numbers((uint32_t)t->n_runs + (t->group != NULL));

	t->task = next;
	if (t->group)
		bmc_task_set_number(&t->group->row, next++);
	for (size_t i = 0; i < t->n_operations; i++) {
		if (!t->operations[i].run)
			continue;
		t->operations[i].run->group = t->group;
		t->operations[i].run->owner = t->serial;
		bmc_run_number(t->operations[i].run, next++);
	}
}

static void reserved(void *arg, int code)
{
	struct bmc_transaction *t = arg;

	bmc_journal_point(code);
	(void)pthread_mutex_lock(&t->lock);
	t->in_journal = true;
	if (t->ready)
		t->ready();
	(void)pthread_cond_broadcast(&t->journaled);
	(void)pthread_mutex_unlock(&t->lock);
	bmc_transaction_unref(t);
}

/* Both for the reservation and, `gone`, for taking it back. */
static size_t transaction_records(const struct bmc_transaction *t,
				  struct bmc_record *recs, bool gone)
{
	uint32_t parent = t->group ? t->task : 0;
	size_t n = 0;

	if (t->group)
		recs[n++] = bmc_group_record(t->group);
	for (size_t i = 0; i < t->n_operations; i++) {
		const struct bmc_run *run = t->operations[i].run;

		if (!run)
			continue;
		recs[n++] = bmc_task_record(&run->row, parent);
		recs[n++] = bmc_run_record(run, BMC_JOURNAL_RESERVED, 0);
	}
	for (size_t i = 0; gone && i < n; i++)
		recs[i].type = recs[i].type == BMC_REC_ROW ? BMC_REC_ROW_GONE
							   : BMC_REC_JOURNAL_GONE;
	return n;
}

static int transaction_write(struct bmc_transaction *t, bool gone, bmc_store_done *done)
{
	auto_free struct bmc_record *recs = calloc(2 * t->n_runs + 1, sizeof(*recs));

	if (!recs || !bmc_store)
		return BMC_ENOMEM;
	return bmc_store->write(recs, transaction_records(t, recs, gone), done, t);
}

static void journal_reservation(struct bmc_transaction *t)
{
	if (t->n_runs > 0 || t->group)
		number_tasks(t);
	if (t->n_runs > 0) {
		t->refs++;
		if (transaction_write(t, false, reserved) == BMC_OK)
			return;
		t->refs--;
	}
	t->in_journal = true;
}

/* ---- what frontends call ---- */

static void audit_refused(const struct bmc_actor *who, const struct bmc_action *act,
			  const struct bmc_error *err)
{
	log_limited(LOG_NOTICE, "%s of %s refused to %s over %s from %s: %s",
		    bmc_name_word(bmc_action_names, act->op), act->id, who->name,
		    who->origin, who->client, err->what);
	bmc_audit(who, bmc_name_word(bmc_action_names, act->op), act->id, err->what,
		  false);
	if (err->code == BMC_EPERM)
		bmc_event_raise("ActionRefused", 0, who->name,
				bmc_name_word(bmc_action_names, act->op), act->id);
}

static int transaction_fill(struct bmc_transaction *t, size_t *ret_bad,
			    struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_params *params;
	struct bmc_plan plan;
	int bad = bmc_set_params(t, &params, ret_bad, err);

	if (bad < 0)
		return bad;
	plan = bmc_set_plan(params);
	if (plan.until &&
	    (plan.until <= plan.apply_at || bmc_boottime(plan.until) <= bmc_now()))
		return bmc_fail(err, BMC_ERANGE, "the maintenance window is over");
	t->wanted = (uint32_t)bmc_params_num(params, BMC_PARAM_TASK, 0);
	t->waits_for = (enum bmc_wait)bmc_params_num(params, BMC_PARAM_WAITS_FOR,
						     BMC_WAIT_NONE);
	t->deferred = bmc_plan_deferred(&plan) || t->waits_for;
	if (t->deferred && bmc_tasks_waiting(s) >= BMC_TASKS_WAITING_MAX)
		return bmc_fail(err, BMC_EAGAIN, "too many tasks wait for their time");
	for (size_t i = 0; i < t->n_acts; i++) {
		int code = add_action(t, &t->acts[i], s, err);

		*ret_bad = i;
		if (code < 0)
			return code;
	}
	bad = bmc_updates_check(t, ret_bad, err);
	if (bad == BMC_OK)
		bad = bmc_limits_check(t, s, ret_bad, err);
	if (bad == BMC_OK)
		bad = bmc_identity_check(t, ret_bad, err);
	if (bad == BMC_OK)
		bad = bmc_set_check(t, err);
	if (bad < 0)
		return bad;
	if (make_group(t, &plan) < 0)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	bmc_set_name_left_out(t);
	if (t->wanted &&
	    !bmc_task_numbers_take(t->wanted, (uint32_t)t->n_runs + (t->group != NULL)))
		return bmc_fail(err, BMC_EEXIST, "task %u can't be made: take %u",
				t->wanted, bmc_task_number_next());
	return BMC_OK;
}

int bmc_action_reserve(const struct bmc_actor *who, const struct bmc_action *acts,
		       size_t n, struct bmc_transaction **ret, size_t *ret_bad,
		       struct bmc_error *reterr)
{
	struct bmc_error err = { 0 };
	struct bmc_transaction *t;
	size_t bad = 0;
	int code;

	if (n < 1 || n > ACTIONS_MAX)
		return bmc_fail(reterr, BMC_ERANGE, "1 to %d actions at once",
				ACTIONS_MAX);
	t = bmc_transaction_new(who, acts, n);
	if (!t)
		return bmc_fail(reterr, BMC_ENOMEM, "out of memory");
	code = transaction_fill(t, &bad, &err);
	if (code < 0) {
		audit_refused(who, &t->acts[bad], &err);
		bmc_transaction_unref(t);
		if (ret_bad)
			*ret_bad = bad;
		if (reterr)
			*reterr = err;
		return code;
	}
	journal_reservation(t);
	*ret = t;
	return BMC_OK;
}

int bmc_transaction_ready(struct bmc_transaction *t, int64_t timeout_ms,
			  struct bmc_error *reterr)
{
	int64_t until = bmc_now() + timeout_ms;
	bool done;

	(void)pthread_mutex_lock(&t->lock);
	while (!t->in_journal && bmc_cond_wait(&t->journaled, &t->lock, until))
		;
	done = t->in_journal;
	(void)pthread_mutex_unlock(&t->lock);
	if (done)
		return BMC_OK;
	return bmc_fail(reterr, BMC_ETIMEDOUT, "the state database is slow: try again");
}

void bmc_transaction_on_ready(struct bmc_transaction *t, void (*ready)(void))
{
	(void)pthread_mutex_lock(&t->lock);
	t->ready = t->in_journal ? NULL : ready;
	(void)pthread_mutex_unlock(&t->lock);
}

void bmc_transaction_release(struct bmc_transaction *t)
{
	if (!t)
		return;
	if (t->n_runs > 0)
		(void)transaction_write(t, true, NULL);
	/* the journal's answer may still be awaited, the rows are free at once */
	for (size_t i = 0; i < t->n_operations; i++)
		bmc_operation_unclaim(&t->operations[i]);
	bmc_transaction_unref(t);
}

void bmc_transaction_commit(struct bmc_transaction *t,
			    void (*done)(void *arg, const struct bmc_result *),
			    void *arg)
{
	t->done = done;
	t->arg = arg;
	bmc_loop_send(&t->committed, bmc_transaction_run, t);
}

void bmc_transaction_commit_stored(struct bmc_transaction *t,
				   void (*done)(void *arg, const struct bmc_result *),
				   void *arg)
{
	t->early = true;
	bmc_transaction_commit(t, done, arg);
}

int bmc_action_submit(const struct bmc_actor *who, const struct bmc_action *acts,
		      size_t n, void (*done)(void *arg, const struct bmc_result *),
		      void *arg, size_t *ret_bad, struct bmc_error *reterr)
{
	struct bmc_transaction *t;
	int code = bmc_action_reserve(who, acts, n, &t, ret_bad, reterr);

	if (code == BMC_OK)
		bmc_transaction_commit(t, done, arg);
	return code;
}
