// SPDX-License-Identifier: Apache-2.0
// See early.h. Called by libmicrohttpd's callbacks.
#include "http/early.h"

#include <gnutls/gnutls.h>
#include <stdio.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>

#include "core/base/util.h"
#include "http/listen.h"
#include "http/response.h"
#include "http/router.h"

#define ANSWER_MAX 2048

/* Those of this thread whose headers are awaited. */
static _Thread_local LIST_HEAD(, http_call) waiting;

void http_early_begin(struct http_call *call)
{
	LIST_INSERT_HEAD(&waiting, call, link);
	call->listed = true;
}

void http_early_end(struct http_call *call)
{
	if (call->listed)
		LIST_REMOVE(call, link);
	call->listed = false;
}

/* libmicrohttpd knows the size of the headers once they are complete, and calls the
 * handler in the same breath: so there is one at most, the one that is refused. */
static struct http_call *find(void)
{
	struct http_call *call;

	LIST_FOREACH (call, &waiting, link) {
		if (MHD_get_connection_info(call->c,
					    MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE))
			return call;
	}
	return NULL;
}

/* ---- the answer ---- */

struct text {
	char bytes[ANSWER_MAX];
	size_t len;
};

static void add(struct text *t, const char *name, const char *value)
{
	size_t room = sizeof(t->bytes) - t->len;
	int n = snprintf(t->bytes + t->len, room, "%s: %s\r\n", name, value);

	if (n > 0 && (size_t)n < room)
		t->len += (size_t)n;
}

static enum MHD_Result add_header(void *cls, enum MHD_ValueKind kind, const char *name,
				  const char *value)
{
	(void)kind;
	add(cls, name, value);
	return MHD_YES;
}

static void write_answer(struct text *t, const struct http_request *q)
{
	char date[40], length[24];
	time_t now = time(NULL);
	struct tm utc;

	t->len = (size_t)snprintf(t->bytes, sizeof(t->bytes), "HTTP/1.1 %u %s\r\n",
				  q->status, MHD_get_reason_phrase_for(q->status));
	(void)strftime(date, sizeof(date), "%a, %d %b %Y %H:%M:%S GMT",
		       gmtime_r(&now, &utc));
	(void)snprintf(length, sizeof(length), "%zu", q->response->len);
	add(t, "Date", date);
	add(t, "Connection", "close");
	add(t, "Content-Length", length);
	(void)MHD_get_response_headers(q->response->mhd, add_header, t);
	size_t room = sizeof(t->bytes) - t->len;
	if (room < q->response->len + 2) {
		t->len = 0;
		return;
	}
	memcpy(t->bytes + t->len, "\r\n", 2);
	memcpy(t->bytes + t->len + 2, q->response->bytes, q->response->len);
	t->len += 2 + q->response->len;
}

static int socket_of(const struct http_call *call)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(call->c, MHD_CONNECTION_INFO_CONNECTION_FD);

	return i ? i->connect_fd : -1;
}

/* What can't be sent at once is lost; nothing more is sent on this connection. */
static void send_last(struct http_call *call, bool tls, const struct text *t)
{
	const union MHD_ConnectionInfo *i =
		tls ? MHD_get_connection_info(call->c,
					      MHD_CONNECTION_INFO_GNUTLS_SESSION)
		    : NULL;
	int fd = socket_of(call);

	if (i) {
		(void)gnutls_record_send(i->tls_session, t->bytes, t->len);
		(void)gnutls_bye(i->tls_session, GNUTLS_SHUT_WR);
	} else {
		(void)send(fd, t->bytes, t->len, MSG_NOSIGNAL | MSG_DONTWAIT);
	}
	(void)shutdown(fd, SHUT_WR);
}

void http_early_refused(const struct http_worker *worker)
{
	struct http_call *call = find();
	struct text t;

	if (!call)
		return;
	http_early_end(call);
	struct http_request *q = &call->q;
	q->secure = worker->group == HTTP_TLS;
	q->method = "POST"; /* so the answer has its body */
	q->path = call->target;
	q->handler = http_route(worker->group, q->path);
	q->close = true;
	if (!q->handler || !q->handler->refuse)
		return;
	q->handler->refuse(q, 400, "Content-Length");
	if (!q->response || !q->response->bytes)
		return;
	write_answer(&t, q);
	http_conn_linger(call->conn);
	send_last(call, q->secure, &t);
}
