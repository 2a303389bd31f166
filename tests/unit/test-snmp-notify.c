// SPDX-License-Identifier: Apache-2.0
/* Notifications, with the real snmptrapd as their receiver. */
#include "snmp-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "core/base/util.h"
#include "core/model/field.h"

static char work[] = "/tmp/snmp-notify-XXXXXX";
static int trap_port, silent_port;
static pid_t trapd;

static const char trapd_conf[] =
	"authCommunity log public\n"
	"createUser -e 0x8000000001020304 noc SHA-256 a-long-passphrase AES-256 "
	"another-passphrase\n"
	"createUser noc SHA-256 a-long-passphrase AES-256 another-passphrase\n"
	"authUser log noc priv\n"
	"[snmp] persistentDir %s\n"
	"engineID receiver\n";

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

static void start_trapd(void)
{
	char conf[64], log[64], address[64];

	snprintf(conf, sizeof(conf), "%s/trapd.conf", work);
	snprintf(log, sizeof(log), "%s/log", work);
	snprintf(address, sizeof(address), "udp:127.0.0.1:%d", trap_port);
	FILE *f = fopen(conf, "w");
	fprintf(f, trapd_conf, work);
	fclose(f);
	trapd = fork();
	if (trapd != 0)
		return;
	setenv("SNMPCONFPATH", work, 1);
	setenv("SNMP_PERSISTENT_DIR", work, 1);
	setenv("MIBS", "", 1);
	execlp("snmptrapd", "snmptrapd", "-f", "-On", "-C", "-c", conf, "-Lf", log,
	       "-F", "%P|%v\\n", "-x", "none", address, (char *)NULL);
	_exit(127);
}

/* What the receiver has logged so far. */
static const char *received(void)
{
	static char text[1 << 18];
	char log[64];

	snprintf(log, sizeof(log), "%s/log", work);
	FILE *f = fopen(log, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	return text;
}

static unsigned times(const char *what)
{
	unsigned n = 0;

	for (const char *p = received(); (p = strstr(p, what)); p += strlen(what))
		n++;
	return n;
}

/* Waits until `what` was received `n` times, at most a minute. */
static void expect(const char *what, unsigned n)
{
	for (int i = 0; i < 600 && times(what) < n; i++)
		usleep(100000);
	if (times(what) < n)
		fail_msg("%s: %u of %u, received:\n%s", what, times(what), n,
			 received());
}

static int start(void **state)
{
	char yaml[2048];

	(void)state;
	if (!mkdtemp(work))
		return -1;
	trap_port = snmp_fixture_free_port();
	silent_port = snmp_fixture_free_port();
	start_trapd();
	expect("NET-SNMP version", 1);
	snprintf(yaml, sizeof(yaml), config, trap_port, trap_port, trap_port, trap_port,
		 silent_port);
	snmp_fixture_start(yaml);
	return 0;
}

static int stop(void **state)
{
	char command[64];

	(void)state;
	snmp_fixture_stop();
	kill(trapd, SIGTERM);
	waitpid(trapd, NULL, 0);
	snprintf(command, sizeof(command), "rm -rf %s", work);
	return system(command);
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

#define TRAP_OID(id) ".1.3.6.1.6.3.1.1.4.1.0 = OID: " id
#define NOTIFIED(n)  TRAP_OID(".1.3.6.1.4.1.32473.1.0." #n) "\t"

static void cold_start_reaches_every_receiver(void **state)
{
	(void)state;
	expect(TRAP_OID(".1.3.6.1.6.3.1.1.5.1"), 4);
	expect("TRAP2, SNMP v2c", 1);
	expect("INFORM, SNMP v2c", 1);
	expect("TRAP2, SNMP v3, user noc", 1);
	expect("INFORM, SNMP v3, user noc", 1);
}

static void an_event_carries_objects_of_its_origin(void **state)
{
	(void)state;
	raise_event("1", "BoardPowerChanged", snmp_fixture_row(BMC_BOARD, "sub1-03"));
	expect(NOTIFIED(12) ROOT_DOT
	       ".3.1.4.1.3 = STRING: \"sub1-03\"\t" ROOT_DOT
	       ".3.1.9.1.3 = INTEGER: 3\t" ROOT_DOT ".13.1.3.1 = INTEGER: 2\t" ROOT_DOT
	       ".13.1.4.1 = STRING: \"BoardPowerChanged\"\t" ROOT_DOT
	       ".13.1.7.1 = STRING: \"Something happened.\"",
	       4);
}

static void an_event_without_a_notification_goes_out_as_cbmcEvent(void **state)
{
	(void)state;
	raise_event("2", "LoginFailed", NULL);
	expect(NOTIFIED(1) ROOT_DOT ".13.1.3.2 = INTEGER: 2\t" ROOT_DOT
				    ".13.1.4.2 = STRING: \"LoginFailed\"",
	       4);
}

static void each_event_is_sent_once(void **state)
{
	(void)state;
	snmp_fixture_publish();
	raise_event("3", "TestEvent", NULL);
	expect(NOTIFIED(36), 4);
	assert_int_equal(times(NOTIFIED(12)), 4);
	assert_int_equal(times(NOTIFIED(36)), 4);
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

static void a_wrong_community_is_told(void **state)
{
	(void)state;
	(void)snmp_fixture_run("snmpget -t 0.2", "-v2c -c guess", ROOT ".1.1.0");
	expect(TRAP_OID(".1.3.6.1.6.3.1.1.5.5"), 4);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(cold_start_reaches_every_receiver),
		cmocka_unit_test(an_event_carries_objects_of_its_origin),
		cmocka_unit_test(an_event_without_a_notification_goes_out_as_cbmcEvent),
		cmocka_unit_test(each_event_is_sent_once),
		cmocka_unit_test(a_silent_receiver_delays_no_answer),
		cmocka_unit_test(a_wrong_community_is_told),
	};

	if (system("command -v snmptrapd >/dev/null && command -v snmpget "
		   ">/dev/null") != 0) {
		puts("1..0 # SKIP snmptrapd is not here (apt install snmp snmptrapd)");
		return 0;
	}
	return cmocka_run_group_tests(tests, start, stop);
}
