// SPDX-License-Identifier: Apache-2.0
/* Which slot is started: reading and writing the metadata, and the calls of the flasher
 * that do only that. What an update has come to is told by the metadata and by the slot
 * that runs, never by memory alone: the daemon may have been killed at any point. */
#include <string.h>
#include <syslog.h>

#include "absystem.h"

#define PAUSE_MS     2000 /* between two looks at a board that does not answer */
#define RESET_MAX    (AB_TRIES + 1)
#define KEPT_VERSION 1
#define SUFFIX       "androidboot.slot_suffix"

static const char letters[] = "ab";

/* ---- looking ---- */

static const char *blanks(const char *at)
{
	return at + strspn(at, " \t\"");
}

/* `at` is behind the key, in the form of a command line or of a boot configuration. */
static int suffix_slot(const char *at)
{
	at = blanks(at);
	if (*at++ != '=')
		return -1;
	at = blanks(at);
	if (*at++ != '_' || (*at != 'a' && *at != 'b'))
		return -1;
	return strchr(" \t\r\n\"", at[1]) ? *at - 'a' : -1; /* also at the end */
}

/* -1: it does not say, or says both. */
static int running_slot(const char *cmdline)
{
	int slot = -1;

	for (const char *at = cmdline; (at = strstr(at, SUFFIX)); at++) {
		int says = -1;

		if (at == cmdline || strchr(" \t\n\"", at[-1]))
			says = suffix_slot(at + strlen(SUFFIX));
		if (says < 0 || (slot >= 0 && slot != says))
			return -1;
		slot = says;
	}
	return slot;
}

int ab_look_now(struct ab_work *w)
{
	unsigned char sector[AB_SECTOR];
	char cmdline[AB_CMDLINE];
	int code = w->medium->look(w, cmdline, sector), slot;

	if (code < 0)
		return code;
	slot = running_slot(cmdline);
	if (slot < 0)
		return bmc_fail(w->err, BMC_ESTATE,
				"%s: its system does not say which slot runs: "
				"" SUFFIX "=_a or _b has to be in %s",
				w->board->id, w->ab->cmdline);
	w->running = (unsigned)slot;
	ab_parse(&w->data, sector);
	if (!w->data.valid)
		w->ab->ops->log(w->ab->host, LOG_NOTICE,
				"%s: its A/B metadata are not valid: taken as the boot "
				"loader would write them",
				w->board->id);
	return BMC_OK;
}

/* Whether asking again can help. */
static bool passes(int code)
{
	return code == BMC_EIO || code == BMC_ETIMEDOUT || code == BMC_EAGAIN ||
	       code == BMC_EABSENT || code == BMC_EBUSY;
}

int ab_look(struct ab_work *w)
{
	const struct bmc_host_ops *ops = w->ab->ops;
	int64_t until = ops->now() + (w->board->is_main ? 0 : w->ab->wait_ms);
	int code = ab_look_now(w);

	while (passes(code) && ops->now() < until) {
		ops->heartbeat(w->call);
		if (ops->sleep(w->call, PAUSE_MS) == BMC_ECANCELED)
			return bmc_fail(w->err, BMC_ECANCELED, "%s: cancelled",
					w->board->id);
		code = ab_look_now(w);
	}
	return code;
}

int ab_check(struct ab_work *w)
{
	const struct ab_board *b = w->board;
	char words[AB_WORDS_SIZE];
	int next = ab_next(&w->data);

	if (w->data.valid && next >= 0 && next != (int)w->running)
		return bmc_fail(w->err, BMC_ESTATE,
				"%s: slot %c runs and slot %c is to be started next: "
				"restart the board first",
				b->id, letters[w->running], letters[next]);
	if (!b->unmarked && !ab_marked(&w->data, b->mode, w->running))
		return bmc_fail(w->err, BMC_ESTATE,
				"%s: slot %c runs and is not marked as booted well "
				"(%s): its boot control has to do that first",
				b->id, letters[w->running], ab_words(&w->data, words));
	return BMC_OK;
}

/* ---- writing ---- */

int ab_store(struct ab_work *w)
{
	unsigned char there[AB_SECTOR];
	char words[AB_WORDS_SIZE];
	int code;

	ab_format(&w->data);
	code = w->medium->store(w, w->data.sector, there);
	if (code < 0)
		return code;
	if (memcmp(there, w->data.sector, AB_SECTOR) != 0)
		return bmc_fail(w->err, BMC_ECORRUPT,
				"%s: its A/B metadata read back other than written",
				w->board->id);
	w->ab->ops->log(w->ab->host, LOG_INFO, "%s: slots %s", w->board->id,
			ab_words(&w->data, words));
	return BMC_OK;
}

/* ---- attach ---- */

/* So that a daemon that is killed while the board restarts knows why it is away. */
static void keep(const struct ab_work *w)
{
	struct bmc_checkpoint c = { .version = KEPT_VERSION };

	memcpy(c.digest, w->flash->file->digest, sizeof(c.digest));
	(void)w->ab->ops->checkpoint(w->call, &c);
}

static bool was_restarting(const struct ab_work *w)
{
	struct bmc_checkpoint c;

	return w->ab->ops->resumed(w->call, &c) && c.version == KEPT_VERSION &&
	       memcmp(c.digest, w->flash->file->digest, sizeof(c.digest)) == 0;
}

static int fell_back(struct ab_work *w)
{
	char words[AB_WORDS_SIZE];

	return bmc_fail(w->err, BMC_EIO,
			"%s: slot %c did not come up, the boot loader went back to "
			"slot %c (%s)",
			w->board->id, letters[!w->running], letters[w->running],
			ab_words(&w->data, words));
}

/* main: this daemon ends with it, and the job goes on in the next one. */
static int restart_machine(struct ab_work *w)
{
	const struct bmc_host_ops *ops = w->ab->ops;
	int64_t until = ops->now() + w->ab->wait_ms;
	int code = ops->restart_machine(w->call, w->err);

	while (code == BMC_OK && ops->now() < until) {
		ops->heartbeat(w->call);
		code = ops->sleep(w->call, PAUSE_MS);
	}
	if (code == BMC_ECANCELED)
		return bmc_fail(w->err, code, "%s: cancelled", w->board->id);
	return code < 0 ? code
			: bmc_fail(w->err, BMC_ETIMEDOUT, "%s: it did not restart",
				   w->board->id);
}

static int restart(struct ab_work *w)
{
	return w->board->is_main ? restart_machine(w)
				 : w->ab->ops->verb(w->call, "os_reboot", NULL, w->err);
}

static int go_over(struct ab_work *w)
{
	enum ab_mode mode = w->board->mode;
	enum ab_phase phase = ab_phase(&w->data, w->running);
	int code = BMC_OK;

	if (phase == AB_ARRIVED) /* it was killed behind this */
		return BMC_OK;
	if (phase == AB_FELL_BACK)
		return fell_back(w);
	if (phase == AB_WRITING) {
		ab_set_written(&w->data, mode, w->running);
		code = ab_store(w);
	}
	if (code == BMC_OK && phase != AB_SWITCHED) {
		ab_set_switched(&w->data, mode, w->running);
		code = ab_store(w);
	}
	if (code < 0)
		return code;
	w->board->left = (int)w->running;
	keep(w);
	return restart(w);
}

int ab_attach(void *self, struct bmc_call *call, const struct bmc_flash *flash,
	      struct bmc_error *err)
{
	struct ab_work w;
	int code = ab_begin(&w, self, call, flash, err);

	if (code < 0)
		return code;
	code = ab_look(&w);
	if (passes(code) && was_restarting(&w))
		return BMC_OK; /* the core waits for it */
	return code < 0 ? code : go_over(&w);
}

/* ---- confirm ---- */

int ab_confirm(void *self, struct bmc_call *call, const struct bmc_flash *flash,
	       struct bmc_error *err)
{
	struct ab_work w;
	int code = ab_begin(&w, self, call, flash, err);
	enum ab_phase phase;

	if (code == BMC_OK)
		code = ab_look(&w);
	if (code < 0)
		return code;
	phase = ab_phase(&w.data, w.running);
	if (phase == AB_SWITCHED)
		return bmc_fail(err, BMC_ESTATE,
				"%s: slot %c still runs: the board did not restart",
				w.board->id, letters[w.running]);
	if (phase != AB_ARRIVED)
		return fell_back(&w);
	ab_set_booted(&w.data, w.board->mode, w.running);
	code = ab_store(&w);
	if (code == BMC_OK)
		w.board->left = -1;
	return code;
}

/* ---- rollback ---- */

/* A board that does not answer is reset: each start of the new system uses up one of
 * its tries, and then the boot loader goes back by itself. */
static int look_or_reset(struct ab_work *w)
{
	int code = ab_look(w);

	for (unsigned i = 0; passes(code) && !w->board->is_main && i < RESET_MAX; i++) {
		int reset = w->ab->ops->verb(w->call, "reset", NULL, w->err);

		if (reset < 0)
			return reset;
		code = ab_look(w);
	}
	return code;
}

/* Until the slot runs, or the time is over: a board may answer once more before it
 * goes.
 */
static int await_slot(struct ab_work *w, unsigned slot)
{
	const struct bmc_host_ops *ops = w->ab->ops;
	int64_t until = ops->now() + w->ab->wait_ms;
	int code = look_or_reset(w);

	while (code == BMC_OK && w->running != slot && ops->now() < until) {
		ops->heartbeat(w->call);
		if (ops->sleep(w->call, PAUSE_MS) == BMC_ECANCELED)
			return bmc_fail(w->err, BMC_ECANCELED, "%s: cancelled",
					w->board->id);
		code = look_or_reset(w);
	}
	return code;
}

static int go_back(struct ab_work *w)
{
	const struct bmc_host_ops *ops = w->ab->ops;
	unsigned old = !w->running;
	int code;

	ab_set_back(&w->data, w->board->mode, old);
	code = ab_store(w);
	if (code == BMC_OK)
		code = restart(w);
	if (code < 0 && !w->board->is_main)
		code = ops->verb(w->call, "reset", NULL, w->err);
	if (code == BMC_OK)
		code = await_slot(w, old);
	if (code < 0)
		return code;
	return w->running == old
		       ? BMC_OK
		       : bmc_fail(w->err, BMC_ESTATE,
				  "%s: slot %c is to be started, but %c runs: restart "
				  "it",
				  w->board->id, letters[old], letters[w->running]);
}

int ab_rollback(void *self, struct bmc_call *call, const struct bmc_flash *flash,
		struct bmc_error *err)
{
	struct ab_work w;
	int code = ab_begin(&w, self, call, flash, err);

	if (code == BMC_OK)
		code = look_or_reset(&w);
	if (code < 0)
		return code;
	if (ab_phase(&w.data, w.running) != AB_ARRIVED) {
		ab_set_back(&w.data, w.board->mode, w.running);
		code = ab_store(&w);
	} else if (w.board->left == (int)!w.running ||
		   !ab_marked(&w.data, w.board->mode, w.running)) {
		code = go_back(&w);
	} /* else nothing was changed, or the new system has marked itself */
	if (code == BMC_OK)
		w.board->left = -1;
	return code;
}
