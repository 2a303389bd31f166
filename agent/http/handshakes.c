// SPDX-License-Identifier: Apache-2.0
// Token buckets by client address, see handshakes.h. Called by http_accept.
#include "http/handshakes.h"

#include <string.h>

#include "core/base/address.h"
#include "core/base/util.h"

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

void http_handshakes_init(unsigned rate, unsigned burst)
{
	memset(&handshakes, 0, sizeof(handshakes));
	handshakes.rate = rate;
	handshakes.full = (int64_t)burst * TOKEN;
	for (size_t i = 0; i < BUCKETS; i++)
		handshakes.buckets[i].level = handshakes.full;
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
		if (bmc_address_is_same(&b->client, key))
			return b;
		if (level(b, now) > level(fullest, now))
			fullest = b;
	}
	*fullest = (struct bucket){ *key, handshakes.full, now };
	return fullest;
}

bool http_handshakes_take(const struct sockaddr *client, int64_t now)
{
	struct in6_addr key = bmc_address_client(client);

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
