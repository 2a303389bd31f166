// SPDX-License-Identifier: Apache-2.0
/* Waves: which of a group's runs may begin now. The step machine enters runs here and
 * reports their ends; each run is begun from the loop, so that one that ends at once
 * does not end its group under our hands. */
#include "core/tasks/plan.h"

#include <stdio.h>
#include <string.h>

#include "core/access/claims.h"
#include "core/base/util.h"
#include "core/snapshot/snapshot.h"
#include "core/tasks/run.h"

#define CLOCK_CHECK_MS 60000

static void pump(void *arg);

bool bmc_plan_any(const struct bmc_plan *plan)
{
	return plan->batch || plan->canary || plan->per_blade || plan->apply_at ||
	       plan->stop_after;
}

bool bmc_plan_deferred(const struct bmc_plan *plan)
{
	return plan->apply_at && bmc_boottime(plan->apply_at) > bmc_now();
}

void bmc_plan_format(const struct bmc_plan *plan, char *text, size_t size)
{
	size_t used;

	text[0] = '\0';
	if (!bmc_plan_any(plan))
		return;
	(void)snprintf(text, size, "plan %u %u %u %lld %lld", plan->batch, plan->canary,
		       plan->per_blade, (long long)plan->delay,
		       (long long)plan->apply_at);
	used = strlen(text);
	if (plan->until || plan->stop_after)
		(void)snprintf(text + used, size - used, " %lld",
			       (long long)plan->until);
	used = strlen(text);
	if (plan->stop_after)
		(void)snprintf(text + used, size - used, " %u", plan->stop_after);
}

void bmc_plan_parse(struct bmc_plan *plan, const char *text)
{
	struct bmc_plan p = { 0 };
	long long delay, apply_at,
		until = 0; /* older ones have no `until` and no more */

	*plan = p;
	if (sscanf(text, "plan %u %u %u %lld %lld %lld %u", &p.batch, &p.canary,
		   &p.per_blade, &delay, &apply_at, &until, &p.stop_after) < 5 ||
	    delay < 0 || apply_at < 0 || until < 0)
		return;
	p.delay = delay;
	p.apply_at = apply_at;
	p.until = until;
	*plan = p;
}

/* ---- who may begin ---- */

/* A dry run changes nothing: its boards need not wait for each other. */
static bool all_at_once(const struct bmc_group *g)
{
	return g->update && bmc_update_dry(g->update);
}

static bool any_due(const struct bmc_group *g)
{
	const struct bmc_run *run = g->waves.waiting;

	while (run && run->row.waits_for != BMC_WAIT_NONE)
		run = run->plan_next;
	return run != NULL;
}

static bool is_canary(const struct bmc_group *g, uint32_t number)
{
	return !all_at_once(g) && number - g->row.row.index[0] <= g->plan.canary;
}

static size_t of_blade(const struct bmc_group *g, uint32_t blade)
{
	size_t n = 0;

	for (const struct bmc_run *r = bmc_runs; r; r = r->next)
		n += r->group == g && r->in_wave && r->blade == blade;
	return n;
}

static bool fits(const struct bmc_group *g, const struct bmc_run *run)
{
	return !g->plan.per_blade || all_at_once(g) ||
	       of_blade(g, run->blade) < g->plan.per_blade;
}

/* Takes the first waiting run that may begin off the list; canaries keep their order.
 */
static struct bmc_run *pick(struct bmc_group *g)
{
	struct bmc_waves *w = &g->waves;

	for (struct bmc_run **p = &w->waiting; *p && w->room; p = &(*p)->plan_next) {
		struct bmc_run *run = *p;

		if (run->row.waits_for != BMC_WAIT_NONE)
			continue;
		if (fits(g, run)) {
			*p = run->plan_next;
			run->plan_next = NULL;
			w->room--;
			return run;
		}
		if (is_canary(g, run->row.row.index[0]))
			return NULL;
	}
	return NULL;
}

static void open_wave(struct bmc_group *g)
{
	struct bmc_waves *w = &g->waves;
	uint32_t first = w->waiting->row.row.index[0];

	w->room = g->plan.batch && !all_at_once(g) ? g->plan.batch : SIZE_MAX;
	if (is_canary(g, first))
		w->room = g->plan.canary - (first - g->row.row.index[0]) + 1;
}

/* ---- time ---- */

static void pump_at(struct bmc_group *g, int64_t when)
{
	struct bmc_waves *w = &g->waves;

	w->timer = bmc_timer_cancel(w->timer);
	if (w->waiting)
		w->timer = bmc_timer_new(when, pump, g);
}

static int64_t wave_due(const struct bmc_group *g)
{
	int64_t due = g->waves.next;

	if (g->plan.apply_at)
		due = MAX(due, bmc_boottime(g->plan.apply_at));
	return due;
}

static bool window_is_over(const struct bmc_group *g)
{
	return g->plan.until && bmc_boottime(g->plan.until) <= bmc_now();
}

/* The last of these ends the group, too. */
static void end_waiting(struct bmc_group *g, enum bmc_task_state state, const char *why,
			const char *code)
{
	struct bmc_run *list = g->waves.waiting;
	char words[sizeof(list->row.error)], word[sizeof(list->row.code)];

	(void)bmc_copy(words, sizeof(words), why);
	(void)bmc_copy(word, sizeof(word), code);
	g->waves.waiting = NULL;
	while (list) {
		struct bmc_run *run = list;

		list = run->plan_next;
		run->plan_next = NULL;
		(void)bmc_copy(run->row.code, sizeof(run->row.code), word);
		bmc_run_end(run, state, words, NULL);
	}
}

/* Whether those that wait will never begin. */
static bool is_over(struct bmc_group *g)
{
	const char *code = "", *why = bmc_update_failure(g, &code);

	if (g->waves.stopped)
		end_waiting(g, BMC_TASK_CANCELLED, g->waves.stopped, "");
	else if (window_is_over(g))
		end_waiting(g, BMC_TASK_EXCEPTION,
			    any_due(g) ? "not started: the maintenance window is over"
				       : "not started: the maintenance window is over, "
					 "without a reset of the board",
			    "");
	else if (why)
		end_waiting(g, BMC_TASK_EXCEPTION, why, code);
	else
		return false;
	return true;
}

/* Of a group whose boards all wait the image is got, then given back until one is due:
 * that may be long, and other updates have its place meanwhile. */
static bool rests(struct bmc_group *g)
{
	struct bmc_waves *w = &g->waves;

	if (!w->waiting || w->under_way || any_due(g) || !bmc_update_rest(g))
		return false;
	if (g->row.waits_for != BMC_WAIT_NONE) {
		(void)bmc_copy(g->row.message, sizeof(g->row.message),
			       bmc_wait_words(g->row.waits_for));
		bmc_task_show(&g->row);
	}
	if (g->plan.until) /* the wall clock may be set meanwhile */
		pump_at(g,
			MIN(bmc_boottime(g->plan.until), bmc_now() + CLOCK_CHECK_MS));
	return true;
}

static void pump(void *arg)
{
	struct bmc_group *g = arg;
	struct bmc_waves *w = &g->waves;
	struct bmc_run *run = w->waiting;

	w->timer = NULL;
	if (is_over(g))
		return;
	if (!w->under_way && wave_due(g) > bmc_now()) {
		/* the wall clock may be set meanwhile */
		pump_at(g, MIN(wave_due(g), bmc_now() + CLOCK_CHECK_MS));
		return;
	}
	if (!run || rests(g) || (g->update && !bmc_update_ready(g)))
		return;
	if (!w->under_way && !w->room)
		open_wave(g);
	run = pick(g);
	if (!run)
		return;
	w->under_way++;
	run->in_wave = true;
	pump_at(g, bmc_now());
	bmc_group_begin(g);
	bmc_run_start(run);
}

/* ---- what the step machine reports ---- */

static void note_blade(struct bmc_run *run)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *board = bmc_snapshot_row(s, run->board);

	run->blade = board ? board->parent : 0;
}

static const char *words_of(const struct bmc_run *run)
{
	if (run->row.waits_for != BMC_WAIT_NONE)
		return bmc_wait_words(run->row.waits_for);
	if (bmc_plan_deferred(&run->group->plan))
		return "waiting for its time";
	return run->group->update ? "waiting for the image" : "waiting for its turn";
}

void bmc_plan_enter(struct bmc_run *run)
{
	struct bmc_group *g = run->group;
	struct bmc_run **p = &g->waves.waiting;

	note_blade(run);
	run->at = BMC_RUN_PLANNED;
	bmc_claim_waits(run->board, run->owner, true);
	(void)bmc_copy(run->row.message, sizeof(run->row.message), words_of(run));
	bmc_task_show(&run->row);
	while (*p && (*p)->row.row.index[0] < run->row.row.index[0])
		p = &(*p)->plan_next;
	run->plan_next = *p;
	*p = run;
	if (!g->waves.timer)
		pump_at(g, bmc_now());
}

void bmc_plan_begun(struct bmc_run *run)
{
	struct bmc_waves *w = &run->group->waves;

	note_blade(run);
	run->in_wave = true;
	w->under_way++;
}

static void note_failed(struct bmc_group *g, uint32_t number, bool completed)
{
	struct bmc_waves *w = &g->waves;

	if (completed || all_at_once(g))
		return;
	w->failed++;
	if (is_canary(g, number))
		w->stopped = "not started: a board that was tried first failed";
	else if (g->plan.stop_after && w->failed >= g->plan.stop_after && !w->stopped)
		w->stopped = "not started: too many other boards failed";
}

void bmc_plan_leave(struct bmc_run *run, bool completed)
{
	struct bmc_group *g = run->group;
	struct bmc_waves *w = &g->waves;

	for (struct bmc_run **p = &w->waiting; *p; p = &(*p)->plan_next) {
		if (*p == run) {
			*p = run->plan_next;
			break;
		}
	}
	note_failed(g, run->row.row.index[0], completed);
	if (run->in_wave)
		w->under_way--;
	run->in_wave = false;
	if (!w->under_way && !w->room)
		w->next = bmc_now() + g->plan.delay;
	if (w->stopped || !w->timer)
		pump_at(g, bmc_now());
}

void bmc_plan_ended(struct bmc_group *g, uint32_t number, bool completed)
{
	note_failed(g, number, completed);
	g->waves.next = bmc_now() + g->plan.delay;
}

void bmc_plan_due(struct bmc_run *run)
{
	pump_at(run->group, bmc_now());
}

void bmc_plan_wake(struct bmc_group *g)
{
	for (struct bmc_run *run = g->waves.waiting; run; run = run->plan_next) {
		if (run->row.waits_for != BMC_WAIT_NONE)
			continue;
		(void)bmc_copy(run->row.message, sizeof(run->row.message),
			       "waiting for its turn");
		bmc_task_show(&run->row);
	}
	if (!g->waves.timer)
		pump_at(g, bmc_now());
}

void bmc_plan_done(struct bmc_group *g)
{
	g->waves.timer = bmc_timer_cancel(g->waves.timer);
	g->waves.waiting = NULL;
}
