// SPDX-License-Identifier: Apache-2.0
/* How many boards of a transaction are under way at once: parameters of an action,
 * waves, boards that are tried first, and what a restart makes of them. */
#include "action-fixture.h"

#include <time.h>

#include "core/tasks/plan.h"
#include "core/tasks/tasks.h"

static struct bmc_params *params;

static void set(enum bmc_param key, int64_t num)
{
	if (!params)
		params = bmc_params_new();
	assert_int_equal(bmc_params_set_num(params, key, num, &fixture_error), 0);
}

static int submit(enum bmc_action_op op, const char *id, uint32_t *ret_task)
{
	struct bmc_action act = fixture_action(op, id);
	struct bmc_result result = { 0 };
	int code;

	act.params = params;
	code = fixture_submit(&fixture_admin, &act, 1, &result);
	*ret_task = result.task;
	return code;
}

static int tear_down(void **state)
{
	params = bmc_params_unref(params);
	return fixture_tear_down(state);
}

/* ---- parameters ---- */

static void numbers_have_limits(void **state)
{
	static const struct {
		enum bmc_param key;
		int64_t min, max;
	} limits[] = {
		{ BMC_PARAM_BATCH, 1, 2048 },
		{ BMC_PARAM_DELAY_MS, 0, 86400000 },
		{ BMC_PARAM_CANARY, 0, 2048 },
		{ BMC_PARAM_PER_BLADE, 1, 2048 },
		{ BMC_PARAM_APPLY_AT, 1, INT64_C(1) << 53 },
		{ BMC_PARAM_APPLY_UNTIL, 1, INT64_C(1) << 53 },
		{ BMC_PARAM_WAITS_FOR, BMC_WAIT_RESET, BMC_WAIT_REQUEST },
	};
	struct bmc_params *p = bmc_params_new();
	struct bmc_error err;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		enum bmc_param key = limits[i].key;

		assert_int_equal(bmc_params_num(p, key, -7), -7);
		assert_int_equal(bmc_params_set_num(p, key, limits[i].min - 1, &err),
				 BMC_ERANGE);
		assert_int_equal(bmc_params_set_num(p, key, limits[i].max + 1, &err),
				 BMC_ERANGE);
		assert_int_equal(bmc_params_num(p, key, -7), -7);
		assert_int_equal(bmc_params_set_num(p, key, limits[i].max, &err), 0);
		assert_int_equal(bmc_params_num(p, key, -7), limits[i].max);
		assert_int_equal(bmc_params_set_num(p, key, limits[i].min, &err), 0);
		assert_int_equal(bmc_params_num(p, key, -7), limits[i].min);
		assert_int_equal(bmc_params_set_text(p, key, "1", &err), BMC_EINVAL);
	}
	assert_int_equal(bmc_params_set_num(p, BMC_PARAM_URI, 1, &err), BMC_EINVAL);
	assert_int_equal(bmc_params_set_num(p, BMC_N_PARAMS, 1, &err), BMC_EINVAL);
	assert_int_equal(bmc_params_num(NULL, BMC_PARAM_BATCH, -7), -7);
	assert_null(bmc_params_unref(p));
}

static void texts_have_limits(void **state)
{
	static const struct {
		enum bmc_param key;
		size_t max;
	} limits[] = { { BMC_PARAM_URI, 2047 },
		       { BMC_PARAM_USER, 127 },
		       { BMC_PARAM_CREDENTIAL, 511 } };
	struct bmc_params *p = bmc_params_new();
	struct bmc_error err;
	char text[2100];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(limits); i++) {
		enum bmc_param key = limits[i].key;

		memset(text, 'x', sizeof(text));
		text[limits[i].max + 1] = '\0';
		assert_null(bmc_params_text(p, key));
		assert_int_equal(bmc_params_set_text(p, key, text, &err), BMC_ERANGE);
		text[limits[i].max] = '\0';
		assert_int_equal(bmc_params_set_text(p, key, text, &err), 0);
		assert_string_equal(bmc_params_text(p, key), text);
		assert_int_equal(bmc_params_set_text(p, key, "a\nb", &err), BMC_EINVAL);
		assert_string_equal(bmc_params_text(p, key), text);
		assert_int_equal(bmc_params_set_text(p, key, "", &err), 0);
		assert_string_equal(bmc_params_text(p, key), "");
	}
	assert_int_equal(bmc_params_set_text(p, BMC_N_PARAMS, "x", &err), BMC_EINVAL);
	assert_null(bmc_params_text(NULL, BMC_PARAM_URI));
	assert_null(bmc_params_unref(p));
}

static void two_plans_in_one_transaction_are_refused(void **state)
{
	struct bmc_action acts[2] = { fixture_action(BMC_ACT_FORCE_RESTART, "sub1-01"),
				      fixture_action(BMC_ACT_FORCE_RESTART,
						     "sub1-02") };
	struct bmc_transaction *t;
	size_t bad = 9;

	(void)state;
	set(BMC_PARAM_BATCH, 1);
	acts[0].params = params;
	assert_int_equal(
		bmc_action_reserve(&fixture_admin, acts, 2, &t, &bad, &fixture_error),
		BMC_EINVAL);
	assert_int_equal(bad, 1);
	acts[1].params = params;
	assert_int_equal(
		bmc_action_reserve(&fixture_admin, acts, 2, &t, &bad, &fixture_error),
		0);
	bmc_transaction_release(t);
}

/* ---- waves ---- */

static void batches_have_a_delay_between_them(void **state)
{
	uint32_t task;

	(void)state;
	set(BMC_PARAM_BATCH, 2);
	set(BMC_PARAM_DELAY_MS, 400);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	/* without the plan it would be done by now */
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(task + 2), BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].resets, 1);
	assert_int_equal(fixture->boards[2].resets, 1);
	assert_int_equal(fixture->boards[3].resets, 0);
	assert_string_equal(fixture_task(task + 3)->message, "waiting for its turn");
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(fixture_task(task + 3)->started >=
		    fixture_task(task + 2)->ended + 400);
	assert_int_equal(fixture->boards[3].resets, 1);
}

static void failed_canary_stops_the_others(void **state)
{
	uint32_t task;

	(void)state;
	fixture->boards[1].fault = FIXTURE_PINS_STUCK;
	set(BMC_PARAM_CANARY, 1);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_int_equal(fixture_task(task)->targets_failed, 1);
	assert_int_equal(fixture_task(task + 1)->state, BMC_TASK_EXCEPTION);
	assert_int_equal(fixture_task(task + 3)->state, BMC_TASK_CANCELLED);
	assert_non_null(strstr(fixture_task(task + 3)->error, "tried first"));
	assert_int_equal(fixture->boards[2].resets + fixture->boards[3].resets, 0);
	fixture->boards[1].fault = FIXTURE_NO_FAULT; /* all claims are given back */
	params = bmc_params_unref(params);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
}

static void cancelled_plan_begins_nothing_more(void **state)
{
	uint32_t task;

	(void)state;
	set(BMC_PARAM_BATCH, 1);
	set(BMC_PARAM_DELAY_MS, 60000);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
	assert_int_equal(bmc_task_cancel(&fixture_admin, task, &fixture_error), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(fixture_task(task)->targets_ok, 1);
	assert_int_equal(fixture_task(task)->targets_failed, 0);
	assert_int_equal(fixture->boards[2].resets + fixture->boards[3].resets, 0);
}

static int remove_task(uint32_t number)
{
	struct bmc_action act = { .op = BMC_ACT_REMOVE, .kind = BMC_TASK };
	struct bmc_result result;

	(void)snprintf(act.id, sizeof(act.id), "%u", number);
	return fixture_submit(&fixture_admin, &act, 1, &result);
}

static bool task_is_there(uint32_t number)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	char id[BMC_ID_MAX];

	(void)snprintf(id, sizeof(id), "%u", number);
	return bmc_snapshot_find(s, BMC_TASK, id) != NULL;
}

/* Also where its first step may not be left once it has begun. */
static void board_that_waits_is_cancelled_at_once(void **state)
{
	uint32_t task;

	(void)state;
	set(BMC_PARAM_BATCH, 1);
	set(BMC_PARAM_DELAY_MS, 86400000);
	assert_int_equal(submit(BMC_ACT_POWER_CYCLE, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
	assert_int_equal(remove_task(task), 0); /* the same as cancelling it */
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(fixture->boards[2].power_ups + fixture->boards[3].power_ups,
			 0);
}

static void ended_task_is_removed_with_its_parts(void **state)
{
	uint32_t task, other;

	(void)state;
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "sub2-01", &other), 0);
	assert_int_equal(fixture_wait(other), BMC_TASK_COMPLETED);
	set(BMC_PARAM_BATCH, 1);
	set(BMC_PARAM_DELAY_MS, 86400000);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
	assert_int_equal(remove_task(task + 1), BMC_ESTATE);
	assert_true(task_is_there(task + 1));
	assert_int_equal(remove_task(task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(remove_task(task), 0);
	for (uint32_t i = 0; i <= 3; i++)
		assert_false(task_is_there(task + i));
	assert_int_equal(remove_task(task), BMC_ENOTFOUND);
	assert_true(task_is_there(other));
	fixture_stop();
	fixture_start(false);
	assert_false(task_is_there(task));
	assert_true(task_is_there(other));
}

static void apply_time_is_waited_for_also_by_one_board(void **state)
{
	int64_t at = bmc_wall(bmc_now()) + 500;
	uint32_t task;

	(void)state;
	set(BMC_PARAM_APPLY_AT, at);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "sub1-01", &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(bmc_wall(fixture_task(task + 1)->started) >= at);
}

static void force_off_overtakes_a_board_that_waits(void **state)
{
	uint32_t task, off;

	(void)state;
	set(BMC_PARAM_BATCH, 1);
	set(BMC_PARAM_DELAY_MS, 86400000);
	fixture->boards[1].fault = FIXTURE_ADB_HANGS;
	assert_int_equal(submit(BMC_ACT_GRACEFUL_RESTART, "blade1", &task), 0);
	params = bmc_params_unref(params);
	fixture_pass(100);
	/* what has begun is not overtaken */
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", &off), BMC_EBUSY);
	fixture->boards[1].fault = FIXTURE_NO_FAULT;
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-02", &off), BMC_EBUSY);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-02", &off), 0);
	assert_int_equal(fixture_wait(off), BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[2].powered, 0);
	assert_int_equal(fixture_task(task + 2)->state, BMC_TASK_CANCELLED);
	assert_int_equal(fixture->boards[2].reboots, 0);
	assert_int_equal(fixture_task(task + 3)->state, BMC_TASK_NEW);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_RUNNING);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-03"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_int_equal(fixture_task(task)->targets_ok, 1);
}

static void ended_tasks_go_after_their_time(void **state)
{
	uint32_t task;

	(void)state;
	bmc_actions_keep_tasks_for(3600000);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	fixture_pass(100);
	for (uint32_t i = 0; i <= 3; i++)
		assert_true(task_is_there(task + i));
	fixture_stop();
	fixture_start(false);
	fixture_pass(50);
	assert_true(task_is_there(task));
	fixture_stop();
	bmc_actions_keep_tasks_for(50); /* it is over by now, or soon */
	fixture_start(false);
	fixture_pass(100);
	for (uint32_t i = 0; i <= 3; i++)
		assert_false(task_is_there(task + i));
	assert_int_equal(fixture->n_tasks, 0);
	bmc_actions_keep_tasks_for(0);
}

/* ---- for later ---- */

#define LATER_MS 1000

static uint32_t submit_for_later(enum bmc_action_op op, const char *id, int64_t *ret_at)
{
	uint32_t task;

	*ret_at = bmc_wall(bmc_now()) + LATER_MS;
	set(BMC_PARAM_APPLY_AT, *ret_at);
	assert_int_equal(submit(op, id, &task), 0);
	return task;
}

static size_t events_of(const char *type)
{
	auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();
	const struct bmc_row *const *rows;
	size_t n = 0, all = bmc_snapshot_rows(s, BMC_EVENT, &rows);

	for (size_t i = 0; i < all; i++)
		n += strcmp(((const struct bmc_event *)rows[i])->type, type) == 0;
	return n;
}

static void task_for_later_says_when_and_leaves_its_board_free(void **state)
{
	int64_t at;
	uint32_t off, task = submit_for_later(BMC_ACT_FORCE_RESTART, "sub1-01", &at);

	(void)state;
	for (uint32_t i = 0; i < 2; i++) {
		assert_int_equal(fixture_task(task + i)->state, BMC_TASK_NEW);
		assert_int_equal(fixture_task(task + i)->started, BMC_UNKNOWN);
		assert_int_equal(bmc_wall(fixture_task(task + i)->start_at), at);
	}
	assert_int_equal(events_of("TaskStarted"), 0);
	assert_int_equal(fixture_row("sub1-01")->task, BMC_UNKNOWN);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", &off), 0);
	assert_int_equal(fixture_wait(off), BMC_TASK_COMPLETED);
	assert_true(bmc_wall(bmc_now()) < at);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_NEW);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_true(bmc_wall(fixture_task(task)->started) >= at);
	assert_int_equal(fixture->boards[1].power_ups, 1); /* it was off by then */
	assert_int_equal(fixture_row("sub1-01")->task, task + 1);
	assert_int_equal(events_of("TaskStarted"), 2);
}

static void what_is_wanted_is_judged_at_its_time(void **state)
{
	int64_t at;
	uint32_t on, none;

	(void)state;
	on = submit_for_later(BMC_ACT_ON, "sub1-01", &at);
	assert_true(on); /* though it is on now */
	none = submit_for_later(BMC_ACT_FORCE_OFF, "sub1-02", &at);
	fixture->boards[2].present = 0;
	assert_int_equal(fixture_wait(on), BMC_TASK_COMPLETED);
	assert_string_equal(fixture_task(on + 1)->message,
			    "it was in the wanted state already");
	assert_int_equal(fixture_wait(none), BMC_TASK_EXCEPTION);
	assert_non_null(strstr(fixture_task(none)->error, "empty"));
}

static void task_for_later_waits_for_a_busy_board(void **state)
{
	int64_t at;
	uint32_t down, task = submit_for_later(BMC_ACT_FORCE_RESTART, "sub1-01", &at);

	(void)state;
	fixture->boards[1].fault = FIXTURE_POWER_HANGS;
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", &down), 0);
	fixture_pass(LATER_MS + 200);
	assert_int_equal(fixture_task(down)->state, BMC_TASK_RUNNING);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_RUNNING);
	assert_int_equal(fixture_task(task + 1)->state, BMC_TASK_NEW);
	fixture->boards[1].fault = FIXTURE_NO_FAULT;
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].powered, 1);
}

static void task_for_later_is_cancelled_before_its_time(void **state)
{
	int64_t at;
	uint32_t task = submit_for_later(BMC_ACT_POWER_CYCLE, "blade1", &at);

	(void)state;
	assert_int_equal(remove_task(task), 0);
	assert_int_equal(fixture_wait(task), BMC_TASK_CANCELLED);
	assert_true(bmc_wall(bmc_now()) < at);
	fixture_pass(LATER_MS + 100);
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(fixture->boards[i].power_ups, 0);
	assert_int_equal(fixture->n_jobs, 0);
}

static void task_for_later_outlives_a_restart(void **state)
{
	int64_t at;
	uint32_t task = submit_for_later(BMC_ACT_FORCE_RESTART, "blade1", &at);

	(void)state;
	fixture_stop();
	fixture_start(false);
	assert_true(bmc_wall(bmc_now()) < at);
	assert_int_equal(fixture_task(task)->state, BMC_TASK_NEW);
	assert_int_equal(bmc_wall(fixture_task(task)->start_at), at);
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_RESTART, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	for (uint32_t i = 1; i <= 3; i++) {
		assert_int_equal(fixture->boards[i].resets, 1);
		assert_true(bmc_wall(fixture_task(task + i)->started) >= at);
	}
}

static void so_many_tasks_wait_for_their_time_only(void **state)
{
	uint32_t task;
	int64_t at = bmc_wall(bmc_now()) + 86400000;

	(void)state;
	set(BMC_PARAM_APPLY_AT, at);
	for (unsigned i = 0; i < BMC_TASKS_WAITING_MAX / 2; i++) /* each has a parent */
		assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "sub1-01", &task), 0);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "sub1-01", &task), BMC_EAGAIN);
	set(BMC_PARAM_APPLY_AT, 1); /* at once */
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "sub1-01", &task), 0);
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
}

static void after_its_window_nothing_begins(void **state)
{
	struct timespec over = { 0, 400 * 1000000 };
	int64_t now = bmc_wall(bmc_now());
	uint32_t task;

	(void)state;
	set(BMC_PARAM_APPLY_AT, now + 300000);
	set(BMC_PARAM_APPLY_UNTIL, now + 300000);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "sub1-01", &task), BMC_ERANGE);
	set(BMC_PARAM_APPLY_AT, 1);
	set(BMC_PARAM_APPLY_UNTIL, now - 1);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "sub1-01", &task), BMC_ERANGE);
	now = bmc_wall(bmc_now());
	set(BMC_PARAM_APPLY_AT, now + 250);
	set(BMC_PARAM_APPLY_UNTIL, now + 300);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "sub1-01", &task), 0);
	fixture_stop();
	(void)nanosleep(&over, NULL);
	fixture_start(false);
	assert_int_equal(fixture_wait(task), BMC_TASK_EXCEPTION);
	assert_string_equal(fixture_task(task)->error,
			    "not started: the maintenance window is over");
	assert_int_equal(fixture->boards[1].resets, 0);
}

/* While the plan waits after a restart, its parent task still says how far it is. */
static void progress_of_a_plan_outlives_a_restart(void **state)
{
	uint32_t task;

	(void)state;
	set(BMC_PARAM_BATCH, 1);
	set(BMC_PARAM_DELAY_MS, 86400000);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
	fixture_stop();
	fixture_start(false);
	const struct bmc_task *t = fixture_task(task);
	assert_int_equal(t->state, BMC_TASK_RUNNING);
	assert_int_equal(t->targets_ok, 1);
	assert_int_equal(t->percent, 33333);
	assert_int_equal(t->started, fixture_task(task + 1)->started);
	assert_string_equal(t->message, "1 of 3 boards done, 0 failed");
}

static void plan_outlives_a_restart(void **state)
{
	uint32_t task;

	(void)state;
	set(BMC_PARAM_BATCH, 1);
	set(BMC_PARAM_DELAY_MS, 500);
	assert_int_equal(submit(BMC_ACT_FORCE_RESTART, "blade1", &task), 0);
	assert_int_equal(fixture_wait(task + 1), BMC_TASK_COMPLETED);
	fixture_stop();
	fixture_start(false);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(task)->targets_ok, 3);
	assert_true(fixture_task(task + 3)->started >=
		    fixture_task(task + 2)->ended + 500);
	for (unsigned i = 1; i <= 3; i++)
		assert_int_equal(fixture->boards[i].resets, 1);
}

/* ---- 72 boards, in simulated time ---- */

static const char big_platform[] =
	"platform: big\n"
	"inrush: 100ms\n"
	"verbs: {power: fixture}\n"
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

#define BOARDS   72
#define BATCH    8
#define BLADE    2
#define DELAY_MS 60000

static uint32_t parent;

static size_t ended(void)
{
	size_t n = 0;

	for (uint32_t i = 1; i <= BOARDS; i++)
		n += fixture_task(parent + i)->state >= BMC_TASK_COMPLETED;
	return n;
}

static bool wave_has_ended(void *arg)
{
	return ended() >= *(size_t *)arg;
}

static int64_t started(uint32_t board)
{
	return fixture_task(parent + board)->started;
}

/* The boards that a wave of `most` begins with: the first that are left, at most BLADE
 * of each blade. The next of a blade follow as its boards end, maybe before the later
 * ones of these have begun: which ones depends on time. */
static size_t wave_begins(const bool *left, size_t most, uint32_t *ret)
{
	size_t n = 0, of_blade[9] = { 0 };

	for (uint32_t i = 1; i <= BOARDS && n < most; i++) {
		if (left[i] && of_blade[(i - 1) / 8]++ < BLADE)
			ret[n++] = i;
	}
	return n;
}

/* The boards that have ended since, by their numbers. */
static size_t wave_ended(const bool *left, uint32_t *ret)
{
	size_t n = 0;

	for (uint32_t i = 1; i <= BOARDS; i++) {
		if (!left[i] || fixture_task(parent + i)->state < BMC_TASK_COMPLETED)
			continue;
		assert_int_equal(fixture_task(parent + i)->state, BMC_TASK_COMPLETED);
		assert_true(n < BATCH);
		ret[n++] = i;
	}
	return n;
}

/* How many of `wave` in the same blade were under way when a board started. */
static size_t beside(const uint32_t *wave, size_t n, uint32_t board)
{
	size_t beside = 0;

	for (size_t i = 0; i < n; i++) {
		beside += wave[i] < board && (wave[i] - 1) / 8 == (board - 1) / 8 &&
			  fixture_task(parent + wave[i])->ended > started(board);
	}
	return beside;
}

static void check_wave(const uint32_t *wave, size_t n, int64_t *last_end)
{
	int64_t end = 0;

	for (size_t i = 0; i < n; i++) {
		assert_true(started(wave[i]) >= *last_end + DELAY_MS);
		assert_true(beside(wave, n, wave[i]) < BLADE);
		assert_true(i == 0 || (wave[i] - 1) / 8 != (wave[i - 1] - 1) / 8 ||
			    started(wave[i]) >= started(wave[i - 1]));
		end = MAX(end, fixture_task(parent + wave[i])->ended);
	}
	*last_end = end;
}

static void submit_all(void)
{
	struct bmc_action acts[BOARDS];
	struct bmc_result result;

	for (unsigned i = 0; i < BOARDS; i++) {
		char id[BMC_ID_MAX];

		(void)snprintf(id, sizeof(id), "sub%u-%02u", i / 8 + 1, i % 8 + 1);
		acts[i] = fixture_action(BMC_ACT_FORCE_OFF, id);
		acts[i].params = params;
	}
	assert_int_equal(fixture_submit(&fixture_admin, acts, BOARDS, &result), 0);
	parent = result.task;
}

static int big_set_up(void **state)
{
	(void)state;
	fixture_new();
	fixture_conf.poll_deadline_ms = 86400000;
	fixture->boards[4].present = 1;
	fixture_platform = big_platform;
	fixture_last = "sub9-08";
	fixture->mute = true; /* their power is all that is read: no USB */
	fixture_start(false);
	fixture->mute = false;
	fixture_pass(300);
	return 0;
}

static void boards_of_a_chassis_go_in_waves(void **state)
{
	bool left[BOARDS + 1];
	uint32_t wave[BATCH], first[BATCH];
	int64_t last_end = -DELAY_MS;
	size_t expected = 0;

	(void)state;
	memset(left, true, sizeof(left));
	set(BMC_PARAM_BATCH, BATCH);
	set(BMC_PARAM_CANARY, 1);
	set(BMC_PARAM_PER_BLADE, BLADE);
	set(BMC_PARAM_DELAY_MS, DELAY_MS);
	submit_all();
	while (expected < BOARDS) {
		size_t most = expected ? MIN(BATCH, BOARDS - expected) : 1;
		size_t begins = wave_begins(left, most, first);

		expected += most;
		assert_true(fixture_until(wave_has_ended, &expected));
		assert_int_equal(wave_ended(left, wave), most);
		assert_int_equal(wave[0], first[0]);
		assert_true(begins < most || wave[most - 1] <= first[most - 1]);
		check_wave(wave, most, &last_end);
		for (size_t i = 0; i < most; i++)
			left[wave[i]] = false;
		bmc_clock_skip(DELAY_MS - 10000);
		fixture_pass(20);
		for (uint32_t i = 1; i <= BOARDS; i++)
			assert_true(!left[i] ||
				    fixture_task(parent + i)->state == BMC_TASK_NEW);
		bmc_clock_skip(10000);
	}
	assert_int_equal(fixture_wait(parent), BMC_TASK_COMPLETED);
	assert_int_equal(fixture_task(parent)->targets_ok, BOARDS);
}

static void cap_per_blade_holds_without_batches(void **state)
{
	(void)state;
	set(BMC_PARAM_PER_BLADE, 1);
	submit_all();
	assert_int_equal(fixture_wait(parent), BMC_TASK_COMPLETED);
	for (uint32_t i = 2; i <= BOARDS; i++) {
		if ((i - 1) % 8 != 0) /* of the same blade as the one before */
			assert_true(started(i) >= fixture_task(parent + i - 1)->ended);
	}
}

static void damaged_plan_is_no_plan(void **state)
{
	static const char *const bad[] = { "",
					   "plan",
					   "plan 1 2 3",
					   "plan 1 2 3 -1 0",
					   "plan 1 2 3 1 -5",
					   "plan 1 2 3 1 5 -1",
					   "x",
					   "plan a 2 3 4 5" };
	struct bmc_plan plan;
	char text[96];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		bmc_plan_parse(&plan, bad[i]);
		assert_false(bmc_plan_any(&plan));
		bmc_plan_format(&plan, text, sizeof(text));
		assert_string_equal(text, "");
	}
	bmc_plan_parse(&plan, "plan 1 2 3 4 5");
	bmc_plan_format(&plan, text, sizeof(text));
	assert_string_equal(text, "plan 1 2 3 4 5");
	assert_int_equal(plan.until, 0);
	bmc_plan_parse(&plan, "plan 1 2 3 4 5 6");
	assert_int_equal(plan.until, 6);
	bmc_plan_format(&plan, text, sizeof(text));
	assert_string_equal(text, "plan 1 2 3 4 5 6");
}

#define B(name) cmocka_unit_test_setup_teardown(name, big_set_up, tear_down)
#define T(name) cmocka_unit_test_setup_teardown(name, fixture_set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_have_limits),
		cmocka_unit_test(texts_have_limits),
		T(two_plans_in_one_transaction_are_refused),
		T(batches_have_a_delay_between_them),
		T(failed_canary_stops_the_others),
		T(cancelled_plan_begins_nothing_more),
		T(board_that_waits_is_cancelled_at_once),
		T(ended_task_is_removed_with_its_parts),
		T(force_off_overtakes_a_board_that_waits),
		T(ended_tasks_go_after_their_time),
		T(task_for_later_says_when_and_leaves_its_board_free),
		T(what_is_wanted_is_judged_at_its_time),
		T(task_for_later_waits_for_a_busy_board),
		T(task_for_later_is_cancelled_before_its_time),
		T(task_for_later_outlives_a_restart),
		T(so_many_tasks_wait_for_their_time_only),
		T(after_its_window_nothing_begins),
		T(apply_time_is_waited_for_also_by_one_board),
		T(progress_of_a_plan_outlives_a_restart),
		T(plan_outlives_a_restart),
		B(boards_of_a_chassis_go_in_waves),
		B(cap_per_blade_holds_without_batches),
		cmocka_unit_test(damaged_plan_is_no_plan),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
