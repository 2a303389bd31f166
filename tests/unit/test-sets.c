// SPDX-License-Identifier: Apache-2.0
/* Sets of boards: a blade, or boards whose actions say that they are one of a set. What
 * can't be done to one of them does not stop the others, and who is busy is named. */
#include "action-fixture.h"

#define BOARDS 40

static int submit_set(enum bmc_action_op op, const char *const *ids, size_t n,
		      uint32_t *ret_task)
{
	struct bmc_action acts[BOARDS];
	struct bmc_result result = { 0 };

	for (size_t i = 0; i < n; i++) {
		acts[i] = fixture_action(op, ids[i]);
		acts[i].in_set = true;
	}
	int code = fixture_submit(&fixture_admin, acts, n, &result);
	*ret_task = result.task;
	return code;
}

static const char *const blade1[] = { "sub1-01", "sub1-02", "sub1-03", "sub1-04" };

static void busy_board_is_left_out_and_named(void **state)
{
	uint32_t busy, task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-02", &busy), 0);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "blade1", &task), 0);
	assert_string_equal(fixture_task(task)->left_out, "sub1-02");
	assert_int_equal(fixture_task(task)->targets, 2);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_string_equal(fixture_task(task)->left_out, "sub1-02");
	assert_int_equal(fixture_task(task)->targets_ok, 2);
	assert_int_equal(fixture_wait(busy), BMC_TASK_COMPLETED);
	fixture_pass(100);
	assert_int_equal(fixture->boards[2].powered, 1);
	assert_int_equal(fixture->boards[1].powered, 0);
}

static void boards_of_a_set_get_what_their_blade_gets(void **state)
{
	uint32_t busy, task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-02", &busy), 0);
	assert_int_equal(submit_set(BMC_ACT_FORCE_OFF, blade1, 4, &task), 0);
	assert_string_equal(fixture_task(task)->left_out, "sub1-02");
	assert_int_equal(fixture_task(task)->targets, 2);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(busy), BMC_TASK_COMPLETED);
	fixture_pass(100);
	/* what remains is so already */
	assert_int_equal(submit_set(BMC_ACT_FORCE_OFF, blade1, 1, &task), 0);
	assert_int_equal(task, 0);
}

static void single_board_that_runs_names_the_others(void **state)
{
	uint32_t busy[2], task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-01", &busy[0]), 0);
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-02", &busy[1]), 0);
	assert_int_equal(submit_set(BMC_ACT_FORCE_OFF, blade1, 4, &task), 0);
	assert_string_equal(fixture_task(task)->left_out, "sub1-01 sub1-02");
	assert_string_equal(fixture_task(task)->target_id, "sub1-03");
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(busy[0]), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(busy[1]), BMC_TASK_COMPLETED);
}

static void set_of_busy_boards_is_busy(void **state)
{
	uint32_t busy, task;

	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "blade1", &busy), 0);
	assert_int_equal(submit_set(BMC_ACT_FORCE_OFF, blade1, 4, &task), BMC_EBUSY);
	assert_non_null(strstr(fixture_error.what, "sub1-01"));
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "blade1", &task), BMC_EBUSY);
	/* one that is so already, and a busy one: the latter would stay unnamed */
	assert_int_equal(submit_set(BMC_ACT_ON,
				    (const char *const[]){ "main", "sub1-01" }, 2,
				    &task),
			 BMC_EBUSY);
	assert_int_equal(fixture_wait(busy), BMC_TASK_COMPLETED);
}

static void set_of_boards_that_can_not_says_why(void **state)
{
	uint32_t task;

	(void)state;
	assert_int_equal(submit_set(BMC_ACT_ON, blade1 + 3, 1, &task), BMC_EABSENT);
	assert_int_equal(submit_set(BMC_ACT_FORCE_OFF,
				    (const char *const[]){ "sub2-02" }, 1, &task),
			 BMC_ENOTSUP);
	assert_int_equal(submit_set(BMC_ACT_ON, blade1, 4, &task), 0); /* on already */
	assert_int_equal(task, 0);
	assert_int_equal(
		submit_set(BMC_ACT_ON, (const char *const[]){ "nope" }, 1, &task),
		BMC_ENOTFOUND);
}

/* Alone it is refused, in a set it is not. */
static void boards_are_of_a_set_only_when_they_say_so(void **state)
{
	struct bmc_action acts[] = { fixture_action(BMC_ACT_FORCE_OFF, "sub1-01"),
				     fixture_action(BMC_ACT_FORCE_OFF, "sub1-04") };
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_admin, acts, 2, &result), BMC_EABSENT);
	fixture_pass(50);
	assert_int_equal(fixture->boards[1].powered, 1);
}

/* ---- many ---- */

static const char many[] = "platform: many\n"
			   "settle: 1s\n"
			   "verbs: {power: fixture, reset: fixture}\n"
			   "chips:\n"
			   "  - {id: pins, driver: simulator, lines: 100}\n"
			   "chassis:\n"
			   "  - {id: enclosure}\n"
			   "boards:\n"
			   "  - range: {s: 1-40}\n"
			   "    id: \"long-{s:02}\"\n"
			   "    index: \"1.{s}\"\n"
			   "    pins: [{name: power, chip: pins, line: \"{s}\"}]\n";

static int set_up_many(void **state)
{
	(void)state;
	fixture_new();
	for (size_t i = 0; i < BOARDS; i++)
		fixture->boards[i].present = 1;
	fixture_platform = many;
	fixture_last = "long-40";
	fixture->mute = true; /* their power is all that is read */
	fixture_start(false);
	fixture->mute = false;
	fixture_pass(300);
	return 0;
}

static void more_than_there_is_room_for_ends_in_dots(void **state)
{
	char names[BOARDS][16];
	const char *ids[BOARDS];
	uint32_t busy, task;

	(void)state;
	for (size_t i = 0; i < BOARDS; i++) {
		(void)snprintf(names[i], sizeof(names[i]), "long-%02zu", i + 1);
		ids[i] = names[i];
	}
	assert_int_equal(submit_set(BMC_ACT_POWER_CYCLE, ids, BOARDS - 1, &busy), 0);
	assert_int_equal(submit_set(BMC_ACT_FORCE_OFF, ids, BOARDS, &task), 0);
	const char *text = fixture_task(task)->left_out;
	/* 31 of 7 letters, 30 spaces, " ..." */
	assert_int_equal(strlen(text), 31 * 7 + 30 + 4);
	assert_non_null(strstr(text, "long-01 long-02 "));
	assert_non_null(strstr(text, "long-31 ..."));
}

#define T(test) cmocka_unit_test_setup_teardown(test, fixture_set_up, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(busy_board_is_left_out_and_named),
		T(boards_of_a_set_get_what_their_blade_gets),
		T(single_board_that_runs_names_the_others),
		T(set_of_busy_boards_is_busy),
		T(set_of_boards_that_can_not_says_why),
		T(boards_are_of_a_set_only_when_they_say_so),
		cmocka_unit_test_setup_teardown(
			more_than_there_is_room_for_ends_in_dots, set_up_many,
			fixture_tear_down),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
