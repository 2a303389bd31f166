// SPDX-License-Identifier: Apache-2.0
/* How a client's address becomes text, and the key of limits. */
#include <arpa/inet.h>
#include <netinet/in.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/address.h"
#include "core/base/util.h"

static char text[BMC_ADDRESS_MAX];

static const char *format_v6(const char *address, socklen_t len)
{
	struct sockaddr_in6 sa = { .sin6_family = AF_INET6, .sin6_port = htons(4242) };

	assert_int_equal(inet_pton(AF_INET6, address, &sa.sin6_addr), 1);
	memset(text, 'x', sizeof(text));
	bmc_address_format((const struct sockaddr *)&sa, len, text, sizeof(text));
	return text;
}

static void ipv4_mapped_addresses_are_formatted_as_ipv4(void **state)
{
	static const struct {
		const char *is, *becomes;
	} cases[] = {
		{ "::ffff:192.0.2.1", "192.0.2.1" },
		{ "::ffff:255.255.255.255", "255.255.255.255" },
		{ "2001:db8::1", "2001:db8::1" },
		{ "::1", "::1" },
		{ "::fffe:192.0.2.1", "::fffe:c000:201" },
		{ "::1:ffff:192.0.2.1", "::1:ffff:c000:201" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(cases); i++)
		assert_string_equal(format_v6(cases[i].is, sizeof(struct sockaddr_in6)),
				    cases[i].becomes);
}

static void longest_address_fits(void **state)
{
	(void)state;
	assert_string_equal(format_v6("fdfd:1111:2222:3333:4444:5555:6666:7777",
				      sizeof(struct sockaddr_in6)),
			    "fdfd:1111:2222:3333:4444:5555:6666:7777");
}

static void ipv4_addresses_are_formatted(void **state)
{
	struct sockaddr_in sa = { .sin_family = AF_INET,
				  .sin_addr = { htonl(0xc0000201) } };

	(void)state;
	bmc_address_format((const struct sockaddr *)&sa, sizeof(sa), text,
			   sizeof(text));
	assert_string_equal(text, "192.0.2.1");
	bmc_address_format((const struct sockaddr *)&sa, sizeof(sa) - 1, text,
			   sizeof(text));
	assert_string_equal(text, "");
}

static void what_is_no_address_is_empty(void **state)
{
	const struct sockaddr local = { .sa_family = AF_UNIX };

	(void)state;
	assert_string_equal(format_v6("::1", sizeof(struct sockaddr_in6) - 1), "");
	bmc_address_format(&local, sizeof(local), text, sizeof(text));
	assert_string_equal(text, "");
	bmc_address_format(NULL, 0, text, sizeof(text));
	assert_string_equal(text, "");
	assert_string_equal(format_v6("::1", sizeof(struct sockaddr_in6)), "::1");
	bmc_address_format(&local, sizeof(local), text, 1);
	assert_string_equal(text, "");
}

static bool same(const char *a, const char *b)
{
	struct in6_addr x = bmc_address_client_of(a), y = bmc_address_client_of(b);

	return bmc_address_is_same(&x, &y);
}

static void client_is_an_ipv4_address_or_64_bits_of_ipv6(void **state)
{
	struct sockaddr_in v4 = { .sin_family = AF_INET,
				  .sin_addr = { htonl(0xc0000201) } };
	struct sockaddr unix_client = { .sa_family = AF_UNIX };
	struct in6_addr a = bmc_address_client((const struct sockaddr *)&v4),
			b = bmc_address_client_of("::ffff:192.0.2.1"),
			c = bmc_address_client(&unix_client),
			d = bmc_address_client_of("no address");

	(void)state;
	assert_true(bmc_address_is_same(&a, &b));
	assert_true(bmc_address_is_same(&c, &d));
	assert_true(same("192.0.2.1", "192.0.2.1"));
	assert_false(same("192.0.2.1", "192.0.2.2"));
	assert_false(same("::ffff:192.0.2.1", "::ffff:192.0.2.2"));
	assert_false(same("192.0.2.1", "::c000:201:0:0:0:0"));
	assert_true(same("2001:db8::1", "2001:db8::ffff:1:2:3"));
	assert_true(same("2001:db8:0:1::1", "2001:db8:0:1:ffff:ffff:ffff:ffff"));
	assert_false(same("2001:db8::1", "2001:db8:0:1::1"));
	assert_false(same("::1", "no address"));
	assert_false(same("0.0.0.0", "::"));
}

static void users_of_a_unix_socket_are_told_apart(void **state)
{
	struct in6_addr last = bmc_address_local(UINT32_MAX - 1), of_text;

	(void)state;
	bmc_address_local_format(UINT32_MAX - 1, text, sizeof(text));
	assert_string_equal(text, "local:4294967294");
	of_text = bmc_address_client_of(text);
	assert_true(bmc_address_is_same(&last, &of_text));
	assert_true(same("local:1000", "local:1000"));
	assert_false(same("local:1000", "local:1001"));
	assert_false(same("local:0", "no address"));
	assert_false(same("local:0", "::"));
	assert_false(same("local:4294967294", "no address"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(users_of_a_unix_socket_are_told_apart),
		cmocka_unit_test(ipv4_mapped_addresses_are_formatted_as_ipv4),
		cmocka_unit_test(longest_address_fits),
		cmocka_unit_test(ipv4_addresses_are_formatted),
		cmocka_unit_test(what_is_no_address_is_empty),
		cmocka_unit_test(client_is_an_ipv4_address_or_64_bits_of_ipv6),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
