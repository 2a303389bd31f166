// SPDX-License-Identifier: Apache-2.0
// bmc support-bundle: one archive with what is needed to find a fault, and no secret.
#include "config.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli/commands/capture.h"
#include "cli/commands/doctor.h"
#include "cli/commands/scrub.h"
#include "cli/commands/tar.h"
#include "cli/list.h"
#include "cli/sub.h"
#include "core/base/util.h"

#define FILE_MAX  (4U << 20)  /* bytes of a file; the newest of logs */
#define TOTAL_MAX (48U << 20) /* of the archive                      */
#define NAME_SIZE 65

struct bundle {
	struct cli *c;
	FILE *to;
	const char *name; /* of the folder in it */
	time_t now;
	size_t total;
	unsigned files, failed;
	bool broken; /* it can't be written */
	json_t *contents;
};

/* ---- one file ---- */

static void note(struct bundle *b, const char *file, size_t n, const char *why)
{
	(void)json_array_append_new(b->contents,
				    json_pack("{s:s, s:I, s:s}", "file", file, "bytes",
					      (json_int_t)n, "error", why));
	b->failed += *why != 0;
}

static void add(struct bundle *b, const char *file, const char *text, size_t n)
{
	char path[100];

	if (b->total + n > TOTAL_MAX) {
		note(b, file, 0, "the archive would be too large");
		return;
	}
	(void)snprintf(path, sizeof(path), "%.64s/%.34s", b->name, file);
	b->broken |= cli_tar_add(b->to, path, text, n, b->now) != 0;
	b->total += n;
	b->files++;
	note(b, file, n, "");
}

/* The newest end of it. */
static void add_text(struct bundle *b, const char *file, char *text)
{
	size_t n = strlen(text), skip = n > FILE_MAX ? n - FILE_MAX : 0;

	cli_scrub_text(text);
	add(b, file, text + skip, n - skip);
}

/* `value` is stolen; NULL: `err` says why. */
static void add_json(struct bundle *b, const char *file, json_t *value,
		     const struct cli_error *err)
{
	char *text;

	cli_scrub_json(value);
	text = value ? json_dumps(value, JSON_INDENT(1)) : NULL;
	if (text && strlen(text) <= FILE_MAX)
		add(b, file, text, strlen(text));
	else if (text)
		note(b, file, 0, "too long");
	else
		note(b, file, 0, value ? "out of memory" : err->what);
	free(text);
	json_decref(value);
}

/* ---- what the agent says ---- */

static const struct {
	const char *file, *path;
} bodies[] = {
	{ "redfish/root.json", "" },
	{ "redfish/manager.json", "/Managers/bmc" },
	{ "redfish/network-protocol.json", "/Managers/bmc/NetworkProtocol" },
	{ "redfish/interfaces.json", "/Managers/bmc/EthernetInterfaces?$expand=." },
	{ "redfish/systems.json", "/Systems?$expand=." },
	{ "redfish/chassis.json", "/Chassis?$expand=." },
	{ "redfish/sensors.json", "/Chassis/enclosure/Sensors?$expand=." },
	{ "redfish/tasks.json", "/TaskService/Tasks?$expand=." },
	{ "redfish/updates.json", "/UpdateService" },
	{ "redfish/images.json", "/UpdateService/LocalImageStore?$expand=." },
	{ "redfish/firmware.json", "/UpdateService/FirmwareInventory?$expand=." },
	{ "redfish/events-service.json", "/EventService" },
	{ "log/journal.json", "/Managers/bmc/LogServices/Journal/Entries" },
};

static void add_bodies(struct bundle *b)
{
	for (size_t i = 0; i < ARRAY_SIZE(bodies); i++) {
		struct cli_error err = { 0 };
		json_t *body =
			cli_get(cli_link(b->c), &err, CLI_ROOT "%s", bodies[i].path);
		add_json(b, bodies[i].file, body, &err);
	}
}

/* The newest of a log. */
static void add_log(struct bundle *b, const char *file, const char *log, long n)
{
	struct cli_error err = { 0 };
	json_t *one =
		cli_get(cli_link(b->c), &err,
			CLI_ROOT "/Managers/bmc/LogServices/%s/Entries?$top=1", log);
	long all =
		(long)json_integer_value(json_object_get(one, "Members@odata.count"));

	add_json(b, file,
		 !one ? NULL
		      : cli_collect(cli_link(b->c), &err,
				    CLI_ROOT "/Managers/bmc/LogServices/%s/"
					     "Entries?$skip=%ld",
				    log, MAX(all - n, 0)),
		 &err);
	json_decref(one);
}

static void add_metrics(struct bundle *b)
{
	struct cli_call call = { .path = "/metrics", .accept = "text/plain" };
	struct cli_error err = { 0 };
	struct cli_reply r = { 0 };

	if (cli_ask(cli_link(b->c), &call, &r, &err) == CLI_OK && r.text)
		add_text(b, "metrics.txt", r.text);
	else
		note(b, "metrics.txt", 0, err.what);
	cli_reply_done(&r);
}

/* ---- what this machine says ---- */

static void add_output(struct bundle *b, const char *file, const char *const *words)
{
	char *text = NULL;
	int code = cli_capture(words, FILE_MAX, &text);

	if (code >= 0 && text && *text)
		add_text(b, file, text);
	else
		note(b, file, 0, code < 0 ? "can't be run" : "nothing was said");
	free(text);
}

/* The agent's program: beside this one in a build folder, in sbin when both are
 * installed, which is not on every user's PATH. */
static void find_agent(char program[PATH_MAX])
{
	static const char *const places[] = { "clusterbmcd", "../sbin/clusterbmcd" };
	ssize_t n = readlink("/proc/self/exe", program, PATH_MAX - 32);

	program[MAX(n, 0)] = 0;
	char *slash = strrchr(program, '/');
	for (size_t i = 0; slash && i < ARRAY_SIZE(places); i++) {
		(void)snprintf(slash + 1, 32, "%s", places[i]);
		if (access(program, X_OK) == 0)
			return;
	}
	(void)snprintf(program, PATH_MAX, "clusterbmcd");
}

static void add_configuration(struct bundle *b)
{
	const char *config = cli_option(b->c, "config");
	char program[PATH_MAX];

	find_agent(program);
	/* it prints secrets as *** */
	const char *const with[] = { program, "--config", config, "-p", NULL };
	const char *const without[] = { program, "-p", NULL };
	add_output(b, "configuration.yaml", config ? with : without);
}

static void add_machine(struct bundle *b)
{
	static const struct {
		const char *file;
		const char *const words[10];
	} tools[] = {
		{ "system/kernel.txt", { "uname", "-a" } },
		{ "system/release.txt", { "cat", "/etc/os-release" } },
		{ "system/disks.txt", { "df", "-h" } },
		{ "system/memory.txt", { "cat", "/proc/meminfo" } },
		{ "system/clock.txt", { "timedatectl", "status" } },
		{ "system/packages.txt", { "dpkg-query", "-W", "clusterbmc*" } },
		{ "system/service.txt",
		  { "systemctl", "--no-pager", "-l", "status", "clusterbmcd",
		    "clusterbmc-priv" } },
		{ "log/clusterbmcd.txt",
		  { "journalctl", "--no-pager", "-n", "5000", "-u", "clusterbmcd", "-u",
		    "clusterbmc-priv" } },
	};

	for (size_t i = 0; i < ARRAY_SIZE(tools); i++)
		add_output(b, tools[i].file, tools[i].words);
	add_configuration(b);
}

static void add_versions(struct bundle *b)
{
	struct cli_error err = { 0 };
	json_t *m = cli_get(cli_link(b->c), &err, CLI_ROOT "/Managers/bmc");

	add_json(b, "versions.json",
		 json_pack("{s:s, s:s, s:s}", "bmc", PACKAGE_VERSION, "agent",
			   cli_text_at(m, "FirmwareVersion"), "agent_at",
			   cli_base(cli_link(b->c))),
		 &err);
	json_decref(m);
}

static void fill(struct bundle *b)
{
	int code = CLI_OK;

	add_versions(b);
	add_json(b, "doctor.json", cli_diagnose(b->c, &code), NULL);
	if (code != CLI_UNREACHABLE) {
		add_bodies(b);
		add_log(b, "log/events.json", "Events", 2000);
		add_log(b, "log/audit.json", "Audit", 500);
		add_metrics(b);
	}
	if (!b->c->target.host)
		add_machine(b);
	add_json(b, "contents.json", json_incref(b->contents), NULL);
	b->broken |= cli_tar_end(b->to) != 0;
}

/* ---- the archive ---- */

static int finish(struct bundle *b, const char *path)
{
	struct cli_error err;

	b->broken |= fclose(b->to) != 0;
	if (b->broken) {
		cli_fail(&err, CLI_FAILED, "%s can't be written: %s", path,
			 strerror(errno));
		(void)unlink(path);
		return cli_report(NULL, &err);
	}
	if (b->c->format == CLI_JSON || b->c->format == CLI_YAML) {
		json_t *v =
			json_pack("{s:s, s:O}", "archive", path, "files", b->contents);
		cli_print_value(stdout, b->c->format, v);
		json_decref(v);
	} else {
		printf("%s\n", path);
	}
	if (b->failed)
		cli_note("%u files; %u could not be had: its contents.json says why",
			 b->files, b->failed);
	return CLI_OK;
}

/* Of the agent's machine: letters, digits, dots and dashes, the port left out. */
static void host_of(const struct cli *c, char *ret, size_t size)
{
	const char *host = c->target.host;
	char own[HOST_NAME_MAX + 1] = "";
	size_t n = 0;

	if (!host && gethostname(own, sizeof(own) - 1) == 0)
		host = own;
	host = host && *host ? host : "unknown";
	host += strncmp(host, "https://", 8) == 0 ? 8 : 0;
	const char *end = strpbrk(host, host[0] == '[' ? "]/?#" : ":/?#");
	host += host[0] == '[';
	while (host[n] && host + n != end && n + 1 < size) {
		bool plain = isalnum((unsigned char)host[n]) || strchr(".-", host[n]);
		ret[n] = host[n];
		if (!plain || (n == 0 && host[n] == '.'))
			ret[n] = '-';
		n++;
	}
	ret[n] = 0;
}

/* "bmc-support-r2.example-20260102T030405Z": one host's side by side, by their time. */
static void name_of(const struct bundle *b, char ret[NAME_SIZE])
{
	char host[33], when[20];
	struct tm tm;

	host_of(b->c, host, sizeof(host));
	(void)gmtime_r(&b->now, &tm);
	(void)strftime(when, sizeof(when), "%Y%m%dT%H%M%SZ", &tm);
	(void)snprintf(ret, NAME_SIZE, "bmc-support-%s-%s", host, when);
}

/* An existing file stays; only its owner can read a new one. */
static FILE *create(const char *path)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC | O_NOFOLLOW, 0600);

	return fd >= 0 ? fdopen(fd, "w") : NULL;
}

static int run(struct cli *c)
{
	struct bundle b = { .c = c, .now = time(NULL) };
	char name[NAME_SIZE], path[PATH_MAX];
	struct cli_error err;

	if (c->argc > 1)
		return cli_usage(c, "it is: bmc %s", c->command->usage);
	name_of(&b, name);
	(void)snprintf(path, sizeof(path), "%s%s", c->argc ? c->argv[0] : name,
		       c->argc ? "" : ".tar");
	b.to = create(path);
	if (!b.to) {
		cli_fail(&err, CLI_FAILED, "%s: %s", path, strerror(errno));
		return cli_report(NULL, &err);
	}
	b.name = name;
	b.contents = json_array();
	fill(&b);
	int code = finish(&b, path);
	json_decref(b.contents);
	return code;
}

static const struct cli_option options[] = {
	{ "config", 0, "FILE", "of the agent on this machine, where it is elsewhere" },
	{ "prometheus", 0, "URL", "of Prometheus, for doctor's findings" },
	{ .name = NULL },
};

const struct cli_command cli_support_bundle = {
	.name = "support-bundle",
	.usage = "support-bundle [<file>]",
	.summary = "Gather state, logs and versions in one archive, without secrets.",
	.help = "A tar archive of at most 48 MiB, which only its owner can read: what "
		"the\n"
		"agent shows of itself, the newest events, audit records and log "
		"lines,\n"
		"metrics, doctor's findings; on the agent's machine also the "
		"configuration\n"
		"in force and the state of the service. Passwords, passphrases, "
		"tokens, "
		"private\n"
		"keys and communities are left out; names of accounts and boards, "
		"addresses "
		"and\n"
		"serial numbers are in it. contents.json says what could not be had. "
		"Without a\n"
		"name it is bmc-support-HOST-TIME.tar, with the agent's host and UTC.\n"
		"\n"
		"Examples:\n"
		"  sudo bmc support-bundle\n"
		"  bmc -H r2.example support-bundle r2.tar\n",
	.options = options,
	.run = run,
};
