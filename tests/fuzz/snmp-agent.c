// SPDX-License-Identifier: Apache-2.0
// An agent of SNMP's for fuzz targets, see snmp-agent.h.
#include "snmp-agent.h"

#include <arpa/inet.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "conf/conf.h"
#include "core/actions/actions.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/plugin/instance.h"
#include "snmp/snmp.h"

#define LINES_MAX 1000 /* of the log, whatever is sent and however often */

static const char platform_text[] =
	"platform: small\n"
	"chassis: [{id: enclosure, form: RackMount}]\n"
	"blades: [{range: {b: 1-2}, id: \"blade{b}\", index: \"{b}\"}]\n"
	"boards:\n"
	"  - {id: main, is_main: true, index: \"0.0\"}\n"
	"  - {range: {b: 1-2, s: 1-2}, id: \"sub{b}-{s:02}\", index: \"{b}.{s}\", "
	"parent: \"blade{b}\"}\n"
	"fans: [{id: fan1}]\n"
	"sensors: [{id: temp1, type: Temperature, parent: sub1-01}]\n";

static const char snmp_text[] = "port: %d\n"
				"%s"
				"bind: 127.0.0.1\n"
				"engine_id: \"8000000001020304\"\n"
				"communities:\n"
				"  - {name: r}\n"
				"  - {name: w, role: Administrator}\n"
				"  - {name: p, view: part}\n"
				"views:\n"
				"  - {name: part, include: [1.3.6.1.4.1.32473], "
				"exclude: [1.3.6.1.4.1.32473.1.1.3.1.9]}\n"
				"users:\n"
				"  - {name: u, auth_passphrase: a-long-passphrase, "
				"priv_passphrase: a-long-passphrase}\n";

static pthread_barrier_t begun;

static const struct bmc_conf *parse(const char *text,
				    const struct bmc_conf_item *schema)
{
	static struct bmc_conf_file *files[2]; /* kept to the end */
	struct bmc_conf_file **file = &files[files[0] != NULL];
	struct bmc_error err;

	if (bmc_conf_parse("fuzz", text, strlen(text), schema, file, &err) < 0)
		abort();
	return bmc_conf_root(*file);
}

/* The core has a thread of its own, so that a SET's COMMIT is answered. */
static void *run_core(void *arg)
{
	struct bmc_platform *platform;
	struct bmc_error err;

	(void)arg;
	if (bmc_loop_init() < 0 ||
	    bmc_platform_new(parse(platform_text, bmc_platform_schema()), &platform,
			     &err) < 0 ||
	    bmc_inventory_init(platform, &err) < 0 || bmc_events_init(&err) < 0 ||
	    bmc_instances_init(platform, &err) < 0 ||
	    bmc_actions_init(20, false, &err) < 0)
		abort();
	bmc_actions_start();
	pthread_barrier_wait(&begun);
	bmc_loop_run();
	return NULL;
}

static const struct bmc_conf_item *snmp_schema(void)
{
	const struct bmc_conf_item *i = bmc_conf_schema;

	while (strcmp(i->key, "snmp") != 0)
		i++;
	return i->items;
}

/* Warnings are what a sender can cause without a right to anything. */
static void check_log(void)
{
	static struct bmc_log_line lines[BMC_LOG_LINES];
	size_t n = bmc_log_lines(lines);

	if (n > 0 && lines[n - 1].number > LINES_MAX)
		abort();
}

int snmp_agent(const char *more)
{
	struct sockaddr_in at = { .sin_family = AF_INET };
	socklen_t len = sizeof(at);
	char text[sizeof(snmp_text) + 64];
	struct bmc_error err;
	pthread_t core;
	int sender;

	bmc_log_init(LOG_WARNING); /* a SET that is carried out is a notice */
	if (atexit(check_log) != 0)
		abort();
	pthread_barrier_init(&begun, NULL, 2);
	if (pthread_create(&core, NULL, run_core, NULL) != 0)
		abort();
	pthread_barrier_wait(&begun);
	at.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	if (bind(sender, (struct sockaddr *)&at, len) < 0 ||
	    getsockname(sender, (struct sockaddr *)&at, &len) < 0)
		abort();
	close(sender); /* the port it had is free for the agent */
	(void)snprintf(text, sizeof(text), snmp_text, ntohs(at.sin_port), more);
	if (sn_init(parse(text, snmp_schema()), "/nowhere", &err) < 0)
		abort();
	sender = socket(AF_INET, SOCK_DGRAM, 0);
	if (connect(sender, (struct sockaddr *)&at, len) < 0)
		abort();
	return sender;
}
