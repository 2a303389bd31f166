// SPDX-License-Identifier: Apache-2.0
/* The daemon is killed at each entry of its journal, for each action: after the next
 * start every task ends exactly once, and no board is pulsed or powered up a second
 * time. */
#include "action-fixture.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "core/model/field.h"

#define ENTRIES_MAX 60

struct story {
	enum bmc_action_op op;
	const char *target;
	enum fixture_fault fault;
	bool off_before;
	bool helper_forgets;
	enum bmc_boot_target mode, once; /* to enter; the board's override before it */
};

static void override_once(const char *id, enum bmc_boot_target target)
{
	struct bmc_action acts[] = { fixture_action(BMC_ACT_SET, id),
				     fixture_action(BMC_ACT_SET, id) };
	struct bmc_result result;

	acts[0].field = bmc_field_find(BMC_BOARD, "boot_target");
	acts[0].num = target;
	acts[1].field = bmc_field_find(BMC_BOARD, "boot_enabled");
	acts[1].num = BMC_BOOT_ONCE;
	if (fixture_submit(&fixture_admin, acts, 2, &result) != 0)
		_exit(4);
}

static bool journal_is_settled(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < fixture->n_tasks; i++) {
		if (fixture->tasks[i].state < BMC_TASK_COMPLETED)
			return false;
	}
	return fixture->n_jobs == 0;
}

/* The first life: does the action, and is killed on the way or not. */
static void live(const struct story *st, int entry)
{
	struct bmc_result result;
	struct bmc_action act = fixture_action(st->op, st->target);
	char at[12];

	(void)snprintf(at, sizeof(at), "%d", entry);
	(void)setenv("CLUSTERBMC_CRASH_AT", at, 1);
	(void)alarm(300);
	fixture_start(true);
	act.num = st->mode;
	if (st->once)
		override_once(st->target, st->once);
	if (fixture_submit(&fixture_admin, &act, 1, &result) != 0)
		_exit(2);
	(void)fixture_wait(result.task);
	fixture_pass(100);
	_exit(0);
}

static void live_again(void)
{
	(void)unsetenv("CLUSTERBMC_CRASH_AT");
	(void)alarm(300);
	fixture_start(false);
	if (!fixture_until(journal_is_settled, NULL))
		_exit(3);
	fixture_pass(300);
	fixture_stop();
	_exit(0);
}

static void check_boards(const struct story *st)
{
	for (unsigned i = 1; i < FIXTURE_BOARDS; i++) {
		const struct fixture_board *b = &fixture->boards[i];

		assert_true(b->resets <= 1);
		assert_true(b->reboots <= 1);
		assert_true(b->power_ups <= 1);
		if (st->op != BMC_ACT_FORCE_OFF &&
		    st->op != BMC_ACT_GRACEFUL_SHUTDOWN && !st->off_before)
			assert_int_equal(b->powered, 1);
	}
}

static void check_tasks(const struct story *st, int entry)
{
	bool blade = strncmp(st->target, "blade", 5) == 0;

	assert_int_equal(fixture->n_tasks, blade ? 4 : 1);
	assert_int_equal(fixture->n_jobs, 0);
	for (size_t i = 0; i < fixture->n_tasks; i++) {
		const struct bmc_task *t = &fixture->tasks[i];

		assert_true(t->state >= BMC_TASK_COMPLETED);
		assert_true(t->state == BMC_TASK_COMPLETED || t->error[0]);
		assert_int_equal(t->op, st->op);
		if (entry > 1)
			continue;
		assert_int_equal(t->state, BMC_TASK_EXCEPTION);
		assert_non_null(strstr(t->error, "not started"));
	}
}

/* What it started in the end, and an override for one reset that ended with it. */
static void check_mode(const struct story *st, int entry)
{
	bool begun = entry > 1;

	if (st->mode || st->once)
		assert_int_equal(fixture->boards[1].mode,
				 begun ? BMC_USB_LOADER : BMC_USB_UNKNOWN);
	for (size_t i = 0; st->once && i < fixture->n_settings; i++) {
		if (strcmp(fixture->settings[i].field, "boot_enabled") == 0)
			assert_int_equal(fixture->settings[i].num,
					 begun ? BMC_BOOT_DISABLED : BMC_BOOT_ONCE);
	}
}

/* Returns how many entries the story's journal has. */
static int tell(const struct story *st)
{
	for (int entry = 1; entry < ENTRIES_MAX; entry++) {
		pid_t pid;
		bool killed;

		fixture_new();
		for (unsigned i = 1; i < FIXTURE_BOARDS; i++) {
			fixture->boards[i].fault = st->fault;
			fixture->boards[i].powered = !st->off_before;
		}
		(void)fflush(NULL);
		pid = fork();
		if (pid == 0)
			live(st, entry);
		killed = fixture_was_killed(pid);
		fixture->helper_forgot = st->helper_forgets;
		pid = killed ? fork() : 0;
		if (killed && pid == 0)
			live_again();
		if (killed)
			assert_false(fixture_was_killed(pid));
		check_boards(st);
		check_tasks(st, killed ? entry : ENTRIES_MAX);
		check_mode(st, killed ? entry : ENTRIES_MAX);
		(void)munmap(fixture, sizeof(*fixture));
		if (!killed)
			return entry - 1;
	}
	fail_msg("the journal has no end");
	return 0;
}

static void killed_at_each_step_of_on(void **state)
{
	const struct story st = { .op = BMC_ACT_ON,
				  .target = "sub1-01",
				  .off_before = true };

	(void)state;
	assert_int_equal(tell(&st), 5); /* reserved, accepted, started, done, ended */
}

static void killed_at_each_step_of_force_off(void **state)
{
	const struct story st = { .op = BMC_ACT_FORCE_OFF, .target = "sub1-01" };

	(void)state;
	assert_int_equal(tell(&st), 5);
}

static void killed_at_each_step_of_graceful_shutdown(void **state)
{
	const struct story st = { .op = BMC_ACT_GRACEFUL_SHUTDOWN,
				  .target = "sub1-01" };

	(void)state;
	assert_int_equal(tell(&st), 7);
}

static void killed_at_each_step_of_graceful_restart(void **state)
{
	const struct story st = { .op = BMC_ACT_GRACEFUL_RESTART, .target = "sub1-01" };

	(void)state;
	assert_int_equal(tell(&st), 5);
}

static void killed_at_each_step_of_a_restart_that_falls_back(void **state)
{
	const struct story failing = { .op = BMC_ACT_GRACEFUL_RESTART,
				       .target = "sub1-01",
				       FIXTURE_ADB_FAILS };
	const struct story hanging = { .op = BMC_ACT_GRACEFUL_RESTART,
				       .target = "sub1-02",
				       FIXTURE_ADB_HANGS };
	const struct story no_reset = { .op = BMC_ACT_GRACEFUL_RESTART,
					.target = "sub2-01",
					FIXTURE_ADB_FAILS };

	(void)state;
	assert_int_equal(tell(&failing), 7);
	assert_int_equal(tell(&hanging), 7);
	assert_int_equal(tell(&no_reset), 9);
}

static void killed_at_each_step_of_force_restart(void **state)
{
	const struct story st = { .op = BMC_ACT_FORCE_RESTART, .target = "sub1-01" };
	const struct story forgetful = { .op = BMC_ACT_FORCE_RESTART,
					 .target = "sub1-01",
					 .helper_forgets = true };

	(void)state;
	assert_int_equal(tell(&st), 5);
	assert_int_equal(tell(&forgetful), 5);
}

static void killed_at_each_step_of_power_cycle(void **state)
{
	const struct story st = { .op = BMC_ACT_POWER_CYCLE, .target = "sub2-01" };

	(void)state;
	assert_int_equal(tell(&st), 7);
}

static void killed_at_each_step_of_entering_a_mode(void **state)
{
	const struct story st = { .op = BMC_ACT_ENTER_MODE,
				  .target = "sub1-01",
				  .mode = BMC_BOOT_LOADER };
	const struct story once = { .op = BMC_ACT_FORCE_RESTART,
				    .target = "sub1-01",
				    .once = BMC_BOOT_LOADER };

	(void)state;
	assert_int_equal(tell(&st), 5);
	assert_int_equal(tell(&once), 7);
}

static void killed_at_each_step_of_a_blades_restart(void **state)
{
	const struct story st = { .op = BMC_ACT_FORCE_RESTART, .target = "blade1" };

	(void)state;
	assert_int_equal(tell(&st), 11); /* two for all, three for each board */
}

/* ---- single points ---- */

static void put_task(enum bmc_action_op op, const char *board, uint32_t number)
{
	struct bmc_task *t = &fixture->tasks[fixture->n_tasks++];

	*t = (struct bmc_task){ .op = op, .state = BMC_TASK_RUNNING, .targets = 1 };
	t->row.kind = BMC_TASK;
	t->row.index[0] = number;
	(void)snprintf(t->row.id, sizeof(t->row.id), "%u", number);
	(void)bmc_copy(t->target_id, sizeof(t->target_id), board);
}

static void put_job(enum bmc_action_op op, const char *board, uint32_t number,
		    enum bmc_journal_phase phase, uint32_t step)
{
	struct bmc_journal_record *j = &fixture->jobs[fixture->n_jobs++];

	*j = (struct bmc_journal_record){ .job = 1000 + number,
					  .task = number,
					  .op = (uint16_t)op,
					  .phase = (uint16_t)phase,
					  .step = step };
	(void)bmc_copy(j->id, sizeof(j->id), board);
}

static int fresh(void **state)
{
	(void)state;
	fixture_new();
	return 0;
}

static void pulse_that_was_begun_is_not_repeated(void **state)
{
	(void)state;
	put_task(BMC_ACT_FORCE_RESTART, "sub1-01", 7);
	put_job(BMC_ACT_FORCE_RESTART, "sub1-01", 7, BMC_JOURNAL_STARTED, 1);
	fixture->pulsed[fixture->n_pulsed++] = 1007 * 64 + 1;
	fixture_start(false);
	assert_int_equal(fixture_wait(7), BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].resets, 0);
}

static void pulse_that_was_not_begun_is_made(void **state)
{
	(void)state;
	put_task(BMC_ACT_FORCE_RESTART, "sub1-01", 7);
	put_job(BMC_ACT_FORCE_RESTART, "sub1-01", 7, BMC_JOURNAL_STARTED, 1);
	fixture_start(false);
	assert_int_equal(fixture_wait(7), BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].resets, 1);
}

static void pulse_nobody_can_know_of_interrupts_the_task(void **state)
{
	(void)state;
	put_task(BMC_ACT_FORCE_RESTART, "sub1-01", 7);
	put_job(BMC_ACT_FORCE_RESTART, "sub1-01", 7, BMC_JOURNAL_STARTED, 1);
	fixture->helper_forgot = true;
	fixture_start(false);
	assert_int_equal(fixture_wait(7), BMC_TASK_INTERRUPTED);
	assert_int_equal(fixture->boards[1].resets, 0);
}

static void request_to_the_system_is_not_repeated(void **state)
{
	(void)state;
	put_task(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", 7);
	put_job(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", 7, BMC_JOURNAL_STARTED, 0);
	fixture_start(false);
	assert_int_equal(fixture_wait(7), BMC_TASK_INTERRUPTED);
	assert_int_equal(fixture->boards[1].shutdowns, 0);
}

static void board_of_a_resumed_job_is_busy(void **state)
{
	(void)state;
	fixture->boards[1].fault = FIXTURE_OS_IGNORES;
	put_task(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", 7);
	put_job(BMC_ACT_GRACEFUL_SHUTDOWN, "sub1-01", 7, BMC_JOURNAL_DONE, 0);
	fixture_start(false);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", NULL), BMC_EBUSY);
	assert_int_equal(fixture_wait(7), BMC_TASK_EXCEPTION);
	assert_int_equal(fixture_do(BMC_ACT_FORCE_OFF, "sub1-01", NULL), 0);
}

static void damaged_journal_still_ends_its_tasks(void **state)
{
	(void)state;
	put_task(BMC_ACT_ON, "sub1-01", 1); /* no job      */
	put_task(BMC_ACT_ON, "gone-01", 2); /* no board    */
	put_job(BMC_ACT_ON, "gone-01", 2, BMC_JOURNAL_DONE, 0);
	put_task(BMC_ACT_SET, "sub1-02", 3); /* no recipe   */
	put_job(BMC_ACT_SET, "sub1-02", 3, BMC_JOURNAL_DONE, 0);
	put_task(BMC_ACT_ON, "sub1-03", 4); /* no such step */
	put_job(BMC_ACT_ON, "sub1-03", 4, BMC_JOURNAL_STARTED, 99);
	put_job(BMC_ACT_ON, "sub1-03", 5, BMC_JOURNAL_DONE, 0); /* no task     */
	fixture_start(false);
	for (uint32_t i = 1; i <= 4; i++)
		assert_int_equal(fixture_wait(i), BMC_TASK_INTERRUPTED);
	assert_int_equal(fixture->n_jobs, 0);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-03"),
			 BMC_TASK_COMPLETED);
	assert_int_equal(fixture->n_tasks, 5);
}

static void parent_whose_children_had_ended_ends(void **state)
{
	(void)state;
	put_task(BMC_ACT_ON, "blade1", 10);
	fixture->tasks[0].targets = 2;
	for (uint32_t i = 11; i <= 12; i++) {
		put_task(BMC_ACT_ON, i == 11 ? "sub1-01" : "sub1-02", i);
		fixture->tasks[i - 10].state =
			i == 11 ? BMC_TASK_COMPLETED : BMC_TASK_EXCEPTION;
		fixture->parents[i - 10] = 10;
	}
	fixture_start(false);
	assert_int_equal(fixture_wait(10), BMC_TASK_EXCEPTION);
	assert_int_equal(fixture_task(10)->targets_ok, 1);
	assert_int_equal(fixture_task(11)->row.parent, fixture_task(10)->row.handle);
	assert_int_equal(fixture_do_wait(BMC_ACT_FORCE_OFF, "sub1-01"),
			 BMC_TASK_COMPLETED);
	assert_non_null(fixture_task(13));
}

static void clean_stop_goes_on_after_the_next_start(void **state)
{
	uint32_t task;

	(void)state;
	fixture_start(false);
	assert_int_equal(fixture_do(BMC_ACT_POWER_CYCLE, "sub1-01", &task), 0);
	fixture_pass(20);
	fixture_stop();
	fixture_start(false);
	assert_int_equal(fixture_wait(task), BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].powered, 1);
	assert_int_equal(fixture->boards[1].power_ups, 1);
}

static void run_waits_for_the_readings_of_its_board(void **state)
{
	(void)state;
	put_task(BMC_ACT_FORCE_RESTART, "sub1-01", 7);
	put_job(BMC_ACT_FORCE_RESTART, "sub1-01", 7, BMC_JOURNAL_ACCEPTED, 0);
	fixture->mute = true;
	fixture_start(false);
	fixture_pass(300);
	assert_int_equal(fixture->boards[1].resets, 0);
	fixture->mute = false;
	assert_int_equal(fixture_wait(7), BMC_TASK_COMPLETED);
	assert_int_equal(fixture->boards[1].resets, 1);
}

static void run_waits_five_seconds_for_readings(void **state)
{
	(void)state;
	put_task(BMC_ACT_FORCE_OFF, "sub1-01", 7);
	put_job(BMC_ACT_FORCE_OFF, "sub1-01", 7, BMC_JOURNAL_ACCEPTED, 0);
	fixture->mute = true;
	fixture_conf.poll_deadline_ms = 86400000;
	fixture_start(false);
	bmc_clock_skip(4000);
	fixture_pass(100);
	assert_int_equal(fixture->boards[1].powered, 1);
	bmc_clock_skip(1100);
	fixture_pass(300);
	assert_int_equal(fixture->boards[1].powered, 0);
	fixture->mute = false;
	assert_int_equal(fixture_wait(7), BMC_TASK_COMPLETED);
}

static void settings_reach_the_hardware_again(void **state)
{
	struct bmc_record *r = fixture->settings;

	(void)state;
	r[0] = (struct bmc_record){
		.kind = BMC_FAN, .id = "fan1", .field = "target_duty", .num = 55000
	};
	r[1] = (struct bmc_record){
		.kind = BMC_BOARD, .id = "sub1-01", .field = "locator", .num = 1
	};
	r[2] = (struct bmc_record){
		.kind = BMC_BOARD, .id = "sub2-01", .field = "locator", .num = 1
	}; /* has no such pin */
	r[3] = (struct bmc_record){ .kind = BMC_BOARD,
				    .id = "sub1-01",
				    .field = "name" };
	fixture->n_settings = 4;
	fixture_start(false);
	fixture_pass(100);
	assert_int_equal(fixture->duty, 55000);
	assert_int_equal(fixture->boards[1].locator, 1);
}

#define T(name) cmocka_unit_test_teardown(name, fixture_end_child)
#define S(name) cmocka_unit_test_setup_teardown(name, fresh, fixture_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(killed_at_each_step_of_on),
		T(killed_at_each_step_of_force_off),
		T(killed_at_each_step_of_graceful_shutdown),
		T(killed_at_each_step_of_graceful_restart),
		T(killed_at_each_step_of_a_restart_that_falls_back),
		T(killed_at_each_step_of_force_restart),
		T(killed_at_each_step_of_power_cycle),
		T(killed_at_each_step_of_entering_a_mode),
		T(killed_at_each_step_of_a_blades_restart),
		S(pulse_that_was_begun_is_not_repeated),
		S(pulse_that_was_not_begun_is_made),
		S(pulse_nobody_can_know_of_interrupts_the_task),
		S(request_to_the_system_is_not_repeated),
		S(board_of_a_resumed_job_is_busy),
		S(damaged_journal_still_ends_its_tasks),
		S(parent_whose_children_had_ended_ends),
		S(clean_stop_goes_on_after_the_next_start),
		S(run_waits_for_the_readings_of_its_board),
		S(run_waits_five_seconds_for_readings),
		S(settings_reach_the_hardware_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
