// SPDX-License-Identifier: Apache-2.0
// WebSockets from their upgrade to their end, on a thread of their own. Only that
// thread touches wslay and the sockets; other threads leave messages in `outbox`.
#include "http/websocket.h"

#include <errno.h>
#include <microhttpd.h>
#include <poll.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/queue.h>
#include <sys/socket.h>
#include <wslay/wslay.h>

#include "core/base/liveness.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "http/websocket-table.h"

#define STEP_MS   1000 /* between checks of deadlines */
#define CLOSE_MS  2000 /* until a closed one is ended without its client's close */
#define STOP_MS   1000
#define LINGER_MS 200 /* without a byte */
#define INTERVALS 4
#define ROUND_MAX 32768 /* bytes that are read of one before the others' turn */
#define QUEUED    1024  /* messages that wait for a client whose pings are read */

struct http_websocket_table http_websockets = { .lock = PTHREAD_MUTEX_INITIALIZER,
						.wake = -1 };

/* ---- wslay's callbacks ---- */

static ssize_t receive(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags,
		       void *arg)
{
	struct http_websocket *w = arg;
	size_t extra = MIN(w->n_extra - w->extra_at, len);

	(void)flags;
	if (extra) {
		memcpy(buf, w->extra + w->extra_at, extra);
		w->extra_at += extra;
		return (ssize_t)extra;
	}
	if (w->paused || !w->left) {
		wslay_event_set_error(ctx, WSLAY_ERR_WOULDBLOCK);
		return -1;
	}
	ssize_t n = recv(w->fd, buf, MIN(len, w->left), MSG_DONTWAIT);
	if (n > 0) {
		w->left -= (size_t)n;
		w->received_at = bmc_now();
		return n;
	}
	bool again = n < 0 && (errno == EAGAIN || errno == EINTR);
	w->ended |= !again;
	wslay_event_set_error(ctx, again ? WSLAY_ERR_WOULDBLOCK
					 : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static ssize_t transmit(wslay_event_context_ptr ctx, const uint8_t *data, size_t len,
			int flags, void *arg)
{
	const struct http_websocket *w = arg;
	ssize_t n = send(w->fd, data, len, MSG_DONTWAIT | MSG_NOSIGNAL);
	bool again = n < 0 && (errno == EAGAIN || errno == EINTR);

	(void)flags;
	if (n < 0)
		wslay_event_set_error(ctx, again ? WSLAY_ERR_WOULDBLOCK
						 : WSLAY_ERR_CALLBACK_FAILURE);
	return n < 0 ? -1 : n;
}

static void received(wslay_event_context_ptr ctx,
		     const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
	struct http_websocket *w = arg;

	(void)ctx;
	if (!wslay_is_ctrl_frame(m->opcode) && !w->ended)
		w->handler->message(w, w->arg, m->opcode == WSLAY_TEXT_FRAME, m->msg,
				    m->msg_length);
}

static const struct wslay_event_callbacks callbacks = {
	.recv_callback = receive,
	.send_callback = transmit,
	.on_msg_recv_callback = received,
};

/* ---- its thread ---- */

static struct http_outgoing *next_outgoing(struct http_websocket *w)
{
	(void)pthread_mutex_lock(&http_websockets.lock);
	struct http_outgoing *o = STAILQ_FIRST(&w->outbox);
	if (o) {
		STAILQ_REMOVE_HEAD(&w->outbox, link);
		w->n_outbox -= o->len;
		w->in_wslay += o->len;
	}
	(void)pthread_mutex_unlock(&http_websockets.lock);
	return o;
}

static void queue_outbox(struct http_websocket *w)
{
	struct http_outgoing *o;

	while ((o = next_outgoing(w))) {
		const struct wslay_event_msg m = { o->text ? WSLAY_TEXT_FRAME
							   : WSLAY_BINARY_FRAME,
						   o->bytes, o->len };
		(void)wslay_event_queue_msg(w->ctx, &m);
		free(o);
	}
}

/* Behind the messages: wslay sends control frames before those. */
static void queue_close(struct http_websocket *w)
{
	(void)pthread_mutex_lock(&http_websockets.lock);
	unsigned code = w->close;
	(void)pthread_mutex_unlock(&http_websockets.lock);
	if (code && !w->deadline)
		w->deadline = bmc_now() + CLOSE_MS;
	if (!code || wslay_event_get_queued_msg_count(w->ctx) > 0)
		return;
	(void)wslay_event_queue_close(w->ctx, (uint16_t)code, NULL, 0);
	(void)pthread_mutex_lock(&http_websockets.lock);
	w->close = 0;
	(void)pthread_mutex_unlock(&http_websockets.lock);
}

/* Counts what is left, and calls the handler when that is less than half. */
static void count_queue(struct http_websocket *w)
{
	(void)pthread_mutex_lock(&http_websockets.lock);
	w->in_wslay = wslay_event_get_queued_msg_length(w->ctx);
	bool writable = w->full && !w->closing &&
			w->n_outbox + w->in_wslay < w->handler->max_queue / 2;
	w->full &= !writable;
	(void)pthread_mutex_unlock(&http_websockets.lock);
	if (writable && w->handler->writable)
		w->handler->writable(w, w->arg);
}

/* Pongs that a client does not read are not piled up: its pings are not read then.
 * Those of empty pings have no length, but take memory. */
static bool reads(const struct http_websocket *w)
{
	return !w->paused && wslay_event_want_read(w->ctx) &&
	       wslay_event_get_queued_msg_count(w->ctx) <= QUEUED &&
	       wslay_event_get_queued_msg_length(w->ctx) <= w->handler->max_queue;
}

/* The server has said why it closes, and waits for the client to read that. */
static bool is_lingering(const struct http_websocket *w)
{
	return !wslay_event_want_read(w->ctx) && !wslay_event_want_write(w->ctx);
}

/* What is not read is not seen; that it is gone altogether shows. */
static void check_paused(struct http_websocket *w, int64_t now)
{
	struct pollfd p = { .fd = w->fd };

	if (!w->paused)
		return;
	w->received_at = now;
	if (poll(&p, 1, 0) > 0 && p.revents & (POLLHUP | POLLERR))
		w->ended = true;
}

static void check_deadlines(struct http_websocket *w, int64_t now)
{
	const struct wslay_event_msg ping = { WSLAY_PING, NULL, 0 };
	int64_t silent = now - w->received_at;

	if (silent > http_websockets.interval_ms * INTERVALS ||
	    (w->deadline && now > w->deadline))
		w->ended = true;
	else if (silent > http_websockets.interval_ms &&
		 now - w->pinged > http_websockets.interval_ms) {
		(void)wslay_event_queue_msg(w->ctx, &ping);
		w->pinged = now;
	}
}

/* Once the server has said why it closes, what the client still sends is dropped: to
 * close a socket with bytes in it would drop that word. */
static void linger(struct http_websocket *w, int64_t now)
{
	char drop[4096];
	ssize_t n = 1;

	for (size_t got = 0; n > 0 && got<ROUND_MAX; got += n> 0 ? (size_t)n : 0) {
		n = recv(w->fd, drop, sizeof(drop), MSG_DONTWAIT);
		w->received_at = n > 0 ? now : w->received_at;
	}
	w->ended |= n == 0 || (n < 0 && errno != EAGAIN) ||
		    now - w->received_at > LINGER_MS;
}

static void exchange(struct http_websocket *w, int64_t now)
{
	queue_outbox(w);
	w->left = ROUND_MAX;
	/* not for the socket: for the protocol, and a close is queued */
	if (reads(w) && wslay_event_recv(w->ctx) != 0)
		wslay_event_shutdown_read(w->ctx);
	queue_outbox(w); /* what the messages were answered with */
	queue_close(w);
	check_paused(w, now);
	check_deadlines(w, now);
	if (!w->ended && wslay_event_want_write(w->ctx) &&
	    wslay_event_send(w->ctx) != 0)
		w->ended = true;
	queue_close(w);
	count_queue(w);
}

static void serve(struct http_websocket *w, int64_t now)
{
	if (!w->opened) {
		w->opened = true;
		w->handler->opened(w, w->arg);
	}
	exchange(w, now);
	if (!w->deadline && wslay_event_get_close_sent(w->ctx))
		w->deadline = now + CLOSE_MS;
	if (w->ended || !is_lingering(w))
		return;
	if (wslay_event_get_close_received(w->ctx))
		w->ended = true;
	else
		linger(w, now);
}

/* Not with the lock held: libmicrohttpd and the handler are called. */
static void finish(struct http_websocket *w)
{
	struct http_outgoing *o;

	(void)pthread_mutex_lock(&http_websockets.lock);
	w->closing = true;
	LIST_REMOVE(w, link);
	http_websockets.n--;
	(void)pthread_mutex_unlock(&http_websockets.lock);
	w->handler->closed(w, w->arg);
	while ((o = next_outgoing(w)))
		free(o);
	wslay_event_context_free(w->ctx);
	free(w->extra);
	(void)MHD_upgrade_action(w->urh, MHD_UPGRADE_ACTION_CLOSE);
	(void)http_websocket_unref(w);
}

static short events_of(const struct http_websocket *w)
{
	bool writes = wslay_event_want_write(w->ctx);

	return (short)((reads(w) || is_lingering(w) ? POLLIN : 0) |
		       (writes ? POLLOUT : 0));
}

/* The descriptors to wait for; NULL: out of memory. Those that begin now are in the
 * next list. */
static struct pollfd *descriptors(nfds_t *ret_n, int *ret_timeout)
{
	struct http_websocket *w;
	nfds_t n = 1;

	*ret_timeout = STEP_MS;
	(void)pthread_mutex_lock(&http_websockets.lock);
	struct pollfd *p = calloc(http_websockets.n + 1, sizeof(*p));
	if (p)
		p[0] = (struct pollfd){ .fd = http_websockets.wake, .events = POLLIN };
	LIST_FOREACH (w, &http_websockets.list, link) {
		if (!p || is_lingering(w))
			*ret_timeout = LINGER_MS;
		if (p)
			p[n++] = (struct pollfd){ .fd = w->fd, .events = events_of(w) };
	}
	(void)pthread_mutex_unlock(&http_websockets.lock);
	*ret_n = n;
	return p;
}

static void wait_for_work(void)
{
	eventfd_t drained;
	nfds_t n;
	int timeout;
	auto_free struct pollfd *p = descriptors(&n, &timeout);

	(void)poll(p, p ? n : 0, timeout);
	if (p && p[0].revents)
		(void)eventfd_read(http_websockets.wake, &drained);
}

static struct http_websocket *first(void)
{
	(void)pthread_mutex_lock(&http_websockets.lock);
	struct http_websocket *w = LIST_FIRST(&http_websockets.list);
	(void)pthread_mutex_unlock(&http_websockets.lock);
	return w;
}

/* Others are only added, at the front. */
static void serve_all(void)
{
	int64_t now = bmc_now();
	struct http_websocket *w = first(), *next;

	for (; w; w = next) {
		next = LIST_NEXT(w, link);
		serve(w, now);
		if (w->ended)
			finish(w);
	}
}

static bool is_stopping(void)
{
	(void)pthread_mutex_lock(&http_websockets.lock);
	bool stopping = http_websockets.stopping;
	(void)pthread_mutex_unlock(&http_websockets.lock);
	return stopping;
}

static void end_all(void)
{
	int64_t end = bmc_now() + STOP_MS;
	struct http_websocket *w;

	for (w = first(); w; w = LIST_NEXT(w, link))
		http_websocket_close(w, WSLAY_CODE_GOING_AWAY);
	while (first() && bmc_now() < end) {
		serve_all();
		struct timespec step = { .tv_nsec = 5000000 };
		(void)nanosleep(&step, NULL);
	}
	while ((w = first()))
		finish(w);
}

static void *run(void *arg)
{
	(void)arg;
	(void)pthread_setname_np(pthread_self(), "http-websocket");
	while (!is_stopping()) {
		bmc_live_beat(http_websockets.live);
		wait_for_work();
		serve_all();
	}
	end_all();
	return NULL;
}

/* ---- beginning and end ---- */

static struct http_websocket *new_websocket(
	const struct http_websocket_handler *handler, void *arg)
{
	struct http_websocket *w = calloc(1, sizeof(*w));

	if (!w)
		return NULL;
	w->refs = 1;
	w->handler = handler;
	w->arg = arg;
	w->received_at = bmc_now();
	STAILQ_INIT(&w->outbox);
	if (wslay_event_context_server_init(&w->ctx, &callbacks, w) != 0) {
		free(w);
		return NULL;
	}
	wslay_event_config_set_max_recv_msg_length(w->ctx, handler->max_message);
	return w;
}

static bool add(struct http_websocket *w)
{
	(void)pthread_mutex_lock(&http_websockets.lock);
	bool ok = http_websockets.running && !http_websockets.stopping;
	if (ok) {
		LIST_INSERT_HEAD(&http_websockets.list, w, link);
		http_websockets.n++;
		http_websockets_wake();
	}
	(void)pthread_mutex_unlock(&http_websockets.lock);
	return ok;
}

bool http_websocket_begin(const struct http_websocket_handler *handler, void *arg,
			  struct MHD_UpgradeResponseHandle *urh, int fd,
			  const void *extra, size_t n_extra)
{
	struct http_websocket *w = new_websocket(handler, arg);

	if (!w)
		return false;
	w->urh = urh;
	w->fd = fd;
	w->n_extra = n_extra;
	w->extra = malloc(n_extra + 1);
	if (w->extra && n_extra)
		memcpy(w->extra, extra, n_extra);
	if (w->extra && add(w))
		return true;
	wslay_event_context_free(w->ctx);
	free(w->extra);
	free(w);
	return false;
}

int http_websockets_start(int64_t interval_ms, struct bmc_error *err)
{
	http_websockets.interval_ms = interval_ms;
	http_websockets.stopping = false;
	http_websockets.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	http_websockets.live = bmc_live_new("http websocket");
	http_websockets.running =
		http_websockets.wake >= 0 &&
		bmc_thread_new(&http_websockets.thread, run, NULL) == 0;
	return http_websockets.running
		       ? 0
		       : bmc_fail(err, BMC_EIO, "http: no thread for WebSockets");
}

void http_websockets_stop(void)
{
	(void)pthread_mutex_lock(&http_websockets.lock);
	bool running = http_websockets.running;
	http_websockets.stopping = true;
	(void)pthread_mutex_unlock(&http_websockets.lock);
	if (running) {
		http_websockets_wake();
		(void)pthread_join(http_websockets.thread, NULL);
	}
	http_websockets.running = false;
	http_websockets.live = bmc_live_free(http_websockets.live);
	if (http_websockets.wake >= 0)
		(void)close(http_websockets.wake);
	http_websockets.wake = -1;
}
