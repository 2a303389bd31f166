// SPDX-License-Identifier: Apache-2.0
// A disk that is full, read only or damaged, and a daemon that is killed: the agent
// goes on and loses nothing that it has acknowledged.
#include "state-fixture.h"

#include <dirent.h>
#include <fcntl.h>
#include <sched.h>
#include <signal.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>

static char *in_dir(const char *name)
{
	static char path[128];

	(void)snprintf(path, sizeof(path), "%s/%s", test_dir, name);
	return path;
}

/* Files in the folder whose names begin with `prefix`. */
static size_t files(const char *prefix)
{
	DIR *d = opendir(test_dir);
	size_t n = 0;

	assert_non_null(d);
	for (struct dirent *e = readdir(d); e; e = readdir(d))
		n += strncmp(e->d_name, prefix, strlen(prefix)) == 0;
	(void)closedir(d);
	return n;
}

static void write_meta(const char *field, int64_t num, int expected)
{
	struct bmc_record r = meta(field, num, "text");

	assert_int_equal(write_now(&r, 1), expected);
}

static void make_database(int records)
{
	state_start();
	for (int i = 0; i < records; i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "m%d", i);
		write_meta(name, i, 0);
	}
	state_end();
}

static void overwrite(off_t at, size_t n)
{
	int fd = open(in_dir("state.db"), O_WRONLY);
	char junk[4096];

	memset(junk, 0xa5, sizeof(junk));
	assert_true(fd >= 0);
	for (size_t done = 0; done < n; done += sizeof(junk))
		assert_int_equal(pwrite(fd, junk, sizeof(junk), at + (off_t)done),
				 sizeof(junk));
	(void)close(fd);
}

static void starts_with_a_new_one(void)
{
	state_start();
	assert_true(bmc_store->durable());
	assert_int_equal(stored(BMC_REC_META, 0), 0);
	write_meta("after", 1, 0);
	state_end();
	assert_int_equal(files("state.db.corrupt-"), 1);
}

static void pipe_in_place_of_the_database_is_set_aside(void **state)
{
	(void)state;
	assert_int_equal(mkfifo(in_dir("state.db"), 0600), 0);
	starts_with_a_new_one();
}

static void file_that_is_no_database_is_set_aside(void **state)
{
	(void)state;
	make_database(3);
	overwrite(0, 8192);
	starts_with_a_new_one();
}

static void damaged_page_is_found_at_the_start_and_set_aside(void **state)
{
	(void)state;
	make_database(300);
	overwrite(4096, 32768);
	starts_with_a_new_one();
}

static void truncated_database_is_set_aside(void **state)
{
	(void)state;
	make_database(300);
	assert_int_equal(truncate(in_dir("state.db"), 10000), 0);
	starts_with_a_new_one();
}

static void writes_are_refused_while_the_disk_is_full_and_caught_up_later(void **state)
{
	struct rlimit limit, small;
	struct bmc_record big[32];

	(void)state;
	state_start();
	write_meta("before", 1, 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	for (size_t i = 0; i < ARRAY_SIZE(big); i++) {
		char name[16];

		(void)snprintf(name, sizeof(name), "big%zu", i);
		big[i] = meta(name, 1, "some text");
	}
	assert_true(write_now(big, ARRAY_SIZE(big)) < 0);
	assert_false(bmc_store->durable());
	assert_true(write_now(big, 1) < 0); /* at once, without another try */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 100 && !bmc_store->durable(); i++)
		bmc_loop_step(100);
	assert_true(bmc_store->durable());
	write_meta("after", 1, 0);
	state_restart();
	assert_int_equal(stored(BMC_REC_META, 0), 34);
	state_end();
}

static void what_is_dropped_on_failure_is_not_caught_up(void **state)
{
	struct rlimit limit, small;
	struct bmc_record r = meta("dropped", 1, "text");
	int code = NEVER;

	(void)state;
	state_start();
	write_meta("before", 1, 0);
	(void)signal(SIGXFSZ, SIG_IGN);
	assert_int_equal(getrlimit(RLIMIT_FSIZE, &limit), 0);
	small = limit;
	small.rlim_cur = 4096;
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &small), 0);
	assert_int_equal(bmc_store->write_or_drop(&r, 1, got_code, &code), 0);
	assert_true(wait_code(&code) < 0);
	write_meta("kept", 1, code); /* within the wait for the next try */
	assert_int_equal(setrlimit(RLIMIT_FSIZE, &limit), 0);
	for (int i = 0; i < 100 && !bmc_store->durable(); i++)
		bmc_loop_step(100);
	state_restart();
	assert_int_equal(stored(BMC_REC_META, 0), 2);
	code = NEVER;
	assert_int_equal(bmc_store->write_or_drop(&r, 1, got_code, &code), 0);
	assert_int_equal(wait_code(&code), 0);
	assert_int_equal(stored(BMC_REC_META, 0), 3);
	state_end();
}

/* A bind mount where we may, else mode bits: root ignores those. */
static bool make_read_only(void)
{
	if (geteuid() != 0)
		return chmod(test_dir, 0500) == 0 &&
		       chmod(in_dir("state.db"), 0400) == 0;
	return unshare(CLONE_NEWNS) == 0 &&
	       mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 &&
	       mount(test_dir, test_dir, NULL, MS_BIND, NULL) == 0 &&
	       mount(NULL, test_dir, NULL, MS_BIND | MS_REMOUNT | MS_RDONLY, NULL) == 0;
}

static void make_writable(void)
{
	if (geteuid() == 0) {
		assert_int_equal(
			mount(NULL, test_dir, NULL, MS_BIND | MS_REMOUNT, NULL), 0);
		return;
	}
	assert_int_equal(chmod(test_dir, 0700), 0);
	assert_int_equal(chmod(in_dir("state.db"), 0600), 0);
}

static void read_only_disk_is_read_and_written_when_it_can_be(void **state)
{
	(void)state;
	make_database(5);
	if (!make_read_only()) {
		print_message("no right to make a read-only disk here\n");
		return;
	}
	state_start();
	assert_false(bmc_store->durable());
	assert_int_equal(stored(BMC_REC_META, 0), 5);
	write_meta("later", 1, BMC_EREADONLY);
	make_writable();
	for (int i = 0; i < 100 && !bmc_store->durable(); i++)
		bmc_loop_step(100);
	assert_true(bmc_store->durable());
	state_restart();
	assert_int_equal(stored(BMC_REC_META, 0), 6);
	state_end();
	(void)umount(test_dir);
}

static void file_in_place_of_the_folder_leaves_an_agent_without_a_database(void **state)
{
	int fd;

	(void)state;
	assert_int_equal(rmdir(test_dir), 0);
	fd = open(test_dir, O_CREAT | O_WRONLY, 0600);
	assert_true(fd >= 0);
	(void)close(fd);
	state_start();
	assert_false(bmc_store->durable());
	assert_int_equal(stored(BMC_REC_ROW, BMC_TASK), 0);
	{
		struct bmc_record r = meta("x", 1, "");

		assert_true(write_now(&r, 1) < 0);
	}
	state_end();
}

/* Another process: 0 when its database is not durable. It begins when told. */
static int second_agent(int told)
{
	char byte;

	if (read(told, &byte, 1) != 1)
		return 99;
	bmc_log_init(LOG_EMERG);
	if (bmc_loop_init() != 0 || bmc_state_init(test_dir, NULL) != 0)
		return 2;
	bool durable = bmc_store->durable();
	state_end();
	return durable ? 1 : 0;
}

static void second_agent_on_one_database_does_not_write(void **state)
{
	int pipes[2], status;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	/* forked while it has nothing of the first one; to execute itself again, a
	 * program would have to be the machine's own kind */
	pid_t pid = fork();
	if (pid == 0) {
		(void)close(pipes[1]);
		_exit(second_agent(pipes[0]));
	}
	(void)close(pipes[0]);
	state_start();
	write_meta("mine", 1, 0);
	assert_int_equal(write(pipes[1], "", 1), 1);
	(void)close(pipes[1]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_int_equal(status, 0);
	write_meta("still mine", 1, 0);
	state_end();
	assert_int_equal(files("state.db.corrupt-"), 0);
}

/* ---- kill -9 in the middle of a thousand writes ---- */

struct ack {
	int fd;
	int number;
};

static void acknowledge(void *arg, int code)
{
	struct ack *a = arg;

	if (code == 0)
		(void)!write(a->fd, &a->number, sizeof(a->number));
}

static void write_until_killed(int fd)
{
	enum { N = 1000 };
	static struct ack acks[N];

	state_start();
	for (int i = 0; i < N; i++) {
		char name[16];
		struct bmc_record r;

		(void)snprintf(name, sizeof(name), "k%d", i);
		r = meta(name, i, "");
		acks[i] = (struct ack){ fd, i };
		(void)bmc_store->write(&r, 1, acknowledge, &acks[i]);
		bmc_loop_step(i % 3 ? 0 : 1);
	}
	for (;;)
		bmc_loop_step(100);
}

static int mark(void *arg, const struct bmc_record *r)
{
	((bool *)arg)[r->num] = true;
	return 0;
}

static void acknowledged_writes_survive_kill_9(void **state)
{
	bool there[1000] = { false };
	int pipes[2], number = -1, acked[1000], n = 0;
	pid_t pid;

	(void)state;
	assert_int_equal(pipe(pipes), 0);
	pid = fork();
	if (pid == 0)
		write_until_killed(pipes[1]);
	(void)close(pipes[1]);
	while (n < 1000 && read(pipes[0], &number, sizeof(number)) == sizeof(number)) {
		acked[n++] = number;
		if (n == 400)
			(void)kill(pid, SIGKILL);
	}
	(void)close(pipes[0]);
	assert_int_equal(waitpid(pid, NULL, 0), pid);
	assert_in_range(n, 400, 1000);
	state_start();
	assert_true(bmc_store->durable());
	assert_int_equal(bmc_store->load(BMC_REC_META, 0, mark, there), 0);
	for (int i = 0; i < n; i++)
		assert_true(there[acked[i]]);
	state_end();
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, make_dir, remove_dir)

int main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(pipe_in_place_of_the_database_is_set_aside),
		TEST(file_that_is_no_database_is_set_aside),
		TEST(damaged_page_is_found_at_the_start_and_set_aside),
		TEST(truncated_database_is_set_aside),
		TEST(writes_are_refused_while_the_disk_is_full_and_caught_up_later),
		TEST(what_is_dropped_on_failure_is_not_caught_up),
		TEST(file_in_place_of_the_folder_leaves_an_agent_without_a_database),
		TEST(second_agent_on_one_database_does_not_write),
		TEST(acknowledged_writes_survive_kill_9),
		TEST(read_only_disk_is_read_and_written_when_it_can_be),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
