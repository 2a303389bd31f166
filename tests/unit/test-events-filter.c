// SPDX-License-Identifier: Apache-2.0
/* Which events a subscriber gets, and when a delivery is tried again. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdio.h>
#include <string.h>

#include "core/base/address.h"
#include "redfish/events/filter.h"
#include "redfish/events/retry.h"

#define BOARD  "/redfish/v1/Systems/sub1-01"
#define REPORT "/redfish/v1/TelemetryService/MetricReportDefinitions/one"

static const struct rf_facts inserted = {
	.message_id = "ClusterBmc.1.0.BoardInserted",
	.origin = BOARD,
	.resource = "ComputerSystem",
	.severity = "OK",
};

static const struct {
	const char *filter;
	bool matches;
} sieves[] = {
	{ "", true },
	{ "RegistryPrefix eq 'ClusterBmc'", true },
	{ "RegistryPrefix eq 'Cluster'", false },
	{ "RegistryPrefix ne 'Cluster'", true },
	{ "RegistryPrefix eq ClusterBmc", true },
	{ "MessageId eq 'ClusterBmc.1.0.BoardInserted'", true },
	{ "MessageId eq 'ClusterBmc.BoardInserted'", true },
	{ "MessageId eq 'ClusterBmc.1.0.BoardRemoved'", false },
	{ "ResourceType eq 'ComputerSystem'", true },
	{ "ResourceType eq 'Computer'", false },
	{ "Severity eq 'OK'", true },
	{ "Severity eq 'Warning' or Severity eq 'OK'", true },
	{ "Severity eq 'Warning' and Severity eq 'OK'", false },
	/* `and` binds tighter */
	{ "Severity eq 'OK' or Severity eq 'OK' and Severity eq 'Warning'", true },
	{ "(Severity eq 'OK' or Severity eq 'OK') and Severity eq 'Warning'", false },
	{ "not Severity eq 'Warning'", true },
	{ "not (Severity eq 'OK')", false },
	{ "EventFormatType eq Event", true },
	{ "EventFormatType eq MetricReport", false },
	{ "EventFormatType ne MetricReport", true },
	{ "MetricReportDefinition eq '" REPORT "'", false },
	{ "EventType eq 'Alert'", true },
	{ "OriginResource eq '" BOARD "'", true },
	{ "OriginResource eq '" BOARD "/'", true },
	{ "OriginResource eq '/redfish/v1/Systems'", false },
	{ "OriginResource eq '/redfish/v1/Systems' and SubordinateResources eq true",
	  true },
	{ "OriginResource eq '/redfish/v1/Systems' and SubordinateResources eq false",
	  false },
	{ "OriginResource eq '/redfish/v1/System' and SubordinateResources eq true",
	  false },
};

static void filter_lets_through_what_it_says(void **state)
{
	(void)state;
	for (size_t i = 0; i < sizeof(sieves) / sizeof(sieves[0]); i++) {
		struct rf_event_filter *f = rf_event_filter_new(sieves[i].filter);
		if (!f || rf_event_filter_match(f, &inserted) != sieves[i].matches)
			fail_msg("%s", sieves[i].filter);
		f = rf_event_filter_free(f);
		assert_null(f);
	}
}

static const struct {
	const char *filter;
	bool matches, takes_reports, takes_events;
} of_reports[] = {
	{ "", true, false, true },
	{ "Severity eq 'OK'", false, false, true },
	{ "not (Severity eq 'OK')", true, false, true },
	{ "EventType eq 'MetricReport'", true, false, false },
	{ "EventFormatType eq MetricReport", true, true, false },
	{ "EventFormatType eq Event", false, false, true },
	{ "not EventFormatType eq Event", true, true, false },
	{ "EventFormatType eq Event or EventFormatType eq MetricReport", true, true,
	  true },
	{ "EventFormatType eq MetricReport and Severity eq 'OK'", false, false, false },
	{ "EventFormatType eq MetricReport and Severity ne 'OK'", true, true, false },
	{ "EventFormatType eq MetricReport and MetricReportDefinition eq '" REPORT "'",
	  true, true, false },
	{ "MetricReportDefinition eq '" REPORT "/'", true, true, false },
	{ "MetricReportDefinition eq '" REPORT "2'", false, true, false },
	{ "MetricReportDefinition ne '" REPORT "2'", true, true, true },
	{ "MetricReportDefinition eq '" REPORT "' or Severity eq 'OK'", true, true,
	  true },
	{ "MetricReportDefinition eq '" REPORT "' and SubordinateResources eq true",
	  true, true, false },
};

static void reports_get_through_where_they_are_asked_for(void **state)
{
	const struct rf_facts report = { "", "", "", "", REPORT };

	(void)state;
	for (size_t i = 0; i < sizeof(of_reports) / sizeof(of_reports[0]); i++) {
		struct rf_event_filter *f = rf_event_filter_new(of_reports[i].filter);
		if (!f || rf_event_filter_match(f, &report) != of_reports[i].matches ||
		    rf_event_filter_takes(f, true) != of_reports[i].takes_reports ||
		    rf_event_filter_takes(f, false) != of_reports[i].takes_events)
			fail_msg("%s", of_reports[i].filter);
		(void)rf_event_filter_free(f);
	}
}

static void list_has_whole_words(void **state)
{
	(void)state;
	assert_true(rf_list_has("one", "one") && rf_list_has("two one", "one") &&
		    rf_list_has("one two", "one"));
	assert_false(rf_list_has("", "one") || rf_list_has("ones", "one") ||
		     rf_list_has("on e", "one") || rf_list_has("one", "on"));
}

static void malformed_filter_is_refused(void **state)
{
	static const char *const bad[] = {
		"MessageId",
		"MessageId eq",
		"MessageId eq 'a",
		"MessageId gt 'a'",
		"Messageid eq 'a'",
		"MessageId eq 'a' and",
		"and MessageId eq 'a'",
		"(MessageId eq 'a'",
		"MessageId eq 'a')",
		"MessageId eq 'a' MessageId eq 'b'",
		"MessageIdeq 'a'",
		"not",
		"()",
		"SubordinateResources eq yes",
		"MessageId eq 'a'x",
	};

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		struct rf_event_filter *f = rf_event_filter_new(bad[i]);
		if (f)
			fail_msg("%s", bad[i]);
	}
}

/* `n` of "Severity eq 'OK'" joined. */
static bool joined(size_t n)
{
	char text[RF_EVENT_FILTER_MAX + 100] = "";

	for (size_t i = 0; i < n; i++) {
		(void)strcat(text, i ? " or " : "");
		(void)strcat(text, "Severity eq a");
	}
	struct rf_event_filter *f = rf_event_filter_new(text);
	bool ok = f != NULL;
	rf_event_filter_free(f);
	return ok;
}

static bool nested(size_t n)
{
	char text[RF_EVENT_FILTER_MAX + 1] = "";

	memset(text, '(', n);
	(void)strcat(text, "Severity eq a");
	memset(text + strlen(text), ')', n);
	struct rf_event_filter *f = rf_event_filter_new(text);
	bool ok = f != NULL;
	rf_event_filter_free(f);
	return ok;
}

/* So many nodes fit, the first one of what follows does not; what the others hold is
 * freed, as AddressSanitizer sees. */
static void filter_of_too_many_nodes_is_refused(void **state)
{
	static const size_t nots[] = { 11, 11, 11, 8, 0 };
	char text[RF_EVENT_FILTER_MAX + 1] = "";

	(void)state;
	for (size_t i = 0; i < sizeof(nots) / sizeof(nots[0]); i++) {
		struct rf_event_filter *f = i ? rf_event_filter_new(text) : NULL;
		assert_int_equal(f != NULL, i > 0);
		rf_event_filter_free(f);
		(void)strcat(text, i ? " or " : "");
		for (size_t n = 0; n < nots[i]; n++)
			(void)strcat(text, "not ");
		(void)strcat(text, "Severity eq a");
	}
	assert_null(rf_event_filter_new(text));
}

static void filter_has_bounds(void **state)
{
	char text[RF_EVENT_FILTER_MAX + 2];

	(void)state;
	assert_true(joined(15)); /* 251 bytes */
	assert_false(joined(16));
	assert_true(nested(RF_EVENT_FILTER_DEPTH - 1));
	assert_false(nested(RF_EVENT_FILTER_DEPTH));
	for (size_t len = RF_EVENT_FILTER_MAX; len < sizeof(text); len++) {
		(void)snprintf(text, sizeof(text), "MessageId eq '");
		memset(text + strlen(text), 'x', len - 15);
		text[len - 1] = '\'';
		text[len] = '\0';
		struct rf_event_filter *f = rf_event_filter_new(text);
		assert_int_equal(f != NULL, len == RF_EVENT_FILTER_MAX);
		rf_event_filter_free(f);
	}
}

static void lists_of_a_subscription_all_have_to_fit(void **state)
{
	struct bmc_subscription s = { .subordinate = 0 };

	(void)state;
	assert_true(rf_lists_match(&s, &inserted));
	(void)strcpy(s.registries, "TaskEvent ClusterBmc");
	(void)strcpy(s.severities, "Critical OK");
	assert_true(rf_lists_match(&s, &inserted));
	(void)strcpy(s.origins, "/redfish/v1/Systems");
	assert_false(rf_lists_match(&s, &inserted));
	s.subordinate = 1;
	assert_true(rf_lists_match(&s, &inserted));
	(void)strcpy(s.no_messages, "ClusterBmc.1.0.FanFailed");
	assert_true(rf_lists_match(&s, &inserted));
	(void)strcat(s.no_messages, " ClusterBmc.BoardInserted");
	assert_false(rf_lists_match(&s, &inserted));
}

/* ---- trying again ---- */

static const struct rf_retry_limits limits = { .attempts = 2, .interval_ms = 1000 };

static void attempts_are_counted(void **state)
{
	const struct {
		enum bmc_retry_policy policy;
		enum rf_retry_then then;
	} ends[] = {
		{ BMC_RETRY_TERMINATE, RF_RETRY_TERMINATE },
		{ BMC_RETRY_UNKNOWN, RF_RETRY_TERMINATE },
		{ BMC_RETRY_SUSPEND, RF_RETRY_SUSPEND },
	};

	(void)state;
	for (size_t i = 0; i < 3; i++) {
		struct rf_retry r = { 0 };
		for (int64_t k = 1; k <= 2; k++) {
			assert_int_equal(
				rf_retry_failed(&r, ends[i].policy, &limits, k * 5000),
				RF_RETRY_LATER);
			assert_int_equal(r.next, k * 5000 + 1000);
		}
		assert_int_equal(rf_retry_failed(&r, ends[i].policy, &limits, 15000),
				 ends[i].then);
		rf_retry_done(&r);
		assert_int_equal(rf_retry_failed(&r, ends[i].policy, &limits, 20000),
				 RF_RETRY_LATER);
	}
}

static void for_ever_is_for_ever(void **state)
{
	struct rf_retry steady = { 0 }, slower = { 0 };
	int64_t wait = 1000;

	(void)state;
	for (unsigned i = 0; i < 100; i++) {
		assert_int_equal(
			rf_retry_failed(&steady, BMC_RETRY_FOREVER, &limits, 0),
			RF_RETRY_LATER);
		assert_int_equal(steady.next, 1000);
		assert_int_equal(
			rf_retry_failed(&slower, BMC_RETRY_BACKOFF, &limits, 0),
			RF_RETRY_LATER);
		assert_int_equal(slower.next, wait);
		wait = wait * 2 < RF_RETRY_LONGEST_MS ? wait * 2 : RF_RETRY_LONGEST_MS;
	}
}

/* ---- where notifications go ---- */

static void address_of_a_receiver_is_read(void **state)
{
	static const char *const bad[] = {
		"snmp://",
		"snmp://:162",
		"snmp://a:0",
		"snmp://a:65536",
		"snmp://a:1x",
		"snmp://a/x",
		"snmp://[::1",
		"snmp://[]",
		"snmp://@a",
		"snmp://a b",
		"http://a",
		"snmp://u@v@a",
		"snmp://u:p@a:1",
		"snmp://a:",
		"",
		"snmp://u12345678901234567890123456789012@a",
	};
	struct bmc_snmp_uri u;

	(void)state;
	assert_true(bmc_snmp_uri_parse("snmp://192.0.2.1", &u));
	assert_string_equal(u.host, "192.0.2.1");
	assert_int_equal(u.port, 162);
	assert_true(bmc_snmp_uri_parse("snmp://me@[2001:db8::1]:65535/", &u));
	assert_string_equal(u.user, "me");
	assert_string_equal(u.host, "2001:db8::1");
	assert_int_equal(u.port, 65535);
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++) {
		if (bmc_snmp_uri_parse(bad[i], &u))
			fail_msg("%s", bad[i]);
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(filter_lets_through_what_it_says),
		cmocka_unit_test(reports_get_through_where_they_are_asked_for),
		cmocka_unit_test(list_has_whole_words),
		cmocka_unit_test(malformed_filter_is_refused),
		cmocka_unit_test(filter_of_too_many_nodes_is_refused),
		cmocka_unit_test(filter_has_bounds),
		cmocka_unit_test(lists_of_a_subscription_all_have_to_fit),
		cmocka_unit_test(attempts_are_counted),
		cmocka_unit_test(for_ever_is_for_ever),
		cmocka_unit_test(address_of_a_receiver_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
