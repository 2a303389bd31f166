// SPDX-License-Identifier: Apache-2.0
/* The agent's life: net-snmp set up without any file or environment of the system's,
 * the thread that alone calls it, and the snapshot that each pass answers from. Called
 * by main. */
#include <net-snmp/net-snmp-config.h>

#include <net-snmp/net-snmp-includes.h>

#include <net-snmp/agent/net-snmp-agent-includes.h>
#include <net-snmp/library/large_fd_set.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <sys/stat.h>

#include "core/base/log.h"
#include "core/base/thread.h"
#include "core/base/util.h"
#include "core/model/service.h"
#include "snmp/access.h"
#include "snmp/agentx/agentx.h"
#include "snmp/agentx/master.h"
#include "snmp/alarms.h"
#include "snmp/build.h"
#include "snmp/cursor.h"
#include "snmp/encoding.h"
#include "snmp/engine.h"
#include "snmp/entity.h"
#include "snmp/identity.h"
#include "snmp/library.h"
#include "snmp/notifier.h"
#include "snmp/reader/reader.h"
#include "snmp/receiver.h"
#include "snmp/set.h"
#include "snmp/snmp.h"
#include "snmp/system.h"
#include "snmp/tls/tls.h"
#include "snmp/transport.h"
#include "snmp/value.h"

#define WAIT_MS 2000 /* for something to do */

/* What a reload exchanges. */
struct live {
	struct sn_access *access;
	struct sn_receivers *receivers;
	struct sn_system system;
};

static struct {
	bool ready, running;
	bool off; /* a user has switched SNMP off; SNMP's thread */
	_Atomic bool stop;
	int wake; /* written by each new snapshot and by sn_stop */
	pthread_t thread;
	struct bmc_snapshot *pinned;
	netsnmp_large_fd_set fds, writing;
	struct sn_description is;
	struct live *_Atomic next; /* from main: takes effect in the next pass */
	struct live *live;         /* the config's; SNMP's thread */
	uint64_t rows;             /* snapshot whose subscriptions are in force */
} engine = { .wake = -1 };

const struct bmc_snapshot *sn_pinned(void)
{
	return engine.pinned;
}

void sn_wake(void)
{
	(void)eventfd_write(engine.wake, 1);
}

static const char *unique_name(const struct bmc_snapshot *s)
{
	const struct bmc_row *const *rows;

	if (bmc_snapshot_rows(s, BMC_MANAGER, &rows)) {
		const struct bmc_manager *m = (const struct bmc_manager *)rows[0];
		if (*m->uuid)
			return m->uuid;
	}
	if (bmc_snapshot_rows(s, BMC_CHASSIS, &rows))
		return ((const struct bmc_chassis *)rows[0])->serial;
	return "";
}

/* Id and boots as we keep them, not as net-snmp would. */
static int identify(const struct bmc_conf *snmp, const char *dir, struct bmc_error *err)
{
	struct sn_identity id;
	char hex[2 * SN_ENGINE_ID_MAX + 1], line[128];
	char unique[28];

	bmc_copy(unique, sizeof(unique), unique_name(engine.pinned));
	int r = sn_identity_load(
		dir,
		&(struct sn_identity_seed){
			.configured = bmc_conf_text(snmp, "engine_id", ""),
			.enterprise = (uint32_t)sn_base.id[6],
			.unique = unique,
		},
		&id, err);
	if (r == BMC_EIO)
		log_warning("%s; SNMPv3 requests could be replayed after a restart",
			    err->what);
	else if (r < 0)
		return r;
	bmc_hex(id.id, id.len, hex);
	bmc_copy(engine.is.engine_id, sizeof(engine.is.engine_id), hex);
	set_exact_engineID(id.id, id.len);
	snprintf(line, sizeof(line), "%u", id.boots - 1);
	engineBoots_conf("engineBoots", line); /* net-snmp adds one */
	set_enginetime(id.id, (u_int)id.len, id.boots, 0, TRUE);
	log_info("snmp: engine 0x%s, start %u", hex, id.boots);
	return 0;
}

static int base_from(const struct bmc_conf *snmp, struct bmc_error *err)
{
	const char *text = bmc_conf_text(snmp, "enterprise_oid", "");

	if (!sn_oid_parse(text, &sn_base) || sn_base.len < 7 ||
	    sn_base.len > SN_BASE_MAX)
		return bmc_fail(err, BMC_EINVAL,
				"snmp.enterprise_oid: %s is no OID below 1.3.6.1.4.1",
				text);
	if (sn_base.len == 7 && sn_base.id[6] == 32473)
		log_warning("snmp: enterprise number 32473 is the documentation's (RFC "
			    "5612): "
			    "ask IANA for your own (it is free) and set "
			    "snmp.enterprise_oid");
	sn_base.id[sn_base.len++] = 1;
	return 0;
}

static int make_dir(const char *state_dir, char *ret, size_t size,
		    struct bmc_error *err)
{
	int n = snprintf(ret, size, "%s/snmp", state_dir);

	if (n < 0 || (size_t)n >= size)
		return bmc_fail(err, BMC_ERANGE, "%s: path too long", state_dir);
	if (mkdir(ret, 0700) < 0 && errno != EEXIST)
		log_warning("%s: %s", ret, strerror(errno));
	return 0;
}

/* ---- what a reload exchanges ---- */

static void live_free(struct live *l)
{
	if (!l)
		return;
	sn_access_free(l->access);
	sn_receivers_free(l->receivers);
	free(l);
}

static struct live *live_read(const struct bmc_conf *snmp, struct bmc_error *err)
{
	struct live *l = calloc(1, sizeof(*l));

	if (!l) {
		(void)bmc_fail(err, BMC_ENOMEM, "out of memory");
		return NULL;
	}
	sn_system_read(snmp, &l->system);
	if (sn_access_read(snmp, &l->access, err) == 0 &&
	    sn_receivers_read(snmp, l->access, &l->receivers, err) == 0)
		return l;
	live_free(l);
	return NULL;
}

/* What the config says and who has subscribed, together. Users first: receivers send as
 * them. */
static void live_apply(void)
{
	struct sn_access *access = sn_access_copy(engine.live->access);
	struct sn_receivers *receivers = malloc(sizeof(*receivers));

	engine.rows = bmc_snapshot_changed(engine.pinned, BMC_SUBSCRIPTION);
	if (!access || !receivers) {
		log_err("snmp: out of memory, receivers stay as they were");
		sn_access_free(access);
		free(receivers);
		return;
	}
	*receivers = *engine.live->receivers;
	sn_receivers_add_rows(receivers, access, engine.pinned);
	sn_access_use(access);
	sn_access_switch(true, true); /* take_switches knows better */
	sn_receivers_use(receivers);
}

static void live_use(struct live *l)
{
	if (!l)
		return;
	live_free(engine.live);
	engine.live = l;
	sn_system_use(&l->system);
	live_apply();
}

static void (*show_receiver)(const struct bmc_subscription *row);

void sn_show_receivers(void (*each)(const struct bmc_subscription *row))
{
	show_receiver = each;
}

static void describe(const struct live *l)
{
	if (show_receiver) {
		show_receiver(NULL);
		sn_receivers_each_row(l->receivers, show_receiver);
	}
	engine.is.communities = (unsigned)l->access->n_communities;
	engine.is.users = (unsigned)l->access->n_users;
}

int sn_check(const struct bmc_conf *snmp, struct bmc_error *err)
{
	int r = sn_transport_check(snmp, err);

	if (r == 0)
		r = sn_agentx_check(snmp, err);
	if (r == 0)
		r = sn_agentx_master_check(snmp, err);
	if (r == 0)
		r = sn_tls_check(snmp, err);
	if (r < 0)
		return r;
	struct live *l = live_read(snmp, err);
	live_free(l);
	return l ? 0 : err->code;
}

int sn_reload(const struct bmc_conf *snmp, struct bmc_error *err)
{
	if (!engine.running)
		return 0;
	struct live *l = live_read(snmp, err);
	if (!l)
		return err->code;
	describe(l);
	live_free(atomic_exchange(&engine.next, l));
	sn_wake();
	return 0;
}

/* ---- start ---- */

static int set_up(const struct bmc_conf *snmp, const char *state_dir, const char *dir,
		  struct bmc_error *err)
{
	int r;

	sn_library_isolate(dir);
	if ((r = base_from(snmp, err)) < 0 || (r = sn_tables_resolve(err)) < 0)
		return r;
	if ((r = sn_entities_init()) < 0)
		return bmc_fail(err, r, "snmp: entPhysicalIndex can't be read");
	sn_entities_follow();
	struct live *l = live_read(snmp, err);
	if (!l)
		return err->code;
	describe(l);
	if (init_agent("clusterbmc") != 0) {
		live_free(l);
		return bmc_fail(err, BMC_EIO, "net-snmp does not start");
	}
	sn_system_init();
	init_snmp("clusterbmc"); /* complains that it has no access control yet: not
				    logged */
	sn_library_started();
	sn_encoding_init();
	if ((r = identify(snmp, dir, err)) < 0) {
		live_free(l);
		return r;
	}
	live_use(l);
	if ((r = sn_tables_register(err)) < 0)
		return r;
	sn_reader_enable(bmc_conf_num(snmp, "read_engine", 0) != 0);
	sn_system_describe();
	sn_agentx_init(snmp);
	if ((r = sn_agentx_master_open(snmp, err)) < 0)
		return r;
	r = sn_transport_open(snmp, err);
	return r < 0 ? r : sn_tls_open(snmp, state_dir, err);
}

int sn_init(const struct bmc_conf *snmp, const char *state_dir, struct bmc_error *err)
{
	char dir[4096];
	int r;

	if (bmc_conf_num(snmp, "port", 0) == 0 && !sn_agentx_wanted(snmp) &&
	    !sn_tls_wanted(snmp))
		return 0;
	if ((r = sn_agentx_check(snmp, err)) < 0 ||
	    (r = make_dir(state_dir, dir, sizeof(dir), err)) < 0)
		return r;
	engine.pinned = bmc_snapshot_get();
	engine.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (engine.wake < 0)
		return bmc_fail(err, bmc_from_errno(errno), "eventfd: %s",
				strerror(errno));
	netsnmp_large_fd_set_init(&engine.fds, FD_SETSIZE);
	netsnmp_large_fd_set_init(&engine.writing, FD_SETSIZE);
	r = set_up(snmp, state_dir, dir, err);
	engine.ready = r == 0;
	engine.is.port = (unsigned)bmc_conf_num(snmp, "port", 0);
	return r;
}

void sn_describe(struct sn_description *ret)
{
	*ret = engine.is;
}

/* Users can switch SNMP, or a version of it, off and on: settings of the manager. */
static void take_switches(void)
{
	const struct bmc_row *const *rows;
	const struct bmc_manager *m;

	if (!bmc_snapshot_rows(engine.pinned, BMC_MANAGER, &rows))
		return;
	m = (const struct bmc_manager *)rows[0];
	if (m->snmp_port <= 0)
		return;
	engine.off = m->snmp_enabled == 0;
	sn_access_switch(!engine.off && m->snmp_v2c != 0,
			 !engine.off && m->snmp_v3 != 0);
}

static void pin(void)
{
	struct bmc_snapshot *old = engine.pinned;

	engine.pinned = bmc_snapshot_get();
	bmc_snapshot_unref(old);
	sn_entities_follow();
	sn_alarms_follow();
	take_switches();
}

/* What a reload or users have changed. */
static void live_renew(void)
{
	struct live *next = atomic_exchange(&engine.next, NULL);

	if (next)
		live_use(next);
	else if (!engine.live ||
		 engine.rows == bmc_snapshot_changed(engine.pinned, BMC_SUBSCRIPTION))
		return;
	else
		live_apply();
	take_switches();
}

/* Waits for a datagram, a timer of net-snmp's, or a new snapshot. */
static int wait_for_work(void)
{
	int64_t first = MIN(sn_sets_deadline(), sn_agentx_deadline());
	int64_t left = MAX(0, MIN(first - bmc_now(), WAIT_MS));
	struct timeval timeout = { .tv_sec = left / 1000,
				   .tv_usec = left % 1000 * 1000 };
	int n = engine.wake + 1, block = 0;

	NETSNMP_LARGE_FD_ZERO(&engine.fds);
	NETSNMP_LARGE_FD_ZERO(&engine.writing);
	snmp_select_info2(&n, &engine.fds, &timeout, &block);
	NETSNMP_LARGE_FD_SET(engine.wake, &engine.fds);
	n = MAX(n, MAX(engine.wake + 1, sn_agentx_wait(&engine.fds, &engine.writing)));
	return netsnmp_large_fd_set_select(n, &engine.fds, &engine.writing, NULL,
					   &timeout);
}

/* Reads the wake-up before the snapshot is taken: one that is published in between
 * wakes the next pass. */
static void clear_wake(void)
{
	uint64_t count;

	if (!NETSNMP_LARGE_FD_ISSET(engine.wake, &engine.fds))
		return;
	NETSNMP_LARGE_FD_CLR(engine.wake, &engine.fds);
	(void)!read(engine.wake, &count, sizeof(count));
}

void sn_pass(void)
{
	int n = wait_for_work();

	if (n > 0)
		clear_wake();
	pin();
	live_renew();
	if (n > 0)
		sn_transport_read(&engine.fds, pin);
	sn_agentx_run(!engine.off);
	snmp_timeout();
	run_alarms();
	sn_notifier_tick(!engine.off);
	netsnmp_check_outstanding_agent_requests();
	sn_sets_tick();
	sn_transport_flush();
}

static void *run(void *arg)
{
	(void)arg;
	pin();
	sn_notifier_start(!engine.off);
	while (!engine.stop)
		sn_pass();
	return NULL;
}

int sn_start(struct bmc_error *err)
{
	if (!engine.ready)
		return 0;
	int r = bmc_snapshot_watch(engine.wake);
	if (r < 0)
		return bmc_fail(err, r, "snmp: too many watchers of snapshots");
	engine.stop = false;
	r = bmc_thread_new(&engine.thread, run, NULL);
	if (r < 0)
		return bmc_fail(err, r, "snmp: no thread");
	pthread_setname_np(engine.thread, "snmp");
	engine.running = true;
	return sn_tls_start(err);
}

void sn_stop(void)
{
	sn_tls_stop();
	if (engine.running) {
		engine.stop = true;
		(void)eventfd_write(engine.wake, 1);
		pthread_join(engine.thread, NULL);
		bmc_snapshot_unwatch(engine.wake);
		engine.running = false;
	}
	if (engine.ready) {
		sn_agentx_done();
		sn_agentx_master_close();
		sn_sets_done();
		sn_notifier_done();
		sn_tls_close();
		sn_transport_close();
		sn_access_done();
		sn_cursors_done();
		sn_entities_done();
		sn_alarms_done();
		live_free(atomic_exchange(&engine.next, NULL));
		live_free(engine.live);
		engine.live = NULL;
	}
	engine.ready = false;
	engine.pinned = bmc_snapshot_unref(engine.pinned);
	if (engine.wake >= 0)
		close(engine.wake);
	engine.wake = -1;
}
