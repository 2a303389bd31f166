// SPDX-License-Identifier: Apache-2.0
/* Updates of boards: the flasher's calls in their order, what a failure in each of them
 * leaves, cancelling, boards that are busy, and getting the image before. */
#include "flash-fixture.h"

#include "core/access/claims.h"
#include "core/model/update-codes.h"

#define BOARD "sub1-01"

static uint32_t begin(const char *id)
{
	uint32_t task = 0;

	if (flash_update(id, &task) < 0)
		fail_msg("%s", fixture_error.what);
	assert_true(task > 0);
	return task;
}

static void expect(const char *id, enum bmc_task_state state, const char *code)
{
	uint32_t task = begin(id);

	assert_int_equal(fixture_wait(task), state);
	assert_string_equal(fixture_task(task)->code, code);
	assert_string_equal(flash_child(task, BOARD)->code, code);
	assert_int_equal(flash_child(task, BOARD)->state, state);
}

static void plan_fault(enum bmc_flash_call at, enum flash_fault fault, int code)
{
	flash_of(BOARD)->at = (int)at;
	flash_of(BOARD)->code = code;
	flash_of(BOARD)->fault = fault;
}

static void check_calls(const char *expected)
{
	char calls[BMC_N_FLASH_CALLS + 1] = "";

	for (size_t i = 0; i < BMC_N_FLASH_CALLS; i++)
		calls[i] = (char)('0' + flash_of(BOARD)->calls[i]);
	assert_string_equal(calls, expected);
}

/* ---- well ---- */

static void board_is_written_verified_and_confirmed(void **state)
{
	uint32_t task = begin(BOARD);
	const struct bmc_task *t;

	(void)state;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	check_calls("1111110");
	assert_true(flash_is_new(BOARD));
	assert_true(flash_of(BOARD)->confirmed);
	assert_int_equal(flash_world->verify, BMC_VERIFY_FULL);
	t = fixture_task(task);
	assert_int_equal(t->op, BMC_ACT_UPDATE);
	assert_int_equal(t->targets_ok, 1);
	assert_string_equal(t->code, "");
	assert_int_equal(flash_child(task, BOARD)->state, BMC_TASK_COMPLETED);
	assert_string_equal(flash_child(task, BOARD)->message, "updated");
	assert_non_null(strstr(flash_child(task, BOARD)->history, "write"));
	assert_int_equal(flash_world->fetches, 0);
	assert_false(flash_is_new("sub1-02"));
}

static void verify_is_as_it_was_asked_for(void **state)
{
	(void)state;
	flash_set(BMC_PARAM_VERIFY, BMC_VERIFY_SAMPLED);
	assert_int_equal(fixture_wait(begin(BOARD)), BMC_TASK_COMPLETED);
	assert_int_equal(flash_world->verify, BMC_VERIFY_SAMPLED);
}

static void image_is_given_back(void **state)
{
	uint32_t task = begin("blade1");

	(void)state;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(task)->targets_ok, 3);
	fixture_pass(50);
	assert_int_equal(flash_world->held, 0);
	assert_int_equal(flash_world->opened, flash_world->closed);
	assert_int_equal(flash_world->prepares, 1);
}

static void sums_of_the_boards_are_the_parents(void **state)
{
	uint32_t task = begin("blade1");

	(void)state;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	fixture_pass(20);
	assert_int_equal(fixture_task(task)->percent, 100000);
	assert_int_equal(fixture_task(task)->bytes_done, 3 * FLASH_BYTES);
	assert_int_equal(fixture_task(task)->bytes_total, 3 * FLASH_BYTES);
	for (uint32_t n = task + 1; n <= task + 3; n++)
		assert_int_equal(fixture_task(n)->bytes_done, FLASH_BYTES);
}

/* ---- not at all ---- */

static void board_without_a_flasher_can_not_be_updated(void **state)
{
	(void)state;
	assert_int_equal(flash_update("main", NULL), BMC_ENOTSUP);
	assert_int_equal(flash_update("sub1-04", NULL), BMC_EABSENT);
	assert_true(fixture_row(BOARD)->allowed & 1 << BMC_ACT_UPDATE);
	assert_false(fixture_row("main")->allowed & 1 << BMC_ACT_UPDATE);
}

static void update_needs_an_image_that_is_there(void **state)
{
	struct bmc_action act = fixture_action(BMC_ACT_UPDATE, BOARD);
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_admin, &act, 1, &result), BMC_EINVAL);
	flash_set_text(BMC_PARAM_IMAGE, "image-2");
	assert_int_equal(flash_update(BOARD, NULL), BMC_ENOTFOUND);
	assert_int_equal(flash_world->prepares, 0);
	check_calls("0000000");
}

static void reader_may_not_update(void **state)
{
	struct bmc_action act = fixture_action(BMC_ACT_UPDATE, BOARD);
	struct bmc_result result;

	(void)state;
	assert_int_equal(fixture_submit(&fixture_reader, &act, 1, &result), BMC_EPERM);
}

static bool is_at(void *arg)
{
	return flash_of(BOARD)->calls[*(const int *)arg] > 0;
}

static void until_call(enum bmc_flash_call what)
{
	int at = (int)what;

	assert_true(fixture_until(is_at, &at));
}

/* ---- a board that still boots ---- */

static bool is_starting(void *arg)
{
	return fixture_row(arg)->row.status == BMC_STARTING;
}

/* As long as it is on USB as no mode is: its boot has all the time that this machine
 * takes. */
static void let_it_boot(void)
{
	struct bmc_platform *p =
		(struct bmc_platform *)(uintptr_t)bmc_instances_platform();

	p->boot_ms = 60000;
	fixture->boards[1].mode = BMC_USB_DEVICE;
	assert_true(fixture_until(is_starting, (void *)(uintptr_t)BOARD));
}

static bool is_waiting_for_boot(void *arg)
{
	return strcmp(flash_child(*(uint32_t *)arg, BOARD)->message,
		      "waiting for its system to start") == 0;
}

static uint32_t refused_while_it_boots(int code)
{
	uint32_t task;

	let_it_boot();
	plan_fault(BMC_FLASH_ACCEPTS, FLASH_FAILS, code);
	task = begin(BOARD);
	assert_true(fixture_until(is_waiting_for_boot, &task));
	return task;
}

static void flasher_that_refuses_a_board_that_boots_is_asked_again(void **state)
{
	static const int codes[] = { BMC_ESTATE, BMC_EABSENT };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(codes); i++) {
		uint32_t task = refused_while_it_boots(codes[i]);

		fixture_pass(500);
		check_calls("1000000"); /* it is not asked over and over */
		flash_of(BOARD)->fault = FLASH_NO_FAULT;
		fixture->boards[1].mode = BMC_USB_UNKNOWN;
		assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
		check_calls("2111110");
		memset(flash_of(BOARD)->calls, 0, sizeof(flash_of(BOARD)->calls));
	}
}

static void board_that_is_refused_after_its_boot_is_not_updated(void **state)
{
	uint32_t task = refused_while_it_boots(BMC_ESTATE);

	(void)state;
	fixture->boards[1].mode = BMC_USB_UNKNOWN;
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_string_equal(fixture_task(task)->code, "accepts-state");
	check_calls("2000000");
}

static bool shows_its_loader(void *arg)
{
	return fixture_row(arg)->state == BMC_BOARD_LOADER;
}

static void loader_that_passes_by_in_a_boot_is_not_its_end(void **state)
{
	uint32_t task = refused_while_it_boots(BMC_ESTATE);

	(void)state;
	fixture->boards[1].mode = BMC_USB_LOADER;
	assert_true(fixture_until(shows_its_loader, (void *)(uintptr_t)BOARD));
	fixture_pass(500);
	check_calls("1000000");
	flash_of(BOARD)->fault = FLASH_NO_FAULT;
	fixture->boards[1].mode = BMC_USB_UNKNOWN;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
}

static void boot_without_end_is_given_up(void **state)
{
	uint32_t task = refused_while_it_boots(BMC_ESTATE);

	(void)state;
	bmc_clock_skip(120001);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_string_equal(fixture_task(task)->code, "accepts-state");
	check_calls("2000000");
}

static void boot_that_is_waited_for_can_be_cancelled(void **state)
{
	uint32_t task = refused_while_it_boots(BMC_ESTATE);

	(void)state;
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, NULL), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	check_calls("1000000");
}

static void other_refusals_of_a_board_that_boots_count_at_once(void **state)
{
	(void)state;
	let_it_boot();
	plan_fault(BMC_FLASH_ACCEPTS, FLASH_FAILS, BMC_ECONFLICT);
	expect(BOARD, BMC_TASK_EXCEPTION, "accepts-conflict");
	check_calls("1000000");
}

static void refusal_of_a_board_that_is_up_counts_at_once(void **state)
{
	(void)state;
	plan_fault(BMC_FLASH_ACCEPTS, FLASH_FAILS, BMC_ESTATE);
	expect(BOARD, BMC_TASK_EXCEPTION, "accepts-state");
	check_calls("1000000");
}

/* ---- failures ---- */

static bool is_waiting(void *arg)
{
	return strstr(flash_child(*(uint32_t *)arg, BOARD)->message,
		      "waiting for its system") != NULL;
}

/* Past the time that its first boot may take. */
static void skip_the_boot(uint32_t task)
{
	assert_true(fixture_until(is_waiting, &task));
	fixture_pass(200); /* it has left USB */
	bmc_clock_skip(6000);
}

static void image_that_does_not_fit_changes_nothing(void **state)
{
	(void)state;
	plan_fault(BMC_FLASH_ACCEPTS, FLASH_FAILS, BMC_ECONFLICT);
	expect(BOARD, BMC_TASK_EXCEPTION, "accepts-conflict");
	check_calls("1000000");
	assert_true(flash_is_former(BOARD));
}

/* Each call that fails after the first one is followed by the rollback. */
static void failures_are_rolled_back(void **state)
{
	static const struct {
		enum bmc_flash_call at;
		int code;
		const char *calls, *word;
	} cases[] = {
		{ BMC_FLASH_DETACH, BMC_ETIMEDOUT, "1100001", "detach-timeout" },
		{ BMC_FLASH_WRITE, BMC_EIO, "1110001", "write-io" },
		{ BMC_FLASH_VERIFY, BMC_EIO, "1111001", "verify-io" },
		{ BMC_FLASH_ATTACH, BMC_ENOTFOUND, "1111101", "attach-missing" },
		{ BMC_FLASH_CONFIRM, BMC_EPERM, "1111111", "confirm-refused" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++) {
		uint32_t task;

		memset(flash_of(BOARD)->calls, 0, sizeof(flash_of(BOARD)->calls));
		plan_fault(cases[i].at, FLASH_FAILS, cases[i].code);
		task = begin(BOARD);
		assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
		assert_string_equal(fixture_task(task)->code, cases[i].word);
		assert_string_equal(flash_child(task, BOARD)->error, "told to fail");
		assert_string_equal(flash_child(task, BOARD)->message,
				    "rolled back: the former system answers");
		check_calls(cases[i].calls);
		assert_true(flash_is_former(BOARD));
		assert_true(flash_of(BOARD)->whole);
	}
}

static void wrong_bytes_are_found_and_rolled_back(void **state)
{
	(void)state;
	plan_fault(BMC_FLASH_WRITE, FLASH_LIES, 0);
	expect(BOARD, BMC_TASK_EXCEPTION, "verify-corrupt");
	assert_true(flash_is_former(BOARD));
}

static void board_that_does_not_answer_is_rolled_back(void **state)
{
	uint32_t task;

	(void)state;
	plan_fault(BMC_FLASH_ATTACH, FLASH_SILENT, 0);
	task = begin(BOARD);
	skip_the_boot(task);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_string_equal(fixture_task(task)->code, "boot-silent");
	check_calls("1111101");
	assert_true(flash_is_former(BOARD));
	assert_false(flash_of(BOARD)->confirmed);
}

static void without_a_rollback_the_state_is_told(void **state)
{
	struct bmc_flasher none = *flash_plugin.flasher;
	const struct bmc_flasher *all = flash_plugin.flasher;
	uint32_t task;

	(void)state;
	flash_stop();
	none.rollback = NULL;
	flash_plugin.flasher = &none;
	flash_start(false);
	plan_fault(BMC_FLASH_WRITE, FLASH_FAILS, BMC_EIO);
	task = begin(BOARD);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_string_equal(fixture_task(task)->code, "write-io");
	assert_string_equal(flash_child(task, BOARD)->message,
			    bmc_stage_left(BMC_STAGE_WRITE));
	flash_stop();
	flash_plugin.flasher = all;
	flash_start(false);
}

static void rollback_that_fails_is_told(void **state)
{
	uint32_t task;

	(void)state;
	plan_fault(BMC_FLASH_ROLLBACK, FLASH_FAILS, BMC_EIO);
	fixture->boards[1].lost = 3; /* so that it never answers */
	task = begin(BOARD);
	skip_the_boot(task);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_string_equal(fixture_task(task)->code, "boot-silent");
	assert_non_null(strstr(flash_child(task, BOARD)->message, "rollback failed"));
}

static void flasher_that_hangs_is_given_up(void **state)
{
	uint32_t task;

	(void)state;
	plan_fault(BMC_FLASH_WRITE, FLASH_WEDGED, 0);
	task = begin(BOARD);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_string_equal(fixture_task(task)->code, "write-timeout");
	/* the thread is in the slot still: its rollback can't be called */
	assert_non_null(strstr(flash_child(task, BOARD)->message, "rollback failed"));
	assert_int_equal(flash_world->opened, flash_world->closed + 1);
	assert_int_equal(fixture_wait(begin("sub1-02")), BMC_TASK_COMPLETED);
}

/* ---- busy ---- */

static void board_under_an_update_is_busy(void **state)
{
	uint32_t task;

	(void)state;
	plan_fault(BMC_FLASH_WRITE, FLASH_HANGS, 0);
	task = begin(BOARD);
	until_call(BMC_FLASH_WRITE);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_RESTART, BOARD, NULL), BMC_EBUSY);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, BOARD, NULL), BMC_EBUSY);
	assert_int_equal(fixture_do(BMC_ACT_ON, BOARD, NULL), BMC_EBUSY);
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, BOARD, NULL), BMC_EBUSY);
	assert_int_equal(flash_update(BOARD, NULL), BMC_EBUSY);
	assert_non_null(strstr(fixture_error.what, "busy with Update"));
	flash_of(BOARD)->fault = FLASH_NO_FAULT;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].resets + fixture->boards[1].power_ups, 0);
	assert_int_equal(fixture_wait(begin(BOARD)), BMC_TASK_COMPLETED);
}

/* ---- cancelling ---- */

static void cancelled_in(enum bmc_flash_call at, const char *code, const char *calls)
{
	uint32_t task;

	memset(flash_of(BOARD)->calls, 0, sizeof(flash_of(BOARD)->calls));
	plan_fault(at, FLASH_HANGS, 0);
	task = begin(BOARD);
	until_call(at);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, NULL), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_string_equal(flash_child(task, BOARD)->code, code);
	check_calls(calls);
	assert_true(flash_is_former(BOARD));
	assert_true(flash_of(BOARD)->whole);
}

static void cancelled_in_each_stage(void **state)
{
	(void)state;
	cancelled_in(BMC_FLASH_ACCEPTS, "accepts-cancelled", "1000000");
	cancelled_in(BMC_FLASH_DETACH, "detach-cancelled", "1100001");
	cancelled_in(BMC_FLASH_WRITE, "write-cancelled", "1110001");
	cancelled_in(BMC_FLASH_VERIFY, "verify-cancelled", "1111001");
	cancelled_in(BMC_FLASH_ATTACH, "attach-cancelled", "1111101");
}

static void cancelled_while_it_boots_is_rolled_back(void **state)
{
	uint32_t task;

	(void)state;
	plan_fault(BMC_FLASH_ATTACH, FLASH_SILENT, 0);
	task = begin(BOARD);
	until_call(BMC_FLASH_ATTACH);
	fixture_pass(50);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, NULL), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_string_equal(flash_child(task, BOARD)->code, "boot-cancelled");
	assert_true(flash_is_former(BOARD));
}

static void cancel_is_too_late_for_a_confirm(void **state)
{
	uint32_t task;

	(void)state;
	plan_fault(BMC_FLASH_CONFIRM, FLASH_HANGS, 0);
	task = begin(BOARD);
	until_call(BMC_FLASH_CONFIRM);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, NULL), 0);
	fixture_pass(50);
	flash_of(BOARD)->fault = FLASH_NO_FAULT;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(flash_is_new(BOARD));
}

/* ---- the recovery ladder's last step ---- */

static int reinstall_set_up(void **state)
{
	flash_recovery = "recovery: {reinstall: " FLASH_IMAGE "}\n";
	return flash_set_up(state);
}

static int reinstall_tear_down(void **state)
{
	flash_recovery = "";
	return flash_tear_down(state);
}

static bool update_has_ended(void *arg)
{
	const struct bmc_board *b = fixture_row(BOARD);

	(void)arg;
	return b->action == BMC_ACT_UPDATE && b->action_state >= BMC_TASK_COMPLETED;
}

static void board_that_nothing_brings_back_is_reinstalled(void **state)
{
	uint32_t task;

	(void)state;
	flash_world->revives = true;
	fixture->boards[1].lost = 3;
	fixture_pass(100);
	assert_int_equal(fixture_do(BMC_ACT_RECOVER, BOARD, &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_non_null(strstr(fixture_task(task)->error, "it is reinstalled"));
	assert_true(fixture_until(update_has_ended, NULL));
	assert_int_equal(fixture_row(BOARD)->action_state, BMC_TASK_COMPLETED);
	assert_true(flash_is_new(BOARD));
	assert_string_equal(fixture_task(task + 1)->actor, "recovery");
}

#define T(test) cmocka_unit_test_setup_teardown(test, flash_set_up, flash_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(board_is_written_verified_and_confirmed),
		T(verify_is_as_it_was_asked_for),
		T(image_is_given_back),
		T(sums_of_the_boards_are_the_parents),
		T(board_without_a_flasher_can_not_be_updated),
		T(update_needs_an_image_that_is_there),
		T(reader_may_not_update),
		T(flasher_that_refuses_a_board_that_boots_is_asked_again),
		T(board_that_is_refused_after_its_boot_is_not_updated),
		T(loader_that_passes_by_in_a_boot_is_not_its_end),
		T(boot_without_end_is_given_up),
		T(boot_that_is_waited_for_can_be_cancelled),
		T(other_refusals_of_a_board_that_boots_count_at_once),
		T(refusal_of_a_board_that_is_up_counts_at_once),
		T(image_that_does_not_fit_changes_nothing),
		T(failures_are_rolled_back),
		T(wrong_bytes_are_found_and_rolled_back),
		T(board_that_does_not_answer_is_rolled_back),
		T(without_a_rollback_the_state_is_told),
		T(rollback_that_fails_is_told),
		T(flasher_that_hangs_is_given_up),
		T(board_under_an_update_is_busy),
		T(cancelled_in_each_stage),
		T(cancelled_while_it_boots_is_rolled_back),
		T(cancel_is_too_late_for_a_confirm),
		cmocka_unit_test_setup_teardown(
			board_that_nothing_brings_back_is_reinstalled, reinstall_set_up,
			reinstall_tear_down),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
