// SPDX-License-Identifier: Apache-2.0
/* Conditions: rows that come and go with bad states, by the rules of the events. */
#include "core-fixture.h"

/* The conditions of a row; `*ret` is borrowed until the next publication. */
static size_t conditions_of(enum bmc_kind kind, const char *id,
			    const struct bmc_condition **ret)
{
	const struct bmc_row *const *rows;

	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	size_t n = bmc_snapshot_children(s, bmc_snapshot_find(s, kind, id)->handle,
					 BMC_CONDITION, &rows);
	*ret = n ? (const struct bmc_condition *)rows[0] : NULL;
	return n;
}

static size_t all_conditions(void)
{
	const struct bmc_row *const *rows;

	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	return bmc_snapshot_rows(s, BMC_CONDITION, &rows);
}

static void heat(int64_t value)
{
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", value, NULL), 0);
	bmc_inventory_publish();
}

static void a_bad_state_is_a_row_of_the_same_snapshot(void **state)
{
	const struct bmc_condition *c;
	const struct bmc_row *const *rows;

	(void)state;
	board_says("sub1-01", 1, "adb", "device", "linux");
	heat(79000);
	assert_int_equal(conditions_of(BMC_SENSOR, "temp1", &c), 0);
	uint64_t before =
		bmc_inventory_row(bmc_inventory_find(BMC_SENSOR, "temp1"))->changed;
	heat(81000);
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *sensor = bmc_snapshot_find(s, BMC_SENSOR, "temp1");
	assert_true(sensor->changed > before);
	assert_int_equal(bmc_snapshot_children(s, sensor->handle, BMC_CONDITION, &rows),
			 1);
	c = (const struct bmc_condition *)rows[0];
	assert_int_equal(c->row.changed, sensor->changed);
	assert_int_equal(c->since, bmc_snapshot_time(s));
	assert_int_equal(c->severity, BMC_SEVERITY_WARNING);
	assert_int_equal(c->row.health, BMC_WARNING);
	assert_string_equal(c->reason, "SensorAboveLimit");
	assert_string_equal(c->origin_id, "temp1");
	assert_int_equal(c->origin_kind, BMC_SENSOR);
	assert_string_equal(c->message,
			    "Sensor temp1 reads 81.0 C, above its limit of 80.0 C.");
	assert_string_equal(c->args[1], "81.0 C");
	assert_int_equal(c->row.index[0], 1);
}

static void it_changes_with_its_severity_and_keeps_when_it_began(void **state)
{
	const struct bmc_condition *c;
	int64_t since;
	uint32_t handle;

	(void)state;
	board_says("sub1-01", 1, "adb", "device", "linux");
	heat(81000);
	assert_int_equal(conditions_of(BMC_SENSOR, "temp1", &c), 1);
	since = c->since;
	handle = c->row.handle;
	while (bmc_now() <= since)
		;
	heat(82000); /* a reading: nothing new about it */
	assert_int_equal(conditions_of(BMC_SENSOR, "temp1", &c), 1);
	assert_string_equal(c->args[1], "81.0 C");
	heat(91000);
	assert_int_equal(conditions_of(BMC_SENSOR, "temp1", &c), 1);
	assert_int_equal(c->row.handle, handle);
	assert_int_equal(c->severity, BMC_SEVERITY_CRITICAL);
	assert_string_equal(c->args[2], "90.0 C");
	assert_int_equal(c->since, since);
	heat(20000);
	assert_int_equal(conditions_of(BMC_SENSOR, "temp1", &c), 0);
	heat(81000); /* another one */
	assert_int_equal(conditions_of(BMC_SENSOR, "temp1", &c), 1);
	assert_true(c->since > since);
	assert_int_equal(c->row.index[0], 2);
}

/* What holds a bad part is not well either, but has no condition for that. */
static void a_condition_is_its_own_rows_only(void **state)
{
	const struct bmc_condition *c;

	(void)state;
	board_says("sub1-01", 1, "adb", "device", "linux");
	heat(91000);
	assert_int_equal(row_of(BMC_BOARD, "sub1-01")->health, BMC_CRITICAL);
	assert_int_equal(row_of(BMC_BOARD, "sub1-01")->own_health, BMC_OK_HEALTH);
	assert_int_equal(all_conditions(), 1);
	/* as bad by itself, which its health does not show */
	platform->boot_ms = 1;
	while (bmc_now() < num_of(BMC_BOARD, "sub1-01", "usb_since") + 2)
		bmc_loop_step(1);
	board_says("sub1-01", 1, "adb", "offline", "linux");
	heat(81000);
	assert_int_equal(row_of(BMC_BOARD, "sub1-01")->health, BMC_WARNING);
	assert_int_equal(conditions_of(BMC_BOARD, "sub1-01", &c), 1);
	assert_string_equal(c->reason, "BoardHealthChanged");
	assert_int_equal(c->severity, BMC_SEVERITY_WARNING);
	board_says("sub1-01", 1, "adb", "device", "linux");
	assert_int_equal(row_of(BMC_BOARD, "sub1-01")->health, BMC_WARNING);
	assert_int_equal(conditions_of(BMC_BOARD, "sub1-01", &c), 0);
	assert_int_equal(all_conditions(), 1);
}

static void parts_that_fail_have_conditions(void **state)
{
	const struct bmc_condition *c;

	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 2000, NULL), 0);
	for (int i = 1; i <= 2; i++) {
		const char *id = i == 1 ? "psu1" : "psu2";
		assert_int_equal(say(first, BMC_PSU, id, "input_ok", 1, NULL), 0);
		assert_int_equal(say(first, BMC_PSU, id, "output_ok", 1, NULL), 0);
	}
	assert_int_equal(all_conditions(), 0);
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 900, NULL), 0);
	assert_int_equal(conditions_of(BMC_FAN, "fan1", &c), 1);
	assert_string_equal(c->message, "Fan fan1 has failed: 900 rpm.");
	assert_int_equal(say(first, BMC_PSU, "psu2", "output_ok", 0, NULL), 0);
	assert_int_equal(conditions_of(BMC_PSU, "psu2", &c), 1);
	assert_int_equal(conditions_of(BMC_CHASSIS, "enclosure", &c), 1);
	assert_string_equal(c->reason, "PsuRedundancyLost");
	assert_int_equal(say(first, BMC_PSU, "psu2", "output_ok", 1, NULL), 0);
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 2000, NULL), 0);
	assert_int_equal(all_conditions(), 0);
}

static void a_row_that_is_gone_takes_its_conditions_along(void **state)
{
	const struct bmc_value v[] = { BMC_NUM(bmc_sensor, type,
					       BMC_SENSOR_TEMPERATURE),
				       BMC_NUM(bmc_sensor, value, 50000),
				       BMC_NUM(bmc_sensor, high_critical, 40000) };

	(void)state;
	assert_int_equal(
		bmc_inventory_put(first, BMC_SENSOR, "probe7", BMC_BOARD, "main", v, 3),
		0);
	assert_int_equal(all_conditions(), 1);
	assert_int_equal(bmc_inventory_gone(first, BMC_SENSOR, "probe7"), 0);
	assert_null(row_of(BMC_SENSOR, "probe7"));
	assert_int_equal(all_conditions(), 0);
}

static void a_restart_derives_them_again(void **state)
{
	const struct bmc_condition *c;

	(void)state;
	heat(91000);
	assert_int_equal(all_conditions(), 1);
	bmc_events_done();
	bmc_inventory_done();
	start_inventory();
	assert_int_equal(all_conditions(), 0); /* nothing is read yet */
	heat(91000);
	assert_int_equal(conditions_of(BMC_SENSOR, "temp1", &c), 1);
	assert_int_equal(c->row.index[0], 1);
}

static const char quick_platform[] =
	"platform: quick\n"
	"boot_time: 1s\n"
	"sources: {default: \"first, second\"}\n"
	"chassis: [{id: enclosure}]\n"
	"boards: [{id: sub1, index: \"1.1\"}]\n"
	"sensors: [{id: temp1, type: Temperature, parent: sub1, high_critical: 90C}]\n";

static int set_up_quick(void **state)
{
	(void)state;
	bmc_log_init(LOG_EMERG);
	assert_int_equal(bmc_loop_init(), 0);
	load_platform(quick_platform);
	start_inventory();
	return 0;
}

/* Nothing that is shown of the board changes then: it holds something as bad. */
static void a_board_that_gets_worse_by_time_alone_is_followed(void **state)
{
	const struct bmc_condition *c = NULL;
	int64_t end = bmc_now() + 60000;

	(void)state;
	heat(91000);
	board_says("sub1", 1, "none", "none", "unknown");
	while ((conditions_of(BMC_BOARD, "sub1", &c) == 0 ||
		c->severity != BMC_SEVERITY_WARNING) &&
	       bmc_now() < end)
		bmc_loop_step(20);
	assert_int_equal(c->severity, BMC_SEVERITY_WARNING);
	while ((conditions_of(BMC_BOARD, "sub1", &c) == 0 ||
		c->severity != BMC_SEVERITY_CRITICAL) &&
	       bmc_now() < end)
		bmc_loop_step(20);
	assert_int_equal(c->severity, BMC_SEVERITY_CRITICAL);
	assert_int_equal(row_of(BMC_BOARD, "sub1")->own_health, BMC_CRITICAL);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_bad_state_is_a_row_of_the_same_snapshot),
		T(it_changes_with_its_severity_and_keeps_when_it_began),
		T(a_condition_is_its_own_rows_only),
		T(parts_that_fail_have_conditions),
		T(a_row_that_is_gone_takes_its_conditions_along),
		T(a_restart_derives_them_again),
		cmocka_unit_test_setup_teardown(
			a_board_that_gets_worse_by_time_alone_is_followed, set_up_quick,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
