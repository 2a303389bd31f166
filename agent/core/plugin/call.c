// SPDX-License-Identifier: Apache-2.0
/* Calls into plugins: each runs on a worker thread, holds its exec_slot, and is given
 * up when it outlives its deadline by the grace. The main thread starts them and hears
 * of their end; bmc_verb_run is the recipes' entry, probe.c the other user. */
#include <stdlib.h>

#include "core/base/util.h"
#include "core/events/event.h"
#include "core/plugin/host.h"
#include "core/plugin/quarantine.h"

static struct bmc_pool *verbs;
static struct bmc_call *calls;
static uint64_t last_number;
static unsigned abandoned;
static pthread_cond_t exec_slot_free;

void (*bmc_restart_hook)(const char *why);

/* ---- exec_slots ---- */

static int quarantined(const struct bmc_exec_slot *exec_slot, struct bmc_error *err)
{
	return bmc_fail(
		err, BMC_EQUARANTINED,
		"an earlier call of %s for %s never came back: restart the service "
		"if it stays so",
		exec_slot->host->conf.name, exec_slot->slot->id);
}

static int exec_slot_refuse(const struct bmc_call *call, struct bmc_error *err)
{
	if (call->exec_slot->quarantined)
		return quarantined(call->exec_slot, err);
	if (atomic_load(&call->cancelled))
		return bmc_fail(err, BMC_ECANCELED, "cancelled");
	return BMC_OK;
}

/* Waits until the exec_slot is free; a probe in it is asked to leave, and a probe does
 * not wait. */
static int exec_slot_take(struct bmc_call *call, struct bmc_error *err)
{
	struct bmc_exec_slot *exec_slot = call->exec_slot;
	int code = BMC_OK;

	(void)pthread_mutex_lock(&bmc_host_lock);
	while ((code = exec_slot_refuse(call, err)) == BMC_OK && exec_slot->holder) {
		if (!call->verb) {
			code = BMC_ECANCELED;
			break;
		}
		if (!exec_slot->holder->verb)
			bmc_call_cancel(exec_slot->holder);
		if (!bmc_cond_wait(&exec_slot_free, &bmc_host_lock, call->deadline)) {
			code = bmc_fail(err, BMC_ETIMEDOUT, "%s is still busy with %s",
					call->host->conf.name, exec_slot->slot->id);
			break;
		}
	}
	if (code == BMC_OK)
		exec_slot->holder = call;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return code;
}

static void exec_slot_leave(struct bmc_call *call)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	call->exec_slot->holder = NULL;
	call->exec_slot->quarantined = false;
	(void)pthread_cond_broadcast(&exec_slot_free);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

/* ---- on the worker ---- */

void bmc_call_ref(struct bmc_call *call)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	call->refs++;
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

void bmc_call_unref(struct bmc_call *call)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	unsigned left = --call->refs;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (left)
		return;
	(void)pthread_cond_destroy(&call->woken);
	free(call);
}

static int call_call(struct bmc_call *call)
{
	int code = exec_slot_take(call, &call->err);

	if (code < 0)
		return code;
	if (call->verb)
		code = call->verb->run(call->host->self, call, call->arg, &call->err);
	else
		code = call->host->plugin->probe(call->host->self, call,
						 call->exec_slot->slot->id, &call->err);
	exec_slot_leave(call);
	return code < 0 ? code : BMC_OK;
}

static void call_ended(void *arg);

static void call_run(struct bmc_work *w)
{
	struct bmc_call *call = (struct bmc_call *)w; /* its first member */
	int code = call_call(call);
	bool late;

	(void)pthread_mutex_lock(&bmc_host_lock);
	call->code = code;
	call->finished = true;
	late = call->abandoned;
	if (late) {
		abandoned--;
		call->host->lost--;
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (late)
		bmc_call_unref(call);
	else
		bmc_loop_send(&call->ended, call_ended, call);
}

static int inner_start(struct bmc_call *in, const struct bmc_slot *slot,
		       const char *verb)
{
	const struct bmc_verb *found;

	(void)pthread_mutex_lock(&bmc_host_lock);
	in->host = bmc_host_bound(slot, verb, &found);
	if (in->host) {
		in->verb = found;
		in->exec_slot = bmc_host_exec_slot(in->host, slot, found);
		in->deadline = MIN(in->outer->deadline, bmc_now() + found->deadline);
		in->host->calls++;
		in->outer->inner = in;
		atomic_store(&in->cancelled, atomic_load(&in->outer->cancelled));
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return in->host ? BMC_OK : BMC_ENOTSUP;
}

static void inner_end(struct bmc_call *in)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	in->host->calls--;
	in->outer->inner = NULL;
	in->outer->pins = in->pins;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	(void)pthread_cond_destroy(&in->woken);
}

static bool exec_slot_held(const struct bmc_call *in)
{
	for (const struct bmc_call *j = in->outer; j; j = j->outer) {
		if (j->exec_slot == in->exec_slot)
			return true;
	}
	return false;
}

int bmc_call_inner(struct bmc_call *outer, const char *verb, int64_t arg,
		   struct bmc_error *err)
{
	struct bmc_call in = {
		.outer = outer, .arg = arg, .step = outer->step, .pins = outer->pins
	};
	int code;

	if (inner_start(&in, outer->exec_slot->slot, verb) < 0)
		return bmc_fail(err, BMC_ENOTSUP, "no plugin does %s for %s", verb,
				outer->exec_slot->slot->id);
	bmc_cond_init(&in.woken);
	if (exec_slot_held(&in)) {
		code = in.verb->run(in.host->self, &in, arg, err);
	} else {
		code = call_call(&in);
		if (code < 0 && err)
			*err = in.err;
	}
	inner_end(&in);
	return code;
}

/* ---- on the main thread ---- */

static void call_unlink(struct bmc_call *call)
{
	for (struct bmc_call **p = &calls; *p; p = &(*p)->next) {
		if (*p == call) {
			*p = call->next;
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

/* Tells whoever started it; what comes later of this call finds nobody. */
static void call_answer(struct bmc_call *call, int code, const struct bmc_error *err)
{
	struct bmc_host *host = call->host;
	struct bmc_error words = *err;

	if (!call->abandoned && came_back(code))
		bmc_exec_slot_answered(call->exec_slot);
	call->answered = true;
	call_unlink(call);
	if (code < 0 && !words.what[0])
		(void)bmc_fail(&words, code, "%s", bmc_strerror(code));
	words.code = code;
	(void)pthread_mutex_lock(&bmc_host_lock);
	host->calls--;
	if (call->verb)
		bmc_host_wake(host);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	call->done(call->ctx, code, &words);
	bmc_host_check_end(host);
	bmc_call_unref(call);
}

static void call_ended(void *arg)
{
	struct bmc_call *call = arg;

	if (!call->answered) {
		call->timer = bmc_timer_cancel(call->timer);
		call_answer(call, call->code, &call->err);
	}
	bmc_call_unref(call);
}

/* Leaves the thread behind in its call: the exec_slots it holds are quarantined.
 * Locked. */
static void call_abandon(struct bmc_call *call)
{
	call->abandoned = true;
	abandoned++;
	call->host->lost++;
	atomic_store(&call->cancelled, true);
	for (struct bmc_call *j = call; j; j = j->inner) {
		if (j->exec_slot->holder == j)
			j->exec_slot->quarantined = true;
	}
	(void)pthread_cond_broadcast(&exec_slot_free);
}

static void say_quarantined(const struct bmc_call *call)
{
	const struct bmc_slot *slot = call->exec_slot->slot;
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_find(s, slot->kind, slot->id);

	log_err("instance %s: %s of %s never came back, its thread is left behind (%u "
		"of %u)",
		call->host->conf.name, call->verb ? call->verb->name : "probe",
		slot->id, bmc_abandoned(), BMC_ABANDONED_MAX);
	if (row && slot->kind == BMC_BOARD)
		bmc_event_raise("BoardQuarantined", row->handle, slot->id, NULL, NULL);
}

static void call_overdue(void *arg)
{
	struct bmc_call *call = arg;
	struct bmc_error err;
	bool finished;

	call->timer = NULL;
	(void)pthread_mutex_lock(&bmc_host_lock);
	finished = call->finished;
	if (!finished)
		call_abandon(call);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (finished) {
		call_answer(call, call->code, &call->err);
		return;
	}
	(void)bmc_fail(&err, BMC_ETIMEDOUT, "%s did not come back within its deadline",
		       call->verb ? call->verb->name : "the probe");
	bmc_exec_slot_hung(call->exec_slot);
	say_quarantined(call);
	call_answer(call, BMC_ETIMEDOUT, &err);
	if (bmc_abandoned() >= BMC_ABANDONED_MAX)
		bmc_quarantine_restart();
}

struct bmc_call *bmc_call_new(struct bmc_host *host, const struct bmc_slot *slot,
			      const struct bmc_verb *verb, int64_t deadline)
{
	struct bmc_call *call = calloc(1, sizeof(*call));

	if (!call)
		return NULL;
	bmc_cond_init(&call->woken);
	call->work.run = call_run;
	call->number = ++last_number;
	call->host = host;
	call->exec_slot = bmc_host_exec_slot(host, slot, verb);
	call->verb = verb;
	call->deadline = deadline;
	call->refs = 1;
	return call;
}

int bmc_call_start(struct bmc_call *call, struct bmc_pool *pool)
{
	int code;

	call->timer = bmc_timer_new(call->deadline + BMC_GRACE_MS, call_overdue, call);
	if (!call->timer) {
		bmc_call_unref(call);
		return BMC_ENOMEM;
	}
	(void)pthread_mutex_lock(&bmc_host_lock);
	call->refs++;
	call->host->calls++;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	call->next = calls;
	calls = call;
	code = bmc_pool_run(pool ? pool : verbs, &call->work);
	if (code == BMC_OK)
		return BMC_OK;
	(void)bmc_timer_cancel(call->timer);
	call_unlink(call);
	(void)pthread_mutex_lock(&bmc_host_lock);
	call->refs--;
	call->host->calls--;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	bmc_call_unref(call);
	return code;
}

void bmc_call_cancel(struct bmc_call *call)
{
	for (; call; call = call->inner) {
		atomic_store(&call->cancelled, true);
		(void)pthread_cond_broadcast(&call->woken);
	}
	(void)pthread_cond_broadcast(&exec_slot_free);
}

/* Past the grace from now on, a cancelled call is given up. */
static void call_cancel_soon(struct bmc_call *call)
{
	struct bmc_timer *sooner;
	int64_t now = bmc_now();

	if (atomic_load(&call->cancelled) || call->deadline < now)
		return;
	sooner = bmc_timer_new(now + BMC_GRACE_MS, call_overdue, call);
	if (sooner) {
		(void)bmc_timer_cancel(call->timer);
		call->timer = sooner;
		call->deadline = now;
	}
	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_call_cancel(call);
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

void bmc_calls_cancel(const struct bmc_host *host)
{
	for (struct bmc_call *call = calls; call; call = call->next) {
		if (!host || call->host == host)
			call_cancel_soon(call);
	}
}

void bmc_verb_cancel(uint64_t run)
{
	for (struct bmc_call *call = calls; call; call = call->next) {
		if (call->number == run) {
			call_cancel_soon(call);
			return;
		}
	}
}

static int verb_refuse(const struct bmc_host *host,
		       const struct bmc_exec_slot *exec_slot, struct bmc_error *err)
{
	if (host->stopping)
		return bmc_fail(err, BMC_EAGAIN,
				"instance %s is being made anew: try again",
				host->conf.name);
	if (host->hung && exec_slot == bmc_host_exec_slot(host, exec_slot->slot, NULL))
		return bmc_fail(err, BMC_EQUARANTINED,
				"instance %s hangs: restart the service if it stays so",
				host->conf.name);
	return exec_slot->quarantined ? quarantined(exec_slot, err) : BMC_OK;
}

static int verb_call(const struct bmc_verb_request *request, struct bmc_call **ret,
		     struct bmc_error *err)
{
	const struct bmc_slot *slot =
		bmc_platform_slot(bmc_instances_platform(), request->kind, request->id);
	const struct bmc_verb *verb = NULL;
	struct bmc_host *host;
	int code = BMC_OK;

	(void)pthread_mutex_lock(&bmc_host_lock);
	host = slot ? bmc_host_bound(slot, request->verb, &verb) : NULL;
	if (host)
		code = verb_refuse(host, bmc_host_exec_slot(host, slot, verb), err);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (!host)
		return bmc_fail(err, BMC_ENOTSUP, "no plugin does %s for %s",
				request->verb, request->id);
	if (code < 0)
		return code;
	*ret = bmc_call_new(host, slot, verb, bmc_now() + verb->deadline);
	return *ret ? BMC_OK : bmc_fail(err, BMC_ENOMEM, "out of memory");
}

int bmc_verb_run(const struct bmc_verb_request *request, uint64_t *ret_run,
		 struct bmc_error *err)
{
	struct bmc_call *call;
	uint64_t number;
	int code = verb_call(request, &call, err);

	if (code < 0)
		return code;
	call->arg = request->arg;
	call->step = request->step;
	call->progress = request->progress;
	call->done = request->done;
	call->ctx = request->ctx;
	number = call->number;
	code = bmc_call_start(call, NULL);
	if (code < 0)
		return bmc_fail(err, code, "no thread for %s of %s: try again",
				request->verb, request->id);
	*ret_run = number;
	return BMC_OK;
}

unsigned bmc_abandoned(void)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	unsigned n = abandoned;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return n + bmc_hosts_hung();
}

int bmc_calls_init(void)
{
	bmc_cond_init(&exec_slot_free);
	verbs = bmc_pool_new("bmc-verb");
	return verbs ? BMC_OK : BMC_ENOMEM;
}

void bmc_calls_done(void)
{
	verbs = bmc_pool_free(verbs, 100);
}
