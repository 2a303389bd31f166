// SPDX-License-Identifier: Apache-2.0
/* How boards are flashed by an auxiliary system that fetches the image: the flasher's
 * table. */
#include <string.h>
#include <strings.h>

#include "netrecovery.h"

#define BEAT_MS  60000
#define GRACE_MS 30000
#define ASKED_MS 15000 /* a board that is there answers within */

/* ---- what has to be so before anything is done ---- */

static int check_image(const struct bmc_flash *f, struct bmc_error *err)
{
	size_t len = strlen(f->name);

	if (strcmp(f->format, "raw") != 0 || f->n_parts != 1 || f->parts[0].name[0])
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: netrecovery writes whole storages, as raw images",
				f->name);
	if (f->file->size != f->parts[0].size)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s is packed: netrecovery takes it unpacked", f->name);
	if (len < 4 || strcasecmp(f->name + len - 4, ".img") != 0)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: netrecovery takes files whose name ends in .img",
				f->name);
	return BMC_OK;
}

struct seen {
	const char *board;
	int64_t usb;
};

static int look(void *arg, const struct bmc_row *row)
{
	struct seen *s = arg;

	if (strcmp(row->id, s->board) != 0)
		return 0;
	s->usb = ((const struct bmc_board *)(const void *)row)->usb_mode;
	return 1;
}

static int check_usb(const struct nr_call *c, struct bmc_error *err)
{
	struct seen s = { .board = c->board, .usb = BMC_USB_UNKNOWN };

	(void)c->ops->published(c->n->host, BMC_BOARD, look, &s);
	if (s.usb != BMC_USB_NONE)
		return BMC_OK;
	return bmc_fail(err, BMC_ESTATE,
			"%s is not on USB: power it on, and unplug a PC from the OTG "
			"port",
			c->board);
}

static int check(struct nr_call *c, struct bmc_error *err)
{
	const struct bmc_image *system;
	int code = check_image(c->flash, err);

	if (code == BMC_OK)
		code = nr_source_file(c->n->image, &system, err);
	if (code < 0)
		return code;
	system->unref(system);
	code = nr_offer(c, err);
	return code < 0 ? code : check_usb(c, err);
}

/* ---- the calls ---- */

static int write_it(struct nr_call *c, struct bmc_error *err)
{
	int code = nr_offer(c, err);

	return code < 0 ? code : nr_order(c, "write", c->n->silence_ms, NULL, err);
}

static int verify(struct nr_call *c, struct bmc_error *err)
{
	struct nr_state s;
	char want[65];
	int code = nr_offer(c, err);

	if (code == BMC_OK)
		code = nr_order(c, "verify", c->n->silence_ms, &s, err);
	if (code < 0)
		return code;
	for (size_t i = 0; i < 32; i++)
		(void)snprintf(want + 2 * i, 3, "%02x", c->flash->file->digest[i]);
	return strcmp(want, s.sha256) == 0
		       ? BMC_OK
		       : bmc_fail(err, BMC_ECORRUPT,
				  "%s: its storage has other bytes than were sent",
				  c->board);
}

/* The board restarts itself; one that does not is reset. */
static int attach(struct nr_call *c, struct bmc_error *err)
{
	struct bmc_error why = { 0 };
	int code = nr_offer(c, err);

	if (code == BMC_OK)
		code = nr_order(c, "reset", ASKED_MS, NULL, &why);
	if (code == BMC_OK || code == BMC_ECANCELED)
		return code;
	code = c->ops->verb(c->call, "reset", NULL, &why);
	return code < 0 ? bmc_fail(err, code == BMC_ENOTSUP ? BMC_ETIMEDOUT : code,
				   "%s: it does not restart: %s", c->board, why.what)
			: BMC_OK;
}

/* What was written can't be taken back: to its loader, where it can be flashed again. A
 * board that says nothing goes there by itself when its address is gone. */
static int rollback(struct nr_call *c, struct bmc_error *err)
{
	int code = nr_offer(c, err);

	return code < 0 ? code : nr_order(c, "loader", ASKED_MS, NULL, err);
}

/* ---- the table ---- */

typedef int step_fn(struct nr_call *c, struct bmc_error *err);

static int run(void *self, struct bmc_call *call, const struct bmc_flash *flash,
	       const char *name, step_fn *step, struct bmc_error *err)
{
	struct nr *n = self;
	struct bmc_error why = { 0 };
	struct nr_call c = { .n = n,
			     .ops = n->ops,
			     .call = call,
			     .flash = flash,
			     .board = n->ops->target_id(call) };
	int code = step(&c, &why);

	if (step != check)
		nr_trail(&c, name, code, why.what);
	if (code < 0 && err)
		*err = why;
	return code;
}

#define STEP(name, fn)                                                                \
	static int flash_##name(void *self, struct bmc_call *call,                    \
				const struct bmc_flash *flash, struct bmc_error *err) \
	{                                                                             \
		return run(self, call, flash, #name, fn, err);                        \
	}
STEP(accepts, check)
STEP(detach, nr_enter)
STEP(write, write_it)
STEP(verify, verify)
STEP(attach, attach)
STEP(rollback, rollback)

const struct bmc_flasher netrecovery_flasher = {
	.size = sizeof(netrecovery_flasher),
	.way = BMC_FLASH_PULL,
	.beat = BEAT_MS,
	.grace = GRACE_MS,
	.accepts = flash_accepts,
	.detach = flash_detach,
	.write = flash_write,
	.verify = flash_verify,
	.attach = flash_attach,
	.rollback = flash_rollback,
};
