// SPDX-License-Identifier: Apache-2.0
#pragma once
#include <stdbool.h>
#include <stdint.h>

/* The A/B metadata of libavb (AvbABData) with Rockchip's additions (last_boot,
 * is_update; Rockchip Linux A/B System, RK-KF-YF-156): 32 bytes at offset 2048 of the
 * partition `misc`, CRC-32 big-endian over the 28 before it. Pure: no input or output.
 */

#define AB_SECTOR     512u
#define AB_DATA_AT    2048u /* offset in `misc` */
#define AB_DATA       32u
#define AB_SLOTS      2u
#define AB_PRIORITY   15u
#define AB_TRIES      7u
#define AB_WORDS_SIZE 64

/** How the board's own boot control marks a system that has booted well. */
enum ab_mode {
	AB_SUCCESSFUL_BOOT, /* successful: it stays                            */
	AB_RESET_RETRY,     /* its tries are set to 7 again: it may fall back  */
};

struct ab_slot {
	uint8_t priority, tries, successful, is_update;
};

struct ab_data {
	unsigned char
		sector[AB_SECTOR]; /* what it was read from; only the data change */
	bool valid; /* else it is what the boot loader would write instead */
	struct ab_slot slots[AB_SLOTS];
	uint8_t last_boot;
};

/** Where an update of a board stands, as its metadata and its running slot tell. */
enum ab_phase {
	AB_WRITING,   /* the other slot is 0/0/0/1: it can't be started          */
	AB_WRITTEN,   /* it is 14/7/0/1: verified, not chosen                    */
	AB_SWITCHED,  /* it is 15/7/0/0 and has not been tried                   */
	AB_ARRIVED,   /* the running slot is the chosen one, the other the spare */
	AB_FELL_BACK, /* the other slot can't be started any more                */
};

/** Reads the sector; data that a boot loader refuses are replaced by what it would
 * write (15/7/0, 14/7/0, last_boot 0), `valid` false. */
void ab_parse(struct ab_data *d, const unsigned char sector[AB_SECTOR]);
/** Writes the data into the sector. */
void ab_format(struct ab_data *d);

bool ab_bootable(const struct ab_slot *s);
/** The slot that the boot loader starts next: 0, 1, or -1. */
int ab_next(const struct ab_data *d);
/** Whether the running slot is marked as one that has booted well. */
bool ab_marked(const struct ab_data *d, enum ab_mode mode, unsigned running);
enum ab_phase ab_phase(const struct ab_data *d, unsigned running);

/** The values of each moment, `running` being the slot that runs. */
void ab_set_writing(struct ab_data *d, enum ab_mode mode, unsigned running);
void ab_set_written(struct ab_data *d, enum ab_mode mode, unsigned running);
void ab_set_switched(struct ab_data *d, enum ab_mode mode, unsigned running);
void ab_set_booted(struct ab_data *d, enum ab_mode mode, unsigned running);
/** `keep` is started from now on, the other slot can't be. */
void ab_set_back(struct ab_data *d, enum ab_mode mode, unsigned keep);

/** "a 15/0/1/0, b 14/7/0/1" (priority, tries, successful, is_update). */
const char *ab_words(const struct ab_data *d, char ret[AB_WORDS_SIZE]);
