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
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/plugin/instance.h"

#define CONFIRM_MS 5000
#define RETRY_MS   40000 /* an instance that is made anew takes up to 30 s */
#define AGAIN_MS   200

struct bmc_run *bmc_runs;

static int snapshots = -1; /* eventfd */
static uint64_t epoch;     /* makes job numbers differ from those before this start */

/* A call that is under way for a run; what comes back for an older step is dropped. */
struct call {
	struct bmc_run *run;
	uint32_t seq;
};

static void run_verb_failed(struct bmc_run *run, int code, const struct bmc_error *err);
static void run_verb_ok(struct bmc_run *run);

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
	run->job = epoch | task;
	bmc_task_set_number(&run->row, task);
}

uint64_t bmc_step_number(void)
{
	static atomic_uint_least32_t last;

	/* the upper half: tasks will not come so far */
	return (epoch | 0x80000000u | atomic_fetch_add(&last, 1)) * 64;
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
	if (run->group && bmc_plan_any(&run->group->plan))
		bmc_plan_enter(run);
	else
		bmc_run_start(run);
}

void bmc_run_start(struct bmc_run *run)
{
	if (!bmc_claim_held(run->board, run->owner)) {
		bmc_run_queue(run);
		return;
	}
	run->began = bmc_now();
	bmc_run_enter(run, 0);
}

void bmc_run_queue(struct bmc_run *run)
{
	run->at = BMC_RUN_QUEUED;
	(void)bmc_copy(run->row.message, sizeof(run->row.message),
		       "waiting for the board's present task to end");
	bmc_task_show(&run->row);
}

/* ---- what people see ---- */

static void run_show(struct bmc_run *run, const char *doing)
{
	struct bmc_task *t = &run->row;

	if (doing)
		(void)snprintf(t->message, sizeof(t->message), "%s%s", doing,
			       run->durable ? ""
					    : " (not journaled: the state database "
					      "takes no writes)");
	t->percent = (int64_t)run->step * 100000 / bmc_recipe(t->op)->n;
	if (t->state == BMC_TASK_NEW) {
		t->state = BMC_TASK_RUNNING;
		t->started = bmc_now();
		bmc_task_show_on(BMC_BOARD, t->target_id, t);
	}
	bmc_task_show(t);
}

static void verb_progress(void *arg, const struct bmc_report *report)
{
	const struct call *c = arg;
	struct bmc_run *run = c->run;
	int64_t n = bmc_recipe(run->row.op)->n;

	if (run->seq != c->seq || run->ended)
		return;
	if (report->millipercent != BMC_UNKNOWN)
		run->row.percent =
			((int64_t)run->step * 100000 + report->millipercent) / n;
	bmc_task_show(&run->row);
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
	};
	return ms[limit];
}

static bool run_timer(struct bmc_run *run, void (*fire)(void *arg))
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

static void run_failed(struct bmc_run *run, const char *detail)
{
	const struct bmc_step *step = bmc_run_step(run);

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
		run_failed(run, NULL);
}

static void enter_wait(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);

	run->at = BMC_RUN_WAIT;
	if (step->what == BMC_DO_WAIT &&
	    (bmc_run_check(run) || (step->trust && run->resumed)))
		bmc_run_pass(run);
	else if (step->limit == BMC_LIMIT_NOW)
		run_failed(run, NULL);
	else if (!run_timer(run, wait_over))
		bmc_run_end(run, BMC_TASK_EXCEPTION, "out of memory: try again", NULL);
}

static void verb_when_due(struct bmc_run *run)
{
	if (bmc_run_step(run)->inrush)
		bmc_sequencer_enter(run);
	else
		bmc_run_verb(run);
}

static void enter_verb(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);

	run->retry_deadline = bmc_now() + RETRY_MS;
	if (step->event)
		bmc_event_raise(step->event, run->board, run->row.target_id, NULL,
				NULL);
	verb_when_due(run);
}

static void enter_end(struct bmc_run *run)
{
	bmc_run_end(run, BMC_TASK_COMPLETED, NULL, NULL);
}

void bmc_run_enter(struct bmc_run *run, unsigned step)
{
	const struct bmc_step *s;

	run->step = step;
	s = bmc_run_step(run);
	if (run->cancel && !s->hold && s->what != BMC_DO_END) {
		bmc_run_end(run, BMC_TASK_CANCELLED, "cancelled", NULL);
		return;
	}
	run_show(run, s->doing);
	if (s->what == BMC_DO_VERB)
		bmc_run_journal(run, BMC_JOURNAL_STARTED, step, enter_verb);
	else if (s->what == BMC_DO_END)
		enter_end(run);
	else
		enter_wait(run);
}

/* ---- verbs ---- */

static void verb_leave(struct bmc_run *run)
{
	run->timer = bmc_timer_cancel(run->timer);
	run->seq++;
	bmc_sequencer_leave(run);
}

static void verb_done(void *arg, int code, const struct bmc_error *err)
{
	struct call *c = arg;
	struct bmc_run *run = c->run;

	if (!run->ended && run->seq == c->seq) {
		verb_leave(run);
		if (code < 0)
			run_verb_failed(run, code, err);
		else
			run_verb_ok(run);
	}
	bmc_run_unref(run);
	free(c);
}

/* The call may still be under way: it is asked to end, and nobody waits for it. */
static void verb_too_long(void *arg)
{
	struct bmc_run *run = arg;
	struct bmc_error err;

	run->timer = NULL;
	bmc_inventory_publish();
	verb_leave(run);
	bmc_verb_cancel(run->verb_run);
	(void)bmc_fail(&err, BMC_ETIMEDOUT, "%s was not done in time",
		       bmc_run_step(run)->verb);
	run_verb_failed(run, BMC_ETIMEDOUT, &err);
}

static void run_verb_ok(struct bmc_run *run)
{
	bmc_run_journal(run, BMC_JOURNAL_DONE, run->step, bmc_run_pass);
}

static void enter_present(struct bmc_run *run)
{
	bmc_run_enter(run, run->step);
}

static void run_verb_failed(struct bmc_run *run, int code, const struct bmc_error *err)
{
	const struct bmc_step *step = bmc_run_step(run);

	if (code == BMC_ECANCELED && run->cancel) {
		bmc_run_end(run, BMC_TASK_CANCELLED, "cancelled", NULL);
	} else if (step->on_fail) {
		log_info("task %s: %s of %s: %s", run->row.row.id, step->verb,
			 run->row.target_id, err->what);
		run->step = step->on_fail;
		bmc_run_journal(run, BMC_JOURNAL_ACCEPTED, run->step, enter_present);
	} else {
		run_failed(run, err->what);
	}
}

static void verb_again(void *arg)
{
	struct bmc_run *run = arg;

	run->timer = NULL;
	verb_when_due(run);
}

/* The verb could not even be started. */
static void verb_refused(struct bmc_run *run, int code, const struct bmc_error *err)
{
	int64_t now = bmc_now();

	verb_leave(run);
	run->at = BMC_RUN_WAIT;
	if (code == BMC_EAGAIN && now < run->retry_deadline)
		run->timer = bmc_timer_new(now + AGAIN_MS, verb_again, run);
	if (!run->timer)
		run_verb_failed(run, code, err);
}

void bmc_run_verb(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);
	struct bmc_verb_request call = { .kind = BMC_BOARD,
					 .verb = step->verb,
					 .args.num = step->arg,
					 .step = run->job * 64 + run->step,
					 .progress = verb_progress,
					 .done = verb_done };
	struct bmc_error err;
	struct call *c = malloc(sizeof(*c));
	int code = BMC_ENOMEM;

	bmc_run_observe(run);
	run->at = BMC_RUN_VERB;
	run->seq++;
	(void)bmc_fail(&err, code, "out of memory: try again");
	if (c) {
		*c = (struct call){ .run = run, .seq = run->seq };
		(void)bmc_copy(call.id, sizeof(call.id), run->row.target_id);
		call.ctx = c;
		run->refs++;
		code = bmc_verb_run(&call, &run->verb_run, &err);
	}
	if (code < 0) {
		run->refs -= c != NULL;
		free(c);
		verb_refused(run, code, &err);
	} else if (step->limit != BMC_LIMIT_OWN) {
		(void)run_timer(run, verb_too_long);
	}
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
		verb_leave(run);
		bmc_verb_cancel(run->verb_run);
		run_verb_ok(run);
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
	(void)!read(snapshots, &n, sizeof(n));
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
	run->cancel = true;
	if (bmc_run_step(run)->hold || run->at == BMC_RUN_IDLE ||
	    run->at == BMC_RUN_JOURNAL)
		return;
	if (run->at == BMC_RUN_VERB)
		bmc_verb_cancel(run->verb_run);
	else
		bmc_run_end(run, BMC_TASK_CANCELLED, "cancelled", NULL);
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
	epoch = (uint64_t)(salt >> 7 | 1) << 32;
	snapshots = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	if (snapshots < 0)
		return BMC_ENOSPC;
	if (bmc_snapshot_watch(snapshots) < 0)
		return BMC_ENOSPC;
	return bmc_loop_watch(snapshots, EPOLLIN, reevaluate, NULL);
}

void bmc_runs_done(void)
{
	bmc_sequencer_done();
	while (bmc_runs) {
		struct bmc_run *run = bmc_runs;

		bmc_runs = run->next;
		run->ended = true;
		run->timer = bmc_timer_cancel(run->timer);
		if (run->group && --run->group->left == 0)
			bmc_group_free(run->group);
		bmc_run_unref(run);
	}
	if (snapshots < 0)
		return;
	bmc_snapshot_unwatch(snapshots);
	bmc_loop_unwatch(snapshots);
	(void)close(snapshots);
	snapshots = -1;
}
