// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* A model of the boot loader of a board with two slots, over the file `misc`: what
 * libavb's avb_ab_flow() and Rockchip's U-Boot around it do to the A/B metadata at each
 * start. It shares no code with the agent. */

#define ABL_SLOTS     2
#define ABL_NO_SLOT   (-1)
#define ABL_BOOTS_MAX 40

/** One board. */
struct abl_board {
	const char *misc; /* a file, 2080 bytes at least */
	/** Whether the slot's system comes up. */
	bool (*comes_up)(void *arg, int slot);
	void *arg;
	bool verifies; /* AVB: a slot that is damaged is refused at once, not tried */
};

struct abl_slot {
	uint8_t priority, tries, successful, is_update;
};

struct abl_state {
	bool valid; /* before: else they are the loader's own */
	struct abl_slot slots[ABL_SLOTS];
	uint8_t last_boot;
};

/** The metadata as the loader would read them; changes nothing. */
struct abl_state abl_read(const char *misc);
/** Writes metadata, as a boot control does. */
void abl_write(const char *misc, const struct abl_state *s);
/** One start up to the jump into the system: the slot, with its try counted down.
 *  Nothing bootable: last_boot, as U-Boot without ANDROID_AVB. */
int abl_boot(const struct abl_board *b);
/** Starts again and again, as a watchdog does, until a system comes up: its slot, or
 *  ABL_NO_SLOT after ABL_BOOTS_MAX. `ret_boots` may be NULL. */
int abl_start(const struct abl_board *b, unsigned *ret_boots);
