// SPDX-License-Identifier: Apache-2.0
/* What a receiver of notifications gets that was away, with the real database behind
 * the events, the real snmptrapd, and a clock that the test moves. */
#include "core-fixture.h"

#include <stdlib.h>
#include <unistd.h>

#include "snmp-fixture.h"
#include "snmp/receiver-link.h"
#include "state/state.h"
#include "subscriptions/subscriptions.h"
#include "trapd-fixture.h"

#define KEPT    1300
#define HOUR_MS 3600000

static char state_dir[] = "/tmp/test-backlog.XXXXXX";

static const char config[] =
	"engine_id: \"8000000001020304\"\n"
	"communities:\n"
	"  - {name: public}\n"
	"users:\n"
	"  - {name: noc, auth_passphrase: a-long-passphrase, priv_passphrase: "
	"another-passphrase}\n"
	"receivers:\n"
	"  - {host: 127.0.0.1, port: %d, version: v2c, community: public, inform: "
	"true}\n"
	"  - {host: 127.0.0.1, port: %d, user: noc, inform: true}\n"
	"  - {host: 127.0.0.1, port: %d, user: noc, inform: true}\n"
	"  - {host: 127.0.0.1, port: %d, version: v2c, community: public, inform: "
	"true}\n";

static const char trapd_conf[] =
	"authCommunity log public\n"
	"createUser noc SHA-256 a-long-passphrase AES-256 another-passphrase\n"
	"authUser log noc priv\n";

static void step(void)
{
	bmc_loop_step(0);
	bmc_inventory_publish();
}

static int start(void **state)
{
	char yaml[2048];
	int silent = snmp_fixture_free_port();

	(void)state;
	bmc_log_init(LOG_EMERG);
	assert_non_null(mkdtemp(state_dir));
	trapd_fixture_start(trapd_conf);
	trapd_fixture_meanwhile = step;
	assert_int_equal(bmc_loop_init(), 0);
	bmc_state_bounds(KEPT, 0);
	assert_int_equal(bmc_state_init(state_dir, NULL), 0);
	load_platform(platform_text);
	start_inventory();
	assert_int_equal(bmc_subscriptions_init(20, NULL), 0);
	int port = trapd_fixture_port();
	(void)snprintf(yaml, sizeof(yaml), config, port, port, silent, silent);
	snmp_fixture_serve(yaml);
	return 0;
}

static int stop(void **state)
{
	char command[128];

	snmp_fixture_end();
	bmc_subscriptions_done();
	bmc_state_done();
	(void)tear_down(state);
	trapd_fixture_stop();
	(void)snprintf(command, sizeof(command), "rm -rf '%s'", state_dir);
	return system(command);
}

static void raise_test_events(unsigned from, unsigned to)
{
	char text[16];

	for (unsigned i = from; i <= to; i++) {
		(void)snprintf(text, sizeof(text), "number %05u", i);
		bmc_event_raise("TestEvent", 0, text, NULL, NULL);
		if (i % 50 == 0)
			step();
	}
	step();
}

#define OF_V2C "INFORM, SNMP v2c"
#define OF_V3  "INFORM, SNMP v3"

/* The test events that one of the two receivers has, checked to be in order and each
 * once; `ret_first` is the first of them after `after`. */
static unsigned count_in_order(const char *of, unsigned after, unsigned *ret_first)
{
	unsigned last = after, n = 0;

	*ret_first = 0;
	for (const char *p = trapd_fixture_received(); (p = strstr(p, of)); p++) {
		const char *end = strchr(p, '\n');
		const char *at = strstr(p, "Test event: number ");
		unsigned number = 0;
		if (!at || !end || at > end ||
		    sscanf(at, "Test event: number %u", &number) != 1 ||
		    number <= after)
			continue;
		assert_true(number > last);
		if (!n++)
			*ret_first = number;
		last = number;
	}
	return n;
}

static void wait_for(unsigned number)
{
	char text[32];

	(void)snprintf(text, sizeof(text), "Test event: number %05u", number);
	trapd_fixture_expect(text, 2);
}

static void cold_start_comes_first_and_once(void **state)
{
	(void)state;
	raise_test_events(1, 3);
	wait_for(3);
	assert_int_equal(trapd_fixture_times(TRAPD_TRAP_OID(".1.3.6.1.6.3.1.1.5.1")),
			 2);
	const char *all = trapd_fixture_received();
	assert_true(strstr(all, ".1.3.6.1.6.3.1.1.5.1") < strstr(all, "Test event"));
}

/* The third and fourth receiver never answer: all of this goes on beside them. */
static void a_receiver_stopped_for_an_hour_misses_nothing(void **state)
{
	const unsigned n = KEPT - 100; /* more than the snapshot has */
	unsigned first_number;

	(void)state;
	trapd_fixture_kill();
	for (unsigned i = 0; i < 60; i++) {
		unsigned done = 3 + n * i / 60;
		raise_test_events(done + 1, 3 + n * (i + 1) / 60);
		bmc_clock_skip(HOUR_MS / 60);
		for (int k = 0; k < 5; k++) { /* passes of SNMP's thread */
			step();
			usleep(1000);
		}
	}
	trapd_fixture_restart();
	bmc_clock_skip(300000); /* the longest back-off */
	wait_for(3 + n);
	assert_int_equal(count_in_order(OF_V2C, 3, &first_number), n);
	assert_int_equal(first_number, 4);
	assert_int_equal(count_in_order(OF_V3, 3, &first_number), n);
	assert_int_equal(first_number, 4);
}

static void what_left_the_log_is_missed_and_nothing_else(void **state)
{
	const unsigned before = 3 + KEPT - 100, n = KEPT + 200;
	unsigned first_number, got;

	(void)state;
	trapd_fixture_kill();
	raise_test_events(before + 1, before + n);
	trapd_fixture_restart();
	bmc_clock_skip(300000);
	wait_for(before + n);
	got = count_in_order(OF_V2C, before, &first_number);
	assert_in_range(got, KEPT, n - 1);
	/* One may have been under way: the rest follows without a gap. */
	got = count_in_order(OF_V3, before, &first_number);
	assert_in_range(got, KEPT, n - 1);
}

/* The v3 receivers' keys are of an engine; v2c has none. */
static void a_receiver_that_was_replaced_is_discovered_again(void **state)
{
	unsigned first_number, last = 3 + KEPT - 100 + KEPT + 200;

	(void)state;
	trapd_fixture_kill();
	trapd_fixture_replace("replacement");
	raise_test_events(last + 1, last + 3);
	trapd_fixture_restart();
	for (int i = 0; i < 100 && count_in_order(OF_V3, last, &first_number) < 3;
	     i++) {
		bmc_clock_skip(300000);
		for (int k = 0; k < 20; k++) {
			step();
			usleep(5000);
		}
	}
	assert_int_equal(count_in_order(OF_V3, last, &first_number), 3);
}

#define LOG       ".1.3.6.1.2.1.92.1.3"
#define LOG_HAS   300
#define ENTRY_IDS LOG ".1.1.9"
#define VALUES_OF LOG ".2.1.8.0."

/* The entry of an event with its variables is there, or neither is. */
static bool is_logged(unsigned event)
{
	char id[64], values[64];

	(void)snprintf(id, sizeof(id), ENTRY_IDS ".0.%u", event);
	(void)snprintf(values, sizeof(values), VALUES_OF "%u", event);
	bool there = !strstr(snmp_fixture_run("snmpget", V2C_READ, id), "No Such");
	bool with = strstr(snmp_fixture_run("snmpwalk", V2C_READ, values), "STRING");
	assert_int_equal(there, with);
	return there;
}

static unsigned oldest_logged(void)
{
	const char *out = snmp_fixture_run("snmpgetnext -Oqn", V2C_READ, ENTRY_IDS);
	unsigned event = 0;

	assert_int_equal(sscanf(out, ENTRY_IDS ".0.%u", &event), 1);
	return event;
}

/* Asked twice, with an event in between: the oldest entry leaves for the new one. */
static void log_has_the_newest_three_hundred(void **state)
{
	unsigned number = 4 * KEPT;

	(void)state;
	for (int i = 0; i < 2; i++) {
		unsigned oldest = oldest_logged();
		number++;
		raise_test_events(number, number);
		for (int k = 0; k < 200 && oldest_logged() == oldest; k++)
			step();
		assert_int_equal(oldest_logged(), oldest + 1);
		assert_int_equal(snmp_fixture_count("snmpwalk", V2C_READ, ENTRY_IDS),
				 LOG_HAS);
		assert_false(is_logged(oldest));
		assert_true(is_logged(oldest + 1));
		assert_true(is_logged(oldest + LOG_HAS));
		assert_false(is_logged(oldest + LOG_HAS + 1));
	}
}

static void attempts_back_off_to_five_minutes(void **state)
{
	(void)state;
	assert_int_equal(sn_back_off_ms(0), 5000);
	assert_int_equal(sn_back_off_ms(1), 10000);
	assert_int_equal(sn_back_off_ms(5), 160000);
	assert_int_equal(sn_back_off_ms(6), 300000);
	assert_int_equal(sn_back_off_ms(1000000), 300000);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cold_start_comes_first_and_once),
		cmocka_unit_test(a_receiver_stopped_for_an_hour_misses_nothing),
		cmocka_unit_test(what_left_the_log_is_missed_and_nothing_else),
		cmocka_unit_test(a_receiver_that_was_replaced_is_discovered_again),
		cmocka_unit_test(log_has_the_newest_three_hundred),
		cmocka_unit_test(attempts_back_off_to_five_minutes),
	};

	if (!trapd_fixture_found())
		return 0;
	return cmocka_run_group_tests(tests, start, stop);
}
