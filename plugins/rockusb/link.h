// SPDX-License-Identifier: Apache-2.0
#pragma once
#include "bmc/plugin.h"
#include "cbw.h"

/* Commands over a pair of bulk endpoints: one at a time, each with a deadline, each
 * answer checked, and the link put right after what went wrong. What carries the bytes
 * is a struct rk_io: usb.c with libusb. */

/** A command's bytes. */
struct rk_burst {
	const unsigned char *cbw; /* RK_CBW_LEN      */
	unsigned char *data;      /* taken or filled */
	size_t len;
	bool in;
	unsigned ms;  /* each transfer's limit */
	size_t moved; /* set: bytes of data */
	unsigned char csw[RK_CSW_LEN];
	size_t csw_len; /* set */
};

/** Each returns the bytes moved or a negative errno: -ETIMEDOUT, -EPIPE (halted),
 * -ENODEV (it has left), -ENOMEM (the kernel's USB buffers are full: try again), or
 * another. */
struct rk_io {
	int (*out)(void *io, const void *data, size_t len, unsigned ms);
	int (*in)(void *io, void *buf, size_t len,
		  unsigned ms); /* a short packet ends it */
	int (*control)(void *io, uint16_t index, const void *data, size_t len,
		       unsigned ms); /* vendor request 0x0c to the device */
	int (*clear_halt)(void *io, bool in);
	int (*reset)(void *io);
	/** A command's three phases with several transfers under way at once; NULL: one
	 * after the other. -EREMOTEIO: less data came than were asked for; -ENOBUFS: as
	 * -ENOMEM, but the command has begun. */
	int (*burst)(void *io, struct rk_burst *b);
};

struct rk_link {
	const struct rk_io *io;
	void *arg;         /* the io's */
	const char *board; /* in messages */
	int64_t (*now)(void);
	int64_t deadline; /* in the time of now(): no transfer goes beyond */
	uint32_t tag;
	bool broken; /* it could not be put right: close it */
	bool asking; /* whether it answers at all: one that does not is left alone */
	unsigned transfer_ms; /* 0: RK_TRANSFER_MS */
};

#define RK_TRANSFER_MS 5000   /* of one transfer, where the deadline is not nearer */
#define RK_BURST_MIN   16384u /* bytes of data from which on `burst` is used */

/** Runs one command. `data` is `cbw->length` bytes, taken or filled; the tag is set
 * here. `ret` may be NULL. BMC_ETIMEDOUT; BMC_EABSENT: the device has left;
 * BMC_ENOTSUP: the device refused the command (status 1); BMC_ECORRUPT: status 2 to a
 * command with parity; BMC_EIO: the answer made no sense. After an error the link has
 * been put right, or it is `broken`. */
int rk_command(struct rk_link *l, struct rk_cbw *cbw, void *data, struct rk_csw *ret,
	       struct bmc_error *err);
/** Resets the port, which ends whatever command it is in. A negative errno: it is
 * another device now. */
int rk_link_reset(struct rk_link *l);
/** Code for a mask ROM: which is 0x471 (DDR) or 0x472 (usbplug), data as the loader
 * file stores it. */
int rk_upload(struct rk_link *l, uint16_t which, const unsigned char *data, size_t len,
	      struct bmc_error *err);

/* ---- commands.c ---- */

struct rk_flash_info {
	uint32_t sectors;
	uint16_t block; /* sectors */
	uint8_t page, ecc, access_time, maker, chips;
};

/** `*ret_most`: bytes of the largest transfer that it says it takes; may be NULL. */
int rk_test_unit_ready(struct rk_link *l, uint32_t *ret_most, struct bmc_error *err);
/** The chip as the loader file names it: "330C". */
int rk_chip(struct rk_link *l, char ret[5], struct bmc_error *err);
int rk_flash_info(struct rk_link *l, struct rk_flash_info *ret, struct bmc_error *err);
/** Bits of READ_CAPABILITY, 0 where the device does not know the command. */
int rk_capability(struct rk_link *l, uint64_t *ret, struct bmc_error *err);
#define RK_CAP_VENDOR   (1u << 1)
#define RK_CAP_FIRST_4M (1u << 2) /* what is below RK_FIRST_4M can be written */
#define RK_CAP_READ_LBA (1u << 3) /* all of the storage can be read */
#define RK_CAP_NEW_IDB  (1u << 8)
#define RK_CAP_PARITY   (1u << 10)
#define RK_FIRST_4M     8192u  /* sectors */
#define RK_READABLE     65536u /* sectors that U-Boot reads; then it gives 0xcc */
#define RK_PARITY_MAX   2048u  /* sectors of a command with parity */
/** 1..65535 sectors. */
int rk_read_lba(struct rk_link *l, uint32_t lba, uint16_t count, void *buf,
		struct bmc_error *err);
int rk_write_lba(struct rk_link *l, uint32_t lba, uint16_t count, void *data,
		 bool parity, struct bmc_error *err);
/** The device leaves the bus then; that it has left before it answered is success. */
int rk_reset(struct rk_link *l, enum rk_reset how, struct bmc_error *err);

enum rk_vendor_id { RK_VENDOR_SN = 1, RK_VENDOR_WIFI, RK_VENDOR_LAN, RK_VENDOR_BT };
#define RK_VENDOR_MAX 512 /* bytes of an item that is read or written here */
/** Reads an item of vendor storage: its size, or BMC_ENOTFOUND: there is none. */
int rk_vendor_read(struct rk_link *l, uint16_t id, void *buf, size_t size,
		   struct bmc_error *err);
int rk_vendor_write(struct rk_link *l, uint16_t id, const void *data, size_t len,
		    struct bmc_error *err);
