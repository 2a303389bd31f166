// SPDX-License-Identifier: Apache-2.0
/* Shells and files of a board through the core's streams, the plugin adb, Debian's adb
 * server and an adb daemon of our own on TCP. */
#include "adb-fixture.h"

#include <stdlib.h>
#include <unistd.h>

#define SIZE (40 * 1024 * 1024)

static struct bmc_stream_args shell_of(const char *command, uint16_t columns)
{
	return (struct bmc_stream_args){ .what = BMC_STREAM_SHELL,
					 .text = command,
					 .size = BMC_UNKNOWN,
					 .columns = columns,
					 .rows = columns ? 40 : 0 };
}

static int run(struct adb_client *c, const char *command)
{
	struct bmc_stream_args args = shell_of(command, 0);

	adb_open_stream(c, &args);
	return adb_end(c);
}

/* ---- shells ---- */

static void exit_code_of_a_command_arrives(void **state)
{
	struct adb_client c;

	(void)state;
	assert_int_equal(run(&c, "echo hello; exit 7"), 7);
	assert_string_equal(c.got, "hello\n");
	assert_int_equal(run(&c, "true"), 0);
}

static void command_reads_what_the_client_sends_until_its_end(void **state)
{
	struct bmc_stream_args args = shell_of("cat; exit 3", 0);
	struct adb_client c;

	(void)state;
	adb_open_stream(&c, &args);
	adb_say(&c, "one\n");
	assert_true(adb_hears(&c, "one\n"));
	adb_say(&c, "two\n");
	bmc_stream_finish(c.s);
	assert_int_equal(adb_end(&c), 3);
	assert_string_equal(c.got, "one\ntwo\n");
}

static void interactive_shell_has_a_terminal_that_follows_the_window(void **state)
{
	struct bmc_stream_args args = shell_of(NULL, 120);
	struct adb_client c;

	(void)state;
	adb_open_stream(&c, &args);
	adb_say(&c, "sleep 0.3; stty size\n");
	assert_true(adb_hears(&c, "40 120"));
	bmc_stream_resize(c.s, 90, 30);
	adb_say(&c, "sleep 0.3; stty size\n");
	assert_true(adb_hears(&c, "30 90"));
	adb_say(&c, "exit 5\n");
	assert_int_equal(adb_end(&c), 5);
}

static void old_daemon_has_a_shell_without_exit_code(void **state)
{
	struct adb_client c;

	(void)state;
	adb_file("behave", "old");
	/* a daemon's features are those of its connection */
	assert_int_equal(fixture_do_wait(BMC_ACT_GRACEFUL_RESTART, "sub01"),
			 BMC_TASK_COMPLETED);
	adb_wait_for_board();
	assert_int_equal(run(&c, "echo it is $((6 * 7)); exit 7"), 0);
	assert_string_equal(c.got, "it is 42\n");
}

/* The client takes nothing: the board's endless output has to wait. */
static void endless_output_waits_for_the_client(void **state)
{
	struct bmc_stream_args args = shell_of("cat /dev/zero", 0);
	struct adb_client c;
	char buf[4096];
	ssize_t n = 0;

	(void)state;
	adb_open_stream(&c, &args);
	fixture_pass(500);
	for (int i = 0; i < 1000 && n < 1000000; i++) {
		ssize_t m = bmc_stream_receive(c.s, buf, sizeof(buf));
		if (m == BMC_EAGAIN)
			fixture_pass(5);
		n += m > 0 ? m : 0;
	}
	assert_true(n >= 1000000);
	c.s = bmc_stream_close(c.s);
	fixture_pass(100);
	assert_int_equal(run(&c, "exit 4"), 4);
}

static bool is_gone(void *arg)
{
	(void)arg;
	return bmc_streams() == 0;
}

static void closing_a_shell_frees_it_at_once(void **state)
{
	struct bmc_stream_args args = shell_of("sleep 1000", 0);
	struct adb_client c;

	(void)state;
	adb_open_stream(&c, &args);
	fixture_pass(200);
	c.s = bmc_stream_close(c.s);
	assert_true(fixture_until(is_gone, NULL));
}

/* ---- files ---- */

static unsigned char byte_at(size_t i)
{
	return (unsigned char)(i * 2654435761u >> 24);
}

struct transfer {
	struct adb_client c;
	size_t at;
	bool wrong;
};

static bool pushed(void *arg)
{
	static unsigned char buf[65536];
	struct transfer *t = arg;

	while (t->at < SIZE && !t->c.ended) {
		size_t n = SIZE - t->at < sizeof(buf) ? SIZE - t->at : sizeof(buf);
		for (size_t i = 0; i < n; i++)
			buf[i] = byte_at(t->at + i);
		ssize_t m = bmc_stream_send(t->c.s, buf, n);
		if (m < 0)
			return t->c.ended;
		t->at += (size_t)m;
		if (t->at == SIZE)
			bmc_stream_finish(t->c.s);
	}
	return t->c.ended;
}

static bool pulled(void *arg)
{
	static unsigned char buf[65536];
	struct transfer *t = arg;
	ssize_t n;

	while ((n = bmc_stream_receive(t->c.s, buf, sizeof(buf))) > 0) {
		for (ssize_t i = 0; i < n; i++)
			t->wrong = t->wrong || buf[i] != byte_at(t->at + (size_t)i);
		t->at += (size_t)n;
	}
	return t->c.ended && n == 0;
}

static void transfer(struct transfer *t, const struct bmc_stream_args *args)
{
	memset(t, 0, sizeof(*t));
	adb_open_stream(&t->c, args);
	assert_true(fixture_until(args->what == BMC_STREAM_PUSH ? pushed : pulled, t));
	t->c.s = bmc_stream_close(t->c.s);
	if (t->c.code < 0)
		fail_msg("%s", t->c.what);
}

static void file_of_40_mb_goes_there_and_back(void **state)
{
	const struct bmc_stream_args to = {
		.what = BMC_STREAM_PUSH, .text = "/big", .size = SIZE, .mode = 0751
	};
	const struct bmc_stream_args from = { .what = BMC_STREAM_PULL,
					      .text = "/big",
					      .size = BMC_UNKNOWN };
	struct adb_client c;
	struct transfer t;

	(void)state;
	transfer(&t, &to);
	assert_int_equal(t.at, SIZE);
	transfer(&t, &from);
	assert_int_equal(t.at, SIZE);
	assert_false(t.wrong);
	assert_int_equal(run(&c, "stat -c %a big; rm big"), 0);
	assert_string_equal(c.got, "751\n");
}

static void board_says_why_it_does_not_give_a_file(void **state)
{
	const struct bmc_stream_args from = { .what = BMC_STREAM_PULL,
					      .text = "/none",
					      .size = BMC_UNKNOWN };
	struct adb_client c;

	(void)state;
	adb_open_stream(&c, &from);
	assert_int_equal(adb_end(&c), BMC_EIO);
	assert_string_equal(c.what, "sub01: open failed: No such file or directory");
}

static void board_says_why_it_does_not_take_a_file(void **state)
{
	const struct bmc_stream_args to = { .what = BMC_STREAM_PUSH,
					    .text = "/none/such",
					    .size = BMC_UNKNOWN };
	struct adb_client c;

	(void)state;
	adb_open_stream(&c, &to);
	adb_say(&c, "text");
	assert_int_equal(adb_end(&c), BMC_EIO);
	assert_string_equal(c.what,
			    "sub01: couldn't create file: No such file or directory");
}

static void push_that_ends_early_leaves_no_file(void **state)
{
	const struct bmc_stream_args to = { .what = BMC_STREAM_PUSH,
					    .text = "/short",
					    .size = 10 };
	struct adb_client c;

	(void)state;
	adb_open_stream(&c, &to);
	adb_say(&c, "nine byte");
	bmc_stream_finish(c.s);
	assert_int_equal(adb_end(&c), BMC_EINVAL);
	assert_int_equal(run(&c, "sleep 0.2; ls short*"), 2);
}

#define T(test) cmocka_unit_test_setup_teardown(test, adb_set_up, adb_tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(exit_code_of_a_command_arrives),
		T(command_reads_what_the_client_sends_until_its_end),
		T(interactive_shell_has_a_terminal_that_follows_the_window),
		T(endless_output_waits_for_the_client),
		T(closing_a_shell_frees_it_at_once),
		T(file_of_40_mb_goes_there_and_back),
		T(board_says_why_it_does_not_give_a_file),
		T(board_says_why_it_does_not_take_a_file),
		T(push_that_ends_early_leaves_no_file),
		T(old_daemon_has_a_shell_without_exit_code),
	};

	if (access("/usr/bin/adb", X_OK) < 0) {
		(void)puts("1..0 # SKIP Debian's package adb is not installed");
		return 0;
	}
	return cmocka_run_group_tests(tests, adb_rig_start, adb_rig_stop);
}
