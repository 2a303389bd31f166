// SPDX-License-Identifier: Apache-2.0
/* A board that is asked to shut down is gone when USB shows it or, where nobody sees
 * its USB, when its power is. */
#include "action-fixture.h"

static const struct bmc_task *last_task(void)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_TASK, &rows);

	return n ? (const struct bmc_task *)rows[n - 1] : NULL;
}

static void board_without_usb_is_gone_by_its_power(void **state)
{
	struct fixture_board *b = &fixture->boards[fixture_board("sub1-01")];

	(void)state;
	fixture->no_usb[fixture_board("sub1-01")] = true;
	fixture_pass(100);
	assert_int_equal(fixture_row("sub1-01")->usb_mode, BMC_USB_UNKNOWN);
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(b->shutdowns, 1);
	assert_int_equal(b->powered, 0);
	assert_string_equal(last_task()->error, "");
}

/* Its power stays on until the recipe switches it off: gone is what USB says. */
static void board_with_power_is_gone_by_usb(void **state)
{
	struct fixture_board *b = &fixture->boards[fixture_board("sub1-02")];

	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-02"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(b->shutdowns, 1);
	assert_int_equal(b->powered, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(board_without_usb_is_gone_by_its_power),
		T(board_with_power_is_gone_by_usb),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
