// SPDX-License-Identifier: Apache-2.0
/* The plugin `rockusb`: boards in loader or mask ROM mode. Glue to the core; link.c and
 * commands.c speak the protocol, device.c is libusb, identity.c the vendor storage. */
#include <libusb-1.0/libusb.h>
#include <stdlib.h>

#include "update.h"

static const struct bmc_conf_item settings[] = {
	{ .key = "transfer_timeout",
	  .type = BMC_CONF_INT,
	  .min = 100,
	  .max = 25000,
	  .def = "5s",
	  .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "How long a transfer of a board that is flashed may take." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_conf[] = {
	{ .key = "usb",
	  .type = BMC_CONF_TEXT,
	  .min = 3,
	  .max = RK_PATH_MAX - 1,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "USB port path of the board, as the kernel names it: \"2-1.2.3\"." },
	{ .key = NULL },
};

/* ---- life ---- */

static int add_board(void *arg, const char *id, const uint32_t index[2],
		     const struct bmc_conf *conf)
{
	struct rockusb *r = arg;
	const char *path = bmc_conf_text(conf, "usb", NULL);
	struct rk_board *more;

	(void)index;
	if (!path)
		return 0;
	more = realloc(r->boards, (r->n_boards + 1) * sizeof(*more));
	if (!more)
		return BMC_ENOMEM;
	r->boards = more;
	more += r->n_boards++;
	(void)snprintf(more->id, sizeof(more->id), "%s", id);
	(void)snprintf(more->path, sizeof(more->path), "%s", path);
	atomic_init(&more->untouched, false);
	atomic_init(&more->asked, false);
	return 0;
}

static void destroy(void *self)
{
	struct rockusb *r = self;

	if (r->usb)
		libusb_exit(r->usb);
	free(r->boards);
	free(r);
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct rockusb *r = calloc(1, sizeof(*r));
	int code;

	if (!r)
		return bmc_fail(err, BMC_ENOMEM, "no memory for rockusb");
	r->host = host;
	r->ops = ops;
	r->transfer_ms = (unsigned)bmc_conf_num(conf, "transfer_timeout", 0);
	if (ops->platform(host, BMC_BOARD, add_board, r) != 0) {
		destroy(r);
		return bmc_fail(err, BMC_ENOMEM, "no memory for rockusb's boards");
	}
	/* its list of devices and its thread would read the descriptors of whatever is
	 * plugged in (plugins/usb/README.md, Limits) */
	code = libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
	if (code == 0)
		code = libusb_init(&r->usb);
	if (code < 0) {
		r->usb = NULL;
		destroy(r);
		return bmc_fail(err, BMC_EIO, "libusb can't be used: %s",
				libusb_error_name(code));
	}
	*ret_self = r;
	return BMC_OK;
}

struct rk_board *rockusb_board(const struct rockusb *r, const char *id)
{
	for (size_t i = 0; i < r->n_boards; i++) {
		if (strcmp(r->boards[i].id, id) == 0)
			return &r->boards[i];
	}
	return NULL;
}

/* ---- modes ---- */

/* Of a board whose system runs, another plugin asks that. */
static int ask_system(struct rockusb *r, struct bmc_call *call, const char *verb,
		      const struct bmc_args *args, struct bmc_error *err)
{
	struct bmc_error why = { 0 };
	int code = r->ops->verb(call, verb, args, &why);

	if (code == BMC_ENOTSUP)
		return bmc_fail(err, BMC_ESTATE,
				"%s: it is in no loader, and nothing asks its system "
				"(%s): see the platform file",
				r->ops->target_id(call), verb);
	return code < 0 ? bmc_fail(err, code, "%s", why.what) : code;
}

/* A mask ROM before its upload takes no command: only pins bring it back. */
static int change_mode(struct rk_link *l, enum rk_mode now, int64_t mode,
		       struct bmc_error *err)
{
	if (mode == BMC_USB_MASKROM)
		return now == RK_MASKROM ? BMC_OK : rk_reset(l, RK_RESET_MASKROM, err);
	if (mode == BMC_USB_LOADER && now == RK_LOADER)
		return BMC_OK;
	if (mode != BMC_USB_ADB)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: its loader goes to mask ROM or to its system, to "
				"nothing else",
				l->board);
	if (now == RK_MASKROM && rk_test_unit_ready(l, NULL, NULL) < 0)
		return bmc_fail(
			err, BMC_ESTATE,
			"%s: its mask ROM takes no command: reset it by its pin",
			l->board);
	return rk_reset(l, RK_RESET_NORMAL, err);
}

static int verb_usb_mode(void *self, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	struct rockusb *r = self;
	const struct bmc_host_ops *ops = r->ops;
	const struct rk_board *b = rockusb_board(r, ops->target_id(call));
	struct rk_device *device;
	enum rk_mode mode;
	int code;

	if (!b)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s has no `usb` in the platform file",
				ops->target_id(call));
	code = rk_open(r->usb, b->id, b->path, &mode, &device, err);
	if (code < 0)
		return code;
	if (mode == RK_NONE)
		return ask_system(r, call, "os_usb_mode", args, err);
	code = change_mode(rk_device_link(device, ops->now, ops->deadline(call)), mode,
			   args->num, err);
	rk_close(device);
	return code;
}

/* ---- identity ---- */

static int verb_vendor_set(void *self, struct bmc_call *call,
			   const struct bmc_args *args, struct bmc_error *err)
{
	struct rockusb *r = self;
	const struct bmc_host_ops *ops = r->ops;
	const struct rk_board *b = rockusb_board(r, ops->target_id(call));
	struct rk_device *device;
	enum rk_mode mode;
	int code;

	if (!b)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s has no `usb` in the platform file",
				ops->target_id(call));
	code = rk_open(r->usb, b->id, b->path, &mode, &device, err);
	if (code < 0)
		return code;
	if (mode == RK_NONE)
		return ask_system(r, call, "os_vendor_set", args, err);
	code = rockusb_identity_set(
		r, rk_device_link(device, ops->now, ops->deadline(call)), b, args->text,
		err);
	rk_close(device);
	return code;
}

static int probe(void *self, struct bmc_call *call, const char *board,
		 struct bmc_error *err)
{
	struct rockusb *r = self;
	const struct rk_board *b = rockusb_board(r, board);
	struct rk_device *device;
	enum rk_mode mode;
	int code;

	if (!b)
		return BMC_ENOTSUP;
	code = rk_open(r->usb, b->id, b->path, &mode, &device, err);
	if (code < 0)
		return code;
	if (mode == RK_LOADER)
		code = rockusb_identity_put(
			r, rk_device_link(device, r->ops->now, r->ops->deadline(call)),
			b, err);
	rk_close(device);
	return code;
}

#define BEAT_MS  60000 /* as of a flasher's calls, for the same commands */
#define GRACE_MS 40000

static const struct bmc_verb verbs[] = {
	BMC_VERB("usb_mode", 0, 30000, verb_usb_mode),
	BMC_VERB("vendor_set", BMC_VERB_REPEATABLE | BMC_VERB_TAKES_TEXT, 30000,
		 verb_vendor_set),
	{ .name = "write_partition",
	  .flags = BMC_VERB_LONG | BMC_VERB_TAKES_TEXT | BMC_VERB_TAKES_IMAGE,
	  .deadline = BEAT_MS,
	  .run = rockusb_write_partition,
	  .grace = GRACE_MS },
	{ 0 },
};

BMC_PLUGIN(rockusb) = {
	BMC_PLUGIN_HEAD("rockusb", "1.0"),
	.conf = settings,
	.board_conf = board_conf,
	.create = create,
	.probe = probe,
	.verbs = verbs,
	.flasher = &rockusb_flasher,
	.destroy = destroy,
};
