// SPDX-License-Identifier: Apache-2.0
// Token buckets by client address, see handshakes.h. Called by rf_accept.
#include "redfish/handshakes.h"

#include <netinet/in.h>
#include <string.h>

#include "core/util.h"

#define BUCKETS 1024U
#define TOKEN   1000 /* `rate` of these come back in a millisecond */

struct bucket {
	struct in6_addr client;
	int64_t level, at;
};

static struct {
	int64_t rate, full;
	struct bucket buckets[BUCKETS];
} handshakes;

void rf_handshakes_init(unsigned rate, unsigned burst)
{
	memset(&handshakes, 0, sizeof(handshakes));
	handshakes.rate = rate;
	handshakes.full = (int64_t)burst * TOKEN;
	for (size_t i = 0; i < BUCKETS; i++)
		handshakes.buckets[i].level = handshakes.full;
}

/* IPv4 as a mapped address, whichever socket it came from; IPv6 without its host part.
 */
static struct in6_addr address_key(const struct sockaddr *a)
{
	struct in6_addr key = IN6ADDR_ANY_INIT;

	if (a->sa_family == AF_INET) {
		key.s6_addr[10] = key.s6_addr[11] = 0xff;
		memcpy(&key.s6_addr[12],
		       &((const struct sockaddr_in *)(const void *)a)->sin_addr, 4);
	} else if (a->sa_family == AF_INET6) {
		key = ((const struct sockaddr_in6 *)(const void *)a)->sin6_addr;
		if (!IN6_IS_ADDR_V4MAPPED(&key))
			memset(&key.s6_addr[8], 0, 8);
	}
	return key;
}

static int64_t level(const struct bucket *b, int64_t now)
{
	return MIN(handshakes.full, b->level + (now - b->at) * handshakes.rate);
}

static struct bucket *find(const struct in6_addr *key, int64_t now)
{
	struct bucket *fullest = &handshakes.buckets[0];

	for (size_t i = 0; i < BUCKETS; i++) {
		struct bucket *b = &handshakes.buckets[i];
		if (memcmp(&b->client, key, sizeof(*key)) == 0)
			return b;
		if (level(b, now) > level(fullest, now))
			fullest = b;
	}
	*fullest = (struct bucket){ *key, handshakes.full, now };
	return fullest;
}

bool rf_handshakes_take(const struct sockaddr *client, int64_t now)
{
	struct in6_addr key = address_key(client);

	if (!handshakes.rate)
		return true;
	struct bucket *b = find(&key, now);
	b->level = level(b, now);
	b->at = now;
	if (b->level < TOKEN)
		return false;
	b->level -= TOKEN;
	return true;
}
