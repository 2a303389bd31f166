// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/gnutls.h>
#include <netdb.h>
#include <poll.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "bmc/error.h"
#include "snmp/bind.h"

/* SNMP over DTLS (RFC 6353): UDP sockets, and the sessions that came by them. The
 * front's thread, except where another is said. */

/** Opens a socket. Before the front's thread runs. */
int sn_dtls_listen(const struct addrinfo *at, const char *spec, struct bmc_error *err);

/** What is the same for all sessions. */
struct sn_dtls_terms {
	gnutls_certificate_credentials_t credentials; /* NULL: none begins */
	bool old;                                     /* DTLS 1.0 will do */
	int link;                                     /* to SNMP's thread */
	size_t room; /* octets that a datagram may have */
};

/** Puts the sockets into fds[SN_BIND_MAX]. Returns how many. */
size_t sn_dtls_fds(struct pollfd *fds);

/** Milliseconds until something is due; -1: nothing is. */
int sn_dtls_due(void);

/** Handles datagrams that have come, and what is due. */
void sn_dtls_serve(const struct sn_dtls_terms *t);

/** Sends an answer; false: no session has that id. */
bool sn_dtls_answer(uint64_t id, const uint8_t *data, size_t len);

/** Ends all sessions. */
void sn_dtls_end(void);

/** Closes the sockets. When the front's thread has ended. */
void sn_dtls_close(void);
