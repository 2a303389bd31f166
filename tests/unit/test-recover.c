// SPDX-License-Identifier: Apache-2.0
// Boards that do not answer: the power of their USB port, the ladder from there to
// their own, which boards each step touches, and the agent that climbs it by itself.
#include "action-fixture.h"

#include "core/model/field.h"

static char platform[4096];
static struct bmc_plugin plugin;
static struct bmc_verb verbs[16];
static atomic_int hub_resets;
static atomic_bool hub_fails;

/* sub1-01 and sub1-02 are on one hub, which switches its ports together. */
static size_t also(void *self, const char *board, const char **ret, size_t max)
{
	(void)self;
	(void)max;
	if (strcmp(board, "sub1-01") != 0 && strcmp(board, "sub1-02") != 0)
		return 0;
	*ret = strcmp(board, "sub1-01") == 0 ? "sub1-02" : "sub1-01";
	return 1;
}

static int verb_hub_reset(void *arg, struct bmc_call *call, const struct bmc_args *args,
			  struct bmc_error *err)
{
	struct fixture_self *self = arg;
	struct fixture_board *b =
		&fixture->boards[fixture_board(self->ops->target_id(call))];

	(void)args;
	hub_resets++;
	if (hub_fails)
		return bmc_fail(err, BMC_EIO, "the hub is gone");
	b->usb_back = bmc_now() + 300;
	if (b->lost == 1)
		b->lost = 0;
	return BMC_OK;
}

/* The fixture's platform with the verb, and the recovery that a test wants. */
static void start(const char *recovery)
{
	const char *at = strstr(fixture_platform, "outer: fixture");
	size_t n = 0;

	fixture_stop();
	(void)snprintf(platform, sizeof(platform), "%s%.*shub_reset: fixture, %s",
		       recovery, (int)(at - fixture_platform), fixture_platform, at);
	at = strstr(platform, "boot_time: 2s");
	platform[at - platform + 11] = '1'; /* less to wait for */
	while (fixture_plugin.verbs[n].name) {
		verbs[n] = fixture_plugin.verbs[n];
		n++;
	}
	verbs[n] = (struct bmc_verb){ .name = "hub_reset",
				      .flags = BMC_VERB_REPEATABLE,
				      .deadline = 5000,
				      .run = verb_hub_reset,
				      .also = also };
	plugin = fixture_plugin;
	plugin.verbs = verbs;
	fixture_used = &plugin;
	fixture_platform = platform;
	fixture_start(false);
}

static const char *plain;

static int set_up(void **state)
{
	plain = fixture_platform;
	hub_resets = 0;
	hub_fails = false;
	return fixture_set_up(state);
}

static int tear_down(void **state)
{
	int r = fixture_tear_down(state);

	fixture_platform = plain;
	fixture_used = &fixture_plugin;
	return r;
}

static struct fixture_board *hw(const char *id)
{
	return &fixture->boards[fixture_board(id)];
}

static bool is_gone(void *id)
{
	return fixture_row(id)->usb_mode == BMC_USB_NONE;
}

static void lose(const char *id, int how)
{
	hw(id)->lost = how;
	assert_true(fixture_until(is_gone, (void *)(uintptr_t)id));
}

static const struct bmc_task *recover(const char *id, enum bmc_task_state expected)
{
	uint32_t task = 0;

	if (fixture_do(BMC_ACT_RECOVER, id, &task) < 0)
		fail_msg("%s", fixture_error.what);
	assert_int_equal(fixture_wait(task), expected);
	return fixture_task(task);
}

/* ---- the tests ---- */

static void a_hub_reset_waits_until_the_board_is_back(void **state)
{
	uint32_t task = 0;

	(void)state;
	start("");
	assert_int_equal(fixture_do(BMC_ACT_HUB_RESET, "sub1-01", &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_row("sub1-01")->usb_mode, BMC_USB_ADB);
	assert_int_equal(hub_resets, 1);
	assert_int_equal(hw("sub1-01")->resets + hw("sub1-01")->power_ups, 0);
	assert_non_null(strstr(fixture_task(task)->history, "also: sub1-02"));
	assert_null(strstr(fixture_task(task)->history, "also: sub1-01"));
}

static void without_the_verb_the_hub_is_not_offered(void **state)
{
	(void)state;
	assert_int_equal(fixture_do(BMC_ACT_HUB_RESET, "sub1-01", NULL), BMC_ENOTSUP);
	assert_false(fixture_row("sub1-01")->allowed & 1 << BMC_ACT_HUB_RESET);
	assert_true(fixture_row("sub1-01")->allowed & 1 << BMC_ACT_RECOVER);
	start("");
	assert_true(fixture_row("sub1-01")->allowed & 1 << BMC_ACT_HUB_RESET);
	assert_false(fixture_row("main")->allowed &
		     (1 << BMC_ACT_HUB_RESET | 1 << BMC_ACT_RECOVER));
	assert_int_equal(fixture_do(BMC_ACT_RECOVER, "main", NULL), BMC_ENOTSUP);
	assert_int_equal(fixture_do(BMC_ACT_RECOVER, "sub1-04", NULL), BMC_EABSENT);
}

static void of_a_board_that_answers_nothing_is_switched(void **state)
{
	(void)state;
	start("");
	(void)recover("sub1-01", BMC_TASK_COMPLETED);
	assert_int_equal(hub_resets, 0);
	assert_int_equal(hw("sub1-01")->resets + hw("sub1-01")->power_ups, 0);
}

static void the_hub_comes_first(void **state)
{
	const struct bmc_task *t;

	(void)state;
	start("");
	lose("sub1-01", 1);
	t = recover("sub1-01", BMC_TASK_COMPLETED);
	assert_int_equal(hub_resets, 1);
	assert_int_equal(hw("sub1-01")->resets + hw("sub1-01")->power_ups, 0);
	assert_non_null(strstr(t->history, "step 1 of 3"));
	assert_non_null(strstr(t->history, "also: sub1-02"));
	assert_non_null(strstr(t->message, "after its hub's reset"));
}

static void then_comes_its_power(void **state)
{
	const struct bmc_task *t;

	(void)state;
	start("");
	lose("sub1-01", 2);
	t = recover("sub1-01", BMC_TASK_COMPLETED);
	assert_int_equal(hub_resets, 1);
	assert_int_equal(hw("sub1-01")->power_ups, 1);
	assert_int_equal(hw("sub1-01")->resets, 0);
	assert_non_null(strstr(t->message, "after its restart"));
	/* and the pin, where the power can't be switched */
	hw("sub1-02")->fault = FIXTURE_POWER_FAILS;
	lose("sub1-02", 2);
	(void)recover("sub1-02", BMC_TASK_COMPLETED);
	assert_int_equal(hw("sub1-02")->resets, 1);
}

static void a_hub_that_fails_is_passed_over(void **state)
{
	(void)state;
	start("");
	hub_fails = true;
	lose("sub1-01", 2);
	(void)recover("sub1-01", BMC_TASK_COMPLETED);
	assert_int_equal(hub_resets, 1);
	assert_int_equal(hw("sub1-01")->power_ups, 1);
}

static void what_nothing_brings_back_is_for_users(void **state)
{
	const struct bmc_task *t;

	(void)state;
	start("");
	lose("sub1-01", 3);
	t = recover("sub1-01", BMC_TASK_EXCEPTION);
	assert_int_equal(hub_resets, 1);
	assert_int_equal(hw("sub1-01")->power_ups, 1);
	assert_non_null(strstr(t->error, "Reinstalling its system is not available"));
	assert_non_null(strstr(t->history, "step 3 of 3"));
}

/* A neighbour on the same hub is claimed: its own task is waited for, and vice versa.
 */
static void the_neighbours_are_claimed(void **state)
{
	uint32_t first = 0, second = 0;

	(void)state;
	start("");
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-02", &first), 0);
	assert_int_equal(fixture_do(BMC_ACT_HUB_RESET, "sub1-01", &second), 0);
	assert_int_equal(fixture_wait(second), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(first)->state, BMC_TASK_COMPLETED);
	assert_true(fixture_task(second)->ended >= fixture_task(first)->ended);
}

/* ---- by itself ---- */

static bool is_reset_by_hub(void *arg)
{
	return hub_resets >= *(const int *)arg;
}

static bool answers(void *id)
{
	const struct bmc_board *b = fixture_row(id);

	return b->state == BMC_BOARD_ANDROID && b->action_state == BMC_TASK_COMPLETED;
}

static void it_is_off_unless_configured(void **state)
{
	(void)state;
	start("");
	lose("sub1-01", 1);
	fixture_pass(2500);
	assert_int_equal(hub_resets, 0);
}

static void a_silent_board_is_recovered_by_itself(void **state)
{
	char id[] = "sub1-01";
	int one = 1;

	(void)state;
	start("recovery: {after: 200ms, tries: 2, pause: 1s}\n");
	lose(id, 1);
	assert_true(fixture_until(is_reset_by_hub, &one));
	assert_true(fixture_until(answers, id));
	assert_int_equal(fixture_row(id)->action, BMC_ACT_RECOVER);
	assert_int_equal(hw("sub1-02")->power_ups, 0);
}

static void tries_are_bounded_and_switched_off_boards_left_alone(void **state)
{
	int two = 2;

	(void)state;
	start("recovery: {after: 100ms, tries: 2, pause: 1s}\n");
	hw("sub1-03")->powered = false;
	lose("sub1-01", 3);
	for (int i = 0; i < 4 && !fixture_until(is_reset_by_hub, &two); i++)
		;
	assert_int_equal(hub_resets, 2);
	fixture_pass(4500); /* what a third try would come after */
	assert_int_equal(hub_resets, 2);
	assert_int_equal(hw("sub1-03")->power_ups, 0);
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)
	const struct CMUnitTest tests[] = {
		T(a_hub_reset_waits_until_the_board_is_back),
		T(without_the_verb_the_hub_is_not_offered),
		T(of_a_board_that_answers_nothing_is_switched),
		T(the_hub_comes_first),
		T(then_comes_its_power),
		T(a_hub_that_fails_is_passed_over),
		T(what_nothing_brings_back_is_for_users),
		T(the_neighbours_are_claimed),
		T(it_is_off_unless_configured),
		T(a_silent_board_is_recovered_by_itself),
		T(tries_are_bounded_and_switched_off_boards_left_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
