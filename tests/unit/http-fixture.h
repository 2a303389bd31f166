// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core-fixture.h"

#include <stdlib.h>
#include <sys/socket.h>
#include <unistd.h>

#include "http/http.h"
#include "http/request.h"

/* The real HTTP server on loopback, with short deadlines, and handlers of the tests'
 * own. The client is the test itself: the server has threads of its own. */

/* Milliseconds: of the header's deadline, and in which progress has to be made. */
#define INTERVAL_MS 1000
#define IDLE_MS     2000

/* What a server that keeps its bounds may take meanwhile, in kB. */
#if defined(__SANITIZE_ADDRESS__) || defined(__SANITIZE_THREAD__)
#define MEMORY_MAX_KB 1048576 /* what is freed is kept in quarantine */
#else
#define MEMORY_MAX_KB 16384
#endif

/** Registers these handlers, ends with a NULL path, and starts the server over HTTP and
 * HTTPS. */
struct http_route_entry {
	const char *path;
	const struct http_handler *handler;
};
void http_fixture_start(const struct http_route_entry *routes);
void http_fixture_stop(void);
/** A key of the section: before the start, or before http_reload(). */
void http_fixture_set(const char *key, int64_t num);
const struct bmc_conf *http_fixture_conf(void);
/** The folder of the server's state. */
const char *http_fixture_dir(void);

/** A connection to the plain port, blocking, with a timeout of 20 s. `receive`: the
 * size of its receive buffer, 0: the default. */
int http_connect(int receive);
/** Sends all; false: the connection was closed. */
bool http_send(int fd, const void *bytes, size_t len);
bool http_say(int fd, const char *text);

/* What came back. */
struct http_reply {
	unsigned status;
	char head[2048]; /* status line and headers */
	char *body;      /* owned, terminated */
	size_t len;
	bool closed; /* before it was complete, or without a length */
};
/** One response, chunked or not. */
struct http_reply http_receive(int fd);
void http_reply_done(struct http_reply *r);
/** A request over a new connection: "GET /x", headers with their CR LF, a body. */
struct http_reply http_ask(const char *line, const char *headers, const char *body);
/** The value of a header of a reply, in a buffer of the function's own; "": none. */
const char *http_reply_header(const struct http_reply *r, const char *name);
/** Whether the server has closed the connection; drops what comes before that. Waits
 * for at most `ms`. */
bool http_closed_within(int fd, int64_t ms);
/** Reads and drops so many bytes; false: closed. */
bool http_skip(int fd, size_t len);
void http_pass(int64_t ms);
/** Resident memory of this process, in kB. */
size_t http_resident_kb(void);
