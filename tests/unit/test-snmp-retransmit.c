// SPDX-License-Identifier: Apache-2.0
/* Which requests are the same one sent again, and for how long that is known. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <string.h>

#include <cmocka.h>

#include <netinet/in.h>

#include "core/base/util.h"
#include "snmp/retransmit.h"
#include "snmp/set.h"

static struct sockaddr_in6 source = { .sin6_family = AF_INET6,
				      .sin6_port = 5,
				      .sin6_addr = IN6ADDR_LOOPBACK_INIT };
static oid name[] = { 1, 3, 6, 1, 4 };
static long number = 7;
static netsnmp_variable_list second = { .name = name,
					.name_length = 5,
					.type = ASN_INTEGER,
					.val.integer = &number,
					.val_len = sizeof(number) };

/* A request whose parts each test changes. */
static netsnmp_pdu request(void)
{
	return (netsnmp_pdu){ .version = SNMP_VERSION_3,
			      .reqid = 42,
			      .securityName = (char *)(uintptr_t) "noc",
			      .securityNameLen = 3,
			      .transport_data = &source,
			      .transport_data_length = sizeof(source),
			      .variables = &second };
}

static struct sn_fingerprint of(netsnmp_pdu pdu)
{
	struct sn_fingerprint f;

	sn_fingerprint_of(&pdu, &f);
	return f;
}

static bool is_same(netsnmp_pdu pdu, const struct sn_fingerprint *f)
{
	struct sn_fingerprint other = of(pdu);

	return sn_fingerprint_same(&other, f);
}

static void each_part_of_a_request_counts(void **state)
{
	const struct sn_fingerprint first = of(request());
	netsnmp_pdu pdu = request();

	(void)state;
	pdu.msgid = 99; /* a copy has its own */
	assert_true(is_same(pdu, &first));
	pdu.reqid++;
	assert_false(is_same(pdu, &first));
	pdu = request();
	pdu.securityName = (char *)(uintptr_t) "nox";
	assert_false(is_same(pdu, &first));
	pdu = request();
	pdu.contextName = (char *)(uintptr_t) "c";
	pdu.contextNameLen = 1;
	assert_false(is_same(pdu, &first));
	pdu = request();
	source.sin6_port++;
	assert_false(is_same(pdu, &first));
	source.sin6_port--;
	source.sin6_addr.s6_addr[15]++;
	assert_false(is_same(pdu, &first));
	source.sin6_addr.s6_addr[15]--;
	source.sin6_scope_id = 2;
	assert_false(is_same(pdu, &first));
	source.sin6_scope_id = 0;
	number++;
	assert_false(is_same(pdu, &first));
	number--;
	name[4]++;
	assert_false(is_same(pdu, &first));
	name[4]--;
	second.type = ASN_UNSIGNED;
	assert_false(is_same(pdu, &first));
	second.type = ASN_INTEGER;
	netsnmp_variable_list more = second;
	more.next_variable = &second;
	pdu.variables = &more;
	assert_false(is_same(pdu, &first));
	assert_true(is_same(request(), &first));
}

static void an_answer_is_known_for_some_seconds(void **state)
{
	const struct sn_fingerprint f = of(request());
	const int64_t now = 1000000;

	(void)state;
	assert_null(sn_recent_find(&f, now));
	sn_recent_add(&f, (struct sn_result){ SNMP_ERR_WRONGVALUE, 3 }, now);
	const struct sn_result *r = sn_recent_find(&f, now + SN_SET_RECENT_MS - 1);
	assert_non_null(r);
	assert_int_equal(r->status, SNMP_ERR_WRONGVALUE);
	assert_int_equal(r->index, 3);
	assert_null(sn_recent_find(&f, now + SN_SET_RECENT_MS));
}

/* On, off, on: with one number for all, the third is not the first again. */
static void a_number_that_is_used_again_names_the_last_request(void **state)
{
	const int64_t now = 1500000;
	const struct sn_fingerprint on = of(request());
	netsnmp_pdu pdu = request();

	(void)state;
	sn_recent_add(&on, (struct sn_result){ 0, 0 }, now);
	pdu.reqid++;
	const struct sn_fingerprint next = of(pdu);
	sn_recent_add(&next, (struct sn_result){ 0, 0 }, now);
	assert_non_null(sn_recent_find(&on, now));
	source.sin6_port++;
	const struct sn_fingerprint elsewhere = of(request());
	source.sin6_port--;
	sn_recent_add(&elsewhere, (struct sn_result){ 0, 0 }, now);
	assert_non_null(sn_recent_find(&on, now));
	number++;
	const struct sn_fingerprint off = of(request());
	number--;
	sn_recent_add(&off, (struct sn_result){ 0, 0 }, now);
	assert_null(sn_recent_find(&on, now));
	assert_non_null(sn_recent_find(&off, now));
	assert_non_null(sn_recent_find(&next, now));
	assert_non_null(sn_recent_find(&elsewhere, now));
}

static void of_too_many_answers_the_oldest_is_forgotten(void **state)
{
	const int64_t now = 2000000;
	netsnmp_pdu pdu = request();

	(void)state;
	for (pdu.reqid = 0; pdu.reqid <= SN_SET_RECENT; pdu.reqid++) {
		struct sn_fingerprint f = of(pdu);
		sn_recent_add(&f, (struct sn_result){ 0, pdu.reqid }, now);
	}
	for (pdu.reqid = 0; pdu.reqid <= SN_SET_RECENT; pdu.reqid++) {
		struct sn_fingerprint f = of(pdu);
		const struct sn_result *r = sn_recent_find(&f, now);
		assert_int_equal(r != NULL, pdu.reqid > 0);
		assert_true(!r || r->index == pdu.reqid);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_part_of_a_request_counts),
		cmocka_unit_test(an_answer_is_known_for_some_seconds),
		cmocka_unit_test(a_number_that_is_used_again_names_the_last_request),
		cmocka_unit_test(of_too_many_answers_the_oldest_is_forgotten),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
