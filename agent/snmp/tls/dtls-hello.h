// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <gnutls/dtls.h>
#include <gnutls/gnutls.h>
#include <netinet/in.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

/* The begin of a session over UDP, without any state (RFC 6347, 4.2.1): a ClientHello
 * is answered by a cookie, which is shorter, and only one that brings the cookie of its
 * source address back has the agent set up a session. The front's thread. */

#define SN_DTLS_RANDOM 32

/** Makes the key of the cookies. */
int sn_dtls_hello_init(void);
void sn_dtls_hello_done(void);

/** The random number of a whole ClientHello that begins a handshake; NULL: the datagram
 *  is none. */
const uint8_t *sn_dtls_hello_random(const uint8_t *data, size_t len);

/** Whether such a datagram brings the cookie of `peer`, which is for `ret` to say on.
 *  False: it is answered with one, by `push` with `to`. */
bool sn_dtls_hello_verify(const uint8_t *data, size_t len,
			  const struct sockaddr_in6 *peer, gnutls_dtls_prestate_st *ret,
			  gnutls_push_func push, gnutls_transport_ptr_t to);
