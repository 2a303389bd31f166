// SPDX-License-Identifier: Apache-2.0
/* What actions do to boards: the recipes, on hardware with and without faults. */
#include "action-fixture.h"

#include <stdlib.h>

#include "core/tasks/tasks.h"

static struct fixture_board *hw(const char *id)
{
	return &fixture->boards[fixture_board(id)];
}

static const struct bmc_task *last_task(const char *board)
{
	return fixture_task((uint32_t)fixture_row(board)->task);
}

static void force_off_and_on_move_the_power_pin(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->powered, 0);
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_OFF);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-01"), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->powered, 1);
	assert_int_equal(hw("sub1-01")->power_ups, 1);
	assert_int_equal(hw("sub1-02")->power_ups, 0);
}

static void board_row_shows_its_last_action(void **state)
{
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", &task), 0);
	assert_int_equal(fixture_row("sub1-01")->action, BMC_ACT_FORCE_OFF);
	assert_int_equal(fixture_row("sub1-01")->task, task);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_row("sub1-01")->action_state, BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(task)->percent, 100000);
	assert_int_equal(fixture_task(task)->targets_ok, 1);
	assert_int_equal(fixture_task(task)->targets_failed, 0);
	assert_string_equal(fixture_task(task)->target_id, "sub1-01");
	assert_string_equal(fixture_task(task)->actor, "admin");
	assert_string_equal(fixture_task(task)->message, "power is off");
	assert_true(fixture_task(task)->ended >= fixture_task(task)->created);
}

static void what_is_so_already_is_done_without_a_task(void **state)
{
	uint32_t task = 99;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-01", &task), 0);
	assert_int_equal(task, 0);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", &task), 0);
	assert_int_equal(task, 0);
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &task), 0);
	assert_int_equal(task, 0);
	assert_int_equal(hw("sub1-01")->shutdowns, 0);
}

static void graceful_shutdown_asks_the_system_then_switches_off(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->shutdowns, 1);
	assert_int_equal(hw("sub1-01")->powered, 0);
}

static void graceful_shutdown_never_forces(void **state)
{
	static const enum fixture_fault faults[] = { FIXTURE_OS_IGNORES,
						     FIXTURE_ADB_FAILS,
						     FIXTURE_ADB_HANGS };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		hw("sub1-01")->fault = faults[i];
		assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01"),
				 BMC_TASK_EXCEPTION);
		assert_int_equal(hw("sub1-01")->powered, 1);
		assert_int_equal(last_task("sub1-01")->targets_ok, 0);
		assert_int_equal(last_task("sub1-01")->targets_failed, 1);
		assert_non_null(strstr(last_task("sub1-01")->error, "ForceOff"));
	}
}

static void graceful_shutdown_without_a_power_pin_ends_when_it_is_gone(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_SHUTDOWN, "sub2-02"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub2-02")->powered, 1);
}

static bool is_off_usb(void *arg)
{
	return fixture_row(arg)->usb_mode == BMC_USB_NONE;
}

static bool is_on_usb(void *arg)
{
	return fixture_row(arg)->usb_mode == BMC_USB_ADB;
}

static void board_without_a_power_pin_is_on_whatever_it_does(void **state)
{
	char bare[] = "sub2-02";
	uint32_t task = 99;

	(void)state;
	assert_int_equal(fixture_row("sub2-02")->power_pin, BMC_UNKNOWN);
	assert_int_equal(fixture_row("sub2-02")->power_state, BMC_POWER_ON);
	hw("sub2-02")->usb_back = bmc_now() + 200; /* starts */
	assert_true(fixture_until(is_off_usb, bare));
	assert_int_equal(fixture_row("sub2-02")->power_state, BMC_POWER_ON);
	assert_int_equal(fixture_row("sub2-02")->row.status, BMC_STARTING);
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub2-02", &task), 0);
	assert_int_equal(task, 0); /* it is on already */
	assert_true(fixture_until(is_on_usb, bare));
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_SHUTDOWN, "sub2-02"),
			 BMC_TASK_COMPLETED);
	fixture_pass(50);
	assert_int_equal(fixture_row("sub2-02")->power_state, BMC_POWER_ON);
	assert_int_equal(fixture_row("sub2-02")->row.status, BMC_STANDBY_OFFLINE);
	assert_int_equal(fixture_row("sub2-02")->row.health, BMC_OK_HEALTH);
	hw("sub2-02")->os_down = false; /* by hand; then it dies */
	assert_true(fixture_until(is_on_usb, bare));
	hw("sub2-02")->os_down = true;
	assert_true(fixture_until(is_off_usb, bare));
	assert_int_equal(fixture_row("sub2-02")->row.status, BMC_STARTING);
}

static void on_is_done_after_a_shutdown_that_runs(void **state)
{
	static const enum bmc_action_op offs[] = { BMC_ACT_GRACEFUL_SHUTDOWN,
						   BMC_ACT_FORCE_OFF };
	uint32_t down, up;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(offs); i++) {
		assert_int_equal(fixture_do(offs[i], "sub1-01", &down), 0);
		assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWERING_OFF);
		assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-01", &up), 0);
		assert_true(up > down);
		assert_int_equal(fixture_task(up)->state, BMC_TASK_NEW);
		assert_non_null(strstr(fixture_task(up)->message, "waiting"));
		assert_int_equal(fixture_row("sub1-01")->action, offs[i]);
		assert_int_equal(fixture_wait(down), BMC_TASK_COMPLETED);
		assert_int_equal(fixture_wait(up), BMC_TASK_COMPLETED);
		assert_int_equal(hw("sub1-01")->powered, 1);
		assert_int_equal(hw("sub1-01")->power_ups, i + 1);
		assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_ON);
		assert_true(fixture_task(up)->started >=
			    fixture_task(down)->ended + 50);
	}
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture->n_jobs, 0);
}

static void on_is_done_also_when_the_shutdown_fails(void **state)
{
	uint32_t down, up;

	(void)state;
	hw("sub1-01")->fault = FIXTURE_OS_IGNORES;
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &down), 0);
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-01", &up), 0);
	assert_int_equal(fixture_wait(down), BMC_TASK_EXCEPTION);
	assert_int_equal(fixture_wait(up), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->powered, 1);
}

static void one_on_may_wait_and_nothing_else(void **state)
{
	uint32_t down, up;

	(void)state;
	hw("sub1-01")->fault = FIXTURE_OS_IGNORES;
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &down), 0);
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_RESTART, "sub1-01", NULL),
			 BMC_EBUSY);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", NULL), BMC_EBUSY);
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-01", &up), 0);
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-01", NULL), BMC_EBUSY);
	assert_int_equal(bmc_task_cancel(&fixture_admin, up, NULL), 0);
	assert_int_equal(fixture_wait(up), BMC_TASK_CANCELLED);
	assert_int_equal(fixture_task(down)->state, BMC_TASK_RUNNING);
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-01", &up),
			 0); /* its place is free */
	(void)fixture_wait(down);
	assert_int_equal(fixture_wait(up), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "sub1-01", NULL), 0);
}

static void released_on_leaves_the_shutdown_alone(void **state)
{
	struct bmc_action on = fixture_action(BMC_ACT_ON, "sub1-01");
	struct bmc_transaction *t;
	uint32_t down;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &down), 0);
	assert_int_equal(bmc_action_reserve(&fixture_admin, &on, 1, &t, NULL, NULL), 0);
	bmc_transaction_release(t);
	assert_int_equal(fixture_wait(down), BMC_TASK_COMPLETED);
	fixture_pass(200);
	assert_int_equal(hw("sub1-01")->powered, 0);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, "sub1-01"), BMC_TASK_COMPLETED);
}

static void on_that_was_reserved_before_the_end_begins_after_it(void **state)
{
	struct bmc_action on = fixture_action(BMC_ACT_ON, "sub1-01");
	struct bmc_transaction *t;
	uint32_t down;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &down), 0);
	assert_int_equal(bmc_action_reserve(&fixture_admin, &on, 1, &t, NULL, NULL), 0);
	assert_int_equal(fixture_wait(down), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-01", NULL), BMC_EBUSY);
	bmc_transaction_commit(t, NULL, NULL);
	fixture_pass(300);
	assert_int_equal(hw("sub1-01")->powered, 1);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "sub1-01", NULL), 0);
}

static void on_that_waits_goes_on_after_the_next_start(void **state)
{
	uint32_t down, up;

	(void)state;
	hw("sub1-01")->fault = FIXTURE_OS_IGNORES;
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &down), 0);
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-01", &up), 0);
	fixture_stop();
	fixture_start(false);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, "sub1-01", NULL), BMC_EBUSY);
	assert_true(fixture_wait(down) >= BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(up), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->powered, 1);
	assert_int_equal(fixture->n_jobs, 0);
}

static void blade_is_powered_up_after_its_shutdown(void **state)
{
	uint32_t down, up;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &down), 0);
	assert_int_equal(fixture_do(BMC_ACT_ON, "blade1", &up), 0);
	assert_int_equal(fixture_wait(down), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(up), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->powered, 1);
}

static void power_is_on_its_way_while_a_task_runs(void **state)
{
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_OFF);
	hw("sub1-01")->fault = FIXTURE_PINS_STUCK;
	assert_int_equal(fixture_do(BMC_ACT_ON, "sub1-01", &task), 0);
	fixture_pass(100);
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWERING_ON);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	fixture_pass(100);
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_OFF);
}

static void graceful_restart_is_the_systems(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->reboots, 1);
	assert_int_equal(hw("sub1-01")->resets, 0);
}

static bool fell_back(const char *board)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = bmc_snapshot_rows(s, BMC_EVENT, &rows);

	for (size_t i = 0; i < n; i++) {
		const struct bmc_event *ev = (const struct bmc_event *)rows[i];

		if (strcmp(ev->type, "ResetFellBackToPin") == 0 &&
		    strcmp(ev->origin_id, board) == 0)
			return true;
	}
	return false;
}

static void graceful_restart_falls_back_to_one_pulse(void **state)
{
	static const enum fixture_fault faults[] = { FIXTURE_OS_IGNORES,
						     FIXTURE_ADB_FAILS,
						     FIXTURE_ADB_HANGS };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(faults); i++) {
		const char *id[] = { "sub1-01", "sub1-02", "sub1-03" };

		hw(id[i])->fault = faults[i];
		assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_RESTART, id[i]),
				 BMC_TASK_COMPLETED);
		assert_int_equal(hw(id[i])->resets, 1);
		assert_non_null(strstr(last_task(id[i])->message, "RESET pin"));
		fixture_pass(50);
		assert_true(fell_back(id[i]));
	}
}

static void graceful_restart_is_not_held_up_by_a_wedged_adb(void **state)
{
	int64_t begin = bmc_now();

	(void)state;
	hw("sub1-01")->fault = FIXTURE_ADB_WEDGED;
	fixture->wedge_ms = 8000;
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->resets, 1);
	assert_true(bmc_now() - begin < 8000);
	/* nor is what comes next, while the call is still stuck */
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
}

static void graceful_restart_without_reset_pin_switches_off_and_on(void **state)
{
	(void)state;
	hw("sub2-01")->fault = FIXTURE_ADB_FAILS;
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_RESTART, "sub2-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub2-01")->power_ups, 1);
	assert_int_equal(hw("sub2-01")->resets, 0);
}

static void graceful_restart_without_any_pin_ends_with_words(void **state)
{
	(void)state;
	hw("sub2-02")->fault = FIXTURE_ADB_FAILS;
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_RESTART, "sub2-02"),
			 BMC_TASK_EXCEPTION);
	assert_non_null(strstr(last_task("sub2-02")->error, "no pin"));
}

static void force_restart_pulses_once(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->resets, 1);
	assert_int_equal(hw("sub1-01")->power_ups, 0);
}

static void force_restart_without_reset_pin_switches_off_and_on(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub2-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub2-01")->power_ups, 1);
}

static void force_restart_of_an_off_board_starts_it(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	fixture_pass(50);
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_OFF);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->powered, 1);
	assert_int_equal(hw("sub1-01")->power_ups, 1);
	assert_int_equal(hw("sub1-01")->resets, 0);
	assert_string_equal(last_task("sub1-01")->message, "it was off: power is on");
	hw("sub1-01")->powered = 0;
	fixture_pass(50);
	hw("sub1-01")->fault = FIXTURE_PINS_STUCK;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_EXCEPTION);
}

static void power_cycle_is_off_then_on(void **state)
{
	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_POWER_CYCLE, "sub1-02"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-02")->power_ups, 1);
	assert_int_equal(hw("sub1-02")->powered, 1);
}

static void pins_that_nothing_follows_end_as_exceptions(void **state)
{
	(void)state;
	hw("sub1-01")->fault = FIXTURE_PINS_STUCK;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_EXCEPTION);
	assert_int_equal(hw("sub1-01")->resets, 1);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_EXCEPTION);
	assert_non_null(strstr(last_task("sub1-01")->error, "wiring"));
	hw("sub1-01")->fault = FIXTURE_POWER_FAILS;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_EXCEPTION);
	assert_string_equal(last_task("sub1-01")->error, "the pin's chip is gone");
	fixture_pass(50);
	assert_string_equal(fixture_row("sub1-01")->action_error,
			    "the pin's chip is gone");
}

/* ---- blades and sets ---- */

static void blade_is_powered_up_one_board_after_the_other(void **state)
{
	const int64_t *at = fixture->power_up_at;
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "blade1"),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_do(BMC_ACT_ON, "blade1", &task), 0);
	assert_int_equal(fixture_do_wait(BMC_ACT_POWER_CYCLE, "sub2-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	for (unsigned i = 1; i <= 5; i++) {
		for (unsigned k = 1; k < i && i != 4; k++)
			assert_true(k == 4 || llabs(at[i] - at[k]) >= 100);
	}
	assert_int_equal(fixture_task(task)->targets, 3);
	assert_int_equal(fixture_task(task)->targets_ok, 3);
	assert_string_equal(fixture_task(task)->target_id, "blade1");
}

static bool second_is_powered(void *arg)
{
	(void)arg;
	return hw("sub1-02")->powered;
}

static void hung_power_verb_delays_the_next_board_by_a_second(void **state)
{
	struct bmc_action acts[] = { fixture_action(BMC_ACT_ON, "sub1-01"),
				     fixture_action(BMC_ACT_ON, "sub1-02") };
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "blade1"),
			 BMC_TASK_COMPLETED);
	fixture_pass(50);
	hw("sub1-01")->fault = FIXTURE_POWER_HANGS;
	assert_int_equal(fixture_submit(&fixture_admin, acts, 2, &result), 0);
	assert_true(fixture_until(second_is_powered, NULL));
	/* the first one is still in its verb, whose deadline is 2 s */
	assert_int_equal(fixture_task(result.task + 1)->state, BMC_TASK_RUNNING);
	assert_int_equal(hw("sub1-01")->powered, 0);
	assert_true(fixture->power_up_at[fixture_board("sub1-02")] >=
		    fixture_task(result.task + 1)->started + 100 + 1000);
	hw("sub1-01")->fault = FIXTURE_NO_FAULT;
	assert_int_equal(fixture_wait(result.task), BMC_TASK_COMPLETED);
}

static void blades_children_have_their_parent(void **state)
{
	auto_snapshot struct bmc_snapshot *s = NULL;
	const struct bmc_blade *blade;
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "blade1", &task), 0);
	for (uint32_t i = 1; i <= 3; i++)
		assert_int_equal(fixture_task(task + i)->row.parent,
				 fixture_task(task)->row.handle);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	fixture_pass(50);
	s = bmc_snapshot_get();
	blade = (const struct bmc_blade *)bmc_snapshot_find(s, BMC_BLADE, "blade1");
	assert_int_equal(blade->action, BMC_ACT_FORCE_OFF);
	assert_int_equal(blade->action_state, BMC_TASK_COMPLETED);
	assert_int_equal(blade->task, task);
}

static void set_acts_only_on_boards_that_need_it(void **state)
{
	struct bmc_action acts[] = { fixture_action(BMC_ACT_ON, "sub1-01"),
				     fixture_action(BMC_ACT_ON, "sub1-02"),
				     fixture_action(BMC_ACT_ON, "sub1-03") };
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-03"),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_submit(&fixture_admin, acts, 3, &result), 0);
	assert_int_equal(fixture_wait(result.task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(result.task)->targets, 2);
	assert_int_equal(hw("sub1-02")->power_ups, 0);
	assert_int_equal(hw("sub1-03")->power_ups, 1);
}

static void set_says_how_many_boards_failed(void **state)
{
	uint32_t task;

	(void)state;
	hw("sub1-02")->fault = FIXTURE_POWER_FAILS;
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_int_equal(fixture_task(task)->targets_ok, 2);
	assert_int_equal(fixture_task(task)->targets_failed, 1);
	assert_string_equal(fixture_task(task)->error, "the pin's chip is gone");
}

static void board_named_twice_is_restarted_once(void **state)
{
	struct bmc_action acts[] = { fixture_action(BMC_ACT_FORCE_RESTART, "sub1-01"),
				     fixture_action(BMC_ACT_FORCE_RESTART, "blade1") };
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_admin, acts, 2, &result), 0);
	assert_int_equal(fixture_wait(result.task), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->resets, 1);
	assert_int_equal(hw("sub1-02")->resets, 1);
}

/* ---- cancelling ---- */

static void cancelled_task_ends_at_a_safe_point(void **state)
{
	uint32_t task;

	(void)state;
	hw("sub1-01")->fault = FIXTURE_ADB_HANGS;
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", &task), 0);
	fixture_pass(50);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, &fixture_error), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, &fixture_error),
			 BMC_ESTATE);
	assert_int_equal(bmc_task_cancel(&fixture_admin, 9999, &fixture_error),
			 BMC_ENOTFOUND);
	assert_int_equal(bmc_task_cancel(&fixture_reader, task, &fixture_error),
			 BMC_EPERM);
}

static void cancelled_power_cycle_does_not_leave_the_board_off(void **state)
{
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-01", &task), 0);
	fixture_pass(20);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, &fixture_error), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->powered, 1);
}

static void cancelled_set_cancels_what_has_not_begun(void **state)
{
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "blade1"),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_do(BMC_ACT_ON, "blade1", &task), 0);
	fixture_pass(30);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, &fixture_error), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(hw("sub1-03")->powered, 0);
}

/* ---- around restarts of instances and of the daemon ---- */

static void made_anew(void *arg)
{
	*(bool *)arg = true;
	assert_int_equal(
		bmc_instance_start(&fixture_plugin, &fixture_conf, &fixture_error), 0);
}

static void action_waits_for_an_instance_that_is_made_anew(void **state)
{
	bool again = false;
	uint32_t task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-01", &task), 0);
	while (hw("sub1-01")->powered)
		fixture_pass(5);
	hw("sub1-02")->fault = FIXTURE_ADB_HANGS; /* keeps the old one busy meanwhile */
	assert_int_equal(fixture_do(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-02", NULL), 0);
	fixture_pass(10);
	assert_int_equal(bmc_instance_stop("fixture", made_anew, &again), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(again);
	assert_int_equal(hw("sub1-01")->powered, 1);
}

static int answers, last_answer;

static void count_answer(void *arg, const struct bmc_result *result)
{
	(void)arg;
	answers++;
	last_answer = result->code;
}

static void ticket_that_comes_while_the_service_stops_is_undone(void **state)
{
	struct bmc_action act = fixture_action(BMC_ACT_FORCE_OFF, "sub1-01");

	(void)state;
	assert_int_equal(bmc_action_submit(&fixture_admin, &act, 1, count_answer, NULL,
					   NULL, &fixture_error),
			 0);
	fixture_stop();
	assert_int_equal(answers, 1);
	assert_int_equal(last_answer, BMC_ECANCELED);
	assert_int_equal(fixture->n_jobs, 0);
	fixture_start(false);
	assert_int_equal(hw("sub1-01")->powered, 1);
}

static void ticket_that_was_accepted_goes_on_after_the_next_start(void **state)
{
	struct bmc_action act = fixture_action(BMC_ACT_FORCE_OFF, "sub1-01");

	(void)state;
	assert_int_equal(
		bmc_action_submit(&fixture_admin, &act, 1, NULL, NULL, NULL, NULL), 0);
	while (fixture->jobs[0].phase != BMC_JOURNAL_ACCEPTED)
		bmc_loop_step(0);
	fixture_stop();
	fixture_start(false);
	assert_int_equal(fixture_wait(1), BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-01")->powered, 0);
}

/* ---- without a database ---- */

static void power_actions_run_without_a_journal(void **state)
{
	struct bmc_action act = fixture_action(BMC_ACT_FORCE_OFF, "sub1-01");
	struct bmc_result result;

	(void)state;
	for (int i = 0; i < 3; i++) {
		fixture->store_refuses = i == 0;
		fixture->store_fails = i == 1;
		if (i == 2)
			bmc_store = NULL;
		act.op = i % 2 ? BMC_ACT_ON : BMC_ACT_FORCE_OFF;
		assert_int_equal(fixture_submit(&fixture_admin, &act, 1, &result), 0);
		assert_false(result.durable);
		assert_int_equal(fixture_wait(result.task), BMC_TASK_COMPLETED);
		assert_non_null(
			strstr(fixture_task(result.task)->message, "not journaled"));
		fixture_pass(100);
	}
	assert_int_equal(hw("sub1-01")->powered, 0);
}

static void restarts(unsigned n)
{
	for (unsigned i = 0; i < n; i++)
		assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
				 BMC_TASK_COMPLETED);
}

/* 20 are kept, those of the last five minutes up to twice as many. */
static void only_the_last_tasks_are_kept(void **state)
{
	(void)state;
	restarts(25);
	assert_non_null(fixture_task(1));
	assert_int_equal(fixture->n_tasks, 25);
	restarts(16);
	assert_null(fixture_task(1));
	assert_non_null(fixture_task(2));
	assert_int_equal(fixture->n_tasks, 40);
	bmc_clock_skip(BMC_TASKS_AGE_MS);
	restarts(1);
	assert_null(fixture_task(22));
	assert_non_null(fixture_task(23));
	assert_int_equal(fixture->n_tasks, 20);
	assert_int_equal(fixture->n_jobs, 0);
}

#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(force_off_and_on_move_the_power_pin),
		T(board_row_shows_its_last_action),
		T(what_is_so_already_is_done_without_a_task),
		T(graceful_shutdown_asks_the_system_then_switches_off),
		T(graceful_shutdown_never_forces),
		T(graceful_shutdown_without_a_power_pin_ends_when_it_is_gone),
		T(board_without_a_power_pin_is_on_whatever_it_does),
		T(on_is_done_after_a_shutdown_that_runs),
		T(on_is_done_also_when_the_shutdown_fails),
		T(one_on_may_wait_and_nothing_else),
		T(released_on_leaves_the_shutdown_alone),
		T(on_that_was_reserved_before_the_end_begins_after_it),
		T(on_that_waits_goes_on_after_the_next_start),
		T(blade_is_powered_up_after_its_shutdown),
		T(power_is_on_its_way_while_a_task_runs),
		T(graceful_restart_is_the_systems),
		T(graceful_restart_falls_back_to_one_pulse),
		T(graceful_restart_is_not_held_up_by_a_wedged_adb),
		T(graceful_restart_without_reset_pin_switches_off_and_on),
		T(graceful_restart_without_any_pin_ends_with_words),
		T(force_restart_pulses_once),
		T(force_restart_without_reset_pin_switches_off_and_on),
		T(force_restart_of_an_off_board_starts_it),
		T(power_cycle_is_off_then_on),
		T(pins_that_nothing_follows_end_as_exceptions),
		T(blade_is_powered_up_one_board_after_the_other),
		T(hung_power_verb_delays_the_next_board_by_a_second),
		T(blades_children_have_their_parent),
		T(set_acts_only_on_boards_that_need_it),
		T(set_says_how_many_boards_failed),
		T(board_named_twice_is_restarted_once),
		T(cancelled_task_ends_at_a_safe_point),
		T(cancelled_power_cycle_does_not_leave_the_board_off),
		T(cancelled_set_cancels_what_has_not_begun),
		T(action_waits_for_an_instance_that_is_made_anew),
		T(ticket_that_comes_while_the_service_stops_is_undone),
		T(ticket_that_was_accepted_goes_on_after_the_next_start),
		T(power_actions_run_without_a_journal),
		T(only_the_last_tasks_are_kept),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
