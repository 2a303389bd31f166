// SPDX-License-Identifier: Apache-2.0
/* The plugin `fastboot`: flashes boards in fastboot mode. Glue to the core; link.c
 * speaks the protocol, device.c is libusb, flash.c the flasher. */
#include <libusb-1.0/libusb.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fastboot.h"

static const struct bmc_conf_item settings[] = {
	{ .key = NULL },
};

static const struct bmc_conf_item board_conf[] = {
	{ .key = "usb",
	  .type = BMC_CONF_TEXT,
	  .min = 3,
	  .max = FB_PATH_MAX - 1,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "USB port path of the board, as the kernel names it: \"2-1.2.3\"." },
	{ .key = "fastboot_product",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = FB_WORD_MAX - 1,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "What the board's fastboot says as its `product`; another one is not "
		 "flashed. Without it, the name of the image's chip has to be in what "
		 "it says." },
	{ .key = "fastboot_partition",
	  .type = BMC_CONF_TEXT,
	  .min = 1,
	  .max = 36,
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "The partition that takes images without partitions." },
	{ .key = NULL },
};

/* ---- life ---- */

static int add_board(void *arg, const char *id, const uint32_t index[2],
		     const struct bmc_conf *conf)
{
	struct fastboot *f = arg;
	const char *path = bmc_conf_text(conf, "usb", NULL);
	struct fb_board *more;

	(void)index;
	if (!path)
		return 0;
	more = realloc(f->boards, (f->n_boards + 1) * sizeof(*more));
	if (!more)
		return BMC_ENOMEM;
	f->boards = more;
	more += f->n_boards++;
	(void)snprintf(more->id, sizeof(more->id), "%s", id);
	(void)snprintf(more->path, sizeof(more->path), "%s", path);
	(void)snprintf(more->product, sizeof(more->product), "%s",
		       bmc_conf_text(conf, "fastboot_product", ""));
	(void)snprintf(more->partition, sizeof(more->partition), "%s",
		       bmc_conf_text(conf, "fastboot_partition", ""));
	return 0;
}

static void destroy(void *self)
{
	struct fastboot *f = self;

	if (f->usb)
		libusb_exit(f->usb);
	free(f->boards);
	free(f);
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct fastboot *f = calloc(1, sizeof(*f));
	int code;

	(void)conf;
	if (!f)
		return bmc_fail(err, BMC_ENOMEM, "no memory for fastboot");
	f->host = host;
	f->ops = ops;
	if (ops->platform(host, BMC_BOARD, add_board, f) != 0) {
		destroy(f);
		return bmc_fail(err, BMC_ENOMEM, "no memory for fastboot's boards");
	}
	/* plugins/usb/README.md, Limits */
	code = libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY);
	if (code == 0)
		code = libusb_init(&f->usb);
	if (code < 0) {
		f->usb = NULL;
		destroy(f);
		return bmc_fail(err, BMC_EIO, "libusb can't be used: %s",
				libusb_error_name(code));
	}
	*ret_self = f;
	return BMC_OK;
}

const struct fb_board *fastboot_board(const struct fastboot *f, const char *id)
{
	for (size_t i = 0; i < f->n_boards; i++)
		if (strcmp(f->boards[i].id, id) == 0)
			return &f->boards[i];
	return NULL;
}

/* ---- modes ---- */

static int leave(struct fastboot *f, struct bmc_call *call, struct bmc_error *err)
{
	struct fb_session s;
	int code = fb_session_begin(f, call, &s, err);

	if (code < 0)
		return code;
	code = fb_leave(&s, err);
	fb_session_end(&s);
	return code;
}

/* Of a board that is not in fastboot, another plugin asks its system. */
static int verb_usb_mode(void *self, struct bmc_call *call, const struct bmc_args *args,
			 struct bmc_error *err)
{
	struct fastboot *f = self;
	const char *id = f->ops->target_id(call);
	const struct fb_board *b = fastboot_board(f, id);

	if (!b)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s has no `usb` in the platform file", id);
	if (!fb_is_there(b->path))
		return f->ops->verb(call, "os_usb_mode", args, err);
	if (args->num == BMC_USB_FASTBOOT)
		return BMC_OK;
	if (args->num != BMC_USB_ADB)
		return bmc_fail(
			err, BMC_ENOTSUP,
			"%s: its fastboot goes to its system and to nothing else", id);
	return leave(f, call, err);
}

static const struct bmc_verb verbs[] = {
	BMC_VERB("usb_mode", 0, 30000, verb_usb_mode),
	{ 0 },
};

BMC_PLUGIN(fastboot) = {
	BMC_PLUGIN_HEAD("fastboot", "1.0"),
	.conf = settings,
	.board_conf = board_conf,
	.create = create,
	.verbs = verbs,
	.flasher = &fastboot_flasher,
	.destroy = destroy,
};
