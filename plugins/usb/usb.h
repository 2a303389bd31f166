// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <libusb-1.0/libusb.h>
#include <pthread.h>
#include <syslog.h>

#include "identify.h"

/* The plugin `usb`: which board is on which port path, in which mode. plugin.c is the
 * glue to the core; state.c keeps what is known and puts it; serve.c listens to udev;
 * ask.c asks devices what their descriptors don't say; hub.c switches ports off and on;
 * device.c opens devices and reads sysfs. */

#define USB_DEVICES  "/sys/bus/usb/devices"
#define USB_PATH_MAX 32
#define USB_DESC_MAX 4096 /* bytes of descriptors that are looked at */

enum usb_switching {
	USB_GANGED,
	USB_INDIVIDUAL,
	USB_NO_SWITCHING,
	USB_SWITCHING_UNKNOWN
};

struct usb_board {
	char id[BMC_ID_MAX], path[USB_PATH_MAX], soc[16];
	/* ---- with `look` ---- */
	bool known;  /* has been looked at                                     */
	bool unsent; /* what is known could not be put                         */
	bool vague;  /* its descriptors could not be read: the next look tries   */
	unsigned reported; /* the device whose oddities are in the log               */
	unsigned gone; /* the device that has left, though sysfs may still show it */
	/* ---- with `lock`; these change with `look` held, too, but for `asked` on ----
	 */
	unsigned number; /* of its device, as the kernel counts; 0: none there     */
	struct usb_identity is;
	int64_t mode; /* enum bmc_usb_mode                                      */
	char serial[32];
	unsigned asked; /* the device that ask.c has seen                         */
	/* ---- the thread of serve only ---- */
	bool event;
	unsigned left; /* number of the device that was reported as leaving      */
};

struct usb_hub {
	char path[USB_PATH_MAX];
	/* ---- with `lock` ---- */
	unsigned number;
	enum usb_switching switching;
	unsigned asked; /* the device that was asked for its switching */
};

struct usb {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	const char *netrecovery; /* borrowed from the config */
	int64_t timeout, off;    /* ms */
	struct usb_board *boards;
	size_t n_boards;
	struct usb_hub *hubs; /* above the boards, each once */
	size_t n_hubs;
	pthread_mutex_t lock; /* what is known */
	pthread_mutex_t
		look; /* one thread at a time compares it with sysfs; taken first */
	int64_t sent_at;
};

/* ---- state.c ---- */

struct usb_board *usb_board_find(struct usb *u, const char *id);
struct usb_hub *usb_hub_find(struct usb *u, const char *path);
/** Compares a board with sysfs and puts what has changed. `left`: number of a device
 * that was reported as leaving, 0: none. Any thread. */
void usb_board_look(struct usb *u, struct usb_board *b, unsigned left);
/** What asking the device `number` has shown; dropped when another one is there by now.
 */
void usb_board_asked(struct usb *u, struct usb_board *b, unsigned number, int64_t mode,
		     const char *serial);
/** All boards and hubs. Any thread. */
void usb_look(struct usb *u);
/** Puts all again; `all` false: what could not be put. */
void usb_send(struct usb *u, bool all);

/* ---- serve.c ---- */

int usb_serve(void *self, struct bmc_error *err);

/* ---- ask.c ---- */

int usb_probe(void *self, struct bmc_call *call, const char *board,
	      struct bmc_error *err);

/* ---- hub.c ---- */

int usb_hub_reset(void *self, struct bmc_call *call, const struct bmc_args *args,
		  struct bmc_error *err);
size_t usb_hub_also(void *self, const char *board, const char **ret_boards, size_t max);
/** Reads how this hub switches power, into hub->switching. Worker. */
int usb_hub_ask(struct usb *u, struct usb_hub *h, struct bmc_error *err);

/* ---- device.c ---- */

/* An open device, in a context of its own. */
struct usb_handle {
	libusb_context *ctx;
	libusb_device_handle *dev;
	int fd;
};

/** Opens the device at `path` with this number. `id` is whom the error is about.
 * Blocks up to 1 s with a device that does not answer: libusb asks for the active
 * configuration. */
int usb_open(const char *id, const char *path, unsigned number, struct usb_handle *ret,
	     struct bmc_error *err);
void usb_close(struct usb_handle *h);
/** enum bmc_err for one of libusb's. */
int usb_error(int code);
