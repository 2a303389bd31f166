// SPDX-License-Identifier: Apache-2.0
/* The table of claims: small (at most one for each board), so a list that is searched.
 * The door takes claims, the recipes' engine and the settings give them back. */
#include "core/claims.h"

#include <pthread.h>
#include <stdlib.h>

struct claim {
	uint32_t handle;
	size_t what;
	uint64_t owner;
	enum bmc_action_op op;
};

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static struct claim *claims;
static size_t n_claims, room;

static struct claim *claim_find(uint32_t handle, size_t what)
{
	for (size_t i = 0; i < n_claims; i++) {
		if (claims[i].handle == handle && claims[i].what == what)
			return &claims[i];
	}
	return NULL;
}

static int claim_add(const struct claim *c)
{
	if (n_claims == room) {
		size_t more = room ? room * 2 : 64;
		struct claim *grown = realloc(claims, more * sizeof(*grown));

		if (!grown)
			return BMC_ENOMEM;
		claims = grown;
		room = more;
	}
	claims[n_claims++] = *c;
	return BMC_OK;
}

int bmc_claim(uint32_t handle, size_t what, uint64_t owner, enum bmc_action_op op,
	      enum bmc_action_op *ret_held)
{
	struct claim fresh = {
		.handle = handle, .what = what, .owner = owner, .op = op
	};
	const struct claim *held;
	int code;

	(void)pthread_mutex_lock(&lock);
	held = claim_find(handle, what);
	if (!held) {
		code = claim_add(&fresh);
	} else {
		*ret_held = held->op;
		code = held->owner != owner ? BMC_EBUSY
		       : held->op == op     ? BMC_EEXIST
					    : BMC_EINVAL;
	}
	(void)pthread_mutex_unlock(&lock);
	return code;
}

void bmc_unclaim(uint32_t handle, size_t what)
{
	struct claim *held;

	(void)pthread_mutex_lock(&lock);
	held = claim_find(handle, what);
	if (held)
		*held = claims[--n_claims];
	(void)pthread_mutex_unlock(&lock);
}

void bmc_claims_done(void)
{
	(void)pthread_mutex_lock(&lock);
	free(claims);
	claims = NULL;
	n_claims = room = 0;
	(void)pthread_mutex_unlock(&lock);
}
