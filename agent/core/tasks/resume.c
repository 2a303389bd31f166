// SPDX-License-Identifier: Apache-2.0
/* After a restart: every task that the journal holds ends exactly once, and no pin is
 * pulsed twice. Called before any frontend runs. */
#include "core/tasks/resume.h"

#include <stdlib.h>
#include <string.h>

#include "core/access/claims.h"
#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "core/ports/hardware.h"
#include "core/snapshot/snapshot.h"
#include "core/tasks/run.h"

#define ASK_MS      5000
#define READINGS_MS 5000 /* for which a board's readings are waited for */
#define LOOK_MS     50

struct loaded {
	struct bmc_task row;
	uint32_t parent;
	const struct job *job;
	struct bmc_group *group; /* of a parent that has not ended */
	uint32_t children;
	struct bmc_plan plan;
	struct bmc_update *update; /* until a group has it */
	bool other_recipe;         /* its job's step is another one by now */
};

/* A record of the journal, and the checkpoint of its step. */
struct job {
	struct bmc_journal_record rec;
	struct bmc_checkpoint kept;
	bool has_kept;
};
static struct {
	struct loaded *tasks;
	size_t n_tasks;
	struct job *jobs;
	size_t n_jobs;
	struct bmc_timer *timer;
	int64_t give_up; /* waiting for readings */
} state;

/* ---- reading ---- */

/* Doubles at powers of two, so a length is all that has to be remembered. */
static void *grown(void *array, size_t n, size_t size)
{
	if (n & (n - 1))
		return array;
	return realloc(array, (n ? 2 * n : 1) * size);
}

static int load_task(void *arg, const struct bmc_record *rec)
{
	struct loaded *more = grown(state.tasks, state.n_tasks, sizeof(*state.tasks));

	(void)arg;
	if (!more)
		return BMC_ENOMEM;
	state.tasks = more;
	state.tasks[state.n_tasks] = (struct loaded){ .parent = (uint32_t)rec->num };
	bmc_plan_parse(&state.tasks[state.n_tasks].plan, rec->text);
	if (!bmc_task_ended((const struct bmc_task *)rec->row))
		state.tasks[state.n_tasks].update = bmc_update_load(rec);
	memcpy(&state.tasks[state.n_tasks].row, rec->row,
	       sizeof(state.tasks[state.n_tasks].row));
	bmc_task_number_used(rec->row->index[0]);
	state.n_tasks++;
	return 0;
}

static int load_job(void *arg, const struct bmc_record *rec)
{
	struct job *more = grown(state.jobs, state.n_jobs, sizeof(*state.jobs));

	(void)arg;
	if (!more)
		return BMC_ENOMEM;
	state.jobs = more;
	state.jobs[state.n_jobs].rec = rec->job;
	state.jobs[state.n_jobs].has_kept =
		bmc_checkpoint_parse(&state.jobs[state.n_jobs].kept, rec->text);
	state.n_jobs++;
	bmc_task_number_used(rec->job.task);
	return 0;
}

static int by_number(const void *a, const void *b)
{
	const struct loaded *x = a, *y = b;
	uint32_t m = x->row.row.index[0], n = y->row.row.index[0];

	return (m > n) - (m < n);
}

static struct loaded *task_find(uint32_t number)
{
	struct loaded key = { .row.row.index = { number, 0 } };

	return state.n_tasks ? bsearch(&key, state.tasks, state.n_tasks,
				       sizeof(*state.tasks), by_number)
			     : NULL;
}

/* ---- rows ---- */

static uint32_t target_handle(const char *id)
{
	static const enum bmc_kind kinds[] = { BMC_BOARD, BMC_BLADE };
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	for (size_t i = 0; i < ARRAY_SIZE(kinds); i++) {
		const struct bmc_row *row = bmc_snapshot_find(s, kinds[i], id);

		if (row)
			return row->handle;
	}
	return 0;
}

static struct bmc_group *group_of(struct loaded *parent)
{
	struct bmc_group *g = parent->group ? parent->group : calloc(1, sizeof(*g));

	if (!g || parent->group)
		return g;
	g->row = parent->row;
	g->row.targets_ok = g->row.targets_failed = 0;
	/* it was stored before it ran */
	g->row.state = bmc_plan_deferred(&parent->plan) || g->row.waits_for
			       ? BMC_TASK_NEW
			       : BMC_TASK_RUNNING;
	g->row.error[0] = '\0';
	g->left = parent->children;
	g->durable = true;
	g->plan = parent->plan;
	g->update = parent->update;
	parent->update = NULL;
	parent->group = g;
	return g;
}

/* A child counts for its parent, whether it has ended or goes on. */
static struct bmc_group *join_group(struct loaded *child)
{
	struct loaded *parent = child->parent ? task_find(child->parent) : NULL;
	struct bmc_group *g;

	if (!parent || bmc_task_ended(&parent->row))
		return NULL;
	g = group_of(parent);
	if (g && (child->row.started != BMC_UNKNOWN ||
		  (child->job && bmc_journal_begun(&child->job->rec)))) {
		g->row.state = BMC_TASK_RUNNING;
		g->row.waits_for = BMC_WAIT_NONE;
	}
	if (g && child->row.started != BMC_UNKNOWN)
		g->row.started = g->row.started == BMC_UNKNOWN
					 ? child->row.started
					 : MIN(g->row.started, child->row.started);
	if (g && bmc_task_ended(&child->row)) {
		bmc_update_count(g, &child->row);
		bmc_group_count(g, &child->row);
		bmc_plan_ended(g, child->row.row.index[0],
			       child->row.state == BMC_TASK_COMPLETED);
	}
	return g;
}

static void show(struct loaded *t)
{
	struct loaded *parent = t->parent ? task_find(t->parent) : NULL;

	t->row.row.kind = BMC_TASK;
	t->row.row.parent = parent ? parent->row.row.handle : 0;
	t->row.target = target_handle(t->row.target_id);
	if (parent)
		parent->children++;
	bmc_task_show(
		&t->row); /* parents have lower numbers: theirs are known by now */
}

static void cut_short(struct loaded *t)
{
	struct bmc_record rec;

	t->row.state = BMC_TASK_INTERRUPTED;
	t->row.ended = bmc_now();
	(void)snprintf(t->row.error, sizeof(t->row.error),
		       "the service %s; look at the board and repeat",
		       t->other_recipe ? "was updated and goes other steps by now"
				       : "stopped meanwhile");
	if (!t->row.code[0])
		(void)bmc_copy(t->row.code, sizeof(t->row.code), "task-interrupted");
	bmc_task_show(&t->row);
	rec = bmc_task_record(&t->row, t->parent);
	if (bmc_store)
		(void)bmc_store->write(&rec, 1, NULL, NULL);
}

/* ---- runs ---- */

static void make_run(struct loaded *t)
{
	struct bmc_actor who = { .privileges = 0 };
	struct bmc_run *run = bmc_run_new((enum bmc_action_op)t->row.op,
					  t->row.target_id, t->row.target, &who);

	if (!run)
		return;
	run->row = t->row;
	run->job = t->job->rec.job;
	run->step = t->job->rec.step;
	run->kept = t->job->kept;
	run->has_kept = run->has_before = t->job->has_kept;
	run->resumed = true;
	if (run->row.op == BMC_ACT_UPDATE) {
		(void)bmc_copy(run->flasher, sizeof(run->flasher), t->job->rec.field);
		if ((t->job->rec.num >> 16 & 0xffff) < BMC_N_STAGES)
			run->failed_stage =
				(enum bmc_stage)(t->job->rec.num >> 16 & 0xffff);
		run->failed_detail = (int)(t->job->rec.num & 0xffff);
	}
	run->group = join_group(t);
	run->owner = run->job;
	bmc_wait_resume(run, bmc_journal_begun(&t->job->rec));
	if (run->group && bmc_journal_begun(&t->job->rec))
		bmc_plan_begun(run);
	bmc_run_link(run);
}

static bool job_fits(const struct loaded *t)
{
	return t && !bmc_task_ended(&t->row) && t->row.op > 0 &&
	       t->row.op < BMC_N_ACTS && t->row.target;
}

static void match_jobs(void)
{
	for (size_t i = 0; i < state.n_jobs; i++) {
		struct loaded *t = task_find(state.jobs[i].rec.task);
		struct bmc_record gone = { .type = BMC_REC_JOURNAL_GONE,
					   .job = state.jobs[i].rec };

		bool fits = job_fits(t);

		if (fits)
			t->other_recipe = !bmc_journal_fits(
				&state.jobs[i].rec, (enum bmc_action_op)t->row.op);
		if (fits && !t->other_recipe)
			t->job = &state.jobs[i];
		else if (bmc_store)
			(void)bmc_store->write(&gone, 1, NULL, NULL);
	}
}

static void settle_task(struct loaded *t)
{
	if (t->job) {
		make_run(t);
		return;
	}
	if (!bmc_task_ended(&t->row) && !t->children)
		cut_short(t);
	(void)join_group(t);
}

int bmc_resume_load(struct bmc_error *err)
{
	int code = BMC_OK;

	if (bmc_store)
		code = bmc_store->load(BMC_REC_ROW, BMC_TASK, load_task, NULL);
	if (bmc_store && code == BMC_OK)
		code = bmc_store->load(BMC_REC_JOURNAL, BMC_TASK, load_job, NULL);
	if (code < 0)
		return bmc_fail(err, code, "the journal can't be read: %s",
				bmc_strerror(code));
	if (state.n_tasks)
		qsort(state.tasks, state.n_tasks, sizeof(*state.tasks), by_number);
	for (size_t i = 0; i < state.n_tasks; i++)
		show(&state.tasks[i]);
	match_jobs();
	for (size_t i = 0; i < state.n_tasks; i++)
		settle_task(&state.tasks[i]);
	return BMC_OK;
}

/* ---- going on ---- */

static void interrupted(struct bmc_run *run)
{
	char words[128];

	(void)snprintf(words, sizeof(words), "stopped while %.100s", run->row.message);
	bmc_run_end(
		run, BMC_TASK_INTERRUPTED,
		"the service stopped in this step; whether it was done can't be known",
		words);
}

/* The helper is asked on a thread of its own: it may just be starting. */
struct question {
	struct bmc_message message;
	struct bmc_run *run;
	uint64_t number;
	int answer;
};

static void answered(void *arg)
{
	struct question *q = arg;
	struct bmc_run *run = q->run;

	if (run->ended)
		;
	else if (q->answer == 1)
		bmc_run_journal(run, BMC_JOURNAL_DONE, run->step, bmc_run_pass);
	else if (q->answer == 0)
		bmc_run_enter(run, run->step);
	else
		interrupted(run);
	bmc_run_unref(run);
	free(q);
}

static void *ask(void *arg)
{
	struct question *q = arg;
	struct bmc_error err;

	q->answer = bmc_hardware->line_was_pulsed(q->number, bmc_now() + ASK_MS, &err);
	bmc_loop_send(&q->message, answered, q);
	return NULL;
}

static void ask_helper(struct bmc_run *run)
{
	struct question *q = bmc_hardware ? malloc(sizeof(*q)) : NULL;

	if (q) {
		*q = (struct question){ .run = run,
					.number = run->job * 64 + run->step };
		run->refs++;
		if (bmc_thread_start(ask, q) == BMC_OK)
			return;
		run->refs--;
		free(q);
	}
	interrupted(run);
}

static void started(struct bmc_run *run)
{
	const struct bmc_step *step = bmc_run_step(run);
	uint32_t flags = bmc_verb_flags(BMC_BOARD, run->row.target_id, step->verb);

	if (flags & (BMC_VERB_REPEATABLE | BMC_VERB_RESUMES))
		bmc_run_enter(run, run->step);
	else if (step->resume)
		bmc_run_enter(run, step->resume);
	else if (step->pulse)
		ask_helper(run);
	else
		interrupted(run);
}

static void go_on(struct bmc_run *run, const struct bmc_journal_record *job)
{
	const struct bmc_step *step = bmc_run_step(run);

	run->began = bmc_now();
	log_notice("task %s: %s goes on where the service stopped", run->row.row.id,
		   run->row.target_id);
	if (job->phase == BMC_JOURNAL_RESERVED)
		bmc_run_end(run, BMC_TASK_EXCEPTION,
			    "not started: the service stopped before it was confirmed",
			    NULL);
	else if (run->group && !bmc_journal_begun(job) && run->cancel)
		bmc_run_end(run, BMC_TASK_CANCELLED, "cancelled", NULL);
	else if (run->group && !bmc_journal_begun(job))
		bmc_run_begin(run);
	else if (!bmc_claim_held(run->board, run->owner))
		bmc_run_queue(run);
	else if (job->phase == BMC_JOURNAL_DONE)
		bmc_run_pass(run);
	else if (job->phase == BMC_JOURNAL_STARTED && step->what == BMC_DO_VERB)
		started(run);
	else
		bmc_run_enter(run, run->step);
}

static struct bmc_run *run_of(uint64_t job)
{
	struct bmc_run *run = bmc_runs;

	while (run && run->job != job)
		run = run->next;
	return run;
}

/* Shows how far the parents are, which only their ends store. Of some all children have
 * ended, but got no more reports. */
static void groups_check(void)
{
	for (size_t i = 0; i < state.n_tasks; i++) {
		struct bmc_group *g = state.tasks[i].group;
		struct bmc_record rec;

		if (!g || !bmc_group_check_end(g, &rec))
			continue;
		if (bmc_store)
			(void)bmc_store->write(&rec, 1, NULL, NULL);
		bmc_group_free(g);
		state.tasks[i].group = NULL;
	}
}

/* A board is gone on with when its readings are in: what it shows on USB decides. */
static bool may_go_on(const struct bmc_run *run, const struct bmc_journal_record *job)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_board *b =
		(const struct bmc_board *)bmc_snapshot_row(s, run->board);

	return job->phase == BMC_JOURNAL_RESERVED || bmc_now() >= state.give_up || !b ||
	       b->usb_mode != BMC_USB_UNKNOWN;
}

static bool all_may_go_on(void)
{
	for (size_t i = 0; i < state.n_jobs; i++) {
		const struct bmc_run *run = run_of(state.jobs[i].rec.job);

		if (run && !run->ended && !may_go_on(run, &state.jobs[i].rec))
			return false;
	}
	return true;
}

static void tick(void *arg)
{
	size_t left = 0;
	bool all = all_may_go_on();

	(void)arg;
	state.timer = NULL;
	for (size_t i = 0; i < state.n_jobs; i++) {
		struct bmc_run *run = run_of(state.jobs[i].rec.job);

		if (!run || run->ended)
			continue;
		/* a plan begins its boards in their order: none before all are ready */
		if (all || (may_go_on(run, &state.jobs[i].rec) &&
			    (!run->group || bmc_journal_begun(&state.jobs[i].rec))))
			go_on(run, &state.jobs[i].rec);
		else
			state.jobs[left++] = state.jobs[i];
	}
	state.n_jobs = left;
	if (left)
		state.timer = bmc_timer_new(bmc_now() + LOOK_MS, tick, NULL);
	else
		bmc_resume_done();
}

void bmc_resume_start(void)
{
	groups_check();
	for (size_t i = 0; i < state.n_tasks; i++) {
		if (!state.tasks[i].parent && bmc_task_ended(&state.tasks[i].row))
			bmc_tasks_ended(state.tasks[i].row.row.index[0],
					state.tasks[i].children + 1,
					state.tasks[i].row.ended);
	}
	for (size_t i = 0; i < state.n_tasks; i++)
		bmc_update_free(state.tasks[i].update);
	free(state.tasks);
	state.tasks = NULL;
	state.n_tasks = 0;
	state.give_up = bmc_now() + READINGS_MS;
	state.timer = bmc_timer_new(bmc_now(), tick, NULL);
}

void bmc_resume_done(void)
{
	state.timer = bmc_timer_cancel(state.timer);
	free(state.jobs);
	state.jobs = NULL;
	state.n_jobs = 0;
}
