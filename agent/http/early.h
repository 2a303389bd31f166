// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "http/call.h"

struct http_worker;

/* What libmicrohttpd refuses by itself while it reads headers: a Content-Length that it
 * can't read. Its answer is HTML, and 0.9.75 sends the headers of it twice; ours goes
 * out instead. All on the connection's serving thread. */

/** The request line is there, headers are awaited. */
void http_early_begin(struct http_call *call);
/** They are there, or the request is over. */
void http_early_end(struct http_call *call);
/** libmicrohttpd is about to refuse a request: of which connection it does not say.
 * When it is one whose headers are complete it is answered here, and nothing that
 * libmicrohttpd sends comes after that. */
void http_early_refused(const struct http_worker *worker);
