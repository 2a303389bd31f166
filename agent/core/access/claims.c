// SPDX-License-Identifier: Apache-2.0
/* The table of claims: small (at most one for each board), so a list that is searched.
 * The door takes claims, the recipes' engine and the settings give them back. */
#include "core/access/claims.h"

#include <pthread.h>
#include <stdlib.h>

struct claim {
	uint32_t handle;
	size_t what;
	uint64_t owner, next_owner; /* next: 0, or who gets it then */
	enum bmc_action_op op, next_op;
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

int bmc_claim_after(uint32_t handle, uint64_t owner, enum bmc_action_op op)
{
	struct claim fresh = { .handle = handle, .owner = owner, .op = op };
	struct claim *held;
	int code = BMC_OK;

	(void)pthread_mutex_lock(&lock);
	held = claim_find(handle, 0);
	if (!held) {
		code = claim_add(&fresh);
	} else if (held->next_owner || held->owner == owner) {
		code = held->next_owner == owner || held->owner == owner ? BMC_EEXIST
									 : BMC_EBUSY;
	} else {
		held->next_owner = owner;
		held->next_op = op;
	}
	(void)pthread_mutex_unlock(&lock);
	return code;
}

void bmc_claim_drop(uint32_t handle, uint64_t owner)
{
	struct claim *held;

	(void)pthread_mutex_lock(&lock);
	held = claim_find(handle, 0);
	if (held && held->owner == owner && held->next_owner) {
		held->owner = held->next_owner;
		held->op = held->next_op;
		held->next_owner = 0;
	} else if (held && held->owner == owner) {
		*held = claims[--n_claims];
	} else if (held && held->next_owner == owner) {
		held->next_owner = 0;
	}
	(void)pthread_mutex_unlock(&lock);
}

bool bmc_claim_held(uint32_t handle, uint64_t owner)
{
	const struct claim *held;
	bool is;

	(void)pthread_mutex_lock(&lock);
	held = claim_find(handle, 0);
	is = held && held->owner == owner;
	(void)pthread_mutex_unlock(&lock);
	return is;
}

void bmc_claims_done(void)
{
	(void)pthread_mutex_lock(&lock);
	free(claims);
	claims = NULL;
	n_claims = room = 0;
	(void)pthread_mutex_unlock(&lock);
}
