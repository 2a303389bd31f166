// SPDX-License-Identifier: Apache-2.0
/* The A/B metadata of the plugin absystem: byte for byte as "Rockchip Linux A/B System"
 * (RK-KF-YF-156) has them, and that document's nine tests with a model of the boot
 * loader. */
#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugins/absystem/abdata.h"
#include "tests/rigs/ab-loader.h"

#define A 0
#define B 1

/* ---- values ---- */

enum moment { WRITING, WRITTEN, SWITCHED, BACK };

/* Of the table of that document, the slots and behind; sums by Python's zlib. WRITTEN
 * is its "updating", SWITCHED its "updated". */
static const struct {
	enum ab_mode mode;
	unsigned running;
	enum moment moment;
	const char *hex;
} table[] = {
	{ AB_SUCCESSFUL_BOOT, A, WRITING,
	  "0f00010000000001000000000000000000000000ba88f821" },
	{ AB_SUCCESSFUL_BOOT, A, WRITTEN,
	  "0f0001000e070001000000000000000000000000010b0190" },
	{ AB_SUCCESSFUL_BOOT, A, SWITCHED,
	  "0e0001000f070000000000000000000000000000179272c2" },
	{ AB_SUCCESSFUL_BOOT, A, BACK,
	  "0f00010000000000000000000000000000000000671e21a4" },
	{ AB_SUCCESSFUL_BOOT, B, WRITING,
	  "000000010f000100010000000000000000000000fb35e604" },
	{ AB_SUCCESSFUL_BOOT, B, WRITTEN,
	  "0e0700010f000100010000000000000000000000a8f32628" },
	{ AB_SUCCESSFUL_BOOT, B, SWITCHED,
	  "0f0700000e000100010000000000000000000000e45a47bc" },
	{ AB_SUCCESSFUL_BOOT, B, BACK,
	  "000000000f0001000100000000000000000000007c932d47" },
	{ AB_RESET_RETRY, A, WRITING,
	  "0f070000000000010000000000000000000000001fe4c58b" },
	{ AB_RESET_RETRY, A, WRITTEN,
	  "0f0700000e070001000000000000000000000000a4673c3a" },
	{ AB_RESET_RETRY, A, SWITCHED,
	  "0e0700000f070000000000000000000000000000b2fe4f68" },
	{ AB_RESET_RETRY, A, BACK, "0f07000000000000000000000000000000000000c2721c0e" },
	{ AB_RESET_RETRY, B, WRITING,
	  "000000010f070000010000000000000000000000fd3b0868" },
	{ AB_RESET_RETRY, B, WRITTEN,
	  "0e0700010f070000010000000000000000000000aefdc844" },
	{ AB_RESET_RETRY, B, SWITCHED,
	  "0f0700000e070000010000000000000000000000e254a9d0" },
	{ AB_RESET_RETRY, B, BACK, "000000000f0700000100000000000000000000007a9dc32b" },
};

static void (*const setters[])(struct ab_data *, enum ab_mode,
			       unsigned) = { ab_set_writing, ab_set_written,
					     ab_set_switched, ab_set_back };

static void values_are_the_documents_byte_for_byte(void **state)
{
	const unsigned char empty[AB_SECTOR] = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		char hex[2 * AB_DATA + 1];
		struct ab_data d;

		ab_parse(&d, empty);
		setters[table[i].moment](&d, table[i].mode, table[i].running);
		ab_format(&d);
		assert_memory_equal(d.sector, "\0AB0\1\0\0\0", 8);
		for (unsigned k = 0; k < AB_DATA; k++)
			(void)snprintf(hex + 2 * k, 3, "%02x", d.sector[k]);
		assert_string_equal(hex + 16, table[i].hex);
		for (unsigned k = 0; k < AB_SLOTS; k++)
			assert_false(d.slots[k].tries && d.slots[k].successful);
		ab_parse(&d, d.sector);
		assert_true(d.valid);
	}
}

static void what_is_not_ours_in_the_sector_stays(void **state)
{
	unsigned char sector[AB_SECTOR];
	struct ab_data d;

	(void)state;
	memset(sector, 0x5a, sizeof(sector));
	ab_parse(&d, sector); /* not valid: all 32 bytes are the loader's */
	assert_false(d.valid);
	ab_format(&d);
	assert_memory_equal(d.sector + AB_DATA, sector + AB_DATA, AB_SECTOR - AB_DATA);
}

/* A valid sector whose reserved bytes are used. */
static void reserved_bytes_of_valid_metadata_stay(void **state)
{
	unsigned char sector[AB_SECTOR] = { 0 };
	struct ab_data d;

	(void)state;
	ab_parse(&d, sector);
	d.sector[5] = 3;
	d.sector[11] = 0xf0;
	d.sector[20] = 0x77;
	ab_format(&d);
	ab_parse(&d, d.sector);
	assert_true(d.valid);
	ab_set_writing(&d, AB_SUCCESSFUL_BOOT, B);
	ab_format(&d);
	assert_int_equal(d.sector[5], 3);
	assert_int_equal(d.sector[11], 0xf1);
	assert_int_equal(d.sector[20], 0x77);
}

static void what_a_loader_refuses_is_refused(void **state)
{
	unsigned char sector[AB_SECTOR] = { 0 };
	struct ab_data d, bad;

	(void)state;
	ab_parse(&d, sector);
	assert_false(d.valid);
	assert_int_equal(ab_next(&d), A);
	assert_int_equal(d.slots[A].priority, 15);
	assert_int_equal(d.slots[B].priority, 14);
	assert_int_equal(d.slots[A].tries, 7);
	assert_int_equal(d.slots[B].tries, 7);
	ab_format(&d);
	for (size_t bit = 0; bit < 8 * (size_t)AB_DATA; bit++) {
		memcpy(sector, d.sector, sizeof(sector));
		sector[bit / 8] ^= (unsigned char)(1u << bit % 8);
		ab_parse(&bad, sector);
		assert_false(bad.valid);
	}
	d.sector[4] = 2; /* a major version that is not known */
	ab_format(&d);
	ab_parse(&bad, d.sector);
	assert_false(bad.valid);
}

static struct ab_data data(struct ab_slot a, struct ab_slot b)
{
	return (struct ab_data){ .valid = true, .slots = { a, b } };
}

#define SLOT(p, t, s, u) ((struct ab_slot){ p, t, s, u })

static void phases_are_told_apart(void **state)
{
	struct ab_data d;

	(void)state;
	d = data(SLOT(15, 0, 1, 0), SLOT(0, 0, 0, 1));
	assert_int_equal(ab_phase(&d, A), AB_WRITING);
	d = data(SLOT(15, 0, 1, 0), SLOT(14, 7, 0, 1));
	assert_int_equal(ab_phase(&d, A), AB_WRITTEN);
	d = data(SLOT(14, 0, 1, 0), SLOT(15, 7, 0, 0));
	assert_int_equal(ab_phase(&d, A), AB_SWITCHED);
	assert_int_equal(ab_phase(&d, B), AB_ARRIVED);
	d = data(SLOT(14, 0, 1, 0), SLOT(15, 1, 0, 0)); /* tried, and gone from */
	assert_int_equal(ab_phase(&d, A), AB_FELL_BACK);
	assert_int_equal(ab_phase(&d, B), AB_ARRIVED);
	d = data(SLOT(14, 0, 1, 0), SLOT(15, 0, 0, 0));
	assert_int_equal(ab_phase(&d, A), AB_FELL_BACK);
	d = data(SLOT(15, 0, 1, 0), SLOT(0, 0, 0, 0)); /* which A has marked since */
	assert_int_equal(ab_phase(&d, A), AB_FELL_BACK);
	d = data(SLOT(14, 7, 0, 0), SLOT(15, 7, 0, 0));
	assert_int_equal(ab_phase(&d, A), AB_SWITCHED);
	d = data(SLOT(14, 7, 0, 0), SLOT(15, 7, 1, 0)); /* illegal */
	assert_int_equal(ab_phase(&d, A), AB_FELL_BACK);
}

static void marked_is_what_the_mode_says(void **state)
{
	struct ab_data d = data(SLOT(15, 0, 1, 0), SLOT(14, 7, 0, 0));

	(void)state;
	assert_true(ab_marked(&d, AB_SUCCESSFUL_BOOT, A));
	assert_false(ab_marked(&d, AB_RESET_RETRY, A));
	assert_false(ab_marked(&d, AB_SUCCESSFUL_BOOT, B));
	assert_true(ab_marked(&d, AB_RESET_RETRY, B));
	d = data(SLOT(15, 6, 0, 0), SLOT(0, 0, 1, 0));
	assert_false(ab_marked(&d, AB_RESET_RETRY, A));
	assert_false(ab_marked(&d, AB_SUCCESSFUL_BOOT, B));
}

/* ---- the document's tests ---- */

struct world {
	char misc[32];
	bool whole[ABL_SLOTS];
	enum ab_mode mode;
	struct abl_board board;
};

static bool comes_up(void *arg, int slot)
{
	return ((struct world *)arg)->whole[slot];
}

static void world_init(struct world *w, enum ab_mode mode, bool a, bool b)
{
	int fd;

	*w = (struct world){ .misc = "/tmp/absystem-XXXXXX",
			     .whole = { a, b },
			     .mode = mode };
	fd = mkstemp(w->misc);
	assert_true(fd >= 0);
	assert_int_equal(ftruncate(fd, 4096), 0); /* "misc is emptied" */
	(void)close(fd);
	w->board =
		(struct abl_board){ .misc = w->misc, .comes_up = comes_up, .arg = w };
}

static void sector(const struct world *w, struct ab_data *d, bool write)
{
	unsigned char raw[AB_SECTOR];
	int fd = open(w->misc, O_RDWR | O_CLOEXEC);

	assert_true(fd >= 0);
	if (write) {
		ab_format(d);
		assert_int_equal(pwrite(fd, d->sector, AB_SECTOR, AB_DATA_AT),
				 AB_SECTOR);
	} else {
		assert_int_equal(pread(fd, raw, AB_SECTOR, AB_DATA_AT), AB_SECTOR);
		ab_parse(d, raw);
	}
	(void)close(fd);
}

/* Starts the board; its system marks itself. */
static int start(struct world *w, unsigned *ret_boots)
{
	int slot = abl_start(&w->board, ret_boots);
	struct ab_data d;

	assert_true(slot == A || slot == B);
	sector(w, &d, false);
	ab_set_booted(&d, w->mode, (unsigned)slot);
	sector(w, &d, true);
	return slot;
}

/* "The system is set to start from the other slot." */
static void set_other(struct world *w, unsigned running)
{
	struct ab_data d;

	sector(w, &d, false);
	ab_set_switched(&d, w->mode, running);
	sector(w, &d, true);
}

static void only_a_is_there(enum ab_mode mode, bool verifies)
{
	unsigned boots;
	struct world w;

	world_init(&w, mode, true, false);
	w.board.verifies = verifies;
	assert_int_equal(start(&w, &boots), A);
	assert_int_equal(boots, 1);
	set_other(&w, A);
	assert_int_equal(start(&w, &boots), A);
	assert_int_equal(boots, verifies ? 1 : 8);
	(void)unlink(w.misc);
}

static void b_is_set(enum ab_mode mode, bool and_a_again)
{
	unsigned boots;
	struct world w;

	world_init(&w, mode, true, true);
	assert_int_equal(start(&w, NULL), A);
	set_other(&w, A);
	assert_int_equal(start(&w, &boots), B);
	assert_int_equal(boots, 1);
	assert_int_equal(start(&w, NULL), B); /* it stays */
	if (and_a_again) {
		set_other(&w, B);
		assert_int_equal(start(&w, &boots), A);
		assert_int_equal(boots, 1);
	}
	(void)unlink(w.misc);
}

static void fourteen_resets(enum ab_mode mode)
{
	struct abl_state s;
	struct world w;

	world_init(&w, mode, true, true);
	for (int i = 0; i < 14; i++)
		assert_int_equal(abl_boot(&w.board), i < 7 ? A : B);
	s = abl_read(w.misc);
	assert_int_equal(s.slots[A].tries + s.slots[B].tries, 0);
	assert_int_equal(start(&w, NULL), A); /* last_boot */
	(void)unlink(w.misc);
}

static void successful_boot_1_only_a(void **state)
{
	(void)state;
	only_a_is_there(AB_SUCCESSFUL_BOOT, false);
	only_a_is_there(AB_SUCCESSFUL_BOOT, true);
}

static void successful_boot_2_set_b(void **state)
{
	(void)state;
	b_is_set(AB_SUCCESSFUL_BOOT, false);
}

static void successful_boot_3_fourteen_resets(void **state)
{
	(void)state;
	fourteen_resets(AB_SUCCESSFUL_BOOT);
}

static void successful_boot_4_set_b_and_a_again(void **state)
{
	(void)state;
	b_is_set(AB_SUCCESSFUL_BOOT, true);
}

static void reset_retry_1_only_a(void **state)
{
	(void)state;
	only_a_is_there(AB_RESET_RETRY, false);
	only_a_is_there(AB_RESET_RETRY, true);
}

static void reset_retry_2_set_b(void **state)
{
	(void)state;
	b_is_set(AB_RESET_RETRY, false);
}

static void reset_retry_3_fourteen_resets(void **state)
{
	(void)state;
	fourteen_resets(AB_RESET_RETRY);
}

static void reset_retry_4_damaged_b_is_tried_seven_times(void **state)
{
	unsigned boots;
	struct world w;

	(void)state;
	world_init(&w, AB_RESET_RETRY, true, true);
	assert_int_equal(start(&w, NULL), A);
	w.whole[B] = false;
	set_other(&w, A);
	for (int i = 0; i < 7; i++)
		assert_int_equal(abl_boot(&w.board), B);
	assert_int_equal(start(&w, &boots), A);
	assert_int_equal(boots, 1);
	(void)unlink(w.misc);
}

static void reset_retry_5_set_b_and_a_again(void **state)
{
	(void)state;
	b_is_set(AB_RESET_RETRY, true);
}

/* What differs between the two modes: a system whose storage goes bad later. */
static void system_that_goes_bad_later_is_left_in_reset_retry_only(void **state)
{
	struct world w;

	(void)state;
	world_init(&w, AB_RESET_RETRY, true, true);
	assert_int_equal(start(&w, NULL), A);
	w.whole[A] = false;
	assert_int_equal(abl_start(&w.board, NULL), B);
	(void)unlink(w.misc);
	world_init(&w, AB_SUCCESSFUL_BOOT, true, true);
	assert_int_equal(start(&w, NULL), A);
	w.whole[A] = false;
	assert_int_equal(abl_start(&w.board, NULL), ABL_NO_SLOT);
	(void)unlink(w.misc);
}

/* ---- writes that are cut off ---- */

/* Each write of an update, cut off behind each of its bytes: a slot that is whole is
 * found. `target_whole`: from the write of WRITTEN on. */
static void torn_metadata_lead_to_a_whole_slot(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(table) / sizeof(table[0]); i++) {
		unsigned running = table[i].running;
		struct ab_data before, after;
		struct world w;

		for (unsigned cut = 0; cut <= AB_DATA; cut++) {
			world_init(&w, table[i].mode, true, true);
			w.whole[!running] = table[i].moment == WRITTEN ||
					    table[i].moment == SWITCHED;
			sector(&w, &before, false);
			if (table[i].moment == WRITING)
				ab_set_booted(&before, w.mode, running);
			else if (table[i].moment == SWITCHED)
				ab_set_written(&before, w.mode, running);
			else
				ab_set_writing(&before, w.mode, running);
			after = before;
			setters[table[i].moment](&after, w.mode, running);
			ab_format(&before);
			ab_format(&after);
			memcpy(before.sector, after.sector, cut);
			int fd = open(w.misc, O_WRONLY | O_CLOEXEC);
			assert_int_equal(
				pwrite(fd, before.sector, AB_SECTOR, AB_DATA_AT),
				AB_SECTOR);
			(void)close(fd);
			int slot = abl_start(&w.board, NULL);
			assert_true(slot >= 0 && w.whole[slot]);
			(void)unlink(w.misc);
		}
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_the_documents_byte_for_byte),
		cmocka_unit_test(what_is_not_ours_in_the_sector_stays),
		cmocka_unit_test(reserved_bytes_of_valid_metadata_stay),
		cmocka_unit_test(what_a_loader_refuses_is_refused),
		cmocka_unit_test(phases_are_told_apart),
		cmocka_unit_test(marked_is_what_the_mode_says),
		cmocka_unit_test(successful_boot_1_only_a),
		cmocka_unit_test(successful_boot_2_set_b),
		cmocka_unit_test(successful_boot_3_fourteen_resets),
		cmocka_unit_test(successful_boot_4_set_b_and_a_again),
		cmocka_unit_test(reset_retry_1_only_a),
		cmocka_unit_test(reset_retry_2_set_b),
		cmocka_unit_test(reset_retry_3_fourteen_resets),
		cmocka_unit_test(reset_retry_4_damaged_b_is_tried_seven_times),
		cmocka_unit_test(reset_retry_5_set_b_and_a_again),
		cmocka_unit_test(
			system_that_goes_bad_later_is_left_in_reset_retry_only),
		cmocka_unit_test(torn_metadata_lead_to_a_whole_slot),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
