// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/ports/auth.h"
#include "http/request.h"

/* Who sends a request, for every handler: a session's token (X-Auth-Token), name and
 * password (Basic), root at the other end of a Unix socket, or a verified client
 * certificate; the first of these that the request brings counts alone. A password is
 * checked in another thread; agent/auth remembers an answer for a minute. What the
 * account may do, and what a refusal looks like, is the handler's. */

struct http_login {
	const char *origin; /* for actor.origin (static); the handler says it before */
	bool asked;         /* by http_login */
	bool known;         /* the actor is valid */
	int code;           /* why not; 0 too when the request brought nothing */
	struct bmc_actor actor;
	char session[BMC_ID_MAX]; /* of a token; else "" */
};

/** Finds out who sends the request, and says so to the server (q->authenticated). For
 * the handler's `begin`, also when that is called again: HTTP_WAIT while a password is
 * checked, else HTTP_DONE. `l` (zeroed but for the origin) stays until the request's
 * end. On a serving thread. */
int http_login(struct http_request *q, struct http_login *l);
/** Checks this name and password instead, which may have come in a body. The request
 * waits even when the answer is there at once: 0, or BMC_ENOMEM. On a serving
 * thread. */
int http_login_check(struct http_request *q, struct http_login *l, const char *user,
		     const char *password);
/** The same as http_login for a session's token that did not come in the header. Never
 * waits. */
void http_login_token(struct http_request *q, struct http_login *l, const char *token);
