// SPDX-License-Identifier: Apache-2.0
// See websocket.h. libcurl connects (CURLOPT_CONNECT_ONLY) and gives the bytes, wslay
// frames them; the opening handshake is written out here.
#include "cli/websocket.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <wslay/wslay.h>

#include "cli/link.h"
#include "core/base/util.h"

#define HEAD_MAX    8192
#define REFUSAL_MS  1000
#define MESSAGE_MAX (1u << 20)

struct cli_websocket {
	struct cli_websocket_handler handler;
	CURL *curl; /* the link's */
	wslay_event_context_ptr ctx;
	char head[HEAD_MAX]; /* of the answer; frames may follow it */
	size_t head_len, frames_at;
	bool ended;
};

static int fd_of(CURL *curl)
{
	curl_socket_t fd = CURL_SOCKET_BAD;

	(void)curl_easy_getinfo(curl, CURLINFO_ACTIVESOCKET, &fd);
	return fd == CURL_SOCKET_BAD ? -1 : (int)fd;
}

/* ---- wslay's callbacks ---- */

static ssize_t receive(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, int flags,
		       void *arg)
{
	struct cli_websocket *w = arg;
	size_t n = MIN(len, w->head_len - w->frames_at);
	CURLcode r = CURLE_OK;

	(void)flags;
	if (n) {
		memcpy(buf, w->head + w->frames_at, n);
		w->frames_at += n;
		return (ssize_t)n;
	}
	r = curl_easy_recv(w->curl, buf, len, &n);
	if (r == CURLE_OK && n > 0)
		return (ssize_t)n;
	w->ended |= r != CURLE_AGAIN;
	wslay_event_set_error(ctx, r == CURLE_AGAIN ? WSLAY_ERR_WOULDBLOCK
						    : WSLAY_ERR_CALLBACK_FAILURE);
	return -1;
}

static ssize_t transmit(wslay_event_context_ptr ctx, const uint8_t *data, size_t len,
			int flags, void *arg)
{
	struct cli_websocket *w = arg;
	size_t n = 0;
	CURLcode r = curl_easy_send(w->curl, data, len, &n);

	(void)flags;
	if (r == CURLE_OK && n > 0)
		return (ssize_t)n;
	w->ended |= r != CURLE_AGAIN && r != CURLE_OK;
	wslay_event_set_error(ctx, w->ended ? WSLAY_ERR_CALLBACK_FAILURE
					    : WSLAY_ERR_WOULDBLOCK);
	return -1;
}

static int mask(wslay_event_context_ptr ctx, uint8_t *buf, size_t len, void *arg)
{
	(void)ctx;
	(void)arg;
	return getrandom(buf, len, 0) == (ssize_t)len ? 0 : -1;
}

static void received(wslay_event_context_ptr ctx,
		     const struct wslay_event_on_msg_recv_arg *m, void *arg)
{
	struct cli_websocket *w = arg;

	(void)ctx;
	if (!wslay_is_ctrl_frame(m->opcode))
		w->handler.message(w->handler.arg, m->opcode == WSLAY_TEXT_FRAME,
				   m->msg, m->msg_length);
}

static const struct wslay_event_callbacks callbacks = {
	.recv_callback = receive,
	.send_callback = transmit,
	.genmask_callback = mask,
	.on_msg_recv_callback = received,
};

/* ---- the opening ---- */

/* Waits for the socket; false: the deadline has passed. */
static bool wait_for(CURL *curl, short events, int64_t until)
{
	struct pollfd p = { .fd = fd_of(curl), .events = events };
	int64_t left = until - bmc_now();

	return left > 0 && poll(&p, 1, (int)left) > 0;
}

static bool send_all(CURL *curl, const char *text, int64_t until)
{
	size_t len = strlen(text), n;

	while (len > 0) {
		CURLcode r = curl_easy_send(curl, text, len, &n);
		if (r == CURLE_AGAIN && wait_for(curl, POLLOUT, until))
			continue;
		if (r != CURLE_OK)
			return false;
		text += n;
		len -= n;
	}
	return true;
}

/* Until the answer's headers are there. */
static bool receive_head(struct cli_websocket *w, int64_t until)
{
	const char *end = NULL;

	while (!end && w->head_len < sizeof(w->head) - 1) {
		size_t n = 0;
		CURLcode r = curl_easy_recv(w->curl, w->head + w->head_len,
					    sizeof(w->head) - 1 - w->head_len, &n);
		if (r == CURLE_AGAIN && wait_for(w->curl, POLLIN, until))
			continue;
		if (r != CURLE_OK || n == 0)
			return false;
		w->head_len += n;
		w->head[w->head_len] = 0;
		end = strstr(w->head, "\r\n\r\n");
	}
	w->frames_at = end ? (size_t)(end + 4 - w->head) : 0;
	return end != NULL;
}

/* What a refusal says: it may come behind its headers. */
static const char *refusal_of(struct cli_websocket *w)
{
	int64_t until = bmc_now() + REFUSAL_MS;
	char *said = w->head + w->frames_at;

	while (!*said && w->head_len < sizeof(w->head) - 1) {
		size_t n = 0;
		CURLcode r = curl_easy_recv(w->curl, w->head + w->head_len,
					    sizeof(w->head) - 1 - w->head_len, &n);
		if (r == CURLE_AGAIN && wait_for(w->curl, POLLIN, until))
			continue;
		if (r != CURLE_OK || n == 0)
			break;
		w->head_len += n;
		w->head[w->head_len] = 0;
	}
	said[strcspn(said, "\r\n")] = 0;
	return said;
}

/* The Sec-WebSocket-Key is there against caches, which a TLS or Unix socket has none of
 * in between: its value need not be another one each time. */
static bool ask(struct cli_websocket *w, const struct cli_link *l, const char *path,
		int64_t until)
{
	char text[HEAD_MAX];
	const char *host = strstr(l->base, "://");
	int n = snprintf(text, sizeof(text),
			 "GET %s HTTP/1.1\r\nHost: %s\r\nUpgrade: websocket\r\n"
			 "Connection: Upgrade\r\nSec-WebSocket-Version: 13\r\n"
			 "Sec-WebSocket-Key: Y2x1c3RlcmJtYy1zaGVsbA==\r\n%s%s%s\r\n",
			 path, host ? host + 3 : "localhost",
			 l->token[0] ? "X-Auth-Token: " : "", l->token,
			 l->token[0] ? "\r\n" : "");
	bool ok = n > 0 && (size_t)n < sizeof(text) && send_all(w->curl, text, until) &&
		  receive_head(w, until);

	bmc_wipe(text, sizeof(text));
	return ok;
}

static int upgrade(struct cli_websocket *w, const struct cli_link *l, const char *path,
		   struct cli_error *err)
{
	if (!ask(w, l, path, bmc_now() + l->target->request_ms))
		return cli_fail(err, CLI_UNREACHABLE, "%s has not answered", l->base);
	long status = w->head_len > 12 ? strtol(w->head + 9, NULL, 10) : 0;
	if (status == 101)
		return CLI_OK;
	w->head[w->head_len] = 0;
	(void)cli_refused(&(struct cli_call){ .path = path }, status, NULL, err);
	if (status != 403 && status != 404 && status != 503)
		return err->code;
	const char *said = refusal_of(w);
	return *said ? cli_fail_http(err, err->code, NULL, said, status) : err->code;
}

int cli_websocket_open(struct cli_link *l, const char *path,
		       const struct cli_websocket_handler *handler,
		       struct cli_websocket **ret, struct cli_error *err)
{
	struct cli_websocket *w = calloc(1, sizeof(*w));

	*ret = NULL;
	if (!w || wslay_event_context_client_init(&w->ctx, &callbacks, w) != 0) {
		free(w);
		return cli_fail(err, CLI_FAILED, "out of memory");
	}
	w->handler = *handler;
	w->curl = l->curl;
	wslay_event_config_set_max_recv_msg_length(w->ctx, MESSAGE_MAX);
	int code = cli_connect(l, err);
	if (code == CLI_OK)
		code = upgrade(w, l, path, err);
	if (code == CLI_OK)
		*ret = w;
	else
		cli_websocket_free(w);
	return code;
}

/* ---- its life ---- */

void cli_websocket_free(struct cli_websocket *w)
{
	if (!w)
		return;
	if (!w->ended && wslay_event_queue_close(w->ctx, 1000, NULL, 0) == 0)
		(void)wslay_event_send(w->ctx);
	wslay_event_context_free(w->ctx);
	free(w);
}

bool cli_websocket_send(struct cli_websocket *w, bool text, const void *bytes,
			size_t len)
{
	const struct wslay_event_msg m = { text ? WSLAY_TEXT_FRAME : WSLAY_BINARY_FRAME,
					   bytes, len };

	return wslay_event_queue_msg(w->ctx, &m) == 0;
}

size_t cli_websocket_queued(const struct cli_websocket *w)
{
	return wslay_event_get_queued_msg_length(w->ctx);
}

int cli_websocket_fd(const struct cli_websocket *w, short *ret_events)
{
	*ret_events = (short)(POLLIN | (wslay_event_want_write(w->ctx) ? POLLOUT : 0));
	return fd_of(w->curl);
}

bool cli_websocket_step(struct cli_websocket *w)
{
	if (wslay_event_want_read(w->ctx) && wslay_event_recv(w->ctx) != 0)
		w->ended = true;
	if (!w->ended && wslay_event_want_write(w->ctx) &&
	    wslay_event_send(w->ctx) != 0)
		w->ended = true;
	return !w->ended && !wslay_event_get_close_received(w->ctx);
}
