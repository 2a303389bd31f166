// SPDX-License-Identifier: Apache-2.0
/* The vendor storage area of an eMMC as bytes: its bounds, torn and hostile copies; and
 * that the model of a board, which has code of its own for it, understands what is
 * written. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "../../plugins/rockusb/area.h"
#include "../rigs/rockusb-own.h"
#include "bmc/error.h"

static unsigned char area[RK_AREA_BYTES], before[RK_AREA_BYTES];
static const unsigned char *data;

static int fresh(void **state)
{
	(void)state;
	memset(area, 0, sizeof(area));
	return 0;
}

static void an_item_is_written_to_one_copy_after_the_other(void **state)
{
	(void)state;
	assert_int_equal(rk_area_newest(area), BMC_ENOTFOUND);
	assert_int_equal(rk_area_get(area, 1, &data), BMC_ENOTFOUND);
	for (int i = 0; i < 9; i++) {
		char text[8];

		(void)snprintf(text, sizeof(text), "SN%d", i);
		memcpy(before, area, sizeof(area));
		assert_int_equal(rk_area_set(area, 1, text, 3), i % 4);
		assert_int_equal(rk_area_newest(area), i % 4);
		assert_int_equal(rk_area_get(area, 1, &data), 3);
		assert_memory_equal(data, text, 3);
		for (int c = 0; c < 4; c++) {
			if (c != i % 4)
				assert_memory_equal(area + c * 65536,
						    before + c * 65536, 65536);
		}
	}
}

/* At each sector of the copy the power may go: then the former content counts. */
static void a_torn_write_leaves_what_was(void **state)
{
	static unsigned char after[RK_AREA_BYTES];

	(void)state;
	assert_int_equal(rk_area_set(area, 1, "old", 3), 0);
	memcpy(before, area, sizeof(area));
	assert_int_equal(rk_area_set(area, 1, "new", 3), 1);
	memcpy(after, area, sizeof(area));
	for (size_t sectors = 0; sectors <= 128; sectors++) {
		memcpy(area, before, sizeof(area));
		memcpy(area + 65536, after + 65536, sectors * 512);
		assert_int_equal(rk_area_get(area, 1, &data), 3);
		assert_memory_equal(data, sectors == 128 ? "new" : "old", 3);
	}
}

static void items_keep_their_order_and_content(void **state)
{
	uint16_t id;

	(void)state;
	assert_int_equal(rk_area_set(area, 3, "\2\0\0\0\0\1", 6), 0);
	assert_int_equal(rk_area_set(area, 1, "short", 5), 1);
	assert_int_equal(rk_area_set(area, 2, "\2\0\0\0\0\2", 6), 2);
	memset(before, 'x', 200);
	assert_int_equal(rk_area_set(area, 1, before, 200), 3);
	assert_int_equal(rk_area_item(area, 0, &id, &data), 6);
	assert_int_equal(id, 3);
	assert_memory_equal(data, "\2\0\0\0\0\1", 6);
	assert_int_equal(rk_area_item(area, 1, &id, &data), 200);
	assert_int_equal(id, 1);
	assert_memory_equal(data, before, 200);
	assert_int_equal(rk_area_item(area, 2, &id, &data), 6);
	assert_int_equal(id, 2);
	assert_memory_equal(data, "\2\0\0\0\0\2", 6);
	assert_int_equal(rk_area_item(area, 3, &id, &data), BMC_ENOTFOUND);
}

static void there_is_room_for_126_items(void **state)
{
	(void)state;
	for (uint16_t id = 1; id <= RK_AREA_ITEMS; id++)
		assert_true(rk_area_set(area, id, &id, 2) >= 0);
	memcpy(before, area, sizeof(area));
	assert_int_equal(rk_area_set(area, 500, "x", 1), BMC_ENOSPC);
	assert_memory_equal(area, before, sizeof(area));
	assert_true(rk_area_set(area, 126, "yz", 2) >= 0);
	for (uint16_t id = 1; id < RK_AREA_ITEMS; id++) {
		assert_int_equal(rk_area_get(area, id, &data), 2);
		assert_memory_equal(data, &id, 2);
	}
}

static void bytes_are_bounded(void **state)
{
	static unsigned char big[RK_AREA_ROOM + 1];

	(void)state;
	memset(big, 0xa5, sizeof(big));
	assert_int_equal(rk_area_set(area, 1, big, 0), BMC_ERANGE);
	assert_int_equal(rk_area_set(area, 1, big, RK_AREA_ROOM + 1), BMC_ERANGE);
	/* 64,504 is no multiple of 64 */
	assert_int_equal(rk_area_set(area, 1, big, RK_AREA_ROOM), BMC_ENOSPC);
	assert_int_equal(rk_area_set(area, 1, big, 64448), 0);
	assert_int_equal(rk_area_set(area, 2, big, 1), BMC_ENOSPC);
	assert_int_equal(rk_area_set(area, 1, big, 64448 - 64), 1);
	assert_int_equal(rk_area_set(area, 2, big, 64), 2);
	assert_int_equal(rk_area_set(area, 3, big, 1), BMC_ENOSPC);
	assert_int_equal(rk_area_get(area, 1, &data), 64448 - 64);
	assert_memory_equal(data, big, 64448 - 64);
}

static void put16(size_t at, unsigned v)
{
	area[at] = (unsigned char)v;
	area[at + 1] = (unsigned char)(v >> 8);
}

/* A header that names no copy, or the only good one, does not lead a write astray. */
static void a_hostile_next_index_is_not_followed(void **state)
{
	static const unsigned bad[] = { 0, 4, 255, 65535 };

	(void)state;
	for (size_t i = 0; i < 4; i++) {
		(void)fresh(NULL);
		assert_int_equal(rk_area_set(area, 1, "one", 3), 0);
		put16(8, bad[i]);
		assert_int_equal(rk_area_set(area, 1, "two", 3), 1);
		assert_int_equal(rk_area_get(area, 1, &data), 3);
		assert_memory_equal(data, "two", 3);
	}
}

static void copies_that_make_no_sense_do_not_count(void **state)
{
	static const struct {
		size_t at;
		unsigned value;
	} bad[] = {
		{ 0, 0 },      { 4, 77 },     { 10, 127 },   { 10, 65535 },
		{ 12, 65535 }, { 14, 65535 }, { 18, 65535 }, { 20, 65 },
		{ 20, 65535 }, { 65532, 9 },  { 18, 1 },
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		(void)fresh(NULL);
		assert_int_equal(rk_area_set(area, 1, "one", 3), 0);
		assert_int_equal(rk_area_set(area, 1, before, 64), 1);
		put16(65536 + bad[i].at, bad[i].value);
		if (rk_area_newest(area) != 0)
			fail_msg("%zu %u", bad[i].at, bad[i].value);
		assert_int_equal(rk_area_get(area, 1, &data), 3);
		/* and is overtaken, also for a loader that takes it for good */
		assert_true(rk_area_set(area, 1, "two", 3) >= 0);
		assert_memory_equal((rk_area_get(area, 1, &data), data), "two", 3);
	}
}

static void versions_end(void **state)
{
	(void)state;
	assert_int_equal(rk_area_set(area, 1, "one", 3), 0);
	memset(area + 4, 0xff, 4);
	memset(area + 65532, 0xff, 4);
	area[4] = area[65532] = 0xfe;
	assert_int_equal(rk_area_set(area, 1, "two", 3), 1);
	assert_int_equal(rk_area_newest(area), 1);
	assert_int_equal(rk_area_set(area, 1, "tri", 3), BMC_ERANGE);
	assert_int_equal(rk_area_get(area, 1, &data), 3);
	assert_memory_equal(data, "two", 3);
}

static void a_loader_understands_what_is_written(void **state)
{
	struct rockusb_model *m = rockusb_model_new("loader", "");
	unsigned char buf[64], *disk;
	size_t size;

	(void)state;
	assert_non_null(m);
	disk = rockusb_model_disk(m, &size);
	assert_true(rockusb_vendor_put(m, 3, (const unsigned char *)"\2\0\0\0\0\7", 6));
	assert_true(rockusb_vendor_put(m, 1, (const unsigned char *)"SN", 2));
	memcpy(area, disk + RK_AREA_LBA * 512, sizeof(area));
	assert_int_equal(rk_area_get(area, 3, &data), 6);
	assert_memory_equal(data, "\2\0\0\0\0\7", 6);
	assert_int_equal(rk_area_set(area, 1, "SERIAL", 6), 2);
	memcpy(disk + RK_AREA_LBA * 512, area, sizeof(area));
	assert_int_equal(rockusb_vendor_get(m, 1, buf, sizeof(buf)), 6);
	assert_memory_equal(buf, "SERIAL", 6);
	assert_true(rockusb_vendor_put(m, 1, (const unsigned char *)"S3", 2));
	assert_int_equal(rockusb_vendor_get(m, 1, buf, sizeof(buf)), 2);
	rockusb_model_ops.done(m);
}

#define TEST(name) cmocka_unit_test_setup(name, fresh)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(an_item_is_written_to_one_copy_after_the_other),
		TEST(a_torn_write_leaves_what_was),
		TEST(items_keep_their_order_and_content),
		TEST(there_is_room_for_126_items),
		TEST(bytes_are_bounded),
		TEST(a_hostile_next_index_is_not_followed),
		TEST(copies_that_make_no_sense_do_not_count),
		TEST(versions_end),
		TEST(a_loader_understands_what_is_written),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
