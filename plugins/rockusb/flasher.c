// SPDX-License-Identifier: Apache-2.0
/* How boards are flashed in loader mode or by usbplug: the flasher's table. */
#include <syslog.h>

#include "update.h"

#define BEAT_MS  60000
#define GRACE_MS 40000 /* a command of a board that hangs, and its recovery */
#define GONE_MS  30000
#define POLL_MS  100

/* ---- accepts ---- */

static int accepts_maskrom(struct rk_update *u, struct bmc_error *err)
{
	if (rk_update_can_upload(u))
		return BMC_OK; /* its chip is asked when it runs usbplug */
	return bmc_fail(err, BMC_ESTATE,
			"%s: it is in mask ROM, and the image has no loader to send: "
			"use one that has, or reset it by its pin",
			u->board->id);
}

/* Of a board whose system runs, its loader tells the rest before the first write. */
static int check(struct rk_update *u, struct bmc_error *err)
{
	const struct bmc_flash *f = u->flash;
	int code;

	if (f->n_parts == 0 && !rk_update_has_piece(u, BMC_PIECE_LOADER))
		return bmc_fail(err, BMC_ENOTSUP, "%s has nothing to write", f->name);
	code = rk_update_open(u, err);
	if (code < 0 || u->mode == RK_NONE)
		return code;
	if (!rk_update_answers(u))
		return accepts_maskrom(u, err);
	code = rk_update_ask(u, err);
	if (code == BMC_OK && !rk_update_can_verify(u) && !rk_update_can_upload(u))
		code = bmc_fail(err, BMC_ENOTSUP,
				"%s: its loader can't verify this image: use one with "
				"a loader for mask ROM, or no verification",
				u->board->id);
	return code == BMC_OK ? rk_update_check_kept(u, err) : code;
}

/* ---- attach, rollback ---- */

/* The answer comes first, then it leaves. */
static int restart(struct rk_update *u, struct bmc_error *err)
{
	unsigned number = rk_number(u->board->path);
	int64_t until = u->ops->now() + GONE_MS;
	int code = rk_reset(rk_update_link(u), RK_RESET_NORMAL, err);

	rk_update_close(u);
	while (code == BMC_OK && rk_number(u->board->path) == number) {
		if (rk_update_sleep(u, POLL_MS) < 0)
			return bmc_fail(err, BMC_ECANCELED, "%s: cancelled",
					u->board->id);
		if (u->ops->now() >= until)
			code = bmc_fail(err, BMC_ETIMEDOUT,
					"%s: it stays in its loader: reset it",
					u->board->id);
	}
	if (code == BMC_OK)
		atomic_store(&u->board->untouched, false);
	return code;
}

static int attach(struct rk_update *u, struct bmc_error *err)
{
	int code = rk_update_open(u, err);

	if (code == BMC_EABSENT || (code == BMC_OK && u->mode == RK_NONE))
		return BMC_OK; /* it has restarted already */
	if (code < 0)
		return code;
	if (!rk_update_answers(u))
		return bmc_fail(err, BMC_ESTATE,
				"%s: its mask ROM takes no command: reset it by its "
				"pin",
				u->board->id);
	return restart(u, err);
}

/* What was written can't be taken back. A board that was written to stays where it can
 * be flashed again; another one starts its system, also one that is still on its way
 * into the loader that it was asked for. */
static int rollback(struct rk_update *u, struct bmc_error *err)
{
	bool untouched = atomic_load(&u->board->untouched);

	if (untouched)
		rk_update_await_loader(u);
	int code = rk_update_open(u, err);
	bool answers = code == BMC_OK && rk_update_answers(u);

	if (answers && untouched)
		return restart(u, err);
	if (code == BMC_OK && untouched && u->mode == RK_NONE &&
	    rk_number(u->board->path))
		return BMC_OK; /* its system runs on */
	if (answers || u->mode == RK_MASKROM || rk_number(u->board->path)) {
		u->ops->log(u->r->host, LOG_NOTICE, "%s: %s", u->board->id,
			    answers ? "it stays in its loader: flash it again"
				    : "flash it again with an image that has a loader");
		return BMC_OK;
	}
	return bmc_fail(err, BMC_EABSENT,
			"%s: it is not on USB: power it on in loader or mask ROM mode "
			"and flash it again",
			u->board->id);
}

/* ---- the table ---- */

typedef int step_fn(struct rk_update *u, struct bmc_error *err);

static int run(void *self, struct bmc_call *call, const struct bmc_flash *flash,
	       step_fn *step, struct bmc_error *err)
{
	struct rk_update u;
	int code = rk_update_init(&u, self, call, flash, err);

	if (code == BMC_OK)
		code = step(&u, err);
	rk_update_done(&u);
	return code;
}

#define STEP(name, fn)                                                        \
	static int name(void *self, struct bmc_call *call,                    \
			const struct bmc_flash *flash, struct bmc_error *err) \
	{                                                                     \
		return run(self, call, flash, fn, err);                       \
	}
STEP(flash_accepts, check)
STEP(flash_detach, rk_update_detach)
STEP(flash_write, rk_update_write)
STEP(flash_verify, rk_update_verify)
STEP(flash_attach, attach)
STEP(flash_rollback, rollback)

const struct bmc_flasher rockusb_flasher = {
	.size = sizeof(rockusb_flasher),
	.way = BMC_FLASH_PUSH,
	.beat = BEAT_MS,
	.grace = GRACE_MS,
	.accepts = flash_accepts,
	.detach = flash_detach,
	.write = flash_write,
	.verify = flash_verify,
	.attach = flash_attach,
	.rollback = flash_rollback,
};
