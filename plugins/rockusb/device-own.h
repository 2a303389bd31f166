// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/usb.h"
#include "device.h"

/* Shared by device.c (finding, opening, single transfers) and burst.c (several at
 * once). */

#define RK_URB_MAX    131072u
#define RK_URB_MIN    16384u
#define RK_WINDOW_MAX (1u << 20)
#define RK_URBS       (RK_WINDOW_MAX / RK_URB_MAX + 2) /* and the CBW and the CSW */

struct rk_flight;

/* A transfer that is used again and again. */
struct rk_urb {
	struct libusb_transfer *transfer; /* NULL: not made yet */
	struct rk_flight *flight;
	enum { RK_URB_FREE, RK_URB_CBW, RK_URB_DATA, RK_URB_CSW } what;
};

struct rk_device {
	struct bmc_usb usb;
	struct libusb_context *alone; /* owned; NULL: it shares one with others */
	struct rk_link link;
	char board[BMC_ID_MAX];
	struct rk_urb urbs[RK_URBS];
	size_t window, window_max; /* bytes of data under way at once */
};

/** rk_io.burst; of a device that is alone in its context. */
int rk_device_burst(void *io, struct rk_burst *b);
/** Frees the transfers, of which none is under way. */
void rk_device_land(struct rk_device *d);
