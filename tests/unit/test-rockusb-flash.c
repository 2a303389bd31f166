// SPDX-License-Identifier: Apache-2.0
/* The flasher of the plugin `rockusb` with the real libusb in an emulated USB world:
 * what is written where, from every mode, and what is refused. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rockusb-fixture.h"

#define A_LBA 8192u
#define B_LBA (8192u + 16384u)

static struct flash_image image;

static int set_up(void **state)
{
	image_init(&image);
	return rockusb_set_up(state);
}

static int tear_down(void **state)
{
	image_done(&image);
	return rockusb_tear_down(state);
}

static void assert_done(int code)
{
	if (code != BMC_OK)
		fail_msg("%d: %s", code, fixture_error(t.f));
	assert_int_equal(t.count[ROCKUSB_VIOLATIONS], 0);
}

static void put_boards_table(void)
{
	put_table(t.storage, t.storage + (size_t)(SECTORS - 33) * 512, SECTORS);
}

static void a_part_goes_where_the_boards_table_has_it(void **state)
{
	(void)state;
	put_boards_table();
	memset(t.storage + B_LBA * 512, 0x11, 2 << 20);
	image_add(&image, "b", BMC_FLASH_BY_NAME, (1 << 20) + 700, 1);
	image.not_yet = 3;
	plug("loader", "");
	assert_done(flash_all(&image));
	assert_true(image_is_at(&image, 0, B_LBA));
	/* the rest of its last sector is zeros, what is behind stays */
	assert_int_equal(t.storage[B_LBA * 512 + (1 << 20) + 1023], 0);
	assert_int_equal(t.storage[B_LBA * 512 + (1 << 20) + 1024], 0x11);
	assert_int_equal(t.storage[B_LBA * 512 - 1], 0);
	assert_string_equal(fixture_told(t.f)->stages, "write verify ");
	assert_int_equal(fixture_told(t.f)->report.done, (1 << 20) + 1024);
	assert_int_equal(fixture_told(t.f)->report.millipercent, 100000);
	assert_int_equal(flash(&image, FLASHER->attach), BMC_OK);
	assert_true(becomes("adb"));
	assert_int_equal(flash(&image, FLASHER->attach), BMC_OK); /* again */
}

static void an_image_with_a_table_writes_it_and_its_copy(void **state)
{
	unsigned char begin[34 * 512], end[33 * 512];

	(void)state;
	put_table(begin, end, SECTORS);
	image.has_table = true;
	image_add(&image, "a", BMC_FLASH_BY_NAME, 300000, 2);
	image_add(&image, "b", B_LBA, 100, 3);
	plug("usbplug", "");
	assert_done(flash_all(&image));
	assert_memory_equal(t.storage, begin, sizeof(begin));
	assert_memory_equal(t.storage + (size_t)(SECTORS - 33) * 512, end, sizeof(end));
	assert_true(image_is_at(&image, 0, A_LBA));
	assert_true(image_is_at(&image, 1, B_LBA));
}

static void holes_stay_as_they_were(void **state)
{
	unsigned char *a = t.storage + A_LBA * 512;

	(void)state;
	put_boards_table();
	memset(a, 0x22, 1 << 20);
	image_add(&image, "a", BMC_FLASH_BY_NAME, 700000, 4);
	image.extents[0][0] = (struct bmc_extent){ 4096, 300 };
	image.extents[0][1] = (struct bmc_extent){ 4400, 100 };
	image.extents[0][2] = (struct bmc_extent){ 500224, 199776 };
	image.parts[0].n_extents = 3;
	plug("loader", ",parity");
	assert_done(flash_all(&image));
	assert_int_equal(a[4095], 0x22);
	assert_memory_equal(a + 4096, image.bytes[0] + 4096, 300);
	assert_int_equal(a[4396], 0); /* between the two, in one sector */
	assert_memory_equal(a + 4400, image.bytes[0] + 4400, 100);
	assert_int_equal(a[4608], 0x22);
	assert_int_equal(a[500223], 0x22);
	assert_memory_equal(a + 500224, image.bytes[0] + 500224, 199776);
	assert_int_equal(t.count[ROCKUSB_WRITTEN], 1 + 391);
}

/* ---- identity ---- */

#define AREA ((size_t)7168 * 512)

static void set_serial(void)
{
	struct bmc_call call = { .fixture = t.f,
				 .kind = BMC_BOARD,
				 .id = "sub01",
				 .deadline = fixture_now(t.f) + 20000 };
	const struct bmc_args args = { .text = "vendor_serial B09CC77" };

	for (const struct bmc_verb *v = bmc_plugin_rockusb.verbs; v->name; v++) {
		if (strcmp(v->name, "vendor_set") == 0)
			assert_int_equal(v->run(t.f->self, &call, &args, &t.f->err),
					 BMC_OK);
	}
}

static void a_whole_disk_keeps_the_boards_identity(void **state)
{
	static unsigned char before[262144];

	(void)state;
	image_add(&image, "", 0, 6 << 20, 5);
	memset(image.bytes[0] + AREA, 0, sizeof(before));
	image.flash.flags = BMC_FLASH_KEEP_IDENTITY;
	plug("loader", "");
	set_serial();
	memcpy(before, t.storage + AREA, sizeof(before));
	assert_done(flash_all(&image));
	assert_memory_equal(t.storage + AREA, before, sizeof(before));
	assert_memory_equal(t.storage, image.bytes[0], AREA);
	assert_memory_equal(t.storage + AREA + sizeof(before),
			    image.bytes[0] + AREA + sizeof(before),
			    (6 << 20) - AREA - sizeof(before));
	assert_int_equal(fixture_probe(t.f, "sub01", 20000), BMC_OK);
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->vendor_serial, "B09CC77");
	/* and not when it is not asked to */
	image.flash.flags = 0;
	assert_done(flash_all(&image));
	assert_true(image_is_at(&image, 0, 0));
}

static void an_image_with_data_there_is_refused(void **state)
{
	(void)state;
	image_add(&image, "", 0, 6 << 20, 5);
	image.flash.flags = BMC_FLASH_KEEP_IDENTITY;
	plug("loader", "");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ECONFLICT);
	assert_int_equal(flash(&image, FLASHER->write), BMC_ECONFLICT);
	/* another board's identity is none of the image's data */
	memset(image.bytes[0] + AREA, 0, 262144);
	memcpy(image.bytes[0] + AREA + 65536, "DVKR and more", 14);
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	image.bytes[0][AREA + 262143] = 1;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ECONFLICT);
	assert_int_equal(t.count[ROCKUSB_WRITTEN], 0);
}

static void a_part_that_reaches_there_is_refused(void **state)
{
	(void)state;
	image_add(&image, "a", 6968, 201 * 512, 5);
	plug("loader", "");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	image.flash.flags = BMC_FLASH_KEEP_IDENTITY;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ECONFLICT);
	assert_int_equal(flash(&image, FLASHER->write), BMC_ECONFLICT);
	image.parts[0].start--;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	image.parts[0].start = 7168 + 511;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ECONFLICT);
	image.parts[0].start++;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	assert_int_equal(t.count[ROCKUSB_WRITTEN], 0);
}

/* ---- refusals ---- */

static void what_does_not_fit_is_refused_before_the_first_write(void **state)
{
	(void)state;
	plug("loader", "");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOTSUP);
	image_add(&image, "a", BMC_FLASH_BY_NAME, 16384 * 512, 6);
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOTFOUND);
	put_boards_table();
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	image.parts[0].size++; /* one byte more than the partition has */
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOSPC);
	assert_int_equal(flash(&image, FLASHER->write), BMC_ENOSPC);
	image.parts[0].size--;
	image.parts[0].room = 16383;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOSPC);
	image.parts[0].room = 0;
	image.parts[0].name = "c";
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOTFOUND);
	image.parts[0].start = SECTORS - 16384;
	image.flash.verify = BMC_VERIFY_NONE;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	image.parts[0].start++;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOSPC);
	image.parts[0].start = UINT64_MAX - 1;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOSPC);
	image.parts[0].start = 20000;
	image_add(&image, "d", 20000 + 16383, 512, 7);
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ECONFLICT);
	image.parts[1].start++;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	strcpy(image.flash.chip, "350B");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ECONFLICT);
	assert_int_equal(flash(&image, FLASHER->write), BMC_ECONFLICT);
	strcpy(image.flash.chip, "330C");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	assert_int_equal(t.count[ROCKUSB_WRITTEN], 0);
	image.flash.board = "sub03";
	assert_int_equal(fixture_flash(t.f, "sub03", FLASHER->accepts, &image.flash),
			 BMC_ENOTSUP);
}

static void a_damaged_table_of_the_board_is_none(void **state)
{
	(void)state;
	put_boards_table();
	image_add(&image, "a", BMC_FLASH_BY_NAME, 4096, 8);
	plug("loader", "");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	t.storage[1024 + 40]++;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOTFOUND);
	t.storage[1024 + 40]--;
	t.storage[512 + 72]++;
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOTFOUND);
}

/* ---- modes ---- */

static void a_mask_rom_is_sent_its_code_and_the_loader_is_written(void **state)
{
	(void)state;
	image_add(&image, "", 16384, 70000, 9);
	plug("maskrom", "");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ESTATE);
	assert_int_equal(flash(&image, FLASHER->detach), BMC_ESTATE);
	image_add_loader(&image);
	assert_done(flash_all(&image));
	assert_true(becomes("usbplug"));
	assert_true(image_is_at(&image, 0, 16384));
	/* four sectors of ID block, FlashData and FlashBoot at 2 KiB each */
	assert_int_equal(t.count[ROCKUSB_WRITTEN], 137 + 4 + 12 + 12);
	assert_int_not_equal(t.storage[64 * 512], 0);
	assert_memory_equal(t.storage + (size_t)(64 + 4) * 512 + 4608,
			    image.piece[2] + 4608, 5000 - 4608);
	assert_int_equal(flash(&image, FLASHER->attach), BMC_OK);
	assert_true(becomes("adb"));
}

static int to_loader(void *arg, const char *board, const char *verb,
		     const struct bmc_args *args)
{
	(*(unsigned *)arg)++;
	assert_string_equal(board, "sub01");
	assert_string_equal(verb, "usb_mode");
	assert_int_equal(args->num, BMC_USB_LOADER);
	usb_world_start(t.world, "mode 2-1.2.1 loader");
	return BMC_OK;
}

static void a_running_system_is_asked_for_its_loader(void **state)
{
	unsigned asked = 0;

	(void)state;
	image_add(&image, "", 8192, 5000, 10);
	plug("adb", "");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_OK);
	assert_int_equal(flash(&image, FLASHER->detach), BMC_ESTATE);
	fixture_on_verb(t.f, to_loader, &asked);
	assert_int_equal(flash(&image, FLASHER->detach), BMC_OK);
	assert_int_equal(asked, 1);
	/* nothing was written: its system starts again */
	assert_int_equal(flash(&image, FLASHER->rollback), BMC_OK);
	assert_true(becomes("adb"));
	assert_done(flash_all(&image));
	assert_int_equal(asked, 2);
	/* now something was */
	assert_int_equal(flash(&image, FLASHER->rollback), BMC_OK);
	assert_true(becomes("loader"));
	assert_true(fixture_logged(t.f, "stays in its loader"));
	usb("unplug 2-1.2.1");
	assert_int_equal(flash(&image, FLASHER->rollback), BMC_EABSENT);
}

static int asked_only(void *arg, const char *board, const char *verb,
		      const struct bmc_args *args)
{
	(void)board;
	(void)verb;
	(void)args;
	(*(unsigned *)arg)++;
	return BMC_OK;
}

/* Cancelled on its way into the loader, it must not stay there. */
static void board_that_is_still_to_come_to_its_loader_starts_its_system(void **state)
{
	unsigned asked = 0;

	(void)state;
	image_add(&image, "", 8192, 5000, 10);
	plug("adb", "");
	fixture_on_verb(t.f, asked_only, &asked);
	fixture_cancel(t.f, 1);
	assert_int_equal(flash(&image, FLASHER->detach), BMC_ECANCELED);
	assert_int_equal(asked, 1);
	fixture_cancel(t.f, 0);
	usb_world_start(t.world, "mode 2-1.2.1 loader");
	assert_int_equal(flash(&image, FLASHER->rollback), BMC_OK);
	assert_true(becomes("adb"));
}

/* ---- verify ---- */

static void beyond_32_mib_only_the_loaders_comparison_counts(void **state)
{
	(void)state;
	image_add(&image, "", 65536 - 100, 200 * 512, 11);
	plug("loader", "");
	assert_int_equal(flash(&image, FLASHER->accepts), BMC_ENOTSUP);
	assert_int_equal(flash(&image, FLASHER->write), BMC_ENOTSUP);
	image.flash.verify = BMC_VERIFY_NONE;
	assert_done(flash_all(&image));
	image.flash.verify = BMC_VERIFY_FULL;
	/* it may well be right, but nobody can tell */
	assert_int_equal(flash(&image, FLASHER->verify), BMC_ENOTSUP);
	usb("unplug 2-1.2.1");
	plug("loader", ",parity");
	fixture_told_clear(t.f);
	assert_done(flash_all(&image));
	assert_true(image_is_at(&image, 0, 65536 - 100));
	assert_string_equal(fixture_told(t.f)->stages,
			    "write verify verify (by the device) ");
	assert_true(fixture_logged(t.f, "50 KiB were read back; of 50 KiB"));
	/* what it does read is compared */
	t.storage[65535 * 512]++;
	assert_int_equal(flash(&image, FLASHER->verify), BMC_ECORRUPT);
}

static void what_a_loader_can_not_verify_usbplug_does(void **state)
{
	(void)state;
	image_add(&image, "", 70000, 100000, 12);
	image_add_loader(&image);
	plug("loader", "");
	assert_done(flash_all(&image));
	assert_true(becomes("usbplug"));
	assert_true(image_is_at(&image, 0, 70000));
	assert_string_equal(fixture_told(t.f)->stages, "write verify ");
	t.storage[(size_t)70000 * 512 + 99999] ^= 1;
	assert_int_equal(flash(&image, FLASHER->verify), BMC_ECORRUPT);
	image.flash.verify = BMC_VERIFY_NONE;
	assert_int_equal(flash(&image, FLASHER->verify), BMC_OK);
}

static void a_sample_has_the_ends_of_each_extent(void **state)
{
	(void)state;
	image_add(&image, "", 8192, 3 << 20, 13);
	image.flash.verify = BMC_VERIFY_SAMPLED;
	plug("loader", "");
	assert_done(flash_all(&image));
	t.count[ROCKUSB_READ] = 0;
	assert_int_equal(flash(&image, FLASHER->verify), BMC_OK);
	assert_int_equal(t.count[ROCKUSB_READ], 2 * 512);
	t.storage[8192 * 512]++;
	assert_int_equal(flash(&image, FLASHER->verify), BMC_ECORRUPT);
	t.storage[8192 * 512]--;
	t.storage[8192 * 512 + (3 << 20) - 1]++;
	assert_int_equal(flash(&image, FLASHER->verify), BMC_ECORRUPT);
}

static int write_partition(const struct bmc_args *args)
{
	struct bmc_call call = { .fixture = t.f,
				 .kind = BMC_BOARD,
				 .id = "sub01",
				 .deadline = fixture_now(t.f) + 60000,
				 .beat = 60000 };

	for (const struct bmc_verb *v = bmc_plugin_rockusb.verbs; v->name; v++) {
		if (strcmp(v->name, "write_partition") == 0)
			return v->run(t.f->self, &call, args, &t.f->err);
	}
	return BMC_ENOTFOUND;
}

static ssize_t five_read(const struct bmc_image *i, uint64_t offset, void *buf,
			 size_t len)
{
	(void)i;
	len = offset >= 700 ? 0 : len < 700 - offset ? len : (size_t)(700 - offset);
	memset(buf, 5, len);
	return (ssize_t)len;
}

/* Netrecovery's auxiliary system, and the message in misc that starts it. */
static void bytes_of_another_plugin_go_to_a_partition(void **state)
{
	static const struct bmc_image five = { .size = 700, .read = five_read };
	struct bmc_args args = { .num = 1024, .text = "b", .image = &five };
	unsigned char *b = t.storage + (size_t)B_LBA * 512;

	(void)state;
	put_boards_table();
	memset(b, 0x11, 4096);
	plug("loader", "");
	assert_done(write_partition(&args));
	assert_int_equal(b[1023], 0x11);
	assert_int_equal(b[1024], 5);
	assert_int_equal(b[1024 + 699], 5);
	assert_int_equal(b[1024 + 700], 0);
	assert_int_equal(b[1024 + 1024], 0x11);
	args.num = 0;
	assert_done(write_partition(&args));
	assert_int_equal(b[0], 5);
	args.text = "none";
	assert_int_equal(write_partition(&args), BMC_ENOTFOUND);
	args.text = "b";
	args.num = 100;
	assert_int_equal(write_partition(&args), BMC_EINVAL);
	args.num = -512;
	assert_int_equal(write_partition(&args), BMC_EINVAL);
	args.num = INT64_C(512) << 40;
	assert_int_equal(write_partition(&args), BMC_ENOSPC);
	args.num = 0;
	args.image = NULL;
	assert_int_equal(write_partition(&args), BMC_EINVAL);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_part_goes_where_the_boards_table_has_it),
		TEST(an_image_with_a_table_writes_it_and_its_copy),
		TEST(holes_stay_as_they_were),
		TEST(a_whole_disk_keeps_the_boards_identity),
		TEST(an_image_with_data_there_is_refused),
		TEST(a_part_that_reaches_there_is_refused),
		TEST(what_does_not_fit_is_refused_before_the_first_write),
		TEST(a_damaged_table_of_the_board_is_none),
		TEST(a_mask_rom_is_sent_its_code_and_the_loader_is_written),
		TEST(a_running_system_is_asked_for_its_loader),
		TEST(board_that_is_still_to_come_to_its_loader_starts_its_system),
		TEST(beyond_32_mib_only_the_loaders_comparison_counts),
		TEST(what_a_loader_can_not_verify_usbplug_does),
		TEST(a_sample_has_the_ends_of_each_extent),
		TEST(bytes_of_another_plugin_go_to_a_partition),
	};

	(void)argc;
	if (!below_umockdev(argv, "USB_WRAPPED", false))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
