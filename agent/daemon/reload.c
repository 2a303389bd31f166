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
#include "daemon/watch.h"

#define INSTANCES_MAX 64 /* as in the schema */

/* Which config each running instance borrows from. One that is ending has what is to be
 * made in its place; a further reload meanwhile replaces that. */
static struct holder {
	char name[BMC_ID_MAX];
	struct bmc_config *config;
	bool ending;
	struct bmc_config *is;                  /* of `made` */
	const struct bmc_config_instance *made; /* NULL: nothing is made */
} holders[INSTANCES_MAX];

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
	struct holder ended, *h = arg;
	struct bmc_error err;

	ended = *h;
	*h = (struct holder){ 0 };
	(void)bmc_config_unref(ended.config);
	if (ended.made && start(ended.is, ended.made, &err) < 0)
		log_err("instance %s: %s", ended.made->conf.name, err.what);
	(void)bmc_config_unref(ended.is);
}

static void change_instance(struct holder *h, struct bmc_config *is,
			    const struct bmc_config_instance *made)
{
	struct bmc_config *before = h->is;

	h->is = bmc_config_ref(is);
	h->made = made;
	(void)bmc_config_unref(before);
	if (h->ending)
		return;
	h->ending = true;
	if (bmc_instance_stop(h->name, on_ended, h) < 0)
		on_ended(h);
}

struct reload {
	struct bmc_daemon *d;
	struct bmc_config *was, *is;
	bool http;      /* that section is taken over live */
	bool watch;     /* hang_timeout is */
	unsigned later; /* keys that wait for a restart */
};

static void take_log_level(struct reload *r)
{
	bmc_log_init((int)bmc_conf_num(r->is->root, "log_level", 0));
}

static void take_http(struct reload *r)
{
	r->http = true;
}

static void take_hang_timeout(struct reload *r)
{
	r->watch = true;
}

/* reload_snmp() has taken over what is live of that section. */
static void took_snmp(struct reload *r)
{
	(void)r;
}

/* Who takes over which live keys; a name with a dot at its end is a section's. */
static const struct taker {
	const char *key;
	void (*take)(struct reload *r);
} takers[] = {
	{ "log_level", take_log_level },
	{ "hang_timeout", take_hang_timeout },
	{ "http.", take_http },
	{ "snmp.", took_snmp },
};

static const struct taker *taker_of(const char *key)
{
	for (size_t i = 0; i < ARRAY_SIZE(takers); i++) {
		const char *k = takers[i].key;
		size_t len = strlen(k);

		if (strcmp(key, k) == 0 ||
		    (k[len - 1] == '.' && strncmp(key, k, len) == 0))
			return &takers[i];
	}
	return NULL;
}

static void on_key(void *arg, const char *key, enum bmc_reload needs)
{
	struct reload *r = arg;
	const struct taker *t = needs == BMC_RELOAD_RESTART ? NULL : taker_of(key);

	if (!t) {
		log_warning("configuration: %s takes effect at the next start", key);
		r->later++;
		return;
	}
	log_notice("configuration: %s takes effect at once", key);
	t->take(r);
}

static void on_instance(void *arg, const struct bmc_config_instance *was,
			const struct bmc_config_instance *is)
{
	struct reload *r = arg;
	const char *name = is ? is->conf.name : was->conf.name;
	struct holder *h = holder_find(name);
	struct bmc_error err;

	if (h) {
		log_notice("instance %s %s", name, is ? "is recreated" : "ends");
		change_instance(h, r->is, is);
	} else if (is) {
		log_notice("instance %s is new", name);
		if (start(r->is, is, &err) < 0)
			log_err("instance %s: %s", name, err.what);
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
		bmc_daemon_notify_ready(d, "; the changed configuration is refused");
		return;
	}
	bmc_config_diff(r.was, r.is, &changes);
	d->reload_http(bmc_conf_find(r.is->root, "http"), r.http);
	/* what an unchanged instance borrows stays: it holds its own reference */
	d->config = r.is;
	if (r.watch) { /* the round that is waited for has the old length */
		bmc_watch_stop();
		bmc_watch_start(d);
	}
	r.was = bmc_config_unref(r.was);
	log_notice("configuration taken over%s",
		   r.later ? ", but for what waits for a restart" : "");
	bmc_daemon_notify_ready(d, r.later ? "; a change waits for a restart" : "");
}
