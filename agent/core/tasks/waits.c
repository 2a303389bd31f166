// SPDX-License-Identifier: Apache-2.0
/* What an update waits for beside its time: its boards' next resets, each board its
 * own, or a request. Until then a board is free for others; that an update waits for it
 * is a claim of its own, so one does at most. A run waits as long as its row says so:
 * that is stored together with the end of the reset, or the request, which ends it. */
#include <stdlib.h>

#include "core/access/claims.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/tasks/run.h"

const char *bmc_wait_words(int64_t waits_for)
{
	return waits_for == BMC_WAIT_RESET ? "waiting for the next reset of its board"
					   : "waiting for a request to start updates";
}

void bmc_wait_end(struct bmc_run *run)
{
	if (run->row.waits_for == BMC_WAIT_NONE)
		return;
	run->row.waits_for = BMC_WAIT_NONE;
	bmc_unclaim(run->board, BMC_CLAIM_WAITING);
}

/* What it waited for has come. */
static void come(struct bmc_run *run, const char *words)
{
	bmc_wait_end(run);
	run->group->row.waits_for = BMC_WAIT_NONE;
	bmc_task_note(&run->row, words);
	(void)bmc_copy(run->row.message, sizeof(run->row.message), words);
	bmc_task_show(&run->row);
}

/* The record that says so, also after a restart. */
static struct bmc_record record_of(const struct bmc_run *run)
{
	return bmc_task_record(&run->row, run->group->row.row.index[0]);
}

/* ---- resets ---- */

/* The recipes that restart a board are those that may send it on into a mode. One that
 * is for the mode is no reset, nor is one with nothing to do. */
static bool has_reset(const struct bmc_run *run)
{
	return run->row.state == BMC_TASK_COMPLETED &&
	       run->row.started != BMC_UNKNOWN && run->row.op != BMC_ACT_ENTER_MODE &&
	       bmc_recipe((enum bmc_action_op)run->row.op)->mode != 0;
}

static bool is_in_window(const struct bmc_plan *plan)
{
	return !bmc_plan_deferred(plan) &&
	       (!plan->until || bmc_boottime(plan->until) > bmc_now());
}

struct bmc_run *bmc_wait_reset(const struct bmc_run *by, struct bmc_record *ret)
{
	struct bmc_run *run = has_reset(by) ? bmc_runs : NULL;

	while (run && (run->board != by->board || run->ended ||
		       run->row.waits_for != BMC_WAIT_RESET))
		run = run->next;
	if (!run || !is_in_window(&run->group->plan))
		return NULL;
	log_notice("task %s: begins, %s was reset by task %s", run->row.row.id,
		   run->row.target_id, by->row.row.id);
	come(run, "its board was reset");
	*ret = record_of(run);
	return run;
}

/* ---- requests ---- */

static bool is_for_request(const struct bmc_run *run, uint32_t group)
{
	return run->group && run->group->row.row.index[0] == group && !run->ended &&
	       run->row.waits_for == BMC_WAIT_REQUEST;
}

int bmc_wait_request(uint32_t group, bmc_store_done *done, void *arg)
{
	auto_free struct bmc_record *recs = NULL;
	size_t room = 0, n = 0;

	for (const struct bmc_run *run = bmc_runs; run; run = run->next)
		room += is_for_request(run, group);
	if (!room)
		return BMC_ESTATE;
	recs = calloc(room, sizeof(*recs));
	if (!recs)
		return BMC_ENOMEM;
	for (struct bmc_run *run = bmc_runs; run; run = run->next) {
		if (!is_for_request(run, group))
			continue;
		come(run, "updates were asked to start");
		recs[n++] = record_of(run);
		bmc_plan_due(run);
	}
	if (!bmc_store || bmc_store->write(recs, n, done, arg) < 0)
		done(arg, BMC_EAGAIN);
	return BMC_OK;
}

/* ---- after a restart ---- */

void bmc_wait_resume(struct bmc_run *run, bool begun)
{
	enum bmc_action_op op = (enum bmc_action_op)run->row.op, held;

	run->unclaimed = run->group &&
			 (run->group->update || run->group->plan.apply_at) && !begun;
	if (run->row.waits_for != BMC_WAIT_NONE && !run->unclaimed)
		run->row.waits_for = BMC_WAIT_NONE; /* it has begun */
	else if (run->row.waits_for != BMC_WAIT_NONE)
		(void)bmc_claim(run->board, BMC_CLAIM_WAITING, run->owner, op, &held);
	if (run->unclaimed)
		return; /* its board is free until its time */
	if (bmc_claim(run->board, 0, run->owner, op, &held) == BMC_OK)
		bmc_task_show_on(BMC_BOARD, run->row.target_id, &run->row);
	else /* it had the lower number, so it was there before */
		(void)bmc_claim_after(run->board, run->owner, op);
}
