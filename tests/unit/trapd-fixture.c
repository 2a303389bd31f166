// SPDX-License-Identifier: Apache-2.0
/* The tests' snmptrapd. */
#include "trapd-fixture.h"

#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "snmp-fixture.h"

static char work[] = "/tmp/trapd-XXXXXX";
static int port;
static pid_t trapd;
static unsigned starts;
static const char *lines;
void (*trapd_fixture_meanwhile)(void);

int trapd_fixture_found(void)
{
	if (system("command -v snmptrapd >/dev/null && command -v snmpget "
		   ">/dev/null") == 0)
		return 1;
	puts("1..0 # SKIP snmptrapd is not here (apt install snmp snmptrapd)");
	return 0;
}

static void run(void)
{
	char conf[64], log[64], address[64];

	snprintf(conf, sizeof(conf), "%s/trapd.conf", work);
	snprintf(log, sizeof(log), "%s/log", work);
	snprintf(address, sizeof(address), "udp:127.0.0.1:%d", port);
	setenv("SNMPCONFPATH", work, 1);
	setenv("SNMP_PERSISTENT_DIR", work, 1);
	setenv("MIBS", "", 1);
	execlp("snmptrapd", "snmptrapd", "-f", "-A", "-On", "-C", "-c", conf, "-Lf",
	       log, "-F", "%P|%v\\n", "-x", "none", address, (char *)NULL);
	_exit(127);
}

void trapd_fixture_restart(void)
{
	trapd = fork();
	if (trapd == 0)
		run();
	trapd_fixture_expect("NET-SNMP version", ++starts);
}

static void write_conf(const char *engine)
{
	char file[64];

	snprintf(file, sizeof(file), "%s/trapd.conf", work);
	FILE *f = fopen(file, "w");
	assert_non_null(f);
	fprintf(f, "%s[snmp] persistentDir %s\nengineID %s\n", lines, work, engine);
	fclose(f);
}

void trapd_fixture_replace(const char *engine)
{
	char file[64];

	snprintf(file, sizeof(file), "%s/snmptrapd.conf", work);
	(void)unlink(file); /* what it has stored of itself and its users */
	write_conf(engine);
}

void trapd_fixture_start(const char *conf)
{
	assert_non_null(mkdtemp(work));
	port = snmp_fixture_free_port();
	lines = conf;
	write_conf("receiver");
	trapd_fixture_restart();
}

void trapd_fixture_kill(void)
{
	kill(trapd, SIGKILL);
	waitpid(trapd, NULL, 0);
	trapd = 0;
}

void trapd_fixture_stop(void)
{
	char command[64];

	if (trapd)
		trapd_fixture_kill();
	snprintf(command, sizeof(command), "rm -rf %s", work);
	(void)!system(command);
}

int trapd_fixture_port(void)
{
	return port;
}

const char *trapd_fixture_received(void)
{
	static char text[1 << 22];
	char log[64];

	snprintf(log, sizeof(log), "%s/log", work);
	FILE *f = fopen(log, "r");
	size_t n = f ? fread(text, 1, sizeof(text) - 1, f) : 0;
	if (f)
		fclose(f);
	text[n] = '\0';
	return text;
}

unsigned trapd_fixture_times(const char *what)
{
	unsigned n = 0;

	for (const char *p = trapd_fixture_received(); (p = strstr(p, what));
	     p += strlen(what))
		n++;
	return n;
}

void trapd_fixture_expect(const char *what, unsigned n)
{
	unsigned is = 0;

	for (int i = 0; i < 3000 && (is = trapd_fixture_times(what)) < n; i++) {
		for (int k = 0; k < 20; k++) {
			if (trapd_fixture_meanwhile)
				trapd_fixture_meanwhile();
			usleep(1000);
		}
	}
	if (is < n)
		fail_msg("%s: %u of %u, received:\n%s", what, is, n,
			 trapd_fixture_received());
}
