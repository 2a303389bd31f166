// SPDX-License-Identifier: Apache-2.0
/* The boot loader's model. After AOSP external/avb/libavb_ab/avb_ab_flow.c and the
 * document "Rockchip Linux A/B System" (RK-KF-YF-156); what each line does there is
 * named beside it. */
#include "ab-loader.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#define AT        2048
#define SIZE      32
#define PRIORITY  15
#define TRIES_MAX 7

static uint32_t crc32_of(const uint8_t *p, int n)
{
	uint32_t crc = 0xffffffff;

	while (n--) {
		crc ^= *p++;
		for (int i = 0; i < 8; i++)
			crc = crc & 1 ? crc >> 1 ^ 0xedb88320 : crc >> 1;
	}
	return ~crc;
}

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void load(const char *misc, uint8_t raw[SIZE])
{
	int fd = open(misc, O_RDONLY | O_CLOEXEC);

	must(fd >= 0 && pread(fd, raw, SIZE, AT) == SIZE);
	(void)close(fd);
}

static void save(const char *misc, const uint8_t raw[SIZE])
{
	int fd = open(misc, O_WRONLY | O_CLOEXEC);

	must(fd >= 0 && pwrite(fd, raw, SIZE, AT) == SIZE);
	(void)close(fd);
}

/* avb_ab_data_verify_and_byteswap() */
static bool is_valid(const uint8_t raw[SIZE])
{
	uint32_t crc = crc32_of(raw, SIZE - 4);

	for (int i = 0; i < 4; i++) {
		if (raw[28 + i] != (uint8_t)(crc >> (24 - 8 * i)))
			return false;
	}
	return raw[0] == 0 && raw[1] == 'A' && raw[2] == 'B' && raw[3] == '0' &&
	       raw[4] <= 1;
}

/* avb_ab_data_init() */
static struct abl_state initial(void)
{
	return (struct abl_state){ .slots = { { PRIORITY, TRIES_MAX, 0, 0 },
					      { PRIORITY - 1, TRIES_MAX, 0, 0 } } };
}

struct abl_state abl_read(const char *misc)
{
	struct abl_state s = initial();
	uint8_t raw[SIZE];

	load(misc, raw);
	if (!is_valid(raw))
		return s;
	s.valid = true;
	for (int i = 0; i < ABL_SLOTS; i++) {
		const uint8_t *at = raw + 8 + 4 * i;

		s.slots[i] = (struct abl_slot){ at[0], at[1], at[2], at[3] & 1 };
	}
	s.last_boot = raw[16];
	return s;
}

/* avb_ab_data_update_crc_and_byteswap() */
void abl_write(const char *misc, const struct abl_state *s)
{
	uint8_t raw[SIZE] = { 0, 'A', 'B', '0', 1, 0 };
	uint32_t crc;

	for (int i = 0; i < ABL_SLOTS; i++) {
		uint8_t *at = raw + 8 + 4 * i;

		at[0] = s->slots[i].priority;
		at[1] = s->slots[i].tries;
		at[2] = s->slots[i].successful;
		at[3] = s->slots[i].is_update;
	}
	raw[16] = s->last_boot;
	crc = crc32_of(raw, SIZE - 4);
	for (int i = 0; i < 4; i++)
		raw[28 + i] = (uint8_t)(crc >> (24 - 8 * i));
	save(misc, raw);
}

/* slot_is_bootable() */
static bool can_boot(const struct abl_slot *s)
{
	return s->priority > 0 && (s->successful || s->tries > 0);
}

/* slot_set_unbootable() */
static void give_up(struct abl_slot *s)
{
	s->priority = s->tries = s->successful = 0;
}

/* slot_normalize() */
static void normalize(struct abl_slot *s)
{
	bool exhausted = s->tries == 0 && !s->successful;
	bool illegal = s->tries > 0 && s->successful;

	if (s->priority == 0 || exhausted || illegal)
		give_up(s);
}

/* avb_ab_flow() */
int abl_boot(const struct abl_board *b)
{
	struct abl_state s = abl_read(b->misc), before = s;
	int slot = ABL_NO_SLOT;

	for (int i = 0; i < ABL_SLOTS; i++) {
		normalize(&s.slots[i]);
		if (b->verifies && can_boot(&s.slots[i]) && !b->comes_up(b->arg, i))
			give_up(&s.slots[i]);
	}
	if (can_boot(&s.slots[0]) && can_boot(&s.slots[1]))
		slot = s.slots[1].priority > s.slots[0].priority;
	else if (can_boot(&s.slots[0]))
		slot = 0;
	else if (can_boot(&s.slots[1]))
		slot = 1;
	if (slot >= 0 && !s.slots[slot].successful && s.slots[slot].tries > 0)
		s.slots[slot].tries--;
	if (!before.valid || memcmp(&before, &s, sizeof(s)) != 0)
		abl_write(b->misc, &s);
	return slot >= 0 ? slot : s.last_boot & 1; /* Rockchip's "last_boot" */
}

int abl_start(const struct abl_board *b, unsigned *ret_boots)
{
	for (unsigned i = 1; i <= ABL_BOOTS_MAX; i++) {
		int slot = abl_boot(b);

		if (ret_boots)
			*ret_boots = i;
		if (b->comes_up(b->arg, slot))
			return slot;
	}
	return ABL_NO_SLOT;
}
