// SPDX-License-Identifier: Apache-2.0
/* Updates of many boards: 72 with boards that are tried first, so many that may fail, a
 * cap for each blade; updates that wait for each other; dry runs; getting the image. */
#include "flash-fixture.h"

#include "core/tasks/update.h"

#define BOARDS 72

static const char big_platform[] =
	"platform: big\n"
	"boot_time: 2s\n"
	"verbs: {power: fixture, outer: fixture}\n"
	"chips:\n"
	"  - {id: pins, driver: simulator, lines: 100}\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"blades:\n"
	"  - {range: {b: 1-9}, id: \"blade{b}\", index: \"{b}\"}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - range: {b: 1-9, s: 1-8}\n"
	"    id: \"sub{b}-{s:02}\"\n"
	"    index: \"{b}.{s}\"\n"
	"    parent: \"blade{b}\"\n"
	"    pins: [{name: power, chip: pins, line: \"{b}{s}\"}]\n"
	"fans:\n"
	"  - {id: fan1, low_rpm: 1000}\n";

static const char *plain, *plain_last;

static int big_set_up(void **state)
{
	plain = fixture_platform;
	plain_last = fixture_last;
	fixture_platform = big_platform;
	fixture_last = "sub9-08";
	flash_new();
	for (unsigned i = 0; i < FIXTURE_MOST; i++)
		fixture->boards[i].present = 1;
	flash_start(false);
	(void)state;
	return 0;
}

static int big_tear_down(void **state)
{
	int r = flash_tear_down(state);

	fixture_platform = plain;
	fixture_last = plain_last;
	return r;
}

static void name_of(unsigned i, char ret[16])
{
	(void)snprintf(ret, 16, "sub%u-%02u", i / 8 + 1, i % 8 + 1);
}

static uint32_t update_all(void)
{
	struct bmc_params *p = flash_params();
	struct bmc_action acts[BOARDS];
	struct bmc_result result;
	char id[16];

	for (unsigned i = 0; i < BOARDS; i++) {
		name_of(i, id);
		acts[i] = fixture_action(BMC_ACT_UPDATE, id);
		acts[i].params = p;
		acts[i].in_set = true;
	}
	assert_int_equal(fixture_submit(&fixture_admin, acts, BOARDS, &result), 0);
	flash_params_drop();
	return result.task;
}

static size_t begun(void)
{
	size_t n = 0;

	for (size_t i = 1; i <= BOARDS; i++)
		n += flash_world->boards[i].calls[BMC_FLASH_ACCEPTS] > 0;
	return n;
}

static void fail_board(unsigned i, enum bmc_flash_call at)
{
	flash_world->boards[i + 1].at = (int)at;
	flash_world->boards[i + 1].code = BMC_EIO;
	flash_world->boards[i + 1].fault = FLASH_FAILS;
}

/* ---- 72 boards ---- */

static void all_boards_read_one_image(void **state)
{
	uint32_t task;
	char id[16];

	(void)state;
	fail_board(3, BMC_FLASH_ACCEPTS);
	fail_board(40, BMC_FLASH_WRITE);
	fail_board(71, BMC_FLASH_VERIFY);
	task = update_all();
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_int_equal(fixture_task(task)->targets_ok, BOARDS - 3);
	assert_int_equal(fixture_task(task)->targets_failed, 3);
	assert_int_equal(flash_world->prepares, 1);
	assert_string_equal(flash_child(task, "sub1-04")->code, "accepts-io");
	assert_string_equal(flash_child(task, "sub6-01")->code, "write-io");
	assert_string_equal(flash_child(task, "sub9-08")->code, "verify-io");
	for (unsigned i = 0; i < BOARDS; i++) {
		bool bad = i == 3 || i == 40 || i == 71;

		name_of(i, id);
		assert_int_equal(flash_is_new(id), !bad);
		assert_int_equal(flash_is_former(id), bad);
		assert_true(flash_of(id)->whole);
	}
}

static bool is_begun(void *arg)
{
	(void)arg;
	return begun() > 0;
}

static void canary_that_fails_saves_the_others(void **state)
{
	uint32_t task;

	(void)state;
	fail_board(1, BMC_FLASH_VERIFY);
	flash_set(BMC_PARAM_CANARY, 2);
	task = update_all();
	assert_true(fixture_until(is_begun, NULL));
	assert_string_equal(flash_child(task, "sub1-03")->message,
			    "waiting for its turn");
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_int_equal(begun(), 2);
	assert_int_equal(fixture_task(task)->targets_ok, 1);
	assert_int_equal(flash_child(task, "sub1-03")->state, BMC_TASK_CANCELLED);
	assert_non_null(strstr(flash_child(task, "sub1-03")->error, "tried first"));
}

/* 0 may fail: the first failure; 2: the third. */
static void failures(int64_t may, size_t expected)
{
	uint32_t task;

	memset(flash_world->boards, 0, sizeof(flash_world->boards));
	for (unsigned i = 0; i < 6; i++)
		fail_board(2 * i, BMC_FLASH_ACCEPTS);
	flash_set(BMC_PARAM_BATCH, 1);
	flash_set(BMC_PARAM_MAX_FAILED, may);
	task = update_all();
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_int_equal(begun(), expected);
	assert_non_null(strstr(flash_child(task, "sub9-08")->error, "too many"));
}

static void too_many_failures_stop_the_rest(void **state)
{
	(void)state;
	failures(0, 1);
	failures(1, 3);
	failures(2, 5);
}

static void blade_has_its_cap(void **state)
{
	uint32_t task;

	(void)state;
	flash_set(BMC_PARAM_PER_BLADE, 1);
	task = update_all();
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(flash_world->most <= 9);
}

/* ---- dry runs ---- */

static void dry_run_writes_nothing(void **state)
{
	uint32_t task;

	(void)state;
	fail_board(5, BMC_FLASH_ACCEPTS);
	flash_set(BMC_PARAM_DRY_RUN, 1);
	flash_set(BMC_PARAM_BATCH, 10);
	flash_set(BMC_PARAM_CANARY, 1);
	flash_set(BMC_PARAM_DELAY_MS, 3600000);
	task = update_all();
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_int_equal(begun(), BOARDS);
	assert_int_equal(flash_world->n_order, 0);
	assert_string_equal(flash_child(task, "sub1-06")->code, "accepts-io");
	assert_non_null(strstr(flash_child(task, "sub1-01")->message,
			       "would write 4096 bytes"));
	assert_non_null(strstr(flash_child(task, "sub1-01")->history,
			       "checked: it can be updated"));
	/* 71 boards of 4096 bytes; one alone, then 70 by ten: eight waves */
	assert_non_null(strstr(fixture_task(task)->message, "290816 bytes in 8 waves"));
	for (size_t i = 1; i <= BOARDS; i++)
		assert_int_equal(flash_world->boards[i].calls[BMC_FLASH_DETACH], 0);
}

/* ---- the image ---- */

static bool is_fetching(void *arg)
{
	return strcmp(fixture_task(*(uint32_t *)arg)->stage, "fetch") == 0;
}

static uint32_t fetch(const char *board)
{
	uint32_t task;

	flash_world->hold = true;
	flash_set_text(BMC_PARAM_URI, "http://192.0.2.7/image.img");
	flash_set_text(BMC_PARAM_CREDENTIAL, "secret");
	assert_int_equal(flash_update(board, &task), 0);
	assert_true(fixture_until(is_fetching, &task));
	return task;
}

static void boards_are_free_while_the_image_is_fetched(void **state)
{
	uint32_t task = fetch("sub1-01");

	(void)state;
	assert_int_equal(fixture_task(task)->bytes_done, 1000);
	assert_int_equal(fixture_task(task)->bytes_total, FLASH_BYTES);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(begun(), 0);
	flash_world->hold = false;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(flash_is_new("sub1-01"));
}

static void fetch_that_fails_ends_all(void **state)
{
	uint32_t task = fetch("blade1");

	(void)state;
	flash_world->fails = BMC_ENOTFOUND;
	flash_world->hold = false;
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_string_equal(fixture_task(task)->code, "fetch-missing");
	assert_string_equal(fixture_task(task)->error, "the server has no such file");
	assert_int_equal(fixture_task(task)->targets_failed, 3);
	assert_string_equal(flash_child(task, "sub1-02")->code, "fetch-missing");
	assert_int_equal(begun(), 0);
}

static void fetch_can_be_cancelled(void **state)
{
	uint32_t task = fetch("blade1");

	(void)state;
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, NULL), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	fixture_pass(30);
	assert_int_equal(flash_world->cancels, 1);
	assert_int_equal(begun(), 0);
	assert_int_equal(flash_world->held, 0);
}

/* ---- updates that wait ---- */

static void updates_wait_by_their_priority(void **state)
{
	uint32_t first, low, high;

	(void)state;
	bmc_updates_init(1);
	first = fetch("sub1-01");
	assert_int_equal(flash_update("sub1-02", &low), 0);
	flash_set(BMC_PARAM_PRIORITY, 5);
	assert_int_equal(flash_update("sub1-03", &high), 0);
	fixture_pass(50);
	assert_int_equal(flash_world->prepares, 1);
	assert_non_null(strstr(fixture_task(low)->message, "(`update.at_once`: 1)"));
	flash_world->hold = false;
	assert_int_equal(fixture_wait(low), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(first), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(high), BMC_TASK_COMPLETED);
	assert_int_equal(flash_world->order[0], fixture_board("sub1-01"));
	assert_int_equal(flash_world->order[1], fixture_board("sub1-03"));
	assert_int_equal(flash_world->order[2], fixture_board("sub1-02"));
	assert_int_equal(flash_world->most, 1);
}

static bool waits_for_two(void *arg)
{
	return strcmp(fixture_task(*(uint32_t *)arg)->message,
		      "waiting for other updates to end (`update.at_once`: 2)") == 0;
}

static void so_many_updates_as_are_allowed_are_under_way(void **state)
{
	uint32_t first, second, third;

	(void)state;
	bmc_updates_init(2);
	first = fetch("sub1-01");
	second = fetch("sub1-02");
	assert_int_equal(flash_update("sub1-03", &third), 0);
	assert_true(fixture_until(waits_for_two, &third));
	assert_int_equal(flash_world->prepares, 2);
	flash_world->hold = false;
	assert_int_equal(fixture_wait(first), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(second), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(third), BMC_TASK_COMPLETED);
}

/* ---- what is kept of an address ---- */

/* Its record's: the task that is stored, by its number. */
static const char *address_of(uint32_t task)
{
	for (size_t i = 0; i < fixture->n_tasks; i++) {
		if (fixture->tasks[i].row.index[0] == task)
			return fixture->secrets[i];
	}
	fail_msg("it is not stored");
	return "";
}

static bool is_kept(void *arg)
{
	return strstr(address_of(*(uint32_t *)arg), "needle") != NULL;
}

static bool is_dropped(void *arg)
{
	return !*address_of(*(uint32_t *)arg);
}

static uint32_t fetch_with_token(void)
{
	uint32_t task;

	flash_world->hold = true;
	flash_set_text(BMC_PARAM_URI, "http://192.0.2.7/image.img?token=needle#here");
	assert_int_equal(flash_update("sub1-01", &task), 0);
	assert_true(fixture_until(is_fetching, &task));
	assert_true(is_kept(&task)); /* a restart needs it */
	assert_string_equal(fixture_task(task)->image, "http://192.0.2.7/image.img");
	return task;
}

static void address_is_kept_until_the_image_is_there(void **state)
{
	uint32_t task = fetch_with_token();

	(void)state;
	flash_world->hold = false;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(fixture_until(is_dropped, &task));
}

static void address_is_not_kept_of_a_fetch_that_failed(void **state)
{
	uint32_t task;

	(void)state;
	flash_world->fails = BMC_EIO;
	task = fetch_with_token();
	flash_world->hold = false;
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_true(fixture_until(is_dropped, &task));
}

static void address_is_not_kept_of_a_fetch_that_was_cancelled(void **state)
{
	uint32_t task = fetch_with_token();

	(void)state;
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, NULL), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_true(fixture_until(is_dropped, &task));
	flash_world->hold = false;
}

static void address_of_an_update_that_waited_goes_with_it(void **state)
{
	uint32_t first, second;

	(void)state;
	bmc_updates_init(1);
	first = fetch("sub1-02");
	flash_set_text(BMC_PARAM_URI, "http://192.0.2.7/image.img?token=needle");
	assert_int_equal(flash_update("sub1-01", &second), 0);
	assert_true(fixture_until(is_kept, &second));
	assert_int_equal(bmc_task_cancel(&fixture_admin, second, NULL), 0);
	assert_int_equal(fixture_wait(second), BMC_TASK_CANCELLED);
	assert_true(fixture_until(is_dropped, &second));
	flash_world->hold = false;
	assert_int_equal(fixture_wait(first), BMC_TASK_COMPLETED);
}

#define BIG(test)   cmocka_unit_test_setup_teardown(test, big_set_up, big_tear_down)
#define SMALL(test) cmocka_unit_test_setup_teardown(test, flash_set_up, flash_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		BIG(all_boards_read_one_image),
		BIG(canary_that_fails_saves_the_others),
		BIG(too_many_failures_stop_the_rest),
		BIG(blade_has_its_cap),
		BIG(dry_run_writes_nothing),
		SMALL(boards_are_free_while_the_image_is_fetched),
		SMALL(fetch_that_fails_ends_all),
		SMALL(fetch_can_be_cancelled),
		SMALL(updates_wait_by_their_priority),
		SMALL(so_many_updates_as_are_allowed_are_under_way),
		SMALL(address_is_kept_until_the_image_is_there),
		SMALL(address_is_not_kept_of_a_fetch_that_failed),
		SMALL(address_is_not_kept_of_a_fetch_that_was_cancelled),
		SMALL(address_of_an_update_that_waited_goes_with_it),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
