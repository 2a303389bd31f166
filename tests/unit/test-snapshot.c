// SPDX-License-Identifier: Apache-2.0
/* Snapshots: immutable, shared where nothing changed, found by id, handle and index. */
#include <pthread.h>
#include <sys/eventfd.h>

#include "core-fixture.h"

static void rows_come_in_the_order_of_their_index(void **state)
{
	const struct bmc_row *const *rows;

	(void)state;
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	assert_int_equal(bmc_snapshot_rows(s, BMC_BOARD, &rows), 5);
	assert_string_equal(rows[0]->id, "main");
	assert_string_equal(rows[1]->id, "sub1-01");
	assert_string_equal(rows[4]->id, "sub2-02");
	assert_int_equal(bmc_snapshot_rows(s, BMC_SESSION, &rows), 0);
	assert_int_equal(bmc_snapshot_rows(s, BMC_N_KINDS, &rows), 0);
	assert_int_equal(bmc_snapshot_lower(s, BMC_BOARD, 0, 0), 0);
	assert_int_equal(bmc_snapshot_lower(s, BMC_BOARD, 1, 2), 2);
	assert_int_equal(bmc_snapshot_lower(s, BMC_BOARD, 1, 3), 3);
	assert_int_equal(bmc_snapshot_lower(s, BMC_BOARD, 9, 0), 5);
}

static void every_row_is_found_by_id_and_by_handle(void **state)
{
	const struct bmc_row *const *rows;

	(void)state;
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	for (int k = 0; k < BMC_N_KINDS; k++) {
		size_t n = bmc_snapshot_rows(s, (enum bmc_kind)k, &rows);
		for (size_t i = 0; i < n; i++) {
			assert_ptr_equal(
				bmc_snapshot_find(s, (enum bmc_kind)k, rows[i]->id),
				rows[i]);
			assert_ptr_equal(bmc_snapshot_row(s, rows[i]->handle), rows[i]);
		}
	}
	assert_null(bmc_snapshot_find(s, BMC_BOARD, "sub9-99"));
	assert_null(bmc_snapshot_find(s, BMC_N_KINDS, "main"));
	assert_null(bmc_snapshot_row(s, 0));
	assert_null(bmc_snapshot_row(s, BMC_HANDLE(BMC_BOARD, 1000)));
}

/* The index against a scan: for every row and for none, of every kind. */
static void check_children(const struct bmc_snapshot *s, uint32_t handle)
{
	for (int k = 0; k < BMC_N_KINDS; k++) {
		const struct bmc_row *const *all, *const *found;
		size_t n = bmc_snapshot_rows(s, (enum bmc_kind)k, &all);
		size_t n_found =
			bmc_snapshot_children(s, handle, (enum bmc_kind)k, &found);

		for (size_t i = 0; i < n; i++) {
			if (all[i]->parent != handle)
				continue;
			assert_true(n_found > 0);
			assert_ptr_equal(*found, all[i]);
			found++;
			n_found--;
		}
		assert_int_equal(n_found, 0);
	}
}

static void check_all_children(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;

	check_children(s, 0);
	check_children(s, UINT32_MAX);
	for (int k = 0; k < BMC_N_KINDS; k++) {
		size_t n = bmc_snapshot_rows(s, (enum bmc_kind)k, &rows);
		for (size_t i = 0; i < n; i++)
			check_children(s, rows[i]->handle);
	}
}

static int put_sensor(const char *id, enum bmc_kind parent_kind, const char *parent)
{
	const struct bmc_value v = BMC_NUM(bmc_sensor, value, 20000);

	return bmc_inventory_put(first, BMC_SENSOR, id, parent_kind, parent, &v, 1);
}

static size_t sensors_of(enum bmc_kind kind, const char *id)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;

	return bmc_snapshot_children(s, bmc_snapshot_find(s, kind, id)->handle,
				     BMC_SENSOR, &rows);
}

static void children_are_found_without_a_scan(void **state)
{
	const struct bmc_row *const *rows;

	(void)state;
	check_all_children();
	assert_int_equal(put_sensor("a", BMC_BOARD, "sub2-02"), 0);
	assert_int_equal(put_sensor("b", BMC_BOARD, "main"), 0);
	assert_int_equal(put_sensor("c", BMC_BOARD, "sub2-02"), 0);
	bmc_inventory_publish();
	check_all_children();
	assert_int_equal(sensors_of(BMC_BOARD, "sub2-02"), 2);
	assert_int_equal(sensors_of(BMC_BOARD, "main"), 1);
	assert_int_equal(bmc_inventory_gone(first, BMC_SENSOR, "a"), 0);
	bmc_inventory_publish();
	check_all_children();
	assert_int_equal(sensors_of(BMC_BOARD, "sub2-02"), 1);
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	assert_int_equal(bmc_snapshot_children(s, 0, BMC_N_KINDS, &rows), 0);
	assert_null(rows);
}

/* A row that moves to another parent changes what collections show: membership. */
static void a_row_with_another_parent_is_its_child(void **state)
{
	(void)state;
	assert_int_equal(put_sensor("a", BMC_BOARD, "main"), 0);
	assert_int_equal(put_sensor("b", BMC_FAN, "fan1"), 0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *a = bmc_snapshot_get();
	assert_int_equal(put_sensor("a", BMC_FAN, "fan2"), 0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *b = bmc_snapshot_get();
	check_all_children();
	assert_int_equal(sensors_of(BMC_BOARD, "main"), 0);
	assert_int_equal(sensors_of(BMC_FAN, "fan2"), 1);
	assert_true(bmc_snapshot_membership(b, BMC_SENSOR) >
		    bmc_snapshot_membership(a, BMC_SENSOR));
}

/* Roll-up goes by levels: what can't hold a row does not. */
static void a_row_is_held_by_a_lower_level_only(void **state)
{
	const struct bmc_value v = BMC_NUM(bmc_disk, temperature, 30000);

	(void)state;
	assert_int_equal(
		bmc_inventory_put(first, BMC_DISK, "disk9", BMC_SENSOR, "temp1", &v, 1),
		0);
	assert_int_equal(row_of(BMC_DISK, "disk9")->parent,
			 row_of(BMC_CHASSIS, "enclosure")->handle);
	assert_int_equal(
		bmc_inventory_put(first, BMC_DISK, "disk9", BMC_BOARD, "main", &v, 1),
		0);
	assert_int_equal(row_of(BMC_DISK, "disk9")->parent,
			 row_of(BMC_BOARD, "main")->handle);
}

static void a_held_snapshot_does_not_change(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 1, NULL), 0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *held = bmc_snapshot_get();
	const struct bmc_fan *old =
		(const struct bmc_fan *)bmc_snapshot_find(held, BMC_FAN, "fan1");
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 2, NULL), 0);
	assert_int_equal(num_of(BMC_FAN, "fan1", "rpm"), 2);
	assert_int_equal(old->rpm, 1);
}

static void what_did_not_change_is_shared(void **state)
{
	(void)state;
	auto_snapshot struct bmc_snapshot *a = bmc_snapshot_get();
	assert_int_equal(say(first, BMC_FAN, "fan1", "duty", 50000, NULL), 0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *b = bmc_snapshot_get();
	uint64_t now = bmc_snapshot_generation(b);

	assert_int_equal(now, bmc_snapshot_generation(a) + 1);
	assert_true(bmc_snapshot_time(b) >= bmc_snapshot_time(a));
	assert_ptr_equal(bmc_snapshot_find(a, BMC_FAN, "fan2"),
			 bmc_snapshot_find(b, BMC_FAN, "fan2"));
	assert_ptr_not_equal(bmc_snapshot_find(a, BMC_FAN, "fan1"),
			     bmc_snapshot_find(b, BMC_FAN, "fan1"));
	assert_int_equal(bmc_snapshot_changed(b, BMC_FAN), now);
	assert_int_equal(bmc_snapshot_membership(b, BMC_FAN),
			 bmc_snapshot_membership(a, BMC_FAN));
	assert_int_equal(bmc_snapshot_changed(b, BMC_PSU),
			 bmc_snapshot_changed(a, BMC_PSU));
	assert_int_equal(bmc_snapshot_find(b, BMC_FAN, "fan1")->changed, now);
	assert_true(bmc_snapshot_find(b, BMC_FAN, "fan1")->set_changed < now);
	assert_true(bmc_snapshot_find(b, BMC_FAN, "fan2")->changed < now);
}

static void the_same_again_makes_no_snapshot(void **state)
{
	(void)state;
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 5, NULL), 0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *a = bmc_snapshot_get();
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 5, NULL), 0);
	bmc_inventory_publish();
	auto_snapshot struct bmc_snapshot *b = bmc_snapshot_get();
	assert_ptr_equal(a, b);
}

static void watchers_are_told_of_each_snapshot(void **state)
{
	uint64_t count = 0;
	int fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);

	(void)state;
	assert_int_equal(bmc_snapshot_watch(fd), 0);
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 5, NULL), 0);
	bmc_inventory_publish();
	assert_int_equal(read(fd, &count, sizeof(count)), sizeof(count));
	assert_int_equal(count, 1);
	bmc_snapshot_unwatch(fd);
	assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", 6, NULL), 0);
	bmc_inventory_publish();
	assert_true(read(fd, &count, sizeof(count)) < 0);
	for (int i = 0; i < 16; i++)
		assert_int_equal(bmc_snapshot_watch(fd), 0);
	assert_int_equal(bmc_snapshot_watch(fd), BMC_ENOSPC);
	bmc_snapshot_unwatch(fd);
	assert_int_equal(close(fd), 0);
}

static _Atomic bool reading;

/* A reader's thread: each snapshot it sees is whole. */
static void *read_on(void *arg)
{
	uint64_t last = 0;

	(void)arg;
	while (reading) {
		const struct bmc_row *const *rows;
		auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
		size_t n = bmc_snapshot_rows(s, BMC_FAN, &rows);
		if (n != 2 || bmc_snapshot_generation(s) < last ||
		    ((const struct bmc_fan *)rows[0])->rpm !=
			    ((const struct bmc_fan *)rows[1])->rpm)
			return NULL;
		last = bmc_snapshot_generation(s);
	}
	return arg;
}

static void readers_see_whole_snapshots_while_others_are_made(void **state)
{
	pthread_t threads[2];
	int whole = 1;

	(void)state;
	reading = true;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++)
		assert_int_equal(pthread_create(&threads[i], NULL, read_on, &whole), 0);
	for (int i = 0; i < 2000; i++) {
		assert_int_equal(say(first, BMC_FAN, "fan1", "rpm", i, NULL), 0);
		assert_int_equal(say(first, BMC_FAN, "fan2", "rpm", i, NULL), 0);
		bmc_inventory_publish();
	}
	reading = false;
	for (size_t i = 0; i < ARRAY_SIZE(threads); i++) {
		void *result;
		assert_int_equal(pthread_join(threads[i], &result), 0);
		assert_non_null(result);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(rows_come_in_the_order_of_their_index,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(every_row_is_found_by_id_and_by_handle,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(children_are_found_without_a_scan,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_row_with_another_parent_is_its_child,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_row_is_held_by_a_lower_level_only,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(a_held_snapshot_does_not_change, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(what_did_not_change_is_shared, set_up,
						tear_down),
		cmocka_unit_test_setup_teardown(the_same_again_makes_no_snapshot,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(watchers_are_told_of_each_snapshot,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			readers_see_whole_snapshots_while_others_are_made, set_up,
			tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
