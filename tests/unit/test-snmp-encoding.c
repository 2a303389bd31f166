// SPDX-License-Identifier: Apache-2.0
// What is an encoding of its type in a SET and what is none. No agent runs here: what
// was found belongs to SNMP's thread, which is this one.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "snmp-message.h"
#include "snmp/encoding.h"

/* The position of what is no encoding in a SET of one value. */
static long bad(const char *octets, size_t n)
{
	struct message m;
	unsigned char type = 0;

	message_make_raw(&m, "x", 1, "1.3.6.1", octets, n);
	sn_encoding_message(m.data, m.len);
	long at = sn_encoding_bad(&type);
	assert_true(!at || type == (unsigned char)octets[0]);
	return at;
}

#define IS_BAD(octets) assert_int_equal(bad(octets, sizeof(octets) - 1), 1)
#define IS_OK(octets)  assert_int_equal(bad(octets, sizeof(octets) - 1), 0)

static void every_type_has_its_range(void **state)
{
	(void)state;
	IS_OK("\x02\x04\x80\x00\x00\x00");
	IS_OK("\x02\x01\x00");
	for (char type = 0x41; type <= 0x47; type++) {
		char zero[] = { type, 1, 0 },
		     most[] = { type, 5, 0, '\xff', '\xff', '\xff', '\xff' },
		     over[] = { type, 5, 1, 0, 0, 0, 0 }, minus[] = { type, 1, '\xff' };
		bool is = type <= 0x43 || type == 0x47;
		assert_int_equal(bad(zero, sizeof(zero)), 0);
		assert_int_equal(bad(most, sizeof(most)), 0);
		assert_int_equal(bad(over, sizeof(over)), is);
		assert_int_equal(bad(minus, sizeof(minus)), is || type == 0x46);
	}
	IS_OK("\x46\x09\x00\xff\xff\xff\xff\xff\xff\xff\xff");
	IS_BAD("\x46\x09\x01\xff\xff\xff\xff\xff\xff\xff\xff");
	IS_BAD("\x46\x0a\x00\x00\xff\xff\xff\xff\xff\xff\xff\xff");
	IS_OK("\x06\x06\x2b\x8f\xff\xff\xff\x7f");
	IS_BAD("\x06\x06\x2b\x90\x80\x80\x80\x00"); /* 2^32 */
	IS_BAD("\x06\x0b\x2b\x90\x80\x80\x80\x80\x80\x80\x80\x80\x05");
	IS_BAD("\x06\x03\x2b\x80\x05"); /* a seven-bit group too many */
	IS_BAD("\x06\x02\x2b\x85");
	IS_BAD("\x06\x00");
	IS_OK("\x40\x04\x7f\x00\x00\x01");
	IS_BAD("\x40\x03\x7f\x00\x00");
	IS_OK("\x05\x00");
	IS_BAD("\x05\x01\x00");
	IS_OK("\x04\x00");
	IS_OK("\x80\x00");
}

static void what_is_cut_short_is_not_looked_at_beyond_its_end(void **state)
{
	struct message m, part;
	unsigned char type;

	(void)state;
	message_make_raw(&m, "x", 1, "1.3.6.1", "\x02\x05\x01\x00\x00\x00\x06", 7);
	for (size_t n = 0; n < m.len; n++) {
		unsigned char *exact = malloc(n ? n : 1); /* for the sanitizer */
		memcpy(exact, m.data, n);
		sn_encoding_message(exact, n);
		assert_int_equal(sn_encoding_bad(&type), 0);
		free(exact);
	}
	part = m;
	part.data[m.len - 7 - 8] ^= 0x40; /* no varbind list: nothing is changed */
	unsigned char was[64];
	memcpy(was, part.data, m.len);
	sn_encoding_message(part.data, m.len);
	assert_int_equal(sn_encoding_bad(&type) != 0,
			 memcmp(was, part.data, m.len) != 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_has_its_range),
		cmocka_unit_test(what_is_cut_short_is_not_looked_at_beyond_its_end),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
