// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Tables of data are aligned by hand in here. */
/* clang-format off */
#include <sys/types.h>

#include "bmc/conf.h"
#include "bmc/error.h"
#include "bmc/flash.h"
#include "bmc/model.h"

/* The plugin ABI: all that a plugin includes. ABI 1 is frozen: struct bmc_plugin and struct
 * bmc_host_ops, which say their size, and what the core hands to a plugin by pointer grow at
 * their end only; everything else (rows of tables, values, enumerators) stays as it is. A new
 * function of the core is there when its member lies within ops->size. tests/unit/data/abi-1.txt
 * is the record.
 *
 * A plugin is one const struct bmc_plugin. The same source is built in or dlopen()ed
 * (./configure --with-plugin-NAME=yes|shared|no): write
 *
 *     BMC_PLUGIN(simulator) = { BMC_PLUGIN_HEAD("simulator", "1.0"), .create = ..., };
 *
 * An *instance* is a plugin with one section of config. A plugin reads hardware and
 * reports to the core with `put`; it changes hardware only in a verb that the core runs
 * under a claim. A plugin never sees other plugins, clients, or the database.
 *
 * Threads: create: a thread of its own, once. destroy: main thread. poll: the
 * instance's own thread; serve: another one of its own. probe and verbs: workers, at most one for each board at a time (and one verb that is flagged
 * BMC_VERB_PINS), but several boards of one instance at once, beside poll: an instance
 * guards its own shared data. Streams: workers, up to four for each board, beside all that.
 * Every host operation may be called from any of these threads.
 *
 * Deadlines: each call has one; create's is 2 s, poll's the config's `poll_deadline`.
 * A create that does not end leaves its instance out; a poll that does not end
 * quarantines its instance until it does: its values become unknown and what it puts is
 * dropped. A probe or a verb: past it (and a grace of 1 s) the call fails, the thread
 * is abandoned, its board is quarantined, and what the call returns later is dropped; of a
 * stream, its board's streams of this instance are quarantined and nothing else.
 * So: pass the call's deadline on to whatever is waited for, and ask `cancelled`. */

#define BMC_ABI 1u

struct bmc_host;     /* the core's side of one instance */
struct bmc_call;     /* one verb's run, probe or stream */

/** A value for `put`: the field is named by its offset. `num` for numbers, enumerations,
 *  booleans and times (BMC_UNKNOWN: not known any more), `text` for texts (borrowed for
 *  the call; NULL or "": unknown). */
struct bmc_value {
	size_t offset;
	int64_t num;
	const char *text;
};
#define BMC_PUT_MAX 64 /* values of one put */
#define BMC_NUM(type, member, n) ((struct bmc_value){ .offset = offsetof(struct type, member), .num = (n) })
#define BMC_TXT(type, member, t) ((struct bmc_value){ .offset = offsetof(struct type, member), .text = (t) })

enum bmc_pin { BMC_PIN_POWER, BMC_PIN_RESET, BMC_PIN_LOCATOR, BMC_N_PINS };

/** A pin's wiring: `chip` is the position in the platform file's list of chips. */
struct bmc_pin_place {
	uint32_t chip, line;
	bool active_low;
};

/** What a SMART reading gives (ATA ACS-3 attributes or NVMe health log, decoded). */
struct bmc_smart {
	int64_t failure_predicted; /* bool                         */
	int64_t temperature;       /* millidegrees Celsius         */
	int64_t hours;             /* power-on hours               */
	int64_t rotation_rpm;      /* 0: no moving parts           */
	char model[48], serial[32], firmware[16];
};

/** What a verb is given, beside its row: at most one of each type. Borrowed for the call. */
struct bmc_args {
	int64_t num;
	const char *text; /* NULL: none; up to 2,047 bytes; may be a secret: never logged */
	const struct bmc_image *image; /* NULL: none */
};

/** What a verb has done so far, for the users who wait for it. */
struct bmc_progress {
	int64_t millipercent; /* 0..100000, or BMC_UNKNOWN                        */
	const char *stage;    /* a word, "write", "verify" ...; NULL: as before   */
	int64_t done, total;  /* bytes, or BMC_UNKNOWN; the core works out the rate */
};

#define BMC_CHECKPOINT_DATA 64

/** How far a verb is, in the plugin's own words: what it needs to go on after the daemon was
 *  killed. It is never older than what the core has acknowledged to nobody: a verb finds the
 *  last one that reached the disk, so it begins anew from there. */
struct bmc_checkpoint {
	uint32_t version;         /* of the plugin's format: another one is not gone on from */
	uint64_t offset;          /* bytes that are done */
	unsigned char digest[32]; /* of what was being written: another image starts over */
	uint32_t len;             /* of `data`, 0..BMC_CHECKPOINT_DATA */
	unsigned char data[BMC_CHECKPOINT_DATA];
};

/** What a line of the platform file is for: its `role`. */
enum bmc_line_role {
	BMC_LINE_NONE,
	/* inputs */
	BMC_LINE_PRESENCE, /* active: what it is about is there */
	BMC_LINE_BUTTON_POWER, BMC_LINE_BUTTON_RESTART, BMC_LINE_BUTTON_UID,
	/* outputs; lit: */
	BMC_LINE_LED_POWER,   /* the power supply is good             */
	BMC_LINE_LED_BMC,     /* the main board has come up           */
	BMC_LINE_LED_FAN,     /* its fans are good (the green one)    */
	BMC_LINE_LED_FAN_BAD, /* one of them is not (the red one)     */
	BMC_LINE_LED_UID,     /* the locator                          */
	BMC_LINE_LED_NET,     /* the network unit works (green)       */
	BMC_LINE_LED_NET_BAD, /* it does not, or is missing (red)     */
	BMC_LINE_LED_LAN,     /* the board has a network              */
	BMC_LINE_LED_WORK,    /* the board's system runs              */
	BMC_LINE_BUZZER,
};

/** An input line of the platform file has changed, after its debounce time. */
struct bmc_line_edge {
	char line[2 * BMC_ID_MAX]; /* its id */
	bool active;
	bool resync; /* read, not reported: at first, and when edges before it may be lost */
	int64_t at;  /* us of CLOCK_BOOTTIME; of a line that was read, when */
};

/** What a person asks for with the chassis's buttons. */
enum bmc_press {
	BMC_PRESS_POWER,        /* POWER, shortly                               */
	BMC_PRESS_POWER_HELD,   /* until a graceful shutdown is asked for       */
	BMC_PRESS_POWER_FORCED, /* until the power is to be cut                 */
	BMC_PRESS_RESTART, BMC_PRESS_LOCATOR,
	BMC_N_PRESSES
};

/** What the core does for an instance. Grows at its end; check `size` before using more. */
struct bmc_host_ops {
	uint32_t abi, size;

	/** Reports `n` (1..BMC_PUT_MAX) values of the row `id` of `kind`. Copies; never waits for more
	 *  than the core's queue (4,096 messages; then up to 100 ms, then BMC_EAGAIN).
	 *  A row that the platform file does not name is made (firmware, NICs, disks,
	 *  sensors), up to 4,096 a kind; boards, fans and PSUs are not: BMC_ENOTFOUND. */
	int (*put)(struct bmc_host *, enum bmc_kind, const char *id,
	           const struct bmc_value *values, size_t n);
	/** As put, and says whose part it is (`parent` may be NULL: the chassis). */
	int (*put_part)(struct bmc_host *, enum bmc_kind, const char *id,
	                enum bmc_kind parent_kind, const char *parent,
	                const struct bmc_value *values, size_t n);
	/** Removes a row that this instance made by `put`; a slot's row becomes unknown. */
	int (*gone)(struct bmc_host *, enum bmc_kind, const char *id);
	/** Log line, `priority` as in syslog(3); "subject first", no newline, no secret. */
	void (*log)(struct bmc_host *, int priority, const char *fmt, ...)
		__attribute__((format(printf, 3, 4)));
	/** Milliseconds of CLOCK_BOOTTIME. */
	int64_t (*now)(void);
	/** The instance's own name, borrowed. */
	const char *(*name)(const struct bmc_host *);
	/** The rows of `kind` in the platform file, in its order: calls `each` until it
	 *  returns non-zero, and returns that. `conf` is the row's entry as written there
	 *  (its keys include the plugin's own, such as `usb`). */
	int (*platform)(const struct bmc_host *, enum bmc_kind kind,
	                int (*each)(void *arg, const char *id, const uint32_t index[2],
	                            const struct bmc_conf *conf),
	                void *arg);
	/** Asks for a poll() as soon as its thread is free, and ends the present ops->wait. */
	void (*wake)(struct bmc_host *);

	/* ---- in a verb or a probe only ---- */
	const char *(*target_id)(
		const struct bmc_call *); /* the target row's id, borrowed */
	enum bmc_kind (*target_kind)(const struct bmc_call *);
	int64_t (*deadline)(const struct bmc_call *); /* in the time of now() */
	bool (*cancelled)(const struct bmc_call *);
	/** Sleeps up to `ms`; BMC_ECANCELED or BMC_ETIMEDOUT when the call has to end.
	 */
	int (*sleep)(struct bmc_call *, int64_t ms);
	/** 0..100000; what users see of the step meanwhile. */
	void (*progress)(struct bmc_call *, int64_t millipercent);
	/** Runs another verb on the same row under the claim that this call holds. `args` may
	 *  be NULL. */
	int (*verb)(struct bmc_call *, const char *verb, const struct bmc_args *args,
		    struct bmc_error *);

	/* ---- through the root helper; numbers and enums cross, never a path. In a verb. --- */
	/** Sets the board's pin active or not; the helper keeps the level when we die. */
	int (*pin_set)(struct bmc_call *, enum bmc_pin, bool active,
		       struct bmc_error *);
	/** Pulses it active for the platform file's time, timed by the helper. Once a
	 * step: the helper knows the call's number and answers a repeat without a
	 * second pulse. */
	int (*pin_pulse)(struct bmc_call *, enum bmc_pin, struct bmc_error *);
	/** 1 active, 0 not, or a negative error. Any thread. */
	int (*pin_read)(struct bmc_host *, const char *board, enum bmc_pin, struct bmc_error *);
	/** SMART of the block device with this number (/sys/block/NAME/dev); the helper
	 *  finds and opens it itself. Any thread but main. */
	int (*smart)(struct bmc_host *, unsigned dev_major, unsigned dev_minor,
	             struct bmc_smart *ret, struct bmc_error *);

	/* ---- any thread ---- */
	/** The description of a kind, as bmc_kind(): a module links to nothing of the core. */
	const struct bmc_kind_desc *(*kind)(enum bmc_kind);
	/** Where the platform file has this pin of a board; BMC_ENOTFOUND: it has none. */
	int (*pin_place)(const struct bmc_host *, const char *board, enum bmc_pin,
	                 struct bmc_pin_place *ret);

	/* ---- in a long verb only: each of these is a beat ---- */
	/** The verb is alive: its deadline is its interval away again, unless it is cancelled. */
	void (*heartbeat)(struct bmc_call *);
	/** As progress, in more words. Copies; cheap: the core keeps the newest. */
	void (*report)(struct bmc_call *, const struct bmc_progress *);
	/** Keeps how far the verb is. Copies and does not wait: at most one a second reaches the
	 *  journal, the newest. BMC_EINVAL: `len` is too long, or the verb is not flagged
	 *  BMC_VERB_RESUMES. */
	int (*checkpoint)(struct bmc_call *, const struct bmc_checkpoint *);
	/** What the run before the daemon's restart has kept; false: nothing, begin at the start. */
	bool (*resumed)(const struct bmc_call *, struct bmc_checkpoint *ret);

	/* ---- in serve only ---- */
	/** Waits until `fd` (-1: none) has one of `events` (as in poll(2)), wake is called,
	 *  or `ms` have passed (-1: no limit). Returns what the descriptor has, 0 after a wake or
	 *  the time, BMC_ECANCELED when serve has to return, or another negative error. */
	int (*wait)(struct bmc_host *, int fd, short events, int64_t ms);
	/** A descriptor that becomes and stays readable when serve has to return: for a library
	 *  with an event loop of its own. Borrowed; never read from it. */
	int (*stop_fd)(const struct bmc_host *);

	/* ---- in a stream only (else BMC_EINVAL), on its thread; each of these is a beat, and the
	 * time inside of them does not count. BMC_ECANCELED: return from the stream ---- */
	/** Takes up to `len` (1..) bytes that the client sent, waiting up to `ms` (-1: no limit) for
	 *  the first: their number, 0 at the end of what it sends, BMC_EAGAIN: none in that time. */
	ssize_t (*stream_read)(struct bmc_call *, void *buf, size_t len, int64_t ms);
	/** Gives up to `len` (1..) bytes to the client, waiting up to `ms` (-1: no limit) for room:
	 *  how many were taken, 1..len, or BMC_EAGAIN. The client's speed is the back-pressure. */
	ssize_t (*stream_write)(struct bmc_call *, const void *buf, size_t len, int64_t ms);
	/** Waits up to `ms` (-1: no limit) until `fd` (-1: none) has one of `events` (as in poll(2)),
	 *  or the stream is what `want` (enum bmc_stream_ready) says. Returns what the descriptor
	 *  has, 0..65535, together with those of `want` that are so; 0: the time has passed. */
	int (*stream_wait)(struct bmc_call *, int fd, short events, uint32_t want, int64_t ms);
	/** The terminal's size in characters; true when it is another one than in the last call
	 *  (at first: than in the arguments). False in what is no stream. */
	bool (*stream_size)(struct bmc_call *, uint16_t *ret_columns, uint16_t *ret_rows);

	/* ---- any thread ---- */
	/** The published rows of a kind of hardware, in their order: calls `each` until it returns
	 *  non-zero, and returns that. They are what the core made of all sources, settings
	 *  and limits, of one moment; borrowed for the call. BMC_EINVAL: the kind is no hardware. */
	int (*published)(const struct bmc_host *, enum bmc_kind,
	                 int (*each)(void *arg, const struct bmc_row *row), void *arg);
	/** Whether the daemon works: each thread on which others depend has run within half of
	 *  the configuration's `hang_timeout`. What feeds a watchdog asks this first. */
	bool (*daemon_alive)(const struct bmc_host *);

	/* ---- the platform file's `lines`, `pwms` and `storage`, by their id there; through the
	 * root helper, within 2 s (storage 10 s). Any thread ---- */
	/** The entries of `lines` in their order: calls `each` until it returns non-zero, and
	 *  returns that. `parent` is the id of the row that it is about; `conf` its entry, with
	 *  the plugins' own keys. Boards' pins are not among them. */
	int (*lines)(const struct bmc_host *,
	             int (*each)(void *arg, const char *line, const char *parent, bool input,
	                         const struct bmc_conf *conf),
	             void *arg);
	/** Sets an output of `lines` active or not; the helper keeps the level when we die.
	 *  BMC_ENOTSUP: an input. */
	int (*line_set)(struct bmc_host *, const char *line, bool active, struct bmc_error *);
	/** Pulses it active for the platform file's time, timed by the helper; returns when the
	 *  pulse is over. BMC_EBUSY: one is under way. */
	int (*line_pulse)(struct bmc_host *, const char *line, struct bmc_error *);
	/** 1 active, 0 not, or a negative error. */
	int (*line_read)(struct bmc_host *, const char *line, struct bmc_error *);
	/** Sets a duty (1/1000 percent, 0..100000) for `hold_ms` (500..3600000) at most: the
	 *  helper goes to full speed unless it is set again by then, and when the daemon dies. */
	int (*pwm_set)(struct bmc_host *, const char *pwm, int64_t duty, uint32_t hold_ms,
	               struct bmc_error *);
	/** The duty that the hardware has. */
	int (*pwm_read)(struct bmc_host *, const char *pwm, struct bmc_error *);
	/** A descriptor of a block device, which the caller closes. BMC_EPERM: not writable by
	 *  the platform file; BMC_EBUSY: mounted or otherwise in use. */
	int (*storage_open)(struct bmc_host *, const char *storage, bool write,
	                    struct bmc_error *);

	/* ---- in serve only ---- */
	/** Waits for a change of an input of `lines`, as `wait` without a descriptor: 1: it is in
	 *  `ret`; 0: after a wake or `ms`; or a negative error. The first call asks for all
	 *  inputs: each comes with its level and `resync`. Up to 512 edges wait; beyond them,
	 *  all come with `resync` again. */
	int (*edge)(struct bmc_host *, struct bmc_line_edge *ret, int64_t ms);

	/** A button of the chassis was pressed (`line`: which): the core has the action that it
	 *  stands for carried out, audited with the origin `button`. Never waits. Any thread. */
	int (*press)(struct bmc_host *, const char *line, enum bmc_press what);

	/* ---- in a call of a flasher only (else BMC_EINVAL; `command`: in any long verb); each of
	 * these is a beat ---- */
	/** Offers the image's file to the board, on the network of the boards, until the job
	 *  ends: one random URL for each board, the same one when asked again. `ret_url`: text
	 *  of up to `size` (256..) bytes. BMC_ENOTSUP: no such network is configured. */
	int (*offer)(struct bmc_call *, char *ret_url, size_t size, struct bmc_error *);
	/** How many bytes of it the board has fetched up to now, or a negative error. */
	int64_t (*offered)(struct bmc_call *);
	/** Runs a command on the board's system, through the stream that the platform file
	 *  binds as `shell`: its exit code (0..), or a negative error. Beats while it waits. */
	int (*command)(struct bmc_call *, struct bmc_command *, struct bmc_error *);
	/** Sets what the board gets beside the offered file, at the URL whose last part is `name`
	 *  instead: 1..BMC_OFFER_NAME_MAX of a-z, 0-9, '-', '.'; up to 4 names of up to 4,096 bytes.
	 *  Copies. BMC_ESTATE: nothing is offered to it. */
	int (*offer_put)(struct bmc_call *, const char *name, const void *bytes, size_t len,
			 struct bmc_error *);
	/** What the board has put (PUT or POST) there: copies up to `size` bytes, which are hostile,
	 *  and returns how many it has put, 0..BMC_OFFER_SENT_MAX. `ret_at` (may be NULL): when, in
	 *  the time of now(). BMC_ENOTFOUND: nothing yet. It is lost with a restart of the daemon. */
	ssize_t (*offer_get)(struct bmc_call *, const char *name, void *buf, size_t size,
			     int64_t *ret_at);

	/** Restarts the machine that the agent runs on; in a call for the board main only (else
	 *  BMC_EINVAL). It returns at once: the daemon is stopped soon. BMC_EPERM: `helper: system`
	 *  does not allow it. */
	int (*restart_machine)(struct bmc_call *, struct bmc_error *);
};

enum bmc_verb_flag {
	BMC_VERB_REPEATABLE = 1u << 0, /* running it twice does what running it once does */
	BMC_VERB_PINS = 1u << 1, /* drives pins and nothing else: may run beside another call for
	                            the same board, above all one that hangs                  */
	BMC_VERB_LONG = 1u << 2,    /* may run for hours: `deadline` is the most time between two
	                               beats (heartbeat, progress, report, checkpoint)        */
	BMC_VERB_RESUMES = 1u << 3, /* after a restart it is run again and goes on from its
	                               checkpoint                                             */
	BMC_VERB_TAKES_TEXT = 1u << 4,
	BMC_VERB_TAKES_IMAGE = 1u << 5,
};

/** A verb an instance can do. Standard names and their argument:
 *  power (1 on, 0 off), reset, os_reboot, os_shutdown, locator (0, 1),
 *  fan_duty (1/1000 percent), fan_mode (enum bmc_fan_mode), usb_mode (enum bmc_usb_mode),
 *  vendor_set (text: a field of the board with BMC_IDENTITY, a blank, the value; it writes the
 *  board's flash and puts the field as it reads it back), write_partition (text: a partition of
 *  the board, image: its bytes, num: where in it, in bytes; brings it into its loader). */
struct bmc_verb {
	const char *name; /* NULL ends a table */
	uint32_t flags;   /* enum bmc_verb_flag */
	int64_t deadline; /* milliseconds, 1..600000; of a long verb between beats, 1..86400000 */
	/** Worker thread. Responsibilities: do it or fail, within the deadline; leave the
	 *  hardware at rest on every way out; fill `err` with what to do next. */
	int (*run)(void *self, struct bmc_call *call, const struct bmc_args *args,
		   struct bmc_error *err);
	/** Milliseconds past deadline or cancellation before the call is given up and its thread
	 *  abandoned, 1000..3600000; 0: 1000. */
	int64_t grace;
	/** The other boards that it disturbs (those of the same hub): names up to `max` of them
	 *  (borrowed) and returns how many; they are claimed, all or none, before it runs. NULL:
	 *  none. Main thread: must not wait. */
	size_t (*also)(void *self, const char *board, const char **ret_boards, size_t max);
};

/** A row of a table of verbs that has only these; what a verb has beyond is named. */
#define BMC_VERB(n, f, ms, fn) { .name = (n), .flags = (f), .deadline = (ms), .run = (fn) }

enum bmc_stream_what {
	BMC_STREAM_SHELL, /* a command or an interactive shell; bound as `shell` */
	BMC_STREAM_PUSH,  /* the client's bytes into a file; bound as `files`    */
	BMC_STREAM_PULL,  /* a file's bytes to the client; bound as `files`      */
	BMC_N_STREAMS
};

/** Beside the events of a descriptor, in what stream_wait takes and returns. */
enum bmc_stream_ready {
	BMC_STREAM_IN = 1u << 16,      /* stream_read has bytes or the end */
	BMC_STREAM_OUT = 1u << 17,     /* stream_write has room            */
	BMC_STREAM_RESIZED = 1u << 18, /* stream_size has another size     */
};

/** What a stream is opened for. Borrowed for the call. */
struct bmc_stream_args {
	enum bmc_stream_what what;
	uint32_t mode; /* push: the file's permission bits, 0..0777 */
	/** shell: a command, NULL: an interactive one; push, pull: a path in the board's own file
	 *  system. 1..2,047 bytes of UTF-8; may hold a secret: never logged. */
	const char *text;
	int64_t size;           /* push: bytes that will come, or BMC_UNKNOWN            */
	uint16_t columns, rows; /* shell: its terminal, in characters; 0: no terminal    */
};

/** A stream that an instance can do, for boards. */
struct bmc_stream_type {
	enum bmc_stream_what what;
	uint32_t flags;   /* 0 */
	int64_t deadline; /* milliseconds between two beats, 1..600000 */
	int64_t grace;    /* as a verb's */
	/** Worker thread. Responsibilities: connect, then move bytes between the board and
	 *  ops->stream_read and ops->stream_write until one side ends; return when one of these
	 *  gives BMC_ECANCELED; leave nothing of the stream open. Returns the exit code (0.. ; push
	 *  and pull: 0) or a negative error with `err` filled. It has no claim on the board:
	 *  ops->verb and pins are refused in it. */
	int (*run)(void *self, struct bmc_call *call, const struct bmc_stream_args *args,
	           struct bmc_error *err);
};

struct bmc_plugin {
	uint32_t abi, size;
	const char *name, *version;
	const struct bmc_conf_item *conf; /* this plugin's keys below `settings:`; may be NULL  */
	const struct bmc_conf_item *board_conf; /* its keys in a platform row, for -t; may be NULL */
	/** Makes an instance; must not wait for hardware. `conf` lives as long as the instance. */
	int (*create)(struct bmc_host *, const struct bmc_host_ops *, const struct bmc_conf *conf,
	              void **ret_self, struct bmc_error *);
	/** Quick local readings (sysfs, a socket); every `poll` milliseconds, within
	 *  `poll_deadline`. May be NULL. */
	int (*poll)(void *self, struct bmc_error *);
	/** A slow reading of one board, every `probe` milliseconds each. May be NULL. It is cancelled
	 *  when a verb wants the board; BMC_ENOTSUP: not this instance's board, never ask again. */
	int (*probe)(void *self, struct bmc_call *call, const char *board,
		     struct bmc_error *);
	const struct bmc_verb *verbs; /* may be NULL */
	const struct bmc_flasher *flasher;
	/** Ends an instance; no call of it is under way, but abandoned ones may still be in it:
	 *  then the core does not call destroy and leaves the memory to the process's end. */
	void (*destroy)(void *self);
	/** An event-driven source (hot-plug, a stream of changes), on a thread of its own. May be
	 *  NULL. Responsibilities: put what is there first, then what changes, and put it again
	 *  within the instance's `stale`; wait in ops->wait or watch ops->stop_fd, and return
	 *  within a second when these ask for it. When it returns by itself it is called again,
	 *  after 1 s at first, at last once a minute; an error is logged. */
	int (*serve)(void *self, struct bmc_error *);
	const struct bmc_stream_type *streams; /* a NULL `run` ends the table; may be NULL */
};

#define BMC_PLUGIN_HEAD(n, v) .abi = BMC_ABI, .size = sizeof(struct bmc_plugin), .name = (n), .version = (v)

#ifdef BMC_PLUGIN_SHARED
#define BMC_PLUGIN(n) __attribute__((visibility("default"))) const struct bmc_plugin bmc_plugin
#else
#define BMC_PLUGIN(n) const struct bmc_plugin bmc_plugin_##n
#endif
