// SPDX-License-Identifier: Apache-2.0
/* Jobs that snmpset creates, follows, cancels and removes, on the hardware of the
 * action tests: blade 1 with three boards. */
#include "snmp-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action-fixture.h"
#include "core/base/util.h"
#include "core/tasks/tasks.h"

static const char config[] = "communities:\n"
			     "  - {name: public}\n"
			     "  - {name: private, role: Operator, actor: script}\n"
			     "  - {name: root, role: Administrator}\n";

enum { ON = 2, FORCE_OFF, SET = 8, ENTER_MODE = 16 };
enum {
	OPERATION = 2,
	STATE,
	TARGET_ID = 5,
	TARGET,
	BLADE,
	SLOT,
	TARGETS = 10,
	OK,
	FAILED
};
enum { CANCEL = 21, MODE = 29, PLANNED, STATUS, AGGREGATE, BATCH, DELAY, CANARY };
enum { PER_BLADE = 36, UNTIL };
enum { NEW = 2, RUNNING, COMPLETED, CANCELLED = 6 };

static void step(void)
{
	bmc_loop_step(5);
}

static int set_up(void **state)
{
	fixture_set_up(state);
	snmp_fixture_serve(config);
	snmp_fixture_meanwhile = step;
	return 0;
}

static int tear_down(void **state)
{
	snmp_fixture_end();
	return fixture_tear_down(state);
}

static const char *get(const char *object)
{
	return snmp_fixture_run("snmpget -Oqv", V2C_READ, object);
}

static long value(unsigned column, long job)
{
	char object[96];

	(void)snprintf(object, sizeof(object), ROOT ".10.1.%u.%ld", column, job);
	return atol(get(object));
}

static bool there(unsigned column, long job)
{
	char object[96];

	(void)snprintf(object, sizeof(object), ROOT ".10.1.%u.%ld", column, job);
	return !strstr(get(object), "No Such");
}

/* The next index, for a job that is not created yet. */
static long next_index(void)
{
	return atol(get(ROOT ".1.19.0"));
}

/* Sets columns of a job's row: "COLUMN TYPE VALUE;..." */
static const char *set_as(const char *who, long job, const char *columns)
{
	char args[512] = "", text[256], *rest = text, *one;

	(void)bmc_copy(text, sizeof(text), columns);
	while ((one = strsep(&rest, ";"))) {
		char *column = strsep(&one, " ");
		size_t used = strlen(args);

		(void)snprintf(args + used, sizeof(args) - used,
			       ROOT ".10.1.%s.%ld %s ", column, job, one);
	}
	return snmp_fixture_run("snmpset", who, args);
}

static const char *set(long job, const char *columns)
{
	return set_as(V2C_WRITE, job, columns);
}

static long created(const char *columns)
{
	long job = next_index();
	const char *out = set(job, columns);

	if (strstr(out, "Error") || strstr(out, "Timeout"))
		fail_msg("%s: %s", columns, out);
	return job;
}

static void refused_at(long job, const char *columns, const char *status)
{
	const char *out = set(job, columns);
	char reason[64];

	(void)snprintf(reason, sizeof(reason), "Reason: %s ", status);
	if (!strstr(out, reason))
		fail_msg("%s: not %s but %s", columns, status, out);
	assert_false(there(STATUS, job));
}

static void refused(const char *columns, const char *status)
{
	refused_at(next_index(), columns, status);
}

static bool has_ended(void *job)
{
	return bmc_task_ended(fixture_task((uint32_t) * (long *)job));
}

static void completed(long job, long boards)
{
	assert_true(fixture_until(has_ended, &job));
	assert_int_equal(value(STATE, job), COMPLETED);
	assert_int_equal(value(TARGETS, job), boards);
	assert_int_equal(value(OK, job), boards);
	assert_int_equal(value(FAILED, job), 0);
}

static unsigned results(long job)
{
	char object[64];

	(void)snprintf(object, sizeof(object), ROOT ".11.1.7.%ld", job);
	if (strstr(snmp_fixture_run("snmpwalk", V2C_READ, object), "No Such"))
		return 0;
	return snmp_fixture_count("snmpwalk -Oqn", V2C_READ, object);
}

static void job_is_created_and_followed(void **state)
{
	char result[64];

	(void)state;
	long job = created("31 i 4;2 i 3;5 s sub1-01");
	assert_int_equal(value(STATUS, job), 1);
	assert_int_equal(value(OPERATION, job), FORCE_OFF);
	assert_int_equal(value(BLADE, job), 1);
	assert_int_equal(value(SLOT, job), 1);
	completed(job, 1);
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_OFF);
	const struct bmc_task *t = fixture_task((uint32_t)job);
	assert_string_equal(t->actor, "script");
	assert_string_equal(t->origin, "snmp");
	assert_int_equal(results(job), 1);
	(void)snprintf(result, sizeof(result), ROOT ".11.1.7.%ld.%ld", job, job);
	assert_int_equal(atol(get(result)), COMPLETED);
	assert_int_equal(next_index(), job + 1);
}

static void target_is_named_in_one_of_five_ways(void **state)
{
	char object[64];

	(void)state;
	completed(created("31 i 4;2 i 3;7 u 1;8 u 2"), 1);
	assert_int_equal(fixture_row("sub1-02")->power_state, BMC_POWER_OFF);
	completed(created("2 i 2;6 o " ROOT ".3.1.3.1.2;31 i 4"), 1);
	assert_int_equal(fixture_row("sub1-02")->power_state, BMC_POWER_ON);
	long job = created("31 i 4;2 i 3;7 u 1");
	completed(job, 3);
	assert_int_equal(results(job), 3);
	assert_int_equal(next_index(), job + 4);
	completed(created("31 i 4;2 i 2;6 o " ROOT ".2.1.2.1"), 3);
	job = created("31 i 4;2 i 3;5 s enclosure");
	assert_true(fixture_until(has_ended, &job));
	assert_true(value(TARGETS, job) >= 3);
	assert_int_equal(fixture_row("sub1-03")->power_state, BMC_POWER_OFF);
	(void)snprintf(object, sizeof(object), ROOT ".11.1.3.%ld", job);
	assert_null(strstr(snmp_fixture_run("snmpwalk -Oqv", V2C_READ, object),
			   "main")); /* the agent's own board */
	completed(created("31 i 4;2 i 2;5 s blade1"), 3);
	completed(created("31 i 4;2 i 2;6 o " ROOT ".1.1.0"), 1);
}

static void parameters_are_kept_and_read(void **state)
{
	(void)state;
	long job = created("31 i 4;2 i 3;5 s blade1;33 i 2;34 i 10;35 i 1;36 i 3");
	assert_int_equal(value(BATCH, job), 2);
	assert_int_equal(value(DELAY, job), 10);
	assert_int_equal(value(CANARY, job), 1);
	assert_int_equal(value(PER_BLADE, job), 3);
	assert_false(there(UNTIL, job));
	assert_false(there(AGGREGATE, job));
	completed(job, 3);
	job = created("31 i 4;2 i 2;5 s blade1");
	assert_false(there(BATCH, job));
	completed(job, 3);
}

static void job_with_nothing_to_do_is_there_and_completed(void **state)
{
	(void)state;
	long job = created("31 i 4;2 i 2;5 s sub1-02");
	assert_int_equal(value(STATUS, job), 1);
	completed(job, 0);
	assert_int_equal(results(job), 0);
	assert_int_equal(next_index(), job + 1);
}

static void what_is_no_job_is_refused(void **state)
{
	long next = next_index();

	(void)state;
	refused("31 i 4;2 i 3", "inconsistentValue");
	refused("31 i 4;5 s sub1-01", "inconsistentValue");
	refused("31 i 4;2 i 3;5 s sub1-01;7 u 1;8 u 1", "inconsistentValue");
	refused("31 i 4;2 i 3;5 s sub9-01", "inconsistentValue");
	refused("31 i 4;2 i 3;8 u 1", "inconsistentValue");
	refused("31 i 4;2 i 3;6 o " ROOT ".3.1.4.1.2", "inconsistentValue");
	refused("31 i 4;2 i 3;6 o " ROOT ".4.1.2.1", "inconsistentValue");
	refused("31 i 4;2 i 3;32 u 7", "inconsistentValue");
	refused("31 i 4;2 i 3;5 s sub1-01;29 i 4", "inconsistentValue");
	refused("31 i 4;2 i 16;5 s sub1-01", "inconsistentValue");
	refused("31 i 4;2 i 3;5 s sub1-01;21 i 2", "inconsistentValue");
	refused("31 i 4;2 i 1;5 s sub1-01", "wrongValue");
	refused("31 i 4;2 i 8;5 s sub1-01", "wrongValue");
	refused("31 i 4;2 i 17;5 s sub1-01", "wrongValue");
	refused("31 i 4;2 i 3;5 s sub1-01;29 i 2", "wrongValue");
	refused("31 i 4;2 i 3;5 s sub1-01;33 i 0", "wrongValue");
	refused("31 i 4;2 i 3;5 s sub1-01;33 i 2049", "wrongValue");
	refused("31 i 4;2 i 3;5 s sub1-01;34 i 86400001", "wrongValue");
	refused("31 i 4;2 i 3;5 s sub1-01;30 x 07EA0D01000000", "wrongLength");
	refused("31 i 4;2 i 3;5 s sub1-01;30 x 07EA0D0100000000", "wrongValue");
	refused("31 i 4;2 i 3;5 s sub1-01;30 s text", "wrongLength");
	refused("31 i 4;2 s on;5 s sub1-01", "wrongType");
	refused("31 i 4;2 i 3;5 s sub1-01;3 i 4", "notWritable");
	refused("31 i 5;2 i 3;5 s sub1-01", "wrongValue");
	refused("31 i 1;2 i 3;5 s sub1-01", "inconsistentValue");
	refused("2 i 3;5 s sub1-01", "inconsistentName");
	refused_at(next + 1000, "31 i 4;2 i 3;5 s sub1-01", "inconsistentName");
	assert_int_equal(next_index(), next);
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_ON);
	completed(created("31 i 4;2 i 3;5 s sub1-01;33 i 2048;34 i 86400000"), 1);
}

static void index_is_taken_once_and_may_be_ahead(void **state)
{
	long next = next_index();

	(void)state;
	const char *out = set(next + 999, "31 i 4;2 i 3;5 s sub1-01");
	assert_null(strstr(out, "Error"));
	completed(next + 999, 1);
	assert_int_equal(next_index(), next + 1000);
	out = set(next + 999,
		  "2 i 2;31 i 4;5 s sub1-02"); /* RFC 2579: the row exists */
	assert_non_null(strstr(out, "inconsistentValue"));
	assert_non_null(strstr(out, ".10.1.31."));
	out = set(next + 999, "2 i 2;31 i 1");
	assert_non_null(strstr(out, "notWritable"));
	assert_non_null(strstr(out, ".10.1.2."));
	assert_int_equal(value(OPERATION, next + 999), FORCE_OFF);
	refused_at(next, "31 i 4;2 i 2;5 s sub1-01", "inconsistentName");
}

/* The time is far away, so it is under way until it is cancelled. */
static void job_is_cancelled_and_destroyed(void **state)
{
	(void)state;
	long job = created("31 i 4;2 i 3;5 s sub1-02;30 x 0834010100000000");
	assert_int_equal(value(STATE, job), NEW);
	assert_true(there(PLANNED, job));
	assert_int_equal(fixture_row("sub1-02")->power_state, BMC_POWER_ON);
	assert_null(strstr(set(job, "21 i 2"), "Error"));
	assert_true(fixture_until(has_ended, &job));
	assert_int_equal(value(STATE, job), CANCELLED);
	assert_non_null(strstr(set(job, "31 i 6"), "authorizationError"));
	const char *out = set_as("-v2c -c root", job, "31 i 6");
	if (strstr(out, "Error"))
		fail_msg("%s", out);
	assert_false(there(STATE, job));
	assert_null(strstr(set_as("-v2c -c root", job, "31 i 6"),
			   "Error")); /* it is gone already */
	job = created("31 i 4;2 i 3;5 s sub1-02;30 x 08340101000000002B0000");
	assert_null(strstr(set_as("-v2c -c root", job, "31 i 6"),
			   "Error")); /* asked to end */
	assert_true(fixture_until(has_ended, &job));
	assert_int_equal(value(STATE, job), CANCELLED);
}

static void planned_is(const char *given, const char *utc)
{
	char columns[96], object[64];

	(void)snprintf(columns, sizeof(columns), "31 i 4;2 i 3;5 s sub1-02;30 x %s",
		       given);
	long job = created(columns);
	(void)snprintf(object, sizeof(object), ROOT ".10.1.30.%ld", job);
	assert_non_null(strstr(get(object), utc));
	assert_null(strstr(set(job, "21 i 2"), "Error"));
	assert_true(fixture_until(has_ended, &job));
}

/* Noon of 1 January 2100 there. */
static void time_of_a_zone_is_shown_in_utc(void **state)
{
	(void)state;
	planned_is("083401010C000000", "08 34 01 01 0C 00 00 00 2B 00 00");
	planned_is("083401010C0000002B020F", "08 34 01 01 09 2D 00 00 2B 00 00");
	planned_is("083401010C0000002D020F", "08 34 01 01 0E 0F 00 00 2B 00 00");
}

static void two_jobs_in_one_request_are_refused(void **state)
{
	char args[512];
	long job = next_index();

	(void)state;
	(void)snprintf(args, sizeof(args),
		       ROOT ".10.1.31.%ld i 4 " ROOT ".10.1.2.%ld i 3 " ROOT
			    ".10.1.5.%ld s sub1-01 " ROOT ".10.1.31.%ld i 4 " ROOT
			    ".10.1.2.%ld i 3 " ROOT ".10.1.5.%ld s sub1-02",
		       job, job, job, job + 1, job + 1, job + 1);
	assert_non_null(strstr(snmp_fixture_run("snmpset", V2C_WRITE, args),
			       "resourceUnavailable"));
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_ON);
	assert_int_equal(next_index(), job);
}

static void job_needs_the_right_to_it(void **state)
{
	char args[128];

	(void)state;
	(void)snprintf(args, sizeof(args), ROOT ".10.1.31.%ld i 4", next_index());
	assert_non_null(
		strstr(snmp_fixture_run("snmpset", V2C_READ, args), "noAccess"));
}

static int all_on(void **state)
{
	(void)state;
	long job = created("31 i 4;2 i 2;5 s blade1");
	return fixture_until(has_ended, &job) ? 0 : -1;
}

#define T(name) cmocka_unit_test_setup(name, all_on)

int main(void)
{
	const struct CMUnitTest tests[] = {
		T(job_is_created_and_followed),
		T(target_is_named_in_one_of_five_ways),
		T(parameters_are_kept_and_read),
		T(job_with_nothing_to_do_is_there_and_completed),
		T(what_is_no_job_is_refused),
		T(index_is_taken_once_and_may_be_ahead),
		T(job_is_cancelled_and_destroyed),
		T(time_of_a_zone_is_shown_in_utc),
		T(two_jobs_in_one_request_are_refused),
		T(job_needs_the_right_to_it),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
