// SPDX-License-Identifier: Apache-2.0
// How often searches are answered, see limit.h: each answer is paid for by a time in
// which there may be no other, and a run of them may be paid for in advance.
#include "discovery/limit.h"

#include <string.h>

#include "core/base/util.h"

static void key_of(const struct sockaddr_storage *peer, unsigned char ret[16])
{
	const struct sockaddr_in6 *six = (const struct sockaddr_in6 *)peer;

	memset(ret, 0, 16);
	if (peer->ss_family == AF_INET)
		memcpy(ret + 12, &((const struct sockaddr_in *)peer)->sin_addr, 4);
	else
		memcpy(ret, &six->sin6_addr,
		       IN6_IS_ADDR_LINKLOCAL(&six->sin6_addr) ? 16 : 8);
}

static bool has_room(int64_t paid, int64_t now, int64_t each, int64_t run)
{
	return paid - now <= each * (run - 1);
}

static int64_t pay(int64_t paid, int64_t now, int64_t each)
{
	return MAX(paid, now) + each;
}

bool ssdp_limit_take(struct ssdp_limit *l, const struct sockaddr_storage *peer,
		     int64_t now)
{
	unsigned char key[16];
	size_t at = 0, idle = 0;

	key_of(peer, key);
	for (; at < SSDP_PEERS && memcmp(l->peers[at].address, key, 16) != 0; at++) {
		if (l->peers[at].paid < l->peers[idle].paid)
			idle = at;
	}
	if (at == SSDP_PEERS) {
		if (l->peers[idle].paid > now)
			return false;
		at = idle;
		memcpy(l->peers[at].address, key, 16);
		l->peers[at].paid = 0;
	}
	if (!has_room(l->peers[at].paid, now, SSDP_PEER_MS, SSDP_PEER_RUN) ||
	    !has_room(l->paid, now, SSDP_TOTAL_MS, SSDP_TOTAL_RUN))
		return false;
	l->peers[at].paid = pay(l->peers[at].paid, now, SSDP_PEER_MS);
	l->paid = pay(l->paid, now, SSDP_TOTAL_MS);
	return true;
}
