// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <netinet/in.h>
#include <stdbool.h>
#include <stdint.h>

/* Clients (core/base/address.h) that limits treat better. */

#define RF_TRUSTED_MAX 256
#define RF_TRUSTED_MS  (24 * 3600 * 1000LL)

/* Those from which a client authenticated in the last RF_TRUSTED_MS. At most
 * RF_TRUSTED_MAX; a further one takes the place of the oldest. Zero is empty. */
struct rf_trusted {
	struct {
		struct in6_addr peer;
		int64_t when; /* BMC_TIME; 0: empty */
	} list[RF_TRUSTED_MAX];
};

void rf_trusted_add(struct rf_trusted *t, const struct in6_addr *peer, int64_t now);
bool rf_trusted_find(const struct rf_trusted *t, const struct in6_addr *peer,
		     int64_t now);
