// SPDX-License-Identifier: Apache-2.0
// libmicrohttpd's callbacks: a request is checked, its handler found, its body
// collected within the limits, and its response queued. A response that is queued in
// the first call for a request ends the connection, so only refusals of a body are.
// Called by the serving threads.
#include "http/mhd.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/address.h"
#include "core/base/liveness.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "http/conn.h"
#include "http/head.h"
#include "http/listen.h"
#include "http/response.h"
#include "http/router.h"

#define BODY_UNAUTHENTICATED_MAX 4096

#define ARGUMENTS_MAX 64 /* of a query; libmicrohttpd fails without a word at 500 */

enum phase { PHASE_HEAD, PHASE_BEGIN, PHASE_BODY, PHASE_RUN };

/* What libmicrohttpd keeps for a request. */
struct call {
	struct http_request q;
	struct MHD_Connection *c;
	struct http_conn *conn; /* NULL: of our own */
	enum phase phase;
	size_t body; /* what Content-Length says */
	struct http_head head;
	bool too_many; /* query arguments */
};

gnutls_datum_t http_ticket_key;

static size_t header_max;
static _Atomic size_t body_max;

void http_mhd_init(size_t max_header, size_t max_body)
{
	header_max = max_header;
	body_max = max_body;
}

void http_mhd_take_max_body(size_t max_body)
{
	body_max = max_body;
}

/* ---- transport ---- */

static const char *get_header(const struct http_request *q, const char *name)
{
	const struct call *call = q->handle;

	return MHD_lookup_connection_value(call->c, MHD_HEADER_KIND, name);
}

struct visit {
	bool (*each)(void *arg, const char *name, const char *value);
	void *arg;
};

static enum MHD_Result visit(void *arg, enum MHD_ValueKind kind, const char *name,
			     const char *value)
{
	const struct visit *v = arg;

	(void)kind;
	return v->each(v->arg, name, value) ? MHD_YES : MHD_NO;
}

static void arguments(const struct http_request *q,
		      bool (*each)(void *arg, const char *name, const char *value),
		      void *arg)
{
	const struct call *call = q->handle;
	struct visit v = { each, arg };

	(void)MHD_get_connection_values(call->c, MHD_GET_ARGUMENT_KIND, visit, &v);
}

static void suspend(struct http_request *q)
{
	const struct call *call = q->handle;

	http_conn_pause(call->conn, true);
	MHD_suspend_connection(call->c);
}

static void resume(struct http_request *q)
{
	const struct call *call = q->handle;

	http_conn_pause(call->conn, false);
	MHD_resume_connection(call->c);
}

static bool gone(const struct http_request *q)
{
	const struct call *call = q->handle;
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(call->c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct pollfd p = { .fd = i ? i->connect_fd : -1, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

static const struct http_transport transport = { .header = get_header,
						 .arguments = arguments,
						 .suspend = suspend,
						 .resume = resume,
						 .gone = gone };

static struct http_conn *conn_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i ? i->socket_context : NULL;
}

/* ---- sending ---- */

static enum MHD_Result send_answer(struct call *call)
{
	struct http_request *q = &call->q;

	if (!q->response)
		return MHD_NO;
	if (q->close && !q->shared)
		http_response_add(q->response, "Connection", "close");
	/* its body follows at once */
	if (q->shared && q->secure && strcmp(q->method, MHD_HTTP_METHOD_GET) == 0)
		http_conn_header_next(call->conn);
	http_conn_answer(call->conn);
	return MHD_queue_response(call->c, q->status, q->response->mhd);
}

static enum MHD_Result plain_refusal(struct call *call, unsigned status)
{
	struct http_request *q = &call->q;
	char text[64];
	int n = snprintf(text, sizeof(text), "%u %s\n", status,
			 MHD_get_reason_phrase_for(status));
	struct http_response *r =
		http_response_new(text, (size_t)n, HTTP_COPIED, q->secure);

	if (r)
		http_response_add(r, "Content-Type", "text/plain;charset=utf-8");
	http_answer(q, status, r);
	return send_answer(call);
}

/* The connection ends: nothing that comes on it is taken for a request. */
static enum MHD_Result refuse(struct call *call, unsigned status, const char *header)
{
	const struct http_handler *h = call->q.handler;

	call->q.close = true;
	if (!h || !h->refuse)
		return plain_refusal(call, status);
	h->refuse(&call->q, status, header);
	return send_answer(call);
}

/* ---- receiving ---- */

static enum MHD_Result add_line(void *arg, enum MHD_ValueKind kind, const char *name,
				size_t name_len, const char *value, size_t value_len)
{
	(void)kind;
	http_head_line(arg, name, name_len, value, value_len);
	return MHD_YES;
}

static void peer(struct http_request *q, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (i && i->client_addr)
		bmc_address_format(i->client_addr,
				   i->client_addr->sa_family == AF_INET6
					   ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in),
				   q->client, sizeof(q->client));
}

/* The client is known now: the body of an unauthenticated one is kept small. */
static enum MHD_Result expect_body(struct call *call)
{
	struct http_request *q = &call->q;

	call->phase = PHASE_BODY;
	http_conn_known(call->conn, q->authenticated);
	http_conn_pace(call->conn, q->pace);
	if (q->status) {
		q->close = true;
		return send_answer(call);
	}
	if (!call->body)
		return MHD_YES;
	if (call->body > BODY_UNAUTHENTICATED_MAX && !q->authenticated)
		return refuse(call, 413, NULL);
	q->body = malloc(call->body);
	return q->body ? MHD_YES : refuse(call, 500, NULL);
}

static size_t headers_size(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return i ? i->header_size : 0;
}

/* The header's number, SIZE_MAX when it is none. */
static size_t body_size(struct MHD_Connection *c)
{
	const char *text =
		MHD_lookup_connection_value(c, MHD_HEADER_KIND, "Content-Length");
	char *end;

	if (!text)
		return 0;
	unsigned long n = strtoul(text, &end, 10);
	return text[0] >= '0' && text[0] <= '9' && !*end ? n : SIZE_MAX;
}

static void judge(struct call *call, const char *method, const char *url,
		  const char *version)
{
	struct http_head *h = &call->head;

	h->method = method;
	h->target = url;
	h->version = version;
	h->size = headers_size(call->c);
	http_head_begin(h);
	(void)MHD_get_connection_values_n(call->c, MHD_HEADER_KIND, add_line, h);
	http_head_end(h);
	/* what may hide a NUL: were a proxy before us, it might see a request less */
	call->q.close = !h->certain;
}

static enum MHD_Result begin(struct call *call)
{
	struct http_request *q = &call->q;

	call->phase = PHASE_BEGIN;
	return q->handler->begin(q) == HTTP_WAIT ? MHD_YES : expect_body(call);
}

static enum MHD_Result on_headers(struct call *call)
{
	struct MHD_Connection *c = call->c;
	const struct http_head *h = &call->head;

	peer(&call->q, c);
	call->body = body_size(c);
	http_conn_headers(call->conn, call->body > 0);
	if (headers_size(c) > header_max)
		return refuse(call, 431, NULL);
	if (!h->ok)
		return refuse(call, 400, h->wrong);
	if (h->chunked)
		return refuse(call, 411, "Content-Length");
	if (call->too_many)
		return refuse(call, 414, NULL);
	if (call->body > body_max)
		return refuse(call, 413, NULL);
	if (!call->q.handler)
		return refuse(call, 404, NULL);
	return begin(call);
}

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

size_t http_mhd_unescape(void *cls, struct MHD_Connection *c, char *text)
{
	char *out = text;

	(void)cls;
	(void)c;
	for (const char *in = text; *in; in++) {
		int high = *in == '%' ? hex(in[1]) : -1;
		int low = high >= 0 ? hex(in[2]) : -1;
		int value = high * 16 + low;
		bool decoded = low >= 0 && value >= 0x20 && value != 0x7f;
		*out++ = decoded ? (char)value : *in;
		in += decoded ? 2 : 0;
	}
	*out = 0;
	return (size_t)(out - text);
}

/* The target as it was received. When it has too many arguments they are cut off: the
 * buffer is libmicrohttpd's, which is about to write there itself. */
void *http_mhd_target(void *cls, const char *target, struct MHD_Connection *c)
{
	struct call *call = calloc(1, sizeof(*call));
	char *query = strchr(target, '?');
	size_t n = 0;

	(void)cls;
	if (!call)
		return NULL;
	call->c = c;
	http_head_target(&call->head, target);
	for (const char *p = query; p; p = strchr(p + 1, '&'))
		n++;
	call->too_many = n > ARGUMENTS_MAX;
	if (call->too_many)
		query[1] = 0;
	return call;
}

static enum MHD_Result take(struct call *call, const char *data, size_t *size)
{
	struct http_request *q = &call->q;

	if (!q->body || *size > call->body - q->body_len)
		return MHD_NO;
	memcpy(q->body + q->body_len, data, *size);
	q->body_len += *size;
	http_conn_took(call->conn, *size);
	*size = 0;
	return MHD_YES;
}

static void found(struct call *call, bool secure, const char *method, const char *url)
{
	struct http_request *q = &call->q;

	call->conn = conn_of(call->c);
	q->transport = &transport;
	q->handle = call;
	q->secure = secure;
	q->method = method;
	q->path = url;
	q->handler = http_route(url);
}

enum MHD_Result http_mhd_handle(void *cls, struct MHD_Connection *c, const char *url,
				const char *method, const char *version,
				const char *data, size_t *size, void **con_cls)
{
	struct call *call = *con_cls;

	(void)c;
	if (!call)
		return MHD_NO;
	if (call->phase == PHASE_HEAD) {
		found(call, ((const struct http_worker *)cls)->tls, method, url);
		judge(call, method, url, version);
		return on_headers(call);
	}
	if (call->phase == PHASE_BEGIN)
		return begin(call);
	if (*size)
		return take(call, data, size);
	if (call->phase == PHASE_BODY) {
		call->phase = PHASE_RUN;
		if (call->body)
			http_conn_complete(call->conn);
	}
	return call->q.handler->run(&call->q) == HTTP_WAIT ? MHD_YES
							   : send_answer(call);
}

void http_mhd_completed(void *cls, struct MHD_Connection *c, void **con_cls,
			enum MHD_RequestTerminationCode code)
{
	struct call *call = *con_cls;

	(void)cls;
	(void)c;
	if (!call)
		return;
	if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK && call->q.transport)
		http_conn_idle(call->conn);
	if (call->q.handler && call->q.handler->end)
		call->q.handler->end(&call->q);
	http_request_done(&call->q);
	free(call);
	*con_cls = NULL;
}

/* libmicrohttpd sends header and body as two TLS records. Two packets would wake the
 * client twice, so the first is held back for the second. */
static ssize_t push(gnutls_transport_ptr_t to, const giovec_t *iov, int n)
{
	return http_conn_send(to, iov, n);
}

static void prepare_tls(gnutls_session_t session, struct http_conn *conn)
{
	(void)gnutls_session_ticket_enable_server(session, &http_ticket_key);
	if (!conn)
		return;
	gnutls_transport_set_ptr2(session, gnutls_transport_get_ptr(session), conn);
	gnutls_transport_set_vec_push_function(session, push);
}

static bool is_from_us(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return i && i->client_addr && i->client_addr->sa_family == AF_UNIX;
}

void http_mhd_connection(void *cls, struct MHD_Connection *c, void **socket_context,
			 enum MHD_ConnectionNotificationCode code)
{
	const struct http_worker *worker = cls;
	const union MHD_ConnectionInfo *i;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		http_conn_free(*socket_context);
		*socket_context = NULL;
		return;
	}
	bmc_live_beat(worker->live);
	if (is_from_us(c))
		return;
	i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket_context = i ? http_conn_started(i->connect_fd) : NULL;
	i = worker->tls ? MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION)
			: NULL;
	if (i)
		prepare_tls(i->tls_session, *socket_context);
}
