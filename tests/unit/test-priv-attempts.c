// SPDX-License-Identifier: Apache-2.0
// The helper's own count of wrong passwords: at, below and above its limit, over time,
// and through the socket, as a daemon that an attacker has taken over would try.
#include <poll.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/attempts.h"
#include "priv/client.h"
#include "priv/helper.h"

#define SECOND INT64_C(1000000000)
#define GOOD   "Quartz-Lamp-41"

static struct priv_attempts table;
static int64_t now;

static int setup(void **state)
{
	(void)state;
	memset(&table, 0, sizeof(table));
	now = 1000 * SECOND;
	return 0;
}

static int admit(const char *user, unsigned under_way)
{
	return priv_attempts_admit(&table, user, under_way, now, NULL);
}

static void fail_often(const char *user, unsigned times)
{
	for (unsigned i = 0; i < times; i++)
		(void)priv_attempts_wrong(&table, user, now);
}

static void up_to_the_limit_nothing_is_held_back(void **state)
{
	(void)state;
	fail_often("anna", PRIV_ATTEMPTS_MAX - 1);
	for (int i = 0; i < 10; i++)
		assert_int_equal(admit("anna", 0), 0);
	assert_true(priv_attempts_wrong(&table, "anna", now));
	assert_int_equal(admit("anna", 0), BMC_EAGAIN);
	assert_int_equal(admit("bert", 0), 0);
}

static void above_the_limit_one_attempt_a_second_is_let_through(void **state)
{
	struct bmc_error err = { 0 };

	(void)state;
	fail_often("anna", PRIV_ATTEMPTS_MAX + 7);
	assert_int_equal(priv_attempts_admit(&table, "anna", 0, now, &err), BMC_EAGAIN);
	assert_non_null(strstr(err.what, "try again in 1001 ms"));
	now += SECOND - 1;
	assert_int_equal(admit("anna", 0), BMC_EAGAIN);
	now += 1;
	assert_int_equal(admit("anna", 0), 0);
	assert_int_equal(admit("anna", 1), BMC_EAGAIN);
	assert_false(priv_attempts_wrong(&table, "anna", now));
	now += SECOND;
	assert_int_equal(admit("anna", 0), 0);
}

static void what_is_under_way_counts(void **state)
{
	(void)state;
	fail_often("anna", PRIV_ATTEMPTS_MAX - 4);
	assert_int_equal(admit("anna", 3), 0);
	assert_int_equal(admit("anna", 4), 0);
	assert_int_equal(admit("anna", 4), BMC_EAGAIN);
	assert_int_equal(admit("anna", 3), 0);
}

static void five_minutes_after_the_first_it_begins_anew(void **state)
{
	(void)state;
	fail_often("anna", PRIV_ATTEMPTS_MAX);
	now += PRIV_ATTEMPTS_WINDOW - 1;
	fail_often("anna", 1);
	assert_int_equal(admit("anna", 0), BMC_EAGAIN);
	now += 1;
	for (int i = 0; i < 10; i++)
		assert_int_equal(admit("anna", 0), 0);
	fail_often("anna", PRIV_ATTEMPTS_MAX - 1);
	assert_int_equal(admit("anna", 0), 0);
}

/* Accounts that are added and removed do not push out what is known of another. */
static void no_number_of_accounts_makes_one_forgotten(void **state)
{
	char user[BMC_ID_MAX];

	(void)state;
	fail_often("anna", PRIV_ATTEMPTS_MAX);
	for (unsigned i = 0; i < 10 * PRIV_ACCOUNTS_MAX; i++) {
		(void)snprintf(user, sizeof(user), "u%u", i);
		fail_often(user, 1);
	}
	assert_int_equal(admit("anna", 0), BMC_EAGAIN);
	assert_int_equal(admit("u1", 0), 0);
	assert_int_equal(admit("another", 0), BMC_EAGAIN);
	now += PRIV_ATTEMPTS_WINDOW;
	fail_often("another", 1);
	assert_int_equal(admit("another", 0), 0);
}

/* ---- through the socket ---- */

struct answers {
	unsigned wrong, later, right;
};

static void send_request(int fd, enum priv_number op, const char *user,
			 const char *secret)
{
	static uint64_t id;
	struct priv_request rq = { .id = ++id, .op = op };

	assert_int_equal(priv_account_args_init(&rq.u.args, user, secret, NULL), 0);
	(void)bmc_copy(rq.u.args.old_secret, sizeof(rq.u.args.old_secret), secret);
	assert_true(send(fd, &rq, PRIV_REQUEST_SIZE(args), 0) > 0);
}

static void take_answer(int fd, struct answers *a)
{
	struct pollfd p = { .fd = fd, .events = POLLIN };
	struct priv_reply rp = { 0 };

	assert_int_equal(poll(&p, 1, 60000), 1);
	assert_true(recv(fd, &rp, sizeof(rp), 0) >= (ssize_t)PRIV_REPLY_EMPTY);
	a->wrong += rp.err.code == BMC_EAUTH;
	a->later += rp.err.code == BMC_EAGAIN;
	a->right += rp.err.code == 0;
}

static struct answers try(int fd, enum priv_number op, const char *user,
			  const char *secret, unsigned times)
{
	struct answers a = { 0 };

	for (unsigned done = 0; done < times;) {
		unsigned n = MIN(times - done, PRIV_QUEUE / 2);
		for (unsigned i = 0; i < n; i++)
			send_request(fd, op, user, secret);
		for (unsigned i = 0; i < n; i++)
			take_answer(fd, &a);
		done += n;
	}
	return a;
}

static void start_with_accounts(struct priv_fixture *fixture)
{
	static const char *const users[] = { "admin", "other" };
	struct priv_request hello = { .op = PRIV_HELLO,
				      .u.hello.version = PRIV_VERSION };
	struct answers a = { 0 };

	priv_fixture_init(fixture);
	fixture->accounts = true;
	priv_fixture_start(fixture);
	assert_true(send(fixture->fd, &hello, PRIV_REQUEST_SIZE(hello), 0) > 0);
	take_answer(fixture->fd, &a);
	for (size_t i = 0; i < ARRAY_SIZE(users); i++) {
		struct priv_request rq = { .id = 1, .op = PRIV_ACCOUNT_ADD };
		(void)priv_account_args_init(&rq.u.args, users[i], GOOD, NULL);
		(void)bmc_copy(rq.u.args.role, sizeof(rq.u.args.role),
			       PRIV_ROLE_ADMINISTRATOR);
		assert_true(send(fixture->fd, &rq, PRIV_REQUEST_SIZE(args), 0) > 0);
		take_answer(fixture->fd, &a);
	}
	assert_int_equal(a.right, 3);
}

static void a_daemon_that_was_taken_over_tries_a_hundred_passwords(void **state)
{
	struct priv_fixture fixture;
	struct answers a;
	unsigned asked = 0;
	int64_t start;

	(void)state;
	start_with_accounts(&fixture);
	a = try(fixture.fd, PRIV_AUTHENTICATE, "nosuchuser", "Wrong-Lamp-41", 8);
	assert_int_equal(a.wrong, 8);
	start = bmc_now();
	a = try(fixture.fd, PRIV_PASSWORD_CHANGE, "admin", "Wrong-Lamp-41", 40);
	asked += a.wrong;
	a = try(fixture.fd, PRIV_AUTHENTICATE, "admin", "Wrong-Lamp-41", 160);
	asked += a.wrong;
	assert_true(a.later > 0);
	assert_in_range(asked, PRIV_ATTEMPTS_MAX,
			PRIV_ATTEMPTS_MAX + (unsigned)(bmc_now() - start) / 1000 + 1);
	a = try(fixture.fd, PRIV_AUTHENTICATE, "other", GOOD, 2);
	assert_int_equal(a.right, 2);
	do
		a = try(fixture.fd, PRIV_AUTHENTICATE, "admin", GOOD, 1);
	while (a.later > 0 && bmc_now() - start < 120000);
	assert_int_equal(a.right, 1);
	priv_fixture_done(&fixture);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(up_to_the_limit_nothing_is_held_back, setup),
		cmocka_unit_test_setup(
			above_the_limit_one_attempt_a_second_is_let_through, setup),
		cmocka_unit_test_setup(what_is_under_way_counts, setup),
		cmocka_unit_test_setup(five_minutes_after_the_first_it_begins_anew,
				       setup),
		cmocka_unit_test_setup(no_number_of_accounts_makes_one_forgotten,
				       setup),
		cmocka_unit_test(
			a_daemon_that_was_taken_over_tries_a_hundred_passwords),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
