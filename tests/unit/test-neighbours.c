// SPDX-License-Identifier: Apache-2.0
// The list of other agents: what searches add to it, what they renew, and when one that
// they do not find any more is dropped.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "neighbours/table.h"

#define SELF "01234567-89ab-4def-8123-456789abcdef"

static struct neighbour_table t;

static struct scan_device device(const char *name, const char *uuid, const char *ipv4,
				 const char *ipv6)
{
	struct scan_device d = { .answers = true, .tls = true, .port = 443 };

	(void)bmc_copy(d.root.name, sizeof(d.root.name), name);
	(void)bmc_copy(d.root.uuid, sizeof(d.root.uuid), uuid);
	(void)bmc_copy(d.ipv4, sizeof(d.ipv4), ipv4);
	(void)bmc_copy(d.ipv6, sizeof(d.ipv6), ipv6);
	return d;
}

static void find(struct scan_device d, int64_t now)
{
	const struct scan_list found = { .devices = &d, .n = 1 };

	neighbour_table_take(&t, &found, SELF, now);
}

static int empty(void **state)
{
	(void)state;
	t.n = 0;
	return 0;
}

static void agents_are_listed_once_and_by_name(void **state)
{
	(void)state;
	find(device("rack-10", "10", "192.0.2.10", ""), 1);
	find(device("rack-9", "9", "192.0.2.9", "2001:db8::9"), 2);
	find(device("rack-10", "10", "192.0.2.10", "2001:db8::a"), 3);
	find(device("renamed", "9", "", "2001:db8::9"), 4);
	assert_int_equal(t.n, 2);
	assert_string_equal(t.list[0].is.root.name, "rack-10");
	assert_string_equal(t.list[0].is.ipv6, "2001:db8::a");
	assert_int_equal(t.list[0].seen, 3);
	assert_string_equal(t.list[1].is.root.name, "renamed");
	assert_int_equal(t.list[1].seen, 4);
}

/* A UUID proves nothing: one that claims another's hides it not. */
static void one_uuid_at_two_addresses_is_two_agents(void **state)
{
	(void)state;
	find(device("true", "9", "192.0.2.9", ""), 1);
	find(device("false", "9", "192.0.2.66", ""), 1);
	find(device("other", "8", "192.0.2.9", ""), 1);
	assert_int_equal(t.n, 3);
}

static void itself_and_what_does_not_answer_are_left_out(void **state)
{
	struct scan_device silent = device("silent", "9", "192.0.2.9", "");

	(void)state;
	silent.answers = false;
	find(silent, 1);
	find(device("self", "01234567-89AB-4DEF-8123-456789ABCDEF", "192.0.2.1", ""),
	     1);
	assert_int_equal(t.n, 0);
}

static void it_is_bounded(void **state)
{
	char text[16];

	(void)state;
	for (int i = 0; i < NEIGHBOURS_MAX + 1; i++) {
		(void)snprintf(text, sizeof(text), "%d", i);
		find(device(text, text, text, ""), 1);
		assert_int_equal(t.n, MIN(i + 1, NEIGHBOURS_MAX));
	}
	find(device("0", "0", "0", ""), 7); /* it is there already */
	assert_int_equal(t.list[0].seen, 7);
	assert_int_equal(t.n, NEIGHBOURS_MAX);
}

static void what_was_not_seen_for_long_is_dropped(void **state)
{
	(void)state;
	find(device("a", "1", "192.0.2.1", ""), 100);
	find(device("b", "2", "192.0.2.2", ""), 101);
	find(device("c", "3", "192.0.2.3", ""), 100);
	neighbour_table_age(&t, 99 + NEIGHBOURS_KEPT_MS);
	assert_int_equal(t.n, 3);
	neighbour_table_age(&t, 100 + NEIGHBOURS_KEPT_MS);
	assert_int_equal(t.n, 1);
	assert_string_equal(t.list[0].is.root.name, "b");
	neighbour_table_age(&t, 101 + NEIGHBOURS_KEPT_MS);
	assert_int_equal(t.n, 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup(agents_are_listed_once_and_by_name, empty),
		cmocka_unit_test_setup(one_uuid_at_two_addresses_is_two_agents, empty),
		cmocka_unit_test_setup(itself_and_what_does_not_answer_are_left_out,
				       empty),
		cmocka_unit_test_setup(it_is_bounded, empty),
		cmocka_unit_test_setup(what_was_not_seen_for_long_is_dropped, empty),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
