// SPDX-License-Identifier: Apache-2.0
/* What sources say becomes rows: whom to believe, for how long, and when it is shown.
 */
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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(every_slot_is_a_row_from_the_start,
						set_up, tear_down),
		cmocka_unit_test_setup_teardown(
			a_value_that_is_put_is_in_the_next_snapshot, set_up, tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
