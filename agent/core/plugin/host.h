// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/pool.h"
#include "core/inventory/inventory.h"
#include "core/plugin/instance.h"

/* Inside the plugin host (instance.c, call.c, probe.c, host-ops.c); nobody else
 * includes it.
 *
 * A *exec_slot* is one row of one instance: at most one call is in it at a time. A
 * probe gives way to a verb (it is cancelled); a verb waits for its exec_slot in its
 * own thread. A call that does not come back leaves its exec_slot quarantined until it
 * does. bmc_host_lock guards exec_slots, calls' ends, the list of instances; it is
 * never held over a plugin's call. */

struct bmc_call;

struct bmc_exec_slot {
	struct bmc_host *host;
	const struct bmc_slot *slot;
	struct bmc_call *holder;
	bool quarantined;
	/* The probe scheduler's, main thread only; its flags last, so that they share
	 * no word with what other threads write. */
	int64_t due;
	unsigned timeouts; /* one after the other */
	unsigned hung;     /* calls that never came back, since it last answered */
	bool probing, probe_off;
};

/* One instance; what a plugin sees as its host. */
struct bmc_host {
	struct bmc_host *next;
	struct bmc_instance_conf conf;
	const struct bmc_plugin *plugin;
	void *self;
	struct bmc_source *source;
	struct bmc_exec_slot *exec_slots; /* two for each slot of the platform:
					     bmc_host_exec_slot() */
	size_t cursor;          /* where the probe scheduler goes on               */
	unsigned calls;         /* under way, not counting what was left behind    */
	unsigned putting;       /* threads inside the inventory with `source`      */
	unsigned lost;          /* calls left behind that are still in the plugin  */
	bool stopping, poll_alive, poll_wake, polled;
	bool hung;              /* its poll() has not come back: quarantined       */
	int64_t poll_since;     /* when the present poll() began, or BMC_UNKNOWN   */
	bool created;           /* create() has come back                          */
	int create_code;
	struct bmc_error create_err;
	pthread_cond_t poll_cond;
	int poll_code;
	struct bmc_log_limit limit;
	/* stopping, main thread only */
	int64_t stop_at; /* when calls are cancelled */
	struct bmc_timer *stop_timer;
	void (*ended)(void *arg);
	void *ended_arg;
};

/* One call into a plugin: a verb's run or a probe, or a verb inside a verb (`outer`).
 */
struct bmc_call {
	struct bmc_work work;
	struct bmc_call *next; /* all under way; main thread */
	uint64_t number;
	struct bmc_host *host;
	struct bmc_exec_slot *exec_slot;
	const struct bmc_verb *verb; /* NULL: a probe */
	int64_t arg;
	uint64_t step;
	unsigned pins; /* pin operations so far, over all inner verbs */
	struct bmc_call *outer, *inner;
	_Atomic int64_t deadline;
	atomic_bool cancelled;
	pthread_cond_t woken;
	unsigned refs;
	bool finished, abandoned;
	int code;
	struct bmc_error err;
	_Atomic int64_t percent;
	atomic_bool percent_posted;
	struct bmc_message ended, progressed;
	/* main thread */
	bool answered;
	struct bmc_timer *timer;
	void (*progress)(void *arg, int64_t millipercent);
	void (*done)(void *arg, int code, const struct bmc_error *err);
	void *ctx;
};

extern pthread_mutex_t bmc_host_lock;
extern struct bmc_host *bmc_hosts; /* the newest first */
extern const struct bmc_host_ops bmc_host_ops;

/** A call for the exec_slot of `slot`, not started yet; NULL when out of memory. Main
 * thread.
 */
struct bmc_call *bmc_call_new(struct bmc_host *host, const struct bmc_slot *slot,
			      const struct bmc_verb *verb, int64_t deadline);
/** Starts it; stolen also on an error. `done` is called once on the main thread, at
 *  BMC_GRACE_MS past the deadline at the latest. Main thread. */
int bmc_call_start(struct bmc_call *call, struct bmc_pool *pool);
/** Asks for an early end: what waits in ops->sleep wakes up. Locked. */
void bmc_call_cancel(struct bmc_call *call);
void bmc_call_ref(struct bmc_call *call);
void bmc_call_unref(struct bmc_call *call);
/** Cancels all calls of an instance (NULL: of all). Main thread. */
void bmc_calls_cancel(const struct bmc_host *host);
/** Runs a verb inside `outer`, on its thread, under its claim. Worker thread. */
int bmc_call_inner(struct bmc_call *outer, const char *verb, int64_t arg,
		   struct bmc_error *err);
int bmc_calls_init(void);
void bmc_calls_done(void);

/** The exec_slot of a slot for a verb (NULL: for a probe). */
struct bmc_exec_slot *bmc_host_exec_slot(const struct bmc_host *host,
					 const struct bmc_slot *slot,
					 const struct bmc_verb *verb);
/** The instance (it may be stopping) and its verb for a slot, or NULL. Locked. */
struct bmc_host *bmc_host_bound(const struct bmc_slot *slot, const char *verb,
				const struct bmc_verb **ret);
/** Asks for a poll() soon. Locked. */
void bmc_host_wake(struct bmc_host *host);
/** Ends a stopping instance that nothing is in any more. Main thread. */
void bmc_host_check_end(struct bmc_host *host);

/** Calls create() on a thread of its own and waits for it, 2 s at most: then
 *  BMC_ETIMEDOUT, and `host` has to stay. Main thread. */
int bmc_host_create(struct bmc_host *host, struct bmc_error *err);

/** The threads that poll, and the watch over them. Main thread. */
int bmc_polls_init(void);
void bmc_polls_done(void);
int bmc_poll_start(struct bmc_host *host);
/** Number of instances whose poll() has not come back. Any thread. */
unsigned bmc_hosts_hung(void);

/** The probe scheduler: one timer for all instances. Main thread. */
int bmc_probes_init(void);
void bmc_probes_done(void);
void bmc_probes_add(struct bmc_host *host);
