// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "layout.h"
#include "rockusb.h"

/* A flasher's call for one board, shared by its files: update.c (the board, opened),
 * detach.c (its modes), write.c, verify.c, flasher.c (the table). */

struct rk_update {
	struct rockusb *r;
	const struct bmc_host_ops *ops;
	struct bmc_call *call;
	const struct bmc_flash *flash;
	struct rk_board *board;
	/* while it is open */
	struct rk_device *device; /* NULL: it is not */
	enum rk_mode mode;
	/* when it was asked: rk_update_ask */
	uint32_t sectors, most; /* `most`: of a command */
	uint64_t can;
	struct rk_layout layout;
};

#define RK_TRUSTED UINT32_MAX

/** BMC_ENOTSUP: the platform file has no port for it. Ends with rk_update_done. */
int rk_update_init(struct rk_update *u, struct rockusb *r, struct bmc_call *call,
		   const struct bmc_flash *flash, struct bmc_error *err);
void rk_update_done(struct rk_update *u);
/** Opens what is on its port now. */
int rk_update_open(struct rk_update *u, struct bmc_error *err);
void rk_update_close(struct rk_update *u);
bool rk_update_has_piece(const struct rk_update *u, enum bmc_flash_piece_kind kind);
/** Whether the image has what a mask ROM is sent. */
bool rk_update_can_upload(const struct rk_update *u);
/** The link for the next command, which has its time from now on. A beat. */
struct rk_link *rk_update_link(struct rk_update *u);
/** BMC_ECANCELED; or it waits. A beat. */
int rk_update_sleep(struct rk_update *u, int64_t ms);
/** Whether it takes commands now: a loader, or a mask ROM that runs usbplug. */
bool rk_update_answers(struct rk_update *u);
/** Asks the open board what it is, checks all that can be checked before a write, and
 * makes the layout. BMC_ECONFLICT: another chip; those of rk_layout_make. */
int rk_update_ask(struct rk_update *u, struct bmc_error *err);
/** BMC_ECONFLICT: the image has data of its own where the board's identity is kept. */
int rk_update_check_kept(struct rk_update *u, struct bmc_error *err);
/** Sectors from the storage's begin that it reads as they are; RK_TRUSTED: all. */
uint32_t rk_update_readable(const struct rk_update *u);
/** Whether each write is compared by the device itself. */
bool rk_update_has_parity(const struct rk_update *u);
/** Whether what the user wants verified can be: by reading, or by the device. */
bool rk_update_can_verify(const struct rk_update *u);

int rk_update_read(struct rk_update *u, uint32_t lba, uint32_t count, void *buf,
		   struct bmc_error *err);
/** The image's bytes of a chunk; zeros behind the end of a part. */
int rk_update_fill(struct rk_update *u, const struct rk_chunk *c, void *buf,
		   struct bmc_error *err);
/** Tells `done` of `total` sectors of a stage. */
void rk_update_report(struct rk_update *u, const char *stage, uint64_t done,
		      uint64_t total);
/** Waits until it is back in a mode in which it takes commands; then it is open. */
int rk_update_reopen(struct rk_update *u, struct bmc_error *err);

/* ---- the flasher's functions ---- */

int rk_update_detach(struct rk_update *u, struct bmc_error *err);
/** Waits for a board whose system was asked for the loader to come up in it, at most as
 * long as rk_update_detach() does. */
void rk_update_await_loader(struct rk_update *u);
int rk_update_write(struct rk_update *u, struct bmc_error *err);
int rk_update_verify(struct rk_update *u, struct bmc_error *err);

/** The verb: `text` a partition of the board, `image` its bytes, `num` where in it, in
 * bytes. Brings the board into its loader, writes, and verifies what can be. */
int rockusb_write_partition(void *self, struct bmc_call *call,
			    const struct bmc_args *args, struct bmc_error *err);

extern const struct bmc_flasher rockusb_flasher;
