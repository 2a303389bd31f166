// SPDX-License-Identifier: Apache-2.0
/* The numbers of physical entities over restarts, with the real state database. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/ports/store.h"
#include "snmp/entity-index.h"
#include "state/state.h"

static char dir[64];

static void begin(void)
{
	assert_int_equal(bmc_loop_init(), 0);
	assert_int_equal(bmc_state_init(dir, NULL), 0);
	assert_int_equal(sn_entity_indexes_load(), 0);
}

static void end(void)
{
	bmc_state_done();
	sn_entity_indexes_done();
	bmc_loop_done();
}

static int make_dir(void **state)
{
	(void)state;
	bmc_log_init(LOG_EMERG);
	bmc_copy(dir, sizeof(dir), "/tmp/test-entity.XXXXXX");
	return mkdtemp(dir) ? 0 : -1;
}

static int remove_dir(void **state)
{
	char command[128];

	(void)state;
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", dir);
	return system(command);
}

/* Stores what has been assigned and waits until it may be shown. */
static void store(uint32_t up_to)
{
	sn_entity_indexes_store();
	for (int i = 0; i < 1000 && sn_entity_indexes_stored() < up_to; i++)
		bmc_loop_step(10);
	assert_int_equal(sn_entity_indexes_stored(), up_to);
}

static void numbers_rise_and_stay(void **state)
{
	(void)state;
	begin();
	assert_int_equal(sn_entity_index_find(BMC_BOARD, "sub1-01", "slot"), 0);
	assert_int_equal(sn_entity_index_assign(BMC_BOARD, "sub1-01", "slot"), 1);
	assert_int_equal(sn_entity_index_assign(BMC_BOARD, "sub1-01", "self"), 2);
	assert_int_equal(sn_entity_index_assign(BMC_FAN, "sub1-01", "self"), 3);
	assert_int_equal(sn_entity_index_assign(BMC_BOARD, "sub1-01", "slot"), 1);
	assert_int_equal(sn_entity_indexes_stored(), 0);
	store(3);
	end();
	begin();
	assert_int_equal(sn_entity_indexes_stored(), 3);
	/* something else comes first this time */
	assert_int_equal(sn_entity_index_assign(BMC_PSU, "psu1", "self"), 4);
	assert_int_equal(sn_entity_index_assign(BMC_FAN, "sub1-01", "self"), 3);
	assert_int_equal(sn_entity_index_find(BMC_BOARD, "sub1-01", "self"), 2);
	assert_int_equal(sn_entity_index_find(BMC_BOARD, "sub1-0", "self"), 0);
	store(4);
	end();
}

/* What was shown is known after the daemon was killed at any time. */
static void what_was_shown_outlives_a_kill(void **state)
{
	uint32_t shown, again;
	int pipe_fd[2];

	(void)state;
	assert_int_equal(pipe(pipe_fd), 0);
	pid_t pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		begin();
		(void)sn_entity_index_assign(BMC_DISK, "disk9", "self");
		store(5);
		shown = sn_entity_indexes_stored();
		(void)sn_entity_index_assign(BMC_DISK, "lost", "self");
		(void)!write(pipe_fd[1], &shown, sizeof(shown));
		raise(SIGKILL);
	}
	close(pipe_fd[1]); /* else a child that fails is waited for */
	assert_int_equal(read(pipe_fd[0], &shown, sizeof(shown)), sizeof(shown));
	(void)waitpid(pid, NULL, 0);
	assert_int_equal(shown, 5);
	begin();
	again = sn_entity_index_assign(BMC_DISK, "other", "self");
	assert_int_equal(sn_entity_index_find(BMC_DISK, "disk9", "self"), 5);
	assert_true(again > shown);
	store(again);
	end();
	close(pipe_fd[0]);
}

static void numbers_end_at_the_bound(void **state)
{
	char id[BMC_ID_MAX];
	uint32_t last = 0;

	(void)state;
	begin();
	for (uint32_t i = 0; i <= SN_ENTITY_INDEXES; i++) {
		(void)snprintf(id, sizeof(id), "sensor-%u", i);
		uint32_t index = sn_entity_index_assign(BMC_SENSOR, id, "self");
		if (!index)
			break;
		assert_true(index > last);
		last = index;
		if (i % 4096 == 0)
			store(index);
	}
	assert_int_equal(last, SN_ENTITY_INDEXES);
	assert_int_equal(sn_entity_index_assign(BMC_SENSOR, "one-more", "self"), 0);
	assert_int_equal(sn_entity_index_find(BMC_DISK, "disk9", "self"), 5);
	store(last);
	end();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(numbers_rise_and_stay),
		cmocka_unit_test(what_was_shown_outlives_a_kill),
		cmocka_unit_test(numbers_end_at_the_bound),
	};

	return cmocka_run_group_tests(tests, make_dir, remove_dir);
}
