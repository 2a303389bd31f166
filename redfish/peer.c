// SPDX-License-Identifier: Apache-2.0
// Addresses as the limits of connections count them. Called by conn.c, under its lock.
#include "redfish/peer.h"

#include <netinet/in.h>
#include <string.h>

struct rf_peer rf_peer_of(const struct sockaddr *from)
{
	struct rf_peer p = { .family = (uint8_t)from->sa_family };
	const struct sockaddr_in *v4 = (const void *)from;
	const struct sockaddr_in6 *v6 = (const void *)from;

	if (from->sa_family == AF_INET) {
		memcpy(p.address, &v4->sin_addr, 4);
	} else if (from->sa_family == AF_INET6 &&
		   IN6_IS_ADDR_V4MAPPED(&v6->sin6_addr)) {
		p.family = AF_INET;
		memcpy(p.address, &v6->sin6_addr.s6_addr[12], 4);
	} else if (from->sa_family == AF_INET6) {
		memcpy(p.address, v6->sin6_addr.s6_addr, 8);
	}
	return p;
}

bool rf_peer_equal(const struct rf_peer *a, const struct rf_peer *b)
{
	return a->family == b->family &&
	       memcmp(a->address, b->address, sizeof(a->address)) == 0;
}

void rf_trusted_add(struct rf_trusted *t, const struct rf_peer *peer, int64_t now)
{
	size_t at = 0;

	for (size_t i = 0; i < RF_TRUSTED_MAX; i++) {
		if (t->list[i].when && rf_peer_equal(&t->list[i].peer, peer)) {
			at = i;
			break;
		}
		if (t->list[i].when < t->list[at].when)
			at = i;
	}
	t->list[at].peer = *peer;
	t->list[at].when = now;
}

bool rf_trusted_find(const struct rf_trusted *t, const struct rf_peer *peer,
		     int64_t now)
{
	for (size_t i = 0; i < RF_TRUSTED_MAX; i++) {
		if (t->list[i].when && now - t->list[i].when <= RF_TRUSTED_MS &&
		    rf_peer_equal(&t->list[i].peer, peer))
			return true;
	}
	return false;
}
