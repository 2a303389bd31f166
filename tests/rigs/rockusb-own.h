// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdint.h>

#include "rockusb-model.h"

/* Shared by rockusb-model.c (modes, transport, faults), rockusb-commands.c (what each
 * command does) and rockusb-vendor.c (vendor storage). */

#define SECTOR     512u
#define FILLER_LBA 65536u /* U-Boot's loader reads 0xcc from 32 MiB on */
#define CBW_LEN    31
#define CSW_LEN    13
#define UPLOAD_MAX (2u << 20)

struct cbw {
	unsigned char tag[4], opcode, sub, raw[CBW_LEN];
	uint32_t length, lba, parity;
	uint16_t count;
	bool in;
};

enum phase { PHASE_CBW, PHASE_OUT, PHASE_IN, PHASE_CSW };

struct rockusb_model {
	char mode[12], next_mode[12]; /* `next_mode`: after the CSW, "": stays */
	char chip[4];
	char files[2][400]; /* of the disk and the counts; "": none */
	unsigned char *disk;
	size_t sectors;
	bool parity, has_vendor, full, hung, left, halted;
	enum rockusb_fault fault, now; /* to come; of the present command */
	unsigned fault_in;             /* commands until then, 1: the next */
	uint64_t *counts; /* ROCKUSB_N_COUNTS, in the file of option counts= */
	unsigned uploads[2];
	uint64_t rate; /* bytes a second; 0: no limit     */
	int64_t busy;  /* ns of CLOCK_MONOTONIC until then */
	bool new_idb, read_all, small;
	void (*leave)(void *arg, const char *mode);
	void *leave_arg;
	/* a command */
	enum phase phase;
	struct cbw cbw;
	unsigned char *data; /* `data_len` bytes, `at` of them moved */
	size_t data_len, at;
	unsigned char status;
	uint32_t residue;
	bool stale; /* an old CSW comes first */
	/* mask ROM */
	unsigned char *upload;
	size_t upload_len;
	bool has_ddr;
};

/** Of usb_model_ops. */
int rockusb_bulk(void *model, unsigned ep, unsigned char *buf, size_t len);
int rockusb_control(void *model, const struct usb_setup *s, unsigned char *data);
/** Makes room for the data phase, or fails the command. True: there is room. */
bool rockusb_data(struct rockusb_model *m, size_t len, bool in);
/** Begins the command in m->cbw: fills IN data, asks for OUT data, or sets the status.
 */
void rockusb_begin(struct rockusb_model *m);
/** Carries out a command whose OUT data have come. */
void rockusb_finish(struct rockusb_model *m);

/** The item's size, or -1: there is none. Up to `max` bytes are copied. */
int rockusb_vendor_get(const struct rockusb_model *m, unsigned id, unsigned char *buf,
		       size_t max);
/** False: no room. */
bool rockusb_vendor_put(struct rockusb_model *m, unsigned id, const unsigned char *data,
			size_t len);
