// SPDX-License-Identifier: Apache-2.0
// Rounds in which a watched thread did not beat are counted one after the other.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/liveness.h"
#include "core/base/util.h"

static void rounds_without_a_beat_add_up_until_the_next_beat(void **state)
{
	struct bmc_live *quick = bmc_live_new("quick"), *slow = bmc_live_new("slow");
	const char *name = NULL;

	(void)state;
	assert_int_equal(bmc_live_round(&name), 0); /* each begins with a beat */
	for (unsigned i = 1; i <= 6; i++) {
		bmc_live_beat(quick);
		assert_int_equal(bmc_live_round(&name), i);
		assert_string_equal(name, "slow");
	}
	bmc_live_beat(slow);
	assert_int_equal(bmc_live_round(&name), 1);
	assert_string_equal(name, "quick");
	bmc_live_beat(quick);
	slow = bmc_live_free(slow);
	assert_int_equal(bmc_live_round(&name), 0);
	quick = bmc_live_free(quick);
	bmc_live_beat(NULL);
	assert_int_equal(bmc_live_round(&name), 0);
}

/* What a plugin is told that feeds a watchdog. */
static void the_daemon_lives_until_it_is_not_said_again(void **state)
{
	(void)state;
	assert_true(bmc_live_is());
	bmc_live_until(bmc_now() + 1000);
	assert_true(bmc_live_is());
	bmc_clock_skip(990);
	assert_true(bmc_live_is());
	bmc_clock_skip(20);
	assert_false(bmc_live_is());
	bmc_live_until(bmc_now() + 1000);
	assert_true(bmc_live_is());
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_without_a_beat_add_up_until_the_next_beat),
		cmocka_unit_test(the_daemon_lives_until_it_is_not_said_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
