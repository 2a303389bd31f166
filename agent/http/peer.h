// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Clients (core/base/address.h) that limits treat better. */

#define HTTP_TRUSTED_MAX 256
#define HTTP_TRUSTED_MS  (24 * 3600 * 1000LL)

/* Those from which a client authenticated in the last HTTP_TRUSTED_MS. At most
 * HTTP_TRUSTED_MAX; a further one takes the place of the oldest. Zero is empty. */
struct http_trusted {
	struct {
		struct in6_addr peer;
		int64_t when; /* BMC_TIME; 0: empty */
	} list[HTTP_TRUSTED_MAX];
};

void http_trusted_add(struct http_trusted *t, const struct in6_addr *peer, int64_t now);
bool http_trusted_find(const struct http_trusted *t, const struct in6_addr *peer,
		       int64_t now);
