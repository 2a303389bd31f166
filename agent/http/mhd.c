// SPDX-License-Identifier: Apache-2.0
// libmicrohttpd's callbacks, and what a request needs of it. Called by the serving
// threads.
#include "http/mhd.h"

#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/address.h"
#include "core/base/liveness.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "http/call.h"
#include "http/early.h"
#include "http/listen.h"
#include "http/router.h"
#include "http/trust.h"

#define ARGUMENTS_MAX 64 /* of a query; libmicrohttpd fails without a word at 500 */

gnutls_datum_t http_ticket_key;

/* ---- transport ---- */

static const char *get_header(const struct http_request *q, const char *name)
{
	const struct http_call *call = q->handle;

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
	const struct http_call *call = q->handle;
	struct visit v = { each, arg };

	(void)MHD_get_connection_values(call->c, MHD_GET_ARGUMENT_KIND, visit, &v);
}

static void suspend(struct http_request *q)
{
	const struct http_call *call = q->handle;

	http_conn_pause(call->conn, true);
	MHD_suspend_connection(call->c);
}

static void resume(struct http_request *q)
{
	const struct http_call *call = q->handle;

	http_conn_pause(call->conn, false);
	MHD_resume_connection(call->c);
}

static int socket_of(const struct http_request *q)
{
	const struct http_call *call = q->handle;
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(call->c, MHD_CONNECTION_INFO_CONNECTION_FD);

	return i ? i->connect_fd : -1;
}

static bool gone(const struct http_request *q)
{
	struct pollfd p = { .fd = socket_of(q), .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

static uint64_t acknowledged(const struct http_request *q)
{
	return http_conn_acknowledged(socket_of(q));
}

static void cut(const struct http_request *q)
{
	(void)shutdown(socket_of(q), SHUT_RDWR);
}

static const struct http_transport transport = { .header = get_header,
						 .arguments = arguments,
						 .suspend = suspend,
						 .resume = resume,
						 .gone = gone,
						 .acknowledged = acknowledged,
						 .cut = cut };

/* ---- receiving ---- */

/* Where the path is that is decoded next: it is called for a query's arguments, too. */
static _Thread_local const char *the_path;

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

size_t http_mhd_unescape(void *cls, struct MHD_Connection *c, char *text)
{
	bool path = text == the_path;
	char *out = text;

	(void)cls;
	(void)c;
	for (const char *in = text; *in; in++) {
		int high = *in == '%' ? hex(in[1]) : -1;
		int low = high >= 0 ? hex(in[2]) : -1;
		int value = high * 16 + low;
		bool decoded = low >= 0 && value >= 0x20 && value != 0x7f &&
			       !(path && value == '/');
		*out++ = decoded ? (char)value : *in;
		in += decoded ? 2 : 0;
	}
	*out = 0;
	return (size_t)(out - text);
}

static struct http_conn *conn_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i ? i->socket_context : NULL;
}

/* The target as it was received. When it has too many arguments they are cut off: the
 * buffer is libmicrohttpd's, which is about to write there itself. */
void *http_mhd_target(void *cls, const char *target, struct MHD_Connection *c)
{
	struct http_call *call = calloc(1, sizeof(*call));
	char *query = strchr(target, '?');
	size_t n = 0;

	(void)cls;
	if (!call)
		return NULL;
	call->c = c;
	call->conn = conn_of(c);
	call->target = the_path = target;
	http_early_begin(call);
	http_head_target(&call->head, target);
	for (const char *p = query; p; p = strchr(p + 1, '&'))
		n++;
	call->too_many = n > ARGUMENTS_MAX;
	if (call->too_many)
		query[1] = 0;
	return call;
}

static void found(struct http_call *call, const struct http_worker *worker,
		  const char *method, const char *url)
{
	struct http_request *q = &call->q;

	http_early_end(call);
	q->transport = &transport;
	q->handle = call;
	q->secure = worker->group == HTTP_TLS;
	q->method = method;
	q->path = url;
	q->handler = http_route(worker->group, url);
}

enum MHD_Result http_mhd_handle(void *cls, struct MHD_Connection *c, const char *url,
				const char *method, const char *version,
				const char *data, size_t *size, void **con_cls)
{
	struct http_call *call = *con_cls;

	(void)c;
	if (!call)
		return MHD_NO;
	switch (call->stage) {
	case HTTP_STAGE_HEAD:
		found(call, cls, method, url);
		return http_call_head(call, version);
	case HTTP_STAGE_BEGIN:
		return http_call_begin(call);
	default:
		return *size ? http_call_data(call, data, size) : http_call_run(call);
	}
}

void http_mhd_completed(void *cls, struct MHD_Connection *c, void **con_cls,
			enum MHD_RequestTerminationCode code)
{
	struct http_call *call = *con_cls;

	(void)cls;
	(void)c;
	if (!call)
		return;
	http_early_end(call);
	http_upgrade_drop(call);
	call->q.complete = code == MHD_REQUEST_TERMINATED_COMPLETED_OK;
	if (call->q.complete && call->q.transport)
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
	http_trust_ask(session);
	if (!conn)
		return;
	gnutls_transport_set_ptr2(session, gnutls_transport_get_ptr(session), conn);
	gnutls_transport_set_vec_push_function(session, push);
}

static bool is_from_us(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	return i && i->client_addr && i->client_addr->sa_family == AF_UNSPEC;
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
	i = worker->group == HTTP_TLS
		    ? MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION)
		    : NULL;
	if (i)
		prepare_tls(i->tls_session, *socket_context);
}
