// SPDX-License-Identifier: Apache-2.0
// The table of trusted clients, see peer.h. Called by conn.c, under its lock.
#include "http/peer.h"

#include "core/base/address.h"

void http_trusted_add(struct http_trusted *t, const struct in6_addr *peer, int64_t now)
{
	size_t at = 0;

	for (size_t i = 0; i < HTTP_TRUSTED_MAX; i++) {
		if (t->list[i].when && bmc_address_is_same(&t->list[i].peer, peer)) {
			at = i;
			break;
		}
		if (t->list[i].when < t->list[at].when)
			at = i;
	}
	t->list[at].peer = *peer;
	t->list[at].when = now;
}

bool http_trusted_find(const struct http_trusted *t, const struct in6_addr *peer,
		       int64_t now)
{
	for (size_t i = 0; i < HTTP_TRUSTED_MAX; i++) {
		if (t->list[i].when && now - t->list[i].when <= HTTP_TRUSTED_MS &&
		    bmc_address_is_same(&t->list[i].peer, peer))
			return true;
	}
	return false;
}
