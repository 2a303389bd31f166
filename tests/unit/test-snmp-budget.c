// SPDX-License-Identifier: Apache-2.0
// Budgets of source addresses: refilling, bounds, and that no flood gives one back.
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "snmp/budget.h"

#define RATE  1000
#define BURST 5000
#define SEED  UINT64_C(0x1234567890abcdef)

static struct sn_budget *b;

static int set_up(void **state)
{
	(void)state;
	b = calloc(1, sizeof(*b));
	sn_budget_init(b, RATE, BURST, SEED);
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	free(b);
	return 0;
}

static struct sn_source v4(uint32_t n)
{
	return (struct sn_source){ .net = n };
}

static struct sn_source of(const char *text)
{
	struct sockaddr_in a4 = { .sin_family = AF_INET };
	struct sockaddr_in6 a6 = { .sin6_family = AF_INET6 };
	struct sn_source s;

	if (strchr(text, ':'))
		assert_int_equal(inet_pton(AF_INET6, text, &a6.sin6_addr), 1);
	else
		assert_int_equal(inet_pton(AF_INET, text, &a4.sin_addr), 1);
	assert_true(sn_source_of(strchr(text, ':') ? (const struct sockaddr *)&a6
						   : (const struct sockaddr *)&a4,
				 &s));
	return s;
}

static bool alike(const char *x, const char *y)
{
	struct sn_source a = of(x), c = of(y);

	return a.net == c.net && a.v6 == c.v6;
}

static void a_source_is_an_ipv4_address_or_an_ipv6_64(void **state)
{
	struct sockaddr other = { .sa_family = AF_UNIX };
	struct sn_source s;

	(void)state;
	assert_true(alike("192.0.2.1", "::ffff:192.0.2.1"));
	assert_true(alike("2001:db8:1:2::1", "2001:db8:1:2:ffff::2"));
	assert_false(alike("192.0.2.1", "::c000:201:0:0:0:0"));
	assert_false(sn_source_of(&other, &s));
}

static void budget_is_used_to_the_byte_and_refills_with_time(void **state)
{
	struct sn_source s = v4(1);

	(void)state;
	assert_int_equal(sn_budget_left(b, &s, 0), BURST);
	assert_false(sn_budget_spend(b, &s, BURST + 1, 0));
	assert_true(sn_budget_spend(b, &s, BURST - 1, 0));
	assert_true(sn_budget_spend(b, &s, 1, 0));
	assert_false(sn_budget_spend(b, &s, 1, 0));
	assert_true(sn_budget_spend(b, &s, 1, 1)); /* a byte each millisecond */
	assert_false(sn_budget_spend(b, &s, 1, 1));
	assert_int_equal(sn_budget_left(b, &s, 1001), 1000);
	assert_int_equal(sn_budget_left(b, &s, 1 << 30), BURST); /* never more */
	assert_int_equal(sn_budget_left(b, &s, 0), BURST); /* a clock that went back */
}

static void rate_0_is_no_limit(void **state)
{
	struct sn_source s = v4(1);

	(void)state;
	sn_budget_init(b, 0, 0, SEED);
	for (int i = 0; i < 1000; i++)
		assert_true(sn_budget_spend(b, &s, 65535, 0));
}

static void one_source_does_not_pay_for_another(void **state)
{
	struct sn_source one = v4(1), other = v4(2);

	(void)state;
	assert_true(sn_budget_spend(b, &one, BURST, 0));
	assert_true(sn_budget_spend(b, &other, BURST, 0));
	assert_false(sn_budget_spend(b, &one, 1, 0));
}

/* A flood of sources: neither the used budget of one comes back, nor has the flood as a
 * whole more than the table's places and the shared budget. */
static void flood_of_sources_gives_no_budget_back(void **state)
{
	struct sn_source victim = v4(1);
	unsigned long all = 0;

	(void)state;
	assert_true(sn_budget_spend(b, &victim, BURST, 0));
	for (uint32_t i = 2; i < 200000; i++) {
		struct sn_source s = v4(i);

		all += sn_budget_spend(b, &s, BURST, 0);
	}
	assert_false(sn_budget_spend(b, &victim, 1, 0));
	/* the victim's place is one of them; the shared budget is one more */
	assert_true(all <= SN_BUDGET_SETS * SN_BUDGET_WAYS);
	assert_true(all > SN_BUDGET_SETS * SN_BUDGET_WAYS / 2);
	/* when all has refilled, places are free again */
	assert_true(sn_budget_spend(b, &victim, BURST, 5001));
	for (uint32_t i = 500000; i < 500100; i++) {
		struct sn_source s = v4(i);

		assert_true(sn_budget_spend(b, &s, BURST, 5001));
	}
}

static void looking_takes_no_place(void **state)
{
	(void)state;
	for (uint32_t i = 0; i < 100000; i++) {
		struct sn_source s = v4(i);

		assert_int_equal(sn_budget_left(b, &s, 0), BURST);
		assert_false(sn_budget_failing(b, &s, 0));
	}
	for (size_t i = 0; i < SN_BUDGET_SETS * SN_BUDGET_WAYS; i++)
		assert_false((&b->accounts[0][0])[i].used);
}

static void failures_slow_a_source_down(void **state)
{
	struct sn_source s = v4(1), other = v4(2);

	(void)state;
	for (unsigned i = 0; i < SN_FAILURES_BURST; i++) {
		assert_false(sn_budget_failing(b, &s, 0));
		sn_budget_failed(b, &s, 0);
	}
	assert_true(sn_budget_failing(b, &s, 0));
	assert_false(sn_budget_failing(b, &other, 0));
	for (int i = 0; i < 100000; i++)
		sn_budget_failed(b, &s, 0);
	assert_true(sn_budget_failing(b, &s, 100));
	assert_false(sn_budget_failing(b, &s, 1000)); /* however many there were */
}

static void flood_of_failures_refuses_no_other_source(void **state)
{
	(void)state;
	for (uint32_t i = 2; i < 200000; i++) {
		struct sn_source s = v4(i);

		sn_budget_failed(b, &s, 0);
	}
	for (uint32_t i = 500000; i < 501000; i++) {
		struct sn_source s = v4(i);

		assert_false(sn_budget_failing(b, &s, 0));
	}
}

static void an_authenticated_source_is_known_for_a_while(void **state)
{
	struct sn_source s = v4(1);

	(void)state;
	assert_false(sn_budget_trusted(b, &s, 0));
	sn_budget_authenticated(b, &s, 0);
	for (uint32_t i = 2; i < 100000; i++) {
		struct sn_source x = v4(i);

		sn_budget_failed(b, &x, 0);
	}
	assert_true(sn_budget_trusted(b, &s, SN_TRUST_MS - 1));
	assert_false(sn_budget_trusted(b, &s, SN_TRUST_MS));
}

#define T(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(a_source_is_an_ipv4_address_or_an_ipv6_64),
		T(budget_is_used_to_the_byte_and_refills_with_time),
		T(rate_0_is_no_limit),
		T(one_source_does_not_pay_for_another),
		T(flood_of_sources_gives_no_budget_back),
		T(looking_takes_no_place),
		T(failures_slow_a_source_down),
		T(flood_of_failures_refuses_no_other_source),
		T(an_authenticated_source_is_known_for_a_while),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
