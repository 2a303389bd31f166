// SPDX-License-Identifier: Apache-2.0
// The agent as a row of its own model, of kind `manager`.
#include "config.h"

#include "daemon/manager.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/ports/store.h"

#define LOOK_MS 2000

static struct bmc_manager row;
static struct bmc_timer *timer;

/* RFC 9562, version 4 */
static void draw_uuid(char out[37])
{
	unsigned char b[16];
	size_t o = 0;

	bmc_random(b, sizeof(b));
	b[6] = (unsigned char)((b[6] & 0x0f) | 0x40);
	b[8] = (unsigned char)((b[8] & 0x3f) | 0x80);
	for (size_t i = 0; i < sizeof(b); i++)
		o += (size_t)snprintf(
			out + o, 37 - o,
			i == 4 || i == 6 || i == 8 || i == 10 ? "-%02x" : "%02x", b[i]);
}

static int each_meta(void *arg, const struct bmc_record *r)
{
	if (r->kind != BMC_MANAGER || strcmp(r->field, "uuid") != 0)
		return 0;
	(void)bmc_copy(arg, sizeof(row.uuid), r->text);
	return 1;
}

static void find_uuid(void)
{
	struct bmc_record r = {
		.type = BMC_REC_META, .kind = BMC_MANAGER, .id = "bmc", .field = "uuid"
	};

	if (!bmc_store ||
	    bmc_store->load(BMC_REC_META, BMC_MANAGER, each_meta, row.uuid) != 1) {
		draw_uuid(row.uuid);
		(void)bmc_copy(r.text, sizeof(r.text), row.uuid);
		if (bmc_store)
			(void)bmc_store->write(&r, 1, NULL, NULL);
	}
}

static void look(void *arg)
{
	bool durable = bmc_store && bmc_store->durable();

	(void)arg;
	if (row.state_durable != durable) {
		row.state_durable = durable;
		row.row.health = durable ? BMC_OK_HEALTH : BMC_WARNING;
		(void)bmc_inventory_upsert(&row.row);
	}
	timer = bmc_timer_new(bmc_now() + LOOK_MS, look, NULL);
}

int bmc_manager_init(const struct bmc_auth_limits *limits, struct bmc_error *err)
{
	row.row.kind = BMC_MANAGER;
	row.row.status = BMC_ENABLED;
	row.row.health = BMC_OK_HEALTH;
	row.row.index[0] = 1;
	(void)bmc_copy(row.row.id, sizeof(row.row.id), "bmc");
	(void)bmc_copy(row.name, sizeof(row.name), "Cluster server manager");
	(void)bmc_copy(row.model, sizeof(row.model), PACKAGE_NAME);
	(void)bmc_copy(row.version, sizeof(row.version), PACKAGE_VERSION);
	(void)gethostname(row.hostname, sizeof(row.hostname) - 1);
	row.start_time = bmc_now();
	row.locator = 0;
	row.events_enabled = 1;
	row.snmp_auth_traps = 1;
	row.state_durable = 1;
	row.lockout_threshold = limits->failures;
	row.lockout_duration = limits->wait_s;
	row.password_min = limits->password_min;
	row.basic_auth = limits->basic;
	find_uuid();
	row.row.handle = bmc_inventory_upsert(&row.row);
	if (!row.row.handle)
		return bmc_fail(err, BMC_ENOMEM, "no room for the manager's row");
	look(NULL);
	return BMC_OK;
}

void bmc_manager_describe(const struct bmc_manager_facts *facts)
{
	row.clock_settable = facts->clock_settable;
	row.snmp_port = facts->snmp_port;
	row.snmp_communities = facts->snmp_communities;
	row.snmp_users = facts->snmp_users;
	row.snmp_enabled = facts->snmp_port > 0;
	row.snmp_v2c = facts->snmp_communities > 0;
	row.snmp_v3 = facts->snmp_users > 0;
	row.event_retries = facts->event_retries;
	row.event_retry_interval = facts->event_retry_interval / 1000;
	row.ssdp_enabled = facts->ssdp_enabled;
	row.ssdp_notify = facts->ssdp_notify / 1000;
	row.dns_sd = facts->dns_sd;
	(void)bmc_copy(row.snmp_engine_id, sizeof(row.snmp_engine_id),
		       facts->snmp_engine_id);
	(void)bmc_inventory_upsert(&row.row);
}

void bmc_manager_done(void)
{
	timer = bmc_timer_cancel(timer);
}
