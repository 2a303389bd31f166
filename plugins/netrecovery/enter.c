// SPDX-License-Identifier: Apache-2.0
/* Into the auxiliary system: loader mode, its image to the board's recovery partition,
 * the message that starts it to misc, restart, until it asks for its order. What is
 * done on USB other plugins do: the verbs usb_mode and write_partition. */
#include <string.h>

#include "netrecovery.h"

static int mode(struct nr_call *c, enum bmc_usb_mode to, struct bmc_error *err)
{
	const struct bmc_args args = { .num = to };
	struct bmc_error why = { 0 };
	int code = c->ops->verb(c->call, "usb_mode", &args, &why);

	if (code == BMC_ENOTSUP)
		code = BMC_ESTATE;
	return code < 0 ? bmc_fail(err, code, "switch to recovery failed: %s", why.what)
			: BMC_OK;
}

static int write_partition(struct nr_call *c, const char *name, int64_t at,
			   const struct bmc_image *image, struct bmc_error *err)
{
	const struct bmc_args args = { .num = at, .text = name, .image = image };
	struct bmc_error why = { 0 };
	int code = c->ops->verb(c->call, "write_partition", &args, &why);

	image->unref(image);
	if (code == BMC_ENOTSUP)
		code = BMC_ESTATE;
	return code < 0 ? bmc_fail(err, code, "switch to recovery failed: %s", why.what)
			: BMC_OK;
}

static int write_system(struct nr_call *c, struct bmc_error *err)
{
	const struct bmc_image *image;
	int code = nr_source_file(c->n->image, &image, err);

	return code < 0 ? code : write_partition(c, c->n->partition, 0, image, err);
}

static int write_message(struct nr_call *c, struct bmc_error *err)
{
	unsigned char bytes[NR_BCB];
	const struct bmc_image *image;

	if (!nr_bcb(c->url, bytes))
		return bmc_fail(err, BMC_ERANGE, "%s: its URL is too long", c->board);
	image = nr_source_bytes(bytes, sizeof(bytes));
	if (!image)
		return bmc_fail(err, BMC_ENOMEM, "no memory");
	return write_partition(c, c->n->misc, c->n->misc_offset, image, err);
}

/* Whether its auxiliary system is there already: the call goes on after a restart. */
static bool is_there(struct nr_call *c)
{
	struct bmc_checkpoint kept = { 0 };

	return c->ops->resumed(c->call, &kept) && kept.version == NR_ORDERS &&
	       memcmp(kept.digest, c->flash->file->digest, sizeof(kept.digest)) == 0;
}

static void stage(struct nr_call *c, const char *word)
{
	const struct bmc_progress p = { .millipercent = BMC_UNKNOWN,
					.stage = word,
					.done = BMC_UNKNOWN,
					.total = BMC_UNKNOWN };

	c->ops->report(c->call, &p);
}

int nr_enter(struct nr_call *c, struct bmc_error *err)
{
	int code = nr_offer(c, err);

	if (code == BMC_OK && !is_there(c)) {
		stage(c, "loader");
		code = mode(c, BMC_USB_LOADER, err);
		if (code == BMC_OK)
			stage(c, "auxiliary");
		if (code == BMC_OK)
			code = write_system(c, err);
		if (code == BMC_OK)
			code = write_message(c, err);
		if (code == BMC_OK)
			code = mode(c, BMC_USB_ADB, err);
	}
	return code < 0 ? code : nr_order(c, "wait", c->n->boot_ms, NULL, err);
}
