// SPDX-License-Identifier: Apache-2.0
#pragma once
/* Tables of data are aligned by hand in here. */
/* clang-format off */
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "bmc/error.h"

/* A part of the plugin ABI (bmc/plugin.h): images, and how an instance writes them. */

struct bmc_call;

/** An open image, read-only. The core's; valid as long as the call it was given to. */
struct bmc_image {
	uint64_t size; /* bytes */
	unsigned char digest[32]; /* SHA-256 of all of it */
	/** Reads up to `len` bytes at `offset`; their number (0: the end) or a negative enum
	 *  bmc_err. Any thread; waits for local storage only. */
	ssize_t (*read)(const struct bmc_image *, uint64_t offset, void *buf, size_t len);
	/** The core's own: takes a reference, gives one back. Any thread. */
	void (*ref)(const struct bmc_image *);
	void (*unref)(const struct bmc_image *);
};

/** A command on a board's system. Borrowed for the call. */
struct bmc_command {
	const char *text; /* 1..2,047 bytes of UTF-8; may hold a secret: never logged    */
	int64_t ms;       /* how long it may take without a byte in either direction; as a
			     whole, behind its last input, ten times as long           */
	/** Gives up to `len` bytes of its input: their number, 0: the end, BMC_EAGAIN: none
	 *  yet (it is asked again), or another error, which ends the command. May wait for
	 *  some seconds. NULL: no input. */
	ssize_t (*in)(void *arg, void *buf, size_t len);
	void *arg;
	char *out;       /* takes its output; what does not fit is dropped. NULL: all is  */
	size_t out_size; /* with the NUL, that is always there                            */
	size_t out_len;  /* set: bytes of output in `out`                                 */
};

/* ---- flashing ---- */

#define BMC_SECTOR         512u       /* bytes */
#define BMC_FLASH_BY_NAME  UINT64_MAX /* where the board has the partition of this name */
#define BMC_GPT_SECTORS    34u        /* protective MBR, header and table               */
#define BMC_GPT_BACKUP     33u        /* table and header, the storage's last sectors   */

/** Bytes [at, at + len) of a part, which are written. Others stay as they are. */
struct bmc_extent {
	uint64_t at, len;
};

/** A partition, or the whole storage, that an image writes. */
struct bmc_flash_part {
	const char *name;  /* up to 36 characters; "": the whole storage                      */
	uint64_t start;    /* its first sector, or BMC_FLASH_BY_NAME                          */
	uint64_t room;     /* sectors it may take; 0: not known                               */
	uint64_t size;     /* bytes up to the end of the last extent                          */
	const struct bmc_extent *extents; /* ascending, without overlap                       */
	size_t n_extents;
};

enum bmc_flash_piece_kind {
	BMC_PIECE_471,    /* Rockchip: what starts the memory, for a board in mask ROM mode */
	BMC_PIECE_472,    /* and the program that writes its storage (usbplug)              */
	BMC_PIECE_LOADER, /* the loader that is on the storage: FlashData, FlashBoot        */
};

/** A piece of the image's loader, as it stands in the file. */
struct bmc_flash_piece {
	enum bmc_flash_piece_kind kind;
	char name[24];
	uint32_t size;  /* bytes                                     */
	uint32_t delay; /* ms to wait after it was sent, 0..60000    */
	bool rc4;       /* it is RC4 coded                           */
};

enum bmc_verify {
	BMC_VERIFY_NONE,    /* only what the device checks by itself            */
	BMC_VERIFY_SAMPLED, /* the ends of each extent and 1 of 16 MiB between  */
	BMC_VERIFY_FULL,    /* every byte that was written                      */
};

enum bmc_flash_flag {
	BMC_FLASH_KEEP_IDENTITY = 1u << 0, /* serial number and MACs survive a whole-disk write */
};

/** A checked image and what is to be done with it, for one board. The core's; valid for the
 *  call; grows at its end. All reads come from the core's buffers, which boards of one job
 *  share: each may wait for local storage and for slower boards (at most 2 s at once), so it
 *  can return BMC_EAGAIN: beat, and ask again. */
struct bmc_flash {
	uint32_t size;
	uint32_t flags; /* enum bmc_flash_flag */
	const char *board;
	const char *name;    /* of the image's file                        */
	const char *version; /* "": it does not say                        */
	const char *format;  /* "raw", "sparse", "rkfw", "rkaf", "loader", "bundle" (several files, signed) */
	char chip[8];        /* "330C"; "": it does not say                */
	enum bmc_verify verify;
	const struct bmc_image *file; /* as it was stored; its digest names the image */
	const struct bmc_flash_part *parts;
	size_t n_parts;
	const struct bmc_flash_piece *pieces;
	size_t n_pieces;
	uint64_t bytes; /* sum of all extents: what is written */
	/** Reads up to `len` bytes at `offset` of a part (by its place in `parts`), zeros where
	 *  it has no extent: their number, 0 at its end, or a negative error. */
	ssize_t (*read)(const struct bmc_flash *, size_t part, uint64_t offset, void *buf, size_t len);
	/** As read, of a piece. */
	ssize_t (*read_piece)(const struct bmc_flash *, size_t piece, uint64_t offset, void *buf, size_t len);
	/** The image's partition table as a GPT of a storage of `sectors`: BMC_GPT_SECTORS for its
	 *  begin and BMC_GPT_BACKUP for its end. BMC_ENOTSUP: the image has none; BMC_ENOSPC: it
	 *  does not fit. */
	int (*table)(const struct bmc_flash *, uint64_t sectors, void *ret_begin, void *ret_end,
		     struct bmc_error *err);
};

/* Beside an offered file, by ops->offer_put and offer_get. */
#define BMC_OFFER_NAME_MAX 31
#define BMC_OFFER_SENT_MAX 32768 /* bytes of one name; a board has up to 4 */

enum bmc_flash_way {
	BMC_FLASH_PUSH, /* it sends the bytes of flash->read               */
	BMC_FLASH_PULL, /* the board fetches flash->file by ops->offer     */
};

typedef int bmc_flash_fn(void *self, struct bmc_call *call, const struct bmc_flash *flash,
			 struct bmc_error *err);

/** How an instance writes boards; bound as `flash`. The core calls these in their order on a
 *  worker, each as a long, resumable verb under the board's claim: they beat, report stage and
 *  bytes, keep checkpoints, and are run again after a restart. Everything before `write` leaves
 *  the board as it was, or able to come back; a call that fails leaves it in a state in which
 *  the job can be run again. Any but `write` may be NULL: there is nothing to do. */
struct bmc_flasher {
	uint32_t size; /* sizeof(struct bmc_flasher): it grows at its end       */
	enum bmc_flash_way way;
	int64_t beat;  /* ms between two beats, 1..86400000                      */
	int64_t grace; /* as a verb's                                            */
	/** Whether this image can be written to this board as it is now: chip, room, mode and
	 *  other preconditions, told with what to do. Changes nothing; also of a dry run.
	 *  BMC_ENOTSUP: the image is none of this flasher's. */
	bmc_flash_fn *accepts;
	bmc_flash_fn *detach;   /* brings it into the mode in which it can be written   */
	bmc_flash_fn *write;
	bmc_flash_fn *verify;   /* BMC_ECORRUPT: it has other bytes than were sent      */
	bmc_flash_fn *attach;   /* starts its system again                              */
	bmc_flash_fn *confirm;  /* the board answers: what was written stays            */
	bmc_flash_fn *rollback; /* a call failed, or it does not answer: back to what was */
};
