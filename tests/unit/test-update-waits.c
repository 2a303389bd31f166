// SPDX-License-Identifier: Apache-2.0
/* Updates that wait for their boards' next resets, or for a request: what begins them
 * and what does not, one for each board, and what a restart or a crash makes of them.
 */
#include "flash-fixture.h"

#include <stdlib.h>
#include <sys/mman.h>
#include <time.h>

#include "core/model/field.h"
#include "core/tasks/tasks.h"

#define BOARD       "sub1-01"
#define WAITS       "waiting for the next reset of its board"
#define ENTRIES_MAX 60

static uint32_t accept_update(const char *id, enum bmc_wait waits_for)
{
	uint32_t task = 0;

	flash_set(BMC_PARAM_WAITS_FOR, waits_for);
	if (flash_update(id, &task) < 0)
		fail_msg("%s", fixture_error.what);
	assert_true(task > 0);
	return task;
}

static bool says_that_it_waits(void *arg)
{
	const struct bmc_task *t = fixture_task(*(const uint32_t *)arg);

	return t && strncmp(t->message, "waiting for ", 12) == 0 &&
	       strcmp(t->message, "waiting for its time") != 0;
}

/* The image is got at once, and given back. */
static void until_it_waits(uint32_t task)
{
	assert_true(fixture_until(says_that_it_waits, &task));
	fixture_pass(50);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_NEW);
	assert_int_equal(fixture_task(task)->started, BMC_UNKNOWN);
	assert_int_equal(flash_world->held, 0);
	assert_int_equal(flash_world->opened, flash_world->closed);
}

static uint32_t wait_for(const char *id, enum bmc_wait waits_for)
{
	uint32_t task = accept_update(id, waits_for);

	until_it_waits(task);
	return task;
}

static void expect_waiting(uint32_t task)
{
	fixture_pass(150);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_NEW);
	assert_int_equal(fixture_task(task + 1)->state, BMC_TASK_NEW);
	assert_string_equal(fixture_task(task + 1)->message, WAITS);
	assert_true(flash_is_former(BOARD));
}

static void expect_done(uint32_t task)
{
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(flash_is_new(BOARD));
	assert_int_equal(fixture_task(task)->waits_for, BMC_WAIT_NONE);
	assert_int_equal(fixture_task(task + 1)->waits_for, BMC_WAIT_NONE);
}

/* ---- what begins it ---- */

static void each_way_to_reset_a_board_begins_its_update(void **state)
{
	static const enum bmc_action_op ops[] = { BMC_ACT_FORCE_RESTART,
						  BMC_ACT_GRACEFUL_RESTART,
						  BMC_ACT_POWER_CYCLE };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ops); i++) {
		uint32_t task = wait_for(BOARD, BMC_WAIT_RESET);

		flash_of(BOARD)->bytes[0] = 0xee; /* not new any more */
		assert_int_equal(fixture_do_wait(ops[i], BOARD), BMC_TASK_COMPLETED);
		expect_done(task);
	}
}

static void board_is_free_until_it_is_switched_on(void **state)
{
	uint32_t on, task = wait_for(BOARD, BMC_WAIT_RESET);

	(void)state;
	assert_int_equal(fixture_row(BOARD)->task, BMC_UNKNOWN);
	assert_int_equal(fixture_do(BMC_ACT_ON, BOARD, &on), 0);
	assert_int_equal(on, 0); /* it is on: nothing was reset */
	expect_waiting(task);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, BOARD), BMC_TASK_COMPLETED);
	expect_waiting(task);
	assert_int_equal(fixture_do_wait(BMC_ACT_ON, BOARD), BMC_TASK_COMPLETED);
	expect_done(task);
}

static void reset_that_fails_and_one_of_another_board_begin_nothing(void **state)
{
	uint32_t task = wait_for(BOARD, BMC_WAIT_RESET);

	(void)state;
	fixture->boards[1].fault = FIXTURE_POWER_FAILS;
	assert_int_equal(fixture_do_wait(BMC_ACT_POWER_CYCLE, BOARD),
			 BMC_TASK_EXCEPTION);
	fixture->boards[1].fault = FIXTURE_NO_FAULT;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-02"),
			 BMC_TASK_COMPLETED);
	expect_waiting(task);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD),
			 BMC_TASK_COMPLETED);
	expect_done(task);
}

static void pulled_board_keeps_waiting(void **state)
{
	uint32_t task = wait_for(BOARD, BMC_WAIT_RESET);

	(void)state;
	fixture->boards[1].present = 0;
	expect_waiting(task);
	fixture->boards[1].present = 1;
	expect_waiting(task);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD),
			 BMC_TASK_COMPLETED);
	expect_done(task);
}

/* One at once is what the fixture lets through. */
static void boards_of_a_set_begin_one_by_one_and_leave_room_for_others(void **state)
{
	uint32_t other, task = wait_for("blade1", BMC_WAIT_RESET);

	(void)state;
	assert_int_equal(fixture_task(task)->targets, 3);
	for (unsigned i = 1; i <= 3; i++) {
		char id[] = "sub1-00";

		id[6] = (char)('0' + i);
		assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, id),
				 BMC_TASK_COMPLETED);
		assert_int_equal(fixture_wait(task + i), BMC_TASK_COMPLETED);
		assert_true(flash_is_new(id));
		if (i == 3)
			break;
		assert_int_equal(fixture_task(task)->state, BMC_TASK_RUNNING);
		assert_int_equal(fixture_task(task + 3)->state, BMC_TASK_NEW);
		flash_params_drop();
		assert_int_equal(flash_update("sub2-01", &other), 0);
		assert_int_equal(fixture_wait(other), BMC_TASK_COMPLETED);
	}
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(task)->targets_ok, 3);
}

/* ---- what is accepted ---- */

static int refused(const char *id, const char *words)
{
	int code = flash_update(id, NULL);

	assert_non_null(strstr(fixture_error.what, words));
	return code;
}

static void one_update_at_most_waits_for_a_board(void **state)
{
	uint32_t task = wait_for(BOARD, BMC_WAIT_RESET), now;

	(void)state;
	flash_set(BMC_PARAM_WAITS_FOR, BMC_WAIT_RESET);
	assert_int_equal(refused(BOARD, "an update waits for sub1-01 already"),
			 BMC_EBUSY);
	flash_set(BMC_PARAM_WAITS_FOR, BMC_WAIT_REQUEST);
	assert_int_equal(refused(BOARD, "an update waits for sub1-01 already"),
			 BMC_EBUSY);
	flash_params_drop();
	assert_int_equal(flash_update(BOARD, &now), 0); /* which does not wait */
	assert_int_equal(fixture_wait(now), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_NEW);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, NULL), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(fixture_task(task + 1)->state, BMC_TASK_CANCELLED);
	(void)wait_for(BOARD, BMC_WAIT_RESET);
}

/* A reservation that is taken back holds nothing. */
static void released_reservation_waits_for_nothing(void **state)
{
	struct bmc_action act = fixture_action(BMC_ACT_UPDATE, BOARD);
	struct bmc_transaction *t;

	(void)state;
	flash_set(BMC_PARAM_WAITS_FOR, BMC_WAIT_RESET);
	act.params = flash_params();
	assert_int_equal(
		bmc_action_reserve(&fixture_admin, &act, 1, &t, NULL, &fixture_error),
		0);
	assert_int_equal(refused(BOARD, "already"), BMC_EBUSY);
	bmc_transaction_release(t);
	(void)wait_for(BOARD, BMC_WAIT_RESET);
}

static void only_updates_wait_and_not_in_batches(void **state)
{
	static const enum bmc_param keys[] = { BMC_PARAM_BATCH, BMC_PARAM_CANARY,
					       BMC_PARAM_DELAY_MS };
	struct bmc_action act = fixture_action(BMC_ACT_FORCE_RESTART, BOARD);
	struct bmc_result result;

	(void)state;
	flash_set(BMC_PARAM_WAITS_FOR, BMC_WAIT_RESET);
	act.params = flash_params();
	assert_int_equal(fixture_submit(&fixture_admin, &act, 1, &result), BMC_EINVAL);
	assert_int_equal(fixture->boards[1].resets, 0);
	for (size_t i = 0; i < ARRAY_SIZE(keys); i++) {
		flash_params_drop();
		flash_set(BMC_PARAM_WAITS_FOR, BMC_WAIT_RESET);
		flash_set(keys[i], 1);
		assert_int_equal(refused("blade1", "no batches"), BMC_EINVAL);
	}
	flash_params_drop();
	flash_set(BMC_PARAM_BATCH, 1);
	until_it_waits(accept_update("blade1", BMC_WAIT_REQUEST));
}

static void image_that_can_not_be_had_is_told_at_once(void **state)
{
	uint32_t task;

	(void)state;
	flash_world->fails = BMC_EIO;
	task = accept_update(BOARD, BMC_WAIT_RESET);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	flash_world->fails = 0;
	flash_params_drop();
	(void)wait_for(BOARD, BMC_WAIT_RESET); /* its place is free again */
}

/* ---- a window ---- */

static void set_window(int64_t from, int64_t to)
{
	int64_t now = bmc_wall(bmc_now());

	flash_set(BMC_PARAM_APPLY_AT, now + from);
	flash_set(BMC_PARAM_APPLY_UNTIL, now + to);
}

static void reset_before_the_window_begins_nothing(void **state)
{
	uint32_t task;

	(void)state;
	set_window(3600000, 7200000);
	task = accept_update(BOARD, BMC_WAIT_RESET);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD),
			 BMC_TASK_COMPLETED);
	expect_waiting(task);
	assert_int_equal(flash_world->prepares, 0);
	assert_true(fixture_task(task)->start_at > bmc_now());
}

static void reset_in_the_window_begins_the_update(void **state)
{
	uint32_t task;

	(void)state;
	set_window(-1000, 3600000);
	task = wait_for(BOARD, BMC_WAIT_RESET);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD),
			 BMC_TASK_COMPLETED);
	expect_done(task);
}

static void what_was_not_reset_in_its_window_is_not_done(void **state)
{
	uint32_t task;

	(void)state;
	set_window(-1000, 700);
	task = accept_update(BOARD, BMC_WAIT_RESET);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_non_null(strstr(fixture_task(task + 1)->error, "window is over"));
	assert_non_null(strstr(fixture_task(task + 1)->error, "without a reset"));
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_true(flash_is_former(BOARD));
}

static void window_that_ended_while_the_service_was_down_is_over(void **state)
{
	struct timespec over = { 0, 900 * 1000000 };
	uint32_t task;

	(void)state;
	set_window(-1000, 800);
	task = accept_update(BOARD, BMC_WAIT_RESET);
	flash_stop();
	(void)nanosleep(&over, NULL);
	flash_start(false);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_non_null(strstr(fixture_task(task + 1)->error, "without a reset"));
}

/* ---- a request ---- */

static int start(const struct bmc_actor *who, uint32_t task)
{
	struct bmc_action act = { .op = BMC_ACT_SET,
				  .kind = BMC_TASK,
				  .field = bmc_field_find(BMC_TASK, "waits_for") };
	struct bmc_result result;

	(void)snprintf(act.id, sizeof(act.id), "%u", task);
	return fixture_submit(who, &act, 1, &result);
}

static void request_begins_all_boards(void **state)
{
	uint32_t task = wait_for("blade1", BMC_WAIT_REQUEST);

	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_task(task + 1)->state, BMC_TASK_NEW);
	assert_int_equal(start(&fixture_reader, task), BMC_EPERM);
	assert_int_equal(start(&fixture_admin, task + 100), BMC_ENOTFOUND);
	assert_int_equal(start(&fixture_operator, task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(task)->targets_ok, 3);
	assert_int_equal(start(&fixture_admin, task), BMC_ESTATE);
}

static void what_waits_for_a_reset_is_not_begun_by_a_request(void **state)
{
	uint32_t task = wait_for(BOARD, BMC_WAIT_RESET);

	(void)state;
	assert_int_equal(start(&fixture_admin, task), BMC_ESTATE);
	expect_waiting(task);
}

static void nothing_else_of_a_task_is_set(void **state)
{
	uint32_t task = wait_for(BOARD, BMC_WAIT_REQUEST);
	struct bmc_action act = { .op = BMC_ACT_SET,
				  .kind = BMC_TASK,
				  .field = bmc_field_find(BMC_TASK, "priority") };
	struct bmc_result result;

	(void)state;
	(void)snprintf(act.id, sizeof(act.id), "%u", task);
	assert_int_equal(fixture_submit(&fixture_admin, &act, 1, &result), BMC_ENOTSUP);
	act.field = bmc_field_find(BMC_TASK, "waits_for");
	act.num = BMC_WAIT_RESET;
	assert_int_equal(fixture_submit(&fixture_admin, &act, 1, &result), BMC_ENOTSUP);
}

/* ---- restarts ---- */

static void it_waits_on_after_a_restart(void **state)
{
	uint32_t task = wait_for("blade1", BMC_WAIT_RESET);
	int prepares;

	(void)state;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-02"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(task + 2), BMC_TASK_COMPLETED);
	prepares = flash_world->prepares;
	flash_stop();
	flash_start(false);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_RUNNING);
	fixture_pass(100);
	assert_string_equal(fixture_task(task + 1)->message, WAITS);
	assert_int_equal(flash_world->prepares, prepares); /* not again */
	flash_set(BMC_PARAM_WAITS_FOR, BMC_WAIT_RESET);
	assert_int_equal(refused(BOARD, "already"), BMC_EBUSY);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_RUNNING);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-03"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
}

/* Its image is not there again yet when the service ends. */
static void what_has_come_is_not_lost_by_a_restart(void **state)
{
	uint32_t task = wait_for(BOARD, BMC_WAIT_RESET);

	(void)state;
	flash_world->hold = true;
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD),
			 BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture_task(task + 1)->state, BMC_TASK_NEW);
	flash_stop();
	flash_world->hold = false;
	flash_start(false);
	expect_done(task);
	assert_int_equal(fixture->boards[1].resets, 1);
}

/* Before the boards' readings are in. */
static void cancelled_right_after_a_restart(void **state)
{
	uint32_t task = wait_for(BOARD, BMC_WAIT_RESET);

	(void)state;
	flash_stop();
	fixture->mute = true;
	flash_start(false);
	fixture_pass(20);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, NULL), 0);
	fixture_pass(20);
	fixture->mute = false;
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(fixture_task(task + 1)->state, BMC_TASK_CANCELLED);
	assert_int_equal(fixture->n_jobs, 0);
}

/* ---- crashes ---- */

static bool none_is_left(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < fixture->n_tasks; i++) {
		if (fixture->tasks[i].state < BMC_TASK_COMPLETED)
			return false;
	}
	return fixture->n_jobs == 0;
}

/* An update waits, its board is reset; the service is killed at an entry. */
static void live(int entry, bool request)
{
	char at[12];
	uint32_t task, reset;

	(void)snprintf(at, sizeof(at), "%d", entry);
	(void)setenv("CLUSTERBMC_CRASH_AT", at, 1);
	(void)alarm(300);
	flash_start(true);
	flash_set(BMC_PARAM_WAITS_FOR, request ? BMC_WAIT_REQUEST : BMC_WAIT_RESET);
	if (flash_update(BOARD, &task) != 0 ||
	    !fixture_until(says_that_it_waits, &task))
		_exit(2);
	if (request ? start(&fixture_admin, task) != 0
		    : fixture_do(BMC_ACT_FORCE_RESTART, BOARD, &reset) != 0)
		_exit(3);
	(void)fixture_wait(task);
	fixture_pass(50);
	_exit(0);
}

static bool waits_or_ends(void *arg)
{
	return none_is_left(NULL) || says_that_it_waits(arg);
}

/* Task 1 and its part 2 are the update, 3 is the reset. A reset that was done is not
 * lost, and is not repeated either. */
static void live_again(bool request)
{
	bool reset = false;

	(void)unsetenv("CLUSTERBMC_CRASH_AT");
	(void)alarm(300);
	flash_start(false);
	if (fixture->n_tasks > 2)
		reset = fixture_wait(3) == BMC_TASK_COMPLETED;
	if (!fixture_until(waits_or_ends, &(uint32_t){ 1 }))
		_exit(4);
	if (fixture_task(2)->waits_for != BMC_WAIT_NONE) {
		if (reset)
			_exit(5);
		if (request ? start(&fixture_admin, 1) != 0
			    : fixture_do_wait(BMC_ACT_FORCE_RESTART, BOARD) !=
				      BMC_TASK_COMPLETED)
			_exit(6);
	}
	if (!fixture_until(none_is_left, NULL))
		_exit(7);
	flash_stop();
	_exit(0);
}

/* What was confirmed is done in the end; entry 1 is its reservation. */
static void check(int entry)
{
	assert_true(fixture->n_tasks >= 2);
	assert_int_equal(fixture->n_jobs, 0);
	assert_int_equal(fixture->tasks[1].state,
			 entry <= 1 ? BMC_TASK_EXCEPTION : BMC_TASK_COMPLETED);
	assert_int_equal(fixture->tasks[0].state, fixture->tasks[1].state);
}

static void kill_at_each_entry(bool request)
{
	bool killed = true;

	for (int entry = 1; killed; entry++) {
		pid_t pid;

		assert_true(entry < ENTRIES_MAX);
		flash_new();
		flash_world->stored = true;
		(void)fflush(NULL);
		pid = fork();
		if (pid == 0)
			live(entry, request);
		killed = fixture_was_killed(pid);
		pid = killed ? fork() : 0;
		if (killed && pid == 0)
			live_again(request);
		if (killed)
			assert_false(fixture_was_killed(pid));
		check(killed ? entry : ENTRIES_MAX);
		(void)munmap(flash_world, sizeof(*flash_world));
		(void)munmap(fixture, sizeof(*fixture));
		/* reserved, accepted, the image; at least the update's own */
		assert_true(killed || entry > 3 + 13);
	}
}

static void killed_at_each_step_while_it_waits_for_a_reset(void **state)
{
	(void)state;
	kill_at_each_entry(false);
}

static void killed_at_each_step_while_it_waits_for_a_request(void **state)
{
	(void)state;
	kill_at_each_entry(true);
}

#define T(test) cmocka_unit_test_setup_teardown(test, flash_set_up, flash_tear_down)
#define F(test) cmocka_unit_test_teardown(test, fixture_end_child)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(each_way_to_reset_a_board_begins_its_update),
		T(board_is_free_until_it_is_switched_on),
		T(reset_that_fails_and_one_of_another_board_begin_nothing),
		T(pulled_board_keeps_waiting),
		T(boards_of_a_set_begin_one_by_one_and_leave_room_for_others),
		T(one_update_at_most_waits_for_a_board),
		T(released_reservation_waits_for_nothing),
		T(only_updates_wait_and_not_in_batches),
		T(image_that_can_not_be_had_is_told_at_once),
		T(reset_before_the_window_begins_nothing),
		T(reset_in_the_window_begins_the_update),
		T(what_was_not_reset_in_its_window_is_not_done),
		T(window_that_ended_while_the_service_was_down_is_over),
		T(request_begins_all_boards),
		T(what_waits_for_a_reset_is_not_begun_by_a_request),
		T(nothing_else_of_a_task_is_set),
		T(it_waits_on_after_a_restart),
		T(what_has_come_is_not_lost_by_a_restart),
		T(cancelled_right_after_a_restart),
		F(killed_at_each_step_while_it_waits_for_a_reset),
		F(killed_at_each_step_while_it_waits_for_a_request),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
