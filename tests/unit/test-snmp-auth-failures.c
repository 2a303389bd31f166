// SPDX-License-Identifier: Apache-2.0
/* How often refused SNMP requests are reported, at any time. */
#include <arpa/inet.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "snmp/auth-failures.h"

static int64_t start;

static int due(const char *address, int64_t after, unsigned *count)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	assert_int_equal(inet_pton(AF_INET, address, &at.sin_addr), 1);
	return sn_auth_failures_due((struct sockaddr *)&at, start + after, count);
}

static int fresh(void **state)
{
	(void)state;
	sn_auth_failures_init();
	start = bmc_now();
	return 0;
}

static void a_source_is_reported_at_once_and_then_after_five_minutes(void **state)
{
	unsigned n = 0;

	(void)state;
	assert_int_equal(due("192.0.2.1", 0, &n), 1);
	assert_int_equal(n, 1);
	for (int64_t ms = 1000; ms < SN_AUTH_FAILURE_SOURCE_MS; ms += 1000)
		assert_int_equal(due("192.0.2.1", ms, &n), 0);
	assert_int_equal(due("192.0.2.1", SN_AUTH_FAILURE_SOURCE_MS, &n), 1);
	assert_int_equal(n, 300);
}

static void sources_do_not_hide_each_other(void **state)
{
	unsigned n;

	(void)state;
	assert_int_equal(due("192.0.2.1", 0, &n), 1);
	assert_int_equal(due("192.0.2.2", 0, &n), 1);
	assert_int_equal(due("192.0.2.1", 1, &n), 0);
}

static void many_sources_together_are_limited(void **state)
{
	char address[INET_ADDRSTRLEN];
	unsigned n, reported = 0;

	(void)state;
	for (unsigned i = 0; i < 5000; i++) {
		(void)snprintf(address, sizeof(address), "10.9.%u.%u", i / 250,
			       i % 250);
		reported += (unsigned)due(address, 0, &n);
	}
	assert_int_equal(reported, SN_AUTH_FAILURE_BURST);
	assert_int_equal(due("10.8.0.1", SN_AUTH_FAILURE_REFILL_MS - 1000, &n), 0);
	assert_int_equal(due("10.8.0.2", SN_AUTH_FAILURE_REFILL_MS, &n), 1);
	assert_int_equal(due("10.8.0.3", SN_AUTH_FAILURE_REFILL_MS, &n), 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(
			a_source_is_reported_at_once_and_then_after_five_minutes,
			fresh),
		cmocka_unit_test_setup(sources_do_not_hide_each_other, fresh),
		cmocka_unit_test_setup(many_sources_together_are_limited, fresh),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
