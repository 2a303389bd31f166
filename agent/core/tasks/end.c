// SPDX-License-Identifier: Apache-2.0
/* How runs and their groups end: the task's last state, its place in the journal, the
 * claim given back, one line for the audit. Called by the step machine and by resume.c.
 */
#include <stdlib.h>
#include <string.h>

#include "core/access/claims.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/model/field.h"
#include "core/tasks/run.h"

static void audit(const struct bmc_task *t)
{
	log_notice("task %s: %s of %s, asked for by %s over %s from %s, is %s%s%s",
		   t->row.id, bmc_name_word(bmc_action_names, t->op),
		   t->target_id[0] ? t->target_id : "a set of boards", t->actor,
		   t->origin, t->client, bmc_name_word(bmc_task_state_names, t->state),
		   t->error[0] ? ": " : "", t->error);
}

static void row_end(struct bmc_task *t, enum bmc_task_state state)
{
	t->state = state;
	t->ended = bmc_now();
	if (state == BMC_TASK_COMPLETED)
		t->percent = 100000;
	else if (!t->code[0])
		(void)snprintf(t->code, sizeof(t->code), "task-%s",
			       state == BMC_TASK_CANCELLED     ? "cancelled"
			       : state == BMC_TASK_INTERRUPTED ? "interrupted"
							       : "failed");
	bmc_task_note(t, bmc_name_word(bmc_task_state_names, state));
	audit(t);
	bmc_task_show(t);
}

void bmc_group_free(struct bmc_group *g)
{
	if (!g)
		return;
	bmc_plan_done(g);
	bmc_update_free(g->update);
	free(g->blades);
	free(g);
}

void bmc_group_count(struct bmc_group *g, const struct bmc_task *t)
{
	bool cancelled = t->state == BMC_TASK_CANCELLED;

	g->left--;
	g->cancelled += cancelled;
	if (t->state == BMC_TASK_COMPLETED)
		g->row.targets_ok++;
	else if (cancelled && t->started == BMC_UNKNOWN)
		g->not_begun++;
	else
		g->row.targets_failed++;
	if (t->code[0] && !g->row.code[0])
		(void)bmc_copy(g->row.code, sizeof(g->row.code), t->code);
	if (t->error[0] && !g->row.error[0])
		(void)bmc_copy(g->row.error, sizeof(g->row.error), t->error);
	g->row.percent =
		(g->row.targets_ok + g->row.targets_failed + (int64_t)g->not_begun) *
		100000 / g->row.targets;
}

struct bmc_record bmc_group_record(const struct bmc_group *g)
{
	struct bmc_record rec = bmc_task_record(&g->row, 0);

	bmc_plan_format(&g->plan, rec.text, sizeof(rec.text));
	bmc_update_format(g->update, &rec);
	if (g->row.ended != BMC_UNKNOWN)
		rec.secret = NULL; /* an address: what has ended is not fetched again */
	return rec;
}

static void group_show(struct bmc_group *g)
{
	for (size_t i = 0; i < g->n_blades; i++)
		bmc_task_show_on(BMC_BLADE, g->blades[i], &g->row);
}

void bmc_group_begin(struct bmc_group *g)
{
	if (g->row.state == BMC_TASK_RUNNING)
		return;
	g->row.state = BMC_TASK_RUNNING;
	g->row.waits_for = BMC_WAIT_NONE;
	g->row.started = bmc_now();
	bmc_task_show(&g->row);
	group_show(g);
}

bool bmc_group_check_end(struct bmc_group *g, struct bmc_record *ret)
{
	struct bmc_task *t = &g->row;
	bool ended = g->left == 0;
	char more[80], words[224];

	bmc_update_summary(g, more, sizeof(more));
	(void)snprintf(
		words, sizeof(words), "%lld of %lld boards done, %lld failed%s%s",
		(long long)t->targets_ok, (long long)t->targets,
		(long long)t->targets_failed, more,
		g->durable ? ""
			   : " (not journaled: the state database takes no writes)");
	(void)bmc_copy(t->message, sizeof(t->message), words);
	if (ended) {
		int64_t others = t->targets_failed + (int64_t)g->not_begun;

		row_end(t, !others                           ? BMC_TASK_COMPLETED
			   : (int64_t)g->cancelled == others ? BMC_TASK_CANCELLED
							     : BMC_TASK_EXCEPTION);
		bmc_tasks_ended(t->row.index[0], (uint32_t)t->targets + 1, t->ended);
	} else {
		bmc_task_show(t);
	}
	if (t->state != BMC_TASK_NEW)
		group_show(g);
	*ret = bmc_group_record(g);
	return ended;
}

void bmc_group_nothing(struct bmc_group *g)
{
	(void)bmc_copy(g->row.message, sizeof(g->row.message),
		       "there was nothing to do");
	g->row.started = bmc_now();
	row_end(&g->row, BMC_TASK_COMPLETED);
	bmc_tasks_ended(g->row.row.index[0], 1, g->row.ended);
	const struct bmc_record rec = bmc_group_record(g);
	if (bmc_store && bmc_store->write(&rec, 1, NULL, NULL) < 0)
		log_warning("task %s: its end could not be stored", g->row.row.id);
}

/* The last entry: the tasks as they ended, and the job gone, all or nothing. */
static void journal_end(const struct bmc_run *run, const struct bmc_record *group)
{
	const struct bmc_group *g = run->group;
	struct bmc_record recs[6] = { bmc_task_record(&run->row,
						      g ? g->row.row.index[0] : 0),
				      { .type = BMC_REC_JOURNAL_GONE } };
	size_t n = 2;
	struct bmc_run *due;

	recs[1].job.job = run->job;
	n += bmc_run_boot_once(run, &recs[n]);
	due = bmc_wait_reset(run, &recs[n]);
	n += due != NULL;
	if (group)
		recs[n++] = *group;
	if (bmc_store && bmc_store->write(recs, n, bmc_journal_noted, NULL) < 0)
		log_warning("task %s: its end could not be journaled", run->row.row.id);
	if (due)
		bmc_plan_due(due);
}

void bmc_run_end(struct bmc_run *run, enum bmc_task_state state, const char *error,
		 const char *detail)
{
	struct bmc_group *g = run->group;
	struct bmc_record group;
	bool last = false;

	run->ended = true;
	run->seq++;
	run->timer = bmc_timer_cancel(run->timer);
	bmc_sequencer_leave(run);
	bmc_checkpoint_leave(run);
	bmc_claim_less(run->job);
	bmc_wait_end(run);
	if (detail)
		(void)bmc_copy(run->row.message, sizeof(run->row.message), detail);
	(void)bmc_copy(run->row.error, sizeof(run->row.error), error);
	run->row.targets_ok = state == BMC_TASK_COMPLETED;
	run->row.targets_failed = state != BMC_TASK_COMPLETED;
	row_end(&run->row, state);
	if (bmc_claim_held(run->board, run->owner)) /* else another one's is shown */
		bmc_task_show_on(BMC_BOARD, run->row.target_id, &run->row);
	if (g) {
		bmc_plan_leave(run, state == BMC_TASK_COMPLETED);
		bmc_update_count(g, &run->row);
		bmc_group_count(g, &run->row);
		last = bmc_group_check_end(g, &group);
	} else {
		bmc_tasks_ended(run->row.row.index[0], 1, run->row.ended);
	}
	journal_end(run, last ? &group : NULL);
	if (last)
		bmc_group_free(g);
	bmc_claim_drop(run->board, run->owner);
	bmc_inventory_urgent();
	for (struct bmc_run **p = &bmc_runs; *p; p = &(*p)->next) {
		if (*p == run) {
			*p = run->next;
			break;
		}
	}
	bmc_run_unref(run);
}
