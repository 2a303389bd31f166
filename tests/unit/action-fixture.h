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

#define FIXTURE_BOARDS  7  /* main, then as above */
#define FIXTURE_MOST    80 /* boards of a test's own platform */
#define FIXTURE_PULSES  256
#define FIXTURE_RECORDS 1280

enum fixture_fault {
	FIXTURE_NO_FAULT,
	FIXTURE_ADB_FAILS,   /* answers with an error                      */
	FIXTURE_ADB_HANGS,   /* until its call is cancelled                */
	FIXTURE_ADB_WEDGED,  /* whatever anybody does, for fixture->wedge_ms   */
	FIXTURE_OS_IGNORES,  /* takes the request and does nothing         */
	FIXTURE_PINS_STUCK,  /* pins are driven and nothing follows        */
	FIXTURE_POWER_FAILS, /* the power verb answers with an error       */
	FIXTURE_POWER_HANGS, /* until the fault is gone                    */
};

struct fixture_board {
	/* changed by verbs' threads, looked at by tests */
	atomic_int present, powered, locator;
	atomic_int resets, reboots, shutdowns, power_ups; /* what happened to it */
	_Atomic int64_t usb_back;                         /* off USB until then */
	atomic_bool os_down;
	_Atomic enum bmc_usb_mode mode; /* it is held in, 0: none */
	_Atomic enum fixture_fault fault;
	atomic_int lost; /* not on USB until it is reset by: 1 its hub, 2 its power or
			    pin, 3 nothing */
};

/* Shared memory. */
struct fixture {
	struct fixture_board boards[FIXTURE_MOST];
	int64_t power_up_at[FIXTURE_MOST];
	uint64_t pulsed[FIXTURE_PULSES];
	size_t n_pulsed;
	bool helper_forgot; /* it was restarted */
	_Atomic int64_t wedge_ms;
	atomic_bool probe_hangs[FIXTURE_MOST];
	atomic_bool no_usb[FIXTURE_MOST]; /* not wired; its system cuts its own power */
	int probes[FIXTURE_MOST];
	atomic_bool mute; /* nothing is read, and fixture_start does not wait for it */
	_Atomic int64_t duty;
	atomic_bool fan_hangs; /* its verb waits until this is false */
	/* the journal */
	struct bmc_task tasks[FIXTURE_RECORDS];
	uint32_t parents[FIXTURE_RECORDS];
	char texts[FIXTURE_RECORDS][256], secrets[FIXTURE_RECORDS][96];
	size_t n_tasks;
	struct bmc_journal_record jobs[FIXTURE_RECORDS];
	char checkpoints[FIXTURE_RECORDS][256]; /* of the jobs */
	size_t n_jobs;
	struct bmc_record settings[FIXTURE_RECORDS];
	size_t n_settings;
	_Atomic bool store_refuses, store_fails;
};
extern struct fixture *fixture;

/* The plugin's `probe` and `verbs` are these; `fixture_conf` is changed before
 * fixture_start.
 */
extern struct bmc_instance_conf fixture_conf;
extern const struct bmc_plugin fixture_plugin;
/* The platform file, and the board whose readings come last. */
extern const char *fixture_platform, *fixture_last;
/* What fixture_start makes an instance of: fixture_plugin, or a copy with other verbs.
 */
extern const struct bmc_plugin *fixture_used;
/* An instance's own data. */
struct fixture_self {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
};

/** New hardware and an empty journal; then a core on it. For cmocka. */
int fixture_set_up(void **state);
int fixture_tear_down(void **state);

/** Only the memory, and only the core: what a fork needs. */
void fixture_new(void);
void fixture_start(bool test);
void fixture_stop(void);
/** A teardown for tests that fork: a child whose assertion failed ends here with status
 * 9, instead of going on with the tests that follow. */
int fixture_end_child(void **state);
/** Waits for a child: whether it was killed; it must not end badly in another way. */
bool fixture_was_killed(pid_t pid);

/** An actor with a role's privileges. */
extern const struct bmc_actor fixture_admin, fixture_operator, fixture_reader;

unsigned fixture_board(const char *id);
const struct bmc_board *fixture_row(const char *id); /* of a snapshot that stays */
const struct bmc_task *fixture_task(uint32_t number);

/** Steps the loop until `what` says so, 10 s at most; returns whether it did. */
bool fixture_until(bool (*what)(void *arg), void *arg);
/** Steps the loop for a time. */
void fixture_pass(int64_t ms);
/** Whether the first stored checkpoint has `hex` behind its version. Any thread. */
bool fixture_checkpoint_is(const char *hex);

/** Asks for one operation on one board or blade as the Administrator; the result's
 * code, or the refusal's. `*ret_task` may be NULL. */
int fixture_do(enum bmc_action_op op, const char *id, uint32_t *ret_task);
/** As fixture_do, and waits for the task's end; returns its state. */
enum bmc_task_state fixture_do_wait(enum bmc_action_op op, const char *id);
/** The end of a task. */
enum bmc_task_state fixture_wait(uint32_t task);
struct bmc_action fixture_action(enum bmc_action_op op, const char *id);
/** Submits and waits for `done`. */
int fixture_submit(const struct bmc_actor *who, const struct bmc_action *acts, size_t n,
		   struct bmc_result *ret);
extern struct bmc_error fixture_error; /* of the last refusal */
