// SPDX-License-Identifier: Apache-2.0
// Networks without SNMP's limits, bit by bit.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <arpa/inet.h>
#include <netinet/in.h>

#include "core/base/util.h"
#include "snmp/limit.h"

static int limits(const char *network)
{
	static const struct bmc_conf_item item = { .key = "exempt" };
	struct bmc_conf one = {
		.key = "", .text = network, .file = "test.yaml", .item = &item
	};
	struct bmc_conf keys[] = {
		{ .key = "max_message", .text = "", .num = 1472 },
		{ .key = "source_rate", .text = "", .num = 1 },
		{ .key = "source_burst", .text = "", .num = 1 },
		{ .key = "exempt", .text = "", .child = &one },
	};
	const struct bmc_conf snmp = { .child = keys };
	struct bmc_error err = { 0 };

	for (size_t i = 0; i + 1 < ARRAY_SIZE(keys); i++)
		keys[i].next = &keys[i + 1];
	return sn_limit_init(&snmp, &err);
}

/* Whether a long answer to a short request of this source is sent. */
static bool is_sent(const char *source)
{
	/* a v2c message as far as it is looked at: its head and its version */
	unsigned char message[500] = { 0x30, 0x82, 0x01, 0xf0, 0x02, 0x01, 0x01 };
	struct sockaddr_in v4 = { .sin_family = AF_INET };
	struct sockaddr_in6 v6 = { .sin6_family = AF_INET6 };
	const struct sockaddr *from = (const struct sockaddr *)&v6;

	if (inet_pton(AF_INET, source, &v4.sin_addr) == 1)
		from = (const struct sockaddr *)&v4;
	else
		assert_int_equal(inet_pton(AF_INET6, source, &v6.sin6_addr), 1);
	struct sn_limited request;
	assert_true(sn_limit_request(from, message, 40, &request));
	return sn_limit_answer(&request, message, sizeof(message));
}

static void networks_are_compared_to_their_last_bit(void **state)
{
	(void)state;
	assert_int_equal(limits("192.0.2.128/25"), 0);
	assert_true(is_sent("192.0.2.128"));
	assert_true(is_sent("192.0.2.255"));
	assert_true(is_sent("::ffff:192.0.2.200"));
	assert_false(is_sent("192.0.2.127"));
	assert_false(is_sent("192.0.3.128"));
	assert_int_equal(limits("192.0.2.1"), 0);
	assert_true(is_sent("192.0.2.1"));
	assert_false(is_sent("192.0.2.0"));
	assert_int_equal(limits("0.0.0.0/0"), 0);
	assert_true(is_sent("203.0.113.9"));
	assert_false(is_sent("2001:db8::1"));
	assert_int_equal(limits("2001:db8:8000::/33"), 0);
	assert_true(is_sent("2001:db8:ffff::1"));
	assert_false(is_sent("2001:db8:7fff::1"));
}

static void what_is_no_network_is_refused(void **state)
{
	static const char *const wrong[] = {
		"192.0.2.0/33",
		"192.0.2.0/",
		"192.0.2.0/-1",
		"192.0.2.0/8x",
		"2001:db8::/129",
		"host.example",
		"",
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(wrong); i++)
		assert_int_equal(limits(wrong[i]), BMC_EINVAL);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(networks_are_compared_to_their_last_bit),
		cmocka_unit_test(what_is_no_network_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
