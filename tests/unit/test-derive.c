// SPDX-License-Identifier: Apache-2.0
/* Status and health from what sources see: boards by the table, the rest by readings.
 */
#include "core-fixture.h"
#include "core/access/policy.h"

#define ABOARD "sub1-01"

/* ---- boards ---- */

struct scene {
	int64_t pin;
	const char *usb, *adb, *os;
	const char *state, *power, *status, *health;
};

/* clang-format off */
static const struct scene scenes[] = {
	{ 0, "none", "none", "unknown", "offline", "Off", "StandbyOffline", "OK" },
	{ 0, "unknown", "unknown", "unknown", "offline", "Off", "StandbyOffline", "OK" },
	{ 0, "adb", "device", "android", "offline", "PoweringOff", "Enabled", "OK" },
	{ 1, "none", "none", "unknown", "offline", "On", "Starting", "OK" },
	{ 1, "device", "unknown", "unknown", "online", "On", "Starting", "OK" },
	{ 1, "loader", "none", "unknown", "loader", "On", "Quiesced", "OK" },
	{ 1, "maskrom", "none", "unknown", "maskrom", "On", "Quiesced", "OK" },
	{ 1, "fastboot", "none", "unknown", "fastboot", "On", "Quiesced", "OK" },
	{ 1, "netrecovery", "none", "unknown", "netrecovery", "On", "Quiesced", "OK" },
	{ 1, "adb", "recovery", "unknown", "android_recovery", "On", "Quiesced", "OK" },
	{ 1, "adb", "device", "unknown", "adb", "On", "Starting", "OK" },
	{ 1, "adb", "device", "android", "android", "On", "Enabled", "OK" },
	{ 1, "adb", "device", "linux", "linux", "On", "Enabled", "OK" },
	{ 1, "adb", "offline", "unknown", "adb_offline", "On", "Starting", "OK" },
	{ 1, "adb", "none", "unknown", "online", "On", "Starting", "OK" },
	{ 1, "device", "unknown", "linux", "linux", "On", "Enabled", "OK" },
	{ 1, "unknown", "unknown", "android", "android", "On", "Enabled", "OK" },
	{ 1, "unknown", "unknown", "unknown", "unknown", "On", "unknown", "unknown" },
	{ BMC_UNKNOWN, "none", "none", "unknown", "offline", "unknown", "Starting", "OK" },
	{ BMC_UNKNOWN, "adb", "device", "linux", "linux", "On", "Enabled", "OK" },
};
/* clang-format on */

static void a_boards_state_follows_the_table(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_BOARD, ABOARD, "present", 1, NULL), 0);
	for (size_t i = 0; i < ARRAY_SIZE(scenes); i++) {
		const struct scene *s = &scenes[i];
		board_says(ABOARD, s->pin, s->usb, s->adb, s->os);
		print_message("# pin %d usb %s adb %s os %s\n", (int)s->pin, s->usb,
			      s->adb, s->os);
		assert_string_equal(word_of(BMC_BOARD, ABOARD, "state"), s->state);
		assert_string_equal(word_of(BMC_BOARD, ABOARD, "power_state"),
				    s->power);
		assert_string_equal(word_of(BMC_BOARD, ABOARD, "status"), s->status);
		assert_string_equal(word_of(BMC_BOARD, ABOARD, "health"), s->health);
	}
}

static void an_empty_slot_is_absent_whatever_else_is_said(void **state)
{
	(void)state;
	board_says(ABOARD, 1, "adb", "device", "linux");
	assert_int_equal(num_of(BMC_BOARD, ABOARD, "present"), 1);
	assert_int_equal(say(first, BMC_BOARD, ABOARD, "present", 0, NULL), 0);
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "status"), "Absent");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "health"), "unknown");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "state"), "unknown");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "power_state"), "unknown");
}

static void main_is_up_without_anybody_saying_so(void **state)
{
	(void)state;
	assert_string_equal(word_of(BMC_BOARD, "main", "status"), "Enabled");
	assert_string_equal(word_of(BMC_BOARD, "main", "state"), "linux");
	assert_string_equal(word_of(BMC_BOARD, "main", "power_state"), "On");
	assert_int_equal(num_of(BMC_BOARD, "main", "present"), 1);
	board_says("main", 0, "none", "none", "unknown");
	assert_string_equal(word_of(BMC_BOARD, "main", "power_state"), "On");
}

/* Handles the loop until the board's health is `word`: 10 s at most. */
static bool health_becomes(const char *word)
{
	int64_t until = bmc_now() + 60000;

	while (strcmp(word_of(BMC_BOARD, ABOARD, "health"), word) != 0) {
		if (bmc_now() > until)
			return false;
		bmc_loop_step(20);
	}
	return true;
}

static void a_board_that_does_not_start_warns_and_then_is_critical(void **state)
{
	(void)state;
	platform->boot_ms = 150;
	board_says(ABOARD, 1, "none", "none", "unknown");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "status"), "Starting");
	assert_true(health_becomes("Warning"));
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "status"), "UnavailableOffline");
	assert_true(health_becomes("Critical"));
	assert_int_equal(count_events("BoardHealthChanged", ABOARD), 2);
	board_says(ABOARD, 1, "adb", "device", "linux");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "health"), "OK");
}

static void boot_takes(int64_t ms)
{
	int64_t until = bmc_now() + ms;

	while (bmc_now() < until)
		bmc_loop_step(5);
}

static void a_normal_boot_is_where_it_begins_and_where_it_ends(void **state)
{
	(void)state;
	board_says(ABOARD, 1, "adb", "device", "linux");
	board_says(ABOARD, 0, "none", "none", "unknown");
	board_says(ABOARD, 1, "none", "none", "unknown");
	board_says(ABOARD, 1, "loader", "none", "unknown");
	board_says(ABOARD, 1, "none", "none", "unknown");
	board_says(ABOARD, 1, "adb", "offline", "unknown");
	board_says(ABOARD, 1, "adb", "device", "unknown");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "lasting_state"), "offline");
	board_says(ABOARD, 1, "adb", "device", "linux");
	assert_int_equal(count_events("BoardStateChanged", ABOARD), 2);
	assert_int_equal(count_events("BoardHealthChanged", ABOARD), 0);
	assert_int_equal(count_events("ChassisHealthChanged", "enclosure"), 0);
	assert_int_equal(count_events("BoardPowerChanged", ABOARD), 2);
}

static void a_loader_that_stays_is_reported(void **state)
{
	(void)state;
	platform->boot_ms = 1000;
	board_says(ABOARD, 1, "adb", "device", "linux");
	board_says(ABOARD, 1, "loader", "none", "unknown");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "state"), "loader");
	assert_int_equal(count_events("BoardStateChanged", ABOARD), 0);
	boot_takes(150);
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "lasting_state"), "loader");
	assert_int_equal(count_events("BoardStateChanged", ABOARD), 1);
}

static void adb_that_stays_silent_is_a_warning_after_the_boot_time(void **state)
{
	(void)state;
	platform->boot_ms = 150;
	board_says(ABOARD, 1, "adb", "offline", "unknown");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "health"), "OK");
	assert_true(health_becomes("Warning"));
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "status"), "Enabled");
	/* of a board that ran it is one at once */
	board_says(ABOARD, 1, "adb", "device", "linux");
	boot_takes(150);
	board_says(ABOARD, 1, "adb", "offline", "unknown");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "health"), "Warning");
}

static void the_times_of_the_last_changes_are_kept(void **state)
{
	int64_t from = bmc_now();

	(void)state;
	board_says(ABOARD, 1, "none", "none", "unknown");
	int64_t power = num_of(BMC_BOARD, ABOARD, "power_since");
	assert_true(power >= from && power <= bmc_now());
	while (bmc_now() <= power)
		bmc_loop_step(2);
	board_says(ABOARD, 1, "device", "none", "unknown");
	assert_int_equal(num_of(BMC_BOARD, ABOARD, "power_since"), power);
	assert_true(num_of(BMC_BOARD, ABOARD, "usb_since") > power);
}

/* ---- parts ---- */

static void a_slow_fan_has_failed_until_it_is_clearly_faster(void **state)
{
	static const struct {
		int64_t rpm;
		const char *health;
	} steps[] = { { 3000, "OK" },   { 999, "Critical" }, { 1005, "Critical" },
		      { 1010, "OK" },   { 1000, "OK" },      { BMC_UNKNOWN, "unknown" },
		      { 0, "Critical" } };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", steps[i].rpm, NULL),
				 0);
		assert_string_equal(word_of(BMC_FAN, "fan1", "health"),
				    steps[i].health);
	}
	assert_string_equal(word_of(BMC_FAN, "fan1", "status"), "Enabled");
	assert_int_equal(say(first, BMC_FAN, "fan1", "duty", 0, NULL), 0);
	assert_string_equal(word_of(BMC_FAN, "fan1", "health"), "OK");
	assert_int_equal(say(first, BMC_FAN, "fan1", "present", 0, NULL), 0);
	assert_string_equal(word_of(BMC_FAN, "fan1", "status"), "Absent");
	assert_string_equal(word_of(BMC_FAN, "fan1", "health"), "unknown");
}

static void a_sensors_health_follows_its_limits_with_hysteresis(void **state)
{
	static const struct {
		int64_t value;
		const char *health;
	} steps[] = { { 50000, "OK" },       { 80001, "Warning" },
		      { 79500, "Warning" },  { 79200, "OK" },
		      { 95000, "Critical" }, { 89500, "Critical" },
		      { 89000, "Warning" },  { 20000, "OK" } };

	(void)state;
	assert_string_equal(word_of(BMC_SENSOR, "temp1", "status"), "Absent");
	board_says(ABOARD, 1, "adb", "device", "linux");
	for (size_t i = 0; i < ARRAY_SIZE(steps); i++) {
		assert_int_equal(
			say(first, BMC_SENSOR, "temp1", "value", steps[i].value, NULL),
			0);
		assert_string_equal(word_of(BMC_SENSOR, "temp1", "health"),
				    steps[i].health);
		assert_string_equal(word_of(BMC_BOARD, ABOARD, "health"),
				    steps[i].health);
	}
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", BMC_UNKNOWN, NULL),
			 0);
	assert_string_equal(word_of(BMC_SENSOR, "temp1", "status"),
			    "UnavailableOffline");
	assert_string_equal(word_of(BMC_SENSOR, "temp1", "health"), "unknown");
}

static void what_an_absent_board_holds_is_absent(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", 95000, NULL), 0);
	assert_string_equal(word_of(BMC_SENSOR, "temp1", "health"), "Critical");
	assert_int_equal(say(first, BMC_BOARD, ABOARD, "present", 0, NULL), 0);
	assert_string_equal(word_of(BMC_SENSOR, "temp1", "status"), "Absent");
	assert_string_equal(word_of(BMC_SENSOR, "temp1", "health"), "unknown");
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "health"), "OK");
	assert_int_equal(say(first, BMC_BOARD, ABOARD, "present", 1, NULL), 0);
	assert_string_equal(word_of(BMC_SENSOR, "temp1", "health"), "Critical");
}

static void pulling_a_blade_takes_its_boards_along(void **state)
{
	(void)state;
	board_says(ABOARD, 1, "adb", "device", "linux");
	assert_string_equal(word_of(BMC_BLADE, "blade1", "status"), "Enabled");
	assert_string_equal(word_of(BMC_BLADE, "blade2", "status"), "Absent");
	assert_int_equal(num_of(BMC_BLADE, "blade1", "present"), 1);
	assert_int_equal(say(second, BMC_BLADE, "blade1", "present", 0, NULL), 0);
	assert_string_equal(word_of(BMC_BLADE, "blade1", "status"), "Absent");
	assert_string_equal(word_of(BMC_BOARD, ABOARD, "status"), "Absent");
	assert_int_equal(num_of(BMC_CHASSIS, "enclosure", "boards_present"), 0);
}

static void a_disk_that_expects_to_fail_is_critical(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_DISK, "disk1", "device", 0, "sda"), 0);
	assert_string_equal(word_of(BMC_DISK, "disk1", "status"), "Enabled");
	assert_string_equal(word_of(BMC_DISK, "disk1", "health"), "unknown");
	assert_int_equal(num_of(BMC_DISK, "disk1", "present"), 1);
	assert_int_equal(say(first, BMC_DISK, "disk1", "failure_predicted", 0, NULL),
			 0);
	assert_string_equal(word_of(BMC_DISK, "disk1", "health"), "OK");
	assert_int_equal(say(first, BMC_DISK, "disk1", "failure_predicted", 1, NULL),
			 0);
	assert_string_equal(word_of(BMC_DISK, "disk1", "health"), "Critical");
}

/* ---- sums ---- */

static void blades_and_chassis_count_their_boards(void **state)
{
	(void)state;
	board_says("sub1-01", 1, "adb", "device", "linux");
	board_says("sub1-02", 0, "none", "none", "unknown");
	board_says("sub2-01", 1, "none", "none", "unknown");
	assert_int_equal(say(first, BMC_BOARD, "sub1-02", "present", 1, NULL), 0);
	assert_int_equal(say(first, BMC_BOARD, "sub2-01", "present", 1, NULL), 0);
	assert_int_equal(num_of(BMC_BLADE, "blade1", "boards_present"), 2);
	assert_int_equal(num_of(BMC_BLADE, "blade1", "boards_on"), 1);
	assert_int_equal(num_of(BMC_BLADE, "blade2", "boards_present"), 1);
	assert_int_equal(num_of(BMC_CHASSIS, "enclosure", "boards_present"), 3);
	assert_int_equal(num_of(BMC_CHASSIS, "enclosure", "boards_on"), 2);
}

static void the_worst_health_rises_to_the_chassis(void **state)
{
	(void)state;
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "health"), "OK");
	platform->boot_ms = 1;
	board_says(ABOARD, 1, "adb", "offline", "unknown");
	assert_true(health_becomes("Warning"));
	assert_string_equal(word_of(BMC_BLADE, "blade1", "health"), "Warning");
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "health"), "Warning");
	assert_int_equal(say(first, BMC_FAN, "fan2", "rpm", 0, NULL), 0);
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "health"), "Critical");
	assert_string_equal(word_of(BMC_BLADE, "blade1", "health"), "Warning");
	board_says(ABOARD, 1, "adb", "device", "linux");
	assert_int_equal(say(first, BMC_FAN, "fan2", "rpm", 2000, NULL), 0);
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "health"), "OK");
}

static void psu_says(const char *id, const char *field, int64_t n)
{
	assert_int_equal(say(first, BMC_PSU, id, field, n, NULL), 0);
}

static void two_good_supplies_are_redundant(void **state)
{
	(void)state;
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "redundancy"), "unknown");
	psu_says("psu1", "input_ok", 1);
	psu_says("psu2", "output_ok", 1);
	assert_int_equal(num_of(BMC_PSU, "psu1", "present"), 1);
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "redundancy"),
			    "Redundant");
	psu_says("psu2", "input_ok", 0);
	assert_string_equal(word_of(BMC_PSU, "psu2", "status"), "UnavailableOffline");
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "redundancy"), "Lost");
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "health"), "Critical");
	psu_says("psu2", "present", 0);
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "redundancy"), "Lost");
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "health"), "Warning");
	assert_int_equal(row_of(BMC_CHASSIS, "enclosure")->own_health, BMC_OK_HEALTH);
}

static void the_chassis_draws_what_its_supplies_draw(void **state)
{
	(void)state;
	psu_says("psu1", "input_power", 400000);
	assert_int_equal(num_of(BMC_CHASSIS, "enclosure", "power"), BMC_UNKNOWN);
	psu_says("psu2", "input_power", 350000);
	assert_int_equal(num_of(BMC_CHASSIS, "enclosure", "power"), 750000);
	assert_int_equal(say(first, BMC_CHASSIS, "enclosure", "power", 777000, NULL),
			 0);
	assert_int_equal(num_of(BMC_CHASSIS, "enclosure", "power"), 777000);
}

/* ---- firmware ---- */

static void put_firmware(const char *id, int64_t updateable)
{
	const struct bmc_value v[] = { BMC_TXT(bmc_firmware, name, "An OS"),
				       BMC_NUM(bmc_firmware, updateable, updateable) };

	assert_int_equal(
		bmc_inventory_put(first, BMC_FIRMWARE, id, BMC_BOARD, ABOARD, v, 2), 0);
}

static void a_boards_firmware_is_updateable_where_a_flasher_is_bound(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_BOARD, ABOARD, "present", 1, NULL), 0);
	put_firmware("os", BMC_UNKNOWN);
	put_firmware("bios", 0);
	assert_int_equal(say(first, BMC_FIRMWARE, "enclosure-mcu", "updateable",
			     BMC_UNKNOWN, NULL),
			 0);
	assert_int_equal(num_of(BMC_FIRMWARE, "os", "updateable"), 0);
	bmc_inventory_bound(ABOARD, BMC_CAN_FLASH);
	assert_int_equal(num_of(BMC_FIRMWARE, "os", "updateable"), 1);
	assert_int_equal(num_of(BMC_FIRMWARE, "bios", "updateable"), 0);
	assert_int_equal(num_of(BMC_FIRMWARE, "enclosure-mcu", "updateable"),
			 BMC_UNKNOWN);
	bmc_inventory_bound(ABOARD, BMC_CAN_RESET);
	assert_int_equal(num_of(BMC_FIRMWARE, "os", "updateable"), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_boards_state_follows_the_table),
		T(an_empty_slot_is_absent_whatever_else_is_said),
		T(main_is_up_without_anybody_saying_so),
		T(a_board_that_does_not_start_warns_and_then_is_critical),
		T(a_normal_boot_is_where_it_begins_and_where_it_ends),
		T(a_loader_that_stays_is_reported),
		T(adb_that_stays_silent_is_a_warning_after_the_boot_time),
		T(the_times_of_the_last_changes_are_kept),
		T(a_slow_fan_has_failed_until_it_is_clearly_faster),
		T(a_sensors_health_follows_its_limits_with_hysteresis),
		T(what_an_absent_board_holds_is_absent),
		T(pulling_a_blade_takes_its_boards_along),
		T(a_disk_that_expects_to_fail_is_critical),
		T(blades_and_chassis_count_their_boards),
		T(the_worst_health_rises_to_the_chassis),
		T(two_good_supplies_are_redundant),
		T(the_chassis_draws_what_its_supplies_draw),
		T(a_boards_firmware_is_updateable_where_a_flasher_is_bound),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
