// SPDX-License-Identifier: Apache-2.0
/* Life of the plugin instances: create, the thread that polls, the orderly end. main()
 * makes them from the config and ends them at a reload; call.c and probe.c call into
 * them. */
#include <stdlib.h>
#include <string.h>

#include "core/access/policy.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/plugin/host.h"
#include "core/plugin/quarantine.h"

#define STOP_MS 30000 /* what calls may still take when their instance ends      */
#define STOP_LOST_MS                                                  \
	3000 /* past that: a thread that is still inside is abandoned \
	      */
#define STOP_CHECK_MS    100
#define DONE_MS          2000
#define POLL_DEADLINE_MS 10000 /* where the conf names none: tests */

pthread_mutex_t bmc_host_lock = PTHREAD_MUTEX_INITIALIZER;
struct bmc_host *bmc_hosts;
static struct bmc_host
	*abandoned_hosts; /* ended, but threads may come back from them */

static const struct bmc_platform *platform;
static unsigned order;

/* ---- what is bound ---- */

struct bmc_host *bmc_host_find(const char *name)
{
	struct bmc_host *h;

	for (h = bmc_hosts; h; h = h->next) {
		if (strcmp(h->conf.name, name) == 0)
			break;
	}
	return h;
}

struct bmc_host *bmc_host_named(const struct bmc_slot *slot, const char *binding)
{
	const char *name = bmc_platform_verb(platform, bmc_slot_anchor(slot), binding);

	return name ? bmc_host_find(name) : NULL;
}

bool bmc_plugin_does(const struct bmc_plugin *plugin, const char *binding)
{
	for (const struct bmc_verb *v = plugin->verbs; v && v->name; v++) {
		if (strcmp(v->name, binding) == 0)
			return true;
	}
	for (const struct bmc_stream_type *t = plugin->streams; t && t->run; t++) {
		if (strcmp(bmc_stream_binding(t->what), binding) == 0)
			return true;
	}
	return plugin->flasher && strcmp(binding, "flash") == 0;
}

struct bmc_host *bmc_host_bound(const struct bmc_slot *slot, const char *verb,
				const struct bmc_verb **ret)
{
	struct bmc_host *h = bmc_host_named(slot, verb);

	if (strncmp(verb, "flash", 5) == 0)
		return bmc_flash_host(slot, NULL, verb, ret);
	if (!h)
		return NULL;
	for (*ret = h->plugin->verbs; *ret && (*ret)->name; (*ret)++) {
		if (strcmp((*ret)->name, verb) == 0)
			return h;
	}
	return NULL;
}

static bool slot_does(void *slot, const char *verb)
{
	const struct bmc_verb *found;

	return bmc_host_bound(slot, verb, &found) != NULL;
}

/* An instance came or went: what can be done to boards follows from who is there. */
static void note_bound(void)
{
	for (size_t i = 0; i < platform->n_slots; i++) {
		struct bmc_slot *slot = &platform->slots[i];

		if (slot->kind == BMC_BOARD)
			bmc_inventory_bound(slot->id, bmc_caps_bound(slot_does, slot));
	}
}

static bool bound(enum bmc_kind kind, const char *id, const char *verb,
		  uint32_t *ret_flags)
{
	const struct bmc_slot *slot = bmc_platform_slot(platform, kind, id);
	const struct bmc_verb *found;
	bool ok;

	if (!slot) {
		auto_snapshot struct bmc_snapshot *s = bmc_snapshot_get();

		slot = bmc_row_anchor(s, bmc_snapshot_find(s, kind, id));
	}
	if (!slot)
		return false;
	(void)pthread_mutex_lock(&bmc_host_lock);
	ok = bmc_host_bound(slot, verb, &found) != NULL;
	if (ok)
		*ret_flags = found->flags;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return ok;
}

bool bmc_verb_bound(enum bmc_kind kind, const char *id, const char *verb)
{
	uint32_t flags;

	return bound(kind, id, verb, &flags);
}

uint32_t bmc_verb_flags(enum bmc_kind kind, const char *id, const char *verb)
{
	uint32_t flags = 0;

	return bound(kind, id, verb, &flags) ? flags : 0;
}

const struct bmc_platform *bmc_instances_platform(void)
{
	return platform;
}

/* ---- the end ---- */

static void host_free(struct bmc_host *host)
{
	bmc_edges_free(host);
	bmc_serve_done(host);
	bmc_host_row_slots_free(host);
	free(host->exec_slots);
	(void)pthread_cond_destroy(&host->poll_cond);
	free(host);
}

static void host_unlink(struct bmc_host *host)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	for (struct bmc_host **p = &bmc_hosts; *p; p = &(*p)->next) {
		if (*p == host) {
			*p = host->next;
			break;
		}
	}
	(void)pthread_mutex_unlock(&bmc_host_lock);
	note_bound();
}

/* Takes the source away; true when threads are still in the plugin, which then stays.
 */
static bool host_detach(struct bmc_host *host)
{
	struct bmc_source *s;
	bool left;

	(void)pthread_mutex_lock(&bmc_host_lock);
	s = host->source;
	host->source = NULL;
	left = host->lost || host->calls || host->poll_alive || host->serve_alive;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	(void)bmc_source_free(s);
	return left;
}

static void host_end(struct bmc_host *host)
{
	void (*ended)(void *arg) = host->ended;
	void *arg = host->ended_arg;

	host->stop_timer = bmc_timer_cancel(host->stop_timer);
	host_unlink(host);
	if (host_detach(host)) {
		log_warning("instance %s: ended, but threads are still in it",
			    host->conf.name);
		host->next = abandoned_hosts;
		abandoned_hosts = host;
	} else {
		if (host->plugin->destroy)
			host->plugin->destroy(host->self);
		log_info("instance %s: ended", host->conf.name);
		host_free(host);
	}
	if (ended)
		ended(arg);
}

void bmc_host_check_end(struct bmc_host *host)
{
	bool quiet, overdue;

	if (!host->stopping)
		return;
	overdue = bmc_now() >= host->stop_at + STOP_LOST_MS;
	(void)pthread_mutex_lock(&bmc_host_lock);
	quiet = !host->putting &&
		(overdue || (!host->calls && !host->poll_alive && !host->serve_alive));
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (quiet)
		host_end(host);
}

static void stop_tick(void *arg)
{
	struct bmc_host *host = arg;

	if (bmc_now() >= host->stop_at)
		bmc_calls_cancel(host);
	host->stop_timer = bmc_timer_new(bmc_now() + STOP_CHECK_MS, stop_tick, host);
	bmc_host_check_end(host);
}

static void host_stop(struct bmc_host *host, int64_t stop_at)
{
	(void)pthread_mutex_lock(&bmc_host_lock);
	host->stopping = true;
	(void)pthread_cond_broadcast(&host->poll_cond);
	bmc_serve_stop(host);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	host->stop_at = stop_at;
	bmc_streams_cancel(host); /* a shell would last until the user leaves it */
	if (!host->stop_timer)
		host->stop_timer = bmc_timer_new(bmc_now(), stop_tick, host);
}

int bmc_instance_stop(const char *name, void (*ended)(void *arg), void *arg)
{
	struct bmc_host *host = bmc_host_find(name);

	if (!host)
		return BMC_ENOTFOUND;
	if (host->stopping)
		return BMC_EBUSY;
	host->ended = ended;
	host->ended_arg = arg;
	/* for an instance that hangs there is nothing to wait for */
	host_stop(host, bmc_now() + (host->hung ? 0 : STOP_MS));
	return BMC_OK;
}

bool bmc_instances_polled(void)
{
	bool all = true;

	(void)pthread_mutex_lock(&bmc_host_lock);
	for (const struct bmc_host *h = bmc_hosts; h; h = h->next)
		all = all && (h->polled || h->hung || !h->poll_alive);
	(void)pthread_mutex_unlock(&bmc_host_lock);
	return all;
}

/* ---- the beginning ---- */

/* Of an instance that could not be made. */
static void host_drop(struct bmc_host *host)
{
	bool created;

	(void)host_detach(host);
	(void)pthread_mutex_lock(&bmc_host_lock);
	created = host->created;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	if (created) {
		host_free(host);
		return;
	}
	/* its thread may come back */
	host->next = abandoned_hosts;
	abandoned_hosts = host;
}

static struct bmc_host *host_new(const struct bmc_plugin *plugin,
				 const struct bmc_instance_conf *conf)
{
	struct bmc_host *host = calloc(1, sizeof(*host));

	if (!host)
		return NULL;
	bmc_cond_init(&host->poll_cond);
	host->plugin = plugin;
	host->conf = *conf;
	host->conf.poll_ms = conf->poll_ms > 0 ? conf->poll_ms : 1000;
	if (conf->poll_deadline_ms <= 0)
		host->conf.poll_deadline_ms = POLL_DEADLINE_MS;
	host->poll_since = BMC_UNKNOWN;
	bmc_flash_init(host);
	host->exec_slots = calloc(2 * platform->n_slots + 1, sizeof(*host->exec_slots));
	host->source = bmc_source_new(conf->name, conf->stale_ms, order);
	for (size_t i = 0; host->exec_slots && i < 2 * platform->n_slots; i++) {
		host->exec_slots[i].host = host;
		host->exec_slots[i].slot = &platform->slots[i / 2];
	}
	if (bmc_serve_init(host) == BMC_OK && host->exec_slots && host->source)
		return host;
	(void)bmc_source_free(host->source);
	host_free(host);
	return NULL;
}

int bmc_instance_start(const struct bmc_plugin *plugin,
		       const struct bmc_instance_conf *conf, struct bmc_error *err)
{
	struct bmc_host *host;
	int code;

	if (bmc_host_find(conf->name))
		return bmc_fail(err, BMC_EEXIST, "there is an instance %s already",
				conf->name);
	host = host_new(plugin, conf);
	if (!host)
		return bmc_fail(err, BMC_ENOMEM, "instance %s: out of memory",
				conf->name);
	code = bmc_host_create(host, err);
	if (code < 0) {
		host_drop(host);
		return code;
	}
	order++;
	(void)pthread_mutex_lock(&bmc_host_lock);
	host->next = bmc_hosts;
	bmc_hosts = host;
	(void)pthread_mutex_unlock(&bmc_host_lock);
	note_bound();
	if ((plugin->poll && bmc_poll_start(host) < 0) ||
	    (plugin->serve && bmc_serve_start(host) < 0)) {
		host_end(host);
		return bmc_fail(err, BMC_EAGAIN, "instance %s: no thread", conf->name);
	}
	if (plugin->probe) {
		bmc_quarantine_restore(host);
		bmc_probes_add(host);
	}
	log_info("instance %s: plugin %s %s started", conf->name, plugin->name,
		 plugin->version);
	return BMC_OK;
}

int bmc_instances_init(const struct bmc_platform *p, struct bmc_error *err)
{
	platform = p;
	order = 0;
	bmc_quarantine_init();
	if (bmc_calls_init() < 0 || bmc_probes_init() < 0 || bmc_polls_init() < 0)
		return bmc_fail(err, BMC_ENOMEM, "out of memory");
	return BMC_OK;
}

void bmc_instances_done(void)
{
	int64_t now = bmc_now();

	for (struct bmc_host *h = bmc_hosts; h; h = h->next)
		host_stop(h, now);
	bmc_calls_cancel(NULL);
	/* the newest first; what is left after 2 s is ended as it is */
	while (bmc_hosts && bmc_now() < now + DONE_MS)
		bmc_loop_step(20);
	while (bmc_hosts)
		host_end(bmc_hosts);
	bmc_polls_done();
	bmc_probes_done();
	bmc_calls_done();
	bmc_quarantine_done();
}
