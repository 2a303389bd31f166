// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "core/actions/action.h"
#include "core/base/loop.h"
#include "core/ports/action-handler.h"
#include "core/ports/store.h"
#include "core/snapshot/snapshot.h"
#include "core/tasks/run.h"

/* A transaction from inside: reserve.c checks and reserves it, execute.c carries it
 * out.
 */

enum bmc_operation_how {
	BMC_OPERATION_RUN,     /* a board's recipe           */
	BMC_OPERATION_SETTING, /* verb, overlay, database    */
	BMC_OPERATION_HANDLER, /* rows with a handler         */
	BMC_OPERATION_RESTART, /* the daemon restarts itself */
	BMC_OPERATION_SERVICE, /* the event log or the clock */
};

/* One thing to do; an action on a blade makes several. What is in its wanted state
 * makes none. */
struct bmc_operation {
	struct bmc_transaction *transaction;
	const struct bmc_action *act;
	enum bmc_operation_how how;
	uint32_t handle;
	bool claimed;
	size_t claim; /* offset of the field, 0: the row */
	struct bmc_run *run;
};

struct bmc_transaction {
	uint64_t serial;
	struct bmc_actor who;
	struct bmc_action *acts;
	size_t n_acts;
	struct bmc_operation *operations; /* doubled at powers of two */
	size_t n_operations, n_runs, n_blades;
	size_t n_fit;         /* boards of sets that run, or are so already */
	struct bmc_error why; /* of one that was left out, a busy one first */
	char left_out[sizeof(((struct bmc_task *)0)->left_out)];
	uint32_t blade;          /* handle of the last blade that was named */
	struct bmc_group *group; /* of several runs */
	bool deferred;           /* its plan begins later, or it waits */
	enum bmc_wait waits_for; /* of an update */
	uint32_t wanted;         /* BMC_PARAM_TASK, or 0 */
	uint32_t task;           /* the first number, the parent's if there is one */
	pthread_mutex_t lock;
	pthread_cond_t journaled;
	unsigned refs;
	bool in_journal;     /* the database has answered */
	void (*ready)(void); /* called when it has; under `lock` */
	struct bmc_message committed;
	/* main thread */
	unsigned waiting;
	unsigned verbs; /* parts of `waiting` that are verbs of settings */
	bool early;     /* `done` is called when only those are left */
	struct bmc_result result;
	void (*done)(void *arg, const struct bmc_result *);
	void *arg;
};

/** A transaction with one reference and copies of `who` and `acts`. NULL: no memory.
 * Any thread. */
struct bmc_transaction *bmc_transaction_new(const struct bmc_actor *who,
					    const struct bmc_action *acts, size_t n);
/** Adds an operation; it stays where it is only until the next one is added. NULL: no
 * memory. Any thread, before the transaction is handed over. */
struct bmc_operation *bmc_operation_add(struct bmc_transaction *t,
					const struct bmc_action *act,
					enum bmc_operation_how how, uint32_t handle);
/** Gives back a reference; the last one wipes and frees what was not handed on. Any
 * thread. */
void bmc_transaction_unref(struct bmc_transaction *t);
void bmc_operation_unclaim(struct bmc_operation *operation);
/** Carries it out; the reference is stolen. Main thread; a message's signature. */
void bmc_transaction_run(void *transaction);
/** One part of a transaction is done (main thread); the last one calls the caller back.
 */
void bmc_transaction_part(struct bmc_transaction *t, int code,
			  const struct bmc_error *err);

/** The handler of a kind's rows, or NULL. Any thread. */
const struct bmc_action_handler *bmc_action_handler(enum bmc_kind kind);

/** An operation's end (main thread): one line for the audit, and its part of the
 * transaction. */
void bmc_operation_end(const struct bmc_operation *operation, int code,
		       const struct bmc_error *err);

/* ---- reserve.c ---- */

/** Adds an action on a board, with its claim; what is so already adds nothing. Any
 * thread. */
int bmc_transaction_add_board(struct bmc_transaction *t, const struct bmc_action *act,
			      const struct bmc_row *row, struct bmc_error *err);

/* ---- sets.c ---- */

/** As bmc_transaction_add_board, but a board that can't do it is left out. BMC_EINVAL,
 * BMC_ENOMEM. */
int bmc_set_add(struct bmc_transaction *t, const struct bmc_action *act,
		const struct bmc_row *board, struct bmc_error *err);
/** The same with all boards of a blade; BMC_EABSENT: it holds none. */
int bmc_set_add_blade(struct bmc_transaction *t, const struct bmc_action *act,
		      const struct bmc_row *blade, const struct bmc_snapshot *s,
		      struct bmc_error *err);
/** 0, or why none of the boards could be taken: nothing runs, and not all of them are
 * in the wanted state. */
int bmc_set_check(const struct bmc_transaction *t, struct bmc_error *err);
/** Names the boards that were left out because they were busy in the row of the task
 * that the client is told of. After the group is made. */
void bmc_set_name_left_out(struct bmc_transaction *t);

/** The parameters of the boards' actions, borrowed; NULL: none. BMC_EINVAL: `*ret_bad`
 * names another list. */
int bmc_set_params(const struct bmc_transaction *t, const struct bmc_params **ret,
		   size_t *ret_bad, struct bmc_error *err);
/** Names in the group the blades that were asked for as a whole. BMC_ENOMEM. */
int bmc_set_name_blades(struct bmc_transaction *t, struct bmc_group *g);
/** The plan that parameters stand for; NULL: none. */
struct bmc_plan bmc_set_plan(const struct bmc_params *params);
/** Shows a plan in the row of the task that follows it. */
void bmc_set_show_plan(struct bmc_task *row, const struct bmc_plan *plan);
/** Shows in all of its tasks when they begin; BMC_TIME. After the group is made. */
void bmc_set_show_start(struct bmc_transaction *t, int64_t when);

/* ---- limits.c ---- */

/** 0, or BMC_ECONFLICT: a setting would not be in order with the others of its row, as
 * the transaction leaves them; `*ret_bad` is the action that does it. Any thread. */
int bmc_limits_check(const struct bmc_transaction *t, const struct bmc_snapshot *s,
		     size_t *ret_bad, struct bmc_error *err);

/* ---- identity.c ---- */

/** 0, or why a setting that the hardware keeps (BMC_IDENTITY) is refused: BMC_EINVAL
 * (no MAC address, zero, multicast; no serial number), BMC_ECONFLICT (another board or
 * interface has it, or is about to). What passes is held for its row until the
 * operation's claim is given back. `*ret_bad` is the action. Any thread, after all
 * operations are claimed. */
int bmc_identity_check(const struct bmc_transaction *t, size_t *ret_bad,
		       struct bmc_error *err);
/** Gives back what passed for the field at `offset` of the row. Any thread. */
void bmc_identity_drop(uint32_t handle, size_t offset);
/** What its verb gets: the field's name, a blank, the value; a MAC address in small
 * letters with colons. */
void bmc_identity_args(const struct bmc_action *act, char *buf, size_t size);

/* ---- updates.c ---- */

/** The parameters of the transaction's update; NULL: it has none. Any thread. */
struct bmc_params *bmc_updates_params(const struct bmc_transaction *t);
/** Shows what is asked for in the rows of its tasks, once its group is made. */
void bmc_updates_show(struct bmc_transaction *t);
/** 0, or why its update can't be: BMC_EINVAL (it has other operations beside it, or no
 * image), or what bmc_update_check says; `*ret_bad` is the action. Any thread. */
int bmc_updates_check(const struct bmc_transaction *t, size_t *ret_bad,
		      struct bmc_error *err);
/** 0, or why a SET of a task is none that starts an update which waits for a request.
 */
int bmc_updates_start_check(const struct bmc_action *act, struct bmc_error *err);
/** Starts it; `done` is called when that is stored. Main thread. */
void bmc_updates_start(const struct bmc_action *act, bmc_action_handler_done *done,
		       void *arg);

/* ---- static-address.c ---- */

/** 0, or why a bmc_nic.ipv4_static is refused: BMC_EINVAL, BMC_ECONFLICT (another
 * interface has it). Any thread. */
int bmc_static_address_check(const struct bmc_row *row, const struct bmc_action *act,
			     struct bmc_error *err);

/* ---- service.c ---- */

/** 0, or why an operation on the agent itself can't be done now. Any thread. */
int bmc_service_check(const struct bmc_row *row, const struct bmc_action *act,
		      struct bmc_error *err);
/** Carries out an operation on the event log or the clock; ends in bmc_operation_end.
 * Main thread.
 */
void bmc_service_run(struct bmc_operation *operation);

/* ---- setting.c ---- */

/** 0: to be done; 1: has the value already; or why not. Any thread. */
int bmc_setting_check(const struct bmc_row *row, const struct bmc_action *act,
		      struct bmc_error *err);
/** Writes all settings of a transaction in one transaction, which is dropped when it
 * fails; then calls `done`, which may be at once: 0, BMC_ENOSPC (the database takes no
 * writes), BMC_EAGAIN or BMC_ENOMEM. Main thread. */
void bmc_settings_store(struct bmc_transaction *t, bmc_store_done *done);
/** Has the database hold again what is in force, for a setting that was stored and then
 * could not be carried out. Main thread. */
void bmc_setting_take_back(const struct bmc_operation *operation);
/** Carries out an operation that is a setting and is stored; ends in
 * bmc_transaction_part. Main thread. */
void bmc_setting_run(struct bmc_operation *operation);
/** Hands the stored settings that have a verb to the hardware. Main thread, at start.
 */
void bmc_settings_restore(void);
