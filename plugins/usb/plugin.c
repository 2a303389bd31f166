// SPDX-License-Identifier: Apache-2.0
/* The plugin `usb`: glue to the core; usb.h says which file does what. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "usb.h"

#define SEND_EVERY_MS 10000 /* often enough not to grow stale */

static const struct bmc_conf_item settings[] = {
	{ .key = "timeout",
	  .type = BMC_CONF_INT,
	  .min = 10,
	  .max = 10000,
	  .def = "500ms",
	  .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "How long a board in mask ROM mode may take to answer whether it has "
		 "been sent "
		 "its loader." },
	{ .key = "off",
	  .type = BMC_CONF_INT,
	  .min = 10,
	  .max = 30000,
	  .def = "2s",
	  .unit = "ms",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "How long a hub's port is without power in a hub reset." },
	{ .key = "netrecovery",
	  .type = BMC_CONF_TEXT,
	  .min = 0,
	  .max = 31,
	  .def = "netrecovery",
	  .reload = BMC_RELOAD_INSTANCE,
	  .doc = "A board with adb whose USB product text has this in it runs the "
		 "helper system "
		 "for flashing. Empty: none does." },
	{ .key = NULL },
};

static const struct bmc_conf_item board_settings[] = {
	{ .key = "usb",
	  .type = BMC_CONF_TEXT,
	  .min = 3,
	  .max = USB_PATH_MAX - 1,
	  .reload = BMC_RELOAD_RESTART,
	  .doc = "The board's port as the kernel names it: bus, dash, the ports on the "
		 "way, as in "
		 "2-1.2.3." },
	{ .key = NULL },
};

/* ---- the platform file ---- */

static const struct usb_board *on_path(const struct usb *u, const char *path)
{
	for (size_t i = 0; i < u->n_boards; i++) {
		if (strcmp(u->boards[i].path, path) == 0)
			return &u->boards[i];
	}
	return NULL;
}

/* One wrong row is left out: the other boards are not its fault. */
static bool fits(const struct usb *u, const char *id, const char *path)
{
	const struct usb_board *other = on_path(u, path);

	if (!usb_path_valid(path))
		u->ops->log(u->host, LOG_ERR,
			    "%s: \"%s\" is no port path: write it as 2-1.2.3, as in "
			    "/sys/bus/usb/devices",
			    id, path);
	else if (other)
		u->ops->log(u->host, LOG_ERR,
			    "%s: the platform file gives it the port %s, which is %s's",
			    id, path, other->id);
	return usb_path_valid(path) && !other;
}

static int count(void *arg, const char *id, const uint32_t index[2],
		 const struct bmc_conf *conf)
{
	size_t *n = arg;

	(void)id;
	(void)index;
	*n += *bmc_conf_text(conf, "usb", "") != '\0';
	return 0;
}

static int add_board(void *arg, const char *id, const uint32_t index[2],
		     const struct bmc_conf *conf)
{
	struct usb *u = arg;
	const char *path = bmc_conf_text(conf, "usb", "");
	struct usb_board *b = &u->boards[u->n_boards];

	(void)index;
	if (!*path || !fits(u, id, path))
		return 0;
	(void)snprintf(b->id, sizeof(b->id), "%s", id);
	(void)snprintf(b->path, sizeof(b->path), "%s", path);
	(void)snprintf(b->soc, sizeof(b->soc), "%s", bmc_conf_text(conf, "soc", ""));
	u->n_boards++;
	return 0;
}

/* Every hub on the way to a board, each once. */
static int add_hubs(struct usb *u)
{
	for (size_t i = 0; i < u->n_boards; i++) {
		char path[USB_PATH_MAX], up[USB_PATH_MAX];
		unsigned port;

		(void)snprintf(path, sizeof(path), "%s", u->boards[i].path);
		while (usb_path_up(path, up, sizeof(up), &port)) {
			struct usb_hub *more;

			memcpy(path, up, sizeof(path));
			if (usb_hub_find(u, up))
				continue;
			more = realloc(u->hubs, (u->n_hubs + 1) * sizeof(*more));
			if (!more)
				return BMC_ENOMEM;
			u->hubs = more;
			more[u->n_hubs] =
				(struct usb_hub){ .switching = USB_SWITCHING_UNKNOWN };
			(void)snprintf(more[u->n_hubs++].path, sizeof(more->path), "%s",
				       up);
		}
	}
	return BMC_OK;
}

/* ---- life ---- */

static void destroy(void *self)
{
	struct usb *u = self;

	(void)pthread_mutex_destroy(&u->lock);
	(void)pthread_mutex_destroy(&u->look);
	free(u->boards);
	free(u->hubs);
	free(u);
}

static int create(struct bmc_host *host, const struct bmc_host_ops *ops,
		  const struct bmc_conf *conf, void **ret_self, struct bmc_error *err)
{
	struct usb *u;
	size_t n = 0;

	if (ops->size < offsetof(struct bmc_host_ops, stop_fd))
		return bmc_fail(err, BMC_ENOTSUP,
				"the daemon is older than this plugin");
	/* libusb's list of devices and its thread would read the descriptors of
	 * whatever is plugged in (README.md, Limits). Here, as it is not for a time
	 * when another thread ends a context. */
	if (libusb_set_option(NULL, LIBUSB_OPTION_NO_DEVICE_DISCOVERY) < 0)
		return bmc_fail(err, BMC_ENOTSUP, "libusb can't do without its list");
	u = calloc(1, sizeof(*u));
	if (!u)
		return bmc_fail(err, BMC_ENOMEM, "no memory for the plugin usb");
	u->host = host;
	u->ops = ops;
	u->netrecovery = bmc_conf_text(conf, "netrecovery", "");
	u->timeout = bmc_conf_num(conf, "timeout", 0);
	u->off = bmc_conf_num(conf, "off", 0);
	(void)pthread_mutex_init(&u->lock, NULL);
	(void)pthread_mutex_init(&u->look, NULL);
	(void)ops->platform(host, BMC_BOARD, count, &n);
	u->boards = calloc(n + 1, sizeof(*u->boards));
	if (u->boards)
		(void)ops->platform(host, BMC_BOARD, add_board, u);
	if (!u->boards || add_hubs(u) < 0) {
		destroy(u);
		return bmc_fail(err, BMC_ENOMEM, "no memory for the boards' ports");
	}
	if (!u->n_boards)
		ops->log(host, LOG_WARNING,
			 "no board of the platform file has the key `usb`");
	*ret_self = u;
	return BMC_OK;
}

/* Finds what an event has not told, and puts again what would grow stale. */
static int poll_ports(void *self, struct bmc_error *err)
{
	struct usb *u = self;
	int64_t now = u->ops->now();
	bool all = !u->sent_at || now >= u->sent_at + SEND_EVERY_MS;

	(void)err;
	usb_look(u);
	usb_send(u, all);
	u->sent_at = all ? now : u->sent_at;
	return BMC_OK;
}

static const struct bmc_verb verbs[] = {
	{ .name = "hub_reset",
	  .flags = BMC_VERB_REPEATABLE,
	  .deadline = 60000,
	  .grace = 5000,
	  .run = usb_hub_reset,
	  .also = usb_hub_also },
	{ .name = NULL },
};

BMC_PLUGIN(usb) = {
	BMC_PLUGIN_HEAD("usb", "1.0"),
	.conf = settings,
	.board_conf = board_settings,
	.create = create,
	.poll = poll_ports,
	.probe = usb_probe,
	.serve = usb_serve,
	.verbs = verbs,
	.destroy = destroy,
};
