// SPDX-License-Identifier: Apache-2.0
/* Budgets of source addresses, see budget.h. Used by limit.c. */
#include "snmp/budget.h"

#include <netinet/in.h>
#include <string.h>
#include <sys/socket.h>

#include "core/base/address.h"
#include "core/base/util.h"

#define MILLI 1000

void sn_budget_init(struct sn_budget *b, int64_t rate, int64_t burst, uint64_t seed)
{
	memset(b, 0, sizeof(*b));
	b->seed = seed;
	b->rate = rate;
	b->burst = burst;
}

bool sn_source_of(const struct sockaddr *sa, struct sn_source *ret)
{
	const struct in6_addr client = bmc_address_client(sa);
	uint32_t high = 0, low;

	ret->v6 = !IN6_IS_ADDR_V4MAPPED(&client);
	if (ret->v6)
		memcpy(&high, &client.s6_addr[0], sizeof(high));
	memcpy(&low, &client.s6_addr[ret->v6 ? 4 : 12], sizeof(low));
	ret->net = (uint64_t)ntohl(high) << 32 | ntohl(low);
	return sa->sa_family == AF_INET || sa->sa_family == AF_INET6;
}

static bool same(const struct sn_source *a, const struct sn_source *b)
{
	return a->net == b->net && a->v6 == b->v6;
}

/* The finalizer of SplitMix64, keyed. */
static size_t set_of(const struct sn_budget *b, const struct sn_source *s)
{
	uint64_t h = s->net ^ b->seed ^ (s->v6 ? UINT64_C(0x9e3779b97f4a7c15) : 0);

	h = (h ^ h >> 30) * (UINT64_C(0xbf58476d1ce4e5b9) ^ (b->seed & ~UINT64_C(1)));
	h = (h ^ h >> 27) * UINT64_C(0x94d049bb133111eb);
	return (size_t)((h ^ h >> 31) % SN_BUDGET_SETS);
}

/* Counts down what time has refilled. */
static void refill(const struct sn_budget *b, struct sn_account *a, int64_t now)
{
	int64_t ms = now - a->at;

	if (ms <= 0)
		return;
	ms = MIN(ms, (int64_t)INT32_MAX);
	a->at = now;
	a->debt = MAX(a->debt - ms * b->rate, 0);
	a->failures = MAX(a->failures - ms * SN_FAILURES_RATE, 0);
}

static bool forgettable(const struct sn_account *a, int64_t now)
{
	return !a->used ||
	       (a->debt == 0 && a->failures == 0 && a->authenticated_until <= now);
}

/* The source's account, else the one that it shares; NULL: it has none and `make` is
 * not wanted. */
static struct sn_account *find(struct sn_budget *b, const struct sn_source *s,
			       int64_t now, bool make)
{
	struct sn_account *set = b->accounts[set_of(b, s)], *place = NULL;

	for (size_t i = 0; i < SN_BUDGET_WAYS; i++) {
		refill(b, &set[i], now);
		if (set[i].used && same(&set[i].source, s))
			return &set[i];
		if (!place && forgettable(&set[i], now))
			place = &set[i];
	}
	if (!place) {
		refill(b, &b->shared, now);
		return &b->shared;
	}
	if (!make)
		return NULL;
	*place = (struct sn_account){ .source = *s, .used = true, .at = now };
	return place;
}

int64_t sn_budget_left(struct sn_budget *b, const struct sn_source *s, int64_t now)
{
	const struct sn_account *a = b->rate ? find(b, s, now, false) : NULL;

	if (!b->rate)
		return INT64_MAX;
	/* rounded up: a part of a byte is not left */
	return a ? b->burst - (a->debt + MILLI - 1) / MILLI : b->burst;
}

bool sn_budget_spend(struct sn_budget *b, const struct sn_source *s, size_t bytes,
		     int64_t now)
{
	if (sn_budget_left(b, s, now) < (int64_t)bytes)
		return false;
	if (b->rate)
		find(b, s, now, true)->debt += (int64_t)bytes * MILLI;
	return true;
}

void sn_budget_failed(struct sn_budget *b, const struct sn_source *s, int64_t now)
{
	struct sn_account *a = find(b, s, now, true);

	a->failures =
		MIN(a->failures + MILLI, (int64_t)(SN_FAILURES_BURST + 1) * MILLI);
}

void sn_budget_authenticated(struct sn_budget *b, const struct sn_source *s,
			     int64_t now)
{
	struct sn_account *a = find(b, s, now, true);

	if (a != &b->shared)
		a->authenticated_until = now + SN_TRUST_MS;
}

bool sn_budget_failing(struct sn_budget *b, const struct sn_source *s, int64_t now)
{
	const struct sn_account *a = find(b, s, now, false);

	return a && a != &b->shared &&
	       a->failures > (int64_t)(SN_FAILURES_BURST - 1) * MILLI;
}

bool sn_budget_trusted(struct sn_budget *b, const struct sn_source *s, int64_t now)
{
	const struct sn_account *a = find(b, s, now, false);

	return a && a->authenticated_until > now;
}
