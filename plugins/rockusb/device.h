// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "link.h"

/* A Rockchip board on a USB port, through libusb. */

struct libusb_context;
struct rk_device;

enum rk_mode {
	RK_NONE,    /* nothing on the port, or no rockusb                     */
	RK_LOADER,  /* U-Boot or a miniloader                                 */
	RK_MASKROM, /* before the upload: takes no commands, or usbplug, which does */
};

/** Opens what is at a port path ("2-1.2.3"); `*ret` is NULL with RK_NONE. `ctx` is
 * borrowed. BMC_EPERM: the udev rule is missing; BMC_EBUSY: another program has it. Any
 * thread. */
int rk_open(struct libusb_context *ctx, const char *board, const char *path,
	    enum rk_mode *ret_mode, struct rk_device **ret, struct bmc_error *err);
/** The same, for who moves much data: several transfers of a command are under way at
 * once, and what other boards do delays none of them. One thread. */
int rk_open_alone(const char *board, const char *path, enum rk_mode *ret_mode,
		  struct rk_device **ret, struct bmc_error *err);
/** The kernel's number of what is on a port, another one after each plug; 0: nothing.
 */
unsigned rk_number(const char *path);
/** At most so many bytes (16 KiB..1 MiB) are under way at once. */
void rk_device_window(struct rk_device *d, size_t bytes);
/** A link over it, with a deadline in the time of `now`. Borrowed: ends with the
 * device. */
struct rk_link *rk_device_link(struct rk_device *d, int64_t (*now)(void),
			       int64_t deadline);
/** Accepts NULL. */
void rk_close(struct rk_device *d);
