// SPDX-License-Identifier: Apache-2.0
/* Notifications, with the real snmptrapd as their receiver. */
#include "snmp-fixture.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "core/base/util.h"
#include "core/model/field.h"
#include "trapd-fixture.h"

static int silent_port;

static const char trapd_conf[] =
	"authCommunity log public\n"
	"createUser -e 0x8000000001020304 noc SHA-256 a-long-passphrase AES-256 "
	"another-passphrase\n"
	"createUser noc SHA-256 a-long-passphrase AES-256 another-passphrase\n"
	"authUser log noc priv\n";

static const char config[] =
	"engine_id: \"8000000001020304\"\n"
	"communities:\n"
	"  - {name: public}\n"
	"users:\n"
	"  - {name: noc, auth_passphrase: a-long-passphrase, priv_passphrase: "
	"another-passphrase}\n"
	"receivers:\n"
	"  - {host: 127.0.0.1, port: %d, version: v2c, community: public}\n"
	"  - {host: 127.0.0.1, port: %d, version: v2c, community: public, inform: "
	"true}\n"
	"  - {host: 127.0.0.1, port: %d, user: noc}\n"
	"  - {host: 127.0.0.1, port: %d, user: noc, inform: true}\n"
	"  - {host: 127.0.0.1, port: %d, user: noc, inform: true}\n";

static int start(void **state)
{
	char yaml[2048];

	(void)state;
	trapd_fixture_start(trapd_conf);
	int trap_port = trapd_fixture_port();
	silent_port = snmp_fixture_free_port();
	snprintf(yaml, sizeof(yaml), config, trap_port, trap_port, trap_port, trap_port,
		 silent_port);
	snmp_fixture_start(yaml);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	snmp_fixture_stop();
	trapd_fixture_stop();
	return 0;
}

static void raise_event(const char *number, const char *type,
			const struct bmc_row *origin)
{
	struct bmc_event *e = (struct bmc_event *)snmp_fixture_row(BMC_EVENT, number);

	bmc_copy(e->type, sizeof(e->type), type);
	bmc_copy(e->message, sizeof(e->message), "Something happened.");
	bmc_copy(e->origin_id, sizeof(e->origin_id), origin ? origin->id : "");
	e->row.parent = origin ? origin->handle : 0;
	e->severity = BMC_SEVERITY_OK;
	e->time = bmc_now();
	snmp_fixture_publish();
}

#define EVENT(n, column)   ROOT_DOT ".13.1." #column "." #n " = "
#define TRAPD_TRAP_OID(id) ".1.3.6.1.6.3.1.1.4.1.0 = OID: " id
#define NOTIFIED(n)        TRAPD_TRAP_OID(".1.3.6.1.4.1.32473.1.0." #n) "\t"
static void cold_start_reaches_every_receiver(void **state)
{
	(void)state;
	trapd_fixture_expect(TRAPD_TRAP_OID(".1.3.6.1.6.3.1.1.5.1"), 4);
	trapd_fixture_expect("TRAP2, SNMP v2c", 1);
	trapd_fixture_expect("INFORM, SNMP v2c", 1);
	trapd_fixture_expect("TRAP2, SNMP v3, user noc", 1);
	trapd_fixture_expect("INFORM, SNMP v3, user noc", 1);
}

static void an_event_carries_what_was_so_then(void **state)
{
	struct bmc_row *board = snmp_fixture_row(BMC_BOARD, "sub1-03");
	struct bmc_event *e = (struct bmc_event *)snmp_fixture_row(BMC_EVENT, "1");

	(void)state;
	bmc_copy(e->before, sizeof(e->before), "On");
	bmc_copy(e->after, sizeof(e->after), "Off");
	raise_event("1", "BoardPowerChanged", board);
	trapd_fixture_expect(EVENT(1, 3) "INTEGER: 2\t", 4);
	trapd_fixture_expect(EVENT(1, 4) "STRING: \"BoardPowerChanged\"\t", 4);
	trapd_fixture_expect(EVENT(1, 5) "STRING: \"sub1-03\"\t", 4);
	trapd_fixture_expect(
		EVENT(1, 7) "STRING: \"Something happened.\"\t" EVENT(
			1, 8) "STRING: \"On\"\t" EVENT(1, 9) "STRING: \"Off\"",
		4);
	trapd_fixture_expect(NOTIFIED(12) EVENT(1, 2), 4);
}

static void an_event_without_a_notification_goes_out_as_cbmcEvent(void **state)
{
	(void)state;
	raise_event("2", "LoginFailed", NULL);
	trapd_fixture_expect(NOTIFIED(1) EVENT(2, 2), 4);
	trapd_fixture_expect(EVENT(2, 4) "STRING: \"LoginFailed\"\t" EVENT(2, 5) "\"\"",
			     4);
}

/* Whose reading is not known (any more): no object may be missing. */
static void an_event_without_a_value_goes_out_as_cbmcEvent(void **state)
{
	struct bmc_event *e = (struct bmc_event *)snmp_fixture_row(BMC_EVENT, "20");

	(void)state;
	e->reading = 60000;
	e->limit = BMC_UNKNOWN;
	raise_event("20", "SensorAboveLimit", NULL);
	trapd_fixture_expect(NOTIFIED(1) EVENT(20, 2), 4);
	e = (struct bmc_event *)snmp_fixture_row(BMC_EVENT, "21");
	e->reading = 60000;
	e->limit = -40000;
	raise_event("21", "SensorBelowLimit", NULL);
	trapd_fixture_expect(NOTIFIED(26) EVENT(21, 2), 4);
	trapd_fixture_expect(
		EVENT(21, 9) "\"\"\t" EVENT(21, 10) "INTEGER: 60000\t" EVENT(
			21, 11) "INTEGER: "
				"-40000",
		4);
}

static void each_event_is_sent_once(void **state)
{
	(void)state;
	snmp_fixture_publish();
	raise_event("3", "TestEvent", NULL);
	trapd_fixture_expect(NOTIFIED(36), 4);
	assert_int_equal(trapd_fixture_times(NOTIFIED(12)), 4);
	assert_int_equal(trapd_fixture_times(NOTIFIED(36)), 4);
}

/* One receiver of `config` never answers, so its engine can't be discovered. */
static void a_silent_receiver_delays_no_answer(void **state)
{
	(void)state;
	for (int i = 4; i < 10; i++) {
		char number[12];
		snprintf(number, sizeof(number), "%d", i);
		raise_event(number, "TestEvent", NULL);
		assert_non_null(strstr(
			snmp_fixture_run("snmpget -t 1", V2C_READ, ROOT ".3.1.3.1.3"),
			"sub1-03"));
	}
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cold_start_reaches_every_receiver),
		cmocka_unit_test(an_event_carries_what_was_so_then),
		cmocka_unit_test(an_event_without_a_notification_goes_out_as_cbmcEvent),
		cmocka_unit_test(each_event_is_sent_once),
		cmocka_unit_test(a_silent_receiver_delays_no_answer),
		cmocka_unit_test(an_event_without_a_value_goes_out_as_cbmcEvent),
	};

	if (!trapd_fixture_found())
		return 0;
	return cmocka_run_group_tests(tests, start, stop);
}
