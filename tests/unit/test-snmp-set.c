// SPDX-License-Identifier: Apache-2.0
/* SET: from snmpset through the action API to the hardware of the action tests. */
#include "snmp-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "action-fixture.h"
#include "core/events/event.h"
#include "core/model/field.h"
#include "core/snapshot/build.h"

static const char config[] = "v1: true\n"
			     "communities:\n"
			     "  - {name: public}\n"
			     /* a name that begins with the next one's */
			     "  - {name: private2, role: Administrator}\n"
			     "  - {name: private, role: Operator, actor: script}\n"
			     "  - {name: root, role: Administrator}\n";

/* Objects, to be followed by a row. */
#define BOARD_ID             ROOT ".3.1.3"
#define BOARD_NAME           ROOT ".3.1.4"
#define BOARD_ACTION         ROOT ".3.1.10"
#define BOARD_LAST           ROOT ".3.1.11"
#define BLADE_ACTION         ROOT ".2.1.7"
#define FAN_MODE             ROOT ".4.1.9"
#define FAN_DUTY             ROOT ".4.1.10"
#define FAN_LOW              ROOT ".4.1.11"
#define SENSOR_LIMIT(column) ROOT ".7.1." #column ".1"
#define LOCK                 ROOT ".1.18.0"
#define JOB_CANCEL           ROOT ".10.1.21"
#define TEST_EVENT           ROOT ".14.12.0"
enum { ON = 2, FORCE_OFF, SHUTDOWN, RESTART, FORCE_RESTART, CYCLE };

static void step(void)
{
	bmc_loop_step(5);
}

static int set_up(void **state)
{
	struct bmc_manager manager;

	fixture_set_up(state);
	bmc_row_clear(&manager.row, BMC_MANAGER);
	bmc_copy(manager.row.id, sizeof(manager.row.id), "bmc");
	manager.row.index[0] = 1;
	bmc_inventory_upsert(&manager.row);
	bmc_inventory_publish();
	snmp_fixture_serve(config);
	snmp_fixture_meanwhile = step;
	return 0;
}

static int tear_down(void **state)
{
	snmp_fixture_end();
	return fixture_tear_down(state);
}

static const char *set(const char *args)
{
	return snmp_fixture_run("snmpset", V2C_WRITE, args);
}

static void accepted(const char *args)
{
	const char *out = set(args);

	if (strstr(out, "Error") || strstr(out, "Timeout"))
		fail_msg("%s: %s", args, out);
}

static void refused(const char *args, const char *status)
{
	const char *out = set(args);
	char reason[64];

	snprintf(reason, sizeof(reason), "Reason: %s", status);
	if (!strstr(out, reason))
		fail_msg("%s: not %s but %s", args, status, out);
}

static long value(const char *object)
{
	return atol(snmp_fixture_run("snmpget -Oqv", V2C_READ, object));
}

static bool is_off(void *id)
{
	return fixture_row(id)->power_state == BMC_POWER_OFF;
}

static bool is_idle(void *id)
{
	int64_t s = fixture_row(id)->action_state;

	return s != BMC_TASK_NEW && s != BMC_TASK_RUNNING;
}

static bool comes(bool (*what)(void *), const char *id)
{
	char copy[BMC_ID_MAX];

	bmc_copy(copy, sizeof(copy), id);
	return fixture_until(what, copy);
}

static void an_action_is_a_task_that_shows_at_once(void **state)
{
	(void)state;
	accepted(BOARD_ACTION ".1.1 i 3");
	assert_int_equal(value(BOARD_LAST ".1.1"), FORCE_OFF);
	assert_int_not_equal(fixture_row("sub1-01")->task, 0);
	assert_int_equal(value(BOARD_ACTION ".1.1"), 1);
	assert_true(comes(is_off, "sub1-01"));
	const struct bmc_task *t = fixture_task((uint32_t)fixture_row("sub1-01")->task);
	assert_string_equal(t->actor, "script");
	assert_string_equal(t->origin, "snmp");
	assert_string_equal(t->client, "127.0.0.1");
}

static void what_is_already_so_succeeds_without_a_task(void **state)
{
	(void)state;
	unsigned b = fixture_board("sub1-02");
	int ups = fixture->boards[b].power_ups;

	accepted(BOARD_ACTION ".1.2 i 2");
	fixture_pass(100);
	assert_int_equal(fixture->boards[b].power_ups, ups);
}

static void wrong_values_get_the_status_of_rfc_3416(void **state)
{
	(void)state;
	refused(BOARD_ACTION ".1.2 s on", "wrongType");
	refused(BOARD_NAME ".1.2 i 1", "wrongType");
	refused(BOARD_ACTION ".1.2 i 99", "wrongValue");
	refused(BOARD_ACTION ".1.2 i 1", "wrongValue");
	refused(BOARD_ACTION ".1.2 i -2147483648", "wrongValue");
	refused(FAN_MODE ".1 i 1", "wrongValue");
	refused(FAN_DUTY ".1 i 100001", "wrongValue");
	refused(BOARD_NAME ".1.2 s 0123456789012345678901234567890123456789"
			   "0123456789012345678901234567890",
		"wrongLength");
	refused(BOARD_NAME ".1.2 x 0041", "wrongValue");
	refused(BOARD_NAME ".1.2 x ff41", "wrongValue");
}

/* The sensor `ambient`: no limits below 0 C, 45 C and 50 C above. */
static void limits_of_a_sensor_stay_in_order(void **state)
{
	(void)state;
	refused(SENSOR_LIMIT(10) " i 50001", "inconsistentValue");
	refused(SENSOR_LIMIT(11) " i 49999 " SENSOR_LIMIT(10) " i 50000",
		"inconsistentValue");
	assert_non_null(
		strstr(set(SENSOR_LIMIT(9) " i 1000 " SENSOR_LIMIT(8) " i 1001"),
		       "Failed object: ." SENSOR_LIMIT(8)));
	accepted(SENSOR_LIMIT(11) " i 60000 " SENSOR_LIMIT(10) " i 60000");
	refused(SENSOR_LIMIT(10) " i 60001", "inconsistentValue");
	accepted(SENSOR_LIMIT(10) " i 45000");
	accepted(SENSOR_LIMIT(11) " i 50000");
}

static void what_can_not_be_written_says_so(void **state)
{
	(void)state;
	refused(BOARD_ID ".1.2 s sub9", "notWritable");
	refused(ROOT ".3.1.99.1.2 i 1", "notWritable");
	refused(BOARD_ACTION ".7.7 i 2", "noCreation");
	refused(BOARD_ACTION ".1 i 2", "noCreation");
	const char *out =
		snmp_fixture_run("snmpset", V2C_READ, BOARD_ACTION ".1.2 i 3");
	assert_non_null(strstr(out, "noAccess"));
}

/* v1 reads only, and has fewer words for that (RFC 3584, 4.4). */
static void a_v1_set_is_no_such_name(void **state)
{
	const char *out =
		snmp_fixture_run("snmpset", "-v1 -c private",
				 BOARD_NAME ".1.2 s x " BOARD_ACTION ".1.2 i 3");

	(void)state;
	assert_non_null(strstr(out, "noSuchName"));
	assert_non_null(strstr(out, "Failed object: ." BOARD_NAME ".1.2"));
	assert_int_equal(fixture_row("sub1-02")->power_state, BMC_POWER_ON);
}

static void an_empty_slot_and_missing_hardware_are_told_apart(void **state)
{
	(void)state;
	refused(BOARD_ACTION ".1.4 i 2", "inconsistentValue");
	refused(BOARD_ACTION ".2.2 i 3", "wrongValue");
}

static void a_busy_board_is_inconsistent_until_its_job_is_cancelled(void **state)
{
	char args[128];

	(void)state;
	fixture->boards[fixture_board("sub1-03")].fault = FIXTURE_ADB_HANGS;
	accepted(BOARD_ACTION ".1.3 i 5");
	refused(BOARD_ACTION ".1.3 i 7", "inconsistentValue");
	snprintf(args, sizeof(args), JOB_CANCEL ".%ld i 2",
		 (long)fixture_row("sub1-03")->task);
	accepted(args);
	assert_true(comes(is_idle, "sub1-03"));
	assert_int_equal(fixture_row("sub1-03")->action_state, BMC_TASK_CANCELLED);
	refused(args, "inconsistentValue");
	fixture->boards[fixture_board("sub1-03")].fault = FIXTURE_NO_FAULT;
}

static void a_pdu_happens_as_a_whole_or_not_at_all(void **state)
{
	(void)state;
	accepted(BOARD_NAME ".1.2 s before");
	refused(BOARD_NAME ".1.2 s after " BOARD_ACTION ".1.4 i 2",
		"inconsistentValue");
	refused(BOARD_NAME ".1.2 s after " FAN_MODE ".1 i 9", "wrongValue");
	assert_string_equal(fixture_row("sub1-02")->name, "before");
	accepted(BOARD_NAME ".1.2 s after " FAN_LOW ".1 i 1500 " ROOT ".1.2.0 s Rack7");
	assert_string_equal(fixture_row("sub1-02")->name, "after");
	assert_int_equal(value(FAN_LOW ".1"), 1500);
}

static void a_refusal_names_the_variable_at_fault(void **state)
{
	(void)state;
	const char *out = set(BOARD_NAME ".1.2 s x " BOARD_ACTION
					 ".1.2 i 2 " BOARD_ACTION ".1.4 i 2");
	assert_non_null(strstr(out, "Failed object: ." BOARD_ACTION ".1.4"));
}

static void several_boards_go_in_one_pdu_and_a_blade_in_one_variable(void **state)
{
	(void)state;
	accepted(BOARD_ACTION ".1.2 i 3 " BOARD_ACTION ".1.3 i 3");
	assert_true(comes(is_off, "sub1-02") && comes(is_off, "sub1-03"));
	assert_true(comes(is_idle, "sub1-02") && comes(is_idle, "sub1-03"));
	accepted(BLADE_ACTION ".1 i 2");
	fixture_pass(1500);
	assert_int_equal(fixture_row("sub1-01")->power_state, BMC_POWER_ON);
	assert_int_equal(fixture_row("sub1-03")->power_state, BMC_POWER_ON);
}

static void the_lock_goes_up_and_refuses_an_old_view(void **state)
{
	char args[128];
	long old = value(LOCK);

	(void)state;
	snprintf(args, sizeof(args), LOCK " i %ld " BOARD_NAME ".1.2 s one", old);
	accepted(args);
	assert_int_equal(value(LOCK), old + 1);
	refused(args, "inconsistentValue");
}

static void a_journal_that_takes_nothing_is_resource_unavailable(void **state)
{
	(void)state;
	fixture_pass(300);
	fixture->store_refuses = true;
	const char *out = set(BOARD_ACTION ".1.2 i 7");
	fixture->store_refuses = false;
	assert_null(strstr(out, "Timeout"));
	assert_true(comes(is_idle, "sub1-02"));
}

static void a_test_event_needs_an_administrator(void **state)
{
	(void)state;
	refused(TEST_EVENT " i 2", "authorizationError");
	const char *out =
		snmp_fixture_run("snmpset", "-v2c -c root", TEST_EVENT " i 2");
	assert_null(strstr(out, "Error"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(an_action_is_a_task_that_shows_at_once),
		cmocka_unit_test(what_is_already_so_succeeds_without_a_task),
		cmocka_unit_test(wrong_values_get_the_status_of_rfc_3416),
		cmocka_unit_test(limits_of_a_sensor_stay_in_order),
		cmocka_unit_test(what_can_not_be_written_says_so),
		cmocka_unit_test(a_v1_set_is_no_such_name),
		cmocka_unit_test(an_empty_slot_and_missing_hardware_are_told_apart),
		cmocka_unit_test(
			a_busy_board_is_inconsistent_until_its_job_is_cancelled),
		cmocka_unit_test(a_pdu_happens_as_a_whole_or_not_at_all),
		cmocka_unit_test(a_refusal_names_the_variable_at_fault),
		cmocka_unit_test(
			several_boards_go_in_one_pdu_and_a_blade_in_one_variable),
		cmocka_unit_test(the_lock_goes_up_and_refuses_an_old_view),
		cmocka_unit_test(a_journal_that_takes_nothing_is_resource_unavailable),
		cmocka_unit_test(a_test_event_needs_an_administrator),
	};

	if (system("command -v snmpset >/dev/null 2>&1") != 0) {
		puts("1..0 # SKIP snmpset is not here (apt install snmp)");
		return 0;
	}
	return cmocka_run_group_tests(tests, set_up, tear_down);
}
