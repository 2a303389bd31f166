// SPDX-License-Identifier: Apache-2.0
/* The rings of samples: what is in them, how long, and how much memory they take. */
#include "core-fixture.h"

#include <pthread.h>

#include "core/snapshot/history.h"

#define STEP INT64_C(10000)

static int64_t values[4000], last, interval, clock_ms;

/* Far from the timer's own ticks. */
static int start(size_t samples)
{
	clock_ms = (bmc_now() / STEP + 1000) * STEP;
	return bmc_history_init(samples, STEP, NULL);
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

static size_t read_history(enum bmc_kind kind, const char *id, const char *field,
			   size_t max)
{
	return bmc_history_read(row_of(kind, id)->handle, bmc_field_find(kind, field),
				values, max, &last, &interval);
}

static void samples_come_oldest_first(void **state)
{
	(void)state;
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 0);
	tick(1000);
	tick(2000);
	tick(3000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 3);
	assert_int_equal(values[0], 1000);
	assert_int_equal(values[2], 3000);
	assert_int_equal(last, clock_ms);
	assert_int_equal(interval, STEP);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 2), 2);
	assert_int_equal(values[0], 2000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 0), 0);
}

static void a_ring_keeps_its_newest_samples(void **state)
{
	(void)state;
	for (int i = 1; i <= 5; i++)
		tick(i * 1000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 5);
	assert_int_equal(values[0], 1000);
	tick(6000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 5);
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
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 5);
	assert_int_equal(values[0], 1000);
	for (int i = 1; i < 4; i++)
		assert_int_equal(values[i], BMC_UNKNOWN);
	assert_int_equal(values[4], 2000);
	clock_ms += 1000 * STEP;
	tick(3000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 5);
	assert_int_equal(values[3], BMC_UNKNOWN);
	assert_int_equal(values[4], 3000);
	bmc_history_sample(clock_ms); /* the same tick again */
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 5);
	assert_int_equal(values[4], 3000);
}

static void only_readings_have_a_ring(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "model", 0, "x"), 0);
	tick(1000);
	assert_int_equal(read_history(BMC_FAN, "fan1", "low_rpm", 10), 0);
	assert_int_equal(read_history(BMC_FAN, "fan1", "model", 10), 0);
	assert_int_equal(read_history(BMC_FAN, "fan2", "rpm", 10), 0); /* unread */
	assert_int_equal(bmc_history_read(0, bmc_field_find(BMC_FAN, "rpm"), values, 10,
					  &last, &interval),
			 0);
	assert_int_equal(bmc_history_read(row_of(BMC_FAN, "fan1")->handle,
					  bmc_field_find(BMC_PSU, "input_power"),
					  values, 10, &last, &interval),
			 0);
	assert_int_equal(bmc_history_bytes(), BMC_HISTORY_SERIES + 5 * 4);
}

static void a_ring_goes_with_its_row(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_SENSOR, "s1", "value", 7, NULL), 0);
	tick(1000);
	assert_int_equal(read_history(BMC_SENSOR, "s1", "value", 10), 1);
	uint32_t handle = row_of(BMC_SENSOR, "s1")->handle;
	assert_int_equal(bmc_inventory_gone(first, BMC_SENSOR, "s1"), 0);
	tick(1000);
	assert_int_equal(bmc_history_read(handle, bmc_field_find(BMC_SENSOR, "value"),
					  values, 10, &last, &interval),
			 0);
	assert_int_equal(bmc_history_bytes(), BMC_HISTORY_SERIES + 5 * 4);
}

static void what_32_bits_do_not_hold_is_bounded(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_SENSOR, "s1", "value", INT64_MAX, NULL), 0);
	tick(INT64_MIN + 1);
	assert_int_equal(read_history(BMC_SENSOR, "s1", "value", 10), 1);
	assert_int_equal(values[0], INT32_MAX);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 1);
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
		rings += read_history(BMC_SENSOR, id, "value", 10);
	}
	assert_in_range(rings, 355, 365);
}

static void none_are_kept_where_none_are_asked_for(void **state)
{
	(void)state;
	bmc_history_done();
	assert_int_equal(bmc_history_init(0, STEP, NULL), 0);
	assert_int_equal(read_history(BMC_FAN, "fan1", "rpm", 10), 0);
	assert_int_equal(bmc_history_bytes(), 0);
}

static void the_timer_samples_by_itself(void **state)
{
	int64_t end = bmc_now() + 30000;

	(void)state;
	bmc_history_done();
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 1, NULL), 0);
	bmc_inventory_publish();
	assert_int_equal(bmc_history_init(5, 50, NULL), 0);
	while (read_history(BMC_FAN, "fan1", "rpm", 10) < 3 && bmc_now() < end)
		bmc_loop_step(20);
	assert_int_equal(interval, 50);
	assert_int_equal(values[0], 1);
}

static void *reader(void *arg)
{
	int64_t mine[5], t, i;

	for (int k = 0; k < 2000; k++) {
		size_t n = bmc_history_read(*(uint32_t *)arg,
					    bmc_field_find(BMC_FAN, "rpm"), mine, 5, &t,
					    &i);
		for (size_t j = 1; j < n; j++) {
			if (mine[j] != mine[j - 1] + 1)
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
		T(readers_of_other_threads_see_whole_rings),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
