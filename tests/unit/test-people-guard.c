// SPDX-License-Identifier: Apache-2.0
// The limits for those who guess passwords, without PAM: time is a number here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>

#include <cmocka.h>

#include "bmc/model.h"
#include "people/guard.h"

#define ADMIN "admin"
#define HERE  "192.0.2.1"

static bool guess(const char *user, const char *client, int64_t now)
{
	if (!bmc_guard_admit(user, client, now))
		return false;
	(void)bmc_guard_result(user, client, now, BMC_GUESS_WRONG);
	return true;
}

static void ten_thousand_guesses_reach_pam_twenty_times_in_five_minutes(void **state)
{
	unsigned one = 0, many = 0;
	char user[BMC_ID_MAX];

	(void)state;
	bmc_guard_init();
	for (int64_t now = 1000; now < 301000; now += 30) {
		one += guess(ADMIN, "198.51.100.9", now);
		(void)snprintf(user, sizeof(user), "user%u", (unsigned)now);
		many += guess(user, "198.51.100.10", now);
	}
	assert_in_range(one, BMC_GUARD_FREE, 20);
	assert_in_range(many, BMC_GUARD_CLIENT_FREE, 20);
}

static void guesses_at_the_same_moment_are_counted_before_their_answers(void **state)
{
	unsigned admitted = 0;

	(void)state;
	bmc_guard_init();
	for (int i = 0; i < 100; i++)
		admitted += bmc_guard_admit(ADMIN, "198.51.100.9", 1000);
	assert_int_equal(admitted, BMC_GUARD_FREE);
}

static void being_right_clears_what_was_wrong_before(void **state)
{
	(void)state;
	bmc_guard_init();
	for (unsigned i = 0; i < 40; i++) {
		for (unsigned n = 1; n < BMC_GUARD_FREE; n++)
			(void)guess(ADMIN, HERE, 1000);
		assert_true(bmc_guard_admit(ADMIN, HERE, 1000));
		(void)bmc_guard_result(ADMIN, HERE, 1000, BMC_GUESS_RIGHT);
	}
}

static void many_guessing_clients_do_not_lock_the_owner_out(void **state)
{
	char client[48];
	unsigned reached = 0;

	(void)state;
	bmc_guard_init();
	(void)bmc_guard_admit(ADMIN, HERE, 500);
	(void)bmc_guard_result(ADMIN, HERE, 500, BMC_GUESS_RIGHT);
	for (unsigned i = 0; i < 400; i++) {
		(void)snprintf(client, sizeof(client), "2001:db8:0:%x::1", i);
		reached += guess(ADMIN, client, 1000 + i);
	}
	assert_true(reached <= BMC_GUARD_USER_FREE + 2);
	assert_true(bmc_guard_admit(ADMIN, HERE, 2000));
}

static void a_neighbour_behind_the_same_address_does_not_lock_the_owner_out(
	void **state)
{
	(void)state;
	bmc_guard_init();
	(void)bmc_guard_admit(ADMIN, HERE, 500);
	(void)bmc_guard_result(ADMIN, HERE, 500, BMC_GUESS_RIGHT);
	for (unsigned i = 0; i < 100; i++)
		(void)guess("nobody", HERE, 1000 + i);
	assert_true(bmc_guard_admit(ADMIN, HERE, 2000));
}

static void an_ipv6_network_is_one_client(void **state)
{
	char client[48];

	(void)state;
	bmc_guard_init();
	for (unsigned i = 0; i < BMC_GUARD_FREE; i++) {
		(void)snprintf(client, sizeof(client), "2001:db8:1:2::%x", i + 1);
		(void)guess(ADMIN, client, 1000);
	}
	assert_false(bmc_guard_admit(ADMIN, "2001:db8:1:2:ffff::1", 1001));
	assert_true(bmc_guard_admit(ADMIN, "2001:db8:1:3::1", 1001));
}

static void an_unlocked_account_may_be_tried_again(void **state)
{
	(void)state;
	bmc_guard_init();
	for (unsigned i = 0; i < BMC_GUARD_FREE; i++)
		(void)guess(ADMIN, HERE, 1000);
	assert_false(bmc_guard_admit(ADMIN, HERE, 1001));
	bmc_guard_forget(ADMIN);
	assert_true(bmc_guard_admit(ADMIN, HERE, 1001));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(
			ten_thousand_guesses_reach_pam_twenty_times_in_five_minutes),
		cmocka_unit_test(
			guesses_at_the_same_moment_are_counted_before_their_answers),
		cmocka_unit_test(being_right_clears_what_was_wrong_before),
		cmocka_unit_test(many_guessing_clients_do_not_lock_the_owner_out),
		cmocka_unit_test(
			a_neighbour_behind_the_same_address_does_not_lock_the_owner_out),
		cmocka_unit_test(an_ipv6_network_is_one_client),
		cmocka_unit_test(an_unlocked_account_may_be_tried_again),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
