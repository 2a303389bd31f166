// SPDX-License-Identifier: Apache-2.0
/* Rockchip's formats: what is right is read, what was changed anywhere is refused. */
#include "image-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/util.h"

static const char parameter[] =
	"FIRMWARE_VER: 8.1\nMACHINE_MODEL: RK3399\nTYPE: GPT\n"
	"CMDLINE: mtdparts=rk29xxnand:0x00002000@0x00004000(uboot),"
	"0x00001000@0x00006000(misc),0x00000002@0x00008000(boot),"
	"-@0x0000a000(rootfs:grow)\n"
	"uuid:rootfs=614e0000-0000-4b53-8000-1d28000054a9\n";

static const struct image_limits limits = { .size = 1u << 20 };

static unsigned char *parm;
static struct packed_file files[] = {
	{ "package-file", "package-file", "hello", 5, 0xffffffffu, 0 },
	{ "bootloader", "loader.bin", "ignored", 7, 0xffffffffu, 0 },
	{ "parameter", "parameter.txt", NULL, 0, 0, 0 },
	{ "boot", "boot.img", "boot boot", 9, 0x8000, 2 },
	{ "rootfs", "rootfs.img", "the root", 8, 0xa000, 0 },
	{ "misc", "misc.img", "misc", 4, 0x6000, 0x1000 },
	{ "backup", "RESERVED", NULL, 0, 0xffffffffu, 0 },
	{ NULL, NULL, NULL, 0, 0, 0 },
};

static int make_parm(void **state)
{
	(void)state;
	parm = build_parm(parameter, &files[2].len);
	files[2].data = parm;
	return 0;
}

static int free_parm(void **state)
{
	(void)state;
	free(parm);
	return 0;
}

/* Opens, and says whether it could. */
static int opens(struct memory_image *m, struct bmc_error *err)
{
	struct image *i = NULL;
	int r = image_open(&m->image, &limits, &i, err);

	(void)image_free(i);
	return r;
}

static void part_is(const struct image_part *p, const char *name, uint64_t start,
		    const char *text)
{
	char buf[32] = "";

	assert_string_equal(p->name, name);
	assert_int_equal(p->start, start);
	assert_int_equal(image_part_read(p, 0, buf, sizeof(buf) - 1), strlen(text));
	assert_string_equal(buf, text);
}

static void an_update_has_its_parts_in_the_order_of_their_sectors(void **state)
{
	struct memory_image m;
	struct image *i;

	(void)state;
	memory_image_init(&m);
	build_rkfw(&m, files);
	assert_int_equal(image_open(&m.image, &limits, &i, NULL), BMC_OK);
	assert_string_equal(i->format, "rkfw");
	assert_string_equal(i->chip, "330C");
	assert_int_equal(i->n, 3);
	part_is(&i->of[0], "misc", 0x6000, "misc");
	part_is(&i->of[1], "boot", 0x8000, "boot boot");
	part_is(&i->of[2], "rootfs", 0xa000, "the root");
	assert_int_equal(i->of[1].room, 2);
	assert_true(i->has_loader && i->has_parameter && i->parameter.gpt);
	assert_int_equal(i->parameter.n, 4);
	(void)image_free(i);
	memory_image_done(&m);
}

static void a_loader_has_its_entries(void **state)
{
	struct memory_image m;
	struct image *i;
	unsigned char first;

	(void)state;
	memory_image_init(&m);
	build_loader(&m);
	assert_int_equal(image_open(&m.image, &limits, &i, NULL), BMC_OK);
	const struct image_loader *l = &i->loader;

	assert_string_equal(i->format, "loader");
	assert_string_equal(l->chip, "330C");
	assert_true(l->rc4);
	assert_int_equal(l->n[IMAGE_LOADER_471], 1);
	assert_int_equal(l->n[IMAGE_LOADER_FLASH], 2);
	assert_string_equal(l->of[IMAGE_LOADER_FLASH][1].name, "FlashBoot");
	assert_int_equal(l->of[IMAGE_LOADER_471][0].delay, 10);
	assert_int_equal(l->of[IMAGE_LOADER_472][0].size, 200);
	assert_int_equal(image_read_all(i->loader_source,
					l->of[IMAGE_LOADER_472][0].offset, &first, 1,
					NULL),
			 BMC_OK);
	assert_int_equal(first, 430 * 7 % 256);
	(void)image_free(i);
	memory_image_done(&m);
}

/* No byte of an update or a loader is beyond its sums. */
static void any_changed_byte_is_found(void **state)
{
	void (*const build[])(struct memory_image *) = { build_loader, NULL };

	(void)state;
	for (size_t k = 0; k < 2; k++) {
		struct memory_image m;
		struct bmc_error err;

		memory_image_init(&m);
		if (build[k])
			build[k](&m);
		else
			build_rkfw(&m, files);
		/* Another tag makes a raw image of it. */
		for (size_t i = 4; i < m.image.size; i++) {
			m.data[i] ^= (unsigned char)(1u << i % 5);
			assert_int_not_equal(opens(&m, &err), BMC_OK);
			m.data[i] ^= (unsigned char)(1u << i % 5);
		}
		assert_int_equal(opens(&m, &err), BMC_OK);
		memory_image_done(&m);
	}
}

static void any_cut_is_found(void **state)
{
	struct memory_image m;
	struct bmc_error err;

	(void)state;
	memory_image_init(&m);
	build_rkfw(&m, files);
	size_t whole = m.image.size;

	for (m.image.size = 4; m.image.size < whole; m.image.size++)
		assert_int_not_equal(opens(&m, &err), BMC_OK);
	memory_image_done(&m);
}

/* A lie with right sums, at an offset of the RKFW's RKAF (or of the RKFW). */
struct lie {
	bool rkfw;
	size_t at, bytes;
	uint64_t is;
};

#define ENTRY_AT(n, offset) (0x8c + (n)*0x70 + (offset))

static const struct lie lies[] = {
	{ false, 0x88, 4, 0 }, /* number of files */
	{ false, 0x88, 4, 65 },
	{ false, 0x88, 4, 0xffffffff },
	{ false, ENTRY_AT(3, 0x60), 4, 0xfffffff0 }, /* offset          */
	{ false, ENTRY_AT(3, 0x6c), 4, 0xffffffff }, /* size            */
	{ false, ENTRY_AT(3, 0x6c), 4, 0 },
	{ false, ENTRY_AT(3, 0x6c), 4, 2049 }, /* one beyond its block */
	{ false, ENTRY_AT(3, 0x00), 1, '/' },  /* name            */
	{ false, ENTRY_AT(3, 0x00), 1, 0 },
	{ false, ENTRY_AT(3, 0x00), 1, '.' },
	{ false, ENTRY_AT(3, 0x64), 4, 0x8001 }, /* another sector  */
	{ false, ENTRY_AT(4, 0x00), 4,
	  0x746f6f62 }, /* "boot": twice, not in the table */
	{ false, ENTRY_AT(2, 0x00), 4, 0x78787878 }, /* no parameter: "xxxxmeter"... */
	{ true, 0x15, 4, 0x38363533 },               /* chip: not the loader's */
	{ true, 0x15, 4, 0 },
	{ true, 0x19, 4, 0x65 }, /* loader in the header */
	{ true, 0x19, 4, 0xffffffff },
	{ true, 0x1d, 4, 0xffffffff },
	{ true, 0x25, 4, 0xffffffff }, /* firmware's size */
	{ true, 0x25, 4, 0 },
	{ true, 0x04, 2, 0x67 },
};

static void lies_with_right_sums_are_found(void **state)
{
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(lies); i++) {
		struct memory_image m;
		struct bmc_error err;

		memory_image_init(&m);
		build_rkfw(&m, files);
		size_t base = lies[i].rkfw ? 0 : image_le32(m.data + 0x21);

		memory_image_le(&m, base + lies[i].at, lies[i].is, lies[i].bytes);
		seal_rkfw(&m);
		if (i == 12) /* another file: it is in no table */
			assert_int_equal(opens(&m, &err), BMC_OK);
		else if (opens(&m, &err) == BMC_OK)
			fail_msg("lie %zu is believed", i);
		memory_image_done(&m);
	}
}

static void a_part_fills_its_partition_and_no_more(void **state)
{
	unsigned char data[1025] = { 0 };
	struct packed_file boot = files[3];

	(void)state;
	for (size_t len = 1024; len <= 1025; len++) {
		struct memory_image m;
		struct bmc_error err;

		files[3].data = data;
		files[3].len = len;
		memory_image_init(&m);
		build_rkfw(&m, files);
		assert_int_equal(opens(&m, &err), len == 1024 ? BMC_OK : BMC_ECORRUPT);
		memory_image_done(&m);
	}
	files[3] = boot;
}

static void lies_of_a_loader_are_found(void **state)
{
	static const struct lie of[] = {
		{ false, 25, 1, 9 },           { false, 26, 4, 0xffffffff },
		{ false, 30, 1, 56 },          { false, 102 + 45, 4, 0xfffffff0 },
		{ false, 102 + 49, 4, 0 },     { false, 102 + 49, 4, 0xffffffff },
		{ false, 102 + 53, 4, 60001 }, { false, 21, 1, 0 },
		{ false, 4, 2, 101 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(of); i++) {
		struct memory_image m;
		struct bmc_error err;

		memory_image_init(&m);
		build_loader(&m);
		memory_image_le(&m, of[i].at, of[i].is, of[i].bytes);
		seal_loader(&m);
		if (opens(&m, &err) == BMC_OK)
			fail_msg("lie %zu is believed", i);
		memory_image_done(&m);
	}
}

static void what_is_no_format_is_raw(void **state)
{
	struct memory_image m;
	struct image *i;
	struct bmc_error err;

	(void)state;
	memory_image_init(&m);
	assert_int_equal(opens(&m, &err), BMC_ECORRUPT);
	(void)memory_image_add(&m, NULL, limits.size);
	assert_int_equal(image_open(&m.image, &limits, &i, NULL), BMC_OK);
	assert_string_equal(i->format, "raw");
	assert_int_equal(i->n, 1);
	assert_int_equal(i->of[0].extents.bytes, limits.size);
	(void)image_free(i);
	(void)memory_image_add(&m, NULL, 1);
	assert_int_equal(opens(&m, &err), BMC_ENOSPC);
	memory_image_done(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_update_has_its_parts_in_the_order_of_their_sectors),
		cmocka_unit_test(a_loader_has_its_entries),
		cmocka_unit_test(any_changed_byte_is_found),
		cmocka_unit_test(any_cut_is_found),
		cmocka_unit_test(lies_with_right_sums_are_found),
		cmocka_unit_test(a_part_fills_its_partition_and_no_more),
		cmocka_unit_test(lies_of_a_loader_are_found),
		cmocka_unit_test(what_is_no_format_is_raw),
	};

	return cmocka_run_group_tests(tests, make_parm, free_parm);
}
