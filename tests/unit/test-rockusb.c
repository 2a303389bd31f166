// SPDX-License-Identifier: Apache-2.0
/* The plugin `rockusb` with the real libusb in an emulated USB world (tests/rigs):
 * boards in loader and mask ROM mode, their identity, and the way out of these modes.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "below-umockdev.h"
#include "plugin-fixture-own.h"
#include "rigs/usb-world.h"

extern const struct bmc_plugin bmc_plugin_rockusb;

#define MAC "ae:0e:fb:84:0f:c2"

static const char platform[] = "platform: test\n"
			       "chassis: [{id: enclosure}]\n"
			       "boards:\n"
			       "  - {id: sub01, usb: 2-1.2.1}\n"
			       "  - {id: sub02, usb: 2-1.2.3}\n"
			       "  - {id: sub03}\n";

static struct {
	struct usb_world *world;
	struct fixture *f;
	char disk[64];
} t;

static void usb(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
static void usb(const char *fmt, ...)
{
	char line[300];
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
	t.world = usb_world_new();
	assert_non_null(t.world);
	t.f = fixture_new(
		&(struct fixture_conf){ &bmc_plugin_rockusb, platform, NULL });
	(void)snprintf(t.disk, sizeof(t.disk), "%s/disk", fixture_dir(t.f));
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	(void)unlink(t.disk);
	fixture_free(t.f);
	usb_world_free(t.world);
	return 0;
}

/* Whether the board comes to show this mode. */
static bool becomes(const char *path, const char *mode)
{
	char list[1000], want[80];

	(void)snprintf(want, sizeof(want), "%s %s ", path, mode);
	for (int i = 0; i < 1000; i++) {
		if (usb_world_run(t.world, "list", list, sizeof(list)) == 0 &&
		    strstr(list, want))
			return true;
		usleep(10000);
	}
	return false;
}

static int vendor_set(const char *board, const char *text)
{
	struct bmc_call call = { .fixture = t.f,
				 .kind = BMC_BOARD,
				 .id = board,
				 .deadline = fixture_now(t.f) + 20000 };
	const struct bmc_args args = { .text = text };

	for (const struct bmc_verb *v = bmc_plugin_rockusb.verbs; v->name; v++) {
		if (strcmp(v->name, "vendor_set") == 0)
			return v->run(t.f->self, &call, &args, &t.f->err);
	}
	return BMC_ENOTSUP;
}

static int usb_mode(const char *board, int64_t mode)
{
	return fixture_verb(t.f, BMC_BOARD, board, "usb_mode", mode, 20000);
}

static void a_board_in_its_loader_has_an_identity(void **state)
{
	(void)state;
	usb("plug 2-1.2.1 loader soc=330c options=disk=%s", t.disk);
	assert_int_equal(fixture_probe(t.f, "sub01", 20000), BMC_OK);
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->lan_mac, "");
	assert_int_equal(vendor_set("sub01", "lan_mac " MAC), BMC_OK);
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->lan_mac, MAC);
	assert_int_equal(vendor_set("sub01", "vendor_serial B09CC77"), BMC_OK);
	/* another plug of the same board */
	usb("unplug 2-1.2.1");
	usb("plug 2-1.2.1 loader soc=330c options=disk=%s", t.disk);
	fixture_restart(t.f);
	assert_int_equal(fixture_probe(t.f, "sub01", 20000), BMC_OK);
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->lan_mac, MAC);
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->vendor_serial, "B09CC77");
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->wifi_mac, "");
}

/* "12 01" as "1201". */
static void squeeze(const char *text, char *ret)
{
	for (; *text; text++) {
		if (*text != ' ')
			*ret++ = *text;
	}
	*ret = '\0';
}

#define FACE "0904000002ff060500 07058102000200 07050102000200"

/* libusb 1.0.26 never ends when it makes its list and these are in it; test-usb.c says
 * why. They are a loader's, too: its interface is found, though it does not answer. */
static void descriptors_on_which_libusb_never_ends_do_no_harm(void **state)
{
	char desc[400];

	(void)state;
	squeeze("1201 0102 000000 40 0722 0c33 0001 010203 02"
		"0b02 2200 01 01 00 80 fa 0000" FACE "0902 2000 01 01 00 80 fa" FACE,
		desc);
	usb("raw 2-1.2.3 %s", desc);
	usb("plug 2-1.2.1 loader soc=330c options=disk=%s", t.disk);
	assert_int_equal(vendor_set("sub01", "lan_mac " MAC), BMC_OK);
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->lan_mac, MAC);
	assert_int_equal(fixture_probe(t.f, "sub02", 20000), BMC_EIO);
	assert_null(strstr(fixture_error(t.f), "no rockusb interface"));
}

/* At every length that is not the whole: it is no Rockchip's device, or it has no
 * interface with both endpoints. */
static void cut_descriptors_have_no_interface(void **state)
{
	char desc[400];
	int len;

	(void)state;
	squeeze("1201 0102 000000 40 0722 0c33 0001 010203 01"
		"0902 2000 01 01 00 80 fa" FACE,
		desc);
	for (len = (int)strlen(desc) - 2; len >= 36; len -= 2) {
		usb("raw 2-1.2.1 %.*s", len, desc);
		assert_int_equal(fixture_probe(t.f, "sub01", 5000), BMC_EIO);
		assert_non_null(strstr(fixture_error(t.f), "no rockusb interface"));
		usb("unplug 2-1.2.1");
	}
	for (; len >= 2; len -= 2) {
		usb("raw 2-1.2.1 %.*s", len, desc);
		assert_int_equal(fixture_probe(t.f, "sub01", 5000), BMC_OK);
		usb("unplug 2-1.2.1");
	}
}

static void what_can_not_be_stored_is_said(void **state)
{
	(void)state;
	usb("plug 2-1.2.1 loader soc=330c options=disk=%s", t.disk);
	assert_int_equal(vendor_set("sub01", "lan_mac ae:0e"), BMC_EINVAL);
	assert_int_equal(vendor_set("sub01", "lan_mac ae:0e:fb:84:0f:zz"), BMC_EINVAL);
	assert_int_equal(vendor_set("sub01", "no_field x"), BMC_EINVAL);
	usb("plug 2-1.2.3 loader soc=330c options=no-vendor");
	assert_int_equal(fixture_probe(t.f, "sub02", 20000), BMC_OK);
	assert_int_equal(vendor_set("sub02", "lan_mac " MAC), BMC_EIO);
	assert_int_equal(vendor_set("sub03", "lan_mac " MAC), BMC_ENOTSUP);
	usb("unplug 2-1.2.3");
	usb("plug 2-1.2.3 loader soc=330c options=fault=full");
	assert_int_equal(vendor_set("sub02", "lan_mac " MAC), BMC_EIO);
	usb("unplug 2-1.2.3");
	usb("plug 2-1.2.3 loader soc=330c options=fault=torn");
	assert_int_equal(vendor_set("sub02", "lan_mac " MAC), BMC_EABSENT);
}

static void a_stalled_command_is_recovered_from(void **state)
{
	(void)state;
	usb("plug 2-1.2.1 loader soc=330c options=fault=stall");
	assert_int_equal(fixture_probe(t.f, "sub01", 20000), BMC_OK);
	assert_int_equal(vendor_set("sub01", "lan_mac " MAC), BMC_OK);
}

static void a_loader_that_hangs_costs_its_own_call_only(void **state)
{
	int64_t begin = fixture_now(t.f);

	(void)state;
	usb("plug 2-1.2.1 loader soc=330c options=fault=hang");
	usb("plug 2-1.2.3 loader soc=330c");
	assert_int_equal(fixture_probe(t.f, "sub01", 400), BMC_ETIMEDOUT);
	assert_true(fixture_now(t.f) - begin < 10000);
	assert_int_equal(fixture_probe(t.f, "sub02", 20000), BMC_OK);
}

static void a_loader_goes_to_mask_rom_and_to_its_system(void **state)
{
	(void)state;
	usb("plug 2-1.2.1 loader soc=330c");
	assert_int_equal(usb_mode("sub01", BMC_USB_LOADER), BMC_OK);
	assert_int_equal(usb_mode("sub01", BMC_USB_FASTBOOT), BMC_ENOTSUP);
	assert_int_equal(usb_mode("sub01", BMC_USB_MASKROM), BMC_OK);
	assert_true(becomes("2-1.2.1", "maskrom"));
	assert_int_equal(usb_mode("sub01", BMC_USB_MASKROM), BMC_OK);
	usb("plug 2-1.2.3 loader soc=330c");
	assert_int_equal(usb_mode("sub02", BMC_USB_ADB), BMC_OK);
	assert_true(becomes("2-1.2.3", "adb"));
	assert_int_equal(usb_mode("sub03", BMC_USB_ADB), BMC_ENOTSUP);
}

static void a_mask_rom_takes_no_command_until_it_runs_usbplug(void **state)
{
	(void)state;
	usb("plug 2-1.2.1 maskrom soc=330c");
	assert_int_equal(
		fixture_verb(t.f, BMC_BOARD, "sub01", "usb_mode", BMC_USB_ADB, 300),
		BMC_ESTATE);
	usb("plug 2-1.2.3 usbplug soc=330c");
	assert_int_equal(usb_mode("sub02", BMC_USB_ADB), BMC_OK);
	assert_true(becomes("2-1.2.3", "adb"));
}

static void a_board_without_loader_is_left_to_its_system(void **state)
{
	(void)state;
	usb("plug 2-1.2.1 adb");
	assert_int_equal(fixture_probe(t.f, "sub01", 20000), BMC_OK);
	assert_int_equal(fixture_probe(t.f, "sub02", 20000),
			 BMC_OK); /* nothing there */
	assert_null(FIXTURE_BOARD(t.f, "sub01"));
	assert_int_equal(usb_mode("sub01", BMC_USB_LOADER), BMC_ESTATE);
	assert_non_null(strstr(fixture_error(t.f), "os_usb_mode"));
	assert_int_equal(vendor_set("sub01", "lan_mac " MAC), BMC_ESTATE);
	assert_int_equal(fixture_probe(t.f, "sub03", 20000), BMC_ENOTSUP);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		TEST(a_board_in_its_loader_has_an_identity),
		TEST(descriptors_on_which_libusb_never_ends_do_no_harm),
		TEST(cut_descriptors_have_no_interface),
		TEST(what_can_not_be_stored_is_said),
		TEST(a_stalled_command_is_recovered_from),
		TEST(a_loader_that_hangs_costs_its_own_call_only),
		TEST(a_loader_goes_to_mask_rom_and_to_its_system),
		TEST(a_mask_rom_takes_no_command_until_it_runs_usbplug),
		TEST(a_board_without_loader_is_left_to_its_system),
	};

	(void)argc;
	if (!below_umockdev(argv, "USB_WRAPPED", false))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
