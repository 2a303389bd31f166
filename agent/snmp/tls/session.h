// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* What a session with a client is like over TCP and over UDP. The front's thread. */

#define SN_TLS_HANDSHAKE_MS 10000
#define SN_TLS_IDLE_MS      (10 * 60 * 1000) /* without a message */
#define SN_TLS_PRINT        32               /* octets of a SHA-256 */

/** A server's session, which asks for the client's certificate; `old`: TLS 1.0 or DTLS
 *  1.0 will do. NULL: out of memory. */
gnutls_session_t sn_tls_session_new(bool datagrams, bool old,
				    gnutls_certificate_credentials_t credentials);

/** A number that no other connection or session has. */
uint64_t sn_tls_session_id(void);

enum sn_tls_step { SN_TLS_WAITS, SN_TLS_DONE, SN_TLS_FAILED };

/** Goes on with the handshake. SN_TLS_DONE: `print` is the certificate of a client that
 *  is known. SN_TLS_FAILED has been logged. */
enum sn_tls_step sn_tls_session_shake(gnutls_session_t session,
				      const struct sockaddr_in6 *peer,
				      uint8_t print[SN_TLS_PRINT]);

/** Logs why the session with a client ends. Returns false. */
bool sn_tls_session_ended(const struct sockaddr_in6 *peer, const char *why);
