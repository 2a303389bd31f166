// SPDX-License-Identifier: Apache-2.0
/* Requests that are sent again, see retransmit.h. Called by set.c. */
#include "snmp/retransmit.h"

#include <netinet/in.h>
#include <string.h>

#include "core/base/util.h"
#include "snmp/access.h"
#include "snmp/set.h"

#define FNV_PRIME UINT64_C(0x100000001b3)

static struct recent {
	struct sn_fingerprint fingerprint;
	struct sn_result result;
	int64_t until; /* 0: never used, or forgotten */
} recent[SN_SET_RECENT];
static size_t n_recent; /* how many there ever were */

/* FNV-1a from a random start. Two requests of one user at one port with the same
 * request-id differ in it only. */
static uint64_t mix(uint64_t h, const void *data, size_t n)
{
	const unsigned char *p = data;

	for (size_t i = 0; i < n; i++)
		h = (h ^ p[i]) * FNV_PRIME;
	return (h ^ n) * FNV_PRIME; /* "ab","c" is not "a","bc" */
}

static uint64_t start(void)
{
	static uint64_t seed;

	if (!seed)
		bmc_random(&seed, sizeof(seed));
	return seed | 1;
}

static void copy_source(const netsnmp_pdu *pdu, unsigned char ret[28])
{
	const struct sockaddr *sa = sn_access_peer(pdu);
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;

	if (!sa)
		return;
	memcpy(ret, &sa->sa_family, sizeof(sa->sa_family));
	if (sa->sa_family == AF_INET) {
		memcpy(&v4, sa, sizeof(v4));
		memcpy(ret + 2, &v4.sin_port, 2);
		memcpy(ret + 4, &v4.sin_addr, 4);
		return;
	}
	memcpy(&v6, sa, sizeof(v6));
	memcpy(ret + 2, &v6.sin6_port, 2);
	memcpy(ret + 4, &v6.sin6_addr, 16);
	memcpy(ret + 20, &v6.sin6_scope_id, 4);
}

void sn_fingerprint_of(const netsnmp_pdu *pdu, struct sn_fingerprint *ret)
{
	uint64_t h = start();

	memset(ret, 0, sizeof(*ret));
	copy_source(pdu, ret->source);
	ret->request_id = pdu->reqid;
	h = mix(h, &pdu->version, sizeof(pdu->version));
	h = mix(h, &pdu->securityModel, sizeof(pdu->securityModel));
	h = mix(h, pdu->community, pdu->community_len);
	h = mix(h, pdu->securityName, pdu->securityNameLen);
	h = mix(h, pdu->contextName, pdu->contextNameLen);
	for (const netsnmp_variable_list *v = pdu->variables; v; v = v->next_variable) {
		h = mix(h, v->name, v->name_length * sizeof(oid));
		h = mix(h, &v->type, sizeof(v->type));
		/* of a NULL with content net-snmp keeps the length alone */
		h = mix(h, v->val.string, v->val.string ? v->val_len : 0);
	}
	ret->content = h;
}

bool sn_fingerprint_same(const struct sn_fingerprint *a, const struct sn_fingerprint *b)
{
	return a->content == b->content && a->request_id == b->request_id &&
	       memcmp(a->source, b->source, sizeof(a->source)) == 0;
}

/* A client that gives one number to several requests may send the first of them again
 * as a new one: what was answered before says nothing of that. */
static void forget_number(const struct sn_fingerprint *f)
{
	for (size_t i = 0; i < MIN(n_recent, (size_t)SN_SET_RECENT); i++) {
		const struct sn_fingerprint *other = &recent[i].fingerprint;
		if (other->request_id == f->request_id &&
		    memcmp(other->source, f->source, sizeof(f->source)) == 0)
			recent[i].until = 0;
	}
}

void sn_recent_add(const struct sn_fingerprint *f, struct sn_result result, int64_t now)
{
	forget_number(f);
	recent[n_recent++ % SN_SET_RECENT] = (struct recent){
		.fingerprint = *f, .result = result, .until = now + SN_SET_RECENT_MS
	};
}

const struct sn_result *sn_recent_find(const struct sn_fingerprint *f, int64_t now)
{
	for (size_t i = 0; i < MIN(n_recent, (size_t)SN_SET_RECENT); i++) {
		if (recent[i].until > now &&
		    sn_fingerprint_same(&recent[i].fingerprint, f))
			return &recent[i].result;
	}
	return NULL;
}
