// SPDX-License-Identifier: Apache-2.0
/* The simulator as the core sees it: what it reports, what its verbs do, its restart.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdlib.h>

#include <cmocka.h>

#include "sim-fixture.h"

extern const struct bmc_plugin bmc_plugin_simulator;

/* ---- what it reports ---- */

static void boards_boot_when_the_chassis_is_switched_on(void **state)
{
	struct fixture *r = sim_fixture_new("{pins: '@/simulator.pins'}");

	(void)state;
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->present, 1);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 1);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->usb_mode, BMC_USB_NONE);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->soc_temperature, BMC_UNKNOWN);
	fixture_run(r, BOOTED_MS);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->usb_mode, BMC_USB_ADB);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->adb_state, BMC_ADB_DEVICE);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->os, BMC_OS_ANDROID);
	assert_int_equal(FIXTURE_BOARD(r, "bare")->os, BMC_OS_LINUX);
	assert_true(FIXTURE_BOARD(r, "sub1-01")->soc_temperature > 20000);
	fixture_free(r);
}

static void speed_makes_boots_short(void **state)
{
	struct fixture *r = sim_fixture_new("{pins: '@/simulator.pins', speed: 20}");

	(void)state;
	fixture_run(r, 500);
	assert_int_equal(FIXTURE_BOARD(r, "sub2-02")->os, BMC_OS_ANDROID);
	fixture_free(r);
}

static void main_is_left_to_others_unless_asked_for(void **state)
{
	struct fixture *r = sim_fixture_new("{main: true}");

	fixture_run(r, BOOTED_MS);
	assert_null(FIXTURE_BOARD((struct fixture *)*state, "main"));
	assert_int_equal(FIXTURE_BOARD(r, "main")->os, BMC_OS_LINUX);
	fixture_free(r);
}

static void a_thousand_boards_boot_and_one_of_them_is_reset(void **state)
{
	static const char thousand[] =
		"platform: big\n"
		"chassis: [{id: enclosure}]\n"
		"chips:\n"
		"  - {id: reset, driver: simulator, lines: 1001}\n"
		"boards:\n"
		"  - range: {n: 1-1000}\n"
		"    id: \"b{n}\"\n"
		"    index: \"0.{n}\"\n"
		"    pins: [{name: reset, chip: reset, line: \"{n}\"}]\n";
	struct fixture *r = fixture_new(&(struct fixture_conf){
		&bmc_plugin_simulator, thousand, "{pins: '@/simulator.pins'}" });
	char id[BMC_ID_MAX];

	(void)state;
	fixture_run(r, BOOTED_MS);
	for (int n = 1; n <= 1000; n++) {
		(void)snprintf(id, sizeof(id), "b%d", n);
		assert_int_equal(FIXTURE_BOARD(r, id)->os, BMC_OS_ANDROID);
		assert_int_equal(FIXTURE_BOARD(r, id)->power_pin, BMC_UNKNOWN);
	}
	assert_int_equal(fixture_verb(r, BMC_BOARD, "b999", "reset", 0, 1000), BMC_OK);
	assert_int_equal(FIXTURE_BOARD(r, "b999")->usb_mode, BMC_USB_NONE);
	assert_int_equal(FIXTURE_BOARD(r, "b998")->usb_mode, BMC_USB_ADB);
	fixture_free(r);
}

static void every_part_has_readings(void **state)
{
	struct fixture *r = *state;
	const struct bmc_fan *fan = fixture_row(r, BMC_FAN, "fan1");
	const struct bmc_psu *psu = fixture_row(r, BMC_PSU, "psu1");
	const struct bmc_disk *disk = fixture_row(r, BMC_DISK, "disk1");
	const struct bmc_sensor *ntc = fixture_row(r, BMC_SENSOR, "ntc1");
	const struct bmc_sensor *rail = fixture_row(r, BMC_SENSOR, "rail");
	const struct bmc_nic *nic = fixture_row(r, BMC_NIC, "net1");
	const struct bmc_chassis *chassis = fixture_row(r, BMC_CHASSIS, "enclosure");
	const struct bmc_blade *blade = fixture_row(r, BMC_BLADE, "blade1");
	const struct bmc_board *board = FIXTURE_BOARD(r, "sub1-01");

	assert_true(fan->rpm > 2000 && fan->duty > 0 && fan->present == 1);
	assert_true(psu->input_ok == 1 && psu->output_power > 0 && psu->energy > 0);
	assert_true(psu->input_voltage > 200000 &&
		    psu->input_power > psu->output_power);
	assert_true(disk->bytes > 0 && disk->temperature > 0 &&
		    disk->failure_predicted == 0);
	assert_true(ntc->value > 20000 && ntc->value < 60000);
	assert_int_equal(rail->value, 12100);
	assert_int_equal(nic->link, BMC_LINK_UP);
	assert_true(chassis->power > blade->power && blade->power > board->power);
	assert_string_equal(board->serial, "B09CCSUB101");
	assert_int_equal(board->cpu_cores, 6);
	assert_string_equal(board->mac, "02:46:46:00:00:01");
}

static void a_board_without_a_thermometer_in_the_file_gets_one(void **state)
{
	struct fixture *r = *state;

	assert_non_null(fixture_row(r, BMC_SENSOR, "sub1-02-ntc"));
	assert_null(fixture_row(r, BMC_SENSOR, "sub1-01-ntc"));
	assert_string_equal(fixture_parent(r, BMC_SENSOR, "sub1-02-ntc"), "sub1-02");
	assert_non_null(fixture_row(r, BMC_SENSOR, "ambient"));
}

static void only_a_probe_reports_what_the_os_says(void **state)
{
	struct fixture *r = *state;

	assert_string_equal(FIXTURE_BOARD(r, "sub1-01")->os_version, "");
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->cpu_load, BMC_UNKNOWN);
	assert_int_equal(fixture_probe(r, "sub1-01", 1000), BMC_OK);
	assert_string_equal(FIXTURE_BOARD(r, "sub1-01")->os_version, "Android 10");
	assert_true(FIXTURE_BOARD(r, "sub1-01")->memory_used > 0);
	assert_string_equal(((const struct bmc_firmware *)fixture_row(r, BMC_FIRMWARE,
								      "sub1-01-os"))
				    ->version,
			    "Android 10");
	assert_int_equal(fixture_probe(r, "nobody", 1000), BMC_ENOTSUP);
}

static void what_did_not_change_is_not_reported_again_before_refresh(void **state)
{
	struct fixture *r = *state;
	size_t puts = fixture_puts(r);

	for (int i = 0; i < 100; i++)
		fixture_poll(r); /* the clock hardly moves */
	assert_true(fixture_puts(r) - puts < 40);
}

static void what_the_core_could_not_take_is_reported_again(void **state)
{
	struct fixture *r = *state;

	fixture_refuse(r, 1);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-01", "power", 0, 1000),
			 BMC_OK);
	fixture_run(r, 1100);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 0);
}

static void counters_of_interfaces_grow(void **state)
{
	struct fixture *r = *state;
	const struct bmc_nic *nic = fixture_row(r, BMC_NIC, "sub1-02-eth0");
	int64_t rx = nic->rx_bytes;

	assert_int_equal(nic->link, BMC_LINK_UP);
	fixture_run(r, 5000);
	nic = fixture_row(r, BMC_NIC, "sub1-02-eth0");
	assert_true(nic->rx_bytes > rx);
}

/* ---- verbs ---- */

static void power_goes_off_and_on_by_the_pin(void **state)
{
	struct fixture *r = *state;

	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-02", "power", 0, 1000),
			 BMC_OK);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->power_pin, 0);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->usb_mode, BMC_USB_NONE);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 1);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-02", "power", 1, 1000),
			 BMC_OK);
	fixture_run(r, BOOTED_MS);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->os, BMC_OS_ANDROID);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->boot_count, 2);
}

static void a_reset_pulse_between_two_polls_is_seen(void **state)
{
	struct fixture *r = *state;

	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub2-01", "reset", 0, 1000),
			 BMC_OK);
	assert_int_equal(FIXTURE_BOARD(r, "sub2-01")->usb_mode, BMC_USB_NONE);
	fixture_run(r, BOOTED_MS);
	assert_int_equal(FIXTURE_BOARD(r, "sub2-01")->os, BMC_OS_ANDROID);
}

static void a_reset_without_a_pin_is_an_error(void **state)
{
	assert_int_equal(fixture_verb(*state, BMC_BOARD, "bare", "reset", 0, 1000),
			 BMC_ENOTSUP);
}

static void os_reboot_leaves_usb_by_itself(void **state)
{
	struct fixture *r = *state;

	assert_int_equal(fixture_verb(r, BMC_BOARD, "bare", "os_reboot", 0, 1000),
			 BMC_OK);
	fixture_run(r, 2400);
	assert_int_equal(FIXTURE_BOARD(r, "bare")->usb_mode, BMC_USB_NONE);
	fixture_run(r, BOOTED_MS);
	assert_int_equal(FIXTURE_BOARD(r, "bare")->os, BMC_OS_LINUX);
}

static void a_halted_board_refuses_requests(void **state)
{
	struct fixture *r = *state;

	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-01", "os_shutdown", 0, 1000),
			 BMC_OK);
	fixture_run(r, 3000);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->usb_mode, BMC_USB_NONE);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 1);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-01", "os_reboot", 0, 1000),
			 BMC_ESTATE);
	assert_non_null(strstr(fixture_error(r), "sub1-01"));
}

static void usb_mode_sends_a_board_to_its_loader(void **state)
{
	struct fixture *r = *state;

	assert_int_equal(
		fixture_verb(r, BMC_BOARD, "sub1-01", "usb_mode", BMC_USB_LOADER, 1000),
		BMC_OK);
	fixture_run(r, BOOTED_MS);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->usb_mode, BMC_USB_LOADER);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-02", "usb_mode",
				      BMC_USB_MASKROM, 1000),
			 BMC_OK);
	fixture_run(r, BOOTED_MS);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->usb_mode, BMC_USB_MASKROM);
	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-03", "usb_mode",
				      BMC_USB_NETRECOVERY + 1, 1000),
			 BMC_ENOTSUP);
}

static void fans_follow_their_duty(void **state)
{
	struct fixture *r = *state;
	const struct bmc_fan *fan;

	assert_int_equal(fixture_verb(r, BMC_FAN, "fan1", "fan_duty", 100000, 1000),
			 BMC_OK);
	fixture_run(r, 15000);
	fan = fixture_row(r, BMC_FAN, "fan1");
	assert_int_equal(fan->duty, 100000);
	assert_int_equal(fan->mode, BMC_FAN_MANUAL);
	assert_true(fan->rpm > 11000);
	assert_int_equal(fixture_verb(r, BMC_FAN, "fan1", "fan_duty", 20000, 1000),
			 BMC_OK);
	fixture_run(r, 15000);
	fan = fixture_row(r, BMC_FAN, "fan1");
	assert_true(fan->rpm < 3000);
	assert_int_equal(
		fixture_verb(r, BMC_FAN, "fan1", "fan_mode", BMC_FAN_AUTOMATIC, 1000),
		BMC_OK);
	fixture_run(r, 15000);
	assert_true(((const struct bmc_fan *)fixture_row(r, BMC_FAN, "fan1"))->rpm >
		    3000);
	assert_int_equal(fixture_verb(r, BMC_FAN, "fan1", "fan_duty", 100001, 1000),
			 BMC_ERANGE);
	assert_int_equal(fixture_verb(r, BMC_FAN, "fan9", "fan_duty", 1, 1000),
			 BMC_ENOTFOUND);
}

static void locators_light_on_boards_blades_and_chassis(void **state)
{
	struct fixture *r = *state;

	assert_int_equal(fixture_verb(r, BMC_BOARD, "sub1-01", "locator", 1, 1000),
			 BMC_OK);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->locator, 1);
	assert_int_equal(fixture_verb(r, BMC_BLADE, "blade2", "locator", 1, 1000),
			 BMC_OK);
	assert_int_equal(((const struct bmc_blade *)fixture_row(r, BMC_BLADE, "blade2"))
				 ->locator,
			 1);
	assert_int_equal(fixture_verb(r, BMC_CHASSIS, "enclosure", "locator", 1, 1000),
			 BMC_OK);
	assert_int_equal(fixture_verb(r, BMC_FAN, "fan1", "locator", 1, 1000),
			 BMC_ENOTSUP);
}

/* ---- restart ---- */

static void boards_live_on_while_the_daemon_restarts(void **state)
{
	struct fixture *r = *state;

	(void)fixture_verb(r, BMC_BOARD, "sub1-01", "power", 0, 1000);
	(void)fixture_verb(r, BMC_BOARD, "sub1-02", "os_shutdown", 0, 1000);
	fixture_run(r, 5000);
	fixture_restart(r);
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 0);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->power_pin, 1);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->usb_mode, BMC_USB_NONE);
	assert_int_equal(FIXTURE_BOARD(r, "sub2-01")->os, BMC_OS_ANDROID);
}

static void what_a_tester_set_outlives_the_daemon(void **state)
{
	struct fixture *r = *state;

	sim_fixture_report(r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-01\","
			      "\"field\":\"present\",\"value\":false}");
	sim_fixture_report(r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-02\","
			      "\"field\":\"adb_state\",\"value\":\"recovery\"}");
	sim_fixture_report(r, "{\"op\":\"set\",\"kind\":\"board\",\"id\":\"sub1-02\","
			      "\"field\":\"model\",\"value\":\"\\\"\"}");
	sim_fixture_report(r,
			   "{\"op\":\"set\",\"kind\":\"fan\",\"id\":\"fan1\",\"field\":"
			   "\"rpm\",\"value\":null}");
	sim_fixture_report(r,
			   "{\"op\":\"set\",\"kind\":\"nic\",\"id\":\"net1\",\"field\":"
			   "\"present\",\"value\":false}");
	sim_fixture_report(r,
			   "{\"op\":\"fault\",\"id\":\"bare\",\"fault\":\"adb_fail\","
			   "\"seconds\":60}");
	fixture_restart(r);
	fixture_run(r, 1000);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->present, 0);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-02")->adb_state, BMC_ADB_RECOVERY);
	assert_string_equal(FIXTURE_BOARD(r, "sub1-02")->model, "\"");
	assert_int_equal(((const struct bmc_fan *)fixture_row(r, BMC_FAN, "fan1"))->rpm,
			 BMC_UNKNOWN);
	assert_null(fixture_row(r, BMC_NIC, "net1"));
	assert_int_equal(fixture_probe(r, "bare", 1000), BMC_EIO);
	sim_fixture_report(r, "{\"op\":\"clear\"}");
	fixture_restart(r);
	fixture_run(r, 1000);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->present, 1);
	assert_int_equal(fixture_probe(r, "bare", 1000), BMC_OK);
}

static void a_restart_before_anything_happened_boots_nothing(void **state)
{
	struct fixture *r = *state;

	fixture_restart(r);
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->os, BMC_OS_ANDROID);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->boot_count, 1);
}

static void pins_changed_while_the_daemon_was_away_count(void **state)
{
	struct fixture *r = *state;
	struct bmc_pinbank *bank = fixture_bank(r);
	struct bmc_trace_entry e = { .what = BMC_TRACE_PIN,
				     .chip = 0,
				     .line = 11,
				     .level = 0,
				     .board = "sub1-01",
				     .text = "power" };

	atomic_store(&bank->level[0][11], 0);
	(void)bmc_pinbank_trace(bank, &e);
	fixture_restart(r);
	fixture_poll(r);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 0);
}

static void a_writer_that_died_in_the_ring_is_passed_over(void **state)
{
	struct fixture *r = *state;
	struct bmc_pinbank *bank = fixture_bank(r);

	atomic_fetch_add(&bank->seq, 1); /* and killed before it wrote the entry */
	atomic_store(&bank->level[0][11], 0);
	fixture_run(r, 1500);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->power_pin, 0);
}

static void a_pin_bank_full_of_garbage_does_no_harm(void **state)
{
	struct fixture *r = *state;
	struct bmc_pinbank *bank = fixture_bank(r);

	memset(bank->ring, 0xff, sizeof(bank->ring));
	for (uint64_t i = 1; i <= 100; i++)
		atomic_store(&bank->ring[i].seq, i);
	atomic_store(&bank->seq, 100);
	fixture_restart(r);
	fixture_run(r, 2000);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->present, 1);
	atomic_store(&bank->seq, UINT64_MAX / 2);
	fixture_run(r, 100);
	assert_int_equal(FIXTURE_BOARD(r, "sub1-01")->present, 1);
}

static void the_same_seed_gives_the_same_run(void **state)
{
	struct fixture *a = sim_fixture_new("{seed: 7}");
	int64_t power;

	(void)state;
	fixture_run(a, 20000);
	power = ((const struct bmc_chassis *)fixture_row(a, BMC_CHASSIS, "enclosure"))
			->power;
	fixture_free(a);
	a = sim_fixture_new("{seed: 7}");
	fixture_run(a, 20000);
	/* The fixture's clock is real below its steps: near, not equal. */
	assert_true(llabs(((const struct bmc_chassis *)fixture_row(a, BMC_CHASSIS,
								   "enclosure"))
				  ->power -
			  power) < power / 20);
	fixture_free(a);
}

#define TEST(f) \
	cmocka_unit_test_setup_teardown(f, sim_fixture_setup, sim_fixture_teardown)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(boards_boot_when_the_chassis_is_switched_on),
		cmocka_unit_test(speed_makes_boots_short),
		TEST(main_is_left_to_others_unless_asked_for),
		cmocka_unit_test(a_thousand_boards_boot_and_one_of_them_is_reset),
		TEST(every_part_has_readings),
		TEST(a_board_without_a_thermometer_in_the_file_gets_one),
		TEST(only_a_probe_reports_what_the_os_says),
		TEST(what_did_not_change_is_not_reported_again_before_refresh),
		TEST(what_the_core_could_not_take_is_reported_again),
		TEST(counters_of_interfaces_grow),
		TEST(power_goes_off_and_on_by_the_pin),
		TEST(a_reset_pulse_between_two_polls_is_seen),
		TEST(a_reset_without_a_pin_is_an_error),
		TEST(os_reboot_leaves_usb_by_itself),
		TEST(a_halted_board_refuses_requests),
		TEST(usb_mode_sends_a_board_to_its_loader),
		TEST(fans_follow_their_duty),
		TEST(locators_light_on_boards_blades_and_chassis),
		TEST(boards_live_on_while_the_daemon_restarts),
		TEST(what_a_tester_set_outlives_the_daemon),
		TEST(a_restart_before_anything_happened_boots_nothing),
		TEST(pins_changed_while_the_daemon_was_away_count),
		TEST(a_writer_that_died_in_the_ring_is_passed_over),
		TEST(a_pin_bank_full_of_garbage_does_no_harm),
		cmocka_unit_test(the_same_seed_gives_the_same_run),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
