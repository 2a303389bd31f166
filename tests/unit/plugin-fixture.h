// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/pinbank.h"
#include "bmc/plugin.h"

/* A small host for one plugin instance: a platform file, a clock that tests move, the
 * rows that it reported, pins in a bank in a temporary folder as clusterbmc-priv keeps
 * them.
 */

struct fixture;

/** What a test can make the host's side do. */
struct fixture_conf {
	const struct bmc_plugin *plugin;
	const char *platform; /* YAML */
	const char *settings; /* YAML, or NULL; "@" becomes the fixture's folder */
};

struct fixture *fixture_new(const struct fixture_conf *conf);
void fixture_free(struct fixture *r);
/** Ends the instance and makes it anew, as a restart of the daemon does. */
void fixture_restart(struct fixture *r);

/** The fixture's temporary folder. */
const char *fixture_dir(const struct fixture *r);
/** Moves the clock on in steps of 50 ms and polls at each. */
void fixture_run(struct fixture *r, int64_t ms);
/** From now on the clock stands still but for what moves it: fixture_run,
 * fixture_advance, the sleeps of calls, and ops->edge. For tests of exact times. */
void fixture_stop_clock(struct fixture *r);
/** The sleeps of calls take `times` their real time, and move nothing: for rigs with
 * threads of their own, which must come to what is waited for. */
void fixture_sleep_really(struct fixture *r, unsigned times);
/** Moves the clock on. Not beside a serve on a thread. */
void fixture_advance(struct fixture *r, int64_t ms);
void fixture_poll(struct fixture *r);
/** As fixture_poll, for one that may fail: its code. */
int fixture_try_poll(struct fixture *r);
int64_t fixture_now(const struct fixture *r);

/** The row as it was reported, NULL when nothing was (or it is gone). */
const void *fixture_row(const struct fixture *r, enum bmc_kind kind, const char *id);
/** The id of its parent, "" for none. */
const char *fixture_parent(const struct fixture *r, enum bmc_kind kind, const char *id);
size_t fixture_rows(const struct fixture *r, enum bmc_kind kind);
/** Number of puts so far. */
size_t fixture_puts(const struct fixture *r);
/** The next `n` puts answer BMC_EAGAIN. */
void fixture_refuse(struct fixture *r, size_t n);

/** Runs a verb with a deadline of `ms` on the fixture's clock. */
int fixture_verb(struct fixture *r, enum bmc_kind kind, const char *id,
		 const char *verb, int64_t arg, int64_t ms);
int fixture_probe(struct fixture *r, const char *board, int64_t ms);
/** What the last verb or probe said. */
const char *fixture_error(const struct fixture *r);

/** Runs the plugin's serve on a thread of its own, until fixture_free, fixture_restart
 * or fixture_serve_stop; then what it returned. */
void fixture_serve_start(struct fixture *r);
int fixture_serve_stop(struct fixture *r);
/** Whether a line with `part` in it has been logged since the last call of
 * fixture_log_clear. Any thread. */
bool fixture_logged(struct fixture *r, const char *part);
void fixture_log_clear(struct fixture *r);
/** The other boards that a verb names for this one: their ids with a blank after each.
 */
const char *fixture_also(struct fixture *r, const char *board, const char *verb);
/** Runs serve() for `ms` of the fixture's clock, which ops->edge moves on. */
void fixture_serve(struct fixture *r, int64_t ms);
/** An edge that serve is given at `at` + `late` (ms of the fixture's clock); edges are
 * made in the order of their times. */
void fixture_edge(struct fixture *r, const char *line, bool active, int64_t at,
		  int64_t late);
/** The same, as a level that was read. */
void fixture_resync(struct fixture *r, const char *line, bool active, int64_t at);
/** What ops->daemon_alive says from now on. */
void fixture_daemon(struct fixture *r, bool works);
/** What ops->published shows from now on; copied; with the health that is given. */
void fixture_publish(struct fixture *r, enum bmc_kind kind, const char *id,
		     enum bmc_health health, const struct bmc_value *values, size_t n);

/* What was done to a line, or pressed. */
struct fixture_line_set {
	char line[64];
	bool active;
	int64_t at; /* ms of the fixture's clock */
};
/** The `n`th (from 0) line_set so far, NULL: there were no more. */
const struct fixture_line_set *fixture_line_set(const struct fixture *r, size_t n);
size_t fixture_line_sets(const struct fixture *r);
/** The next line_set calls fail. */
void fixture_line_fails(struct fixture *r, bool fails);
/** How often `what` was pressed. */
unsigned fixture_presses(const struct fixture *r, enum bmc_press what);

struct bmc_pinbank *fixture_bank(const struct fixture *r);
/** Answers of host_ops.smart; NULL: BMC_ENOTSUP. */
void fixture_smart(struct fixture *r, const struct bmc_smart *smart);

/* ---- flashing, and other long calls ---- */

/** What calls have told since fixture_told_clear. */
struct fixture_told {
	struct bmc_progress report; /* the newest, without `stage`  */
	char stages[256];           /* each one once, a blank after */
	struct bmc_checkpoint kept; /* the newest                   */
	unsigned beats, reports, checkpoints;
};
const struct fixture_told *fixture_told(const struct fixture *r);
void fixture_told_clear(struct fixture *r);
/** What the next calls' ops->resumed gives: a copy; NULL: nothing was kept. */
void fixture_resume(struct fixture *r, const struct bmc_checkpoint *before);
/** Calls are cancelled from their `beats`th beat on; 0: never. */
void fixture_cancel(struct fixture *r, unsigned beats);
/** Runs a function of the plugin's flasher (NULL: BMC_OK) for a board. */
int fixture_flash(struct fixture *r, const char *board, bmc_flash_fn *fn,
		  const struct bmc_flash *flash);
/** Carries out the verbs that the plugin asks for by ops->verb; else BMC_ENOTSUP. */
typedef int fixture_verb_fn(void *arg, const char *board, const char *verb,
			    const struct bmc_args *args);
void fixture_on_verb(struct fixture *r, fixture_verb_fn *fn, void *arg);

/** Called before a command is run or storage opened, and after a command (`name`: the
 * board's, the storage's id). A negative code fails it. */
typedef int fixture_touch_fn(void *arg, const char *name, bool after);
void fixture_on_touch(struct fixture *r, fixture_touch_fn *fn, void *arg);

#define FIXTURE_BOARD(r, id) \
	((const struct bmc_board *)fixture_row((r), BMC_BOARD, (id)))
