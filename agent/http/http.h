// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

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
enum http_client_use { HTTP_CLIENT_NONE, HTTP_CLIENT_OPTIONAL, HTTP_CLIENT_REQUIRED };
enum http_client_name { HTTP_CLIENT_COMMON_NAME, HTTP_CLIENT_PRINCIPAL_NAME };

/* Which certificates of clients are asked for, and what of them names the account. */
struct http_client_certificates {
	enum http_client_use use;
	enum http_client_name name;
};

/** What is in force. Any thread. */
struct http_client_certificates http_client_certificates(void);
/** Takes the body's bound, key, certificate and the authorities of clients over, these
 * also from files that changed under the same name (what can't be loaded is logged and
 * stays as it was). Main thread.
 */
void http_reload(const struct bmc_conf *http);
