// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <microhttpd.h>
#include <sys/queue.h>

#include "http/conn.h"
#include "http/head.h"
#include "http/request.h"

/* A request as libmicrohttpd's callbacks pass it on, for mhd.c and receive.c. */

enum http_stage {
	HTTP_STAGE_HEAD,
	HTTP_STAGE_BEGIN,
	HTTP_STAGE_BODY,
	HTTP_STAGE_RUN,
};

struct http_call {
	struct http_request q;
	struct MHD_Connection *c;
	struct http_conn *conn;       /* NULL: of our own */
	struct http_upgrade *upgrade; /* that has not come about yet, or NULL */
	LIST_ENTRY(http_call) link;   /* early.h */
	bool listed;
	const char *target; /* as received; decoded once its headers are read */
	enum http_stage stage;
	struct http_head head;
	bool too_many;  /* query arguments */
	bool gzip;      /* the body is coded */
	bool too_long;  /* a chunked body: the rest is dropped */
	uint64_t limit; /* of the body */
	size_t room;    /* of q.body */
};

/** The longest headers, and the longest body of an authenticated client, in bytes.
 * Before a serving thread is started. */
void http_receive_init(size_t max_header, size_t max_body);
/** Changes the bound of bodies. Any thread. */
void http_receive_take_max_body(size_t max_body);

/** The headers are there: checks them and begins. */
enum MHD_Result http_call_head(struct http_call *call, const char *version);
/** Goes on with the handler's `begin`. */
enum MHD_Result http_call_begin(struct http_call *call);
/** Takes bytes of the body; what is left in *size comes again. */
enum MHD_Result http_call_data(struct http_call *call, const char *data, size_t *size);
/** The body is complete: runs the handler. */
enum MHD_Result http_call_run(struct http_call *call);
/** The connection has ended before it was upgraded: calls the handler. */
void http_upgrade_drop(struct http_call *call);
/** Sends q.response. */
enum MHD_Result http_call_answer(struct http_call *call);
