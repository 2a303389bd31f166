// SPDX-License-Identifier: Apache-2.0
/* Streams as frontends open them: limits, life, audit. A stream is a long call (call.c)
 * with an execution slot of its own, so that it neither waits for the board's other
 * calls nor makes them wait. The bytes are stream-bytes.c's. */
#include "core/plugin/stream.h"

#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "core/base/util.h"
#include "core/events/event.h"
#include "core/plugin/host.h"
#include "core/plugin/stream-bytes.h"

#define TEXT_MAX 2047
#define MODE_MAX 0777u

static struct bmc_stream *streams; /* until their call is freed; locked */

static const char *const words[BMC_N_STREAMS] = { "shell", "push", "pull" };

/* ---- life ---- */

void bmc_stream_ref(struct bmc_stream *s)
{
	atomic_fetch_add(&s->refs, 1);
}

static void stream_unlink(struct bmc_stream *s)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	for (struct bmc_stream **p = &streams; *p; p = &(*p)->next) {
		if (*p == s) {
			*p = s->next;
			break;
		}
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
}

void bmc_stream_unref(struct bmc_stream *s)
{
	char *text = (char *)(uintptr_t)s->args.text;

	if (atomic_fetch_sub(&s->refs, 1) > 1)
		return;
	if (text)
		bmc_wipe(text, strlen(text));
	free(text);
	if (s->wake >= 0)
		(void)close(s->wake);
	(void)pthread_mutex_destroy(&s->lock);
	bmc_wipe(s->in.bytes, sizeof(s->in.bytes));
	bmc_wipe(s->out.bytes, sizeof(s->out.bytes));
	free(s);
}

void bmc_stream_call_freed(struct bmc_stream *s)
{
	stream_unlink(s);
	bmc_stream_unref(s);
}

/* ---- the audit ---- */

static void record(const struct bmc_stream *s, const char *type, const char *how)
{
	char what[64], who[128]; /* an event cuts them */

	(void)snprintf(what, sizeof(what), "%s%s%.55s", words[s->args.what],
		       how ? ": " : "", how ? how : "");
	(void)snprintf(who, sizeof(who), "%s from %s", s->user, s->client);
	bmc_event_raise(type, s->row, s->exec.slot->id, what, who);
}

/* With the bytes that went to the board and came from it. */
static void record_end(struct bmc_stream *s, int code)
{
	char how[80], exit[16];

	(void)snprintf(exit, sizeof(exit), "%d", code);
	(void)pthread_mutex_lock(&s->lock);
	(void)snprintf(how, sizeof(how), "%s%.24s, %llu B in, %llu out",
		       code < 0 ? "" : "exit code ",
		       code < 0 ? bmc_strerror(code) : exit,
		       (unsigned long long)s->taken, (unsigned long long)s->given);
	(void)pthread_mutex_unlock(&s->lock);
	record(s, "StreamClosed", how);
}

/* ---- the call ---- */

/* What call.c runs, on the worker. */
static int stream_run(void *self, struct bmc_call *call, const struct bmc_args *args,
		      struct bmc_error *err)
{
	struct bmc_stream *s = call->stream;

	(void)args;
	s->code = s->type->run(self, call, &s->args, err);
	return MIN(s->code, BMC_OK);
}

static void stream_done(void *ctx, int code, const struct bmc_error *err)
{
	struct bmc_stream *s = ctx;
	struct bmc_error words_of = *err;

	s->timer = bmc_timer_cancel(s->timer);
	if (code == BMC_ECANCELED && s->idle_over)
		code = bmc_fail(&words_of, BMC_ETIMEDOUT,
				"%s: nothing was sent for %lld s", s->exec.slot->id,
				(long long)s->idle_ms / 1000);
	(void)pthread_mutex_lock(&bmc_host_lock);
	s->over = true;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	bmc_stream_bytes_end(s);
	if (code == BMC_OK)
		code = s->code;
	record_end(s, code);
	if (!s->closed && s->ended)
		s->ended(s->arg, code, &words_of);
}

static void stream_idle(void *arg)
{
	struct bmc_stream *s = arg;
	int64_t due = atomic_load(&s->moved_at) + s->idle_ms;

	s->timer = NULL;
	if (bmc_now() < due) {
		s->timer = bmc_timer_new(due, stream_idle, s);
		return;
	}
	s->idle_over = true;
	bmc_verb_cancel(s->number);
}

/* ---- opening ---- */

static int request_check(const struct bmc_stream_request *r, struct bmc_error *err)
{
	const struct bmc_stream_args *a = &r->args;
	size_t len = a->text ? strnlen(a->text, TEXT_MAX + 1) : 0;

	if (a->what >= BMC_N_STREAMS || !r->user || !r->client)
		return bmc_fail(err, BMC_EINVAL, "no such stream");
	if (a->what != BMC_STREAM_SHELL && len == 0)
		return bmc_fail(err, BMC_EINVAL, "%s needs a path", words[a->what]);
	if (len > TEXT_MAX || a->mode > MODE_MAX || r->idle_ms < 1 ||
	    r->idle_ms > BMC_STREAM_IDLE_MAX || (a->size < 0 && a->size != BMC_UNKNOWN))
		return bmc_fail(err, BMC_ERANGE,
				"an argument of %s is outside of its range",
				words[a->what]);
	if (a->text && (len == 0 || !bmc_text_ok(a->text, len)))
		return bmc_fail(err, BMC_EINVAL, "the argument of %s is no text",
				words[a->what]);
	return BMC_OK;
}

static int target_find(uint32_t row, const struct bmc_slot **ret, struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *r = bmc_snapshot_row(s, row);

	if (!r)
		return bmc_fail(err, BMC_ENOTFOUND, "no such row");
	*ret = r->kind == BMC_BOARD
		       ? bmc_platform_slot(bmc_instances_platform(), r->kind, r->id)
		       : NULL;
	if (!*ret)
		return bmc_fail(err, BMC_ENOTSUP, "%s is no board", r->id);
	if (r->status == BMC_ABSENT)
		return bmc_fail(err, BMC_EABSENT,
				"slot %s is empty: put a board into it", r->id);
	return BMC_OK;
}

const struct bmc_stream_type *bmc_stream_type_of(const struct bmc_plugin *plugin,
						 enum bmc_stream_what what)
{
	for (const struct bmc_stream_type *t = plugin->streams; t && t->run; t++) {
		if (t->what == what)
			return t;
	}
	return NULL;
}

/* Locked. */
static int limits_check(const struct bmc_host *host, const struct bmc_slot *slot,
			struct bmc_error *err)
{
	unsigned all = 0, board = 0;

	if (host->stopping)
		return bmc_fail(err, BMC_EAGAIN,
				"instance %s is being recreated: try again",
				host->conf.name);
	if (host->hung)
		return bmc_fail(err, BMC_EQUARANTINED,
				"instance %s hangs: restart the service if it stays so",
				host->conf.name);
	for (const struct bmc_stream *s = streams; s; s = s->next) {
		bool lost = s->exec.quarantined;

		if (lost && s->exec.host == host && s->exec.slot == slot)
			return bmc_exec_slot_quarantined(&s->exec, err);
		all += !s->over || lost;
		board += s->exec.slot == slot && (!s->over || lost);
	}
	if (board >= BMC_STREAMS_PER_BOARD || all >= BMC_STREAMS_MAX)
		return bmc_fail(err, BMC_ENOSPC,
				"%s: %u streams are open already (%u of all boards): "
				"close one",
				slot->id, board, all);
	return BMC_OK;
}

static struct bmc_stream *stream_new(const struct bmc_stream_request *r)
{
	struct bmc_stream *s = calloc(1, sizeof(*s));

	if (!s)
		return NULL;
	(void)pthread_mutex_init(&s->lock, NULL);
	s->refs = 1;
	s->args = r->args;
	s->args.text = r->args.text ? strdup(r->args.text) : NULL;
	s->columns = r->args.columns;
	s->rows = r->args.rows;
	s->row = r->row;
	s->ready = r->ready;
	s->ended = r->ended;
	s->arg = r->arg;
	s->idle_ms = r->idle_ms;
	s->moved_at = bmc_now();
	(void)bmc_copy(s->user, sizeof(s->user), r->user);
	(void)bmc_copy(s->client, sizeof(s->client), r->client);
	bmc_text_sanitize(s->user);
	bmc_text_sanitize(s->client);
	s->wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (s->wake >= 0 && (s->args.text || !r->args.text))
		return s;
	bmc_stream_unref(s);
	return NULL;
}

/* Finds who does it and counts the stream. */
static int stream_place(struct bmc_stream *s, const struct bmc_slot *slot,
			struct bmc_error *err)
{
	enum bmc_stream_what what = s->args.what;
	struct bmc_host *host;
	int code = BMC_ENOTSUP;

	(void)pthread_mutex_lock(&bmc_host_lock);
	host = bmc_host_named(slot, bmc_stream_binding(what));
	s->type = host ? bmc_stream_type_of(host->plugin, what) : NULL;
	if (s->type) {
		code = limits_check(host, slot, err);
		s->exec = (struct bmc_exec_slot){ .host = host, .slot = slot };
		s->verb = (struct bmc_verb){ .name = words[what],
					     .flags = BMC_VERB_LONG,
					     .deadline = MAX(s->type->deadline, 1),
					     .grace = s->type->grace,
					     .run = stream_run };
	}
	if (code == BMC_OK) {
		s->next = streams;
		streams = s;
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (!s->type)
		return bmc_fail(err, BMC_ENOTSUP, "no plugin does %s for %s",
				words[what], slot->id);
	return code;
}

static int stream_start(struct bmc_stream *s, struct bmc_error *err)
{
	struct bmc_call *call =
		bmc_call_new_in(&s->exec, &s->verb, bmc_now() + s->verb.deadline);
	int code;

	s->timer = call ? bmc_timer_new(bmc_now() + s->idle_ms, stream_idle, s) : NULL;
	if (!s->timer) {
		stream_unlink(s);
		if (call)
			bmc_call_drop(call);
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	}
	bmc_stream_ref(s); /* the call's: gone with it, also when it can't be started */
	call->stream = s;
	call->done = stream_done;
	call->ctx = s;
	s->number = call->number;
	code = bmc_call_start(call, NULL);
	if (code == BMC_OK)
		return BMC_OK;
	s->timer = bmc_timer_cancel(s->timer);
	return bmc_fail(err, code, "no thread for %s of %s: try again", s->verb.name,
			s->exec.slot->id);
}

int bmc_stream_open(const struct bmc_stream_request *request, struct bmc_stream **ret,
		    struct bmc_error *err)
{
	const struct bmc_slot *slot = NULL;
	struct bmc_stream *s;
	int code = request_check(request, err);

	if (code == BMC_OK)
		code = target_find(request->row, &slot, err);
	if (code < 0)
		return code;
	s = stream_new(request);
	if (!s)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	code = stream_place(s, slot, err);
	if (code == BMC_OK)
		code = stream_start(s, err);
	if (code < 0) {
		bmc_stream_unref(s);
		return code;
	}
	record(s, "StreamOpened", NULL);
	*ret = s;
	return BMC_OK;
}

struct bmc_stream *bmc_stream_close(struct bmc_stream *s)
{
	if (!s)
		return NULL;
	s->closed = true;
	bmc_verb_cancel(s->number); /* which has ended, perhaps */
	bmc_stream_unref(s);
	return NULL;
}

unsigned bmc_streams(void)
{
	unsigned n = 0;

	(void)pthread_mutex_lock(&bmc_host_lock);
	for (const struct bmc_stream *s = streams; s; s = s->next)
		n += !s->over || s->exec.quarantined;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return n;
}
