// SPDX-License-Identifier: Apache-2.0
// doctor's checks of the agent, its clock and its boards. Called by commands/doctor.c.
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "cli/commands/doctor.h"
#include "core/base/util.h"

#define CLOCK_S 30 /* a difference that a page shows */

static void check_agent(struct cli_diagnosis *p, struct cli_finding *f)
{
	struct cli_error err = { 0 };
	json_t *m = cli_get(cli_link(p->c), &err, CLI_ROOT "/Managers/bmc");
	const json_t *durable = cli_at(m, "Oem/ClusterBmc/StateDurable");

	p->manager = m;
	if (!m) {
		cli_set_finding(f, CLI_BROKEN, "%s", err.what);
		cli_advise(f, "%s", err.next);
	} else if (json_is_false(durable)) {
		cli_set_finding(
			f, CLI_BROKEN,
			"its database takes no writes: what is accepted is lost at "
			"a restart");
		cli_advise(f,
			   "Is the disk full (df -h)? journalctl -u clusterbmcd says "
			   "more.");
	} else {
		cli_set_finding(f, CLI_WELL, "%s %s answers", cli_text_at(m, "Model"),
				cli_text_at(m, "FirmwareVersion"));
	}
}

/* "2026-11-22T12:58:46+00:00"; -1: it is none. */
static time_t time_of(const char *text)
{
	struct tm tm = { 0 };
	const char *rest = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int h = 0, m = 0;

	if (!rest)
		return -1;
	if ((*rest == '+' || *rest == '-') && sscanf(rest + 1, "%2d:%2d", &h, &m) == 2)
		h = *rest == '-' ? -h : h;
	m = h < 0 ? -m : m;
	return timegm(&tm) - h * 3600 - m * 60;
}

static void check_clock(struct cli_diagnosis *p, struct cli_finding *f)
{
	const char *text = cli_text_at(p->manager, "DateTime");
	time_t then = time_of(text);

	if (then < 0) {
		cli_set_finding(f, CLI_SKIPPED, "the agent's time is not known");
		return;
	}
	long off = labs((long)(then - time(NULL)));
	if (off > CLOCK_S) {
		cli_set_finding(
			f, CLI_BROKEN,
			"the agent's clock differs from this machine's by %ld s: a "
			"browser asks for a time of which there are no values",
			off);
		cli_advise(f,
			   "timedatectl set-ntp true, or where there is no network: "
			   "timedatectl set-ntp false; timedatectl set-time \"...\"");
		return;
	}
	cli_set_finding(f, CLI_WELL, "the agent's is this machine's; it is %s", text);
	cli_advise(f,
		   "Choose the last hour in dashboards: older values are not kept for "
		   "ever.");
}

static size_t count(const json_t *boards, const char *key, const char *value)
{
	size_t n = 0, i;
	const json_t *b;

	json_array_foreach (boards, i, b)
		n += strcmp(cli_text_at(b, key), value) == 0;
	return n;
}

/* Powered, and not on USB or offline for adb: those that are off are off because it was
 * asked for. */
static size_t missing(const json_t *boards, char *ret, size_t size)
{
	size_t n = 0, i, len = 0;
	const json_t *b;

	ret[0] = 0;
	json_array_foreach (boards, i, b) {
		const char *state = cli_text_at(b, "state");
		bool gone = strcmp(state, "offline") == 0 &&
			    strcmp(cli_text_at(b, "power"), "Off") != 0;

		if (!gone && strcmp(state, "adb_offline") != 0)
			continue;
		if (n++ < 8)
			len += (size_t)snprintf(ret + len, size - len, " %.31s",
						cli_text_at(b, "node"));
	}
	if (n > 8)
		(void)snprintf(ret + len, size - len, " ...");
	return n;
}

/* What `adb devices` would show: it would start a second adb server, which takes the
 * boards away from the agent. */
static void check_usb(struct cli_diagnosis *p, struct cli_finding *f)
{
	size_t n = json_array_size(p->boards);
	size_t offline = count(p->boards, "state", "offline");
	char names[300];
	size_t gone = missing(p->boards, names, sizeof(names));

	if (!n) {
		cli_set_finding(f, p->boards ? CLI_BROKEN : CLI_SKIPPED,
				"no boards are known");
		cli_advise(f, "Is a plugin for them among the instances of "
			      "/etc/clusterbmc/clusterbmcd.yaml?");
	} else if (offline == n) {
		cli_set_finding(f, CLI_BROKEN, "no board is on USB");
		cli_advise(f,
			   "Is the chassis' OTG port connected to a PC? It must not "
			   "be. Then look at the power and the seats of the boards.");
	} else if (gone) {
		cli_set_finding(
			f, CLI_WARNING,
			"%zu of %zu boards are on, but adb does not reach them:%s",
			gone, n, names);
		cli_advise(f,
			   "bmc NODE reset; bmc NODE shows one. When its neighbours on "
			   "the blade are gone, too, reset their hub: bmc redfish POST "
			   "Systems/NODE/Actions/Oem/ClusterBmcComputerSystem.Recover");
	} else {
		cli_set_finding(f, CLI_WELL, "%zu of %zu boards are on USB",
				n - offline, n);
		if (offline)
			cli_advise(f, "The others are switched off: bmc @off state; "
				      "bmc NODE poweron.");
	}
}

static json_t *load_metrics(struct cli_diagnosis *p, struct cli_error *err)
{
	struct cli_call call = { .path = "/metrics", .accept = "text/plain" };
	struct cli_reply r = { 0 };
	json_t *text = NULL;

	if (cli_ask(cli_link(p->c), &call, &r, err) == CLI_OK)
		text = json_string(r.text ? r.text : "");
	cli_reply_done(&r);
	return text;
}

static size_t count_lines(const char *text, const char *start)
{
	size_t n = 0;

	for (; text; text = strchr(text, '\n')) {
		text += *text == '\n';
		n += strncmp(text, start, strlen(start)) == 0;
	}
	return n;
}

static void check_metrics(struct cli_diagnosis *p, struct cli_finding *f)
{
	struct cli_error err = { 0 };
	json_t *text = load_metrics(p, &err);
	size_t n = text ? count_lines(json_string_value(text), "node_cluster_up{") : 0;

	if (!text) {
		cli_set_finding(f, CLI_BROKEN, "/metrics: %s", err.what);
		cli_advise(f, "%s", err.next);
	} else if (!n) {
		cli_set_finding(f, CLI_BROKEN, "/metrics has no node_cluster_up");
		cli_advise(f, "bmc list: does the agent know boards at all?");
	} else {
		cli_set_finding(f, CLI_WELL, "/metrics has %zu boards", n);
	}
	json_decref(text);
}

/* The agent reads main's node_exporter for its load. */
static void check_exporter(struct cli_diagnosis *p, struct cli_finding *f)
{
	struct cli_error err = { 0 };
	json_t *s = cli_get(cli_link(p->c), &err, CLI_ROOT "/Systems/main");

	if (!s)
		cli_set_finding(f, CLI_SKIPPED, "%s", err.what);
	else if (json_is_number(cli_at(s, "Oem/ClusterBmc/CpuLoadPercent")))
		cli_set_finding(f, CLI_WELL, "the load of main is known");
	else
		cli_set_finding(f, CLI_WARNING, "nothing reports the load of main");
	if (f->health == CLI_WARNING)
		cli_advise(f, "systemctl status prometheus-node-exporter; and does an "
			      "instance of the plugin node-exporter ask it?");
	json_decref(s);
}

static void check_health(struct cli_diagnosis *p, struct cli_finding *f)
{
	struct cli_error err = { 0 };
	json_t *e = cli_get(cli_link(p->c), &err, CLI_ROOT "/Chassis/enclosure");
	const char *health = cli_text_at(e, "Status/Health"),
		   *rollup = cli_text_at(e, "Status/HealthRollup");
	const char *worst = *rollup ? rollup : health;

	if (!e)
		cli_set_finding(f, CLI_SKIPPED, "%s", err.what);
	else if (!*worst || strcmp(worst, "OK") == 0)
		cli_set_finding(f, CLI_WELL, "the enclosure is well");
	else
		cli_set_finding(f, CLI_WARNING, "the health of the enclosure is %s",
				worst);
	if (f->health == CLI_WARNING)
		cli_advise(f, "bmc events -n 50; bmc sensors");
	json_decref(e);
}

const struct cli_check cli_checks[] = {
	{ "agent", check_agent },
	{ "clock", check_clock },
	{ "usb", check_usb },
	{ "metrics", check_metrics },
	{ "exporter", check_exporter },
	{ "health", check_health },
	{ .name = NULL },
};
