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
#include "snmp/cursor.h"
#include "snmp/engine.h"
#include "snmp/identity.h"
#include "snmp/notifier.h"
#include "snmp/receiver.h"
#include "snmp/set.h"
#include "snmp/snmp.h"
#include "snmp/system.h"
#include "snmp/transport.h"
#include "snmp/value.h"

#define WAIT_MS 2000 /* for something to do */

/* What a reload exchanges. */
struct live {
	struct sn_access *access;
	struct sn_receivers *receivers;
};

static struct {
	bool ready, running;
	bool off; /* a user has switched SNMP off; SNMP's thread */
	_Atomic bool stop;
	int wake; /* written by each new snapshot and by sn_stop */
	pthread_t thread;
	struct bmc_snapshot *pinned;
	netsnmp_large_fd_set fds;
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

static int on_log(int major, int minor, void *arg, void *client)
{
	const struct snmp_log_message *m = arg;
	char line[256];

	(void)major;
	(void)minor;
	(void)client;
	bmc_copy(line, sizeof(line), m->msg);
	line[strcspn(line, "\n")] = '\0';
	log_limited(MAX(m->priority, LOG_WARNING), "snmp: %s", line);
	return 0;
}

/* No MIB files, no configuration files, nothing kept by net-snmp itself. */
static void isolate(const char *dir)
{
	static const int library[] = {
		NETSNMP_DS_LIB_DONT_PERSIST_STATE,
		NETSNMP_DS_LIB_DONT_READ_CONFIGS,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_LOAD,
		NETSNMP_DS_LIB_DISABLE_PERSISTENT_SAVE,
		NETSNMP_DS_LIB_DISABLE_CONFIG_LOAD,
	};

	setenv("MIBS", "", 1);
	setenv("MIBDIRS", "/dev/null", 1);
	setenv("SNMPCONFPATH", dir, 1);
	set_configuration_directory(dir);
	set_persistent_directory(dir);
	for (size_t i = 0; i < ARRAY_SIZE(library); i++)
		netsnmp_ds_set_boolean(NETSNMP_DS_LIBRARY_ID, library[i], 1);
	snmp_enable_calllog();
}

static void limits(const struct bmc_conf *snmp)
{
	int size = (int)bmc_conf_num(snmp, "max_message", 0);

	netsnmp_ds_set_int(NETSNMP_DS_APPLICATION_ID,
			   NETSNMP_DS_AGENT_MAX_GETBULKRESPONSES, 1500);
	netsnmp_ds_set_int(NETSNMP_DS_LIBRARY_ID, NETSNMP_DS_LIB_MSG_SEND_MAX, size);
	netsnmp_ds_set_boolean(NETSNMP_DS_APPLICATION_ID,
			       NETSNMP_DS_AGENT_DONT_LOG_TCPWRAPPERS_CONNECTS, 1);
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
	engine.is.users = (unsigned)(l->access->n_entries - l->access->n_communities);
}

int sn_check(const struct bmc_conf *snmp, struct bmc_error *err)
{
	int r = sn_transport_check(snmp, err);

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

static int set_up(const struct bmc_conf *snmp, const char *dir, struct bmc_error *err)
{
	int r;

	isolate(dir);
	if ((r = base_from(snmp, err)) < 0 || (r = sn_tables_resolve(err)) < 0)
		return r;
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
	snmp_register_callback(SNMP_CALLBACK_LIBRARY, SNMP_CALLBACK_LOGGING, on_log,
			       NULL);
	limits(snmp);
	if ((r = identify(snmp, dir, err)) < 0) {
		live_free(l);
		return r;
	}
	live_use(l);
	if ((r = sn_tables_register(err)) < 0)
		return r;
	sn_system_values(engine.pinned);
	return sn_transport_open(snmp, err);
}

int sn_init(const struct bmc_conf *snmp, const char *state_dir, struct bmc_error *err)
{
	char dir[4096];
	int r;

	if (bmc_conf_num(snmp, "port", 0) == 0)
		return 0;
	if ((r = make_dir(state_dir, dir, sizeof(dir), err)) < 0)
		return r;
	engine.pinned = bmc_snapshot_get();
	engine.wake = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	if (engine.wake < 0)
		return bmc_fail(err, bmc_from_errno(errno), "eventfd: %s",
				strerror(errno));
	netsnmp_large_fd_set_init(&engine.fds, FD_SETSIZE);
	r = set_up(snmp, dir, err);
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
	int64_t left = MAX(0, MIN(sn_sets_deadline() - bmc_now(), WAIT_MS));
	struct timeval timeout = { .tv_sec = left / 1000,
				   .tv_usec = left % 1000 * 1000 };
	int n = engine.wake + 1, block = 0;

	NETSNMP_LARGE_FD_ZERO(&engine.fds);
	snmp_select_info2(&n, &engine.fds, &timeout, &block);
	NETSNMP_LARGE_FD_SET(engine.wake, &engine.fds);
	return netsnmp_large_fd_set_select(MAX(n, engine.wake + 1), &engine.fds, NULL,
					   NULL, &timeout);
}

/* Reads the wake-up before the snapshot is taken: one that is published in between
 * wakes the next pass. */
static bool woken(void)
{
	uint64_t count;

	if (!NETSNMP_LARGE_FD_ISSET(engine.wake, &engine.fds))
		return false;
	NETSNMP_LARGE_FD_CLR(engine.wake, &engine.fds);
	return read(engine.wake, &count, sizeof(count)) > 0;
}

void sn_pass(void)
{
	int n = wait_for_work();
	bool fresh = n > 0 && woken();

	pin();
	live_renew();
	if (fresh)
		sn_notifier_look(!engine.off);
	if (n > 0)
		sn_transport_read(&engine.fds, pin);
	snmp_timeout();
	run_alarms();
	sn_notifier_tick();
	netsnmp_check_outstanding_agent_requests();
	sn_sets_tick();
	sn_transport_flush();
}

static void *run(void *arg)
{
	(void)arg;
	pin();
	sn_notifier_start();
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
	return 0;
}

void sn_stop(void)
{
	if (engine.running) {
		engine.stop = true;
		(void)eventfd_write(engine.wake, 1);
		pthread_join(engine.thread, NULL);
		bmc_snapshot_unwatch(engine.wake);
		engine.running = false;
	}
	if (engine.ready) {
		sn_sets_done();
		sn_notifier_done();
		sn_transport_close();
		sn_access_done();
		sn_cursors_done();
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
