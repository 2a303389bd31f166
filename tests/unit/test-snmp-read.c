// SPDX-License-Identifier: Apache-2.0
/* Reading over SNMP: the agent in its thread, the net-snmp programs as clients. */
#include "snmp-fixture.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "core/base/util.h"
#include "core/model/field.h"

static const char config[] =
	"contact: NOC, +49 30 1234\n"
	"location: rack 7, unit 12\n"
	"services: 64\n"
	"max_message: 1472\n"
	"communities:\n"
	"  - {name: public}\n"
	"  - {name: private, role: Operator, actor: script}\n"
	"  - {name: curious, view: no-states}\n"
	"  - {name: tables, view: boards-only}\n"
	"views:\n"
	"  - {name: no-states, include: [1.3.6.1.4.1.32473], exclude: [" ROOT
	".3.1.9]}\n"
	"  - {name: boards-only, include: [" ROOT ".3, 1.3.6.1.2.1.1]}\n"
	"users:\n"
	"  - {name: noc, auth_passphrase: a-long-passphrase, priv_passphrase: "
	"another-passphrase}\n";

static int start(void **state)
{
	(void)state;
	snmp_fixture_start(config);
	return 0;
}

static int stop(void **state)
{
	(void)state;
	snmp_fixture_stop();
	return 0;
}

static void get_is(const char *object, const char *expected)
{
	char args[128];

	snprintf(args, sizeof(args), "%s.%s", ROOT, object);
	const char *out = snmp_fixture_run("snmpget -Oqv", V2C_READ, args);
	char wanted[160];
	snprintf(wanted, sizeof(wanted), "%s\n", expected);
	assert_string_equal(out, wanted);
}

#define NO_INSTANCE "No Such Instance currently exists at this OID"
#define NO_OBJECT   "No Such Object available on this agent at this OID"

static void every_type_of_value_has_its_smi_form(void **state)
{
	(void)state;
	get_is("3.1.3.2.4", "\"sub2-04\"");             /* text              */
	get_is("3.1.5.2.4", "1");                       /* TruthValue        */
	get_is("3.1.9.2.4", "3");                       /* enumeration, On+1 */
	get_is("3.1.22.2.4", "\"02 00 5E 10 00 01 \""); /* MacAddress        */
	get_is("3.1.31.2.4", "8589934592");             /* Counter64         */
	get_is("3.1.35.2.4", "41500");                  /* milli-units       */
	get_is("7.1.7.1", "-2500");                     /* below zero        */
	get_is("10.1.15.17", "\"07 EA 01 01 00 00 00 00 2B 00 00 \""); /* DateAndTime */
	get_is("10.1.2.17", "7");   /* PowerCycle + 1    */
	get_is("1.12.0", "812345"); /* a scalar          */
}

static void references_are_row_pointers_and_board_indexes(void **state)
{
	(void)state;
	get_is("7.1.12.1", "." ROOT ".3.1.3.1.1");
	get_is("7.1.13.1", "1");
	get_is("7.1.14.1", "1");
}

static void unknown_values_have_no_instance_and_unknown_enums_are_one(void **state)
{
	(void)state;
	get_is("4.1.7.2", NO_INSTANCE); /* rpm of fan2     */
	get_is("4.1.9.2", "1");         /* its mode        */
	get_is("3.1.4.0.0", "\"\"");    /* a name to be set */
	get_is("3.1.18.1.1", NO_INSTANCE);
}

static void names_beside_the_table_have_no_object_or_instance(void **state)
{
	(void)state;
	get_is("3.1.3.2.9", NO_INSTANCE);
	get_is("3.1.3.2", NO_INSTANCE);
	get_is("3.1.3.2.4.0", NO_INSTANCE);
	get_is("3.1.3.2.4294967295", NO_INSTANCE);
	get_is("3.1.200.2.4", NO_OBJECT);
	get_is("3.1.1.2.4", NO_OBJECT); /* an index is not accessible */
	get_is("99.1.1", NO_OBJECT);
}

static void next_of(const char *name, const char *expected)
{
	const char *out = snmp_fixture_run("snmpgetnext -Oqn", V2C_READ, name);

	assert_true(strncmp(out, expected, strlen(expected)) == 0);
}

static void what_was_never_read_has_a_time_stamp_of_zero(void **state)
{
	(void)state;
	next_of("1.3.6.1.2.1.99.1.1.1.7", ".1.3.6.1.2.1.99.1.1.1.7.");
	const char *out = snmp_fixture_run("snmpbulkwalk -Oqvt", V2C_READ,
					   "1.3.6.1.2.1.99.1.1.1.7");
	assert_true(strncmp(out, "0\n", 2) == 0);
}

static void getnext_steps_over_rows_columns_and_tables(void **state)
{
	(void)state;
	next_of(ROOT ".3", "." ROOT ".3.1.3.0.0 ");
	next_of(ROOT ".3.1.3.0.0", "." ROOT ".3.1.3.1.1 ");
	next_of(ROOT ".3.1.3.1", "." ROOT ".3.1.3.1.1 ");
	next_of(ROOT ".3.1.3.1.8", "." ROOT ".3.1.3.2.1 ");
	next_of(ROOT ".3.1.3.1.8.77", "." ROOT ".3.1.3.2.1 ");
	next_of(ROOT ".3.1.3.1.4294967295", "." ROOT ".3.1.3.2.1 ");
	next_of(ROOT ".3.1.3.4294967295.4294967295", "." ROOT ".3.1.4.0.0 ");
	next_of(ROOT ".3.1.3.9.8", "." ROOT ".3.1.4.0.0 ");
	next_of(ROOT ".1.1", "." ROOT ".1.1.0 ");
	next_of(ROOT ".1.1.0", "." ROOT ".1.2.0 ");
	next_of(ROOT ".4.1.7.1",
		"." ROOT ".4.1.9.1 "); /* rpm and duty of fan2 are unknown */
	next_of(ROOT ".3.1.4294967295.9.8", "." ROOT ".4.1.2.1 ");
}

static void walks_rise_and_bulk_walks_say_the_same(void **state)
{
	(void)state;
	char *first = strdup(snmp_fixture_run("snmpwalk -Cc", V2C_READ, "1.3.6.1"));

	assert_null(strstr(first, "increasing"));
	assert_true(strlen(first) > 10000);
	assert_non_null(strstr(first, "." ROOT ".3.1.9.9.8 = INTEGER: 3\n"));
	const char *bulk = snmp_fixture_run("snmpbulkwalk -Cr50", V2C_READ, ROOT ".3");
	char *boards = strstr(first, "\n." ROOT ".3.1");
	char *end = strstr(first, "\n." ROOT ".4.1");
	assert_true(boards && end && strlen(bulk) == (size_t)(end - boards));
	assert_memory_equal(bulk, boards + 1, strlen(bulk));
	free(first);
	/* net-snmp's own check that names rise */
	assert_null(strstr(snmp_fixture_run("snmpbulkwalk", V2C_READ, "1.3.6.1"),
			   "increasing"));
}

static void a_view_without_a_column_shows_no_row_of_it(void **state)
{
	static const char *const ways[] = { "snmpbulkwalk -Cr10", "snmpbulkwalk -Cr50",
					    "snmpwalk" };
	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(ways); i++) {
		const char *out =
			snmp_fixture_run(ways[i], "-v2c -c curious", ROOT ".3");
		assert_null(strstr(out, ROOT ".3.1.9."));
		assert_non_null(strstr(out, ROOT ".3.1.8.9.8 "));
		assert_non_null(strstr(out, ROOT ".3.1.10.0.0 "));
	}
	for (int reps = 10; reps <= 50; reps += 40) {
		char args[128];
		snprintf(args, sizeof(args), "snmpbulkget -Cn0 -Cr%d", reps);
		const char *out =
			snmp_fixture_run(args, "-v2c -c curious", ROOT ".3.1.8.9.1");
		assert_null(strstr(out, ROOT ".3.1.9."));
		out = snmp_fixture_run(args, "-v2c -c curious", ROOT ".3.1.9");
		assert_null(strstr(out, ROOT ".3.1.9."));
	}
	assert_non_null(strstr(
		snmp_fixture_run("snmpget", "-v2c -c curious", ROOT ".3.1.9.1.1"),
		"No Such Object"));
}

static void a_view_of_one_table_ends_there(void **state)
{
	(void)state;
	const char *out =
		snmp_fixture_run("snmpbulkwalk -Cr50", "-v2c -c tables", "1.3.6.1");

	assert_non_null(strstr(out, ROOT ".3.1.3.9.8 "));
	assert_null(strstr(out, ROOT ".4.1."));
	assert_null(strstr(out, ROOT ".1."));
	assert_null(strstr(out, "\n.1.3.6.1.6."));
}

static void users_see_with_encryption_only(void **state)
{
	static const char user[] = "-v3 -u noc -a SHA-256 -A a-long-passphrase ";
	char credentials[160];

	(void)state;
	snprintf(credentials, sizeof(credentials),
		 "%s-x AES-256 -X another-passphrase -l authPriv", user);
	assert_non_null(
		strstr(snmp_fixture_run("snmpget", credentials, ROOT ".3.1.3.1.1"),
		       "sub1-01"));
	snprintf(credentials, sizeof(credentials), "%s-l authNoPriv", user);
	assert_null(strstr(snmp_fixture_run("snmpget", credentials, ROOT ".3.1.3.1.1"),
			   "sub1-01"));
	assert_non_null(
		strstr(snmp_fixture_run("snmpget",
					"-v3 -u noc -a SHA-256 -A wrong-passphrase "
					"-l authNoPriv",
					ROOT ".3.1.3.1.1"),
		       "Authentication failure"));
	assert_non_null(
		strstr(snmp_fixture_run("snmpget", "-v2c -c nobody", ROOT ".1.1.0"),
		       "Timeout"));
	assert_non_null(
		strstr(snmp_fixture_run("snmpget", "-v1 -c public", ROOT ".1.1.0"),
		       "Timeout"));
}

static void passphrases_and_keys_are_in_no_file(void **state)
{
	char command[256];

	(void)state;
	snprintf(command, sizeof(command),
		 "grep -rl -e passphrase -e usmUser -e public %s", snmp_fixture_dir());
	FILE *f = popen(command, "r");
	char line[256];
	assert_null(fgets(line, sizeof(line), f));
	pclose(f);
}

static void a_new_snapshot_is_answered_from_at_once(void **state)
{
	struct bmc_row *r = snmp_fixture_row(BMC_BOARD, "sub2-05");

	(void)state;
	bmc_field_set(r, bmc_field_find(BMC_BOARD, "power_state"), BMC_POWER_OFF, NULL);
	snmp_fixture_publish();
	get_is("3.1.9.2.5", "2");
	get_is("1.17.0", "2");
}

static void long_answers_are_cut_to_one_packet(void **state)
{
	(void)state;
	unsigned n =
		snmp_fixture_count("snmpbulkget -Cn0 -Cr1000", V2C_READ, ROOT ".3.1.3");

	assert_in_range(n, 10, 60);
}

/* Sends `n` bytes and gives the agent no more than a moment. */
static void send_raw(const unsigned char *data, size_t n)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	int fd = socket(AF_INET, SOCK_DGRAM, 0);

	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	at.sin_port = htons((uint16_t)snmp_fixture_port());
	sendto(fd, data, n, 0, (struct sockaddr *)&at, sizeof(at));
	close(fd);
}

static void malformed_pdus_are_survived(void **state)
{
	/* GETNEXT of sysDescr, community public */
	static const unsigned char good[] = {
		0x30, 0x29, 0x02, 0x01, 0x01, 0x04, 0x06, 'p',  'u',  'b',  'l',
		'i',  'c',  0xa1, 0x1c, 0x02, 0x04, 0x12, 0x34, 0x56, 0x78, 0x02,
		0x01, 0x00, 0x02, 0x01, 0x00, 0x30, 0x0e, 0x30, 0x0c, 0x06, 0x08,
		0x2b, 0x06, 0x01, 0x02, 0x01, 0x01, 0x01, 0x00, 0x05, 0x00,
	};
	unsigned char bad[sizeof(good)];

	(void)state;
	srand(7);
	for (int i = 0; i < 5000; i++) {
		memcpy(bad, good, sizeof(good));
		for (int k = 0; k <= i % 4; k++)
			bad[(size_t)rand() % sizeof(bad)] = (unsigned char)rand();
		send_raw(bad, (size_t)rand() % sizeof(bad) + 1);
	}
	send_raw((const unsigned char *)"", 0);
	get_is("3.1.3.2.4", "\"sub2-04\"");
}

static void system_group_tells_who_it_is(void **state)
{
	(void)state;
	const char *out = snmp_fixture_run(
		"snmpget -Oqv", V2C_READ,
		"1.3.6.1.2.1.1.2.0 1.3.6.1.2.1.1.5.0 1.3.6.1.2.1.1.1.0");
	assert_string_equal(
		out,
		".1.3.6.1.4.1.32473.2.1\n\"chassis-7\"\n\"R2 management agent\"\n");
	out = snmp_fixture_run("snmpget -Oqv", V2C_READ,
			       "1.3.6.1.2.1.1.4.0 1.3.6.1.2.1.1.6.0 1.3.6.1.2.1.1.7.0");
	assert_string_equal(out, "\"NOC, +49 30 1234\"\n\"rack 7, unit 12\"\n64\n");
	out = snmp_fixture_run("snmpwalk -Oqv", V2C_READ, "1.3.6.1.2.1.1.9.1.3");
	assert_non_null(strstr(out, "(CLUSTER-BMC-MIB)"));
	assert_non_null(strstr(out, "(IF-MIB)"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(every_type_of_value_has_its_smi_form),
		cmocka_unit_test(references_are_row_pointers_and_board_indexes),
		cmocka_unit_test(
			unknown_values_have_no_instance_and_unknown_enums_are_one),
		cmocka_unit_test(names_beside_the_table_have_no_object_or_instance),
		cmocka_unit_test(what_was_never_read_has_a_time_stamp_of_zero),
		cmocka_unit_test(getnext_steps_over_rows_columns_and_tables),
		cmocka_unit_test(walks_rise_and_bulk_walks_say_the_same),
		cmocka_unit_test(a_view_without_a_column_shows_no_row_of_it),
		cmocka_unit_test(a_view_of_one_table_ends_there),
		cmocka_unit_test(users_see_with_encryption_only),
		cmocka_unit_test(passphrases_and_keys_are_in_no_file),
		cmocka_unit_test(long_answers_are_cut_to_one_packet),
		cmocka_unit_test(malformed_pdus_are_survived),
		cmocka_unit_test(system_group_tells_who_it_is),
		cmocka_unit_test(a_new_snapshot_is_answered_from_at_once),
	};

	if (system("command -v snmpbulkwalk >/dev/null 2>&1") != 0) {
		puts("1..0 # SKIP the net-snmp programs are not here (apt install "
		     "snmp)");
		return 0;
	}
	return cmocka_run_group_tests(tests, start, stop);
}
