// SPDX-License-Identifier: Apache-2.0
/* Alarms of boards: a reading over its red line for a period, and back for another. */
#include "core-fixture.h"
#include "core/inventory/derive.h"
#include "core/model/alarms.h"
#include "core/snapshot/build.h"

#define ABOARD "sub1-01"

/* ---- one alarm against an exact clock ---- */

#define AFTER 60000
#define CLEAR 30000

struct step {
	int64_t now, load;     /* milli-percent or BMC_UNKNOWN */
	int64_t raised, since; /* expected */
	int64_t next;          /* expected time of the next evaluation; 0: none */
};

static void follow(const struct step *steps, size_t n)
{
	struct bmc_board old, b;

	bmc_row_clear(&old.row, BMC_BOARD);
	for (size_t i = 0; i < n; i++) {
		struct bmc_derive d = { .old = &old.row,
					.now = steps[i].now,
					.next_eval = INT64_MAX };
		print_message("# %d\n", (int)i);
		bmc_row_clear(&b.row, BMC_BOARD);
		b.power_state = BMC_POWER_ON;
		b.cpu_red = 90000;
		b.alarm_after = AFTER;
		b.alarm_clear_after = CLEAR;
		b.cpu_load = steps[i].load;
		bmc_derive_alarms(&b, &d);
		assert_int_equal(b.cpu_alarm, steps[i].raised);
		assert_int_equal(b.cpu_since, steps[i].since);
		assert_int_equal(d.next_eval,
				 steps[i].next ? steps[i].next : INT64_MAX);
		assert_int_equal(d.parts, steps[i].raised == 1 ? BMC_WARNING : 0);
		assert_int_equal(b.memory_alarm, BMC_UNKNOWN); /* no red line */
		old = b;
	}
}

#define U BMC_UNKNOWN

static void it_takes_the_whole_period_at_both_ends(void **state)
{
	static const struct step steps[] = {
		{ 1000, 90000, 0, U, 0 }, /* at the line: not over it */
		{ 2000, 90001, 0, 2000, 62000 },
		{ 61999, 90001, 0, 2000, 62000 },
		{ 62000, 90001, 1, U, 0 },
		/* 1 % of the line is held */
		{ 70000, 90000, 1, U, 0 },
		{ 71000, 89101, 1, U, 0 },
		{ 72000, 89100, 1, 72000, 102000 },
		{ 101999, 89100, 1, 72000, 102000 },
		{ 102000, 89100, 0, U, 0 },
		{ 103000, 90000, 0, U, 0 },
	};

	(void)state;
	follow(steps, ARRAY_SIZE(steps));
}

static void a_reading_that_goes_back_in_between_begins_anew(void **state)
{
	static const struct step steps[] = {
		{ 0, 95000, 0, 0, 60000 },
		{ 59000, 90000, 0, U, 0 },
		{ 60000, 95000, 0, 60000, 120000 },
		{ 119999, 95000, 0, 60000, 120000 },
		{ 120000, 95000, 1, U, 0 },
		{ 121000, 10000, 1, 121000, 151000 },
		{ 150000, 95000, 1, U, 0 },
		{ 151000, 10000, 1, 151000, 181000 },
		{ 181000, 10000, 0, U, 0 },
	};

	(void)state;
	follow(steps, ARRAY_SIZE(steps));
}

static void an_unknown_reading_neither_raises_nor_clears(void **state)
{
	static const struct step steps[] = {
		{ 0, U, U, U, 0 },
		{ 1000, 95000, 0, 1000, 61000 },
		{ 60000, U, 0, U, 0 }, /* nothing is near any more */
		{ 100000, U, 0, U, 0 },
		{ 100001, 95000, 0, 100001, 160001 },
		{ 160001, 95000, 1, U, 0 },
		{ 160002, U, 1, U, 0 },
		{ 170000, 10000, 1, 170000, 200000 },
		{ 180000, U, 1, U, 0 },
		{ 900000, U, 1, U, 0 },
		{ 900001, 10000, 1, 900001, 930001 },
		{ 930001, 10000, 0, U, 0 },
	};

	(void)state;
	follow(steps, ARRAY_SIZE(steps));
}

/* ---- all of them, as users see them ---- */

static void board_has(const char *field, int64_t n)
{
	assert_int_equal(say(first, BMC_BOARD, ABOARD, field, n, NULL), 0);
	bmc_inventory_publish();
}

static void pass(int64_t ms)
{
	bmc_inventory_publish();
	bmc_clock_skip(ms);
	for (size_t i = 0; i < 5; i++)
		bmc_loop_step(i == 0 ? 0 : 20);
	bmc_inventory_publish();
}

static const struct bmc_condition *condition_of(const char *reason)
{
	const struct bmc_row *const *rows;

	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, BMC_CONDITION, &rows);
	for (size_t i = 0; i < n; i++) {
		const struct bmc_condition *c = (const struct bmc_condition *)rows[i];
		if (strcmp(c->reason, reason) == 0)
			return c;
	}
	return NULL;
}

static const struct bmc_event *event_of(const char *type)
{
	const struct bmc_row *const *rows;

	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);
	while (n-- > 0) {
		const struct bmc_event *e = (const struct bmc_event *)rows[n];
		if (strcmp(e->type, type) == 0)
			return e;
	}
	return NULL;
}

static const struct kind_of_alarm {
	const char *total, *reading, *raised, *red;
	int64_t full, over, under;
	const char *begun, *cleared, *message;
} kinds[BMC_N_ALARMS] = {
	{ NULL, "cpu_load", "cpu_alarm", "cpu_red", 0, 97000, 50000, "BoardCpuHigh",
	  "BoardCpuCleared",
	  "The CPU load of board sub1-01 is 97.0 %, over its red line of 95.0 % for "
	  "too long." },
	{ "memory_bytes", "memory_used", "memory_alarm", "memory_red", INT64_C(4) << 30,
	  INT64_C(4) << 30, INT64_C(1) << 30, "BoardMemoryHigh", "BoardMemoryCleared",
	  "The memory in use of board sub1-01 is 100.0 %, over its red line of 95.0 % "
	  "for too long." },
	{ "storage_bytes", "storage_used", "storage_alarm", "storage_red", 1000, 901,
	  100, "BoardStorageHigh", "BoardStorageCleared",
	  "The storage in use of board sub1-01 is 90.1 %, over its red line of 90.0 % "
	  "for too long." },
	{ NULL, "gpu_temperature", "temperature_alarm", "temperature_red", 0, 90100,
	  40000, "BoardTemperatureHigh", "BoardTemperatureCleared",
	  "The temperature of board sub1-01 is 90.1 C, over its red line of 90.0 C for "
	  "too long." },
};

static void raise_alarm(const struct kind_of_alarm *k)
{
	board_says(ABOARD, 1, "adb", "device", "linux");
	if (k->total)
		board_has(k->total, k->full);
	board_has(k->reading, k->over);
	pass(30000);
	assert_int_equal(num_of(BMC_BOARD, ABOARD, k->raised), 0);
	assert_null(condition_of(k->begun));
	pass(30001);
	assert_int_equal(num_of(BMC_BOARD, ABOARD, k->raised), 1);
}

static void each_alarm_begins_and_ends_with_condition_event_and_health(void **state)
{
	(void)state;
	for (const struct kind_of_alarm *k = kinds; k < kinds + BMC_N_ALARMS; k++) {
		print_message("# %s\n", k->begun);
		raise_alarm(k);
		const struct bmc_condition *c = condition_of(k->begun);
		const struct bmc_event *e = event_of(k->begun);
		assert_non_null(c);
		assert_non_null(e);
		assert_string_equal(c->message, k->message);
		assert_string_equal(e->message, k->message);
		assert_int_equal(c->severity, BMC_SEVERITY_WARNING);
		assert_int_equal(e->limit, num_of(BMC_BOARD, ABOARD, k->red));
		assert_int_equal(count_events(k->begun, ABOARD), 1);
		assert_string_equal(word_of(BMC_BOARD, ABOARD, "health"), "Warning");
		assert_string_equal(word_of(BMC_BLADE, "blade1", "health"), "Warning");
		assert_int_equal(row_of(BMC_BOARD, ABOARD)->own_health, BMC_OK_HEALTH);
		board_has(k->reading, k->under);
		pass(30000);
		assert_non_null(condition_of(k->begun));
		pass(30001);
		assert_null(condition_of(k->begun));
		assert_int_equal(count_events(k->cleared, ABOARD), 1);
		assert_string_equal(word_of(BMC_BOARD, ABOARD, "health"), "OK");
	}
}

static void a_board_without_power_has_no_alarm_and_it_is_said(void **state)
{
	const struct kind_of_alarm *k = &kinds[0];

	(void)state;
	raise_alarm(k);
	board_says(ABOARD, 0, "none", "none", "unknown");
	assert_int_equal(num_of(BMC_BOARD, ABOARD, k->raised), BMC_UNKNOWN);
	assert_null(condition_of(k->begun));
	assert_int_equal(count_events(k->cleared, ABOARD), 1);
	raise_alarm(k);
	assert_int_equal(say(first, BMC_BOARD, ABOARD, "present", 0, NULL), 0);
	bmc_inventory_publish();
	assert_null(condition_of(k->begun));
	assert_int_equal(count_events(k->cleared, ABOARD), 2);
}

/* A reading that its source has not repeated is stale, and so unknown. */
static void a_stale_reading_holds_the_alarm(void **state)
{
	const struct kind_of_alarm *k = &kinds[0];
	struct bmc_source *slow = bmc_source_new("slow", 40000, 2);

	(void)state;
	board_says(ABOARD, 1, "adb", "device", "linux");
	assert_int_equal(say(slow, BMC_BOARD, ABOARD, k->reading, k->over, NULL), 0);
	pass(30000);
	assert_int_equal(say(slow, BMC_BOARD, ABOARD, k->reading, k->over, NULL), 0);
	pass(30001);
	assert_non_null(condition_of(k->begun));
	pass(300000);
	assert_int_equal(num_of(BMC_BOARD, ABOARD, k->reading), BMC_UNKNOWN);
	assert_non_null(condition_of(k->begun));
	assert_int_equal(count_events(k->cleared, ABOARD), 0);
	(void)bmc_source_free(slow);
}

static void set_to(const char *field, int64_t n)
{
	uint32_t board = bmc_inventory_find(BMC_BOARD, ABOARD);

	assert_int_equal(
		bmc_inventory_set(board, bmc_field_find(BMC_BOARD, field), n, NULL), 0);
	bmc_inventory_publish();
}

static void users_move_the_red_line_and_the_period(void **state)
{
	const struct kind_of_alarm *k = &kinds[0];

	(void)state;
	board_says(ABOARD, 1, "adb", "device", "linux");
	board_has(k->reading, 50000);
	set_to(k->red, 49000);
	set_to("alarm_after", 0);
	assert_int_equal(num_of(BMC_BOARD, ABOARD, k->raised), 1);
	assert_int_equal(num_of(BMC_BOARD, "sub1-02", k->red), 95000);
	set_to(k->red, 0);
	assert_int_equal(num_of(BMC_BOARD, ABOARD, k->raised), BMC_UNKNOWN);
	assert_int_equal(count_events(k->cleared, ABOARD), 1);
}

static void hostile_sizes_are_no_share(void **state)
{
	struct bmc_board b;

	(void)state;
	bmc_row_clear(&b.row, BMC_BOARD);
	assert_int_equal(bmc_alarms[1].reading(&b), BMC_UNKNOWN);
	b.memory_bytes = 0;
	b.memory_used = 1;
	assert_int_equal(bmc_alarms[1].reading(&b), BMC_UNKNOWN);
	b.memory_bytes = 1;
	b.memory_used = INT64_MAX;
	assert_int_equal(bmc_alarms[1].reading(&b), BMC_UNKNOWN);
	b.memory_used = -1;
	assert_int_equal(bmc_alarms[1].reading(&b), BMC_UNKNOWN);
	b.memory_bytes = INT64_MAX;
	b.memory_used = INT64_MAX / 100000;
	assert_int_equal(bmc_alarms[1].reading(&b), 0);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(it_takes_the_whole_period_at_both_ends),
		cmocka_unit_test(a_reading_that_goes_back_in_between_begins_anew),
		cmocka_unit_test(an_unknown_reading_neither_raises_nor_clears),
		cmocka_unit_test(hostile_sizes_are_no_share),
		T(each_alarm_begins_and_ends_with_condition_event_and_health),
		T(a_board_without_power_has_no_alarm_and_it_is_said),
		T(a_stale_reading_holds_the_alarm),
		T(users_move_the_red_line_and_the_period),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
