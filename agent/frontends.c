// SPDX-License-Identifier: Apache-2.0
// The parts of main.c's list through which users and programs reach the agent.
#include "frontends.h"

#include "certificates/certificates.h"
#include "core/base/util.h"
#include "core/model/service.h"
#include "daemon/manager.h"
#include "daemon/test-hook.h"
#include "discovery/discovery.h"
#include "http/http.h"
#include "http/webui.h"
#include "local/local.h"
#include "metrics/metrics.h"
#include "neighbours/neighbours.h"
#include "redfish/events/events.h"
#include "redfish/redfish.h"
#include "shell/shell.h"
#include "snmp/snmp.h"
#include "subscriptions/subscriptions.h"
#include "telemetry/telemetry.h"

static const struct bmc_daemon *running; /* for a reload */

static const struct bmc_conf *section(const struct bmc_daemon *d, const char *name)
{
	return bmc_conf_find(d->config->root, name);
}

/* Of DNS-SD; NULL: none. */
static const char *service_file(const struct bmc_daemon *d)
{
	return bmc_conf_text(bmc_conf_find(section(d, "discovery"), "dns_sd"), "file",
			     NULL);
}

static void describe_manager(void)
{
	const struct bmc_conf *helper = section(running, "helper");
	const struct bmc_conf *ssdp =
		bmc_conf_find(section(running, "discovery"), "ssdp");
	struct sn_description snmp;

	sn_describe(&snmp);
	const struct bmc_manager_facts facts = {
		.clock_settable = bmc_conf_num(helper, "system", 0) != 0,
		.snmp_port = snmp.port,
		.snmp_communities = snmp.communities,
		.snmp_users = snmp.users,
		.snmp_engine_id = snmp.engine_id,
		.event_retries = bmc_conf_num(section(running, "events"), "retries", 0),
		.event_retry_interval =
			bmc_conf_num(section(running, "events"), "retry_interval", 0),
		.ssdp_enabled = bmc_conf_num(ssdp, "enabled", 0),
		.ssdp_notify = bmc_conf_num(ssdp, "notify", 0),
		.dns_sd = service_file(running) != NULL,
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

int frontends_reload_snmp(const struct bmc_conf *snmp, struct bmc_error *err)
{
	int r = sn_reload(snmp, err);

	if (r == 0)
		describe_manager();
	return r;
}

static int snmp_init(struct bmc_daemon *d, struct bmc_error *err)
{
	running = d;
	sn_show_receivers(show_receiver);
	int r = sn_init(section(d, "snmp"), d->state_dir, err);

	if (r < 0)
		return r;
	describe_manager();
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
	(void)err;
	rf_serve_http_push(bmc_conf_num(section(d, "redfish"), "http_push_uri", 0) !=
			   0);
	rf_init();
	return 0;
}

static void redfish_done(struct bmc_daemon *d)
{
	(void)d;
	rf_done();
}

static int metrics_init(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)err;
	mx_init(section(d, "metrics"));
	return BMC_OK;
}

static void metrics_done(struct bmc_daemon *d)
{
	(void)d;
	mx_done();
}

int frontends_open_webui(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)err;
	http_webui_open(bmc_conf_text(section(d, "http"), "webui", ""));
	return BMC_OK;
}

static int shells_init(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)err;
	shell_init(section(d, "shell"));
	return BMC_OK;
}

static void shells_done(struct bmc_daemon *d)
{
	(void)d;
	shell_done();
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

static int neighbours_init(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)d;
	return neighbours_start(err);
}

static void neighbours_done(struct bmc_daemon *d)
{
	(void)d;
	neighbours_stop();
}

static int http_init(struct bmc_daemon *d, struct bmc_error *err)
{
	int r = local_init(section(d, "local_api"), err);

	http_show_authorities(bmc_certificates_show_configured);
	return r < 0 ? r : http_start(section(d, "http"), d->state_dir, err);
}

static void http_done(struct bmc_daemon *d)
{
	(void)d;
	http_stop();
	local_done();
}

static int discovery_init(struct bmc_daemon *d, struct bmc_error *err)
{
	const struct discovery_conf conf = { .minor = RF_MINOR,
					     .path = RF_ROOT,
					     .port = http_port_at,
					     .service_file = service_file(d) };

	return discovery_start(&conf, err);
}

static void discovery_done(struct bmc_daemon *d)
{
	(void)d;
	discovery_stop();
}

/* In the order in which they start. */
const struct part frontends[] = {
	{ "telemetry", telemetry_init, telemetry_done },
	{ "snmp", snmp_init, snmp_done },
	{ "redfish", redfish_init, redfish_done },
	{ "metrics", metrics_init, metrics_done },
	{ "shells", shells_init, shells_done },
	{ "events", events_init, events_done },
	{ "neighbours", neighbours_init, neighbours_done },
	{ "http", http_init, http_done },
	{ "discovery", discovery_init, discovery_done },
	{ "test hook", bmc_test_hook_init, bmc_test_hook_done },
};
const size_t n_frontends = ARRAY_SIZE(frontends);
