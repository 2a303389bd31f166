// SPDX-License-Identifier: Apache-2.0
/* Flashing boards that go wrong: each fault at several commands, in a loader that
 * compares what it writes and in usbplug, which is read back. The outcome is a success
 * with right bytes on the eMMC, or an error with its words; never a success with wrong
 * ones. And each board can be flashed afterwards. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "rockusb-fixture.h"

#define LBA   70000u /* U-Boot does not read it back */
#define CHUNK 512u   /* sectors: what the model says it takes */
#define SIZE  (3 * CHUNK * 512 - 1000)

static struct flash_image image;
static unsigned good, failed;

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

static int to_loader(void *arg, const char *board, const char *verb,
		     const struct bmc_args *args)
{
	(void)arg;
	(void)board;
	(void)verb;
	(void)args;
	usb_world_start(t.world, "mode 2-1.2.1 loader");
	return BMC_OK;
}

/* ---- the table ---- */

static const struct {
	const char *word;
	bool of_writes; /* its position counts writes, else commands */
} faults[] = {
	{ "bad-tag", false },    { "bad-signature", false }, { "failed", false },
	{ "phase", false },      { "short", false },         { "residue", false },
	{ "stall", false },      { "hang", false },          { "unplug", false },
	{ "stale", false },      { "no-memory", false },     { "replug", false },
	{ "to-maskrom", false }, { "to-system", false },     { "full", true },
	{ "bit-flip", true },    { "torn", true },           { "half", true },
	{ "lost", true },
};
#define N_FAULTS  (sizeof(faults) / sizeof(faults[0]))
#define POSITIONS 3

static void one(const char *mode, const char *options, const char *fault, unsigned at)
{
	int code;

	memset(t.storage + (size_t)LBA * 512, 0xee, SIZE);
	plug(mode, options);
	assert_int_equal(flash(&image, FLASHER->detach), BMC_OK);
	usb("option 2-1.2.1 fault=%s:%u", fault, at);
	code = flash(&image, FLASHER->write);
	if (code == BMC_OK)
		code = flash(&image, FLASHER->verify);
	if (code == BMC_OK && !image_is_at(&image, 0, LBA))
		fail_msg("%s at %u in a %s: it says good, and the bytes are wrong",
			 fault, at, mode);
	if (code < 0 && !*fixture_error(t.f))
		fail_msg("%s at %u in a %s: no words for %d", fault, at, mode, code);
	good += code == BMC_OK;
	failed += code < 0;
	(void)flash(&image, FLASHER->rollback);
	(void)usb_world_run(t.world, "unplug 2-1.2.1", NULL, 0);
}

/* After it was plugged again, where it is not to be had by itself. */
static void and_again(const char *mode, const char *options)
{
	memset(t.storage + (size_t)LBA * 512, 0xee, SIZE);
	plug(mode, options);
	if (flash_all(&image) < 0)
		fail_msg("it can't be flashed again: %s", fixture_error(t.f));
	assert_true(image_is_at(&image, 0, LBA));
	usb("unplug 2-1.2.1");
}

static void in_mode(const char *mode, const char *options)
{
	/* amidst its questions, a write, what verifies */
	static const unsigned positions[POSITIONS] = { 4, 7, 12 };

	image_add(&image, "", LBA, SIZE, 1);
	image_add_loader(&image);
	fixture_on_verb(t.f, to_loader, NULL);
	good = failed = 0;
	for (size_t i = 0; i < N_FAULTS; i++) {
		for (unsigned k = 0; k < POSITIONS; k++)
			one(mode, options, faults[i].word,
			    faults[i].of_writes ? k + 1 : positions[k]);
	}
	and_again(mode, options);
	assert_int_equal(good + failed, N_FAULTS * POSITIONS);
	/* what a second try gets over does not end an update */
	assert_in_range(good, N_FAULTS, 2 * N_FAULTS);
}

static void no_fault_of_a_loader_goes_unseen(void **state)
{
	(void)state;
	in_mode("loader", ",parity");
}

static void no_fault_of_usbplug_goes_unseen(void **state)
{
	(void)state;
	in_mode("usbplug", "");
}

/* ---- what each comes to ---- */

static int with_fault(const char *mode, const char *options, const char *fault)
{
	int code;

	memset(t.storage + (size_t)LBA * 512, 0xee, SIZE);
	plug(mode, options);
	assert_int_equal(flash(&image, FLASHER->detach), BMC_OK);
	usb("option 2-1.2.1 fault=%s", fault);
	code = flash(&image, FLASHER->write);
	if (code == BMC_OK)
		code = flash(&image, FLASHER->verify);
	if (code == BMC_OK)
		assert_true(image_is_at(&image, 0, LBA));
	(void)usb_world_run(t.world, "unplug 2-1.2.1", NULL, 0);
	return code;
}

static void each_fault_has_its_code(void **state)
{
	int code;

	(void)state;
	image_add(&image, "", LBA, SIZE, 1);
	/* the parity finds it, and the second try is right */
	assert_int_equal(with_fault("loader", ",parity", "bit-flip:2"), BMC_OK);
	assert_int_equal(with_fault("loader", ",parity", "half:2"), BMC_OK);
	assert_int_equal(with_fault("loader", ",parity", "lost:3"), BMC_OK);
	/* reading back finds it */
	assert_int_equal(with_fault("usbplug", "", "bit-flip:2"), BMC_ECORRUPT);
	assert_int_equal(with_fault("usbplug", "", "half:1"), BMC_ECORRUPT);
	assert_int_equal(with_fault("usbplug", "", "lost:3"), BMC_ECORRUPT);
	assert_int_equal(with_fault("usbplug", "", "full:2"), BMC_EIO);
	assert_int_equal(with_fault("usbplug", "", "hang:7"), BMC_ETIMEDOUT);
	assert_int_equal(with_fault("usbplug", "", "unplug:7"), BMC_EABSENT);
	assert_int_equal(with_fault("usbplug", "", "torn:2"), BMC_EABSENT);
	/* in mask ROM, or, if it was looked for too early, nowhere */
	code = with_fault("usbplug", "", "to-maskrom:7");
	assert_true(code == BMC_ESTATE || code == BMC_EABSENT);
	assert_int_equal(with_fault("usbplug", "", "stale:7"), BMC_OK);
	assert_int_equal(with_fault("usbplug", "", "no-memory:7"), BMC_OK);
}

/* ---- the kernel's memory ---- */

static void little_usb_memory_slows_it_down_only(void **state)
{
	static const unsigned bounds[] = { 16448, 20000, 65536, 100000, 270000 };

	(void)state;
	image_add(&image, "", LBA, SIZE, 1);
	for (size_t i = 0; i < sizeof(bounds) / sizeof(bounds[0]); i++) {
		memset(t.storage + (size_t)LBA * 512, 0xee, SIZE);
		plug("usbplug", "");
		usb("memory %u", bounds[i]);
		if (flash_all(&image) < 0)
			fail_msg("%u bytes: %s", bounds[i], fixture_error(t.f));
		assert_true(image_is_at(&image, 0, LBA));
		usb("unplug 2-1.2.1");
	}
	/* not even a CBW: it says what to do */
	plug("usbplug", "");
	assert_int_equal(flash(&image, FLASHER->detach), BMC_OK);
	usb("memory 30");
	assert_int_equal(flash(&image, FLASHER->write), BMC_ESTATE);
	usb("memory 1000");
	assert_int_equal(flash(&image, FLASHER->write), BMC_EAGAIN);
	assert_non_null(strstr(fixture_error(t.f), "usbfs_memory_mb"));
}

/* ---- going on ---- */

/* Written, killed after `beats`, and run again from the checkpoint: sectors that were
 * sent twice. */
static uint64_t killed_after(unsigned beats, const char *mode, const char *options)
{
	uint64_t total = (SIZE + 511) / 512;

	memset(t.storage + (size_t)LBA * 512, 0xee, SIZE);
	memset(t.count, 0, ROCKUSB_N_COUNTS * sizeof(uint64_t));
	plug(mode, options);
	fixture_told_clear(t.f);
	fixture_cancel(t.f, beats);
	if (flash(&image, FLASHER->write) != BMC_ECANCELED)
		total = UINT64_MAX; /* it was done before */
	fixture_cancel(t.f, 0);
	fixture_restart(t.f);
	fixture_resume(t.f, fixture_told(t.f)->checkpoints ? &fixture_told(t.f)->kept
							   : NULL);
	assert_int_equal(flash(&image, FLASHER->write), BMC_OK);
	fixture_resume(t.f, NULL);
	assert_int_equal(flash(&image, FLASHER->verify), BMC_OK);
	assert_true(image_is_at(&image, 0, LBA));
	usb("unplug 2-1.2.1");
	return total == UINT64_MAX ? total : t.count[ROCKUSB_WRITTEN] - total;
}

static void at_most_one_chunk_is_sent_again(void **state)
{
	unsigned cut = 0;

	(void)state;
	image_add(&image, "", LBA, SIZE, 1);
	for (unsigned beats = 1; beats < 40; beats++) {
		uint64_t again = killed_after(beats, "loader", ",parity");

		if (again == UINT64_MAX)
			break;
		assert_true(again <= CHUNK);
		cut++;
	}
	assert_in_range(cut, 10, 38);
}

/* The journal may be a second behind: what is there already is found by reading. */
static void what_is_there_is_not_sent_again(void **state)
{
	struct bmc_checkpoint old;

	(void)state;
	image_add(&image, "", LBA, SIZE, 1);
	plug("usbplug", "");
	fixture_cancel(t.f, 1);
	assert_int_equal(flash(&image, FLASHER->write), BMC_ECANCELED);
	fixture_cancel(t.f, 0);
	assert_int_equal(flash(&image, FLASHER->write), BMC_OK);
	old = fixture_told(t.f)->kept;
	assert_int_equal(old.offset, (SIZE + 511) / 512 * 512);
	old.offset = 0;
	t.count[ROCKUSB_WRITTEN] = 0;
	fixture_resume(t.f, &old);
	assert_int_equal(flash(&image, FLASHER->write), BMC_OK);
	assert_int_equal(t.count[ROCKUSB_WRITTEN], 0);
	/* from the first chunk on that is not there, all are sent */
	t.storage[(size_t)LBA * 512 + (size_t)CHUNK * 512 + 5]++;
	assert_int_equal(flash(&image, FLASHER->write), BMC_OK);
	assert_int_equal(t.count[ROCKUSB_WRITTEN], (SIZE + 511) / 512 - CHUNK);
	assert_true(image_is_at(&image, 0, LBA));
	/* another image, layout or version begins at the start */
	for (int i = 0; i < 4; i++) {
		struct bmc_checkpoint bad = old;

		bad.offset = (uint64_t)CHUNK * 512;
		bad.digest[0] ^= i == 1;
		bad.data[0] ^= i == 2;
		bad.version += i == 3;
		fixture_resume(t.f, &bad);
		memset(t.storage + (size_t)LBA * 512, 0xee, SIZE);
		assert_int_equal(flash(&image, FLASHER->write), BMC_OK);
		assert_int_equal(image_is_at(&image, 0, LBA), i != 0);
	}
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(each_fault_has_its_code),
		TEST(little_usb_memory_slows_it_down_only),
		TEST(at_most_one_chunk_is_sent_again),
		TEST(what_is_there_is_not_sent_again),
		TEST(no_fault_of_a_loader_goes_unseen),
		TEST(no_fault_of_usbplug_goes_unseen),
	};

	(void)argc;
	if (!below_umockdev(argv, "USB_WRAPPED", false))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
