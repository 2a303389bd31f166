// SPDX-License-Identifier: Apache-2.0
// A shell's beginning and end. Streams are opened and closed on the main thread; the
// WebSocket's callbacks leave messages for it. The last callback of the WebSocket sends
// the message that frees the shell.
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/snapshot/snapshot.h"
#include "shell/own.h"

#define WATCH_MS 1000
#define ASK_MS   10000 /* until the client says what it wants */
#define LAST_MS  30000 /* for the client to read the last message, and close */
#define TOUCH_MS 10000 /* a session in use is told so this often */

static struct bmc_timer *timer;

static void lock(struct shell *s)
{
	(void)pthread_mutex_lock(&s->lock);
}

static void unlock(struct shell *s)
{
	(void)pthread_mutex_unlock(&s->lock);
}

/* ---- the stream ---- */

static void ready(void *arg)
{
	struct shell *s = arg;

	lock(s);
	shell_pump_in(s);
	shell_pump_out(s);
	unlock(s);
}

static void note_end(struct shell *s, int code, const struct bmc_error *err)
{
	s->ended = true;
	s->code = code;
	(void)bmc_copy(s->why, sizeof(s->why),
		       err && err->what[0] ? err->what : bmc_strerror(code));
	bmc_text_sanitize(s->why);
	s->told_at = bmc_now();
}

static void ended(void *arg, int code, const struct bmc_error *err)
{
	struct shell *s = arg;

	lock(s);
	note_end(s, code, err);
	shell_pump_out(s);
	unlock(s);
}

static void close_stream(struct shell *s)
{
	lock(s);
	struct bmc_stream *stream = s->stream;
	s->stream = NULL;
	unlock(s);
	(void)bmc_stream_close(stream);
}

static int open_stream(struct shell *s, struct bmc_stream **ret, struct bmc_error *err)
{
	auto_snapshot struct bmc_snapshot *snap = bmc_snapshot_get();
	const struct bmc_row *row = bmc_snapshot_find(snap, BMC_BOARD, s->node);
	const struct bmc_stream_request request = {
		.row = row ? row->handle : 0,
		.args = { .what = BMC_STREAM_SHELL,
			  .text = s->command,
			  .size = BMC_UNKNOWN,
			  .columns = s->columns,
			  .rows = s->rows },
		.user = s->actor.name,
		.client = s->actor.client,
		.idle_ms = shell_idle_ms(),
		.ready = ready,
		.ended = ended,
		.arg = s,
	};

	return bmc_stream_open(&request, ret, err);
}

static void on_opening(void *arg)
{
	struct shell *s = arg;
	struct bmc_stream *stream = NULL;
	struct bmc_error err = { 0 };

	lock(s);
	int r = s->ws ? open_stream(s, &stream, &err) : BMC_ECANCELED;
	if (s->command)
		bmc_wipe(s->command, strlen(s->command));
	s->stream = stream;
	if (r < 0)
		note_end(s, r, &err);
	shell_pump_in(s);
	shell_pump_out(s);
	unlock(s);
}

void shell_open(struct shell *s)
{
	bmc_loop_send(&s->opening, on_opening, s);
}

/* ---- who may go on ---- */

static bool is_in_role(const struct shell *s, const struct bmc_snapshot *snap)
{
	const struct bmc_account *a = (const struct bmc_account *)bmc_snapshot_find(
		snap, BMC_ACCOUNT, s->actor.name);

	if (!s->has_account)
		return true;
	return a && a->enabled != 0 && a->must_change != 1 &&
	       strcmp(a->role, s->actor.role) == 0;
}

static const char *objection(const struct shell *s, const struct bmc_snapshot *snap)
{
	if (s->session[0] && !bmc_snapshot_find(snap, BMC_SESSION, s->session))
		return "the session has ended";
	if (!s->session[0] && s->actor.stamp &&
	    bmc_auth->stamp(s->actor.name) != s->actor.stamp)
		return "the account was changed";
	if (!s->session[0] && s->actor.certificate &&
	    !bmc_snapshot_row(snap, s->actor.certificate))
		return "the certificate was removed";
	return is_in_role(s, snap) ? NULL : "the account may not do this any more";
}

/* What is typed counts as a use of the session. */
static void touch(struct shell *s, int64_t now)
{
	struct bmc_actor who;
	char id[BMC_ID_MAX];

	if (!s->typed || !s->session[0] || now - s->touched < TOUCH_MS)
		return;
	s->typed = false;
	s->touched = now;
	(void)bmc_auth->session_find(s->token, s->actor.client, &who, id);
}

static void end(struct shell *s, const char *why)
{
	lock(s);
	shell_refuse(s, why);
	unlock(s);
	close_stream(s);
}

static void watch(struct shell *s)
{
	auto_snapshot struct bmc_snapshot *snap = bmc_snapshot_get();
	int64_t now = bmc_now();
	const char *why = objection(s, snap);

	lock(s);
	bool late = !s->asked && now - s->began > ASK_MS;
	bool over = s->ended && now - s->told_at > LAST_MS;
	touch(s, now);
	if (over && s->ws)
		http_websocket_close(s->ws, SHELL_DONE);
	unlock(s);
	if (why || late)
		end(s, why ? why : "no message has said what to open");
}

static void on_timer(void *arg)
{
	(void)arg;
	timer = NULL;
	shell_each(watch);
	if (shell_count())
		timer = bmc_timer_new(bmc_now() + WATCH_MS, on_timer, NULL);
}

static void on_added(void *arg)
{
	(void)arg;
	if (!timer)
		timer = bmc_timer_new(bmc_now() + WATCH_MS, on_timer, NULL);
}

void shell_unwatch(void)
{
	timer = bmc_timer_cancel(timer);
}

/* ---- the WebSocket ---- */

static void on_opened(struct http_websocket *w, void *arg)
{
	struct shell *s = arg;

	lock(s);
	s->ws = http_websocket_ref(w);
	unlock(s);
	bmc_loop_send(&s->added, on_added, s);
}

static void on_message(struct http_websocket *w, void *arg, bool text,
		       const void *bytes, size_t len)
{
	struct shell *s = arg;

	(void)w;
	lock(s);
	shell_message(s, text, bytes, len);
	unlock(s);
}

static void on_writable(struct http_websocket *w, void *arg)
{
	struct shell *s = arg;

	(void)w;
	lock(s);
	shell_pump_out(s);
	unlock(s);
}

static void on_closed(void *arg)
{
	close_stream(arg);
	shell_free(arg);
}

static void on_close(struct http_websocket *w, void *arg)
{
	struct shell *s = arg;

	(void)w;
	lock(s);
	s->ws = http_websocket_unref(s->ws);
	unlock(s);
	bmc_loop_send(&s->closed, on_closed, s);
}

const struct http_websocket_handler shell_websocket = {
	.protocol = "clusterbmc.shell",
	.max_message = SHELL_MESSAGE_MAX,
	.max_queue = SHELL_QUEUE_MAX,
	.opened = on_opened,
	.message = on_message,
	.writable = on_writable,
	.closed = on_close,
};
