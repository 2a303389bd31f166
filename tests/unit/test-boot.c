// SPDX-License-Identifier: Apache-2.0
/* What boards start at a reset: overrides for one or for each, and the action that
 * enters a mode. */
#include "action-fixture.h"

#include "core/model/field.h"

static struct fixture_board *hw(const char *id)
{
	return &fixture->boards[fixture_board(id)];
}

static int set(const char *id, const char *field, int64_t num)
{
	struct bmc_action act = fixture_action(BMC_ACT_SET, id);
	struct bmc_result result;

	act.field = bmc_field_find(BMC_BOARD, field);
	act.num = num;
	return fixture_submit(&fixture_admin, &act, 1, &result);
}

static void override_with(const char *id, enum bmc_boot_target target,
			  enum bmc_boot_enabled enabled)
{
	assert_int_equal(set(id, "boot_target", target), 0);
	assert_int_equal(set(id, "boot_enabled", enabled), 0);
}

static int enter(const char *id, enum bmc_boot_target mode, uint32_t *ret_task)
{
	struct bmc_action act = fixture_action(BMC_ACT_ENTER_MODE, id);
	struct bmc_result result = { 0 };
	int code;

	act.num = mode;
	code = fixture_submit(&fixture_admin, &act, 1, &result);
	*ret_task = result.task;
	return code;
}

static void board_without_an_override_starts_its_system(void **state)
{
	const struct bmc_board *b = fixture_row("sub1-01");

	(void)state;
	assert_int_equal(b->boot_target, BMC_BOOT_NONE);
	assert_int_equal(b->boot_enabled, BMC_BOOT_DISABLED);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->reboots, 0);
	/* a target alone changes nothing */
	assert_int_equal(set("sub1-01", "boot_target", BMC_BOOT_LOADER), 0);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->reboots, 0);
}

static void accepted_targets_are_those_that_a_verb_is_for(void **state)
{
	int64_t all = (1 << BMC_N_BOOTS) - (1 << BMC_BOOT_NONE);

	(void)state;
	assert_int_equal(fixture_row("sub1-01")->boot_allowed, all);
	assert_int_equal(fixture_row("sub1-04")->boot_allowed, 0); /* empty */
	assert_int_equal(fixture_row("main")->boot_allowed, 1 << BMC_BOOT_NONE);
	assert_int_equal(set("main", "boot_target", BMC_BOOT_LOADER), BMC_ENOTSUP);
	assert_int_equal(set("sub1-01", "boot_target", BMC_N_BOOTS), BMC_ERANGE);
	assert_int_equal(set("sub1-01", "boot_target", BMC_BOOT_UNKNOWN), BMC_ERANGE);
	assert_int_equal(set("sub1-01", "boot_enabled", BMC_BOOT_CONTINUOUS + 1),
			 BMC_ERANGE);
	assert_int_equal(set("main", "boot_target", BMC_BOOT_NONE), 0);
}

static void once_is_carried_out_once(void **state)
{
	static const enum bmc_action_op ops[] = { BMC_ACT_FORCE_RESTART,
						  BMC_ACT_GRACEFUL_RESTART,
						  BMC_ACT_POWER_CYCLE };
	static const char *const ids[] = { "sub1-01", "sub1-02", "sub1-03" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		override_with(ids[i], BMC_BOOT_NETRECOVERY, BMC_BOOT_ONCE);
		assert_int_equal(fixture_do_wait(ops[i], ids[i]), BMC_TASK_COMPLETED);
		assert_int_equal(hw(ids[i])->mode, BMC_USB_NETRECOVERY);
		fixture_pass(50);
		assert_int_equal(fixture_row(ids[i])->state, BMC_BOARD_NETRECOVERY);
		assert_int_equal(fixture_row(ids[i])->boot_enabled, BMC_BOOT_DISABLED);
		assert_int_equal(fixture_row(ids[i])->boot_target, BMC_BOOT_NONE);
		assert_int_equal(
			fixture_task((uint32_t)fixture_row(ids[i])->task)->mode,
			BMC_BOOT_NETRECOVERY);
	}
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->mode, BMC_USB_UNKNOWN);
}

static void on_carries_it_out_too(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	fixture_pass(50);
	override_with("sub1-01", BMC_BOOT_LOADER, BMC_BOOT_ONCE);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-01"), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->mode, BMC_USB_LOADER);
}

static void continuous_stays_over_resets_and_a_restart(void **state)
{
	(void)state;
	override_with("sub1-01", BMC_BOOT_FASTBOOT, BMC_BOOT_CONTINUOUS);
	fixture_stop();
	fixture_start(false);
	assert_int_equal(fixture_row("sub1-01")->boot_enabled, BMC_BOOT_CONTINUOUS);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
				 BMC_TASK_COMPLETED);
		assert_int_equal(hw("sub1-01")->mode, BMC_USB_FASTBOOT);
		assert_int_equal(hw("sub1-01")->reboots, i + 1);
	}
	assert_int_equal(fixture_row("sub1-01")->boot_enabled, BMC_BOOT_CONTINUOUS);
	assert_int_equal(set("sub1-01", "boot_enabled", BMC_BOOT_DISABLED), 0);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->mode, BMC_USB_UNKNOWN);
}

static void once_that_fails_is_there_for_the_next_reset(void **state)
{
	(void)state;
	override_with("sub1-01", BMC_BOOT_LOADER, BMC_BOOT_ONCE);
	hw("sub1-01")->fault = FIXTURE_ADB_FAILS;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_EXCEPTION);
	assert_int_equal(fixture_row("sub1-01")->boot_enabled, BMC_BOOT_ONCE);
	hw("sub1-01")->fault = FIXTURE_NO_FAULT;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->mode, BMC_USB_LOADER);
	fixture_stop();
	fixture_start(false);
	assert_int_equal(fixture_row("sub1-01")->boot_enabled, BMC_BOOT_DISABLED);
}

static void off_and_shutdown_leave_it(void **state)
{
	(void)state;
	override_with("sub1-01", BMC_BOOT_LOADER, BMC_BOOT_ONCE);
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_row("sub1-01")->boot_enabled, BMC_BOOT_ONCE);
	/* normal is what it does by itself, and ends an override all the same */
	assert_int_equal(set("sub1-01", "boot_target", BMC_BOOT_NORMAL), 0);
	fixture_pass(50);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-01"), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->reboots, 0);
	fixture_pass(50);
	assert_int_equal(fixture_row("sub1-01")->boot_enabled, BMC_BOOT_DISABLED);
}

/* ---- the action ---- */

static void mode_is_entered_and_left(void **state)
{
	uint32_t task;

	(void)state;
	override_with("sub1-01", BMC_BOOT_FASTBOOT, BMC_BOOT_ONCE);
	assert_int_equal(enter("sub1-01", BMC_BOOT_LOADER, &task), 0);
	assert_int_equal(fixture_task(task)->mode, BMC_BOOT_LOADER);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->mode, BMC_USB_LOADER);
	assert_int_equal(hw("sub1-01")->resets, 0);
	assert_int_equal(enter("sub1-01", BMC_BOOT_LOADER, &task), 0);
	assert_int_equal(task, 0); /* it is there */
	/* its system can't be asked, so by the pin first */
	assert_int_equal(enter("sub1-01", BMC_BOOT_MASKROM, &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->mode, BMC_USB_MASKROM);
	assert_int_equal(hw("sub1-01")->resets, 1);
	assert_int_equal(enter("sub1-01", BMC_BOOT_NORMAL, &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->mode, BMC_USB_UNKNOWN);
	assert_int_equal(hw("sub1-01")->resets, 2);
	assert_int_equal(fixture_row("sub1-01")->boot_enabled, BMC_BOOT_ONCE);
}

static void mode_that_is_none_is_refused(void **state)
{
	uint32_t task;

	(void)state;
	assert_int_equal(enter("sub1-01", BMC_BOOT_NONE, &task), BMC_EINVAL);
	assert_int_equal(enter("sub1-01", BMC_N_BOOTS, &task), BMC_EINVAL);
	assert_int_equal(enter("main", BMC_BOOT_LOADER, &task), BMC_ENOTSUP);
	assert_int_equal(enter("sub1-04", BMC_BOOT_LOADER, &task), BMC_EABSENT);
	assert_true(fixture_row("sub1-01")->allowed & 1 << BMC_ACT_ENTER_MODE);
	assert_false(fixture_row("main")->allowed & 1 << BMC_ACT_ENTER_MODE);
}

static void mode_that_does_not_come_ends_as_an_exception(void **state)
{
	uint32_t task;

	(void)state;
	hw("sub1-01")->fault = FIXTURE_OS_IGNORES;
	assert_int_equal(enter("sub1-01", BMC_BOOT_LOADER, &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_non_null(
		strstr(fixture_task(task)->error, "did not come up in the mode"));
}

static void crash_in_the_request_finds_out_what_became_of_it(void **state)
{
	struct fixture_board *b = hw("sub1-01");
	uint32_t task;

	(void)state;
	b->fault = FIXTURE_ADB_HANGS;
	assert_int_equal(enter("sub1-01", BMC_BOOT_LOADER, &task), 0);
	fixture_pass(100);
	fixture_stop();
	b->fault = FIXTURE_NO_FAULT;
	fixture_start(false);
	assert_int_equal(fixture_task(task)->mode, BMC_BOOT_LOADER);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->mode, BMC_USB_LOADER);
	assert_int_equal(hw("sub1-01")->reboots, 1);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(board_without_an_override_starts_its_system),
		T(accepted_targets_are_those_that_a_verb_is_for),
		T(once_is_carried_out_once),
		T(on_carries_it_out_too),
		T(continuous_stays_over_resets_and_a_restart),
		T(once_that_fails_is_there_for_the_next_reset),
		T(off_and_shutdown_leave_it),
		T(mode_is_entered_and_left),
		T(mode_that_is_none_is_refused),
		T(mode_that_does_not_come_ends_as_an_exception),
		T(crash_in_the_request_finds_out_what_became_of_it),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
