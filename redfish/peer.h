// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>
#include <sys/socket.h>

/* Where clients come from, as limits count it: an IPv4 address, or an IPv6 network of
 * 64 bits, of which one client can use every address. */

struct rf_peer {
	uint8_t family, address[8];
};

/** The peer of a socket address. IPv4 that arrives on an IPv6 socket is IPv4; other
 *  families are one peer. */
struct rf_peer rf_peer_of(const struct sockaddr *from);
bool rf_peer_equal(const struct rf_peer *a, const struct rf_peer *b);

#define RF_TRUSTED_MAX 256
#define RF_TRUSTED_MS  (24 * 3600 * 1000LL)

/* Peers from which a client authenticated in the last RF_TRUSTED_MS. At most
 * RF_TRUSTED_MAX; a further one takes the place of the oldest. Zero is empty. */
struct rf_trusted {
	struct {
		struct rf_peer peer;
		int64_t when; /* BMC_TIME; 0: empty */
	} list[RF_TRUSTED_MAX];
};

void rf_trusted_add(struct rf_trusted *t, const struct rf_peer *peer, int64_t now);
bool rf_trusted_find(const struct rf_trusted *t, const struct rf_peer *peer,
		     int64_t now);
