// SPDX-License-Identifier: Apache-2.0
/* The engine id and its count of starts, which no crash may repeat. */
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "snmp/identity.h"

static char dir[] = "/tmp/snmp-identity-XXXXXX";
static const struct sn_identity_seed seed = { .enterprise = 32473,
					      .unique = "R2-0001" };

static int make(void **state)
{
	(void)state;
	return mkdtemp(dir) ? 0 : -1;
}

static int clean(void **state)
{
	char command[64];

	(void)state;
	snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command);
}

static void first_start_counts_one_and_names_the_chassis(void **state)
{
	struct sn_identity id;

	(void)state;
	assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
	assert_int_equal(id.boots, 1);
	assert_int_equal(id.len, 12);
	assert_memory_equal(id.id, "\x80\x00\x7e\xd9\x04R2-0001", 12);
}

static void a_killed_process_never_repeats_a_count(void **state)
{
	struct sn_identity id;

	(void)state;
	for (unsigned i = 2; i < 5; i++) {
		pid_t child = fork();
		if (child == 0) {
			sn_identity_load(dir, &seed, &id, NULL);
			kill(getpid(), SIGKILL);
		}
		waitpid(child, NULL, 0);
	}
	assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
	assert_int_equal(id.boots, 5);
}

static void another_serial_number_later_keeps_the_id(void **state)
{
	struct sn_identity_seed other = { .enterprise = 32473, .unique = "other" };
	struct sn_identity id;

	(void)state;
	assert_int_equal(sn_identity_load(dir, &other, &id, NULL), 0);
	assert_int_equal(id.boots, 6);
	assert_memory_equal(id.id + 5, "R2-0001", 7);
}

static void a_half_written_file_is_not_seen(void **state)
{
	char path[64];
	struct sn_identity id;

	(void)state;
	snprintf(path, sizeof(path), "%s/engine.new", dir);
	FILE *f = fopen(path, "w");
	fputs("id 80", f);
	fclose(f);
	assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
	assert_int_equal(id.boots, 7);
}

/* The other end is never opened. */
static void a_pipe_in_place_of_a_file_is_not_waited_for(void **state)
{
	char path[64];
	struct sn_identity id;

	(void)state;
	snprintf(path, sizeof(path), "%s/engine.new", dir);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
	assert_int_equal(id.boots, 8);
	snprintf(path, sizeof(path), "%s/engine", dir);
	unlink(path);
	assert_int_equal(mkfifo(path, 0600), 0);
	assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
	assert_int_equal(id.boots, 1);
}

static void a_configured_id_starts_its_own_count(void **state)
{
	struct sn_identity_seed configured = { .configured = "0x8000000001020304" };
	struct sn_identity id;

	(void)state;
	assert_int_equal(sn_identity_load(dir, &configured, &id, NULL), 0);
	assert_int_equal(id.boots, 1);
	assert_int_equal(id.len, 8);
	configured.configured = "80zz";
	assert_int_equal(sn_identity_load(dir, &configured, &id, NULL), BMC_EINVAL);
}

static void without_a_folder_there_is_still_an_identity(void **state)
{
	struct sn_identity id;
	struct bmc_error err;

	(void)state;
	assert_int_equal(sn_identity_load("/nonexistent", &seed, &id, &err), BMC_EIO);
	assert_int_equal(id.boots, 1);
	assert_int_equal(id.len, 12);
}

/* A process that counts starts without end, until it is killed; what it counted last is
 * in `ret_last`, which it shares. */
static void count_until_killed(_Atomic unsigned *last, unsigned after_us)
{
	struct sn_identity id;
	pid_t child = fork();

	if (child == 0) {
		while (sn_identity_load(dir, &seed, &id, NULL) == 0)
			*last = id.boots;
		_exit(1);
	}
	usleep(after_us);
	kill(child, SIGKILL);
	waitpid(child, NULL, 0);
}

/* Killed wherever it is: while it reads, writes, renames, or waits for the disk. What
 * was given out is never given out again, and the id stays. */
static void two_hundred_kills_repeat_no_count(void **state)
{
	_Atomic unsigned *last = mmap(NULL, sizeof(*last), PROT_READ | PROT_WRITE,
				      MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	struct sn_identity id, first;

	(void)state;
	assert_ptr_not_equal(last, MAP_FAILED);
	assert_int_equal(sn_identity_load(dir, &seed, &first, NULL), 0);
	*last = first.boots;
	for (unsigned i = 0; i < 200; i++) {
		count_until_killed(last, 100 + i * 37 % 4000);
		assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
		assert_true(id.boots > *last);
		assert_int_equal(id.len, first.len);
		assert_memory_equal(id.id, first.id, first.len);
		*last = id.boots;
	}
	munmap(last, sizeof(*last));
}

static void keep(const char *text)
{
	char path[64];

	snprintf(path, sizeof(path), "%s/engine", dir);
	unlink(path);
	FILE *f = fopen(path, "w");
	assert_non_null(f);
	fputs(text, f);
	fclose(f);
}

/* RFC 3414, 2.2.2: the count stays at its greatest value, at which every message is
 * outside the time window. */
static void the_last_count_stays(void **state)
{
	struct sn_identity id;

	(void)state;
	keep("id 80007ed904\nboots 2147483645\n");
	assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
	assert_int_equal(id.boots, 2147483646);
	for (int i = 0; i < 2; i++) {
		assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
		assert_int_equal(id.boots, 2147483647);
	}
}

/* The id of a damaged file is recreated in the same way; the count must not wrap. */
static void a_count_beyond_the_last_is_the_last(void **state)
{
	struct sn_identity id;

	(void)state;
	keep("id 80007ed904\nboots 4294967295\n");
	assert_int_equal(sn_identity_load(dir, &seed, &id, NULL), 0);
	assert_int_equal(id.boots, 2147483647);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(first_start_counts_one_and_names_the_chassis),
		cmocka_unit_test(a_killed_process_never_repeats_a_count),
		cmocka_unit_test(another_serial_number_later_keeps_the_id),
		cmocka_unit_test(a_half_written_file_is_not_seen),
		cmocka_unit_test(a_pipe_in_place_of_a_file_is_not_waited_for),
		cmocka_unit_test(two_hundred_kills_repeat_no_count),
		cmocka_unit_test(the_last_count_stays),
		cmocka_unit_test(a_count_beyond_the_last_is_the_last),
		cmocka_unit_test(a_configured_id_starts_its_own_count),
		cmocka_unit_test(without_a_folder_there_is_still_an_identity),
	};

	return cmocka_run_group_tests(tests, make, clean);
}
