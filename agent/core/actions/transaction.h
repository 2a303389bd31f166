// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "core/ports/action-handler.h"
#include "core/ports/store.h"
#include "core/tasks/run.h"

/* A ticket from inside: door.c checks and reserves it, door-run.c carries it out. */

enum bmc_item_how {
	BMC_ITEM_RUN,     /* a board's recipe           */
	BMC_ITEM_SETTING, /* verb, overlay, database    */
	BMC_ITEM_OWNER,   /* somebody else's rows       */
	BMC_ITEM_RESTART, /* the daemon restarts itself */
	BMC_ITEM_SERVICE, /* the event log or the clock */
};

/* One thing to do; an action on a blade makes several. What is in its wanted state
 * makes none. */
struct bmc_item {
	struct bmc_ticket *ticket;
	const struct bmc_action *act;
	enum bmc_item_how how;
	uint32_t handle;
	bool claimed;
	size_t claim; /* offset of the field, 0: the row */
	struct bmc_run *run;
};

struct bmc_ticket {
	uint64_t serial;
	struct bmc_actor who;
	struct bmc_action *acts;
	size_t n_acts;
	struct bmc_item *items; /* doubled at powers of two */
	size_t n_items, n_runs, n_blades;
	uint32_t blade;          /* handle of the last blade that was named */
	struct bmc_group *group; /* of several runs */
	uint32_t task;           /* the first number, the parent's if there is one */
	pthread_mutex_t lock;
	pthread_cond_t journaled;
	unsigned refs;
	bool in_journal; /* the database has answered */
	/* main thread */
	unsigned waiting;
	struct bmc_result result;
	void (*done)(void *arg, const struct bmc_result *);
	void *arg;
};

/** Gives back a reference; the last one wipes and frees what was not handed on. Any
 * thread. */
void bmc_ticket_unref(struct bmc_ticket *t);
void bmc_item_unclaim(struct bmc_item *item);
/** Carries it out; the reference is stolen. Main thread; bmc_loop_post's signature. */
void bmc_ticket_run(void *ticket);
/** One part of a ticket is done (main thread); the last one tells the caller. */
void bmc_ticket_part(struct bmc_ticket *t, int code, const struct bmc_error *err);

/** The owner of a kind's rows, or NULL. Any thread. */
const struct bmc_action_owner *bmc_action_owner(enum bmc_kind kind);

/** An item's end (main thread): one line for the audit, and its part of the ticket. */
void bmc_item_end(const struct bmc_item *item, int code, const struct bmc_error *err);

/* ---- service-run.c ---- */

/** 0, or why an operation on the agent itself can't be done now. Any thread. */
int bmc_service_check(const struct bmc_row *row, const struct bmc_action *act,
		      struct bmc_error *err);
/** Carries out an item on the event log or the clock; ends in bmc_item_end. Main thread.
 */
void bmc_service_run(struct bmc_item *item);

/* ---- setting-run.c ---- */

/** 0: to be done; 1: has the value already; or why not. Any thread. */
int bmc_setting_check(const struct bmc_row *row, const struct bmc_action *act,
		      struct bmc_error *err);
/** Writes all settings of a ticket in one transaction, which is dropped when it fails;
 * then calls `done`, which may be at once: 0, BMC_ENOSPC (the database takes no
 * writes), BMC_EAGAIN or BMC_ENOMEM. Main thread. */
void bmc_settings_store(struct bmc_ticket *t, bmc_store_done *done);
/** Has the database hold again what is in force, for a setting that was stored and then
 * could not be carried out. Main thread. */
void bmc_setting_take_back(const struct bmc_item *item);
/** Carries out an item that is a setting and is stored; ends in bmc_ticket_part. Main
 * thread. */
void bmc_setting_run(struct bmc_item *item);
/** Hands the stored settings that have a verb to the hardware. Main thread, at start.
 */
void bmc_settings_restore(void);
