// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/gnutls.h>
#include <microhttpd.h>

/* libmicrohttpd's callbacks, for server.c. */

/** Seals the session tickets; made at the start. */
extern gnutls_datum_t http_ticket_key;

/** The request line is there: makes what the other callbacks get. */
void *http_mhd_target(void *cls, const char *target, struct MHD_Connection *c);
/** `cls`: the struct http_worker. */
enum MHD_Result http_mhd_handle(void *cls, struct MHD_Connection *c, const char *url,
				const char *method, const char *version,
				const char *data, size_t *size, void **con_cls);
void http_mhd_completed(void *cls, struct MHD_Connection *c, void **con_cls,
			enum MHD_RequestTerminationCode code);
/** `cls` points to the struct http_worker that it is a connection of. */
void http_mhd_connection(void *cls, struct MHD_Connection *c, void **socket_context,
			 enum MHD_ConnectionNotificationCode code);
/** Decodes %XX in place but what would become a control character, so that no NUL can
 * cut a path short; in a path also not "%2F", which is no separator (RFC 3986, section
 * 2.2). Returns the length. */
size_t http_mhd_unescape(void *cls, struct MHD_Connection *c, char *text);
