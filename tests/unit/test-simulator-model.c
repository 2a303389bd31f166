// SPDX-License-Identifier: Apache-2.0
/* One simulated board and the physics around it: pure functions with any time. */

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>

#include <cmocka.h>

#include "plugins/simulator/board-model.h"
#include "plugins/simulator/physics.h"

#define T0 1000000

static struct sim_board_model off_board(void)
{
	struct sim_board_model m;

	sim_board_init(&m, BMC_OS_ANDROID, false);
	return m;
}

static struct sim_board_model up_board(void)
{
	struct sim_board_model m;

	sim_board_init(&m, BMC_OS_LINUX, true);
	return m;
}

static enum bmc_usb_mode usb_at(struct sim_board_model *m, int64_t t)
{
	sim_board_step(m, t);
	return sim_board_seen(m, t).usb;
}

static void power_leads_through_loader_and_adb_to_the_os(void **state)
{
	struct sim_board_model m = off_board();
	struct sim_seen s;

	(void)state;
	sim_board_power(&m, true, T0);
	assert_int_equal(usb_at(&m, T0 + 100), BMC_USB_NONE);
	assert_int_equal(usb_at(&m, T0 + 1300), BMC_USB_LOADER);
	assert_int_equal(usb_at(&m, T0 + 3000), BMC_USB_NONE);
	assert_int_equal(usb_at(&m, T0 + 6000), BMC_USB_ADB);
	assert_int_equal(sim_board_seen(&m, T0 + 6000).adb, BMC_ADB_OFFLINE);
	sim_board_step(&m, T0 + 7500);
	s = sim_board_seen(&m, T0 + 7500);
	assert_int_equal(s.adb, BMC_ADB_DEVICE);
	assert_int_equal(s.os, BMC_OS_UNKNOWN);
	sim_board_step(&m, T0 + 8001);
	assert_int_equal(sim_board_seen(&m, T0 + 8001).os, BMC_OS_ANDROID);
	assert_int_equal(m.boots, 1);
}

static void one_long_step_ends_where_many_short_ones_do(void **state)
{
	struct sim_board_model a = off_board(), b = off_board();

	(void)state;
	sim_board_power(&a, true, T0);
	sim_board_power(&b, true, T0);
	sim_board_step(&a, T0 + 100000);
	for (int64_t t = T0; t <= T0 + 100000; t += 37)
		sim_board_step(&b, t);
	assert_int_equal(a.phase, SIM_UP);
	assert_int_equal(b.phase, SIM_UP);
}

static void reset_starts_when_it_is_released(void **state)
{
	struct sim_board_model m = up_board();

	(void)state;
	sim_board_reset(&m, true, T0);
	assert_int_equal(usb_at(&m, T0 + 5000), BMC_USB_NONE);
	assert_int_equal(m.phase, SIM_OFF);
	sim_board_reset(&m, false, T0 + 5000);
	assert_int_equal(m.phase, SIM_DARK);
	sim_board_step(&m, T0 + 5000 + 8001);
	assert_int_equal(m.phase, SIM_UP);
	assert_int_equal(m.boots, 1);
}

static void reset_of_a_board_without_power_starts_nothing(void **state)
{
	struct sim_board_model m = off_board();

	(void)state;
	sim_board_reset(&m, true, T0);
	sim_board_reset(&m, false, T0 + 200);
	sim_board_step(&m, T0 + 100000);
	assert_int_equal(m.phase, SIM_OFF);
	assert_int_equal(m.boots, 0);
}

static void shutdown_leaves_the_board_halted_with_power(void **state)
{
	struct sim_board_model m = up_board();

	(void)state;
	assert_true(sim_board_shutdown(&m, T0));
	assert_int_equal(usb_at(&m, T0 + 100), BMC_USB_ADB);
	assert_int_equal(usb_at(&m, T0 + 2000), BMC_USB_NONE);
	assert_int_equal(m.phase, SIM_HALTED);
	assert_true(sim_board_seen(&m, T0 + 2000).power);
	assert_false(sim_board_restart(&m, BMC_USB_NONE, T0 + 2000));
}

static void reboot_leaves_usb_and_comes_back(void **state)
{
	struct sim_board_model m = up_board();

	(void)state;
	assert_true(sim_board_restart(&m, BMC_USB_NONE, T0));
	assert_int_equal(usb_at(&m, T0 + 1600), BMC_USB_NONE);
	assert_int_equal(usb_at(&m, T0 + 1500 + 8001), BMC_USB_ADB);
	assert_int_equal(m.phase, SIM_UP);
}

static void a_board_sent_to_loader_stays_there_until_reset(void **state)
{
	struct sim_board_model m = up_board();

	(void)state;
	assert_true(sim_board_restart(&m, BMC_USB_LOADER, T0));
	assert_int_equal(usb_at(&m, T0 + 600000), BMC_USB_LOADER);
	assert_int_equal(m.phase, SIM_HELD);
	sim_board_reset(&m, true, T0 + 600000);
	sim_board_reset(&m, false, T0 + 600200);
	sim_board_step(&m, T0 + 700000);
	assert_int_equal(m.phase, SIM_UP);
}

static void stuck_pins_are_felt_when_the_fault_ends(void **state)
{
	struct sim_board_model m = up_board();

	(void)state;
	sim_board_fault(&m, SIM_PIN_STUCK, T0, T0 + 1000);
	sim_board_power(&m, false, T0);
	sim_board_step(&m, T0 + 999);
	assert_true(sim_board_seen(&m, T0 + 999).power);
	sim_board_step(&m, T0 + 1000);
	assert_false(sim_board_seen(&m, T0 + 1000).power);
}

static void a_reset_during_stuck_pins_is_lost(void **state)
{
	struct sim_board_model m = up_board();

	(void)state;
	sim_board_fault(&m, SIM_PIN_STUCK, T0, T0 + 1000);
	sim_board_reset(&m, true, T0);
	sim_board_reset(&m, false, T0 + 200);
	sim_board_step(&m, T0 + 2000);
	assert_int_equal(m.phase, SIM_UP);
	assert_int_equal(m.boots, 0);
}

static void no_boot_keeps_it_dark_until_the_fault_ends(void **state)
{
	struct sim_board_model m = off_board();

	(void)state;
	sim_board_fault(&m, SIM_NO_BOOT, T0, T0 + 50000);
	sim_board_power(&m, true, T0);
	sim_board_step(&m, T0 + 49999);
	assert_int_equal(m.phase, SIM_DARK);
	sim_board_step(&m, T0 + 58000);
	assert_int_equal(m.phase, SIM_UP);
}

static void slow_boot_takes_four_times_as_long(void **state)
{
	struct sim_board_model m = off_board();

	(void)state;
	sim_board_fault(&m, SIM_SLOW_BOOT, T0, T0 + 10);
	sim_board_power(&m, true, T0);
	sim_board_step(&m, T0 + 31999);
	assert_int_not_equal(m.phase, SIM_UP);
	sim_board_step(&m, T0 + 32000);
	assert_int_equal(m.phase, SIM_UP);
}

static void usb_flap_shows_both_within_a_second(void **state)
{
	struct sim_board_model m = up_board();
	unsigned none = 0, adb = 0;

	(void)state;
	sim_board_fault(&m, SIM_USB_FLAP, T0, T0 + 1000);
	for (int64_t t = T0; t < T0 + 1000; t += 50) {
		none += usb_at(&m, t) == BMC_USB_NONE;
		adb += usb_at(&m, t) == BMC_USB_ADB;
	}
	assert_true(none > 0 && adb > 0);
	assert_int_equal(usb_at(&m, T0 + 1000), BMC_USB_ADB);
}

static void a_pulled_board_is_off_and_boots_when_put_back(void **state)
{
	struct sim_board_model m = up_board();

	(void)state;
	sim_board_present(&m, false, T0);
	assert_int_equal(m.phase, SIM_OFF);
	sim_board_present(&m, true, T0 + 1000);
	assert_int_equal(m.phase, SIM_DARK);
}

/* ---- physics ---- */

static void approach_never_overshoots(void **state)
{
	double v = 20.0;

	(void)state;
	for (int i = 0; i < 1000; i++) {
		double next = sim_approach(v, 50.0, 600000, 1000);

		assert_true(next >= v && next <= 50.0);
		v = next;
	}
	assert_true(v > 49.9);
}

static void less_air_and_more_watts_are_hotter(void **state)
{
	(void)state;
	assert_true(sim_soc_target(25, 6, 0.0) > sim_soc_target(25, 6, 1.0) + 20);
	assert_true(sim_soc_target(25, 9, 0.5) > sim_soc_target(25, 3, 0.5));
	assert_true(sim_soc_target(25, 0, 0.5) == 25.0);
}

static void the_fan_curve_rises_to_full_and_no_further(void **state)
{
	int64_t last = 0;

	(void)state;
	for (double c = 0; c < 120; c += 1) {
		assert_true(sim_fan_curve(c) >= last);
		last = sim_fan_curve(c);
	}
	assert_int_equal(last, 100000);
}

static void readings_come_in_the_steps_of_their_sensor(void **state)
{
	(void)state;
	assert_int_equal(sim_milli(34.779, 100), 34800);
	assert_int_equal(sim_milli(-5.26, 500), -5500);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(power_leads_through_loader_and_adb_to_the_os),
		cmocka_unit_test(one_long_step_ends_where_many_short_ones_do),
		cmocka_unit_test(reset_starts_when_it_is_released),
		cmocka_unit_test(reset_of_a_board_without_power_starts_nothing),
		cmocka_unit_test(shutdown_leaves_the_board_halted_with_power),
		cmocka_unit_test(reboot_leaves_usb_and_comes_back),
		cmocka_unit_test(a_board_sent_to_loader_stays_there_until_reset),
		cmocka_unit_test(stuck_pins_are_felt_when_the_fault_ends),
		cmocka_unit_test(a_reset_during_stuck_pins_is_lost),
		cmocka_unit_test(no_boot_keeps_it_dark_until_the_fault_ends),
		cmocka_unit_test(slow_boot_takes_four_times_as_long),
		cmocka_unit_test(usb_flap_shows_both_within_a_second),
		cmocka_unit_test(a_pulled_board_is_off_and_boots_when_put_back),
		cmocka_unit_test(approach_never_overshoots),
		cmocka_unit_test(less_air_and_more_watts_are_hotter),
		cmocka_unit_test(the_fan_curve_rises_to_full_and_no_further),
		cmocka_unit_test(readings_come_in_the_steps_of_their_sensor),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
