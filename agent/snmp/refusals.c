// SPDX-License-Identifier: Apache-2.0
/* How often refused SETs are recorded, see refusals.h. Called by set.c. */
#include "snmp/refusals.h"

#include <stddef.h>
#include <string.h>

#include "bmc/model.h"
#include "core/base/util.h"

static struct account {
	char actor[BMC_ID_MAX];
	int64_t refilled; /* BMC_TIME */
	unsigned tokens, before;
} accounts[SN_REFUSAL_ACTORS];
static size_t n_accounts;

/* Those of the config have a place each; the last one is shared when a config that is
 * read again names others. */
static struct account *account_of(const char *actor, int64_t now)
{
	for (size_t i = 0; i < n_accounts; i++) {
		if (strcmp(accounts[i].actor, actor) == 0)
			return &accounts[i];
	}
	if (n_accounts == SN_REFUSAL_ACTORS)
		return &accounts[SN_REFUSAL_ACTORS - 1];
	struct account *a = &accounts[n_accounts++];
	(void)bmc_copy(a->actor, sizeof(a->actor), actor);
	a->tokens = SN_REFUSAL_BURST;
	a->refilled = now;
	return a;
}

static void refill(struct account *a, int64_t now)
{
	int64_t n = (now - a->refilled) / SN_REFUSAL_REFILL_MS;

	a->refilled += n * SN_REFUSAL_REFILL_MS;
	a->tokens = (unsigned)MIN(SN_REFUSAL_BURST, (int64_t)a->tokens + n);
}

bool sn_refusal_due(const char *actor, int64_t now, unsigned *ret_before)
{
	struct account *a = account_of(actor, now);

	refill(a, now);
	if (!a->tokens) {
		a->before++;
		return false;
	}
	a->tokens--;
	*ret_before = a->before;
	a->before = 0;
	return true;
}
