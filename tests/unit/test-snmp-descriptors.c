// SPDX-License-Identifier: Apache-2.0
/* The agent on descriptors above 1024, which select()'s own sets don't hold. A program
 * of its own: what emulates another processor may end it, see tests/cross/skips. */
#include "snmp-fixture.h"

#include <fcntl.h>
#include <string.h>
#include <sys/resource.h>
#include <unistd.h>

#include "core/base/util.h"

#define DESCRIPTORS 1500

static int held[DESCRIPTORS], n_held;

/* The agent's own descriptors come after these: above 1024. */
static void hold_descriptors(void)
{
	struct rlimit limit;

	assert_int_equal(getrlimit(RLIMIT_NOFILE, &limit), 0);
	limit.rlim_cur = MIN((rlim_t)4096, limit.rlim_max);
	assert_int_equal(setrlimit(RLIMIT_NOFILE, &limit), 0);
	while (n_held < DESCRIPTORS) {
		int fd = open("/dev/null", O_RDONLY | O_CLOEXEC);
		if (fd < 0)
			break;
		held[n_held++] = fd;
	}
}

static int start(void **state)
{
	(void)state;
	hold_descriptors();
	snmp_fixture_start("communities: [{name: public}]\n");
	return 0;
}

static int stop(void **state)
{
	(void)state;
	snmp_fixture_stop();
	while (n_held)
		(void)close(held[--n_held]);
	return 0;
}

static void answers_on_descriptors_above_1024(void **state)
{
	(void)state;
	assert_true(n_held > 1024);
	assert_string_equal(
		snmp_fixture_run("snmpget -Oqv", V2C_READ, ROOT ".3.1.4.1.1"),
		"\"sub1-01\"\n");
}

static void is_walked_on_descriptors_above_1024(void **state)
{
	(void)state;
	const char *out = snmp_fixture_run("snmpbulkwalk", V2C_READ, ROOT ".3.1.4");

	assert_non_null(strstr(out, "\"sub1-01\"\n"));
	assert_non_null(strstr(out, "\"sub9-08\"\n"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(answers_on_descriptors_above_1024),
		cmocka_unit_test(is_walked_on_descriptors_above_1024),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
