// SPDX-License-Identifier: Apache-2.0
// clusterbmcd: the one file that knows every part. It is a list of inits, run in order,
// and the same list backwards; in between the main loop runs. What surrounds the parts
// is in options.c, daemon.c and reload.c.
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "core/actions/actions.h"
#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/events/audit.h"
#include "core/events/event.h"
#include "core/inventory/inventory.h"
#include "core/model/service.h"
#include "core/plugin/instance.h"
#include "core/snapshot/history.h"
#include "daemon/daemon.h"
#include "daemon/manager.h"
#include "daemon/memory.h"
#include "daemon/notify.h"
#include "daemon/test-hook.h"
#include "daemon/watch.h"
#include "http/http.h"
#include "priv/client.h"
#include "redfish/events/events.h"
#include "redfish/redfish.h"
#include "snmp/snmp.h"
#include "state/state.h"
#include "subscriptions/subscriptions.h"
#include "telemetry/telemetry.h"

#define HELPER_MS 3000 /* for the root helper's first answer */

static void reload_http(const struct bmc_conf *http, bool changed);
static int reload_snmp(const struct bmc_conf *snmp, struct bmc_error *err);
static int dump_frontend(const char *name);
static int check(const struct bmc_conf *root, struct bmc_error *err);

static struct bmc_daemon self = {
	.helper_fd = -1,
	.ready_fd = -1,
	.signal_fd = -1,
	.reload_http = reload_http,
	.reload_snmp = reload_snmp,
	.dump_frontend = dump_frontend,
	.check = check,
};
static struct bmc_config *at_start; /* the core borrows its platform to the end */

static int64_t session_timeout(const struct bmc_conf *http)
{
	return bmc_conf_num(http, "session_timeout", 0);
}

static void reload_http(const struct bmc_conf *http, bool changed)
{
	http_reload(http);
	rf_reload();
	if (changed)
		bmc_auth_reload(session_timeout(http));
}

static int dump_frontend(const char *name)
{
	if (strcmp(name, "snmp") == 0)
		return sn_dump(stdout, NULL) < 0 ? EXIT_FAILURE : EXIT_SUCCESS;
	rf_dump(stdout);
	return EXIT_SUCCESS;
}

static int check(const struct bmc_conf *root, struct bmc_error *err)
{
	int r = sn_check(bmc_conf_find(root, "snmp"), err);

	return r < 0 ? r : http_check(bmc_conf_find(root, "http"), err);
}

static const struct bmc_conf *section(const struct bmc_daemon *d, const char *name)
{
	return bmc_conf_find(d->config->root, name);
}

static void describe_snmp(void)
{
	const struct bmc_conf *helper = section(&self, "helper");
	struct sn_description snmp;

	sn_describe(&snmp);
	const struct bmc_manager_facts facts = {
		.clock_settable = bmc_conf_num(helper, "system", 0) != 0,
		.snmp_port = snmp.port,
		.snmp_communities = snmp.communities,
		.snmp_users = snmp.users,
		.snmp_engine_id = snmp.engine_id,
		.event_retries = bmc_conf_num(section(&self, "events"), "retries", 0),
		.event_retry_interval =
			bmc_conf_num(section(&self, "events"), "retry_interval", 0),
	};
	bmc_manager_describe(&facts);
}

static void show_receiver(const struct bmc_subscription *row)
{
	if (row)
		(void)bmc_subscriptions_show_configured(row);
	else
		bmc_subscriptions_hide_configured();
}

static int reload_snmp(const struct bmc_conf *snmp, struct bmc_error *err)
{
	int r = sn_reload(snmp, err);

	if (r == 0)
		describe_snmp();
	return r;
}

static void on_restart(const char *why)
{
	log_notice("clusterbmcd restarts: %s", why);
	self.restart = true;
	bmc_loop_stop();
}

static int loop_init(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)d;
	return bmc_loop_init() < 0 ? bmc_fail(err, BMC_EIO, "no event loop") : BMC_OK;
}

static void loop_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_loop_done();
}

static int state_init(struct bmc_daemon *d, struct bmc_error *err)
{
	const struct bmc_conf *c = section(d, "state");

	bmc_state_bounds((unsigned)bmc_conf_num(c, "events_keep", 0),
			 bmc_conf_num(c, "max_size", 0));
	return bmc_state_init(d->state_dir, err);
}

static void state_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_state_done();
}

static int manager_init(struct bmc_daemon *d, struct bmc_error *err)
{
	struct bmc_auth_limits limits;

	(void)d;
	bmc_auth_default_limits(&limits);
	return bmc_manager_init(&limits, err);
}

static void manager_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_manager_done();
}

static int helper_init(struct bmc_daemon *d, struct bmc_error *err)
{
	struct priv_client_conf conf = {
		.socket = bmc_conf_text(section(d, "helper"), "socket", NULL),
		.fd = d->helper_fd,
		.digest = d->config->platform->digest,
		.platform = d->config->platform,
	};
	struct bmc_error late = { 0 };
	int r = priv_client_init(&conf, err);

	/* It makes what the simulator opens next: the file of simulated pins. */
	if (r == 0 && priv_client_wait(bmc_now() + HELPER_MS, &late) < 0)
		log_warning("%s; going on without it", late.what);
	return r;
}

static void helper_done(struct bmc_daemon *d)
{
	(void)d;
	priv_client_done();
}

static int inventory_init(struct bmc_daemon *d, struct bmc_error *err)
{
	at_start = bmc_config_ref(d->config);
	int r = bmc_inventory_init(at_start->platform, err);

	if (r == 0)
		r = bmc_events_init(err);
	if (r == 0)
		r = bmc_audit_init(err);
	if (r == 0)
		r = bmc_history_init(
			(size_t)bmc_conf_num(section(d, "history"), "samples", 0),
			bmc_conf_num(section(d, "history"), "interval", 0), err);
	return r;
}

static void inventory_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_loop_step(0); /* the last events */
	bmc_history_done();
	bmc_audit_done();
	bmc_events_done();
	bmc_inventory_done();
	at_start = bmc_config_unref(at_start);
}

static int action_api_init(struct bmc_daemon *d, struct bmc_error *err)
{
	bmc_actions_keep_tasks_for(bmc_conf_num(section(d, "tasks"), "keep_for", 0));
	return bmc_actions_init((unsigned)bmc_conf_num(section(d, "tasks"), "keep", 0),
				bmc_conf_num(d->config->root, "test", 0) != 0, err);
}

static void action_api_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_loop_step(0); /* what the frontends have still let in */
	bmc_actions_done();
}

static int instances_init(struct bmc_daemon *d, struct bmc_error *err)
{
	int r;

	bmc_restart_hook = on_restart;
	r = bmc_instances_init(at_start->platform, err);
	return r < 0 ? r : bmc_daemon_start_instances(d, err);
}

static void instances_done(struct bmc_daemon *d)
{
	(void)d;
	priv_client_no_wait();
	bmc_instances_done();
}

static int actions_start(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)d;
	(void)err;
	bmc_actions_start();
	return BMC_OK;
}

static int auth_init(struct bmc_daemon *d, struct bmc_error *err)
{
	return bmc_auth_init(session_timeout(section(d, "http")), err);
}

static void auth_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_auth_exit();
}

static int subscriptions_init(struct bmc_daemon *d, struct bmc_error *err)
{
	return bmc_subscriptions_init(
		(unsigned)bmc_conf_num(section(d, "events"), "subscriptions", 0), err);
}

static void subscriptions_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_subscriptions_done();
}

static int snmp_init(struct bmc_daemon *d, struct bmc_error *err)
{
	sn_show_receivers(show_receiver);
	int r = sn_init(section(d, "snmp"), d->state_dir, err);

	if (r < 0)
		return r;
	describe_snmp();
	return sn_start(err);
}

static void snmp_done(struct bmc_daemon *d)
{
	(void)d;
	sn_stop();
}

static int telemetry_init(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)d;
	return bmc_telemetry_init(err);
}

static void telemetry_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_telemetry_done();
}

static int redfish_init(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)d;
	(void)err;
	rf_init();
	return 0;
}

static void redfish_done(struct bmc_daemon *d)
{
	(void)d;
	rf_done();
}

static int events_init(struct bmc_daemon *d, struct bmc_error *err)
{
	const struct bmc_conf *c = section(d, "events");
	const struct rf_events_conf conf = {
		.streams = (unsigned)bmc_conf_num(c, "streams", 0),
		.streams_user = (unsigned)bmc_conf_num(c, "streams_per_user", 0),
		.timeout_ms = bmc_conf_num(c, "timeout", 0),
		.ca = bmc_conf_text(c, "ca", ""),
	};

	return rf_events_start(&conf, err);
}

static void events_done(struct bmc_daemon *d)
{
	(void)d;
	rf_events_stop();
}

static int http_init(struct bmc_daemon *d, struct bmc_error *err)
{
	return http_start(section(d, "http"), d->state_dir, err);
}

static void http_done(struct bmc_daemon *d)
{
	(void)d;
	http_stop();
}

/* The parts, in the order in which they start; the daemon is root only before
 * "privileges". */
static const struct part {
	const char *name;
	int (*init)(struct bmc_daemon *d, struct bmc_error *err);
	void (*done)(struct bmc_daemon *d);
} parts[] = {
	{ "files", bmc_daemon_files, NULL },
	{ "helper's start", bmc_daemon_spawn_helper, NULL },
	{ "privileges", bmc_daemon_drop_privileges, NULL },
	{ "loop", loop_init, loop_done },
	{ "signals", bmc_daemon_signals, bmc_daemon_signals_done },
	{ "state", state_init, state_done },
	{ "inventory", inventory_init, inventory_done },
	{ "manager", manager_init, manager_done },
	{ "helper", helper_init, helper_done },
	{ "action API", action_api_init, action_api_done },
	{ "instances", instances_init, instances_done },
	{ "actions", actions_start, NULL },
	{ "accounts", auth_init, auth_done },
	{ "subscriptions", subscriptions_init, subscriptions_done },
	{ "telemetry", telemetry_init, telemetry_done },
	{ "snmp", snmp_init, snmp_done },
	{ "redfish", redfish_init, redfish_done },
	{ "events", events_init, events_done },
	{ "http", http_init, http_done },
	{ "test hook", bmc_test_hook_init, bmc_test_hook_done },
};

static size_t start_parts(void)
{
	struct bmc_error err = { 0 };

	for (size_t i = 0; i < ARRAY_SIZE(parts); i++) {
		if (parts[i].init(&self, &err) < 0) {
			log_err("%s: %s", parts[i].name, err.what);
			return i;
		}
	}
	return ARRAY_SIZE(parts);
}

int main(int argc, char **argv)
{
	int status = EXIT_FAILURE;
	size_t n;

	bmc_memory_init();
	if (bmc_daemon_options(&self, argc, argv, &status) != 0)
		return status;
	bmc_log_init((int)bmc_conf_num(self.config->root, "log_level", 0));
	n = start_parts();
	if (n == ARRAY_SIZE(parts)) {
		bmc_daemon_ready(&self);
		bmc_loop_run();
		bmc_notify("STOPPING=1");
		status = self.restart ? BMC_EXIT_RESTART : EXIT_SUCCESS;
	}
	bmc_stop_begin(status, bmc_state_flush);
	while (n-- > 0) {
		bmc_stop_part(parts[n].name);
		if (parts[n].done)
			parts[n].done(&self);
	}
	self.config = bmc_config_unref(self.config);
	return status;
}
