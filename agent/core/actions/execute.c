// SPDX-License-Identifier: Apache-2.0
/* Carrying out, on the main thread: a committed transaction becomes tasks, settings
 * and calls to the handlers of accounts; and the life of the action API. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/access/claims.h"
#include "core/access/policy.h"
#include "core/actions/actions.h"
#include "core/actions/aggregates.h"
#include "core/actions/chassis.h"
#include "core/actions/recover.h"
#include "core/actions/transaction.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/audit.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/plugin/instance.h"
#include "core/tasks/resume.h"

static unsigned updates_at_once = 1;
static bool is_open; /* from bmc_actions_init to bmc_actions_done; main thread */

/* ---- the end of a transaction ---- */

static bool restarts(const struct bmc_transaction *t)
{
	for (size_t i = 0; i < t->n_operations; i++) {
		if (t->operations[i].how == BMC_OPERATION_RESTART)
			return true;
	}
	return false;
}

static void answer(struct bmc_transaction *t)
{
	bmc_inventory_publish(); /* the answer may show what was set */
	if (t->done)
		t->done(t->arg, &t->result);
	t->done = NULL;
}

void bmc_transaction_part(struct bmc_transaction *t, int code,
			  const struct bmc_error *err)
{
	bool restart;

	if (code < 0 && t->early && !t->done)
		log_warning("set by %s over %s, failed after it was accepted: %s",
			    t->who.name, t->who.origin, err->what);
	if (code < 0 && t->result.code == BMC_OK) {
		t->result.code = code;
		t->result.err = *err;
	}
	if (--t->waiting == t->verbs && t->early)
		answer(t);
	if (t->waiting)
		return;
	restart = restarts(t) && t->result.code == BMC_OK;
	answer(t);
	bmc_transaction_unref(t);
	if (restart && bmc_restart_hook)
		bmc_restart_hook("an administrator asked for it");
}

/* The value of a setting: none of them is a secret. */
static void value_of(const struct bmc_action *act, char *ret, size_t size)
{
	ret[0] = '\0';
	if (act->op != BMC_ACT_SET || !act->field)
		return;
	if (act->field->type == BMC_TEXT)
		(void)snprintf(ret, size, "%s = %.60s", act->field->name, act->text);
	else
		(void)snprintf(ret, size, "%s = %" PRId64, act->field->name, act->num);
}

static void audit(const struct bmc_operation *operation, int code,
		  const struct bmc_error *err)
{
	const struct bmc_action *act = operation->act;
	const struct bmc_actor *who = &operation->transaction->who;
	char target[2 * BMC_ID_MAX + 2], value[96];

	if (act->ask && code >= 0) /* it comes again to be done */
		return;
	log_notice("%s of %s %s%s%s by %s over %s from %s: %s",
		   bmc_name_word(bmc_action_names, act->op), bmc_kind(act->kind)->name,
		   act->id, act->field ? " " : "", act->field ? act->field->name : "",
		   who->name, who->origin, who->client,
		   code < 0 ? err->what : "accepted");
	(void)snprintf(target, sizeof(target), "%s %s", bmc_kind(act->kind)->name,
		       act->id);
	value_of(act, value, sizeof(value));
	bmc_audit(who, bmc_name_word(bmc_action_names, act->op), target,
		  code < 0 ? err->what : value, code >= 0);
}

void bmc_operation_end(const struct bmc_operation *operation, int code,
		       const struct bmc_error *err)
{
	audit(operation, code, err);
	bmc_transaction_part(operation->transaction, code, err);
}

/* ---- boards ---- */

static void show_group(struct bmc_group *g, bool durable, bool deferred)
{
	g->durable = durable;
	if (deferred) {
		(void)bmc_copy(g->row.message, sizeof(g->row.message),
			       g->row.waits_for ? bmc_wait_words(g->row.waits_for)
						: "waiting for its time");
		bmc_task_show(&g->row);
	} else {
		bmc_group_begin(g);
	}
}

/* What begins later leaves its boards to others until then, an update until its image
 * is there. */
static void show_run(struct bmc_run *run, const struct bmc_transaction *t)
{
	if (t->deferred || (t->group && t->group->update)) {
		bmc_claim_drop(run->board, run->owner);
		run->unclaimed = true;
	}
	run->row.row.parent = t->group ? t->group->row.row.handle : 0;
	bmc_task_show(&run->row);
	if (bmc_claim_held(run->board, run->owner))
		bmc_task_show_on(BMC_BOARD, run->row.target_id, &run->row);
}

static void show_accepted(struct bmc_transaction *t, bool durable)
{
	if (t->group)
		show_group(t->group, durable, t->deferred);
	for (size_t i = 0; i < t->n_operations; i++) {
		struct bmc_run *run = t->operations[i].run;

		if (!run)
			continue;
		run->durable = durable;
		show_run(run, t);
	}
	bmc_inventory_publish();
}

/* The runs take over claim and group. */
static void begin(struct bmc_transaction *t)
{
	t->group = NULL;
	for (size_t i = 0; i < t->n_operations; i++) {
		struct bmc_run *run = t->operations[i].run;

		if (!run)
			continue;
		t->operations[i].run = NULL;
		t->operations[i].claimed = false;
		bmc_run_begin(run);
	}
}

static void accepted(void *arg, int code)
{
	struct bmc_transaction *t = arg;

	bmc_journal_point(code);
	t->result.durable = t->result.durable && code == BMC_OK;
	t->result.task = t->task;
	if (is_open) { /* else it goes on after the next start */
		show_accepted(t, code == BMC_OK);
		begin(t);
	}
	bmc_transaction_part(t, BMC_OK, NULL);
}

static void accept_runs(struct bmc_transaction *t)
{
	auto_free struct bmc_record *recs = calloc(t->n_runs, sizeof(*recs));
	char target[BMC_NAME_MAX], task[32];
	size_t n = 0;

	log_notice("task %u: %s of %s%s accepted from %s over %s from %s", t->task,
		   bmc_name_word(bmc_action_names, t->acts[0].op), t->acts[0].id,
		   t->n_acts > 1 ? " and others" : "", t->who.name, t->who.origin,
		   t->who.client);
	(void)snprintf(target, sizeof(target), "%s %s%s",
		       bmc_kind(t->acts[0].kind)->name, t->acts[0].id,
		       t->n_acts > 1 ? " and others" : "");
	(void)snprintf(task, sizeof(task), "task %u", t->task);
	bmc_audit(&t->who, bmc_name_word(bmc_action_names, t->acts[0].op), target, task,
		  true);
	for (size_t i = 0; recs && i < t->n_operations; i++) {
		if (t->operations[i].run)
			recs[n++] = bmc_run_record(t->operations[i].run,
						   BMC_JOURNAL_ACCEPTED, 0);
	}
	if (!n || !bmc_store || bmc_store->write(recs, n, accepted, t) < 0)
		accepted(t, BMC_EAGAIN);
}

/* All is so already, and a task was asked for. */
static void accept_nothing(struct bmc_transaction *t)
{
	t->result.task = t->task;
	bmc_group_nothing(t->group);
	bmc_inventory_publish();
}

/* ---- accounts and sessions ---- */

struct answer {
	struct bmc_message message;
	struct bmc_operation *operation;
	int code;
	struct bmc_error err;
};

static void handler_answer(void *arg)
{
	struct answer *a = arg;

	bmc_operation_end(a->operation, a->code, &a->err);
	free(a);
}

static void handler_done(void *arg, int code, const struct bmc_error *err)
{
	struct answer *a = arg;

	a->code = MIN(code, 0);
	if (code < 0 && err && err->what[0])
		a->err = *err;
	else
		(void)bmc_fail(&a->err, code, "%s", bmc_strerror(MIN(code, 0)));
	bmc_loop_send(&a->message, handler_answer, a);
}

static void handler_run(struct bmc_operation *operation)
{
	const struct bmc_action_handler *handler =
		bmc_action_handler(operation->act->kind);
	struct answer *a = handler ? calloc(1, sizeof(*a)) : NULL;
	struct bmc_error err;

	if (a) {
		a->operation = operation;
		handler->run(operation->act, &operation->transaction->who, handler_done,
			     a);
		return;
	}
	(void)bmc_fail(&err, BMC_EAGAIN, "not now: try again");
	bmc_transaction_part(operation->transaction, BMC_EAGAIN, &err);
}

/* ---- a transaction ---- */

static void run_items(struct bmc_transaction *t)
{
	t->waiting = 1 + (t->n_runs > 0);
	t->result.partly = t->n_operations > 1;
	for (size_t i = 0; i < t->n_operations; i++) {
		const struct bmc_operation *operation = &t->operations[i];
		bool setting = operation->how == BMC_OPERATION_SETTING;

		t->waiting += setting || operation->how == BMC_OPERATION_HANDLER ||
			      operation->how == BMC_OPERATION_SERVICE;
		t->verbs += setting && operation->act->field->verb;
	}
	for (size_t i = 0; i < t->n_operations; i++) {
		struct bmc_operation *operation = &t->operations[i];

		if (operation->how == BMC_OPERATION_HANDLER)
			handler_run(operation);
		else if (operation->how == BMC_OPERATION_SERVICE)
			bmc_service_run(operation);
		else if (operation->how != BMC_OPERATION_RUN)
			audit(operation, BMC_OK, NULL);
		if (operation->how == BMC_OPERATION_SETTING)
			bmc_setting_run(operation);
	}
	if (t->n_runs > 0)
		accept_runs(t);
	else if (t->group)
		accept_nothing(t);
	bmc_transaction_part(t, BMC_OK, NULL);
}

/* Nothing of it is done. */
static void refuse(struct bmc_transaction *t)
{
	if (t->done)
		t->done(t->arg, &t->result);
	bmc_transaction_release(t);
}

static void refuse_stopping(struct bmc_transaction *t)
{
	t->result.code =
		bmc_fail(&t->result.err, BMC_ECANCELED, "the service is stopping");
	refuse(t);
}

/* A transaction with a setting that can't be stored is refused as a whole; tasks alone
 * run also without a database. */
static void settings_stored(void *arg, int code)
{
	struct bmc_transaction *t = arg;

	if (code == BMC_OK && is_open) {
		run_items(t);
		return;
	}
	for (size_t i = 0; code == BMC_OK && i < t->n_operations; i++) {
		if (t->operations[i].how == BMC_OPERATION_SETTING)
			bmc_setting_take_back(&t->operations[i]);
	}
	if (code == BMC_OK) {
		refuse_stopping(t);
		return;
	}
	t->result.durable = false;
	t->result.code = bmc_fail(
		&t->result.err,
		code == BMC_EAGAIN || code == BMC_ENOMEM ? code : BMC_ENOSPC,
		"nothing was changed, it can't be stored: %s", bmc_strerror(code));
	for (size_t i = 0; i < t->n_operations; i++) {
		if (t->operations[i].how == BMC_OPERATION_SETTING)
			audit(&t->operations[i], t->result.code, &t->result.err);
	}
	refuse(t);
}

void bmc_transaction_run(void *transaction)
{
	if (is_open)
		bmc_settings_store(transaction, settings_stored);
	else
		refuse_stopping(transaction);
}

/* ---- cancelling ---- */

static void cancel(void *arg)
{
	bmc_run_cancel((uint32_t)(uintptr_t)arg);
}

int bmc_task_cancel(const struct bmc_actor *who, uint32_t task,
		    struct bmc_error *reterr)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	struct bmc_action act = { .op = BMC_ACT_ON,
				  .kind = BMC_BOARD }; /* the same right */
	const struct bmc_row *row;
	char id[BMC_ID_MAX];
	int code = bmc_actor_check(who, &act, s, reterr);

	if (code < 0)
		return code;
	(void)snprintf(id, sizeof(id), "%u", task);
	row = bmc_snapshot_find(s, BMC_TASK, id);
	if (!row)
		return bmc_fail(reterr, BMC_ENOTFOUND, "there is no task %u", task);
	if (bmc_task_ended((const struct bmc_task *)row))
		return bmc_fail(reterr, BMC_ESTATE, "task %u has ended already", task);
	log_notice("task %u: cancelled by %s over %s from %s", task, who->name,
		   who->origin, who->client);
	return bmc_loop_post(cancel, (void *)(uintptr_t)task);
}

/* ---- removing ---- */

/* Part of a task that goes on is part of what that says. */
static int remove_check(const struct bmc_action *act, const struct bmc_actor *who,
			struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_find(s, BMC_TASK, act->id);
	const struct bmc_row *up = row ? bmc_snapshot_row(s, row->parent) : NULL;

	(void)who;
	if (act->op == BMC_ACT_SET)
		return bmc_updates_start_check(act, err);
	if (act->op != BMC_ACT_REMOVE)
		return bmc_fail(err, BMC_ENOTSUP, "tasks are made by actions");
	if (up && bmc_task_ended((const struct bmc_task *)row) &&
	    !bmc_task_ended((const struct bmc_task *)up))
		return bmc_fail(err, BMC_ESTATE,
				"task %s is a part of task %s, which is under way",
				act->id, up->id);
	return BMC_OK;
}

/* A task that is under way is asked to end, one that has ended goes. */
static void remove_run(const struct bmc_action *act, const struct bmc_actor *who,
		       bmc_action_handler_done *done, void *arg)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_find(s, BMC_TASK, act->id);
	int code = BMC_OK;

	if (act->op == BMC_ACT_SET) {
		bmc_updates_start(act, done, arg);
		return;
	}
	log_notice("task %s: removed by %s over %s from %s", act->id, who->name,
		   who->origin, who->client);
	if (!row)
		code = BMC_ENOTFOUND;
	else if (bmc_task_ended((const struct bmc_task *)row))
		code = bmc_task_remove(row);
	else
		bmc_run_cancel(row->index[0]);
	done(arg, code, NULL);
}

static const struct bmc_action_handler task_handler = { remove_check, remove_run };

/* ---- init ---- */

void bmc_actions_keep_tasks_for(int64_t ms)
{
	bmc_tasks_keep_for(ms);
}

void bmc_actions_limit_updates(unsigned at_once)
{
	updates_at_once = MAX(at_once, 1U);
}

uint32_t bmc_action_next_task(void)
{
	return bmc_task_number_next();
}

int64_t bmc_actions_tasks_kept_for(void)
{
	return bmc_tasks_keep_ms();
}

int bmc_actions_init(unsigned keep, bool test, struct bmc_error *err)
{
	is_open = true;
	bmc_journal_init(test);
	bmc_updates_init(updates_at_once);
	if (bmc_tasks_init(keep) < 0 || bmc_runs_init() < 0)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	bmc_action_handler_register(BMC_TASK, &task_handler);
	int code = bmc_aggregates_init(err);
	return code < 0 ? code : bmc_resume_load(err);
}

void bmc_actions_start(void)
{
	bmc_sequencer_init(bmc_instances_platform()->inrush_ms);
	bmc_settings_restore();
	bmc_resume_start();
	bmc_power_on_start();
	bmc_buttons_init();
	bmc_recover_start();
}

void bmc_actions_done(void)
{
	is_open = false;
	bmc_buttons_done();
	bmc_power_on_done();
	bmc_recover_stop();
	bmc_action_handler_register(BMC_TASK, NULL);
	bmc_aggregates_done();
	bmc_resume_done();
	bmc_runs_done();
	bmc_tasks_done();
	bmc_claims_done();
}
