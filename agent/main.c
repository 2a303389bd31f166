// SPDX-License-Identifier: Apache-2.0
// clusterbmcd: the file that knows every part, with frontends.c. It is a list of inits,
// run in order, and the same list backwards; in between the main loop runs. What
// surrounds the parts is in options.c, daemon.c and reload.c.
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "auth/auth.h"
#include "certificates/certificates.h"
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
#include "daemon/manager.h"
#include "daemon/memory.h"
#include "daemon/notify.h"
#include "daemon/watch.h"
#include "frontends.h"
#include "http/http.h"
#include "metrics/metrics.h"
#include "priv/client.h"
#include "redfish/redfish.h"
#include "snmp/snmp.h"
#include "state/state.h"
#include "subscriptions/subscriptions.h"
#include "update/offer.h"
#include "update/update.h"

#define HELPER_MS 3000 /* for the root helper's first answer */

static void reload_http(const struct bmc_conf *http, bool changed);
static int dump_frontend(const char *name);
static int check(const struct bmc_conf *root, struct bmc_error *err);

static struct bmc_daemon self = {
	.helper_fd = -1,
	.ready_fd = -1,
	.signal_fd = -1,
	.reload_http = reload_http,
	.reload_snmp = frontends_reload_snmp,
	.dump_frontend = dump_frontend,
	.check = check,
};
static struct bmc_config *at_start; /* the core borrows its platform to the end */

static const struct bmc_conf *section(const struct bmc_daemon *d, const char *name)
{
	return bmc_conf_find(d->config->root, name);
}

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
	if (strcmp(name, "metrics") == 0)
		mx_dump(stdout);
	else
		rf_dump(stdout);
	return EXIT_SUCCESS;
}

static int check(const struct bmc_conf *root, struct bmc_error *err)
{
	int r = sn_check(bmc_conf_find(root, "snmp"), err);

	if (r == 0)
		r = upd_offers_check(bmc_conf_find(root, "update"), err);
	return r < 0 ? r : http_check(bmc_conf_find(root, "http"), err);
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

static int start_history(const struct bmc_conf *c, struct bmc_error *err)
{
	const struct bmc_history_sizes sizes = {
		.samples = (size_t)bmc_conf_num(c, "samples", 0),
		.interval = bmc_conf_num(c, "interval", 0),
		.means = (size_t)bmc_conf_num(c, "means", 0),
		.mean_interval = bmc_conf_num(c, "mean_interval", 0),
	};

	return bmc_history_init(&sizes, err);
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
		r = start_history(section(d, "history"), err);
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
	bmc_actions_limit_manual_fans(bmc_conf_num(d->config->root, "manual_fans", 0));
	bmc_actions_limit_updates(
		(unsigned)bmc_conf_num(section(d, "update"), "at_once", 0));
	return bmc_actions_init((unsigned)bmc_conf_num(section(d, "tasks"), "keep", 0),
				bmc_conf_num(d->config->root, "test", 0) != 0, err);
}

static void action_api_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_loop_step(0); /* what the frontends have still let in */
	bmc_actions_done();
}

static int offers_init(struct bmc_daemon *d, struct bmc_error *err)
{
	return upd_offers_init(section(d, "update"), d->state_dir, err);
}

static void offers_done(struct bmc_daemon *d)
{
	(void)d;
	upd_offers_done();
}

static int images_init(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)err;
	upd_init(section(d, "update"), d->state_dir);
	return BMC_OK;
}

static void images_done(struct bmc_daemon *d)
{
	(void)d;
	upd_done();
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

static int certificates_init(struct bmc_daemon *d, struct bmc_error *err)
{
	(void)d;
	return bmc_certificates_init(err);
}

static void certificates_done(struct bmc_daemon *d)
{
	(void)d;
	bmc_certificates_done();
}

/* The parts, in the order in which they start, the frontends behind them; the daemon is
 * root only before "privileges". */
static const struct part parts[] = {
	{ "files", bmc_daemon_files, NULL },
	{ "helper's start", bmc_daemon_spawn_helper, NULL },
	{ "web pages' folder", frontends_open_webui, NULL },
	{ "privileges", bmc_daemon_drop_privileges, NULL },
	{ "loop", loop_init, loop_done },
	{ "signals", bmc_daemon_signals, bmc_daemon_signals_done },
	{ "state", state_init, state_done },
	{ "inventory", inventory_init, inventory_done },
	{ "manager", manager_init, manager_done },
	{ "helper", helper_init, helper_done },
	{ "offers", offers_init, offers_done },
	{ "images", images_init, images_done }, /* what runs gives its images back */
	{ "action API", action_api_init, action_api_done },
	{ "instances", instances_init, instances_done },
	{ "actions", actions_start, NULL },
	{ "accounts", auth_init, auth_done },
	{ "subscriptions", subscriptions_init, subscriptions_done },
	{ "certificates", certificates_init, certificates_done },
};

static const struct part *part_at(size_t i)
{
	return i < ARRAY_SIZE(parts) ? &parts[i] : &frontends[i - ARRAY_SIZE(parts)];
}

/* How many have started. */
static size_t start_parts(size_t n)
{
	struct bmc_error err = { 0 };

	for (size_t i = 0; i < n; i++) {
		if (part_at(i)->init(&self, &err) < 0) {
			log_err("%s: %s", part_at(i)->name, err.what);
			return i;
		}
	}
	return n;
}

int main(int argc, char **argv)
{
	int status = EXIT_FAILURE;
	const size_t all = ARRAY_SIZE(parts) + n_frontends;

	bmc_memory_init();
	if (bmc_daemon_options(&self, argc, argv, &status) != 0)
		return status;
	bmc_log_init((int)bmc_conf_num(self.config->root, "log_level", 0));
	size_t n = start_parts(all);
	if (n == all) {
		bmc_daemon_ready(&self);
		bmc_loop_run();
		bmc_notify("STOPPING=1");
		status = self.restart ? BMC_EXIT_RESTART : EXIT_SUCCESS;
	}
	bmc_stop_begin(status, bmc_state_flush);
	while (n-- > 0) {
		bmc_stop_part(part_at(n)->name);
		if (part_at(n)->done)
			part_at(n)->done(&self);
	}
	self.config = bmc_config_unref(self.config);
	return status;
}
