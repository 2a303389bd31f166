// SPDX-License-Identifier: Apache-2.0
/* How the agent is reached: versions, addresses. */
#include "snmp-fixture.h"

#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "agent/conf/conf.h"
#include "core/base/util.h"
#include "snmp/bind.h"

#define V1_READ  "-v1 -c public"
#define V1_WRITE "-v1 -c private"
#define NAME_1_1 ROOT ".3.1.4.1.1"
#define MEMORY   ROOT ".3.1.31" /* Counter64, the only one but one of its table */

static const char config[] = "v1: true\n"
			     "communities:\n"
			     "  - {name: public}\n"
			     "  - {name: private, role: Operator, actor: script}\n";

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

/* ---- v1, RFC 3584 ---- */

static void v1_reads(void **state)
{
	(void)state;
	assert_string_equal(snmp_fixture_run("snmpget -Oqv", V1_READ, NAME_1_1),
			    "\"sub1-01\"\n");
}

static void says(const char *program, const char *args, const char *expected)
{
	const char *out = snmp_fixture_run(program, V1_READ, args);

	if (!strstr(out, expected))
		fail_msg("%s %s: '%s' is not in: %s", program, args, expected, out);
}

static void v1_has_no_exceptions(void **state)
{
	(void)state;
	says("snmpget -Oq", ROOT ".3.1.4.99.1", "(noSuchName)"); /* no instance */
	says("snmpget -Oq", ROOT ".3.1.4.99.1", "Failed object: ." ROOT ".3.1.4.99.1");
	says("snmpget -Oq", ROOT ".99.1.0", "(noSuchName)"); /* no object   */
	says("snmpgetnext -Oq", "1.3.7", "(noSuchName)");    /* no more     */
	says("snmpget -Oq -Cf", NAME_1_1 " " ROOT ".3.1.4.99.1 " NAME_1_1,
	     "Failed object: ." ROOT ".3.1.4.99.1");
}

static void v1_has_no_counter64(void **state)
{
	(void)state;
	says("snmpget -Oq", MEMORY ".1.1", "(noSuchName)");
	assert_non_null(strstr(snmp_fixture_run("snmpget", V2C_READ, MEMORY ".1.1"),
			       "Counter64"));
	/* GETNEXT steps over them to the next that v1 can carry */
	const char *out = snmp_fixture_run("snmpgetnext -On", V1_READ, MEMORY);
	assert_null(strstr(out, "Counter64"));
	assert_null(strstr(out, "." MEMORY "."));
	assert_null(strstr(out, "noSuchName"));
	assert_non_null(strstr(out, "." ROOT ".3.1."));
}

static unsigned lines_without(const char *text, const char *word)
{
	char *copy = strdup(text), *rest = copy, *line;
	unsigned n = 0;

	while ((line = strsep(&rest, "\n")))
		n += *line && !strstr(line, word);
	free(copy);
	return n;
}

static void a_v1_walk_is_the_v2c_walk_without_counter64(void **state)
{
	(void)state;
	unsigned v2c = lines_without(snmp_fixture_run("snmpwalk", V2C_READ, ROOT ".3"),
				     "Counter64");
	const char *out = snmp_fixture_run("snmpwalk", V1_READ, ROOT ".3");
	assert_null(strstr(out, "Counter64"));
	assert_true(v2c > 1000);
	assert_int_equal(lines_without(out, "End of MIB"), v2c);
}

static void v1_writes_nothing(void **state)
{
	(void)state;
	const char *out =
		snmp_fixture_run("snmpset -Oq", V1_WRITE, NAME_1_1 " s other");
	assert_non_null(strstr(out, "(noSuchName)"));
	assert_string_equal(snmp_fixture_run("snmpget -Oqv", V2C_READ, NAME_1_1),
			    "\"sub1-01\"\n");
}

/* ---- addresses ---- */

static int read_bind(const char *bind, struct sn_bind *ret, struct bmc_error *err)
{
	const struct bmc_conf_item *i = bmc_conf_schema;
	struct bmc_conf_file *file;
	char yaml[512];

	while (strcmp(i->key, "snmp") != 0)
		i++;
	int n = snprintf(yaml, sizeof(yaml), "bind: %s\n", bind);
	int r = bmc_conf_parse("test", yaml, (size_t)n, i->items, &file, err);
	if (r < 0)
		return r;
	r = sn_bind_read(bmc_conf_root(file), ret, err);
	bmc_conf_free(file);
	return r;
}

static void bind_is(const char *bind, const char *specs)
{
	struct sn_bind b[SN_BIND_MAX];
	struct bmc_error err = { 0 };
	char is[512] = "";
	int n = read_bind(bind, b, &err);

	if (n < 0)
		fail_msg("%s: %s", bind, err.what);
	for (int i = 0; i < n; i++) {
		strcat(is, i ? " " : "");
		strcat(is, b[i].spec);
	}
	assert_string_equal(is, specs);
}

static void addresses_have_ports_of_their_own_or_the_one_of_all(void **state)
{
	(void)state;
	bind_is("127.0.0.1", "udp:127.0.0.1:161");
	bind_is("127.0.0.1:1161", "udp:127.0.0.1:1161");
	bind_is("\"::1\"", "udp6:[::1]:161");
	bind_is("\"[::1]\"", "udp6:[::1]:161");
	bind_is("\"[::1]:65535\"", "udp6:[::1]:65535");
	bind_is("\"*\"", "udp6:[::]:161 udp:0.0.0.0:161");
	bind_is("\"*:99\"", "udp6:[::]:99 udp:0.0.0.0:99");
	bind_is("[127.0.0.1, \"127.0.0.2:1\", \"::1\"]",
		"udp:127.0.0.1:161 udp:127.0.0.2:1 udp6:[::1]:161");
}

static void what_is_no_address_is_refused(void **state)
{
	static const char *const bad[] = {
		"\"\"",          "127.0.0.1:",
		"127.0.0.1:0",   "127.0.0.1:65536",
		"\"[::1\"",      "\"[::1]1\"",
		"\"[]\"",        "300.1.1.1",
		"127.0.0.1:1x",  "[127.0.0.1, 300.1.1.1]",
		"[[127.0.0.1]]", "[]",
	};
	struct sn_bind b[SN_BIND_MAX];
	struct bmc_error err = { 0 };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++) {
		if (read_bind(bad[i], b, &err) >= 0)
			fail_msg("%s is taken", bad[i]);
		assert_non_null(strstr(err.what, "test:1"));
	}
}

static void sixteen_addresses_are_taken(void **state)
{
	char all[512] = "[\"*\"";
	struct sn_bind b[SN_BIND_MAX];
	struct bmc_error err = { 0 };

	(void)state;
	for (int i = 3; i <= 16; i++)
		strcat(all, ", 127.0.0.1");
	strcat(all, "]");
	assert_int_equal(read_bind(all, b, &err), 16);
	strcpy(strrchr(all, ']'), ", 127.0.0.1]");
	assert_int_equal(read_bind(all, b, &err), BMC_ENOSPC);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(v1_reads),
		cmocka_unit_test(v1_has_no_exceptions),
		cmocka_unit_test(v1_has_no_counter64),
		cmocka_unit_test(a_v1_walk_is_the_v2c_walk_without_counter64),
		cmocka_unit_test(v1_writes_nothing),
		cmocka_unit_test(addresses_have_ports_of_their_own_or_the_one_of_all),
		cmocka_unit_test(what_is_no_address_is_refused),
		cmocka_unit_test(sixteen_addresses_are_taken),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
