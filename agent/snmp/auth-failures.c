// SPDX-License-Identifier: Apache-2.0
/* Refused requests, see auth-failures.h. Called by the transport after each request. */
#include "snmp/auth-failures.h"

#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <stdio.h>
#include <string.h>

#include "core/base/address.h"
#include "core/base/util.h"
#include "core/events/event.h"

#define SOURCES_MAX 64

/* clang-format off */
static struct cause {
	int statistic;
	const char *words;
	u_int seen;
} causes[] = {
	{ STAT_SNMPINBADCOMMUNITYNAMES, "unknown community", 0 },
	{ STAT_USMSTATSUNKNOWNUSERNAMES, "unknown user", 0 },
	{ STAT_USMSTATSWRONGDIGESTS, "wrong password", 0 },
};
/* clang-format on */

static struct {
	struct source {
		struct in6_addr client;
		int64_t next; /* BMC_TIME: no event before */
		unsigned count;
	} sources[SOURCES_MAX];
	size_t n;
	unsigned tokens;
	int64_t refilled;
} failures;

static void refill(int64_t now)
{
	int64_t n = (now - failures.refilled) / SN_AUTH_FAILURE_REFILL_MS;

	failures.refilled += n * SN_AUTH_FAILURE_REFILL_MS;
	failures.tokens =
		(unsigned)MIN(SN_AUTH_FAILURE_BURST, (int64_t)failures.tokens + n);
}

/* A new source takes the place of the one whose time comes first: it has been silent
 * for longest, or its count is of little use. */
static struct source *source_of(const struct in6_addr *client)
{
	struct source *oldest = failures.sources;

	for (size_t i = 0; i < failures.n; i++) {
		struct source *s = &failures.sources[i];
		if (bmc_address_is_same(&s->client, client))
			return s;
		if (s->next < oldest->next)
			oldest = s;
	}
	if (failures.n < SOURCES_MAX)
		oldest = &failures.sources[failures.n++];
	*oldest = (struct source){ .client = *client };
	return oldest;
}

int sn_auth_failures_due(const struct sockaddr *from, int64_t now, unsigned *ret_count)
{
	const struct in6_addr client = bmc_address_client(from);
	struct source *s = source_of(&client);

	refill(now);
	s->count++;
	if (now < s->next || !failures.tokens)
		return 0;
	failures.tokens--;
	s->next = now + SN_AUTH_FAILURE_SOURCE_MS;
	*ret_count = s->count;
	s->count = 0;
	return 1;
}

static const char *new_cause(void)
{
	const char *words = NULL;

	for (size_t i = 0; i < ARRAY_SIZE(causes); i++) {
		u_int is = snmp_get_statistic(causes[i].statistic);
		if (is != causes[i].seen)
			words = causes[i].words;
		causes[i].seen = is;
	}
	return words;
}

void sn_auth_failures_look(const struct sockaddr *from, socklen_t len)
{
	const char *cause = new_cause();
	char address[BMC_ADDRESS_MAX], count[12];
	unsigned n;

	if (!cause || !sn_auth_failures_due(from, bmc_now(), &n))
		return;
	bmc_address_format(from, len, address, sizeof(address));
	(void)snprintf(count, sizeof(count), "%u", n);
	bmc_event_raise("SnmpAuthenticationFailed", 0, address, cause, count);
}

void sn_auth_failures_init(void)
{
	memset(&failures, 0, sizeof(failures));
	failures.tokens = SN_AUTH_FAILURE_BURST;
	failures.refilled = bmc_now();
	(void)new_cause();
}
