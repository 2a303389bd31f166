// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <sys/socket.h>

#include "bmc/conf.h"
#include "bmc/error.h"

/* The HTTP server: over TLS, and without it on loopback addresses and Unix sockets, as
 * configured. What it serves are handlers (request.h). */

struct http_handler;

#define HTTP_HANDLERS_MAX 16

/** Registers a handler (static) for a path and all below it; "" is for all paths that
 * no other handler has; of several the longest path counts. Replaces the one that has
 * the same path. Before http_start. */
void http_register(const char *path, const struct http_handler *handler);

/* What is served at an address and port of its own. */
enum http_place {
	HTTP_FOR_BOARDS, /* images, see agent/update/offer.h */
	HTTP_LOCAL_API,  /* see agent/local/local.h */
	HTTP_PLACES
};

/** A further place to listen on, without TLS: a numeric address, which the machine need
 * not have yet, and a port (0: any free one). Its connections have slots and serving
 * threads of their own, and this handler (static) is asked for all paths: nothing else
 * is served there. Replaces what was said of this place before. NULL: none. BMC_EINVAL:
 * it is no address. Before http_start. */
int http_listen_apart(enum http_place place, const char *address, unsigned port,
		      const struct http_handler *handler, struct bmc_error *err);
/** Its port; 0: none. */
unsigned http_apart_port(enum http_place place);
/** Starts to listen, also without a pair of key and certificate: that is logged, and
 *  handshakes fail until http_reload() finds one. `http` is the section of that name in
 * the config, with the schema's defaults: https_port, http_port (0: off), bind,
 * listeners, certificate, key and the limits. Main thread. */
int http_start(const struct bmc_conf *http, const char *state_dir,
	       struct bmc_error *err);
/** Whether http_start could use that section: its address, key and certificate. Opens
 *  no port. Before http_start. */
int http_check(const struct bmc_conf *http, struct bmc_error *err);
/** Answers what waits with BMC_ECANCELED, closes all connections, ends the threads.
 * Main thread. */
void http_stop(void);
/** The port of the first TCP listener over TLS, or of the first without; 0: none. */
unsigned http_port(bool tls);
/** The port of the first listener over TLS that a client reaches at that address of
 * ours; 0: none. Main thread. */
unsigned http_port_at(const struct sockaddr *address);
enum http_client_use { HTTP_CLIENT_NONE, HTTP_CLIENT_OPTIONAL, HTTP_CLIENT_REQUIRED };
enum http_client_name { HTTP_CLIENT_COMMON_NAME, HTTP_CLIENT_PRINCIPAL_NAME };

/* Which certificates of clients are asked for, and what of them names the account. */
struct http_client_certificates {
	enum http_client_use use;
	enum http_client_name name;
};

struct bmc_certificate;
/** Has the authorities of `client_ca` shown: `each` is called for each of them when
 * they are taken over, after a call with NULL: all before are gone. Main thread; before
 * http_start. */
void http_show_authorities(void (*each)(const struct bmc_certificate *row));
/** What is in force. Any thread. */
struct http_client_certificates http_client_certificates(void);
/** Takes the body's bound, key, certificate and the authorities of clients over, these
 * also from files that changed under the same name (what can't be loaded is logged and
 * stays as it was). Main thread.
 */
void http_reload(const struct bmc_conf *http);
