// SPDX-License-Identifier: Apache-2.0
// A request from its headers to its answer: checked, given to its handler, its body
// collected or passed on within the limits. A response that is queued in the first call
// for a request ends the connection, so only refusals of a body are. Called by mhd.c.
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>
#include <sys/socket.h>

#include "bmc/error.h"
#include "core/base/address.h"
#include "core/base/util.h"
#include "http/call.h"
#include "http/gzip.h"
#include "http/response.h"

#define BODY_UNAUTHENTICATED_MAX 4096
#define ROOM_FIRST               4096 /* for a body of unknown length */
#define DROP_MAX                 (4U << 20)

static size_t header_max;
static _Atomic size_t body_max;

void http_receive_init(size_t max_header, size_t max_body)
{
	header_max = max_header;
	body_max = max_body;
}

void http_receive_take_max_body(size_t max_body)
{
	body_max = max_body;
}

/* ---- sending ---- */

enum MHD_Result http_call_answer(struct http_call *call)
{
	struct http_request *q = &call->q;

	if (!q->response)
		return MHD_NO;
	if (q->close && !q->shared && q->status != 101)
		http_response_add(q->response, "Connection", "close");
	/* its body follows at once */
	if (q->shared && q->secure && strcmp(q->method, MHD_HTTP_METHOD_GET) == 0)
		http_conn_header_next(call->conn);
	if (call->stage != HTTP_STAGE_RUN && q->length > q->received)
		http_conn_linger(call->conn);
	http_conn_pace(call->conn, q->pace);
	http_conn_answer(call->conn);
	return MHD_queue_response(call->c, q->status, q->response->mhd);
}

static void refuse_plainly(struct http_request *q, unsigned status)
{
	char text[64];
	int n = snprintf(text, sizeof(text), "%u %s\n", status,
			 MHD_get_reason_phrase_for(status));
	struct http_response *r =
		http_response_new(text, (size_t)n, HTTP_COPIED, q->secure);

	if (r)
		http_response_add(r, "Content-Type", "text/plain;charset=utf-8");
	http_answer(q, status, r);
}

/* The connection ends: nothing that comes on it is taken for a request. */
static enum MHD_Result refuse(struct http_call *call, unsigned status,
			      const char *header)
{
	const struct http_handler *h = call->q.handler;

	call->q.close = true;
	if (h && h->refuse)
		h->refuse(&call->q, status, header);
	else
		refuse_plainly(&call->q, status);
	if (status == 415 && call->q.response)
		http_response_add(call->q.response, "Accept-Encoding",
				  h->data ? "identity" : "gzip");
	return http_call_answer(call);
}

/* ---- headers ---- */

static enum MHD_Result add_line(void *arg, enum MHD_ValueKind kind, const char *name,
				size_t name_len, const char *value, size_t value_len)
{
	(void)kind;
	http_head_line(arg, name, name_len, value, value_len);
	return MHD_YES;
}

static int socket_of(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CONNECTION_FD);

	return i ? i->connect_fd : -1;
}

static void local_peer(struct http_request *q, struct MHD_Connection *c)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	(void)bmc_copy(q->client, sizeof(q->client), "local");
	if (getsockopt(socket_of(c), SOL_SOCKET, SO_PEERCRED, &who, &len) != 0)
		return;
	q->peer = (struct http_peer){ true, who.uid, who.gid };
	bmc_address_local_format(who.uid, q->client, sizeof(q->client));
}

static void peer(struct http_request *q, struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_CLIENT_ADDRESS);

	if (!i || !i->client_addr)
		return;
	if (i->client_addr->sa_family == AF_UNIX)
		local_peer(q, c);
	else
		bmc_address_format(i->client_addr,
				   i->client_addr->sa_family == AF_INET6
					   ? sizeof(struct sockaddr_in6)
					   : sizeof(struct sockaddr_in),
				   q->client, sizeof(q->client));
}

static size_t headers_size(struct MHD_Connection *c)
{
	const union MHD_ConnectionInfo *i =
		MHD_get_connection_info(c, MHD_CONNECTION_INFO_REQUEST_HEADER_SIZE);

	return i ? i->header_size : 0;
}

/* What Content-Length says (head.c has checked it). */
static uint64_t body_length(const struct http_call *call)
{
	const char *text =
		MHD_lookup_connection_value(call->c, MHD_HEADER_KIND, "Content-Length");

	if (call->head.chunked)
		return HTTP_LENGTH_UNKNOWN;
	return text ? strtoull(text, NULL, 10) : 0;
}

static void judge(struct http_call *call, const char *version)
{
	struct http_head *h = &call->head;

	h->method = call->q.method;
	h->target = call->q.path;
	h->version = version;
	h->size = headers_size(call->c);
	http_head_begin(h);
	(void)MHD_get_connection_values_n(call->c, MHD_HEADER_KIND, add_line, h);
	http_head_end(h);
	/* what may hide a NUL: were a proxy before us, it might see a request less */
	/* and where a chunked body ends only libmicrohttpd sees, which is lenient */
	call->q.close = !h->certain || h->chunked;
}

/* A handler that takes its body as it comes takes no coded one. */
static bool takes_encoding(struct http_call *call)
{
	const char *coding = http_header(&call->q, "Content-Encoding");

	if (!coding || strcasecmp(coding, "identity") == 0)
		return true;
	call->gzip = !call->q.handler->data && (strcasecmp(coding, "gzip") == 0 ||
						strcasecmp(coding, "x-gzip") == 0);
	return call->gzip;
}

/* The client is known now: the body of an unauthenticated one is kept small. */
static enum MHD_Result expect_body(struct http_call *call)
{
	struct http_request *q = &call->q;

	call->stage = HTTP_STAGE_BODY;
	http_conn_known(call->conn, q->authenticated);
	http_conn_pace(call->conn, q->pace);
	if (q->status) /* libmicrohttpd ends a connection whose body it has not read */
		return http_call_answer(call);
	call->limit = !q->authenticated ? BODY_UNAUTHENTICATED_MAX
		      : q->max_body     ? q->max_body
					: body_max;
	if (q->length == 0)
		return MHD_YES;
	if (!takes_encoding(call))
		return refuse(call, 415, "Content-Encoding");
	if (q->length == HTTP_LENGTH_UNKNOWN)
		return MHD_YES;
	if (q->length > call->limit)
		return refuse(call, 413, NULL);
	if (q->handler->data)
		return MHD_YES;
	call->room = (size_t)q->length;
	q->body = malloc(call->room);
	return q->body ? MHD_YES : refuse(call, 500, NULL);
}

enum MHD_Result http_call_begin(struct http_call *call)
{
	call->stage = HTTP_STAGE_BEGIN;
	return call->q.handler->begin(&call->q) == HTTP_WAIT ? MHD_YES
							     : expect_body(call);
}

/* False: there is no certificate where one is required. */
static bool certified(struct http_call *call)
{
	const union MHD_ConnectionInfo *i =
		call->q.secure ? MHD_get_connection_info(
					 call->c, MHD_CONNECTION_INFO_GNUTLS_SESSION)
			       : NULL;

	return !i || http_conn_certified(call->conn, i->tls_session,
					 call->q.certificate, &call->q.certificate_row);
}

enum MHD_Result http_call_head(struct http_call *call, const char *version)
{
	const struct http_head *h = &call->head;

	if (!certified(call))
		return MHD_NO;
	judge(call, version);
	peer(&call->q, call->c);
	call->q.length = body_length(call);
	http_conn_headers(call->conn, call->q.length > 0);
	if (call->too_many || h->target_len > header_max / 2)
		return refuse(call, 414, NULL);
	if (headers_size(call->c) > header_max)
		return refuse(call, 431, NULL);
	if (!h->ok)
		return refuse(call, 400, h->wrong);
	if (!call->q.handler)
		return refuse(call, 404, NULL);
	return http_call_begin(call);
}

/* ---- body ---- */

static bool make_room(struct http_call *call, size_t size)
{
	struct http_request *q = &call->q;
	size_t room = MAX(call->room, (size_t)ROOM_FIRST);

	while (room < q->body_len + size)
		room *= 2;
	if (room == call->room)
		return true;
	char *body = malloc(room);
	if (!body)
		return false;
	if (q->body) {
		memcpy(body, q->body, q->body_len);
		bmc_wipe(q->body, q->body_len);
		free(q->body);
	}
	q->body = body;
	call->room = room;
	return true;
}

static enum MHD_Result collect(struct http_call *call, const char *data, size_t *size)
{
	struct http_request *q = &call->q;

	if (!make_room(call, *size))
		return MHD_NO;
	memcpy(q->body + q->body_len, data, *size);
	q->body_len += *size;
	*size = 0;
	return MHD_YES;
}

static enum MHD_Result pass_on(struct http_call *call, const char *data, size_t *size)
{
	size_t taken = 0;
	int r = call->q.handler->data(&call->q, data, *size, &taken);

	if (taken > *size || (r == HTTP_DONE && taken < *size && !call->q.status))
		return MHD_NO;
	*size = r == HTTP_DONE ? 0 : *size - taken;
	return MHD_YES;
}

/* libmicrohttpd can't answer before the body's end. One whose length was not announced
 * may be longer than its limit by so much, then the connection ends. */
static enum MHD_Result drop(struct http_call *call, size_t *size)
{
	struct http_request *q = &call->q;
	bool on = q->length != HTTP_LENGTH_UNKNOWN ||
		  q->received + *size <= call->limit + DROP_MAX;

	*size = 0;
	return on ? MHD_YES : MHD_NO;
}

enum MHD_Result http_call_data(struct http_call *call, const char *data, size_t *size)
{
	struct http_request *q = &call->q;
	size_t had = *size;
	enum MHD_Result r;

	call->too_long |= q->received + had > call->limit;
	if (call->too_long || q->status)
		r = drop(call, size);
	else if (q->handler->data)
		r = pass_on(call, data, size);
	else
		r = collect(call, data, size);
	q->received += had - *size;
	http_conn_took(call->conn, had - *size);
	return r;
}

/* The status to refuse it with, or 0: q.body is what the client meant. */
static unsigned decode(struct http_call *call)
{
	struct http_request *q = &call->q;
	char *body;
	size_t len;
	int r = http_gzip_inflate(q->body, q->body_len, call->limit, &body, &len);

	call->gzip = false;
	if (r != 0)
		return r == BMC_ERANGE ? 413 : r == BMC_ENOMEM ? 500 : 400;
	bmc_wipe(q->body, q->body_len);
	free(q->body);
	q->body = body;
	q->body_len = len;
	return 0;
}

enum MHD_Result http_call_run(struct http_call *call)
{
	struct http_request *q = &call->q;

	if (call->stage == HTTP_STAGE_BODY) {
		call->stage = HTTP_STAGE_RUN;
		if (q->length)
			http_conn_complete(call->conn);
	}
	if (call->too_long)
		return refuse(call, 413, NULL);
	if (q->status)
		return http_call_answer(call);
	unsigned refused = call->gzip && q->body_len ? decode(call) : 0;
	if (refused)
		return refuse(call, refused, "Content-Encoding");
	return q->handler->run(q) == HTTP_WAIT ? MHD_YES : http_call_answer(call);
}
