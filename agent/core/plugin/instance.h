// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"
#include "core/platform/platform.h"

/* The plugin host: instances, their threads, their workers. */

/* How an instance is run; from the `instances` list of the config. */
struct bmc_instance_conf {
	char name[BMC_ID_MAX];
	int64_t poll_ms, poll_deadline_ms, probe_ms, probe_deadline_ms, stale_ms;
	const struct bmc_conf
		*settings; /* checked against the plugin's schema; borrowed */
};

/** Main thread, before any instance. The platform is borrowed. */
int bmc_instances_init(const struct bmc_platform *p, struct bmc_error *err);
/** Ends all instances in reverse order: cancels calls, waits up to 2 s for them. */
void bmc_instances_done(void);

/** Makes and starts one; waits for its create(), at most 2 s. A poll() that does not
 * end within its deadline and the grace quarantines the instance until it does: its
 * values are unknown, its probes stop, of its verbs only those that drive lines are
 * called. Main thread. */
int bmc_instance_start(const struct bmc_plugin *plugin,
		       const struct bmc_instance_conf *conf, struct bmc_error *err);
/** Ends one when its calls are done (cancelled after 30 s) and then calls `ended`. */
int bmc_instance_stop(const char *name, void (*ended)(void *arg), void *arg);

/** Whether every instance that polls has done so once. Any thread. */
bool bmc_instances_polled(void);

/** Whether some instance can carry out `verb` for this row. Any thread. */
bool bmc_verb_bound(enum bmc_kind kind, const char *id, const char *verb);

/** A verb's run on a worker thread, with the verb's deadline; `done` is called once on
 * the main thread, after the verb's grace past the deadline at the latest. `step` is
 * the number under which the helper knows this step's pins. Returns BMC_ENOTSUP when no
 * instance is bound, BMC_EQUARANTINED for a board whose last call never came back,
 * BMC_EAGAIN while the instance is being recreated. Main thread. */
#define BMC_GRACE_MS 1000
/* The newest of what a verb has reported. */
struct bmc_report {
	int64_t millipercent, done, total; /* or BMC_UNKNOWN */
	char stage[BMC_ID_MAX];            /* "": none yet  */
};
struct bmc_verb_request {
	enum bmc_kind kind;
	char id[BMC_ID_MAX];
	const char *verb;        /* static */
	struct bmc_args args;    /* text is copied, the image gets a reference */
	const char *flasher;     /* of a flasher's call: the instance, borrowed */
	struct bmc_flash *flash; /* and the image: stolen, also with an error */
	uint64_t step;
	const struct bmc_checkpoint *before; /* copied; NULL: a run from the start */
	/* main thread; may be NULL; `checkpoint` may come once more after a cancel */
	void (*progress)(void *arg, const struct bmc_report *);
	void (*checkpoint)(void *arg, const struct bmc_checkpoint *);
	void (*done)(void *arg, int code, const struct bmc_error *err);
	void *ctx;
};
int bmc_verb_run(const struct bmc_verb_request *request, uint64_t *ret_run,
		 struct bmc_error *err);
/** Asks a run to end early. */
void bmc_verb_cancel(uint64_t run);
/** Handles of the other boards that the verb disturbs, `max` at most. Main thread. */
size_t bmc_verb_also(enum bmc_kind kind, const char *id, const char *verb,
		     uint32_t *ret, size_t max);
/** BMC_VERB_* of the bound verb, 0 when none. */
uint32_t bmc_verb_flags(enum bmc_kind kind, const char *id, const char *verb);

/* The calls of a flasher, as long verbs that resume: "flash_accepts",
 * "flash_detach" ... What a flasher does not have ends at once as a success. */
enum bmc_flash_call {
	BMC_FLASH_ACCEPTS,
	BMC_FLASH_DETACH,
	BMC_FLASH_WRITE,
	BMC_FLASH_VERIFY,
	BMC_FLASH_ATTACH,
	BMC_FLASH_CONFIRM,
	BMC_FLASH_ROLLBACK,
	BMC_N_FLASH_CALLS
};
/** Name of the `n`th (0..) of the flashers that the platform file binds to a board and
 * that there are; false: there are no so many. Any thread. */
bool bmc_flasher_nth(const char *board, unsigned n, char *ret, size_t size);
/** Whether the instance's flasher has a call. Any thread. */
bool bmc_flasher_has(const char *instance, enum bmc_flash_call what);

/** Whether a plugin has what the platform file binds by this name: a verb, or streams.
 * Any thread. */
bool bmc_plugin_does(const struct bmc_plugin *plugin, const char *binding);

/** Threads abandoned in calls that never came back; at BMC_ABANDONED_MAX the daemon
 *  restarts itself, unless it has done so not long ago (quarantine.h). */
#define BMC_ABANDONED_MAX 16
unsigned bmc_abandoned(void);

/** Called on the main thread when the daemon has to restart itself (threads left
 * behind, or an administrator's wish), with the reason for the log. Set by main()
 * before the instances. */
extern void (*bmc_restart_hook)(const char *why);

/** A button was pressed; `line` names it. Set by the action API; NULL: it is not up.
 * Main thread. */
extern void (*bmc_press_hook)(const char *line, enum bmc_press what);

/** The platform that bmc_instances_init was given; borrowed, immutable. Any thread. */
const struct bmc_platform *bmc_instances_platform(void);

/** The plugin `name`: built in, else DIR/name.so (`dir` NULL: BMC_PLUGINDIR), whose ABI
 * and size are checked. It stays loaded. BMC_ENOTFOUND, BMC_ENOTSUP (another ABI). Main
 * thread. */
int bmc_plugin_load(const char *dir, const char *name, const struct bmc_plugin **ret,
		    struct bmc_error *err);

/** The plugins that were built in; ends with NULL. From configure. */
extern const struct bmc_plugin *const bmc_builtin_plugins[];
