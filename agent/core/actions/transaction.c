// SPDX-License-Identifier: Apache-2.0
/* The life of a transaction and of its operations, and the handlers of rows that are no
 * hardware. Reserving is in reserve.c, carrying out in execute.c. */
#include "core/actions/transaction.h"

#include "core/actions/actions.h"

#include <stdlib.h>
#include <string.h>

#include "core/access/claims.h"
#include "core/base/thread.h"
#include "core/base/util.h"

static _Atomic uint64_t last_serial;
static const struct bmc_action_handler *_Atomic handlers[BMC_N_KINDS];

void bmc_action_handler_register(enum bmc_kind kind,
				 const struct bmc_action_handler *ops)
{
	if (kind < BMC_N_KINDS)
		handlers[kind] = ops;
}

const struct bmc_action_handler *bmc_action_handler(enum bmc_kind kind)
{
	return handlers[kind];
}

/* Set once, before there are transactions. */
static int64_t manual_fan_ms;

void bmc_actions_limit_manual_fans(int64_t ms)
{
	manual_fan_ms = ms;
}

/* No frontend has words for a limit of its own: a fan that was set by hand and
 * forgotten goes back to what the temperatures ask for. */
static void limit_manual_fan(struct bmc_action *act)
{
	if (act->op == BMC_ACT_SET && act->kind == BMC_FAN && act->field &&
	    act->field->offset == offsetof(struct bmc_fan, mode) &&
	    act->num == BMC_FAN_MANUAL && !act->duration_ms)
		act->duration_ms = manual_fan_ms;
}

struct bmc_transaction *bmc_transaction_new(const struct bmc_actor *who,
					    const struct bmc_action *acts, size_t n)
{
	struct bmc_transaction *t = calloc(1, sizeof(*t));

	if (!t)
		return NULL;
	t->acts = calloc(n, sizeof(*acts));
	if (!t->acts) {
		free(t);
		return NULL;
	}
	memcpy(t->acts, acts, n * sizeof(*acts));
	for (size_t i = 0; i < n; i++) {
		(void)bmc_params_ref(t->acts[i].params);
		limit_manual_fan(&t->acts[i]);
	}
	t->n_acts = n;
	t->who = *who;
	t->serial = ++last_serial;
	t->refs = 1;
	t->result.durable = true;
	(void)pthread_mutex_init(&t->lock, NULL);
	bmc_cond_init(&t->journaled);
	return t;
}

void bmc_operation_unclaim(struct bmc_operation *operation)
{
	if (operation->claimed && operation->claim) {
		bmc_identity_drop(operation->handle, operation->claim);
		bmc_unclaim(operation->handle, operation->claim);
	} else if (operation->claimed) {
		bmc_claim_drop(operation->handle, operation->transaction->serial);
	}
	operation->claimed = false;
}

void bmc_transaction_unref(struct bmc_transaction *t)
{
	unsigned left;

	(void)pthread_mutex_lock(&t->lock);
	left = --t->refs;
	(void)pthread_mutex_unlock(&t->lock);
	if (left)
		return;
	for (size_t i = 0; i < t->n_operations; i++) {
		bmc_operation_unclaim(&t->operations[i]);
		bmc_run_unref(t->operations[i].run);
	}
	for (size_t i = 0; i < t->n_acts; i++)
		(void)bmc_params_unref(t->acts[i].params);
	bmc_wipe(t->acts, t->n_acts * sizeof(*t->acts));
	bmc_group_free(t->group);
	free(t->operations);
	free(t->acts);
	(void)pthread_cond_destroy(&t->journaled);
	(void)pthread_mutex_destroy(&t->lock);
	free(t);
}

struct bmc_operation *bmc_operation_add(struct bmc_transaction *t,
					const struct bmc_action *act,
					enum bmc_operation_how how, uint32_t handle)
{
	if ((t->n_operations & (t->n_operations - 1)) == 0) {
		size_t room = t->n_operations ? 2 * t->n_operations : 1;
		struct bmc_operation *more =
			realloc(t->operations, room * sizeof(*more));

		if (!more)
			return NULL;
		t->operations = more;
	}
	t->operations[t->n_operations] = (struct bmc_operation){
		.transaction = t, .act = act, .how = how, .handle = handle
	};
	return &t->operations[t->n_operations++];
}
