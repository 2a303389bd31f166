// SPDX-License-Identifier: Apache-2.0
/* The power of a hub's ports (USB 2.0, 11.24.2): off, a pause, on again. When the hub
 * itself is not there any more, the next one above is taken. */
#include <stdio.h>
#include <string.h>

#include "usb.h"

#define PORT_POWER    8
#define HUB_2         0x29 /* descriptor types */
#define HUB_3         0x2a
#define REQUEST_MS    1000
#define ON_TRIES      3
#define LEAVE_MS      1000
#define LEAVE_STEP_MS 50
#define PORTS_MAX     15
#define TO_HUB_IN \
	(LIBUSB_ENDPOINT_IN | LIBUSB_REQUEST_TYPE_CLASS | LIBUSB_RECIPIENT_DEVICE)
#define TO_PORT (LIBUSB_REQUEST_TYPE_CLASS | LIBUSB_RECIPIENT_OTHER)

/* What is switched for a board. */
struct cut {
	struct usb_hub *hub;
	unsigned number, port;
	enum usb_switching switching;
};

/* The nearest hub above that is there. */
static bool find_cut(struct usb *u, const struct usb_board *b, struct cut *ret)
{
	char path[USB_PATH_MAX], up[USB_PATH_MAX];

	(void)snprintf(path, sizeof(path), "%s", b->path);
	while (usb_path_up(path, up, sizeof(up), &ret->port)) {
		ret->hub = usb_hub_find(u, up);
		(void)pthread_mutex_lock(&u->lock);
		ret->number = ret->hub ? ret->hub->number : 0;
		ret->switching = ret->hub ? ret->hub->switching : USB_SWITCHING_UNKNOWN;
		(void)pthread_mutex_unlock(&u->lock);
		if (ret->number)
			return true;
		memcpy(path, up, sizeof(path));
	}
	return false;
}

/* Of a hub that was not asked yet, all its ports: too many boards are claimed, never
 * too few. */
static unsigned port_cut(const struct cut *c)
{
	return c->switching == USB_INDIVIDUAL ? c->port : 0;
}

size_t usb_hub_also(void *self, const char *board, const char **ret_boards, size_t max)
{
	struct usb *u = self;
	struct usb_board *b = usb_board_find(u, board);
	struct cut c;
	size_t n = 0;

	if (!b || !find_cut(u, b, &c))
		return 0;
	for (size_t i = 0; i < u->n_boards && n < max; i++) {
		const struct usb_board *other = &u->boards[i];

		if (other != b &&
		    usb_path_below(other->path, c.hub->path, port_cut(&c)))
			ret_boards[n++] = other->id;
	}
	return n;
}

/* ---- requests ---- */

static int read_descriptor(libusb_device_handle *h, unsigned char *desc, uint16_t len)
{
	int n = libusb_control_transfer(h, TO_HUB_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
					HUB_2 << 8, 0, desc, len, REQUEST_MS);

	if (n == LIBUSB_ERROR_PIPE)
		n = libusb_control_transfer(h, TO_HUB_IN, LIBUSB_REQUEST_GET_DESCRIPTOR,
					    HUB_3 << 8, 0, desc, len, REQUEST_MS);
	return n >= 0 && n < 5 ? LIBUSB_ERROR_IO : n;
}

/* How it switches, and how many ports it has; negative: libusb's error. */
static int switching_of(libusb_device_handle *h, unsigned *ret_ports)
{
	unsigned char desc[16] = "";
	int n = read_descriptor(h, desc, sizeof(desc));

	if (n < 0)
		return n;
	*ret_ports = desc[2] < PORTS_MAX ? desc[2] : PORTS_MAX;
	switch (desc[3] & 3) {
	case 0:
		return USB_GANGED;
	case 1:
		return USB_INDIVIDUAL;
	default:
		return USB_NO_SWITCHING;
	}
}

static int set_power(libusb_device_handle *h, unsigned port, bool on)
{
	uint8_t request =
		on ? LIBUSB_REQUEST_SET_FEATURE : LIBUSB_REQUEST_CLEAR_FEATURE;

	return libusb_control_transfer(h, TO_PORT, request, PORT_POWER, (uint16_t)port,
				       NULL, 0, REQUEST_MS);
}

/* `port` 0: all of them, and all are tried whatever one says. */
static int set_ports(libusb_device_handle *h, unsigned ports, unsigned port, bool on)
{
	int code = 0;

	for (unsigned p = port ? port : 1; p <= (port ? port : ports); p++) {
		int is = set_power(h, p, on);

		code = is < 0 ? is : code;
	}
	return code;
}

static void note_switching(struct usb *u, struct usb_hub *hub, unsigned number,
			   int switching)
{
	(void)pthread_mutex_lock(&u->lock);
	if (hub->number == number && switching >= 0)
		hub->switching = (enum usb_switching)switching;
	(void)pthread_mutex_unlock(&u->lock);
}

int usb_hub_ask(struct usb *u, struct usb_hub *hub, struct bmc_error *err)
{
	struct usb_handle h;
	unsigned ports, number;
	int code;

	(void)pthread_mutex_lock(&u->lock);
	number = hub->number;
	(void)pthread_mutex_unlock(&u->lock);
	code = usb_open("hub", hub->path, number, &h, err);
	if (code < 0)
		return code;
	code = switching_of(h.dev, &ports);
	usb_close(&h);
	note_switching(u, hub, number, code);
	return code < 0 ? bmc_fail(err, usb_error(code),
				   "hub %s does not say how it switches power: %s",
				   hub->path, libusb_strerror(code))
			: BMC_OK;
}

/* ---- the verb ---- */

/* Every way out leaves the ports with power. */
static int cycle(struct usb *u, struct bmc_call *call, libusb_device_handle *h,
		 unsigned ports, unsigned port)
{
	int code = set_ports(h, ports, port, false), on = -1, slept = BMC_OK;

	if (code >= 0)
		slept = u->ops->sleep(call, u->off);
	for (unsigned i = 0; i < ON_TRIES && on < 0; i++)
		on = set_ports(h, ports, port, true);
	return code < 0 ? usb_error(code) : on < 0 ? usb_error(on) : slept;
}

static bool has_left(struct usb *u, struct usb_board *b, unsigned before)
{
	bool left;

	usb_board_look(u, b, 0);
	(void)pthread_mutex_lock(&u->lock);
	left = b->number != before;
	(void)pthread_mutex_unlock(&u->lock);
	return left;
}

/* The kernel may take its time to see it. */
static bool leaves(struct usb *u, struct bmc_call *call, struct usb_board *b,
		   unsigned before)
{
	for (int64_t waited = 0; waited < LEAVE_MS; waited += LEAVE_STEP_MS) {
		if (has_left(u, b, before))
			return true;
		if (u->ops->sleep(call, LEAVE_STEP_MS) < 0)
			break;
	}
	return has_left(u, b, before);
}

static int switch_it(struct usb *u, struct bmc_call *call, struct usb_board *b,
		     const struct cut *c, libusb_device_handle *h,
		     struct bmc_error *err)
{
	unsigned ports = 0, before;
	int switching = switching_of(h, &ports), code;

	note_switching(u, c->hub, c->number, switching);
	if (switching < 0)
		return bmc_fail(err, usb_error(switching), "%s: hub %s: %s", b->id,
				c->hub->path, libusb_strerror(switching));
	if (switching == USB_NO_SWITCHING)
		return bmc_fail(err, BMC_ENOTSUP,
				"%s: hub %s can't switch the power of its ports", b->id,
				c->hub->path);
	if (switching == USB_GANGED && port_cut(c))
		return bmc_fail(err, BMC_EAGAIN, "%s: hub %s has changed: try again",
				b->id, c->hub->path);
	(void)pthread_mutex_lock(&u->lock);
	before = b->number;
	(void)pthread_mutex_unlock(&u->lock);
	code = cycle(u, call, h, ports, switching == USB_INDIVIDUAL ? c->port : 0);
	if (code < 0)
		return bmc_fail(err, code, "%s: switching port %u of hub %s failed",
				b->id, c->port, c->hub->path);
	if (before && !leaves(u, call, b, before))
		return bmc_fail(
			err, BMC_EIO,
			"%s: hub %s took the request, but port %u kept its power",
			b->id, c->hub->path, c->port);
	return BMC_OK;
}

int usb_hub_reset(void *self, struct bmc_call *call, const struct bmc_args *args,
		  struct bmc_error *err)
{
	struct usb *u = self;
	struct usb_board *b = usb_board_find(u, u->ops->target_id(call));
	struct usb_handle h;
	struct cut c;
	int code;

	(void)args;
	if (!b || !find_cut(u, b, &c))
		return bmc_fail(err, BMC_ENOTSUP, "%s: there is no hub above it",
				u->ops->target_id(call));
	code = usb_open(b->id, c.hub->path, c.number, &h, err);
	if (code < 0)
		return code;
	code = switch_it(u, call, b, &c, h.dev, err);
	usb_close(&h);
	return code;
}
