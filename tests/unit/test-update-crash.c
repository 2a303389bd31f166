// SPDX-License-Identifier: Apache-2.0
/* The daemon is killed at each entry of an update's journal: after the next start the
 * task ends exactly once, and the board has all of the image or what it had before. */
#include "flash-fixture.h"

#include <stdlib.h>
#include <sys/mman.h>

#include "core/model/update-codes.h"

#define BOARD       "sub1-01"
#define ENTRIES_MAX 80
#define URI         "http://192.0.2.7/image.img"

struct story {
	const char *target;
	enum bmc_flash_call at;
	enum flash_fault fault;
	int code;
	bool uri, password;
};

static bool journal_is_settled(void *arg)
{
	(void)arg;
	for (size_t i = 0; i < fixture->n_tasks; i++) {
		if (fixture->tasks[i].state < BMC_TASK_COMPLETED)
			return false;
	}
	return fixture->n_jobs == 0;
}

static void live(const struct story *st, int entry)
{
	uint32_t task;
	char at[12];

	(void)snprintf(at, sizeof(at), "%d", entry);
	(void)setenv("CLUSTERBMC_CRASH_AT", at, 1);
	(void)alarm(300);
	flash_start(true);
	if (st->uri)
		flash_set_text(BMC_PARAM_URI, URI);
	if (st->password)
		flash_set_text(BMC_PARAM_CREDENTIAL, "secret");
	if (flash_update(st->target, &task) != 0)
		_exit(2);
	(void)fixture_wait(task);
	fixture_pass(50);
	_exit(0);
}

static void live_again(void)
{
	(void)unsetenv("CLUSTERBMC_CRASH_AT");
	(void)alarm(300);
	flash_start(false);
	if (!fixture_until(journal_is_settled, NULL))
		_exit(3);
	flash_stop();
	_exit(0);
}

/* The board that a daemon left is as that left it; one is never without a system. */
static void check_board(const struct story *st, const char *id, size_t task)
{
	const struct bmc_task *t = &fixture->tasks[task];
	const struct flash_board *b = flash_of(id);

	assert_true(flash_is_new(id) || flash_is_former(id));
	assert_true(b->whole);
	/* a checkpoint reaches the disk once a second, in which this small image may be
	 * written to its end */
	assert_true(b->chunks <= FLASH_BYTES / FLASH_CHUNK * 2);
	assert_int_equal(flash_is_new(id), t->state == BMC_TASK_COMPLETED);
	if (t->state == BMC_TASK_COMPLETED)
		assert_int_equal(st->fault, FLASH_NO_FAULT);
}

static void check(const struct story *st, int entry)
{
	static const char *const ids[] = { "sub1-01", "sub1-02", "sub1-03" };
	bool blade = strncmp(st->target, "blade", 5) == 0;
	enum bmc_stage stage;
	int detail;

	assert_int_equal(fixture->n_tasks, blade ? 4 : 2);
	assert_int_equal(fixture->n_jobs, 0);
	for (size_t i = 0; i < fixture->n_tasks; i++) {
		const struct bmc_task *t = &fixture->tasks[i];

		assert_true(t->state >= BMC_TASK_COMPLETED);
		assert_int_equal(t->state == BMC_TASK_COMPLETED, t->code[0] == '\0');
		assert_true(!t->code[0] || bmc_code_parse(t->code, &stage, &detail));
		if (entry <= 1)
			assert_int_equal(t->state, BMC_TASK_EXCEPTION);
		else if (st->fault == FLASH_NO_FAULT && !st->uri)
			assert_int_equal(t->state, BMC_TASK_COMPLETED);
		if (i > 0)
			check_board(st, ids[i - 1], i);
		assert_null(strstr(fixture->texts[i], "secret"));
		assert_null(strstr(fixture->secrets[i], "secret"));
	}
}

/* fixture_board() needs a platform, which only a child had. */
static void look(const struct story *st, int entry)
{
	pid_t pid;

	(void)fflush(NULL);
	pid = fork();
	if (pid == 0) {
		(void)unsetenv("CLUSTERBMC_CRASH_AT");
		flash_start(false);
		check(st, entry);
		flash_stop();
		_exit(0);
	}
	assert_false(fixture_was_killed(pid));
}

/* Returns how many entries the story's journal has. */
static int tell(const struct story *st)
{
	for (int entry = 1; entry < ENTRIES_MAX; entry++) {
		pid_t pid;
		bool killed;

		flash_new();
		flash_world->stored = !st->uri;
		flash_world->boards[1].fault = st->fault;
		flash_world->boards[1].at = (int)st->at;
		flash_world->boards[1].code = st->code;
		(void)fflush(NULL);
		pid = fork();
		if (pid == 0)
			live(st, entry);
		killed = fixture_was_killed(pid);
		pid = killed ? fork() : 0;
		if (killed && pid == 0)
			live_again();
		if (killed)
			assert_false(fixture_was_killed(pid));
		look(st, killed ? entry : ENTRIES_MAX);
		(void)munmap(flash_world, sizeof(*flash_world));
		(void)munmap(fixture, sizeof(*fixture));
		if (!killed)
			return entry - 1;
	}
	fail_msg("the journal has no end");
	return 0;
}

static void killed_at_each_step_of_an_update(void **state)
{
	const struct story st = { .target = BOARD };

	(void)state;
	/* reserved, accepted, the image; started and done of six calls, checkpoints,
	 * end */
	assert_true(tell(&st) >= 3 + 12 + 1 + 1);
}

static void killed_at_each_step_of_a_rollback(void **state)
{
	const struct story st = { .target = BOARD,
				  .at = BMC_FLASH_VERIFY,
				  .fault = FLASH_FAILS,
				  .code = BMC_EIO };

	(void)state;
	assert_true(tell(&st) >= 3 + 9 + 1);
}

static void killed_at_each_step_of_a_blades_update(void **state)
{
	const struct story st = { .target = "blade1" };

	(void)state;
	assert_true(tell(&st) >= 3 + 3 * 13);
}

static void killed_while_the_image_is_fetched(void **state)
{
	const struct story open = { .target = BOARD, .uri = true };

	(void)state;
	assert_true(tell(&open) >= 17);
}

static void fetch_with_a_password_is_not_repeated(void **state)
{
	const struct story st = { .target = BOARD, .uri = true, .password = true };
	size_t i = 0;

	(void)state;
	flash_new();
	flash_world->stored = false;
	flash_world->hold = true;
	(void)fflush(NULL);
	pid_t pid = fork();
	if (pid == 0)
		live(&st, 2); /* accepted, and the fetch under way */
	assert_true(fixture_was_killed(pid));
	flash_world->hold = false;
	pid = fork();
	if (pid == 0)
		live_again();
	assert_false(fixture_was_killed(pid));
	for (; i < fixture->n_tasks; i++) {
		assert_int_equal(fixture->tasks[i].state, BMC_TASK_EXCEPTION);
		assert_string_equal(fixture->tasks[i].code, "fetch-interrupted");
	}
	assert_int_equal(i, 2);
	assert_int_equal(flash_world->boards[1].calls[BMC_FLASH_ACCEPTS], 0);
	(void)munmap(flash_world, sizeof(*flash_world));
	(void)munmap(fixture, sizeof(*fixture));
}

/* A journal whose entry `entry` is the last; what `change` makes of it is gone on with.
 */
static void go_on_with(int entry, void (*change)(void))
{
	const struct story st = { .target = BOARD };
	pid_t pid;

	flash_new();
	flash_world->stored = true;
	(void)fflush(NULL);
	pid = fork();
	if (pid == 0)
		live(&st, entry);
	assert_true(fixture_was_killed(pid));
	assert_int_equal(fixture->n_jobs, 1);
	change();
	pid = fork();
	if (pid == 0)
		live_again();
	assert_false(fixture_was_killed(pid));
	assert_int_equal(fixture->n_tasks, 2);
}

static void forget(void)
{
	(void)munmap(flash_world, sizeof(*flash_world));
	(void)munmap(fixture, sizeof(*fixture));
}

static void other_steps(void)
{
	fixture->jobs[0].num ^= INT64_C(1) << 32;
}

static void no_steps(void)
{
	assert_true(fixture->jobs[0].num >> 32 > 0);
	fixture->jobs[0].num &= 0xffffffff;
}

/* The service was updated meanwhile: the position in the journal is of another step. */
static void step_of_another_recipe_is_not_gone_on_with(void **state)
{
	int calls;

	(void)state;
	go_on_with(8, other_steps); /* detached */
	for (size_t i = 0; i < 2; i++) {
		assert_string_equal(fixture->tasks[i].code, "task-interrupted");
		assert_non_null(strstr(fixture->tasks[i].error, "other steps"));
	}
	assert_int_equal(fixture->tasks[1].state, BMC_TASK_INTERRUPTED);
	calls = flash_world->boards[1].calls[BMC_FLASH_WRITE] +
		flash_world->boards[1].calls[BMC_FLASH_ROLLBACK];
	assert_int_equal(calls, 0);
	forget();
	go_on_with(2, other_steps); /* not begun: by the new steps from the first on */
	assert_int_equal(fixture->tasks[1].state, BMC_TASK_COMPLETED);
	forget();
}

static void step_of_a_journal_without_its_number_is_gone_on_with(void **state)
{
	(void)state;
	go_on_with(8, no_steps);
	assert_int_equal(fixture->tasks[1].state, BMC_TASK_COMPLETED);
	forget();
}

static void refuse(void)
{
	flash_world->fails = BMC_EPERM;
}

/* The policy has changed meanwhile: nothing more is written, what was begun is undone.
 */
static void policy_of_now_does_not_hinder_the_way_back(void **state)
{
	int writes = 0;

	(void)state;
	go_on_with(9, refuse);
	assert_string_equal(fixture->tasks[1].code, "check-refused");
	assert_int_equal(fixture->tasks[1].state, BMC_TASK_EXCEPTION);
	assert_non_null(strstr(fixture->tasks[1].message, "rolled back"));
	assert_int_equal(flash_world->boards[1].calls[BMC_FLASH_ROLLBACK], 1);
	writes = flash_world->boards[1].calls[BMC_FLASH_WRITE];
	assert_true(writes <= 1);
	assert_int_equal(flash_world->boards[1].calls[BMC_FLASH_VERIFY], 0);
	forget();
	go_on_with(2, refuse); /* not begun */
	assert_string_equal(fixture->tasks[1].code, "check-refused");
	assert_int_equal(flash_world->boards[1].calls[BMC_FLASH_ROLLBACK], 0);
	forget();
}

#define T(name) cmocka_unit_test_teardown(name, fixture_end_child)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(killed_at_each_step_of_an_update),
		T(killed_at_each_step_of_a_rollback),
		T(killed_at_each_step_of_a_blades_update),
		T(killed_while_the_image_is_fetched),
		T(fetch_with_a_password_is_not_repeated),
		T(step_of_another_recipe_is_not_gone_on_with),
		T(policy_of_now_does_not_hinder_the_way_back),
		T(step_of_a_journal_without_its_number_is_gone_on_with),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
