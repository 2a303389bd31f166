// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "usb-model.h"

/* A Rockchip board in mask ROM, usbplug or loader mode, as its USB endpoints behave:
 * control requests 0x471/0x472 with their CRC, bulk commands (CBW, data, CSW), an eMMC,
 * the vendor storage area with its four copies, and faults on demand. It knows nothing
 * of how bytes come to it: tests/rigs/usb-boards.c puts it behind an emulated USB
 * device, or a test calls rockusb_model_ops by itself. It shares no code with
 * plugins/rockusb. */

struct rockusb_model;
extern const struct usb_model_ops rockusb_model_ops;

enum rockusb_fault {
	ROCKUSB_NO_FAULT,
	ROCKUSB_BAD_TAG,       /* of the CSW                                        */
	ROCKUSB_BAD_SIGNATURE, /* of the CSW                                        */
	ROCKUSB_CSW_FAILED,    /* status 1 instead of doing it                      */
	ROCKUSB_CSW_PHASE,     /* status 2 instead of doing it                      */
	ROCKUSB_SHORT_CSW,     /* 12 bytes                                          */
	ROCKUSB_RESIDUE,       /* the CSW says that not all was moved               */
	ROCKUSB_STALL,         /* both ends halt; after that a CSW with status 1    */
	ROCKUSB_HANG,          /* takes the command and never says anything again   */
	ROCKUSB_UNPLUG,        /* leaves the bus in the data phase                  */
	ROCKUSB_FULL,          /* a write: status 1, and the storage takes no more  */
	ROCKUSB_BIT_FLIP,      /* a write: one bit of it is stored wrong            */
	ROCKUSB_TORN,          /* a write: half of it is stored, then it leaves     */
	ROCKUSB_NO_MEMORY,     /* the kernel refuses the URB: -ENOMEM               */
	ROCKUSB_STALE,         /* an old CSW comes before the right one             */
	ROCKUSB_HALF,          /* a write: half of it is stored, and it says good   */
	ROCKUSB_LOST,          /* a write: nothing of it is stored, and it says good */
	ROCKUSB_REPLUG,        /* leaves in the data phase, comes back as it was    */
	ROCKUSB_TO_MASKROM,    /* the same, and comes back in mask ROM              */
	ROCKUSB_TO_SYSTEM,     /* the same, and its system starts                   */
	ROCKUSB_N_FAULTS
};

/** A board in "maskrom", "usbplug" or "loader" mode; NULL: out of memory, or a word of
 *  `options` is none. Options, with commas between them:
 *    chip=330C         four characters
 *    sectors=N         of its eMMC (65536)
 *    disk=FILE         the eMMC is kept there, sparse, over all plugs; else in memory
 *    counts=FILE       its counters are kept there: enum rockusb_count, 64 bits each
 *    rate=N            it takes and gives N bytes a second
 *    parity            it takes write parity (capability bit 10)
 *    no-vendor         it has no vendor storage
 *    new-idb           it writes newer loaders (capability bit 8)
 *    read-all          its loader reads all of the storage (capability bit 3)
 *    small             transfers of 256 KiB at most; else 4 MiB to who asks for them
 *    fault=WORD[:N]    as rockusb_model_fault_word; set again at each plug: use the
 *                      world's "option PATH fault=WORD:N" for one fault of a board
 *  In "loader" mode it reads 0xcc beyond 32 MiB, as U-Boot does; "usbplug" reads all.
 */
void *rockusb_model_new(const char *mode, const char *options);

/** At the Nth command (1: the next one; full, bit-flip, torn, half and lost count
 *  writes), once. Words: bad-tag bad-signature failed phase short residue stall hang
 *  unplug full bit-flip torn no-memory stale half lost replug to-maskrom to-system.
 *  -EINVAL. */
int rockusb_model_fault_word(struct rockusb_model *m, const char *word);
void rockusb_model_fault(struct rockusb_model *m, enum rockusb_fault fault, unsigned n);

/** Called when the board leaves for another mode ("loader", "maskrom", "usbplug",
 *  "normal", "storage", "off"): after the CSW of a reset, or an upload that was right.
 */
void rockusb_model_on_leave(struct rockusb_model *m,
			    void (*leave)(void *arg, const char *mode), void *arg);

/* ---- what tests look at ---- */

const char *rockusb_model_mode(const struct rockusb_model *m);
/** The eMMC, `*size` bytes. Borrowed. */
unsigned char *rockusb_model_disk(struct rockusb_model *m, size_t *size);
enum rockusb_count {
	ROCKUSB_COMMANDS,
	ROCKUSB_WRITTEN, /* sectors that came with WRITE_LBA */
	ROCKUSB_READ,    /* sectors of READ_LBA              */
	ROCKUSB_VIOLATIONS,
	ROCKUSB_PORT_RESETS,
	ROCKUSB_N_COUNTS
};
uint64_t rockusb_model_count(const struct rockusb_model *m, enum rockusb_count what);
/** Commands so far, and how often the host broke the protocol: bytes that are no CBW, a
 *  CBW before the last CSW was read, reading on a halted end. */
unsigned rockusb_model_commands(const struct rockusb_model *m);
unsigned rockusb_model_violations(const struct rockusb_model *m);
/** Uploads of mask ROM code whose CRC was right, and not. */
unsigned rockusb_model_uploads(const struct rockusb_model *m, bool good);
/** As the transport does on CLEAR_FEATURE(ENDPOINT_HALT). */
void rockusb_model_clear_halt(struct rockusb_model *m, unsigned ep);
