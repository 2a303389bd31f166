// SPDX-License-Identifier: Apache-2.0
// Rounds in which a watched thread did not beat are counted one after the other.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/liveness.h"

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

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(rounds_without_a_beat_add_up_until_the_next_beat),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
