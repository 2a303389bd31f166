// SPDX-License-Identifier: Apache-2.0
// The static address of an interface: what is refused, and what networkd is given. In a
// mount namespace with an /etc/systemd/network and a networkctl of its own.
#include <arpa/inet.h>
#include <fcntl.h>
#include <sched.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mount.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "core/base/util.h"
#include "priv-fixture.h"
#include "priv/client.h"
#include "priv/helper.h"

#define FOLDER "/etc/systemd/network"
#define FILE_  FOLDER "/05-clusterbmc-eth0.network"

static char dir[] = "/tmp/priv-address.XXXXXX";

static int64_t soon(void)
{
	return bmc_now() + 60000;
}

static int setup_allowed(void **state, bool allowed)
{
	struct priv_fixture *fixture = calloc(1, sizeof(*fixture));
	struct priv_client_conf conf = { 0 };

	(void)unlink(FILE_);
	(void)unlink(FOLDER "/fail");
	(void)unlink(FOLDER "/log");
	priv_fixture_init(fixture);
	fixture->settings.system_allowed = allowed;
	fixture->confined = true;
	priv_fixture_start(fixture);
	conf.fd = fixture->fd;
	fixture->fd = -1;
	assert_int_equal(priv_client_init(&conf, NULL), 0);
	*state = fixture;
	return 0;
}

static int setup(void **state)
{
	return setup_allowed(state, true);
}

static int setup_denied(void **state)
{
	return setup_allowed(state, false);
}

static int teardown(void **state)
{
	priv_client_done();
	priv_fixture_done(*state);
	free(*state);
	return 0;
}

static int set(const char *interface, const char *address, unsigned prefix,
	       const char *gateway)
{
	return bmc_hardware->address_set(interface, inet_addr(address), prefix,
					 gateway ? inet_addr(gateway) : 0, soon(),
					 NULL);
}

static const char *text_of(const char *path)
{
	static char text[512];
	FILE *f = fopen(path, "re");

	text[0] = '\0';
	if (f) {
		text[fread(text, 1, sizeof(text) - 1, f)] = '\0';
		(void)fclose(f);
	}
	return text;
}

static void nothing_is_done_unless_the_configuration_allows_it(void **state)
{
	(void)state;
	assert_int_equal(set("eth0", "10.1.2.3", 24, NULL), BMC_EPERM);
	assert_int_equal(access(FILE_, F_OK), -1);
}

static void networkd_is_given_the_address_and_can_have_it_taken_back(void **state)
{
	(void)state;
	assert_int_equal(set("eth0", "10.1.2.3", 24, "10.1.2.1"), 0);
	assert_string_equal(text_of(FILE_), "# Written by clusterbmc-priv.\n"
					    "[Match]\nName=eth0\n\n[Network]\n"
					    "Address=10.1.2.3/24\nGateway=10.1.2.1\n");
	assert_string_equal(text_of(FOLDER "/log"), "reload\nreconfigure eth0\n");
	assert_int_equal(set("eth0", "10.1.2.4", 32, NULL), 0);
	assert_non_null(strstr(text_of(FILE_), "Address=10.1.2.4/32\n"));
	assert_null(strstr(text_of(FILE_), "Gateway"));
	assert_int_equal(set("eth0", "0.0.0.0", 0, NULL), 0);
	assert_int_equal(access(FILE_, F_OK), -1);
	assert_int_equal(access(FILE_ ".old", F_OK), -1);
}

static void what_networkd_does_not_take_is_undone(void **state)
{
	(void)state;
	int fd = open(FOLDER "/fail", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	(void)close(fd);
	assert_int_equal(set("eth0", "10.1.2.3", 24, NULL), BMC_EIO);
	assert_int_equal(access(FILE_, F_OK), -1);
	(void)unlink(FOLDER "/fail");
	assert_int_equal(set("eth0", "10.1.2.3", 24, NULL), 0);
	fd = open(FOLDER "/fail", O_WRONLY | O_CREAT | O_CLOEXEC, 0600);
	(void)close(fd);
	assert_int_equal(set("eth0", "10.1.2.9", 24, NULL), BMC_EIO);
	assert_non_null(strstr(text_of(FILE_), "Address=10.1.2.3/24\n"));
	assert_int_equal(set("eth0", "0.0.0.0", 0, NULL), BMC_EIO);
	assert_non_null(strstr(text_of(FILE_), "Address=10.1.2.3/24\n"));
}

static void interfaces_that_are_none_are_refused(void **state)
{
	static const char *const names[] = { "",      "lo",     "../x",   ".",
					     "eth/0", "eth 0",  "eth0\n", "-e",
					     "eth*",  "a]\n[b", "0eth",   "e;reboot" };

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(names); i++)
		assert_int_equal(set(names[i], "10.1.2.3", 24, NULL), BMC_EINVAL);
	assert_int_equal(set("a-name-of-16-chr", "10.1.2.3", 24, NULL), BMC_EINVAL);
	assert_int_equal(set("a-name-of-15-ch", "10.1.2.3", 24, NULL), 0);
	assert_int_equal(set("a-name-of-15-ch", "0.0.0.0", 0, NULL), 0);
}

static void addresses_of_no_host_are_refused(void **state)
{
	static const struct {
		const char *address;
		unsigned prefix;
		const char *gateway;
		int code;
	} t[] = {
		{ "127.0.0.2", 8, NULL, BMC_EINVAL },
		{ "126.255.255.254", 8, NULL, 0 },
		{ "128.0.0.1", 8, NULL, 0 },
		{ "0.1.2.3", 8, NULL, BMC_EINVAL },
		{ "1.0.0.1", 8, NULL, 0 },
		{ "224.0.0.1", 8, NULL, BMC_EINVAL },
		{ "223.255.255.1", 8, NULL, 0 },
		{ "255.255.255.255", 8, NULL, BMC_EINVAL },
		{ "10.1.2.0", 24, NULL, BMC_EINVAL },
		{ "10.1.2.1", 24, NULL, 0 },
		{ "10.1.2.255", 24, NULL, BMC_EINVAL },
		{ "10.1.2.254", 24, NULL, 0 },
		{ "10.1.2.0", 31, NULL, 0 },
		{ "10.1.2.3", 0, NULL, BMC_ERANGE },
		{ "10.1.2.3", 33, NULL, BMC_EINVAL },
		{ "10.1.2.3", 24, "10.1.3.1", BMC_EINVAL },
		{ "10.1.2.3", 24, "10.1.2.3", BMC_EINVAL },
		{ "10.1.2.3", 16, "10.1.3.1", 0 },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_SIZE(t); i++)
		assert_int_equal(set("eth0", t[i].address, t[i].prefix, t[i].gateway),
				 t[i].code);
}

static const char *own_network(void)
{
	char command[800];

	if (geteuid() != 0)
		return "not root";
	if (access("/usr/bin/networkctl", X_OK) < 0)
		return "networkctl is missing: apt install systemd";
	if (unshare(CLONE_NEWNS) < 0 ||
	    mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) < 0)
		return "no mount namespaces here";
	if (!mkdtemp(dir))
		return "mkdtemp failed";
	(void)snprintf(command, sizeof(command),
		       "cd %s && mkdir etc etc/systemd etc/systemd/network && "
		       "cp /etc/passwd /etc/group etc/ && printf '%%s\\n' "
		       "'#!/bin/sh' 'test -e " FOLDER "/fail && exit 1' "
		       "'echo \"$*\" >> " FOLDER "/log' > networkctl && "
		       "chmod 755 networkctl && mount --bind etc /etc && "
		       "mount --bind networkctl /usr/bin/networkctl",
		       dir);
	return system(command) == 0 ? NULL : "/etc can't be replaced";
}

int main(void)
{
#define T(name) cmocka_unit_test_setup_teardown(name, setup, teardown)
	const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(
			nothing_is_done_unless_the_configuration_allows_it,
			setup_denied, teardown),
		T(networkd_is_given_the_address_and_can_have_it_taken_back),
		T(what_networkd_does_not_take_is_undone),
		T(interfaces_that_are_none_are_refused),
		T(addresses_of_no_host_are_refused),
	};
	const char *why = own_network();
	char command[64];
	int r = 0;

	if (why)
		(void)printf("1..0 # SKIP %s\n", why);
	else
		r = cmocka_run_group_tests(tests, NULL, NULL);
	(void)umount2("/etc", MNT_DETACH);
	(void)umount2("/usr/bin/networkctl", MNT_DETACH);
	(void)snprintf(command, sizeof(command), "rm -rf %s", dir);
	return system(command) == 0 ? r : 1;
}
