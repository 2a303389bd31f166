// SPDX-License-Identifier: Apache-2.0
/* Metric reports on their way to subscribers: each gets the newest, one body serves
 * all, and together they have a bound. Test reports, which may be of any size, stand
 * for all. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>
#include <stdlib.h>
#include <string.h>

#include "redfish/events/subscriber.h"

#define N 4

static struct bmc_subscription row = { .type = BMC_SUBSCRIBER_PUSH,
				       .format = BMC_FORMAT_METRIC_REPORT };
static struct rf_subscriber subscribers[N];
static int given_up;

static void give_up(struct rf_pass *pass, const struct rf_report *report)
{
	(void)pass;
	for (size_t i = 0; i < N; i++) {
		struct rf_subscriber *s = &subscribers[i];
		if (s->sending.report != report)
			continue;
		rf_sending_done(&s->sending, &s->had, false);
		given_up++;
	}
}

static struct rf_pass pass = { .give_up = give_up };

/* A report of so many bytes. */
static void report(size_t len)
{
	char *text = malloc(len + 1);

	assert_non_null(text);
	memset(text, ' ', len);
	text[0] = '{';
	text[len - 1] = '}';
	text[len] = '\0';
	rf_report_test(text);
	rf_reports_pass();
}

static bool begin(size_t i)
{
	return rf_report_begin(&subscribers[i], &pass, strdup("}"));
}

static int set_up(void **state)
{
	(void)state;
	given_up = 0;
	rf_reports_pass();
	for (size_t i = 0; i < N; i++) {
		subscribers[i] = (struct rf_subscriber){ .row = &row };
		rf_reports_begin(&subscribers[i].had);
		rf_reports_pass_by(&subscribers[i].had);
	}
	return 0;
}

static int tear_down(void **state)
{
	(void)state;
	for (size_t i = 0; i < N; i++)
		rf_sending_done(&subscribers[i].sending, &subscribers[i].had, false);
	rf_reports_done();
	return 0;
}

static void one_body_serves_all(void **state)
{
	(void)state;
	report(100);
	assert_true(begin(0) && begin(1));
	assert_ptr_equal(subscribers[0].sending.report, subscribers[1].sending.report);
	assert_int_equal(rf_sending_size(&subscribers[0].sending), 100);
}

static void one_body_is_made_in_a_pass(void **state)
{
	(void)state;
	report(100);
	assert_true(begin(0));
	rf_report_test(strdup("{}"));
	rf_reports_pass();
	assert_true(begin(1));
	rf_report_test(strdup("{}"));
	pass.now = 5;
	pass.wake = 1000;
	assert_true(begin(2)); /* the one there is */
	rf_sending_done(&subscribers[1].sending, &subscribers[1].had, true);
	rf_sending_done(&subscribers[2].sending, &subscribers[2].had, false);
	assert_false(begin(2)); /* it would have to be made again */
	assert_int_equal(pass.wake, 5);
	rf_reports_pass();
	assert_true(begin(2));
}

static void newer_replaces_older(void **state)
{
	(void)state;
	report(100);
	report(200);
	assert_true(begin(0));
	assert_int_equal(rf_sending_size(&subscribers[0].sending), 200);
	rf_sending_done(&subscribers[0].sending, &subscribers[0].had, true);
	assert_false(rf_report_waits(&subscribers[0], &pass));
}

static void what_was_not_taken_comes_again(void **state)
{
	(void)state;
	report(100);
	assert_true(begin(0));
	rf_sending_done(&subscribers[0].sending, &subscribers[0].had, false);
	assert_true(rf_report_waits(&subscribers[0], &pass));
	rf_reports_pass_by(&subscribers[0].had);
	assert_false(rf_report_waits(&subscribers[0], &pass));
}

static void tail_takes_the_place_of_the_brace(void **state)
{
	char all[64] = "";
	size_t len;
	const char *bytes;
	struct rf_sending *x = &subscribers[0].sending;

	(void)state;
	rf_report_test(strdup("{\"Id\":\"a\"}"));
	rf_reports_pass();
	assert_true(rf_report_begin(&subscribers[0], &pass, strdup(",\"C\":1}")));
	while ((bytes = rf_sending_next(x, &len), len)) {
		(void)strncat(all, bytes, 1); /* byte by byte, as a slow one */
		x->at++;
	}
	assert_string_equal(all, "{\"Id\":\"a\",\"C\":1}");
	assert_int_equal(rf_sending_size(x), strlen(all));
}

static void at_the_bound_nobody_gives_up(void **state)
{
	(void)state;
	report(RF_REPORTS_BYTES / 2);
	assert_true(begin(0));
	report(RF_REPORTS_BYTES / 2);
	assert_true(begin(1));
	assert_int_equal(given_up, 0);
	/* a byte above it */
	report(1);
	assert_true(begin(2));
	assert_int_equal(given_up, 1);
	assert_null(subscribers[0].sending.report);
	assert_non_null(subscribers[1].sending.report);
}

static void one_that_alone_is_larger_is_sent(void **state)
{
	(void)state;
	report(100);
	assert_true(begin(0) && begin(1));
	report(RF_REPORTS_BYTES + 1);
	assert_true(begin(2));
	assert_int_equal(given_up, 2);
	assert_non_null(subscribers[2].sending.report);
	report(100);
	assert_true(begin(3));
	assert_int_equal(given_up, 3);
}

static void new_one_gets_what_was_made_since_the_last_pass(void **state)
{
	(void)state;
	report(100);
	rf_reports_begin(&subscribers[0].had);
	assert_true(rf_report_waits(&subscribers[0], &pass));
	rf_reports_pass();
	rf_reports_begin(&subscribers[0].had);
	assert_false(rf_report_waits(&subscribers[0], &pass));
	rf_reports_done(); /* and before the first pass */
	report(100);
	rf_reports_begin(&subscribers[0].had);
	assert_true(rf_report_waits(&subscribers[0], &pass));
}

#define T(f) cmocka_unit_test_setup_teardown(f, set_up, tear_down)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(one_body_serves_all),
		T(one_body_is_made_in_a_pass),
		T(newer_replaces_older),
		T(what_was_not_taken_comes_again),
		T(tail_takes_the_place_of_the_brace),
		T(at_the_bound_nobody_gives_up),
		T(one_that_alone_is_larger_is_sent),
		T(new_one_gets_what_was_made_since_the_last_pass),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
