// SPDX-License-Identifier: Apache-2.0
// Boards that hang, over restarts: when the daemon may restart itself, and how long
// such a board rests.
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "core/plugin/quarantine.h"

#define T0   INT64_C(1700000000000)
#define WAIT INT64_C(600000)

static void the_first_restart_is_at_once_and_the_next_has_to_wait(void **state)
{
	struct bmc_restarts r = { 0 };

	(void)state;
	assert_int_equal(bmc_restart_wait(&r, T0), 0);
	bmc_restart_count(&r, T0);
	assert_int_equal(bmc_restart_wait(&r, T0), WAIT);
	assert_int_equal(bmc_restart_wait(&r, T0 + WAIT - 1), 1);
	assert_int_equal(bmc_restart_wait(&r, T0 + WAIT), 0);
}

static void waits_double_up_to_a_day(void **state)
{
	struct bmc_restarts r = { 0 };
	int64_t now = T0;

	(void)state;
	bmc_restart_count(&r, now);
	for (int i = 0; i < 7; i++) {
		assert_int_equal(bmc_restart_wait(&r, now), WAIT << i);
		now += WAIT << i;
		bmc_restart_count(&r, now);
	}
	for (int i = 0; i < 5; i++) {
		now += BMC_RESTART_WAIT_MAX;
		bmc_restart_count(&r, now);
		assert_int_equal(bmc_restart_wait(&r, now), BMC_RESTART_WAIT_MAX);
	}
}

static void two_quiet_days_start_the_count_again(void **state)
{
	struct bmc_restarts r = { .last = T0, .n = 5 };

	(void)state;
	bmc_restart_count(&r, T0 + 2 * INT64_C(86400000) - 1);
	assert_int_equal(r.n, 6);
	bmc_restart_count(&r, r.last + 2 * INT64_C(86400000));
	assert_int_equal(r.n, 1);
}

static void a_clock_that_is_set_back_does_not_forbid_it_for_ever(void **state)
{
	struct bmc_restarts r = { .last = T0, .n = 1 };

	(void)state;
	assert_int_equal(bmc_restart_wait(&r, T0 - 1000 * WAIT), WAIT);
	assert_int_equal(bmc_restart_wait(&r, T0 + 1000 * WAIT), 0);
}

static void a_board_that_hangs_rests_ever_longer(void **state)
{
	(void)state;
	assert_int_equal(bmc_suspect_rest(1), 10000);
	assert_int_equal(bmc_suspect_rest(2), 20000);
	assert_int_equal(bmc_suspect_rest(5), 160000);
	assert_int_equal(bmc_suspect_rest(6), 300000);
	assert_int_equal(bmc_suspect_rest(1000), 300000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_first_restart_is_at_once_and_the_next_has_to_wait),
		cmocka_unit_test(waits_double_up_to_a_day),
		cmocka_unit_test(two_quiet_days_start_the_count_again),
		cmocka_unit_test(a_clock_that_is_set_back_does_not_forbid_it_for_ever),
		cmocka_unit_test(a_board_that_hangs_rests_ever_longer),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
