// SPDX-License-Identifier: Apache-2.0
/* INDEX clauses: values to sub-identifiers and back (RFC 2578, 7.7). */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "snmp/index.h"

static const struct sn_part text_number[] = { { "tName", SN_PART_TEXT },
					      { "tNumber", SN_PART_NUMBER } };
static const struct sn_part implied[] = { { "tNumber", SN_PART_NUMBER },
					  { "tName", SN_PART_IMPLIED } };
static const struct sn_part address[] = { { "tAddress", SN_PART_ADDRESS } };

static void is(const struct sn_subids *s, size_t n, const uint32_t *ids)
{
	assert_int_equal(s->n, n);
	assert_memory_equal(s->id, ids, n * sizeof(*ids));
}

static void each_form_has_its_sub_identifiers(void **state)
{
	struct sn_key key = { .part = { { .text = "ab" }, { .number = UINT32_MAX } } };
	struct sn_subids s;

	(void)state;
	assert_true(sn_index_encode(text_number, 2, &key, &s));
	is(&s, 4, (const uint32_t[]){ 2, 'a', 'b', UINT32_MAX });
	key.part[0].text = "";
	assert_true(sn_index_encode(text_number, 2, &key, &s));
	is(&s, 2, (const uint32_t[]){ 0, UINT32_MAX });
	key = (struct sn_key){ .part = { { .number = 7 }, { .text = "\xff" } } };
	assert_true(sn_index_encode(implied, 2, &key, &s));
	is(&s, 2, (const uint32_t[]){ 7, 255 });
	key.part[1].text = "";
	assert_false(sn_index_encode(implied, 2, &key, &s));
	key.part[0].number = 0xc0000201;
	assert_true(sn_index_encode(address, 1, &key, &s));
	is(&s, 4, (const uint32_t[]){ 192, 0, 2, 1 });
}

static void an_index_that_is_too_long_is_none(void **state)
{
	char longest[SN_SUBIDS_MAX + 1] = "";
	struct sn_key key = { .part = { { .text = longest } } };
	struct sn_subids s;

	(void)state;
	memset(longest, 'x', SN_SUBIDS_MAX - 2); /* with its length and the number */
	assert_true(sn_index_encode(text_number, 2, &key, &s));
	assert_int_equal(s.n, SN_SUBIDS_MAX);
	memset(longest, 'x', SN_SUBIDS_MAX - 1);
	assert_false(sn_index_encode(text_number, 2, &key, &s));
}

static bool decodes(const struct sn_part *parts, size_t n, const unsigned long *ids,
		    size_t len, struct sn_key_buffer *ret)
{
	return sn_index_decode(parts, n, ids, len, ret);
}

#define IDS(...)                                \
	(const unsigned long[]){ __VA_ARGS__ }, \
		sizeof((const unsigned long[]){ __VA_ARGS__ }) / sizeof(long)

static void what_is_encoded_is_decoded(void **state)
{
	struct sn_key_buffer k;

	(void)state;
	assert_true(decodes(text_number, 2, IDS(2, 'a', 'b', 9), &k));
	assert_string_equal(k.key.part[0].text, "ab");
	assert_int_equal(k.key.part[1].number, 9);
	assert_true(decodes(text_number, 2, IDS(0, UINT32_MAX), &k));
	assert_string_equal(k.key.part[0].text, "");
	assert_int_equal(k.key.part[1].number, UINT32_MAX);
	assert_true(decodes(implied, 2, IDS(1, 'x', 'y'), &k));
	assert_string_equal(k.key.part[1].text, "xy");
	assert_true(decodes(address, 1, IDS(255, 0, 0, 1), &k));
	assert_int_equal(k.key.part[0].number, 0xff000001);
}

static void what_is_no_index_is_refused(void **state)
{
	struct sn_key_buffer k;

	(void)state;
	assert_false(decodes(text_number, 2, IDS(2, 'a'), &k));       /* too short */
	assert_false(decodes(text_number, 2, IDS(2, 'a', 'b'), &k));  /* no number */
	assert_false(decodes(text_number, 2, IDS(1, 'a', 1, 1), &k)); /* too long  */
	assert_false(decodes(text_number, 2, IDS(1, 256, 1), &k));    /* no octet  */
	assert_false(decodes(text_number, 2, IDS(1, 0, 1), &k));      /* a NUL     */
	assert_false(decodes(text_number, 2, IDS(4294967295, 1), &k));
	assert_false(decodes(implied, 2, IDS(1), &k));
	assert_false(decodes(address, 1, IDS(1, 2, 3), &k));
	assert_false(decodes(address, 1, IDS(1, 2, 3, 256), &k));
	assert_false(decodes(address, 1, IDS(1, 2, 3, 4, 5), &k));
}

static void names_are_compared_number_by_number(void **state)
{
	const struct sn_subids s = { 2, { 5, UINT32_MAX } };

	(void)state;
	assert_true(sn_subids_compare(&s, IDS(5, UINT32_MAX)) == 0);
	assert_true(sn_subids_compare(&s, IDS(5)) > 0);
	assert_true(sn_subids_compare(&s, IDS(6)) < 0);
	assert_true(sn_subids_compare(&s, IDS(5, UINT32_MAX, 0)) < 0);
	assert_true(sn_subids_compare(&s, IDS(5, UINT32_MAX - 1, 9)) > 0);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_form_has_its_sub_identifiers),
		cmocka_unit_test(an_index_that_is_too_long_is_none),
		cmocka_unit_test(what_is_encoded_is_decoded),
		cmocka_unit_test(what_is_no_index_is_refused),
		cmocka_unit_test(names_are_compared_number_by_number),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
