// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>

#include "usb-model.h"

/* A board in fastboot mode, as its two bulk endpoints behave: commands and their
 * answers, downloads, Android sparse images, partitions on a disk, slots, and faults on
 * demand. It knows nothing of how bytes come to it: tests/rigs/usb-boards.c puts it
 * behind an emulated USB device, tests/rigs/fastboot-tcp.c behind TCP, or a test calls
 * fastboot_model_ops by itself. It shares no code with plugins/fastboot. */

struct fastboot_model;
extern const struct usb_model_ops fastboot_model_ops;

enum fastboot_fault {
	FASTBOOT_NO_FAULT,
	FASTBOOT_FAIL,      /* FAIL to a flash command, which stores nothing       */
	FASTBOOT_HANG,      /* takes a command and never says anything again       */
	FASTBOOT_SHORT,     /* its DATA asks for fewer bytes than were told        */
	FASTBOOT_UNPLUG,    /* leaves the bus in the middle of a download          */
	FASTBOOT_LYING,     /* refuses downloads above an eighth of what it says   */
	FASTBOOT_ENDLESS,   /* INFO without end to a flash command                 */
	FASTBOOT_GARBAGE,   /* an answer that is none                              */
	FASTBOOT_TINY,      /* an answer of 2 bytes                                */
	FASTBOOT_TERMINAL,  /* a FAIL with control characters and 252 bytes        */
	FASTBOOT_NO_MEMORY, /* the kernel refuses the URB: -ENOMEM                */
	FASTBOOT_STALL,     /* a command halts the endpoint                        */
	FASTBOOT_N_FAULTS
};

/** A board in fastboot; NULL: out of memory, or a word of `options` is none. Options,
 * with commas between them: product=WORD (rk3399), max=N (its max-download-size;
 * 0x400000), parts=NAME:KIB+NAME:KIB... (boot:256+rootfs:4096), disk=FILE (kept there,
 * the partitions one after the other; else in memory), slot=C (that runs; none),
 * trace=FILE (gets a line for each command), fault=WORD[:N] as fastboot_model_fault. */
void *fastboot_model_new(const char *options);

/** From the Nth command that it is for on (1: the next one), once; LYING always. Words:
 * fail hang short unplug lying endless garbage tiny terminal no-memory stall. -EINVAL.
 */
int fastboot_model_fault(struct fastboot_model *m, const char *word);

/** Called when the board leaves for another mode: "normal", "fastboot", "off". */
void fastboot_model_on_leave(struct fastboot_model *m,
			     void (*leave)(void *arg, const char *mode), void *arg);

/* ---- what tests look at ---- */

/** A partition's bytes; NULL: there is none of this name. Borrowed. */
const unsigned char *fastboot_model_part(const struct fastboot_model *m,
					 const char *name, size_t *ret_size);
/** Bytes that it was sent as data, and pieces that it has stored. */
size_t fastboot_model_received(const struct fastboot_model *m);
unsigned fastboot_model_stored(const struct fastboot_model *m);
/** Largest download so far. */
size_t fastboot_model_largest(const struct fastboot_model *m);
/** The slot that set_active has chosen, '\0': none was. */
char fastboot_model_active(const struct fastboot_model *m);
/** How often the host broke the protocol: a command before the last one's answer was
 * read, one that is too long or unknown, more data than announced. */
unsigned fastboot_model_violations(const struct fastboot_model *m);
