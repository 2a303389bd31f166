// SPDX-License-Identifier: Apache-2.0
/* Hot-plug by udev's events on netlink, which say which port to look at. libusb's own
 * hot-plug is not used: it reads the descriptors of whatever is plugged in, and 1.0.26
 * never ends with some (README.md, Limits). */
#include <dirent.h>
#include <errno.h>
#include <linux/netlink.h>
#include <poll.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "bmc/usb.h"
#include "uevent.h"
#include "usb.h"

#define ROCKCHIP    0x2207
#define UDEV_GROUP  2   /* after udev's rules: the node has its rights by then */
#define BATCH       64  /* messages before what they said is looked at */
#define PRESENT_MAX 512 /* devices and interfaces that are looked at on start */

struct server {
	struct usb *usb;
	int fd;
	bool all; /* a hub has come or gone, or an event is lost */
};

/* ---- events ---- */

/* Helps to find a wrong `usb` in the platform file. */
static void report_stray(struct usb *u, const char *path)
{
	unsigned char desc[USB_DESC_MAX];
	struct usb_identity is;

	usb_identify(desc, bmc_usb_attribute(path, "descriptors", desc, sizeof(desc)),
		     &is);
	if (is.vendor == ROCKCHIP)
		u->ops->log(u->host, LOG_NOTICE,
			    "%s: a board (%04x:%04x) is there, but no board of the "
			    "platform file has this as its `usb`",
			    path, is.vendor, is.product);
}

static bool is_ours(const struct usb *u, const char *path)
{
	for (size_t i = 0; i < u->n_boards; i++) {
		if (strcmp(u->boards[i].path, path) == 0)
			return true;
	}
	return false;
}

static void note(struct server *s, const struct usb_uevent *e)
{
	struct usb *u = s->usb;

	if (usb_hub_find(u, e->path))
		s->all = true;
	else if (e->added && !is_ours(u, e->path))
		report_stray(u, e->path);
	for (size_t i = 0; i < u->n_boards; i++) {
		if (strcmp(u->boards[i].path, e->path) != 0)
			continue;
		u->boards[i].event = true;
		if (e->removed)
			u->boards[i].left = e->number;
	}
}

static void look_where_asked(struct server *s)
{
	struct usb *u = s->usb;

	for (size_t i = 0; i < u->n_boards; i++) {
		struct usb_board *b = &u->boards[i];
		unsigned left = b->left;

		if (!b->event)
			continue;
		b->event = false;
		b->left = 0;
		usb_board_look(u, b, left);
	}
	if (s->all)
		usb_look(u);
	s->all = false;
}

/* ---- netlink ---- */

/* False: there is none now. Only root can send to a group, and only what was sent to
 * the group counts. */
static bool take(struct server *s, int *ret_error)
{
	char message[USB_UEVENT_MAX];
	struct sockaddr_nl from = { .nl_family = AF_NETLINK };
	struct iovec part = { message, sizeof(message) };
	struct msghdr head = { .msg_name = &from,
			       .msg_namelen = sizeof(from),
			       .msg_iov = &part,
			       .msg_iovlen = 1 };
	ssize_t n = recvmsg(s->fd, &head, 0);
	struct usb_uevent e;

	*ret_error = n < 0 ? errno : 0;
	if (n < 0 && errno == ENOBUFS) {
		s->all = true; /* too many at once: some are lost */
		*ret_error = 0;
		return true;
	}
	if (n > 0 && from.nl_groups == UDEV_GROUP &&
	    usb_uevent_read(message, (size_t)n, &e))
		note(s, &e);
	return n > 0;
}

static int loop(struct server *s, struct bmc_error *err)
{
	const struct bmc_host_ops *ops = s->usb->ops;

	for (;;) {
		int code = ops->wait(s->usb->host, s->fd, POLLIN, -1), e = 0;

		if (code < 0)
			return code;
		for (unsigned i = 0; i < BATCH && take(s, &e); i++)
			;
		if (e && e != EAGAIN && e != EINTR)
			return bmc_fail(err, BMC_EIO, "udev's events: %s", strerror(e));
		look_where_asked(s);
	}
}

static int subscribe(void)
{
	const struct sockaddr_nl at = { .nl_family = AF_NETLINK,
					.nl_groups = UDEV_GROUP };
	int fd = socket(AF_NETLINK, SOCK_RAW | SOCK_CLOEXEC | SOCK_NONBLOCK,
			NETLINK_KOBJECT_UEVENT);

	if (fd >= 0 && bind(fd, (const struct sockaddr *)&at, sizeof(at)) < 0) {
		(void)close(fd);
		return -1;
	}
	return fd;
}

/* ---- the loop ---- */

static void report_strays(struct usb *u)
{
	DIR *dir = opendir(USB_DEVICES);
	const struct dirent *e;

	for (unsigned i = 0; dir && i < PRESENT_MAX && (e = readdir(dir)); i++) {
		if (usb_path_valid(e->d_name) && !is_ours(u, e->d_name) &&
		    !usb_hub_find(u, e->d_name))
			report_stray(u, e->d_name);
	}
	if (dir)
		(void)closedir(dir);
}

int usb_serve(void *self, struct bmc_error *err)
{
	struct server s = { .usb = self, .fd = subscribe() };
	int code;

	if (s.fd < 0)
		return bmc_fail(err, BMC_ENOTSUP,
				"udev's events can't be had (%s): the ports are only "
				"polled",
				strerror(errno));
	usb_look(s.usb);
	report_strays(s.usb);
	code = loop(&s, err);
	(void)close(s.fd);
	return code;
}
