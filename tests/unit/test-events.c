// SPDX-License-Identifier: Apache-2.0
/* Differences between two snapshots, and what is raised by hand, become event rows. */
#include "core-fixture.h"

static void every_type_is_well_formed(void **state)
{
	(void)state;
	for (const struct bmc_event_type *t = bmc_event_types; t->name; t++) {
		assert_ptr_equal(bmc_event_type_find(t->name), t);
		assert_true(t->name[0] >= 'A' && t->name[0] <= 'Z');
		assert_true(strlen(t->name) < sizeof(((struct bmc_event *)0)->type));
		assert_true(strlen(t->message) < 100);
		for (unsigned i = 1; i <= 3; i++) {
			const char arg[] = { '%', (char)('0' + i), '\0' };
			assert_int_equal(strstr(t->message, arg) != NULL,
					 i <= t->n_args);
		}
		assert_non_null(t->resolution);
		assert_non_null(t->doc);
	}
	assert_null(bmc_event_type_find("Nonsense"));
}

static void what_is_seen_first_is_no_event(void **state)
{
	const struct bmc_row *const *rows;

	(void)state;
	board_says("sub1-01", 1, "adb", "device", "linux");
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	assert_int_equal(bmc_snapshot_rows(s, BMC_EVENT, &rows), 0);
}

static void a_change_and_its_event_are_in_one_snapshot(void **state)
{
	const struct bmc_row *const *rows;

	(void)state;
	board_says("sub1-01", 1, "adb", "device", "linux");
	board_says("sub1-01", 0, "none", "none", "unknown");
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *board = bmc_snapshot_find(s, BMC_BOARD, "sub1-01");
	assert_int_equal(bmc_snapshot_rows(s, BMC_EVENT, &rows), 2);
	const struct bmc_event *e = (const struct bmc_event *)rows[0];
	assert_string_equal(e->type, "BoardPowerChanged");
	assert_string_equal(e->message, "Board sub1-01 is now powered Off.");
	assert_string_equal(e->row.id, "1");
	assert_int_equal(e->row.index[0], 1);
	assert_int_equal(e->row.parent, board->handle);
	assert_int_equal(e->origin_kind, BMC_BOARD);
	assert_string_equal(e->origin_id, "sub1-01");
	assert_int_equal(e->row.changed, board->changed);
	assert_int_equal(e->row.changed, bmc_snapshot_generation(s));
	assert_true(e->time > 0);
	assert_string_equal(((const struct bmc_event *)rows[1])->message,
			    "Board sub1-01 went from linux to offline.");
}

static void presence_changes_are_events(void **state)
{
	static const struct {
		enum bmc_kind kind;
		const char *id, *inserted, *removed;
	} cases[] = {
		{ BMC_BLADE, "blade2", "BladeInserted", "BladeRemoved" },
		{ BMC_BOARD, "sub2-01", "BoardInserted", "BoardRemoved" },
		{ BMC_FAN, "fan1", "FanInserted", "FanRemoved" },
		{ BMC_PSU, "psu1", "PsuInserted", "PsuRemoved" },
		{ BMC_DISK, "disk1", "DiskInserted", "DiskRemoved" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		for (int64_t present = 0; present < 4; present++) {
			assert_int_equal(say(first, cases[i].kind, cases[i].id,
					     "present", present % 2, NULL),
					 0);
			bmc_inventory_publish();
		}
		assert_int_equal(count_events(cases[i].inserted, cases[i].id), 2);
		assert_int_equal(count_events(cases[i].removed, cases[i].id), 1);
		assert_int_equal(
			say(first, cases[i].kind, cases[i].id, "present", 1, NULL), 0);
	}
}

static void a_failing_fan_is_an_event_with_its_speed(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 400, NULL), 0);
	assert_int_equal(count_events("FanFailed", "fan1"), 1);
	assert_int_equal(count_events("ChassisHealthChanged", "enclosure"), 1);
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 4000, NULL), 0);
	assert_int_equal(count_events("FanRecovered", "fan1"), 1);
	assert_string_equal(bmc_event_type_find("FanFailed")->name, "FanFailed");
}

static const struct bmc_event *find_event(const char *type)
{
	const struct bmc_row *const *rows;

	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	for (size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows); n-- > 0;) {
		const struct bmc_event *e = (const struct bmc_event *)rows[n];
		if (strcmp(e->type, type) == 0)
			return e;
	}
	fail_msg("no event %s", type);
	return NULL;
}

static void a_sensors_event_names_reading_and_limit(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "low_warning", -5000, NULL),
			 0);
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", 85340, NULL), 0);
	const struct bmc_event *e = find_event("SensorAboveLimit");
	assert_string_equal(e->message,
			    "Sensor temp1 reads 85.3 C, above its limit of 80.0 C.");
	assert_int_equal(e->severity, BMC_SEVERITY_WARNING);
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", 91000, NULL), 0);
	e = find_event("SensorAboveLimit");
	assert_string_equal(e->args[2], "90.0 C");
	assert_int_equal(e->severity, BMC_SEVERITY_CRITICAL);
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", 20000, NULL), 0);
	assert_string_equal(find_event("SensorLimitCleared")->args[1], "20.0 C");
	assert_int_equal(say(first, BMC_SENSOR, "temp1", "value", -7250, NULL), 0);
	assert_string_equal(find_event("SensorBelowLimit")->message,
			    "Sensor temp1 reads -7.2 C, below its limit of -5.0 C.");
}

static void supplies_disks_and_links_have_their_events(void **state)
{
	const struct bmc_value up[] = { BMC_NUM(bmc_nic, link, BMC_LINK_UP) };
	const struct bmc_value down[] = { BMC_NUM(bmc_nic, link, BMC_LINK_DOWN) };

	(void)state;
	assert_int_equal(say(first, BMC_PSU, "psu1", "input_ok", 1, NULL), 0);
	assert_int_equal(say(first, BMC_PSU, "psu2", "input_ok", 1, NULL), 0);
	bmc_inventory_publish();
	assert_int_equal(say(first, BMC_PSU, "psu2", "input_ok", 0, NULL), 0);
	assert_int_equal(count_events("PsuFailed", "psu2"), 1);
	assert_int_equal(count_events("PsuRedundancyLost", "enclosure"), 1);
	assert_int_equal(say(first, BMC_PSU, "psu2", "input_ok", 1, NULL), 0);
	assert_int_equal(count_events("PsuRecovered", "psu2"), 1);
	assert_int_equal(count_events("PsuRedundancyRestored", "enclosure"), 1);
	assert_int_equal(say(first, BMC_DISK, "disk1", "failure_predicted", 1, NULL),
			 0);
	assert_int_equal(count_events("DiskHealthChanged", "disk1"), 1);
	assert_int_equal(
		bmc_inventory_put(first, BMC_NIC, "eth0", BMC_CHASSIS, NULL, up, 1), 0);
	assert_int_equal(count_events("NicLinkUp", "eth0"), 0);
	assert_int_equal(
		bmc_inventory_put(first, BMC_NIC, "eth0", BMC_CHASSIS, NULL, down, 1),
		0);
	assert_int_equal(count_events("NicLinkDown", "eth0"), 1);
}

static void links_of_a_board_that_starts_are_no_events(void **state)
{
	const struct bmc_value up[] = { BMC_NUM(bmc_nic, link, BMC_LINK_UP) },
			       down[] = { BMC_NUM(bmc_nic, link, BMC_LINK_DOWN) };
	const struct bmc_value *const links[] = { up, down, up };

	(void)state;
	board_says("sub1-01", 1, "adb", "device", "linux");
	for (size_t i = 0; i < ARRAY_SIZE(links); i++) {
		if (i == 1)
			board_says("sub1-01", 1, "none", "none", "unknown");
		assert_int_equal(bmc_inventory_put(first, BMC_NIC, "sub1-01-eth0",
						   BMC_BOARD, "sub1-01", links[i], 1),
				 0);
		bmc_inventory_publish();
	}
	assert_int_equal(count_events("NicLinkDown", "sub1-01-eth0"), 0);
	assert_int_equal(count_events("NicLinkUp", "sub1-01-eth0"), 0);
	board_says("sub1-01", 1, "adb", "device", "linux");
	assert_int_equal(bmc_inventory_put(first, BMC_NIC, "sub1-01-eth0", BMC_BOARD,
					   "sub1-01", down, 1),
			 0);
	assert_int_equal(count_events("NicLinkDown", "sub1-01-eth0"), 1);
}

/* ---- tasks ---- */

static uint32_t put_task(uint32_t number, uint32_t parent,
			 enum bmc_task_state task_state, int64_t created)
{
	struct bmc_task t = {
		.row = { .kind = BMC_TASK, .index = { number, 0 }, .parent = parent },
		.op = BMC_ACT_FORCE_OFF,
		.state = task_state,
		.created = created,
		.started = BMC_UNKNOWN,
		.ended = created,
	};

	(void)snprintf(t.row.id, sizeof(t.row.id), "%u", number);
	(void)bmc_copy(t.target_id, sizeof(t.target_id), "sub1-01");
	(void)bmc_copy(t.error, sizeof(t.error), "the pin is stuck");
	uint32_t handle = bmc_inventory_upsert(&t.row);
	assert_int_not_equal(handle, 0);
	return handle;
}

static void a_task_of_several_boards_says_so(void **state)
{
	struct bmc_task t = { .row = { .kind = BMC_TASK, .id = "7", .index = { 7, 0 } },
			      .op = BMC_ACT_FORCE_OFF,
			      .state = BMC_TASK_RUNNING,
			      .created = bmc_now(),
			      .started = BMC_UNKNOWN,
			      .ended = BMC_UNKNOWN };

	(void)state;
	assert_int_not_equal(bmc_inventory_upsert(&t.row), 0);
	assert_int_equal(count_events("TaskStarted", "7"), 1);
	assert_string_equal(last_event()->args[2], "a set of boards");
}

static void a_task_is_told_of_from_start_to_end(void **state)
{
	(void)state;
	put_task(1, 0, BMC_TASK_NEW, bmc_now());
	assert_int_equal(count_events("TaskStarted", "1"), 0);
	put_task(1, 0, BMC_TASK_RUNNING, bmc_now());
	assert_int_equal(count_events("TaskStarted", "1"), 1);
	assert_string_equal(last_event()->message,
			    "Task 1 has started: ForceOff of sub1-01.");
	put_task(1, 0, BMC_TASK_EXCEPTION, bmc_now());
	assert_int_equal(count_events("TaskFailed", "1"), 1);
	assert_string_equal(last_event()->args[2], "the pin is stuck");
	put_task(2, 0, BMC_TASK_COMPLETED, bmc_now());
	assert_int_equal(count_events("TaskStarted", "2"), 1);
	assert_int_equal(count_events("TaskCompleted", "2"), 1);
	put_task(3, 0, BMC_TASK_NEW, bmc_now());
	put_task(3, 0, BMC_TASK_CANCELLED, bmc_now());
	assert_int_equal(count_events("TaskCancelled", "3"), 1);
}

static void the_parts_of_a_task_are_told_of_only_when_they_fail(void **state)
{
	uint32_t parent = put_task(1, 0, BMC_TASK_RUNNING, bmc_now());

	(void)state;
	put_task(2, parent, BMC_TASK_RUNNING, bmc_now());
	put_task(3, parent, BMC_TASK_RUNNING, bmc_now());
	bmc_inventory_publish();
	put_task(2, parent, BMC_TASK_COMPLETED, bmc_now());
	put_task(3, parent, BMC_TASK_EXCEPTION, bmc_now());
	assert_int_equal(count_events("TaskStarted", "2"), 0);
	assert_int_equal(count_events("TaskCompleted", "2"), 0);
	assert_int_equal(count_events("TaskFailed", "3"), 1);
}

static uint32_t put_manager(int64_t start_time, int64_t durable)
{
	struct bmc_manager m = {
		.row = { .kind = BMC_MANAGER, .id = "bmc" },
		.start_time = start_time,
		.state_durable = durable,
		.locator = BMC_UNKNOWN,
	};

	return bmc_inventory_upsert(&m.row);
}

static void tasks_of_an_earlier_run_are_no_news(void **state)
{
	int64_t start = bmc_now();

	(void)state;
	put_manager(start, 1);
	put_task(1, 0, BMC_TASK_COMPLETED, start - 5000);
	put_task(2, 0, BMC_TASK_RUNNING, start - 5000);
	assert_int_equal(count_events("TaskStarted", "1") +
				 count_events("TaskCompleted", "1") +
				 count_events("TaskStarted", "2"),
			 0);
	put_task(2, 0, BMC_TASK_INTERRUPTED, start);
	assert_int_equal(count_events("TaskFailed", "2"), 1);
}

static void a_database_that_takes_no_writes_is_an_event(void **state)
{
	(void)state;
	put_manager(0, 1);
	bmc_inventory_publish();
	put_manager(0, 0);
	assert_int_equal(count_events("StateNotDurable", "bmc"), 1);
	put_manager(0, 1);
	assert_int_equal(count_events("StateDurable", "bmc"), 1);
}

/* ---- raised by hand ---- */

static void what_is_raised_becomes_a_row_like_any_other(void **state)
{
	(void)state;
	bmc_event_raise("LoginFailed", row_of(BMC_BOARD, "main")->handle, "eve\n",
			"192.0.2.7", NULL);
	assert_int_equal(count_events("LoginFailed", "main"), 1);
	assert_string_equal(last_event()->message,
			    "A login as eve? from 192.0.2.7 over  was refused.");
	assert_int_equal(last_event()->severity, BMC_SEVERITY_WARNING);
	assert_int_equal(last_event()->origin_kind, BMC_BOARD);
	bmc_event_raise("Nonsense", 0, NULL, NULL, NULL);
	bmc_event_raise("TestEvent", 0, "hello", NULL, NULL);
	assert_int_equal(count_events("TestEvent", ""), 1);
	assert_string_equal(last_event()->row.id, "2");
}

static void only_the_last_thousand_are_kept(void **state)
{
	const struct bmc_row *const *rows;

	(void)state;
	for (int i = 0; i < 1100; i++)
		bmc_event_raise("TestEvent", 0, "again", NULL, NULL);
	bmc_loop_step(0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	assert_int_equal(bmc_snapshot_rows(s, BMC_EVENT, &rows), BMC_EVENTS_KEPT);
	assert_string_equal(rows[0]->id, "101");
	assert_string_equal(rows[999]->id, "1100");
}

static void count(void *arg, const struct bmc_event *e)
{
	assert_int_equal(e->time, 0);
	++*(int *)arg;
}

static void the_difference_of_two_snapshots_can_be_asked_for(void **state)
{
	int n = 0;

	(void)state;
	board_says("sub1-01", 1, "adb", "device", "linux");
	auto_snapshot struct bmc_snapshot *a = bmc_snapshot_get();
	board_says("sub1-01", 1, "adb", "device", "android");
	auto_snapshot struct bmc_snapshot *b = bmc_snapshot_get();
	bmc_events_diff(a, b, count, &n);
	assert_int_equal(n, 1);
	bmc_events_diff(b, b, count, &n);
	assert_int_equal(n, 1);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_is_well_formed),
		T(what_is_seen_first_is_no_event),
		T(a_change_and_its_event_are_in_one_snapshot),
		T(links_of_a_board_that_starts_are_no_events),
		T(presence_changes_are_events),
		T(a_failing_fan_is_an_event_with_its_speed),
		T(a_sensors_event_names_reading_and_limit),
		T(supplies_disks_and_links_have_their_events),
		T(a_task_of_several_boards_says_so),
		T(a_task_is_told_of_from_start_to_end),
		T(the_parts_of_a_task_are_told_of_only_when_they_fail),
		T(tasks_of_an_earlier_run_are_no_news),
		T(a_database_that_takes_no_writes_is_an_event),
		T(what_is_raised_becomes_a_row_like_any_other),
		T(only_the_last_thousand_are_kept),
		T(the_difference_of_two_snapshots_can_be_asked_for),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
