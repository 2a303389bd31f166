// SPDX-License-Identifier: Apache-2.0
/* The A/B metadata: its bytes, and the values of each moment of an update. */
#include "abdata.h"

#include <stdio.h>
#include <string.h>
#include <zlib.h>

#define MAGIC     "\0AB0"
#define MAJOR     1u
#define CRC_AT    28u
#define SLOTS_AT  8u
#define SLOT_SIZE 4u
#define LAST_BOOT 16u
#define IS_UPDATE 1u /* bit 0 of the slot's last byte; the others are reserved */

static uint32_t be32(const unsigned char *p)
{
	return (uint32_t)p[0] << 24 | (uint32_t)p[1] << 16 | (uint32_t)p[2] << 8 | p[3];
}

static uint32_t sum(const unsigned char *p)
{
	return (uint32_t)crc32(crc32(0, NULL, 0), p, CRC_AT);
}

/* As libavb's avb_ab_data_verify_and_byteswap(). */
static bool valid(const unsigned char *p)
{
	return memcmp(p, MAGIC, 4) == 0 && p[4] <= MAJOR && be32(p + CRC_AT) == sum(p);
}

static struct ab_slot slot(uint8_t priority, uint8_t tries, uint8_t successful,
			   uint8_t is_update)
{
	return (struct ab_slot){ priority, tries, successful, is_update };
}

static void parse_slots(struct ab_data *d, const unsigned char *p)
{
	for (unsigned i = 0; i < AB_SLOTS; i++) {
		const unsigned char *s = p + SLOTS_AT + SLOT_SIZE * (size_t)i;

		d->slots[i] = slot(s[0], s[1], s[2] != 0, s[3] & IS_UPDATE);
	}
	d->last_boot = p[LAST_BOOT];
}

void ab_parse(struct ab_data *d, const unsigned char sector[AB_SECTOR])
{
	memcpy(d->sector, sector, AB_SECTOR);
	d->valid = valid(d->sector);
	if (d->valid) {
		parse_slots(d, d->sector);
		return;
	}
	memset(d->sector, 0, AB_DATA);
	memcpy(d->sector, MAGIC, 4);
	d->sector[4] = MAJOR;
	d->slots[0] = slot(AB_PRIORITY, AB_TRIES, 0, 0);
	d->slots[1] = slot(AB_PRIORITY - 1, AB_TRIES, 0, 0);
	d->last_boot = 0;
}

void ab_format(struct ab_data *d)
{
	unsigned char *p = d->sector;
	uint32_t crc;

	for (unsigned i = 0; i < AB_SLOTS; i++) {
		unsigned char *s = p + SLOTS_AT + SLOT_SIZE * (size_t)i;

		s[0] = d->slots[i].priority;
		s[1] = d->slots[i].tries;
		s[2] = d->slots[i].successful;
		s[3] = (unsigned char)((s[3] & ~IS_UPDATE) | d->slots[i].is_update);
	}
	p[LAST_BOOT] = d->last_boot;
	crc = sum(p);
	for (unsigned i = 0; i < 4; i++)
		p[CRC_AT + i] = (unsigned char)(crc >> (24 - 8 * i));
}

/* ---- what it says ---- */

/* "tries > 0 and successful" is illegal: libavb makes it unbootable. */
bool ab_bootable(const struct ab_slot *s)
{
	return s->priority > 0 && (s->successful != 0) != (s->tries > 0);
}

int ab_next(const struct ab_data *d)
{
	bool a = ab_bootable(&d->slots[0]), b = ab_bootable(&d->slots[1]);

	if (a && b)
		return d->slots[1].priority > d->slots[0].priority;
	return a ? 0 : b ? 1 : -1;
}

static struct ab_slot good(enum ab_mode mode, uint8_t priority)
{
	return mode == AB_SUCCESSFUL_BOOT ? slot(priority, 0, 1, 0)
					  : slot(priority, AB_TRIES, 0, 0);
}

static bool same(const struct ab_slot *a, struct ab_slot b)
{
	return a->priority == b.priority && a->tries == b.tries &&
	       a->successful == b.successful && a->is_update == b.is_update;
}

bool ab_marked(const struct ab_data *d, enum ab_mode mode, unsigned running)
{
	const struct ab_slot *s = &d->slots[running];

	return ab_bootable(s) && same(s, good(mode, s->priority));
}

enum ab_phase ab_phase(const struct ab_data *d, unsigned running)
{
	const struct ab_slot *other = &d->slots[!running];

	if (other->priority == 0 && other->is_update)
		return AB_WRITING;
	if (!ab_bootable(other))
		return AB_FELL_BACK;
	if (other->is_update)
		return AB_WRITTEN;
	if (ab_next(d) == (int)running)
		return AB_ARRIVED;
	/* one that was tried, and is not the one that runs, has failed */
	return other->tries == AB_TRIES || other->successful ? AB_SWITCHED
							     : AB_FELL_BACK;
}

const char *ab_words(const struct ab_data *d, char ret[AB_WORDS_SIZE])
{
	const struct ab_slot *a = &d->slots[0], *b = &d->slots[1];

	(void)snprintf(ret, AB_WORDS_SIZE, "a %u/%u/%u/%u, b %u/%u/%u/%u", a->priority,
		       a->tries, a->successful, a->is_update, b->priority, b->tries,
		       b->successful, b->is_update);
	return ret;
}

/* ---- the moments of an update ---- */

static void set(struct ab_data *d, unsigned running, struct ab_slot its,
		struct ab_slot others)
{
	d->slots[running] = its;
	d->slots[!running] = others;
	d->last_boot = (uint8_t)running;
}

void ab_set_writing(struct ab_data *d, enum ab_mode mode, unsigned running)
{
	set(d, running, good(mode, AB_PRIORITY), slot(0, 0, 0, 1));
}

void ab_set_written(struct ab_data *d, enum ab_mode mode, unsigned running)
{
	set(d, running, good(mode, AB_PRIORITY), slot(AB_PRIORITY - 1, AB_TRIES, 0, 1));
}

void ab_set_switched(struct ab_data *d, enum ab_mode mode, unsigned running)
{
	set(d, running, good(mode, AB_PRIORITY - 1), slot(AB_PRIORITY, AB_TRIES, 0, 0));
}

void ab_set_booted(struct ab_data *d, enum ab_mode mode, unsigned running)
{
	set(d, running, good(mode, AB_PRIORITY), d->slots[!running]);
}

void ab_set_back(struct ab_data *d, enum ab_mode mode, unsigned keep)
{
	set(d, keep, good(mode, AB_PRIORITY), slot(0, 0, 0, 0));
}
