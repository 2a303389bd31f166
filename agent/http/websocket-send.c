// SPDX-License-Identifier: Apache-2.0
// What other threads do with a WebSocket: messages are left for its thread.
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>

#include "bmc/error.h"
#include "core/base/util.h"
#include "http/websocket-table.h"

struct http_websocket *http_websocket_ref(struct http_websocket *w)
{
	w->refs++;
	return w;
}

struct http_websocket *http_websocket_unref(struct http_websocket *w)
{
	if (w && --w->refs == 0)
		free(w);
	return NULL;
}

void http_websockets_wake(void)
{
	(void)eventfd_write(http_websockets.wake, 1);
}

/* With the lock held. */
static int post(struct http_websocket *w, struct http_outgoing *o)
{
	if (w->closing)
		return BMC_ECANCELED;
	if (o->len > w->handler->max_queue -
			     MIN(w->handler->max_queue, w->n_outbox + w->in_wslay)) {
		w->full = true;
		return BMC_EAGAIN;
	}
	STAILQ_INSERT_TAIL(&w->outbox, o, link);
	w->n_outbox += o->len;
	http_websockets_wake();
	return 0;
}

int http_websocket_send(struct http_websocket *w, bool text, const void *bytes,
			size_t len)
{
	struct http_outgoing *o = malloc(sizeof(*o) + len);

	if (!o)
		return BMC_ENOMEM;
	o->text = text;
	o->len = len;
	if (len)
		memcpy(o->bytes, bytes, len);
	(void)pthread_mutex_lock(&http_websockets.lock);
	int r = post(w, o);
	(void)pthread_mutex_unlock(&http_websockets.lock);
	if (r < 0)
		free(o);
	return r;
}

void http_websocket_pause(struct http_websocket *w, bool paused)
{
	if (w->paused == paused)
		return;
	w->paused = paused;
	http_websockets_wake();
}

void http_websocket_close(struct http_websocket *w, unsigned code)
{
	(void)pthread_mutex_lock(&http_websockets.lock);
	if (!w->closing) {
		w->closing = true;
		w->close = code;
		http_websockets_wake();
	}
	(void)pthread_mutex_unlock(&http_websockets.lock);
}
