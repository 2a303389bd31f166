// SPDX-License-Identifier: Apache-2.0
/* Calls into plugins: each runs on a worker thread, holds its exec_slot, and is given
 * up when it outlives its deadline by the grace. The main thread starts them and hears
 * of their end; bmc_verb_run is the recipes' entry, probe.c the other user. */
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/events/event.h"
#include "core/plugin/host.h"
#include "core/plugin/quarantine.h"
#include "core/plugin/stream-bytes.h"
#include "core/ports/images.h"

static struct bmc_pool *verbs;
static struct bmc_call *calls;
static uint64_t last_number;
static unsigned abandoned;

void (*bmc_restart_hook)(const char *why);

/* ---- on the worker ---- */

void bmc_call_unref(struct bmc_call *call)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	unsigned left = --call->refs;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (left)
		return;
	(void)pthread_cond_destroy(&call->woken);
	bmc_args_drop(&call->args);
	if (call->flash && bmc_images)
		bmc_images->close(call->flash);
	if (call->stream)
		bmc_stream_call_freed(call->stream);
	free(call);
}

static int call_call(struct bmc_call *call)
{
	int code = bmc_exec_slot_take(call, &call->err);

	if (code < 0)
		return code;
	if (call->verb)
		code = call->verb->run(call->host->self, call, &call->args, &call->err);
	else
		code = call->host->plugin->probe(call->host->self, call,
						 call->exec_slot->slot->id, &call->err);
	bmc_exec_slot_leave(call);
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
		call->exec_slot->calls--;
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
	if (in->host)
		in->exec_slot = bmc_host_exec_slot(in->host, slot, found);
	if (in->exec_slot) {
		in->exec_slot->calls++;
		in->verb = found;
		in->deadline = MIN(in->outer->deadline, bmc_now() + found->deadline);
		in->host->calls++;
		in->outer->inner = in;
		atomic_store(&in->cancelled, atomic_load(&in->outer->cancelled));
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return in->exec_slot ? BMC_OK : BMC_ENOTSUP;
}

static void inner_end(struct bmc_call *in)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	in->host->calls--;
	in->exec_slot->calls--;
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

int bmc_call_inner(struct bmc_call *outer, const char *verb,
		   const struct bmc_args *args, struct bmc_error *err)
{
	struct bmc_call in = {
		.outer = outer,
		.args = args ? *args : (struct bmc_args){ 0 },
		.step = outer->step,
		.pins = outer->pins,
	};
	int code;

	if (outer->stream || outer->command)
		return bmc_fail(err, BMC_EPERM, "a stream has no claim on %s",
				outer->exec_slot->slot->id);
	if (inner_start(&in, outer->exec_slot->slot, verb) < 0)
		return bmc_fail(err, BMC_ENOTSUP, "no plugin does %s for %s", verb,
				outer->exec_slot->slot->id);
	bmc_cond_init(&in.woken);
	if (exec_slot_held(&in)) {
		code = in.verb->run(in.host->self, &in, &in.args, err);
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

/* Reports the end to the caller; what comes of this call later is dropped. The instance
 * may end with its last call, and the execution slot with it, so callers of this ask
 * bmc_host_check_end() after they have given back their own reference. */
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
	call->done(call->ctx, code, &words);
	(void)pthread_mutex_lock(&bmc_host_lock);
	host->calls--;
	if (!call->abandoned) /* else its thread is still in the slot */
		call->exec_slot->calls--;
	if (call->verb)
		bmc_host_wake(host);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	bmc_call_unref(call);
}

static void call_ended(void *arg)
{
	struct bmc_call *call = arg;
	struct bmc_host *host = call->answered ? NULL : call->host;

	if (host) {
		call->timer = bmc_timer_cancel(call->timer);
		call_answer(call, call->code, &call->err);
	}
	bmc_call_unref(call);
	if (host)
		bmc_host_check_end(host);
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
	bmc_exec_slots_wake();
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

static int64_t grace(const struct bmc_call *call)
{
	return call->verb ? MAX(call->verb->grace, BMC_GRACE_MS) : BMC_GRACE_MS;
}

/* A stream's plugin that waits in the core is alive. Locked. */
static void call_waits(struct bmc_call *call)
{
	if (call->stream && atomic_load(&call->stream->waiting))
		bmc_call_beat(call);
}

static void call_overdue(void *arg)
{
	struct bmc_call *call = arg;
	struct bmc_host *host = call->host;
	struct bmc_error err;
	bool finished;
	int64_t due;

	call->timer = NULL;
	(void)pthread_mutex_lock(&bmc_host_lock);
	finished = call->finished;
	call_waits(call);
	due = call->deadline + grace(call);
	if (!finished && due > bmc_now()) /* it has beaten since */
		call->timer = bmc_timer_new(due, call_overdue, call);
	else if (!finished)
		call_abandon(call);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (call->timer || finished) /* finished: call_ended is on its way */
		return;
	(void)bmc_fail(&err, BMC_ETIMEDOUT, "%s did not come back within its deadline",
		       call->verb ? call->verb->name : "the probe");
	bmc_exec_slot_hung(call->exec_slot);
	say_quarantined(call);
	call_answer(call, BMC_ETIMEDOUT, &err);
	bmc_host_check_end(host);
	if (bmc_abandoned() >= BMC_ABANDONED_MAX)
		bmc_quarantine_restart();
}

/* `exec_slot` has counted it already. */
static struct bmc_call *call_make(struct bmc_exec_slot *exec_slot,
				  const struct bmc_verb *verb, int64_t deadline)
{
	struct bmc_call *call = calloc(1, sizeof(*call));

	if (!call) {
		(void)pthread_mutex_lock(&bmc_host_lock);
		exec_slot->calls--;
		(void)pthread_mutex_unlock(&bmc_host_lock);
		return NULL;
	}
	call->exec_slot = exec_slot;
	bmc_cond_init(&call->woken);
	call->work.run = call_run;
	call->number = ++last_number;
	call->host = exec_slot->host;
	call->verb = verb;
	call->deadline = deadline;
	call->refs = 1;
	call->report = (struct bmc_report){ .millipercent = BMC_UNKNOWN,
					    .done = BMC_UNKNOWN,
					    .total = BMC_UNKNOWN };
	return call;
}

struct bmc_call *bmc_call_new(struct bmc_host *host, const struct bmc_slot *slot,
			      const struct bmc_verb *verb, int64_t deadline)
{
	struct bmc_exec_slot *exec_slot;

	(void)pthread_mutex_lock(&bmc_host_lock);
	exec_slot = bmc_host_exec_slot(host, slot, verb);
	if (exec_slot)
		exec_slot->calls++;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return exec_slot ? call_make(exec_slot, verb, deadline) : NULL;
}

struct bmc_call *bmc_call_new_in(struct bmc_exec_slot *exec_slot,
				 const struct bmc_verb *verb, int64_t deadline)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	exec_slot->calls++;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return call_make(exec_slot, verb, deadline);
}

void bmc_call_drop(struct bmc_call *call)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	call->exec_slot->calls--;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	bmc_call_unref(call);
}

int bmc_call_start(struct bmc_call *call, struct bmc_pool *pool)
{
	int code;

	call->timer = bmc_timer_new(call->deadline + grace(call), call_overdue, call);
	if (!call->timer) {
		bmc_call_drop(call);
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
	bmc_call_drop(call);
	return code;
}

void bmc_call_cancel(struct bmc_call *call)
{
	for (; call; call = call->inner) {
		atomic_store(&call->cancelled, true);
		(void)pthread_cond_broadcast(&call->woken);
		if (call->stream)
			bmc_stream_wake(call->stream);
	}
	bmc_exec_slots_wake();
}

/* Past the grace from now on, a cancelled call is given up; it beats no more. */
static void call_cancel_soon(struct bmc_call *call)
{
	struct bmc_timer *sooner;
	int64_t now = bmc_now();

	(void)pthread_mutex_lock(&bmc_host_lock);
	call_waits(call);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (atomic_load(&call->cancelled) || call->deadline < now)
		return;
	(void)pthread_mutex_lock(&bmc_host_lock);
	bmc_call_cancel(call);
	call->deadline = now;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	sooner = bmc_timer_new(now + grace(call), call_overdue, call);
	if (sooner) {
		(void)bmc_timer_cancel(call->timer);
		call->timer = sooner;
	}
}

void bmc_call_beat(struct bmc_call *call)
{
	for (; call; call = call->outer) {
		if (call->verb && call->verb->flags & BMC_VERB_LONG &&
		    !atomic_load(&call->cancelled) && !call->abandoned)
			call->deadline = bmc_now() + call->verb->deadline;
	}
}

void bmc_calls_cancel(const struct bmc_host *host)
{
	for (struct bmc_call *call = calls; call; call = call->next) {
		if (!host || call->host == host)
			call_cancel_soon(call);
	}
}

void bmc_streams_cancel(const struct bmc_host *host)
{
	for (struct bmc_call *call = calls; call; call = call->next) {
		if (call->stream && call->host == host)
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

unsigned bmc_abandoned(void)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	unsigned n = abandoned;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return n + bmc_hosts_hung();
}

int bmc_calls_init(void)
{
	bmc_exec_slots_init();
	verbs = bmc_pool_new("bmc-verb");
	return verbs ? BMC_OK : BMC_ENOMEM;
}

void bmc_calls_done(void)
{
	verbs = bmc_pool_free(verbs, 100);
}
