// SPDX-License-Identifier: Apache-2.0
/* A step that runs a verb: claims the other boards that it disturbs, waits for its turn
 * and for an instance that is being recreated, shows its reports and keeps its
 * checkpoints, and hands its result to the step machine (run.c). */
#include <stdlib.h>
#include <string.h>

#include "core/access/claims.h"
#include "core/access/policy.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/plugin/instance.h"
#include "core/ports/images.h"
#include "core/tasks/run.h"

#define RETRY_MS 40000  /* an instance that is recreated takes up to 30 s */
#define CLAIM_MS 600000 /* for other boards' tasks to end                 */
#define AGAIN_MS 200
#define ALSO_MAX 64
#define RATE_MS  1000

/* A call that is under way for a run; what comes back for an older step is dropped. */
struct call {
	struct bmc_run *run;
	uint32_t seq;
};

/* A rate needs a second to be worth anything; then it is smoothed. */
void bmc_rate_update(int64_t *rate, int64_t *at, int64_t *last, int64_t done)
{
	int64_t now = bmc_now(), passed = now - *at;

	if (done == BMC_UNKNOWN || !*at || done < *last) {
		*at = now;
		*last = done == BMC_UNKNOWN ? 0 : done;
	} else if (passed >= RATE_MS) {
		int64_t is = (done - *last) / passed * 1000 +
			     (done - *last) % passed * 1000 / passed;

		*rate = *rate == BMC_UNKNOWN ? is : *rate - *rate / 4 + is / 4;
		*at = now;
		*last = done;
	}
}

static void stage_update(struct bmc_run *run, const struct bmc_report *report)
{
	struct bmc_task *t = &run->row;

	t->bytes_done = report->done;
	t->bytes_total = report->total;
	if (strcmp(t->stage, report->stage) != 0) {
		(void)bmc_copy(t->stage, sizeof(t->stage), report->stage);
		bmc_task_note(t, t->stage);
	}
	bmc_rate_update(&t->rate, &run->rate_at, &run->rate_done, report->done);
}

static void verb_progress(void *arg, const struct bmc_report *report)
{
	const struct call *c = arg;
	struct bmc_run *run = c->run;

	if (run->seq != c->seq || run->ended)
		return;
	if (report->millipercent != BMC_UNKNOWN)
		run->row.percent = bmc_run_percent(run, report->millipercent);
	stage_update(run, report);
	bmc_task_show(&run->row);
	bmc_update_progress(run);
}

static void verb_checkpoint(void *arg, const struct bmc_checkpoint *kept)
{
	const struct call *c = arg;

	if (c->run->seq == c->seq && !c->run->ended)
		bmc_checkpoint_note(c->run, kept);
}

static void verb_idle(struct bmc_run *run)
{
	bmc_claim_less(run->job);
	run->timer = bmc_timer_cancel(run->timer);
	run->seq++;
	bmc_sequencer_leave(run);
}

/* The step is over; else its checkpoint stays for the next try. */
static void verb_leave(struct bmc_run *run)
{
	bmc_checkpoint_leave(run);
	verb_idle(run);
}

static void run_verb_ok(struct bmc_run *run)
{
	if (bmc_run_step(run)->stage)
		bmc_update_call_done(run);
	bmc_run_journal(run, BMC_JOURNAL_DONE, run->step, bmc_run_pass);
}

static void enter_present(struct bmc_run *run)
{
	bmc_run_enter(run, run->step);
}

/* Where its code comes from: an update's from its table, others' from what the plugin
 * said. */
static void note_code(struct bmc_run *run, int code, const struct bmc_error *err)
{
	const struct bmc_step *step = bmc_run_step(run);
	const char *stage = run->row.stage[0] ? run->row.stage : step->verb;

	if (step->stage)
		bmc_update_failed(run, step->stage, -code, err->what);
	else if (!step->on_fail)
		(void)snprintf(run->row.code, sizeof(run->row.code), "%s-%s", stage,
			       bmc_detail_word(-code));
}

static void run_verb_failed(struct bmc_run *run, int code, const struct bmc_error *err)
{
	const struct bmc_step *step = bmc_run_step(run);

	if (step->stage == BMC_STAGE_ACCEPTS && code == BMC_ENOTSUP &&
	    bmc_update_next_flasher(run)) {
		enter_present(run);
		return;
	}
	note_code(run, code, err);
	if (code == BMC_ECANCELED && run->cancel && !step->on_cancel) {
		bmc_run_end(run, BMC_TASK_CANCELLED, "cancelled", NULL);
	} else if (step->on_fail) {
		log_info("task %s: %s of %s: %s", run->row.row.id, step->verb,
			 run->row.target_id, err->what);
		run->step = step->on_fail;
		bmc_run_journal(run, BMC_JOURNAL_ACCEPTED, run->step, enter_present);
	} else if (step->stage) {
		bmc_update_end(run, NULL);
	} else {
		bmc_run_failed(run, err->what);
	}
}

static void verb_again(void *arg);

/* The instance is being recreated: the call goes on from its checkpoint. */
static void verb_interrupted(struct bmc_run *run)
{
	verb_idle(run);
	run->has_before = run->has_kept;
	run->retry_deadline = bmc_now() + RETRY_MS;
	run->at = BMC_RUN_WAIT;
	run->timer = bmc_timer_new(bmc_now() + AGAIN_MS, verb_again, run);
	if (!run->timer)
		bmc_run_failed(run, "out of memory: try again");
}

/* ---- a board that still boots ---- */

/* Nothing is done to it before it is accepted: a refusal that its boot explains is not
 * the last word. */
static bool waits_for_boot(const struct bmc_run *run, int code)
{
	return (code == BMC_ESTATE || code == BMC_EABSENT) && run->starting &&
	       !run->cancel && bmc_run_step(run)->stage == BMC_STAGE_ACCEPTS &&
	       bmc_now() < run->boot_deadline;
}

static void boot_wait(struct bmc_run *run);

static void boot_look(void *arg)
{
	struct bmc_run *run = arg;

	run->timer = NULL;
	bmc_run_observe(run);
	if (run->starting && bmc_now() < run->boot_deadline)
		boot_wait(run);
	else
		verb_again(run);
}

static void boot_wait(struct bmc_run *run)
{
	run->at = BMC_RUN_WAIT;
	run->timer = bmc_timer_new(bmc_now() + AGAIN_MS, boot_look, run);
	if (!run->timer)
		bmc_run_failed(run, "out of memory: try again");
}

static void boot_wait_begin(struct bmc_run *run)
{
	static const char words[] = "waiting for its system to start";

	verb_idle(run);
	(void)bmc_copy(run->row.message, sizeof(run->row.message), words);
	bmc_task_note(&run->row, words);
	bmc_task_show(&run->row);
	boot_wait(run);
}

static void verb_done(void *arg, int code, const struct bmc_error *err)
{
	struct call *c = arg;
	struct bmc_run *run = c->run;

	if (run->ended || run->seq != c->seq) {
		/* what it says is too late */
	} else if (code == BMC_ECANCELED && !run->cancel && bmc_run_step(run)->stage) {
		verb_interrupted(run);
	} else if (waits_for_boot(run, code)) {
		boot_wait_begin(run);
	} else {
		verb_leave(run);
		if (code < 0)
			run_verb_failed(run, code, err);
		else
			run_verb_ok(run);
	}
	bmc_run_unref(run);
	free(c);
}

/* The call may still be under way: it is asked to end and not waited for. */
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

/* ---- the other boards that a verb disturbs ---- */

static void when_due(struct bmc_run *run);

static void verb_again(void *arg)
{
	struct bmc_run *run = arg;

	run->timer = NULL;
	when_due(run);
}

/* Users see whom it touches, in the message and in the task's history. */
static void show_others(struct bmc_run *run, const uint32_t *others, size_t n)
{
	char *text = run->row.message;
	size_t size = sizeof(run->row.message), used;
	char names[80] = "also: ";

	for (size_t i = 0; i < n; i++) {
		const struct bmc_row *row = bmc_inventory_row(others[i]);

		used = strlen(names);
		(void)snprintf(names + used, sizeof(names) - used, "%s%s",
			       i ? ", " : "", row ? row->id : "?");
	}
	bmc_task_note(&run->row, names);
	(void)snprintf(text, size, "%s, %s", bmc_run_step(run)->doing, names);
	bmc_task_show(&run->row);
}

/* They are claimed together or not at all, and nothing is held while a run waits for
 * them but its own board, which others may borrow meanwhile: no two can wait for each
 * other. */
static int claim_others(struct bmc_run *run)
{
	uint32_t others[ALSO_MAX];
	size_t n = bmc_verb_also(BMC_BOARD, run->row.target_id, bmc_run_step(run)->verb,
				 others, ALSO_MAX);

	int code = n ? bmc_claim_more(run->board, others, n, run->job,
				      (enum bmc_action_op)run->row.op)
		     : BMC_OK;

	if (n && code == BMC_OK)
		show_others(run, others, n);
	return code;
}

static void wait_for_others(struct bmc_run *run, int code)
{
	run->at = BMC_RUN_WAIT;
	if (code == BMC_EBUSY && bmc_now() < run->claim_deadline)
		run->timer = bmc_timer_new(bmc_now() + AGAIN_MS, verb_again, run);
	if (!run->timer)
		bmc_run_failed(run, "other boards that it disturbs are busy: wait for "
				    "their tasks to end");
}

static void when_due(struct bmc_run *run)
{
	int code = claim_others(run);

	if (code < 0)
		wait_for_others(run, code);
	else if (bmc_run_step(run)->inrush)
		bmc_sequencer_enter(run);
	else
		bmc_run_verb(run);
}

void bmc_step_verb_enter(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);

	run->retry_deadline = bmc_now() + RETRY_MS;
	run->claim_deadline = bmc_now() + CLAIM_MS;
	run->boot_deadline = bmc_now() + 2 * bmc_instances_platform()->boot_ms;
	if (step->event)
		bmc_event_raise(step->event, run->board, run->row.target_id, NULL,
				NULL);
	when_due(run);
}

/* The verb could not even be started. */
static void verb_refused(struct bmc_run *run, int code, const struct bmc_error *err)
{
	int64_t now = bmc_now();

	verb_idle(run);
	run->at = BMC_RUN_WAIT;
	if (code == BMC_EAGAIN && now < run->retry_deadline)
		run->timer = bmc_timer_new(now + AGAIN_MS, verb_again, run);
	if (!run->timer)
		run_verb_failed(run, code, err);
}

void bmc_run_verb(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);
	struct bmc_verb_request call = {
		.kind = BMC_BOARD,
		.verb = step->verb,
		.args.num = step->to_mode ? bmc_mode_usb(run->row.mode) : step->arg,
		.step = run->job * 64 + run->step,
		.progress = verb_progress,
		.checkpoint = verb_checkpoint,
		.before = run->has_before ? &run->kept : NULL,
		.done = verb_done
	};
	struct bmc_error err;
	struct call *c;
	int code = BMC_ENOMEM;

	if (step->stage && !bmc_update_call(run, &call))
		return;
	c = malloc(sizeof(*c));
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
		if (!c && call.flash)
			bmc_images->close(call.flash);
		run->refs -= c != NULL;
		free(c);
		verb_refused(run, code, &err);
	} else if (step->limit != BMC_LIMIT_OWN) {
		(void)bmc_run_timer(run, verb_too_long);
	}
}

void bmc_step_verb_none(struct bmc_run *run)
{
	verb_leave(run);
	run_verb_ok(run);
}

void bmc_step_verb_failed(struct bmc_run *run, int code, const char *words)
{
	struct bmc_error err;

	(void)bmc_fail(&err, code, "%s", words);
	verb_leave(run);
	run_verb_failed(run, code, &err);
}

void bmc_step_verb_held(struct bmc_run *run)
{
	verb_leave(run);
	bmc_verb_cancel(run->verb_run);
	run_verb_ok(run);
}
