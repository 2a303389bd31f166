// SPDX-License-Identifier: Apache-2.0
/* The chassis of sim-fixture.h and a client of the simulator's control socket. */
#include "sim-fixture.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include <cmocka.h>

extern const struct bmc_plugin bmc_plugin_simulator;

static const char platform[] =
	"platform: test\n"
	"chips:\n"
	"  - {id: power, driver: simulator, lines: 100}\n"
	"  - {id: reset, driver: simulator, lines: 100}\n"
	"chassis:\n"
	"  - {id: enclosure}\n"
	"blades:\n"
	"  - {range: {b: 1-2}, id: \"blade{b}\", index: \"{b}\"}\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - range: {b: 1-2, s: 1-2}\n"
	"    id: \"sub{b}-{s:02}\"\n"
	"    index: \"{b}.{s}\"\n"
	"    parent: \"blade{b}\"\n"
	"    soc: RK3399\n"
	"    pins:\n"
	"      - {name: power, chip: power, line: \"{b}{s}\"}\n"
	"      - {name: reset, chip: reset, line: \"{b}{s}\", active: low}\n"
	"  - {id: bare, index: \"3.1\", soc: RK1808, simulator: {os: linux}}\n"
	"fans:\n"
	"  - {range: {n: 1-2}, id: \"fan{n}\"}\n"
	"psus:\n"
	"  - {range: {n: 1-2}, id: \"psu{n}\"}\n"
	"disks:\n"
	"  - {id: disk1, media: HDD}\n"
	"sensors:\n"
	"  - {id: ntc1, parent: sub1-01, type: Temperature}\n"
	"  - {id: rail, type: Voltage}\n"
	"nics:\n"
	"  - {id: net1}\n";

struct fixture *sim_fixture_new(const char *settings)
{
	return fixture_new(
		&(struct fixture_conf){ &bmc_plugin_simulator, platform, settings });
}

int sim_fixture_setup(void **state)
{
	*state = sim_fixture_new("{pins: '@/simulator.pins', socket: '@/sim.sock'}");
	fixture_run(*state, BOOTED_MS);
	return 0;
}

int sim_fixture_teardown(void **state)
{
	fixture_free(*state);
	return 0;
}

/* ---- the socket ---- */

int sim_fixture_connect(const struct fixture *r)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };
	int fd = socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0);

	(void)snprintf(a.sun_path, sizeof(a.sun_path), "%s/sim.sock", fixture_dir(r));
	assert_int_equal(connect(fd, (struct sockaddr *)&a, sizeof(a)), 0);
	return fd;
}

/* Reads one line; its length, 0 at the end of the stream. */
size_t sim_fixture_line(int fd, char *buf, size_t size)
{
	size_t n = 0;

	while (n < size - 1 && recv(fd, buf + n, 1, 0) == 1) {
		if (buf[n++] == '\n')
			break;
	}
	buf[n] = '\0';
	return n;
}

json_t *sim_fixture_ask(const struct fixture *r, const char *line)
{
	static char buf[1 << 20];
	int fd = sim_fixture_connect(r);
	json_t *reply;

	assert_int_equal(send(fd, line, strlen(line), 0), strlen(line));
	assert_int_equal(send(fd, "\n", 1, 0), 1);
	assert_true(sim_fixture_line(fd, buf, sizeof(buf)) > 0);
	close(fd);
	reply = json_loads(buf, 0, NULL);
	assert_non_null(reply);
	return reply;
}

void sim_fixture_report(struct fixture *r, const char *line)
{
	json_t *reply = sim_fixture_ask(r, line);

	if (!json_is_true(json_object_get(reply, "ok")))
		fail_msg("%s: %s", line,
			 json_string_value(json_object_get(reply, "error")));
	json_decref(reply);
	fixture_poll(r);
}

/* The request is refused, with `words` in the reason. */
void sim_fixture_refuses(const struct fixture *r, const char *line, const char *words)
{
	json_t *reply = sim_fixture_ask(r, line);
	const char *error = json_string_value(json_object_get(reply, "error"));

	assert_true(json_is_false(json_object_get(reply, "ok")));
	if (!error || !strstr(error, words))
		fail_msg("%s: \"%s\" lacks \"%s\"", line, error ? error : "", words);
	json_decref(reply);
}
