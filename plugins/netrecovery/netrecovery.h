// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"

/* Inside the plugin: an instance, a call for one board, and what its files share.
 * flasher.c is the table of calls, enter.c brings a board into the auxiliary system,
 * talk.c is what is said between that and us, source.c the bytes that are written for
 * it, trail.c the boards' logs. */

#define NR_VALUE  128
#define NR_ORDERS 1    /* version of the checkpoint: an order that was given */
#define NR_BCB    2048 /* bytes of the bootloader message at the begin of misc */

struct nr {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	const char *image, *partition, *misc, *logs; /* borrowed from the config; "" */
	int64_t misc_offset, boot_ms, silence_ms;
};

/* The state of a board's part, as our one state machine has it: `id` tells the answer
 * to this order from one to an earlier order. */
enum nr_what { NR_NOTHING, NR_PREPARING, NR_FLASHING, NR_DONE, NR_ERROR };

struct nr_state {
	enum nr_what what;
	uint64_t id, done;
	int64_t at; /* ms of ops->now */
	char code[16], text[NR_VALUE], sha256[80];
};

/* A call of the flasher. */
struct nr_call {
	struct nr *n;
	const struct bmc_host_ops *ops;
	struct bmc_call *call;
	const struct bmc_flash *flash;
	const char *board;
	char url[256];
};

/* ---- source.c ---- */

/** A file as an image; BMC_ENOTFOUND, BMC_EINVAL: it is empty or no regular file. The
 * caller's reference is given back by (*ret)->unref. */
int nr_source_file(const char *path, const struct bmc_image **ret,
		   struct bmc_error *err);
/** Bytes (copied) as an image. NULL: no memory. */
const struct bmc_image *nr_source_bytes(const void *bytes, size_t len);
/** The bootloader message that has the auxiliary system started with this argument.
 * False: it is too long. */
bool nr_bcb(const char *url, unsigned char ret[NR_BCB]);

/* ---- talk.c ---- */

/** Value of a line "key=value" of a text of a board, made printable; "": none. */
void nr_value(const char *text, const char *key, char *ret, size_t size);
/** What a text says of the state. */
void nr_state_parse(const char *text, struct nr_state *ret);
/** Has the image offered; its address is in c->url then. */
int nr_offer(struct nr_call *c, struct bmc_error *err);
/** Gives an order and waits until the board has carried it out, or says nothing for
 * `silence` ms, or 10 times as long only what it had said already. `stage`: what users
 * see meanwhile. `ret` (may be NULL): what it said at the end. */
int nr_order(struct nr_call *c, const char *what, int64_t silence, struct nr_state *ret,
	     struct bmc_error *err);

/* ---- enter.c ---- */

/** Steps 1 to 3: loader mode, the auxiliary system written and started, until it asks
 * for its order. */
int nr_enter(struct nr_call *c, struct bmc_error *err);

/* ---- trail.c ---- */

/** Keeps the board's logs and a line of its history in the folder `logs`. */
void nr_trail(struct nr_call *c, const char *what, int code, const char *why);

extern const struct bmc_flasher netrecovery_flasher;
