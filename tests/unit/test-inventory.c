// SPDX-License-Identifier: Apache-2.0
/* What sources say becomes rows: whom to believe, for how long, and when it is shown.
 */
#include <pthread.h>

#include "core-fixture.h"

static void every_slot_is_a_row_from_the_start(void **state)
{
	(void)state;
	assert_string_equal(word_of(BMC_CHASSIS, "enclosure", "status"), "Enabled");
	assert_string_equal(word_of(BMC_BOARD, "sub1-01", "status"), "Absent");
	assert_string_equal(text_of(BMC_BOARD, "sub1-01", "model"), "Core");
	assert_int_equal(num_of(BMC_BOARD, "sub1-01", "present"), BMC_UNKNOWN);
	assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), 1000);
	assert_int_equal(row_of(BMC_BOARD, "sub2-01")->parent,
			 row_of(BMC_BLADE, "blade2")->handle);
	assert_int_equal(row_of(BMC_BLADE, "blade1")->parent,
			 row_of(BMC_CHASSIS, "enclosure")->handle);
	assert_int_equal(row_of(BMC_DISK, "disk1")->parent,
			 row_of(BMC_BLADE, "blade2")->handle);
	assert_int_equal(row_of(BMC_BOARD, "sub2-01")->index[0], 2);
	assert_int_equal(num_of(BMC_BLADE, "blade1", "slots"), 2);
	assert_int_equal(num_of(BMC_BOARD, "sub1-01", "can_power"), 1);
	assert_int_equal(num_of(BMC_BOARD, "sub1-01", "can_reset"), 0);
	assert_int_equal(num_of(BMC_BOARD, "sub1-01", "can_adb"), 1);
	assert_int_equal(num_of(BMC_BOARD, "main", "is_main"), 1);
}

static void a_value_that_is_put_is_in_the_next_snapshot(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 4200, NULL), 0);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), 4200);
	assert_int_equal(num_of(BMC_FAN, "fan2", "rpm"), BMC_UNKNOWN);
}

/* ---- whom to believe ---- */

static void the_platform_files_order_decides_between_sources(void **state)
{
	(void)state;
	assert_int_equal(say(second, BMC_BOARD, "sub1-01", "cpu_load", 2000, NULL), 0);
	assert_int_equal(num_of(BMC_BOARD, "sub1-01", "cpu_load"), 2000);
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "cpu_load", 1000, NULL), 0);
	assert_int_equal(num_of(BMC_BOARD, "sub1-01", "cpu_load"), 1000);
	assert_int_equal(say(second, BMC_BOARD, "sub1-01", "cpu_load", 3000, NULL), 0);
	assert_int_equal(num_of(BMC_BOARD, "sub1-01", "cpu_load"), 1000);
	/* for this field the file says otherwise */
	assert_int_equal(
		say(second, BMC_BOARD, "sub1-01", "os_version", 0, "of second"), 0);
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "os_version", 0, "of first"),
			 0);
	assert_string_equal(text_of(BMC_BOARD, "sub1-01", "os_version"), "of second");
}

static void what_the_better_source_does_not_know_another_may_say(void **state)
{
	(void)state;
	assert_int_equal(say(second, BMC_BOARD, "sub1-01", "serial", 0, "S2"), 0);
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "serial", 0, "S1"), 0);
	assert_string_equal(text_of(BMC_BOARD, "sub1-01", "serial"), "S1");
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "serial", 0, ""), 0);
	assert_string_equal(text_of(BMC_BOARD, "sub1-01", "serial"), "S2");
	assert_int_equal(say(second, BMC_BOARD, "sub1-01", "serial", 0, NULL), 0);
	assert_string_equal(text_of(BMC_BOARD, "sub1-01", "serial"), "");
	/* what the platform file gives comes last */
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "model", 0, "Other"), 0);
	assert_string_equal(text_of(BMC_BOARD, "sub1-01", "model"), "Other");
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "model", 0, ""), 0);
	assert_string_equal(text_of(BMC_BOARD, "sub1-01", "model"), "Core");
}

static void a_silent_source_makes_only_its_own_fields_unknown(void **state)
{
	struct bmc_source *quick = bmc_source_new("quick", 100, 2);
	int64_t until = bmc_now() + 60000;

	(void)state;
	assert_int_equal(say(quick, BMC_FAN, "fan1", "rpm", 3000, NULL), 0);
	assert_int_equal(say(second, BMC_FAN, "fan1", "duty", 50000, NULL), 0);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), 3000);
	while (num_of(BMC_FAN, "fan1", "rpm") != BMC_UNKNOWN && bmc_now() < until)
		bmc_loop_step(20);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), BMC_UNKNOWN);
	assert_int_equal(num_of(BMC_FAN, "fan1", "duty"), 50000);
	assert_string_equal(word_of(BMC_FAN, "fan1", "status"), "Enabled");
	assert_int_equal(say(quick, BMC_FAN, "fan1", "rpm", 3100, NULL), 0);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), 3100);
}

static void a_source_that_ends_takes_what_it_said_along(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 3000, NULL), 0);
	assert_int_equal(say(first, BMC_NIC, "eth0", "mtu", 1500, NULL), 0);
	assert_int_equal(say(first, BMC_NIC, "eth1", "mtu", 1500, NULL), 0);
	assert_int_equal(say(second, BMC_NIC, "eth1", "speed", 1000, NULL), 0);
	assert_non_null(row_of(BMC_NIC, "eth0"));
	assert_null(bmc_source_free(first));
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), BMC_UNKNOWN);
	assert_null(row_of(BMC_NIC, "eth0"));
	assert_int_equal(num_of(BMC_NIC, "eth1", "mtu"), BMC_UNKNOWN);
	assert_int_equal(num_of(BMC_NIC, "eth1", "speed"), 1000);
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 1, NULL), BMC_ESTATE);
	assert_null(bmc_source_free(first));
	assert_null(bmc_source_free(NULL));
}

static void the_number_of_sources_is_bounded(void **state)
{
	size_t n = 0;

	(void)state;
	while (n < 1000 && bmc_source_new("more", 0, 9))
		n++;
	assert_true(n > 100 && n < 1000);
}

static void the_time_of_reading_is_that_of_the_oldest_source(void **state)
{
	int64_t before = bmc_now();

	(void)state;
	assert_int_equal(row_of(BMC_FAN, "fan1")->read_at, BMC_UNKNOWN);
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 3000, NULL), 0);
	assert_true(row_of(BMC_FAN, "fan1")->read_at >= before);
	assert_true(row_of(BMC_FAN, "fan1")->read_at <= bmc_now());
}

/* ---- rows that sources make ---- */

static void rows_made_at_run_time_get_indexes_from_1001(void **state)
{
	const struct bmc_value v[] = { BMC_NUM(bmc_sensor, value, 41000) };

	(void)state;
	assert_int_equal(
		bmc_inventory_put(first, BMC_SENSOR, "cpu", BMC_BOARD, "main", v, 1),
		0);
	assert_int_equal(
		bmc_inventory_put(first, BMC_SENSOR, "gpu", BMC_BOARD, "nobody", v, 1),
		0);
	const struct bmc_row *cpu = row_of(BMC_SENSOR, "cpu");
	assert_int_equal(cpu->index[0], 1001);
	assert_int_equal(cpu->parent, row_of(BMC_BOARD, "main")->handle);
	assert_int_equal(row_of(BMC_SENSOR, "gpu")->index[0], 1002);
	assert_int_equal(row_of(BMC_SENSOR, "gpu")->parent,
			 row_of(BMC_CHASSIS, "enclosure")->handle);
	/* the same id has the same index again */
	assert_int_equal(bmc_inventory_gone(first, BMC_SENSOR, "cpu"), 0);
	assert_null(row_of(BMC_SENSOR, "cpu"));
	assert_int_equal(say(first, BMC_SENSOR, "other", "value", 1, NULL), 0);
	assert_int_equal(row_of(BMC_SENSOR, "other")->index[0], 1003);
	assert_int_equal(
		bmc_inventory_put(first, BMC_SENSOR, "cpu", BMC_BOARD, "main", v, 1),
		0);
	assert_int_equal(row_of(BMC_SENSOR, "cpu")->index[0], 1001);
}

static void a_slot_that_is_gone_becomes_unknown(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 3000, NULL), 0);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), 3000);
	assert_int_equal(bmc_inventory_gone(first, BMC_FAN, "fan1"), 0);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), BMC_UNKNOWN);
	assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), 1000);
	assert_int_equal(bmc_inventory_gone(first, BMC_FAN, "fan9"), BMC_ENOTFOUND);
}

static void what_a_removed_row_held_goes_to_the_chassis(void **state)
{
	const struct bmc_value v[] = { BMC_NUM(bmc_sensor, value, 41000) };

	(void)state;
	assert_int_equal(say(first, BMC_DISK, "usb1", "bytes", 1 << 20, NULL), 0);
	assert_int_equal(bmc_inventory_put(first, BMC_SENSOR, "usb1-temp", BMC_DISK,
					   "usb1", v, 1),
			 0);
	assert_int_equal(row_of(BMC_SENSOR, "usb1-temp")->parent,
			 row_of(BMC_DISK, "usb1")->handle);
	assert_int_equal(bmc_inventory_gone(first, BMC_DISK, "usb1"), 0);
	assert_int_equal(row_of(BMC_SENSOR, "usb1-temp")->parent,
			 row_of(BMC_CHASSIS, "enclosure")->handle);
}

static void run_time_rows_are_bounded(void **state)
{
	char id[BMC_ID_MAX];
	const struct bmc_row *const *rows;

	(void)state;
	for (int i = 0; i < 4200; i++) {
		(void)snprintf(id, sizeof(id), "fw-%d", i);
		assert_int_equal(say(first, BMC_FIRMWARE, id, "updateable", 1, NULL),
				 0);
	}
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	assert_int_equal(bmc_snapshot_rows(s, BMC_FIRMWARE, &rows), 4096);
	assert_int_equal(bmc_inventory_gone(first, BMC_FIRMWARE, "fw-7"), 0);
	assert_int_equal(say(first, BMC_FIRMWARE, "fw-new", "updateable", 1, NULL), 0);
	assert_int_equal(row_of(BMC_FIRMWARE, "fw-new")->index[0], 1008);
}

static void nonsense_is_refused_at_the_door(void **state)
{
	const struct bmc_value good[] = { BMC_NUM(bmc_fan, rpm, 1) };
	const struct bmc_value crooked[] = { { .offset = offsetof(struct bmc_fan, rpm) +
							 1 } };
	struct bmc_value many[65];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(many); i++)
		many[i] = good[0];
	assert_int_equal(say(first, BMC_FAN, "fan9", "rpm", 1, NULL), BMC_ENOTFOUND);
	assert_int_equal(say(first, BMC_BOARD, "sub9-01", "present", 1, NULL),
			 BMC_ENOTFOUND);
	assert_int_equal(say(first, BMC_NIC, "Eth 0", "mtu", 1, NULL), BMC_EINVAL);
	assert_int_equal(say(first, BMC_NIC, "", "mtu", 1, NULL), BMC_EINVAL);
	assert_int_equal(say(first, BMC_TASK, "1", "percent", 1, NULL), BMC_EINVAL);
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "state", 1, NULL),
			 BMC_EREADONLY);
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "present", 2, NULL),
			 BMC_EINVAL);
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "usb_mode", 77, NULL),
			 BMC_EINVAL);
	assert_int_equal(
		bmc_inventory_put(first, BMC_FAN, NULL, BMC_CHASSIS, NULL, good, 1),
		BMC_EINVAL);
	assert_int_equal(
		bmc_inventory_put(first, BMC_FAN, "fan1", BMC_CHASSIS, NULL, good, 0),
		BMC_EINVAL);
	assert_int_equal(
		bmc_inventory_put(first, BMC_FAN, "fan1", BMC_CHASSIS, NULL, many, 65),
		BMC_EINVAL);
	assert_int_equal(bmc_inventory_put(first, BMC_FAN, "fan1", BMC_CHASSIS, NULL,
					   crooked, 1),
			 BMC_EINVAL);
	assert_int_equal(
		bmc_inventory_put(first, BMC_FAN, "fan1", BMC_CHASSIS, NULL, many, 64),
		0);
}

static void text_that_is_none_comes_out_printable(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "serial", 0,
			     "S\n\xff"
			     "1"),
			 0);
	assert_string_equal(text_of(BMC_BOARD, "sub1-01", "serial"), "S??1");
}

/* ---- when it is shown ---- */

static uint64_t generation(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

	return bmc_snapshot_generation(s);
}

static void a_change_of_state_is_published_at_the_end_of_the_pass(void **state)
{
	uint64_t was = generation();

	(void)state;
	assert_int_equal(say(first, BMC_BOARD, "sub1-01", "power_pin", 1, NULL), 0);
	bmc_loop_step(0); /* the put is merged */
	bmc_loop_step(0); /* and published */
	assert_int_equal(generation(), was + 1);
}

static void readings_wait_and_go_together(void **state)
{
	int64_t until = bmc_now() + 60000;

	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 2000, NULL), 0);
	bmc_inventory_publish();
	uint64_t was = generation();
	for (int i = 0; i < 5; i++) {
		assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 2001 + i, NULL), 0);
		bmc_loop_step(0);
	}
	while (generation() == was && bmc_now() < until)
		bmc_loop_step(20);
	assert_int_equal(generation(), was + 1);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), 2005);
}

static void *talk(void *arg)
{
	int refused = 0;

	(void)arg;
	for (int i = 0; i < 4100; i++)
		refused += say(second, BMC_FAN, "fan2", "rpm", i, NULL) == BMC_EAGAIN;
	return (void *)(intptr_t)refused;
}

static void a_source_that_talks_too_much_is_told_to_wait(void **state)
{
	pthread_t thread;
	void *refused;

	(void)state;
	assert_int_equal(pthread_create(&thread, NULL, talk, NULL), 0);
	assert_int_equal(pthread_join(thread, &refused), 0);
	assert_int_equal((intptr_t)refused, 4);
	/* main itself makes room */
	assert_int_equal(say(second, BMC_FAN, "fan2", "duty", 7, NULL), 0);
	bmc_loop_step(0);
	assert_int_equal(num_of(BMC_FAN, "fan2", "rpm"), 4095);
	assert_int_equal(num_of(BMC_FAN, "fan2", "duty"), 7);
}

static void a_long_queue_is_worked_off_in_several_passes(void **state)
{
	(void)state;
	for (int i = 0; i < 1200; i++)
		assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 2000 + i, NULL), 0);
	for (int i = 0; i < 4; i++)
		bmc_loop_step(0);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), 3199);
}

/* ---- the core's own rows ---- */

static struct bmc_manager manager(const char *version)
{
	struct bmc_manager m = {
		.row = { .kind = BMC_MANAGER, .id = "bmc", .index = { 1, 0 } },
		.start_time = 1,
		.state_durable = 1,
		.locator = BMC_UNKNOWN
	};

	(void)bmc_copy(m.version, sizeof(m.version), version);
	return m;
}

static void a_core_row_is_as_it_was_given(void **state)
{
	struct bmc_manager m = manager("1");
	uint32_t handle = bmc_inventory_upsert(&m.row);

	(void)state;
	assert_int_equal(row_of(BMC_MANAGER, "bmc")->handle, handle);
	uint64_t changed = row_of(BMC_MANAGER, "bmc")->changed;
	assert_int_equal(bmc_inventory_upsert(&m.row), handle);
	assert_int_equal(row_of(BMC_MANAGER, "bmc")->changed, changed);
	m = manager("2");
	m.row.index[0] = 5;
	assert_int_equal(bmc_inventory_upsert(&m.row), handle);
	assert_string_equal(text_of(BMC_MANAGER, "bmc", "version"), "2");
	assert_int_equal(row_of(BMC_MANAGER, "bmc")->index[0], 5);
	/* a source may add to it */
	assert_int_equal(say(first, BMC_MANAGER, "bmc", "hostname", 0, "r2"), 0);
	assert_string_equal(text_of(BMC_MANAGER, "bmc", "hostname"), "r2");
	m = manager("3");
	assert_int_equal(bmc_inventory_upsert(&m.row), handle);
	assert_string_equal(text_of(BMC_MANAGER, "bmc", "hostname"), "r2");
	assert_string_equal(text_of(BMC_MANAGER, "bmc", "version"), "3");
	bmc_inventory_remove(handle);
	assert_null(row_of(BMC_MANAGER, "bmc"));
	bmc_inventory_remove(handle);
}

static void a_core_row_can_not_take_a_slots_place(void **state)
{
	struct bmc_fan f = { .row = { .kind = BMC_FAN, .id = "fan1" } };
	struct bmc_fan nameless = { .row = { .kind = BMC_FAN } };

	(void)state;
	assert_int_equal(bmc_inventory_upsert(&f.row), 0);
	assert_int_equal(bmc_inventory_upsert(&nameless.row), 0);
	f.row.kind = BMC_N_KINDS;
	assert_int_equal(bmc_inventory_upsert(&f.row), 0);
}

/* ---- settings ---- */

static void a_setting_lies_over_what_sources_say(void **state)
{
	const struct bmc_field *name = bmc_field_find(BMC_FAN, "name");
	const struct bmc_field *low = bmc_field_find(BMC_FAN, "low_rpm");
	uint32_t handle = row_of(BMC_FAN, "fan1")->handle;

	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "name", 0, "as the hardware says"),
			 0);
	assert_int_equal(bmc_inventory_set(handle, name, 0, "front"), 0);
	assert_int_equal(bmc_inventory_set(handle, low, 500, NULL), 0);
	assert_string_equal(text_of(BMC_FAN, "fan1", "name"), "front");
	assert_int_equal(num_of(BMC_FAN, "fan1", "low_rpm"), 500);
	assert_int_equal(row_of(BMC_FAN, "fan1")->set_changed, generation());
	assert_int_equal(bmc_inventory_set(0, name, 0, "nobody"), BMC_ENOTFOUND);
	assert_int_equal(
		bmc_inventory_set(row_of(BMC_BOARD, "main")->handle, name, 0, "x"),
		BMC_EINVAL);
}

static void a_setting_waits_for_a_row_that_comes_back(void **state)
{
	const struct bmc_field *name = bmc_field_find(BMC_NIC, "name");

	(void)state;
	assert_int_equal(say(first, BMC_NIC, "eth0", "mtu", 1500, NULL), 0);
	assert_int_equal(
		bmc_inventory_set(row_of(BMC_NIC, "eth0")->handle, name, 0, "uplink"),
		0);
	assert_int_equal(bmc_inventory_gone(first, BMC_NIC, "eth0"), 0);
	assert_null(row_of(BMC_NIC, "eth0"));
	assert_int_equal(say(first, BMC_NIC, "eth0", "mtu", 1500, NULL), 0);
	assert_string_equal(text_of(BMC_NIC, "eth0", "name"), "uplink");
}

static void puts_after_the_end_are_refused(void **state)
{
	(void)state;
	bmc_events_done();
	bmc_inventory_done();
	assert_null(bmc_snapshot_get());
	bmc_inventory_publish();
	assert_int_equal(say(first, BMC_NIC, "eth0", "mtu", 1500, NULL), BMC_ESTATE);
	bmc_event_raise("TestEvent", 0, "late", NULL, NULL);
	bmc_loop_step(0);
	start_inventory();
}

/* ---- when ---- */

/* Passes of the loop that take no time: nothing that waits is done in them. */
static uint64_t generation_soon(void)
{
	for (int i = 0; i < 4; i++)
		bmc_loop_step(0);
	return generation();
}

static void a_state_does_not_wait_for_the_readings(void **state)
{
	int64_t begin;
	uint64_t before;

	(void)state;
	for (int i = 0; i < 10; i++) {
		assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 2000 + i, NULL), 0);
		bmc_inventory_publish();
		begin = bmc_now();
		before = generation();
		assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 3000 + i, NULL), 0);
		uint64_t after = generation_soon();
		if (bmc_now() - begin < 80) /* of the 100 ms readings wait */
			assert_int_equal(after, before);
		bmc_inventory_publish();
		before = generation();
		assert_int_equal(
			say(first, BMC_BOARD, "sub1-01", "present", i % 2, NULL), 0);
		assert_int_equal(generation_soon(), before + 1);
	}
}

static void a_row_is_as_old_as_its_oldest_source(void **state)
{
	int64_t old, now;

	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 1000, NULL), 0);
	old = row_of(BMC_FAN, "fan1")->read_at;
	assert_true(old <= bmc_now());
	while (bmc_now() < old + 20)
		bmc_loop_step(5);
	now = bmc_now();
	assert_int_equal(say(second, BMC_FAN, "fan1", "duty", 50000, NULL), 0);
	assert_int_equal(row_of(BMC_FAN, "fan1")->read_at, old);
	/* both have spoken again: the older of the two */
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 1001, NULL), 0);
	int64_t both = row_of(BMC_FAN, "fan1")->read_at;
	assert_in_range(both, now, bmc_now());
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(every_slot_is_a_row_from_the_start),
		T(a_state_does_not_wait_for_the_readings),
		T(a_row_is_as_old_as_its_oldest_source),
		T(a_value_that_is_put_is_in_the_next_snapshot),
		T(the_platform_files_order_decides_between_sources),
		T(what_the_better_source_does_not_know_another_may_say),
		T(a_silent_source_makes_only_its_own_fields_unknown),
		T(a_source_that_ends_takes_what_it_said_along),
		T(the_number_of_sources_is_bounded),
		T(the_time_of_reading_is_that_of_the_oldest_source),
		T(rows_made_at_run_time_get_indexes_from_1001),
		T(a_slot_that_is_gone_becomes_unknown),
		T(what_a_removed_row_held_goes_to_the_chassis),
		T(run_time_rows_are_bounded),
		T(nonsense_is_refused_at_the_door),
		T(text_that_is_none_comes_out_printable),
		T(a_change_of_state_is_published_at_the_end_of_the_pass),
		T(readings_wait_and_go_together),
		T(a_source_that_talks_too_much_is_told_to_wait),
		T(a_long_queue_is_worked_off_in_several_passes),
		T(a_core_row_is_as_it_was_given),
		T(a_core_row_can_not_take_a_slots_place),
		T(a_setting_lies_over_what_sources_say),
		T(a_setting_waits_for_a_row_that_comes_back),
		T(puts_after_the_end_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
