// SPDX-License-Identifier: Apache-2.0
/* The plugin `fastboot` with the real libusb in an emulated USB world (tests/rigs), and
 * images as the core gives them to it. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "plugin-fixture-own.h"
#include "prepared-fixture.h"
#include "rigs/usb-world.h"

extern const struct bmc_plugin bmc_plugin_fastboot;

#define KIB  ((size_t)1024)
#define PATH "2-1.2.1"

static const char platform[] =
	"platform: test\n"
	"chassis: [{id: enclosure}]\n"
	"boards:\n"
	"  - {id: sub01, usb: 2-1.2.1, fastboot_partition: rootfs}\n"
	"  - {id: sub02, usb: 2-1.2.3, fastboot_product: evb}\n"
	"  - {id: sub03}\n";

static struct {
	struct usb_world *world;
	struct fixture *f;
	const struct bmc_flasher *flasher;
	struct memory_image file;
	struct job job;
	struct bmc_flash *flash;
	char disk[64], trace[64];
} t;

/* ---- fixture ---- */

static void usb(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void usb(const char *fmt, ...)
{
	char line[400];
	va_list ap;
	int code;

	va_start(ap, fmt);
	(void)vsnprintf(line, sizeof(line), fmt, ap);
	va_end(ap);
	code = usb_world_run(t.world, line, NULL, 0);
	if (code < 0)
		fail_msg("%s: %s", line, strerror(-code));
}

static int set_up(void **state)
{
	(void)state;
	memset(&t, 0, sizeof(t));
	t.world = usb_world_new();
	assert_non_null(t.world);
	t.f = fixture_new(
		&(struct fixture_conf){ &bmc_plugin_fastboot, platform, NULL });
	t.flasher = bmc_plugin_fastboot.flasher;
	(void)snprintf(t.disk, sizeof(t.disk), "%s/disk", fixture_dir(t.f));
	(void)snprintf(t.trace, sizeof(t.trace), "%s/trace", fixture_dir(t.f));
	memory_image_init(&t.file);
	return 0;
}

static void image_done(void)
{
	if (t.flash) {
		upd_reads_close(t.flash);
		job_end(&t.job);
	}
	t.flash = NULL;
}

static int tear_down(void **state)
{
	(void)state;
	image_done();
	memory_image_done(&t.file);
	(void)unlink(t.disk);
	(void)unlink(t.trace);
	fixture_free(t.f);
	usb_world_free(t.world);
	return 0;
}

/* A board in fastboot whose disk and commands can be looked at. */
static void plug(const char *options)
{
	usb("plug %s fastboot options=disk=%s,trace=%s%s", PATH, t.disk, t.trace,
	    options);
}

static void use_image(void)
{
	image_done();
	job_begin(&t.job, &t.file.image);
	t.flash = upd_reads_open(&t.job.p, "sub01");
	assert_non_null(t.flash);
}

static void noise(size_t len)
{
	size_t at = memory_image_add(&t.file, NULL, len);
	uint32_t n = 1;

	for (size_t i = 0; i < len; i++) {
		n = n * 1103515245u + 12345u;
		t.file.data[at + i] = (unsigned char)(n >> 16);
	}
}

static int run(bmc_flash_fn *fn)
{
	return fixture_flash(t.f, "sub01", fn, t.flash);
}

static int write_it(void)
{
	return run(t.flasher->write);
}

static const char *content(const char *file, size_t *ret_len)
{
	static char buf[8 << 20];
	FILE *f = fopen(file, "re");

	assert_non_null(f);
	*ret_len = fread(buf, 1, sizeof(buf) - 1, f);
	buf[*ret_len] = '\0';
	(void)fclose(f);
	return buf;
}

static unsigned count(const char *command)
{
	size_t len;
	unsigned n = 0;

	for (const char *at = content(t.trace, &len); (at = strstr(at, command)); at++)
		n++;
	return n;
}

/* Partition `rootfs` follows `boot`, of 256 KiB. */
static void rootfs_is_the_image(void)
{
	size_t len;
	const char *disk = content(t.disk, &len);

	assert_memory_equal(disk + 256 * KIB, t.file.data, t.file.image.size);
}

static bool becomes(const char *mode)
{
	char list[1000], want[80];

	(void)snprintf(want, sizeof(want), "%s %s ", PATH, mode);
	for (int i = 0; i < 1000; i++) {
		if (usb_world_run(t.world, "list", list, sizeof(list)) == 0 &&
		    strstr(list, want))
			return true;
		(void)usleep(2000);
	}
	return false;
}

/* ---- tests ---- */

static void an_image_is_written_in_pieces_and_the_board_restarted(void **state)
{
	(void)state;
	noise(1000 * KIB);
	use_image();
	plug(",max=0x40000");
	assert_int_equal(run(t.flasher->accepts), BMC_OK);
	assert_int_equal(run(t.flasher->detach), BMC_OK);
	assert_int_equal(write_it(), BMC_OK);
	rootfs_is_the_image();
	assert_int_equal(count("flash:rootfs\n"), 4);
	const struct fixture_told *told = fixture_told(t.f);

	assert_string_equal(told->stages, "write ");
	assert_int_equal(told->report.done, 1000 * KIB);
	assert_int_equal(told->report.total, 1000 * KIB);
	assert_int_equal(told->checkpoints, 4);
	t.flash->verify = BMC_VERIFY_FULL;
	assert_int_equal(run(t.flasher->verify), BMC_OK);
	assert_non_null(strstr(fixture_told(t.f)->stages, "unverified"));
	assert_true(fixture_logged(t.f, "reads nothing back"));
	assert_int_equal(run(t.flasher->attach), BMC_OK);
	assert_true(becomes("adb"));
	assert_int_equal(run(t.flasher->attach), BMC_OK);
	assert_int_equal(count("set_active"), 0);
}

static void partitions_of_an_update_are_written_by_their_names(void **state)
{
	static const char text[] = "TYPE: GPT\nCMDLINE: mtdparts=rk29xxnand:"
				   "0x2000@0x4000(boot_b),-@0x8000(rootfs:grow)\n";
	static unsigned char kernel[5000], root[300000];
	size_t len;
	unsigned char *parm = build_parm(text, &len);
	const struct packed_file files[] = {
		{ "parameter", "parameter.txt", parm, len, UINT32_MAX, 0 },
		{ "boot_b", "boot.img", kernel, sizeof(kernel), 0x4000, 0x2000 },
		{ "rootfs", "rootfs.img", root, sizeof(root), 0x8000, 0 },
		{ 0 },
	};

	(void)state;
	memset(kernel, 'k', sizeof(kernel));
	memset(root, 'r', sizeof(root));
	build_rkfw(&t.file, files);
	free(parm);
	use_image();
	plug(",slot=a,parts=boot_a:64+boot_b:64+rootfs:4096");
	assert_int_equal(run(t.flasher->accepts), BMC_OK);
	assert_int_equal(write_it(), BMC_OK);
	const char *disk = content(t.disk, &len);

	assert_int_equal(disk[0], 0);
	assert_memory_equal(disk + 64 * KIB, kernel, sizeof(kernel));
	assert_memory_equal(disk + 128 * KIB, root, sizeof(root));
	assert_int_equal(run(t.flasher->attach), BMC_OK);
	assert_int_equal(count("set_active:b\n"), 1);
}

static void holes_of_a_sparse_image_stay_as_they_are(void **state)
{
	static const struct sparse_chunk chunks[] = {
		{ SPARSE_HOLE, 2 }, { SPARSE_RAW, 40 }, { SPARSE_HOLE, 3 },
		{ SPARSE_FILL, 2 }, { SPARSE_HOLE, 1 }, { 0, 0 },
	};
	size_t len;
	char *old = malloc(4352 * KIB);
	FILE *f = fopen(t.disk, "we");

	(void)state;
	assert_non_null(f);
	memset(old, 'o', 4352 * KIB);
	(void)fwrite(old, 1, 4352 * KIB, f);
	(void)fclose(f);
	build_sparse(&t.file, chunks);
	use_image();
	plug(",max=0x10000");
	assert_int_equal(write_it(), BMC_OK);
	const char *root = content(t.disk, &len) + 256 * KIB;

	assert_memory_equal(root, old, 2 * 4096);
	assert_int_equal(root[2 * 4096], 0x51);
	assert_int_equal(root[42 * 4096 - 1], 0x51);
	assert_memory_equal(root + 42 * (size_t)4096, old, 3 * 4096);
	assert_int_equal(root[45 * 4096], 0x53);
	assert_memory_equal(root + 47 * (size_t)4096, old, 4096);
	free(old);
}

static void a_part_of_a_board_with_slots_goes_to_the_one_that_runs(void **state)
{
	size_t len;

	(void)state;
	noise(4 * KIB);
	use_image();
	plug(",slot=b,parts=rootfs_a:64+rootfs_b:64");
	assert_int_equal(write_it(), BMC_OK);
	assert_memory_equal(content(t.disk, &len) + 64 * KIB, t.file.data, 4 * KIB);
}

static int enters(void *arg, const char *board, const char *verb,
		  const struct bmc_args *args)
{
	(void)arg;
	assert_string_equal(board, "sub01");
	assert_string_equal(verb, "usb_mode");
	assert_int_equal(args->num, BMC_USB_FASTBOOT);
	usb("mode %s fastboot", PATH);
	return BMC_OK;
}

static void a_board_is_brought_into_fastboot(void **state)
{
	(void)state;
	noise(4 * KIB);
	use_image();
	usb("plug %s adb options=disk=%s", PATH, t.disk);
	assert_int_equal(run(t.flasher->accepts), BMC_OK);
	assert_int_equal(write_it(), BMC_ESTATE);
	assert_int_equal(run(t.flasher->detach), BMC_ESTATE);
	assert_non_null(strstr(fixture_error(t.f), "usb_mode"));
	fixture_on_verb(t.f, enters, NULL);
	assert_int_equal(run(t.flasher->detach), BMC_OK);
	assert_int_equal(write_it(), BMC_OK);
	rootfs_is_the_image();
}

static void what_does_not_fit_is_refused_before_a_write(void **state)
{
	static const struct {
		const char *options;
		int code;
		const char *what;
	} cases[] = {
		{ ",parts=boot:64+rootfs:16", BMC_ENOSPC, "rootfs" },
		{ ",max=0", BMC_EIO, "takes" },
		{ ",max=0xffff", BMC_EIO, "takes" },
		{ ",parts=rootfs_a:64+rootfs_b:64", BMC_ESTATE, "slot" },
	};

	(void)state;
	noise(20 * KIB);
	use_image();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		plug(cases[i].options);
		for (int k = 0; k < 2; k++) {
			assert_int_equal(run(k ? t.flasher->write : t.flasher->accepts),
					 cases[i].code);
			assert_non_null(strstr(fixture_error(t.f), cases[i].what));
		}
		usb("unplug %s", PATH);
	}
	assert_int_equal(count("download:"), 0);
	assert_int_equal(fixture_flash(t.f, "sub02", t.flasher->accepts, t.flash),
			 BMC_ENOTSUP);
	assert_non_null(strstr(fixture_error(t.f), "fastboot_partition"));
	assert_int_equal(fixture_flash(t.f, "sub03", t.flasher->accepts, t.flash),
			 BMC_ENOTSUP);
}

static void an_image_for_another_chip_is_refused(void **state)
{
	static const struct {
		const char *board, *chip, *product;
		int code;
	} cases[] = {
		{ "sub01", "330C", "evb_RK3399", BMC_OK },
		{ "sub01", "330C", "rk3568", BMC_ENOTSUP },
		{ "sub01", "3568", "evb_rk3568", BMC_OK },
		{ "sub01", "3568", "rk3588", BMC_ENOTSUP },
		{ "sub01", "", "anything", BMC_OK },
		{ "sub02", "330C", "evb", BMC_OK },
		{ "sub02", "", "evb2", BMC_ENOTSUP },
	};
	static const struct bmc_extent all = { 0, 512 };
	const struct bmc_flash_part part = {
		.name = "rootfs", .size = 512, .extents = &all, .n_extents = 1
	};

	(void)state;
	noise(KIB);
	use_image();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct bmc_flash flash = *t.flash;
		const char *path =
			strcmp(cases[i].board, "sub01") == 0 ? PATH : "2-1.2.3";

		flash.parts = &part;
		(void)snprintf(flash.chip, sizeof(flash.chip), "%s", cases[i].chip);
		usb("plug %s fastboot options=product=%s", path, cases[i].product);
		assert_int_equal(
			fixture_flash(t.f, cases[i].board, t.flasher->accepts, &flash),
			cases[i].code);
		usb("unplug %s", path);
	}
}

/* Each is a success with the right bytes, or an error with its code. */
static void each_fault_has_its_outcome(void **state)
{
	static const struct {
		const char *fault;
		int code;
	} cases[] = {
		{ "none", BMC_OK },        { "fail", BMC_EIO },
		{ "fail:3", BMC_EIO },     { "terminal:2", BMC_EIO },
		{ "short:2", BMC_EIO },    { "unplug:2", BMC_EABSENT },
		{ "lying", BMC_OK },       { "endless:2", BMC_EIO },
		{ "garbage:9", BMC_EIO },  { "tiny:9", BMC_EIO },
		{ "no-memory:9", BMC_OK }, { "stall:9", BMC_EIO },
	};

	(void)state;
	noise(900 * KIB);
	use_image();
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		char options[80];

		(void)unlink(t.disk);
		(void)snprintf(options, sizeof(options), ",max=%s,fault=%s",
			       i == 6 ? "0x400000" : "0x40000", cases[i].fault);
		plug(options);
		int code = write_it();

		if (code != cases[i].code)
			fail_msg("%s: %d %s", cases[i].fault, code, fixture_error(t.f));
		for (const char *at = fixture_error(t.f); *at; at++)
			assert_in_range(*at, ' ', '~');
		if (code == BMC_OK)
			rootfs_is_the_image();
		(void)usb_world_run(t.world, "unplug " PATH, NULL, 0);
	}
}

/* ---- ends and resumes ---- */

static struct {
	const struct bmc_flash *of;
	size_t bytes;
} counted;

static ssize_t counted_read(const struct bmc_flash *flash, size_t part, uint64_t offset,
			    void *buf, size_t len)
{
	ssize_t n = counted.of->read(counted.of, part, offset, buf, len);

	(void)flash;
	counted.bytes += n > 0 ? (size_t)n : 0;
	return n;
}

static void what_was_stored_is_not_sent_again(void **state)
{
	(void)state;
	noise(1000 * KIB);
	use_image();
	plug(",max=0x40000,fault=fail:3");
	struct bmc_flash flash = *t.flash;
	struct bmc_checkpoint kept;

	counted.of = t.flash;
	counted.bytes = 0;
	flash.read = counted_read;
	assert_int_equal(fixture_flash(t.f, "sub01", t.flasher->write, &flash),
			 BMC_EIO);
	assert_int_equal(fixture_told(t.f)->checkpoints, 2);
	kept = fixture_told(t.f)->kept;
	assert_in_range(kept.offset, 400 * KIB, 512 * KIB);
	counted.bytes = 0;
	fixture_resume(t.f, &kept);
	assert_int_equal(fixture_flash(t.f, "sub01", t.flasher->write, &flash), BMC_OK);
	assert_int_equal(counted.bytes, 1000 * KIB - kept.offset);
	rootfs_is_the_image();
	/* another image, another version, another place: all of it */
	for (int i = 0; i < 3; i++) {
		struct bmc_checkpoint other = kept;

		other.digest[5] ^= i == 0;
		other.version += i == 1;
		other.data[0] ^= i == 2 ? 0x55 : 0;
		counted.bytes = 0;
		fixture_resume(t.f, &other);
		assert_int_equal(fixture_flash(t.f, "sub01", t.flasher->write, &flash),
				 BMC_OK);
		assert_int_equal(counted.bytes, 1000 * KIB);
	}
}

static void a_cancelled_write_leaves_a_board_that_can_be_written(void **state)
{
	(void)state;
	noise(1000 * KIB);
	use_image();
	plug("");
	for (unsigned at = 5; at < 60; at += 9) {
		fixture_told_clear(t.f);
		fixture_cancel(t.f, at);
		int code = write_it();

		assert_true(code == BMC_ECANCELED || code == BMC_OK);
		fixture_cancel(t.f, 0);
		fixture_told_clear(t.f);
		assert_int_equal(write_it(), BMC_OK);
		rootfs_is_the_image();
	}
}

static void usb_mode_leads_back_to_the_system(void **state)
{
	(void)state;
	plug("");
	assert_int_equal(fixture_verb(t.f, BMC_BOARD, "sub01", "usb_mode",
				      BMC_USB_FASTBOOT, 5000),
			 BMC_OK);
	assert_int_equal(fixture_verb(t.f, BMC_BOARD, "sub01", "usb_mode",
				      BMC_USB_MASKROM, 5000),
			 BMC_ENOTSUP);
	assert_int_equal(
		fixture_verb(t.f, BMC_BOARD, "sub01", "usb_mode", BMC_USB_ADB, 5000),
		BMC_OK);
	assert_true(becomes("adb"));
	assert_int_equal(
		fixture_verb(t.f, BMC_BOARD, "sub01", "usb_mode", BMC_USB_ADB, 5000),
		BMC_ENOTSUP);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

/* umockdev works by a preloaded library: starts this program again below its wrapper.
 */
static int again(char **argv)
{
	char wrapper[] = "umockdev-wrapper";
	char *const args[] = { wrapper, argv[0], NULL };

	(void)setenv("USB_WRAPPED", "1", 1);
	(void)setenv("ASAN_OPTIONS", "verify_asan_link_order=0:detect_leaks=0", 1);
	(void)execvp(wrapper, args);
	(void)puts("1..0 # SKIP umockdev-wrapper is missing: apt install umockdev");
	return 0;
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(an_image_is_written_in_pieces_and_the_board_restarted),
		TEST(partitions_of_an_update_are_written_by_their_names),
		TEST(holes_of_a_sparse_image_stay_as_they_are),
		TEST(a_part_of_a_board_with_slots_goes_to_the_one_that_runs),
		TEST(a_board_is_brought_into_fastboot),
		TEST(what_does_not_fit_is_refused_before_a_write),
		TEST(an_image_for_another_chip_is_refused),
		TEST(each_fault_has_its_outcome),
		TEST(what_was_stored_is_not_sent_again),
		TEST(a_cancelled_write_leaves_a_board_that_can_be_written),
		TEST(usb_mode_leads_back_to_the_system),
	};

	(void)argc;
	if (!getenv("USB_WRAPPED"))
		return again(argv);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
