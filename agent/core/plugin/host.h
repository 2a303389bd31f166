// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>
#include <stdatomic.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/pool.h"
#include "core/inventory/inventory.h"
#include "core/plugin/instance.h"

/* Inside the plugin host (instance.c, call.c, probe.c, host-ops.c); no other file
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
	unsigned calls; /* that refer to it; locked */
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
	struct bmc_exec_slot *exec_slots;         /* two for each slot of the platform:
						     bmc_host_exec_slot() */
	struct bmc_row_slot *row_slots;           /* of rows made at run time; locked */
	struct bmc_verb flash[BMC_N_FLASH_CALLS]; /* its flasher's calls; without a
						     `run`: it has none */
	size_t cursor;    /* where the probe scheduler goes on               */
	unsigned calls;   /* under way, not counting abandoned ones    */
	unsigned putting; /* threads inside the inventory with `source`      */
	unsigned lost;    /* abandoned calls that are still in the plugin  */
	bool stopping, poll_alive, poll_wake, polled;
	bool hung;          /* its poll() has not come back: quarantined       */
	int64_t poll_since; /* when the present poll() began, or BMC_UNKNOWN   */
	bool serve_alive;
	int serve_stop, serve_wake; /* eventfds; -1 without serve()            */
	struct bmc_edges *edges;    /* it has asked for edges; owned           */
	bool created; /* create() has come back                          */
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
	const struct bmc_verb *verb;     /* NULL: a probe */
	struct bmc_stream *stream;       /* of a stream: one reference */
	struct bmc_args args;            /* text: owned, wiped; image: one reference */
	struct bmc_flash *flash;         /* of a flasher's call: owned */
	struct bmc_command_run *command; /* of a command, inside a flasher's call */
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
	/* the newest report and checkpoint; locked */
	struct bmc_report report;
	struct bmc_checkpoint kept, before; /* before: of the run that was killed */
	bool reported, has_kept, has_before;
	struct bmc_message ended, progressed;
	/* main thread */
	bool answered;
	struct bmc_timer *timer;
	void (*progress)(void *arg, const struct bmc_report *);
	void (*checkpoint)(void *arg, const struct bmc_checkpoint *);
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
/** As bmc_call_new, for an execution slot that is no row's own. */
struct bmc_call *bmc_call_new_in(struct bmc_exec_slot *exec_slot,
				 const struct bmc_verb *verb, int64_t deadline);
/** Starts it; stolen also on an error. `done` is called once on the main thread, at
 *  BMC_GRACE_MS past the deadline at the latest. Main thread. */
int bmc_call_start(struct bmc_call *call, struct bmc_pool *pool);
/** Frees a call that was never started. */
void bmc_call_drop(struct bmc_call *call);
/** Asks for an early end: what waits in ops->sleep wakes up. Locked. */
void bmc_call_cancel(struct bmc_call *call);
void bmc_call_unref(struct bmc_call *call);
/** Cancels all calls of an instance (NULL: of all). Main thread. */
void bmc_calls_cancel(const struct bmc_host *host);
/** Cancels the streams of an instance. Main thread. */
void bmc_streams_cancel(const struct bmc_host *host);
/** Runs a verb inside `outer`, on its thread, under its claim. Worker thread. */
int bmc_call_inner(struct bmc_call *outer, const char *verb,
		   const struct bmc_args *args, struct bmc_error *err);
/** A beat of a long verb: of the calls around it, too. Locked. */
void bmc_call_beat(struct bmc_call *call);
int bmc_calls_init(void);
void bmc_calls_done(void);

/* ---- exec-slot.c ---- */

/** The execution slot of a slot for a verb (NULL: for a probe). NULL: no memory, for a
 * row made at run time only. Locked, or main thread for a slot of the platform. */
struct bmc_exec_slot *bmc_host_exec_slot(struct bmc_host *host,
					 const struct bmc_slot *slot,
					 const struct bmc_verb *verb);
/** The slot of a row that was made at run time; `anchor` has its bindings. NULL: no
 *  memory. Locked. */
const struct bmc_slot *bmc_host_row_slot(struct bmc_host *host,
					 const struct bmc_row *row,
					 const struct bmc_slot *anchor);
void bmc_host_row_slots_free(struct bmc_host *host);
/** The platform's slot that a row is, or is a part of; NULL: none. Any thread. */
const struct bmc_slot *bmc_row_anchor(const struct bmc_snapshot *s,
				      const struct bmc_row *row);
/** The platform's slot whose `verbs` count for a slot. */
const struct bmc_slot *bmc_slot_anchor(const struct bmc_slot *slot);
/** Waits until the call's slot is free; a probe in it is asked to leave, and a probe
 * does not wait. Worker thread. */
int bmc_exec_slot_take(struct bmc_call *call, struct bmc_error *err);
void bmc_exec_slot_leave(struct bmc_call *call);
/** The refusal of a slot whose last call never came back. */
int bmc_exec_slot_quarantined(const struct bmc_exec_slot *exec_slot,
			      struct bmc_error *err);
/** Has those who wait for a slot look again. Locked. */
void bmc_exec_slots_wake(void);
void bmc_exec_slots_init(void);

/* ---- stream.c, stream-bytes.c ---- */

/** The name by which the platform file binds a stream. */
static inline const char *bmc_stream_binding(enum bmc_stream_what what)
{
	return what == BMC_STREAM_SHELL ? "shell" : "files";
}
/** A plugin's row for it, or NULL. */
const struct bmc_stream_type *bmc_stream_type_of(const struct bmc_plugin *plugin,
						 enum bmc_stream_what what);
/** Takes the call's reference. Any thread. */
void bmc_stream_call_freed(struct bmc_stream *s);
/** Has the plugin's side evaluate again. Any thread, locked or not. */
void bmc_stream_wake(struct bmc_stream *s);
/** The host's operations. The stream's worker. */
ssize_t bmc_stream_op_read(struct bmc_call *call, void *buf, size_t len, int64_t ms);
ssize_t bmc_stream_op_write(struct bmc_call *call, const void *buf, size_t len,
			    int64_t ms);
int bmc_stream_op_wait(struct bmc_call *call, int fd, short events, uint32_t want,
		       int64_t ms);
bool bmc_stream_op_size(struct bmc_call *call, uint16_t *ret_columns,
			uint16_t *ret_rows);

/* ---- command.c ---- */

/** The host's operation `command`. The flasher's worker. */
int bmc_command_op(struct bmc_call *call, struct bmc_command *command,
		   struct bmc_error *err);
/** What ops->stream_* are in a command. */
ssize_t bmc_command_op_read(struct bmc_call *call, void *buf, size_t len, int64_t ms);
ssize_t bmc_command_op_write(struct bmc_call *call, const void *buf, size_t len);
int bmc_command_op_wait(struct bmc_call *call, int fd, short events, uint32_t want,
			int64_t ms);

/* ---- lines.c: what the platform file names to the helper. Any thread but main ---- */

int bmc_lines_op_lines(const struct bmc_host *host,
		       int (*each)(void *arg, const char *line, const char *parent,
				   bool input, const struct bmc_conf *conf),
		       void *arg);
int bmc_lines_op_set(struct bmc_host *host, const char *line, bool active,
		     struct bmc_error *err);
int bmc_lines_op_pulse(struct bmc_host *host, const char *line, struct bmc_error *err);
int bmc_lines_op_read(struct bmc_host *host, const char *line, struct bmc_error *err);
int bmc_lines_op_pwm_set(struct bmc_host *host, const char *pwm, int64_t duty,
			 uint32_t hold_ms, struct bmc_error *err);
int bmc_lines_op_pwm_read(struct bmc_host *host, const char *pwm,
			  struct bmc_error *err);
int bmc_lines_op_storage_open(struct bmc_host *host, const char *storage, bool write,
			      struct bmc_error *err);

/* ---- flash.c ---- */

/** Makes verbs of the flasher's calls. */
void bmc_flash_init(struct bmc_host *host);
/** The instance that is bound as flasher of the slot, by name or (NULL) the first one,
 * and the verb "flash_..." ("flash": any of them); NULL: none. Locked. */
struct bmc_host *bmc_flash_host(const struct bmc_slot *slot, const char *name,
				const char *verb, const struct bmc_verb **ret);
/** The host's operations. The flasher's worker. */
int bmc_flash_op_offer(struct bmc_call *call, char *ret_url, size_t size,
		       struct bmc_error *err);
int64_t bmc_flash_op_offered(struct bmc_call *call);
int bmc_flash_op_offer_put(struct bmc_call *call, const char *name, const void *bytes,
			   size_t len, struct bmc_error *err);
ssize_t bmc_flash_op_offer_get(struct bmc_call *call, const char *name, void *buf,
			       size_t size, int64_t *ret_at);

/* ---- edges.c ---- */

/** The serving thread. */
int bmc_edges_op_edge(struct bmc_host *host, struct bmc_line_edge *ret, int64_t ms);
/** Any thread. */
int bmc_edges_op_press(struct bmc_host *host, const char *line, enum bmc_press what);
/** Its serve() has ended for good. Main thread. */
void bmc_edges_free(struct bmc_host *host);

/* ---- verb.c ---- */

/** Wipes and frees what a call holds of its arguments. */
void bmc_args_drop(struct bmc_args *args);

/** An instance by its name, or NULL. Locked. */
struct bmc_host *bmc_host_find(const char *name);
/** The instance (it may be stopping) that is bound to a slot by this name, or NULL.
 * Locked. */
struct bmc_host *bmc_host_named(const struct bmc_slot *slot, const char *binding);
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

/** The thread of an event-driven source. Main thread; stop also while locked. */
int bmc_serve_init(struct bmc_host *host);
int bmc_serve_start(struct bmc_host *host);
void bmc_serve_stop(struct bmc_host *host);
void bmc_serve_done(struct bmc_host *host);
/** ops->wait and ops->stop_fd. On the serving thread. */
int bmc_serve_wait(struct bmc_host *host, int fd, short events, int64_t ms);
int bmc_serve_stop_fd(const struct bmc_host *host);

/** The probe scheduler: one timer for all instances. Main thread. */
int bmc_probes_init(void);
void bmc_probes_done(void);
void bmc_probes_add(struct bmc_host *host);
/** Milliseconds until a board whose last `timeouts` probes timed out is probed again:
 *  doubled each time, up to 5 minutes, never less than `probe_ms`. */
int64_t bmc_probe_pause(int64_t probe_ms, unsigned timeouts);
