// SPDX-License-Identifier: Apache-2.0
// What systemd-timesyncd's files say, and which servers it can be given.
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/ntp.h"
#include "core/base/util.h"

#define UNIT "systemd-timesyncd.service"
#define CONF "/etc/systemd/timesyncd.conf"

static char top[] = "/tmp/test-ntp.XXXXXX";

static void run(const char *command)
{
	char whole[512];

	(void)snprintf(whole, sizeof(whole), "cd %s && %s", top, command);
	assert_int_equal(system(whole), 0);
}

static void put(const char *path, const char *text)
{
	char whole[256];

	(void)snprintf(whole, sizeof(whole), "%s%s", top, path);
	FILE *f = fopen(whole, "we");
	assert_non_null(f);
	(void)fputs(text, f);
	(void)fclose(f);
}

static int setup(void **state)
{
	(void)state;
	run("rm -rf etc run usr && mkdir -p etc/systemd/system/sysinit.target.wants "
	    "etc/systemd/timesyncd.conf.d run/systemd/system "
	    "run/systemd/timesyncd.conf.d "
	    "usr/lib/systemd/system usr/lib/systemd/timesyncd.conf.d && "
	    "touch usr/lib/systemd/system/" UNIT);
	return 0;
}

static struct bmc_ntp now(void)
{
	struct bmc_ntp is;

	bmc_ntp_read(&is);
	return is;
}

static void assert_servers(const char *list)
{
	struct bmc_ntp is = now();

	assert_true(is.servers_known);
	assert_string_equal(is.servers, list);
}

static void nothing_is_known_where_timesyncd_is_not(void **state)
{
	(void)state;
	put(CONF, "[Time]\nNTP=a.example\n");
	assert_true(bmc_ntp_here());
	run("rm usr/lib/systemd/system/" UNIT);
	assert_false(bmc_ntp_here());
	assert_int_equal(now().enabled, -1);
	assert_false(now().servers_known);
	run("touch usr/lib/systemd/system/" UNIT " && rmdir run/systemd/system");
	assert_false(bmc_ntp_here());
	assert_int_equal(now().enabled, -1);
}

static void enabled_is_what_systemd_would_start(void **state)
{
	(void)state;
	assert_int_equal(now().enabled, 0);
	run("ln -s /usr/lib/systemd/system/" UNIT
	    " etc/systemd/system/sysinit.target.wants/");
	assert_int_equal(now().enabled, 1);
	run("ln -s /dev/null etc/systemd/system/" UNIT);
	assert_int_equal(now().enabled, 0);
}

static void files_count_in_timesyncds_order(void **state)
{
	(void)state;
	assert_servers("");
	put(CONF, "# x\n[Time]\n#NTP=no.example\nNTP=a.example  10.0.0.1\n"
		  "FallbackNTP=f.example\n[Other]\nNTP=o.example\n");
	assert_servers("a.example 10.0.0.1");
	put("/usr/lib/systemd/timesyncd.conf.d/50-x.conf", "[Time]\nNTP=b.example");
	put("/etc/systemd/timesyncd.conf.d/40-x.conf",
	    "[Time]\n NTP = 2001:db8::1\r\n");
	put("/etc/systemd/timesyncd.conf.d/60-x.conf.old", "[Time]\nNTP=z.example\n");
	assert_servers("a.example 10.0.0.1 2001:db8::1 b.example");
	put("/run/systemd/timesyncd.conf.d/50-x.conf", "[Time]\nNTP=c.example\n");
	assert_servers("a.example 10.0.0.1 2001:db8::1 c.example");
	put("/etc/systemd/timesyncd.conf.d/zz.conf", "[Time]\nNTP=\nNTP=d.example\n");
	assert_servers("d.example");
	put("/etc/systemd/timesyncd.conf.d/zz.conf", "[Time]\nNTP=\n");
	assert_servers("");
}

static void what_is_not_understood_is_not_known(void **state)
{
	char name[260], many[4096] = "[Time]\nNTP=";

	(void)state;
	put(CONF, "[Time]\nNTP=a.example \\\n");
	assert_false(now().servers_known);
	put(CONF, "[Time]\nNTP=a\xff\n");
	assert_false(now().servers_known);
	for (int i = 0; i < 11; i++) { /* 11 x 200 > 2048 */
		memset(name, 'a', 200);
		for (int k = 50; k < 200; k += 50)
			name[k] = '.';
		(void)snprintf(name + 199, sizeof(name) - 199, " ");
		(void)strncat(many, name, sizeof(many) - strlen(many) - 1);
	}
	put(CONF, many);
	assert_false(now().servers_known);
	put(CONF, "");
	assert_true(now().servers_known);
	for (int i = 0; i < 65; i++) {
		(void)snprintf(name, sizeof(name),
			       "/etc/systemd/timesyncd.conf.d/%02d.conf", i);
		put(name, "[Time]\n");
		assert_int_equal(now().servers_known, i < 64);
	}
}

static void servers_are_names_or_addresses(void **state)
{
	static const char *const good[] = { "a",           "ntp-1.example.org",
					    "10.0.0.1",    "::1",
					    "2001:db8::1", "0.debian.pool.ntp.org" };
	static const char *const bad[] = { "",          "-a",    "a-",    "a..b",
					   ".a",        "a.",    "a b",   "a\nb",
					   "a/b",       "a;b",   "a_b",   "1.2.3",
					   "256.1.1.1", "1",     "[::1]", "::1%eth0",
					   "a\xc3\xa9", "a:123", "%",     "a\\" };
	char name[256];

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(good); i++)
		assert_true(bmc_ntp_server_ok(good[i]));
	for (size_t i = 0; i < ARRAY_SIZE(bad); i++)
		assert_false(bmc_ntp_server_ok(bad[i]));
	for (size_t len = 63; len <= 64; len++) {
		memset(name, 'a', len);
		name[len] = '\0';
		assert_int_equal(bmc_ntp_server_ok(name), len == 63);
	}
	for (size_t len = 252; len <= 254; len++) {
		for (size_t i = 0; i < len; i++)
			name[i] = i % 50 == 49 ? '.' : 'a';
		name[len] = '\0';
		assert_int_equal(bmc_ntp_server_ok(name), len <= 253);
	}
}

static void lists_have_up_to_eight_with_a_space_between(void **state)
{
	(void)state;
	assert_true(bmc_ntp_list_ok(""));
	assert_true(bmc_ntp_list_ok("a"));
	assert_true(bmc_ntp_list_ok("a b c d e f g h"));
	assert_false(bmc_ntp_list_ok("a b c d e f g h i"));
	assert_false(bmc_ntp_list_ok(" a"));
	assert_false(bmc_ntp_list_ok("a "));
	assert_false(bmc_ntp_list_ok("a  b"));
	assert_false(bmc_ntp_list_ok("a\nNTP=b"));
	assert_false(bmc_ntp_list_ok("a b/c"));
}

int main(void)
{
#define T(name) cmocka_unit_test_setup(name, setup)
	const struct CMUnitTest tests[] = {
		T(nothing_is_known_where_timesyncd_is_not),
		T(enabled_is_what_systemd_would_start),
		T(files_count_in_timesyncds_order),
		T(what_is_not_understood_is_not_known),
		T(servers_are_names_or_addresses),
		T(lists_have_up_to_eight_with_a_space_between),
	};
	char command[64];

	if (!mkdtemp(top))
		return 1;
	bmc_ntp_below(top);
	int r = cmocka_run_group_tests(tests, NULL, NULL);
	(void)snprintf(command, sizeof(command), "rm -rf %s", top);
	return system(command) == 0 ? r : 1;
}
