// SPDX-License-Identifier: Apache-2.0
// Instances of the config: their start, and what SIGHUP changes. An instance borrows
// its settings from the config it was made of, so it holds a reference to that.
#include "config.h"

#include <stdlib.h>
#include <string.h>

#include "core/base/log.h"
#include "core/base/util.h"
#include "core/plugin/instance.h"
#include "daemon/daemon.h"
#include "daemon/notify.h"

#define INSTANCES_MAX 64 /* as in the schema */

/* Which config each running instance borrows from. */
static struct holder {
	char name[BMC_ID_MAX];
	struct bmc_config *config;
} holders[INSTANCES_MAX];

/* An instance on its way out, and what is to be made in its place. */
struct change {
	struct holder *holder;
	struct bmc_config *is; /* NULL: nothing is made */
	const struct bmc_config_instance *made;
};

static struct holder *holder_find(const char *name)
{
	for (size_t i = 0; i < INSTANCES_MAX; i++) {
		if (strcmp(holders[i].name, name) == 0)
			return &holders[i];
	}
	return NULL;
}

static int start(struct bmc_config *c, const struct bmc_config_instance *i,
		 struct bmc_error *err)
{
	struct holder *h = holder_find("");
	int r;

	if (!h)
		return bmc_fail(err, BMC_ENOSPC, "more than %d instances",
				INSTANCES_MAX);
	r = bmc_instance_start(i->plugin, &i->conf, err);
	if (r < 0)
		return r;
	(void)bmc_copy(h->name, sizeof(h->name), i->conf.name);
	h->config = bmc_config_ref(c);
	return BMC_OK;
}

int bmc_daemon_start_instances(struct bmc_daemon *d, struct bmc_error *err)
{
	for (size_t n = 0; n < d->config->n_instances; n++) {
		const struct bmc_config_instance *i = &d->config->instances[n];

		if (start(d->config, i, err) < 0)
			log_err("instance %s is left out: %s", i->conf.name, err->what);
	}
	return BMC_OK;
}

static void on_ended(void *arg)
{
	struct change *ch = arg;
	struct bmc_error err;

	ch->holder->name[0] = '\0';
	ch->holder->config = bmc_config_unref(ch->holder->config);
	if (ch->made && start(ch->is, ch->made, &err) < 0)
		log_err("instance %s: %s", ch->made->conf.name, err.what);
	ch->is = bmc_config_unref(ch->is);
	free(ch);
}

static void change_instance(struct bmc_config *is, const char *name,
			    const struct bmc_config_instance *made)
{
	struct change *ch = calloc(1, sizeof(*ch));

	if (!ch)
		return;
	ch->holder = holder_find(name);
	ch->is = bmc_config_ref(is);
	ch->made = made;
	if (bmc_instance_stop(name, on_ended, ch) < 0)
		on_ended(ch);
}

struct reload {
	struct bmc_daemon *d;
	struct bmc_config *was, *is;
	bool http;      /* that section is taken over live */
	unsigned later; /* keys that wait for a restart */
};

static void on_key(void *arg, const char *key, enum bmc_reload needs)
{
	struct reload *r = arg;

	if (needs == BMC_RELOAD_RESTART) {
		log_warning("configuration: %s takes effect at the next start", key);
		r->later++;
		return;
	}
	if (strcmp(key, "log_level") == 0)
		bmc_log_init((int)bmc_conf_num(r->is->root, "log_level", 0));
	r->http |= strncmp(key, "http.", 5) == 0;
}

static void on_instance(void *arg, const struct bmc_config_instance *was,
			const struct bmc_config_instance *is)
{
	struct reload *r = arg;
	struct bmc_error err;

	if (was && holder_find(was->conf.name)) {
		log_notice("instance %s %s", was->conf.name,
			   is ? "is made anew" : "ends");
		change_instance(r->is, was->conf.name, is);
	} else if (is) {
		log_notice("instance %s is new", is->conf.name);
		if (start(r->is, is, &err) < 0)
			log_err("instance %s: %s", is->conf.name, err.what);
	}
}

void bmc_daemon_reload(struct bmc_daemon *d)
{
	struct reload r = { .d = d, .was = d->config };
	struct bmc_config_changes changes = { .key = on_key,
					      .instance = on_instance,
					      .arg = &r };
	struct bmc_error err;

	bmc_notify("RELOADING=1");
	int code = bmc_config_load(d->config_path, bmc_plugin_load, &r.is, &err);
	if (code == 0)
		code = d->reload_snmp(bmc_conf_find(r.is->root, "snmp"), &err);
	if (code < 0) {
		log_err("configuration is unchanged: %s", err.what);
		r.is = bmc_config_unref(r.is);
		bmc_notify("READY=1");
		return;
	}
	bmc_config_diff(r.was, r.is, &changes);
	d->reload_http(bmc_conf_find(r.is->root, "http"), r.http);
	/* what an unchanged instance borrows stays: it holds its own reference */
	d->config = r.is;
	r.was = bmc_config_unref(r.was);
	log_notice("configuration taken over%s",
		   r.later ? ", but for what waits for a restart" : "");
	bmc_notify("READY=1");
}
