// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <stdbool.h>
#include <stdint.h>

/* Recognises a SET that is sent again because its answer was slow or lost. Bounded: of
 * more than SN_SET_RECENT answers in SN_SET_RECENT_MS the oldest are forgotten. SNMP's
 * thread. */

/* What a request and its copy have in common. A v3 copy has a msgID of its own. */
struct sn_fingerprint {
	unsigned char source[28]; /* family, port, address; IPv6's scope */
	long request_id;
	uint64_t content; /* version, user or community, context, varbinds */
};

struct sn_result {
	int status;
	long index;
};

void sn_fingerprint_of(const netsnmp_pdu *pdu, struct sn_fingerprint *ret);
bool sn_fingerprint_same(const struct sn_fingerprint *a,
			 const struct sn_fingerprint *b);

/** Remembers what a request was answered, and forgets the one before that had the same
 *  source and request-id. `now`: BMC_TIME. */
void sn_recent_add(const struct sn_fingerprint *f, struct sn_result result,
		   int64_t now);
/** What it was answered within SN_SET_RECENT_MS; NULL: nothing. Borrowed until the next
 *  add. */
const struct sn_result *sn_recent_find(const struct sn_fingerprint *f, int64_t now);
