// SPDX-License-Identifier: Apache-2.0
/* The rings of samples: what is in them, how long, and how much memory they take. */
#include "core-fixture.h"

#include <pthread.h>

#include "core/snapshot/history.h"
#include "slower.h"

#define STEP INT64_C(10000)

static struct bmc_history_values got;
static int64_t clock_ms, *const values = got.values;

/* Far from the timer's own ticks. */
static int start(size_t samples)
{
	clock_ms = (bmc_now() / STEP + 1000) * STEP;
	const struct bmc_history_sizes sizes = { samples, STEP, 4, 3 * STEP - 1 };
	return bmc_history_init(&sizes, NULL);
}

static int set_up_history(void **state)
{
	assert_int_equal(set_up(state), 0);
	return start(5);
}

static int tear_down_history(void **state)
{
	bmc_history_done();
	return tear_down(state);
}

static void tick(int64_t rpm)
{
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", rpm, NULL), 0);
	bmc_inventory_publish();
	clock_ms += STEP;
	bmc_history_sample(clock_ms);
}

static size_t read_history(enum bmc_kind kind, const char *id, const char *field)
{
	return bmc_history_read(row_of(kind, id)->handle, bmc_field_find(kind, field),
				false, &got);
}

static void samples_come_oldest_first(void **state)
{
	(void)state;
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 0);
	tick(1000);
	tick(2000);
	tick(3000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 3);
	assert_int_equal(values[0], 1000);
	assert_int_equal(values[2], 3000);
	assert_int_equal(got.last, clock_ms);
	assert_int_equal(got.interval, STEP);
}

static void a_ring_keeps_its_newest_samples(void **state)
{
	(void)state;
	for (int i = 1; i <= 5; i++)
		tick(i * 1000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 5);
	assert_int_equal(values[0], 1000);
	tick(6000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 5);
	assert_int_equal(values[0], 2000);
	assert_int_equal(values[4], 6000);
}

static void what_was_not_read_is_unknown(void **state)
{
	(void)state;
	tick(1000);
	tick(BMC_UNKNOWN);
	clock_ms += 2 * STEP; /* the machine slept */
	tick(2000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 5);
	assert_int_equal(values[0], 1000);
	for (int i = 1; i < 4; i++)
		assert_int_equal(values[i], BMC_UNKNOWN);
	assert_int_equal(values[4], 2000);
	clock_ms += 1000 * STEP;
	tick(3000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 5);
	assert_int_equal(values[3], BMC_UNKNOWN);
	assert_int_equal(values[4], 3000);
	bmc_history_sample(clock_ms); /* the same tick again */
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 5);
	assert_int_equal(values[4], 3000);
}

static void only_readings_have_a_ring(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "model", 0, "x"), 0);
	tick(1000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "low_rpm"), 0);
	assert_int_equal(read_history(BMC_FAN, "fan1", "model"), 0);
	assert_int_equal(read_history(BMC_FAN, "fan2", "rpm"), 0); /* unread */
	assert_int_equal(
		bmc_history_read(0, bmc_field_find(BMC_FAN, "rpm"), false, &got), 0);
	assert_int_equal(bmc_history_read(row_of(BMC_FAN, "fan1")->handle,
					  bmc_field_find(BMC_PSU, "input_power"), false,
					  &got),
			 0);
	assert_int_equal(bmc_history_bytes(), BMC_HISTORY_SERIES + (5 + 4) * 4);
}

static void a_ring_goes_with_its_row(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_SENSOR, "s1", "value", 7, NULL), 0);
	tick(1000);
	assert_int_equal(read_history(BMC_SENSOR, "s1", "value"), 1);
	uint32_t handle = row_of(BMC_SENSOR, "s1")->handle;
	assert_int_equal(bmc_inventory_gone(first, BMC_SENSOR, "s1"), 0);
	tick(1000);
	assert_int_equal(bmc_history_read(handle, bmc_field_find(BMC_SENSOR, "value"),
					  false, &got),
			 0);
	assert_int_equal(bmc_history_bytes(), BMC_HISTORY_SERIES + (5 + 4) * 4);
}

static void what_32_bits_do_not_hold_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_SENSOR, "s1", "value", INT64_MAX, NULL), 0);
	tick(INT64_MIN + 1);
	assert_int_equal(read_history(BMC_SENSOR, "s1", "value"), 1);
	assert_int_equal(values[0], INT32_MAX);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 1);
	assert_int_equal(values[0], INT32_MIN + 1);
}

/* With many readings and long rings, some readings have none. */
static void memory_is_bounded(void **state)
{
	char id[16];
	size_t rings = 0;

	(void)state;
	bmc_history_done();
	assert_int_equal(start(2880), 0);
	for (int i = 0; i < 400; i++) {
		(void)snprintf(id, sizeof(id), "s%d", i);
		assert_int_equal(say(first, BMC_SENSOR, id, "value", i, NULL), 0);
	}
	tick(1000);
	assert_true(bmc_history_bytes() <= BMC_HISTORY_BYTES);
	assert_true(bmc_history_bytes() > BMC_HISTORY_BYTES - 12000);
	for (int i = 0; i < 400; i++) {
		(void)snprintf(id, sizeof(id), "s%d", i);
		rings += read_history(BMC_SENSOR, id, "value");
	}
	assert_in_range(rings, 355, 365);
}

static void none_are_kept_where_none_are_asked_for(void **state)
{
	(void)state;
	bmc_history_done();
	assert_int_equal(start(0), 0);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm"), 0);
	assert_int_equal(bmc_history_bytes(), 0);
}

/* A process that did not run for a while has a gap there. */
static size_t samples_of_one(void)
{
	size_t n = read_history(BMC_FAN, "fan1", "rpm"), ones = 0;

	for (size_t i = 0; i < n; i++)
		ones += values[i] == 1;
	return ones;
}

static void the_timer_samples_by_itself(void **state)
{
	int64_t end = bmc_now() + slower(30000);

	(void)state;
	bmc_history_done();
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 1, NULL), 0);
	bmc_inventory_publish();
	const struct bmc_history_sizes quick = { 5, 50, 0, 0 };
	assert_int_equal(bmc_history_init(&quick, NULL), 0);
	while (samples_of_one() < 3 && bmc_now() < end)
		bmc_loop_step(20);
	assert_int_equal(got.interval, 50);
	assert_true(samples_of_one() >= 3);
}

static void *reader(void *arg)
{
	static struct bmc_history_values mine;

	for (int k = 0; k < 2000; k++) {
		size_t n = bmc_history_read(
			*(uint32_t *)arg, bmc_field_find(BMC_FAN, "rpm"), false, &mine);
		for (size_t j = 1; j < n; j++) {
			if (mine.values[j] != mine.values[j - 1] + 1)
				return NULL;
		}
	}
	return arg;
}

static void readers_of_other_threads_see_whole_rings(void **state)
{
	uint32_t handle = row_of(BMC_FAN, "fan1")->handle;
	pthread_t thread;
	void *ok;

	(void)state;
	tick(1);
	assert_int_equal(pthread_create(&thread, NULL, reader, &handle), 0);
	for (int i = 2; i < 300; i++)
		tick(i);
	assert_int_equal(pthread_join(thread, &ok), 0);
	assert_non_null(ok);
}

static size_t read_means(enum bmc_kind kind, const char *id, const char *field)
{
	return bmc_history_read(row_of(kind, id)->handle, bmc_field_find(kind, field),
				true, &got);
}

/* Begins with a whole group, of three samples. */
static void to_group(void)
{
	while ((clock_ms / STEP) % 3 != 0)
		clock_ms += STEP;
}

static void means_are_of_groups_that_ended(void **state)
{
	(void)state;
	to_group();
	tick(1000);
	tick(BMC_UNKNOWN);
	tick(4000);
	assert_int_equal(read_means(BMC_FAN, "fan1", "rpm"), 0);
	tick(7);
	assert_int_equal(read_means(BMC_FAN, "fan1", "rpm"), 1);
	assert_int_equal(values[0], 2500);
	assert_int_equal(got.interval, 3 * STEP);
	assert_int_equal(got.last, clock_ms - STEP);
	tick(7);
	tick(10);
	assert_int_equal(read_means(BMC_FAN, "fan1", "rpm"), 1);
	tick(0);
	assert_int_equal(read_means(BMC_FAN, "fan1", "rpm"), 2);
	assert_int_equal(values[0], 2500);
	assert_int_equal(values[1], 8);
}

static void the_newest_means_are_kept(void **state)
{
	(void)state;
	to_group();
	for (int i = 0; i < 7 * 3; i++)
		tick(i / 3);
	assert_int_equal(read_means(BMC_FAN, "fan1", "rpm"), 4);
	for (int i = 0; i < 4; i++)
		assert_int_equal(values[i], 2 + i);
	clock_ms += 2 * 3 * STEP; /* the machine slept: two groups without samples */
	tick(9);
	assert_int_equal(read_means(BMC_FAN, "fan1", "rpm"), 4);
	assert_int_equal(values[0], 5);
	assert_int_equal(values[1], 6);
	assert_int_equal(values[2], BMC_UNKNOWN);
	assert_int_equal(values[3], BMC_UNKNOWN);
	clock_ms += 1000 * 3 * STEP;
	tick(9);
	assert_int_equal(read_means(BMC_FAN, "fan1", "rpm"), 4);
	assert_int_equal(values[0], BMC_UNKNOWN);
	assert_int_equal(values[3], BMC_UNKNOWN);
}

static void tick_nic(int64_t bytes)
{
	assert_int_equal(say(first, BMC_NIC, "eth0", "rx_bytes", bytes, NULL), 0);
	tick(1);
}

static void counters_are_shown_by_the_second(void **state)
{
	(void)state;
	tick_nic(5000000000);
	tick_nic(5000000000 + 10 * 123);
	tick_nic(400); /* the board started again */
	tick_nic(400);
	tick_nic(BMC_UNKNOWN);
	assert_int_equal(read_history(BMC_NIC, "eth0", "rx_bytes"), 5);
	assert_int_equal(values[0], BMC_UNKNOWN);
	assert_int_equal(values[1], 123);
	assert_int_equal(values[2], BMC_UNKNOWN);
	assert_int_equal(values[3], 0);
	assert_int_equal(values[4], BMC_UNKNOWN);
	clock_ms += STEP; /* missed: what was gained was gained in two intervals */
	tick_nic(1400);
	assert_int_equal(read_history(BMC_NIC, "eth0", "rx_bytes"), 5);
	assert_int_equal(values[4], BMC_UNKNOWN);
}

static void bytes_of_more_than_32_bits_are_kept(void **state)
{
	(void)state;
	assert_int_equal(
		say(first, BMC_DISK, "disk1", "used_bytes", 6000000000000 + 1023, NULL),
		0);
	tick(1);
	assert_int_equal(read_history(BMC_DISK, "disk1", "used_bytes"), 1);
	assert_true(values[0] <= 6000000000000 + 1023 &&
		    values[0] > 6000000000000 - 65536);
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up_history, tear_down_history)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(samples_come_oldest_first),
		T(a_ring_keeps_its_newest_samples),
		T(what_was_not_read_is_unknown),
		T(only_readings_have_a_ring),
		T(a_ring_goes_with_its_row),
		T(what_32_bits_do_not_hold_is_bounded),
		T(memory_is_bounded),
		T(none_are_kept_where_none_are_asked_for),
		T(the_timer_samples_by_itself),
		T(means_are_of_groups_that_ended),
		T(the_newest_means_are_kept),
		T(counters_are_shown_by_the_second),
		T(bytes_of_more_than_32_bits_are_kept),
		T(readers_of_other_threads_see_whole_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
