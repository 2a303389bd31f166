// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdatomic.h>

#include "device.h"

/* Inside the plugin: an instance, and what its files share. */

#define RK_PATH_MAX 32

struct rk_board {
	char id[BMC_ID_MAX], path[RK_PATH_MAX];
	/* detached from its system, and nothing was written since; after a restart of
	 * the daemon that is not known: false */
	atomic_bool untouched;
	atomic_bool asked; /* its system, for the loader, in which it may not be yet */
};

struct rockusb {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	struct libusb_context *usb; /* for all threads: libusb guards it */
	struct rk_board *boards;
	size_t n_boards;
	unsigned transfer_ms; /* of one transfer */
	atomic_uint updates;  /* calls of the flasher under way */
};

/** The board, or NULL: it has no port path. Borrowed. */
struct rk_board *rockusb_board(const struct rockusb *r, const char *id);

/** Bytes that all transfers of all devices may have in the kernel; a large number where
 * it has no bound. */
size_t rockusb_usb_memory(void);

/* ---- identity.c ---- */

/** Reads serial number and MAC addresses of a board in a loader and puts them. A loader
 *  without vendor storage has none. */
int rockusb_identity_put(struct rockusb *r, struct rk_link *l, const struct rk_board *b,
			 struct bmc_error *err);
/** Writes one of them, `text` being "FIELD VALUE", reads it back, and puts it. */
int rockusb_identity_set(struct rockusb *r, struct rk_link *l, const struct rk_board *b,
			 const char *text, struct bmc_error *err);
