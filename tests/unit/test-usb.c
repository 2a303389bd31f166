// SPDX-License-Identifier: Apache-2.0
// The plugin `usb` with the real libusb in an emulated world (tests/rigs/usb-world.h):
// boards on the ports of hubs, in all modes, that come, go and lie.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/fsuid.h>
#include <time.h>
#include <unistd.h>

#include <cmocka.h>

#include "below-umockdev.h"
#include "bmc/error.h"
#include "plugin-fixture-own.h"
#include "rigs/usb-world.h"

extern const struct bmc_plugin bmc_plugin_usb;

#define EVENTUALLY_MS 20000
#define HOSTILE_S     10

/* Eleven boards of an R1, as the seed's page shows their ports; two more hubs than
 * that. */
static const char platform[] = "platform: test\n"
			       "sources: {default: usb}\n"
			       "chassis: [{id: enclosure}]\n"
			       "boards:\n"
			       "  - {id: main, is_main: true, index: '0.0'}\n"
			       "  - {id: sub01, soc: RK3399, usb: 2-1.2.1}\n"
			       "  - {id: sub02, soc: RK3399, usb: 2-1.2.3}\n"
			       "  - {id: sub03, soc: RK3328, usb: 2-1.2.4}\n"
			       "  - {id: sub04, soc: RK3399, usb: '2-1.4'}\n"
			       "  - {id: sub05, usb: '1-1'}\n";

static struct {
	struct usb_world *world;
	struct fixture *f;
} t;

/* clang-format off */
#define DEVICE(configurations) \
	18, 1, 1, 2, 0, 0, 0, 64, 7, 0x22, 0x0c, 0x33, 0, 1, 1, 2, 3, configurations
#define CONFIGURATION 9, 2, 32, 0, 1, 1, 0, 0x80, 250
#define INTERFACE \
	9, 4, 0, 0, 2, 0xff, 6, 5, 0, 7, 5, 0x81, 2, 0, 2, 0, 7, 5, 1, 2, 0, 2, 0
/* clang-format on */

/* ---- helpers ---- */

static void usb(const char *line)
{
	int code = usb_world_run(t.world, line, NULL, 0);

	if (code < 0)
		fail_msg("%s: %s", line, strerror(-code));
}

static int64_t mode_of(const char *id)
{
	const struct bmc_board *b;
	int64_t mode;

	pthread_mutex_lock(&t.f->lock);
	b = FIXTURE_BOARD(t.f, id);
	mode = b ? b->usb_mode : BMC_UNKNOWN;
	pthread_mutex_unlock(&t.f->lock);
	return mode;
}

static void expect_mode(const char *id, int64_t mode)
{
	for (int ms = 0; ms < EVENTUALLY_MS; ms += 5) {
		if (mode_of(id) == mode)
			return;
		usleep(5000);
	}
	fail_msg("%s: mode %lld, not %lld", id, (long long)mode_of(id),
		 (long long)mode);
}

/* A line may come after the values that it is about. */
static void expect_logged(const char *part)
{
	for (int ms = 0; ms < EVENTUALLY_MS; ms += 5) {
		if (fixture_logged(t.f, part))
			return;
		usleep(5000);
	}
	fail_msg("not logged: %s", part);
}

static void probe(const char *id, int expected)
{
	int code = fixture_probe(t.f, id, 5000);

	if (code != expected)
		fail_msg("probe of %s: %d (%s), not %d", id, code, fixture_error(t.f),
			 expected);
}

static int setup(void **state)
{
	static const struct fixture_conf conf = {
		.plugin = &bmc_plugin_usb,
		.platform = platform,
		.settings = "{timeout: 100ms, off: 20ms}"
	};

	(void)state;
	t.world = usb_world_new();
	assert_non_null(t.world);
	t.f = fixture_new(&conf);
	fixture_sleep_really(t.f, 5); /* the world takes its time, too */
	return 0;
}

static int teardown(void **state)
{
	(void)state;
	fixture_free(t.f);
	usb_world_free(t.world);
	return 0;
}

/* ---- the tests ---- */

static void empty_ports_show_nothing(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	expect_mode("sub01", BMC_USB_NONE);
	expect_mode("sub05", BMC_USB_NONE);
	assert_int_equal(mode_of("main"), BMC_UNKNOWN);
	assert_int_equal(fixture_serve_stop(t.f), BMC_ECANCELED);
}

static void each_mode_is_told_from_the_descriptors(void **state)
{
	static const struct {
		const char *mode;
		int64_t shown;
	} modes[] = {
		{ "loader", BMC_USB_LOADER },   { "maskrom", BMC_USB_MASKROM },
		{ "adb", BMC_USB_ADB },         { "fastboot", BMC_USB_FASTBOOT },
		{ "storage", BMC_USB_STORAGE }, { "dfu", BMC_USB_DFU },
		{ "other", BMC_USB_DEVICE },
	};
	char line[64];

	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.2.3 adb");
	for (size_t i = 0; i < sizeof(modes) / sizeof(modes[0]); i++) {
		(void)snprintf(line, sizeof(line), "mode 2-1.2.3 %s", modes[i].mode);
		usb(line);
		expect_mode("sub02", modes[i].shown);
	}
	usb("unplug 2-1.2.3");
	expect_mode("sub02", BMC_USB_NONE);
	assert_int_equal(mode_of("sub01"), BMC_USB_NONE);
}

static void a_mask_rom_that_answers_is_usbplug(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.2.1 maskrom");
	usb("plug 2-1.2.3 usbplug");
	expect_mode("sub01", BMC_USB_MASKROM);
	expect_mode("sub02", BMC_USB_MASKROM);
	probe("sub01", BMC_OK);
	probe("sub02", BMC_OK);
	expect_mode("sub01", BMC_USB_MASKROM);
	expect_mode("sub02", BMC_USB_USBPLUG);
	/* asked once: now it would stall */
	usb("fault 2-1.2.3 stall");
	probe("sub02", BMC_OK);
	assert_int_equal(mode_of("sub02"), BMC_USB_USBPLUG);
	/* and anew when it comes anew */
	usb("mode 2-1.2.3 maskrom");
	expect_mode("sub02", BMC_USB_MASKROM);
	probe("sub02", BMC_OK);
	assert_int_equal(mode_of("sub02"), BMC_USB_MASKROM);
}

static void netrecovery_is_told_by_its_product(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.4 netrecovery product=Firefly-Netrecovery serial=N1");
	expect_mode("sub04", BMC_USB_ADB);
	probe("sub04", BMC_OK);
	expect_mode("sub04", BMC_USB_NETRECOVERY);
}

static void serial_numbers_are_of_systems_and_clean(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.2.1 adb serial=A8232SUB03");
	usb("plug 2-1.2.3 adb serial=A8232SUB03");
	usb("plug 2-1.2.4 loader soc=320c serial=rockchip");
	usb("plug 2-1.4 adb serial=bad\x01number");
	expect_mode("sub04", BMC_USB_ADB);
	for (int i = 1; i < 5; i++) {
		char id[8];

		(void)snprintf(id, sizeof(id), "sub0%d", i);
		probe(id, BMC_OK);
	}
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->serial, "A8232SUB03");
	assert_string_equal(FIXTURE_BOARD(t.f, "sub02")->serial, "A8232SUB03");
	assert_string_equal(FIXTURE_BOARD(t.f, "sub03")->serial, "");
	assert_string_equal(FIXTURE_BOARD(t.f, "sub04")->serial, "");
	expect_logged("have the same serial number, A8232SUB03");
	expect_logged("sub04: its serial number");
	/* one leaves: the other stays what it is */
	usb("unplug 2-1.2.1");
	expect_mode("sub01", BMC_USB_NONE);
	assert_string_equal(FIXTURE_BOARD(t.f, "sub01")->serial, "");
	assert_int_equal(mode_of("sub02"), BMC_USB_ADB);
}

static void what_does_not_fit_the_platform_file_is_logged(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	expect_mode("sub01", BMC_USB_NONE);
	usb("plug 2-1.2.4 maskrom soc=330c"); /* the platform file says RK3328 */
	usb("plug 2-1.2.1 loader soc=330c");
	usb("plug 2-1.3 adb"); /* no board of the platform file */
	usb("hub 1-1 4 none"); /* sub05's port is a hub's */
	expect_mode("sub03", BMC_USB_MASKROM);
	expect_mode("sub05", BMC_USB_UNKNOWN);
	expect_logged("sub03: USB shows the SoC RK3399");
	assert_false(fixture_logged(t.f, "sub01: USB shows"));
	expect_logged("2-1.3: a board (2207:0006)");
	expect_logged("sub05: a hub is at 1-1");
}

static void write_descriptors(const unsigned char *desc, size_t len)
{
	FILE *f = fopen("/sys/bus/usb/devices/2-1.2.4/descriptors", "w");

	assert_non_null(f);
	assert_int_equal(fwrite(desc, 1, len, f), len);
	(void)fclose(f);
}

/* A device may be there before its descriptors. */
static void what_does_not_fit_is_logged_when_it_is_known(void **state)
{
	static const unsigned char rk3399[] = { DEVICE(1), CONFIGURATION, INTERFACE };

	(void)state;
	usb("plug 2-1.2.4 loader soc=330c");
	write_descriptors(rk3399, 0);
	fixture_poll(t.f);
	assert_int_equal(mode_of("sub03"), BMC_USB_DEVICE);
	assert_false(fixture_logged(t.f, "sub03: USB shows"));
	write_descriptors(rk3399, sizeof(rk3399));
	fixture_poll(t.f);
	assert_int_equal(mode_of("sub03"), BMC_USB_LOADER);
	assert_true(fixture_logged(t.f, "sub03: USB shows the SoC RK3399"));
	fixture_log_clear(t.f);
	fixture_poll(t.f);
	assert_false(fixture_logged(t.f, "sub03: USB shows"));
}

static void missed_events_are_made_up_for_by_a_poll(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	expect_mode("sub02", BMC_USB_NONE);
	usb("events off");
	usb("plug 2-1.2.3 adb");
	usleep(20000);
	assert_int_equal(mode_of("sub02"), BMC_USB_NONE);
	fixture_poll(t.f);
	assert_int_equal(mode_of("sub02"), BMC_USB_ADB);
	usb("unplug 2-1.2.3");
	fixture_poll(t.f);
	assert_int_equal(mode_of("sub02"), BMC_USB_NONE);
	usb("events on");
	usb("plug 2-1.2.3 loader");
	expect_mode("sub02", BMC_USB_LOADER);
}

static void a_put_that_was_refused_is_put_again(void **state)
{
	(void)state;
	fixture_poll(t.f);
	usb("plug 2-1.2.3 adb");
	fixture_refuse(t.f, 2); /* gone and come: the first poll's */
	fixture_poll(t.f);
	fixture_poll(t.f);
	assert_int_equal(mode_of("sub02"), BMC_USB_ADB);
}

static void values_are_put_again_before_they_grow_stale(void **state)
{
	size_t before;

	(void)state;
	fixture_poll(t.f);
	before = fixture_puts(t.f);
	fixture_run(t.f, 9000);
	assert_int_equal(fixture_puts(t.f), before);
	fixture_run(t.f, 2000);
	assert_int_equal(fixture_puts(t.f), before + 5);
}

static void a_device_that_hangs_is_given_up(void **state)
{
	int64_t began = fixture_now(t.f);

	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.2.3 usbplug");
	usb("fault 2-1.2.3 hang");
	expect_mode("sub02", BMC_USB_MASKROM);
	probe("sub02", BMC_OK);
	assert_int_equal(mode_of("sub02"), BMC_USB_MASKROM);
	assert_true(fixture_now(t.f) - began < EVENTUALLY_MS);
}

static void a_device_that_fails_is_an_error_and_leaving_is_none(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.2.3 usbplug");
	expect_mode("sub02", BMC_USB_MASKROM);
	usb("fault 2-1.2.3 nodev"); /* leaves when it is spoken to */
	probe("sub02", BMC_OK);
	expect_mode("sub02", BMC_USB_NONE);
	probe("sub02", BMC_OK);
}

/* As a user whom the device's node is not for. */
static void a_missing_permission_names_the_rule(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.2.3 usbplug");
	usb("fault 2-1.2.3 noaccess");
	expect_mode("sub02", BMC_USB_MASKROM);
	probe("sub01", BMC_OK); /* asks the hub, which stays open to all */
	if (geteuid() == 0)
		(void)setfsuid(65534);
	probe("sub02", BMC_EPERM);
	(void)setfsuid(geteuid());
	assert_non_null(strstr(fixture_error(t.f), "70-clusterbmc-usb.rules"));
	assert_int_equal(mode_of("sub02"), BMC_USB_MASKROM);
}

static void boards_that_are_not_on_usb_are_not_probed(void **state)
{
	(void)state;
	probe("main", BMC_ENOTSUP);
	probe("sub01", BMC_OK);
}

/* Until all events so far have been taken: umockdev's queue is short. */
static void keep_pace(unsigned i)
{
	usb(i % 2 ? "mode 2-1.2.1 adb" : "mode 2-1.2.1 loader");
	expect_mode("sub01", i % 2 ? BMC_USB_ADB : BMC_USB_LOADER);
}

static void plug_raw(const char *path, const unsigned char *desc, size_t len)
{
	char line[300];
	int used = snprintf(line, sizeof(line), "raw %s ", path);

	for (size_t i = 0; i < len; i++)
		used += snprintf(line + used, sizeof(line) - (size_t)used, "%02x",
				 desc[i]);
	usb(line);
}

/* With either of these libusb 1.0.26 never ends as soon as it makes its list: it looks
 * for the second configuration and takes a descriptor of length 0 for one. The first is
 * what a kernel shows: it takes a configuration's header for longer than 9 bytes when
 * it says so, and does not look at what is in the rest. The second no kernel shows. */
static void descriptors_on_which_libusb_never_ends_do_no_harm(void **state)
{
	static const unsigned char longer[] = {
		DEVICE(2),     11,       2, 34, 0, 1, 1, 0, 0x80, 250, 0, 0, INTERFACE,
		CONFIGURATION, INTERFACE
	};
	static const unsigned char empty[] = { DEVICE(2), CONFIGURATION, 0, 0,
					       INTERFACE };

	(void)state;
	fixture_serve_start(t.f);
	plug_raw("2-1.2.4", longer, sizeof(longer));
	plug_raw("2-1.3", empty, sizeof(empty)); /* on no board's port */
	usb("plug 2-1.2.3 usbplug");
	expect_mode("sub02", BMC_USB_MASKROM);
	expect_mode("sub03", BMC_USB_LOADER);
	probe("sub03", BMC_OK);
	probe("sub02", BMC_OK);
	assert_int_equal(mode_of("sub02"), BMC_USB_USBPLUG);
	usb("mode 2-1.2.3 adb");
	expect_mode("sub02", BMC_USB_ADB);
	assert_int_equal(fixture_verb(t.f, BMC_BOARD, "sub02", "hub_reset", 0, 20000),
			 BMC_OK);
	usb("unplug 2-1.2.4");
	expect_mode("sub03", BMC_USB_NONE);
}

/* USB_DESCRIPTORS of them, or as many of these 10,000 as there are in HOSTILE_S; each
 * is a device that comes, is probed and goes. */
static void hostile_descriptors_do_no_harm(void **state)
{
	static const unsigned char one[] = { DEVICE(1), CONFIGURATION, INTERFACE };
	static const unsigned char two[] = { DEVICE(2), CONFIGURATION, INTERFACE,
					     CONFIGURATION, INTERFACE };
	const char *many = getenv("USB_DESCRIPTORS");
	unsigned n = many ? (unsigned)strtoul(many, NULL, 10) : 10000, i;
	time_t end = time(NULL) + (many ? 3600 : HOSTILE_S);
	uint32_t x = 1;

	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.2.1 adb");
	for (i = 0; i < n && time(NULL) < end; i++) {
		unsigned char desc[sizeof(two)];
		size_t len = i % 2 ? sizeof(two) : sizeof(one);

		memcpy(desc, i % 2 ? two : one, len);
		for (size_t k = 0; k < len; k++) {
			x = x * 1664525u + 1013904223u;
			desc[k] = x >> 28 ? desc[k] : (unsigned char)(x >> 8);
		}
		plug_raw("2-1.2.3", desc, len);
		(void)fixture_probe(t.f, "sub02", 5000);
		usb("unplug 2-1.2.3");
		keep_pace(i);
	}
	print_message("%u hostile descriptors\n", i);
	usb("plug 2-1.2.3 adb");
	expect_mode("sub02", BMC_USB_ADB);
}

/* At every moment: during the enumeration and during a probe, too. */
static void replugging_without_pause_ends_as_what_is_there(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	usb("plug 2-1.2.3 usbplug");
	usb("plug 2-1.2.1 adb");
	for (unsigned i = 0; i < 60; i++) {
		usb_world_start(t.world, "mode 2-1.2.3 maskrom");
		(void)fixture_probe(t.f, "sub02", 5000);
		usb_world_start(t.world, "mode 2-1.2.3 usbplug");
		usleep(i * 100);
		(void)fixture_probe(t.f, "sub02", 5000);
		keep_pace(i);
	}
	usb("mode 2-1.2.3 loader");
	expect_mode("sub02", BMC_USB_LOADER);
	usb("unplug 2-1.2.3");
	expect_mode("sub02", BMC_USB_NONE);
}

/* ---- hubs ---- */

static int reset(const char *id)
{
	return fixture_verb(t.f, BMC_BOARD, id, "hub_reset", 0, 20000);
}

static void a_port_is_switched_alone_where_the_hub_can(void **state)
{
	char log[200];

	(void)state;
	fixture_serve_start(t.f);
	usb("hub 2-1.2 4 individual");
	usb("plug 2-1.2.1 adb");
	usb("plug 2-1.2.3 adb");
	expect_mode("sub02", BMC_USB_ADB);
	/* not asked yet: all its boards */
	assert_string_equal(fixture_also(t.f, "sub02", "hub_reset"), "sub01 sub03 ");
	probe("sub02", BMC_OK);
	assert_string_equal(fixture_also(t.f, "sub02", "hub_reset"), "");
	(void)usb_world_run(t.world, "log", log, sizeof(log));
	assert_int_equal(reset("sub02"), BMC_OK);
	expect_mode("sub02", BMC_USB_ADB);
	assert_int_equal(mode_of("sub01"), BMC_USB_ADB);
	(void)usb_world_run(t.world, "log", log, sizeof(log));
	assert_string_equal(log, "2-1.2 3 off\n2-1.2 3 on\n");
}

static void a_ganged_hub_takes_all_its_boards(void **state)
{
	char log[400];

	(void)state;
	fixture_serve_start(t.f);
	usb("hub 2-1.2 4 ganged");
	usb("plug 2-1.2.1 adb");
	usb("plug 2-1.2.3 adb");
	usb("plug 2-1.4 adb");
	expect_mode("sub04", BMC_USB_ADB);
	probe("sub02", BMC_OK);
	assert_string_equal(fixture_also(t.f, "sub02", "hub_reset"), "sub01 sub03 ");
	assert_int_equal(reset("sub02"), BMC_OK);
	expect_mode("sub01", BMC_USB_ADB);
	expect_mode("sub02", BMC_USB_ADB);
	(void)usb_world_run(t.world, "log", log, sizeof(log));
	assert_string_equal(log, "2-1.2 1 off\n2-1.2 2 off\n2-1.2 3 off\n2-1.2 4 off\n"
				 "2-1.2 1 on\n2-1.2 2 on\n2-1.2 3 on\n2-1.2 4 on\n");
}

static void a_hub_that_cannot_switch_says_so(void **state)
{
	(void)state;
	fixture_serve_start(t.f);
	usb("hub 2-1.2 4 none");
	usb("plug 2-1.2.3 adb");
	expect_mode("sub02", BMC_USB_ADB);
	assert_int_equal(reset("sub02"), BMC_ENOTSUP);
	assert_non_null(strstr(fixture_error(t.f), "can't switch"));
	usb("fault 2-1.2 eio");
	assert_int_equal(reset("sub02"), BMC_EIO);
	assert_int_equal(reset("sub05"), BMC_ENOTSUP); /* its bus is not there */
}

/* Its boards are gone with it: the port above is what can bring them back. */
static void of_a_hub_that_is_gone_the_one_above_is_switched(void **state)
{
	char log[200];

	(void)state;
	fixture_serve_start(t.f);
	usb("hub 2-1 4 individual");
	usb("hub 2-1.2 4 individual");
	usb("plug 2-1.2.3 adb");
	usb("plug 2-1.4 adb");
	expect_mode("sub02", BMC_USB_ADB);
	usb("power 2-1 2 off"); /* it drops all that is below */
	expect_mode("sub02", BMC_USB_NONE);
	fixture_poll(t.f);
	probe("sub04", BMC_OK); /* asks 2-1 */
	assert_string_equal(fixture_also(t.f, "sub02", "hub_reset"), "sub01 sub03 ");
	assert_int_equal(reset("sub02"), BMC_OK);
	expect_mode("sub02", BMC_USB_ADB);
	(void)usb_world_run(t.world, "log", log, sizeof(log));
	assert_string_equal(log, "2-1 2 off\n2-1 2 on\n");
}

int main(int argc, char **argv)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		T(empty_ports_show_nothing),
		T(each_mode_is_told_from_the_descriptors),
		T(a_mask_rom_that_answers_is_usbplug),
		T(netrecovery_is_told_by_its_product),
		T(serial_numbers_are_of_systems_and_clean),
		T(what_does_not_fit_the_platform_file_is_logged),
		T(what_does_not_fit_is_logged_when_it_is_known),
		T(missed_events_are_made_up_for_by_a_poll),
		T(a_put_that_was_refused_is_put_again),
		T(values_are_put_again_before_they_grow_stale),
		T(a_device_that_hangs_is_given_up),
		T(a_device_that_fails_is_an_error_and_leaving_is_none),
		T(a_missing_permission_names_the_rule),
		T(boards_that_are_not_on_usb_are_not_probed),
		T(descriptors_on_which_libusb_never_ends_do_no_harm),
		T(hostile_descriptors_do_no_harm),
		T(replugging_without_pause_ends_as_what_is_there),
		T(a_port_is_switched_alone_where_the_hub_can),
		T(a_ganged_hub_takes_all_its_boards),
		T(a_hub_that_cannot_switch_says_so),
		T(of_a_hub_that_is_gone_the_one_above_is_switched),
	};

	(void)argc;
	if (!below_umockdev(argv, "USB_WRAPPED", false))
		return 0;
	return cmocka_run_group_tests(tests, NULL, NULL);
}
