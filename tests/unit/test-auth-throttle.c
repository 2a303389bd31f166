// SPDX-License-Identifier: Apache-2.0
// The login throttle without PAM: time is a number here.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "auth/login-queue.h"
#include "auth/throttle.h"
#include "bmc/model.h"
#include "core/base/util.h"

#define ADMIN  "admin"
#define HERE   "192.0.2.1"
#define MINUTE INT64_C(60000)
#define DAY    INT64_C(86400000)

static const struct priv_accounts accounts = {
	.n = 2, .account = { { .user = ADMIN }, { .user = "olga" } }
};

static int setup(void **state)
{
	(void)state;
	bmc_throttle_init();
	bmc_throttle_accounts(&accounts);
	return 0;
}

/* True when PAM was asked. */
static bool attempt(const char *user, const char *client, bool right, int64_t now)
{
	enum bmc_login_class class = bmc_throttle_admit(user, client, right, now);

	if (class == BMC_LOGIN_REFUSED)
		return false;
	(void)bmc_throttle_result(user, client, class, now,
				  right ? BMC_ATTEMPT_RIGHT : BMC_ATTEMPT_WRONG);
	return true;
}

static bool wrong(const char *user, const char *client, int64_t now)
{
	return attempt(user, client, false, now);
}

/* As after a restart: nothing is remembered that the password could be compared with.
 */
static bool right_unseen(const char *user, const char *client, int64_t now)
{
	enum bmc_login_class class = bmc_throttle_admit(user, client, false, now);

	if (class == BMC_LOGIN_REFUSED)
		return false;
	(void)bmc_throttle_result(user, client, class, now, BMC_ATTEMPT_RIGHT);
	return true;
}

static const char *address(char client[48], unsigned network, unsigned host)
{
	(void)snprintf(client, 48, "127.%u.%u.%u", network / 250, network % 250,
		       host + 1);
	return client;
}

/* 10,000 attempts from 250 addresses in 5 minutes, `per_network` of them in each /24;
 * every 7 s an administrator logs in from the known address and from a new one. */
static unsigned attack(unsigned per_network, int64_t start)
{
	unsigned pam = 0, admins = 0;
	char client[48];

	for (unsigned i = 0; i < 10000; i++) {
		unsigned n = i % 250;
		int64_t now = start + 30 * (int64_t)i;
		pam += wrong(ADMIN, address(client, n / per_network, n % per_network),
			     now);
		if (i % 233 != 0)
			continue;
		assert_true(attempt(ADMIN, HERE, true, now));
		(void)snprintf(client, sizeof(client), "10.%u.1.7", admins++);
		assert_true(attempt(ADMIN, client, true, now));
	}
	return pam;
}

static void ten_thousand_attempts_from_250_addresses_reach_pam_20_times(void **state)
{
	static const unsigned per_network[] = { 250, 25, 1 };

	for (size_t i = 0; i < ARRAY_SIZE(per_network); i++) {
		(void)setup(state);
		assert_true(right_unseen(ADMIN, HERE, 500));
		assert_in_range(attack(per_network[i], 1000), BMC_THROTTLE_RESERVED,
				20);
	}
}

static void no_five_minutes_of_a_day_see_more_than_twenty(void **state)
{
	int64_t at[10000];
	char client[48];
	size_t n = 0;

	(void)state;
	for (unsigned i = 0; i < 86400; i++) {
		int64_t now = 1000 * (int64_t)(i + 1);
		if (wrong(ADMIN, address(client, i % 5000, i % 200), now))
			at[n++] = now;
		assert_true(n < ARRAY_SIZE(at));
	}
	for (size_t i = 16; i < n; i++)
		assert_true(at[i] - at[i - 16] > 5 * MINUTE);
	assert_in_range(n, 1000, 2200);
}

static void one_address_reaches_pam_20_times_in_five_minutes(void **state)
{
	unsigned one = 0, many = 0, known = 0;
	char user[BMC_ID_MAX];

	(void)state;
	assert_true(right_unseen(ADMIN, HERE, 500));
	for (int64_t now = 1000; now < 301000; now += 30) {
		known += wrong(ADMIN, HERE, now);
		one += wrong("olga", "198.51.100.9", now);
		(void)snprintf(user, sizeof(user), "user%u", (unsigned)now);
		many += wrong(user, "203.0.113.10", now);
	}
	assert_in_range(one, BMC_THROTTLE_RESERVED, 20);
	assert_in_range(many, BMC_THROTTLE_CLIENT_FREE, 20);
	assert_in_range(known, BMC_THROTTLE_FREE, 20);
}

static void attempts_at_the_same_moment_are_counted_before_their_answers(void **state)
{
	unsigned one = 0, many = 0, known = 0;
	char client[48];

	(void)state;
	assert_true(right_unseen("olga", HERE, 500));
	for (unsigned i = 0; i < 100; i++) {
		known += bmc_throttle_admit("olga", HERE, false, 1000) !=
			 BMC_LOGIN_REFUSED;
		one += bmc_throttle_admit("olga", "198.51.100.9", false, 1000) !=
		       BMC_LOGIN_REFUSED;
		many += bmc_throttle_admit(ADMIN, address(client, i, 1), false, 1000) !=
			BMC_LOGIN_REFUSED;
	}
	assert_int_equal(one, BMC_THROTTLE_BUCKET - BMC_THROTTLE_RESERVED);
	assert_int_equal(many, BMC_THROTTLE_BUCKET);
	assert_int_equal(known, BMC_THROTTLE_FREE);
}

static void made_up_names_do_not_push_out_what_is_known_of_accounts(void **state)
{
	char client[48], user[BMC_ID_MAX];
	unsigned reached = 0;

	(void)state;
	assert_true(right_unseen(ADMIN, HERE, 500));
	for (unsigned i = 0; i < 30; i++)
		reached += wrong(ADMIN, address(client, i, 1), 1000);
	assert_int_equal(reached, BMC_THROTTLE_BUCKET);
	for (unsigned i = 0; i < 6000; i++) {
		(void)snprintf(user, sizeof(user), "made-up%u", i);
		(void)wrong(user, address(client, 1000 + i, 1), 1000 + i / 10);
	}
	for (unsigned i = 0; i < 570; i++)
		reached += wrong(ADMIN, address(client, i % 152, 3), 2000 + i);
	assert_int_equal(reached, BMC_THROTTLE_BUCKET);
	assert_true(right_unseen(ADMIN, HERE, 3000));
	assert_int_equal(bmc_throttle_admit(ADMIN, HERE, false, 3000), BMC_LOGIN_KNOWN);
}

static void a_refused_request_makes_no_entry(void **state)
{
	char client[48];

	(void)state;
	/* this client's entry is the oldest and would be the first to go */
	for (unsigned i = 0; i < BMC_THROTTLE_CLIENT_FREE; i++)
		(void)wrong("no-such", "198.51.100.9", 1000 + i);
	for (unsigned i = 0; i < BMC_THROTTLE_BUCKET; i++)
		(void)wrong("empty", address(client, i, 1), 2000);
	for (unsigned i = 0; i < BMC_THROTTLE_COMPARE_ALL; i++)
		(void)wrong("empty", address(client, 100, i % 200), 2000);
	assert_int_equal(bmc_throttle_admit("olga", "198.51.100.9", false, 2000),
			 BMC_LOGIN_SUSPECT);
}

/* An address is clean once: then its failures count, for all names. */
static void the_reserved_part_is_for_clean_clients(void **state)
{
	unsigned n = 0;

	(void)state;
	while (n < 20 && wrong(ADMIN, "198.51.100.9", 1000))
		n++;
	assert_int_equal(n, BMC_THROTTLE_BUCKET - BMC_THROTTLE_RESERVED);
	assert_int_equal(bmc_throttle_admit(ADMIN, "203.0.113.5", false, 1000),
			 BMC_LOGIN_CLEAN);
	assert_int_equal(bmc_throttle_admit(ADMIN, "198.51.100.9", false, 1000),
			 BMC_LOGIN_REFUSED);
	/* a day later it is clean again */
	assert_int_equal(
		bmc_throttle_admit("olga", "198.51.100.9", false, 1000 + DAY - 1),
		BMC_LOGIN_SUSPECT);
	(void)setup(state);
	(void)wrong(ADMIN, "198.51.100.9", 1000);
	assert_int_equal(bmc_throttle_admit("olga", "198.51.100.9", false, 1000 + DAY),
			 BMC_LOGIN_CLEAN);
}

static void a_network_with_three_failed_clients_is_not_clean(void **state)
{
	(void)state;
	(void)wrong("olga", "198.51.100.1", 1000);
	(void)wrong("olga", "198.51.100.2", 1000);
	assert_int_equal(bmc_throttle_admit(ADMIN, "198.51.100.9", false, 1000),
			 BMC_LOGIN_CLEAN);
	assert_int_equal(bmc_throttle_admit(ADMIN, "198.51.100.10", false, 1000),
			 BMC_LOGIN_SUSPECT);
	assert_int_equal(bmc_throttle_admit(ADMIN, "198.51.101.10", false, 1000),
			 BMC_LOGIN_CLEAN);
}

/* One of its attempts ends without an answer; the other may still turn out wrong. */
static void a_client_is_not_clean_while_an_attempt_is_under_way(void **state)
{
	enum bmc_login_class one, two;

	(void)state;
	one = bmc_throttle_admit(ADMIN, "198.51.100.9", false, 1000);
	assert_int_equal(one, BMC_LOGIN_CLEAN);
	two = bmc_throttle_admit(ADMIN, "198.51.100.9", false, 1000);
	assert_int_equal(two, BMC_LOGIN_SUSPECT);
	(void)bmc_throttle_result(ADMIN, "198.51.100.9", two, 1000,
				  BMC_ATTEMPT_NOT_ASKED);
	two = bmc_throttle_admit(ADMIN, "198.51.100.9", false, 1000);
	assert_int_equal(two, BMC_LOGIN_SUSPECT);
	(void)bmc_throttle_result(ADMIN, "198.51.100.9", two, 1000,
				  BMC_ATTEMPT_NOT_ASKED);
	(void)bmc_throttle_result(ADMIN, "198.51.100.9", one, 1000,
				  BMC_ATTEMPT_NOT_ASKED);
	assert_int_equal(bmc_throttle_admit(ADMIN, "198.51.100.9", false, 1000),
			 BMC_LOGIN_CLEAN);
}

static void a_client_has_three_comparisons_and_an_account_1024(void **state)
{
	char client[48];
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < BMC_THROTTLE_BUCKET; i++)
		(void)wrong(ADMIN, address(client, i, 1), 1000);
	for (unsigned i = 1; i < BMC_THROTTLE_COMPARE; i++)
		assert_false(wrong(ADMIN, "10.0.0.1", 1000));
	assert_int_equal(bmc_throttle_admit(ADMIN, "10.0.0.1", true, 1000),
			 BMC_LOGIN_MATCH);
	assert_int_equal(bmc_throttle_admit(ADMIN, "10.0.0.1", true, 1000),
			 BMC_LOGIN_REFUSED);
	/* as many addresses as there are comparisons left, then none */
	while (n < 2000 && !wrong(ADMIN, address(client, 100 + n, 1), 1000) &&
	       bmc_throttle_right(ADMIN, "10.0.0.2", 1000) &&
	       bmc_throttle_admit(ADMIN, "10.0.0.3", true, 1000) == BMC_LOGIN_MATCH) {
		(void)bmc_throttle_result(ADMIN, "10.0.0.3", BMC_LOGIN_MATCH, 1000,
					  BMC_ATTEMPT_NOT_ASKED);
		n++;
	}
	assert_int_equal(n, BMC_THROTTLE_COMPARE_ALL - BMC_THROTTLE_COMPARE - 1);
}

static void being_right_gives_the_attempt_back(void **state)
{
	char client[48];

	(void)state;
	for (unsigned i = 0; i < 40; i++)
		assert_true(right_unseen(ADMIN, address(client, i, 1), 1000));
	assert_true(right_unseen(ADMIN, HERE, 1000));
	for (unsigned i = 0; i < 40; i++) {
		for (unsigned n = 1; n < BMC_THROTTLE_FREE; n++)
			(void)wrong(ADMIN, HERE, 1000);
		assert_true(right_unseen(ADMIN, HERE, 1000));
	}
}

static void being_right_does_not_clean_a_client_that_was_wrong(void **state)
{
	(void)state;
	(void)wrong("olga", "198.51.100.9", 1000);
	assert_true(right_unseen("olga", "198.51.100.9", 1000));
	assert_int_equal(bmc_throttle_admit(ADMIN, "198.51.100.9", false, 1000),
			 BMC_LOGIN_SUSPECT);
	assert_true(right_unseen("olga", "203.0.113.1", 1000));
	assert_int_equal(bmc_throttle_admit(ADMIN, "203.0.113.1", false, 1000),
			 BMC_LOGIN_CLEAN);
}

static void a_known_client_waits_for_its_own_failures_only(void **state)
{
	char client[48];

	(void)state;
	assert_true(right_unseen(ADMIN, HERE, 500));
	for (unsigned i = 0; i < 100; i++) {
		(void)wrong("made-up", HERE, 1000 + i);
		(void)wrong(ADMIN, address(client, i, 1), 1000 + i);
	}
	for (unsigned i = 0; i < BMC_THROTTLE_FREE; i++)
		assert_true(wrong(ADMIN, HERE, 2000));
	assert_false(wrong(ADMIN, HERE, 2000));
	assert_false(wrong(ADMIN, HERE, 2000 + BMC_THROTTLE_FIRST_MS - 1));
	assert_true(wrong(ADMIN, HERE, 2000 + BMC_THROTTLE_FIRST_MS));
	assert_false(wrong(ADMIN, HERE, 2000 + 3 * BMC_THROTTLE_FIRST_MS - 1));
	assert_true(right_unseen(ADMIN, HERE, 2000 + 3 * BMC_THROTTLE_FIRST_MS));
	assert_true(wrong(ADMIN, HERE, 2000 + 3 * BMC_THROTTLE_FIRST_MS));
}

static enum bmc_login_class class_of(const char *user, const char *client, int64_t now)
{
	enum bmc_login_class class = bmc_throttle_admit(user, client, false, now);

	if (class != BMC_LOGIN_REFUSED)
		(void)bmc_throttle_result(user, client, class, now,
					  BMC_ATTEMPT_NOT_ASKED);
	return class;
}

/* Neither the client's standing elsewhere, nor its network's, nor the account's bucket
 * pays for them. */
static void failures_of_a_known_client_count_for_itself_only(void **state)
{
	static const char *const known[] = { HERE, "192.0.2.2", "192.0.2.3" };
	char client[48];
	unsigned n = 0;

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		assert_true(right_unseen(ADMIN, known[i], 1000));
	for (size_t i = 0; i < ARRAY_SIZE(known); i++) {
		for (unsigned k = 0; k < BMC_THROTTLE_FREE; k++)
			assert_true(wrong(ADMIN, known[i], 1000));
		for (unsigned k = 0; k < 4; k++) /* it waits */
			assert_false(wrong(ADMIN, known[i], 1000));
	}
	for (size_t i = 0; i < ARRAY_SIZE(known); i++)
		assert_int_equal(class_of("olga", known[i], 1000), BMC_LOGIN_CLEAN);
	assert_int_equal(class_of("olga", "192.0.2.4", 1000), BMC_LOGIN_CLEAN);
	for (unsigned i = 0; i < 20; i++)
		n += wrong(ADMIN, address(client, 100 + i, 1), 1000);
	assert_int_equal(n, BMC_THROTTLE_BUCKET);
}

static void threshold_and_longest_wait_are_settings(void **state)
{
	int64_t now = 1000, waited = 0;

	(void)state;
	bmc_throttle_configure(2, 60000);
	assert_true(right_unseen(ADMIN, HERE, now));
	assert_true(wrong(ADMIN, HERE, now));
	assert_true(wrong(ADMIN, HERE, now));
	assert_false(wrong(ADMIN, HERE, now));
	for (int i = 0; i < 12; i++) {
		for (waited = 0; !wrong(ADMIN, HERE, now); now += 500)
			waited += 500;
		assert_in_range(waited, i ? 500 : 1000, 60000);
	}
	assert_int_equal(waited, 60000);
	bmc_throttle_configure(BMC_THROTTLE_FREE, BMC_THROTTLE_LONGEST_MS);
}

static void the_last_eight_clients_are_known(void **state)
{
	char client[48];

	(void)state;
	for (unsigned i = 0; i < BMC_THROTTLE_KNOWN; i++)
		assert_true(right_unseen(ADMIN, address(client, i, 1), 1000 + i));
	assert_true(right_unseen(ADMIN, address(client, 0, 1), 2000)); /* renewed */
	assert_true(right_unseen(ADMIN, HERE, 3000));
	assert_int_equal(bmc_throttle_admit(ADMIN, address(client, 0, 1), false, 4000),
			 BMC_LOGIN_KNOWN);
	assert_int_equal(bmc_throttle_admit(ADMIN, address(client, 1, 1), false, 4000),
			 BMC_LOGIN_CLEAN);
	assert_int_equal(bmc_throttle_admit("olga", HERE, false, 4000),
			 BMC_LOGIN_CLEAN);
}

static void names_that_are_no_account_are_treated_alike(void **state)
{
	char one[48], other[48];

	(void)state;
	for (unsigned i = 0; i < 4000; i++) {
		int64_t now = 1000 + 100 * (int64_t)i;
		(void)address(one, i % 40, i % 7);
		(void)address(other, 250 + i % 40, i % 7);
		assert_int_equal(wrong(ADMIN, one, now), wrong("no-such", other, now));
	}
}

static void an_ipv6_network_is_one_client(void **state)
{
	char client[48];
	unsigned n = 0;

	(void)state;
	for (unsigned i = 0; i < 50; i++) {
		(void)snprintf(client, sizeof(client), "2001:db8:1:2::%x", i + 1);
		n += wrong(ADMIN, client, 1000);
	}
	assert_int_equal(n, BMC_THROTTLE_BUCKET - BMC_THROTTLE_RESERVED);
	assert_int_equal(bmc_throttle_admit(ADMIN, "2001:db8:1:3::1", false, 1001),
			 BMC_LOGIN_CLEAN);
}

static void an_account_that_goes_takes_its_entries_along(void **state)
{
	struct priv_accounts one = accounts;

	(void)state;
	assert_true(right_unseen("olga", HERE, 500));
	one.n = 1;
	bmc_throttle_accounts(&one);
	bmc_throttle_accounts(&accounts);
	assert_int_equal(bmc_throttle_admit("olga", HERE, false, 1000),
			 BMC_LOGIN_CLEAN);
}

static void an_unlocked_account_may_be_tried_again(void **state)
{
	(void)state;
	assert_true(right_unseen(ADMIN, HERE, 500));
	for (unsigned i = 0; i < 20; i++) {
		(void)wrong(ADMIN, HERE, 1000);
		(void)wrong(ADMIN, "198.51.100.9", 1000);
	}
	assert_false(wrong(ADMIN, HERE, 1001));
	assert_false(wrong(ADMIN, "198.51.100.9", 1001));
	bmc_throttle_drop(ADMIN);
	assert_true(wrong(ADMIN, HERE, 1001));
	assert_true(wrong(ADMIN, "198.51.100.9", 1001));
}

/* ---- the queue ---- */

static unsigned fill(struct bmc_login_queue *q, struct bmc_login_place *p,
		     enum bmc_login_class class, unsigned clients)
{
	unsigned n = 0;

	for (unsigned i = 0; i < 100; i++) {
		p[n] = (struct bmc_login_place){ .class = class };
		p[n].client.s6_addr[0] = (uint8_t)(i % clients);
		n += bmc_login_queue_add(q, &p[n]) == 0;
	}
	return n;
}

static void suspect_clients_leave_places_and_threads_to_others(void **state)
{
	static struct bmc_login_place p[4][100];
	struct bmc_login_queue q;
	struct bmc_login_place *is;

	(void)state;
	bmc_login_queue_init(&q);
	assert_int_equal(fill(&q, p[3], BMC_LOGIN_SUSPECT, 1), 4);
	assert_int_equal(fill(&q, p[3] + 4, BMC_LOGIN_SUSPECT, 50), 12);
	assert_int_equal(fill(&q, p[2], BMC_LOGIN_CLEAN, 50), 16);
	assert_int_equal(fill(&q, p[0], BMC_LOGIN_KNOWN, 50), 32);
	for (unsigned i = 0; i < 32; i++) {
		is = bmc_login_queue_next(&q, false);
		assert_int_equal(is->class, BMC_LOGIN_KNOWN);
		bmc_login_queue_ended(&q, is);
	}
	for (unsigned i = 0; i < 3; i++)
		assert_int_equal(bmc_login_queue_next(&q, false)->class,
				 BMC_LOGIN_CLEAN);
	assert_null(bmc_login_queue_next(&q, false));
	assert_int_equal(fill(&q, p[1], BMC_LOGIN_MATCH, 1), 12);
	assert_int_equal(bmc_login_queue_next(&q, false)->class, BMC_LOGIN_MATCH);
	assert_non_null(bmc_login_queue_next(&q, true));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(ten_thousand_attempts_from_250_addresses_reach_pam_20_times),
		T(no_five_minutes_of_a_day_see_more_than_twenty),
		T(one_address_reaches_pam_20_times_in_five_minutes),
		T(attempts_at_the_same_moment_are_counted_before_their_answers),
		T(made_up_names_do_not_push_out_what_is_known_of_accounts),
		T(a_refused_request_makes_no_entry),
		T(the_reserved_part_is_for_clean_clients),
		T(a_network_with_three_failed_clients_is_not_clean),
		T(a_client_is_not_clean_while_an_attempt_is_under_way),
		T(a_client_has_three_comparisons_and_an_account_1024),
		T(being_right_gives_the_attempt_back),
		T(being_right_does_not_clean_a_client_that_was_wrong),
		T(a_known_client_waits_for_its_own_failures_only),
		T(failures_of_a_known_client_count_for_itself_only),
		T(threshold_and_longest_wait_are_settings),
		T(the_last_eight_clients_are_known),
		T(names_that_are_no_account_are_treated_alike),
		T(an_ipv6_network_is_one_client),
		T(an_account_that_goes_takes_its_entries_along),
		T(an_unlocked_account_may_be_tried_again),
		T(suspect_clients_leave_places_and_threads_to_others),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
