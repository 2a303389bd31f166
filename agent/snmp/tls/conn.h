// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "snmp/tls/link.h"
#include "snmp/tls/session.h"

/* A connection over TCP to the front. The front's thread. */

struct sn_tls_conn {
	uint64_t id;
	int fd;
	gnutls_session_t tls;
	struct sockaddr_in6 peer; /* or sockaddr_in */
	bool open;                /* the handshake is done */
	bool blocked;             /* a message waits until the link has room */
	int64_t until;            /* BMC_TIME: it is closed then */
	uint8_t print[SN_TLS_PRINT];
	size_t in_len, out_len;
	uint8_t in[SN_TLS_MESSAGE_MAX + 1], out[4 * (SN_TLS_MESSAGE_MAX + 1)];
};

/** Takes over a socket that does not block; `old`: TLS 1.0 will do. NULL: out of
 * memory; the socket is closed.
 */
struct sn_tls_conn *sn_tls_conn_new(int fd, const struct sockaddr_in6 *peer,
				    gnutls_certificate_credentials_t credentials,
				    bool old);

/** Ends it and frees it. Returns NULL. */
struct sn_tls_conn *sn_tls_conn_free(struct sn_tls_conn *c);

/** What poll is to wait for. */
short sn_tls_conn_events(const struct sn_tls_conn *c);

/** Whether there is something to do that poll does not know of. */
bool sn_tls_conn_pending(const struct sn_tls_conn *c);

/** Does what can be done without waiting: handshake, messages to the link, answers to
 *  the client. False: it has ended. */
bool sn_tls_conn_serve(struct sn_tls_conn *c, int link);

/** Puts an answer into its queue. One that has no room there is left out, as over UDP.
 */
void sn_tls_conn_answer(struct sn_tls_conn *c, const uint8_t *data, size_t len);
