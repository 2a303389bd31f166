// SPDX-License-Identifier: Apache-2.0
/* The table of claims: small (at most one for each board), so a list that is searched.
 * Reserving takes claims; runs and settings give them back. */
#include "core/access/claims.h"

#include <pthread.h>
#include <stdlib.h>

struct claim {
	uint32_t handle;
	size_t what;
	uint64_t owner, next_owner; /* next: 0, or who gets it then */
	enum bmc_action_op op, next_op;
	uint64_t borrower; /* 0, or the job whose step disturbs this board */
	bool parked;       /* its own step waits for other boards         */
	bool extra;        /* held by a job's step alone                  */
	bool waits;        /* its job has not begun                       */
};

static struct {
	pthread_mutex_t lock;
	struct claim *claims;
	size_t n_claims, room;
} table = { .lock = PTHREAD_MUTEX_INITIALIZER };

static struct claim *claim_find(uint32_t handle, size_t what)
{
	for (size_t i = 0; i < table.n_claims; i++) {
		if (table.claims[i].handle == handle && table.claims[i].what == what)
			return &table.claims[i];
	}
	return NULL;
}

static int claim_add(const struct claim *c)
{
	if (table.n_claims == table.room) {
		size_t more = table.room ? table.room * 2 : 64;
		struct claim *grown = realloc(table.claims, more * sizeof(*grown));

		if (!grown)
			return BMC_ENOMEM;
		table.claims = grown;
		table.room = more;
	}
	table.claims[table.n_claims++] = *c;
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

	(void)pthread_mutex_lock(&table.lock);
	held = claim_find(handle, what);
	if (!held) {
		code = claim_add(&fresh);
	} else {
		*ret_held = held->op;
		code = held->owner != owner ? BMC_EBUSY
		       : held->op == op     ? BMC_EEXIST
					    : BMC_EINVAL;
	}
	(void)pthread_mutex_unlock(&table.lock);
	return code;
}

void bmc_unclaim(uint32_t handle, size_t what)
{
	struct claim *held;

	(void)pthread_mutex_lock(&table.lock);
	held = claim_find(handle, what);
	if (held)
		*held = table.claims[--table.n_claims];
	(void)pthread_mutex_unlock(&table.lock);
}

void bmc_claim_waits(uint32_t handle, uint64_t owner, bool waits)
{
	struct claim *held;

	(void)pthread_mutex_lock(&table.lock);
	held = claim_find(handle, 0);
	if (held && held->owner == owner)
		held->waits = waits;
	(void)pthread_mutex_unlock(&table.lock);
}

bool bmc_claim_is_waiting(uint32_t handle)
{
	const struct claim *held;
	bool waits;

	(void)pthread_mutex_lock(&table.lock);
	held = claim_find(handle, 0);
	waits = held && held->waits;
	(void)pthread_mutex_unlock(&table.lock);
	return waits;
}

bool bmc_claim_is_held(uint32_t handle, size_t what)
{
	bool held;

	(void)pthread_mutex_lock(&table.lock);
	held = claim_find(handle, what) != NULL;
	(void)pthread_mutex_unlock(&table.lock);
	return held;
}

int bmc_claim_after(uint32_t handle, uint64_t owner, enum bmc_action_op op)
{
	struct claim fresh = { .handle = handle, .owner = owner, .op = op };
	struct claim *held;
	int code = BMC_OK;

	(void)pthread_mutex_lock(&table.lock);
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
	(void)pthread_mutex_unlock(&table.lock);
	return code;
}

/* Gives it to the one that waits for it. Locked. */
static void claim_pass(struct claim *held)
{
	struct claim next = { .handle = held->handle,
			      .owner = held->next_owner,
			      .op = held->next_op };

	*held = held->next_owner ? next : table.claims[--table.n_claims];
}

void bmc_claim_drop(uint32_t handle, uint64_t owner)
{
	struct claim *held;

	(void)pthread_mutex_lock(&table.lock);
	held = claim_find(handle, 0);
	if (held && held->owner == owner && held->borrower && !held->extra) {
		held->owner = held->borrower;
		held->borrower = 0;
		held->parked = false;
		held->extra = true;
	} else if (held && held->owner == owner) {
		claim_pass(held);
	} else if (held && held->next_owner == owner) {
		held->next_owner = 0;
	}
	(void)pthread_mutex_unlock(&table.lock);
}

/* ---- one step, several boards ---- */

static bool may_have(const struct claim *held, uint64_t job)
{
	return !held || (held->parked && !held->borrower) ||
	       (held->extra && held->owner == job);
}

static bool all_free(uint32_t own, const uint32_t *others, size_t n, uint64_t job)
{
	const struct claim *mine = claim_find(own, 0);

	if (mine && mine->borrower)
		return false;
	for (size_t i = 0; i < n; i++) {
		if (others[i] != own && !may_have(claim_find(others[i], 0), job))
			return false;
	}
	return true;
}

static int take(uint32_t handle, uint64_t job, enum bmc_action_op op)
{
	struct claim fresh = {
		.handle = handle, .owner = job, .op = op, .extra = true
	};
	struct claim *held = claim_find(handle, 0);

	if (!held)
		return claim_add(&fresh);
	if (!held->extra)
		held->borrower = job;
	return BMC_OK;
}

static void less(uint64_t job)
{
	for (size_t i = table.n_claims; i-- > 0;) {
		if (table.claims[i].borrower == job)
			table.claims[i].borrower = 0;
		else if (table.claims[i].extra && table.claims[i].owner == job)
			claim_pass(&table.claims[i]);
	}
}

int bmc_claim_more(uint32_t own, const uint32_t *others, size_t n, uint64_t job,
		   enum bmc_action_op op)
{
	struct claim *mine;
	int code;

	(void)pthread_mutex_lock(&table.lock);
	code = all_free(own, others, n, job) ? BMC_OK : BMC_EBUSY;
	for (size_t i = 0; code == BMC_OK && i < n; i++) {
		if (others[i] != own)
			code = take(others[i], job, op);
	}
	if (code == BMC_ENOMEM)
		less(job);
	mine = claim_find(own, 0);
	if (mine)
		mine->parked = code == BMC_EBUSY;
	(void)pthread_mutex_unlock(&table.lock);
	return code;
}

void bmc_claim_less(uint64_t job)
{
	(void)pthread_mutex_lock(&table.lock);
	less(job);
	(void)pthread_mutex_unlock(&table.lock);
}

bool bmc_claim_held(uint32_t handle, uint64_t owner)
{
	const struct claim *held;
	bool is;

	(void)pthread_mutex_lock(&table.lock);
	held = claim_find(handle, 0);
	is = held && held->owner == owner;
	(void)pthread_mutex_unlock(&table.lock);
	return is;
}

void bmc_claims_done(void)
{
	(void)pthread_mutex_lock(&table.lock);
	free(table.claims);
	table.claims = NULL;
	table.n_claims = table.room = 0;
	(void)pthread_mutex_unlock(&table.lock);
}
