// SPDX-License-Identifier: Apache-2.0
// libmicrohttpd's callbacks: a connection's request is collected, checked for size,
// given to rf_auth and rf_handle, and its answer queued. A response that is queued in
// the handler's first call ends the connection, so only refusals of a body are. Called
// by the server's threads.
#include "redfish/http.h"

#include <arpa/inet.h>
#include <gnutls/gnutls.h>
#include <poll.h>
#include <string.h>

#include "core/base/address.h"
#include "core/base/liveness.h"
#include "core/base/log.h"
#include "core/base/util.h"
#include "redfish/conn.h"
#include "redfish/head.h"
#include "redfish/listen.h"
#include "redfish/request.h"

#define BODY_STRANGER_MAX 4096

#define ARGUMENTS_MAX 64 /* of a query; libmicrohttpd fails without a word at 500 */

enum phase { PHASE_HEAD, PHASE_AUTH, PHASE_BODY, PHASE_RUN };

/* What libmicrohttpd keeps for a request. */
struct call {
	struct rf_request *q;
	struct MHD_Connection *c;
	enum phase phase;
	bool tls;
	size_t body; /* what Content-Length says */
	struct rf_head head;
	bool too_many; /* query arguments */
	bool last;     /* the connection ends with the answer */
};

gnutls_datum_t rf_ticket_key;

static size_t header_max;
static _Atomic size_t body_max;

/* ---- responses ---- */

static const struct {
	const char *name, *value;
} fixed[] = {
	{ "OData-Version", "4.0" },
	{ "Cache-Control", "no-cache" },
	{ "X-Content-Type-Options", "nosniff" },
};

/* Browsers take HSTS from TLS only, and only where they trust the certificate. */
static struct MHD_Response *response_new(size_t len, char *text,
					 enum MHD_ResponseMemoryMode how, bool tls)
{
	struct MHD_Response *r = MHD_create_response_from_buffer(len, text, how);

	for (size_t i = 0; r && i < ARRAY_SIZE(fixed); i++)
		(void)MHD_add_response_header(r, fixed[i].name, fixed[i].value);
	if (r && tls)
		(void)MHD_add_response_header(r, "Strict-Transport-Security",
					      "max-age=31536000");
	return r;
}

static void header(struct MHD_Response *r, const char *name, const char *value)
{
	if (value && value[0])
		(void)MHD_add_response_header(r, name, value);
}

static void describe(struct MHD_Response *r, const struct rf_resource *res)
{
	char allow[64], link[160];
	const char *dot = strchr(res->type, '.'),
		   *version = dot ? strchr(dot + 1, '.') : NULL;
	int name = (int)((version ? version : dot ? dot : res->type) - res->type);

	rf_allow(res, false, allow);
	header(r, "Allow", allow);
	(void)snprintf(link, sizeof(link),
		       "</redfish/v1/JsonSchemas/%.*s>; rel=describedby", name,
		       res->type);
	header(r, "Link", link);
}

/* Kept with the body, for TLS. */
static void *wrap(struct rf_body *b)
{
	struct MHD_Response *r =
		response_new(b->len, b->text, MHD_RESPMEM_MUST_FREE, true);

	if (!r)
		return NULL;
	header(r, "Content-Type", "application/json;charset=utf-8");
	header(r, "ETag", b->etag);
	describe(r, b->res);
	return r;
}

static void drop(void *wire)
{
	MHD_destroy_response(wire);
}

static const struct rf_wire_ops wire_ops = { .wrap = wrap, .drop = drop };

void rf_http_init(size_t max_header, size_t max_body)
{
	header_max = max_header;
	body_max = max_body;
	rf_wire = &wire_ops;
}

void rf_http_take_max_body(size_t max_body)
{
	body_max = max_body;
}

/* ---- transport ---- */

static const char *get_header(const struct rf_request *q, const char *name)
{
	const struct call *call = q->wire;

	return MHD_lookup_connection_value(call->c, MHD_HEADER_KIND, name);
}

static void suspend(struct rf_request *q)
{
	MHD_suspend_connection(((struct call *)q->wire)->c);
}

static void resume(struct rf_request *q)
{
	MHD_resume_connection(((struct call *)q->wire)->c);
}

/* A half-closed connection counts as closed. */
static bool gone(const struct rf_request *q)
{
	const struct call *call = q->wire;
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(call->c, MHD_CONNECTION_INFO_CONNECTION_FD);
	struct pollfd p = { .fd = i ? i->connect_fd : -1, .events = POLLRDHUP };

	return poll(&p, 1, 0) > 0;
}

static const struct rf_transport transport = {
	.header = get_header, .suspend = suspend, .resume = resume, .gone = gone
};

static struct rf_conn *conn_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_SOCKET_CONTEXT);

	return i ? i->socket_context : NULL;
}

/* ---- sending ---- */

/* A response of its own: errors, creations, tasks, 304, and all without TLS. */
static struct MHD_Response *single(const struct call *call)
{
	struct rf_request *q = call->q;
	char seconds[16] = "";
	bool bare = q->status == 304 || q->status == 204;
	const char *text = bare ? "" : q->body ? q->body->text : q->text;
	size_t len = bare ? 0 : q->body ? q->body->len : q->text_len;
	struct MHD_Response *r = response_new(len, (char *)(uintptr_t)text,
					      MHD_RESPMEM_MUST_COPY, call->tls);

	if (!r)
		return NULL;
	if (q->retry_after)
		(void)snprintf(seconds, sizeof(seconds), "%u", q->retry_after);
	if (!bare)
		header(r, "Content-Type",
		       q->content_type ? q->content_type
				       : "application/json;charset=utf-8");
	if (q->body && (q->status == 200 || q->status == 304))
		header(r, "ETag", q->body->etag);
	if (q->body && q->status == 200)
		describe(r, q->body->res);
	else
		header(r, "Allow", q->allow);
	header(r, "Content-Security-Policy", q->policy);
	header(r, "Location", q->location);
	header(r, "X-Auth-Token", q->token);
	header(r, "Retry-After", seconds);
	header(r, "Connection", call->last ? "close" : NULL);
	if (q->authenticate)
		header(r, "WWW-Authenticate",
		       "Basic realm=\"clusterbmc\", charset=\"UTF-8\"");
	return r;
}

static enum MHD_Result send_answer(struct call *call)
{
	struct rf_request *q = call->q;
	bool cached = call->tls && q->status == 200 && q->body && q->body->wire &&
		      !call->last;
	struct MHD_Response *r = cached ? q->body->wire : single(call);

	if (!r)
		return MHD_NO;
	if (cached && q->method == RF_GET)
		rf_conn_header_next(conn_of(call->c));
	enum MHD_Result ok =
		MHD_queue_response(call->c, q->status ? q->status : 500, r);
	if (!cached)
		MHD_destroy_response(r);
	return ok;
}

/* The connection ends: nothing that comes on it is taken for a request. */
static enum MHD_Result refuse(struct call *call, enum rf_message_id id, unsigned status,
			      const char *arg)
{
	call->last = true;
	(void)rf_message_add(&call->q->messages, id, arg, NULL, NULL);
	(void)rf_answer_messages(call->q, status);
	return send_answer(call);
}

/* ---- receiving ---- */

/* Those without a "$" mean nothing (DSP0266). */
static enum MHD_Result add_query(void *arg, enum MHD_ValueKind kind, const char *name,
				 const char *value)
{
	struct rf_request *q = arg;

	(void)kind;
	if (name[0] != '$')
		return MHD_YES;
	if (q->n_query == RF_QUERIES_MAX) {
		q->query_overflow = true;
		return MHD_NO;
	}
	q->query[q->n_query++] = (struct rf_query){ name, value };
	return MHD_YES;
}

static enum MHD_Result add_line(void *arg, enum MHD_ValueKind kind, const char *name,
				size_t name_len, const char *value, size_t value_len)
{
	(void)kind;
	rf_head_line(arg, name, name_len, value, value_len);
	return MHD_YES;
}

static void peer(struct rf_request *q, struct MHD_Connection *c)
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

/* Who asks is known now: a stranger's body is kept small. */
static enum MHD_Result expect_body(struct call *call)
{
	struct rf_request *q = call->q;

	call->phase = PHASE_BODY;
	rf_conn_known(conn_of(call->c), q->known);
	if (!call->body)
		return MHD_YES;
	if (call->body > BODY_STRANGER_MAX && !q->known)
		return refuse(call, RF_PAYLOAD_TOO_LARGE, 0, NULL);
	q->in = malloc(call->body);
	return q->in ? MHD_YES : refuse(call, RF_INTERNAL_ERROR, 0, NULL);
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
	struct rf_head *h = &call->head;

	h->method = method;
	h->target = url;
	h->version = version;
	h->size = headers_size(call->c);
	rf_head_begin(h);
	(void)MHD_get_connection_values_n(call->c, MHD_HEADER_KIND, add_line, h);
	rf_head_end(h);
	/* what may hide a NUL: were a proxy before us, it might see a request less */
	call->last = !h->certain;
}

static enum MHD_Result on_headers(struct call *call)
{
	struct rf_request *q = call->q;
	struct MHD_Connection *c = call->c;
	const struct rf_head *h = &call->head;

	peer(q, c);
	(void)MHD_get_connection_values(c, MHD_GET_ARGUMENT_KIND, add_query, q);
	call->body = body_size(c);
	rf_conn_headers(conn_of(c), call->body > 0);
	if (headers_size(c) > header_max)
		return refuse(call, RF_PAYLOAD_TOO_LARGE, 431, NULL);
	if (!h->ok)
		return refuse(call, RF_HEADER_INVALID, 400, h->wrong);
	if (h->chunked)
		return refuse(call, RF_HEADER_INVALID, 411, "Content-Length");
	if (call->too_many)
		return refuse(call, RF_PAYLOAD_TOO_LARGE, 414, NULL);
	if (call->body > body_max)
		return refuse(call, RF_PAYLOAD_TOO_LARGE, 0, NULL);
	call->phase = PHASE_AUTH;
	return rf_auth(q) == RF_WAIT ? MHD_YES : expect_body(call);
}

static int hex(char c)
{
	static const char digits[] = "0123456789abcdef0123456789ABCDEF";
	const char *at = c ? strchr(digits, c) : NULL;

	return at ? (int)(at - digits) % 16 : -1;
}

size_t rf_http_unescape(void *cls, struct MHD_Connection *c, char *text)
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
void *rf_http_target(void *cls, const char *target, struct MHD_Connection *c)
{
	struct call *call = calloc(1, sizeof(*call));
	char *query = strchr(target, '?');
	size_t n = 0;

	(void)cls;
	if (!call)
		return NULL;
	call->c = c;
	rf_head_target(&call->head, target);
	for (const char *p = query; p; p = strchr(p + 1, '&'))
		n++;
	call->too_many = n > ARGUMENTS_MAX;
	if (call->too_many)
		query[1] = 0;
	return call;
}

static enum MHD_Result take(struct call *call, const char *data, size_t *size)
{
	struct rf_request *q = call->q;

	if (!q->in || *size > call->body - q->in_len)
		return MHD_NO;
	memcpy(q->in + q->in_len, data, *size);
	q->in_len += *size;
	*size = 0;
	return MHD_YES;
}

enum MHD_Result rf_http_handle(void *cls, struct MHD_Connection *c, const char *url,
			       const char *method, const char *version,
			       const char *data, size_t *size, void **con_cls)
{
	struct call *call = *con_cls;

	if (!call)
		return MHD_NO;
	if (call->phase == PHASE_HEAD) {
		call->tls = ((const struct rf_worker *)cls)->tls;
		call->q = rf_request_new(&transport, call, method, url);
		if (!call->q)
			return MHD_NO;
		judge(call, method, url, version);
		return on_headers(call);
	}
	if (call->phase == PHASE_AUTH)
		return expect_body(call);
	if (*size)
		return take(call, data, size);
	if (call->phase == PHASE_BODY) {
		call->phase = PHASE_RUN;
		rf_conn_headers(conn_of(c), false);
	}
	return rf_handle(call->q) == RF_WAIT ? MHD_YES : send_answer(call);
}

void rf_http_completed(void *cls, struct MHD_Connection *c, void **con_cls,
		       enum MHD_RequestTerminationCode code)
{
	struct call *call = *con_cls;

	(void)cls;
	if (!call)
		return;
	if (code == MHD_REQUEST_TERMINATED_COMPLETED_OK && call->q)
		rf_conn_idle(conn_of(c));
	call->q = rf_request_free(call->q);
	free(call);
	*con_cls = NULL;
}

/* libmicrohttpd sends header and body as two TLS records. Two packets would wake the
 * client twice, so the first is held back for the second. */
static ssize_t push(gnutls_transport_ptr_t to, const giovec_t *iov, int n)
{
	return rf_conn_send(to, iov, n);
}

static void prepare_tls(gnutls_session_t session, struct rf_conn *conn)
{
	(void)gnutls_session_ticket_enable_server(session, &rf_ticket_key);
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

void rf_http_connection(void *cls, struct MHD_Connection *c, void **socket_context,
			enum MHD_ConnectionNotificationCode code)
{
	const struct rf_worker *worker = cls;
	const union MHD_ConnectionInfo *i;

	if (code == MHD_CONNECTION_NOTIFY_CLOSED) {
		rf_conn_free(*socket_context);
		*socket_context = NULL;
		return;
	}
	bmc_live_beat(worker->live);
	if (is_from_us(c))
		return;
	i = MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);
	*socket_context = i ? rf_conn_started(i->connect_fd) : NULL;
	i = worker->tls ? MHD_get_connection_info(c, MHD_CONNECTION_INFO_GNUTLS_SESSION)
			: NULL;
	if (i)
		prepare_tls(i->tls_session, *socket_context);
}
