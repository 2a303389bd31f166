// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <pthread.h>

#include "abdata.h"
#include "bmc/plugin.h"

/* Inside the plugin `absystem`. plugin.c: the instance; update.c: the calls of the
 * flasher; switch.c: which slot is started; parts.c: which part of an image is written
 * where; chip.c: whether it is for the board's chip; medium-board.c and medium-main.c:
 * how metadata and partitions are reached. */

#define AB_NAME_MAX   36u /* a partition's name, as GPT has it */
#define AB_PARTS_MAX  64u
#define AB_PATH_MAX   128
#define AB_CHUNK      ((uint64_t)8 << 20) /* bytes between two checkpoints */
#define AB_BUF        65536u
#define AB_CMDLINE    4096
#define AB_COMPATIBLE 512 /* bytes of it that are read */

struct ab_board {
	char id[BMC_ID_MAX];
	bool is_main;
	enum ab_mode mode;
	bool unmarked;         /* its running slot need not be marked              */
	const char *partition; /* for raw images, NULL: none; borrowed             */
	/* The slot that was left by this instance for the one that was written, or -1;
	 * only calls of the board use it, one at a time. */
	int left;
};

struct absystem {
	struct bmc_host *host;
	const struct bmc_host_ops *ops;
	const char *by_name, *cmdline, *compatible; /* borrowed */
	const struct bmc_conf *keep;                /* folders; borrowed */
	int64_t wait_ms;
	struct ab_board *boards;
	size_t n_boards;
	struct bmc_error bad; /* of the platform file */
};

/** A part of an image and the partition that it is written to. */
struct ab_part {
	size_t part; /* its place in flash->parts                     */
	char name[AB_NAME_MAX + 1];
};

/** A call for a board. */
struct ab_work {
	struct absystem *ab;
	struct ab_board *board;
	struct bmc_call *call;
	const struct bmc_flash *flash;
	struct bmc_error *err;
	const struct ab_medium *medium;
	unsigned running; /* the slot */
	/* of the device tree's root, a line for each name; "": it does not say */
	char compatible[AB_COMPATIBLE + 1];
	struct ab_data data; /* as they are, or are to be stored */
	struct ab_part parts[AB_PARTS_MAX];
	size_t n_parts;
};

/** Bytes of a part. */
struct ab_range {
	const struct ab_part *part;
	uint64_t at, len; /* len: 1..AB_CHUNK */
};

/** How a board's storage is reached. Each function fills w->err on failure. Names of
 * partitions are checked before. */
struct ab_medium {
	/** The kernel's command line, cut, and the sector of the metadata; fills
	 * w->compatible. */
	int (*look)(struct ab_work *w, char ret_cmdline[AB_CMDLINE],
		    unsigned char ret_sector[AB_SECTOR]);
	/** Writes the sector, and reads it back from the storage. */
	int (*store)(struct ab_work *w, const unsigned char sector[AB_SECTOR],
		     unsigned char ret_there[AB_SECTOR]);
	/** Bytes of a partition that can be written now. */
	int (*room)(struct ab_work *w, const char *name, uint64_t *ret);
	/** Writes the image's bytes there; on the storage when it returns. */
	int (*write)(struct ab_work *w, const struct ab_range *r);
	/** BMC_ECORRUPT: other bytes are there, read from the storage. */
	int (*compare)(struct ab_work *w, const struct ab_range *r);
};
extern const struct ab_medium ab_medium_board, ab_medium_main;

/* ---- parts.c ---- */

/** Which parts are written where, for the slot `target`. BMC_ENOTSUP, BMC_EINVAL. */
int ab_parts(struct ab_work *w, unsigned target);
/** Whether it can be a partition's name: letters, digits, "_", "-", "." */
bool ab_name_ok(const char *name);
/** Reads of the image until there is something: up to `len` bytes, BMC_ECORRUPT at its
 * end. */
ssize_t ab_read(struct ab_work *w, const struct ab_range *r, uint64_t done, void *buf,
		size_t len);

/* ---- chip.c ---- */

/** BMC_ECONFLICT: the system that runs says that it is on another chip than the image
 * is for. */
int ab_chip(struct ab_work *w);
/** Makes w->compatible of the bytes of `compatible`, up to AB_COMPATIBLE. */
void ab_compatible(struct ab_work *w, const unsigned char *bytes, size_t len);

/* ---- switch.c ---- */

/** Reads the running slot and the metadata; waits for a board that does not answer, up
 * to the instance's `wait`. */
int ab_look(struct ab_work *w);
/** The same, once. */
int ab_look_now(struct ab_work *w);
/** Writes w->data and reads them back. */
int ab_store(struct ab_work *w);
/** Whether the running slot is good enough to write the other one. */
int ab_check(struct ab_work *w);
bmc_flash_fn ab_attach, ab_confirm, ab_rollback;

/* ---- update.c ---- */

bmc_flash_fn ab_accepts, ab_write, ab_verify;

/* ---- plugin.c ---- */

/** Fills what a call begins with; BMC_ENOTSUP: not this instance's board. */
int ab_begin(struct ab_work *w, void *self, struct bmc_call *call,
	     const struct bmc_flash *flash, struct bmc_error *err);
/** main: whether what has to outlive an update lies outside of the slots. */
int ab_keeps(struct ab_work *w);
