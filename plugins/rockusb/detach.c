// SPDX-License-Identifier: Apache-2.0
/* Bringing a board into a mode in which it is written: its system is asked for its
 * loader; a mask ROM is sent the image's code, DDR init and usbplug. */
#include <stdlib.h>

#include "idblock.h"
#include "update.h"

#define APPEAR_MS 90000 /* a system that restarts */
#define POLL_MS   200

static int cancelled(const struct rk_update *u, struct bmc_error *err)
{
	return bmc_fail(err, BMC_ECANCELED, "%s: cancelled", u->board->id);
}

/* ---- mask ROM ---- */

static int wait_ms(struct rk_update *u, int64_t ms, struct bmc_error *err)
{
	for (; ms > 0; ms -= POLL_MS) {
		if (rk_update_sleep(u, ms < POLL_MS ? ms : POLL_MS) < 0)
			return cancelled(u, err);
	}
	return BMC_OK;
}

static int upload_piece(struct rk_update *u, size_t i, struct bmc_error *err)
{
	const struct bmc_flash_piece *p = &u->flash->pieces[i];
	unsigned char *data;
	int code = rk_piece_read(u->flash, i, &data, err);

	if (code < 0)
		return code;
	code = rk_upload(rk_update_link(u), p->kind == BMC_PIECE_471 ? 0x471 : 0x472,
			 data, p->size, err);
	free(data);
	return code < 0 ? code : wait_ms(u, p->delay, err);
}

static int upload_kind(struct rk_update *u, enum bmc_flash_piece_kind kind,
		       struct bmc_error *err)
{
	int code = BMC_OK;

	for (size_t i = 0; code == BMC_OK && i < u->flash->n_pieces; i++) {
		if (u->flash->pieces[i].kind == kind)
			code = upload_piece(u, i, err);
	}
	return code;
}

/* After 0x472 it may leave the bus and come back. */
static int upload(struct rk_update *u, struct bmc_error *err)
{
	int code = upload_kind(u, BMC_PIECE_471, err);

	if (code == BMC_OK)
		code = upload_kind(u, BMC_PIECE_472, err);
	return code < 0 ? code : rk_update_reopen(u, err);
}

static int from_maskrom(struct rk_update *u, struct bmc_error *err)
{
	if (rk_update_answers(u))
		return BMC_OK; /* usbplug runs */
	if (!rk_update_can_upload(u))
		return bmc_fail(err, BMC_ESTATE,
				"%s: it is in mask ROM, and the image has no loader to "
				"send: use one that has, or reset it by its pin",
				u->board->id);
	int code = rk_update_open(u, err);

	if (code < 0 || u->mode != RK_MASKROM)
		return code < 0 ? code
				: bmc_fail(err, BMC_EABSENT, "%s: it has left mask ROM",
					   u->board->id);
	return upload(u, err);
}

/* ---- loader ---- */

/* Where the loader neither reads all it writes nor compares it, usbplug does. */
static int loader_or_usbplug(struct rk_update *u, struct bmc_error *err)
{
	int code = rk_update_ask(u, err);
	int64_t until = u->ops->now() + APPEAR_MS;

	if (code < 0 || rk_update_can_verify(u) || !rk_update_can_upload(u))
		return code;
	code = rk_reset(rk_update_link(u), RK_RESET_MASKROM, err);
	while (code == BMC_OK) {
		code = rk_update_open(u, NULL);
		if (code == BMC_OK && u->mode == RK_MASKROM)
			return from_maskrom(u, err);
		if (rk_update_sleep(u, POLL_MS) < 0)
			return cancelled(u, err);
		if (u->ops->now() >= until)
			return bmc_fail(err, BMC_ETIMEDOUT,
					"%s: it does not come to mask ROM",
					u->board->id);
		code = BMC_OK;
	}
	return code;
}

static int ask_system(struct rk_update *u, struct bmc_error *err)
{
	const struct bmc_args args = { .num = BMC_USB_LOADER };
	struct bmc_error why = { 0 };
	int code = u->ops->verb(u->call, "usb_mode", &args, &why);

	if (code == BMC_ENOTSUP)
		return bmc_fail(err, BMC_ESTATE,
				"%s: it is in no loader, and nothing asks its system "
				"for it (usb_mode): see the platform file",
				u->board->id);
	return code < 0 ? bmc_fail(err, code, "%s", why.what) : BMC_OK;
}

void rk_update_await_loader(struct rk_update *u)
{
	int64_t until = u->ops->now() + APPEAR_MS;

	while (atomic_load(&u->board->asked) && u->ops->now() < until) {
		int code = rk_update_open(u, NULL);

		if ((code == BMC_OK && u->mode != RK_NONE) ||
		    (code < 0 && code != BMC_EABSENT) ||
		    rk_update_sleep(u, POLL_MS) < 0)
			return;
	}
}

int rk_update_detach(struct rk_update *u, struct bmc_error *err)
{
	int64_t until = u->ops->now() + APPEAR_MS;
	bool asked = false;

	atomic_store(&u->board->untouched, true);
	atomic_store(&u->board->asked, false);
	for (;;) {
		int code = rk_update_open(u, err);

		if (code < 0 && code != BMC_EABSENT)
			return code;
		if (code == BMC_OK && u->mode == RK_MASKROM)
			return from_maskrom(u, err);
		if (code == BMC_OK && u->mode == RK_LOADER)
			return loader_or_usbplug(u, err);
		if (!asked) {
			atomic_store(&u->board->asked, true);
			code = ask_system(u, err);
			if (code < 0)
				return code;
			asked = true;
		}
		if (rk_update_sleep(u, POLL_MS) < 0)
			return cancelled(u, err);
		if (u->ops->now() >= until)
			return bmc_fail(err, BMC_ETIMEDOUT,
					"%s: it does not come to its loader",
					u->board->id);
	}
}
