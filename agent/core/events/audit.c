// SPDX-License-Identifier: Apache-2.0
/* See audit.h. Records come from any thread and are numbered on the main one. */
#include "core/events/audit.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "core/base/log.h"
#include "core/base/loop.h"
#include "core/base/util.h"
#include "core/inventory/inventory.h"
#include "core/model/service.h"
#include "core/ports/store.h"

static struct {
	bool running;
	uint32_t last; /* number given */
} audit;

static void persist(const struct bmc_audit *a)
{
	struct bmc_record r = { .type = BMC_REC_ROW,
				.kind = BMC_AUDIT,
				.row = &a->row };

	(void)bmc_copy(r.id, sizeof(r.id), a->row.id);
	if (bmc_store && bmc_store->write(&r, 1, NULL, NULL) < 0)
		log_limited(LOG_WARNING, "audit record %s: not stored", a->row.id);
}

static void show(const struct bmc_audit *a)
{
	uint32_t oldest;
	size_t n;

	if (bmc_inventory_upsert(&a->row) == 0)
		log_limited(LOG_WARNING, "audit record %s: lost, out of memory",
			    a->row.id);
	while ((oldest = bmc_inventory_first(BMC_AUDIT, &n)) && n > BMC_AUDIT_KEPT)
		bmc_inventory_remove(oldest);
}

static void add(void *arg)
{
	auto_free struct bmc_audit *a = arg;

	if (!audit.running)
		return;
	a->row.kind = BMC_AUDIT;
	a->row.status = BMC_ENABLED;
	a->row.index[0] = ++audit.last;
	(void)snprintf(a->row.id, sizeof(a->row.id), "%" PRIu32, audit.last);
	persist(a);
	show(a);
}

void bmc_audit(const struct bmc_actor *who, const char *action, const char *target,
	       const char *detail, bool accepted)
{
	struct bmc_audit *a = calloc(1, sizeof(*a));

	if (!a)
		return;
	a->time = bmc_now();
	a->accepted = accepted;
	(void)bmc_copy(a->user, sizeof(a->user), who->name);
	(void)bmc_copy(a->origin, sizeof(a->origin), who->origin);
	(void)bmc_copy(a->client, sizeof(a->client), who->client);
	(void)bmc_copy(a->action, sizeof(a->action), action);
	(void)bmc_copy(a->target, sizeof(a->target), target);
	(void)bmc_copy(a->detail, sizeof(a->detail), detail);
	bmc_text_sanitize(a->user);
	bmc_text_sanitize(a->target);
	bmc_text_sanitize(a->detail);
	if (bmc_loop_post(add, a) < 0) {
		log_limited(LOG_WARNING, "audit records are lost, too many at once");
		free(a);
	}
}

static int load_one(void *arg, const struct bmc_record *r)
{
	struct bmc_audit a = *(const struct bmc_audit *)r->row;

	(void)arg;
	audit.last = MAX(audit.last, a.row.index[0]);
	show(&a);
	return 0;
}

int bmc_audit_init(struct bmc_error *err)
{
	int code = bmc_store ? bmc_store->load(BMC_REC_ROW, BMC_AUDIT, load_one, NULL)
			     : BMC_OK;

	if (code < 0)
		return bmc_fail(err, code, "audit: %s", bmc_strerror(code));
	audit.running = true;
	return BMC_OK;
}

void bmc_audit_done(void)
{
	audit.running = false;
	audit.last = 0;
}
