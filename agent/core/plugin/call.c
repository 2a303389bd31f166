// SPDX-License-Identifier: Apache-2.0
/* Calls into plugins: each runs on a worker thread, holds its lane, and is given up
 * when it outlives its deadline by the grace. The main thread starts them and hears of
 * their end; bmc_verb_run is the recipes' entry, probe.c the other user. */
#include <stdlib.h>

#include "core/base/util.h"
#include "core/events/event.h"
#include "core/plugin/host.h"
#include "core/plugin/quarantine.h"

static struct bmc_pool *verbs;
static struct bmc_job *jobs;
static uint64_t last_number;
static unsigned abandoned;
static pthread_cond_t lane_free;

void (*bmc_restart_hook)(const char *why);

/* ---- lanes ------------------------------------------------------------------------
 */

static int quarantined(const struct bmc_lane *lane, struct bmc_error *err)
{
	return bmc_fail(
		err, BMC_EQUARANTINED,
		"an earlier call of %s for %s never came back: restart the service "
		"if it stays so",
		lane->host->conf.name, lane->slot->id);
}

static int lane_refuse(const struct bmc_job *job, struct bmc_error *err)
{
	if (job->lane->quarantined)
		return quarantined(job->lane, err);
	if (atomic_load(&job->cancelled))
		return bmc_fail(err, BMC_ECANCELED, "cancelled");
	return BMC_OK;
}

/* Waits until the lane is free; a probe in it is asked to leave, and a probe does not
 * wait. */
static int lane_take(struct bmc_job *job, struct bmc_error *err)
{
	struct bmc_lane *lane = job->lane;
	int code = BMC_OK;

	(void)pthread_mutex_lock(&bmc_host_lock);
	while ((code = lane_refuse(job, err)) == BMC_OK && lane->holder) {
		if (!job->verb) {
			code = BMC_ECANCELED;
			break;
		}
		if (!lane->holder->verb)
			bmc_job_cancel(lane->holder);
		if (!bmc_cond_wait(&lane_free, &bmc_host_lock, job->deadline)) {
			code = bmc_fail(err, BMC_ETIMEDOUT, "%s is still busy with %s",
					job->host->conf.name, lane->slot->id);
			break;
		}
	}
	if (code == BMC_OK)
		lane->holder = job;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return code;
}

static void lane_leave(struct bmc_job *job)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	job->lane->holder = NULL;
	job->lane->quarantined = false;
	(void)pthread_cond_broadcast(&lane_free);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

/* ---- on the worker ----------------------------------------------------------------
 */

void bmc_job_ref(struct bmc_job *job)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	job->refs++;
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

void bmc_job_unref(struct bmc_job *job)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	unsigned left = --job->refs;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (left)
		return;
	(void)pthread_cond_destroy(&job->woken);
	free(job);
}

static int job_call(struct bmc_job *job)
{
	int code = lane_take(job, &job->err);

	if (code < 0)
		return code;
	if (job->verb)
		code = job->verb->run(job->host->self, job, job->arg, &job->err);
	else
		code = job->host->plugin->probe(job->host->self, job,
						job->lane->slot->id, &job->err);
	lane_leave(job);
	return code < 0 ? code : BMC_OK;
}

static void job_ended(void *arg);

static void job_run(struct bmc_work *w)
{
	struct bmc_job *job = (struct bmc_job *)w; /* its first member */
	int code = job_call(job);
	bool late;

	(void)pthread_mutex_lock(&bmc_host_lock);
	job->code = code;
	job->finished = true;
	late = job->abandoned;
	if (late) {
		abandoned--;
		job->host->lost--;
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	/* When the queue is full, the job's timer finds it finished. */
	if (late || bmc_loop_post(job_ended, job) < 0)
		bmc_job_unref(job);
}

static int inner_start(struct bmc_job *in, const struct bmc_slot *slot,
		       const char *verb)
{
	const struct bmc_verb *found;

	(void)pthread_mutex_lock(&bmc_host_lock);
	in->host = bmc_host_bound(slot, verb, &found);
	if (in->host) {
		in->verb = found;
		in->lane = bmc_host_lane(in->host, slot, found);
		in->deadline = MIN(in->outer->deadline, bmc_now() + found->deadline);
		in->host->calls++;
		in->outer->inner = in;
		atomic_store(&in->cancelled, atomic_load(&in->outer->cancelled));
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return in->host ? BMC_OK : BMC_ENOTSUP;
}

static void inner_end(struct bmc_job *in)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	in->host->calls--;
	in->outer->inner = NULL;
	in->outer->pins = in->pins;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	(void)pthread_cond_destroy(&in->woken);
}

static bool lane_held(const struct bmc_job *in)
{
	for (const struct bmc_job *j = in->outer; j; j = j->outer) {
		if (j->lane == in->lane)
			return true;
	}
	return false;
}

int bmc_job_inner(struct bmc_job *outer, const char *verb, int64_t arg,
		  struct bmc_error *err)
{
	struct bmc_job in = {
		.outer = outer, .arg = arg, .step = outer->step, .pins = outer->pins
	};
	int code;

	if (inner_start(&in, outer->lane->slot, verb) < 0)
		return bmc_fail(err, BMC_ENOTSUP, "no plugin does %s for %s", verb,
				outer->lane->slot->id);
	bmc_cond_init(&in.woken);
	if (lane_held(&in)) {
		code = in.verb->run(in.host->self, &in, arg, err);
	} else {
		code = job_call(&in);
		if (code < 0 && err)
			*err = in.err;
	}
	inner_end(&in);
	return code;
}

/* ---- on the main thread -----------------------------------------------------------
 */

static void job_unlink(struct bmc_job *job)
{
	for (struct bmc_job **p = &jobs; *p; p = &(*p)->next) {
		if (*p == job) {
			*p = job->next;
			return;
		}
	}
}

/* Whether the call was made and has ended by itself. */
static bool came_back(int code)
{
	return code != BMC_ETIMEDOUT && code != BMC_ECANCELED &&
	       code != BMC_EQUARANTINED && code != BMC_ENOTSUP;
}

/* Tells whoever started it; what comes later of this job finds nobody. */
static void job_answer(struct bmc_job *job, int code, const struct bmc_error *err)
{
	struct bmc_host *host = job->host;
	struct bmc_error words = *err;

	if (!job->abandoned && came_back(code))
		bmc_lane_answered(job->lane);
	job->answered = true;
	job_unlink(job);
	if (code < 0 && !words.what[0])
		(void)bmc_fail(&words, code, "%s", bmc_strerror(code));
	words.code = code;
	(void)pthread_mutex_lock(&bmc_host_lock);
	host->calls--;
	if (job->verb)
		bmc_host_wake(host);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	job->done(job->ctx, code, &words);
	bmc_host_check_end(host);
	bmc_job_unref(job);
}

static void job_ended(void *arg)
{
	struct bmc_job *job = arg;

	if (!job->answered) {
		job->timer = bmc_timer_cancel(job->timer);
		job_answer(job, job->code, &job->err);
	}
	bmc_job_unref(job);
}

/* Leaves the thread behind in its call: the lanes it holds are quarantined. Locked. */
static void job_abandon(struct bmc_job *job)
{
	job->abandoned = true;
	abandoned++;
	job->host->lost++;
	atomic_store(&job->cancelled, true);
	for (struct bmc_job *j = job; j; j = j->inner) {
		if (j->lane->holder == j)
			j->lane->quarantined = true;
	}
	(void)pthread_cond_broadcast(&lane_free);
}

static void say_quarantined(const struct bmc_job *job)
{
	const struct bmc_slot *slot = job->lane->slot;
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_find(s, slot->kind, slot->id);

	log_err("instance %s: %s of %s never came back, its thread is left behind (%u "
		"of %u)",
		job->host->conf.name, job->verb ? job->verb->name : "probe", slot->id,
		bmc_abandoned(), BMC_ABANDONED_MAX);
	if (row && slot->kind == BMC_BOARD)
		bmc_event_raise("BoardQuarantined", row->handle, slot->id, NULL, NULL);
}

static void job_overdue(void *arg)
{
	struct bmc_job *job = arg;
	struct bmc_error err;
	bool finished;

	job->timer = NULL;
	(void)pthread_mutex_lock(&bmc_host_lock);
	finished = job->finished;
	if (!finished)
		job_abandon(job);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (finished) {
		job_answer(job, job->code, &job->err);
		return;
	}
	(void)bmc_fail(&err, BMC_ETIMEDOUT, "%s did not come back within its deadline",
		       job->verb ? job->verb->name : "the probe");
	bmc_lane_hung(job->lane);
	say_quarantined(job);
	job_answer(job, BMC_ETIMEDOUT, &err);
	if (bmc_abandoned() >= BMC_ABANDONED_MAX)
		bmc_quarantine_restart();
}

struct bmc_job *bmc_job_new(struct bmc_host *host, const struct bmc_slot *slot,
			    const struct bmc_verb *verb, int64_t deadline)
{
	struct bmc_job *job = calloc(1, sizeof(*job));

	if (!job)
		return NULL;
	bmc_cond_init(&job->woken);
	job->work.run = job_run;
	job->number = ++last_number;
	job->host = host;
	job->lane = bmc_host_lane(host, slot, verb);
	job->verb = verb;
	job->deadline = deadline;
	job->refs = 1;
	return job;
}

int bmc_job_start(struct bmc_job *job, struct bmc_pool *pool)
{
	int code;

	job->timer = bmc_timer_new(job->deadline + BMC_GRACE_MS, job_overdue, job);
	if (!job->timer) {
		bmc_job_unref(job);
		return BMC_ENOMEM;
	}
	(void)pthread_mutex_lock(&bmc_host_lock);
	job->refs++;
	job->host->calls++;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	job->next = jobs;
	jobs = job;
	code = bmc_pool_run(pool ? pool : verbs, &job->work);
	if (code == BMC_OK)
		return BMC_OK;
	(void)bmc_timer_cancel(job->timer);
	job_unlink(job);
	(void)pthread_mutex_lock(&bmc_host_lock);
	job->refs--;
	job->host->calls--;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	bmc_job_unref(job);
	return code;
}

void bmc_job_cancel(struct bmc_job *job)
{
	for (; job; job = job->inner) {
		atomic_store(&job->cancelled, true);
		(void)pthread_cond_broadcast(&job->woken);
	}
	(void)pthread_cond_broadcast(&lane_free);
}

/* Past the grace from now on, a cancelled job is given up. */
static void job_cancel_soon(struct bmc_job *job)
{
	struct bmc_timer *sooner;
	int64_t now = bmc_now();

	if (atomic_load(&job->cancelled) || job->deadline < now)
		return;
	sooner = bmc_timer_new(now + BMC_GRACE_MS, job_overdue, job);
	if (sooner) {
		(void)bmc_timer_cancel(job->timer);
		job->timer = sooner;
		job->deadline = now;
	}
	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_job_cancel(job);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

void bmc_jobs_cancel(const struct bmc_host *host)
{
	for (struct bmc_job *job = jobs; job; job = job->next) {
		if (!host || job->host == host)
			job_cancel_soon(job);
	}
}

void bmc_verb_cancel(uint64_t run)
{
	for (struct bmc_job *job = jobs; job; job = job->next) {
		if (job->number == run) {
			job_cancel_soon(job);
			return;
		}
	}
}

static int verb_refuse(const struct bmc_host *host, const struct bmc_lane *lane,
		       struct bmc_error *err)
{
	if (host->stopping)
		return bmc_fail(err, BMC_EAGAIN,
				"instance %s is being made anew: try again",
				host->conf.name);
	return lane->quarantined ? quarantined(lane, err) : BMC_OK;
}

static int verb_job(const struct bmc_verb_call *call, struct bmc_job **ret,
		    struct bmc_error *err)
{
	const struct bmc_slot *slot =
		bmc_platform_slot(bmc_instances_platform(), call->kind, call->id);
	const struct bmc_verb *verb = NULL;
	struct bmc_host *host;
	int code = BMC_OK;

	(void)pthread_mutex_lock(&bmc_host_lock);
	host = slot ? bmc_host_bound(slot, call->verb, &verb) : NULL;
	if (host)
		code = verb_refuse(host, bmc_host_lane(host, slot, verb), err);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (!host)
		return bmc_fail(err, BMC_ENOTSUP, "no plugin does %s for %s",
				call->verb, call->id);
	if (code < 0)
		return code;
	*ret = bmc_job_new(host, slot, verb, bmc_now() + verb->deadline);
	return *ret ? BMC_OK : bmc_fail(err, BMC_ENOMEM, "out of memory");
}

int bmc_verb_run(const struct bmc_verb_call *call, uint64_t *ret_run,
		 struct bmc_error *err)
{
	struct bmc_job *job;
	uint64_t number;
	int code = verb_job(call, &job, err);

	if (code < 0)
		return code;
	job->arg = call->arg;
	job->step = call->step;
	job->progress = call->progress;
	job->done = call->done;
	job->ctx = call->ctx;
	number = job->number;
	code = bmc_job_start(job, NULL);
	if (code < 0)
		return bmc_fail(err, code, "no thread for %s of %s: try again",
				call->verb, call->id);
	*ret_run = number;
	return BMC_OK;
}

unsigned bmc_abandoned(void)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	unsigned n = abandoned;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return n;
}

int bmc_jobs_init(void)
{
	bmc_cond_init(&lane_free);
	verbs = bmc_pool_new("bmc-verb");
	return verbs ? BMC_OK : BMC_ENOMEM;
}

void bmc_jobs_done(void)
{
	verbs = bmc_pool_free(verbs, 100);
}
