// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <setjmp.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/types.h>

#include <cmocka.h>

#include "core/actions/action.h"
#include "core/actions/actions.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/plugin/instance.h"
#include "core/ports/store.h"
#include "core/snapshot/snapshot.h"

/* What the tests of actions share: two blades of boards whose hardware, root helper and
 * journal live in shared memory. So they outlive a daemon that is killed, as the real
 * ones do, and a test can fork one, let it die, and look at what the next one makes of
 * it.
 *
 * sub1-01..03 have all pins, sub1-04 is an empty slot, sub2-01 has no RESET pin,
 * sub2-02 no pins at all. */

#define RIG_BOARDS  7  /* main, then as above */
#define RIG_MOST    80 /* boards of a test's own platform */
#define RIG_PULSES  256
#define RIG_RECORDS 512

enum rig_fault {
	RIG_NO_FAULT,
	RIG_ADB_FAILS,   /* answers with an error                      */
	RIG_ADB_HANGS,   /* until its call is cancelled                */
	RIG_ADB_WEDGED,  /* whatever anybody does, for rig->wedge_ms   */
	RIG_OS_IGNORES,  /* takes the request and does nothing         */
	RIG_PINS_STUCK,  /* pins are driven and nothing follows        */
	RIG_POWER_FAILS, /* the power verb answers with an error       */
	RIG_POWER_HANGS, /* until the fault is gone                    */
};

struct rig_board {
	int present, powered, locator;
	int resets, reboots, shutdowns, power_ups; /* what happened to it */
	int64_t usb_back;                          /* off USB until then */
	bool os_down;
	_Atomic enum rig_fault fault;
};

/* Shared memory. */
struct rig {
	struct rig_board boards[RIG_MOST];
	int64_t power_up_at[RIG_MOST];
	uint64_t pulsed[RIG_PULSES];
	size_t n_pulsed;
	bool helper_forgot; /* it was restarted */
	_Atomic int64_t wedge_ms;
	atomic_bool probe_hangs[RIG_MOST];
	atomic_bool no_usb[RIG_MOST]; /* not wired; its system cuts its own power */
	int probes[RIG_MOST];
	atomic_bool mute; /* nothing is read, and rig_start does not wait for it */
	_Atomic int64_t duty;
	atomic_bool fan_hangs; /* its verb waits until this is false */
	/* the journal */
	struct bmc_task tasks[RIG_RECORDS];
	uint32_t parents[RIG_RECORDS];
	char texts[RIG_RECORDS][96];
	size_t n_tasks;
	struct bmc_journal_record jobs[RIG_RECORDS];
	char checkpoints[RIG_RECORDS][256]; /* of the jobs */
	size_t n_jobs;
	struct bmc_record settings[RIG_RECORDS];
	size_t n_settings;
	_Atomic bool store_refuses, store_fails;
};
extern struct rig *rig;

/* The plugin's `probe` and `verbs` are these; `rig_conf` is changed before rig_start.
 */
extern struct bmc_instance_conf rig_conf;
extern const struct bmc_plugin rig_plugin;
/* The platform file, and the board whose readings come last. */
extern const char *rig_platform, *rig_last;
/* What rig_start makes an instance of: rig_plugin, or a copy with other verbs. */
extern const struct bmc_plugin *rig_used;
/* An instance's own data. */
struct rig_self {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
};

/** New hardware and an empty journal; then a core on it. For cmocka. */
int rig_set_up(void **state);
int rig_tear_down(void **state);

/** Only the memory, and only the core: what a fork needs. */
void rig_new(void);
void rig_start(bool test);
void rig_stop(void);

/** Somebody with a role's privileges. */
extern const struct bmc_actor rig_admin, rig_operator, rig_reader;

unsigned rig_board(const char *id);
const struct bmc_board *rig_row(const char *id); /* of a snapshot that stays */
const struct bmc_task *rig_task(uint32_t number);

/** Steps the loop until `what` says so, 10 s at most; returns whether it did. */
bool rig_until(bool (*what)(void *arg), void *arg);
/** Steps the loop for a time. */
void rig_pass(int64_t ms);

/** Asks for one operation on one board or blade as the Administrator; the result's
 * code, or the refusal's. `*ret_task` may be NULL. */
int rig_do(enum bmc_action_op op, const char *id, uint32_t *ret_task);
/** As rig_do, and waits for the task's end; returns its state. */
enum bmc_task_state rig_do_wait(enum bmc_action_op op, const char *id);
/** The end of a task. */
enum bmc_task_state rig_wait(uint32_t task);
struct bmc_action rig_action(enum bmc_action_op op, const char *id);
/** Submits and waits for `done`. */
int rig_submit(const struct bmc_actor *who, const struct bmc_action *acts, size_t n,
	       struct bmc_result *ret);
extern struct bmc_error rig_error; /* of the last refusal */
