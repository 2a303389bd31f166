// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "core/access/allowed.h"
#include "core/model/action.h"
#include "core/model/params.h"

/* The action API: the only way to change anything. Redfish, SNMP, the local API and the
 * command line all build struct bmc_actions and call these functions; authorisation,
 * range checks, claims and audit happen here and nowhere else.
 *
 *   reserve   checks all actions, claims their rows: all or none
 *   ready     waits until the reservation is in the journal (a SET's ACTION phase)
 *   commit    starts; `done` is called when the task is journaled and published
 *             (then its Location answers), or, for what is no task (a setting, an
 *             account), when it has been carried out
 *   release   undoes a reservation
 *
 * What is already in the wanted state is success: nothing is run, the result's task is
 * 0. */

struct bmc_transaction;

/** What became of a committed transaction. */
struct bmc_result {
	int code;      /* 0, or what stopped it: of settings and accounts also */
	uint32_t task; /* number of the task, 0 when there was nothing to do   */
	bool durable;  /* false: the database takes no writes; runs all the same */
	struct bmc_error err;
	bool partly; /* with an error: other actions of the transaction have been done
		      */
};

/** Checks and claims. `n` 1..2048. On error `*ret_bad` (optional) is the index of the
 * first action that was refused. Any thread; never waits. The transaction is owned by
 * the caller until commit or release. */
int bmc_action_reserve(const struct bmc_actor *who, const struct bmc_action *acts,
		       size_t n, struct bmc_transaction **ret, size_t *ret_bad,
		       struct bmc_error *reterr);

/** Waits up to `timeout_ms` for the reservation to be in the journal. 0, BMC_ETIMEDOUT.
 *  With a database that takes no writes, 0 for what may run without one. Not on main.
 */
int bmc_transaction_ready(struct bmc_transaction *t, int64_t timeout_ms,
			  struct bmc_error *reterr);

/** Has `ready` called, on the main thread, once the reservation is in the journal; not
 * at all when it is there already (bmc_transaction_ready with a timeout of 0 tells). It
 * must not wait. The transaction may be released before. */
void bmc_transaction_on_ready(struct bmc_transaction *t, void (*ready)(void));

/** As bmc_transaction_commit, but `done` is called as soon as everything is stored,
 * tasks are published and what needs no hardware has been carried out: verbs of
 * settings run on, and a failure of theirs is only logged. */
void bmc_transaction_commit_stored(struct bmc_transaction *t,
				   void (*done)(void *arg, const struct bmc_result *),
				   void *arg);

/** Starts; the transaction is stolen. `done` is called exactly once, on the main
 * thread, and must not wait. NULL: not called. */
void bmc_transaction_commit(struct bmc_transaction *t,
			    void (*done)(void *arg, const struct bmc_result *),
			    void *arg);

/** Undoes a reservation. Accepts NULL. */
void bmc_transaction_release(struct bmc_transaction *t);

/** Reserve and commit in one. When it returns an error `done` is not called. */
int bmc_action_submit(const struct bmc_actor *who, const struct bmc_action *acts,
		      size_t n, void (*done)(void *arg, const struct bmc_result *),
		      void *arg, size_t *ret_bad, struct bmc_error *reterr);

/** Milliseconds after its end at which a task is removed; 0: never. Any thread. */
int64_t bmc_actions_tasks_kept_for(void);

/** The number that the next task will have if no other one is made before: for
 * BMC_PARAM_TASK. Any thread. */
uint32_t bmc_action_next_task(void);

/** Asks a task to end early (a recipe's safe point). BMC_ENOTFOUND, BMC_EPERM,
 * BMC_ESTATE. */
int bmc_task_cancel(const struct bmc_actor *who, uint32_t task,
		    struct bmc_error *reterr);
