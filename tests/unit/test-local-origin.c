// SPDX-License-Identifier: Apache-2.0
/* Which requests the local API takes for those of programs on this machine. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "local/origin.h"

static void only_names_of_loopback_are_hosts(void **state)
{
	static const char *const good[] = { "localhost",      "localhost:7070",
					    "LocalHost:1",    "127.0.0.1",
					    "127.0.0.1:7070", "[::1]:65535" };
	static const char *const bad[] = { "",
					   "example.com",
					   "example.com:7070",
					   "localhost.example.com",
					   "localhost:",
					   "localhost:x",
					   "localhost:7070x",
					   "localhost:123456",
					   "127.0.0.1.example.com",
					   "127.0.0.10",
					   "127.0.0.2",
					   "::1",
					   "[::1",
					   " localhost",
					   "localhost@example.com" };

	(void)state;
	assert_false(local_host_ok(NULL));
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(local_host_ok(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(local_host_ok(bad[i]));
}

static void only_the_own_origin_is_one(void **state)
{
	static const char host[] = "localhost:7070";

	(void)state;
	assert_true(local_origin_ok(host, NULL, NULL));
	assert_true(local_origin_ok(host, "http://localhost:7070", NULL));
	assert_false(local_origin_ok(host, "http://localhost:3000", NULL));
	assert_false(local_origin_ok(host, "http://localhost", NULL));
	assert_false(local_origin_ok(host, "https://localhost:7070", NULL));
	assert_false(local_origin_ok(host, "http://example.com", NULL));
	assert_false(local_origin_ok(host, "null", NULL));
	assert_false(local_origin_ok(host, "", NULL));
	assert_false(local_origin_ok(NULL, "http://localhost:7070", NULL));
}

static void a_browser_says_whose_page_it_is(void **state)
{
	(void)state;
	assert_true(local_origin_ok("localhost", NULL, "same-origin"));
	assert_true(local_origin_ok("localhost", NULL, "none"));
	assert_false(local_origin_ok("localhost", NULL, "cross-site"));
	assert_false(local_origin_ok("localhost", NULL, "same-site"));
	assert_false(local_origin_ok("localhost", NULL, ""));
	assert_false(local_origin_ok("localhost", "http://localhost", "cross-site"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(only_names_of_loopback_are_hosts),
		cmocka_unit_test(only_the_own_origin_is_one),
		cmocka_unit_test(a_browser_says_whose_page_it_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
