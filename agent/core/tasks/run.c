// SPDX-License-Identifier: Apache-2.0
/* The step machine: walks each board through its recipe on the main thread. A verb's
 * step is journaled first; waits look at every new snapshot; whatever the hardware
 * does, each step has an end, so each task has one. */
#include "core/tasks/run.h"

#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/eventfd.h>

#include "core/access/claims.h"
#include "core/access/policy.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/plugin/instance.h"

#define CONFIRM_MS 5000

struct bmc_run *bmc_runs;
void (*bmc_reinstall_hook)(const char *board);

static struct {
	int snapshots;  /* eventfd */
	uint64_t epoch; /* makes job numbers differ from those before this start */
	atomic_uint_least32_t last_step;
} state = { .snapshots = -1 };

/* ---- life ---- */

struct bmc_run *bmc_run_new(enum bmc_action_op op, const char *board, uint32_t handle,
			    const struct bmc_actor *who)
{
	struct bmc_run *run = calloc(1, sizeof(*run));

	if (!run)
		return NULL;
	run->refs = 1;
	run->board = handle;
	run->durable = true;
	bmc_task_init(&run->row, op, board, who);
	run->row.target = handle;
	return run;
}

void bmc_run_number(struct bmc_run *run, uint32_t task)
{
	run->job = state.epoch | task;
	bmc_task_set_number(&run->row, task);
}

uint64_t bmc_step_number(void)
{
	/* the upper half: tasks will not come so far */
	return (state.epoch | 0x80000000u | atomic_fetch_add(&state.last_step, 1)) * 64;
}

void bmc_run_unref(struct bmc_run *run)
{
	if (run && --run->refs == 0)
		free(run);
}

void bmc_run_link(struct bmc_run *run)
{
	struct bmc_run **p = &bmc_runs;

	while (*p && *p != run)
		p = &(*p)->next;
	if (!*p) {
		run->next = NULL;
		*p = run;
	}
}

void bmc_run_begin(struct bmc_run *run)
{
	bmc_run_link(run);
	if (run->group && (run->group->update || bmc_plan_any(&run->group->plan)))
		bmc_plan_enter(run);
	else
		bmc_run_start(run);
}

/* What was accepted for later finds the board as it is by now. */
static bool is_worth_starting(struct bmc_run *run)
{
	const struct bmc_board *b =
		(const struct bmc_board *)bmc_inventory_row(run->board);
	struct bmc_action act = { .op = (enum bmc_action_op)run->row.op,
				  .num = run->row.mode };
	struct bmc_error err = { 0 };
	int code = b ? bmc_board_action_check(b, &act, &err) : BMC_ENOTFOUND;

	if (code > 0)
		bmc_run_end(run, BMC_TASK_COMPLETED, NULL,
			    "it was in the wanted state already");
	else if (code < 0)
		bmc_run_end(run, BMC_TASK_EXCEPTION,
			    err.what[0] ? err.what : bmc_strerror(code), NULL);
	return code == BMC_OK;
}

/* False: it has ended. */
static bool claim_now(struct bmc_run *run)
{
	enum bmc_action_op op = (enum bmc_action_op)run->row.op, held;
	int code = bmc_claim(run->board, 0, run->owner, op, &held);

	run->unclaimed = false;
	if (code == BMC_EBUSY)
		code = bmc_claim_after(run->board, run->owner, op);
	if (code < 0)
		bmc_run_end(run, BMC_TASK_EXCEPTION,
			    "not started: the board is busy with other tasks", NULL);
	return code == BMC_OK;
}

void bmc_run_start(struct bmc_run *run)
{
	if (bmc_loop_is_stopping())
		return; /* it is in the journal, and begins after the next start */
	if (run->unclaimed && (!is_worth_starting(run) || !claim_now(run)))
		return;
	bmc_claim_waits(run->board, run->owner, false);
	if (!bmc_claim_held(run->board, run->owner)) {
		bmc_run_queue(run);
		return;
	}
	run->began = bmc_now();
	bmc_run_enter(run, 0);
}

/* ForceOff does not wait for one that has not begun. */
static void overtake(const struct bmc_run *by)
{
	for (struct bmc_run *run = bmc_runs; run; run = run->next) {
		if (run->board != by->board || run->at != BMC_RUN_PLANNED ||
		    !bmc_claim_held(run->board, run->owner))
			continue;
		bmc_run_end(run, BMC_TASK_CANCELLED,
			    "not started: ForceOff was asked for meanwhile", NULL);
		return;
	}
}

void bmc_run_queue(struct bmc_run *run)
{
	if (run->row.op == BMC_ACT_FORCE_OFF)
		overtake(run);
	run->at = BMC_RUN_QUEUED;
	(void)bmc_copy(run->row.message, sizeof(run->row.message),
		       "waiting for the board's present task to end");
	bmc_task_show(&run->row);
}

/* ---- what clients see ---- */

int64_t bmc_run_percent(const struct bmc_run *run, int64_t millipercent)
{
	const struct bmc_step *step = bmc_run_step(run);

	if (step->to)
		return step->from * 1000 + (step->to - step->from) * millipercent / 100;
	return ((int64_t)run->step * 100000 + millipercent) /
	       bmc_recipe((enum bmc_action_op)run->row.op)->n;
}

static void run_show(struct bmc_run *run, const char *doing)
{
	struct bmc_task *t = &run->row;

	if (doing)
		bmc_task_note(t, doing);
	if (doing)
		(void)snprintf(t->message, sizeof(t->message), "%s%s", doing,
			       run->durable ? ""
					    : " (not journaled: the state database "
					      "takes no writes)");
	t->percent = bmc_run_percent(run, 0);
	if (t->state == BMC_TASK_NEW) {
		t->state = BMC_TASK_RUNNING;
		t->started = bmc_now();
		bmc_task_show_on(BMC_BOARD, t->target_id, t);
	}
	bmc_task_show(t);
}

/* ---- time ---- */

static int64_t limit_ms(enum bmc_limit limit)
{
	const struct bmc_platform *p = bmc_instances_platform();
	const int64_t ms[] = {
		[BMC_LIMIT_NOW] = 0,
		[BMC_LIMIT_CONFIRM] = CONFIRM_MS,
		[BMC_LIMIT_LEAVE] = p->leave_ms,
		[BMC_LIMIT_SHUTDOWN] = p->shutdown_ms,
		[BMC_LIMIT_SETTLE] = p->settle_ms,
		[BMC_LIMIT_BOOT] = 2 * p->boot_ms,
		[BMC_LIMIT_FIRST_BOOT] = 5 * p->boot_ms,
	};
	return ms[limit];
}

bool bmc_run_timer(struct bmc_run *run, void (*fire)(void *arg))
{
	const struct bmc_step *step = bmc_run_step(run);
	int64_t from = step->from_start ? run->began : bmc_now();

	run->timer = bmc_timer_new(from + limit_ms(step->limit), fire, run);
	return run->timer != NULL;
}

/* ---- from step to step ---- */

void bmc_run_pass(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);

	bmc_run_enter(run, step->on_ok ? step->on_ok : run->step + 1);
}

void bmc_run_failed(struct bmc_run *run, const char *detail)
{
	const struct bmc_step *step = bmc_run_step(run);

	if (step->stage)
		bmc_update_failed(run, step->stage, BMC_DETAIL_SILENT, detail);
	if (step->on_fail)
		bmc_run_enter(run, step->on_fail);
	else
		bmc_run_end(run, BMC_TASK_EXCEPTION,
			    step->failed ? step->failed : detail, detail);
}

static void wait_over(void *arg)
{
	struct bmc_run *run = arg;

	run->timer = NULL;
	bmc_inventory_publish(); /* what was put, but not looked at yet */
	if (bmc_run_step(run)->what == BMC_DO_PAUSE || bmc_run_check(run))
		bmc_run_pass(run);
	else
		bmc_run_failed(run, NULL);
}

static void enter_wait(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);

	run->at = BMC_RUN_WAIT;
	if (step->what == BMC_DO_WAIT &&
	    (bmc_run_check(run) || (step->trust && run->resumed)))
		bmc_run_pass(run);
	else if (step->limit == BMC_LIMIT_NOW)
		bmc_run_failed(run, NULL);
	else if (!bmc_run_timer(run, wait_over))
		bmc_run_end(run, BMC_TASK_EXCEPTION, "out of memory: try again", NULL);
}

static void enter_end(struct bmc_run *run)
{
	char words[sizeof(run->row.message)] = "";

	bmc_update_words(run, words, sizeof(words));
	bmc_run_end(run, BMC_TASK_COMPLETED, NULL, words[0] ? words : NULL);
}

/* What was begun is undone first, where there is a way. */
static void run_cancelled(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);

	run->timer = bmc_timer_cancel(run->timer);
	if (step->on_cancel) {
		bmc_update_failed(run, step->stage, -BMC_ECANCELED, "cancelled");
		bmc_run_enter(run, step->on_cancel);
	} else {
		bmc_run_end(run, BMC_TASK_CANCELLED, "cancelled", NULL);
	}
}

/* Past its restart a board may be sent on, into a mode. */
static unsigned way_to_mode(struct bmc_run *run, unsigned step)
{
	const struct bmc_recipe *r = bmc_recipe((enum bmc_action_op)run->row.op);
	bool end = r->steps[step].what == BMC_DO_END;

	if (!r->mode || (step < r->mode && !end) || !bmc_run_to_mode(run))
		return step;
	return step < r->mode ? r->mode : step;
}

/* The update claims the board itself. */
static void enter_reinstall(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);
	char board[BMC_ID_MAX];

	(void)bmc_copy(board, sizeof(board), run->row.target_id);
	bmc_run_end(run, BMC_TASK_EXCEPTION, step->failed, step->doing);
	if (bmc_reinstall_hook)
		bmc_reinstall_hook(board);
}

void bmc_run_enter(struct bmc_run *run, unsigned step)
{
	const struct bmc_step *s;

	run->step = way_to_mode(run, step);
	step = run->step;
	s = bmc_run_step(run);
	if (run->cancel && !s->hold && s->what < BMC_DO_END) {
		run_cancelled(run);
		return;
	}
	run_show(run, s->doing);
	if (s->what == BMC_DO_FAIL)
		bmc_update_end(run, s->doing);
	else if (s->what == BMC_DO_REINSTALL)
		enter_reinstall(run);
	else if (s->what == BMC_DO_VERB)
		bmc_run_journal(run, BMC_JOURNAL_STARTED, step, bmc_step_verb_enter);
	else if (s->what == BMC_DO_END)
		enter_end(run);
	else
		enter_wait(run);
}

/* ---- looking at snapshots ---- */

static void run_look(struct bmc_run *run)
{
	bool holds = bmc_run_check(run);

	if (run->at == BMC_RUN_WAIT && bmc_run_step(run)->what == BMC_DO_WAIT &&
	    holds) {
		run->timer = bmc_timer_cancel(run->timer);
		bmc_run_pass(run);
	} else if (run->at == BMC_RUN_VERB && holds) {
		bmc_step_verb_held(run);
	}
}

static void settled(void *arg)
{
	struct bmc_run *run = arg;

	run->timer = NULL;
	run->began = bmc_now();
	bmc_run_enter(run, 0);
}

/* What it follows may have switched the power off just now. */
static void look_queued(struct bmc_run *run)
{
	if (!run->timer && bmc_claim_held(run->board, run->owner))
		run->timer = bmc_timer_new(bmc_now() + limit_ms(BMC_LIMIT_SETTLE),
					   settled, run);
}

static void reevaluate(void *arg, uint32_t events)
{
	uint64_t n;
	struct bmc_run *next;

	(void)arg;
	(void)events;
	(void)!read(state.snapshots, &n, sizeof(n));
	for (struct bmc_run *run = bmc_runs; run; run = next) {
		next = run->next; /* a run that ends takes only itself off the list */
		if (run->at == BMC_RUN_QUEUED)
			look_queued(run);
		else if (run->at == BMC_RUN_WAIT || run->at == BMC_RUN_VERB)
			run_look(run);
	}
}

/* ---- cancelling ---- */

static void run_stop(struct bmc_run *run)
{
	bool waits = run->at == BMC_RUN_PLANNED || run->at == BMC_RUN_QUEUED;

	run->cancel = true;
	if ((bmc_run_step(run)->hold && !waits) || run->at == BMC_RUN_IDLE ||
	    run->at == BMC_RUN_JOURNAL)
		return;
	if (run->at == BMC_RUN_VERB)
		bmc_verb_cancel(run->verb_run);
	else if (waits)
		bmc_run_end(run, BMC_TASK_CANCELLED, "cancelled", NULL);
	else
		run_cancelled(run);
}

void bmc_run_cancel(uint32_t number)
{
	struct bmc_run *next;

	for (struct bmc_run *run = bmc_runs; run; run = next) {
		next = run->next;
		if (run->row.row.index[0] == number ||
		    (run->group && run->group->row.row.index[0] == number))
			run_stop(run);
	}
}

/* ---- init ---- */

int bmc_runs_init(void)
{
	uint32_t salt;

	bmc_random(&salt, sizeof(salt));
	state.epoch = (uint64_t)(salt >> 7 | 1) << 32;
	state.snapshots = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (state.snapshots < 0)
		return BMC_ENOSPC;
	if (bmc_snapshot_watch(state.snapshots) < 0)
		return BMC_ENOSPC;
	return bmc_loop_watch(state.snapshots, EPOLLIN, reevaluate, NULL);
}

void bmc_runs_done(void)
{
	bmc_sequencer_done();
	bmc_updates_done();
	while (bmc_runs) {
		struct bmc_run *run = bmc_runs;

		bmc_runs = run->next;
		run->ended = true;
		run->timer = bmc_timer_cancel(run->timer);
		bmc_checkpoint_leave(run);
		if (run->group && --run->group->left == 0)
			bmc_group_free(run->group);
		bmc_run_unref(run);
	}
	if (state.snapshots < 0)
		return;
	bmc_snapshot_unwatch(state.snapshots);
	bmc_loop_unwatch(state.snapshots);
	(void)close(state.snapshots);
	state.snapshots = -1;
}
